/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of imports: small logs in a folder of their own. */
#ifndef JB_TESTS_IMPORT_LOG_H
#define JB_TESTS_IMPORT_LOG_H

#include "book.h"
#include "import/import.h"

/* 2024-05-10T11:00:00Z, a full hour. */
#define LOG_UTC_MS INT64_C(1715338800000)
#define LOG_NS     (LOG_UTC_MS * 1000000 - JB_IMPORT_EPOCH_UTC_NS)
#define LOG_S      INT64_C(1000000000)
#define LOG_J      INT64_C(1000000)

struct log_path {
    char text[768];
};

TAP__UNUSED static struct log_path log_write(const struct book_folder *folder, const char *name,
                                             const void *bytes, size_t len)
{
    struct log_path path;
    FILE *file;

    (void)snprintf(path.text, sizeof path.text, "%s/%s", folder->path, name);
    file = fopen(path.text, "we");
    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        bail_out("cannot write a log");
    return path;
}

TAP__UNUSED static struct log_path log_text(const struct book_folder *folder, const char *name,
                                            const char *text)
{
    return log_write(folder, name, text, strlen(text));
}

/* "S W, S W, ...": seconds after LOG_UTC_MS and watts, as a csv-power file of the value column named. */
TAP__UNUSED static struct log_path log_csv(const struct book_folder *folder, const char *name,
                                           const char *column, const int64_t *pairs, size_t n)
{
    static char text[65536];
    size_t used = (size_t)snprintf(text, sizeof text, "unix_ms,%s\n", column);

    for (size_t i = 0; i < n && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%lld,%lld\n",
                                 (long long)(LOG_UTC_MS + pairs[2 * i] * 1000),
                                 (long long)pairs[2 * i + 1]);
    return log_write(folder, name, text, used);
}

#endif
