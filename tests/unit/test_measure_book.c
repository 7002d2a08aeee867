/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clerk: a full hour passes while a run goes on, and what was measured before it is in the book before the run ends.
 * On the system's clock but for UTC, which is told to be a second before an hour. R-SETTLE-06, R-READER-06.
 */
#include "pipeline/measure.h"

#include <unistd.h>

#include "base/clock.h"
#include "book.h"
#include "ledger/ledger.h"
#include "remove_tree.h"
#include "subject/supervise.h"
#include "tap.h"

#define UTC_HOUR_US (500000 * JB_US_PER_HOUR)

static char book_path[96];

struct watch {
    const struct jb_run *run;
    int64_t n_posted; /* while the run went on */
};

static int64_t mono(void *context)
{
    (void)context;
    return jb_mono_ns(&jb_clock_system);
}

static int64_t boot(void *context)
{
    (void)context;
    return jb_boot_ns(&jb_clock_system);
}

static int64_t utc(void *context)
{
    const int64_t begin_ns = *(const int64_t *)context;
    return UTC_HOUR_US - JB_US_PER_S + (jb_mono_ns(&jb_clock_system) - begin_ns) / JB_NS_PER_US;
}

static jb_rc count(void *arg, int64_t seq, const struct jb_interval *interval,
                   const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    (void)seq;
    (void)interval;
    (void)lines;
    (void)n_lines;
    (void)err;
    ++*(int64_t *)arg;
    return JB_OK;
}

static int64_t n_posted(const char *run_id)
{
    struct jb_ledger *ledger = NULL;
    int64_t n = 0;

    if (jb_ledger_open(book_path, JB_LEDGER_READ, &jb_clock_system, &ledger, NULL) == JB_OK &&
        jb_ledger_each_interval(ledger, run_id, count, &n, NULL) < 0)
        n = 0;
    jb_ledger_close(ledger);
    return n;
}

static void look(void *arg, const struct jb_measure_status *status,
                 struct jb_measure_order *ret_order)
{
    struct watch *const watch = arg;

    (void)status;
    (void)ret_order;
    watch->n_posted = n_posted(watch->run->id);
}

int main(void)
{
    char folder[] = "/tmp/jb-test-measure-XXXXXX";
    char program[] = "sleep", seconds[] = "4";
    char *argv[] = {program, seconds, NULL};
    int64_t begin_ns = jb_mono_ns(&jb_clock_system);
    const struct jb_clock clock = {
        .mono_ns = mono, .boot_ns = boot, .utc_us = utc, .context = &begin_ns};
    struct jb_run *const run = calloc(1, sizeof *run);
    struct jb_supervise *supervise = NULL;
    struct jb_measure_result result;
    struct jb_error err = {0};

    if (!run || !mkdtemp(folder))
        bail_out("no temporary folder");
    (void)snprintf(book_path, sizeof book_path, "%s/book.db", folder);
    run->pue_milli = run->tariff_micro_per_kwh = run->market_mgco2e_per_kwh = -1;
    struct watch watch = {.run = run};
    const struct jb_measure_options options = {.book_path = book_path,
                                               .argv = argv,
                                               .run = run,
                                               .sensors_root = "",
                                               .clock = &clock,
                                               .on_status = look,
                                               .arg = &watch};
    if (jb_supervise_prepare(&supervise, &err) < 0)
        bail_out("%s", err.message);
    is_i64(jb_measure(supervise, &options, &result), JB_OK, "a run over a full hour");
    ok(result.has_account, "it has an account (%s)", result.error.message);
    ok(watch.n_posted > 0, "R-SETTLE-06: the hour was in the book while the run went on");
    ok(n_posted(run->id) > watch.n_posted, "and the rest of it is when it has ended");
    jb_measure_result_release(&result);
    jb_supervise_free(supervise);
    free(run);
    remove_tree(folder);
    return done_testing();
}
