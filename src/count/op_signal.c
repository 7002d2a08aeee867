/* SPDX-License-Identifier: Apache-2.0 */
/* Fourier transforms, windows, mel filters. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_signal[] = {
    {.name = NULL},
};
