/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a computation to its energy: the thesis's four cases, missing inputs, what must be said. R-EST-*. */
#include "estimate/estimate.h"

#include <stddef.h>

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
    ok(made.energy_uj.low < made.energy_uj.best && made.energy_uj.best < made.energy_uj.high,
       "the estimate is a band");
    is_i64(made.facility_uj.best, made.energy_uj.best * 58 / 100,
           "the facility is apart, 0.58 of it");
    is_i64(made.device_ns.best, 6000 * HOUR_NS, "6000 board-hours");
    ok(made.doubts[0].step[0] && made.n_doubts > 1, "the widest doubt comes with a step");
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

/* --- what holds for every work (R-EST-20 to -22) ------------------------------------------------------------------- */

/* Knuth's generator of 64 bits: the same works in every run. */
static uint64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static struct jb_quantity any(uint64_t *state, int64_t most)
{
    struct jb_quantity quantity = {.known = (enum jb_known)(next(state) % 4)};
    int64_t n[3];

    for (int i = 0; i < 3; i++)
        n[i] = (int64_t)(next(state) % (uint64_t)most);
    if (quantity.known == JB_KNOWN_VALUE)
        quantity.low = quantity.best = quantity.high = n[0];
    if (quantity.known == JB_KNOWN_RANGE) {
        quantity.low = n[0];
        quantity.best = n[0] + n[1] < most ? n[0] + n[1] : n[0];
        quantity.high = quantity.best + n[2] < most ? quantity.best + n[2] : quantity.best;
    }
    return quantity;
}

static struct jb_answer any_name(uint64_t *state, const char *const *names, size_t n)
{
    const uint64_t i = next(state) % (n + 3);

    if (i < n)
        return name(names[i]);
    return (struct jb_answer){i == n ? JB_KNOWN_WITHHELD : JB_KNOWN_UNKNOWN, ""};
}

static struct jb_work any_work(uint64_t *state)
{
    static const char *const boards[] = {"NVIDIA Tesla T4", "NVIDIA Tesla K80", "GeForce RTX 2080"};
    static const char *const cpus[] = {"AMD EPYC 7742", "Intel Xeon Gold 6148", "some EPYC"};
    static const char *const instances[] = {"azure/Standard_NC6", "aws/p3.2xlarge", "aws/a1.large"};
    struct jb_work work = {.accelerator = any_name(state, boards, JB_ARRAY_LEN(boards)),
                           .processor = any_name(state, cpus, JB_ARRAY_LEN(cpus)),
                           .instance = any_name(state, instances, JB_ARRAY_LEN(instances)),
                           .n_accelerators_milli = any(state, 600000),
                           .accelerator_mw = any(state, 900000),
                           .accelerator_use_ppm = any(state, 1000000),
                           .n_processors_milli = any(state, 8000),
                           .n_threads = any(state, 512),
                           .processor_use_ppm = any(state, 1000000),
                           .memory_mib = any(state, 4 << 20),
                           .node_overhead_mw = any(state, 900000),
                           .n_instances_milli = any(state, 9000),
                           .instance_mw = any(state, 9000000),
                           .idle_ppm = any(state, 1000000),
                           .duration_ns = any(state, 2000000000),
                           .n_repeats = next(state) % 3,
                           .repeats = {{"a", any(state, 7000)}, {"b", any(state, 7000)}},
                           .pue_milli = any(state, 900)};
    if (next(state) % 4 > 0)
        work.instance_mw = (struct jb_quantity){0};
    work.duration_ns.low *= 1000000;
    work.duration_ns.best *= 1000000;
    work.duration_ns.high *= 1000000;
    if (work.pue_milli.known == JB_KNOWN_VALUE || work.pue_milli.known == JB_KNOWN_RANGE) {
        work.pue_milli.low += 1000;
        work.pue_milli.best += 1000;
        work.pue_milli.high += 1000;
    }
    return work;
}

static bool is_ordered(const struct jb_figure *figure)
{
    return !figure->is_known ||
           (0 <= figure->low && figure->low <= figure->best && figure->best <= figure->high);
}

