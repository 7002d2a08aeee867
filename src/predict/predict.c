/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course of a run so far to the energy and time of the whole (docs/method/prediction.md, R-PREDICT-01 to -10): blocks of
 * work, the warm-up left out (MSER), the rate of the steady part with its trend and its noise, an interval. Must never
 * answer without a steady part, and never with an interval narrower than what nobody can know allows.
 */
#include "predict/predict.h"

#include <math.h>
#include <stdbool.h>

#include "base/compiler.h"

#define BLOCKS_MAX    60
#define BLOCKS_MIN    4 /* a warm-up of one and a steady part of three */
#define STEADY_MIN    3
#define STEADY_PART   5 /* the steady part is at least a fifth of what was seen */
#define EARLIEST_NS   (INT64_C(60) * 1000000000)
#define CHANGE_LEAST  0.1    /* of the rate */
#define CHANGE_ERRORS 3.0    /* standard deviations of a block */
#define QUANTILE      1.6449 /* 90 % of a normal distribution lies within */
#define NOISE_LEAST   0.005  /* of a rate: three blocks may agree by chance */
#define MEMORY_MOST   0.9
#define TREND_PRIOR   0.05 /* standard deviation of the trends that are expected over the rest */
#define TREND_MOST    0.25 /* beyond this it is no steady part */
/* A steady part changes less than a third as fast as its warm-up did, unless that matters less than a tenth over the
 * rest, or less than two standard deviations of a block. */
#define WARM_TREND   3.0
#define WARM_MATTERS 0.1
#define WARM_ERRORS  2.0
#define UNKNOWABLE   0.02 /* standard deviation of the rest's rate, for what has not happened yet */
#define ENDING_PART  1.5  /* an ending may deviate so many times what the beginning did */
#define WIDEST       0.5

static const char *const reasons[] = {
    [JB_PREDICT_STEADY] = "",
    [JB_PREDICT_EARLY] = "less than a minute or too little of the work is done",
    [JB_PREDICT_WARMING] = "it is still warming up",
    [JB_PREDICT_DRIFTING] = "energy or time for a unit of work is still changing",
    [JB_PREDICT_UNCERTAIN] = "units of work differ too much among themselves",
    [JB_PREDICT_DONE] = "all of the work is done",
};
_Static_assert(JB_ARRAY_LEN(reasons) == JB_PREDICT_N_STATES, "a reason for each state");

const char *jb_predict_reason(enum jb_predict_state state)
{
    return (unsigned)state < JB_ARRAY_LEN(reasons) ? reasons[state] : "";
}

enum rate { RATE_ENERGY, RATE_TIME, N_RATES };

/* A stretch of work: where it lies, how much it is, and what a unit of it took. */
struct block {
    double centre, work;
    double rate[N_RATES];
};

struct course {
    size_t n_blocks;
    struct block blocks[BLOCKS_MAX];
};

/* What the steady part says of the rest: its rate, where a trend would take it, and how sure that is. */
struct outlook {
    double mean;
    double noise;              /* standard deviation of a block */
    double ahead;              /* work from the middle of the steady part to that of the rest */
    double slope, slope_error; /* of the rate, by unit of work */
    double trend; /* of the rate, from the middle of the steady part to the middle of the rest */
    double deviation; /* standard deviation of the rest's mean rate */
    double freedom;
};

static jb_rc check(const struct jb_predict_point *points, size_t n_points, int64_t total_work,
                   struct jb_error *err)
{
    if (n_points == 0 || total_work <= 0)
        return jb_fail(err, JB_E_INPUT, NULL, "there is no work to predict");
    const struct jb_predict_point *const first = &points[0], *const last = &points[n_points - 1];
    if (first->work < 0 || first->mono_ns < 0 || first->energy_uj < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "the course of a run begins before its start");
    for (size_t i = 1; i < n_points; i++)
        if (points[i].work < points[i - 1].work || points[i].mono_ns < points[i - 1].mono_ns ||
            points[i].energy_uj < points[i - 1].energy_uj)
            return jb_fail(err, JB_E_INPUT, "count work from the start of the run and never back",
                           "point %zu of the course of a run lies before the one before it", i);
    if (last->work > total_work)
        return jb_fail(err, JB_E_INPUT, "state the whole work of the run",
                       "more work is done than there is");
    return JB_OK;
}

