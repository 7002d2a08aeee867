/* SPDX-License-Identifier: Apache-2.0 */
/* Logged against told, with hours and joules worked out by hand: R-AGAINST-01 to -05. */
#include "rebuilt.h"

#include "pipeline/against.h"

/* 2024-09-01 is the zero of these hours: the run of 744 begins an hour before October. */
#define H_NS JB_NS_PER_HOUR
#define J    INT64_C(1000000)

static const char *const ids[] = {
    "0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002",
    "0190aaaa-0000-7000-8000-000000000003", "0190aaaa-0000-7000-8000-000000000004",
    "0190aaaa-0000-7000-8000-000000000005",
};

/* A measured run of `hours` with one GPU's counter of `joules`, all the run's. */
static void add_measured(struct jb_ledger *ledger, const char *id, const char *project,
                         const char *host, int64_t start_h, int64_t hours, int64_t joules)
{
    struct jb_error err = {0};
    struct jb_run run;
    struct jb_interval interval = book_interval(id, 0, hours * 3600, 0, (uint64_t)joules * J);
    struct jb_line lines[3];
    struct jb_account account;
    char *json = NULL;

    interval.unit_num = 1;
    interval.modulus = 0;
    interval.raw_start = 0;
    interval.raw_end = (uint64_t)joules * J;
    interval.energy_uj = interval.low_uj = interval.high_uj = joules * J;
    interval.scope = JB_SCOPE_GPU;
    interval.device = JB_DEVICE_GPU;
    interval.utc_start_us = REBUILT_UTC_US + start_h * REBUILT_H_US;
    interval.utc_end_us = interval.utc_start_us + hours * REBUILT_H_US;
    book_text(interval.host, sizeof interval.host, host);
    book_run(&run, id, 0);
    book_text(run.project, sizeof run.project, project);
    book_text(run.host, sizeof run.host, host);
    run.start_utc_us = interval.utc_start_us;
    book_begin(ledger);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
    book_lines(&interval, id, joules * J, lines);
    lines[1].low_uj = lines[1].high_uj = joules * J;
    book_must(jb_ledger_post_interval(ledger, &interval, lines, 3, NULL, &err), &err, "post");
    run.status = JB_RUN_DONE;
    run.end_mono_ns = run.start_mono_ns + hours * H_NS;
    run.end_utc_us = interval.utc_end_us;
    book_must(jb_pipeline_account_with(ledger, &run, &account, &err), &err, "account");
    book_must(jb_account_to_json(&account, &json, &err), &err, "json");
    book_must(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), &err, "close");
    jb_account_release(&account);
    free(json);
    book_commit(ledger);
}

/* A told run of 1 to 4 kWh from `start_h` for `hours` on `machines`. */
static struct jb_reconstructed add_told(struct jb_ledger *ledger, const char *key,
                                        const char *project, int64_t start_h, int64_t hours,
                                        int64_t machines)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();

    book_text(rebuilt->run.project, sizeof rebuilt->run.project, project);
    rebuilt->run.start_utc_us = REBUILT_UTC_US + start_h * REBUILT_H_US;
    rebuilt->run.end_utc_us = rebuilt->run.start_utc_us + hours * REBUILT_H_US;
    rebuilt->run.machine_ns = machines * hours * H_NS;
    const struct jb_reconstructed told = rebuilt_enter(ledger, key, rebuilt);
    free(rebuilt);
    return told;
}

static void make(struct jb_ledger *ledger, const char *const *sources, struct jb_against *ret)
{
    struct jb_error err = {0};

    book_must(jb_against_make(ledger, sources, 0, 0, ret, &err), &err, "against");
}

static const struct jb_against_row *row_of(const struct jb_against *against, const char *project,
                                           const char *month)
{
    static const struct jb_against_row none;

    for (size_t i = 0; i < against->n_rows; i++)
        if (strcmp(against->rows[i].project, project) == 0 &&
            strcmp(against->rows[i].month, month) == 0)
            return &against->rows[i];
    diag("no row of '%s' in %s", project, month);
    return &none;
}

