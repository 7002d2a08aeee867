/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A course of power over time and its exact integral: the truth that a scripted counter shows and that a measurement is
 * held against. Integers of 1e-15 J (uW x ns); nothing of the project is used, so that an error of ours cannot hide in
 * its own judge (R-VALID-01).
 */
#ifndef JB_TESTS_COURSE_H
#define JB_TESTS_COURSE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef unsigned __int128 fj_t;

#define FJ_PER_UJ ((fj_t)1000000000)

enum course_shape {
    COURSE_CONSTANT, /* const:W */
    COURSE_PULSES, /* square:LO:HI:PERIOD_MS, bursts:LO:HI:PERIOD_MS:HIGH_MS: high first, then low */
    COURSE_RAMP,   /* ramp:LO:HI:MS, then level */
};

struct course {
    enum course_shape shape;
    int64_t low_uw, high_uw;
    int64_t period_ns; /* of a pulse; of the rise */
    int64_t high_ns;
};

/* A decimal number of at most `places` places as an integer of 10^-places; false if it is none. */
static inline bool course_number(const char **text, int places, int64_t *ret)
{
    const char *at = *text;
    int64_t value = 0;
    int n_places = -1;

    for (; (*at >= '0' && *at <= '9') || (*at == '.' && n_places < 0); at++) {
        if (*at == '.') {
            n_places = 0;
            continue;
        }
        if (value > INT64_MAX / 100 || n_places == places)
            return false;
        value = value * 10 + (*at - '0');
        n_places += n_places >= 0 ? 1 : 0;
    }
    if (at == *text)
        return false;
    for (int i = n_places > 0 ? n_places : 0; i < places; i++) {
        if (value > INT64_MAX / 10)
            return false;
        value *= 10;
    }
    *text = at;
    *ret = value;
    return true;
}

static inline bool course__field(const char **text, int places, int64_t *ret)
{
    if (**text != ':')
        return false;
    (*text)++;
    return course_number(text, places, ret);
}

/* Watts with up to 6 places, milliseconds with up to 6. */
static inline bool course_parse(const char *text, struct course *ret)
{
    const char *const colon = strchr(text, ':');
    const size_t len = colon ? (size_t)(colon - text) : 0;
    struct course course = {0};
    bool is_good = false;

    if (len == 5 && memcmp(text, "const", 5) == 0) {
        text = colon;
        is_good = course__field(&text, 6, &course.low_uw);
    } else if (len == 6 && memcmp(text, "square", 6) == 0) {
        text = colon;
        course.shape = COURSE_PULSES;
        is_good = course__field(&text, 6, &course.low_uw) &&
                  course__field(&text, 6, &course.high_uw) &&
                  course__field(&text, 6, &course.period_ns);
        course.high_ns = course.period_ns / 2;
    } else if (len == 6 && memcmp(text, "bursts", 6) == 0) {
        text = colon;
        course.shape = COURSE_PULSES;
        is_good =
            course__field(&text, 6, &course.low_uw) && course__field(&text, 6, &course.high_uw) &&
            course__field(&text, 6, &course.period_ns) && course__field(&text, 6, &course.high_ns);
    } else if (len == 4 && memcmp(text, "ramp", 4) == 0) {
        text = colon;
        course.shape = COURSE_RAMP;
        is_good = course__field(&text, 6, &course.low_uw) &&
                  course__field(&text, 6, &course.high_uw) &&
                  course__field(&text, 6, &course.period_ns);
    }
    if (!is_good || *text != '\0' || (course.shape != COURSE_CONSTANT && course.period_ns <= 0) ||
        course.high_ns > course.period_ns)
        return false;
    *ret = course;
    return true;
}

/* Energy from the course's begin to t_ns later; nothing before its begin. */
static inline fj_t course_fj(const struct course *course, int64_t t_ns)
{
    if (t_ns <= 0)
        return 0;
    const fj_t t = (fj_t)t_ns;
    const fj_t low = (fj_t)course->low_uw;
    const fj_t high = (fj_t)course->high_uw;
    const fj_t period = (fj_t)course->period_ns;
    const fj_t high_ns = (fj_t)course->high_ns;

    switch (course->shape) {
    case COURSE_CONSTANT: return t * low;
    case COURSE_PULSES: {
        const fj_t rest = t % period;
        const fj_t rest_high = rest < high_ns ? rest : high_ns;
        return (t / period) * (high_ns * high + (period - high_ns) * low) + rest_high * high +
               (rest - rest_high) * low;
    }
    case COURSE_RAMP: {
        const fj_t rising = t < period ? t : period;
        fj_t rise = course->high_uw >= course->low_uw ? high - low : low - high;
        rise = rising * rising * rise / (2 * period);
        return rising * low + (t - rising) * high +
               (course->high_uw >= course->low_uw ? rise : -rise);
    }
    }
    return 0;
}

#endif
