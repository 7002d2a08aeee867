/* SPDX-License-Identifier: Apache-2.0 */
/* What others reached: from the catalogue, whole, in order; sizes at their limits. R-PLAN-04, -05. */
#include "plan/plan_int.h"

#include "tap.h"

int main(void)
{
    struct plan__refs refs = {0};
    struct jb_error err = {0};
    struct jb_catalogue_band band = {.low = -7};
    const jb_i128 zetta = (jb_i128)1000000000000 * 1000000000;

    ok(plan__refs_read(&refs, &err) == JB_OK, "the catalogue has every row a plan needs");
    for (int size = 0; size < SIZE_N; size++)
        for (int kind = 0; kind < KIND_N; kind++) {
            const struct jb_catalogue_band *const at = &refs.utilisation[size][kind];
            ok(0 < at->low && at->low < at->best && at->best < at->high && at->high < 1000000 &&
                   at->n_rows > 0 && at->n_sources > 0 && at->n_sources <= at->n_rows &&
                   at->source[0],
               "%s on %s: shares of a peak in order, with runs and sources",
               plan__size_text((enum plan__size)size),
               plan__kind_text((enum plan__size)size, (enum plan__kind)kind));
        }
    ok(refs.exponent_ppm > 0 && refs.exponent_ppm < 1000000,
       "draw grows with utilisation, and slower");
    ok(refs.draw.low < refs.draw.best && refs.draw.best < refs.draw.high, "draws are in order");
    is_i64(plan__size_of(zetta - 1), SIZE_SMALL, "below 1e21 is small");
    is_i64(plan__size_of(zetta), SIZE_MEDIUM, "1e21 is not");
    is_i64(plan__size_of(10 * zetta - 1), SIZE_MEDIUM, "below 1e22 is medium");
    is_i64(plan__size_of(10 * zetta), SIZE_LARGE, "1e22 is large");
    is_i64(jb_catalogue_training_utilisation("larg", &band, &err), JB_E_NOT_FOUND,
           "a key that is merely like one is not answered");
    is_i64(band.low, -7, "and writes nothing");
    return done_testing();
}
