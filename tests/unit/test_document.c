/* SPDX-License-Identifier: Apache-2.0 */
/* A statement to its bytes, which stand here letter by letter, and its digest. R-STATEMENT-09, -11. */
#include "statements.h"

#include "base/buf.h"
#include "statement/document.h"

#define ITEM_41                                                                                   \
    "{\"board_ns\":0,\"coverage\":{\"counter_ns\":7000,\"gauge_ns\":0,\"interpolated_ns\":100,"   \
    "\"n_gaps\":1,\"unobserved_ns\":100},\"device_uj\":{\"cpu\":500,\"dram\":200},"               \
    "\"duration_ns\":7200000000000,\"end_utc\":\"2026-01-01T01:00:00Z\",\"facility_uj\":{"        \
    "\"best\":152,\"high\":194,\"low\":130},\"hardware\":\"\",\"hosts\":[\"node-a\",\"node-b\"]," \
    "\"idle_uj\":{\"best\":50,\"high\":60,\"low\":40},\"method\":\"C-2\",\"n_runs\":2,\"name\":"  \
    "\"41\",\"origin_uj\":{\"counter\":650,\"modelled\":50},\"platform_uj\":{\"best\":10,"        \
    "\"high\":10,\"low\":10},\"runs\":[\"r1\",\"r2\"],\"start_utc\":\"2026-01-01T00:00:00Z\","    \
    "\"work_uj\":{\"best\":700,\"high\":900,\"low\":600}}"

static void test_bytes(void)
{
    struct jb_statement *const statement = sts_new();
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(100000);
    struct jb_error err = {0};

    is_i64(jb_statement_encode(statement, &bytes, &err), JB_OK, "a statement is written");
    const char *const text = jb_buf_text(&bytes);
    ok(strncmp(text,
               "{\"book\":{\"discrepancy_uj\":-1,\"facility_uj\":{\"all\":400,\"items\":212,"
               "\"nobody\":8,\"tenants\":180},\"items_uj\":1061,\"metered_uj\":2000,\"nobody_uj\":"
               "40,\"tenants_uj\":900},\"by\":\"job\",\"factors\":[{\"edition\":\"\",\"name\":"
               "\"PUE\",\"source\":\"stated by the provider\",\"value\":\"1.2\"}],\"id\":\"acme\","
               "\"idle_rule\":\"reserved\",\"issued_utc\":\"2026-01-02T00:00:00Z\",\"items\":["
               "{\"board_ns\":0,",
               300) == 0,
       "its keys in order, without blanks");
    ok(strstr(text, ITEM_41) != NULL, "an item letter by letter");
    ok(strstr(text, "\"withheld\":[]}") != NULL && text[bytes.len - 1] == '}', "to its end");
    statement->pue_milli = -1;
    statement->items[0].energy.facility_uj.is_known = false;
    jb_buf_clear(&bytes);
    is_i64(jb_statement_encode(statement, &bytes, &err), JB_OK, "what is not known");
    ok(strstr(jb_buf_text(&bytes), "\"pue_milli\":null") != NULL &&
           strstr(jb_buf_text(&bytes), "\"facility_uj\":null,\"hardware\"") != NULL,
       "is null");
    sts_free(statement);
}

static void test_digest(void)
{
    struct jb_statement *const statement = sts_new();
    struct jb_hash first;
    struct jb_hash second;
    struct jb_error err = {0};
    bool is_done = jb_statement_digest(statement, &first, &err) == JB_OK;

    statement->issued_utc_us += 1000000;
    (void)snprintf(statement->software, sizeof statement->software, "another");
    is_done = is_done && jb_statement_digest(statement, &second, &err) == JB_OK;
    ok(is_done && memcmp(&first, &second, sizeof first) == 0,
       "when and by what it was issued is not in the digest");
    statement->items[1].energy.work_uj.high++;
    is_done = is_done && jb_statement_digest(statement, &second, &err) == JB_OK;
    ok(is_done && memcmp(&first, &second, sizeof first) != 0, "every figure is");
    sts_free(statement);
}

int main(void)
{
    test_bytes();
    test_digest();
    return done_testing();
}
