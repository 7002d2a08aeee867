/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trainings that never took place, with exact truth: units of work, each with its time and energy in integers, summed. A
 * course has a warm-up of a known shape, noise that remembers, drift, evaluation, stalls and an ending, drawn from a
 * seed. What is drawn follows what trainings do (docs/method/validation.md lists the ranges), not what a predictor can do.
 */
#ifndef JB_TESTS_TRAINING_COURSE_H
#define JB_TESTS_TRAINING_COURSE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "predict/predict.h"

#define COURSE_UNITS_MAX 2000

enum course_shape {
    COURSE_STEP,        /* a constant lower power, then the full one */
    COURSE_EXPONENTIAL, /* towards the full power */
    COURSE_RAMP,        /* straight up to it */
    COURSE_SLOW_FIRST,  /* the first one to three units take longer, at less power */
    COURSE_SAWTOOTH,    /* a short exponential, and an evaluation after every few units for ever */
    COURSE_STEADY,      /* no warm-up at all */
    COURSE_N_SHAPES,
};

struct course {
    enum course_shape shape;
    size_t n_units;
    struct jb_predict_point points[COURSE_UNITS_MAX + 1]; /* points[0] is the start */
};

struct course_random {
    uint64_t state;
};

/* splitmix64: Steele, Lea and Flood, OOPSLA 2014. */
static inline uint64_t course_bits(struct course_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline double course_between(struct course_random *random, double low, double high)
{
    return low + (high - low) * (double)(course_bits(random) >> 11) / 9007199254740992.0;
}

static inline bool course_chance(struct course_random *random, double probability)
{
    return course_between(random, 0, 1) < probability;
}

/* Near enough to normal: twelve uniforms. */
static inline double course_normal(struct course_random *random)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += course_between(random, 0, 1);
    return sum;
}

/* What is drawn once for a course. */
struct course_plan {
    double seconds, power_watt;       /* of the steady part: the whole, and what it draws */
    double warm_seconds, warm_depth;  /* power at the very beginning, as part of the full one */
    double warm_slowness;             /* time of a unit at the very beginning against later ones */
    double noise, memory, time_noise; /* of power, as part of it; AR(1) from unit to unit */
    double power_drift, time_drift;   /* linear, over the whole */
    double wander;                    /* random walk, its standard deviation at the end */
    double end_seconds, end_depth;    /* the last part draws less */
    double stall_chance;              /* of each unit */
    size_t evaluation_every;          /* 0: none */
    double evaluation_part, evaluation_depth; /* extra time as part of a unit's, and its power */
};

static inline void course_draw(struct course_random *random, struct course *course,
                               struct course_plan *plan)
{
    course->shape = (enum course_shape)(course_bits(random) % COURSE_N_SHAPES);
    const bool is_fine = course_chance(random, 0.4);
    course->n_units = (size_t)(is_fine ? course_between(random, 300, COURSE_UNITS_MAX)
                                       : course_between(random, 20, 200));
    *plan = (struct course_plan){0};
    plan->seconds = 180 * exp(course_between(random, 0, log(160))); /* 3 minutes to 8 hours */
    plan->power_watt = 200 * exp(course_between(random, 0, log(40)));
    plan->warm_seconds = course_between(random, 30, 240);
    const double part = course_chance(random, 0.15) ? 0.28 : 0.15;
    if (plan->warm_seconds > part * plan->seconds)
        plan->warm_seconds = part * plan->seconds;
    if (course->shape == COURSE_STEADY)
        plan->warm_seconds = 0;
    plan->warm_depth = course_between(random, 0.25, 0.85);
    plan->warm_slowness = course_chance(random, 0.5) ? course_between(random, 1, 1.6) : 1;
    plan->noise = course_between(random, 0.003, 0.04);
    plan->memory = course_between(random, 0, 0.95);
    plan->time_noise = course_between(random, 0.002, 0.03);
    if (course_chance(random, 0.25))
        plan->power_drift = course_between(random, -0.08, 0.08);
    if (course_chance(random, 0.15))
        plan->time_drift = course_between(random, -0.06, 0.1);
    if (course_chance(random, 0.25))
        plan->wander = 0.03;
    if (course_chance(random, 0.33)) {
        plan->end_seconds = course_between(random, 5, 60);
        plan->end_depth = course_between(random, 0.3, 0.8);
    }
    if (plan->end_seconds > 0.1 * plan->seconds)
        plan->end_seconds = 0.1 * plan->seconds;
    if (course_chance(random, 0.1))
        plan->stall_chance = 2.0 / (double)course->n_units;
    if (course->shape == COURSE_SAWTOOTH || course_chance(random, 0.15)) {
        plan->evaluation_every = 1 + (size_t)(course_bits(random) % (is_fine ? 60 : 6));
        plan->evaluation_part = course_between(random, 0.1, 0.6) * (is_fine ? 6 : 1);
        plan->evaluation_depth = course_between(random, 0.4, 0.8);
    }
}

/* How far the warm-up has come, 0 to 1, `at` seconds after the start. */
static inline double course_warmth(const struct course *course, const struct course_plan *plan,
                                   size_t unit, double at)
{
    const double x = plan->warm_seconds > 0 ? at / plan->warm_seconds : 1;
    switch (course->shape) {
    case COURSE_STEP: return x < 1 ? 0 : 1;
    case COURSE_RAMP: return x < 1 ? x : 1;
    case COURSE_EXPONENTIAL:
    case COURSE_SAWTOOTH: return plan->warm_seconds > 0 ? 1 - exp(-3 * x) : 1;
    case COURSE_SLOW_FIRST: return unit < 1 + course->n_units % 3 && x < 1 ? 0 : 1;
    default: return 1;
    }
}

/* The course of a seed; course->points[course->n_units] is the truth. */
static inline void course_make(uint64_t seed, struct course *course)
{
    struct course_random random = {seed};
    struct course_plan plan;
    course_draw(&random, course, &plan);
    const double n = (double)course->n_units;
    const double unit_seconds = plan.seconds / n;
    double noise = 0, walk = 0, at = 0;
    course->points[0] = (struct jb_predict_point){0};
    for (size_t i = 0; i < course->n_units; i++) {
        const double done = (double)i / n;
        noise = plan.memory * noise +
                sqrt(1 - plan.memory * plan.memory) * plan.noise * course_normal(&random);
        walk += plan.wander / sqrt(n) * course_normal(&random);
        const double warmth = course_warmth(course, &plan, i, at);
        double power = plan.power_watt * (plan.warm_depth + (1 - plan.warm_depth) * warmth) *
                       (1 + noise + walk + plan.power_drift * done);
        double seconds = unit_seconds * (1 + (plan.warm_slowness - 1) * (1 - warmth)) *
                         (1 + plan.time_noise * course_normal(&random) + plan.time_drift * done);
        if (done > 1 - plan.end_seconds / plan.seconds)
            power *= plan.end_depth;
        if (course_chance(&random, plan.stall_chance)) {
            seconds *= course_between(&random, 2, 6);
            power *= 0.5;
        }
        double joules = power * seconds;
        if (plan.evaluation_every > 0 && (i + 1) % plan.evaluation_every == 0) {
            const double extra = unit_seconds * plan.evaluation_part;
            joules += extra * plan.power_watt * plan.evaluation_depth;
            seconds += extra;
        }
        at += seconds;
        course->points[i + 1].work = (int64_t)i + 1;
        course->points[i + 1].mono_ns = course->points[i].mono_ns + llround(seconds * 1e9);
        course->points[i + 1].energy_uj = course->points[i].energy_uj + llround(joules * 1e6);
    }
}

#endif
