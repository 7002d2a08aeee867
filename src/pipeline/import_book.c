/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of other people's books into the reconstructed layer: one paper each, in one transaction. A place that nobody knows
 * and work that cannot be estimated are told, and stop nothing; what is wrong with the file stops all. R-BOOKS-05.
 */
#include "pipeline/import_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"
#include "estimate/estimate.h"

struct entering {
    const struct jb_import_book_order *order;
    struct jb_reconstruct *reconstruct;
    struct jb_import_book_result result;
    struct jb_import_told left; /* what only the estimate could tell */
    struct jb_estimate *estimate;
    struct jb_rebuilt *rebuilt; /* a copy that may be changed */
};

static void entering_free(struct entering *e)
{
    jb_reconstruct_free(e->reconstruct);
    free(e->estimate);
    free(e->rebuilt);
    free(e);
}
JB_AUTO_POINTER(struct entering, entering_free)

/* Another tool's word for a place is not refused with its file: the run then has none, and says so. */
static void check_place(const struct jb_import_asked *asked, struct jb_rebuilt *rebuilt)
{
    struct jb_run *const run = &rebuilt->run;
    struct jb_grid_intensity grid;

    if (run->place[0] == '\0' || (asked->facts && asked->facts->place[0] != '\0'))
        return;
    if (jb_catalogue_find_grid(run->place, 0, NULL, &grid, NULL) == JB_OK) {
        (void)snprintf(run->place, sizeof run->place, "%s", grid.zone);
        return;
    }
    if (rebuilt->n_notes < JB_REBUILT_NOTES_MAX)
        (void)snprintf(rebuilt->notes[rebuilt->n_notes++], JB_NOTE,
                       "its place, '%.60s', is none that the tables know: --place states it",
                       run->place);
    run->place[0] = '\0';
}

/* A paper without a run must not come into the book: what cannot be worked out is found before, and worked out once. */
static jb_rc is_computable(struct entering *e, struct jb_rebuilt *rebuilt, int64_t line, bool *ret,
                           struct jb_error *err)
{
    struct jb_error why = {.code = JB_OK};
    jb_rc rc;

    *ret = true;
    if (!rebuilt->has_work || rebuilt->n_lines > 0)
        return JB_OK;
    rc = jb_estimate_make(&rebuilt->work, e->estimate, &why);
    /* A name that the tables do not know is the site's own: the other jobs of its log are none the worse. */
    *ret = rc == JB_OK && e->estimate->is_computable;
    if (rc < 0 && rc != JB_E_INPUT && rc != JB_E_NOT_FOUND)
        return jb_fail(err, rc, why.hint, "%s", why.message);
    rebuilt->estimate = e->estimate;
    if (!*ret)
        jb_import_leave(&e->left, rc < 0 ? why.message : e->estimate->why_not, line);
    return JB_OK;
}

static void count(struct jb_import_book_result *result, const struct jb_reconstructed *entered)
{
    struct jb_figure *const sum = &result->energy_uj;
    const struct jb_figure *const energy = &entered->energy_uj;

    result->n_new += entered->state == JB_PAPER_NEW;
    result->n_same += entered->state == JB_PAPER_SAME;
    result->n_superseded += entered->state == JB_PAPER_SUPERSEDES;
    result->n_look_measured += entered->same_as[0] != '\0';
    if (!energy->is_known)
        return;
    sum->is_known = true;
    sum->low = jb_add_sat_i64(sum->low, energy->low);
    sum->best = jb_add_sat_i64(sum->best, energy->best);
    sum->high = jb_add_sat_i64(sum->high, energy->high);
    /* The end of the scale is no sum. */
    result->is_vast = result->is_vast || sum->high == INT64_MAX;
    sum->is_known = !result->is_vast;
}

static jb_rc at_line(const struct entering *e, jb_rc rc, int64_t line, const struct jb_error *why,
                     struct jb_error *err)
{
    return jb_fail(err, rc, why->hint[0] != '\0' ? why->hint : NULL, "'%.120s' line %lld: %s",
                   e->order->path, (long long)line, why->message);
}

static jb_rc enter(void *arg, const struct jb_rebuilt *rebuilt, int64_t line, struct jb_error *err)
{
    struct entering *const e = arg;
    struct jb_reconstructed entered = {.state = JB_PAPER_NEW};
    struct jb_error why = {.code = JB_OK};
    enum jb_paper_state state;
    struct jb_hash digest;
    bool is_possible = true;
    jb_rc rc;

    *e->rebuilt = *rebuilt;
    check_place(e->order->asked, e->rebuilt);
    rc = is_computable(e, e->rebuilt, line, &is_possible, &why);
    if (rc == JB_OK && !is_possible)
        return JB_OK;
    if (rc == JB_OK)
        rc = jb_rebuilt_digest(e->rebuilt, &digest, &why);
    if (rc == JB_OK)
        rc = jb_reconstruct_paper(e->reconstruct, e->rebuilt->source, e->rebuilt->key, &digest,
                                  &state, &why);
    if (rc == JB_OK)
        rc = jb_reconstruct_enter(e->reconstruct, e->rebuilt, &entered, &why);
    if (rc == JB_OK && entered.is_told_twice)
        rc =
            jb_fail(&why, JB_E_INPUT,
                    "leave one of the two out, or export what tells them apart (sacct: Start, End)",
                    "run '%.80s' was told before in this file, and differently", e->rebuilt->key);
    if (rc < 0)
        return at_line(e, rc, line, &why, err);
    count(&e->result, &entered);
    return e->order->fn ? e->order->fn(e->order->arg, e->rebuilt, &entered, err) : JB_OK;
}

static jb_rc enter_all(struct jb_ledger *ledger, struct entering *e, struct jb_error *err)
{
    const struct jb_import_book_order *const order = e->order;
    jb_rc rc =
        jb_reconstruct_new(ledger, order->clock, order->path, order->command, &e->reconstruct, err);

    if (rc == JB_OK)
        rc = order->book->read(order->path, order->asked, order->progress, enter, e,
                               &e->result.told, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < e->left.n_left; i++) {
        const struct jb_import_left *const left = &e->left.left[i];
        for (int64_t n = 0; n < left->n; n++)
            jb_import_leave(&e->result.told, left->reason, left->first_line);
        e->result.told.n_runs -= left->n;
    }
    return JB_OK;
}

jb_rc jb_import_book_enter(struct jb_ledger *ledger, const struct jb_import_book_order *order,
                           struct jb_import_book_result *ret, struct jb_error *err)
{
    JB_AUTO(entering_free_auto) struct entering *e = calloc(1, sizeof *e);
    jb_rc rc;

    if (e) {
        e->order = order;
        e->estimate = calloc(1, sizeof *e->estimate);
        e->rebuilt = calloc(1, sizeof *e->rebuilt);
    }
    if (!e || !e->estimate || !e->rebuilt)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to import '%s'", order->path);
    rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = enter_all(ledger, e, err);
    if (rc == JB_OK && !order->is_dry_run)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0 || order->is_dry_run)
        jb_ledger_rollback(ledger);
    if (rc == JB_OK)
        *ret = e->result;
    return rc;
}
