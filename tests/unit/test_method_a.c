/* SPDX-License-Identifier: Apache-2.0 */
/* estimate/method_a: formulas 4.1 and 4.3 by hand; what is missing, what does not fit, what stands beside method B. R-CYCLES-11. */
#include "base/error.h"
#include "estimate/method_a.h"
#include "tap.h"

static struct jb_quantity value(int64_t best)
{
    return (struct jb_quantity){JB_KNOWN_VALUE, false, best, best, best};
}

static struct jb_quantity range(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_quantity){JB_KNOWN_RANGE, false, low, best, high};
}

/* As method B leaves it of work without hardware. */
static struct jb_estimate nothing(void)
{
    struct jb_estimate estimate = {.n_choices = 2};

    estimate.choices[0].method = JB_METHOD_A;
    estimate.choices[1].method = JB_METHOD_B;
    (void)snprintf(estimate.why_not, sizeof estimate.why_not, "hardware unknown");
    return estimate;
}

static void cycles(void)
{
    static struct jb_work work;
    struct jb_software s = {.instructions = value(INT64_C(2000000000000)),
                            .cpi_ppm = value(800000),
                            .epc_fj = value(1100000)};
    static struct jb_estimate estimate;
    struct jb_error err;

    estimate = nothing();
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_OK, "instructions, CPI and EPC");
    is_i64(estimate.energy_uj.best, INT64_C(1760000000), "2e12 x 0.8 x 1.1 nJ = 1760 J");
    ok(estimate.is_computable && estimate.method == JB_METHOD_A && !estimate.why_not[0],
       "are the estimate where nothing else is");
    ok(estimate.choices[0].is_possible && estimate.choices[0].is_chosen, "chosen in table 4.1");
    is_str(estimate.choices[0].formula, "4.3", "by its formula");
    is_i64(estimate.parts[0].energy_uj.best, INT64_C(1760000000), "of the processor");
    /* 1e12 x 0.5 x 0.9 nJ = 450 J; 3e12 x 1.2 x 1.3 nJ = 4680 J */
    s = (struct jb_software){.instructions = range(INT64_C(1000000000000), INT64_C(2000000000000),
                                                   INT64_C(3000000000000)),
                             .cpi_ppm = range(500000, 800000, 1200000),
                             .epc_fj = range(900000, 1100000, 1300000)};
    work.pue_milli = range(1100, 1200, 1500);
    work.n_repeats = 1;
    work.repeats[0].n_milli = range(1000, 2000, 3000);
    estimate = nothing();
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_OK, "ranges");
    is_i64(estimate.energy_uj.low, INT64_C(450000000), "low ends meet: 450 J once");
    is_i64(estimate.energy_uj.best, INT64_C(3520000000), "best: 1760 J twice");
    is_i64(estimate.energy_uj.high, INT64_C(14040000000), "high ends: 4680 J three times");
    is_i64(estimate.facility_uj.best, INT64_C(704000000), "the facility takes 20 %% of it");
    is_i64(estimate.facility_uj.high, INT64_C(7020000000), "up to half");
    /* One instruction of one cycle of 1 fJ: 10^-9 uJ. */
    s = (struct jb_software){
        .instructions = value(1), .cpi_ppm = value(1000000), .epc_fj = value(1)};
    memset(&work, 0, sizeof work);
    estimate = nothing();
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_OK, "the least");
    ok(estimate.energy_uj.low == 0 && estimate.energy_uj.best == 0 && estimate.energy_uj.high == 1,
       "is rounded down, to the nearest, and up");
}

static void power(void)
{
    static struct jb_work work;
    struct jb_software s = {.activity_ppm = value(200000),
                            .capacitance_ff = value(1200000),
                            .voltage_uv = value(1100000),
                            .frequency_hz = value(INT64_C(2400000000))};
    static struct jb_estimate estimate;
    struct jb_error err;

    work.duration_ns = value(INT64_C(10800000000000));
    estimate = nothing();
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_OK, "activity, C, V and f");
    is_i64(estimate.power_uw, 696960, "0.2 x 1.2 nF x 1.21 V^2 x 2.4 GHz = 0.69696 W");
    is_i64(estimate.energy_uj.best, INT64_C(7527168000), "in 3 h 7527.168 J");
    ok(estimate.energy_uj.low == estimate.energy_uj.best &&
           estimate.energy_uj.high == estimate.energy_uj.best,
       "exactly");
    is_str(estimate.choices[0].formula, "4.1", "by its formula");
    /* 100 nF x 1 V^2 x 4 GHz x 1 = 400 W, a year of 365 days: 31,536,000 s: 12.6144 GJ */
    s = (struct jb_software){.activity_ppm = value(1000000),
                             .capacitance_ff = value(100000000),
                             .voltage_uv = value(1000000),
                             .frequency_hz = value(INT64_C(4000000000))};
    work.duration_ns = value(INT64_C(31536000000000000));
    estimate = nothing();
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_OK, "a year of 400 W");
    is_i64(estimate.energy_uj.best, INT64_C(12614400000000000), "is 12.6144 GJ");
    s.voltage_uv = value(1000000000);
    s.capacitance_ff = value(INT64_C(1000000000000000));
    s.frequency_hz = value(INT64_C(1000000000000));
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_E_RANGE,
           "1 F at 1 kV and 1 THz is refused");
}

static void missing(void)
{
    static struct jb_work work;
    struct jb_software s = {.instructions = value(1)};
    static struct jb_estimate estimate;
    struct jb_error err;

    estimate = nothing();
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_E_USAGE, "instructions alone");
    ok(strstr(err.message, "--cpi") != NULL, "lack what is named");
    s = (struct jb_software){.activity_ppm = value(1),
                             .capacitance_ff = value(1),
                             .voltage_uv = value(1),
                             .frequency_hz = value(1)};
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_E_USAGE, "power without a time");
    ok(strstr(err.message, "--duration") != NULL, "lacks that");
    s.instructions = s.cpi_ppm = s.epc_fj = value(1);
    work.duration_ns = value(1);
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_E_USAGE, "both formulas at once");
    ok(!estimate.is_computable && estimate.n_readings == 0, "nothing was written");
    s = (struct jb_software){.instructions = {.known = JB_KNOWN_WITHHELD}};
    ok(jb_software_is_told(&s), "withheld is an answer");
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_E_USAGE, "that computes nothing");
}

static void beside_b(void)
{
    static struct jb_work work;
    const struct jb_software s = {.instructions = value(INT64_C(2000000000000)),
                                  .cpi_ppm = value(800000),
                                  .epc_fj = value(1100000)};
    static struct jb_estimate estimate;
    struct jb_error err;

    estimate = nothing();
    estimate.is_computable = true;
    estimate.method = JB_METHOD_B;
    estimate.energy_uj.best = 77;
    is_i64(jb_software_add(&s, &work, &estimate, &err), JB_OK, "beside method B");
    ok(estimate.method == JB_METHOD_B && estimate.energy_uj.best == 77, "the estimate stays");
    ok(estimate.choices[0].is_possible && !estimate.choices[0].is_chosen, "method A is possible");
    is_i64(estimate.readings[0].energy_uj.best, INT64_C(1760000000), "and shown as a reading");
}

int main(void)
{
    cycles();
    power();
    missing();
    beside_b();
    return done_testing();
}
