/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as a whole: figures worked out by hand, what is missing, what cannot be. R-PLAN-01 to -03, -05, -09. */
#include "plan/plan.h"

#include "tap.h"

static struct jb_quantity value(int64_t n)
{
    return (struct jb_quantity){JB_KNOWN_VALUE, false, n, n, n};
}

static struct jb_answer name(const char *text)
{
    struct jb_answer answer = {JB_KNOWN_VALUE, ""};
    (void)snprintf(answer.text, sizeof answer.text, "%s", text);
    return answer;
}

static jb_i128 flop(const char *text)
{
    jb_i128 n = 0;
    struct jb_error err = {0};
    if (jb_parse_i128(text, strlen(text), &n) < 0)
        bail_out("%s: %s", text, err.message);
    return n;
}

static struct jb_plan_order order_of(const char *accelerator, int64_t n, const char *operations)
{
    struct jb_plan_order order = {.compute = JB_COMPUTE_UNKNOWN,
                                  .accelerator = name(accelerator),
                                  .n_devices = n,
                                  .tariff_micro_per_kwh = -1,
                                  .price_micro_per_device_hour = -1,
                                  .currency = "EUR"};
    order.compute.training_flop = flop(operations);
    return order;
}

static struct jb_plan plan_of(const struct jb_plan_order *order)
{
    struct jb_plan plan = {0};
    struct jb_error err = {0};
    if (jb_plan_make(order, &plan, &err) < 0)
        bail_out("%s", err.message);
    return plan;
}

static bool has_note(const struct jb_plan *plan, const char *part)
{
    for (size_t i = 0; i < plan->n_notes; i++)
        if (strstr(plan->notes[i], part))
            return true;
    return false;
}

/* 1e21 / (312e12 x 0.4) = 8,012,820.512821 s of devices, an eighth of that by the clock; 8 x (300 W + 25 W of processors + 16 W
 * of memory, R-EST-14) = 2728 W; x 1,001,602.564103 s = 2,732,371,794.873 J. */
static void test_by_hand(void)
{
    struct jb_plan_order order = order_of("A100-SXM4-80GB", 8, "1e21");
    order.utilisation_ppm = value(400000);
    order.accelerator_mw = value(300000);
    order.node_overhead_mw = value(0);
    order.pue_milli = value(1100);
    order.tariff_micro_per_kwh = 300000;
    order.price_micro_per_device_hour = 2000000;
    const struct jb_plan plan = plan_of(&order);
    ok(plan.is_computable, "operations, a board, its draw and a utilisation suffice");
    is_str(plan.hardware, "8 x NVIDIA A100 SXM4 80GB", "the hardware is named in full");
    ok(plan.n_factors > 1 && strcmp(plan.factors[0].name, "peak of a device") == 0 &&
           strstr(plan.factors[0].source, "Epoch") && !strstr(plan.factors[0].source, "NVML"),
       "the peak is of the table of rates, the watts of another");
    is_str(plan.basis, "stated", "a stated utilisation stands on no reference");
    is_i64(plan.peak_gflops, 2496000, "8 x 312 TFLOP/s");
    is_i64(plan.device_us.best, 8012820512821, "8,012,820.512821 s of devices");
    is_i64(plan.wall_us.best, 1001602564103, "1,001,602.564103 s by the clock");
    is_i64(plan.device_us.low, plan.device_us.high, "nothing about the time is in doubt");
    is_i64(plan.power_uw, 2728000000, "2728 W");
    is_i64(plan.energy_mj.best, 2732371794873, "2,732,371,794.873 J");
    ok(plan.energy_mj.low < plan.energy_mj.best && plan.energy_mj.best < plan.energy_mj.high,
       "the host is not told, so there is a band");
    is_i64(plan.facility_mj.best, 3005608974360, "x 1.1 with the building");
    /* 3,005,608,974.360 J = 834.891381767 kWh x 0.30 = 250.467415; 2225.783475784 h x 2 = 4451.566952. */
    is_i64(plan.cost_micro.best, 250467415 + INT64_C(4451566952), "EUR 4702.034367");
    is_i64(plan.millipfsd, 11574, "1e21 / 8.64e19 = 11.574 petaFLOP/s-days");
    ok(!plan.location_ugco2e.is_known, "no place, no carbon");
}

/* An idle share of a fifth: held 1.25 times as long; the draw of idle boards is 0.109 of 400 W. */
static void test_idle(void)
{
    struct jb_plan_order order = order_of("A100-SXM4-80GB", 8, "1e21");
    order.utilisation_ppm = value(400000);
    order.accelerator_mw = value(300000);
    order.node_overhead_mw = value(0);
    order.idle_ppm = value(200000);
    const struct jb_plan plan = plan_of(&order);
    is_i64(plan.wall_us.best, 1252003205129, "held for 1,252,003.205129 s");
    is_i64(plan.device_us.best, 10016025641026, "and eight times that of devices");
    /* 2,732,371,794.873 J + 8 x (43.6 + 25 + 16 W) x 250,400.641026 s = 169,471,153.846 J */
    is_i64(plan.energy_mj.best, 2732371794873 + INT64_C(169471153846), "idle watts are in");
}

