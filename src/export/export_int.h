/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats share: which runs a document is of, their sums, numbers and texts as documents have them. */
#ifndef JB_EXPORT_EXPORT_INT_H
#define JB_EXPORT_EXPORT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "export/export.h"

/* R-EXPORT-02: what documents of a model part its life into. The first two make the model. */
enum export_activity {
    EXPORT_TRAINING, /* all that makes a model and is no fine-tuning: search, failed and untold runs too */
    EXPORT_FINE_TUNING,
    EXPORT_VALIDATION,
    EXPORT_INFERENCE,
};
#define EXPORT_BIT(activity) (1U << (activity))
#define EXPORT_MAKING        (EXPORT_BIT(EXPORT_TRAINING) | EXPORT_BIT(EXPORT_FINE_TUNING))
#define EXPORT_ALL           0xfU
enum export_activity export__activity(const struct jb_inventory_run *run);
/* "pre-training", "fine-tuning" by the word of the stage, else "". */
const char *export__training_type(const char *stage);

/* The runs that a document, or a line of it, is of. */
struct export_pick {
    const struct jb_inventory *inventory;
    enum jb_layer layer;
    unsigned activities;
};
bool export__takes(const struct export_pick *pick, const struct jb_inventory_run *run);
int64_t export__count(const struct export_pick *pick);

/* R-EXPORT-07: of the training that begins with run i, its ranks together, the run that tells most by `count` (-1: not told). NULL
 * where run i is another rank of one that began before, is not of the document, or (with_energy) its energy is not known. */
typedef jb_i128 export_count_fn(const struct jb_inventory_run *run);
const struct jb_inventory_run *export__teller(const struct export_pick *pick, size_t i,
                                              bool with_energy, export_count_fn *count);
/* R-EXPORT-03: the layer that was asked for, or the only one there is. JB_E_USAGE where there are two, JB_E_NOT_FOUND where no run
 * is of these activities. */
JB_MUST_USE jb_rc export__pick(const struct jb_inventory *inventory,
                               const struct jb_export_options *options, unsigned activities,
                               struct export_pick *ret, struct jb_error *err);
/* The text at `offset` of struct jb_inventory_run, where all of them have the same; else "". */
const char *export__same(const struct export_pick *pick, size_t offset);

/* R-EXPORT-04. Figures are known where every run that is counted in it has them. */
struct export_sum {
    int64_t n_runs;
    int64_t n_unknown;  /* of them, those whose energy is not known: only their time is counted */
    int64_t n_facility; /* whose PUE is told */
    struct jb_figure it_uj;    /* IT energy */
    struct jb_figure total_uj; /* and what the building adds, where its PUE is told */
    struct jb_figure location_ugco2e, market_ugco2e;
    int64_t origin_uj[JB_N_ORIGINS];
    int64_t n_method[4];        /* runs, by enum jb_method */
    int64_t n_part[JB_N_PARTS]; /* runs, by enum jb_part */
    int64_t duration_ns;        /* of all runs together */
    int64_t wall_us;            /* in which at least one of them ran */
    int64_t start_utc_us, end_utc_us;
};
JB_MUST_USE jb_rc export__sum(const struct export_pick *pick, struct export_sum *ret,
                              struct jb_error *err);
/* IT energy and the building's part of one run. */
JB_MUST_USE jb_rc export__run_total(const struct jb_inventory_run *run, struct jb_figure *ret,
                                    struct jb_error *err);

/* R-EXPORT-06: the one model that a document is of; texts "" where runs differ or nobody said. JB_E_INPUT where they are of several
 * models, or of none that was named. */
struct export_model {
    const char *name, *version, *architecture, *application;
};
JB_MUST_USE jb_rc export__model(const struct jb_inventory *inventory,
                                const struct jb_export_options *options, struct export_model *ret,
                                struct jb_error *err);
/* JB_E_INPUT: no energy of the runs is known. */
JB_MUST_USE jb_rc export__nothing_known(struct jb_error *err);

/* "5 runs (search 3, training 2), measured, method C-2; 80 % by counter, 20 % modelled; 90 % interval 1.1 kWh to 1.3 kWh" */
void export__method(const struct export_pick *pick, const struct export_sum *sum,
                    struct jb_buf *out);
/* "IT equipment, the share of the runs; the building's overhead (PUE) is not in it" */
void export__boundary(const struct export_sum *sum, struct jb_buf *out);

/* --- numbers, R-EXPORT-01 -------------------------------------------------------------------------------------- */

/* value x 10^-scale with all its digits, zeros at the end cut. value >= 0. */
void export__decimal(jb_i128 value, unsigned scale, struct jb_buf *out);
/* kWh with 13 decimals at most: read again, the same microjoules. */
void export__kwh(int64_t energy_uj, struct jb_buf *out);
/* a x 10^b with `figures` significant ones, half away from zero: "1.3×10^2". Of value x 10^-scale > 0. */
int export__power_of_ten(jb_i128 value, unsigned scale, unsigned figures, struct jb_buf *out);
/* a x num / den, to nearest; all >= 0. JB_E_RANGE where the product has more than 127 bits. */
JB_MUST_USE jb_rc export__muldiv(jb_i128 a, jb_i128 num, jb_i128 den, jb_i128 *ret);

/* --- JSON ------------------------------------------------------------------------------------------------------- */

/* A text in double quotes; JSON's, and YAML's too. */
void export__quote(const char *text, struct jb_buf *out);

/* Pretty-printed. Keys are NULL in arrays. Nothing else writes to `out` but values begun by export__key. */
struct export_json {
    struct jb_buf *out;
    unsigned depth;
    bool has_member;
};
void export__open(struct export_json *json, const char *key, char bracket);
void export__close(struct export_json *json, char bracket);
void export__key(struct export_json *json, const char *key); /* its value follows, by the caller */
void export__text(struct export_json *json, const char *key, const char *text);
void export__text_if(struct export_json *json, const char *key, const char *text); /* not "" */
void export__integer(struct export_json *json, const char *key, int64_t value);
void export__number(struct export_json *json, const char *key, jb_i128 value, unsigned scale);
void export__number_kwh(struct export_json *json, const char *key, int64_t energy_uj);

/* The end of a document: out's own failure as an error. */
JB_MUST_USE jb_rc export__done(const struct jb_buf *out, const char *format, struct jb_error *err);

extern const struct jb_export_format export__hf_card;
extern const struct jb_export_format export__codecarbon;
extern const struct jb_export_format export__boamps;
extern const struct jb_export_format export__spdx3;
extern const struct jb_export_format export__cyclonedx;
extern const struct jb_export_format export__sci;
extern const struct jb_export_format export__focus;
extern const struct jb_export_format export__eu_form;

#endif
