/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A selection of runs to all that a report says of it. A course that the book has not got is left out; any other failure is one.
 */
#include "cli/report_gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/estimate_beside.h"
#include "cli/runs.h"
#include "pipeline/inventory.h"
#include "pipeline/metric_course.h"
#include "pipeline/power_course.h"

void jb_gathered_release(struct jb_gathered *gathered)
{
    jb_inventory_release(&gathered->inventory);
    jb_account_release(&gathered->account);
    jb_power_course_release(&gathered->power);
    jb_metric_course_release(&gathered->metrics);
    free(gathered->account_json);
    gathered->account_json = NULL;
    gathered->input = (struct jb_report_input){.inventory = NULL};
}

/* R-REPORT-04: an equivalent is of IT energy, and of location-based carbon. */
static void add_equivalents(struct jb_gathered *gathered, enum jb_layer layer)
{
    const struct jb_inventory_sum *const sum = &gathered->inventory.sums[layer];
    struct jb_equivalent usual[JB_BESIDE_USUAL];
    const size_t n = jb_beside_usual(usual);

    for (size_t i = 0; i < n && gathered->input.n_equivalents < JB_REPORT_EQUIVALENTS_MAX; i++) {
        struct jb_report_equivalent *const one =
            &gathered->equivalents[gathered->input.n_equivalents];
        *one = (struct jb_report_equivalent){.layer = layer, .is_carbon = usual[i].is_carbon};
        if (!jb_beside_count(&usual[i], one->is_carbon ? &sum->location_ugco2e : &sum->energy_uj,
                             &one->n_milli))
            continue;
        (void)snprintf(one->key, sizeof one->key, "%s", usual[i].key);
        (void)snprintf(one->name, sizeof one->name, "%s", usual[i].unit_name);
        (void)snprintf(one->source, sizeof one->source, "%s", usual[i].source);
        gathered->input.n_equivalents++;
    }
}

static jb_rc add_courses(struct jb_ledger *ledger, struct jb_gathered *gathered,
                         struct jb_error *err)
{
    jb_rc rc = jb_power_course_make(ledger, &gathered->account, &gathered->power, err);

    if (rc == JB_OK)
        gathered->input.power = &gathered->power;
    else if (rc != JB_E_NOT_FOUND)
        return rc;
    rc = jb_metric_course_make(ledger, &gathered->account.run, &gathered->metrics, err);
    if (rc == JB_OK)
        gathered->input.metrics = &gathered->metrics;
    return rc == JB_E_NOT_FOUND ? JB_OK : rc;
}

/* The account, and the run's whole id where a beginning of it was given. */
static jb_rc add_account(struct jb_ledger *ledger, const struct jb_inventory_scope *scope,
                         struct jb_gathered *gathered, struct jb_error *err)
{
    char group[JB_RUN_TEXT + 8];
    const bool is_group = scope->group && scope->group[0];

    (void)snprintf(group, sizeof group, "group:%s", is_group ? scope->group : "");
    const jb_rc rc = jb_cli_load_account(ledger, is_group ? group : scope->run_id,
                                         &gathered->account, &gathered->account_json, err);
    if (rc < 0)
        return rc;
    gathered->input.account = &gathered->account;
    gathered->input.account_json = gathered->account_json;
    return is_group ? JB_OK : add_courses(ledger, gathered, err);
}

/* A run that is in no sum: nothing is listed, and the reason is counted. */
static jb_rc empty_inventory(struct jb_ledger *ledger, const struct jb_account *account,
                             struct jb_inventory *ret, struct jb_error *err)
{
    const enum jb_run_status status = account->run.status;
    struct jb_inventory inventory = {
        .scope = {account->run.id, "", "", "", "", 0, 0},
        .n_open = status == JB_RUN_OPEN,
        .n_void = status == JB_RUN_VOID,
        .n_reconciled = status == JB_RUN_RECONCILED,
        .currency = "",
    };
    const jb_rc rc = jb_ledger_root(ledger, &inventory.book_size, &inventory.book_root, err);

    if (rc == JB_OK)
        *ret = inventory;
    return rc;
}

jb_rc jb_cli_gather(struct jb_ledger *ledger, const struct jb_inventory_scope *scope,
                    struct jb_gathered *ret, struct jb_error *err)
{
    struct jb_inventory_scope whole = *scope;
    const bool is_run = scope->run_id && scope->run_id[0];
    jb_rc rc = JB_OK;

    *ret = (struct jb_gathered){.account_json = NULL};
    ret->input = (struct jb_report_input){.inventory = &ret->inventory,
                                          .equivalents = ret->equivalents,
                                          .software = "joulebook " JB_VERSION};
    if (is_run || (scope->group && scope->group[0]))
        rc = add_account(ledger, scope, ret, err);
    if (rc == JB_OK && is_run)
        whole.run_id = ret->account.run.id;
    if (rc == JB_OK)
        rc = jb_inventory_make(ledger, &whole, &ret->inventory, err);
    if (rc == JB_E_NOT_FOUND && is_run && ret->input.account)
        rc = empty_inventory(ledger, &ret->account, &ret->inventory, err);
    for (int layer = 0; layer < JB_N_LAYERS && rc == JB_OK; layer++)
        add_equivalents(ret, (enum jb_layer)layer);
    if (rc < 0)
        jb_gathered_release(ret);
    return rc;
}