static void test_rows(struct jb_ledger *ledger)
{
    struct jb_against against;

    make(ledger, NULL, &against);
    is_i64((int64_t)against.n_rows, 4, "a row for each project and month that has anything");
    const struct jb_against_row *row = row_of(&against, "asphalt", "2024-09");
    is_i64(row->told.machine_ns, 40 * H_NS, "two machines of ten hours, and 20 hours of one");
    is_i64(row->told.n_runs, 2, "are two told runs");
    is_i64(row->logged.machine_ns, 15 * H_NS,
           "runs that shared a machine count its time once (R-AGAINST-02)");
    is_i64(row->logged.n_runs, 2, "though they are two");
    is_i64(row->logged.gpu_ns, 20 * H_NS, "boards were read for both");
    is_i64(row->logged.energy_uj.best, 300 * J, "their energy is added");
    is_i64(row->told.energy_uj.best, 4 * REBUILT_KWH, "and what was told");
    is_i64(row->told.energy_uj.high, 8 * REBUILT_KWH, "with its band");
    is_i64(jb_against_coverage_ppm(row), 375000, "15 of 40 hours are 37.5 %%");
    /* 1 h of 4 lies in September, 3 in October: 2 kWh are 0.5 and 1.5. */
    row = row_of(&against, "nlp", "2024-09");
    is_i64(row->told.machine_ns, 3 * H_NS, "an hour of a run on three machines");
    is_i64(row->told.energy_uj.best, REBUILT_KWH / 2,
           "with a quarter of its energy (R-AGAINST-03)");
    is_i64(row->told.n_runs, 1, "which counts where it began");
    row = row_of(&against, "nlp", "2024-10");
    is_i64(row->told.machine_ns, 9 * H_NS, "and three hours in October");
    is_i64(row->told.energy_uj.best, REBUILT_KWH * 3 / 2, "with the rest");
    is_i64(row->told.n_runs, 0, "not as another run");
    is_i64(jb_against_coverage_ppm(row), 0, "of which nothing was logged");
    row = row_of(&against, "", "2024-09");
    is_i64(row->logged.machine_ns, 5 * H_NS, "a run of no project has a row");
    is_i64(jb_against_coverage_ppm(row), -1, "whose coverage is not known: nothing was told");
    is_i64(against.all.logged.machine_ns, 15 * H_NS,
           "over all projects that machine was used for 15 hours");
    is_i64(against.all.told.machine_ns, 52 * H_NS, "and 52 were told");
    is_i64(against.n_void, 1, "a void run is left out and counted");
    is_i64(against.n_open, 1, "so is one that goes on");
    is_i64(against.n_untimed, 1, "and one without times");
    jb_against_release(&against);
}

/* The runs alone give the same times and counts, and no energy. */
static void test_time_alone(struct jb_ledger *ledger)
{
    struct jb_against all, time;
    struct jb_error err = {0};
    size_t n_same = 0;

    make(ledger, NULL, &all);
    book_must(jb_against_make_time(ledger, 0, 0, &time, &err), &err, "time");
    for (size_t i = 0; i < time.n_rows && time.n_rows == all.n_rows; i++) {
        const struct jb_against_row *const a = &all.rows[i], *const b = &time.rows[i];
        n_same += strcmp(a->project, b->project) == 0 && strcmp(a->month, b->month) == 0 &&
                  a->logged.machine_ns == b->logged.machine_ns &&
                  a->told.machine_ns == b->told.machine_ns &&
                  a->logged.n_runs == b->logged.n_runs && a->told.n_runs == b->told.n_runs &&
                  a->n_reconciled == b->n_reconciled && !b->logged.energy_uj.is_known &&
                  !b->told.energy_uj.is_known && b->logged.gpu_ns == 0;
    }
    ok(n_same > 0 && n_same == all.n_rows && time.n_open == all.n_open &&
           time.n_void == all.n_void && time.n_untimed == all.n_untimed,
       "time and runs are known without the postings, energy is not");
    jb_against_release(&all);
    jb_against_release(&time);
}

