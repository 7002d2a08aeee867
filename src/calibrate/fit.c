/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points to a straight line with its band: least squares, weighted where the scatter grows with the power. Doubles live
 * inside the calculation only. R-CAL-02 to R-CAL-06.
 */
#include "calibrate/fit.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"

#define PPM             1e6
#define LEFT_OUT_AT     4.5 /* times the scatter, estimated from the median */
#define MAD_TO_SIGMA    1.4826
#define LEFT_OUT_MOST   20   /* at most one window of so many */
#define RANGE_LEAST     0.25 /* of the greatest x */
#define SLOPE_HALF_MOST 0.20 /* of the slope */
#define OUTSIDE_PART    0.10 /* of the slope, per watt beyond the range */
#define ROUNDS          3

struct line {
    double offset, slope;
    double residual;         /* of weighted residuals, n - 2 in the denominator */
    double sum_w, mean, sxx; /* of the weights and x */
    double n;
};

/* Two-sided 95 % point of Student's t, n - 2 degrees: 1.96 + 2.4/f + ..., within 0.5 % from 8 degrees on. */
static double student_95(double n)
{
    const double f = n - 2;

    return 1.959964 + 2.372 / f + 2.82 / (f * f) + 2.6 / (f * f * f);
}

static double weight_of(const struct jb_fit_point *point, const struct line *before, double scale)
{
    if (!before)
        return 1;
    const double y = before->offset + before->slope * (double)point->x_uw;
    const double at_least = scale / 20; /* a window near zero does not rule the line */

    return (scale / fmax(y, at_least)) * (scale / fmax(y, at_least));
}

static struct line least_squares(const struct jb_fit_point *points, size_t n,
                                 const struct line *weights_by, double scale)
{
    struct line line = {0};
    double sum_x = 0, sum_y = 0, sxy = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        if (points[i].is_left_out)
            continue;
        const double w = weight_of(&points[i], weights_by, scale);
        line.sum_w += w;
        line.n++;
        sum_x += w * (double)points[i].x_uw;
        sum_y += w * (double)points[i].y_uw;
    }
    line.mean = sum_x / line.sum_w;
    const double mean_y = sum_y / line.sum_w;
    for (size_t i = 0; i < n; i++) {
        if (points[i].is_left_out)
            continue;
        const double w = weight_of(&points[i], weights_by, scale);
        const double dx = (double)points[i].x_uw - line.mean;
        line.sxx += w * dx * dx;
        sxy += w * dx * ((double)points[i].y_uw - mean_y);
    }
    line.slope = line.sxx > 0 ? sxy / line.sxx : 0;
    line.offset = mean_y - line.slope * line.mean;
    for (size_t i = 0; i < n; i++) {
        if (points[i].is_left_out)
            continue;
        const double r = (double)points[i].y_uw - line.offset - line.slope * (double)points[i].x_uw;
        squares += weight_of(&points[i], weights_by, scale) * r * r;
    }
    line.residual = line.n > 2 ? sqrt(squares / (line.n - 2)) : 0;
    return line;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* R-CAL-04: a window in which something else happened (a fan spun up, the meter lagged) is left out, at most one in twenty. */
static jb_rc leave_out(struct jb_fit_point *points, size_t n, const struct line *line,
                       const struct line *weights_by, double scale, struct jb_error *err)
{
    double *const sizes = calloc(n + 1, sizeof *sizes);
    double *const sorted = calloc(n + 1, sizeof *sorted);

    if (!sizes || !sorted) {
        free(sizes);
        free(sorted);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to fit");
    }
    for (size_t i = 0; i < n; i++) {
        const double r =
            (double)points[i].y_uw - line->offset - line->slope * (double)points[i].x_uw;
        sizes[i] = fabs(r) * sqrt(weight_of(&points[i], weights_by, scale));
        sorted[i] = sizes[i];
    }
    qsort(sorted, n, sizeof sorted[0], by_size);
    const double by_median = LEFT_OUT_AT * MAD_TO_SIGMA * sorted[n / 2];
    const double by_count = sorted[n - 1 - n / LEFT_OUT_MOST];
    for (size_t i = 0; i < n; i++)
        points[i].is_left_out = sizes[i] > by_median && sizes[i] > by_count;
    free(sizes);
    free(sorted);
    return JB_OK;
}

