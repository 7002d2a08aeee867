/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The energy and compute items of the EU's Model Documentation Form (Code of Practice for general-purpose AI, 2025) as text to be copied into it:
 * MWh, FLOP, days, days of devices, parameters, each a x 10^b. The form states no boundary, so this one does; what is missing is
 * N/A with the reason. R-EXPORT-17.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "export/export_int.h"

#define UJ_PER_MWH  INT64_C(3600000000000000)
#define US_PER_DAY  INT64_C(86400000000)
#define NS_PER_DAY  INT64_C(86400000000000)
#define DEVICES_MAX 32

/* Classes of the form: up to and with so many days of 365.25 / 12 a month, so many parameters. */
struct class
{
    int64_t up_to;
    const char *name;
};
static const struct class spans[] = {
    {INT64_C(2629800000000), "less than 1 month"},
    {INT64_C(7889400000000), "1 to 3 months"},
    {INT64_C(15778800000000), "3 to 6 months"},
    {INT64_MAX, "more than 6 months"},
};
static const struct class sizes[] = {
    {INT64_C(500000000), "1-500M"},      {INT64_C(5000000000), "500M-5B"},
    {INT64_C(15000000000), "5-15B"},     {INT64_C(50000000000), "15-50B"},
    {INT64_C(100000000000), "50-100B"},  {INT64_C(500000000000), "100-500B"},
    {INT64_C(1000000000000), "500B-1T"}, {INT64_MAX, ">1T"},
};

static const char *class_of(const struct class *classes, int64_t value)
{
    while (value > classes->up_to)
        classes++;
    return classes->name;
}

/* value / den as a x 10^b; 18 decimals of it are rounded. */
static jb_rc put_ratio(struct jb_buf *out, jb_i128 value, jb_i128 den, unsigned figures)
{
    jb_i128 scaled = 0;

    if (export__muldiv(value, (jb_i128)1000000000 * 1000000000, den, &scaled) < 0)
        return JB_E_RANGE;
    if (scaled == 0)
        jb_buf_add_text(out, "0");
    else
        export__power_of_ten(scaled, 18, figures, out);
    return JB_OK;
}

/* --- training time ----------------------------------------------------------------------------------------------- */

struct device {
    const char *name;
    jb_i128 board_ns;
};

static jb_rc put_devices(const struct export_pick *pick, struct jb_buf *out, struct jb_error *err)
{
    struct device devices[DEVICES_MAX];
    size_t n = 0;
    int64_t n_without = 0;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < pick->inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &pick->inventory->runs[i];
        size_t at = 0;
        if (!export__takes(pick, run))
            continue;
        if (run->board_ns <= 0 || run->hardware[0] == '\0') {
            n_without++;
            continue;
        }
        while (at < n && strcmp(devices[at].name, run->hardware) != 0)
            at++;
        if (at == DEVICES_MAX)
            return jb_fail(err, JB_E_RANGE, "select fewer runs", "more than %d kinds of devices",
                           DEVICES_MAX);
        if (at == n)
            devices[n++] = (struct device){run->hardware, 0};
        devices[at].board_ns += run->board_ns;
    }
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        jb_buf_add_text(out, i == 0 ? "Hardware: " : "; ");
        rc = put_ratio(out, devices[i].board_ns, NS_PER_DAY, 2);
        jb_buf_addf(out, " %s days", devices[i].name);
    }
    if (n == 0)
        jb_buf_add_text(out,
                        "Hardware: N/A: no run tells its accelerators and how long it had them");
    else if (n_without > 0)
        jb_buf_addf(out, "; of %lld runs not known", (long long)n_without);
    jb_buf_add_text(out, "\n");
    return rc < 0 ? jb_fail(err, rc, NULL, "the days of devices are too many") : JB_OK;
}

static jb_rc put_time(const struct export_pick *pick, const struct export_sum *sum,
                      struct jb_buf *out, struct jb_error *err)
{
    jb_buf_add_text(out, "\n## Training time\n\nWall-clock: ");
    if (put_ratio(out, sum->wall_us, US_PER_DAY, 2) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the days of training are too many");
    jb_buf_addf(out, " days, in which at least one of the runs went (range: %s)\n",
                class_of(spans, sum->wall_us));
    return put_devices(pick, out, err);
}

/* --- compute ------------------------------------------------------------------------------------------------------ */

static void put_flop_methods(const int64_t n_by[JB_FLOP_METHODS], int64_t n_without,
                             struct jb_buf *out)
{
    static const char *const words[JB_FLOP_METHODS] = {
        [JB_FLOP_COUNTED] = "counted from the model's file, forward and backward",
        [JB_FLOP_6ND] = "6 x parameters x tokens",
        [JB_FLOP_DEVICE_TIME] = "devices x peak rate x time x use",
        [JB_FLOP_STATED] = "stated",
    };
    const char *separator = "";

