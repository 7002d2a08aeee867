/* SPDX-License-Identifier: Apache-2.0 */
/* model/cycles_count: scaling with its band, reasons, CPI, and energy to the microjoule; all by hand. */
#include "model/account.h"
#include "model/cycles.h"
#include "tap.h"

static void has(const char *text, const char *words, const char *name)
{
    if (!ok(strstr(text, words) != NULL, "%s", name))
        diag("got '%s'", text);
}

static void test_scaling(void)
{
    struct jb_cycles_count count;

    jb_cycles_settle(1000000007, 5000, 5000, &count);
    is_i64(count.low == 1000000007 && count.best == 1000000007 && count.high == 1000000007, 1,
           "R-CYCLES-03: a counter of its own is exact: no band");
    /* On for 3 of 4 parts: 900 x 4 / 3 = 1200; seen 900, unseen 300, which may be 0 to 600. */
    jb_cycles_settle(900, 4000, 3000, &count);
    is_i64(count.best, 1200, "a shared counter is scaled by enabled / running");
    is_i64(count.low, 900, "and holds at least what was counted");
    is_i64(count.high, 1500, "and at most twice the rate while it was off");
    is_i64(count.raw, 900, "what was counted is kept");
    jb_cycles_settle(7, 3, 2, &count); /* 10.5: half away from zero */
    is_i64(count.best, 11, "rounded to the nearest, halves away from zero");
    jb_cycles_settle(0, 1000, 1000, &count);
    ok(count.is_known && count.best == 0, "a counter that was on and counted nothing is a zero");
    jb_cycles_settle(0, 1000, 0, &count);
    ok(!count.is_known, "R-CYCLES-02: one that was never on is no zero");
    has(count.why_not, "never on the processor", "and says so");
    jb_cycles_settle(5, 1000, 0, &count);
    ok(!count.is_known, "a count without time is none");
    jb_cycles_settle(INT64_MAX, 10, 1, &count);
    ok(!count.is_known, "nor one that does not fit 63 bits when scaled");
    jb_cycles_settle(900, 2999, 3000, &count);
    is_i64(count.best, 900, "more running than enabled takes nothing away");
}

static void test_reasons(void)
{
    struct jb_cycles_count count;

    jb_cycles_absent(JB_CYCLES_DENIED, 3, &count);
    has(count.why_not,
        "perf_event_paranoid is 3: `sysctl kernel.perf_event_paranoid=2`, or give joulebook "
        "cap_perfmon",
        "a denied counter names the setting and the step");
    jb_cycles_absent(JB_CYCLES_NO_COUNTER, 3, &count);
    has(count.why_not, "virtual machine", "an absent one why it may be");
    for (int i = JB_CYCLES_NO_COUNTER; i < JB_CYCLES_ABSENCES; i++) {
        jb_cycles_absent((enum jb_cycles_absence)i, JB_PARANOID_UNKNOWN, &count);
        ok(!count.is_known && count.why_not[0] != '\0', "reason %d has words", i);
    }
    jb_cycles_absent((enum jb_cycles_absence)99, JB_PARANOID_UNKNOWN, &count);
    ok(count.why_not[0] != '\0', "and so has one of a later version");
}

static void test_cpi(void)
{
    struct jb_cycles cycles = {.is_user_only = false};
    struct jb_figure cpi;

    ok(jb_cycles_is_absent(&cycles), "nothing known is absent");
    jb_cycles_cpi(&cycles, &cpi);
    ok(!cpi.is_known, "without counts there is no CPI");
    jb_cycles_settle(2300000000000, 1, 1, &cycles.counts[JB_CYCLES_INSTRUCTIONS]);
    jb_cycles_settle(1230000000000, 1, 1, &cycles.counts[JB_CYCLES_CYCLES]);
    jb_cycles_cpi(&cycles, &cpi); /* 1.23 / 2.3 = 0.534783 */
    is_i64(cpi.best, 534783, "1.23e12 cycles of 2.3e12 instructions are 0.534783 each");
    is_i64(cpi.low, 534782, "low rounded down");
    is_i64(cpi.high, 534783, "high up");
    ok(!jb_cycles_is_absent(&cycles), "and something is known");
    jb_cycles_settle(0, 1, 1, &cycles.counts[JB_CYCLES_INSTRUCTIONS]);
    jb_cycles_cpi(&cycles, &cpi);
    ok(!cpi.is_known, "no instruction, no CPI");
}

static void test_energy(void)
{
    struct jb_epc epc = {
        .is_known = true, .low_fj = 900000, .best_fj = 1100000, .high_fj = 1200000};
    struct jb_figure energy;
    struct jb_error err;

    /* 1.23e12 cycles x 1.1 nJ = 1353 J; x 0.9 nJ = 1107 J; x 1.2 nJ = 1476 J */
    is_i64(jb_cycles_energy(1230000000000, 1230000000000, 1230000000000, &epc, &energy, &err),
           JB_OK, "cycles and energy per cycle give energy");
    is_i64(energy.best, INT64_C(1353000000), "R-CYCLES-01: 1.23e12 x 1.1 nJ = 1353 J");
    is_i64(energy.low, INT64_C(1107000000), "x 0.9 nJ = 1107 J");
    is_i64(energy.high, INT64_C(1476000000), "x 1.2 nJ = 1476 J");
    epc.low_fj = epc.best_fj = epc.high_fj = 1234567;
    is_i64(jb_cycles_energy(12345678987, 12345678987, 12345678987, &epc, &energy, &err), JB_OK,
           "any number of cycles");
    /* 12,345,678,987 x 1,234,567 = 15,241,567,869,943,629 femtojoule = 15,241,567.869... uJ */
    is_i64(energy.best, 15241568, "nearest microjoule");
    is_i64(energy.low, 15241567, "down");
    is_i64(energy.high, 15241568, "up");
    /* 10^18 cycles (9 years of 3.5 GHz) x 2 nJ = 2 x 10^15 uJ: the product needs 80 bits */
    epc.low_fj = epc.best_fj = epc.high_fj = 2000000;
    is_i64(jb_cycles_energy(INT64_C(1000000000000000000), INT64_C(1000000000000000000),
                            INT64_C(1000000000000000000), &epc, &energy, &err),
           JB_OK, "products beyond 64 bits are made");
    is_i64(energy.best, INT64_C(2000000000000000), "10^18 x 2 nJ = 2 GJ");
    epc.high_fj = INT64_MAX;
    is_i64(jb_cycles_energy(1, 1, INT64_MAX, &epc, &energy, &err), JB_E_RANGE,
           "what does not fit is refused");
    epc.is_known = false;
    is_i64(jb_cycles_energy(1, 1, 1, &epc, &energy, &err), JB_E_RANGE, "so is no energy per cycle");
}

int main(void)
{
    is_str(jb_cycles_event_name(JB_CYCLES_REFERENCE), "ref-cycles", "events have their words");
    test_scaling();
    test_reasons();
    test_cpi();
    test_energy();
    return done_testing();
}
