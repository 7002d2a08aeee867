/* SPDX-License-Identifier: Apache-2.0 */
#include "count/map_int.h"

#include <sys/stat.h>
#include <unistd.h>

#include "remove_tree.h"
#include "tap.h"

static char folder[] = "/tmp/jb_test_map.XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, size_t size, uint8_t last)
{
    FILE *const file = fopen(path_of(name), "wbe");

    if (!file ||
        (size > 0 &&
         (fseek(file, (long)size - 1, SEEK_SET) != 0 || fwrite(&last, 1, 1, file) != 1)) ||
        fclose(file) != 0)
        bail_out("cannot write %s", name);
}

/* Both ways of reading, at their border: 1 MiB is copied, one byte more is mapped. */
static void whole_files(void)
{
    static const size_t sizes[] = {1, 4096, 1 << 20, (1 << 20) + 1, (20 << 20) + 7};

    for (size_t i = 0; i < JB_ARRAY_LEN(sizes); i++) {
        JB_AUTO(jb_map_close) struct jb_map map = {0};
        write_file("file", sizes[i], 0xa5);
        ok(jb_map_open(path_of("file"), &map, NULL) == JB_OK && map.bytes.len == sizes[i] &&
               map.bytes.at[sizes[i] - 1] == 0xa5 && (sizes[i] == 1 || map.bytes.at[0] == 0),
           "%zu bytes, from the first to the last", sizes[i]);
        ok((map.mapped_bytes > 0) == (sizes[i] > 1 << 20), "%s",
           map.mapped_bytes > 0 ? "mapped" : "read");
    }
}

static void refused(void)
{
    struct jb_map map = {.mapped_bytes = 7};
    struct jb_error err = {0};

    is_i64(jb_map_open(path_of("absent"), &map, &err), JB_E_NOT_FOUND, "no file");
    ok(strstr(err.message, path_of("absent")) != NULL, "is named");
    is_i64(jb_map_open(folder, &map, &err), JB_E_INPUT, "a folder");
    ok(strstr(err.message, "is a folder") != NULL, "is called one");
    write_file("empty", 0, 0);
    is_i64(jb_map_open(path_of("empty"), &map, &err), JB_E_INPUT, "an empty file");
    ok(strstr(err.message, "is empty") != NULL, "is called that");
    if (mkfifo(path_of("pipe"), 0600) != 0)
        bail_out("no pipe");
    is_i64(jb_map_open(path_of("pipe"), &map, &err), JB_E_INPUT,
           "a pipe without a writer is not waited for");
    is_i64(jb_map_open("/dev/null", &map, &err), JB_E_INPUT, "nor is a device read");
    is_i64((int64_t)map.mapped_bytes, 7, "nothing is written");
    write_file("secret", 10, 1);
    if (geteuid() == 0) {
        skip("root may read everything");
    } else {
        (void)chmod(path_of("secret"), 0);
        is_i64(jb_map_open(path_of("secret"), &map, &err), JB_E_PERMISSION, "one we may not read");
    }
}

int main(void)
{
    if (!mkdtemp(folder))
        bail_out("no folder");
    whole_files();
    refused();
    remove_tree(folder);
    return done_testing();
}
