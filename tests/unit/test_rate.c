/* SPDX-License-Identifier: Apache-2.0 */
/* A training beside references whose quartiles are known by hand. R-RATING-01, -02, -06 to -12. */
#include "rate/rate.h"
#include "tap.h"

#define WH_UJ INT64_C(3600000000)

static const struct jb_rate_rules plain = {.measure = -1};
static const struct jb_rate_method boards = {JB_RATE_BOARDS, JB_RATE_MEASURED, JB_RATE_IT};

static struct jb_rate_ref row(const char *id, const char *source, int64_t wh)
{
    return (struct jb_rate_ref){.id = id,
                                .group = "",
                                .source = source,
                                .model = "",
                                .application = "vision",
                                .architecture = "cnn",
                                .stage = "pretraining",
                                .method = {JB_RATE_BOARDS, JB_RATE_MEASURED, JB_RATE_IT},
                                .energy_uj = (jb_i128)wh * WH_UJ,
                                .flop = -1,
                                .n_parameters = 20000000,
                                .n_examples = -1,
                                .device_us = -1};
}

static struct jb_rate_subject subject(int64_t low_wh, int64_t best_wh, int64_t high_wh)
{
    struct jb_rate_subject ret = {.id = "me",
                                  .group = "",
                                  .model = "",
                                  .application = "vision",
                                  .architecture = "cnn",
                                  .stage = "pretraining",
                                  .n_runs = 1,
                                  .n_views = 1,
                                  .flop = -1,
                                  .n_parameters = 30000000,
                                  .n_examples = -1};
    ret.views[0].method = boards;
    ret.views[0].energy_uj = (struct jb_figure){
        .is_known = true, .low = low_wh * WH_UJ, .best = best_wh * WH_UJ, .high = high_wh * WH_UJ};
    return ret;
}

static void add(struct jb_rate_refs *refs, const struct jb_rate_ref *ref)
{
    struct jb_error err = {0};
    if (jb_rate_refs_add(refs, ref, &err) < 0)
        bail_out("%s", err.message);
}

static struct jb_rating rated(const struct jb_rate_subject *of, const struct jb_rate_refs *refs,
                              const struct jb_rate_rules *rules)
{
    struct jb_rating ret = {0};
    struct jb_error err = {0};
    if (jb_rate(of, refs, rules, &ret, &err) < 0)
        bail_out("%s", err.message);
    return ret;
}

/* Source a: 100, 200, 400, 800 Wh, each 1/5; b: 1600 Wh, 1/2. Doubling is one step of the logarithm, so the quartiles are those of
 * test_weigh.c: 2^0.125 steps above 200 and so on. */
static void fill(struct jb_rate_refs *refs)
{
    static const char *const ids[] = {"1", "2", "3", "4"};
    for (int i = 0; i < 4; i++) {
        const struct jb_rate_ref ref = row(ids[i], "a", 100 << i);
        add(refs, &ref);
    }
    const struct jb_rate_ref ref = row("5", "b", 1600);
    add(refs, &ref);
}

static bool is_mwh(int64_t mj, double wh)
{
    const double got = (double)mj / 3.6e6;
    if (got > wh * 0.99999 && got < wh * 1.00001)
        return true;
    diag("%.6f Wh, not %.6f", got, wh);
    return false;
}

