/* SPDX-License-Identifier: Apache-2.0 */
/* Trainings to a file of references (docs/format/reference.md, R-RATING-22). Must never write what a reader would refuse. */
#include <string.h>

#include "base/num.h"
#include "rate/rate_int.h"

static bool is_training(const struct jb_rate_subject *subject)
{
    static const char *const none[] = {"failed", "development", "evaluation", "inference"};

    if (!subject->stage[0] || !subject->application[0] || subject->n_views == 0)
        return false;
    for (size_t i = 0; i < JB_ARRAY_LEN(none); i++)
        if (strcmp(subject->stage, none[i]) == 0)
            return false;
    return true;
}

static void add_number(struct jb_buf *out, jb_i128 number)
{
    char digits[48];

    jb_buf_addf(out, ",%s", number > 0 ? jb_format_i128(number, digits, sizeof digits) : "");
}

void jb_rate_write_refs(const struct jb_rate_subject *subjects, size_t n, const char *source,
                        struct jb_buf *out, size_t *ret_n_left_out)
{
    size_t n_left_out = 0;
    char digits[32];

    jb_buf_add_text(out, "reference_1,source,model,application,architecture,stage,boundary,basis,"
                         "pue_included,energy_j,parameters,training_flop,examples\n");
    for (size_t i = 0; i < n; i++) {
        const struct jb_rate_subject *const subject = &subjects[i];
        const char *const texts[] = {source, subject->model, subject->application,
                                     subject->architecture, subject->stage};
        if (!is_training(subject)) {
            n_left_out++;
            continue;
        }
        const struct jb_rate_view *const view = &subject->views[0];
        jb_buf_add_csv(out, subject->id[0] ? subject->id : "whole");
        for (size_t k = 0; k < JB_ARRAY_LEN(texts); k++) {
            jb_buf_add_text(out, ",");
            jb_buf_add_csv(out, texts[k]);
        }
        jb_buf_addf(out, ",%s,%s,no,%s",
                    view->method.boundary == JB_RATE_BOUNDARY_UNTOLD
                        ? ""
                        : jb_rate_boundary_name(view->method.boundary),
                    jb_rate_basis_name(view->method.basis),
                    jb_format_decimal(view->energy_uj.best, 6, digits, sizeof digits));
        add_number(out, subject->n_parameters);
        add_number(out, subject->flop);
        add_number(out, subject->n_examples);
        jb_buf_add_text(out, "\n");
    }
    *ret_n_left_out = n_left_out;
}
