/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An estimate for people and programs: the figure, what it stands on, what each doubt contributes, why no better method
 * was possible, what would narrow it most. JSON: docs/format/estimate.md. Pure functions into a buffer.
 */
#ifndef JB_REPORT_REPORT_ESTIMATE_H
#define JB_REPORT_REPORT_ESTIMATE_H

#include "model/work.h"
#include "report/report.h"

/* One thing that was said, as it was understood. */
struct jb_told_input {
    char name[32]; /* "accelerator_power" */
    char unit[16]; /* "mw", of the quantity; "" none */
    char text[256];
    bool has_quantity;
    struct jb_quantity quantity;
};

/* The figure as so many of a thing. */
struct jb_told_equivalent {
    char key[48], name[96];
    bool is_carbon; /* of the carbon, else of the energy */
    struct jb_figure n_milli;
    char source[256];
};

#define JB_TOLD_INPUTS_MAX      32
#define JB_TOLD_EQUIVALENTS_MAX 16

/* An estimate and what stands beside it. */
struct jb_estimate_told {
    const struct jb_estimate *estimate;
    char project[JB_RUN_TEXT], model[JB_RUN_TEXT];
    size_t n_inputs;
    struct jb_told_input inputs[JB_TOLD_INPUTS_MAX];
    struct jb_figure total_uj; /* IT energy, and with it the facility's where a PUE is known */
    char place[64];            /* of the grid; "" none given */
    struct jb_figure location_ugco2e;
    struct jb_figure cost_micro;
    char currency[8];
    size_t n_equivalents;
    struct jb_told_equivalent equivalents[JB_TOLD_EQUIVALENTS_MAX];
    size_t n_factors; /* of carbon, cost and equivalents; the estimate has its own */
    struct jb_factor factors[8];
    size_t n_notes;
    char notes[8][JB_NOTE];
    char run_id[JB_RUN_ID]; /* it was entered as; "" not entered */
    char run_state[48]; /* "entered", "in the book already", "entered in place of an older one" */
};

void jb_report_estimate_text(const struct jb_estimate_told *told, const struct jb_style *style,
                             struct jb_buf *out);
JB_MUST_USE jb_rc jb_report_estimate_json(const struct jb_estimate_told *told, struct jb_buf *out,
                                          struct jb_error *err);

/* "2038.2 kWh", "0.0123 kWh": always kWh, as papers print it; returns buf. */
const char *jb_format_kwh(int64_t energy_uj, char *buf, size_t size);
/* The same with three significant digits, for estimates; a formula's figure keeps its own. */
const char *jb_format_kwh_rounded(int64_t energy_uj, char *buf, size_t size);

#endif
