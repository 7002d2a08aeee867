/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of CSV to where its fields and rows end, in plain C for any machine, and the choice of the quickest scanner. A
 * quote opens and closes by parity, so that a doubled one inside a field is both; R-BILL-02.
 */
#include "import/bill_int.h"

static bool always(void)
{
    return true;
}

static struct bill_count count_plain(const char *bytes, size_t len)
{
    struct bill_count count = {0};

    for (size_t i = 0; i < len; i++) {
        count.n_quotes += bytes[i] == '"';
        count.n_newlines += bytes[i] == '\n';
    }
    return count;
}

static void mark_plain(const char *bytes, size_t len, struct bill_marks *marks)
{
    bool is_inside = false;
    bool may_open = true; /* after a comma, a newline, a quote, and at the start */

    marks->n_ends = 0;
    marks->n_rows = 0;
    marks->has_stray_quote = false;
    for (size_t i = 0; i < len; i++) {
        const char c = bytes[i];
        if (c == '"') {
            if (!is_inside && !may_open)
                marks->has_stray_quote = true;
            is_inside = !is_inside;
            may_open = true;
            continue;
        }
        may_open = !is_inside && (c == ',' || c == '\n');
        if (!may_open)
            continue;
        marks->ends[marks->n_ends++] = (uint32_t)i;
        if (c == '\n')
            marks->rows[marks->n_rows++] = (uint32_t)i;
    }
}

const struct bill_scanner jb_bill__scanner_plain = {"plain", always, count_plain, mark_plain};

size_t jb_bill__n_scanners(void)
{
    return 1 + jb_bill__n_scanners_x86;
}

const struct bill_scanner *jb_bill__scanner_at(size_t i)
{
    return i == 0 ? &jb_bill__scanner_plain : &jb_bill__scanners_x86[i - 1];
}

const struct bill_scanner *jb_bill__scanner(void)
{
    size_t i = jb_bill__n_scanners() - 1;

    while (i > 0 && !jb_bill__scanner_at(i)->is_usable())
        i--;
    return jb_bill__scanner_at(i);
}