/* Log-likelihood of normal errors with the weights as inverse variances, but for a constant common to both. */
static double likelihood(const struct jb_fit_point *points, size_t n, const struct line *line,
                         const struct line *weights_by, double scale)
{
    double sum = -line->n * log(line->residual);

    for (size_t i = 0; i < n; i++)
        if (!points[i].is_left_out)
            sum += 0.5 * log(weight_of(&points[i], weights_by, scale));
    return sum;
}

static jb_rc check_points(const struct jb_fit_point *points, size_t n, struct jb_error *err)
{
    int64_t min_uw = INT64_MAX, max_uw = 0;

    if (n < JB_FIT_POINTS_MIN)
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "let each step last longer, or name more runs that have both meters",
                       "%zu steady windows are too few for a line, which takes %d", n,
                       JB_FIT_POINTS_MIN);
    for (size_t i = 0; i < n; i++) {
        if (points[i].x_uw < 0 || points[i].y_uw < 0)
            return jb_fail(err, JB_E_RANGE, NULL, "a window's power is negative");
        min_uw = points[i].x_uw < min_uw ? points[i].x_uw : min_uw;
        max_uw = points[i].x_uw > max_uw ? points[i].x_uw : max_uw;
    }
    if ((double)(max_uw - min_uw) < RANGE_LEAST * (double)max_uw) {
        char low[32], high[32];
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "use a load that keeps all of the machine busy, in steps from idle to full",
                       "the parts drew from %s to %s only: too narrow for a line",
                       jb_format_power(min_uw, low, sizeof low),
                       jb_format_power(max_uw, high, sizeof high));
    }
    return JB_OK;
}

static int64_t whole(double value)
{
    return value >= 9e18 ? INT64_MAX : value <= -9e18 ? INT64_MIN : llround(value);
}

static void fill(const struct jb_fit_point *points, size_t n, const struct line *line,
                 bool is_weighted, double scale, struct jb_fit *fit)
{
    const double t = student_95(line->n);
    const double slope_error = line->residual / sqrt(line->sxx);
    const double offset_error =
        line->residual * sqrt(1 / line->sum_w + line->mean * line->mean / line->sxx);

    *fit = (struct jb_fit){
        .offset_uw = whole(line->offset),
        .slope_ppm = whole(line->slope * PPM),
        .offset_half_uw = whole(ceil(t * offset_error)),
        .slope_half_ppm = whole(ceil(t * slope_error * PPM)),
        .is_weighted = is_weighted,
        .residual_uw = is_weighted ? 0 : whole(ceil(line->residual)),
        .residual_ppm = is_weighted ? whole(ceil(line->residual / scale * PPM)) : 0,
        .x_mean_uw = whole(line->mean),
        .x_spread_uw = whole(floor(sqrt(line->sxx / line->sum_w))),
        .weight_scale_uw = is_weighted ? whole(scale) : 0,
        .x_min_uw = INT64_MAX,
        .n_points = whole(line->n),
        .n_left_out = (int64_t)n - whole(line->n),
    };
    for (size_t i = 0; i < n; i++) {
        if (points[i].is_left_out)
            continue;
        if (points[i].x_uw < fit->x_min_uw)
            fit->x_min_uw = points[i].x_uw;
        if (points[i].x_uw > fit->x_max_uw)
            fit->x_max_uw = points[i].x_uw;
    }
}

static jb_rc check_fit(const struct jb_fit *fit, struct jb_error *err)
{
    char slope[32], half[32];

    if (fit->slope_ppm <= 0)
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "look at `joulebook meters --tree`: is it the meter of this machine?",
                       "the node's meter does not rise with its parts (slope %s)",
                       jb_format_decimal(fit->slope_ppm, 6, slope, sizeof slope));
    if ((double)fit->slope_half_ppm > SLOPE_HALF_MOST * (double)fit->slope_ppm)
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "let each step last longer, with nothing else running on the machine",
                       "the windows scatter too much: slope %s +- %s",
                       jb_format_decimal(fit->slope_ppm, 6, slope, sizeof slope),
                       jb_format_decimal(fit->slope_half_ppm, 6, half, sizeof half));
    return JB_OK;
}

