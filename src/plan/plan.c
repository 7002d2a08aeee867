/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan: the order of its steps, each of which has its file. It must never answer with a figure where operations, peak or
 * power are not known (R-PLAN-02).
 */
#include "plan/plan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "plan/plan_int.h"

#define PPM         INT64_C(1000000)
#define DEVICES_MAX INT64_C(1000000)
#define GFLOPS_MAX  INT64_C(1000000000000)

static const char *const class_names[JB_PLAN_CLASSES] = {
    [JB_PLAN_CLASS_ANY] = "any",
    [JB_PLAN_CLASS_TRANSFORMER] = "transformer",
    [JB_PLAN_CLASS_CONVOLUTION] = "convolution",
    [JB_PLAN_CLASS_RECURRENT] = "recurrent",
    [JB_PLAN_CLASS_RECOMMENDER] = "recommender",
};

const char *jb_plan_class_name(enum jb_plan_class model_class)
{
    return (unsigned)model_class < JB_PLAN_CLASSES ? class_names[model_class] : "any";
}

int jb_plan_class_from_name(const char *name)
{
    for (int i = 0; i < JB_PLAN_CLASSES; i++)
        if (strcmp(class_names[i], name) == 0)
            return i;
    return -1;
}

void plan__note(struct jb_plan *plan, const char *format, ...)
{
    va_list args;

    if (plan->n_notes == JB_ESTIMATE_NOTES_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(plan->notes[plan->n_notes++], JB_NOTE, format, args);
    va_end(args);
}

void plan__factor(struct jb_plan *plan, const char *name, const char *source, const char *format,
                  ...)
{
    va_list args;

    if (plan->n_factors == JB_ESTIMATE_FACTORS_MAX)
        return;
    struct jb_factor *const factor = &plan->factors[plan->n_factors++];
    (void)snprintf(factor->name, sizeof factor->name, "%s", name);
    (void)snprintf(factor->source, sizeof factor->source, "%s", source);
    (void)snprintf(factor->edition, sizeof factor->edition, "%s", jb_catalogue_edition());
    va_start(args, format);
    (void)vsnprintf(factor->value, sizeof factor->value, format, args);
    va_end(args);
}

/* --- what can be --------------------------------------------------------------------------------------------------- */

static bool is_given(const struct jb_quantity *quantity)
{
    return quantity->known == JB_KNOWN_VALUE || quantity->known == JB_KNOWN_RANGE;
}

static jb_rc check_quantity(const struct jb_quantity *quantity, const char *name, int64_t least,
                            int64_t most, struct jb_error *err)
{
    if (!is_given(quantity))
        return JB_OK;
    if (quantity->low > quantity->best || quantity->best > quantity->high)
        return jb_fail(err, JB_E_INPUT, "give low, best and high in that order",
                       "'%s' is not a range", name);
    if (quantity->low < least || quantity->high > most)
        return jb_fail(err, JB_E_INPUT, NULL, "'%s' cannot be so much or so little", name);
    return JB_OK;
}

static jb_rc check(const struct jb_plan_order *order, struct jb_error *err)
{
    const struct {
        const struct jb_quantity *quantity;
        const char *name;
        int64_t least, most;
    } all[] = {
        {&order->utilisation_ppm, "utilisation", 1, PPM},
        {&order->peak_gflops, "peak of a device", 1, GFLOPS_MAX},
        {&order->accelerator_mw, "draw of a board", 1, INT64_C(10000000)},
        {&order->idle_ppm, "idle share", 0, PPM - 1},
        {&order->pue_milli, "PUE", 1000, 100000},
    };

    if (order->n_devices < 1 || order->n_devices > DEVICES_MAX)
        return jb_fail(err, JB_E_INPUT, "give a number from 1 to 1000000",
                       "a plan cannot be for so many or so few devices");
    if (order->compute.training_flop > JB_FLOP_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "more than 1e30 operations");
    if ((order->flop_low_ppm | order->flop_high_ppm) != 0 &&
        (order->flop_low_ppm < 1 || order->flop_low_ppm > PPM || order->flop_high_ppm < PPM))
        return jb_fail(err, JB_E_INPUT, "low is at most 1, high at least 1",
                       "the doubt of the operations is not around their number");
    for (size_t i = 0; i < JB_ARRAY_LEN(all); i++) {
        const jb_rc rc =
            check_quantity(all[i].quantity, all[i].name, all[i].least, all[i].most, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* --- what is known ---------------------------------------------------------------------------------------------------- */

static void why_not(struct jb_plan *plan, const char *text)
{
    if (plan->is_computable)
        (void)snprintf(plan->why_not, sizeof plan->why_not, "%s", text);
    plan->is_computable = false;
}

/* R-PLAN-02: the first thing that is missing, and what would do. */
static void find_missing(const struct plan__facts *facts, struct jb_plan *plan)
{
    const struct jb_plan_order *const order = facts->order;
    const struct plan__hardware *const hardware = &facts->hardware;

    if (order->compute.training_flop <= 0)
        why_not(plan, "operations unknown: count a model file and say how many examples, or state "
                      "them");
    if (hardware->name[0] == '\0' && !is_given(&order->accelerator_mw))
        why_not(plan, "hardware unknown: name an accelerator or an instance");
    if (hardware->peak_gflops == 0)
        why_not(plan, hardware->is_boards || hardware->name[0] == '\0'
                          ? "no published peak of this accelerator is known: state its peak"
                          : "no peak of a processor is known: state its peak and the share of it "
                            "that is reached");
    if (hardware->is_boards && hardware->board_mw == 0 && !is_given(&order->accelerator_mw))
        why_not(plan, "rated power of this accelerator unknown: state the draw of a board");
    if (!hardware->is_boards && !is_given(&order->utilisation_ppm))
        why_not(plan, "what share of its peak a processor reaches in training is not published: "
                      "state it");
}

static void take_utilisation(struct plan__facts *facts, struct jb_plan *plan)
{
    const struct jb_catalogue_band *const band =
        &facts->refs->utilisation[facts->size][facts->hardware.kind];
    char low[32], best[32], high[32];

    facts->is_stated = is_given(&facts->order->utilisation_ppm);
    if (facts->is_stated) {
        facts->utilisation = facts->order->utilisation_ppm;
        (void)snprintf(plan->basis, sizeof plan->basis, "stated");
        return;
    }
    facts->utilisation =
        (struct jb_quantity){JB_KNOWN_RANGE, true, band->low, band->best, band->high};
    plan->n_reference_runs = band->n_rows;
    plan->n_reference_sources = band->n_sources;
    (void)snprintf(plan->basis, sizeof plan->basis,
                   "%" PRId64 " trainings of %s on %s, %" PRId64
                   " sources; others count little beside them",
                   band->n_rows, plan__size_text(facts->size),
                   plan__kind_text(facts->size, facts->hardware.kind), band->n_sources);
    plan__factor(plan, "utilisation", band->source, "%s to %s, best %s of the peak",
                 jb_format_decimal(band->low, 6, low, sizeof low),
                 jb_format_decimal(band->high, 6, high, sizeof high),
                 jb_format_decimal(band->best, 6, best, sizeof best));
    if (band->n_rows < 5)
        plan__note(plan,
                   "few trainings of this size on such hardware are published (%" PRId64
                   "): the band is mostly that of others",
                   band->n_rows);
    if (facts->order->model_class > JB_PLAN_CLASS_TRANSFORMER)
        plan__note(plan,
                   "published utilisations are mostly of transformers: those of %s models "
                   "are too few for a band of their own, and many reached less",
                   jb_plan_class_name(facts->order->model_class));
    if (facts->hardware.board_mw == 0 && facts->size == SIZE_SMALL)
        plan__note(plan,
                   "the accelerator is in no catalogue: what others reached is that of boards "
                   "with bf16");
    if (facts->hardware.is_boards && facts->hardware.kind == KIND_FP32 &&
        !is_given(&facts->order->peak_gflops))
        plan__note(plan, "the catalogue has its fp32 rate alone: where the board has tensor units, "
                         "state their dense rate as its peak");
    if (facts->order->n_devices > 1)
        plan__note(plan,
                   "how well %" PRId64 " devices work together is in the band as far as it was in "
                   "published trainings of this size; nothing is added for their number",
                   facts->order->n_devices);
}

static void tell_hardware(const struct plan__facts *facts, struct jb_plan *plan)
{
    const struct plan__hardware *const hardware = &facts->hardware;
    const struct jb_plan_order *const order = facts->order;
    char text[2][32];

    (void)snprintf(plan->hardware, sizeof plan->hardware, "%" PRId64 " x %s", order->n_devices,
                   hardware->name[0] ? hardware->name : "device");
    (void)snprintf(plan->peak_type, sizeof plan->peak_type, "%s", hardware->peak_type);
    plan->peak_gflops =
        jb_muldiv_sat_i64(hardware->peak_gflops, order->n_devices, 1, JB_ROUND_NEAREST);
    plan->millipfsd = jb_flop_to_millipfsd(order->compute.training_flop);
    if (hardware->peak_gflops > 0)
        plan__factor(plan, "peak of a device",
                     is_given(&order->peak_gflops) ? "stated" : hardware->rates_source,
                     "%s TFLOP/s, %s",
                     jb_format_decimal(hardware->peak_gflops, 3, text[0], sizeof text[0]),
                     hardware->peak_type);
    if (hardware->board_mw > 0 && !is_given(&order->accelerator_mw))
        plan__factor(plan, "rated power of a board", hardware->source, "%s W",
                     jb_format_decimal(hardware->board_mw, 3, text[1], sizeof text[1]));
    if (hardware->n_variants > 1)
        plan__note(plan, "'%s' names %zu variants: taken as %s, the others are in the band",
                   order->accelerator.text, hardware->n_variants, hardware->name);
    if (hardware->n_dies > 1)
        plan__note(plan, "a board holds %" PRId64 " devices as the driver lists them",
                   hardware->n_dies);
}

jb_rc plan__make(const struct jb_plan_order *order, const struct plan__refs *refs,
                 struct jb_plan *ret_plan, struct jb_error *err)
{
    struct plan__facts facts = {.order = order, .refs = refs};
    struct jb_plan plan = {.is_computable = true};
    jb_rc rc = check(order, err);

    if (rc >= 0)
        rc = plan__hardware_of(order, &facts.hardware, err);
    if (rc < 0)
        return rc;
    facts.size = plan__size_of(order->compute.training_flop);
    tell_hardware(&facts, &plan);
    find_missing(&facts, &plan);
    if (plan.is_computable)
        take_utilisation(&facts, &plan);
    if (plan.is_computable)
        rc = plan__energy(&facts, &plan, err);
    if (rc >= 0)
        rc = plan__beside(order, &plan, err);
    if (rc < 0)
        return rc;
    *ret_plan = plan;
    return JB_OK;
}

jb_rc jb_plan_make(const struct jb_plan_order *order, struct jb_plan *ret_plan,
                   struct jb_error *err)
{
    struct plan__refs refs;
    const jb_rc rc = plan__refs_read(&refs, err);

    return rc < 0 ? rc : plan__make(order, &refs, ret_plan, err);
}
