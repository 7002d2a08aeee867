/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions, pools, grid sampling, regions of interest. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_conv[] = {
    {.name = NULL},
};
