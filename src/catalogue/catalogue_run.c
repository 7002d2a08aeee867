/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of training_runs into numbers in the units of the program (R-CAT-18). It must never turn a cell that the source
 * left open into a zero: those are -1.
 */
#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

#include <string.h>

static const char *text_of(size_t row, int column)
{
    const char *const text = catalogue__text(CAT_training_runs, row, column);
    return text ? text : "";
}

/* The scaled cell x times / over, saturated; -1 where there is none. */
static int64_t scaled(size_t row, int column, int64_t times, int64_t over)
{
    const int64_t cell = catalogue__number(CAT_training_runs, row, column);
    return cell < 0 ? -1 : jb_muldiv_sat_i64(cell, times, over, JB_ROUND_NEAREST);
}

size_t jb_catalogue_n_reference_runs(void)
{
    return catalogue__n_rows(CAT_training_runs);
}

struct jb_reference_run jb_catalogue_reference_run_at(size_t i)
{
    const char *const pue_included = text_of(i, CAT_training_runs_pue_included);
    return (struct jb_reference_run){
        .run_id = text_of(i, CAT_training_runs_run_id),
        .model = text_of(i, CAT_training_runs_model),
        .application = text_of(i, CAT_training_runs_application),
        .architecture = text_of(i, CAT_training_runs_architecture),
        .hardware = text_of(i, CAT_training_runs_hardware),
        .scope = text_of(i, CAT_training_runs_energy_scope),
        .stage = text_of(i, CAT_training_runs_stage),
        .evidence = text_of(i, CAT_training_runs_evidence),
        .source_id = text_of(i, CAT_training_runs_source),
        .is_measured = strcmp(text_of(i, CAT_training_runs_measured_or_estimated), "measured") == 0,
        .published_year = scaled(i, CAT_training_runs_published_year, 1, 1),
        .n_parameters = scaled(i, CAT_training_runs_parameters, 1, 1),
        .training_tflop = scaled(i, CAT_training_runs_training_pflop, 1, 1), /* 3 digits of 1e15 */
        .n_devices_milli = scaled(i, CAT_training_runs_n_devices, 1, 1),
        .device_us = scaled(i, CAT_training_runs_device_hours, 3600, 1), /* 6 digits of an hour */
        .wall_us = scaled(i, CAT_training_runs_hours, 3600, 1),
        .avg_mw = scaled(i, CAT_training_runs_avg_power_w, 1, 1),
        .energy_uj = scaled(i, CAT_training_runs_energy_kwh, 3600, 1), /* 9 digits of a kWh */
        .energy_mj = scaled(i, CAT_training_runs_energy_kwh, 18, 5),
        .pue_milli = scaled(i, CAT_training_runs_pue, 1, 1),
        .is_pue_included = pue_included[0] == '\0' ? -1 : strcmp(pue_included, "yes") == 0,
    };
}
