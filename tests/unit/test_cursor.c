/* SPDX-License-Identifier: Apache-2.0 */
/* Each input is exactly as long as it says, so that a sanitizer sees a read past the end. */
#include "base/cursor.h"

#include "base/buf.h"
#include "base/compiler.h"
#include "tap.h"

static void fixed_widths(void)
{
    static const uint8_t bytes[] = {0x7f, 0x34, 0x12, 0x78, 0x56, 0x34, 0x92, 0xef, 0xcd,
                                    0xab, 0x89, 0x67, 0x45, 0x23, 0x81, 'a',  'b'};
    struct jb_cursor cursor = jb_cursor_over(bytes, sizeof bytes);

    is_i64(jb_cursor_u8(&cursor), 0x7f, "one byte");
    is_i64(jb_cursor_u16(&cursor), 0x1234, "two bytes, low one first");
    is_i64(jb_cursor_u32(&cursor), 0x92345678, "four bytes, the high bit is no sign");
    ok(jb_cursor_u64(&cursor) == UINT64_C(0x8123456789abcdef), "eight bytes");
    const uint8_t *rest = jb_cursor_bytes(&cursor, 2);
    ok(rest == bytes + 15, "the next bytes are borrowed in place");
    ok(!cursor.failed && cursor.left == 0, "reading to the very end is no failure");
    ok(jb_cursor_bytes(&cursor, 0) != NULL && !cursor.failed, "no bytes are there even at the end");
}

static void past_the_end(void)
{
    static const uint8_t bytes[3] = {0xff, 0xff, 0xff};
    struct jb_cursor cursor = jb_cursor_over(bytes, 3);
    is_i64(jb_cursor_u32(&cursor), 0, "a number that is cut short is 0");
    ok(cursor.failed, "and the cursor says so");
    is_i64(jb_cursor_u8(&cursor), 0, "after a failure every read is 0, though bytes are left");
    ok(jb_cursor_bytes(&cursor, 1) == NULL, "and no bytes are given");

    cursor = jb_cursor_over(bytes, 3);
    ok(jb_cursor_bytes(&cursor, 4) == NULL && cursor.failed, "more bytes than there are fail");
    cursor = jb_cursor_over(bytes, 3);
    ok(jb_cursor_bytes(&cursor, SIZE_MAX) == NULL && cursor.failed,
       "a length that would wrap the address fails");
    cursor = jb_cursor_over(bytes, 3);
    ok(jb_cursor_uvarint(&cursor) == 0 && cursor.failed,
       "a varint that never ends before the end fails");
    cursor = jb_cursor_over(bytes, 1);
    ok(jb_cursor_u16(&cursor) == 0 && cursor.failed, "two bytes of one fail");
    cursor = jb_cursor_over(bytes, 3);
    ok(jb_cursor_u64(&cursor) == 0 && cursor.failed, "eight bytes of three fail");
    cursor = jb_cursor_over(NULL, 0);
    ok(jb_cursor_bytes(&cursor, 0) != NULL && !cursor.failed, "an empty input is one");
    ok(jb_cursor_u8(&cursor) == 0 && cursor.failed, "with nothing in it");
}

static void is_uvarint(const void *bytes, size_t len, uint64_t want, const char *promise)
{
    struct jb_cursor cursor = jb_cursor_over(bytes, len);

    ok(jb_cursor_uvarint(&cursor) == want && !cursor.failed && cursor.left == 0, "%s", promise);
}

static void varints(void)
{
    struct jb_cursor cursor;

    is_uvarint("\x00", 1, 0, "0 is one byte");
    is_uvarint("\x7f", 1, 127, "127 is one byte");
    is_uvarint("\x80\x01", 2, 128, "128 is two");
    is_uvarint("\xe5\x8e\x26", 3, 624485, "624485 is e5 8e 26, as the DWARF standard has it");
    is_uvarint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, UINT64_MAX, "2^64 - 1 is ten");
    cursor = jb_cursor_over("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10);
    ok(jb_cursor_uvarint(&cursor) == 0 && cursor.failed, "a 65th bit is refused");
    cursor = jb_cursor_over("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11);
    ok(jb_cursor_uvarint(&cursor) == 0 && cursor.failed, "an eleventh byte is refused");

    cursor = jb_cursor_over("\x00\x01\x02\x03", 4);
    is_i64(jb_cursor_svarint(&cursor), 0, "zigzag 0 is 0");
    is_i64(jb_cursor_svarint(&cursor), -1, "zigzag 1 is -1");
    is_i64(jb_cursor_svarint(&cursor), 1, "zigzag 2 is 1");
    is_i64(jb_cursor_svarint(&cursor), -2, "zigzag 3 is -2");
}

/* What the buffer writes, the cursor reads back: around each power of two, both signs. */
static void round_trips(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(1 << 20);
    bool same = true;

    for (unsigned shift = 0; shift < 64; shift++) {
        for (int offset = -1; offset <= 1; offset++) {
            const uint64_t value = (UINT64_C(1) << shift) + (uint64_t)(int64_t)offset;
            jb_buf_add_uvarint(&buf, value);
            jb_buf_add_svarint(&buf, (int64_t)value);
            jb_buf_add_u64(&buf, value);
            jb_buf_add_u32(&buf, (uint32_t)value);
        }
    }
    struct jb_cursor cursor = jb_cursor_over(buf.bytes, buf.len);
    for (unsigned shift = 0; shift < 64; shift++) {
        for (int offset = -1; offset <= 1; offset++) {
            const uint64_t value = (UINT64_C(1) << shift) + (uint64_t)(int64_t)offset;
            same = same && jb_cursor_uvarint(&cursor) == value;
            same = same && jb_cursor_svarint(&cursor) == (int64_t)value;
            same = same && jb_cursor_u64(&cursor) == value;
            same = same && jb_cursor_u32(&cursor) == (uint32_t)value;
        }
    }
    ok(buf.failed == JB_OK && same, "every number written is read back");
    ok(!cursor.failed && cursor.left == 0, "and nothing is left over");
}

int main(void)
{
    fixed_widths();
    past_the_end();
    varints();
    round_trips();
    return done_testing();
}
