/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A power log to what is known of it before its energy: who would refuse it later refuses it here, before anything is in
 * the book. R-IMPORT-03 (gaps), R-IMPORT-04 (order), R-IMPORT-09 (vast steps).
 */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/import.h"

/* The median time between two readings is that of the first so many. */
#define STEPS_MAX 4096
/* R-IMPORT-03 */
#define GAP_NS        (3 * JB_NS_PER_S)
#define SLOW_NS       (5 * JB_NS_PER_S / 2)
#define BRIDGE_NS     (60 * JB_NS_PER_S)
#define BRIDGE_PERIOD 5

/* R-IMPORT-09: INT64_MAX nJ (R-ENERGY-06), 2.56 MWh. */
#define STEP_MAX_UJ (INT64_MAX / 1000)

/* R-IMPORT-04: so few are forgiven a short log. */
#define BACK_MAX 3

#define UW_NS_PER_UJ INT64_C(1000000000)

struct surveyor {
    struct jb_import_survey survey;
    bool has_reading, has_power;
    uint64_t last_raw;
    int64_t shortest_vast_ns; /* of the steps whose energy no count holds; 0: there is none */
    size_t n_steps;
    int64_t steps_ns[STEPS_MAX];
};

static void see_power(struct surveyor *s, int64_t power_uw)
{
    struct jb_import_survey *const survey = &s->survey;

    if (!s->has_power || power_uw < survey->least_uw)
        survey->least_uw = power_uw;
    if (!s->has_power || power_uw > survey->most_uw)
        survey->most_uw = power_uw;
    s->has_power = true;
}

static int64_t to_micro(const struct jb_import_unit *unit, uint64_t raw)
{
    const jb_u128 micro = (jb_u128)raw * unit->unit_num / unit->unit_den;

    return micro > INT64_MAX ? INT64_MAX : (int64_t)micro;
}

static void see_step(struct surveyor *s, const struct jb_import_event *event, int64_t elapsed_ns)
{
    const struct jb_import_unit *const unit = &s->survey.unit;

    if (s->n_steps < STEPS_MAX)
        s->steps_ns[s->n_steps++] = elapsed_ns;
    if (unit->semantics != JB_SEMANTICS_COUNTER) {
        const uint64_t raw = event->raw > s->last_raw ? event->raw : s->last_raw;
        const bool is_vast = jb_muldiv_sat_i64(to_micro(unit, raw), elapsed_ns, UW_NS_PER_UJ,
                                               JB_ROUND_CEIL) >= STEP_MAX_UJ;
        if (is_vast && (s->shortest_vast_ns == 0 || elapsed_ns < s->shortest_vast_ns))
            s->shortest_vast_ns = elapsed_ns;
    } else if (event->raw >= s->last_raw) {
        see_power(s, jb_muldiv_sat_i64(to_micro(unit, event->raw - s->last_raw), UW_NS_PER_UJ,
                                       elapsed_ns, JB_ROUND_CEIL));
    }
}

static void see_reading(struct surveyor *s, const struct jb_import_parser *parser,
                        const struct jb_import_event *event, int64_t time_ns)
{
    struct jb_import_survey *const survey = &s->survey;
    const int64_t elapsed_ns = time_ns - survey->last_ns;

    survey->unit = parser->unit;
    survey->n_readings++;
    if (survey->unit.semantics != JB_SEMANTICS_COUNTER)
        see_power(s, to_micro(&survey->unit, event->raw));
    if (!s->has_reading) {
        survey->first_ns = time_ns;
    } else if (elapsed_ns <= 0) {
        survey->n_same += elapsed_ns == 0;
        survey->n_back += elapsed_ns < 0;
        if (-elapsed_ns > survey->back_ns)
            survey->back_ns = -elapsed_ns;
        return;
    } else {
        see_step(s, event, elapsed_ns);
    }
    s->has_reading = true;
    s->last_raw = event->raw;
    survey->last_ns = time_ns;
}

static jb_rc see_event(void *arg, const struct jb_import_parser *parser,
                       const struct jb_import_event *event, struct jb_error *err)
{
    struct surveyor *const s = arg;
    struct jb_import_survey *const survey = &s->survey;
    const int64_t time_ns = event->utc_ns - JB_IMPORT_EPOCH_UTC_NS;

    (void)err;
    switch (event->what) {
    case JB_IMPORT_NOTHING: break;
    case JB_IMPORT_READING: see_reading(s, parser, event, time_ns); break;
    case JB_IMPORT_FAILED: survey->n_failed++; break;
    case JB_IMPORT_START:
        if (!survey->has_start)
            survey->start_ns = time_ns;
        survey->has_start = true;
        break;
    case JB_IMPORT_STOP:
        survey->stop_ns = time_ns;
        survey->has_stop = true;
        break;
    case JB_IMPORT_OTHER:
        if (survey->n_other++ == 0)
            memcpy(survey->other_key, event->key, sizeof survey->other_key);
        break;
    }
    return JB_OK;
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static jb_rc finish(struct surveyor *s, const char *path, struct jb_error *err)
{
    struct jb_import_survey *const survey = &s->survey;

    /* R-IMPORT-04 */
    if (survey->n_back > BACK_MAX && survey->n_back > survey->n_readings / 10)
        return jb_fail(err, JB_E_INPUT, "one file is the log of one meter, in the order of time",
                       "'%s': %lld of %lld readings step back in time", path,
                       (long long)survey->n_back, (long long)survey->n_readings);
    if (s->n_steps > 0) {
        qsort(s->steps_ns, s->n_steps, sizeof s->steps_ns[0], by_size);
        survey->usual_ns = s->steps_ns[s->n_steps / 2];
    }
    /* R-IMPORT-03 */
    survey->gap_ns = survey->usual_ns > SLOW_NS
                         ? jb_muldiv_sat_i64(survey->usual_ns, 3, 2, JB_ROUND_NEAREST)
                         : GAP_NS;
    survey->bridge_ns = jb_muldiv_sat_i64(survey->usual_ns, BRIDGE_PERIOD, 1, JB_ROUND_NEAREST);
    if (survey->bridge_ns < BRIDGE_NS)
        survey->bridge_ns = BRIDGE_NS;
    /* What is not bridged is not counted either. */
    if (s->shortest_vast_ns > 0 && s->shortest_vast_ns <= survey->bridge_ns)
        return jb_fail(err, JB_E_RANGE,
                       "cumulative energy, in a column kwh or joules, has no such limit",
                       "'%s': more than 2.56 MWh lie between two readings", path);
    return JB_OK;
}

jb_rc jb_import_survey(const struct jb_import_format *format, const char *path,
                       const struct jb_import_progress *progress, struct jb_import_survey *ret,
                       struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct surveyor *s = calloc(1, sizeof *s);
    jb_rc rc;

    if (!s)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", path);
    rc = jb_import_read(format, path, progress, see_event, s, &s->survey.hash, err);
    if (rc == JB_OK)
        rc = finish(s, path, err);
    if (rc == JB_OK)
        *ret = s->survey;
    return rc;
}
