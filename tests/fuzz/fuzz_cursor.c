/* SPDX-License-Identifier: Apache-2.0 */
/* The first bytes say what to read, the rest is read: never past the end, and nothing but 0 after a failure. */
#include <stdlib.h>

#include "base/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

/* Whether the read gave anything; byte ranges are touched, so that a sanitizer sees each. */
static bool read_one(struct jb_cursor *cursor, uint8_t what)
{
    switch (what % 7) {
    case 0: return jb_cursor_u8(cursor) != 0;
    case 1: return jb_cursor_u16(cursor) != 0;
    case 2: return jb_cursor_u32(cursor) != 0;
    case 3: return jb_cursor_u64(cursor) != 0;
    case 4: return jb_cursor_uvarint(cursor) != 0;
    case 5: return jb_cursor_svarint(cursor) != 0;
    default: {
        const size_t len = what / 7;
        const uint8_t *bytes = jb_cursor_bytes(cursor, len);
        uint8_t sum = 0;
        for (size_t i = 0; bytes && i < len; i++)
            sum |= bytes[i];
        return bytes && (sum != 0 || len == 0);
    }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t n_reads = size / 4;
    struct jb_cursor cursor = jb_cursor_over(data + n_reads, size - n_reads);

    for (size_t i = 0; i < n_reads; i++) {
        const bool had_failed = cursor.failed;
        const size_t left = cursor.left;
        const bool gave = read_one(&cursor, data[i]);
        must(cursor.left <= left);
        must(cursor.at + cursor.left == data + size);
        must(!had_failed || (cursor.failed && !gave));
    }
    return 0;
}
