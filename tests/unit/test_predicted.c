/* SPDX-License-Identifier: Apache-2.0 */
/* R-PREDICT-12 and -13: a prediction to its line and its JSON, and back; its price. */
#include "pipeline/predicted.h"

#include "pipeline/marks_file.h"
#include "tap.h"

static const struct jb_prediction made = {
    .state = JB_PREDICT_STEADY,
    .work = 18,
    .total_work = 90,
    .energy_uj = {.is_known = true,
                  .low = 3400000000000,
                  .best = 3600000000000,
                  .high = 4000000000000},
    .duration_ns = {.is_known = true,
                    .low = 9000000000000,
                    .best = 10000000000000,
                    .high = 12000000000000},
};

static struct jb_run plain_run(void)
{
    struct jb_run run = {
        .id = "r1", .pue_milli = -1, .tariff_micro_per_kwh = -1, .market_mgco2e_per_kwh = -1};
    return run;
}

static bool is_figure(const struct jb_figure *a, const struct jb_figure *b)
{
    return a->is_known == b->is_known &&
           (!a->is_known || (a->low == b->low && a->best == b->best && a->high == b->high));
}

static bool is_equal(const struct jb_predicted *a, const struct jb_predicted *b)
{
    return a->work == b->work && a->total_work == b->total_work && a->elapsed_ns == b->elapsed_ns &&
           strcmp(a->unit, b->unit) == 0 && strcmp(a->currency, b->currency) == 0 &&
           is_figure(&a->energy_uj, &b->energy_uj) && is_figure(&a->duration_ns, &b->duration_ns) &&
           is_figure(&a->location_ugco2e, &b->location_ugco2e) &&
           is_figure(&a->cost_micro, &b->cost_micro);
}

static void prices(void)
{
    struct jb_run run = plain_run();
    struct jb_predicted predicted;

    jb_predicted_make(&run, &made, "epoch", 5, 7, &predicted);
    ok(!predicted.location_ugco2e.is_known && !predicted.cost_micro.is_known,
       "without place and tariff there is neither carbon nor cost");
    is_i64(predicted.energy_uj.best, made.energy_uj.best, "energy as it was predicted");
    run.tariff_micro_per_kwh = 250000;
    run.pue_milli = 1200;
    memcpy(run.currency, "EUR", 4);
    memcpy(run.place, "NL", 3);
    jb_predicted_make(&run, &made, "epoch", 5, 7, &predicted);
    is_i64(predicted.cost_micro.best, 300000, "1 kWh at 0.25 and a PUE of 1.2 costs 0.30");
    ok(predicted.location_ugco2e.is_known &&
           predicted.location_ugco2e.low < predicted.location_ugco2e.best &&
           predicted.location_ugco2e.best < predicted.location_ugco2e.high,
       "the place gives its carbon, with a band");
}

static void round_trips(void)
{
    struct jb_run run = plain_run();
    struct jb_predicted predicted, back;
    char line[JB_MARK_TEXT], *json = NULL;

    for (int is_priced = 0; is_priced < 2; is_priced++) {
        if (is_priced) {
            run.tariff_micro_per_kwh = 250000;
            memcpy(run.currency, "EUR", 4);
            memcpy(run.place, "NL", 3);
        }
        jb_predicted_make(&run, &made, "step", 123, 456, &predicted);
        ok(jb_predicted_to_line(&predicted, line, sizeof line, NULL) == JB_OK &&
               jb_predicted_from_line(line, &back, NULL) == JB_OK && is_equal(&predicted, &back),
           "a line and back: %s", line + 1);
        ok(line[0] == JB_MARK_OURS && !strchr(line, '\n'), "which is a line, and no mark");
        ok(jb_predicted_to_json(&predicted, &json, NULL) == JB_OK &&
               jb_predicted_from_json(json, &back, NULL) == JB_OK && is_equal(&predicted, &back) &&
               back.utc_us == 456,
           "JSON and back");
        ok(strstr(json, "\"basis\":\"all meters\"") != NULL, "which says what it is of");
        free(json);
    }
    char small[20];
    ok(jb_predicted_to_line(&predicted, small, sizeof small, NULL) == JB_E_RANGE,
       "a line that does not fit is not cut");
}

static void refuses(void)
{
    static const char *const lines[] = {
        "",
        "prediction epoch 1 2 3 1 2 3 1 2 3 - - - - - - -",
        "\x01",
        "\x01prediction",
        "\x01prediction epoch 1 2",
        "\x01prediction epoch 1 2 3 - - - 1 2 3 - - - - - - -",
        "\x01prediction epoch 1 2 3 3 2 1 1 2 3 - - - - - - -",
        "\x01prediction epoch 1 2 x 1 2 3 1 2 3 - - - - - - -",
        "\x01predicted epoch 1 2 3 1 2 3 1 2 3 - - - - - - -",
    };
    static const char no_figures[] = "{\"currency\":\"\",\"unit\":\"epoch\",\"work\":1,"
                                     "\"total_work\":2,\"elapsed_ns\":1,\"utc_us\":1}";
    static const char *const texts[] = {"", "[]", "{}", "{\"unit\":1}", no_figures};
    struct jb_predicted predicted;

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ok(jb_predicted_from_line(lines[i], &predicted, NULL) == JB_E_INPUT,
           "no prediction: line %zu", i);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ok(jb_predicted_from_json(texts[i], &predicted, NULL) == JB_E_INPUT,
           "no prediction: text %zu", i);
    ok(jb_predicted_from_line("\x01prediction epoch 1 2 3 1 2 3 1 2 3 - - - - - - -", &predicted,
                              NULL) == JB_OK,
       "the shortest one is");
}

int main(void)
{
    prices();
    round_trips();
    refuses();
    return done_testing();
}
