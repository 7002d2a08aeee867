/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A training beside the references of its class: quartiles, percentile, verdict, or what is lacking and what there is instead
 * (R-RATING-06 to -12). Must never make a class of one source, and never widen one without telling.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "rate/rate_int.h"

#define UUID_LEN 36
#define ROUND_UJ 10000 /* of no more digits than this has zeros */

/* R-RATING-08: in which order a class is looked for, narrowest first, and what of it comes by itself. */
static const struct step {
    struct jb_rate_widening widening;
    bool is_automatic;  /* taken without being asked */
    bool is_normalised; /* by itself only where the measure is not of the whole run */
} steps[] = {
    {{JB_RATE_SAME_SIZE, false, false}, true, false},
    {{JB_RATE_NEXT_SIZES, false, false}, true, false},
    {{JB_RATE_ANY_SIZE, false, false}, true, true},
    {{JB_RATE_SAME_SIZE, true, false}, false, false},
    {{JB_RATE_ANY_SIZE, true, false}, false, false},
    {{JB_RATE_SAME_SIZE, false, true}, false, false},
    {{JB_RATE_ANY_SIZE, false, true}, false, false},
    {{JB_RATE_ANY_SIZE, true, true}, false, false},
};

/* One attempt: the points of a class. */
struct attempt {
    const struct jb_rate_subject *subject;
    const struct jb_rate_view *view;
    struct rate__point *points;
    size_t n;
    double effective;
    struct jb_rate_class of;
};

/* --- size: R-RATING-08 ------------------------------------------------------------------------------------------------------ */

/* Decades of a number; -1 where there is none. */
static int decades_of(jb_i128 number)
{
    int n = -1;

    for (; number > 0; number /= 10)
        n++;
    return n;
}

/* Classes of size are decades of parameters, of operations two decades each; by parameters where both tell them. */
static bool is_of_size(const struct jb_rate_subject *subject, const struct jb_rate_ref *ref,
                       enum jb_rate_size size)
{
    if (size == JB_RATE_ANY_SIZE)
        return true;
    const int apart = size == JB_RATE_NEXT_SIZES;
    if (subject->n_parameters > 0)
        return ref->n_parameters > 0 &&
               abs(decades_of(subject->n_parameters) - decades_of(ref->n_parameters)) <= apart;
    return subject->flop > 0 && ref->flop > 0 &&
           abs(decades_of(subject->flop) / 2 - decades_of(ref->flop) / 2) <= apart;
}

static const char *power_text(int decades, char *buf, size_t size)
{
    static const char *const thousands[] = {"", "k", "M", "G", "T"};
    static const char *const digits[] = {"1", "10", "100"};

    if (decades < 0 || decades >= 15)
        (void)snprintf(buf, size, "1e%d", decades);
    else
        (void)snprintf(buf, size, "%s%s", digits[decades % 3], thousands[decades / 3]);
    return buf;
}

const char *jb_rate_size_text(const struct jb_rate_subject *subject, char *buf, size_t size)
{
    char from[16], to[16];

    if (subject->n_parameters > 0) {
        const int decades = decades_of(subject->n_parameters);
        (void)snprintf(buf, size, "%s to %s parameters", power_text(decades, from, sizeof from),
                       power_text(decades + 1, to, sizeof to));
    } else if (subject->flop > 0) {
        const int decades = decades_of(subject->flop) / 2 * 2;
        (void)snprintf(buf, size, "1e%d to 1e%d FLOP", decades, decades + 2);
    } else {
        (void)snprintf(buf, size, "%s", "");
    }
    return buf;
}

/* --- measures ------------------------------------------------------------------------------------------------------------- */

/* What the energy is divided by; 0 where it is not told. */
static double divisor_of(enum jb_rate_measure measure, jb_i128 flop, int64_t n_examples,
                         int64_t n_parameters)
{
    const jb_i128 of[JB_RATE_MEASURES] = {[JB_RATE_PER_FLOP] = flop,
                                          [JB_RATE_PER_EXAMPLE] = n_examples,
                                          [JB_RATE_PER_PARAMETER] = n_parameters,
                                          [JB_RATE_PER_RUN] = 1};
    return of[measure] > 0 ? (double)of[measure] : 0;
}