static void test_nothing_told(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_against time = {.n_open = 7};
    struct jb_error err = {0};

    add_measured(ledger, ids[0], "asphalt", "node-a", 0, 10, 100);
    book_must(jb_against_make_time(ledger, 0, 0, &time, &err), &err, "time");
    ok(time.n_rows == 0 && time.n_open == 0 && jb_against_coverage_ppm(&time.all) == -1,
       "where nobody told anything there is nothing to compare with");
    jb_against_release(&time);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void test_sources(struct jb_ledger *ledger)
{
    static const char *const jobs[] = {"sacct", NULL};
    static const char *const bills[] = {"azure", "focus", NULL};
    struct jb_against against;

    make(ledger, jobs, &against);
    is_i64(against.all.told.machine_ns, 0, "of a source that told nothing there is nothing");
    is_i64(against.all.logged.machine_ns, 15 * H_NS, "what was logged stays");
    jb_against_release(&against);
    make(ledger, bills, &against);
    is_i64(against.all.told.machine_ns, 52 * H_NS, "bills alone");
    jb_against_release(&against);
}

static void test_reconciled(struct jb_ledger *ledger, const char *rebuilt_id)
{
    struct jb_against before;
    struct jb_against after;
    struct jb_figure told;
    struct jb_figure measured;
    struct jb_error err = {0};

    make(ledger, NULL, &before);
    book_begin(ledger);
    const jb_rc rc = jb_reconcile(ledger, rebuilt_id, ids[0], "same", &told, &measured, &err);
    book_must(rc, &err, "reconcile");
    book_commit(ledger);
    make(ledger, NULL, &after);
    is_i64(after.all.told.machine_ns, before.all.told.machine_ns,
           "a reconciled run was told all the same (R-AGAINST-01)");
    is_i64(after.all.told.energy_uj.best, before.all.told.energy_uj.best,
           "with the energy that it had");
    is_i64(row_of(&after, "asphalt", "2024-09")->n_reconciled, 1, "and is counted as such");
    jb_against_release(&before);
    jb_against_release(&after);
}

/* R-AGAINST-04, -06: a paper that knows of no machine tells energy and no hours, and none of it is missing by hours. */
static void test_timeless(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_against against;

    (void)add_told(ledger, "a", "parts", 0, 10, 2);
    make(ledger, NULL, &against);
    const int64_t timed_uj = against.all.told.timed_uj.best;
    jb_against_release(&against);
    book_text(rebuilt->run.project, sizeof rebuilt->run.project, "parts");
    rebuilt->run.start_utc_us = REBUILT_UTC_US;
    rebuilt->run.end_utc_us = REBUILT_UTC_US + 10 * REBUILT_H_US;
    rebuilt->is_machine_time_unknown = true;
    (void)rebuilt_enter(ledger, "b", rebuilt);
    free(rebuilt);
    make(ledger, NULL, &against);
    is_i64(against.all.told.machine_ns, 20 * H_NS, "ten hours from begin to end are no machine's");
    is_i64(against.all.told.n_timeless, 1, "the run without is counted");
    is_i64(against.all.told.timed_uj.best, timed_uj, "its energy goes with no hours");
    is_i64(against.all.told.energy_uj.best, 2 * timed_uj, "and is told");
    jb_against_release(&against);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void test_empty(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_against against;

    make(ledger, NULL, &against);
    ok(against.n_rows == 0 && against.all.told.n_runs == 0, "an empty book has no rows");
    jb_against_release(&against);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_run open;

    add_measured(ledger, ids[0], "asphalt", "node-a", 0, 10, 100);
    add_measured(ledger, ids[1], "asphalt", "node-a", 5, 10, 200);
    add_measured(ledger, ids[2], "", "node-a", 8, 5, 7);
    add_measured(ledger, ids[3], "gone", "node-b", 8, 5, 7);
    book_begin(ledger);
    book_must(jb_ledger_void(ledger, ids[3], "a test", &err), &err, "void");
    book_run(&open, ids[4], 0);
    book_must(jb_ledger_open_run(ledger, &open, &err), &err, "open");
    book_commit(ledger);
    const struct jb_reconstructed told = add_told(ledger, "a", "asphalt", 0, 10, 2);
    (void)add_told(ledger, "b", "asphalt", 0, 20, 1);
    (void)add_told(ledger, "c", "nlp", 719, 4, 3);
    struct jb_rebuilt *const untimed = rebuilt_new();
    untimed->has_no_times = true;
    (void)rebuilt_enter(ledger, "d", untimed);
    free(untimed);
    ok(rebuilt_is_balanced(ledger), "the book balances");
    test_rows(ledger);
    test_time_alone(ledger);
    test_nothing_told();
    test_sources(ledger);
    test_reconciled(ledger, told.run_id);
    test_empty();
    test_timeless();
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