static bool is_sound(const struct jb_estimate *made)
{
    int64_t sum_uj = 0;
    bool sound = is_ordered(&made->energy_uj) && is_ordered(&made->devices_uj) &&
                 is_ordered(&made->facility_uj) && is_ordered(&made->device_ns);

    for (size_t i = 0; i < made->n_parts; i++) {
        sum_uj += made->parts[i].energy_uj.best;
        sound = sound && is_ordered(&made->parts[i].energy_uj);
    }
    for (size_t i = 0; i < made->n_readings; i++)
        sound = sound && is_ordered(&made->readings[i].energy_uj);
    for (size_t i = 0; i < made->n_doubts; i++)
        sound = sound && made->doubts[i].low_uj <= made->energy_uj.best &&
                made->energy_uj.best <= made->doubts[i].high_uj &&
                made->energy_uj.low <= made->doubts[i].low_uj + made->energy_uj.best / 100000 + 1 &&
                made->energy_uj.high >= made->doubts[i].high_uj - made->energy_uj.best / 100000 - 1;
    return sound && sum_uj == made->energy_uj.best;
}

static void test_any_work(void)
{
    uint64_t state = 42;
    size_t n_made = 0, n_refused = 0, n_not = 0, n_unsound = 0;

    for (int i = 0; i < 10000; i++) {
        const struct jb_work work = any_work(&state);
        struct jb_estimate made = {0};
        struct jb_error err = {0};
        const jb_rc rc = jb_estimate_make(&work, &made, &err);
        if (rc < 0) {
            n_refused++;
            n_unsound += (rc != JB_E_INPUT && rc != JB_E_RANGE) || err.message[0] == '\0';
        } else if (!made.is_computable) {
            n_not++;
            n_unsound += made.why_not[0] == '\0' || made.energy_uj.is_known;
        } else {
            n_made++;
            n_unsound += !is_sound(&made);
        }
    }
    diag("%zu estimated, %zu not computable, %zu refused", n_made, n_not, n_refused);
    is_i64((int64_t)n_unsound, 0,
           "of 10,000 works each has ordered bands that hold their doubts, parts that add up, or a "
           "reason");
    ok(n_made > 2000 && n_not > 1000, "and there are many of both kinds");
}

