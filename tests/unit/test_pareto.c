/* SPDX-License-Identifier: Apache-2.0 */
/* Metric against energy over runs whose frontier, margins and stops follow by hand. R-PARETO-01 to -05. */
#include "rate/pareto.h"
#include "tap.h"

#define WH  INT64_C(3600000000)
#define ONE INT64_C(1000000000)

static struct jb_inventory_run run(int64_t wh, const char *metric, int64_t nano)
{
    struct jb_inventory_run ret = {
        .id = "r",
        .group = "",
        .stage = "train",
        .layer = JB_LAYER_MEASURED,
        .part = JB_PART_TRAINING,
        .energy_uj = {.is_known = true, .low = wh * WH, .best = wh * WH, .high = wh * WH}};
    if (metric) {
        ret.n_metrics = 1;
        ret.metrics[0].name = metric;
        ret.metrics[0].least = ret.metrics[0].greatest =
            (struct jb_inventory_value){.text = "x", .at = "epoch 1", .value = nano};
    }
    return ret;
}

static struct jb_pareto make(struct jb_inventory_run *runs, size_t n, const char *metric,
                             int64_t worth_uj)
{
    const struct jb_inventory inventory = {.runs = runs, .n_runs = n};
    struct jb_pareto ret = {0};
    struct jb_error err = {0};

    if (jb_pareto_make(&inventory, metric, JB_METRIC_WAY_UNKNOWN, 0, worth_uj, &ret, &err) < 0)
        bail_out("%s", err.message);
    return ret;
}

/* cumulative Wh: 100, 150 (no metric), 200, 300, 700, 1500; accuracy 0.50, 0.70, 0.65, 0.80, 0.82 */
static void accuracy(void)
{
    struct jb_inventory_run runs[] = {
        run(100, "accuracy", ONE / 100 * 50), run(50, NULL, 0),
        run(50, "accuracy", ONE / 100 * 70),  run(100, "accuracy", ONE / 100 * 65),
        run(400, "accuracy", ONE / 100 * 80), run(800, "accuracy", ONE / 100 * 82),
        run(7, "accuracy", ONE / 100 * 99),   run(9, "accuracy", ONE / 100 * 99)};
    runs[6].part = JB_PART_INFERENCE;
    runs[7].layer = JB_LAYER_RECONSTRUCTED;
    struct jb_pareto pareto = make(runs, 8, "accuracy", -1);
    const struct jb_pareto_point *const points = pareto.points;

    ok(pareto.n == 5 && pareto.n_without == 1 && pareto.total_uj == 1500 * WH,
       "inference and other layers are left out, a run without the metric was spent");
    ok(points[0].cumulative_uj == 100 * WH && points[1].cumulative_uj == 200 * WH &&
           points[4].cumulative_uj == 1500 * WH,
       "energies add up in time");
    is_i64(pareto.point, ONE / 100, "values up to 1: a point is 0.01");
    ok(points[0].is_record && points[1].is_record && !points[2].is_record && points[3].is_record &&
           points[4].is_record,
       "what is better than all before");
    /* 100 Wh for 20 points; 500 for 10; 800 for 2 */
    ok(points[0].marginal_uj == -1 && points[1].marginal_uj == 5 * WH &&
           points[2].marginal_uj == -1 && points[3].marginal_uj == 50 * WH &&
           points[4].marginal_uj == 400 * WH,
       "5, 50 and 400 Wh a point");
    /* own energy: 50 Wh 0.70 beats 100 Wh with 0.50 and 0.65 */
    ok(!points[0].is_frontier && points[1].is_frontier && !points[2].is_frontier &&
           points[3].is_frontier && points[4].is_frontier,
       "the frontier of trainings by themselves");
    /* above the chord (100, 50) - (1500, 82): at 200: 20 - 2.3 = 17.7; at 700: 30 - 13.7 = 16.3 */
    ok(pareto.rule == JB_PARETO_KNEE && pareto.stop == 1, "the knee is the second");
    ok(pareto.after_uj == 1300 * WH && pareto.after_gain == ONE / 100 * 12,
       "after it 1300 Wh for 12 points");
    jb_pareto_release(&pareto);

    pareto = make(runs, 8, "accuracy", 50 * WH);
    ok(pareto.rule == JB_PARETO_WORTH && pareto.stop == 3,
       "at 50 Wh a point the fourth was worth it");
    jb_pareto_release(&pareto);
    pareto = make(runs, 8, "accuracy", 400 * WH);
    ok(pareto.stop == 4 && pareto.after_uj == 0 && pareto.after_gain == 0, "at 400 all were");
    jb_pareto_release(&pareto);
    pareto = make(runs, 8, "accuracy", 1 * WH);
    ok(pareto.stop == 0, "at 1 none after the first");
    jb_pareto_release(&pareto);
}

