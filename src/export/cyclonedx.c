/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bill of materials of one model, CycloneDX 1.6: energy and carbon of each activity, in kWh and tCO2eq. Layers stand side by side,
 * marked; who provided the energy is not known and not made up; offsets are none of ours. R-EXPORT-13.
 */
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "export/export_int.h"

static const char *const activity_words[] = {
    [EXPORT_TRAINING] = "training",
    [EXPORT_FINE_TUNING] = "fine-tuning",
    [EXPORT_VALIDATION] = "validation",
    [EXPORT_INFERENCE] = "inference",
};

static void property(struct export_json *json, const char *name, const char *value)
{
    export__open(json, NULL, '{');
    export__text(json, "name", name);
    export__text(json, "value", value);
    export__close(json, '}');
}

static void property_kwh(struct export_json *json, const char *name, int64_t energy_uj)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(64);

    export__kwh(energy_uj, &text);
    property(json, name, jb_buf_text(&text));
}

static void add_measure(struct export_json *json, const char *key, const char *unit, bool is_kwh,
                        int64_t value)
{
    export__open(json, key, '{');
    if (is_kwh)
        export__number_kwh(json, "value", value);
    else
        export__number(json, "value", value, 12); /* ug are 10^-12 t */
    export__text(json, "unit", unit);
    export__close(json, '}');
}

static void add_activity(struct export_json *json, const struct export_pick *pick,
                         enum export_activity activity, const struct export_sum *sum)
{
    JB_AUTO(jb_buf_release) struct jb_buf words = JB_BUF(4096);

    export__open(json, NULL, '{');
    export__text(json, "activity", activity_words[activity]);
    export__open(json, "energyProviders", '[');
    export__close(json, ']');
    add_measure(json, "activityEnergyCost", "kWh", true, sum->total_uj.best);
    if (sum->location_ugco2e.is_known)
        add_measure(json, "co2CostEquivalent", "tCO2eq", false, sum->location_ugco2e.best);
    export__open(json, "properties", '[');
    property(json, "joulebook:layer", jb_layer_name(pick->layer));
    property_kwh(json, "joulebook:energy-low-kwh", sum->total_uj.low);
    property_kwh(json, "joulebook:energy-high-kwh", sum->total_uj.high);
    property_kwh(json, "joulebook:it-energy-kwh", sum->it_uj.best);
    export__method(pick, sum, &words);
    property(json, "joulebook:method", jb_buf_text(&words));
    jb_buf_clear(&words);
    export__boundary(sum, &words);
    property(json, "joulebook:boundary", jb_buf_text(&words));
    property(json, "joulebook:carbon", "location-based");
    export__close(json, ']');
    export__close(json, '}');
}

static jb_rc add_activities(struct export_json *json, const struct jb_inventory *inventory,
                            const struct jb_export_options *options, int64_t *ret_n,
                            struct jb_error *err)
{
    int64_t n = 0;

    for (int layer = JB_LAYER_MEASURED; layer <= JB_LAYER_RECONSTRUCTED; layer++)
        for (int activity = EXPORT_TRAINING; activity <= EXPORT_INFERENCE; activity++) {
            const struct export_pick pick = {inventory, (enum jb_layer)layer, EXPORT_BIT(activity)};
            struct export_sum sum;
            const jb_rc rc = export__sum(&pick, &sum, err);
            if (rc < 0)
                return rc;
            if (!sum.it_uj.is_known || (options->layer >= 0 && options->layer != layer))
                continue;
            add_activity(json, &pick, (enum export_activity)activity, &sum);
            n++;
        }
    *ret_n = n;
    return JB_OK;
}

static void add_metadata(struct export_json *json, const struct jb_export_options *options)
{
    const char *const space = strchr(options->software, ' ');
    char when[32];
    char name[64];

    jb_clean_copy(options->software, name, sizeof name);
    name[strcspn(name, " ")] = '\0';
    export__open(json, "metadata", '{');
    export__text(json, "timestamp", jb_format_utc(options->now_utc_us, false, when, sizeof when));
    export__open(json, "tools", '{');
    export__open(json, "components", '[');
    export__open(json, NULL, '{');
    export__text(json, "type", "application");
    export__text(json, "name", name);
    export__text_if(json, "version", space ? space + 1 : "");
    export__close(json, '}');
    export__close(json, ']');
    export__close(json, '}');
    if (options->publisher[0] != '\0') {
        export__open(json, "manufacturer", '{');
        export__text(json, "name", options->publisher);
        export__close(json, '}');
    }
    export__close(json, '}');
}

static jb_rc add_model(struct export_json *json, const struct jb_inventory *inventory,
                       const struct jb_export_options *options, const struct export_model *model,
                       int64_t *ret_n, struct jb_error *err)
{
    jb_rc rc;

    export__open(json, NULL, '{');
    export__text(json, "type", "machine-learning-model");
    export__text(json, "bom-ref", "model");
    export__text(json, "name", model->name);
    export__text_if(json, "version", model->version);
    export__open(json, "modelCard", '{');
    export__open(json, "modelParameters", '{');
    export__text_if(json, "task", model->application);
    export__text_if(json, "modelArchitecture", model->architecture);
    export__close(json, '}');
    export__open(json, "considerations", '{');
    export__open(json, "environmentalConsiderations", '{');
    export__open(json, "energyConsumptions", '[');
    rc = add_activities(json, inventory, options, ret_n, err);
    export__close(json, ']');
    export__close(json, '}');
    export__close(json, '}');
    export__close(json, '}');
    export__close(json, '}');
    return rc;
}

static jb_rc write_bom(const struct jb_inventory *inventory,
                       const struct jb_export_options *options, struct jb_buf *out,
                       struct jb_error *err)
{
    struct export_json json = {.out = out};
    struct export_model model;
    int64_t n = 0;
    jb_rc rc = export__model(inventory, options, &model, err);

    if (rc < 0)
        return rc;
    export__open(&json, NULL, '{');
    export__text(&json, "bomFormat", "CycloneDX");
    export__text(&json, "specVersion", "1.6");
    export__integer(&json, "version", 1);
    add_metadata(&json, options);
    export__open(&json, "components", '[');
    rc = add_model(&json, inventory, options, &model, &n, err);
    export__close(&json, ']');
    export__close(&json, '}');
    if (rc == JB_OK && n == 0)
        return export__nothing_known(err);
    return rc == JB_OK ? export__done(out, "bill of materials", err) : rc;
}

const struct jb_export_format export__cyclonedx = {
    .name = "cyclonedx",
    .summary = "a bill of materials of a model, CycloneDX 1.6, in kWh and tCO2eq",
    .file = "bom.cdx.json",
    .write = write_bom,
};
