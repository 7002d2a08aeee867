/* SPDX-License-Identifier: Apache-2.0 */
/* What gguf.c asks of its tables. */
#ifndef JB_COUNT_GGUF_INT_H
#define JB_COUNT_GGUF_INT_H

#include "count/tensors_int.h"

/* NULL: a number nobody knows. */
const struct jb_tensor_type *gguf__type(uint32_t number);

/* One value of the metadata that is no text: as a whole number. */
struct gguf_value {
    bool is_number, is_list; /* a list, one value per layer: a number where all are the same */
    int64_t number;
    const int64_t *values; /* of a list that is short enough, borrowed until the next value */
    size_t n;
    struct jb_span text; /* of a text */
};
/* `key` without the architecture's name and its dot; of what matters, into the facts. */
void gguf__fact(struct jb_span key, const struct gguf_value *value, struct jb_model_facts *facts);
/* At the end of the metadata: what follows from several of them. */
void gguf__facts_end(struct jb_model_facts *facts);

#endif
