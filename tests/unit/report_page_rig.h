/* SPDX-License-Identifier: Apache-2.0 */
/* An inventory with two parts, a course of power of two meters, and one of a metric; figures known by hand. */
#ifndef JB_TESTS_REPORT_PAGE_RIG_H
#define JB_TESTS_REPORT_PAGE_RIG_H

#include "report/report_inventory.h"

#define RIG_WH INT64_C(3600000000)

static inline struct jb_inventory_sum rig_sum(int64_t n_runs, int64_t wh)
{
    struct jb_inventory_sum sum = {
        .n_runs = n_runs,
        .energy_uj = {true, false, wh * RIG_WH * 9 / 10, wh * RIG_WH, wh * RIG_WH * 11 / 10}};

    sum.device_uj[JB_DEVICE_GPU] = sum.energy_uj.best / 4 * 3;
    sum.device_uj[JB_DEVICE_CPU] = sum.energy_uj.best / 4;
    sum.device_low_uj[JB_DEVICE_GPU] = sum.device_uj[JB_DEVICE_GPU] / 2;
    sum.device_low_uj[JB_DEVICE_CPU] = sum.device_uj[JB_DEVICE_CPU] / 2;
    sum.device_high_uj[JB_DEVICE_GPU] = sum.device_uj[JB_DEVICE_GPU] * 2;
    sum.device_high_uj[JB_DEVICE_CPU] = sum.device_uj[JB_DEVICE_CPU] * 2;
    sum.origin_uj[JB_ORIGIN_COUNTER] = sum.energy_uj.best;
    sum.n_without_facility = sum.n_without_location = sum.n_without_market = sum.n_without_cost =
        n_runs;
    return sum;
}

static inline void rig_inventory(struct jb_inventory *inventory)
{
    *inventory = (struct jb_inventory){.scope = {.run_id = "",
                                                 .group = "",
                                                 .project = "<vision>",
                                                 .model = "",
                                                 .model_version = ""},
                                       .currency = "",
                                       .n_void = 3,
                                       .book_size = 4711};
    inventory->sums[JB_LAYER_MEASURED] = rig_sum(3, 400);
    inventory->parts[JB_LAYER_MEASURED][JB_PART_SEARCH] = rig_sum(2, 300);
    inventory->parts[JB_LAYER_MEASURED][JB_PART_EVALUATION] = rig_sum(1, 100);
}

#endif
