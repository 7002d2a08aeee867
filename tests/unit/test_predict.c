/* SPDX-License-Identifier: Apache-2.0 */
/* R-PREDICT-01 to -10 on courses whose answer is worked out by hand. */
#include "predict/predict.h"

#include "tap.h"

#define SECOND INT64_C(1000000000)
#define JOULE  INT64_C(1000000)

/* Units of one length and power: `n` of them after those that are there. */
static size_t add(struct jb_predict_point *points, size_t at, size_t n, int64_t seconds,
                  int64_t watt)
{
    for (size_t i = 0; i < n; i++, at++) {
        points[at + 1] = points[at];
        points[at + 1].work++;
        points[at + 1].mono_ns += seconds * SECOND;
        points[at + 1].energy_uj += seconds * watt * JOULE;
    }
    return at;
}

static enum jb_predict_state state_of(const struct jb_predict_point *points, size_t n,
                                      int64_t total)
{
    struct jb_prediction prediction = {.state = JB_PREDICT_N_STATES};
    struct jb_error err = {0};

    if (jb_predict(points, n, total, &prediction, &err) < 0)
        diag("%s", err.message);
    return prediction.state;
}

static void test_even(void)
{
    struct jb_predict_point points[64] = {0};
    struct jb_prediction prediction;
    const size_t n = add(points, 0, 10, 10, 500);

    ok(jb_predict(points, n + 1, 50, &prediction, NULL) == JB_OK &&
           prediction.state == JB_PREDICT_STEADY && prediction.work == 10 &&
           prediction.total_work == 50 && prediction.warm_work == 0,
       "ten equal units of fifty are a steady part without warm-up");
    is_i64(prediction.energy_uj.best, 50 * 5000 * JOULE, "fifty units of 5 kJ are 250 kJ");
    is_i64(prediction.duration_ns.best, 500 * SECOND, "and last 500 s");
    /* 2 % of the rest (R-PREDICT-08) is 3.29 %% of 200 kJ at 90 %; the least noise is added in quadrature. */
    ok(prediction.energy_uj.high - prediction.energy_uj.best >= 6579 * JOULE &&
           prediction.energy_uj.best - prediction.energy_uj.low >= 6579 * JOULE,
       "what nobody can know keeps the interval at 3.29 %% of the rest at least");
    ok(prediction.energy_uj.high - prediction.energy_uj.best < 20000 * JOULE,
       "and equal units keep it below a tenth");
}

static void test_warm(void)
{
    struct jb_predict_point points[64] = {0};
    struct jb_prediction prediction;
    size_t n = add(points, 0, 3, 20, 100);
    n = add(points, n, 9, 10, 500);

    ok(jb_predict(points, n + 1, 50, &prediction, NULL) == JB_OK &&
           prediction.state == JB_PREDICT_STEADY && prediction.warm_work == 3,
       "three slow units at low power are found to be the warm-up");
    is_i64(prediction.energy_uj.best, (3 * 2000 + 47 * 5000) * JOULE,
           "they are counted as they were, the rest at the rate after them");
    is_i64(prediction.duration_ns.best, (3 * 20 + 47 * 10) * SECOND, "in time as well");
    ok(prediction.energy_uj.best - prediction.energy_uj.low >
           prediction.energy_uj.high - prediction.energy_uj.best,
       "less was drawn in the beginning, and an ending may be like it");
    ok(prediction.duration_ns.high - prediction.duration_ns.best >
           prediction.duration_ns.best - prediction.duration_ns.low,
       "it took longer in the beginning, and an ending may as well");
}

static void test_drift(void)
{
    struct jb_predict_point points[64] = {0};
    struct jb_prediction prediction;
    size_t n = 0;

    for (int64_t i = 0; i < 20; i++)
        n = add(points, n, 1, 10, 1000 + i); /* +0.1 % a unit */
    ok(jb_predict(points, n + 1, 50, &prediction, NULL) == JB_OK &&
           prediction.state == JB_PREDICT_STEADY && prediction.energy_uj.low <= 512250 * JOULE &&
           prediction.energy_uj.high >= 512250 * JOULE,
       "a slow rise that goes on to the end lies in the interval"); /* 10 s x (50000 + 1225) W */
    ok(prediction.energy_uj.best > (10095 * 20 + 10095 * 30) * JOULE, "and lifts the best figure");
}