static double of_subject(const struct jb_rate_subject *subject, enum jb_rate_measure measure)
{
    return divisor_of(measure, subject->flop, subject->n_examples, subject->n_parameters);
}

/* uJ per something in the measure's own unit: aJ, nJ, nJ, mJ. */
static int64_t in_unit(double uj_each, enum jb_rate_measure measure)
{
    static const double units[JB_RATE_MEASURES] = {1e12, 1e3, 1e3, 1e-3};
    const double value = uj_each * units[measure];

    return value >= 9.2e18 ? INT64_MAX : llround(value);
}

/* --- the points of a class ------------------------------------------------------------------------------------------------- */

static bool is_same_method(const struct jb_rate_method *a, const struct jb_rate_method *b)
{
    return a->boundary != JB_RATE_BOUNDARY_UNTOLD && a->basis != JB_RATE_BASIS_UNTOLD &&
           a->overhead != JB_RATE_OVERHEAD_UNTOLD && a->boundary == b->boundary &&
           a->basis == b->basis && a->overhead == b->overhead;
}

static bool is_itself(const struct jb_rate_subject *subject, const struct jb_rate_ref *ref)
{
    return (subject->id[0] && strcmp(subject->id, ref->id) == 0) ||
           (subject->group[0] && strcmp(subject->group, ref->group) == 0);
}

static bool is_in(const struct attempt *attempt, const struct jb_rate_ref *ref)
{
    const struct jb_rate_subject *const subject = attempt->subject;
    const struct jb_rate_widening *const widening = &attempt->of.widening;

    return strcmp(subject->application, ref->application) == 0 &&
           strcmp(subject->stage, ref->stage) == 0 &&
           (widening->any_architecture || strcmp(subject->architecture, ref->architecture) == 0) &&
           (widening->any_method || is_same_method(&attempt->view->method, &ref->method)) &&
           is_of_size(subject, ref, widening->size) &&
           divisor_of(attempt->of.measure, ref->flop, ref->n_examples, ref->n_parameters) > 0 &&
           !is_itself(subject, ref);
}

/* Letters and digits alone, in lower case. */
static bool is_same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a && !((*a | 0x20) >= 'a' && (*a | 0x20) <= 'z') && !(*a >= '0' && *a <= '9'))
            a++;
        while (*b && !((*b | 0x20) >= 'a' && (*b | 0x20) <= 'z') && !(*b >= '0' && *b <= '9'))
            b++;
        if (!*a || !*b)
            return !*a && !*b;
        if ((*a | 0x20) != (*b | 0x20))
            return false;
    }
}

/* --- the same training in two rows: R-RATING-06 ------------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
    const struct jb_rate_ref *const x = ((const struct rate__point *)a)->ref;
    const struct jb_rate_ref *const y = ((const struct rate__point *)b)->ref;
    const int order = strcmp(x->id, y->id);

    return order ? order : strcmp(x->source, y->source);
}

/* What is read in the publication itself before what others say of it. */
static int by_energy(const void *a, const void *b)
{
    const struct jb_rate_ref *const x = ((const struct rate__point *)a)->ref;
    const struct jb_rate_ref *const y = ((const struct rate__point *)b)->ref;

    if (x->energy_uj != y->energy_uj)
        return x->energy_uj < y->energy_uj ? -1 : 1;
    if (x->doubt != y->doubt)
        return x->doubt < y->doubt ? -1 : 1;
    return by_id(a, b);
}

static bool is_quoted(const struct attempt *attempt, const struct jb_rate_ref *ref)
{
    for (size_t i = 0; ref->doubt > 0 && ref->model[0] && i < attempt->n; i++) {
        const struct jb_rate_ref *const other = attempt->points[i].ref;
        if (other->doubt < ref->doubt && strcmp(other->source, ref->source) != 0 &&
            is_same_name(other->model, ref->model))
            return true;
    }
    return false;
}

