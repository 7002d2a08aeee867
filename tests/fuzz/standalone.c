/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzzer's entry point over every file of the folders named on the command line, as an ordinary TAP test:
 * a crash or a sanitizer report ends the program without a plan, which the runner counts as a failure.
 */
#include <dirent.h>
#include <stddef.h>
#include <sys/stat.h>

#include "tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX_BYTES = 16 * 1024 * 1024 };

/* A fresh allocation of exactly the file's size, so that ASan sees the first byte read past the end. */
static bool replay(const char *path)
{
    FILE *const file = fopen(path, "rbe");
    struct stat st;
    bool done = false;

    if (!file)
        return false;
    if (fstat(fileno(file), &st) == 0 && st.st_size >= 0 && st.st_size <= INPUT_MAX_BYTES) {
        const size_t n_bytes = (size_t)st.st_size;
        uint8_t *const bytes = malloc(n_bytes ? n_bytes : 1);
        if (bytes && fread(bytes, 1, n_bytes, file) == n_bytes) {
            (void)LLVMFuzzerTestOneInput(bytes, n_bytes);
            done = true;
        }
        free(bytes);
    }
    (void)fclose(file);
    return done;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct dirent **entries = NULL;
        const int n_entries = scandir(argv[i], &entries, is_input, alphasort);

        ok(n_entries > 0, "corpus %s has inputs", argv[i]);
        for (int k = 0; k < n_entries; k++) {
            char path[4096];
            const int len = snprintf(path, sizeof path, "%s/%s", argv[i], entries[k]->d_name);
            ok(len > 0 && (size_t)len < sizeof path && replay(path), "%s is taken without harm",
               entries[k]->d_name);
            free(entries[k]);
        }
        free(entries);
    }
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    ok(true, "the empty input is taken without harm");
    return done_testing();
}
