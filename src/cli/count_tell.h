/* SPDX-License-Identifier: Apache-2.0 */
/* A count for people and for programs; docs/format/count.md. Pure functions into a buffer. */
#ifndef JB_CLI_COUNT_TELL_H
#define JB_CLI_COUNT_TELL_H

#include <jansson.h>

#include "cli/count_training.h"
#include "report/report.h"

enum jb_count_by { JB_COUNT_BY_OP, JB_COUNT_BY_LAYER, JB_COUNT_BY_TYPE, JB_COUNT_BYS };
extern const char *const jb_count_by_names[JB_COUNT_BYS];

struct jb_count_told {
    const char *path;
    const struct jb_count *count;
    const struct jb_training_order *order;
    const struct jb_training *training;
    enum jb_count_by by;
    bool is_by_told;       /* all rows, else the first ones */
    char accelerator[128]; /* as the catalogue has it; "" none */
    char peak_basis[64];   /* "dense bfloat16" */
    bool is_peak_span;     /* the name leaves several open: the usual or middle one is taken */
};

void jb_count_tell_text(const struct jb_count_told *told, const struct jb_style *style,
                        struct jb_buf *out);
/* An object, NULL without memory. */
json_t *jb_count_tell_json(const struct jb_count_told *told);

#endif
