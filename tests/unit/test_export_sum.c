/* SPDX-License-Identifier: Apache-2.0 */
/* Which runs a document is of and what they come to: R-EXPORT-02, R-EXPORT-03, R-EXPORT-04. */
#include "../tap.h"
#include "export_rig.h"

static struct rig rig;
static struct jb_error err;

static void activities(void)
{
    struct jb_inventory_run run = rig_run("x", "", JB_PART_UNTOLD, 0, 1, 1, 1);

    is_i64(export__activity(&run), EXPORT_TRAINING, "a forgotten stage is training");
    run.part = JB_PART_FAILED;
    run.stage = "Fine_Tuning";
    is_i64(export__activity(&run), EXPORT_FINE_TUNING, "a failed fine-tuning is fine-tuning");
    run.part = JB_PART_EVALUATION;
    is_i64(export__activity(&run), EXPORT_VALIDATION, "evaluation");
    run.part = JB_PART_INFERENCE;
    is_i64(export__activity(&run), EXPORT_INFERENCE, "inference");
    is_str(export__training_type("Pre-Training"), "pre-training", "however it is written");
    is_str(export__training_type("finetune"), "fine-tuning", "the other one");
    is_str(export__training_type("train"), "", "training may be either");
    is_str(export__training_type("fine"), "", "part of a word is none");
}

static void picks(void)
{
    struct export_pick pick = {NULL, JB_LAYER_PREDICTED, 0};

    rig_make(&rig, RIG_ALL);
    is_i64(export__pick(&rig.inventory, &rig.options, EXPORT_ALL, &pick, &err), JB_E_USAGE,
           "measured and reconstructed are never added");
    ok(pick.inventory == NULL && strstr(err.message, "5 measured and 1 reconstructed") != NULL,
       "how many of each is said");
    ok(export__pick(&rig.inventory, &rig.options, EXPORT_BIT(EXPORT_VALIDATION), &pick, &err) ==
               JB_OK &&
           pick.layer == JB_LAYER_MEASURED,
       "there is one layer of what is asked for");
    is_i64(export__pick(&rig.inventory, &rig.options, EXPORT_BIT(EXPORT_INFERENCE), &pick, &err),
           JB_E_NOT_FOUND, "nothing of that kind");
    rig_make(&rig, 1);
    rig.runs[0].layer = JB_LAYER_PREDICTED;
    is_i64(export__pick(&rig.inventory, &rig.options, EXPORT_ALL, &pick, &err), JB_E_NOT_FOUND,
           "a plan is no energy used");
}

static void sums(void)
{
    struct export_pick pick = {&rig.inventory, JB_LAYER_MEASURED, EXPORT_MAKING};
    struct export_sum sum;
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(4096);

    rig_make(&rig, RIG_ALL);
    ok(export__sum(&pick, &sum, &err) == JB_OK, "a sum");
    is_i64(sum.n_runs, 4, "runs 1, 2, 3 and 6");
    is_i64(sum.n_unknown, 1, "one of them not known");
    is_i64(sum.it_uj.best, RIG_KWH / 10 * 99, "9.9 kWh");
    is_i64(sum.it_uj.low, RIG_KWH / 1000 * 9405, "its band is the sum of the bands");
    is_i64(sum.total_uj.best, RIG_KWH / 1000 * 11925, "11.925 kWh with the building's");
    is_i64(sum.n_facility, 2, "of two of them");
    is_i64(sum.location_ugco2e.best, 4770 * RIG_G, "4770 g");
    ok(!sum.market_ugco2e.is_known, "nobody told a market-based factor");
    is_i64(sum.duration_ns, INT64_C(4500) * 3600000000, "4.5 h of runs");
    is_i64(sum.wall_us, INT64_C(14400) * 1000000, "in 4 h: the half hour of two is one");
    export__boundary(&sum, &text);
    ok(strstr(jb_buf_text(&text), "(PUE) for 2 of 3 runs") != NULL, "and its boundary");
    rig.runs[0].energy_uj.best = INT64_MAX;
    is_i64(export__sum(&pick, &sum, &err), JB_E_RANGE, "what does not fit is refused");
    rig_make(&rig, 0x20);
    ok(export__sum(&pick, &sum, &err) == JB_OK && !sum.it_uj.is_known &&
           !sum.location_ugco2e.is_known,
       "of nothing known nothing is known: it is not 0");
}

static void same(void)
{
    const struct export_pick pick = {&rig.inventory, JB_LAYER_MEASURED, EXPORT_MAKING};

    rig_make(&rig, RIG_ALL);
    is_str(export__same(&pick, offsetof(struct jb_inventory_run, model)), "wav7b", "all the same");
    is_str(export__same(&pick, offsetof(struct jb_inventory_run, stage)), "", "they differ");
    rig.runs[3].model = "other"; /* the evaluation is not in it */
    is_str(export__same(&pick, offsetof(struct jb_inventory_run, model)), "wav7b",
           "of those in it alone");
}

int main(void)
{
    activities();
    picks();
    sums();
    same();
    return done_testing();
}
