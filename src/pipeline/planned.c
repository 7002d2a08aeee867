/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan to a run of the predicted layer with its figures beside it, and back to whoever carries it out. Must never let a plan
 * that does not count any longer stand beside a run as if it did. R-PLAN-30 to -33.
 */
#include "pipeline/planned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "base/num.h"

#define PLAN_FIELD "plan"

/* --- entering ------------------------------------------------------------------------------------------------------- */

/* Of all that was planned, but not of the edition of the catalogue: the same figures are the same plan. */
static jb_rc digest_of(const struct jb_rebuilt *rebuilt, const struct jb_planned *planned,
                       struct jb_hash *ret_digest, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    struct jb_planned figures = *planned;
    struct jb_hash run;
    jb_rc rc = jb_rebuilt_digest(rebuilt, &run, err);

    figures.catalogue[0] = '\0';
    if (rc == JB_OK)
        rc = jb_planned_to_json(&figures, &json, err);
    if (rc < 0)
        return rc;
    const struct jb_hash_part parts[] = {{run.bytes, sizeof run.bytes}, {json, strlen(json)}};
    *ret_digest = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    return JB_OK;
}

static jb_rc enter_record(struct jb_ledger *ledger, const char *run_id,
                          const struct jb_planned *planned, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    struct jb_entry entry = {.kind = JB_PLAN_KIND, .layer = JB_LAYER_PREDICTED, .n_fields = 1};
    const jb_rc rc = jb_planned_to_json(planned, &json, err);

    if (rc < 0)
        return rc;
    const struct jb_field field = {PLAN_FIELD, json};
    entry.fields = &field;
    memcpy(entry.run_id, run_id, strnlen(run_id, sizeof entry.run_id - 1));
    return jb_ledger_append(ledger, &entry, NULL, err);
}

jb_rc jb_planned_enter(struct jb_ledger *ledger, const struct jb_clock *clock, const char *file,
                       const struct jb_planned *planned, struct jb_rebuilt *rebuilt,
                       struct jb_reconstructed *ret, struct jb_error *err)
{
    JB_AUTO(jb_reconstruct_free_auto) struct jb_reconstruct *reconstruct = NULL;
    struct jb_run *const run = &rebuilt->run;
    enum jb_paper_state state;
    struct jb_hash digest;
    jb_rc rc = jb_reconstruct_new(ledger, clock, file, "joulebook plan", &reconstruct, err);

    (void)snprintf(rebuilt->source, sizeof rebuilt->source, "plan");
    rebuilt->has_no_times = true;
    if (rc == JB_OK)
        rc = digest_of(rebuilt, planned, &digest, err);
    if (rc < 0)
        return rc;
    jb_reconstruct_set_layer(reconstruct, JB_LAYER_PREDICTED);
    rc = jb_reconstruct_paper(reconstruct, rebuilt->source, rebuilt->key, &digest, &state, err);
    if (rc < 0)
        return rc;
    run->start_utc_us = jb_utc_us(clock);
    run->end_utc_us = jb_add_sat_i64(run->start_utc_us, planned->wall_us.best);
    rc = jb_reconstruct_enter(reconstruct, rebuilt, ret, err);
    return rc == JB_OK && state != JB_PAPER_SAME ? enter_record(ledger, ret->run_id, planned, err)
                                                 : rc;
}

/* --- beside the run --------------------------------------------------------------------------------------------------- */

struct found {
    bool is_there;
    struct jb_planned plan;
};

static jb_rc on_plan(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct found *const found = arg;
    jb_rc rc = JB_OK;

    (void)seq;
    for (size_t i = 0; i < entry->n_fields && rc == JB_OK; i++)
        if (strcmp(entry->fields[i].name, PLAN_FIELD) == 0 && entry->fields[i].value) {
            rc = jb_planned_from_json(entry->fields[i].value, &found->plan, err);
            found->is_there = rc == JB_OK;
        }
    return rc;
}

/* Why the plan of a run is not compared; NULL: it is. */
static const char *why_not(const struct jb_run *run, const struct jb_run *plan)
{
    if (plan->layer != JB_LAYER_PREDICTED)
        return "that is no plan";
    if (plan->status == JB_RUN_VOID)
        return "the plan is void: it was taken back, or another took its place";
    /* Runs of a group do the work together. */
    if (run->group[0] && strncmp(run->id, "group:", 6) != 0)
        return "the plan is of all runs of the group: `joulebook show group:NAME` has them beside "
               "it";
    return NULL;
}

static jb_rc look_up(struct jb_ledger *ledger, struct jb_account *account, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *plan = malloc(sizeof *plan);
    JB_AUTO(jb_free_auto) struct found *found = calloc(1, sizeof *found);
    struct jb_account_planned *const planned = &account->planned;
    const char *why = NULL;
    jb_rc rc;

    if (!plan || !found)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a plan");
    rc = jb_ledger_find_run(ledger, planned->plan_id, plan, err);
    if (rc == JB_E_NOT_FOUND || rc == JB_E_CONFLICT) /* or the beginning of several */
        why = "no such plan is in this book: `joulebook merge` brings in the book that has it";
    else if (rc < 0)
        return rc;
    else if (!planned->is_itself)
        why = why_not(&account->run, plan);
    if (rc == JB_OK)
        memcpy(planned->plan_id, plan->id, sizeof planned->plan_id);
    if (!why) {
        rc = jb_ledger_each_entry(ledger, JB_PLAN_KIND, planned->plan_id, on_plan, found, err);
        if (rc < 0)
            return rc;
        why = found->is_there ? NULL : "what it said is not in the book";
    }
    (void)snprintf(planned->why_not, sizeof planned->why_not, "%s", why ? why : "");
    planned->plan = found->plan;
    return JB_OK;
}

jb_rc jb_planned_beside(struct jb_ledger *ledger, struct jb_account *account, struct jb_error *err)
{
    struct jb_account_planned *const planned = &account->planned;
    const struct jb_run *const run = &account->run;
    const bool is_itself = run->layer == JB_LAYER_PREDICTED;

    memset(planned, 0, sizeof *planned);
    if (!is_itself && !run->plan[0])
        return JB_OK;
    planned->is_told = true;
    planned->is_itself = is_itself;
    (void)snprintf(planned->plan_id, sizeof planned->plan_id, "%s",
                   is_itself ? run->id : run->plan);
    const jb_rc rc = look_up(ledger, account, err);
    if (rc < 0) {
        memset(planned, 0, sizeof *planned);
        return rc;
    }
    if (!planned->why_not[0])
        jb_account_beside_plan(account);
    return JB_OK;
}
