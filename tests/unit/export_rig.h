/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Six runs of one model, whose figures in every unit are worked out by hand (kWh, g):
 *
 *   1 pretrain  measured       7.2  IT (cpu 1.8, gpu 5.04, dram 0.36) + 1.8 by PUE 1.25   9 kWh x 400 = 3600 g   2 h
 *   2 search    measured       1.8  by the meter of the node, no PUE                                     720 g   1 h
 *   3 finetune  measured       0.9  gpu + 0.225 by PUE 1.25                       1.125 kWh x 400 =      450 g   0.5 h
 *   4 evaluate  measured       0.36 gpu                                                                   144 g   0.1 h
 *   5 train     reconstructed  3.6  as others state                                                     1440 g   2 h
 *   6 train     measured       not known                                                                          1 h
 *
 * What made the model, measured (1, 2, 3, 6): 9.9 kWh IT, 11.925 kWh with the building's, 4770 g. Each band is 5 % either way.
 * Runs 1 and 2 overlap by half an hour; from the begin of run 1: 1 0..2 h, 2 1.5..2.5 h, 3 3..3.5 h, 4 4..4.1 h, 5 5..7 h, 6 8..9 h.
 */
#ifndef JB_TESTS_EXPORT_RIG_H
#define JB_TESTS_EXPORT_RIG_H

#include <string.h>

#include "base/buf.h"
#include "export/export_int.h"

#define RIG_KWH  INT64_C(3600000000000)
#define RIG_G    INT64_C(1000000)
#define RIG_MIN  INT64_C(60)
#define RIG_RUNS 6
#define RIG_T0   INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

struct rig {
    struct jb_inventory_run runs[RIG_RUNS];
    struct jb_inventory inventory;
    struct jb_export_options options;
};

static inline struct jb_figure rig_band(int64_t best)
{
    return (struct jb_figure){
        .is_known = true, .low = best / 100 * 95, .best = best, .high = best / 100 * 105};
}

static inline struct jb_inventory_run rig_run(const char *id, const char *stage, enum jb_part part,
                                              int64_t from_min, int64_t minutes, int64_t mwh,
                                              int64_t grams)
{
    const int64_t energy_uj = RIG_KWH / 1000000 * mwh;
    struct jb_inventory_run run = {
        .id = id,
        .group = "",
        .parent_id = "",
        .host = "node1",
        .project = "speech",
        .model = "wav7b",
        .model_version = "2",
        .architecture = "transformer",
        .application = "speech recognition",
        .configuration = "",
        .stage = stage,
        .place = "NL",
        .currency = "EUR",
        .source = "",
        .hardware = "NVIDIA A100",
        .model_digest = "",
        .layer = JB_LAYER_MEASURED,
        .status = JB_RUN_DONE,
        .part = part,
        .method = JB_METHOD_C2,
        .start_utc_us = RIG_T0 + from_min * RIG_MIN * 1000000,
        .end_utc_us = RIG_T0 + (from_min + minutes) * RIG_MIN * 1000000,
        .duration_ns = minutes * RIG_MIN * 1000000000,
        .n_boards = 4,
        .board_ns = 4 * minutes * RIG_MIN * 1000000000,
        .energy_uj = rig_band(energy_uj),
        .location_ugco2e = rig_band(grams * RIG_G),
        .active_uj = rig_band(energy_uj),
        .reserved_uj = rig_band(energy_uj),
        .all_uj = rig_band(energy_uj),
        .market_mgco2e_per_kwh = -1,
        .pue_milli = -1,
        .tariff_micro_per_kwh = -1,
        .n_parameters = -1,
        .n_examples = -1,
        .n_tokens = -1,
        .n_epochs = -1,
        .training_flop = -1,
    };

    run.device_uj[JB_DEVICE_GPU] = energy_uj;
    run.origin_uj[JB_ORIGIN_COUNTER] = energy_uj;
    return run;
}

static inline void rig_pue(struct jb_inventory_run *run, int64_t facility_uj)
{
    run->facility_uj = rig_band(facility_uj);
    run->is_facility_posted = true;
    run->pue_milli = 1250;
}

/* A tariff of 0.30 EUR for each kWh, the building's too. */
static inline void rig_tariff(struct jb_inventory_run *run)
{
    const int64_t all_uj =
        run->energy_uj.best + (run->is_facility_posted ? run->facility_uj.best : 0);

    run->tariff_micro_per_kwh = 300000;
    run->cost_micro = rig_band(all_uj / (RIG_KWH / 300000));
}