static void quartiles(const struct jb_rate_refs *refs)
{
    struct jb_rate_subject me = subject(500, 500, 500);
    struct jb_rating rating = rated(&me, refs, &plain);

    ok(rating.is_rated && rating.of.n_runs == 5 && rating.of.n_sources == 2,
       "five runs of two sources are a class");
    ok(rating.of.measure == JB_RATE_PER_PARAMETER, "per parameter, as all tell theirs");
    const struct jb_rate_rules per_run = {.measure = JB_RATE_PER_RUN};
    rating = rated(&me, refs, &per_run);
    /* 2^0.125 = 1.0905077, 2^0.75 = 1.6817928, 2^(11/14) = 1.7239456 */
    ok(is_mwh(rating.of.q1, 200 * 1.0905077327) && is_mwh(rating.of.median, 400 * 1.6817928305) &&
           is_mwh(rating.of.q3, 800 * 1.7239456425) && is_mwh(rating.of.least, 100) &&
           is_mwh(rating.of.greatest, 1600),
       "quartiles by hand");
    is_i64(rating.verdicts, JB_RATE_NORMAL, "500 Wh are normal");
    /* log2(500/400) = 0.321928 of the way from 0.5/1.3 to 0.7/1.3 */
    ok(rating.percentile_ppm > 434100 && rating.percentile_ppm < 434200,
       "at the 43rd percentile (%lld)", (long long)rating.percentile_ppm);
    ok(rating.low_ppm < rating.percentile_ppm && rating.percentile_ppm < rating.high_ppm &&
           rating.could_be == (JB_RATE_LOW | JB_RATE_NORMAL | JB_RATE_HIGH),
       "and five references of two sources leave open much");

    me = subject(150, 200, 210);
    is_i64(rated(&me, refs, &per_run).verdicts, JB_RATE_LOW, "the whole band below Q1: low");
    me = subject(150, 200, 300);
    is_i64(rated(&me, refs, &per_run).verdicts, JB_RATE_LOW | JB_RATE_NORMAL,
           "a band over Q1: low or normal");
    me = subject(1400, 1500, 1600);
    is_i64(rated(&me, refs, &per_run).verdicts, JB_RATE_HIGH, "above Q3: high");
    me = subject(1300, 1400, 1500);
    is_i64(rated(&me, refs, &per_run).verdicts, JB_RATE_NORMAL | JB_RATE_HIGH,
           "a band over Q3: normal or high");
    me = subject(10, 500, 9000);
    is_i64(rated(&me, refs, &per_run).verdicts, 7, "a band over both is all three");
    me = subject(10, 20, 30);
    ok(rated(&me, refs, &per_run).percentile_ppm == 0, "below all: 0");
    /* 500 Wh / 3e7 = 60 mJ = 6e7 nJ; references of 2e7 parameters: median 672.717 Wh / 2e7 = 1.2108907e8 nJ */
    me = subject(500, 500, 500);
    rating = rated(&me, refs, &plain);
    is_i64(rating.value.best, 60000000, "500 Wh over 3e7 parameters are 60 mJ each");
    is_i64(rating.of.median / 1000, 121089, "the references' median over theirs");
}

static void lacks(const struct jb_rate_subject *me, const struct jb_rate_refs *refs,
                  const struct jb_rate_rules *rules, const char *what)
{
    const struct jb_rating rating = rated(me, refs, rules);
    ok(!rating.is_rated && rating.why_not[0] != '\0' && rating.verdicts == 0, "%s", what);
}

static void classes(const struct jb_rate_refs *refs)
{
    struct jb_rate_subject me = subject(500, 500, 500);
    struct jb_rate_rules rules = {.measure = JB_RATE_PER_RUN};

    snprintf(me.application, sizeof me.application, "speech");
    lacks(&me, refs, &plain, "another application is not compared");
    me = subject(500, 500, 500);
    me.application[0] = '\0';
    lacks(&me, refs, &plain, "nor one that is not told");
    me = subject(500, 500, 500);
    me.n_views = 0;
    lacks(&me, refs, &plain, "nor without energy");
    me = subject(500, 500, 500);
    snprintf(me.stage, sizeof me.stage, "finetuning");
    lacks(&me, refs, &plain, "nor another stage");

    me = subject(500, 500, 500);
    me.views[0].method.basis = JB_RATE_ESTIMATED;
    struct jb_rating rating = rated(&me, refs, &plain);
    ok(!rating.is_rated && rating.n_near >= 1 && rating.near[0].widening.any_method,
       "nor another basis; that it would be one is told");
    me.views[0].method = (struct jb_rate_method){JB_RATE_NODES, JB_RATE_MEASURED, JB_RATE_IT};
    lacks(&me, refs, &plain, "nor another boundary");
    me.views[0].method =
        (struct jb_rate_method){JB_RATE_BOARDS, JB_RATE_MEASURED, JB_RATE_FACILITY};
    lacks(&me, refs, &plain, "nor with PUE");
    me.views[0].method.overhead = JB_RATE_OVERHEAD_UNTOLD;
    lacks(&me, refs, &plain, "nor where that is not told");
    rules.allowed.any_method = true;
    ok(rated(&me, refs, &rules).is_rated && rated(&me, refs, &rules).of.widening.any_method,
       "unless any method is asked for, and the class says it");

    me = subject(500, 500, 500);
    rules = (struct jb_rate_rules){.measure = JB_RATE_PER_RUN};
    snprintf(me.architecture, sizeof me.architecture, "vit");
    rating = rated(&me, refs, &rules);
    ok(!rating.is_rated && rating.n_near == 1 && rating.near[0].widening.any_architecture &&
           rating.near[0].n_runs == 5 && !rating.near[0].widening.any_method,
       "another architecture is no class but a near one, the narrowest alone");
    rules.allowed.any_architecture = true;
    ok(rated(&me, refs, &rules).is_rated, "taken where asked for");
}