static void test_references(void)
{
    struct jb_plan_order order = order_of("H100 SXM", 512, "1e23");
    struct jb_plan plan = plan_of(&order);
    ok(plan.n_reference_runs >= 50 && plan.n_reference_sources >= 40,
       "large trainings have many references");
    ok(plan.utilisation_ppm.low > 100000 && plan.utilisation_ppm.best > 250000 &&
           plan.utilisation_ppm.high < 700000,
       "the usual 30 %% of the peak, and not beyond 70 %%");
    ok(plan.device_us.low < plan.device_us.best && plan.device_us.best < plan.device_us.high,
       "the time is a band");
    ok((double)plan.energy_mj.high / (double)plan.energy_mj.low <
           (double)plan.device_us.high / (double)plan.device_us.low * 1.5,
       "and that of energy is little wider: a board that computes less draws less");
    is_str(plan.peak_type, "bf16", "the peak is the dense one of bf16");
    ok(has_note(&plan, "512 devices"), "what is known of many devices is said");
    ok(has_note(&plan, "no PUE"), "and that there is no PUE");
    order.model_class = JB_PLAN_CLASS_RECURRENT;
    plan = plan_of(&order);
    ok(has_note(&plan, "recurrent"), "a class of few references is told");
}

/* 3.8e25 on 16,384 boards: 10 GWh and more, 4,000 years of devices. */
static void test_large(void)
{
    struct jb_plan_order order = order_of("NVIDIA H100 SXM5 80GB", 16384, "3.8e25");
    struct jb_plan plan = plan_of(&order);
    const int64_t mwh = plan.energy_mj.best / INT64_C(3600000000000);
    const int64_t hours = plan.device_us.best / INT64_C(3600000000);
    ok(plan.is_computable && mwh > 10000 && mwh < 60000, "beyond 2.56 GWh there are figures");
    ok(hours > 20000000 && hours < 60000000, "30.84 million hours were published of such a run");
    order = order_of("Quadro P600", 1, "1e30");
    plan = plan_of(&order);
    ok(!plan.is_computable && strstr(plan.why_not, "292,000"), "beyond the scale there are none");
}

static void test_place(void)
{
    struct jb_plan_order order = order_of("V100-SXM2-32GB", 64, "1e22");
    order.place = name("NL");
    struct jb_plan plan = plan_of(&order);
    ok(plan.location_ugco2e.is_known && plan.location_ugco2e.low < plan.location_ugco2e.best,
       "a place has carbon with a band");
    const int64_t national = plan.location_ugco2e.best;
    is_i64(plan.facility_mj.best, plan.energy_mj.best, "without a PUE the facility adds nothing");
    order.place = name("gcp/europe-west4");
    plan = plan_of(&order);
    ok(plan.facility_mj.best > plan.energy_mj.best, "a region brings its PUE");
    ok(plan.location_ugco2e.best > national && plan.location_ugco2e.best < national * 12 / 10,
       "and lies in the same grid");
    struct jb_error err = {0};
    order.place = name("Atlantis");
    is_i64(jb_plan_make(&order, &plan, &err), JB_E_INPUT, "a place that is none is asked back");
}

static void test_missing(void)
{
    struct jb_plan_order order = order_of("Intel Gaudi", 8, "1e20");
    struct jb_plan plan = plan_of(&order);
    ok(!plan.is_computable && strstr(plan.why_not, "state its peak"),
       "a board without a published peak is not computable");
    order.peak_gflops = value(100000);
    plan = plan_of(&order);
    ok(plan.is_computable && plan.peak_gflops == 800000, "until its peak is stated");
    is_str(plan.peak_type, "stated", "and it says so");
    order = order_of("", 2, "1e20");
    order.accelerator.known = JB_KNOWN_UNKNOWN;
    plan = plan_of(&order);
    ok(!plan.is_computable && strstr(plan.why_not, "hardware unknown"), "no hardware");
    order.processor = name("AMD EPYC 7742");
    plan = plan_of(&order);
    ok(!plan.is_computable && strstr(plan.why_not, "processor"), "a processor has no known peak");
    order.peak_gflops = value(3000);
    plan = plan_of(&order);
    ok(!plan.is_computable && strstr(plan.why_not, "share"), "nor a published utilisation");
    order.utilisation_ppm = value(500000);
    plan = plan_of(&order);
    ok(plan.is_computable && plan.energy_mj.low < plan.energy_mj.high,
       "with both there is a plan for processors alone");
    order = order_of("A100", 1, "0");
    plan = plan_of(&order);
    ok(!plan.is_computable && strstr(plan.why_not, "operations"), "no operations");
}

