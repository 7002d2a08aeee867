/* SPDX-License-Identifier: Apache-2.0 */
/* The book to one run's account, by the stages of account/. Must add nothing that the book does not hold. */
#include "pipeline/account_of_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/num.h"
#include "pipeline/calibration_cycles.h"
#include "pipeline/cycles_record.h"
#include "pipeline/run_records.h"

/* Runs that shared an interval with this one: more than these are not asked whether they ran inside of it. */
#define BESIDE_MAX 256

struct beside {
    struct jb_account_builder *builder;
    const char *run_id;
    bool has_inner; /* one of them ran inside of this one */
    size_t n;
    char ids[BESIDE_MAX][JB_RUN_ID];
};

static void see_run(struct beside *beside, const char *run_id)
{
    if (strcmp(run_id, beside->run_id) == 0)
        return;
    for (size_t i = 0; i < beside->n; i++)
        if (strcmp(beside->ids[i], run_id) == 0)
            return;
    if (beside->n < BESIDE_MAX)
        (void)snprintf(beside->ids[beside->n++], JB_RUN_ID, "%s", run_id);
}

static jb_rc on_interval(void *arg, int64_t seq, const struct jb_interval *interval,
                         const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct beside *const beside = arg;

    (void)seq;
    for (size_t i = 0; i < n_lines; i++)
        if (strncmp(lines[i].account, "run:", 4) == 0)
            see_run(beside, lines[i].account + 4);
    return jb_account_add_interval(beside->builder, interval, lines, n_lines, err);
}

/* R-REC-08: what the runs inside of this one used is theirs, and who looks for it here is told. */
static jb_rc note_inner_runs(struct jb_ledger *ledger, struct beside *beside, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    char note[JB_NOTE];
    size_t n_inner = 0;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    for (size_t i = 0; i < beside->n; i++)
        n_inner += jb_ledger_find_run(ledger, beside->ids[i], run, NULL) == JB_OK &&
                   strcmp(run->parent_id, beside->run_id) == 0;
    beside->has_inner = n_inner > 0;
    if (n_inner == 0)
        return JB_OK;
    (void)snprintf(note, sizeof note,
                   "%zu run%s inside of this one %s: what %s used is not in this one", n_inner,
                   n_inner == 1 ? "" : "s",
                   n_inner == 1 ? "has an account of its own" : "have accounts of their own",
                   n_inner == 1 ? "it" : "they");
    return jb_account_add_note(beside->builder, note, err);
}

/* The field of an entry; NULL if it has none, or it was erased. */
static const char *field(const struct jb_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, name) == 0)
            return entry->fields[i].value;
    return NULL;
}

static jb_rc on_marks(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "marks");

    (void)seq;
    return json ? jb_records_marks_to_builder(json, arg, err) : JB_OK;
}

static jb_rc on_notes(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "notes");

    (void)seq;
    return json ? jb_records_notes_to_builder(json, arg, err) : JB_OK;
}

static jb_rc on_factors(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "factors");

    (void)seq;
    return json ? jb_records_factors_to_builder(json, arg, err) : JB_OK;
}

static jb_rc on_facility(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const pue = field(entry, "pue_milli");
    const char *const energy = field(entry, "energy_uj");
    int64_t pue_milli;
    int64_t energy_uj;

    if (!pue || !energy || jb_parse_i64(pue, strlen(pue), false, &pue_milli) < 0 ||
        jb_parse_i64(energy, strlen(energy), false, &energy_uj) < 0)
        return jb_fail(err, JB_E_DAMAGED, NULL, "entry %lld does not say what the facility took",
                       (long long)seq);
    jb_account_told_facility(arg, pue_milli, energy_uj);
    return JB_OK;
}

static jb_rc on_band(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    (void)seq;
    return jb_records_band_to_builder(entry, arg, err);
}

/* What only a run has that was told of beside its postings. */
static jb_rc add_told(struct jb_ledger *ledger, const struct jb_run *run,
                      struct jb_account_builder *builder, struct jb_error *err)
{
    jb_rc rc;

