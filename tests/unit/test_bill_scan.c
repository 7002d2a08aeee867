/* SPDX-License-Identifier: Apache-2.0 */
/* Fields and rows end where a byte-by-byte reading of RFC 4180 says, by every scanner. R-BILL-02. */
#include "import/bill_int.h"
#include "tap.h"

#define MAX 1024

struct expected {
    uint32_t ends[MAX], rows[MAX];
    size_t n_ends, n_rows;
    bool has_stray_quote;
};

/* By the grammar, not by parity: a field begins with a quote or has none. */
static void by_grammar(const char *bytes, size_t len, struct expected *ret)
{
    enum { AT_START, IN_BARE, IN_QUOTES, AFTER_QUOTE } state = AT_START;

    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < len; i++) {
        const char c = bytes[i];
        if (state == IN_QUOTES) {
            state = c == '"' ? AFTER_QUOTE : IN_QUOTES;
        } else if (c == '"') {
            ret->has_stray_quote = ret->has_stray_quote || state == IN_BARE;
            state = IN_QUOTES;
        } else if (c == ',' || c == '\n') {
            ret->ends[ret->n_ends++] = (uint32_t)i;
            if (c == '\n')
                ret->rows[ret->n_rows++] = (uint32_t)i;
            state = AT_START;
        } else {
            state = IN_BARE;
        }
    }
}

static bool agrees(const struct bill_scanner *scanner, const char *bytes, size_t len)
{
    static struct expected expected;
    uint32_t ends[MAX + BILL_PAD];
    uint32_t rows[MAX + BILL_PAD];
    struct bill_marks marks = {.ends = ends, .rows = rows};
    char *const copy = malloc(len + BILL_PAD);
    size_t n_quotes = 0;
    size_t n_newlines = 0;

    if (!copy)
        return false;
    memcpy(copy, bytes, len);
    /* What lies behind must not matter. */
    memset(copy + len, '"', BILL_PAD);
    for (size_t i = 0; i < len; i++) {
        n_quotes += bytes[i] == '"';
        n_newlines += bytes[i] == '\n';
    }
    by_grammar(bytes, len, &expected);
    const struct bill_count count = scanner->count(copy, len);
    scanner->mark(copy, len, &marks);
    free(copy);
    return count.n_quotes == n_quotes && count.n_newlines == n_newlines &&
           marks.n_ends == expected.n_ends && marks.n_rows == expected.n_rows &&
           marks.has_stray_quote == expected.has_stray_quote &&
           memcmp(ends, expected.ends, marks.n_ends * sizeof ends[0]) == 0 &&
           memcmp(rows, expected.rows, marks.n_rows * sizeof rows[0]) == 0;
}

static void test_scanner(const struct bill_scanner *scanner)
{
    static const char letters[] = "\"\",\na,\r\"b";
    char bytes[MAX];
    uint64_t state = 7;
    bool agree = true;

    if (!scanner->is_usable()) {
        skip("this processor has no %s", scanner->name);
        return;
    }
    for (size_t len = 0; len <= 200; len++)
        for (int turn = 0; turn < 50; turn++) {
            for (size_t i = 0; i < len; i++) {
                state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                bytes[i] = letters[(state >> 33) % (sizeof letters - 1)];
            }
            agree = agree && agrees(scanner, bytes, len);
        }
    ok(agree, "%s agrees with the grammar on 10050 texts", scanner->name);
    memset(bytes, ',', MAX);
    ok(agrees(scanner, bytes, MAX), "%s takes nothing but commas", scanner->name);
    memset(bytes, '\n', MAX);
    ok(agrees(scanner, bytes, MAX), "and nothing but newlines");
    memset(bytes, '"', MAX);
    ok(agrees(scanner, bytes, MAX), "and nothing but quotes");
}

int main(void)
{
    is_str(jb_bill__scanner_at(0)->name, "plain", "the first scanner is for any machine");
    ok(jb_bill__scanner()->is_usable(), "the chosen one runs here");
    for (size_t i = 0; i < jb_bill__n_scanners(); i++)
        test_scanner(jb_bill__scanner_at(i));
    return done_testing();
}
