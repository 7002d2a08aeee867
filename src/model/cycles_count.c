/* SPDX-License-Identifier: Apache-2.0 */
/* Counts as the kernel gave them to counts with a band, or to the reason why there is none; cycles to energy. R-CYCLES-01 to
 * -03. Must never turn a counter that was not there into a zero. */
#include "model/cycles.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "model/account.h"

static const char *const event_names[] = {
    [JB_CYCLES_INSTRUCTIONS] = "instructions",
    [JB_CYCLES_CYCLES] = "cycles",
    [JB_CYCLES_REFERENCE] = "ref-cycles",
};

static const char *const absence_texts[] = {
    [JB_CYCLES_NO_COUNTER] = "this machine's kernel shows no such counter (a virtual machine?)",
    [JB_CYCLES_DENIED] = "the kernel does not allow it",
    [JB_CYCLES_FORBIDDEN] = "a seccomp profile or a security module forbids perf_event_open: allow "
                            "it in the container, or count outside of it",
    [JB_CYCLES_NO_EVENTS] = "this kernel has no perf events",
    [JB_CYCLES_NO_ROOM] = "no descriptor or memory was left for it: raise `ulimit -n`",
    [JB_CYCLES_BUSY] = "another program has the processor's counters for itself",
    [JB_CYCLES_NEVER_ON] = "it was never on the processor: others held the counters, or the "
                           "command took privileges (setuid)",
    [JB_CYCLES_ATTACHED] = "the process ran before it was attached to: start it with `joulebook "
                           "run -- COMMAND`",
    [JB_CYCLES_UNREAD] = "the counter could not be read",
};

const char *jb_cycles_event_name(enum jb_cycles_event event)
{
    return event_names[event];
}

void jb_cycles_absent(enum jb_cycles_absence absence, int64_t paranoid, struct jb_cycles_count *ret)
{
    *ret = (struct jb_cycles_count){.absence = absence};
    if (absence == JB_CYCLES_DENIED && paranoid != JB_PARANOID_UNKNOWN)
        (void)snprintf(ret->why_not, sizeof ret->why_not,
                       "perf_event_paranoid is %" PRId64
                       ": `sysctl kernel.perf_event_paranoid=2`, or give joulebook cap_perfmon",
                       paranoid);
    else
        (void)snprintf(ret->why_not, sizeof ret->why_not, "%s",
                       absence > JB_CYCLES_THERE && absence < JB_CYCLES_ABSENCES
                           ? absence_texts[absence]
                           : absence_texts[JB_CYCLES_UNREAD]);
}

void jb_cycles_settle(int64_t raw, int64_t enabled_ns, int64_t running_ns,
                      struct jb_cycles_count *ret)
{
    struct jb_cycles_count count = {
        .is_known = true, .raw = raw, .enabled_ns = enabled_ns, .running_ns = running_ns};

    if (running_ns <= 0 && raw == 0) {
        jb_cycles_absent(JB_CYCLES_NEVER_ON, JB_PARANOID_UNKNOWN, ret);
        return;
    }
    /* Times may differ by what one reading takes: more running than enabled is not more than all of it. */
    if (raw < 0 || running_ns <= 0 ||
        jb_muldiv_i64(raw, enabled_ns > running_ns ? enabled_ns : running_ns, running_ns,
                      JB_ROUND_NEAREST, &count.best) < 0) {
        jb_cycles_absent(JB_CYCLES_UNREAD, JB_PARANOID_UNKNOWN, ret);
        return;
    }
    count.low = raw;
    count.high = jb_add_sat_i64(count.best, count.best - raw);
    *ret = count;
}

bool jb_cycles_is_absent(const struct jb_cycles *cycles)
{
    for (int i = 0; i < JB_CYCLES_EVENTS; i++)
        if (cycles->counts[i].is_known)
            return false;
    return true;
}

void jb_cycles_cpi(const struct jb_cycles *cycles, struct jb_figure *ret_ppm)
{
    const struct jb_cycles_count *const ic = &cycles->counts[JB_CYCLES_INSTRUCTIONS];
    const struct jb_cycles_count *const cc = &cycles->counts[JB_CYCLES_CYCLES];

    *ret_ppm = (struct jb_figure){.is_known = false};
    if (!ic->is_known || !cc->is_known || ic->low <= 0)
        return;
    *ret_ppm = (struct jb_figure){
        .is_known = true,
        .low = jb_muldiv_sat_i64(cc->low, 1000000, ic->high, JB_ROUND_FLOOR),
        .best = jb_muldiv_sat_i64(cc->best, 1000000, ic->best, JB_ROUND_NEAREST),
        .high = jb_muldiv_sat_i64(cc->high, 1000000, ic->low, JB_ROUND_CEIL),
    };
}

#define FJ_PER_UJ INT64_C(1000000000)

jb_rc jb_cycles_energy(int64_t low, int64_t best, int64_t high, const struct jb_epc *epc,
                       struct jb_figure *ret_uj, struct jb_error *err)
{
    struct jb_figure energy = {.is_known = true};

    if (!epc->is_known || low < 0 || best < low || high < best || epc->low_fj < 0 ||
        jb_muldiv_i64(low, epc->low_fj, FJ_PER_UJ, JB_ROUND_FLOOR, &energy.low) < 0 ||
        jb_muldiv_i64(best, epc->best_fj, FJ_PER_UJ, JB_ROUND_NEAREST, &energy.best) < 0 ||
        jb_muldiv_i64(high, epc->high_fj, FJ_PER_UJ, JB_ROUND_CEIL, &energy.high) < 0)
        return jb_fail(err, JB_E_RANGE, NULL,
                       "cycles and energy per cycle give no energy of 64 bits");
    *ret_uj = energy;
    return JB_OK;
}
