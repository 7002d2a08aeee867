/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue's measured loads into the form the estimate works with (R-EST-10). It must never fill a gap itself. */
#include "base/num.h"
#include "estimate/estimate_int.h"

/* In the catalogue all are millionths of a unit; `per_unit` of ours are one of it. */
static const struct {
    const char *key;
    int64_t per_unit;
} rows[LOAD_N] = {
    [LOAD_BOARD] = {"board", 1000000},
    [LOAD_BOARD_IDLE] = {"board_idle", 1000000},
    [LOAD_PROCESSOR] = {"processor", 1000000},
    [LOAD_MOBILE] = {"processor_mobile", 1000000},
    [LOAD_HOST] = {"host", 1000000},
    [LOAD_HOST_CPU] = {"host_cpu", 1000},
    [LOAD_HOST_MEMORY] = {"host_memory", 1000},
    [LOAD_GIB_PER_VCPU] = {"gib_per_vcpu", 1024},
    [LOAD_REST] = {"rest", 1000000},
};

jb_rc estimate__load_read(struct estimate__load *ret_load, struct jb_error *err)
{
    struct estimate__load load = {0};

    for (int i = 0; i < LOAD_N; i++) {
        struct jb_catalogue_band *const band = &load.rows[i];
        const jb_rc rc = jb_catalogue_training_load(rows[i].key, band, err);
        if (rc < 0)
            return rc;
        band->low =
            jb_muldiv_sat_i64(band->low, rows[i].per_unit, INT64_C(1000000), JB_ROUND_FLOOR);
        band->best =
            jb_muldiv_sat_i64(band->best, rows[i].per_unit, INT64_C(1000000), JB_ROUND_NEAREST);
        band->high =
            jb_muldiv_sat_i64(band->high, rows[i].per_unit, INT64_C(1000000), JB_ROUND_CEIL);
    }
    *ret_load = load;
    return JB_OK;
}