    if (run->layer == JB_LAYER_MEASURED)
        return JB_OK;
    rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_FACTORS, run->id, on_factors, builder, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_BAND, run->id, on_band, builder, err);
    return rc < 0 ? rc
                  : jb_ledger_each_entry(ledger, JB_RECORDS_KIND_FACILITY, run->id, on_facility,
                                         builder, err);
}

static jb_rc on_unposted(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "interval");
    struct jb_interval interval;
    jb_rc rc;

    (void)seq;
    if (!json)
        return JB_OK;
    rc = jb_records_interval_from_json(json, &interval, err);
    return rc < 0 ? rc : jb_account_add_unposted(arg, &interval, err);
}

struct counted {
    bool is_there;
    struct jb_cycles cycles;
};

static jb_rc on_cycles(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct counted *const counted = arg;
    const char *const json = field(entry, JB_CYCLES_FIELD);

    (void)seq;
    if (!json)
        return JB_OK;
    counted->is_there = true;
    return jb_cycles_from_json(json, &counted->cycles, err);
}

/* R-CYCLES-01, -09: with the latest energy per cycle that the book has of the run's machine. */
static jb_rc add_cycles(struct jb_ledger *ledger, const struct jb_run *run,
                        const struct beside *beside, struct jb_error *err)
{
    struct counted counted = {.is_there = false};
    struct jb_epc epc = {.is_known = false};
    jb_rc rc = jb_ledger_each_entry(ledger, JB_CYCLES_KIND, run->id, on_cycles, &counted, err);

    if (rc < 0 || !counted.is_there)
        return rc;
    if (counted.cycles.counts[JB_CYCLES_CYCLES].is_known)
        rc = jb_cycles_calibration_find(ledger, run->host, &epc, err);
    if (rc == JB_OK)
        jb_account_told_cycles(beside->builder, &counted.cycles, &epc, beside->has_inner);
    return rc;
}

jb_rc jb_pipeline_account_with(struct jb_ledger *ledger, const struct jb_run *run,
                               struct jb_account *ret_account, struct jb_error *err)
{
    JB_AUTO(jb_account_builder_free_auto) struct jb_account_builder *builder = NULL;
    JB_AUTO(jb_free_auto) struct beside *beside = calloc(1, sizeof *beside);
    jb_rc rc;

    if (!beside)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the account of run '%s'", run->id);
    rc = jb_account_builder_new(run, &builder, err);
    beside->builder = builder;
    beside->run_id = run->id;
    if (rc == JB_OK)
        rc = jb_ledger_each_interval(ledger, run->id, on_interval, beside, err);
    if (rc == JB_OK)
        rc = note_inner_runs(ledger, beside, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_UNPOSTED, run->id, on_unposted, builder,
                                  err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_MARKS, run->id, on_marks, builder, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_NOTES, run->id, on_notes, builder, err);
    if (rc == JB_OK)
        rc = add_told(ledger, run, builder, err);
    if (rc == JB_OK)
        rc = add_cycles(ledger, run, beside, err);
    return rc < 0 ? rc : jb_account_finish(builder, ret_account, err);
}

jb_rc jb_pipeline_account(struct jb_ledger *ledger, const char *run_id,
                          struct jb_account *ret_account, struct jb_error *err)
{
    struct jb_run run;
    const jb_rc rc = jb_ledger_find_run(ledger, run_id, &run, err);

    return rc < 0 ? rc : jb_pipeline_account_with(ledger, &run, ret_account, err);
}

jb_rc jb_pipeline_account_entered(struct jb_ledger *ledger, const char *run_id,
                                  struct jb_account *ret_account, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    rc = jb_ledger_find_run(ledger, run_id, run, err);
    if (rc == JB_OK)
        rc = jb_ledger_run_account(ledger, run->id, &json, err);
    if (rc == JB_OK)
        rc = jb_account_from_json(json, ret_account, err);
    if (rc == JB_OK)
        ret_account->run = *run;
    return rc;
}
