/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which restrictions a case shows: by what was coded in its interviews and by what its answers lack; and what that costs.
 * Must never take silence for evidence: a question that was never answered shows nothing (R-CASE-11). Costs are energy
 * only where an input of the account hangs on the restriction (R-CASE-12 to -14).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "case/case_account.h"
#include "catalogue/catalogue.h"
#include "estimate/estimate.h"

JB_PRINTF(2, 3) static void show(struct jb_found *found, const char *format, ...)
{
    va_list args;

    if (found->n_evidence == JB_EVIDENCE_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(found->evidence[found->n_evidence], sizeof found->evidence[0], format, args);
    va_end(args);
    found->n_evidence++;
}

static bool is_no(const struct jb_case_answer *answer)
{
    static const char *const words[] = {"no", "none", "nee", "geen"};

    if (!answer->is_told || answer->known != JB_KNOWN_VALUE)
        return false;
    const size_t len = strcspn(answer->text, " ,;.:");
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (strlen(words[i]) == len && strncasecmp(answer->text, words[i], len) == 0)
            return true;
    return false;
}

/* Told, and not known or not shown to whoever makes the account. */
static bool is_missing(const struct jb_case_answer *answer)
{
    return answer->is_told &&
           (answer->known == JB_KNOWN_UNKNOWN || answer->known == JB_KNOWN_WITHHELD);
}

static void show_missing(struct jb_found *found, const struct jb_case *one,
                         enum jb_case_question_id id)
{
    const struct jb_case_answer *const answer = &one->answers[id];

    if (is_missing(answer))
        show(found, "%s: %s%s%.120s", jb_case_questions[id].title,
             answer->known == JB_KNOWN_UNKNOWN ? "unknown" : "known, withheld",
             answer->text[0] ? ", " : "", answer->text);
}

/* --- evidence, one function per restriction that answers can show ----------------------------------------------- */

static void of_complexity(const struct jb_case *one, struct jb_found *found)
{
    for (size_t i = 0; i < one->work.n_repeats; i++)
        if (one->work.repeats[i].n_milli.best >= 2000)
            show(found, "several %s were tried", one->work.repeats[i].name);
}

static void of_innovation(const struct jb_case *one, struct jb_found *found)
{
    for (int i = 0; i < JB_CASE_QUESTIONS; i++)
        if (one->answers[i].is_told && one->answers[i].known == JB_KNOWN_WITHHELD)
            show_missing(found, one, (enum jb_case_question_id)i);
    if (one->work.accelerator.known == JB_KNOWN_WITHHELD)
        show(found, "the accelerator is known and withheld");
}

static void of_incentive(const struct jb_case *one, struct jb_found *found)
{
    if (is_no(&one->answers[JB_CASE_ENERGY_MENTIONED]))
        show(found, "the client did not speak of energy");
}

static void of_knowledge(const struct jb_case *one, struct jb_found *found)
{
    show_missing(found, one, JB_CASE_ENERGY);
}

static void of_awareness(const struct jb_case *one, struct jb_found *found)
{
    if (is_no(&one->answers[JB_CASE_ENERGY_MENTIONED]))
        show(found, "the client did not speak of energy");
    if (is_no(&one->answers[JB_CASE_EXPERIENCE]))
        show(found, "the client had no experience with deep learning");
}

static void of_evaluation(const struct jb_case *one, struct jb_found *found)
{
    show_missing(found, one, JB_CASE_ACCURACY);
    show_missing(found, one, JB_CASE_RESULT);
}

static void of_training_time(const struct jb_case *one, struct jb_found *found)
{
    const struct jb_case_answer *const answer = &one->answers[JB_CASE_TRAINING_TIME];
    const struct jb_work *const work = &one->work;

    show_missing(found, one, JB_CASE_TRAINING_TIME);
    if (answer->is_told && answer->known == JB_KNOWN_RANGE)
        show(found, "training time: between %s and %s", answer->low, answer->high);
    if (one->has_work && work->duration_ns.known == JB_KNOWN_RANGE)
        show(found, "the time of one training is a range");
    for (size_t i = 0; i < work->n_repeats; i++)
        if (work->repeats[i].n_milli.known != JB_KNOWN_VALUE)
            show(found, "the number of %s is %s", work->repeats[i].name,
                 work->repeats[i].n_milli.known == JB_KNOWN_RANGE ? "a range" : "unknown");
}

static void of_hardware(const struct jb_case *one, struct jb_found *found)
{
    const struct jb_work *const work = &one->work;

    show_missing(found, one, JB_CASE_HARDWARE);
    show_missing(found, one, JB_CASE_DATA_CENTRE);
    if (!one->has_work)
        return;
    if (work->accelerator.known != JB_KNOWN_VALUE && work->processor.known != JB_KNOWN_VALUE &&
        work->instance.known != JB_KNOWN_VALUE)
        show(found, "neither accelerator, processor nor instance is known");
    else if (work->processor.known != JB_KNOWN_VALUE || work->memory_mib.known == JB_KNOWN_UNKNOWN)
        show(found, "%s%s%s unknown", work->processor.known != JB_KNOWN_VALUE ? "processor" : "",
             work->processor.known != JB_KNOWN_VALUE && work->memory_mib.known == JB_KNOWN_UNKNOWN
                 ? " and memory are"
                 : " is",
             work->processor.known != JB_KNOWN_VALUE ? "" : " (memory)");
}

static bool is_outside(const struct jb_case_answer *provider)
{
    static const char *const inside[] = {"internal", "intern", "eigen", "own"};

    if (!provider->is_told || provider->known != JB_KNOWN_VALUE)
        return false;
    for (size_t i = 0; i < JB_ARRAY_LEN(inside); i++)
        if (strncasecmp(provider->text, inside[i], strlen(inside[i])) == 0)
            return false;
    return true;
}

static void of_provider_information(const struct jb_case *one, struct jb_found *found)
{
    if (!is_outside(&one->answers[JB_CASE_PROVIDER]))
        return;
    show_missing(found, one, JB_CASE_PUE);
    show_missing(found, one, JB_CASE_LOCATION);
    show_missing(found, one, JB_CASE_ENERGY);
}

static void of_science_society(const struct jb_case *one, struct jb_found *found)
{
    show_missing(found, one, JB_CASE_COMPUTING_POWER);
    show_missing(found, one, JB_CASE_EFFICIENCY);
}

/* Others show in interviews only (R-CASE-11). */
static void (*const evidence_of[JB_RESTRICTIONS])(const struct jb_case *, struct jb_found *) = {
    [JB_RESTRICTION_COMPLEXITY] = of_complexity,
    [JB_RESTRICTION_INNOVATION] = of_innovation,
    [JB_RESTRICTION_INCENTIVE] = of_incentive,
    [JB_RESTRICTION_KNOWLEDGE] = of_knowledge,
    [JB_RESTRICTION_AWARENESS] = of_awareness,
    [JB_RESTRICTION_EVALUATION] = of_evaluation,
    [JB_RESTRICTION_TRAINING_TIME] = of_training_time,
    [JB_RESTRICTION_HARDWARE] = of_hardware,
    [JB_RESTRICTION_PROVIDER_INFORMATION] = of_provider_information,
    [JB_RESTRICTION_SCIENCE_SOCIETY] = of_science_society,
};

static void observe(const struct jb_case *one, struct jb_found *found)
{
    const enum jb_restriction_id id =
        (enum jb_restriction_id)(found->restriction - jb_restrictions);

    for (size_t i = 0; i < one->n_observations; i++)
        if (one->observations[i].restriction == id)
            found->n_observed = jb_add_sat_i64(found->n_observed, one->observations[i].times);
    found->is_observed = found->n_observed > 0;
    if (found->is_observed)
        show(found, "spoken of %lld time%s", (long long)found->n_observed,
             found->n_observed == 1 ? "" : "s");
    if (evidence_of[id])
        evidence_of[id](one, found);
}

/* --- cost ------------------------------------------------------------------------------------------------------ */

/* R-CASE-12: inputs of the account that would be known if the restriction were lifted. */
static const struct {
    enum jb_restriction_id restriction;
    unsigned causes;
    const char *of;
} costs[] = {
    {JB_RESTRICTION_TRAINING_TIME, JB_CAUSE_BIT(JB_CAUSE_TIME), "hours and numbers of trainings"},
    {JB_RESTRICTION_HARDWARE,
     JB_CAUSE_BIT(JB_CAUSE_AMOUNT) | JB_CAUSE_BIT(JB_CAUSE_RATING) |
         JB_CAUSE_BIT(JB_CAUSE_PROCESSOR) | JB_CAUSE_BIT(JB_CAUSE_MEMORY) |
         JB_CAUSE_BIT(JB_CAUSE_REST),
     "boards, processors, memory and the rest of the node"},
    {JB_RESTRICTION_KNOWLEDGE, JB_CAUSE_BIT(JB_CAUSE_LOAD) | JB_CAUSE_BIT(JB_CAUSE_IDLE),
     "how busy the hardware was and how long it idled, read while it ran"},
};

static jb_rc cost_of_causes(const struct jb_case *one, const struct jb_estimate *estimate,
                            unsigned causes, const char *of, struct jb_found *found,
                            struct jb_error *err)
{
    struct jb_figure narrowed;
    const jb_rc rc = jb_estimate_narrowed(&one->work, causes, &narrowed, err);

    if (rc < 0)
        return rc;
    found->width_uj = estimate->energy_uj.high - estimate->energy_uj.low;
    found->saved_uj = found->width_uj - (narrowed.high - narrowed.low);
    if (found->saved_uj <= 0) {
        found->saved_uj = 0;
        return JB_OK;
    }
    found->cost = JB_COST_BAND;
    (void)snprintf(found->of, sizeof found->of, "%s", of);
    return JB_OK;
}

/*
 * R-CASE-13: the PUE is apart from the energy of the machine: at its best energy, from the least to the greatest PUE. One
 * that the account assumes while the case does not know it is as good as unknown.
 */
static void cost_of_pue(const struct jb_case *one, const struct jb_estimate *estimate,
                        struct jb_found *found)
{
    const struct jb_quantity *const pue = &one->work.pue_milli;
    int64_t low = pue->low, high = pue->high;
    struct jb_catalogue_band band;

    if (pue->known == JB_KNOWN_VALUE && !is_missing(&one->answers[JB_CASE_PUE]))
        return;
    if (pue->known != JB_KNOWN_RANGE) {
        jb_catalogue_default_pue_milli(&band);
        low = band.low;
        high = band.high;
    }
    found->width_uj =
        jb_muldiv_sat_i64(estimate->energy_uj.best, high - low, 1000, JB_ROUND_NEAREST);
    found->saved_uj = found->width_uj;
    found->cost = JB_COST_BAND;
    (void)snprintf(found->of, sizeof found->of,
                   "the PUE, by what data centres have, on the machine's best energy");
}

static jb_rc cost(const struct jb_case *one, const struct jb_estimate *estimate,
                  struct jb_found *found, struct jb_error *err)
{
    const enum jb_restriction_id id =
        (enum jb_restriction_id)(found->restriction - jb_restrictions);

    found->cost = JB_COST_NOT_QUANTIFIABLE;
    if (!estimate->is_computable) {
        /* R-CASE-14 */
        if (id == JB_RESTRICTION_HARDWARE && strstr(estimate->why_not, "hardware")) {
            found->cost = JB_COST_ACCOUNT;
            (void)snprintf(found->of, sizeof found->of, "the accelerator, processor or instance");
        }
        return JB_OK;
    }
    if (id == JB_RESTRICTION_PROVIDER_INFORMATION)
        cost_of_pue(one, estimate, found);
    for (size_t i = 0; i < JB_ARRAY_LEN(costs); i++)
        if (costs[i].restriction == id)
            return cost_of_causes(one, estimate, costs[i].causes, costs[i].of, found, err);
    return JB_OK;
}

jb_rc jb_case_restrict(const struct jb_case *one, const struct jb_estimate *estimate,
                       struct jb_found ret[JB_RESTRICTIONS], struct jb_error *err)
{
    for (size_t i = 0; i < JB_RESTRICTIONS; i++) {
        ret[i] = (struct jb_found){.restriction = &jb_restrictions[i]};
        observe(one, &ret[i]);
        if (ret[i].n_evidence == 0)
            continue;
        const jb_rc rc = cost(one, estimate, &ret[i], err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}