/* With a mask of runs: bit 0 is run 1. */
static inline void rig_make(struct rig *rig, unsigned mask)
{
    struct jb_inventory_run all[RIG_RUNS];

    memset(rig, 0, sizeof *rig);
    all[0] = rig_run("r1", "pretrain", JB_PART_TRAINING, 0, 120, 7200000, 3600);
    rig_pue(&all[0], RIG_KWH / 10 * 18);
    all[0].device_uj[JB_DEVICE_CPU] = RIG_KWH / 10 * 18;
    all[0].device_uj[JB_DEVICE_GPU] = RIG_KWH / 100 * 504;
    all[0].device_uj[JB_DEVICE_DRAM] = RIG_KWH / 100 * 36;
    all[0].origin_uj[JB_ORIGIN_COUNTER] = RIG_KWH / 100 * 684;
    all[0].origin_uj[JB_ORIGIN_MODELLED] = RIG_KWH / 100 * 36;
    all[0].n_parameters = INT64_C(7000000000);
    all[0].n_tokens = 1000000000;
    all[0].training_flop = (jb_i128)42 * 1000000000 * 1000000000; /* 6 x 7e9 x 1e9 = 4.2e19 */
    all[0].flop_method = JB_FLOP_6ND;
    all[1] = rig_run("r2", "search", JB_PART_SEARCH, 90, 60, 1800000, 720);
    all[1].device_uj[JB_DEVICE_GPU] = 0;
    all[1].device_uj[JB_DEVICE_NODE] = RIG_KWH / 10 * 18;
    all[1].method = JB_METHOD_C1;
    all[2] = rig_run("r3", "fine-tune", JB_PART_TRAINING, 180, 30, 900000, 450);
    rig_pue(&all[2], RIG_KWH / 1000 * 225);
    all[3] = rig_run("r4", "evaluate", JB_PART_EVALUATION, 240, 6, 360000, 144);
    all[4] = rig_run("r5", "train", JB_PART_TRAINING, 300, 120, 3600000, 1440);
    all[4].layer = JB_LAYER_RECONSTRUCTED;
    all[4].method = JB_METHOD_B;
    all[4].origin_uj[JB_ORIGIN_COUNTER] = 0;
    all[4].origin_uj[JB_ORIGIN_STATED] = RIG_KWH / 10 * 36;
    all[5] = rig_run("r6", "train", JB_PART_TRAINING, 480, 60, 0, 0);
    all[5].energy_uj = all[5].location_ugco2e = all[5].reserved_uj = (struct jb_figure){0};
    for (size_t i = 0; i < RIG_RUNS; i++)
        if ((mask >> i & 1U) != 0)
            rig->runs[rig->inventory.n_runs++] = all[i];
    rig->inventory.runs = rig->runs;
    rig->inventory.currency = "EUR";
    rig->inventory.scope = (struct jb_inventory_scope){"", "", "speech", "wav7b", "2", 0, 0};
    rig->options = (struct jb_export_options){
        .publisher = "",
        .functional_unit = "",
        .embodied_ugco2e = -1,
        .carbon_price_micro_per_tonne = -1,
        .currency = "",
        .layer = -1,
        .now_utc_us = RIG_T0 + INT64_C(86400000000), /* the next day */
        .software = "joulebook 0.1.0",
    };
}

/* Runs 1 and 2 as two ranks of one training (R-EXPORT-07), which both tell the work of all of it: 4.2e19 FLOP, 1e9 tokens. */
static inline void rig_ranks(struct rig *rig)
{
    for (size_t i = 0; i < 2; i++) {
        rig->runs[i].group = "job";
        rig->runs[i].stage = "pretrain";
        rig->runs[i].n_tokens = rig->runs[0].n_tokens;
        rig->runs[i].training_flop = rig->runs[0].training_flop;
        rig->runs[i].flop_method = JB_FLOP_6ND;
    }
}
#define RIG_MEASURED 0x2fU /* all but run 5 */
#define RIG_ALL      0x3fU

/* The document of the runs of `mask`; "" where it is refused, with the reason in *err. */
static inline const char *rig_write(struct rig *rig, const char *format, struct jb_buf *out,
                                    struct jb_error *err)
{
    jb_buf_clear(out);
    memset(err, 0, sizeof *err);
    if (jb_export_find(format)->write(&rig->inventory, &rig->options, out, err) < 0)
        return "";
    return jb_buf_text(out);
}

#endif