    jb_buf_add_text(out, "Methodology: ");
    for (size_t i = 0; i < JB_FLOP_METHODS; i++)
        if (n_by[i] > 0 && words[i]) {
            jb_buf_addf(out, "%s%s (%lld run%s)", separator, words[i], (long long)n_by[i],
                        n_by[i] == 1 ? "" : "s");
            separator = "; ";
        }
    if (n_without > 0)
        jb_buf_addf(out, "; not known and not in it: %lld run%s", (long long)n_without,
                    n_without == 1 ? "" : "s");
    jb_buf_add_text(out, "\n");
}

static jb_i128 flop_of(const struct jb_inventory_run *run)
{
    return run->training_flop;
}

static jb_rc put_compute(const struct export_pick *pick, struct jb_buf *out, struct jb_error *err)
{
    int64_t n_by[JB_FLOP_METHODS] = {0};
    int64_t n_without = 0;
    jb_i128 flop = 0;

    for (size_t i = 0; i < pick->inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = export__teller(pick, i, false, flop_of);
        if (!run)
            continue;
        if (run->training_flop <= 0 || run->flop_method >= JB_FLOP_METHODS) {
            n_without++;
            continue;
        }
        if (run->training_flop > JB_FLOP_MAX || flop > JB_FLOP_MAX)
            return jb_fail(err, JB_E_RANGE, NULL, "the operations of run '%s' are too many",
                           run->id);
        flop += run->training_flop;
        n_by[run->flop_method]++;
    }
    jb_buf_add_text(out, "\n## Amount of computation used for training\n\n");
    if (flop == 0) {
        jb_buf_add_text(out, "N/A\nMissing: no run tells its operations, nor the model's file, "
                             "parameters and tokens, or devices they follow from\n");
        return JB_OK;
    }
    /* That of the rounded number: 9.96 x 10^23 is told as 1.0 x 10^24. */
    const int order = export__power_of_ten(flop, 0, 2, out);
    jb_buf_addf(out, " FLOP (order of magnitude: 10^%d)\n", order);
    put_flop_methods(n_by, n_without, out);
    return JB_OK;
}

/* --- energy -------------------------------------------------------------------------------------------------------- */

static jb_rc put_energy(const struct export_pick *pick, const struct export_sum *sum,
                        struct jb_buf *out, struct jb_error *err)
{
    const struct jb_figure *const total = &sum->total_uj;

    jb_buf_add_text(out, "\n## Amount of energy used for training\n\n");
    if (!total->is_known) {
        jb_buf_addf(out,
                    "N/A\nMissing: the energy of none of the %lld runs is known: neither meters, "
                    "nor bills, nor what an estimate needs\n",
                    (long long)sum->n_runs);
        return JB_OK;
    }
    /* Two figures may be 5 % off: three where the band is narrower than 10 %. */
    const bool is_narrow = ((jb_i128)total->high - total->low) * 10 < total->best;
    if (put_ratio(out, total->best, UJ_PER_MWH, is_narrow ? 3 : 2) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the energy is too great");
    jb_buf_addf(out, " MWh (%s)\nMethodology: ",
                pick->layer == JB_LAYER_MEASURED ? "measured" : "estimated");
    export__method(pick, sum, out);
    jb_buf_add_text(out, "\nBoundary: ");
    export__boundary(sum, out);
    if (sum->n_facility > 0) {
        jb_buf_add_text(out, "; of it IT energy ");
        if (put_ratio(out, sum->it_uj.best, UJ_PER_MWH, is_narrow ? 3 : 2) < 0)
            return jb_fail(err, JB_E_RANGE, NULL, "the energy is too great");
        jb_buf_add_text(out, " MWh");
    }
    jb_buf_add_text(out, "; of the life of the model what made it: development, search, failed and "
                         "final runs, without evaluation and inference\n");
    return JB_OK;
}

/* --- the model ---------------------------------------------------------------------------------------------------- */

/* Of the last run that tells it: what was trained last is the model. */
static void put_parameters(const struct export_pick *pick, struct jb_buf *out)
{
    int64_t n = -1;

    for (size_t i = 0; i < pick->inventory->n_runs; i++)
        if (export__takes(pick, &pick->inventory->runs[i]) &&
            pick->inventory->runs[i].n_parameters > 0)
            n = pick->inventory->runs[i].n_parameters;
    jb_buf_add_text(out, "\n## Number of parameters\n\n");
    if (n < 0) {
        jb_buf_add_text(out, "N/A\nMissing: no run tells them\n");
        return;
    }
    export__power_of_ten(n, 0, 2, out);
    jb_buf_addf(out, " (class: %s)\n", class_of(sizes, n));
}

static void put_head(const struct export_pick *pick, const struct jb_export_options *options,
                     const struct export_model *model, struct jb_buf *out)
{
    const char *const version = model->version;
    char name[256];
    char when[32];

    jb_clean_copy(model->name, name, sizeof name);
    jb_buf_addf(out, "# Model Documentation Form: energy and compute of training\n\nModel: %s%s",
                name, version[0] ? ", version " : "");
    jb_clean_copy(version, name, sizeof name);
    jb_buf_addf(out, "%s\n", name);
    jb_clean_copy(options->publisher, name, sizeof name);
    if (name[0] != '\0')
        jb_buf_addf(out, "Provider: %s\n", name);
    jb_buf_addf(out, "Made: %s by %s, from %s runs\n",
                jb_format_utc(options->now_utc_us, false, when, sizeof when), options->software,
                jb_layer_name(pick->layer));
}

static jb_rc write_form(const struct jb_inventory *inventory,
                        const struct jb_export_options *options, struct jb_buf *out,
                        struct jb_error *err)
{
    struct export_model model;
    struct export_pick pick;
    struct export_sum sum;
    jb_rc rc = export__pick(inventory, options, EXPORT_MAKING, &pick, err);

    if (rc == JB_OK)
        rc = export__model(inventory, options, &model, err);
    if (rc == JB_OK)
        rc = export__sum(&pick, &sum, err);
    if (rc < 0)
        return rc;
    put_head(&pick, options, &model, out);
    rc = put_time(&pick, &sum, out, err);
    if (rc == JB_OK)
        rc = put_compute(&pick, out, err);
    if (rc == JB_OK)
        rc = put_energy(&pick, &sum, out, err);
    if (rc < 0)
        return rc;
    put_parameters(&pick, out);
    return export__done(out, "form", err);
}

const struct jb_export_format export__eu_form = {
    .name = "eu-form",
    .summary = "items of the EU's Model Documentation Form, in MWh, FLOP and days",
    .file = "eu-form.md",
    .write = write_form,
};
