/* SPDX-License-Identifier: Apache-2.0 */
/* Ratios of energy to cycles, in logarithms because they scatter in proportion, to one ratio with its band. R-CYCLES-07, -08.
 * Doubles live inside the calculation; what leaves it is whole femtojoule and millionths. */
#include "calibrate/epc.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"

#define PPM          1000000.0
#define FJ_PER_UJ    1e9
#define Z_90         1.6448536
#define SIGMA_OF_MAD 1.4826
#define FAR          4.5  /* scatters from the median, as R-CAL-04 */
#define NEAR_ALWAYS  0.05 /* five runs that agree closely do not make a sixth at 4 % an outlier */
#define SPREAD_LEAST 1.2  /* greatest to least number of cycles */
#define SCATTER_MOST 0.5

/* Two-sided 90 % point of Student's t: 2.13 at 4 degrees, 1.73 at 19; the series is right to 0.2 % from 4 degrees on. */
static double student_90(double f)
{
    const double z = Z_90, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;

    return z + (z3 + z) / (4 * f) + (5 * z5 + 16 * z3 + 3 * z) / (96 * f * f) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * f * f * f);
}

static double ratio_of(const struct jb_epc_point *point)
{
    return log((double)point->energy_uj * FJ_PER_UJ / (double)point->cycles);
}

/* Standard deviation of a run's own energy, as a part of it. */
static double doubt_of(const struct jb_epc_point *point)
{
    return (double)point->half_uj / Z_90 / (double)point->energy_uj;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof values[0], by_value);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static jb_rc leave_out(struct jb_epc_point *points, size_t n, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) double *values = calloc(n, sizeof *values);

    if (!values)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to fit %zu runs", n);
    for (size_t i = 0; i < n; i++)
        values[i] = ratio_of(&points[i]);
    const double middle = median(values, n);
    for (size_t i = 0; i < n; i++)
        values[i] = fabs(ratio_of(&points[i]) - middle);
    const double far = fmax(FAR * SIGMA_OF_MAD * median(values, n), NEAR_ALWAYS);
    for (size_t i = 0; i < n; i++)
        points[i].is_left_out = fabs(ratio_of(&points[i]) - middle) > far;
    return JB_OK;
}

struct mean {
    double n, sum_w, value, scatter, doubt;
};

/* Runs weigh by how sure their energy is, beside what runs differ anyway: `between`, a variance. */
static struct mean mean_of(const struct jb_epc_point *points, size_t n, double between)
{
    struct mean mean = {0};
    double sum = 0, squares = 0, doubts = 0;

    for (size_t i = 0; i < n; i++) {
        if (points[i].is_left_out)
            continue;
        const double doubt = doubt_of(&points[i]);
        const double w = 1 / (between + doubt * doubt);
        mean.n++;
        mean.sum_w += w;
        sum += w * ratio_of(&points[i]);
        doubts += w * doubt;
    }
    mean.value = sum / mean.sum_w;
    mean.doubt = doubts / mean.sum_w;
    for (size_t i = 0; i < n; i++)
        if (!points[i].is_left_out) {
            const double doubt = doubt_of(&points[i]);
            const double off = ratio_of(&points[i]) - mean.value;
            squares += off * off / (between + doubt * doubt);
        }
    if (mean.n > 1)
        mean.scatter = sqrt(squares / mean.sum_w * mean.n / (mean.n - 1));
    return mean;
}

/* What of the scatter is not the doubt of single energies; at least a part in a million, so that weights stay finite. */
static double between_of(const struct jb_epc_point *points, size_t n)
{
    const struct mean plain = mean_of(points, n, 1e6);
    double doubts = 0;

    for (size_t i = 0; i < n; i++)
        if (!points[i].is_left_out)
            doubts += doubt_of(&points[i]) * doubt_of(&points[i]);
    return fmax(plain.scatter * plain.scatter - doubts / plain.n, 1e-12);
}

static jb_rc check(const struct jb_epc_point *points, size_t n, struct jb_epc_fit *fit,
                   struct jb_error *err)
{
    fit->cycles_min = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        if (points[i].is_left_out)
            continue;
        fit->n_points++;
        fit->cycles_min = points[i].cycles < fit->cycles_min ? points[i].cycles : fit->cycles_min;
        fit->cycles_max = points[i].cycles > fit->cycles_max ? points[i].cycles : fit->cycles_max;
    }
    fit->n_left_out = (int64_t)n - fit->n_points;
    if (fit->n_points < JB_EPC_POINTS_MIN)
        return jb_fail(
            err, JB_E_UNAVAILABLE, "measure more runs on this machine, short ones and long ones",
            "%lld run%s both cycles and a processor's meter, and %d are needed",
            (long long)fit->n_points, fit->n_points == 1 ? " has" : "s have", JB_EPC_POINTS_MIN);
    if ((double)fit->cycles_max < SPREAD_LEAST * (double)fit->cycles_min)
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "measure a run that is much shorter or longer than these",
                       "the runs have no spread: all of them have nearly as many cycles");
    return JB_OK;
}

jb_rc jb_epc_fit(struct jb_epc_point *points, size_t n, struct jb_epc_fit *ret_fit,
                 struct jb_error *err)
{
    struct jb_epc_fit fit = {0};
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < n; i++) {
        points[i].is_left_out = false;
        if (points[i].cycles <= 0 || points[i].energy_uj <= 0 || points[i].half_uj < 0)
            return jb_fail(err, JB_E_RANGE, NULL,
                           "a run without cycles or energy cannot be fitted");
    }
    if (n > 2)
        rc = leave_out(points, n, err);
    if (rc == JB_OK)
        rc = check(points, n, &fit, err);
    if (rc < 0)
        return rc;
    const struct mean mean = mean_of(points, n, between_of(points, n));
    if (mean.scatter > SCATTER_MOST)
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "measure with nothing else running, and the idle power known",
                       "the runs scatter too much: by %.0f %% about their energy per cycle",
                       mean.scatter * 100);
    const double t = student_90(mean.n - 1);
    /* The next run scatters as these did, and no fit is nearer to the truth than the meters it was fitted to. */
    const double of_runs = t * mean.scatter * sqrt(1 + 1 / mean.n);
    const double of_meters = Z_90 * mean.doubt;
    const double half = sqrt(of_runs * of_runs + of_meters * of_meters);
    const double best = exp(mean.value);
    if (!(best * exp(half) < 9e18) || best < 1)
        return jb_fail(err, JB_E_RANGE, NULL, "the energy per cycle fits no scale");
    fit.best_fj = (int64_t)llround(best);
    fit.low_fj = (int64_t)floor(best * exp(-half));
    fit.high_fj = (int64_t)ceil(best * exp(half));
    fit.scatter_ppm = (int64_t)llround(mean.scatter * PPM);
    fit.mean_half_ppm = (int64_t)ceil(t * mean.scatter / sqrt(mean.n) * PPM);
    *ret_fit = fit;
    return JB_OK;
}
