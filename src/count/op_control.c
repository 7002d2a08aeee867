/* SPDX-License-Identifier: Apache-2.0 */
/* If, Loop, Scan, sequences and optionals. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_control[] = {
    {.name = NULL},
};
