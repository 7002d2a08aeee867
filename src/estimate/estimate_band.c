/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How doubts join to a band (R-EST-20 to -23). The best figure is never moved here, and a band never leaves out what
 * somebody told as a bound.
 */
#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "estimate/estimate_int.h"

#define PPM INT64_C(1000000)

struct estimate__choice estimate__best(const struct estimate__facts *facts)
{
    struct estimate__choice choice;

    for (int id = 0; id < IN_N; id++)
        choice.x[id] = facts->in[id].best;
    return choice;
}

void estimate__move(const struct estimate__facts *facts, struct estimate__choice *choice, int id,
                    int side)
{
    /* The longer it idled, the less it drew; everything else adds. */
    const bool is_low = (side < 0) != (id == IN_IDLE_PPM);

    choice->x[id] = is_low ? facts->in[id].low : facts->in[id].high;
}

static jb_rc sum_with_cause(const struct estimate__facts *facts, unsigned mask,
                            enum estimate__cause cause, int side, int64_t *ret_uj,
                            struct jb_error *err)
{
    struct estimate__choice choice = estimate__best(facts);

    for (int id = 0; id < IN_N; id++)
        if (facts->in[id].cause == cause)
            estimate__move(facts, &choice, id, side);
    return estimate__sum(facts, &choice, mask, ret_uj, err);
}

/* R-EST-21: what was told as a range, all at one end. */
static jb_rc sum_of_told(const struct estimate__facts *facts, unsigned mask, int side,
                         int64_t *ret_uj, struct jb_error *err)
{
    struct estimate__choice choice = estimate__best(facts);

    for (int id = 0; id < IN_N; id++)
        if (facts->in[id].is_told)
            estimate__move(facts, &choice, id, side);
    return estimate__sum(facts, &choice, mask, ret_uj, err);
}

static jb_rc sum_of_all(const struct estimate__facts *facts, unsigned mask, int side,
                        int64_t *ret_uj, struct jb_error *err)
{
    struct estimate__choice choice = estimate__best(facts);

    for (int id = 0; id < IN_N; id++)
        estimate__move(facts, &choice, id, side);
    return estimate__sum(facts, &choice, mask, ret_uj, err);
}

/* R-EST-20: quadrature of the logarithms, cause by cause; the edge of that side. */
static jb_rc edge(const struct estimate__facts *facts, unsigned mask, int64_t best_uj, int side,
                  int64_t *ret_uj, struct jb_error *err)
{
    int64_t told_uj = 0, all_uj = 0, uj = 0;
    double squares = 0;
    bool is_open = false; /* nothing remains at the low end of one cause */

    for (int cause = 0; cause < CAUSE_N; cause++) {
        int64_t moved_uj = 0;
        const jb_rc rc =
            sum_with_cause(facts, mask, (enum estimate__cause)cause, side, &moved_uj, err);
        if (rc < 0)
            return rc;
        is_open = is_open || moved_uj == 0;
        if (moved_uj > 0 && best_uj > 0) {
            const double ratio = log((double)moved_uj / (double)best_uj);
            squares += ratio * ratio;
        }
    }
    jb_rc rc = sum_of_told(facts, mask, side, &told_uj, err);
    if (rc >= 0)
        rc = sum_of_all(facts, mask, side, &all_uj, err);
    if (rc < 0)
        return rc;
    if (side < 0) {
        const int64_t ppm = (int64_t)floor(exp(-sqrt(squares)) * (double)PPM);
        uj = is_open ? 0 : jb_muldiv_sat_i64(best_uj, ppm, PPM, JB_ROUND_FLOOR);
        uj = uj < all_uj ? all_uj : uj; /* never beyond every doubt at its end */
        *ret_uj = uj < told_uj ? uj : told_uj;
        return JB_OK;
    }
    /* Of nothing no ratio can be taken: then every doubt at its end. */
    const double factor = exp(sqrt(squares));
    uj = best_uj == 0 || factor > 1e9
             ? all_uj
             : jb_muldiv_sat_i64(best_uj, (int64_t)ceil(factor * (double)PPM), PPM, JB_ROUND_CEIL);
    uj = uj > all_uj ? all_uj : uj;
    *ret_uj = uj > told_uj ? uj : told_uj;
    return JB_OK;
}

/* R-EST-21: nothing but what was told moves it, to neither side. */
static jb_rc is_hard(const struct estimate__facts *facts, unsigned mask, int64_t best_uj,
                     bool *ret_is_hard, struct jb_error *err)
{
    bool is = true;

    for (int id = 0; is && id < IN_N; id++)
        for (int side = -1; side <= 1 && !facts->in[id].is_told; side += 2) {
            struct estimate__choice choice = estimate__best(facts);
            int64_t moved_uj = 0;
            estimate__move(facts, &choice, id, side);
            const jb_rc rc = estimate__sum(facts, &choice, mask, &moved_uj, err);
            if (rc < 0)
                return rc;
            is = is && moved_uj == best_uj;
        }
    *ret_is_hard = is;
    return JB_OK;
}

jb_rc estimate__band(const struct estimate__facts *facts, unsigned mask, struct jb_figure *ret_uj,
                     struct jb_error *err)
{
    const struct estimate__choice best = estimate__best(facts);
    struct jb_figure figure = {.is_known = true};
    jb_rc rc = estimate__sum(facts, &best, mask, &figure.best, err);

    if (rc >= 0)
        rc = edge(facts, mask, figure.best, -1, &figure.low, err);
    if (rc >= 0)
        rc = edge(facts, mask, figure.best, 1, &figure.high, err);
    if (rc >= 0)
        rc = is_hard(facts, mask, figure.best, &figure.is_hard_bound, err);
    if (rc >= 0)
        *ret_uj = figure;
    return rc;
}

static int64_t width(const struct jb_estimate_doubt *doubt)
{
    return doubt->high_uj - doubt->low_uj;
}

/* Insertion: a handful, and equal widths keep the order of the inputs. */
static void insert(struct jb_estimate *estimate, const struct jb_estimate_doubt *doubt)
{
    size_t at = estimate->n_doubts;

    if (at == JB_ESTIMATE_DOUBTS_MAX)
        return; /* cannot be: fewer inputs than places, asserted below */
    for (; at > 0 && width(&estimate->doubts[at - 1]) < width(doubt); at--)
        estimate->doubts[at] = estimate->doubts[at - 1];
    estimate->doubts[at] = *doubt;
    estimate->n_doubts++;
}
_Static_assert((int)IN_N <= JB_ESTIMATE_DOUBTS_MAX, "every input may be a doubt");

jb_rc estimate__doubts(const struct estimate__facts *facts, struct jb_estimate *estimate,
                       struct jb_error *err)
{
    for (int id = 0; id < IN_N; id++) {
        const struct estimate__input *const in = &facts->in[id];
        struct jb_estimate_doubt doubt = {.known = in->known};
        struct estimate__choice choice = estimate__best(facts);
        estimate__move(facts, &choice, id, -1);
        jb_rc rc = estimate__sum(facts, &choice, PARTS_ALL, &doubt.low_uj, err);
        estimate__move(facts, &choice, id, 1);
        if (rc >= 0)
            rc = estimate__sum(facts, &choice, PARTS_ALL, &doubt.high_uj, err);
        if (rc < 0)
            return rc;
        if (width(&doubt) == 0)
            continue;
        (void)snprintf(doubt.name, sizeof doubt.name, "%s", in->name);
        (void)snprintf(doubt.step, sizeof doubt.step, "%s", in->step ? in->step : "");
        insert(estimate, &doubt);
    }
    return JB_OK;
}
