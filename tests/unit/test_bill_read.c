/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, threads, gzip, the order of rows and the scanner change nothing; errors name their place. R-BILL-01, R-BILL-02. */
#include <zlib.h>

#include "unit/bill_rig.h"

#define HEAD                                                                           \
    "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd," \
    "ChargeCategory,ServiceCategory,ServiceName,PricingUnit,PricingQuantity,"          \
    "ChargePeriodStart,ChargePeriodEnd,SubAccountId,ChargeDescription\n"
#define ROWS 300

/* Some of everything: quotes, commas and newlines in fields, carriage returns, empty lines. */
static void put_row(struct jb_buf *text, int i)
{
    static const char *const words[] = {
        "\"a, b\"", "\"line\nbreak\"", "plain", "\"\"\"quoted\"\"\"", "\"\"", "\"x\"\"\n\"\",y\""};

    jb_buf_addf(text,
                "%d.%03d,1,EUR,2026-10-01,2026-11-01,%s,Compute,EC2,Hours,%d.5,2026-10-%02d "
                "%02d:00:00,2026-10-%02d %02d:30:00,%s,%s%s\n",
                i % 7, i, i % 11 == 0 ? "Tax" : "Usage", i % 5, i % 28 + 1, i % 24, i % 28 + 1,
                i % 24,
                i % 3 == 0   ? "\"p,\n3\""
                : i % 3 == 1 ? "q"
                             : "NULL",
                i % 4 == 0 ? "p3.2xlarge hour" : words[i % 6], i % 9 == 0 ? "\r" : "");
    if (i % 50 == 0)
        jb_buf_add_text(text, i % 100 == 0 ? "\n" : "\r\n");
}

static bool same_as(const char *expected, const char *path, const struct bill_tuning *tuning,
                    bool with_line)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(1 << 20);
    struct jb_error err = {0};
    struct jb_bill *bill = bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, path, tuning, &err);

    if (!bill) {
        diag("%s", err.message);
        return false;
    }
    bill_print(bill, with_line, &buf);
    jb_bill_free(bill);
    if (strcmp(jb_buf_text(&buf), expected) != 0)
        diag("got\n%s\nwant\n%s", jb_buf_text(&buf), expected);
    return strcmp(jb_buf_text(&buf), expected) == 0;
}

/* What the plain scanner makes of it at once in one thread; checked against the sums below. */
static void first_reading(const char *path, bool with_line, struct jb_buf *ret)
{
    const struct bill_tuning plain = {.n_threads = 1, .scanner = &jb_bill__scanner_plain};
    struct jb_error err = {0};
    struct jb_bill *bill = bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, path, &plain, &err);
    int64_t n = 0;
    int64_t cost_micro = 0;
    int64_t want_micro = 0;

    if (!bill)
        bail_out("%s", err.message);
    for (size_t i = 0; i < jb_bill_n_groups(bill); i++) {
        n += jb_bill_group_at(bill, i)->n_rows;
        cost_micro += jb_bill_group_at(bill, i)->cost_micro;
    }
    for (int i = 0; i < ROWS; i++)
        want_micro += i % 7 * INT64_C(1000000) + i * INT64_C(1000);
    is_i64(n, ROWS, "every row is in a group");
    is_i64(cost_micro, want_micro, "and all cost");
    bill_print(bill, with_line, ret);
    jb_bill_free(bill);
}

static void test_tunings(const char *path, const char *expected)
{
    static const size_t blocks[] = {512, 700, 1024, 4096, 0};
    bool same = true;

    for (size_t bytes = 1; bytes <= 100; bytes++)
        for (unsigned n = 1; n <= 2; n++) {
            const struct bill_tuning tuning = {.read_bytes = bytes, .n_threads = n};
            same = same && same_as(expected, path, &tuning, true);
        }
    ok(same, "reading 1 to 100 bytes at a time, in one and two threads, changes nothing");
    same = true;
    for (size_t s = 0; s < jb_bill__n_scanners(); s++)
        for (size_t i = 0; i < JB_ARRAY_LEN(blocks); i++)
            for (unsigned n = 1; n <= 2; n++) {
                const struct bill_tuning tuning = {blocks[i], 0, n, jb_bill__scanner_at(s)};
                if (jb_bill__scanner_at(s)->is_usable())
                    same = same && same_as(expected, path, &tuning, true);
            }
    ok(same, "nor do the size of blocks and the scanner");
}

