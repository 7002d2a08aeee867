/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The score of ISO/IEC 21031 (SCI) for making a model: (O + M) per R, in grams. Energy is that of hardware kept for the runs, used or not;
 * its intensity is location-based. No instrument of a market comes in. What was emitted to make the hardware is as the site states it; without it the score says
 * that it is not complete. R-EXPORT-15.
 */
#include <string.h>

#include "base/num.h"
#include "export/export_int.h"

#define UG_UJ_KWH INT64_C(3600000000000)

struct unit {
    const char *name; /* of --functional-unit */
    const char *text;
    jb_i128 per; /* a score is per so many of what is counted */
    const char *basis;
    export_count_fn *count; /* -1: not known of this run */
    bool
        is_of_model; /* the same in all runs, rather than their sum; and not every run must tell it */
};

static jb_i128 count_run(const struct jb_inventory_run *run)
{
    (void)run;
    return 1;
}

static jb_i128 count_flop(const struct jb_inventory_run *run)
{
    return run->training_flop;
}

static jb_i128 count_tokens(const struct jb_inventory_run *run)
{
    return run->n_tokens;
}

static jb_i128 count_parameters(const struct jb_inventory_run *run)
{
    return run->n_parameters;
}

static const struct unit units[] = {
    {"run", "run", 1, "runs that made the model, whatever came of them, ranks of a group as one",
     count_run, false},
    {"flop", "10^18 FLOP", (jb_i128)1000000000 * 1000000000,
     "operations of all runs that made the model (gross)", count_flop, false},
    {"token", "10^6 training tokens", 1000000, "tokens of all runs that made the model (gross)",
     count_tokens, false},
    {"parameter", "10^9 parameters", 1000000000, "parameters of the model", count_parameters, true},
};

static jb_rc find_unit(const char *name, const struct unit **ret, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(units); i++)
        if (name[0] == '\0' || strcmp(name, units[i].name) == 0) {
            *ret = &units[i];
            return JB_OK;
        }
    return jb_fail(err, JB_E_USAGE, "run, flop, token or parameter",
                   "there is no functional unit '%s'", name);
}

/* R of the formula. */
static jb_rc count_units(const struct export_pick *pick, const struct unit *unit, jb_i128 *ret,
                         struct jb_error *err)
{
    jb_i128 n = 0;

    for (size_t i = 0; i < pick->inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = export__teller(pick, i, true, unit->count);
        const jb_i128 own = run ? unit->count(run) : -1;
        if (!run || (unit->is_of_model && own < 0))
            continue;
        if (own < 0)
            return jb_fail(err, JB_E_INPUT, "or take another --functional-unit",
                           "run '%s' does not tell its %ss", run->id, unit->name);
        if (unit->is_of_model && n > 0 && own != n)
            return jb_fail(err, JB_E_INPUT, "select the runs of one version by --model-version",
                           "the runs differ in the number of %ss", unit->name);
        n = unit->is_of_model ? own : n + own;
    }
    if (n <= 0)
        return jb_fail(err, JB_E_INPUT, "or take another --functional-unit",
                       "the number of %ss is not known", unit->name);
    *ret = n;
    return JB_OK;
}

struct operational {
    jb_i128 energy_uj;
    jb_i128 low_ug, best_ug, high_ug;
    int64_t n_not_reserved; /* runs of which it is not known what was kept for them */
};

/* E holds what was kept for a run, and so O: the same factor for both. */
static jb_rc add_run(struct operational *o, const struct jb_inventory_run *run,
                     struct jb_error *err)
{
    const bool is_reserved = run->reserved_uj.is_known && run->energy_uj.best > 0 &&
                             run->reserved_uj.best >= run->energy_uj.best;
    const int64_t num = is_reserved ? run->reserved_uj.best : 1;
    const int64_t den = is_reserved ? run->energy_uj.best : 1;
    const struct jb_figure *const carbon = &run->location_ugco2e;
    struct jb_figure total;
    jb_i128 parts[4];
    jb_rc rc = export__run_total(run, &total, err);

    if (rc < 0)
        return rc;
    if (!carbon->is_known)
        return jb_fail(err, JB_E_INPUT, "see joulebook report for what is known of it",
                       "the carbon of run '%s' is not known", run->id);
    if (export__muldiv(total.best, num, den, &parts[0]) < 0 ||
        export__muldiv(carbon->low, num, den, &parts[1]) < 0 ||
        export__muldiv(carbon->best, num, den, &parts[2]) < 0 ||
        export__muldiv(carbon->high, num, den, &parts[3]) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the energy of run '%s' is too great", run->id);
    o->energy_uj += parts[0];
    o->low_ug += parts[1];
    o->best_ug += parts[2];
    o->high_ug += parts[3];
    o->n_not_reserved += !is_reserved;
    return JB_OK;
}

static jb_rc operate(const struct export_pick *pick, struct operational *ret, struct jb_error *err)
{
    struct operational o = {0};
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < pick->inventory->n_runs && rc == JB_OK; i++) {
        const struct jb_inventory_run *const run = &pick->inventory->runs[i];
        if (export__takes(pick, run) && run->energy_uj.is_known)
            rc = add_run(&o, run, err);
    }
    if (rc == JB_OK && o.energy_uj > INT64_MAX)
        rc = jb_fail(err, JB_E_RANGE, "select fewer runs", "their sum is too great");
    if (rc == JB_OK)
        *ret = o;
    return rc;
}