/* R-PREDICT-02: as many blocks as there are points with new work, at most BLOCKS_MAX of about equal work. */
static void divide(const struct jb_predict_point *points, size_t n_points, struct course *course)
{
    const struct jb_predict_point *from = &points[0];
    const int64_t first = from->work;
    const double all = (double)(points[n_points - 1].work - first);
    size_t n_units = 0;

    course->n_blocks = 0;
    for (size_t i = 1; i < n_points; i++)
        n_units += points[i].work > points[i - 1].work;
    for (size_t i = 1; i < n_points; i++) {
        const struct jb_predict_point *const to = &points[i];
        const bool is_last = i + 1 == n_points || to->work == points[n_points - 1].work;
        const double end = all * (double)(course->n_blocks + 1) / BLOCKS_MAX;
        if (to->work == from->work ||
            (n_units > BLOCKS_MAX && !is_last && (double)(to->work - first) < end))
            continue;
        /* Time and energy that no work was done for are part of the work before them. */
        while (i + 1 < n_points && points[i + 1].work == to->work)
            i++;
        const double work = (double)(to->work - from->work);
        struct block *const block = &course->blocks[course->n_blocks++];
        block->work = work;
        block->centre = (double)(from->work - first) + work / 2;
        const int64_t taken[N_RATES] = {points[i].energy_uj - from->energy_uj,
                                        points[i].mono_ns - from->mono_ns};
        for (int rate = 0; rate < N_RATES; rate++)
            block->rate[rate] = (double)taken[rate] / work;
        from = &points[i];
        if (course->n_blocks == BLOCKS_MAX)
            break;
    }
}

static double mean_rate(const struct course *course, size_t from, enum rate rate, double *ret_work)
{
    double sum = 0, work = 0;

    for (size_t i = from; i < course->n_blocks; i++) {
        sum += course->blocks[i].work * course->blocks[i].rate[rate];
        work += course->blocks[i].work;
    }
    *ret_work = work;
    return sum / work;
}

/* MSER of one truncation: the squared standard error of both rates' means, each against its mean. */
static double marginal_error(const struct course *course, size_t from)
{
    double error = 0;

    for (int rate = 0; rate < N_RATES; rate++) {
        double work;
        const double mean = mean_rate(course, from, (enum rate)rate, &work);
        double squares = 0;
        for (size_t i = from; i < course->n_blocks; i++) {
            const double off = course->blocks[i].rate[rate] - mean;
            squares += course->blocks[i].work * off * off;
        }
        if (mean > 0)
            error += squares / (work * (double)(course->n_blocks - from)) / (mean * mean);
    }
    return error;
}

/* R-PREDICT-03: the first block of the steady part by MSER. The end of what may be cut: less would be better still. */
static size_t find_steady(const struct course *course, size_t *ret_limit)
{
    size_t least = (course->n_blocks + STEADY_PART - 1) / STEADY_PART;
    if (least < STEADY_MIN)
        least = STEADY_MIN;
    const size_t limit = course->n_blocks - least;
    double best = marginal_error(course, 0);
    size_t from = 0;

    for (size_t cut = 1; cut <= limit; cut++) {
        const double error = marginal_error(course, cut);
        if (error < best) {
            best = error;
            from = cut;
        }
    }
    *ret_limit = limit;
    return from;
}

/* R-PREDICT-04: whether the last blocks, few as they are, left the level of the steady part before them. */
static bool has_just_changed(const struct course *course, size_t from, enum rate rate)
{
    const size_t n = course->n_blocks;
    double work, of_tail = 0, work_of_tail = 0;
    struct course before = *course;

    for (size_t k = 1; k <= n / STEADY_PART && n - k >= from + STEADY_MIN; k++) {
        const struct block *const block = &course->blocks[n - k];
        double squares = 0;
        of_tail += block->work * block->rate[rate];
        work_of_tail += block->work;
        before.n_blocks = n - k;
        const double mean = mean_rate(&before, from, rate, &work);
        for (size_t i = from; i < before.n_blocks; i++) {
            const double off = course->blocks[i].rate[rate] - mean;
            squares += course->blocks[i].work * off * off / work;
        }
        const double off = fabs(of_tail / work_of_tail - mean);
        if (off > CHANGE_LEAST * mean && off * sqrt((double)k) > CHANGE_ERRORS * sqrt(squares))
            return true;
    }
    return false;
}

