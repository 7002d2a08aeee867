/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which runs of an inventory a document is of, and what they come to. Layers are never added, and what is not known of a run is in
 * no figure and said. R-EXPORT-02 (activities), R-EXPORT-03 (layers), R-EXPORT-04 (sums).
 */
#include <string.h>

#include "base/num.h"
#include "export/export_int.h"

/* --- which runs -------------------------------------------------------------------------------------------------- */

/* As people write it: "finetune", "fine-tuning", "pre_training". Letters are compared, their case is not. */
static bool has_word(const char *stage, const char *word)
{
    size_t n = 0;

    for (; *stage; stage++) {
        const char c = (char)(*stage >= 'A' && *stage <= 'Z' ? *stage - 'A' + 'a' : *stage);
        if (c == '-' || c == '_' || c == ' ')
            continue;
        if (word[n] == '\0')
            return true;
        if (c != word[n])
            return false;
        n++;
    }
    return word[n] == '\0';
}

const char *export__training_type(const char *stage)
{
    return has_word(stage, "pretrain")  ? "pre-training"
           : has_word(stage, "finetun") ? "fine-tuning"
                                        : "";
}

enum export_activity export__activity(const struct jb_inventory_run *run)
{
    if (run->part == JB_PART_EVALUATION)
        return EXPORT_VALIDATION;
    if (!jb_part_is_making(run->part))
        return EXPORT_INFERENCE;
    return has_word(run->stage, "finetun") ? EXPORT_FINE_TUNING : EXPORT_TRAINING;
}

bool export__takes(const struct export_pick *pick, const struct jb_inventory_run *run)
{
    return run->layer == pick->layer && (pick->activities & EXPORT_BIT(export__activity(run))) != 0;
}

int64_t export__count(const struct export_pick *pick)
{
    int64_t n = 0;

    for (size_t i = 0; i < pick->inventory->n_runs; i++)
        n += export__takes(pick, &pick->inventory->runs[i]);
    return n;
}

static bool is_one_training(const struct jb_inventory_run *a, const struct jb_inventory_run *b)
{
    return a->group[0] != '\0' && strcmp(a->group, b->group) == 0 && a->layer == b->layer &&
           strcmp(a->stage, b->stage) == 0;
}

const struct jb_inventory_run *export__teller(const struct export_pick *pick, size_t i,
                                              bool with_energy, export_count_fn *count)
{
    const struct jb_inventory_run *const runs = pick->inventory->runs;
    const struct jb_inventory_run *most = &runs[i];

    if (!export__takes(pick, &runs[i]) || (with_energy && !runs[i].energy_uj.is_known))
        return NULL;
    /* Runs of no group are each a training of its own. */
    for (size_t k = 0; runs[i].group[0] != '\0' && k < pick->inventory->n_runs; k++) {
        const struct jb_inventory_run *const run = &runs[k];
        if (!is_one_training(&runs[i], run) || !export__takes(pick, run) ||
            (with_energy && !run->energy_uj.is_known))
            continue;
        if (k < i)
            return NULL;
        if (count(run) > count(most))
            most = run;
    }
    return most;
}

static int64_t count(const struct jb_inventory *inventory, enum jb_layer layer, unsigned activities)
{
    const struct export_pick pick = {inventory, layer, activities};

    return export__count(&pick);
}

jb_rc export__pick(const struct jb_inventory *inventory, const struct jb_export_options *options,
                   unsigned activities, struct export_pick *ret, struct jb_error *err)
{
    const int64_t n_measured = count(inventory, JB_LAYER_MEASURED, activities);
    const int64_t n_reconstructed = count(inventory, JB_LAYER_RECONSTRUCTED, activities);
    enum jb_layer layer = n_measured > 0 ? JB_LAYER_MEASURED : JB_LAYER_RECONSTRUCTED;

    if (options->layer >= 0)
        layer = (enum jb_layer)options->layer;
    else if (n_measured > 0 && n_reconstructed > 0)
        return jb_fail(err, JB_E_USAGE,
                       "give --layer measured or --layer reconstructed; one document for each",
                       "%lld measured and %lld reconstructed runs are never added up",
                       (long long)n_measured, (long long)n_reconstructed);
    if (count(inventory, layer, activities) == 0)
        return jb_fail(err, JB_E_NOT_FOUND,
                       activities == EXPORT_MAKING
                           ? "evaluation and inference make no model; see joulebook runs"
                           : "see joulebook runs for what there is",
                       "no %s run in the selection for this document",
                       options->layer >= 0 ? jb_layer_name(layer) : "measured or reconstructed");
    *ret = (struct export_pick){inventory, layer, activities};
    return JB_OK;
}

