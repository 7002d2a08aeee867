/* SPDX-License-Identifier: Apache-2.0 */
/* What stands beside an estimate: what was said, carbon, cost, equivalents. Pure but for the catalogue. */
#ifndef JB_CLI_ESTIMATE_BESIDE_H
#define JB_CLI_ESTIMATE_BESIDE_H

#include "base/error.h"
#include "catalogue/catalogue.h"
#include "report/report_estimate.h"

/* The fields of the work that were said. */
void jb_beside_inputs(const struct jb_work *work, struct jb_estimate_told *told);
/* IT energy, and the facility's where it is known (R-CARBON-10). */
void jb_beside_total(struct jb_estimate_told *told);
/* Of what is not computable: what would allow it, as notes. */
void jb_beside_missing(const struct jb_work *work, struct jb_estimate_told *told);
/* A place that is a region of a cloud becomes the zone of its grid, and its PUE is that of the region where none was said
 * (R-EST-34); says so in factors and notes. JB_E_INPUT where it is no place at all. */
JB_MUST_USE jb_rc jb_beside_region(struct jb_work *work, struct jb_estimate_told *told,
                                   struct jb_error *err);
/* By the grid of work->place; nothing where none is told. JB_E_INPUT where there is no such place. */
JB_MUST_USE jb_rc jb_beside_carbon(const struct jb_work *work, struct jb_estimate_told *told,
                                   struct jb_error *err);
/* tariff < 0: nothing. */
JB_MUST_USE jb_rc jb_beside_cost(int64_t tariff_micro_per_kwh, const char *currency,
                                 struct jb_estimate_told *told, struct jb_error *err);
/* A figure as so many of a thing, energy or carbon as the thing is of; false where it is not known. */
bool jb_beside_count(const struct jb_equivalent *equivalent, const struct jb_figure *figure,
                     struct jb_figure *ret_n_milli);
/* The total (or its carbon) as so many of a thing; left out where that figure is not known. */
void jb_beside_equivalent(const struct jb_equivalent *equivalent, struct jb_estimate_told *told);
/* One of the few that people know: refrigerators, households, flights, cars. */
bool jb_beside_is_usual(const struct jb_equivalent *equivalent);
/* Those, in the order in which they are told; how many there are. */
#define JB_BESIDE_USUAL 6
size_t jb_beside_usual(struct jb_equivalent ret[JB_BESIDE_USUAL]);
void jb_beside_equivalents(struct jb_estimate_told *told);

#endif