static void test_gzip(const char *text, size_t len, const char *expected)
{
    char path[64];
    char raw[32];
    const size_t halves[] = {len / 2, len - len / 2};
    FILE *out;

    (void)snprintf(path, sizeof path, "%s", bill_file("", 0));
    /* Two members, as when two files were put together. */
    for (size_t i = 0; i < 2; i++) {
        gzFile file = gzopen(path, i == 0 ? "wb" : "ab");
        if (!file || gzwrite(file, text + i * halves[0], (unsigned)halves[i]) != (int)halves[i])
            bail_out("cannot write gzip");
        (void)gzclose(file);
    }
    ok(same_as(expected, path, NULL, true), "gzip of two members is what is in it");
    if (truncate(path, 2000) != 0)
        bail_out("cannot cut a file");
    struct jb_error err = {0};
    ok(!bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, path, NULL, &err) && err.code == JB_E_INPUT &&
           strstr(err.message, "ends inside its gzip"),
       "gzip that is cut off is refused: %s", err.message);
    out = fopen(path, "r+be");
    memset(raw, 0x55, sizeof raw);
    if (!out || fseek(out, 100, SEEK_SET) != 0 || fwrite(raw, 1, sizeof raw, out) != sizeof raw)
        bail_out("cannot break gzip");
    (void)fclose(out);
    ok(!bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, path, NULL, &err) && err.code == JB_E_INPUT,
       "broken gzip too: %s", err.message);
    (void)unlink(path);
}

static void test_order(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf up = JB_BUF(1 << 20);
    JB_AUTO(jb_buf_release) struct jb_buf down = JB_BUF(1 << 20);
    JB_AUTO(jb_buf_release) struct jb_buf expected = JB_BUF(1 << 20);
    char path[64];

    jb_buf_add_text(&up, HEAD);
    jb_buf_add_text(&down, HEAD);
    for (int i = 0; i < ROWS; i++) {
        put_row(&up, i);
        put_row(&down, ROWS - 1 - i);
    }
    (void)snprintf(path, sizeof path, "%s", bill_file(jb_buf_text(&up), up.len));
    first_reading(path, false, &expected);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s", bill_file(jb_buf_text(&down), down.len));
    ok(same_as(jb_buf_text(&expected), path, NULL, false), "the order of rows does not show");
    (void)unlink(path);
}

static void test_errors(void)
{
#define GOOD "1,1,EUR,2026-10-01,2026-11-01,Usage,Compute,EC2,Hours,1,2026-10-01,2026-10-02,a,b\n"
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "line 1: no column 'BillingAccountId', which a bill of focus has"},
        {"a,b\n1,2\n", "line 1: no column 'BillingAccountId', which a bill of focus has"},
        {HEAD GOOD "x" GOOD, "line 3, column 'BilledCost': 'x1' is no number"},
        {HEAD GOOD GOOD "1,2,3\n", "line 4: 3 columns where the first row has 14"},
        {HEAD "1,\"a\nb\",EUR,2026-10-01,2026-11-01,Usage,C,S,Hours,1,2026-10-01,soon,a,b\n",
         "line 2, column 'ChargePeriodEnd': 'soon' is no time"},
        {HEAD "1,\"a\nb\",EUR,2026-10-01,2026-11-01,Usage,C,S,Hours,1,2026-10-01,2026-10-02,a,b\n"
              "1e30" GOOD,
         "line 4, column 'BilledCost': '1e301' is too large"},
        {HEAD "1,1,EUR,first,2026-11-01,Usage,C,S,Hours,1,2026-10-01,2026-10-02,a,b\n",
         "line 2, column 'BillingPeriodStart': 'first' is no date"},
        {HEAD GOOD "1,a\"b\"" GOOD, "line 3: a quote inside a field"},
        {HEAD GOOD "1,\"b" GOOD, "line 3: a quote that is never closed"},
    };
    char want[256];

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        for (unsigned n = 1; n <= 2; n++) {
            const struct bill_tuning tuning = {.n_threads = n, .read_bytes = n == 1 ? 0 : 64};
            struct jb_error err = {0};
            const char *const path = bill_file(cases[i].text, strlen(cases[i].text));
            struct jb_bill *bill = bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, path, &tuning, &err);
            (void)snprintf(want, sizeof want, "'%s' %s", path, cases[i].message);
            (void)unlink(path);
            ok(!bill && err.code == JB_E_INPUT, "refused: %s", cases[i].message);
            is_str(err.message, want, "with its place");
            jb_bill_free(bill);
        }
}

int main(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(1 << 20);
    JB_AUTO(jb_buf_release) struct jb_buf expected = JB_BUF(1 << 20);
    char path[64];

    jb_buf_add_text(&text, "\xEF\xBB\xBF" HEAD);
    for (int i = 0; i < ROWS; i++)
        put_row(&text, i);
    (void)snprintf(path, sizeof path, "%s", bill_file(jb_buf_text(&text), text.len));
    first_reading(path, true, &expected);
    test_tunings(path, jb_buf_text(&expected));
    if (truncate(path, (off_t)text.len - 1) != 0)
        bail_out("cannot cut a file");
    ok(same_as(jb_buf_text(&expected), path, NULL, true), "the last newline may be missing");
    (void)unlink(path);
    test_gzip(jb_buf_text(&text), text.len, jb_buf_text(&expected));
    test_order();
    test_errors();
    return done_testing();
}
