/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to the fields of a protobuf message. It never reads past the message, never enters what it passes over, and takes time
 * in the number of fields, not of bytes: a gigabyte of weights is one step.
 */
#include "count/wire_int.h"

/* Groups in groups: no writer of models makes any, so this bounds memory and not use. */
#define GROUP_DEPTH_MAX  64
#define FIELD_NUMBER_MAX ((UINT32_C(1) << 29) - 1)
#define WIRE_GROUP_END   4u

struct jb_wire jb_wire_over(struct jb_span message)
{
    const struct jb_cursor cursor = jb_cursor_over(message.at, message.len);

    return (struct jb_wire){.cursor = cursor, .field = cursor.at};
}

/* Most tags and lengths are one byte. */
static uint64_t varint(struct jb_cursor *cursor)
{
    if (!cursor->failed && cursor->left > 0 && *cursor->at < 0x80) {
        cursor->left--;
        return *cursor->at++;
    }
    return jb_cursor_uvarint(cursor);
}

static bool read_tag(struct jb_cursor *cursor, uint32_t *ret_number, unsigned *ret_type)
{
    const uint64_t tag = varint(cursor);
    const uint64_t number = tag >> 3;

    if (number == 0 || number > FIELD_NUMBER_MAX) {
        cursor->failed = true;
        return false;
    }
    *ret_number = (uint32_t)number;
    *ret_type = (unsigned)(tag & 7);
    return true;
}

/* What stands behind a tag that is no group's. */
static void read_value(struct jb_cursor *cursor, unsigned type, struct jb_wire_field *field)
{
    field->value = 0;
    field->bytes = (struct jb_span){0};
    switch (type) {
    case JB_WIRE_VARINT: field->value = varint(cursor); break;
    case JB_WIRE_FIXED64: field->value = jb_cursor_u64(cursor); break;
    case JB_WIRE_FIXED32: field->value = jb_cursor_u32(cursor); break;
    case JB_WIRE_BYTES: {
        const uint64_t len = varint(cursor);
        if (len > cursor->left) {
            cursor->failed = true;
            break;
        }
        field->bytes.at = jb_cursor_bytes(cursor, (size_t)len);
        field->bytes.len = cursor->failed ? 0 : (size_t)len;
        break;
    }
    default: cursor->failed = true; break;
    }
    field->type = (enum jb_wire_type)type;
}

/* Behind the tag that began group `number`: to behind the tag that ends it. */
static void pass_group(struct jb_cursor *cursor, uint32_t number)
{
    uint32_t open[GROUP_DEPTH_MAX] = {number};
    size_t depth = 1;

    while (depth > 0 && !cursor->failed) {
        struct jb_wire_field inner = {0};
        unsigned type = 0;
        if (!read_tag(cursor, &inner.number, &type))
            return;
        if (type == JB_WIRE_GROUP) {
            if (depth == GROUP_DEPTH_MAX)
                cursor->failed = true;
            else
                open[depth++] = inner.number;
        } else if (type == WIRE_GROUP_END) {
            if (open[--depth] != inner.number)
                cursor->failed = true;
        } else {
            read_value(cursor, type, &inner);
        }
    }
}

/* Nearly all fields of a graph: a tag of one byte, and a text or message under 128 bytes or a number under 128. */
static bool next_short(struct jb_wire *wire, struct jb_wire_field *ret)
{
    struct jb_cursor *const cursor = &wire->cursor;
    const uint8_t *const at = cursor->at;

    if (cursor->failed || cursor->left < 2 || at[0] < 8 || at[0] >= 0x80 || at[1] >= 0x80)
        return false;
    const unsigned type = at[0] & 7;
    size_t n = 2;
    if (type == JB_WIRE_BYTES && at[1] <= cursor->left - 2) {
        ret->bytes = (struct jb_span){.at = at + 2, .len = at[1]};
        ret->value = 0;
        n += at[1];
    } else if (type == JB_WIRE_VARINT) {
        ret->bytes = (struct jb_span){0};
        ret->value = at[1];
    } else {
        return false;
    }
    ret->number = at[0] >> 3;
    ret->type = (enum jb_wire_type)type;
    wire->field = at;
    cursor->at += n;
    cursor->left -= n;
    return true;
}

static bool next_long(struct jb_wire *wire, struct jb_wire_field *ret)
{
    struct jb_cursor *const cursor = &wire->cursor;

    while (!cursor->failed && cursor->left > 0) {
        struct jb_wire_field field = {0};
        unsigned type = 0;
        wire->field = cursor->at;
        if (!read_tag(cursor, &field.number, &type))
            return false;
        if (type == JB_WIRE_GROUP) {
            pass_group(cursor, field.number);
            continue;
        }
        read_value(cursor, type, &field);
        if (cursor->failed)
            return false;
        *ret = field;
        return true;
    }
    return false;
}

bool jb_wire_next(struct jb_wire *wire, struct jb_wire_field *ret)
{
    return next_short(wire, ret) || next_long(wire, ret);
}

size_t jb_wire_count(struct jb_span message, uint32_t number, enum jb_wire_type type)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    size_t n = 0;

    while (jb_wire_next(&wire, &field))
        n += jb_wire_is(&field, number, type);
    return n;
}

struct jb_wire_numbers jb_wire_numbers(const struct jb_wire_field *field, enum jb_wire_type type)
{
    struct jb_wire_numbers numbers = {.cursor = jb_cursor_over(NULL, 0), .type = type};

    if (field->type == type) {
        numbers.is_single = true;
        numbers.single = field->value;
    } else if (field->type == JB_WIRE_BYTES) {
        numbers.cursor = jb_cursor_over(field->bytes.at, field->bytes.len);
    }
    return numbers;
}

bool jb_wire_numbers_next(struct jb_wire_numbers *numbers, uint64_t *ret)
{
    struct jb_cursor *const cursor = &numbers->cursor;
    uint64_t value = 0;

    if (numbers->is_single) {
        numbers->is_single = false;
        *ret = numbers->single;
        return true;
    }
    if (cursor->failed || cursor->left == 0)
        return false;
    if (numbers->type == JB_WIRE_FIXED32)
        value = jb_cursor_u32(cursor);
    else if (numbers->type == JB_WIRE_FIXED64)
        value = jb_cursor_u64(cursor);
    else
        value = varint(cursor);
    if (cursor->failed)
        return false;
    *ret = value;
    return true;
}