/* Loss 3.0, 2.9, 2.0: a dear step followed by a cheap one is judged with it (1000 Wh for 1.0). */
static void loss(void)
{
    struct jb_inventory_run runs[] = {run(100, "val_loss", 3 * ONE),
                                      run(500, "val_loss", ONE / 10 * 29),
                                      run(500, "val_loss", 2 * ONE)};
    struct jb_pareto pareto = make(runs, 3, "val_loss", 1500 * WH);

    ok(pareto.way == JB_METRIC_WAY_MIN && pareto.point == ONE, "less loss is better; a point is 1");
    is_i64(pareto.points[1].marginal_uj, 5000 * WH, "500 Wh for a tenth");
    ok(!pareto.points[1].is_on_hull && pareto.points[2].is_on_hull && pareto.stop == 2,
       "1000 Wh a point together: worth it");
    jb_pareto_release(&pareto);
    pareto = make(runs, 3, "val_loss", -1);
    ok(pareto.rule == JB_PARETO_TOO_FEW, "two ends have no knee");
    jb_pareto_release(&pareto);
}

static void ranks(void)
{
    struct jb_inventory_run runs[] = {run(10, "acc", 0), run(20, NULL, 0), run(40, NULL, 0)};
    runs[0].group = runs[1].group = "g";
    runs[2].energy_uj.is_known = false;
    struct jb_pareto pareto = make(runs, 3, "acc", -1);
    ok(pareto.n == 1 && pareto.points[0].energy_uj.best == 30 * WH && pareto.n_without == 0,
       "ranks of one training are one");
    is_i64(pareto.n_unknown, 1, "a run without energy is counted, not added");
    jb_pareto_release(&pareto);
}

static void refused(void)
{
    struct jb_inventory_run runs[] = {run(10, "zeal", 1)};
    const struct jb_inventory inventory = {.runs = runs, .n_runs = 1};
    struct jb_pareto pareto = {0};
    struct jb_error err = {0};

    is_i64(jb_pareto_make(&inventory, "zeal", JB_METRIC_WAY_UNKNOWN, 0, -1, &pareto, &err),
           JB_E_USAGE, "a metric of which nobody knows which way is better");
    ok(jb_pareto_make(&inventory, "zeal", JB_METRIC_WAY_MAX, 5, -1, &pareto, &err) == JB_OK &&
           pareto.point == 5,
       "unless it is said; a point too");
    jb_pareto_release(&pareto);
    is_i64(jb_pareto_make(&inventory, "accuracy", JB_METRIC_WAY_UNKNOWN, 0, -1, &pareto, &err),
           JB_E_NOT_FOUND, "one that is not there");
    is_str(err.hint, "zeal", "those that are there are told");
    runs[0].metrics[0].least.value = runs[0].metrics[0].greatest.value = INT64_MAX;
    runs[0].energy_uj.best = INT64_MAX;
    ok(jb_pareto_make(&inventory, "zeal", JB_METRIC_WAY_MAX, 0, 0, &pareto, &err) == JB_OK,
       "the ends of the scale are no matter");
    jb_pareto_release(&pareto);
}

int main(void)
{
    accuracy();
    loss();
    ranks();
    refused();
    return done_testing();
}
