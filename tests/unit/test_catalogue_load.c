/* SPDX-License-Identifier: Apache-2.0 */
/* What other trainings were measured to draw: by key, in millionths, never for a key that is not there. R-EST-10. */
#include "catalogue/catalogue.h"

#include "tap.h"

int main(void)
{
    static const char *const keys[] = {"board", "board_idle", "host_cpu", "processor", "rest"};
    struct jb_catalogue_band band = {.low = -7};
    struct jb_error err = {0};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        ok(jb_catalogue_training_load(keys[i], &band, &err) == JB_OK && 0 < band.low &&
               band.low < band.best && band.best < band.high && band.n_rows > 0 && band.source[0],
           "'%s' has three quantiles in order, a number of runs and a source", keys[i]);
    }
    is_i64(jb_catalogue_training_load("boards", &band, &err), JB_E_NOT_FOUND,
           "a key that is merely like one is not answered");
    return done_testing();
}
