/* SPDX-License-Identifier: Apache-2.0 */
/* What is disclosed: the file line by line, and a statement cut down to it. R-STATEMENT-07, -08. */
#include "statements.h"

#include "base/buf.h"
#include "statement/disclosure.h"
#include "statement/document.h"

#define HEAD "schema: joulebook.disclosure/1\n"

static jb_rc parse(const char *text, struct jb_disclosure *ret, struct jb_error *err)
{
    return jb_disclosure_parse("d.yaml", text, strlen(text), ret, err);
}

static void test_read(void)
{
    struct jb_disclosure disclosure;
    struct jb_error err = {0};

    is_i64(parse(HEAD "by: tag:team\nround: 2 Wh\nfields:\n  hosts: yes\n  names: no\n",
                 &disclosure, &err),
           JB_OK, "a file is read");
    is_i64(disclosure.round_uj, INT64_C(7200000000), "2 Wh are 7200 J");
    is_str(disclosure.by, "tag:team", "with its grouping");
    ok(disclosure.does_tell[JB_STATEMENT_HOSTS] && !disclosure.does_tell[JB_STATEMENT_NAMES],
       "and flags");
    ok(!disclosure.does_tell[JB_STATEMENT_RUNS] && disclosure.does_tell[JB_STATEMENT_TIMES],
       "what it does not name is as usual");
}

static void test_refused(void)
{
    static const struct {
        const char *text, *where, *why;
    } files[] = {
        {"", "d.yaml:1", "empty"},
        {"by: job\n", "d.yaml:1:1", "schema"},
        {"schema: joulebook.disclosure/2\n", "d.yaml:1:9", "schema"},
        {HEAD "by: customer\n", "d.yaml:2:5", "group"},
        {HEAD "by: tag:\n", "d.yaml:2:", ""},
        {HEAD "by: tag:a=b\n", "d.yaml:2:5", "group"},
        {HEAD "round: 0 J\n", "d.yaml:2:8", "above 0"},
        {HEAD "round: 5\n", "d.yaml:2:8", "unit"},
        {HEAD "round: 2 MWh\n", "d.yaml:2:8", "energy"},
        {HEAD "fields: all\n", "d.yaml:2:9", "mapping"},
        {HEAD "fields:\n  hosts: maybe\n", "d.yaml:3:10", "maybe"},
        {HEAD "fields:\n  energies: no\n", "d.yaml:3:3", "energies"},
        {HEAD "fields:\n  hosts: no\n  hosts: yes\n", "d.yaml:4:3", "hosts"},
    };
    struct jb_disclosure disclosure;

    for (size_t i = 0; i < JB_ARRAY_LEN(files); i++) {
        struct jb_error err = {0};
        const jb_rc rc = parse(files[i].text, &disclosure, &err);
        if (!ok(rc == JB_E_INPUT && strstr(err.message, files[i].where) &&
                    strstr(err.message, files[i].why),
                "file %zu is refused where it is wrong", i))
            diag("%s: %s", jb_rc_name(rc), err.message);
    }
}

static void test_round(void)
{
    struct jb_statement *const statement = sts_new();
    const struct jb_statement_item *const item = &statement->items[0];
    struct jb_disclosure disclosure = jb_disclosure_usual;
    struct jb_error err = {0};

    disclosure.round_uj = 100;
    disclosure.does_tell[JB_STATEMENT_BOOK] = true;
    statement->items[0].energy.work_uj = sts_figure(601, 649, 901);
    statement->items[0].device_uj[JB_DEVICE_CPU] = 449;
    statement->items[0].origin_uj[JB_ORIGIN_COUNTER] = 599;
    is_i64(jb_disclosure_apply(&disclosure, statement, &err), JB_OK, "energies are rounded");
    ok(item->energy.work_uj.low == 600 && item->energy.work_uj.best == 600 &&
           item->energy.work_uj.high == 1000,
       "best to nearest, the band outward");
    /* 6 steps over 449 and 200: 4.15 and 1.85 */
    ok(item->device_uj[JB_DEVICE_CPU] == 400 && item->device_uj[JB_DEVICE_DRAM] == 200,
       "parts sum to the rounded work");
    is_i64(item->energy.idle_uj.best, 100, "half a step is one");
    is_i64(item->energy.platform_uj.high, 100, "the high end of little is a step");
    is_i64(statement->total.energy.work_uj.best, 900, "the total is that of the rounded items");
    is_i64(statement->book.metered_uj, 2000, "the book is rounded");
    is_i64(statement->book.items_uj + statement->book.tenants_uj + statement->book.nobody_uj +
               statement->book.discrepancy_uj,
           2000, "and still closes");
    is_i64(jb_statement_check(statement, &err), JB_OK, "so that its reader takes it");
    sts_free(statement);
}

/* 1800 in items of which each is rounded up, and nobody else: the others did not use -1200. */
static void test_round_up(void)
{
    struct jb_statement *const statement = sts_new();
    struct jb_disclosure disclosure = jb_disclosure_usual;
    struct jb_error err = {0};

    disclosure.round_uj = 1000;
    disclosure.does_tell[JB_STATEMENT_BOOK] = true;
    for (size_t i = 0; i < statement->n_items; i++)
        statement->items[i].energy.work_uj = sts_figure(590, 600, 610);
    statement->book.metered_uj = 600 * (int64_t)statement->n_items;
    statement->book.tenants_uj = statement->book.nobody_uj = statement->book.discrepancy_uj = 0;
    statement->book.facility_uj = 1;
    is_i64(jb_disclosure_apply(&disclosure, statement, &err), JB_OK, "rounded coarsely");
    is_i64(statement->book.tenants_uj, 0, "R-STATEMENT-08: others never used less than nothing");
    ok(statement->book.facility_tenants_uj >= 0, "nor took of the facility");
    is_i64(jb_statement_check(statement, &err), JB_OK, "and the book still closes");
    sts_free(statement);
}

