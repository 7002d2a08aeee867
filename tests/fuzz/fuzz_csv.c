/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as CSV: taken or refused, and the same however they are cut into chunks. R-CSV-01 to R-CSV-03. */
#include "base/csv.h"
#include "base/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct jb_hash digest(const uint8_t *data, size_t size, size_t chunk, bool has_quotes)
{
    const struct jb_csv_rules rules = {',', has_quotes, 8, 64};
    JB_AUTO(jb_csv_free_auto) struct jb_csv *csv = NULL;
    struct jb_error err = {0};
    struct jb_hasher hasher;
    size_t at = 0;

    jb_hasher_begin(&hasher);
    if (jb_csv_new(&rules, &csv, &err) < 0)
        abort();
    for (enum jb_csv_got got = JB_CSV_MORE; got != JB_CSV_END;) {
        const struct jb_csv_field *fields = NULL;
        size_t n = 0;
        if (got == JB_CSV_MORE) {
            const size_t more = size - at < chunk ? size - at : chunk;
            jb_csv_feed(csv, data + at, more, at + more == size);
            at += more;
        }
        if (jb_csv_next(csv, "fuzz", &got, &fields, &n, &err) < 0) {
            if (err.message[0] == '\0')
                abort();
            jb_hasher_add(&hasher, err.message, strlen(err.message));
            break;
        }
        if (got != JB_CSV_RECORD)
            continue;
        if (n == 0 || n > rules.fields_max)
            abort();
        for (size_t i = 0; i < n; i++) {
            if (strlen(fields[i].text) != fields[i].len || fields[i].line < 1 ||
                fields[i].column < 1)
                abort();
            jb_hasher_add(&hasher, fields[i].text, fields[i].len + 1);
            jb_hasher_add(&hasher, &fields[i].line, sizeof fields[i].line);
            jb_hasher_add(&hasher, &fields[i].column, sizeof fields[i].column);
        }
    }
    return jb_hasher_end(&hasher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int has_quotes = 0; has_quotes < 2; has_quotes++) {
        const struct jb_hash whole = digest(data, size, size + 1, has_quotes != 0);
        for (size_t chunk = 1; chunk < 6; chunk += 2) {
            const struct jb_hash parts = digest(data, size, chunk, has_quotes != 0);
            if (memcmp(&whole, &parts, sizeof whole) != 0)
                abort();
        }
    }
    return 0;
}