/* More of anything is more energy; more idle time is less. */
static void test_monotone(void)
{
    static const struct {
        size_t at;
        int64_t from, to;
        int side;
        const char *what;
    } inputs[] = {
        {offsetof(struct jb_work, n_accelerators_milli), 500, 70000, 1, "boards"},
        {offsetof(struct jb_work, accelerator_mw), 10000, 700000, 1, "stated draw of a board"},
        {offsetof(struct jb_work, accelerator_use_ppm), 0, 1000000, 1, "use of boards"},
        {offsetof(struct jb_work, n_processors_milli), 500, 4000, 1, "processors"},
        {offsetof(struct jb_work, processor_use_ppm), 0, 1000000, 1, "use of processors"},
        {offsetof(struct jb_work, memory_mib), 0, 1 << 20, 1, "memory"},
        {offsetof(struct jb_work, node_overhead_mw), 0, 500000, 1, "rest of the node"},
        {offsetof(struct jb_work, idle_ppm), 0, 1000000, -1, "idle share"},
        {offsetof(struct jb_work, duration_ns), HOUR_NS, 1000 * HOUR_NS, 1, "run time"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(inputs); i++) {
        struct jb_figure before = {0};
        bool holds = true;
        for (int step = 0; step <= 50; step++) {
            struct jb_work work = {.accelerator = name("NVIDIA Tesla T4"),
                                   .processor = name("AMD EPYC 7742"),
                                   .n_accelerators_milli = value(4000),
                                   .n_processors_milli = value(1000),
                                   .duration_ns = value(10 * HOUR_NS)};
            const int64_t n = inputs[i].from + (inputs[i].to - inputs[i].from) / 50 * step;
            *(struct jb_quantity *)(void *)((char *)&work + inputs[i].at) = value(n);
            const struct jb_figure now = estimate(&work).energy_uj;
            const int64_t more[] = {now.low - before.low, now.best - before.best,
                                    now.high - before.high};
            for (int k = 0; k < 3 && step > 0; k++)
                holds = holds && more[k] * inputs[i].side >= 0;
            before = now;
        }
        ok(holds, "%s of %s is never %s energy", inputs[i].side > 0 ? "more" : "a larger share",
           inputs[i].what, inputs[i].side > 0 ? "less" : "more");
    }
}

/* The boards' part contains rated power x time: a board can hold its rating. */
static void test_band_has_reading(void)
{
    static const char *const boards[] = {"NVIDIA Tesla T4", "NVIDIA Tesla K80", "GeForce RTX 2080"};

    for (size_t i = 0; i < JB_ARRAY_LEN(boards); i++) {
        struct jb_work work = {.accelerator = name(boards[i]),
                               .n_accelerators_milli = value(4000),
                               .duration_ns = range(10 * HOUR_NS, 30 * HOUR_NS)};
        const struct jb_estimate made = estimate(&work);
        const int64_t rated_uj = reading(&made, "4.4", "time")->energy_uj.best;
        ok(made.parts[0].device == JB_DEVICE_GPU && made.parts[0].energy_uj.low < rated_uj &&
               rated_uj <= made.parts[0].energy_uj.high,
           "rated power x time of a '%s' lies in the band of its part", boards[i]);
    }
}

/* R-EST-17: a T4 held for an hour: from its idle draw to its rating, and best as if it had worked. */
static void test_held(void)
{
    struct jb_work work = {.accelerator = name("NVIDIA Tesla T4"),
                           .n_accelerators_milli = value(1000),
                           .duration_ns = value(HOUR_NS)};
    const struct jb_figure worked = estimate(&work).parts[0].energy_uj;
    work.is_time_held = true;
    const struct jb_estimate made = estimate(&work);
    const struct jb_figure held = made.parts[0].energy_uj;
    const struct jb_estimate_doubt *idle = made.doubts;
    ok(held.best == worked.best && held.high == worked.high && held.low < worked.low,
       "hours held move the low end alone");
    ok(held.high >= 70 * WH_UJ, "the band goes to the rating, 70 W");
    for (size_t i = 0; i < made.n_doubts; i++)
        idle = strstr(made.doubts[i].name, "idle share") ? &made.doubts[i] : idle;
    ok(strstr(idle->name, "idle share") && idle->high_uj == made.energy_uj.best,
       "what the idle share contributes is told");
    work.is_time_held = false;
    work.idle_ppm = value(1000000);
    const struct jb_figure idling = estimate(&work).parts[0].energy_uj;
    ok(held.low <= idling.best && held.low > 0,
       "from less than it draws idle, and not from nothing");
}

/* R-EST-21: where a stated draw covers everything, the board of the instance is in no doubt. */
static void test_hard_bound(void)
{
    struct jb_work work = {.instance = name("aws/p3.2xlarge"),
                           .n_instances_milli = range(2000, 4000),
                           .instance_mw = value(300000),
                           .duration_ns = value(HOUR_NS)};
    struct jb_estimate made = estimate(&work);
    ok(made.energy_uj.is_hard_bound && made.energy_uj.low == 600 * WH_UJ &&
           made.energy_uj.high == 1200 * WH_UJ,
       "two to four instances of 300 W are bound to 600 to 1200 Wh");
    work.instance_mw = (struct jb_quantity){0};
    made = estimate(&work);
    ok(!made.energy_uj.is_hard_bound, "by its hardware it is a 90 %% band");
    ok(made.parts[0].origin == JB_ORIGIN_MODELLED,
       "a rating times a load that others measured is modelled, not rated");
}

int main(void)
{
    test_situation_recognition();
    test_asphalt();
    test_no_hardware();
    test_any_work();
    test_monotone();
    test_band_has_reading();
    test_held();
    test_hard_bound();
    return done_testing();
}
