/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the table in op_control.c that lie in op_sequence.c. */
#ifndef JB_COUNT_OP_CONTROL_INT_H
#define JB_COUNT_OP_CONTROL_INT_H

#include "count/op_int.h"

jb_rc op__sequence_construct(struct jb_op_call *call, struct jb_error *err);
jb_rc op__sequence_empty(struct jb_op_call *call, struct jb_error *err);
jb_rc op__sequence_insert(struct jb_op_call *call, struct jb_error *err);
jb_rc op__sequence_erase(struct jb_op_call *call, struct jb_error *err);
jb_rc op__sequence_at(struct jb_op_call *call, struct jb_error *err);
jb_rc op__sequence_length(struct jb_op_call *call, struct jb_error *err);
jb_rc op__split_to_sequence(struct jb_op_call *call, struct jb_error *err);
jb_rc op__concat_from_sequence(struct jb_op_call *call, struct jb_error *err);
jb_rc op__optional(struct jb_op_call *call, struct jb_error *err);
jb_rc op__optional_has(struct jb_op_call *call, struct jb_error *err);

/* Two values that may stand for one another: what they agree on. */
JB_MUST_USE jb_rc op__agree(struct jb_op_call *call, const struct jb_value *a,
                            const struct jb_value *b, struct jb_value *ret, struct jb_error *err);

#endif
