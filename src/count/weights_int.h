/* SPDX-License-Identifier: Apache-2.0 */
/* What weights.c asks of weights_pack.c and weights_rows.c. */
#ifndef JB_COUNT_WEIGHTS_INT_H
#define JB_COUNT_WEIGHTS_INT_H

#include "count/tensors_int.h"

enum weights_kind {
    WEIGHTS_PARAMETER,
    WEIGHTS_SCALE, /* belongs to a quantised weight: its bytes are the weight's, its elements no parameters */
    WEIGHTS_BUFFER,
    WEIGHTS_PACKED, /* packed in a way whose formula nobody has told us */
};
/* How many numbers a tensor stands for, packed or not, and the rows of the matrix; *ret_out is -1 where not known. */
enum weights_kind weights__elements(const struct jb_tensors *tensors,
                                    const struct jb_tensor *tensor, int64_t *ret_elements,
                                    int64_t *ret_out, const char **ret_type);

/* The row of that name, made where there is none; only the last is looked at with `is_last_only` (see weights__rows_end).
 * NULL: no memory. */
struct jb_weight_row *weights__row(struct jb_weight_rows *rows, struct jb_arena *arena,
                                   const char *name, bool is_last_only);
/* In order, those of one name joined; experts divided. JB_E_RANGE. */
JB_MUST_USE jb_rc weights__rows_end(struct jb_weight_rows *rows, int64_t n_experts,
                                    bool is_by_macs);
JB_MUST_USE jb_rc weights__row_add(struct jb_weight_row *row, enum jb_work_unit unit, int64_t macs);
JB_MUST_USE jb_rc weights__row_end(struct jb_weight_row *row, int64_t n_experts);

#endif
