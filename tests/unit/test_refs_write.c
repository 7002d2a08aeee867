/* SPDX-License-Identifier: Apache-2.0 */
/* What is written is read again as it was; what is no training is left out and counted. R-RATING-22. */
#include "rate/rate.h"
#include "tap.h"

int main(void)
{
    struct jb_rate_subject subjects[3] = {
        {.id = "01A",
         .group = "",
         .model = "a,\"b\"",
         .application = "speech",
         .architecture = "rnn",
         .stage = "pretraining",
         .n_runs = 1,
         .n_views = 1,
         .views = {{{JB_RATE_COMPONENTS, JB_RATE_MEASURED, JB_RATE_IT},
                    {.is_known = true, .low = 1, .best = 1234567890123, .high = INT64_MAX}}},
         .flop = (jb_i128)1000000000000 * 10000,
         .n_parameters = 7,
         .n_examples = -1}};
    struct jb_buf out = JB_BUF(65536);
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};
    size_t n_left_out = 0;

    subjects[1] = subjects[2] = subjects[0];
    snprintf(subjects[1].stage, sizeof subjects[1].stage, "failed");
    subjects[2].application[0] = '\0';
    jb_rate_write_refs(subjects, 3, "our lab", &out, &n_left_out);
    is_i64((int64_t)n_left_out, 2, "a failed one and one without application are left out");
    ok(jb_rate_refs_parse(&refs, "out", out.bytes, out.len, &err) == JB_OK && refs.n == 1,
       "it is read again%s", err.message);
    if (refs.n == 1) {
        const struct jb_rate_ref *const row = &refs.rows[0];
        ok(row->energy_uj == 1234567890123 && row->n_parameters == 7 && row->n_examples == -1 &&
               row->flop == subjects[0].flop,
           "every number");
        ok(strcmp(row->id, "01A") == 0 && strcmp(row->source, "our lab") == 0 &&
               strcmp(row->model, "a,\"b\"") == 0 && strcmp(row->application, "speech") == 0 &&
               strcmp(row->architecture, "rnn") == 0 && strcmp(row->stage, "pretraining") == 0,
           "every text");
        ok(row->method.boundary == JB_RATE_COMPONENTS && row->method.basis == JB_RATE_MEASURED &&
               row->method.overhead == JB_RATE_IT,
           "and the method");
    }
    jb_rate_refs_release(&refs);
    jb_buf_release(&out);
    return done_testing();
}
