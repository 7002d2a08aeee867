/* SPDX-License-Identifier: Apache-2.0 */
/* RNN, GRU, LSTM. R-COUNT-10. */
#include "count/op_int.h"

const struct jb_op jb_ops_recurrent[] = {
    {.name = NULL},
};
