/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other trainings were measured to draw (R-EST-10) and to reach (R-PLAN-04). It must never answer for a key the table
 * does not have.
 */
#include <string.h>

#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

/* Both tables have these columns; each has its own numbers for them. */
struct columns {
    int table, key, p05, p50, p95, n_runs, n_sources, source;
};

static jb_rc find(const struct columns *at, const char *what, const char *key,
                  struct jb_catalogue_band *ret_band, struct jb_error *err)
{
    for (size_t row = 0; row < catalogue__n_rows(at->table); row++) {
        if (strcmp(catalogue__text(at->table, row, at->key), key) != 0)
            continue;
        struct jb_catalogue_band band = {
            .low = catalogue__number(at->table, row, at->p05),
            .best = catalogue__number(at->table, row, at->p50),
            .high = catalogue__number(at->table, row, at->p95),
            .n_rows = catalogue__number(at->table, row, at->n_runs),
            .n_sources = catalogue__number(at->table, row, at->n_sources),
        };
        catalogue__cite(band.source, sizeof band.source,
                        catalogue__text(at->table, row, at->source));
        *ret_band = band;
        return JB_OK;
    }
    return jb_fail(err, JB_E_NOT_FOUND, NULL, "no measured %s '%s' in the catalogue", what, key);
}

#define COLUMNS(table)                                                                           \
    {                                                                                            \
        CAT_##table, CAT_##table##_key, CAT_##table##_p05, CAT_##table##_p50, CAT_##table##_p95, \
            CAT_##table##_n_runs, CAT_##table##_n_sources, CAT_##table##_source                  \
    }

jb_rc jb_catalogue_training_load(const char *key, struct jb_catalogue_band *ret_band,
                                 struct jb_error *err)
{
    static const struct columns at = COLUMNS(training_load);
    return find(&at, "load", key, ret_band, err);
}

jb_rc jb_catalogue_training_utilisation(const char *key, struct jb_catalogue_band *ret_band,
                                        struct jb_error *err)
{
    static const struct columns at = COLUMNS(training_utilisation);
    return find(&at, "utilisation", key, ret_band, err);
}
