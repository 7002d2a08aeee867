/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a computation to its energy: the thesis's four cases, missing inputs, what must be said. R-EST-*. */
#include "estimate/estimate.h"

#include "base/num.h"
#include "tap.h"

#define HOUR_NS INT64_C(3600000000000)
#define WH_UJ   INT64_C(3600000000)

static struct jb_quantity value(int64_t n)
{
    return (struct jb_quantity){JB_KNOWN_VALUE, false, n, n, n};
}

static struct jb_quantity range(int64_t low, int64_t high)
{
    return (struct jb_quantity){JB_KNOWN_RANGE, false, low, low + (high - low) / 2, high};
}

static struct jb_answer name(const char *text)
{
    struct jb_answer answer = {JB_KNOWN_VALUE, ""};
    (void)snprintf(answer.text, sizeof answer.text, "%s", text);
    return answer;
}

static struct jb_estimate estimate(const struct jb_work *work)
{
    struct jb_estimate made = {0};
    struct jb_error err = {0};
    if (jb_estimate_make(work, &made, &err) < 0)
        bail_out("%s", err.message);
    return made;
}

static const struct jb_estimate_reading *reading(const struct jb_estimate *made,
                                                 const char *formula, const char *part)
{
    for (size_t i = 0; i < made->n_readings; i++)
        if (strcmp(made->readings[i].formula, formula) == 0 && strstr(made->readings[i].name, part))
            return &made->readings[i];
    bail_out("no reading (%s) '%s'", formula, part);
}

/* Case 1: 300 W x 360 to 672 h x 1.125 = 121.5 to 226.8 kWh, by halves 60.75 to 113.4; 6-7 x 5-6 x 12-16 h. */
static void test_situation_recognition(void)
{
    struct jb_work work = {
        .instance = name("azure/Standard_NC6"),
        .duration_ns = range(12 * HOUR_NS, 16 * HOUR_NS),
        .n_repeats = 2,
        .repeats = {{"architectures", range(6000, 7000)}, {"configurations", range(5000, 6000)}},
        .pue_milli = value(1125)};
    const struct jb_estimate made = estimate(&work);
    const struct jb_estimate_reading *const whole = reading(&made, "4.8", "whole board");
    const struct jb_estimate_reading *const part = reading(&made, "4.8", "part used");
    ok(made.is_computable, "a board's name, hours and a PUE suffice");
    is_i64(whole->energy_uj.low, 121500 * WH_UJ, "300 W x 360 h x 1.125 = 121.5 kWh");
    is_i64(whole->energy_uj.high, 226800 * WH_UJ, "300 W x 672 h x 1.125 = 226.8 kWh");
    is_i64(part->energy_uj.low, 60750 * WH_UJ, "one of the two dies: 60.75 kWh");
    is_i64(part->energy_uj.high, 113400 * WH_UJ, "to 113.4 kWh");
    ok(made.n_notes > 0, "that half a board is a die is said");
}

/* Case 4: 215 W x 6000 h x 1.58 = 2038.2 kWh. */
static void test_asphalt(void)
{
    struct jb_work work = {.accelerator = name("GeForce RTX 2080"),
                           .n_accelerators_milli = value(1000),
                           .duration_ns = value(60 * HOUR_NS),
                           .n_repeats = 1,
                           .repeats = {{"configurations", value(100000)}},
                           .pue_milli = value(1580)};
    const struct jb_estimate made = estimate(&work);
    is_i64(reading(&made, "4.8", "PUE")->energy_uj.best, 2038200 * WH_UJ,
           "215 W x 6000 h x 1.58 = 2038.2 kWh");
    is_i64(reading(&made, "4.4", "time")->energy_uj.best, 1290000 * WH_UJ,
           "without overhead 1290 kWh");
    ok(made.energy_uj.low <= made.energy_uj.best && made.energy_uj.best <= made.energy_uj.high,
       "ordered");
    char text[3][32];
    diag("%s %s %s", jb_format_energy(made.energy_uj.low, text[0], 32),
         jb_format_energy(made.energy_uj.best, text[1], 32),
         jb_format_energy(made.energy_uj.high, text[2], 32));
    for (size_t i = 0; i < made.n_parts; i++)
        diag("%s: %s", made.parts[i].basis,
             jb_format_energy(made.parts[i].energy_uj.best, text[0], 32));
    for (size_t i = 0; i < made.n_doubts; i++)
        diag("%s: %s %s; %s", made.doubts[i].name,
             jb_format_energy(made.doubts[i].low_uj, text[0], 32),
             jb_format_energy(made.doubts[i].high_uj, text[1], 32), made.doubts[i].step);
    for (size_t i = 0; i < made.n_choices; i++)
        diag("%s %d %d %s", made.choices[i].formula, made.choices[i].is_possible,
             made.choices[i].is_chosen, made.choices[i].why);
    for (size_t i = 0; i < made.n_factors; i++)
        diag("%s = %s: %s", made.factors[i].name, made.factors[i].value, made.factors[i].source);
}

/* Cases 2 and 3: hours alone. */
static void test_no_hardware(void)
{
    struct jb_work work = {.duration_ns = range(5 * 168 * HOUR_NS, 10 * 168 * HOUR_NS)};
    struct jb_estimate made = estimate(&work);
    ok(!made.is_computable, "hours without hardware are no energy");
    is_str(made.why_not, "hardware unknown", "and it is said which input is missing");
    work.accelerator.known = JB_KNOWN_WITHHELD;
    made = estimate(&work);
    is_str(made.why_not, "hardware known but withheld", "withheld is another answer than unknown");
}

int main(void)
{
    test_situation_recognition();
    test_asphalt();
    test_no_hardware();
    return done_testing();
}
