/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-11 to -14: evidence from answers, never from silence; costs where an input hangs on it. */
#include "../tap.h"

#include "case/case_account.h"

static struct jb_found found[JB_RESTRICTIONS];
static struct jb_case_account *account;

static bool restrict_text(const char *text)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    struct jb_error err = {0};

    jb_case_account_free(account);
    account = NULL;
    memset(found, 0, sizeof found);
    const bool is_made = jb_case_parse("f", text, strlen(text), &one, &err) == JB_OK &&
                         jb_case_account_make(one, &account, &err) == JB_OK &&
                         jb_case_restrict(one, &account->told[0].estimate, found, &err) == JB_OK;
    if (!is_made)
        diag("%s", err.message);
    return is_made;
}

static size_t n_found(void)
{
    size_t n = 0;

    for (size_t i = 0; i < JB_RESTRICTIONS; i++)
        n += found[i].n_evidence > 0;
    return n;
}

static void test_silence(void)
{
    ok(restrict_text("case: a\ntitle: b\n"), "a case of which nothing is told");
    is_i64((int64_t)n_found(), 0, "shows nothing");
}

/* Everything the estimate asks for is known: nothing can be saved by knowing it better. */
static void test_all_known(void)
{
    ok(restrict_text("case: a\ntitle: b\nwork: {accelerator: GeForce RTX 2080, accelerators: 1, "
                     "duration: 10 h, pue: 1.2, processor: Xeon E5-2690 v3, processors: 1, "
                     "memory: 64 GiB, node_overhead: 30 W}\n"),
       "a case whose work is known");
    is_i64((int64_t)n_found(), 0, "shows nothing");
}

static void test_time(void)
{
    ok(restrict_text("case: a\ntitle: b\nwork: {accelerator: GeForce RTX 2080, accelerators: 1, "
                     "accelerator_power: 200 W, duration: 10 h to 30 h, pue: 1.2, instances: 1, "
                     "processor: Xeon E5-2690 v3, processors: 1, memory: 64 GiB, node_overhead: 30 "
                     "W}\n"),
       "a case whose time is a range");
    const struct jb_found *const time = &found[JB_RESTRICTION_TRAINING_TIME];
    ok(time->n_evidence == 1 && time->cost == JB_COST_BAND, "costs energy of the band");
    is_i64(time->width_uj,
           account->told[0].estimate.energy_uj.high - account->told[0].estimate.energy_uj.low,
           "of the band that there is");
    /* 200 W alone over the 20 h in doubt are 4 kWh: 14.4e12 uJ. The rest of the machine adds to it. */
    ok(time->saved_uj > INT64_C(7200000000000) && time->saved_uj <= time->width_uj,
       "most of it is the time");
    ok(!found[JB_RESTRICTION_HARDWARE].n_evidence, "and the hardware shows nothing");
}

static void test_answers(void)
{
    ok(restrict_text("case: a\ntitle: b\n"
                     "project: {energy_mentioned: 'no, never', experience: none}\n"
                     "model: {architecture: withheld, accuracy: unknown, training_time: unknown}\n"
                     "provider: {name: a cloud, pue: unknown, hardware: unknown, energy: unknown, "
                     "efficiency: unknown}\n"
                     "observations: [{restriction: enforcement, times: 2}]\n"),
       "a case of answers that lack something");
    static const enum jb_restriction_id shown[] = {
        JB_RESTRICTION_INNOVATION,  JB_RESTRICTION_INCENTIVE,
        JB_RESTRICTION_KNOWLEDGE,   JB_RESTRICTION_AWARENESS,
        JB_RESTRICTION_EVALUATION,  JB_RESTRICTION_TRAINING_TIME,
        JB_RESTRICTION_HARDWARE,    JB_RESTRICTION_PROVIDER_INFORMATION,
        JB_RESTRICTION_ENFORCEMENT, JB_RESTRICTION_SCIENCE_SOCIETY};
    for (size_t i = 0; i < JB_ARRAY_LEN(shown); i++)
        ok(found[shown[i]].n_evidence > 0, "shows %s", jb_restrictions[shown[i]].key);
    is_i64((int64_t)n_found(), JB_ARRAY_LEN(shown), "and no other");
    ok(found[JB_RESTRICTION_ENFORCEMENT].is_observed &&
           !found[JB_RESTRICTION_INCENTIVE].is_observed,
       "what was spoken of is told from what an answer shows");
    ok(found[JB_RESTRICTION_INCENTIVE].cost == JB_COST_NOT_QUANTIFIABLE,
       "no kWh hang on an incentive");
}

static void test_inside(void)
{
    ok(restrict_text("case: a\ntitle: b\nprovider: {name: internal, pue: unknown}\n"),
       "a case within the house");
    ok(!found[JB_RESTRICTION_PROVIDER_INFORMATION].n_evidence, "has no provider that says little");
}

static void test_shipped(void)
{
    ok(restrict_text(jb_case_shipped_text("bank-credit")), "the bank's case");
    ok(found[JB_RESTRICTION_HARDWARE].cost == JB_COST_ACCOUNT,
       "has no account because of its hardware");
    for (size_t i = 0; i < JB_RESTRICTIONS_CASES; i++)
        ok(found[i].is_observed, "and shows %s, as the thesis found", jb_restrictions[i].key);
    ok(restrict_text(jb_case_shipped_text("situation-recognition")), "the cloud's case");
    const struct jb_found *const pue = &found[JB_RESTRICTION_PROVIDER_INFORMATION];
    ok(pue->cost == JB_COST_BAND && pue->saved_uj > 0,
       "has a PUE that is assumed and costs as one that is not known");
}

int main(void)
{
    test_silence();
    test_all_known();
    test_time();
    test_answers();
    test_inside();
    test_shipped();
    jb_case_account_free(account);
    return done_testing();
}
