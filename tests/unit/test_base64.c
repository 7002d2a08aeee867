/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of RFC 4648, section 10, and the one spelling of a value. R-SIGN-01. */
#include "base/base64.h"
#include "tap.h"

static void vectors(void)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(100);
        char bytes[16] = "";
        size_t len = 99;
        jb_base64_add(&text, pairs[i][0], strlen(pairs[i][0]));
        is_str(jb_buf_text(&text), pairs[i][1], "'%s' is written as RFC 4648 has it", pairs[i][0]);
        is_i64(jb_base64_decode(pairs[i][1], strlen(pairs[i][1]), bytes, sizeof bytes, &len), JB_OK,
               "and is read");
        ok(len == strlen(pairs[i][0]) && memcmp(bytes, pairs[i][0], len) == 0, "to the same");
    }
}

static void refused(void)
{
    static const char *const texts[] = {
        "Zg",   "Zg=",    "Zg===", "Z===",     "====", "=",        "Zh==",       "Zm9=", "Zm-v",
        "Zm_v", "Zm9v\n", "Zm 9",  "Zg==Zg==", "Z=9v", "Zm9vZg=a", "\xc3\xa4==", "Zm9*", "Zm9\x7f",
    };
    char bytes[16];
    size_t len = 99;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        is_i64(jb_base64_decode(texts[i], strlen(texts[i]), bytes, sizeof bytes, &len), JB_E_INPUT,
               "another spelling is refused: '%s'", texts[i]);
    is_i64(jb_base64_decode("Zm\0v", 4, bytes, sizeof bytes, &len), JB_E_INPUT, "a NUL is refused");
    is_i64(jb_base64_decode("Zm9vYg==", 8, bytes, 3, &len), JB_E_RANGE, "no room is told");
    is_i64((int64_t)len, 99, "a failure gives no length");
    is_i64(jb_base64_decode("Zm9vYg==", 8, bytes, 4, &len), JB_OK, "just enough room is enough");
}

/* Of all texts of four characters over the bytes that matter, exactly those are taken that the encoder writes. */
static void one_spelling(void)
{
    static const char of[] = "AQgw/+=9z \n-";
    size_t n_taken = 0;
    bool is_one = true;

    for (size_t i = 0; i < 12 * 12 * 12 * 12; i++) {
        const char text[] = {of[i % 12], of[i / 12 % 12], of[i / 144 % 12], of[i / 1728]};
        char bytes[3];
        size_t len;
        if (jb_base64_decode(text, 4, bytes, 3, &len) != JB_OK)
            continue;
        JB_AUTO(jb_buf_release) struct jb_buf again = JB_BUF(16);
        jb_base64_add(&again, bytes, len);
        is_one = is_one && again.len == 4 && memcmp(again.bytes, text, 4) == 0;
        n_taken++;
    }
    ok(is_one, "what is read is written again to the same text");
    /* 8 letters. Four of them: 8^4. Three and '=': the third's two low bits 0, A Q g w. Two and '==': four low bits 0, A Q g w. */
    is_i64((int64_t)n_taken, 8 * 8 * 8 * 8 + 8 * 8 * 4 + 8 * 4,
           "and no text is refused that has one");
}

static void long_ones(void)
{
    static uint8_t bytes[5000];
    static uint8_t again[5000];
    bool is_same = true;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + i / 256);
    for (size_t len = 0; len < sizeof bytes; len += 1 + len / 7) {
        JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(10000);
        size_t n;
        jb_base64_add(&text, bytes, len);
        is_same = is_same && text.len == (len + 2) / 3 * 4 &&
                  jb_base64_decode(jb_buf_text(&text), text.len, again, len, &n) == JB_OK &&
                  n == len && memcmp(bytes, again, len) == 0;
    }
    ok(is_same, "bytes of any length come back");
}

int main(void)
{
    vectors();
    refused();
    one_spelling();
    long_ones();
    return done_testing();
}
