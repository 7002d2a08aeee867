/* SPDX-License-Identifier: Apache-2.0 */
/* R-EST-24: what is known does not widen a band, and with everything known there is none. */
#include "../tap.h"

#include "estimate/estimate.h"

#define HOUR INT64_C(3600000000000)

int main(void)
{
    struct jb_work work = {0};
    struct jb_estimate estimate;
    struct jb_figure narrowed;
    struct jb_error err = {0};

    ok(jb_estimate_narrowed(&work, 0, &narrowed, &err) == JB_E_NOT_FOUND &&
           strstr(err.message, "unknown"),
       "of nothing there is no band");
    work.accelerator.known = JB_KNOWN_VALUE;
    (void)snprintf(work.accelerator.text, sizeof work.accelerator.text, "Tesla K80");
    work.n_accelerators_milli = (struct jb_quantity){JB_KNOWN_VALUE, false, 1000, 1000, 1000};
    work.duration_ns = (struct jb_quantity){JB_KNOWN_RANGE, true, 10 * HOUR, 20 * HOUR, 40 * HOUR};
    ok(jb_estimate_make(&work, &estimate, &err) == JB_OK, "an estimate");
    ok(jb_estimate_narrowed(&work, 0, &narrowed, &err) == JB_OK &&
           narrowed.low == estimate.energy_uj.low && narrowed.high == estimate.energy_uj.high,
       "nothing more known: the same band");
    int64_t before = estimate.energy_uj.high - estimate.energy_uj.low;
    unsigned causes = 0;
    for (int cause = 0; cause < JB_CAUSES; cause++) {
        causes |= JB_CAUSE_BIT(cause);
        const bool is_made = jb_estimate_narrowed(&work, causes, &narrowed, &err) == JB_OK;
        ok(is_made && narrowed.high - narrowed.low <= before &&
               narrowed.best == estimate.energy_uj.best,
           "cause %d: the band is no wider and the best figure stays", cause);
        before = narrowed.high - narrowed.low;
    }
    is_i64(before, 0, "everything known: no band");
    /* The time alone: 10 to 40 h around 20 h is a half to twice; known, the low end rises. */
    ok(jb_estimate_narrowed(&work, JB_CAUSE_BIT(JB_CAUSE_TIME), &narrowed, &err) == JB_OK &&
           narrowed.low > estimate.energy_uj.low && narrowed.high < estimate.energy_uj.high,
       "the time known, both ends come in");
    return done_testing();
}
