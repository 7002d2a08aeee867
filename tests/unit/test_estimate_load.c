/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue's measured loads in the units the estimate works with. R-EST-10. */
#include "estimate/estimate_int.h"

#include "tap.h"

int main(void)
{
    struct estimate__load load;
    struct jb_catalogue_band row = {0};
    struct jb_error err = {0};

    ok(estimate__load_read(&load, &err) >= 0,
       "every row that an estimate needs is in the catalogue");
    for (int i = 0; i < LOAD_N; i++)
        ok(load.rows[i].low > 0 && load.rows[i].low <= load.rows[i].best &&
               load.rows[i].best <= load.rows[i].high && load.rows[i].n_rows > 0,
           "row %d has three figures in order", i);
    ok(load.rows[LOAD_BOARD].high >= 1000000, "a board can hold its rating, whatever the runs did");
    ok(jb_catalogue_training_load("gib_per_vcpu", &row, &err) >= 0 && row.low == 2000000 &&
           load.rows[LOAD_GIB_PER_VCPU].low == 2048,
       "2 GiB are 2048 MiB");
    ok(jb_catalogue_training_load("host_cpu", &row, &err) >= 0 && row.low == 5000000 &&
           load.rows[LOAD_HOST_CPU].low == 5000,
       "5 W are 5000 mW");
    return done_testing();
}
