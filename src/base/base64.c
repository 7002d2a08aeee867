/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to base64 (libsodium's) and back. Never takes a second spelling of a value: no blanks, no missing padding, no stray bits
 * below the last character. R-SIGN-01.
 */
#include "base/base64.h"

#include <sodium.h>
#include <stdint.h>

#define PIECE 768 /* bytes at a time, a multiple of three: no padding between pieces */

void jb_base64_add(struct jb_buf *out, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    char text[PIECE / 3 * 4 + 1];

    while (len > 0) {
        const size_t n = len < PIECE ? len : PIECE;
        (void)sodium_bin2base64(text, sizeof text, at, n, sodium_base64_VARIANT_ORIGINAL);
        jb_buf_add(out, text, (n + 2) / 3 * 4);
        at += n;
        len -= n;
    }
}

/* Values of the characters from '+' to 'z'; 64 for what is none. libsodium's decoding takes as long for every input, as a
 * secret needs, which is five times as long: what is decoded here is public. */
static const uint8_t values[] = {
    62, 64, 64, 64, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64,
    64, 64, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
    18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64, 64, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
};
#define NONE 64

static inline uint32_t value_of(char c)
{
    const uint8_t at = (uint8_t)((uint8_t)c - '+');

    return at < sizeof values ? values[at] : NONE;
}

jb_rc jb_base64_decode(const char *text, size_t len, void *ret_bytes, size_t max, size_t *ret_len)
{
    uint8_t *to = ret_bytes;

    if (len % 4 != 0)
        return JB_E_INPUT;
    const size_t n_pads = len == 0 || text[len - 1] != '=' ? 0 : text[len - 2] != '=' ? 1 : 2;
    const size_t n = len / 4 * 3 - n_pads;
    if (n > max)
        return JB_E_RANGE;

    for (size_t at = 0; at < len; at += 4) {
        const size_t n_chars = at + 4 < len ? 4 : 4 - n_pads;
        const uint32_t a = value_of(text[at]);
        const uint32_t b = value_of(text[at + 1]);
        const uint32_t c = n_chars > 2 ? value_of(text[at + 2]) : 0;
        const uint32_t d = n_chars > 3 ? value_of(text[at + 3]) : 0;
        if (((a | b | c | d) & NONE) != 0 || (n_chars == 2 && (b & 0x0f) != 0) ||
            (n_chars == 3 && (c & 0x03) != 0))
            return JB_E_INPUT;
        *to++ = (uint8_t)(a << 2 | b >> 4);
        if (n_chars > 2)
            *to++ = (uint8_t)(b << 4 | c >> 2);
        if (n_chars > 3)
            *to++ = (uint8_t)(c << 6 | d);
    }
    *ret_len = n;
    return JB_OK;
}