static void drop(struct attempt *attempt, bool (*is_kept)(const struct attempt *, size_t, size_t))
{
    size_t n = 0;

    for (size_t i = 0; i < attempt->n; i++)
        if (is_kept(attempt, n, i))
            attempt->points[n++] = attempt->points[i];
    attempt->of.n_twice += attempt->n - n;
    attempt->n = n;
}

/* One's own id again in one source; a run's id of a book, which is nobody else's, in any. */
static bool is_other_id(const struct attempt *attempt, size_t n_kept, size_t i)
{
    const struct jb_rate_ref *const ref = attempt->points[i].ref;
    const struct jb_rate_ref *const before = n_kept > 0 ? attempt->points[n_kept - 1].ref : NULL;

    return !before || strcmp(before->id, ref->id) != 0 ||
           (strlen(ref->id) != UUID_LEN && strcmp(before->source, ref->source) != 0);
}

/* 96 kWh are 3.456e14 uJ, and may be by chance what somebody else took; 51686 kWh are not. */
static bool is_round(jb_i128 energy_uj)
{
    while (energy_uj > 0 && energy_uj % 10 == 0)
        energy_uj /= 10;
    return energy_uj < ROUND_UJ;
}

/* A number that two sources agree on to the last digit is one number that both print. */
static bool is_other_energy(const struct attempt *attempt, size_t n_kept, size_t i)
{
    const struct jb_rate_ref *const ref = attempt->points[i].ref;

    if (is_round(ref->energy_uj))
        return true;

    for (size_t k = n_kept; k-- > 0 && attempt->points[k].ref->energy_uj == ref->energy_uj;)
        if (strcmp(attempt->points[k].ref->source, ref->source) != 0)
            return false;
    return true;
}

static void drop_twice(struct attempt *attempt)
{
    size_t n = 0;

    if (attempt->n == 0)
        return;
    qsort(attempt->points, attempt->n, sizeof attempt->points[0], by_id);
    drop(attempt, is_other_id);
    qsort(attempt->points, attempt->n, sizeof attempt->points[0], by_energy);
    drop(attempt, is_other_energy);
    for (size_t i = 0; i < attempt->n; i++)
        attempt->points[i].weight = is_quoted(attempt, attempt->points[i].ref) ? 0 : 1;
    for (size_t i = 0; i < attempt->n; i++)
        if (attempt->points[i].weight > 0)
            attempt->points[n++] = attempt->points[i];
    attempt->of.n_twice += attempt->n - n;
    attempt->n = n;
}

/* --- an attempt ------------------------------------------------------------------------------------------------------------ */

static void describe(struct attempt *attempt)
{
    struct jb_rate_class *const of = &attempt->of;
    const double shares[] = {0, 0.25, 0.5, 0.75, 1};
    int64_t *const edges[] = {&of->least, &of->q1, &of->median, &of->q3, &of->greatest};

    for (size_t i = 0; attempt->n > 0 && i < JB_ARRAY_LEN(shares); i++)
        *edges[i] =
            in_unit(exp(rate__quantile(attempt->points, attempt->n, shares[i])), of->measure);
    of->least_parameters = of->most_parameters = -1;
    for (size_t i = 0; i < attempt->n; i++) {
        const int64_t n = attempt->points[i].ref->n_parameters;
        if (n > 0 && (of->least_parameters < 0 || n < of->least_parameters))
            of->least_parameters = n;
        if (n > of->most_parameters)
            of->most_parameters = n;
    }
}

static bool exists(const struct jb_rate_class *of)
{
    return of->n_runs >= JB_RATE_RUNS_MIN && of->n_sources >= JB_RATE_SOURCES_MIN;
}

