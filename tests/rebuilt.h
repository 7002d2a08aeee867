/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of what papers tell: runs that are right unless a test breaks them, and entering them in a book. */
#ifndef JB_TESTS_REBUILT_H
#define JB_TESTS_REBUILT_H

#include "book.h"

#include "account/account.h"
#include "base/num.h"
#include "estimate/estimate.h"
#include "pipeline/account_of_run.h"
#include "pipeline/reconstruct.h"

/* In the engine's place, so that what is entered can be told by hand: gives what a test puts here. */
static struct jb_estimate rebuilt_estimate;

jb_rc jb_estimate_make(const struct jb_work *work, struct jb_estimate *ret_estimate,
                       struct jb_error *err)
{
    if (work->accelerator.known == JB_KNOWN_VALUE && strcmp(work->accelerator.text, "V10") == 0)
        return jb_fail(err, JB_E_INPUT, "V100 or A10", "there is no 'V10' in the catalogue");
    *ret_estimate = rebuilt_estimate;
    return JB_OK;
}

#define REBUILT_UTC_US INT64_C(1725148800000000) /* 2024-09-01 */
#define REBUILT_H_US   INT64_C(3600000000)
#define REBUILT_KWH    INT64_C(3600000000000) /* uJ */

TAP__UNUSED static struct jb_figure rebuilt_figure(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_figure){.is_known = true, .low = low, .best = best, .high = high};
}

TAP__UNUSED static void rebuilt_line(struct jb_rebuilt *rebuilt, const char *channel,
                                     enum jb_origin origin, struct jb_figure energy_uj)
{
    struct jb_rebuilt_line *const line = &rebuilt->lines[rebuilt->n_lines++];

    *line = (struct jb_rebuilt_line){
        .scope = JB_SCOPE_NODE,
        .device = JB_DEVICE_NODE,
        .origin = origin,
        .energy_uj = energy_uj,
        .device_ns = 7 * JB_NS_PER_HOUR,
    };
    book_text(line->channel, sizeof line->channel, channel);
    book_text(line->correlation, sizeof line->correlation, "tests");
}

/* Two hours of 2024-09-01 with one line of 1 to 4 kWh, 2 at best. The caller frees it. */
TAP__UNUSED static struct jb_rebuilt *rebuilt_new(void)
{
    struct jb_rebuilt *const rebuilt = calloc(1, sizeof *rebuilt);

    if (!rebuilt)
        bail_out("no memory");
    book_text(rebuilt->run.host, sizeof rebuilt->run.host, "aws");
    book_text(rebuilt->run.project, sizeof rebuilt->run.project, "asphalt");
    book_text(rebuilt->run.place, sizeof rebuilt->run.place, "NL");
    rebuilt->run.market_mgco2e_per_kwh = -1;
    rebuilt->run.pue_milli = -1;
    rebuilt->run.tariff_micro_per_kwh = -1;
    rebuilt->run.exit_code = -1;
    rebuilt->run.start_utc_us = REBUILT_UTC_US;
    rebuilt->run.end_utc_us = REBUILT_UTC_US + 2 * REBUILT_H_US;
    rebuilt->method = JB_METHOD_B;
    rebuilt_line(rebuilt, "focus/aws p3.2xlarge", JB_ORIGIN_BILLED,
                 rebuilt_figure(REBUILT_KWH, 2 * REBUILT_KWH, 4 * REBUILT_KWH));
    return rebuilt;
}

TAP__UNUSED static struct jb_reconstruct *rebuilt_order(struct jb_ledger *ledger)
{
    struct jb_reconstruct *reconstruct = NULL;
    struct jb_error err = {0};

    book_must(jb_reconstruct_new(ledger, &jb_clock_system, "bill.csv",
                                 "joulebook import focus bill.csv", &reconstruct, &err),
              &err, "order");
    return reconstruct;
}

TAP__UNUSED static enum jb_paper_state rebuilt_paper(struct jb_reconstruct *reconstruct,
                                                     const char *key, const struct jb_hash *digest)
{
    enum jb_paper_state state = JB_PAPER_NEW;
    struct jb_error err = {0};

    book_must(jb_reconstruct_paper(reconstruct, "focus", key, digest, &state, &err), &err, "paper");
    return state;
}

/* A paper of one run, in an order and a transaction of its own. */
TAP__UNUSED static struct jb_reconstructed rebuilt_enter(struct jb_ledger *ledger, const char *key,
                                                         const struct jb_rebuilt *rebuilt)
{
    struct jb_reconstruct *reconstruct;
    struct jb_reconstructed told = {0};
    struct jb_hash digest;
    struct jb_error err = {0};

    book_begin(ledger);
    reconstruct = rebuilt_order(ledger);
    book_must(jb_rebuilt_digest(rebuilt, &digest, &err), &err, "digest");
    (void)rebuilt_paper(reconstruct, key, &digest);
    book_must(jb_reconstruct_enter(reconstruct, rebuilt, &told, &err), &err, "enter");
    jb_reconstruct_free(reconstruct);
    book_commit(ledger);
    return told;
}

TAP__UNUSED static bool rebuilt_is_balanced(struct jb_ledger *ledger)
{
    struct jb_error err = {0};
    struct jb_balance balance;

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_checks; i++)
        if (balance.checks[i].n_failed > 0)
            diag("%s: %s", balance.checks[i].rule, balance.checks[i].first_failure);
    return balance.is_balanced;
}

/* Of the trial balance. */
TAP__UNUSED static int64_t rebuilt_sum(struct jb_ledger *ledger, enum jb_layer layer,
                                       const char *kind)
{
    struct jb_error err = {0};
    struct jb_balance balance;

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_sums; i++)
        if (balance.sums[i].layer == layer && strcmp(balance.sums[i].kind, kind) == 0)
            return balance.sums[i].total_uj;
    return 0;
}

TAP__UNUSED static struct jb_run rebuilt_find(struct jb_ledger *ledger, const char *run_id)
{
    struct jb_error err = {0};
    struct jb_run run;

    book_must(jb_ledger_find_run(ledger, run_id, &run, &err), &err, "find");
    return run;
}

TAP__UNUSED static int64_t rebuilt_n_entries(struct jb_ledger *ledger)
{
    struct jb_hash root;
    struct jb_error err = {0};
    int64_t size = 0;

    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    return size;
}

#endif
