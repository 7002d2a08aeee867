/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of references: taken or refused with a place, and what is taken can be rated by. R-RATING-20, -21. */
#include "rate/rate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rate_first(const struct jb_rate_refs *refs)
{
    const struct jb_rate_ref *const first = &refs->rows[0];
    struct jb_rate_subject subject = {.id = "fuzz",
                                      .group = "",
                                      .model = "",
                                      .n_runs = 1,
                                      .n_views = 1,
                                      .flop = first->flop,
                                      .n_parameters = first->n_parameters,
                                      .n_examples = first->n_examples};
    const struct jb_rate_rules rules[] = {{.measure = -1},
                                          {{JB_RATE_ANY_SIZE, true, true}, JB_RATE_PER_RUN}};
    struct jb_rating rating;
    struct jb_error err = {0};
    char text[48];

    (void)snprintf(subject.application, sizeof subject.application, "%s", first->application);
    (void)snprintf(subject.architecture, sizeof subject.architecture, "%s", first->architecture);
    (void)snprintf(subject.stage, sizeof subject.stage, "%s", first->stage);
    subject.views[0].method = first->method;
    subject.views[0].energy_uj = (struct jb_figure){
        .is_known = true, .low = 1, .best = INT64_C(3600000000000), .high = INT64_MAX};
    for (size_t i = 0; i < JB_ARRAY_LEN(rules); i++) {
        if (jb_rate(&subject, refs, &rules[i], &rating, &err) < 0)
            abort();
        const struct jb_rate_class *const of = &rating.of;
        if (rating.is_rated &&
            (of->n_runs < JB_RATE_RUNS_MIN || of->n_sources < JB_RATE_SOURCES_MIN ||
             of->least > of->q1 || of->q1 > of->median || of->median > of->q3 ||
             of->q3 > of->greatest || rating.verdicts == 0 ||
             rating.low_ppm > rating.percentile_ppm || rating.percentile_ppm > rating.high_ppm))
            abort();
        if (!rating.is_rated && rating.why_not[0] == '\0')
            abort();
    }
    (void)jb_rate_size_text(&subject, text, sizeof text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};

    if (jb_rate_refs_parse(&refs, "fuzz", data, size, &err) < 0) {
        if (err.message[0] == '\0')
            abort();
    } else if (refs.n > 0) {
        rate_first(&refs);
    }
    jb_rate_refs_release(&refs);
    return 0;
}
