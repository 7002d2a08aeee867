/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML block of a model's card on Hugging Face: co2_eq_emissions, in grams, of all that made the model. Never kilograms, and
 * never a number where the carbon of a run is not known. R-EXPORT-10.
 */
#include <string.h>

#include "export/export_int.h"

static void put(struct jb_buf *out, const char *key, const char *text)
{
    if (text[0] == '\0')
        return;
    jb_buf_addf(out, "  %s: ", key);
    export__quote(text, out);
    jb_buf_add_text(out, "\n");
}

/* "8 x NVIDIA A100"; the name alone where runs had different numbers of boards. */
static void put_hardware(const struct export_pick *pick, struct jb_buf *out)
{
    const char *const name = export__same(pick, offsetof(struct jb_inventory_run, hardware));
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(512);
    int64_t n_boards = 0;

    for (size_t i = 0; i < pick->inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &pick->inventory->runs[i];
        if (export__takes(pick, run))
            n_boards = n_boards == 0 || n_boards == run->n_boards ? run->n_boards : -1;
    }
    if (name[0] != '\0' && n_boards > 0)
        jb_buf_addf(&text, "%lld x ", (long long)n_boards);
    jb_buf_add_text(&text, name);
    put(out, "hardware_used", jb_buf_text(&text));
}

/* R-EXPORT-02: said only where all training runs are of the one type or the other. */
static const char *training_type(const struct export_pick *pick)
{
    const char *type = NULL;

    for (size_t i = 0; i < pick->inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &pick->inventory->runs[i];
        if (!export__takes(pick, run) || run->part != JB_PART_TRAINING)
            continue;
        const char *const own = export__training_type(run->stage);
        if (type && strcmp(type, own) != 0)
            return "";
        type = own;
    }
    return type ? type : "";
}

static jb_rc write_card(const struct jb_inventory *inventory,
                        const struct jb_export_options *options, struct jb_buf *out,
                        struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf source = JB_BUF(4096);
    struct export_pick pick;
    struct export_sum sum;
    jb_rc rc = export__pick(inventory, options, EXPORT_MAKING, &pick, err);

    if (rc == JB_OK)
        rc = export__sum(&pick, &sum, err);
    if (rc < 0)
        return rc;
    if (!sum.location_ugco2e.is_known)
        return jb_fail(err, JB_E_INPUT, "see joulebook report for which run lacks it",
                       "no carbon of %s is known, and the card asks for its grams",
                       sum.n_runs == sum.n_unknown ? "these runs" : "one of these runs");
    jb_buf_addf(&source, "%s, location-based: ", options->software);
    export__method(&pick, &sum, &source);
    jb_buf_add_text(&source, "; ");
    export__boundary(&sum, &source);
    jb_buf_add_text(out, "---\nco2_eq_emissions:\n  emissions: ");
    export__decimal(sum.location_ugco2e.best, 6, out);
    jb_buf_add_text(out, "\n");
    put(out, "source", jb_buf_text(&source));
    put(out, "training_type", training_type(&pick));
    put(out, "geographical_location",
        export__same(&pick, offsetof(struct jb_inventory_run, place)));
    put_hardware(&pick, out);
    jb_buf_add_text(out, "---\n");
    return export__done(out, "card", err);
}

const struct jb_export_format export__hf_card = {
    .name = "hf-card",
    .summary = "co2_eq_emissions of a model card on Hugging Face, in grams",
    .file = "README.md",
    .write = write_card,
};
