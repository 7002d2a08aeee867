/* SPDX-License-Identifier: Apache-2.0 */
/* What `joulebook estimate` is told: a file of YAML, then options, which override it. docs/format/estimate.md. */
#ifndef JB_CLI_ESTIMATE_ORDER_H
#define JB_CLI_ESTIMATE_ORDER_H

#include "base/error.h"
#include "cli/options.h"
#include "model/run.h"
#include "model/work.h"

struct jb_estimate_order {
    struct jb_work work;    /* first: the fields of case/work_fields.h count from here */
    struct jb_run stated;   /* what the file states of the run, "" where it does not */
    int64_t start, end_utc; /* microseconds of UTC; 0 not told */
};

/* The options of the work; ends with a row without a name. */
extern const struct jb_option jb_estimate_options[];

/* Every key of the file; JB_E_INPUT with file, line and column. */
JB_MUST_USE jb_rc jb_estimate_order_read(const char *path, struct jb_estimate_order *order,
                                         struct jb_error *err);
/* The options that were given, over what is there. JB_E_USAGE names the option. */
JB_MUST_USE jb_rc jb_estimate_order_options(const struct jb_args *args,
                                            struct jb_estimate_order *order, struct jb_error *err);
/* What the file states of the run, where no option of *args says otherwise. */
void jb_estimate_order_facts(const struct jb_args *args, const struct jb_estimate_order *order,
                             struct jb_run *run);

#endif
