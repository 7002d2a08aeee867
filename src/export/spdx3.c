/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One model as an AI package of SPDX 3.0.1 in JSON-LD: energy of training, fine-tuning and inference in kWh, as decimal texts. What its AI
 * profile asks for and no book knows (where to download, when released) is left out, and so the profile is not claimed. R-EXPORT-14.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "export/export_int.h"

#define ID_SIZE 80

static const struct {
    enum export_activity activity;
    const char *key;
} consumptions[] = {
    {EXPORT_TRAINING, "ai_trainingEnergyConsumption"},
    {EXPORT_FINE_TUNING, "ai_finetuningEnergyConsumption"},
    {EXPORT_INFERENCE, "ai_inferenceEnergyConsumption"},
};
#define SPDX_ACTIVITIES \
    (EXPORT_BIT(EXPORT_TRAINING) | EXPORT_BIT(EXPORT_FINE_TUNING) | EXPORT_BIT(EXPORT_INFERENCE))

/* Ids are of this book, this model and this moment: two documents never share one. */
static const char *id_of(const char *base, const char *what, char buf[ID_SIZE])
{
    (void)snprintf(buf, ID_SIZE, "%s#%s", base, what);
    return buf;
}

static void make_base(const struct jb_inventory *inventory, const struct jb_export_options *options,
                      const struct export_model *model, char base[ID_SIZE])
{
    const struct jb_hash_part parts[] = {
        {inventory->book_root.bytes, sizeof inventory->book_root.bytes},
        {&options->now_utc_us, sizeof options->now_utc_us},
        {model->name, strlen(model->name) + 1},
        {model->version, strlen(model->version) + 1},
    };
    const struct jb_hash hash = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    char digits[33];

    (void)snprintf(base, ID_SIZE, "https://joulebook.org/spdx/%s",
                   jb_hex(hash.bytes, 16, digits, sizeof digits));
}

static void begin(struct export_json *json, const char *type, const char *base, const char *what)
{
    char id[ID_SIZE];

    export__open(json, NULL, '{');
    export__text(json, "type", type);
    export__text(json, "spdxId", id_of(base, what, id));
    export__text(json, "creationInfo", "_:creation");
}

/* Who made it: the publisher, or Joulebook itself. */
static void add_makers(struct export_json *json, const struct jb_export_options *options,
                       const char *base)
{
    const bool is_published = options->publisher[0] != '\0';
    char when[32];
    char id[ID_SIZE];

    export__open(json, NULL, '{');
    export__text(json, "type", "CreationInfo");
    export__text(json, "@id", "_:creation");
    export__text(json, "specVersion", "3.0.1");
    export__text(json, "created", jb_format_utc(options->now_utc_us, false, when, sizeof when));
    export__open(json, "createdBy", '[');
    export__text(json, NULL, id_of(base, "maker", id));
    export__close(json, ']');
    export__open(json, "createdUsing", '[');
    export__text(json, NULL, id_of(base, "tool", id));
    export__close(json, ']');
    export__close(json, '}');
    begin(json, is_published ? "Organization" : "SoftwareAgent", base, "maker");
    export__text(json, "name", is_published ? options->publisher : options->software);
    export__close(json, '}');
    begin(json, "Tool", base, "tool");
    export__text(json, "name", options->software);
    export__close(json, '}');
}

static jb_rc add_energy(struct export_json *json, const struct export_pick *pick, int64_t *ret_n,
                        struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf kwh = JB_BUF(64);
    int64_t n = 0;

    export__open(json, "ai_energyConsumption", '{');
    export__text(json, "type", "ai_EnergyConsumption");
    for (size_t i = 0; i < JB_ARRAY_LEN(consumptions); i++) {
        struct export_pick one = *pick;
        struct export_sum sum;
        one.activities = EXPORT_BIT(consumptions[i].activity);
        const jb_rc rc = export__sum(&one, &sum, err);
        if (rc < 0)
            return rc;
        if (!sum.it_uj.is_known)
            continue;
        jb_buf_clear(&kwh);
        export__kwh(sum.total_uj.best, &kwh);
        export__open(json, consumptions[i].key, '[');
        export__open(json, NULL, '{');
        export__text(json, "type", "ai_EnergyConsumptionDescription");
        export__text(json, "ai_energyQuantity", jb_buf_text(&kwh));
        export__text(json, "ai_energyUnit", "kilowattHour");
        export__close(json, '}');
        export__close(json, ']');
        n++;
    }
    export__close(json, '}');
    *ret_n = n;
    return JB_OK;
}