static void test_refused(void)
{
    struct jb_predict_point points[64] = {0};
    size_t n = add(points, 0, 11, 5, 500);

    is_i64(state_of(points, n + 1, 100), JB_PREDICT_EARLY, "nothing is said in the first minute");
    n = add(points, n, 1, 5, 500);
    is_i64(state_of(points, n + 1, 100), JB_PREDICT_STEADY, "a minute of equal units is enough");
    is_i64(state_of(points, n + 1, 12), JB_PREDICT_DONE, "nothing is left to predict at the end");
    points[0] = (struct jb_predict_point){0};
    n = add(points, 0, 3, 60, 500);
    is_i64(state_of(points, n + 1, 100), JB_PREDICT_EARLY, "three units are too few");
    n = 0;
    for (int64_t i = 0; i < 40; i++) {
        n = add(points, n, 1, 10, 200 + 20 * i);
        if (state_of(points, n + 1, 200) == JB_PREDICT_STEADY)
            break;
    }
    is_i64((int64_t)n, 40, "power that goes on rising from the first unit is never steady");
    n = 0;
    for (int64_t i = 0; i < 40; i++) {
        n = add(points, n, 1, 60 - i, 500);
        if (state_of(points, n + 1, 200) == JB_PREDICT_STEADY)
            break;
    }
    is_i64((int64_t)n, 40, "nor are units that go on getting faster");
    n = add(points, 0, 20, 10, 200);
    n = add(points, n, 1, 10, 600);
    is_i64(state_of(points, n + 1, 100), JB_PREDICT_WARMING,
           "power that has just jumped to another level was not steady before");
    n = 0;
    static const int64_t uneven[] = {300, 2000, 300, 200, 1900, 400, 2100, 150};
    for (size_t i = 0; i < 8; i++)
        n = add(points, n, 1, 20, uneven[i]);
    is_i64(state_of(points, n + 1, 60), JB_PREDICT_UNCERTAIN,
           "units that differ ten times are no ground for a figure");
    ok(jb_predict_reason(JB_PREDICT_STEADY)[0] == '\0', "a prediction needs no reason");
    for (int state = JB_PREDICT_EARLY; state < JB_PREDICT_N_STATES; state++)
        ok(jb_predict_reason((enum jb_predict_state)state)[0] != '\0', "state %d has one", state);
}

static void test_between(void)
{
    struct jb_predict_point points[64] = {0}, fewer[64] = {0};
    struct jb_prediction prediction;
    size_t n = 0, n_fewer = 0;

    for (int i = 0; i < 8; i++) {
        n = add(points, n, 1, 10, 500);
        n = add(points, n, 1, 5, 200); /* an evaluation: no work, but time and energy */
        for (size_t k = n; k < n + 1; k++)
            points[k].work = i + 1;
        fewer[++n_fewer] = points[n];
    }
    struct jb_prediction of_fewer;
    ok(jb_predict(points, n + 1, 20, &prediction, NULL) == JB_OK &&
           jb_predict(fewer, n_fewer + 1, 20, &of_fewer, NULL) == JB_OK &&
           prediction.state == JB_PREDICT_STEADY &&
           prediction.energy_uj.low == of_fewer.energy_uj.low &&
           prediction.energy_uj.high == of_fewer.energy_uj.high &&
           prediction.duration_ns.best == of_fewer.duration_ns.best,
       "what is consumed between two units of work goes with the one before");
    is_i64(prediction.energy_uj.best, 20 * 6000 * JOULE, "so that every unit pays for it");
}

static void test_input(void)
{
    struct jb_predict_point points[8] = {0};
    struct jb_prediction prediction;
    struct jb_error err = {0};
    const size_t n = add(points, 0, 6, 20, 100);

    ok(jb_predict(points, n + 1, 5, &prediction, &err) == JB_E_INPUT,
       "more work than there is is refused");
    ok(jb_predict(points, n + 1, 0, &prediction, &err) == JB_E_INPUT &&
           jb_predict(points, 0, 10, &prediction, &err) == JB_E_INPUT,
       "and no work at all");
    points[3].energy_uj = 0;
    ok(jb_predict(points, n + 1, 10, &prediction, &err) == JB_E_INPUT, "and energy that goes back");
    const struct jb_predict_point huge[] = {
        {0, 0, 0},
        {INT64_MAX / 4, INT64_MAX / 4, INT64_MAX / 4},
        {INT64_MAX / 4 * 2, INT64_MAX / 4 * 2, INT64_MAX / 4 * 2},
        {INT64_MAX / 4 * 3, INT64_MAX / 4 * 3, INT64_MAX / 4 * 3},
        {INT64_MAX - 1, INT64_MAX - 1, INT64_MAX - 1}};
    ok(jb_predict(huge, 5, INT64_MAX, &prediction, &err) == JB_OK &&
           prediction.state == JB_PREDICT_UNCERTAIN && !prediction.energy_uj.is_known,
       "what does not fit the scale is not told");
    struct jb_predict_point even[8] = {0};
    const size_t n_even = add(even, 0, 6, 20, 100);
    ok(jb_predict(even, n_even + 1, INT64_MAX, &prediction, &err) == JB_OK &&
           prediction.state == JB_PREDICT_UNCERTAIN,
       "nor what a total without sense would come to");
}

int main(void)
{
    test_even();
    test_warm();
    test_drift();
    test_refused();
    test_between();
    test_input();
    return done_testing();
}
