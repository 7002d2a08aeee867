/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of ai.onnx.ml, training, text, random numbers and selection. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_other[] = {
    {.name = NULL},
};
