/* SPDX-License-Identifier: Apache-2.0 */
/* Shared inside src/carbon: series of intensities, and the table of whose answers are understood. */
#ifndef JB_CARBON_CARBON_INT_H
#define JB_CARBON_CARBON_INT_H

#include <jansson.h>
#include <stdint.h>

#include "carbon/carbon.h"

struct hourly__row {
    int64_t start_utc_us, end_utc_us; /* half open */
    int64_t mg_per_kwh;
    size_t at; /* line of a file, or place in a list from 1: for messages */
};

jb_rc hourly__new(const char *name, struct jb_hourly **ret, struct jb_error *err);
struct jb_hourly_about *hourly__about(struct jb_hourly *hourly);
/* JB_E_RANGE: too many. The row is right in itself. */
jb_rc hourly__add(struct jb_hourly *hourly, const char *name, const struct hourly__row *row,
                  struct jb_error *err);
/* In order of time from here on. JB_E_INPUT: two of one time, or overlapping. `unit` is "line" or "row". */
jb_rc hourly__sort(struct jb_hourly *hourly, const char *name, const char *unit,
                   struct jb_error *err);

/* hourly_csv.c */
jb_rc hourly__parse_csv(const char *name, const char *text, size_t len, struct jb_hourly *hourly,
                        struct jb_error *err);

/* --- answers of grids' APIs: grid_answer.c, R-CARBON-20 to -23 --------------------------------------------------- */

/* One answer being read: where it came from, for messages, and what it fills. */
struct grid__answer {
    const char *name;
    const json_t *root;
    struct jb_hourly *hourly;
};

/* Somebody's answer. One file grid_<provider>.c, one row in the table of grid_answer.c. */
struct grid__provider {
    const char *name;
    bool (*is_mine)(const json_t *root);
    jb_rc (*read)(const struct grid__answer *answer, struct jb_error *err);
};
extern const struct grid__provider grid__electricity_maps;
extern const struct grid__provider grid__gb;
extern const struct grid__provider grid__watttime;

jb_rc grid__parse(const char *name, const char *text, size_t len, struct jb_hourly *hourly,
                  struct jb_error *err);

/* JB_E_INPUT with "NAME: row I: WHAT". */
jb_rc grid__fail(const struct grid__answer *answer, size_t i, const char *what, const char *hint,
                 struct jb_error *err);
/* "2026-11-23T06:00Z", with seconds, a fraction of them, "+00:00" for the Z; UTC only. */
bool grid__time(const json_t *text, int64_t *ret_utc_us);
/* A number of grams, pounds ...: `mg` each; false where it is none, negative, or too much. */
bool grid__mg(const json_t *number, double mg, int64_t *ret_mg);
/* The text of a field where it is one, else "". */
const char *grid__text(const json_t *object, const char *key);

#endif
