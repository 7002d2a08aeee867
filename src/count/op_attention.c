/* SPDX-License-Identifier: Apache-2.0 */
/* Attention and its kin. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_attention[] = {
    {.name = NULL},
};