static bool is_in(const struct jb_statement *statement, const char *text)
{
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(100000);
    struct jb_error err = {0};

    if (jb_statement_encode(statement, &bytes, &err) < 0)
        bail_out("%s", err.message);
    return strstr(bytes.bytes, text) != NULL;
}

/* Each part alone: its words are in the document with it and not without. */
static void test_withheld(void)
{
    static const struct {
        enum jb_statement_part part;
        const char *words[3];
    } parts[] = {
        {JB_STATEMENT_NAMES, {"\"name\":\"41\"", "\"42\""}},
        {JB_STATEMENT_RUNS, {"r1", "r3"}},
        {JB_STATEMENT_HOSTS, {"node-a", "node-b"}},
        {JB_STATEMENT_HARDWARE, {"NVIDIA", "A100"}},
        {JB_STATEMENT_TIMES, {"start_utc", "2026-01-01T01:00:00Z"}},
        {JB_STATEMENT_DEVICE, {"dram", "\"gpu\""}},
        {JB_STATEMENT_ORIGIN, {"modelled", "\"gauge\""}},
        {JB_STATEMENT_COVERAGE, {"counter_ns", "n_gaps"}},
        {JB_STATEMENT_FACTORS_PART, {"stated by the provider"}},
        {JB_STATEMENT_NOTES_PART, {"one of the runs goes on"}},
        {JB_STATEMENT_BOOK, {"metered_uj", "tenants_uj"}},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++) {
        struct jb_statement *const told = sts_new();
        struct jb_statement *const withheld = sts_new();
        struct jb_disclosure disclosure = {.round_uj = 1};
        struct jb_error err = {0};
        bool is_told = true;
        bool is_nowhere = true;
        for (size_t k = 0; k < JB_STATEMENT_PARTS; k++)
            disclosure.does_tell[k] = true;
        jb_rc rc = jb_disclosure_apply(&disclosure, told, &err);
        disclosure.does_tell[parts[i].part] = false;
        rc = rc == JB_OK ? jb_disclosure_apply(&disclosure, withheld, &err) : rc;
        is_i64(rc, JB_OK, "'%s' can be withheld", jb_statement_part_name(parts[i].part));
        for (size_t k = 0; k < 3 && parts[i].words[k]; k++) {
            is_told = is_told && is_in(told, parts[i].words[k]);
            is_nowhere = is_nowhere && !is_in(withheld, parts[i].words[k]);
        }
        ok(is_told && is_nowhere, "and then nothing of it is in the document");
        is_i64(jb_statement_check(withheld, &err), JB_OK, "which holds all the same");
        sts_free(told);
        sts_free(withheld);
    }
}

static void test_leaks(void)
{
    static const struct {
        const char *note;
        jb_rc rc;
    } notes[] = {
        {"the meter of node-a is old", JB_E_CONFLICT},
        {"node-b.example.org was away", JB_E_CONFLICT},
        {"node-a", JB_E_CONFLICT},
        {"node-abc and my-node-a1 are others", JB_OK},
        {"so is my-node-a", JB_OK},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(notes); i++) {
        struct jb_statement *const statement = sts_new();
        struct jb_error err = {0};
        (void)snprintf(statement->notes[0], JB_NOTE, "%s", notes[i].note);
        is_i64(jb_disclosure_apply(&jb_disclosure_usual, statement, &err), notes[i].rc,
               "'%s' beside withheld hosts", notes[i].note);
        sts_free(statement);
    }
    struct jb_statement *const statement = sts_new();
    struct jb_disclosure disclosure = jb_disclosure_usual;
    struct jb_error err = {0};
    (void)snprintf(statement->items[1].name, JB_RUN_TEXT, "node-a");
    is_i64(jb_disclosure_apply(&disclosure, statement, &err), JB_E_CONFLICT,
           "a job that is named like a withheld host is not handed out");
    ok(strstr(err.message, "items") != NULL, "and it is said where it stands");
    disclosure.does_tell[JB_STATEMENT_NAMES] = false;
    is_i64(jb_disclosure_apply(&disclosure, statement, &err), JB_OK, "unless it is withheld too");
    sts_free(statement);
}

static void test_order(void)
{
    struct jb_statement *const statement = sts_new();
    struct jb_disclosure disclosure = jb_disclosure_usual;
    struct jb_error err = {0};

    (void)snprintf(statement->items[0].name, JB_RUN_TEXT, "zebra");
    statement->items[1].energy.work_uj = sts_figure(5000, 5000, 5000);
    disclosure.does_tell[JB_STATEMENT_NAMES] = false;
    is_i64(jb_disclosure_apply(&disclosure, statement, &err), JB_OK, "without names");
    is_i64(statement->items[0].energy.work_uj.best, 5000, "items stand by energy");
    sts_free(statement);
}

int main(void)
{
    test_read();
    test_refused();
    test_round();
    test_round_up();
    test_withheld();
    test_leaks();
    test_order();
    return done_testing();
}
