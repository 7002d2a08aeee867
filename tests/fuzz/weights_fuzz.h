/* SPDX-License-Identifier: Apache-2.0 */
/* From tensors and facts that came of any bytes to a count: it must hold together, or be refused with a word. */
#ifndef JB_TESTS_FUZZ_WEIGHTS_FUZZ_H
#define JB_TESTS_FUZZ_WEIGHTS_FUZZ_H

#include <stdlib.h>

#include "count/tensors_int.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool refused(jb_rc rc, const struct jb_error *err)
{
    must(rc == JB_OK || rc == JB_E_INPUT || rc == JB_E_RANGE || rc == JB_E_NOMEM);
    must(rc == JB_OK || err->message[0] != '\0');
    return rc < 0;
}

/* Rows have names, and parameters of the layers are those of the whole. */
static void check_count(const struct jb_count *count)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count->n_by_layer; i++) {
        must(count->by_layer[i].n_parameters >= 0);
        must(!JB_ADD_OVERFLOWS(sum, count->by_layer[i].n_parameters, &sum));
    }
    must(sum == count->n_parameters);
    must(count->n_embedding <= count->n_parameters && count->n_active <= count->n_parameters);
    for (size_t i = 0; i < count->n_missed; i++)
        must(count->missed[i].why[0] != '\0' && count->missed[i].n > 0);
}

static void count_weights(struct jb_tensors *tensors, const struct jb_model_facts *facts)
{
    JB_AUTO(jb_dims_free_auto) struct jb_dims *dims = NULL;
    struct jb_weights weights;
    struct jb_count count;
    struct jb_error err = {0};

    if (jb_dims_new(&dims, &err) < 0 || refused(jb_tensors_sort(tensors, &err), &err) ||
        refused(jb_weights_count(tensors, facts, &weights, &err), &err) ||
        refused(jb_weights_sizes(&weights, facts, dims, &count, &err), &err))
        return;
    check_count(&count);
}

#endif
