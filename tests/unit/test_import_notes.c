/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of logs, from what is known of them. R-IMPORT-07. */
#include "import_log.h"
#include "pipeline/import_run.h"
#include "pipeline/run_records.h"

static jb_rc keep(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    (void)seq;
    (void)err;
    (void)snprintf(arg, 200000, "%s", entry->fields[0].value);
    return JB_OK;
}

/* The notes of these nodes as JSON text. */
static const char *notes_of(const struct jb_import_node *nodes, size_t n, int64_t accuracy_ppm)
{
    static char text[200000];
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_import_order order = {.format = &jb_import_mlperf_power,
                                          .accuracy_ppm = accuracy_ppm};
    struct jb_error err = {0};

    book_begin(ledger);
    book_must(jb_import_enter_notes(ledger, &order, RUN_A, nodes, n, &err), &err, "notes");
    book_commit(ledger);
    text[0] = '\0';
    book_must(jb_ledger_each_entry(ledger, JB_RECORDS_KIND_NOTES, RUN_A, keep, text, &err), &err,
              "each entry");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return text;
}

static struct jb_import_node node(const char *label)
{
    struct jb_import_node one = {
        .is_used = true,
        .survey = {.unit = {JB_SEMANTICS_GAUGE_SINCE, 1, 1},
                   .gap_ns = 3 * LOG_S,
                   .first_ns = LOG_NS,
                   .last_ns = LOG_NS + 100 * LOG_S,
                   .n_readings = 50},
    };

    (void)snprintf(one.label, sizeof one.label, "%s", label);
    return one;
}

static void has(const char *text, const char *part)
{
    ok(strstr(text, part) != NULL, "told: %s", part);
}

static void test_quiet(void)
{
    const struct jb_import_node one = node("a");
    const char *const text = notes_of(&one, 1, 10000);

    has(text, "imported from 1 mlperf-power log:");
    has(text, "each reading is the power of the time since the one before it");
    ok(!strstr(text, "assumed") && !strstr(text, "gap") && !strstr(text, "stamp") &&
           !strstr(text, "back"),
       "and nothing else where nothing is open");
}

static void test_stamps(void)
{
    struct jb_import_node nodes[5] = {node("equal"), node("none"), node("late"), node("early"),
                                      node("equal2")};
    const char *text;

    for (size_t i = 0; i < 5; i++) {
        nodes[i].survey.has_start = nodes[i].survey.has_stop = true;
        nodes[i].survey.start_ns = nodes[i].survey.stop_ns = LOG_NS;
    }
    nodes[1].survey.has_stop = false;
    nodes[2].survey.start_ns = LOG_NS + LOG_S / 2;
    nodes[2].survey.stop_ns = LOG_NS + 200 * LOG_S;
    nodes[3].survey.stop_ns = LOG_NS + 98 * LOG_S;
    text = notes_of(nodes, 5, -1);
    has(text, "the stop stamp equals the start stamp in 2 logs, so it is missing there");
    has(text, "none: there is no stop stamp");
    has(text, "late: the start stamp is 0.5 s after the first reading");
    has(text, "early: the stop stamp is 2 s before the last reading");
    has(text, "5 % is assumed");
}

static void test_doubts(void)
{
    struct jb_import_node nodes[5] = {node("a"), node("b"), node("sw"), node("short"), node("c")};
    const char *text;

    nodes[0].n_gaps = 2;
    nodes[0].longest_gap_ns = 19114 * (LOG_S / 1000);
    nodes[0].coverage.interpolated_ns = 30 * LOG_S;
    nodes[0].interpolated_uj = 1234567890;
    nodes[0].survey.n_back = 1;
    nodes[0].survey.back_ns = LOG_S / 8;
    nodes[0].survey.n_same = 2;
    nodes[1].same_as = 1;
    nodes[1].overlap_ns = 44 * LOG_S;
    nodes[1].survey.unit.semantics = JB_SEMANTICS_COUNTER;
    nodes[1].n_gaps = 1;
    (void)snprintf(nodes[1].overlap_run, sizeof nodes[1].overlap_run, "%s", RUN_B);
    nodes[4].coverage.interpolated_ns = 4 * LOG_S;
    nodes[4].interpolated_uj = 8 * LOG_J;
    nodes[2].is_used = nodes[3].is_used = false;
    nodes[2].survey.n_other = 1;
    (void)snprintf(nodes[2].survey.other_key, JB_IMPORT_KEY, "interconnect_power_est");
    text = notes_of(nodes, 5, -1);
    has(text, "a: 2 gaps of more than 3 s between readings, the longest of 19.114 s: 30 s and "
              "1234.568 J of the energy are interpolated, not observed");
    has(text, "a: 1 reading steps back in time, by up to 0.125 s, and is left out");
    has(text, "a: 2 readings have the time of the one before and are left out");
    has(text, "the logs of a and b are the same bytes");
    has(text, "b: 44 s of this log are in run " RUN_B " too");
    has(text, "b: 1 gap of more than 3 s between readings, the longest of 0 s: a counter loses "
              "time resolution by that, no energy");
    has(text, "sw has no power reading and is not in here: 1 record of 'interconnect_power_est'");
    has(text, "c: 4 s and 8 J of the energy are interpolated over failed readings");
    has(text, "short has no two readings and is not in here");
}

static void test_many(void)
{
    static struct jb_import_node nodes[400];
    const char *text;

    for (size_t i = 0; i < 400; i++) {
        nodes[i] = node("n");
        nodes[i].survey.n_same = 1;
    }
    text = notes_of(nodes, 400, 0);
    has(text, "242 notes more are left out");
}

int main(void)
{
    test_quiet();
    test_stamps();
    test_doubts();
    test_many();
    return done_testing();
}
