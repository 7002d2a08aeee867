/* SPDX-License-Identifier: Apache-2.0 */
/* Operators by domain and name in one step; jb_op_find of op_int.h goes through the tables row by row. */
#ifndef JB_COUNT_OP_INDEX_INT_H
#define JB_COUNT_OP_INDEX_INT_H

#include "count/op_int.h"

#define JB_OP_SLOTS 2048 /* at most half of them are filled */

struct jb_op_index {
    size_t n;       /* operators */
    size_t n_twice; /* rows that another row already named: a mistake in the tables */
    const struct jb_op *slots[JB_OP_SLOTS];
};

void jb_op_index_make(struct jb_op_index *index);
const struct jb_op *jb_op_index_find(const struct jb_op_index *index, struct jb_span domain,
                                     struct jb_span name);

#endif