const char *export__same(const struct export_pick *pick, size_t offset)
{
    const char *same = NULL;

    for (size_t i = 0; i < pick->inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &pick->inventory->runs[i];
        const char *text;
        if (!export__takes(pick, run))
            continue;
        memcpy(&text, (const char *)run + offset, sizeof text);
        if (same && strcmp(same, text) != 0)
            return "";
        same = text;
    }
    return same ? same : "";
}

/* --- which model --------------------------------------------------------------------------------------------------- */

/* Over whichever layer a document may be of. */
static const char *same_of(const struct jb_inventory *inventory,
                           const struct jb_export_options *options, size_t offset)
{
    const char *same = NULL;

    for (int layer = JB_LAYER_MEASURED; layer <= JB_LAYER_RECONSTRUCTED; layer++) {
        const struct export_pick pick = {inventory, (enum jb_layer)layer, EXPORT_ALL};
        if ((options->layer >= 0 && options->layer != layer) ||
            count(inventory, pick.layer, EXPORT_ALL) == 0)
            continue;
        const char *const own = export__same(&pick, offset);
        if (same && strcmp(same, own) != 0)
            return "";
        same = own;
    }
    return same ? same : "";
}

jb_rc export__model(const struct jb_inventory *inventory, const struct jb_export_options *options,
                    struct export_model *ret, struct jb_error *err)
{
    const struct export_model model = {
        same_of(inventory, options, offsetof(struct jb_inventory_run, model)),
        same_of(inventory, options, offsetof(struct jb_inventory_run, model_version)),
        same_of(inventory, options, offsetof(struct jb_inventory_run, architecture)),
        same_of(inventory, options, offsetof(struct jb_inventory_run, application)),
    };

    if (count(inventory, JB_LAYER_MEASURED, EXPORT_ALL) +
            count(inventory, JB_LAYER_RECONSTRUCTED, EXPORT_ALL) ==
        0)
        return jb_fail(err, JB_E_NOT_FOUND, "see joulebook runs for what there is",
                       "no measured or reconstructed run in the selection for this document");
    if (model.name[0] == '\0')
        return jb_fail(err, JB_E_INPUT,
                       "select them by --model NAME; joulebook amend RUN model=NAME names one",
                       "the document is of one model, and the runs are of several or of none");
    *ret = model;
    return JB_OK;
}

jb_rc export__nothing_known(struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, "see joulebook report for what is known of them",
                   "the energy of none of these runs is known");
}

/* --- what they come to ------------------------------------------------------------------------------------------- */

static jb_rc add(struct jb_figure *sum, const struct jb_figure *figure)
{
    if (!figure->is_known)
        sum->is_known = false;
    sum->is_hard_bound = sum->is_hard_bound && figure->is_hard_bound;
    if (jb_add_i64(sum->low, figure->low, &sum->low) < 0 ||
        jb_add_i64(sum->best, figure->best, &sum->best) < 0 ||
        jb_add_i64(sum->high, figure->high, &sum->high) < 0)
        return JB_E_RANGE;
    return JB_OK;
}

jb_rc export__run_total(const struct jb_inventory_run *run, struct jb_figure *ret,
                        struct jb_error *err)
{
    struct jb_figure total = run->energy_uj;

    if (run->is_facility_posted && run->facility_uj.is_known && add(&total, &run->facility_uj) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the energy of run '%s' is too great", run->id);
    *ret = total;
    return JB_OK;
}

static jb_rc add_run(struct export_sum *sum, const struct jb_inventory_run *run,
                     struct jb_error *err)
{
    struct jb_figure total;
    jb_rc rc = jb_add_i64(sum->duration_ns, run->duration_ns, &sum->duration_ns);

    sum->n_runs++;
    sum->n_part[run->part]++;
    if (!run->energy_uj.is_known) {
        sum->n_unknown++;
        return rc;
    }
    sum->n_method[run->method]++;
    sum->n_facility += run->is_facility_posted;
    if (rc == JB_OK)
        rc = export__run_total(run, &total, err);
    if (rc == JB_OK)
        rc = add(&sum->total_uj, &total);
    if (rc == JB_OK)
        rc = add(&sum->it_uj, &run->energy_uj);
    if (rc == JB_OK)
        rc = add(&sum->location_ugco2e, &run->location_ugco2e);
    if (rc == JB_OK)
        rc = add(&sum->market_ugco2e, &run->market_ugco2e);
    for (size_t i = 0; i < JB_N_ORIGINS && rc == JB_OK; i++)
        rc = jb_add_i64(sum->origin_uj[i], run->origin_uj[i], &sum->origin_uj[i]);
    return rc < 0 ? jb_fail(err, JB_E_RANGE, "select fewer runs", "their sum is too great") : JB_OK;
}

/* Runs come by start, so that what is covered grows at its end alone. */
static void add_wall(struct export_sum *sum, const struct jb_inventory_run *run)
{
    const bool is_first = sum->n_runs == 1;
    const int64_t from_us =
        is_first || run->start_utc_us > sum->end_utc_us ? run->start_utc_us : sum->end_utc_us;

    if (is_first)
        sum->start_utc_us = sum->end_utc_us = run->start_utc_us;
    if (run->end_utc_us > from_us)
        sum->wall_us = jb_add_sat_i64(sum->wall_us, run->end_utc_us - from_us);
    if (run->end_utc_us > sum->end_utc_us)
        sum->end_utc_us = run->end_utc_us;
}

jb_rc export__sum(const struct export_pick *pick, struct export_sum *ret, struct jb_error *err)
{
    static const struct jb_figure none = {.is_known = true, .is_hard_bound = true};
    struct export_sum sum = {
        .it_uj = none, .total_uj = none, .location_ugco2e = none, .market_ugco2e = none};
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < pick->inventory->n_runs && rc == JB_OK; i++) {
        const struct jb_inventory_run *const run = &pick->inventory->runs[i];
        if (!export__takes(pick, run))
            continue;
        rc = add_run(&sum, run, err);
        add_wall(&sum, run);
    }
    if (rc < 0)
        return rc;
    if (sum.n_runs == sum.n_unknown)
        sum.it_uj = sum.total_uj = sum.location_ugco2e = sum.market_ugco2e = (struct jb_figure){0};
    *ret = sum;
    return JB_OK;
}

