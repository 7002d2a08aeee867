/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of operators made one index, by domain and name. It is built once per count (some hundred rows, a few
 * microseconds) and belongs to whoever counts: nothing here is global. R-COUNT-05.
 */
#include <string.h>

#include "count/op_index_int.h"

static const struct jb_op *const tables[] = {
    jb_ops_elementwise, jb_ops_shape,  jb_ops_dense,   jb_ops_conv,  jb_ops_recurrent,
    jb_ops_attention,   jb_ops_signal, jb_ops_control, jb_ops_other,
};

static uint32_t hash_bytes(uint32_t hash, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT32_C(16777619);
    return hash;
}

static size_t slot_of(struct jb_span domain, struct jb_span name)
{
    const uint32_t hash =
        hash_bytes(hash_bytes(UINT32_C(2166136261), domain.at, domain.len), name.at, name.len);
    return (hash ^ (hash >> 15)) % JB_OP_SLOTS;
}

static const struct jb_op **place(struct jb_op_index *index, struct jb_span domain,
                                  struct jb_span name)
{
    size_t at = slot_of(domain, name);
    for (;; at = (at + 1) % JB_OP_SLOTS) {
        const struct jb_op *const op = index->slots[at];
        if (!op || (jb_span_is(name, op->name) && jb_span_is(domain, op->domain)))
            return &index->slots[at];
    }
}

void jb_op_index_make(struct jb_op_index *index)
{
    memset(index, 0, sizeof *index);
    for (size_t i = 0; i < JB_ARRAY_LEN(tables); i++) {
        for (const struct jb_op *op = tables[i]; op->name && index->n < JB_OP_SLOTS / 2; op++) {
            const struct jb_op **const slot =
                place(index, jb_span_of(op->domain), jb_span_of(op->name));
            index->n_twice += *slot != NULL;
            index->n += *slot == NULL;
            *slot = op;
        }
    }
}

const struct jb_op *jb_op_index_find(const struct jb_op_index *index, struct jb_span domain,
                                     struct jb_span name)
{
    size_t at = slot_of(domain, name);
    for (; index->slots[at]; at = (at + 1) % JB_OP_SLOTS) {
        const struct jb_op *const op = index->slots[at];
        if (jb_span_is(name, op->name) && jb_span_is(domain, op->domain))
            return op;
    }
    return NULL;
}

const struct jb_op *jb_op_find(struct jb_span domain, struct jb_span name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(tables); i++) {
        for (const struct jb_op *op = tables[i]; op->name; op++) {
            if (jb_span_is(name, op->name) && jb_span_is(domain, op->domain))
                return op;
        }
    }
    return NULL;
}