static void add_document(struct export_json *json, const char *base)
{
    static const char *const elements[] = {"maker", "tool", "model"};
    static const char *const profiles[] = {"core", "software"};
    char id[ID_SIZE];

    begin(json, "SpdxDocument", base, "document");
    export__open(json, "profileConformance", '[');
    for (size_t i = 0; i < JB_ARRAY_LEN(profiles); i++)
        export__text(json, NULL, profiles[i]);
    export__close(json, ']');
    export__open(json, "rootElement", '[');
    export__text(json, NULL, id_of(base, "model", id));
    export__close(json, ']');
    export__open(json, "element", '[');
    for (size_t i = 0; i < JB_ARRAY_LEN(elements); i++)
        export__text(json, NULL, id_of(base, elements[i], id));
    export__close(json, ']');
    export__close(json, '}');
}

static jb_rc add_model(struct export_json *json, const struct export_pick *pick,
                       const struct jb_export_options *options, const struct export_model *model,
                       const char *base, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf words = JB_BUF(8192);
    struct export_sum sum;
    char id[ID_SIZE];
    int64_t n = 0;
    jb_rc rc = export__sum(pick, &sum, err);

    if (rc < 0)
        return rc;
    begin(json, "ai_AIPackage", base, "model");
    export__text(json, "name", model->name);
    export__text_if(json, "software_packageVersion", model->version);
    export__text(json, "software_primaryPurpose", "model");
    if (options->publisher[0] != '\0')
        export__text(json, "suppliedBy", id_of(base, "maker", id));
    if (model->application[0] != '\0') {
        export__open(json, "ai_domain", '[');
        export__text(json, NULL, model->application);
        export__close(json, ']');
    }
    if (model->architecture[0] != '\0') {
        export__open(json, "ai_typeOfModel", '[');
        export__text(json, NULL, model->architecture);
        export__close(json, ']');
    }
    rc = add_energy(json, pick, &n, err);
    if (rc == JB_OK && n == 0)
        rc = export__nothing_known(err);
    jb_buf_add_text(&words, "Energy: ");
    export__method(pick, &sum, &words);
    jb_buf_add_text(&words, "; ");
    export__boundary(&sum, &words);
    export__text(json, "comment", jb_buf_text(&words));
    export__close(json, '}');
    return rc;
}

static jb_rc write_spdx(const struct jb_inventory *inventory,
                        const struct jb_export_options *options, struct jb_buf *out,
                        struct jb_error *err)
{
    struct export_json json = {.out = out};
    struct export_model model;
    struct export_pick pick;
    char base[ID_SIZE];
    jb_rc rc = export__pick(inventory, options, SPDX_ACTIVITIES, &pick, err);

    if (rc == JB_OK)
        rc = export__model(inventory, options, &model, err);
    if (rc < 0)
        return rc;
    make_base(inventory, options, &model, base);
    export__open(&json, NULL, '{');
    export__text(&json, "@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
    export__open(&json, "@graph", '[');
    add_makers(&json, options, base);
    rc = add_model(&json, &pick, options, &model, base, err);
    add_document(&json, base);
    export__close(&json, ']');
    export__close(&json, '}');
    return rc == JB_OK ? export__done(out, "document", err) : rc;
}

const struct jb_export_format export__spdx3 = {
    .name = "spdx3",
    .summary = "a model as an AI package of SPDX 3.0.1, JSON-LD, in kWh",
    .file = "model.spdx3.json",
    .write = write_spdx,
};
