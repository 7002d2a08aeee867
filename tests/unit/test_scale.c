/* SPDX-License-Identifier: Apache-2.0 */
/* Round numbers on an axis (R-PAGE-04), worked out by hand. */
#include "page/scale.h"

#include <math.h>

#include "tap.h"

/* "0 20 40 60 min": all labels and the unit. */
static const char *all(enum jb_scale_kind kind, int64_t min, int64_t max, size_t n, bool is_widened,
                       char *buf, size_t size)
{
    struct jb_scale scale;
    size_t len = 0;

    jb_scale_make(&scale, kind, min, max, n, is_widened);
    buf[0] = '\0';
    for (size_t i = 0; i < scale.n_ticks && len < size; i++)
        len += (size_t)snprintf(buf + len, size - len, "%s ", scale.ticks[i].label);
    (void)snprintf(buf + len, size - len, "%s", scale.unit);
    return buf;
}

int main(void)
{
    struct jb_scale scale;
    char buf[256];

    is_str(all(JB_SCALE_UW, 0, 437000000, 4, true, buf, sizeof buf), "0 200 400 600 W",
           "437 W: steps of 200 W, up to the next one");
    is_str(all(JB_SCALE_UW, 0, 437000000, 5, false, buf, sizeof buf), "0 100 200 300 400 W",
           "not widened: up to the last below");
    is_str(all(JB_SCALE_UJ, 0, 1800000000, 4, true, buf, sizeof buf), "0 500 1000 1500 2000 J",
           "1800 J are told in J");
    is_str(all(JB_SCALE_UJ, 0, INT64_C(3600000000000), 5, true, buf, sizeof buf),
           "0 0.2 0.4 0.6 0.8 1 kWh", "1 kWh is told in kWh, round in kWh");
    is_str(all(JB_SCALE_NS, 0, INT64_C(3600000000000), 6, false, buf, sizeof buf),
           "0 10 20 30 40 50 60 min", "an hour in minutes");
    is_str(all(JB_SCALE_NS, 0, INT64_C(864000000000000), 5, false, buf, sizeof buf),
           "0 2 4 6 8 10 days", "ten days");
    is_str(all(JB_SCALE_COUNT, 1, 3, 8, false, buf, sizeof buf), "1 2 3 ", "no half epochs");
    is_str(all(JB_SCALE_NANO, 912000000, 948000000, 3, true, buf, sizeof buf),
           "0.9 0.92 0.94 0.96 ", "accuracy of 0.912 to 0.948");
    is_str(all(JB_SCALE_NANO, -2000000000, 1000000000, 3, true, buf, sizeof buf), "-2 -1 0 1 ",
           "below zero");
    is_str(all(JB_SCALE_COUNT, 0, INT64_C(3000000000000000000), 3, true, buf, sizeof buf),
           "0 1e18 2e18 3e18 ", "very many");
    jb_scale_make(&scale, JB_SCALE_UW, 0, 0, 4, true);
    ok(scale.max > scale.min && scale.n_ticks > 0, "nothing but zero has an axis too");
    jb_scale_make(&scale, JB_SCALE_COUNT, INT64_MIN, INT64_MAX, 4, true);
    ok(scale.n_ticks >= 2 && isfinite(scale.min) && isfinite(scale.max),
       "the whole range has an axis");

    jb_scale_make(&scale, JB_SCALE_UW, 0, 400000000, 4, true);
    is_i64(jb_scale_place(&scale, 100000000, 1000, 200), 800, "a quarter of the way up");
    is_i64(jb_scale_place(&scale, 900000000, 1000, 200), 200, "beyond the end: at the end");
    is_i64(jb_scale_place(&scale, -5, 1000, 200), 1000, "before the begin: at the begin");
    return done_testing();
}
