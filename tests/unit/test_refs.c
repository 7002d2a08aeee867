/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows may be references, and that none goes uncounted. R-RATING-05. */
#include "rate/rate.h"
#include "tap.h"

#define KWH_UJ INT64_C(3600000000000)

static struct jb_rate_ref row(jb_i128 energy_uj, jb_i128 flop, int64_t device_us)
{
    return (struct jb_rate_ref){.id = "x",
                                .group = "",
                                .source = "s",
                                .model = NULL,
                                .application = "a",
                                .architecture = "",
                                .stage = "t",
                                .energy_uj = energy_uj,
                                .flop = flop,
                                .n_parameters = -1,
                                .n_examples = -1,
                                .device_us = device_us};
}

static bool is_taken(jb_i128 energy_uj, jb_i128 flop, int64_t device_us,
                     enum jb_rate_left_out reason)
{
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};
    const struct jb_rate_ref ref = row(energy_uj, flop, device_us);

    if (jb_rate_refs_add(&refs, &ref, &err) < 0)
        bail_out("%s", err.message);
    const bool is_kept = refs.n == 1;
    if (!is_kept && refs.n_left_out[reason] != 1)
        bail_out("left out by another reason");
    jb_rate_refs_release(&refs);
    return is_kept;
}

int main(void)
{
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};
    char id[] = "changes";
    struct jb_rate_ref ref = row(KWH_UJ, -1, -1);

    ok(is_taken(KWH_UJ, -1, -1, JB_RATE_NO_ENERGY), "a kilowatt-hour is energy");
    ok(!is_taken(0, -1, -1, JB_RATE_NO_ENERGY) && !is_taken(-1, -1, -1, JB_RATE_NO_ENERGY),
       "nothing is none");
    ok(is_taken((jb_i128)50000000 * KWH_UJ, -1, -1, JB_RATE_NO_ENERGY),
       "50 GWh are kept, beyond 64 bits of microjoules");
    ok(!is_taken((jb_i128)INT64_MAX * 1000000, -1, -1, JB_RATE_NO_ENERGY), "the world's are not");
    /* 1 kWh over 3.6e19 operations is 0.1 pJ each. */
    ok(is_taken(KWH_UJ, (jb_i128)36 * 1000000000000000000, -1, JB_RATE_IMPLAUSIBLE) &&
           !is_taken(KWH_UJ, (jb_i128)37 * 1000000000000000000, -1, JB_RATE_IMPLAUSIBLE),
       "less than 0.1 pJ per operation is more than a board can do");
    /* 1 kWh over 20 min is 3 kW */
    ok(!is_taken(KWH_UJ, -1, INT64_C(1200000000), JB_RATE_IMPLAUSIBLE) &&
           is_taken(KWH_UJ, -1, INT64_C(1200600000), JB_RATE_IMPLAUSIBLE),
       "3 kW for a device is too much");
    /* over 1000 h it is 1 W */
    ok(is_taken(KWH_UJ, -1, INT64_C(3600000000000), JB_RATE_IMPLAUSIBLE) &&
           !is_taken(KWH_UJ, -1, INT64_C(3610000000000), JB_RATE_IMPLAUSIBLE),
       "less than 1 W too little");

    ref.id = id;
    for (int i = 0; i < 1000; i++)
        if (jb_rate_refs_add(&refs, &ref, &err) < 0)
            bail_out("%s", err.message);
    id[0] = 'X';
    is_i64((int64_t)refs.n, 1000, "a list grows");
    ok(strcmp(refs.rows[0].id, "changes") == 0 && strcmp(refs.rows[999].source, "s") == 0,
       "and has texts of its own");
    is_str(refs.rows[0].model, "", "what is not told is empty");
    jb_rate_refs_release(&refs);
    ok(refs.n == 0 && !refs.rows && !refs.texts, "nothing stays");
    return done_testing();
}
