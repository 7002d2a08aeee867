/* SPDX-License-Identifier: Apache-2.0 */
/* A node whose line is known exactly, seen through noise of a known size: is the line found, and do its bands hold? */
#include <math.h>
#include <stdlib.h>

#include "calibrate/fit.h"
#include "tap.h"

#define W        1e6 /* in uW */
#define N_POINTS 150
#define N_NODES  200

static uint64_t state;

static double uniform(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* A node as the issue has it: 57 W + 1.12 x. `part`: noise as a part of the reading; `watt`: of one size. */
struct node {
    double part, watt;
};

static struct jb_fit_point see(const struct node *node, double x_w)
{
    const double y_w = (57 + 1.12 * x_w) * (1 + node->part * normal()) + node->watt * normal();

    return (struct jb_fit_point){.x_uw = llround(x_w * W), .y_uw = llround(y_w * W)};
}

/* A staircase of five levels, as `joulebook calibrate` climbs it: idle at 42 W, full at 400 W. */
static void climb(const struct node *node, struct jb_fit_point *points, size_t n)
{
    for (size_t i = 0; i < n; i++)
        points[i] = see(node, 42 + 358.0 * (double)(i % 5) / 4 * (1 + 0.01 * normal()));
}

static void a_known_line_is_found(const char *what, const struct node *node)
{
    struct jb_fit_point points[N_POINTS];
    int n_fitted = 0, n_offset = 0, n_slope = 0, n_in_offset = 0, n_in_slope = 0;
    int64_t n_inside = 0, n_seen = 0;
    double worst_energy = 0;

    for (int i = 0; i < N_NODES; i++) {
        struct jb_fit fit;
        climb(node, points, N_POINTS);
        if (jb_fit(points, N_POINTS, &fit, NULL) < 0)
            continue;
        n_fitted++;
        n_offset += llabs(fit.offset_uw - 57000000) <= 1710000;
        n_slope += llabs(fit.slope_ppm - 1120000) <= 33600;
        n_in_offset += llabs(fit.offset_uw - 57000000) <= fit.offset_half_uw;
        n_in_slope += llabs(fit.slope_ppm - 1120000) <= fit.slope_half_ppm;
        double truth = 0, predicted = 0;
        for (int k = 0; k < 200; k++) {
            const struct jb_fit_point unseen = see(node, 42 + 358 * uniform());
            const int64_t at = jb_fit_at(&fit, unseen.x_uw);
            n_inside += llabs(unseen.y_uw - at) <= jb_fit_half_width_uw(&fit, unseen.x_uw);
            n_seen++;
            truth += (double)unseen.y_uw;
            predicted += (double)at;
        }
        worst_energy = fmax(worst_energy, fabs(predicted / truth - 1));
    }
    is_i64(n_fitted, N_NODES, "%s: every one of %d nodes is fitted", what, N_NODES);
    diag("%s: offset within 3 %%: %d, slope: %d of %d; bands hold the truth: %d, %d; windows: %.2f "
         "%%; "
         "worst energy of 200 windows off by %.2f %%",
         what, n_offset, n_slope, n_fitted, n_in_offset, n_in_slope,
         100.0 * (double)n_inside / (double)n_seen, 100 * worst_energy);
    ok(n_slope == n_fitted, "%s: the slope is within 3 %% (R-CAL-03)", what);
    /* Even scatter hides an offset of 57 W more than that: then its interval says so. */
    ok(node->watt > 0 || n_offset == n_fitted, "%s: the offset is within 3 %% (R-CAL-03)", what);
    ok(n_in_offset >= n_fitted * 90 / 100 && n_in_slope >= n_fitted * 90 / 100,
       "%s: the intervals of both hold the truth", what);
    ok(n_inside * 1000 >= n_seen * 935 && n_inside * 1000 <= n_seen * 975,
       "%s: bands hold 95 %% of unseen windows, no more and no less than they say (R-CAL-05)",
       what);
    ok(worst_energy <= 0.03, "%s: unseen energy is within 3 %%", what);
}

static void outliers_are_left_out(void)
{
    const struct node node = {.part = 0.02};
    struct jb_fit_point points[N_POINTS];
    struct jb_fit fit;

    climb(&node, points, N_POINTS);
    points[10].y_uw += 300000000;
    points[77].y_uw += 300000000;
    points[120].y_uw /= 3;
    is_i64(jb_fit(points, N_POINTS, &fit, NULL), JB_OK, "a line with three strange windows");
    ok(points[10].is_left_out && points[77].is_left_out && points[120].is_left_out,
       "the strange windows are left out (R-CAL-04)");
    is_i64(fit.n_points + fit.n_left_out, N_POINTS, "left out and kept are all");
    ok(fit.n_left_out <= N_POINTS / 20, "at most one in twenty is left out");
    ok(llabs(fit.slope_ppm - 1120000) <= 33600, "the line is found all the same");
}

static void outside_the_range_bands_widen(void)
{
    const struct node node = {.part = 0.02};
    struct jb_fit_point points[N_POINTS];
    struct jb_fit fit;

    climb(&node, points, N_POINTS);
    is_i64(jb_fit(points, N_POINTS, &fit, NULL), JB_OK, "a line");
    const int64_t inside = jb_fit_half_width_uw(&fit, fit.x_max_uw);
    const int64_t beyond = jb_fit_half_width_uw(&fit, fit.x_max_uw + 100000000);
    ok(beyond > inside + 11000000,
       "100 W beyond the range add a tenth of the slope's 112 W (R-CAL-05)");
    ok(jb_fit_half_width_uw(&fit, 0) > jb_fit_half_width_uw(&fit, fit.x_min_uw), "and so below it");
}

static void what_carries_no_line_is_refused(void)
{
    const struct node node = {.part = 0.02}, wild = {.watt = 300};
    struct jb_fit_point points[N_POINTS];
    struct jb_fit fit = {.n_points = -1};
    struct jb_error err;

    climb(&node, points, N_POINTS);
    is_i64(jb_fit(points, JB_FIT_POINTS_MIN - 1, &fit, &err), JB_E_UNAVAILABLE, "too few windows");
    for (size_t i = 0; i < N_POINTS; i++)
        points[i] = see(&node, 200 + 10 * uniform());
    is_i64(jb_fit(points, N_POINTS, &fit, &err), JB_E_UNAVAILABLE, "a load of one level");
    climb(&node, points, N_POINTS);
    for (size_t i = 0; i < N_POINTS; i++)
        points[i].y_uw = 700000000 - points[i].y_uw;
    is_i64(jb_fit(points, N_POINTS, &fit, &err), JB_E_UNAVAILABLE,
           "a meter that falls where the parts rise");
    for (size_t i = 0; i < 20; i++) {
        points[i] = see(&wild, 42 + 18 * (double)(i % 20));
        points[i].y_uw = points[i].y_uw < 0 ? 0 : points[i].y_uw;
    }
    is_i64(jb_fit(points, 20, &fit, &err), JB_E_UNAVAILABLE, "windows that scatter like hail");
    points[0].x_uw = -1;
    is_i64(jb_fit(points, 20, &fit, &err), JB_E_RANGE, "a negative power");
    is_i64(fit.n_points, -1, "nothing was written");
}

int main(void)
{
    const struct node proportional = {.part = 0.02}, even = {.watt = 6};

    state = UINT64_C(20261123);
    a_known_line_is_found("noise of 2 % of the reading", &proportional);
    a_known_line_is_found("noise of 6 W everywhere", &even);
    outliers_are_left_out();
    outside_the_range_bands_widen();
    what_carries_no_line_is_refused();
    return done_testing();
}