/* Looks for the references of a class; the points stay in `attempt`. */
static bool try_class(struct attempt *attempt, const struct jb_rate_refs *refs,
                      const struct step *step, size_t view, enum jb_rate_measure measure)
{
    const struct jb_rate_subject *const subject = attempt->subject;

    attempt->view = &subject->views[view];
    attempt->n = 0;
    attempt->of = (struct jb_rate_class){
        .widening = step->widening, .measure = measure, .method = attempt->view->method};
    for (size_t i = 0; i < refs->n; i++) {
        const struct jb_rate_ref *const ref = &refs->rows[i];
        if (!is_in(attempt, ref))
            continue;
        const double each = (double)ref->energy_uj /
                            divisor_of(measure, ref->flop, ref->n_examples, ref->n_parameters);
        attempt->points[attempt->n++] =
            (struct rate__point){.log_value = log(each), .source = ref->source, .ref = ref};
    }
    drop_twice(attempt);
    attempt->of.n_sources = rate__weigh(attempt->points, attempt->n, &attempt->effective);
    attempt->of.n_runs = attempt->n;
    describe(attempt);
    return exists(&attempt->of);
}

static bool is_allowed(const struct step *step, enum jb_rate_measure measure,
                       const struct jb_rate_widening *allowed)
{
    if (step->is_automatic && (!step->is_normalised || measure != JB_RATE_PER_RUN))
        return true;
    return (step->widening.size != JB_RATE_ANY_SIZE || allowed->size == JB_RATE_ANY_SIZE ||
            measure != JB_RATE_PER_RUN) &&
           (!step->widening.any_architecture || allowed->any_architecture) &&
           (!step->widening.any_method || allowed->any_method);
}

/* --- the verdict ------------------------------------------------------------------------------------------------------------ */

static unsigned verdicts_of(double low, double high, double q1, double q3)
{
    unsigned verdicts = 0;

    if (low < q1)
        verdicts |= JB_RATE_LOW;
    if (high > q3)
        verdicts |= JB_RATE_HIGH;
    if (high >= q1 && low <= q3)
        verdicts |= JB_RATE_NORMAL;
    return verdicts;
}

static int64_t ppm(double share)
{
    return llround(share * 1e6);
}

/* R-RATING-12 */
static void judge(const struct attempt *attempt, struct jb_rating *ret)
{
    const struct rate__point *const points = attempt->points;
    const struct jb_figure *const energy = &attempt->view->energy_uj;
    const double divisor = of_subject(attempt->subject, attempt->of.measure);
    const double edges[] = {(double)(energy->low > 0 ? energy->low : 1), (double)energy->best,
                            (double)energy->high};
    double below[3], low, high, unused;

    for (size_t i = 0; i < JB_ARRAY_LEN(edges); i++)
        below[i] = rate__share_below(points, attempt->n, log(edges[i] / divisor));
    rate__interval(below[0], attempt->effective, &low, &unused);
    rate__interval(below[2], attempt->effective, &unused, &high);
    ret->is_rated = true;
    ret->of = attempt->of;
    ret->energy_uj = *energy;
    ret->value =
        (struct jb_figure){.is_known = true,
                           .is_hard_bound = energy->is_hard_bound,
                           .low = in_unit((double)energy->low / divisor, attempt->of.measure),
                           .best = in_unit(edges[1] / divisor, attempt->of.measure),
                           .high = in_unit(edges[2] / divisor, attempt->of.measure)};
    ret->percentile_ppm = ppm(below[1]);
    ret->low_ppm = ppm(low);
    ret->high_ppm = ppm(high);
    ret->verdicts = verdicts_of(log(edges[0] / divisor), log(edges[2] / divisor),
                                rate__quantile(points, attempt->n, 0.25),
                                rate__quantile(points, attempt->n, 0.75));
    ret->could_be = verdicts_of(low, high, 0.25, 0.75) | ret->verdicts;
}

/* --- no comparable reference: R-RATING-12 ------------------------------------------------------------------------------------- */

static void say_untold(const struct jb_rate_subject *subject, struct jb_rating *ret)
{
    if (subject->n_views == 0)
        (void)snprintf(ret->why_not, sizeof ret->why_not, "its energy is not known");
    else if (!subject->application[0] || !subject->stage[0])
        (void)snprintf(ret->why_not, sizeof ret->why_not,
                       "its %s is not told: `joulebook amend` can tell it",
                       !subject->application[0] ? "application" : "stage");
}

