/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products: Gemm, MatMul, Einsum and their quantised and fused kin. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_dense[] = {
    {.name = NULL},
};
