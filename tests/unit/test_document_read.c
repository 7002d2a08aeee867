/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to a statement: what was written comes back, and what is wrong is named. R-STATEMENT-09, -10. */
#include "statements.h"

#include "base/buf.h"
#include "statement/document.h"

static struct jb_statement got;

static char *bytes_of(const struct jb_statement *statement)
{
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(100000);
    struct jb_error err = {0};

    if (jb_statement_encode(statement, &bytes, &err) < 0)
        bail_out("%s", err.message);
    return sts_text(bytes.bytes);
}

static void test_back(void)
{
    struct jb_statement *const statement = sts_new();
    char *const text = bytes_of(statement);
    struct jb_error err = {0};

    if (!is_i64(jb_statement_decode(text, strlen(text), &got, &err), JB_OK, "it is read"))
        diag("%s", err.message);
    char *const again = bytes_of(&got);
    is_str(again, text, "and written again the same");
    is_str(got.items[0].hosts, "node-a\nnode-b\n", "with its lists");
    is_i64(got.total.energy.work_uj.high, 1201, "and figures");
    is_i64(got.book.discrepancy_uj, -1, "negative ones too");
    jb_statement_release(&got);
    free(again);
    free(text);
    sts_free(statement);
}

/* The text with the first `from` in it made `to`. */
static char *changed(const char *text, const char *from, const char *to)
{
    const char *const at = strstr(text, from);
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(200000);

    if (!at)
        bail_out("no '%s' in the statement", from);
    jb_buf_add(&bytes, text, (size_t)(at - text));
    jb_buf_add_text(&bytes, to);
    jb_buf_add_text(&bytes, at + strlen(from));
    return sts_text(bytes.bytes);
}

static void test_refused(void)
{
    static const struct {
        const char *from, *to, *why;
    } changes[] = {
        {"{\"book\"", "[\"book\"", "no statement"},
        {"joulebook.statement/1", "joulebook.statement/2", "schema"},
        {"\"by\":\"job\",", "\"by\":\"job\",\"by\":\"job\",", "no statement"},
        {"\"by\":\"job\"", "\"by\": \"job\"", "byte"},
        {"\"by\":\"job\"", "\"by\":\"j\\u006fb\"", "byte"},
        {"\"by\":\"job\"", "\"by\":\"job\",\"bz\":1", "byte"},
        {"\"by\":\"job\"", "\"by\":7", "'by'"},
        {"\"name\":\"41\"", "\"name\":\"4\\u00001\"", ""},
        {"\"name\":\"41\"", "\"name\":\"4\\n1\"", "'name'"},
        {"\"best\":700", "\"best\":700.0", "'best'"},
        {"\"best\":700", "\"best\":599", "'best'"},
        {"\"best\":700", "\"best\":701", "'device_uj'"},
        {"\"low\":600", "\"low\":-600", "'low'"},
        {"\"cpu\":500,\"dram\":200", "\"cpu\":400,\"dram\":200", "'device_uj'"},
        {"\"cpu\":500,\"dram\":200", "\"cpu\":700,\"dram\":0", "'device_uj'"},
        {"\"counter\":650", "\"counter\":651", "'origin_uj'"},
        {"\"modelled\"", "\"guessed\"", "'origin_uj'"},
        {"\"method\":\"C-2\"", "\"method\":\"D\"", "'method'"},
        {"\"facility_uj\":{\"best\":152,\"high\":194,\"low\":130}", "\"facility_uj\":null",
         "'total'"},
        {"\"n_runs\":2", "\"n_runs\":3", "'total'"},
        {"\"metered_uj\":2000", "\"metered_uj\":2001", "'metered_uj'"},
        {"\"tenants_uj\":900", "\"tenants_uj\":901", "'metered_uj'"},
        {"\"tenants\":180", "\"tenants\":181", "'facility_uj'"},
        {"\"round_uj\":1", "\"round_uj\":0", "'round_uj'"},
        {"\"pue_milli\":1200", "\"pue_milli\":999", "'pue_milli'"},
        {"\"since_utc\":\"2026-01-01T00:00:00Z\"", "\"since_utc\":\"2026-01-01T00:00:01Z\"",
         "since_utc"},
        {"\"until_utc\":\"2026-01-01T02:00:00Z\"", "\"until_utc\":\"2026-01-01T01:00:00Z\"",
         "start_utc"},
        {"\"idle_rule\":\"reserved\"", "\"idle_rule\":\"none\"", "'idle_rule'"},
        {"\"provider\":\"dc1\"", "\"provider\":\"\"", "'provider'"},
        {"\"withheld\":[]", "\"withheld\":[\"all\"]", "'withheld'"},
        {"\"withheld\":[]", "\"withheld\":[\"hosts\"]", "byte"},
        {"\"hosts\":[\"node-a\",", "\"hosts\":[7,", "'hosts'"},
        {"\"method\":\"C-1\",", "", "item 2: 'method'"},
    };
    struct jb_statement *const statement = sts_new();
    char *const text = bytes_of(statement);

    for (size_t i = 0; i < JB_ARRAY_LEN(changes); i++) {
        char *const bytes = changed(text, changes[i].from, changes[i].to);
        struct jb_error err = {0};
        const jb_rc rc = jb_statement_decode(bytes, strlen(bytes), &got, &err);
        if (!ok(rc == JB_E_INPUT && strstr(err.message, changes[i].why),
                "'%s' made '%s' is refused", changes[i].from, changes[i].to))
            diag("%s: %s", jb_rc_name(rc), err.message);
        if (rc == JB_OK)
            jb_statement_release(&got);
        free(bytes);
    }
    free(text);
    sts_free(statement);
}

/* Cut anywhere, it is no statement. */
static void test_cut(void)
{
    struct jb_statement *const statement = sts_new();
    char *const text = bytes_of(statement);
    const size_t len = strlen(text);
    size_t n_taken = 0;

    for (size_t i = 0; i < len; i++)
        if (jb_statement_decode(text, i, &got, NULL) == JB_OK) {
            n_taken++;
            jb_statement_release(&got);
        }
    is_i64((int64_t)n_taken, 0, "cut at any byte it is refused");
    free(text);
    sts_free(statement);
}

int main(void)
{
    test_back();
    test_refused();
    test_cut();
    return done_testing();
}