static jb_rc add_score(struct export_json *json, const struct operational *o, jb_i128 embodied_ug,
                       jb_i128 n, const struct unit *unit, struct jb_error *err)
{
    const struct {
        const char *key;
        jb_i128 ug;
    } ends[] = {{"low", o->low_ug}, {"best", o->best_ug}, {"high", o->high_ug}};
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(128);
    jb_rc rc = JB_OK;

    export__open(json, "score", '{');
    for (size_t i = 0; i < JB_ARRAY_LEN(ends) && rc == JB_OK; i++) {
        jb_i128 micro = 0;
        rc = export__muldiv(ends[i].ug + embodied_ug, unit->per, n, &micro);
        export__number(json, ends[i].key, micro, 6);
    }
    jb_buf_addf(&text, "gCO2eq per %s", unit->text);
    export__text(json, "unit", jb_buf_text(&text));
    export__close(json, '}');
    return rc < 0 ? jb_fail(err, JB_E_RANGE, NULL, "the score is too great") : JB_OK;
}

static void add_parts(struct export_json *json, const struct operational *o,
                      const struct jb_export_options *options)
{
    jb_i128 intensity = 0;

    export__open(json, "operational", '{');
    export__number_kwh(json, "energy_kwh", (int64_t)o->energy_uj);
    if (o->energy_uj > 0 &&
        export__muldiv(o->best_ug, UG_UJ_KWH, o->energy_uj, &intensity) == JB_OK)
        export__number(json, "intensity_gco2e_per_kwh", intensity, 6);
    export__number(json, "carbon_g", o->best_ug, 6);
    export__text(json, "intensity", "location-based");
    export__close(json, '}');
    export__open(json, "embodied", '{');
    if (options->embodied_ugco2e >= 0)
        export__number(json, "carbon_g", options->embodied_ugco2e, 6);
    export__text(
        json, "basis",
        options->embodied_ugco2e >= 0
            ? "the share of these runs, as the site states it"
            : "not stated: the score is of operation alone, and the standard asks for both");
    export__close(json, '}');
}

static void add_words(struct export_json *json, const struct export_pick *pick,
                      const struct export_sum *sum, const struct operational *o)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(8192);

    export__boundary(sum, &text);
    jb_buf_add_text(&text, "; of the life of the model what made it, without evaluation and "
                           "inference");
    export__text(json, "boundary", jb_buf_text(&text));
    jb_buf_clear(&text);
    export__method(pick, sum, &text);
    jb_buf_add_text(&text,
                    "; energy is that of the hardware kept for the runs, idle or not; 1 kWh is "
                    "3.6 MJ; neither certificates nor contracts nor offsets are in it");
    if (o->n_not_reserved > 0)
        jb_buf_addf(&text, "; of %lld runs only what they used is known",
                    (long long)o->n_not_reserved);
    export__text(json, "methodology", jb_buf_text(&text));
}

static jb_rc write_score(const struct jb_inventory *inventory,
                         const struct jb_export_options *options, struct jb_buf *out,
                         struct jb_error *err)
{
    const jb_i128 embodied_ug = options->embodied_ugco2e >= 0 ? options->embodied_ugco2e : 0;
    struct export_json json = {.out = out};
    const struct unit *unit = NULL;
    struct operational o = {0};
    struct export_pick pick;
    struct export_sum sum;
    jb_i128 n = 0;
    char when[32];
    jb_rc rc = find_unit(options->functional_unit, &unit, err);

    if (rc == JB_OK)
        rc = export__pick(inventory, options, EXPORT_MAKING, &pick, err);
    if (rc == JB_OK)
        rc = export__sum(&pick, &sum, err);
    if (rc == JB_OK && !sum.it_uj.is_known)
        rc = export__nothing_known(err);
    if (rc == JB_OK)
        rc = operate(&pick, &o, err);
    if (rc == JB_OK)
        rc = count_units(&pick, unit, &n, err);
    if (rc < 0)
        return rc;
    export__open(&json, NULL, '{');
    export__text(&json, "schema", "joulebook.sci/1");
    export__text(&json, "standard", "ISO/IEC 21031:2024");
    export__text(&json, "software", options->software);
    export__text(&json, "made_utc", jb_format_utc(options->now_utc_us, false, when, sizeof when));
    export__text_if(&json, "publisher", options->publisher);
    export__text_if(&json, "model", export__same(&pick, offsetof(struct jb_inventory_run, model)));
    rc = add_score(&json, &o, embodied_ug, n, unit, err);
    export__key(&json, "is_complete");
    jb_buf_add_text(out, options->embodied_ugco2e >= 0 && sum.n_unknown == 0 ? "true" : "false");
    export__open(&json, "functional_unit", '{');
    export__text(&json, "name", unit->name);
    export__number(&json, "count", n, 0);
    export__text(&json, "basis", unit->basis);
    export__close(&json, '}');
    add_parts(&json, &o, options);
    add_words(&json, &pick, &sum, &o);
    export__close(&json, '}');
    return rc == JB_OK ? export__done(out, "score", err) : rc;
}

const struct jb_export_format export__sci = {
    .name = "sci",
    .summary = "the score of ISO/IEC 21031 (SCI) of making a model, JSON, in g",
    .file = "sci.json",
    .write = write_score,
};
