/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider's statement to runs of the reconstructed layer: a paper of one run for each item. Must never count what stands
 * beside the work as work, nor a statement twice. R-STATEMENT-11, -12.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "pipeline/statement.h"
#include "statement/document.h"

#define SOURCE "statement"

/* Provider, period and id; what is too long for a key is known by its digest. */
static void key_of(const struct jb_statement *statement, char ret[JB_REBUILT_KEY])
{
    char since[40];
    char until[40];
    char hex[2 * JB_HASH_BYTES + 1];

    (void)jb_format_utc(statement->since_utc_us, false, since, sizeof since);
    (void)jb_format_utc(statement->until_utc_us, false, until, sizeof until);
    const int len = snprintf(ret, JB_REBUILT_KEY, "%s %s %s %s", statement->provider, since, until,
                             statement->id);
    if (len < JB_REBUILT_KEY)
        return;
    const struct jb_hash_part parts[] = {
        {statement->provider, strlen(statement->provider) + 1},
        {statement->id, strlen(statement->id)},
    };
    const struct jb_hash hash = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    (void)snprintf(ret, JB_REBUILT_KEY, "%s %s %s",
                   jb_hex(hash.bytes, sizeof hash.bytes, hex, sizeof hex), since, until);
}

JB_PRINTF(2, 3) static void note(struct jb_rebuilt *rebuilt, const char *format, ...)
{
    char text[JB_NOTE];
    va_list args;

    if (rebuilt->n_notes == JB_REBUILT_NOTES_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    jb_clean_copy(text, rebuilt->notes[rebuilt->n_notes++], JB_NOTE);
}

/* R-STATEMENT-12: the work as told; as a bound, best is the work and high all that was told of it. */
static jb_rc energy_of(const struct jb_statement *statement, const struct jb_statement_item *item,
                       bool is_bound, struct jb_figure *ret)
{
    const struct jb_statement_energy *const energy = &item->energy;
    jb_rc rc = JB_OK;

    *ret = energy->work_uj;
    if (!is_bound)
        return JB_OK;
    rc = jb_add_i64(ret->high, energy->idle_uj.high, &ret->high);
    if (rc == JB_OK)
        rc = jb_add_i64(ret->high, energy->platform_uj.high, &ret->high);
    /* With a PUE the facility is reckoned from it; without one it can only be in the bound itself. */
    if (rc == JB_OK && statement->pue_milli < 0 && energy->facility_uj.is_known)
        rc = jb_add_i64(ret->high, energy->facility_uj.high, &ret->high);
    return rc;
}

static void add_notes(const struct jb_statement *statement, const struct jb_statement_item *item,
                      const struct jb_statement_import *order, struct jb_rebuilt *rebuilt)
{
    const struct jb_statement_energy *const energy = &item->energy;
    char idle[32];
    char platform[32];
    char facility[32];

    note(rebuilt, "stated by '%.100s'%s%.100s", statement->provider, item->name[0] ? " of " : "",
         item->name);
    note(rebuilt, "the statement is %s", order->signer ? order->signer : "not signed");
    note(rebuilt, "the provider tells besides: idle %s (%s), platform %s, facility %s; %s",
         jb_format_energy(energy->idle_uj.best, idle, sizeof idle),
         jb_idle_rule_name(statement->idle_rule),
         jb_format_energy(energy->platform_uj.best, platform, sizeof platform),
         energy->facility_uj.is_known
             ? jb_format_energy(energy->facility_uj.best, facility, sizeof facility)
             : "not known",
         order->is_bound ? "the high end holds it" : "it is not in the run's energy");
    for (size_t i = 0; i < statement->n_notes; i++)
        note(rebuilt, "the provider notes: %s", statement->notes[i]);
}

static void name_run(const struct jb_statement *statement, const struct jb_statement_item *item,
                     const struct jb_statement_import *order, struct jb_run *run)
{
    const bool is_job = strcmp(statement->by, "job") == 0;
    bool is_number = item->name[0] != '\0';

    (void)snprintf(run->project, sizeof run->project, "%s", order->project ? order->project : "");
    (void)snprintf(run->configuration, sizeof run->configuration, "%s", item->name);
    for (size_t i = 0; item->name[i]; i++)
        is_number = is_number && jb_clean_is_alnum(item->name[i]);
    /* R-REBUILT-07: so that a measured run of the same job is found. */
    if (is_job && is_number && strlen(item->name) < 64)
        (void)snprintf(run->environment, sizeof run->environment, "{\"SLURM_JOB_ID\":\"%s\"}",
                       item->name);
    run->start_utc_us = item->start_utc_us != 0 ? item->start_utc_us : statement->since_utc_us;
    run->end_utc_us = item->end_utc_us != 0 ? item->end_utc_us : statement->until_utc_us;
    run->machine_ns = item->duration_ns;
    run->pue_milli = statement->pue_milli;
    run->market_mgco2e_per_kwh = run->tariff_micro_per_kwh = -1;
    run->exit_code = -1;
}

static jb_rc rebuild(const struct jb_statement *statement, const struct jb_statement_item *item,
                     const struct jb_statement_import *order, struct jb_rebuilt *ret,
                     struct jb_error *err)
{
    struct jb_rebuilt_line *const line = &ret->lines[0];

    memset(ret, 0, sizeof *ret);
    (void)snprintf(ret->source, sizeof ret->source, SOURCE);
    key_of(statement, ret->key);
    name_run(statement, item, order, &ret->run);
    ret->method = item->method;
    ret->is_machine_time_unknown = item->duration_ns == 0;
    ret->n_lines = 1;
    (void)snprintf(line->channel, sizeof line->channel, SOURCE "/work");
    (void)snprintf(line->correlation, sizeof line->correlation, SOURCE " %.30s",
                   statement->provider);
    line->scope = JB_SCOPE_NODE;
    line->device = JB_DEVICE_NODE;
    line->origin = JB_ORIGIN_STATED;
    line->device_ns = item->board_ns;
    if (energy_of(statement, item, order->is_bound, &line->energy_uj) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "an item of the statement is beyond 2.56 GWh");
    add_notes(statement, item, order, ret);
    for (size_t i = 0; i < statement->n_factors && i < JB_ESTIMATE_FACTORS_MAX; i++)
        ret->factors[ret->n_factors++] = statement->factors[i];
    return JB_OK;
}

/* The same statement for another project, or otherwise taken, is another content. */
static jb_rc digest_of(const struct jb_statement *statement,
                       const struct jb_statement_import *order, struct jb_hash *ret,
                       struct jb_error *err)
{
    const char *const project = order->project ? order->project : "";
    struct jb_hash said;
    const jb_rc rc = jb_statement_digest(statement, &said, err);

    if (rc < 0)
        return rc;
    const struct jb_hash_part parts[] = {
        {said.bytes, sizeof said.bytes},
        {order->is_bound ? "bound" : "runs", order->is_bound ? 6 : 5},
        {project, strlen(project)},
    };
    *ret = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    return JB_OK;
}

static jb_rc enter_items(struct jb_reconstruct *reconstruct, const struct jb_statement *statement,
                         const struct jb_statement_import *order, struct jb_rebuilt *rebuilt,
                         struct jb_statement_imported *ret, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    ret->energy_uj.is_known = true;
    for (size_t i = 0; i < statement->n_items && rc == JB_OK; i++) {
        struct jb_reconstructed entered = {.state = JB_PAPER_NEW};
        rc = rebuild(statement, &statement->items[i], order, rebuilt, err);
        if (rc == JB_OK)
            rc = jb_reconstruct_enter(reconstruct, rebuilt, &entered, err);
        if (rc < 0)
            break;
        ret->n_runs++;
        ret->n_look_measured += entered.same_as[0] != '\0';
        ret->energy_uj.low = jb_add_sat_i64(ret->energy_uj.low, entered.energy_uj.low);
        ret->energy_uj.best = jb_add_sat_i64(ret->energy_uj.best, entered.energy_uj.best);
        ret->energy_uj.high = jb_add_sat_i64(ret->energy_uj.high, entered.energy_uj.high);
    }
    return rc;
}

static jb_rc enter(struct jb_ledger *ledger, const struct jb_statement *statement,
                   const struct jb_statement_import *order, struct jb_statement_imported *ret,
                   struct jb_error *err)
{
    JB_AUTO(jb_reconstruct_free_auto) struct jb_reconstruct *reconstruct = NULL;
    JB_AUTO(jb_free_auto) struct jb_rebuilt *rebuilt = calloc(1, sizeof *rebuilt);
    char key[JB_REBUILT_KEY];
    struct jb_hash digest;
    jb_rc rc;

    if (!rebuilt)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to import a statement");
    rc = digest_of(statement, order, &digest, err);
    if (rc == JB_OK)
        rc = jb_reconstruct_new(ledger, order->clock, order->file, order->command, &reconstruct,
                                err);
    if (rc < 0)
        return rc;
    key_of(statement, key);
    rc = jb_reconstruct_paper(reconstruct, SOURCE, key, &digest, &ret->state, err);
    if (rc == JB_OK)
        rc = enter_items(reconstruct, statement, order, rebuilt, ret, err);
    if (rc == JB_OK)
        ret->n_voided = jb_reconstruct_replaced(reconstruct).n_runs;
    return rc;
}

jb_rc jb_statement_enter(struct jb_ledger *ledger, const struct jb_statement *statement,
                         const struct jb_statement_import *order, struct jb_statement_imported *ret,
                         struct jb_error *err)
{
    struct jb_statement_imported imported = {.state = JB_PAPER_NEW};
    jb_rc rc = jb_ledger_begin(ledger, err);

    if (rc < 0)
        return rc;
    rc = enter(ledger, statement, order, &imported, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0)
        jb_ledger_rollback(ledger);
    else
        *ret = imported;
    return rc;
}