static void test_refused(void)
{
    struct jb_plan plan = {.hardware = "kept"};
    struct jb_error err = {0};
    struct jb_plan_order order = order_of("A100", 0, "1e20");
    is_i64(jb_plan_make(&order, &plan, &err), JB_E_INPUT, "no device at all is refused");
    order.n_devices = 1;
    order.utilisation_ppm = value(1000001);
    is_i64(jb_plan_make(&order, &plan, &err), JB_E_INPUT, "more than all of the peak too");
    order.utilisation_ppm = (struct jb_quantity){JB_KNOWN_RANGE, true, 5, 4, 6};
    is_i64(jb_plan_make(&order, &plan, &err), JB_E_INPUT, "and a range out of order");
    order.utilisation_ppm = value(300000);
    order.flop_low_ppm = 1100000;
    order.flop_high_ppm = 1200000;
    is_i64(jb_plan_make(&order, &plan, &err), JB_E_INPUT, "and a doubt beside the number");
    order = order_of("Tesla V9000", 1, "1e20");
    is_i64(jb_plan_make(&order, &plan, &err), JB_E_INPUT, "a name nobody knows is asked back");
    is_str(plan.hardware, "kept", "a failure writes no plan");
}

/* Knuth's generator of 64 bits: the same orders in every run. */
static int64_t any(uint64_t *state, int64_t least, int64_t most)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return least + (int64_t)((*state >> 20) % (uint64_t)(most - least + 1));
}

static struct jb_quantity any_quantity(uint64_t *state, int64_t least, int64_t most)
{
    struct jb_quantity quantity = {.known = (enum jb_known)any(state, 0, 3), .is_best_told = true};
    if (quantity.known == JB_KNOWN_VALUE)
        quantity = value(any(state, least, most));
    if (quantity.known == JB_KNOWN_RANGE) {
        quantity.low = any(state, least, most);
        quantity.best = any(state, quantity.low, most);
        quantity.high = any(state, quantity.best, most);
    }
    return quantity;
}

static bool is_ordered(const struct jb_figure *figure)
{
    return !figure->is_known ||
           (0 <= figure->low && figure->low <= figure->best && figure->best <= figure->high);
}

static void test_any(void)
{
    static const char *const boards[] = {"A100", "K80", "TPU v4", "Quadro P600", "V100", "B200"};
    uint64_t state = 11;
    int n_plans = 0, n_bad = 0;

    for (int i = 0; i < 900; i++) {
        struct jb_plan_order order =
            order_of(boards[any(&state, 0, 5)], any(&state, 1, i % 3 ? 64 : 1000000), "1");
        struct jb_plan plan;
        struct jb_error err = {0};
        for (int64_t power = any(&state, 0, 30); power > 0; power--)
            order.compute.training_flop *= 10;
        order.utilisation_ppm = any_quantity(&state, 1, 1000000);
        order.peak_gflops = any_quantity(&state, 1, i % 2 ? 1000000 : INT64_C(1000000000000));
        order.accelerator_mw = any_quantity(&state, 1, 10000000);
        order.idle_ppm = any_quantity(&state, 0, 999999);
        order.pue_milli = any_quantity(&state, 1000, 100000);
        order.tariff_micro_per_kwh = any(&state, -1, 1000000000);
        order.price_micro_per_device_hour = any(&state, -1, INT64_C(1000000000000));
        if (i % 4 == 0)
            order.place = name("PL");
        if (jb_plan_make(&order, &plan, &err) < 0) {
            n_bad += err.code != JB_E_RANGE;
            continue;
        }
        n_plans += plan.is_computable;
        n_bad += !(is_ordered(&plan.device_us) && is_ordered(&plan.wall_us) &&
                   is_ordered(&plan.energy_mj) && is_ordered(&plan.facility_mj) &&
                   is_ordered(&plan.location_ugco2e) && is_ordered(&plan.cost_micro) &&
                   is_ordered(&plan.utilisation_ppm)) ||
                 plan.is_computable != (plan.why_not[0] == '\0');
    }
    ok(n_plans > 300 && n_bad == 0, "whatever is told, figures are in order (%d plans, %d bad)",
       n_plans, n_bad);
}

static void test_classes(void)
{
    for (int i = 0; i < JB_PLAN_CLASSES; i++)
        is_i64(jb_plan_class_from_name(jb_plan_class_name((enum jb_plan_class)i)), i,
               "class %d has a name of its own", i);
    is_i64(jb_plan_class_from_name("transformers"), -1, "what is merely like one is none");
}

int main(void)
{
    test_by_hand();
    test_idle();
    test_references();
    test_large();
    test_place();
    test_missing();
    test_refused();
    test_classes();
    test_any();
    return done_testing();
}
