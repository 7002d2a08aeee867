/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model file to the facts of a run's work, counted in a process of its own and for a bounded time: a training that ended
 * well must not fail, nor wait, for the file of its model (R-WORK-17).
 */
#ifndef JB_CLI_WORK_COUNT_H
#define JB_CLI_WORK_COUNT_H

#include "base/error.h"
#include "cli/options.h"
#include "count/count.h"
#include "model/entry.h"
#include "model/run.h"

/* Every --bind NAME=N,NAME=N ... to the order, whose bindings are zeros before. JB_E_USAGE. */
JB_MUST_USE jb_rc jb_work_bindings(const struct jb_args *args, struct jb_count_order *order,
                                   struct jb_error *err);
/* Options --count FILE and --bind NAME=N... to an order; `path` NULL where none is given. JB_E_USAGE. */
JB_MUST_USE jb_rc jb_work_order(const struct jb_args *args, bool is_privileged,
                                struct jb_count_order *ret_order, struct jb_error *err);

/* Of one example. -1 not known; operations are not known of a file that has parameters only. */
struct jb_work_counted {
    int64_t forward_macs, forward_flop, n_parameters, n_trainable;
    char model_file[JB_RUN_TEXT]; /* its name without folders */
    char model_digest[65];
    char doubt[256]; /* what is missing from the figures; "" nothing */
};

/*
 * R-WORK-18: the figures of a pass over its examples; a batch that is open is taken for one. JB_E_INPUT where a size is open that
 * the caller has to bind, JB_E_AGAIN where it took longer than timeout_ns; else as jb_count_file.
 */
JB_MUST_USE jb_rc jb_work_count(const struct jb_count_order *order, int64_t timeout_ns,
                                struct jb_work_counted *ret, struct jb_error *err);
/* The same in this process. */
JB_MUST_USE jb_rc jb_work_count_here(const struct jb_count_order *order,
                                     struct jb_work_counted *ret, struct jb_error *err);

/* Facts to amend a run by, those not known left out. */
#define JB_WORK_FACTS_MAX 6
struct jb_work_facts {
    size_t n;
    struct jb_field fields[JB_WORK_FACTS_MAX];
    char numbers[4][24];
};
/* Texts of *counted are borrowed. `has_parameters`: they were told, and stay as told. */
void jb_work_facts(const struct jb_work_counted *counted, bool has_parameters,
                   struct jb_work_facts *ret);

#endif