static void say_lacking(const struct jb_rate_subject *subject, struct jb_rating *ret)
{
    const struct jb_rate_class *const of = &ret->of;
    const bool has_size = subject->n_parameters > 0 || subject->flop > 0;

    (void)snprintf(ret->why_not, sizeof ret->why_not,
                   "%zu run%s of %zu source%s by the same method; %d of %d are needed%s%s",
                   of->n_runs, of->n_runs == 1 ? "" : "s", of->n_sources,
                   of->n_sources == 1 ? "" : "s", JB_RATE_RUNS_MIN, JB_RATE_SOURCES_MIN,
                   has_size ? "" : "; its size is not told",
                   subject->architecture[0] ? "" : "; its architecture is not told");
}

static bool is_within(const struct jb_rate_widening *a, const struct jb_rate_widening *b)
{
    return a->size <= b->size && a->any_architecture <= b->any_architecture &&
           a->any_method <= b->any_method;
}

/* A class that exists with less widened says all that this one would. */
static bool is_new(const struct jb_rating *ret, const struct attempt *attempt)
{
    for (size_t i = 0; i < ret->n_near; i++)
        if (ret->near[i].measure == attempt->of.measure &&
            is_within(&ret->near[i].widening, &attempt->of.widening))
            return false;
    return ret->n_near < JB_RATE_NEAR_MAX;
}

static bool is_asked(const struct jb_rate_subject *subject, const struct jb_rate_rules *rules,
                     enum jb_rate_measure measure)
{
    return of_subject(subject, measure) > 0 &&
           (rules->measure < 0 || (int)measure == rules->measure);
}

static void look_around(struct attempt *attempt, const struct jb_rate_refs *refs,
                        const struct jb_rate_rules *rules, struct jb_rating *ret)
{
    const struct jb_rate_subject *const subject = attempt->subject;

    for (size_t s = 0; s < JB_ARRAY_LEN(steps); s++)
        for (size_t v = 0; v < subject->n_views; v++)
            for (int m = 0; m < JB_RATE_MEASURES; m++)
                if (is_asked(subject, rules, (enum jb_rate_measure)m) &&
                    try_class(attempt, refs, &steps[s], v, (enum jb_rate_measure)m) &&
                    is_new(ret, attempt))
                    ret->near[ret->n_near++] = attempt->of;
}

static bool find_class(struct attempt *attempt, const struct jb_rate_refs *refs,
                       const struct jb_rate_rules *rules, struct jb_rating *ret)
{
    const struct jb_rate_subject *const subject = attempt->subject;
    bool has_any = false;

    for (size_t s = 0; s < JB_ARRAY_LEN(steps); s++)
        for (size_t v = 0; v < subject->n_views; v++)
            for (int m = 0; m < JB_RATE_MEASURES; m++) {
                const enum jb_rate_measure measure = (enum jb_rate_measure)m;
                if (!is_asked(subject, rules, measure) ||
                    !is_allowed(&steps[s], measure, &rules->allowed))
                    continue;
                if (try_class(attempt, refs, &steps[s], v, measure))
                    return true;
                if (!has_any || attempt->n > ret->of.n_runs)
                    ret->of = attempt->of;
                has_any = true;
            }
    return false;
}

jb_rc jb_rate(const struct jb_rate_subject *subject, const struct jb_rate_refs *refs,
              const struct jb_rate_rules *rules, struct jb_rating *ret, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct rate__point *points = calloc(refs->n + 1, sizeof points[0]);
    struct attempt attempt = {.subject = subject, .points = points};
    struct jb_rating rating = {0};

    if (!points)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu references", refs->n);
    say_untold(subject, &rating);
    if (rating.why_not[0] == '\0' && find_class(&attempt, refs, rules, &rating)) {
        judge(&attempt, &rating);
    } else if (rating.why_not[0] == '\0') {
        say_lacking(subject, &rating);
        look_around(&attempt, refs, rules, &rating);
    }
    *ret = rating;
    return JB_OK;
}
