/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign bytes are read only through this bounds-checked cursor. A read past the end sets `failed` and yields 0. */
#ifndef JB_BASE_CURSOR_H
#define JB_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct jb_cursor {
    const uint8_t *at;
    size_t left;
    bool failed;
};

struct jb_cursor jb_cursor_over(const void *bytes, size_t len);
uint8_t jb_cursor_u8(struct jb_cursor *cursor);
uint16_t jb_cursor_u16(struct jb_cursor *cursor); /* little-endian, as all of these */
uint32_t jb_cursor_u32(struct jb_cursor *cursor);
uint64_t jb_cursor_u64(struct jb_cursor *cursor);
uint64_t jb_cursor_uvarint(struct jb_cursor *cursor); /* LEB128 of at most 10 bytes */
int64_t jb_cursor_svarint(struct jb_cursor *cursor);
/* The next `len` bytes, borrowed; NULL and failed if there are fewer. */
const uint8_t *jb_cursor_bytes(struct jb_cursor *cursor, size_t len);

#endif
