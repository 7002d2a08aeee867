/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BoAmps report of one model's making: one task, one measure. What that format calls powerConsumption is energy, in kWh; it is IT energy
 * alone. R-EXPORT-12.
 */
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "export/export_int.h"

/* R-EXPORT-12: the classes of error that the format has, by half of the band. */
static const struct {
    const char *name;
    int64_t percent;
} qualities[] = {{"high", 10}, {"medium", 25}};

static const char *quality_of(const struct jb_figure *figure)
{
    const int64_t below = figure->best - figure->low;
    const int64_t above = figure->high - figure->best;
    const jb_i128 wide = below > above ? below : above;

    for (size_t i = 0; i < JB_ARRAY_LEN(qualities); i++)
        if (wide * 100 <= (jb_i128)figure->best * qualities[i].percent)
            return qualities[i].name;
    return "low";
}

static void moment(struct export_json *json, const char *key, int64_t utc_us)
{
    char text[32];

    jb_format_utc(utc_us, false, text, sizeof text);
    text[strcspn(text, "Z")] = '\0';
    if (text[0] != '\0')
        text[strcspn(text, "T")] = ' ';
    export__text(json, key, text);
}

static void add_header(struct export_json *json, const struct export_pick *pick,
                       const struct jb_export_options *options, const struct export_model *model)
{
    const struct jb_hash_part parts[] = {
        {pick->inventory->book_root.bytes, JB_HASH_BYTES},
        {model->name, strlen(model->name) + 1},
        {model->version, strlen(model->version) + 1},
        {&options->now_utc_us, sizeof options->now_utc_us},
    };
    const struct jb_hash hash = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    char id[33];

    export__open(json, "header", '{');
    export__text(json, "formatVersionSpecificationUri",
                 "https://github.com/Boavizta/BoAmps/tree/main/model");
    export__text(json, "reportId", jb_hex(hash.bytes, 16, id, sizeof id));
    moment(json, "reportDatetime", options->now_utc_us);
    export__text(json, "reportStatus", "final");
    if (options->publisher[0] != '\0') {
        export__open(json, "publisher", '{');
        export__text(json, "name", options->publisher);
        export__text_if(json, "projectName",
                        export__same(pick, offsetof(struct jb_inventory_run, project)));
        /* The format asks for one; what is not said to be public is not. */
        export__text(json, "confidentialityLevel", "internal");
        export__close(json, '}');
    }
    export__close(json, '}');
}

/* The number that all runs which tell one have told; -1. */
static int64_t same_number(const struct export_pick *pick, size_t offset)
{
    int64_t same = -1;

    for (size_t i = 0; i < pick->inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &pick->inventory->runs[i];
        int64_t value;
        memcpy(&value, (const char *)run + offset, sizeof value);
        if (!export__takes(pick, run) || value < 0)
            continue;
        if (same >= 0 && same != value)
            return -1;
        same = value;
    }
    return same;
}

static void add_task(struct export_json *json, const struct export_pick *pick,
                     const struct export_model *model, const char *words)
{
    const int64_t n_parameters = same_number(pick, offsetof(struct jb_inventory_run, n_parameters));
    const int64_t n_epochs = same_number(pick, offsetof(struct jb_inventory_run, n_epochs));
    const int64_t n_tokens = same_number(pick, offsetof(struct jb_inventory_run, n_tokens));
    const int64_t n_examples = same_number(pick, offsetof(struct jb_inventory_run, n_examples));
    struct export_pick tuning = *pick;
    struct export_pick training = *pick;

    tuning.activities = EXPORT_BIT(EXPORT_FINE_TUNING);
    training.activities = EXPORT_BIT(EXPORT_TRAINING);
    const bool has_tuning = export__count(&tuning) > 0;
    const bool has_training = export__count(&training) > 0;
    export__open(json, "task", '{');
    export__text(json, "taskStage",
                 has_tuning && has_training ? "training+finetuning"
                 : has_tuning               ? "finetuning"
                                            : "training");
    export__text(json, "taskFamily", model->application[0] ? model->application : "not told");
    export__open(json, "algorithms", '[');
    export__open(json, NULL, '{');
    export__text_if(json, "algorithmType", model->architecture);
    export__text(json, "algorithmName", model->name);
    if (n_parameters >= 0)
        export__number(json, "parametersNumber", n_parameters, 9); /* billions */
    if (n_epochs >= 0)
        export__integer(json, "epochsNumber", n_epochs);
    export__close(json, '}');
    export__close(json, ']');
    export__open(json, "dataset", '[');
    export__open(json, NULL, '{');
    export__text(json, "dataUsage", "input");
    export__text(json, "dataType", n_tokens >= 0 ? "token" : "other");
    if (n_tokens >= 0 || n_examples >= 0)
        export__integer(json, "dataQuantity", n_tokens >= 0 ? n_tokens : n_examples);
    export__close(json, '}');
    export__close(json, ']');
    export__text(json, "taskDescription", words);
    export__close(json, '}');
}