/* One kind of weights, fitted until what is left out settles. */
static jb_rc fit_kind(struct jb_fit_point *points, size_t n, const struct line *weights_by,
                      double scale, struct line *ret_line, struct jb_error *err)
{
    for (size_t i = 0; i < n; i++)
        points[i].is_left_out = false;
    struct line line = least_squares(points, n, weights_by, scale);
    for (int round = 0; round < ROUNDS; round++) {
        jb_rc rc = leave_out(points, n, &line, weights_by, scale, err);
        if (rc < 0)
            return rc;
        line = least_squares(points, n, weights_by, scale);
    }
    *ret_line = line;
    return JB_OK;
}

jb_rc jb_fit(struct jb_fit_point *points, size_t n, struct jb_fit *ret_fit, struct jb_error *err)
{
    struct line plain, weighted;
    struct jb_fit fit;
    jb_rc rc = check_points(points, n, err);

    if (rc == JB_OK)
        rc = fit_kind(points, n, NULL, 1, &plain, err);
    if (rc < 0)
        return rc;
    const double scale = plain.offset + plain.slope * plain.mean;
    const double plain_likelihood = likelihood(points, n, &plain, NULL, 1);
    /* R-CAL-03: whichever kind of scatter makes the windows seen more likely; both are fitted with as many figures. */
    bool is_weighted = false;
    if (scale > 0 && plain.slope > 0 && plain.residual > 0) {
        rc = fit_kind(points, n, &plain, scale, &weighted, err);
        if (rc < 0)
            return rc;
        is_weighted = likelihood(points, n, &weighted, &plain, scale) / weighted.n >
                      plain_likelihood / plain.n;
    }
    if (!is_weighted) {
        rc = fit_kind(points, n, NULL, 1, &plain, err);
        if (rc < 0)
            return rc;
    }
    fill(points, n, is_weighted ? &weighted : &plain, is_weighted, scale, &fit);
    rc = check_fit(&fit, err);
    if (rc == JB_OK)
        *ret_fit = fit;
    return rc;
}

int64_t jb_fit_at(const struct jb_fit *fit, int64_t x_uw)
{
    return jb_add_sat_i64(fit->offset_uw,
                          jb_muldiv_sat_i64(x_uw, fit->slope_ppm, 1000000, JB_ROUND_NEAREST));
}

int64_t jb_fit_half_width_uw(const struct jb_fit *fit, int64_t x_uw)
{
    const double n = (double)fit->n_points;
    const double x = (double)x_uw;
    const double y = fmax((double)jb_fit_at(fit, x_uw), (double)fit->weight_scale_uw / 20);
    const double scatter =
        fit->is_weighted ? (double)fit->residual_ppm / PPM * y : (double)fit->residual_uw;
    /* Of the line itself: the scatter at the windows' mean, whatever it is at x. */
    const double scatter_of_line =
        fit->is_weighted ? (double)fit->residual_ppm / PPM * (double)fit->weight_scale_uw
                         : (double)fit->residual_uw;
    const double spread = fit->x_spread_uw > 0 ? (double)fit->x_spread_uw : 1;
    const double from_mean = (x - (double)fit->x_mean_uw) / spread;
    double half = student_95(n) * sqrt(scatter * scatter + scatter_of_line * scatter_of_line *
                                                               (1 + from_mean * from_mean) / n);

    if (x_uw < fit->x_min_uw)
        half += OUTSIDE_PART * (double)fit->slope_ppm / PPM * ((double)fit->x_min_uw - x);
    if (x_uw > fit->x_max_uw)
        half += OUTSIDE_PART * (double)fit->slope_ppm / PPM * (x - (double)fit->x_max_uw);
    return whole(ceil(half));
}