/* R-PREDICT-05: straight line through the steady part; AR(1) of what lies off it. */
static struct outlook look(const struct course *course, size_t from, enum rate rate, double rest)
{
    const double n = (double)(course->n_blocks - from);
    double work, centre = 0, spread = 0, slope = 0, squares = 0, pairs = 0, before = 0, all = 0;
    struct outlook look = {.mean = mean_rate(course, from, rate, &work)};

    for (size_t i = from; i < course->n_blocks; i++)
        centre += course->blocks[i].work * course->blocks[i].centre / work;
    for (size_t i = from; i < course->n_blocks; i++) {
        const struct block *const block = &course->blocks[i];
        const double x = block->centre - centre;
        spread += block->work * x * x / work;
        slope += block->work * x * (block->rate[rate] - look.mean) / work;
    }
    slope /= spread;
    for (size_t i = from; i < course->n_blocks; i++) {
        const struct block *const block = &course->blocks[i];
        const double off = block->rate[rate] - look.mean - slope * (block->centre - centre);
        squares += block->work * off * off / work;
        all += off * off;
        pairs += i > from ? off * before : 0;
        before = off;
    }
    const double least = NOISE_LEAST * look.mean;
    const double variance = fmax(squares * n / (n - 2), least * least);
    double memory = all > 0 ? pairs / all : 0;
    memory = fmin(fmax(memory + (1 + 3 * memory) / n, 0), MEMORY_MOST);
    const double inflation = (1 + memory) / (1 - memory);
    const double n_rest = fmax(rest / (work / n), inflation);
    const double ahead = (work + rest) / 2;
    const double slope_error = sqrt(variance * inflation / (n * spread));
    const double of_trend = slope_error * slope_error * ahead * ahead;
    const double prior = TREND_PRIOR * look.mean * TREND_PRIOR * look.mean;
    const double trust = prior / (prior + of_trend);
    look.noise = sqrt(variance);
    look.ahead = ahead;
    look.slope = slope;
    look.slope_error = slope_error;
    look.trend = trust * slope * ahead;
    look.deviation = sqrt(fmin(variance * inflation / n, variance) + variance * inflation / n_rest +
                          trust * of_trend);
    look.freedom = fmax(n / inflation - 1, 1);
    return look;
}

/* Student's quantile for 90 % from the normal one: Abramowitz and Stegun 26.7.5, exact to 1 % from two degrees on; one
 * degree is taken for two, since the least of the noise and the prior of the trend are knowledge too. */
static double student(double freedom)
{
    const double v = fmax(freedom, 2), z = QUANTILE;
    const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;

    return z + (z3 + z) / (4 * v) + (5 * z5 + 16 * z3 + 3 * z) / (96 * v * v) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * v * v * v);
}

static int64_t whole(double value)
{
    return value >= 9.2e18 ? INT64_MAX : llround(fmax(value, 0));
}

/* R-PREDICT-07 to -09: what is spent, and the rest at the steady rate, with the interval. */
static struct jb_figure extrapolate(const struct outlook *outlook, int64_t spent, double rest,
                                    double warm_excess)
{
    const double noise = student(outlook->freedom) * outlook->deviation;
    const double unknowable = QUANTILE * UNKNOWABLE * outlook->mean;
    const double half =
        rest * (sqrt(noise * noise + unknowable * unknowable) + 0.6 * fabs(outlook->trend));
    const double best = (double)spent + rest * (outlook->mean + outlook->trend / 2);
    const double ending = fmin(ENDING_PART * fabs(warm_excess), rest * outlook->mean / 2);
    struct jb_figure figure = {.is_known = true};

    figure.best = whole(best);
    figure.low = whole(best - half - (warm_excess < 0 ? ending : 0));
    figure.high = whole(best + half + (warm_excess > 0 ? ending : 0));
    if (figure.low < spent)
        figure.low = spent;
    return figure;
}

/* R-PREDICT-10. What does not fit the scale has no width that is known. */
static bool is_too_wide(const struct jb_figure *figure)
{
    return figure->high == INT64_MAX ||
           (double)figure->high - (double)figure->low > 2 * WIDEST * (double)figure->best;
}

/* Of the warm-up: what it took more than so much work does in the steady part; negative: less. */
static double excess(const struct course *course, size_t from, enum rate rate, double mean)
{
    double sum = 0;

    for (size_t i = 0; i < from; i++)
        sum += course->blocks[i].work * (course->blocks[i].rate[rate] - mean);
    return sum;
}

