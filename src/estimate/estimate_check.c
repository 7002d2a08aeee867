/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is told can be: no range out of order, no share above all, no PUE below 1. It never mends anything. */
#include "estimate/estimate_int.h"

#define PPM   INT64_C(1000000)
#define MILLI INT64_C(1000)

static bool is_given(const struct jb_quantity *quantity)
{
    return quantity->known == JB_KNOWN_VALUE || quantity->known == JB_KNOWN_RANGE;
}

static jb_rc check(const struct jb_quantity *quantity, const char *name, int64_t most,
                   struct jb_error *err)
{
    if (!is_given(quantity))
        return JB_OK;
    if (quantity->low < 0 || quantity->low > quantity->best || quantity->best > quantity->high)
        return jb_fail(err, JB_E_INPUT, "give low, best and high in that order, none below zero",
                       "'%s' is not a range", name);
    if (quantity->high > most)
        return jb_fail(err, JB_E_INPUT, "give a share between 0 % and 100 %",
                       "'%s' is more than all", name);
    return JB_OK;
}

jb_rc estimate__check(const struct jb_work *work, struct jb_error *err)
{
    const struct {
        const struct jb_quantity *quantity;
        const char *name;
        int64_t most;
    } all[] = {
        {&work->n_accelerators_milli, "number of boards", INT64_MAX},
        {&work->accelerator_mw, "draw of a board", INT64_MAX},
        {&work->accelerator_use_ppm, "use of the boards", PPM},
        {&work->n_processors_milli, "number of processors", INT64_MAX},
        {&work->n_threads, "number of threads", INT64_MAX},
        {&work->processor_use_ppm, "use of the processors", PPM},
        {&work->memory_mib, "memory", INT64_MAX},
        {&work->node_overhead_mw, "rest of the node", INT64_MAX},
        {&work->n_instances_milli, "number of instances", INT64_MAX},
        {&work->instance_mw, "draw of an instance", INT64_MAX},
        {&work->idle_ppm, "idle share", PPM},
        {&work->duration_ns, "run time", INT64_MAX},
        {&work->pue_milli, "PUE", INT64_MAX},
    };

    if (work->n_repeats > JB_WORK_REPEATS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "more than %d numbers of repeats",
                       JB_WORK_REPEATS_MAX);
    for (size_t i = 0; i < JB_ARRAY_LEN(all); i++) {
        const jb_rc rc = check(all[i].quantity, all[i].name, all[i].most, err);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < work->n_repeats; i++) {
        const jb_rc rc = check(&work->repeats[i].n_milli, "number of repeats", INT64_MAX, err);
        if (rc < 0)
            return rc;
    }
    if (is_given(&work->pue_milli) && work->pue_milli.low < MILLI)
        return jb_fail(err, JB_E_INPUT,
                       "it is the whole building's energy over the computers': 1 or more",
                       "a PUE below 1");
    return JB_OK;
}