static void sizes(const struct jb_rate_refs *refs)
{
    struct jb_rate_subject me = subject(500, 500, 500);
    struct jb_rate_rules rules = {.measure = JB_RATE_PER_RUN};
    struct jb_rating rating;
    char text[48];

    is_str(jb_rate_size_text(&me, text, sizeof text), "10M to 100M parameters", "a decade");
    me.n_parameters = 300000000;
    rating = rated(&me, refs, &rules);
    ok(rating.is_rated && rating.of.widening.size == JB_RATE_NEXT_SIZES,
       "the next decade is taken where its own has too few, and told");
    me.n_parameters = 3000000000;
    rating = rated(&me, refs, &rules);
    ok(!rating.is_rated && rating.n_near == 1 && rating.near[0].widening.size == JB_RATE_ANY_SIZE,
       "two decades off is no class per run");
    ok(rated(&me, refs, &plain).is_rated &&
           rated(&me, refs, &plain).of.widening.size == JB_RATE_ANY_SIZE,
       "per parameter it is, and told");
    rules.allowed.size = JB_RATE_ANY_SIZE;
    ok(rated(&me, refs, &rules).is_rated, "per run where asked for");
    me.n_parameters = -1;
    rules.allowed.size = JB_RATE_SAME_SIZE;
    lacks(&me, refs, &rules, "a training of unknown size is in no class of a size");
    is_str(jb_rate_size_text(&me, text, sizeof text), "", "nor has it words");
    me.flop = (jb_i128)3 * 1000000000000000000;
    is_str(jb_rate_size_text(&me, text, sizeof text), "1e18 to 1e20 FLOP", "two decades of FLOP");
}

static void sources(void)
{
    static const char *const ids[] = {"1", "2", "3", "4", "5", "6"};
    struct jb_rate_refs refs = {0};
    struct jb_rate_subject me = subject(500, 500, 500);

    for (int i = 0; i < 6; i++) {
        struct jb_rate_ref each = row(ids[i], "a", 100 + i);
        each.energy_uj += 12345;
        add(&refs, &each);
    }
    const struct jb_rating one = rated(&me, &refs, &plain);
    ok(!one.is_rated && one.of.n_runs == 6 && one.of.n_sources == 1 && one.n_near == 0,
       "six runs of one source are no class, nor near one");
    struct jb_rate_ref ref = row("me", "b", 700);
    add(&refs, &ref);
    lacks(&me, &refs, &plain, "itself is no reference");
    ref = row("7", "b", 103);
    ref.energy_uj += 12345;
    add(&refs, &ref);
    lacks(&me, &refs, &plain, "the same number in another source is the same training");
    ref = row("8", "b", 700);
    ref.doubt = 1;
    ref.model = "GPT-3 (175B)";
    add(&refs, &ref);
    ok(rated(&me, &refs, &plain).is_rated, "a quoted run counts");
    ref = row("9", "a", 600);
    ref.model = "gpt3 175b";
    add(&refs, &ref);
    const struct jb_rating quoted = rated(&me, &refs, &plain);
    ok(!quoted.is_rated && quoted.of.n_twice == 2,
       "but not beside a row that was read itself: twice, and counted");
    ref = row("10", "b", 650);
    add(&refs, &ref);
    add(&refs, &ref);
    is_i64((int64_t)rated(&me, &refs, &plain).of.n_runs, 8, "one id of one source counts once");
    ref = row("11", "c", 650);
    add(&refs, &ref);
    is_i64((int64_t)rated(&me, &refs, &plain).of.n_runs, 9, "a round number may come twice");
    me.group = "g";
    ref.group = "g";
    ref.id = "rank";
    ref.energy_uj = 1000 * WH_UJ;
    add(&refs, &ref);
    is_i64((int64_t)rated(&me, &refs, &plain).of.n_runs, 9, "nor is a rank of its own");
    jb_rate_refs_release(&refs);
}

int main(void)
{
    struct jb_rate_refs refs = {0};

    fill(&refs);
    quartiles(&refs);
    classes(&refs);
    sizes(&refs);
    jb_rate_refs_release(&refs);
    sources();
    return done_testing();
}
