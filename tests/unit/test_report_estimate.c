/* SPDX-License-Identifier: Apache-2.0 */
/* An estimate is shown with its band, its doubts to scale, its methods and the step that narrows it most. */
#include "report/report_estimate.h"
#include "tap.h"

#define KWH INT64_C(3600000000000)

static struct jb_estimate estimate;
static struct jb_estimate_told told;
static const struct jb_style style = {.width = 0};

static struct jb_figure kwh(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_figure){
        .is_known = true, .low = low * KWH, .best = best * KWH, .high = high * KWH};
}

static void fill(void)
{
    estimate = (struct jb_estimate){.is_computable = true,
                                    .method = JB_METHOD_B,
                                    .energy_uj = kwh(60, 100, 300),
                                    .facility_uj = kwh(30, 50, 150),
                                    .power_uw = 250000000,
                                    .n_parts = 1,
                                    .n_doubts = 2,
                                    .n_choices = 2,
                                    .n_readings = 1,
                                    .n_notes = 1};
    estimate.parts[0] = (struct jb_estimate_part){.device = JB_DEVICE_GPU,
                                                  .origin = JB_ORIGIN_RATED,
                                                  .energy_uj = kwh(60, 100, 300),
                                                  .basis = "1 x board"};
    estimate.doubts[0] = (struct jb_estimate_doubt){.name = "run time",
                                                    .known = JB_KNOWN_RANGE,
                                                    .low_uj = 60 * KWH,
                                                    .high_uj = 260 * KWH,
                                                    .step = "read the log"};
    estimate.doubts[1] = (struct jb_estimate_doubt){.name = "board",
                                                    .known = JB_KNOWN_UNKNOWN,
                                                    .low_uj = 90 * KWH,
                                                    .high_uj = 110 * KWH,
                                                    .step = "ask"};
    estimate.choices[0] = (struct jb_estimate_choice){.method = JB_METHOD_B,
                                                      .formula = "4.8",
                                                      .is_possible = true,
                                                      .is_chosen = true,
                                                      .why = "because"};
    estimate.choices[1] = (struct jb_estimate_choice){
        .method = JB_METHOD_C1, .formula = "4.5", .why = "nothing was read"};
    estimate.readings[0] = (struct jb_estimate_reading){
        .name = "rated power x time", .formula = "4.4", .energy_uj = kwh(80, 80, 80)};
    (void)snprintf(estimate.notes[0], JB_NOTE, "a doubt in words");
    told = (struct jb_estimate_told){
        .estimate = &estimate,
        .n_inputs = 1,
        .total_uj = kwh(90, 150, 450),
        .place = "NL",
        .location_ugco2e = {true, false, 20000000000, 40000000000, 90000000000},
        .cost_micro = {true, false, 22500000, 37500000, 112500000},
        .currency = "EUR",
        .n_equivalents = 1,
        .n_factors = 1,
        .run_id = "0123",
        .run_state = "entered"};
    told.inputs[0] =
        (struct jb_told_input){.name = "node_overhead",
                               .unit = "mw",
                               .text = "50..70 W",
                               .has_quantity = true,
                               .quantity = {JB_KNOWN_RANGE, false, 50000, 60000, 70000}};
    told.equivalents[0] = (struct jb_told_equivalent){.key = "fridge_year",
                                                      .name = "refrigerator, one year",
                                                      .n_milli = {true, false, 375, 625, 1875}};
    told.factors[0] =
        (struct jb_factor){.name = "tariff", .value = "0.25 EUR/kWh", .source = "stated"};
}

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static void test_text(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);

    fill();
    jb_report_estimate_text(&told, &style, &out);
    const char *const text = jb_buf_text(&out);
    ok(has(text,
           "100 kWh  (60 .. 300 kWh, 90 %)  method B (4.8), estimated: nothing was measured\n"),
       "the figure with its band and formula");
    ok(has(text, "with PUE   150 kWh  (90 .. 450 kWh)\n"), "with what the building adds");
    ok(has(text, "carbon     40.0 kg  (20.0 .. 90.0 kg)  in NL\n"), "carbon and its place");
    ok(has(text, "cost       37.5 EUR  (22.5 EUR .. 112.5 EUR)\n"), "cost");
    ok(has(text, "run        0123: entered\n"), "the run it was entered as");
    ok(has(text, "node overhead  50..70 W\n"), "what was said");
    ok(has(text, "gpu     100 kWh  60 .. 300 kWh  rated  1 x board\n"), "parts");
    /* 60 to 260 over 41 columns is 5 kWh a column: the best figure is in column 8, 90 in 6, 110 in 10. */
    ok(has(text, "60 kWh       260 kWh  ========|================================\n"),
       "the widest doubt spans the axis");
    ok(has(text, "90 kWh       110 kWh        ==|==\n"), "another is to the same scale");
    ok(has(text, "To narrow it most (run time): read the log\n"), "the step");
    ok(has(text, "B       4.8      chosen        because\n"), "the method chosen");
    ok(has(text, "C-1     4.5      not possible  nothing was read\n"), "and why not another");
    ok(has(text, "rated power x time  80 kWh  as given\n"),
       "a reading without a doubt has no band");
    ok(has(text, "0.625 x refrigerator, one year  (0.375 .. 1.88)\n"), "an equivalent");
    ok(has(text, "- a doubt in words\n"), "notes");
    ok(has(text, "- tariff 0.25 EUR/kWh: stated\n"), "factors");
    ok(!has(text, "\033"), "no colour in a pipe");
    jb_buf_clear(&out);
    estimate.energy_uj = (struct jb_figure){.is_known = true,
                                            .low = KWH * 94737 / 10000,
                                            .best = KWH * 14361 / 10,
                                            .high = KWH * 222341 / 100};
    jb_report_estimate_text(&told, &style, &out);
    ok(has(jb_buf_text(&out), "1440 kWh  (9.47 .. 2220 kWh, 90 %)"), "three digits of it");
}

static void test_not_computable(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);

    fill();
    estimate = (struct jb_estimate){.why_not = "hardware unknown", .method = JB_METHOD_B};
    told = (struct jb_estimate_told){.estimate = &estimate, .n_notes = 1};
    (void)snprintf(told.notes[0], JB_NOTE, "the name of the board would allow it");
    jb_report_estimate_text(&told, &style, &out);
    is_str(jb_buf_text(&out),
           "not computable: hardware unknown\n\nNotes\n  - the name of the board would allow it\n",
           "what is missing, and no figure");
}

static void test_kwh(void)
{
    static const struct {
        int64_t uj;
        const char *want;
    } cases[] = {
        {0, "0 kWh"},
        {KWH * 20382 / 10, "2038.2 kWh"},
        {KWH * 12345 / 10000, "1.235 kWh"}, /* 1.2345 rounded away from zero */
        {KWH / 1000, "0.001 kWh"},
        {KWH / 100000, "0.00001 kWh"},
        {INT64_MAX, "2562047.8 kWh"},
    };
    char text[32];

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        is_str(jb_format_kwh(cases[i].uj, text, sizeof text), cases[i].want,
               "kWh as papers print it");
}

int main(void)
{
    test_text();
    test_not_computable();
    test_kwh();
    return done_testing();
}
