/* SPDX-License-Identifier: Apache-2.0 */
/* A statement into the reconstructed layer: once, as runs or as a bound, a newer one in its place. R-STATEMENT-11, -12. */
#include "rebuilt.h"
#include "statements.h"

#include "pipeline/statement.h"

static struct jb_statement_imported enter(struct jb_ledger *ledger,
                                          const struct jb_statement *statement, const char *project,
                                          bool is_bound)
{
    const struct jb_statement_import order = {
        .file = "acme.json",
        .project = project,
        .is_bound = is_bound,
        .clock = &jb_clock_system,
        .command = "joulebook statement import",
    };
    struct jb_statement_imported imported = {.n_runs = 0};
    struct jb_error err = {0};

    book_must(jb_statement_enter(ledger, statement, &order, &imported, &err), &err, "enter");
    return imported;
}

struct seen {
    int64_t n_done, n_void;
    struct jb_run first;
};

static jb_rc on_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    struct seen *const seen = arg;

    (void)err;
    seen->n_done += run->status == JB_RUN_DONE;
    seen->n_void += run->status == JB_RUN_VOID;
    if (run->status == JB_RUN_DONE && strcmp(run->configuration, "41") == 0)
        seen->first = *run;
    return JB_OK;
}

static struct seen look(struct jb_ledger *ledger)
{
    const struct jb_run_filter filter = {.status = -1, .with_void = true, .layer = "reconstructed"};
    struct seen seen = {.n_done = 0};
    struct jb_error err = {0};

    book_must(jb_ledger_each_run(ledger, &filter, on_run, &seen, &err), &err, "runs");
    return seen;
}

static void test_runs(struct jb_ledger *ledger, struct jb_statement *statement)
{
    struct jb_statement_imported told = enter(ledger, statement, "asphalt", false);
    struct seen seen;

    is_i64(told.state, JB_PAPER_NEW, "a statement is entered");
    is_i64(told.n_runs, 2, "a run for each item");
    ok(told.energy_uj.low == 901 && told.energy_uj.best == 1001 && told.energy_uj.high == 1201,
       "with the work and its band, and nothing beside it");
    seen = look(ledger);
    is_i64(seen.first.start_utc_us, STS_SINCE, "at its time");
    is_i64(seen.first.machine_ns, INT64_C(7200000000000), "with its hours");
    is_str(seen.first.project, "asphalt", "in the project");
    is_str(seen.first.method, "C-2", "by the provider's method");
    is_i64(seen.first.pue_milli, 1200, "and PUE");
    is_str(seen.first.environment, "{\"SLURM_JOB_ID\":\"41\"}", "its job can be matched");
    statement->issued_utc_us += 1000000;
    told = enter(ledger, statement, "asphalt", false);
    is_i64(told.state, JB_PAPER_SAME, "issued again it changes nothing");
    is_i64(look(ledger).n_done, 2, "two runs stay");
}

static void test_newer(struct jb_ledger *ledger, struct jb_statement *statement)
{
    struct jb_statement_imported told;
    struct seen seen;

    statement->items[0].energy.work_uj = sts_figure(500, 650, 900);
    statement->items[0].device_uj[JB_DEVICE_CPU] = 450;
    statement->items[0].origin_uj[JB_ORIGIN_COUNTER] = 600;
    told = enter(ledger, statement, "asphalt", false);
    is_i64(told.state, JB_PAPER_SUPERSEDES, "another content takes its place");
    is_i64(told.n_voided, 2, "by reversal");
    seen = look(ledger);
    ok(seen.n_done == 2 && seen.n_void == 2, "the older runs are void");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 951, "650 and 301 are in the sum");
    (void)snprintf(statement->id, sizeof statement->id, "acme other");
    told = enter(ledger, statement, "asphalt", false);
    is_i64(told.state, JB_PAPER_NEW, "another id is another statement");
    (void)snprintf(statement->id, sizeof statement->id, "acme");
}

static void test_bound(struct jb_ledger *ledger, struct jb_statement *statement)
{
    struct jb_statement_imported told;

    (void)snprintf(statement->provider, sizeof statement->provider, "dc2");
    told = enter(ledger, statement, NULL, true);
    /* 900 + 60 + 10 and 301 */
    ok(told.energy_uj.best == 951 && told.energy_uj.high == 1271 && told.energy_uj.low == 801,
       "a bound has work, idle and platform in its high end (R-STATEMENT-12)");
    statement->pue_milli = -1;
    told = enter(ledger, statement, NULL, true);
    is_i64(told.energy_uj.high, 1271 + 194 + 61, "and the facility where no PUE tells it");
    ok(rebuilt_is_balanced(ledger), "the book balances");
}

/* Names that do not fit a key are told apart all the same. */
static void test_long_names(struct jb_ledger *ledger, struct jb_statement *statement)
{
    struct jb_statement_imported told;

    memset(statement->provider, 'p', 200);
    memset(statement->id, 'i', 200);
    told = enter(ledger, statement, NULL, false);
    is_i64(told.state, JB_PAPER_NEW, "a long name");
    statement->id[199] = 'j';
    told = enter(ledger, statement, NULL, false);
    is_i64(told.state, JB_PAPER_NEW, "and one that differs at its end are two");
    statement->id[199] = 'i';
    told = enter(ledger, statement, NULL, false);
    is_i64(told.state, JB_PAPER_SAME, "each the same again");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_statement *const statement = sts_new();

    test_runs(ledger, statement);
    test_newer(ledger, statement);
    test_bound(ledger, statement);
    test_long_names(ledger, statement);
    sts_free(statement);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
