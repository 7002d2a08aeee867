/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a plan: what the hardware can, what others made of it, what it draws at that, and how the doubts join.
 */
#ifndef JB_PLAN_PLAN_INT_H
#define JB_PLAN_PLAN_INT_H

#include "catalogue/catalogue.h"
#include "plan/plan.h"

/* --- what published trainings reached (R-PLAN-04) --------------------------------------------------------------- */

enum plan__size {
    SIZE_SMALL,
    SIZE_MEDIUM,
    SIZE_LARGE,
    SIZE_N
}; /* below 1e21, below 1e22, beyond */
enum plan__kind { KIND_BF16, KIND_FP16, KIND_FP32, KIND_NPU, KIND_N }; /* what the peak is of */
enum plan__size plan__size_of(jb_i128 flop);

struct plan__refs {
    struct jb_catalogue_band utilisation[SIZE_N][KIND_N]; /* ppm of peak */
    struct jb_catalogue_band draw; /* of a node / what is estimated for it at that utilisation */
    int64_t exponent_ppm;          /* draw above idle goes with utilisation to the power of this */
    struct jb_catalogue_band board, board_idle; /* of training_load */
};
JB_MUST_USE jb_rc plan__refs_read(struct plan__refs *ret_refs, struct jb_error *err);
const char *plan__size_text(enum plan__size size);
const char *plan__kind_text(enum plan__size size, enum plan__kind kind);

/* --- hardware (R-PLAN-02, -03) ----------------------------------------------------------------------------------- */

/* Of one device. */
struct plan__hardware {
    char name[JB_CATALOGUE_NAME];           /* "" for none */
    char source[JB_CATALOGUE_SOURCE];       /* of the rated power */
    char rates_source[JB_CATALOGUE_SOURCE]; /* of the peak */
    bool is_boards;                         /* an accelerator; else processors alone */
    enum plan__kind kind;
    char peak_type[8];
    int64_t peak_gflops; /* 0 unknown */
    int64_t n_dies;      /* devices of one board */
    int64_t board_mw;    /* rated; 0 unknown */
    size_t n_variants;
    /* What the variants of a name do to time and energy, each over that of the best, ppm. */
    int64_t time_low_ppm, time_high_ppm, energy_low_ppm, energy_high_ppm;
    bool has_instance;
    struct jb_instance instance;
};
/* JB_E_INPUT for names as the catalogue gives it. */
JB_MUST_USE jb_rc plan__hardware_of(const struct jb_plan_order *order,
                                    struct plan__hardware *ret_hardware, struct jb_error *err);

/* --- time and energy (R-PLAN-06 to -08) -------------------------------------------------------------------------- */

struct plan__facts {
    const struct jb_plan_order *order;
    const struct plan__refs *refs;
    struct plan__hardware hardware;
    enum plan__size size;
    struct jb_quantity utilisation; /* as stated, or as the references have it */
    bool is_stated;
};

/* Mean draw of a board at a utilisation, from its rating (R-PLAN-07). */
int64_t plan__board_mw(const struct plan__facts *facts, int64_t utilisation_ppm);

/* What all hardware draws with its boards at `board_mw`; nothing of the reference draws in it. */
JB_MUST_USE jb_rc plan__power(const struct plan__facts *facts, int64_t board_mw,
                              struct jb_estimate *ret_estimate, struct jb_error *err);

/* Fills utilisation, times, energy and power of the plan, or why_not. */
JB_MUST_USE jb_rc plan__energy(const struct plan__facts *facts, struct jb_plan *plan,
                               struct jb_error *err);

/* --- facility, carbon, cost (R-PLAN-09) ---------------------------------------------------------------------------- */

JB_MUST_USE jb_rc plan__beside(const struct jb_plan_order *order, struct jb_plan *plan,
                               struct jb_error *err);

void plan__note(struct jb_plan *plan, const char *format, ...) JB_PRINTF(2, 3);
void plan__factor(struct jb_plan *plan, const char *name, const char *source, const char *format,
                  ...) JB_PRINTF(4, 5);

/* jb_plan_make with other references than the catalogue's: for the study (docs/method/validation.md). */
JB_MUST_USE jb_rc plan__make(const struct jb_plan_order *order, const struct plan__refs *refs,
                             struct jb_plan *ret_plan, struct jb_error *err);

#endif
