/* SPDX-License-Identifier: Apache-2.0 */
/* R-REBUILT-07: which measured run looks like the work of a paper. */
#include "rebuilt.h"

#define START_S INT64_C(1000000)

/* A measured run of an hour from `start_s`. */
static void add_measured(struct jb_ledger *ledger, const char *id, int64_t start_s,
                         const char *project, const char *model, const char *job)
{
    struct jb_error err = {0};
    struct jb_run run;

    book_run(&run, id, start_s);
    book_text(run.project, sizeof run.project, project);
    book_text(run.model, sizeof run.model, model);
    if (job)
        (void)snprintf(run.environment, sizeof run.environment, "{\"SLURM_JOB_ID\":\"%s\"}", job);
    book_begin(ledger);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
    run.status = JB_RUN_DONE;
    run.end_mono_ns = run.start_mono_ns + JB_NS_PER_HOUR;
    run.end_utc_us = run.start_utc_us + REBUILT_H_US;
    book_must(jb_ledger_close_run(ledger, &run, NULL, NULL, 0, &err), &err, "close");
    book_commit(ledger);
}

static const char *match(struct jb_ledger *ledger, const char *key, int64_t start_s, int64_t hours,
                         const char *project, const char *model, const char *job)
{
    static struct jb_reconstructed told;
    struct jb_rebuilt *const rebuilt = rebuilt_new();

    rebuilt->run.start_utc_us = INT64_C(1764000000000000) + start_s * JB_US_PER_S;
    rebuilt->run.end_utc_us = rebuilt->run.start_utc_us + hours * REBUILT_H_US;
    book_text(rebuilt->run.project, sizeof rebuilt->run.project, project);
    book_text(rebuilt->run.model, sizeof rebuilt->run.model, model);
    if (job)
        (void)snprintf(rebuilt->run.environment, sizeof rebuilt->run.environment,
                       "{\"SLURM_JOB_ID\":\"%s\"}", job);
    told = rebuilt_enter(ledger, key, rebuilt);
    free(rebuilt);
    return told.same_as;
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    add_measured(ledger, RUN_A, START_S, "asphalt", "bert", "4711");
    add_measured(ledger, RUN_B, START_S, "asphalt", "bert", NULL);
    is_str(match(ledger, "job", START_S - 600, 3, "", "", "4711"), RUN_A,
           "the same job within the time of the paper");
    is_str(match(ledger, "job later", START_S + 1700, 3, "", "", "4711"), RUN_A,
           "and with more than half of it");
    is_str(match(ledger, "job half", START_S + 1900, 3, "", "", "4711"), "",
           "with less it is another one of that number");
    is_str(match(ledger, "other job", START_S, 1, "asphalt", "bert", "4712"), RUN_B,
           "two jobs of different numbers are two jobs");
    is_str(match(ledger, "facts", START_S + 600, 1, "asphalt", "bert", NULL)[0] ? "one" : "none",
           "one", "project, model and time are alike");
    is_str(match(ledger, "model", START_S, 1, "asphalt", "gpt", NULL), "",
           "a project alone is not enough");
    is_str(match(ledger, "month", START_S - 86400, 720, "asphalt", "bert", NULL), "",
           "a month's bill is not the hour that was measured of it");
    is_str(match(ledger, "before", START_S - 7200, 1, "asphalt", "bert", "4711"), "",
           "nor what came before");
    is_str(match(ledger, "bad json", START_S, 1, "", "", "\"}"), "",
           "an environment that cannot be read names no job");
    ok(rebuilt_is_balanced(ledger), "the book balances");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