static void add_measure(struct export_json *json, const struct jb_export_options *options,
                        const struct export_sum *sum)
{
    const char *const space = strchr(options->software, ' ');

    export__open(json, "measures", '[');
    export__open(json, NULL, '{');
    export__text(json, "measurementMethod", "joulebook");
    export__text_if(json, "version", space ? space + 1 : "");
    export__number_kwh(json, "powerConsumption", sum->it_uj.best);
    export__number(json, "measurementDuration", sum->duration_ns, 9);
    moment(json, "measurementDateTime", sum->start_utc_us);
    export__close(json, '}');
    export__close(json, ']');
}

static void add_infrastructure(struct export_json *json, const struct export_pick *pick)
{
    const char *const board = export__same(pick, offsetof(struct jb_inventory_run, hardware));
    const int64_t n_boards = same_number(pick, offsetof(struct jb_inventory_run, n_boards));

    export__open(json, "infrastructure", '{');
    export__text(json, "infraType", "other");
    export__open(json, "components", '[');
    export__open(json, NULL, '{');
    export__text_if(json, "componentName", board);
    export__text(json, "componentType", n_boards > 0 ? "gpu" : "server");
    export__integer(json, "nbComponent", n_boards > 0 ? n_boards : 1);
    export__close(json, '}');
    export__close(json, ']');
    export__close(json, '}');
}

static void add_environment(struct export_json *json, const struct export_pick *pick,
                            const struct export_sum *sum)
{
    const char *const place = export__same(pick, offsetof(struct jb_inventory_run, place));
    jb_i128 micro = 0;

    if (place[0] == '\0')
        return;
    export__open(json, "environment", '{');
    export__text(json, "country", place);
    /* ug per uJ times 3.6e12 is ug per kWh. */
    if (sum->location_ugco2e.is_known && sum->total_uj.best > 0 &&
        export__muldiv(sum->location_ugco2e.best, INT64_C(3600000000000), sum->total_uj.best,
                       &micro) == JB_OK)
        export__number(json, "powerSourceCarbonIntensity", micro, 6);
    export__close(json, '}');
}

static jb_rc write_report(const struct jb_inventory *inventory,
                          const struct jb_export_options *options, struct jb_buf *out,
                          struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf words = JB_BUF(8192);
    struct export_json json = {.out = out};
    struct export_model model;
    struct export_pick pick;
    struct export_sum sum;
    jb_rc rc = export__pick(inventory, options, EXPORT_MAKING, &pick, err);

    if (rc == JB_OK)
        rc = export__model(inventory, options, &model, err);
    if (rc == JB_OK)
        rc = export__sum(&pick, &sum, err);
    if (rc == JB_OK && !sum.it_uj.is_known)
        rc = export__nothing_known(err);
    if (rc < 0)
        return rc;
    export__method(&pick, &sum, &words);
    jb_buf_add_text(&words, "; IT equipment as far as it was measured or told, without what the "
                            "building adds");
    export__open(&json, NULL, '{');
    add_header(&json, &pick, options, &model);
    add_task(&json, &pick, &model, jb_buf_text(&words));
    add_measure(&json, options, &sum);
    add_infrastructure(&json, &pick);
    add_environment(&json, &pick, &sum);
    export__text(&json, "quality", quality_of(&sum.it_uj));
    export__close(&json, '}');
    return export__done(out, "report", err);
}

const struct jb_export_format export__boamps = {
    .name = "boamps",
    .summary = "a BoAmps report of what made a model, JSON, in kWh",
    .file = "boamps_report.json",
    .write = write_report,
};
