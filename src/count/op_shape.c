/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move or describe values without arithmetic: Reshape, Transpose, Concat, Slice, Gather, Shape. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_shape[] = {
    {.name = NULL},
};
