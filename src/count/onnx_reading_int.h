/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of ONNX messages share: where they are, and how they say what is wrong there. */
#ifndef JB_COUNT_ONNX_READING_INT_H
#define JB_COUNT_ONNX_READING_INT_H

#include "count/onnx_int.h"
#include "count/wire_int.h"

struct jb_onnx_reading {
    const uint8_t *start; /* offsets in errors are from here */
    struct jb_arena *arena;
    struct jb_error *err;
};

/* JB_E_INPUT: "field 'node.input' at byte 12 cannot be read". `at` may be NULL (an empty message). */
jb_rc onnx__broken(const struct jb_onnx_reading *reading, const uint8_t *at, const char *field,
                   const char *what);
static inline jb_rc onnx__end(const struct jb_onnx_reading *reading, const struct jb_wire *wire,
                              const char *message)
{
    if (!jb_wire_has_failed(wire))
        return JB_OK;
    return onnx__broken(reading, wire->field, message, "cannot be read");
}

/* A domain as it is compared: "ai.onnx" is "". */
struct jb_span onnx__domain(struct jb_span domain);

/* *ret: an array of `n` in the arena. */
#define ONNX__ARRAY(reading, n, ret)                                \
    ((*(ret) = jb_arena_get((reading)->arena, (n), sizeof **(ret))) \
         ? JB_OK                                                    \
         : jb_arena_fail((reading)->arena, (reading)->err))

jb_rc onnx__read_node(const struct jb_onnx_reading *reading, struct jb_span message,
                      struct jb_onnx_node *ret);
jb_rc onnx__read_graph(const struct jb_onnx_reading *reading, struct jb_span message,
                       struct jb_onnx_graph *ret);
jb_rc onnx__read_tensor(const struct jb_onnx_reading *reading, struct jb_span message,
                        struct jb_onnx_tensor *ret);
jb_rc onnx__read_sparse(const struct jb_onnx_reading *reading, struct jb_span message,
                        struct jb_onnx_tensor *ret);
jb_rc onnx__read_value_info(const struct jb_onnx_reading *reading, struct jb_span message,
                            struct jb_onnx_value_info *ret);

/* What bytes that are no model look like ("a zip archive, as PyTorch saves"), and what to do then; NULL: like nothing known. */
const char *onnx__looks_like(struct jb_span bytes, const char **ret_hint);

#endif
