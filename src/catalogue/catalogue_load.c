/* SPDX-License-Identifier: Apache-2.0 */
/* What other trainings were measured to draw (R-EST-10). It must never answer for a key the table does not have. */
#include <string.h>

#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

jb_rc jb_catalogue_training_load(const char *key, struct jb_catalogue_band *ret_band,
                                 struct jb_error *err)
{
    for (size_t row = 0; row < catalogue__n_rows(CAT_training_load); row++) {
        if (strcmp(catalogue__text(CAT_training_load, row, CAT_training_load_key), key) != 0)
            continue;
        struct jb_catalogue_band band = {
            .low = catalogue__number(CAT_training_load, row, CAT_training_load_p05),
            .best = catalogue__number(CAT_training_load, row, CAT_training_load_p50),
            .high = catalogue__number(CAT_training_load, row, CAT_training_load_p95),
            .n_rows = catalogue__number(CAT_training_load, row, CAT_training_load_n_runs),
        };
        catalogue__cite(band.source, sizeof band.source,
                        catalogue__text(CAT_training_load, row, CAT_training_load_source));
        *ret_band = band;
        return JB_OK;
    }
    return jb_fail(err, JB_E_NOT_FOUND, NULL, "no measured load '%s' in the catalogue", key);
}
