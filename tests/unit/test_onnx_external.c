/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "count/onnx_int.h"
#include "onnx_make.h"
#include "remove_tree.h"
#include "tap.h"

static char folder[] = "/tmp/jb_test_external.XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *const file = fopen(path_of(name), "wbe");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write %s", name);
}

/* Ten bytes at `offset` of `location`, for each location given. */
static jb_rc check(const char *locations, const char *offset, const char *length,
                   struct jb_onnx_external *found, struct jb_error *err)
{
    struct jb_arena *arena = NULL;
    struct jb_onnx_model model = {0};
    static struct om m; /* kept: the names in `found` are borrowed from it */
    struct jb_span part;

    om_release(&m);
    om_begin(&m);
    om_weight(&m, "here", OM_FLOAT, "1000");
    while (om__part(&locations, &part)) {
        struct jb_buf tensor = JB_BUF(OM__MAX);
        const char *const pairs[] = {"location", NULL, "offset", offset, "length", length};
        om_tensor(&tensor, "w", OM_INT8, "10");
        for (int i = 0; i < 6; i += 2) {
            struct jb_buf entry = JB_BUF(OM__MAX);
            if (i > 0 && !pairs[i + 1])
                continue;
            om_text_field(&entry, 1, pairs[i]);
            if (i == 0)
                om_bytes_field(&entry, 2, part.at, part.len);
            else
                om_text_field(&entry, 2, pairs[i + 1]);
            om_message_field(&tensor, 13, &entry);
        }
        om_int_field(&tensor, 14, 1);
        om_message_field(&m.body, 5, &tensor);
    }
    if (jb_arena_new(1 << 20, &arena, NULL) < 0 ||
        jb_onnx_read(om_model(&m), arena, &model, err) < 0)
        bail_out("%s", err->message);
    const jb_rc rc = jb_onnx_external_check(&model, path_of("model.onnx"), found, err);
    jb_arena_free(arena);
    return rc;
}

int main(void)
{
    struct jb_onnx_external found = {0};
    struct jb_error err = {0};
    char link[128];

    if (!mkdtemp(folder))
        bail_out("no folder");
    write_file("w.bin", "01234567890123456789");
    (void)mkdir(path_of("sub"), 0700);
    write_file("sub/w.bin", "0123456789");
    (void)snprintf(link, sizeof link, "%s", path_of("inner"));
    if (symlink("sub/w.bin", link) != 0)
        bail_out("no link");
    (void)snprintf(link, sizeof link, "%s", path_of("outer"));
    if (symlink("/etc/hostname", link) != 0)
        bail_out("no link");

    ok(check("", NULL, NULL, &found, &err) == JB_OK && found.n_files == 0,
       "no other files, none looked for");
    ok(check("w.bin,w.bin,sub/w.bin,inner", NULL, NULL, &found, &err) == JB_OK &&
           found.n_files == 3 && found.n_missing == 0 && found.n_elsewhere == 0,
       "three files that are there, one of them by a link within the folder");
    ok(check("w.bin", "10", "10", &found, &err) == JB_OK, "a weight up to the last byte");
    is_i64(check("w.bin", "11", "10", &found, &err), JB_E_INPUT, "one byte more is refused");
    is_str(err.message,
           "weights in 'w.bin' end at byte 20, before those that the model says are there",
           "with the file and its size");
    is_i64(check("w.bin", "11", NULL, &found, &err), JB_E_INPUT,
           "and by its sizes where no length is told");
    is_i64(check("w.bin", "9223372036854775807", "9223372036854775807", &found, &err), JB_E_INPUT,
           "and where the sum is beyond 64 bits");
    ok(check("gone.bin,w.bin,gone.bin", "5", NULL, &found, &err) == JB_OK && found.n_missing == 2 &&
           jb_span_is(found.missing, "gone.bin"),
       "a file that is missing is told and no error");
    ok(check("outer", "999999", NULL, &found, &err) == JB_OK && found.n_elsewhere == 1 &&
           found.n_missing == 0 && jb_span_is(found.elsewhere, "outer"),
       "a link out of the folder is told and not followed");
    ok(check("sub", NULL, NULL, &found, &err) == JB_OK && found.n_missing == 1,
       "a folder is no file");
    remove_tree(folder);
    return done_testing();
}