/* R-PREDICT-06: whether the steady part may be the warm-up going on: as steep, for all that can be seen. */
static bool is_still_warming(const struct course *course, size_t from, enum rate rate,
                             const struct outlook *outlook)
{
    double work = 0, sum = 0, centre_warm = 0, centre = 0, steady = 0;

    for (size_t i = 0; i < course->n_blocks; i++) {
        const struct block *const block = &course->blocks[i];
        if (i < from) {
            sum += block->work * block->rate[rate];
            centre_warm += block->work * block->centre;
            work += block->work;
        } else {
            centre += block->work * block->centre;
            steady += block->work;
        }
    }
    if (from == 0)
        return false;
    const double run = centre / steady - centre_warm / work;
    const double warm_slope = (outlook->mean - sum / work) / run;
    const double slope = warm_slope < 0 ? -outlook->slope : outlook->slope;
    return fabs(warm_slope) * outlook->ahead > WARM_MATTERS * outlook->mean &&
           fabs(outlook->mean - sum / work) > WARM_ERRORS * outlook->noise &&
           slope + outlook->slope_error > fabs(warm_slope) / WARM_TREND;
}

/* R-PREDICT-03 to -06: the steady part of the course and what each rate promises, or why there is none. */
static enum jb_predict_state settle(const struct course *course, double rest, size_t *ret_from,
                                    struct outlook outlooks[N_RATES])
{
    size_t limit;
    size_t from = find_steady(course, &limit);
    const bool is_at_limit = from > 0 && from == limit;

    if (is_at_limit) /* a straight line has no steady part; where it is flat enough all of it is one */
        from = 0;
    for (int i = 0; i < N_RATES; i++) {
        const enum rate rate = (enum rate)i;
        const struct outlook outlook = look(course, from, rate, rest);
        if (has_just_changed(course, from, rate) ||
            is_still_warming(course, from, rate, &outlook) ||
            (is_at_limit && fabs(outlook.slope) * outlook.ahead > WARM_MATTERS * outlook.mean))
            return JB_PREDICT_WARMING;
        if (fabs(outlook.trend) > TREND_MOST * outlook.mean)
            return JB_PREDICT_DRIFTING;
        outlooks[rate] = outlook;
    }
    *ret_from = from;
    return JB_PREDICT_STEADY;
}

static void predict_rest(const struct course *course, const struct jb_predict_point *now,
                         struct jb_prediction *prediction)
{
    const double rest = (double)(prediction->total_work - now->work);
    const int64_t spent[N_RATES] = {now->energy_uj, now->mono_ns};
    struct outlook outlooks[N_RATES];
    struct jb_figure figures[N_RATES];
    size_t from = 0;

    prediction->state = settle(course, rest, &from, outlooks);
    if (prediction->state != JB_PREDICT_STEADY)
        return;
    for (int rate = 0; rate < N_RATES; rate++) {
        const double mean = outlooks[rate].mean;
        figures[rate] = extrapolate(&outlooks[rate], spent[rate], rest,
                                    excess(course, from, (enum rate)rate, mean));
        if (is_too_wide(&figures[rate]))
            prediction->state = JB_PREDICT_UNCERTAIN;
    }
    if (prediction->state != JB_PREDICT_STEADY)
        return;
    for (size_t i = 0; i < from; i++)
        prediction->warm_work += (int64_t)course->blocks[i].work;
    prediction->energy_uj = figures[RATE_ENERGY];
    prediction->duration_ns = figures[RATE_TIME];
}

jb_rc jb_predict(const struct jb_predict_point *points, size_t n_points, int64_t total_work,
                 struct jb_prediction *ret_prediction, struct jb_error *err)
{
    jb_rc rc = check(points, n_points, total_work, err);
    if (rc < 0)
        return rc;
    const struct jb_predict_point *const now = &points[n_points - 1];
    struct jb_prediction prediction = {.work = now->work, .total_work = total_work};
    struct course course;

    divide(points, n_points, &course);
    if (now->work == total_work)
        prediction.state = JB_PREDICT_DONE;
    else if (now->mono_ns < EARLIEST_NS || course.n_blocks < BLOCKS_MIN) /* R-PREDICT-01 */
        prediction.state = JB_PREDICT_EARLY;
    else
        predict_rest(&course, now, &prediction);
    *ret_prediction = prediction;
    return JB_OK;
}
