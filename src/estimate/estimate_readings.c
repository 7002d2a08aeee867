/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain formulas beside the estimate (R-EST-30), table 4.1 as a decision (R-EST-31), and what else must be said. It
 * must never put a PUE nobody gave into the headline (R-EST-32).
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"
#include "estimate/estimate_int.h"

#define PPM   INT64_C(1000000)
#define MILLI INT64_C(1000)

void estimate__note(struct jb_estimate *estimate, const char *format, ...)
{
    va_list args;

    if (estimate->n_notes == JB_ESTIMATE_NOTES_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(estimate->notes[estimate->n_notes++], JB_NOTE, format, args);
    va_end(args);
}

void estimate__factor(struct jb_estimate *estimate, const char *name, const char *source,
                      const char *format, ...)
{
    va_list args;

    if (estimate->n_factors == JB_ESTIMATE_FACTORS_MAX)
        return;
    struct jb_factor *const factor = &estimate->factors[estimate->n_factors++];
    (void)snprintf(factor->name, sizeof factor->name, "%s", name);
    (void)snprintf(factor->source, sizeof factor->source, "%s", source);
    (void)snprintf(factor->edition, sizeof factor->edition, "%s", jb_catalogue_edition());
    va_start(args, format);
    (void)vsnprintf(factor->value, sizeof factor->value, format, args);
    va_end(args);
}

static bool is_given(const struct jb_quantity *quantity)
{
    return quantity->known == JB_KNOWN_VALUE || quantity->known == JB_KNOWN_RANGE;
}

static void fix(struct estimate__facts *facts, int id, int64_t value)
{
    facts->in[id].low = facts->in[id].best = facts->in[id].high = value;
}

/* --- rated power x time ------------------------------------------------------------------------------------------ */

/* The same work with the rated power and nothing else: no load, no idle, no other device. */
static bool plain_facts(const struct estimate__facts *facts, struct estimate__facts *ret_plain)
{
    struct estimate__facts plain = *facts;

    plain.has_instance_mw = plain.has_host_cpu = plain.has_host_memory = false;
    plain.is_board_stated = plain.is_by_curve = false;
    fix(&plain, IN_BOARD_LOAD_PPM, PPM);
    fix(&plain, IN_BOARD_USE_PPM, PPM);
    fix(&plain, IN_PROCESSOR_LOAD_PPM, PPM);
    fix(&plain, IN_PROCESSOR_CURVE, 1);
    fix(&plain, IN_MEMORY_MIB, 0);
    fix(&plain, IN_IDLE_PPM, 0);
    if (facts->has_boards) {
        const struct jb_span *const rated = &facts->accelerator.board_mw;
        plain.has_processor = false;
        plain.in[IN_BOARD_MW].low = rated->low;
        plain.in[IN_BOARD_MW].best = rated->best;
        plain.in[IN_BOARD_MW].high = rated->high;
        if (!facts->has_accelerator || rated->n_rows == 0)
            return false;
    } else if (!facts->has_processor) {
        return false;
    }
    *ret_plain = plain;
    return true;
}

static jb_rc product(const struct estimate__facts *plain, int side, int64_t *ret_uj,
                     struct jb_error *err)
{
    const unsigned mask = 1U << PART_BOARDS | 1U << PART_PROCESSORS;
    struct estimate__choice choice = estimate__best(plain);

    for (int id = 0; side != 0 && id < IN_N; id++)
        estimate__move(plain, &choice, id, side);
    return estimate__sum(plain, &choice, mask, ret_uj, err);
}

static jb_rc add_reading(const struct estimate__facts *plain, const struct jb_quantity *pue,
                         const char *formula, const char *name, struct jb_estimate *estimate,
                         struct jb_error *err)
{
    struct jb_figure figure = {.is_known = true, .is_hard_bound = true};
    const struct jb_quantity one = {JB_KNOWN_VALUE, false, MILLI, MILLI, MILLI};
    const struct jb_quantity *const factor = pue ? pue : &one;
    jb_rc rc = product(plain, -1, &figure.low, err);

    if (rc >= 0)
        rc = product(plain, 0, &figure.best, err);
    if (rc >= 0)
        rc = product(plain, 1, &figure.high, err);
    if (rc >= 0)
        rc = jb_muldiv_i64(figure.low, factor->low, MILLI, JB_ROUND_FLOOR, &figure.low);
    if (rc >= 0)
        rc = jb_muldiv_i64(figure.best, factor->best, MILLI, JB_ROUND_NEAREST, &figure.best);
    if (rc >= 0)
        rc = jb_muldiv_i64(figure.high, factor->high, MILLI, JB_ROUND_CEIL, &figure.high);
    if (rc < 0)
        return jb_fail(err, JB_E_RANGE, "give it in parts, for instance by month",
                       "the work is beyond 2.56 GWh");
    if (estimate->n_readings == JB_ESTIMATE_READINGS_MAX)
        return JB_OK;
    struct jb_estimate_reading *const reading = &estimate->readings[estimate->n_readings++];
    (void)snprintf(reading->name, sizeof reading->name, "%s", name);
    (void)snprintf(reading->formula, sizeof reading->formula, "%s", formula);
    reading->energy_uj = figure;
    return JB_OK;
}

/* (4.4), and (4.8) with the PUE that was given, or with the default under its own name. */
static jb_rc add_pair(const struct jb_work *work, const struct estimate__facts *plain,
                      const char *of_what, struct jb_estimate *estimate, struct jb_error *err)
{
    struct jb_catalogue_band band = {0};
    char name[sizeof estimate->readings[0].name];

    (void)snprintf(name, sizeof name, "rated power x time%s", of_what);
    jb_rc rc = add_reading(plain, NULL, "4.4", name, estimate, err);
    if (rc < 0)
        return rc;
    if (is_given(&work->pue_milli)) {
        (void)snprintf(name, sizeof name, "rated power x time x PUE%s", of_what);
        return add_reading(plain, &work->pue_milli, "4.8", name, estimate, err);
    }
    jb_catalogue_default_pue_milli(&band);
    const struct jb_quantity pue = {JB_KNOWN_RANGE, true, band.low, band.best, band.high};
    (void)snprintf(name, sizeof name, "rated power x time x default PUE%s", of_what);
    return add_reading(plain, &pue, "4.8", name, estimate, err);
}

static int64_t whole(int64_t milli)
{
    return jb_muldiv_sat_i64(jb_muldiv_sat_i64(milli, 1, MILLI, JB_ROUND_CEIL), MILLI, 1,
                             JB_ROUND_NEAREST);
}

jb_rc estimate__readings(const struct jb_work *work, const struct estimate__facts *facts,
                         struct jb_estimate *estimate, struct jb_error *err)
{
    struct estimate__facts plain;
    const struct jb_accelerator *const board = &facts->accelerator;

    if (!plain_facts(facts, &plain))
        return JB_OK;
    struct estimate__input *const n = &plain.in[IN_BOARDS_MILLI];
    const bool is_part = facts->has_boards && n->best % MILLI != 0;
    jb_rc rc = add_pair(work, &plain, is_part ? ", part used" : "", estimate, err);
    if (rc < 0 || !is_part)
        return rc;
    /* R-EST-33: a part of a board was used; the thesis charges the whole. */
    if (board->dies_per_board > 1)
        estimate__note(estimate,
                       "a '%s' has %lld dies on one board of %lld W: a part of it is a die, and "
                       "the rating is of the "
                       "board; the readings are given for the part and for the whole board",
                       board->name, (long long)board->dies_per_board,
                       (long long)(board->board_mw.best / MILLI));
    else
        estimate__note(estimate,
                       "a part of a board was used: the readings are given for the part and for "
                       "the whole board");
    n->low = whole(n->low);
    n->best = whole(n->best);
    n->high = whole(n->high);
    return add_pair(work, &plain, ", whole board", estimate, err);
}

/* --- table 4.1 ---------------------------------------------------------------------------------------------------- */

static void choose(struct jb_estimate *estimate, enum jb_method method, const char *formula,
                   bool is_possible, bool is_chosen, const char *why)
{
    struct jb_estimate_choice *const choice = &estimate->choices[estimate->n_choices++];

    *choice = (struct jb_estimate_choice){
        .method = method, .is_possible = is_possible, .is_chosen = is_chosen};
    (void)snprintf(choice->formula, sizeof choice->formula, "%s", formula);
    (void)snprintf(choice->why, sizeof choice->why, "%s", why);
}

static const char *why_b(const struct estimate__facts *facts)
{
    if (facts->has_instance_mw)
        return "by the stated draw of the instance instead of a rated power";
    if (facts->is_board_stated)
        return "by the stated draw of the boards; host, memory and the rest by what is known of "
               "them";
    return facts->has_boards
               ? "rated power x the load measured in other trainings, with host, memory and the "
                 "rest"
               : "rated power x the load measured in other trainings, with memory and the rest";
}

void estimate__choices(const struct jb_work *work, const struct estimate__facts *facts,
                       struct jb_estimate *estimate)
{
    const bool has_pue = is_given(&work->pue_milli);
    const bool can = estimate->is_computable;
    const char *const c =
        work->has_sensors_now
            ? "for the next run: joulebook run -- COMMAND; the hours accounted here were not read"
            : "nothing was read while it ran, and it cannot be read afterwards";

    choose(estimate, JB_METHOD_A, "4.3", false, false,
           "instructions executed and energy per cycle are not known");
    choose(estimate, JB_METHOD_B, "4.4", can, can && !has_pue,
           can ? has_pue ? "a PUE is known, so the facility can be shown as well" : why_b(facts)
               : estimate->why_not);
    choose(estimate, JB_METHOD_B, "4.8", can && has_pue, can && has_pue,
           !can      ? estimate->why_not
           : has_pue ? why_b(facts)
           : work->pue_milli.known == JB_KNOWN_WITHHELD
               ? "the PUE is known but withheld: ask the data centre for it"
               : "the PUE is unknown: ask the data centre for it; the default is in the readings "
                 "only");
    choose(estimate, JB_METHOD_C1, "4.5", work->has_sensors_now, false, c);
    choose(estimate, JB_METHOD_C2, "4.7", work->has_sensors_now, false, c);
}
