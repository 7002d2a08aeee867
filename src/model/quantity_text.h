/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people write for one figure ("12 h", "360..672 h", "5-10 weeks", "1/2", "<= 6000 h", "unknown", "withheld") to a
 * quantity and back; the same for options, files and questions. Must never guess: a unit that is missing, a "~", a
 * comma are refused with what to write instead. Rules R-KNOWN-01 to -05: docs/method/quantities.md. Pure.
 */
#ifndef JB_MODEL_QUANTITY_TEXT_H
#define JB_MODEL_QUANTITY_TEXT_H

#include "base/error.h"
#include "base/num.h"
#include "model/quantity.h"

/* What one kind of figure looks like. */
struct jb_quantity_form {
    const char *noun;            /* "a time" */
    const char *examples;        /* completes "write ", without the words for what is not known */
    const struct jb_unit *units; /* the first name of a unit is the one shown */
    size_t n_units;
    int64_t divisor;  /* of the unit's factors, to what is kept */
    int64_t min, max; /* of what is kept */
    bool is_whole;    /* no fractions */
    bool is_any_case; /* of units' names */
};

extern const struct jb_quantity_form jb_form_duration_ns; /* 1 ms to 100 years */
extern const struct jb_quantity_form jb_form_power_mw;    /* up to 1 GW */
extern const struct jb_quantity_form jb_form_memory_mib;  /* GB of main memory are GiB */
extern const struct jb_quantity_form jb_form_count_milli; /* "2", "0.5", "1/2", "half" */
extern const struct jb_quantity_form jb_form_whole;       /* a count without fractions */
extern const struct jb_quantity_form jb_form_share_ppm;   /* "50 %", "0.5"; not above 100 % */
extern const struct jb_quantity_form jb_form_pue_milli;   /* 1 to 10 */
/* Of method A (docs/method/cycles.md). */
extern const struct jb_quantity_form jb_form_epc_fj;  /* energy per cycle, up to 1 mJ */
extern const struct jb_quantity_form jb_form_events;  /* instructions or cycles, up to 10^18 */
extern const struct jb_quantity_form jb_form_cpi_ppm; /* above 0, up to 1000 */
extern const struct jb_quantity_form jb_form_capacitance_ff; /* up to 1 F */
extern const struct jb_quantity_form jb_form_voltage_uv;     /* up to 1 kV */
extern const struct jb_quantity_form jb_form_frequency_hz;   /* up to 1 THz */
extern const struct jb_quantity_form jb_form_rate_gflops;    /* of operations, up to 1 ZFLOP/s */

#define JB_QUANTITY_TEXT 128

/* JB_E_INPUT: `message` begins with the text in quotes, `hint` says what to write. */
JB_MUST_USE jb_rc jb_quantity_parse(const char *text, const struct jb_quantity_form *form,
                                    struct jb_quantity *ret_quantity, struct jb_error *err);

/* A name. `is_quoted`: "unknown" and "withheld" are names too. JB_E_INPUT where it is empty, not clean or too long. */
JB_MUST_USE jb_rc jb_answer_parse(const char *text, bool is_quoted, struct jb_answer *ret_answer,
                                  struct jb_error *err);

/* "12 h", "360..672 h", "12..14..16 h" (with a best that was told), "unknown", "withheld"; at most three decimals of a
 * unit that suits the low end. size >= JB_QUANTITY_TEXT; returns buf. */
const char *jb_quantity_format(const struct jb_quantity *quantity,
                               const struct jb_quantity_form *form, char *buf, size_t size);

#endif
