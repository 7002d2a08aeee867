/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that work element by element: unary, binary, comparisons, casts, activations, norms, reductions. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_elementwise[] = {
    {.name = NULL},
};
