/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of one protobuf message, one after the other, in borrowed bytes. Nothing is copied and nothing is entered: a nested
 * message is a span, to be walked by a cursor of its own. Groups are passed over.
 */
#ifndef JB_COUNT_WIRE_INT_H
#define JB_COUNT_WIRE_INT_H

#include "base/cursor.h"
#include "count/span_int.h"

enum jb_wire_type {
    JB_WIRE_VARINT = 0,
    JB_WIRE_FIXED64 = 1,
    JB_WIRE_BYTES = 2, /* text, message, packed numbers */
    JB_WIRE_GROUP = 3, /* never given out, nor is its end, 4 */
    JB_WIRE_FIXED32 = 5,
};

struct jb_wire {
    struct jb_cursor cursor;
    const uint8_t *field; /* where the last field began; once it failed, the broken one */
};

struct jb_wire_field {
    uint32_t number;
    enum jb_wire_type type;
    uint64_t value;       /* VARINT, FIXED64, FIXED32 */
    struct jb_span bytes; /* BYTES */
};

struct jb_wire jb_wire_over(struct jb_span message);
/* False at the end, and where the bytes are no field: then has_failed. */
bool jb_wire_next(struct jb_wire *wire, struct jb_wire_field *ret);
static inline bool jb_wire_has_failed(const struct jb_wire *wire)
{
    return wire->cursor.failed;
}

static inline bool jb_wire_is(const struct jb_wire_field *field, uint32_t number,
                              enum jb_wire_type type)
{
    return field->number == number && field->type == type;
}

/* How often a field of that number and type stands in a message that may be broken: counted up to there. */
size_t jb_wire_count(struct jb_span message, uint32_t number, enum jb_wire_type type);

/*
 * A repeated number, packed (BYTES) or not, of wire type `type` when it stands alone: next() gives the values of this one
 * field. A field of another type has none. has_failed: packed bytes that are no numbers.
 */
struct jb_wire_numbers {
    struct jb_cursor cursor;
    enum jb_wire_type type;
    bool is_single;
    uint64_t single;
};
struct jb_wire_numbers jb_wire_numbers(const struct jb_wire_field *field, enum jb_wire_type type);
bool jb_wire_numbers_next(struct jb_wire_numbers *numbers, uint64_t *ret);
static inline bool jb_wire_numbers_has_failed(const struct jb_wire_numbers *numbers)
{
    return numbers->cursor.failed;
}

#endif
