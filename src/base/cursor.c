/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign bytes to numbers. It must never read past the end; after the first failure every read yields 0. */
#include "base/cursor.h"

#define VARINT_BYTES_MAX 10 /* 9 x 7 bits and one more */

struct jb_cursor jb_cursor_over(const void *bytes, size_t len)
{
    /* NULL with no bytes is an empty input, and an empty read of it is not a failure. */
    return (struct jb_cursor){
        .at = bytes ? bytes : (const void *)"",
        .left = bytes ? len : 0,
    };
}

const uint8_t *jb_cursor_bytes(struct jb_cursor *cursor, size_t len)
{
    if (cursor->failed || len > cursor->left) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *bytes = cursor->at;
    cursor->at += len;
    cursor->left -= len;
    return bytes;
}

static uint64_t read_little_endian(struct jb_cursor *cursor, size_t n_bytes)
{
    const uint8_t *bytes = jb_cursor_bytes(cursor, n_bytes);
    uint64_t value = 0;

    if (!bytes)
        return 0;
    for (size_t i = 0; i < n_bytes; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

uint8_t jb_cursor_u8(struct jb_cursor *cursor)
{
    return (uint8_t)read_little_endian(cursor, 1);
}

uint16_t jb_cursor_u16(struct jb_cursor *cursor)
{
    return (uint16_t)read_little_endian(cursor, 2);
}

uint32_t jb_cursor_u32(struct jb_cursor *cursor)
{
    return (uint32_t)read_little_endian(cursor, 4);
}

uint64_t jb_cursor_u64(struct jb_cursor *cursor)
{
    return read_little_endian(cursor, 8);
}

uint64_t jb_cursor_uvarint(struct jb_cursor *cursor)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        const uint8_t byte = jb_cursor_u8(cursor);
        if (cursor->failed)
            return 0;
        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            break; /* a 65th bit, or a tenth byte that is not the last */
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return value;
    }
    cursor->failed = true;
    return 0;
}

int64_t jb_cursor_svarint(struct jb_cursor *cursor)
{
    const uint64_t folded = jb_cursor_uvarint(cursor);

    return (int64_t)((folded >> 1) ^ (0 - (folded & 1)));
}