/* --- in words ------------------------------------------------------------------------------------------------------ */

static void list(struct jb_buf *out, const char **separator, const char *name)
{
    jb_buf_addf(out, "%s%s", *separator, name);
    *separator = ", ";
}

static void list_parts(const struct export_sum *sum, struct jb_buf *out)
{
    const char *separator = "";

    for (size_t i = 0; i < JB_N_PARTS; i++)
        if (sum->n_part[i] > 0) {
            list(out, &separator, jb_part_name((enum jb_part)i));
            jb_buf_addf(out, " %lld", (long long)sum->n_part[i]);
        }
}

static void list_origins(const struct export_sum *sum, struct jb_buf *out)
{
    static const char *const words[JB_N_ORIGINS] = {
        [JB_ORIGIN_COUNTER] = "by counter",      [JB_ORIGIN_GAUGE] = "by power readings",
        [JB_ORIGIN_CALIBRATED] = "calibrated",   [JB_ORIGIN_MODELLED] = "modelled",
        [JB_ORIGIN_RATED] = "from rated power",  [JB_ORIGIN_BILLED] = "from bills",
        [JB_ORIGIN_STATED] = "stated by others",
    };
    const char *separator = "; ";

    for (size_t i = 0; i < JB_N_ORIGINS; i++) {
        int64_t tenths = 0;
        char digits[32];
        if (sum->origin_uj[i] <= 0 || sum->it_uj.best <= 0 ||
            jb_muldiv_i64(sum->origin_uj[i], 1000, sum->it_uj.best, JB_ROUND_NEAREST, &tenths) < 0)
            continue;
        jb_buf_addf(out, "%s%s %% %s", separator,
                    jb_format_decimal(tenths, 1, digits, sizeof digits), words[i]);
        separator = ", ";
    }
}

void export__method(const struct export_pick *pick, const struct export_sum *sum,
                    struct jb_buf *out)
{
    const char *separator = ", method ";
    char low[32];
    char high[32];

    jb_buf_addf(out, "%lld run%s (", (long long)sum->n_runs, sum->n_runs == 1 ? "" : "s");
    list_parts(sum, out);
    jb_buf_addf(out, "), %s", jb_layer_name(pick->layer));
    for (size_t i = 0; i < JB_ARRAY_LEN(sum->n_method); i++)
        if (sum->n_method[i] > 0)
            list(out, &separator, jb_method_name((enum jb_method)i));
    list_origins(sum, out);
    if (sum->it_uj.is_known)
        jb_buf_addf(out, "; %s %s to %s",
                    sum->it_uj.is_hard_bound ? "IT energy between" : "90 % interval of IT energy",
                    jb_format_energy(sum->it_uj.low, low, sizeof low),
                    jb_format_energy(sum->it_uj.high, high, sizeof high));
    if (sum->n_unknown > 0)
        jb_buf_addf(out, "; the energy of %lld of the runs is not known and not in it",
                    (long long)sum->n_unknown);
}

void export__boundary(const struct export_sum *sum, struct jb_buf *out)
{
    const int64_t n_known = sum->n_runs - sum->n_unknown;

    jb_buf_add_text(out, "IT equipment as far as it was measured or told, the share of the runs; ");
    if (sum->n_facility == 0)
        jb_buf_add_text(out, "what the building adds is not in it");
    else if (sum->n_facility == n_known)
        jb_buf_add_text(out, "with what the building adds (PUE)");
    else
        jb_buf_addf(out, "with what the building adds (PUE) for %lld of %lld runs",
                    (long long)sum->n_facility, (long long)n_known);
}
