/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A documented case as a paper of one run: the work as one reading has it, with the doubts as notes. Must never enter a
 * case twice: the same again changes nothing, another reading or a corrected file takes its place (R-CASE-08).
 */
#include "cli/case_enter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"

/* All repeats one after another. */
static int64_t lasted_us(const struct jb_work *work)
{
    int64_t us = work->duration_ns.best / JB_NS_PER_US;

    for (size_t i = 0; i < work->n_repeats; i++)
        us = jb_muldiv_sat_i64(us, work->repeats[i].n_milli.best, 1000, JB_ROUND_NEAREST);
    return us;
}

static void note(struct jb_rebuilt *rebuilt, const char *text)
{
    if (rebuilt->n_notes < JB_REBUILT_NOTES_MAX)
        jb_clean_copy(text, rebuilt->notes[rebuilt->n_notes++], sizeof rebuilt->notes[0]);
}

static void take_answer(const struct jb_case *one, enum jb_case_question_id id, char *buf,
                        size_t size)
{
    if (one->answers[id].is_told && one->answers[id].known == JB_KNOWN_VALUE)
        jb_clean_copy(one->answers[id].text, buf, size);
}

static void rebuild(const struct jb_case *one, const struct jb_case_told *told,
                    struct jb_rebuilt *rebuilt)
{
    struct jb_run *const run = &rebuilt->run;
    char text[JB_CASE_TEXT + 128];

    (void)snprintf(rebuilt->source, sizeof rebuilt->source, "case");
    (void)snprintf(rebuilt->key, sizeof rebuilt->key, "%s", one->id);
    run->pue_milli = run->tariff_micro_per_kwh = run->market_mgco2e_per_kwh = -1;
    run->exit_code = -1;
    (void)snprintf(run->project, sizeof run->project, "%s", one->id);
    (void)snprintf(run->model, sizeof run->model, "%s", one->title);
    (void)snprintf(run->stage, sizeof run->stage, "train");
    take_answer(one, JB_CASE_ARCHITECTURE, run->architecture, sizeof run->architecture);
    take_answer(one, JB_CASE_APPLICATIONS, run->application, sizeof run->application);
    rebuilt->method = told->estimate.method;
    rebuilt->has_work = true;
    rebuilt->work = *told->work;
    rebuilt->has_no_times = true;
    run->end_utc_us = lasted_us(told->work);
    if (told->name[0]) {
        (void)snprintf(text, sizeof text, "read as '%s': %s", told->name, told->why);
        note(rebuilt, text);
    }
    for (size_t i = 0; i < one->n_doubts; i++)
        note(rebuilt, one->doubts[i]);
}

/* The digest is that of what was told; a run of no told moment ends when it is entered. */
static jb_rc post(struct jb_ledger *ledger, const struct jb_cli *cli, const char *file,
                  struct jb_rebuilt *rebuilt, struct jb_reconstructed *ret, struct jb_error *err)
{
    JB_AUTO(jb_reconstruct_free_auto) struct jb_reconstruct *reconstruct = NULL;
    const int64_t now_us = jb_utc_us(cli->clock);
    struct jb_run *const run = &rebuilt->run;
    enum jb_paper_state state;
    struct jb_hash digest;
    jb_rc rc = jb_reconstruct_new(ledger, cli->clock, file, "joulebook case", &reconstruct, err);

    if (rc == JB_OK)
        rc = jb_rebuilt_digest(rebuilt, &digest, err);
    if (rc == JB_OK)
        rc = jb_reconstruct_paper(reconstruct, rebuilt->source, rebuilt->key, &digest, &state, err);
    if (rc < 0)
        return rc;
    run->start_utc_us = run->end_utc_us < now_us ? now_us - run->end_utc_us : 1;
    run->end_utc_us = now_us;
    return jb_reconstruct_enter(reconstruct, rebuilt, ret, err);
}

jb_rc jb_case_enter(struct jb_cli *cli, const struct jb_case *one, const struct jb_case_told *told,
                    const char *file, struct jb_reconstructed *ret, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_rebuilt *rebuilt = calloc(1, sizeof *rebuilt);
    jb_rc rc;

    if (!rebuilt)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the run");
    if (!told->estimate.is_computable)
        return jb_fail(err, JB_E_NOT_FOUND, "`joulebook case restrictions` says what is missing",
                       "'%s' is not entered: not computable: %s", one->id, told->estimate.why_not);
    rebuild(one, told, rebuilt);
    rebuilt->run.exit_code = -1;
    rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = post(ledger, cli, file, rebuilt, ret, err);
    if (rc == JB_OK)
        return jb_ledger_commit(ledger, err);
    jb_ledger_rollback(ledger);
    return rc;
}
