/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue's rows as references: rows that were read by eye in training_runs.csv. R-RATING-02, -05. */
#include "rate/rate.h"
#include "tap.h"

static const struct jb_rate_ref *find(const struct jb_rate_refs *refs, const char *begins)
{
    for (size_t i = 0; i < refs->n; i++)
        if (strncmp(refs->rows[i].id, begins, strlen(begins)) == 0)
            return &refs->rows[i];
    return NULL;
}

static bool is_method(const struct jb_rate_ref *ref, enum jb_rate_boundary boundary,
                      enum jb_rate_basis basis, enum jb_rate_overhead overhead)
{
    return ref && ref->method.boundary == boundary && ref->method.basis == basis &&
           ref->method.overhead == overhead;
}

int main(void)
{
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};

    ok(jb_rate_refs_add_catalogue(&refs, &err) == JB_OK, "the catalogue gives references");
    int64_t n = (int64_t)refs.n;
    for (int i = 0; i < JB_RATE_LEFT_OUT; i++)
        n += refs.n_left_out[i];
    is_i64(n, 814, "every row of 814 is a reference or counted by its reason");
    diag("%zu references; left out: %lld, %lld, %lld, %lld", refs.n, (long long)refs.n_left_out[0],
         (long long)refs.n_left_out[1], (long long)refs.n_left_out[2],
         (long long)refs.n_left_out[3]);

    const struct jb_rate_ref *ref = find(&refs, "resnet-50-imagenet-on-nvidia-a40");
    ok(is_method(ref, JB_RATE_BOARDS, JB_RATE_MEASURED, JB_RATE_IT), "'gpu' are boards");
    ok(ref && ref->energy_uj == (jb_i128)5329138 * 3600000, "5.329138 kWh");
    is_str(ref ? ref->architecture : "", "cnn", "of a cnn");
    ok(is_method(find(&refs, "retinanet-mlperf-openimages-1x8-h100"), JB_RATE_NODES,
                 JB_RATE_MEASURED, JB_RATE_IT),
       "'whole nodes (AC)' are nodes");
    ok(is_method(find(&refs, "starcoder2-7b-continued-pretraining-dp3"), JB_RATE_COMPONENTS,
                 JB_RATE_MEASURED, JB_RATE_IT),
       "'cpu+gpu+ram' are components");
    ok(is_method(find(&refs, "xgen-7b"), JB_RATE_CHIPS, JB_RATE_ESTIMATED, JB_RATE_IT),
       "a chip is no board");
    ref = find(&refs, "bert-base__strubell");
    ok(is_method(ref, JB_RATE_COMPONENTS, JB_RATE_ESTIMATED, JB_RATE_IT) &&
           ref->energy_uj == (jb_i128)1507 * 3600000000000 * 1000 / 1580,
       "a PUE of 1.58 that is told is taken out");
    ok(is_method(find(&refs, "olmo-2-7b__"), JB_RATE_BOARDS, JB_RATE_MEASURED,
                 JB_RATE_OVERHEAD_UNTOLD),
       "one that may be in it or not stays untold");
    ref = find(&refs, "llama-3-1-405b__meta");
    ok(ref && ref->energy_uj == (jb_i128)21588000 * 3600000000000, "21.6 GWh are kept whole");
    ok(!find(&refs, "evolved-transformer-nas-full-size") &&
           find(&refs, "evolved-transformer-nas__"),
       "the search that was 88 times too high is out, the one that ran is in");
    ok(!find(&refs, "gpt-3-175b-carbontracker"), "so is an extrapolation 6.8 times too low");
    ok(refs.n_left_out[JB_RATE_KNOWN_WRONG] == 2, "two known wrong");
    ok(!find(&refs, "bigscience-1b-models"), "several models together are no training");
    jb_rate_refs_release(&refs);
    return done_testing();
}
