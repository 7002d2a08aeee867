/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/compiler.h"
#include "tap.h"

/* An allocation that cannot be must give NULL under the sanitizers, too: that is what is tested here. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void growing(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(100000);
    bool whole = true;

    is_str(jb_buf_text(&buf), "", "nothing appended is an empty text");
    for (int i = 0; i < 10000; i++)
        jb_buf_add(&buf, &"0123456789"[i % 10], 1);
    for (size_t i = 0; i < buf.len; i++)
        whole = whole && buf.bytes[i] == (char)('0' + i % 10);
    ok(buf.failed == JB_OK && buf.len == 10000 && whole, "10000 bytes come back as they went in");
    ok(buf.bytes[buf.len] == '\0', "with a NUL behind them");

    jb_buf_clear(&buf);
    is_str(jb_buf_text(&buf), "", "a cleared buffer is empty");
    ok(buf.capacity >= 10000, "and keeps its room");
    jb_buf_addf(&buf, "%s=%d;", "a", 7);
    jb_buf_addf(&buf, "%0*d", 5000, 0);
    ok(buf.len == 5004 && memcmp(buf.bytes, "a=7;0000", 8) == 0, "formatted text is appended");
    jb_buf_add(&buf, NULL, 0);
    ok(buf.failed == JB_OK && buf.len == 5004, "nothing can be appended");
}

static void formatted_growth(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(1000);

    jb_buf_addf(&buf, "%0*d", 700, 1);
    ok(buf.failed == JB_OK && buf.len == 700 && buf.bytes[699] == '1' && buf.bytes[700] == '\0',
       "a formatted text longer than the first room is whole");
}

static void ceilings(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(10);

    jb_buf_add_text(&buf, "0123456789");
    is_i64(buf.failed, JB_OK, "a buffer takes as much as its ceiling");
    jb_buf_add_text(&buf, "");
    is_i64(buf.failed, JB_OK, "and then nothing more");
    jb_buf_add_u8(&buf, 'x');
    is_i64(buf.failed, JB_E_RANGE, "one byte over the ceiling fails");
    is_str(jb_buf_text(&buf), "0123456789", "and leaves what was there");
    ok(buf.capacity <= 11, "no memory beyond the ceiling is held");
    jb_buf_clear(&buf);
    jb_buf_add_text(&buf, "01234567");
    jb_buf_addf(&buf, "%d", 12345);
    is_i64(buf.failed, JB_E_RANGE, "a formatted text over the ceiling fails");
    is_str(jb_buf_text(&buf), "01234567", "as a whole: no part of it is appended");
    jb_buf_add_u8(&buf, '8');
    ok(buf.failed == JB_E_RANGE && buf.len == 8,
       "a failed buffer stays failed, even for what would fit");
    jb_buf_clear(&buf);
    jb_buf_add_text(&buf, "again");
    is_str(jb_buf_text(&buf), "again", "a cleared buffer has forgotten its failure");

    struct jb_buf none = JB_BUF(0);
    jb_buf_add_u8(&none, 1);
    ok(none.failed == JB_E_RANGE && none.bytes == NULL, "a ceiling of 0 takes nothing");
    jb_buf_release(&none);
}

static void out_of_memory(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(SIZE_MAX);

    jb_buf_add_text(&buf, "kept");
    /* Refused before a byte is read: no machine has 2^62 bytes. */
    jb_buf_add(&buf, "x", (size_t)1 << 62);
    is_i64(buf.failed, JB_E_NOMEM, "memory that is not there is an ordinary failure");
    is_str(jb_buf_text(&buf), "kept", "what was there is kept");
    jb_buf_add_text(&buf, "more");
    is_str(jb_buf_text(&buf), "kept", "and nothing is appended after it");
    jb_buf_clear(&buf);
    jb_buf_add(&buf, "x", SIZE_MAX);
    is_i64(buf.failed, JB_E_RANGE, "a length that would wrap is over any ceiling");
    jb_buf_release(&buf);
    ok(buf.bytes == NULL && buf.len == 0 && buf.capacity == 0, "a released buffer holds nothing");
    jb_buf_release(&buf);
    jb_buf_add_text(&buf, "new");
    is_str(jb_buf_text(&buf), "new", "and can be used again");
}

static void is_bytes(const struct jb_buf *buf, const char *want, size_t len, const char *promise)
{
    ok(buf->failed == JB_OK && buf->len == len && memcmp(buf->bytes, want, len) == 0, "%s",
       promise);
}

static void numbers(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(100);

    jb_buf_add_u8(&buf, 0xfe);
    jb_buf_add_u16(&buf, 0x1234);
    jb_buf_add_u32(&buf, 0x89abcdef);
    jb_buf_add_u64(&buf, UINT64_C(0x8123456789abcdef));
    is_bytes(&buf, "\xfe\x34\x12\xef\xcd\xab\x89\xef\xcd\xab\x89\x67\x45\x23\x81", 15,
             "numbers of fixed width are little-endian");
    jb_buf_clear(&buf);
    jb_buf_add_uvarint(&buf, 0);
    jb_buf_add_uvarint(&buf, 127);
    jb_buf_add_uvarint(&buf, 128);
    jb_buf_add_uvarint(&buf, 624485);
    is_bytes(&buf, "\x00\x7f\x80\x01\xe5\x8e\x26", 7, "varints are LEB128");
    jb_buf_clear(&buf);
    jb_buf_add_uvarint(&buf, UINT64_MAX);
    is_bytes(&buf, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10,
             "the longest varint is ten bytes");
    jb_buf_clear(&buf);
    jb_buf_add_svarint(&buf, -1);
    jb_buf_add_svarint(&buf, 1);
    jb_buf_add_svarint(&buf, -65);
    is_bytes(&buf, "\x01\x02\x81\x01", 4, "signed varints are zigzag, short near zero");
    jb_buf_clear(&buf);
    jb_buf_add_svarint(&buf, INT64_MIN);
    is_bytes(&buf, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, "the least number is taken");
}

static void is_csv(const char *text, const char *want, const char *promise)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(100);

    jb_buf_add_csv(&buf, text);
    is_str(jb_buf_text(&buf), want, "%s", promise);
}

static void csv(void)
{
    is_csv("plain text", "plain text", "plain text is left alone");
    is_csv("", "", "an empty field is empty");
    is_csv("a,b", "\"a,b\"", "a comma is quoted");
    is_csv("say \"hi\"", "\"say \"\"hi\"\"\"", "a quote is doubled");
    is_csv("\"", "\"\"\"\"", "a lone quote is four");
    is_csv("two\nlines", "\"two\nlines\"", "a line end is quoted");
    is_csv("cr\rhere", "\"cr\rhere\"", "a carriage return is quoted");
    is_csv("=1+1", "'=1+1", "a formula is disarmed");
    is_csv("@SUM(A1)", "'@SUM(A1)", "an at sign is disarmed");
    is_csv("+1", "'+1", "a plus sign is disarmed");
    is_csv("\tx", "'\tx", "a leading tab is disarmed");
    is_csv("-1+cmd", "'-1+cmd", "a minus sign before an expression is disarmed");
    is_csv("=a,\"b\"", "\"'=a,\"\"b\"\"\"", "a formula that needs quotes gets both");
    is_csv("-12.5", "-12.5", "a negative number stays a number");
    is_csv("-", "'-", "a lone minus is no number");
    is_csv("a=b", "a=b", "an equals sign inside is harmless");
}

int main(void)
{
    growing();
    formatted_growth();
    ceilings();
    out_of_memory();
    numbers();
    csv();
    return done_testing();
}
