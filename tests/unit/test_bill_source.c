/* SPDX-License-Identifier: Apache-2.0 */
/* Files, pipes and gzip to the same bytes, however few are asked for. R-BILL-01. */
#include <zlib.h>

#include "unit/bill_rig.h"

static bool gives(const char *path, size_t step, const char *want, struct jb_error *err)
{
    struct bill_source *source = NULL;
    char got[256] = "";
    size_t n = 1;
    size_t len = 0;

    if (jb_bill__source_open(path, &source, err) < 0)
        return false;
    while (n > 0 && len + step < sizeof got) {
        if (jb_bill__source_read(source, got + len, step, &n, err) < 0) {
            jb_bill__source_close(source);
            return false;
        }
        len += n;
    }
    jb_bill__source_close(source);
    return len == strlen(want) && memcmp(got, want, len) == 0;
}

static void test_pipe(void)
{
    struct jb_error err = {0};
    char path[32];
    int ends[2];

    if (pipe(ends) < 0 || write(ends[1], "a", 1) != 1)
        bail_out("no pipe");
    (void)close(ends[1]);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    ok(gives(path, 10, "a", &err), "a pipe with a single byte");
    (void)close(ends[0]);
}

int main(void)
{
    static const char text[] = "one,two\n1,2\n";
    struct jb_error err = {0};
    char plain[64];
    char packed[64];

    (void)snprintf(plain, sizeof plain, "%s", bill_file(text, strlen(text)));
    (void)snprintf(packed, sizeof packed, "%s", bill_file("", 0));
    gzFile file = gzopen(packed, "wb");
    if (!file || gzputs(file, text) < 0)
        bail_out("no gzip");
    (void)gzclose(file);
    for (size_t step = 1; step <= 13; step += 4) {
        ok(gives(plain, step, text, &err), "%zu bytes at a time", step);
        ok(gives(packed, step, text, &err), "and out of gzip");
    }
    ok(!gives("/tmp", 1, "", &err) && err.message[0], "a folder is no file: %s", err.message);
    ok(!gives("/nowhere/x", 1, "", &err) && err.code == JB_E_NOT_FOUND, "nothing is none");
    (void)unlink(plain);
    (void)unlink(packed);
    test_pipe();
    return done_testing();
}
