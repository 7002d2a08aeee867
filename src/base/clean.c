/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes to text that may be stored and shown. Must never let through what a terminal would obey. */
#include "base/clean.h"

#include <string.h>

size_t jb_clean_character(const char *text, size_t len)
{
    const unsigned char *const bytes = (const unsigned char *)text;
    const unsigned char first = bytes[0];
    const size_t n = first < 0x80                    ? 1
                     : first >= 0xC2 && first < 0xE0 ? 2
                     : first >= 0xE0 && first < 0xF0 ? 3
                     : first >= 0xF0 && first < 0xF5 ? 4
                                                     : 0;

    if (n == 0 || n > len || first < 0x20 || first == 0x7F)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, beyond U+10FFFF, C1 control characters. */
    if ((first == 0xE0 && bytes[1] < 0xA0) || (first == 0xED && bytes[1] > 0x9F) ||
        (first == 0xF0 && bytes[1] < 0x90) || (first == 0xF4 && bytes[1] > 0x8F) ||
        (first == 0xC2 && bytes[1] < 0xA0))
        return 0;
    return n;
}

bool jb_clean_is(const char *text)
{
    const size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        const size_t n = jb_clean_character(text + at, len - at);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

void jb_clean_copy(const char *text, char *buf, size_t size)
{
    const size_t len = strlen(text);
    size_t used = 0;
    size_t last_fit = 0; /* where "..." can still begin */

    for (size_t at = 0; at < len;) {
        const size_t n = jb_clean_character(text + at, len - at);
        const size_t step = n > 0 ? n : 1;
        if (used + step >= size) {
            memcpy(buf + last_fit, "...", 3);
            used = last_fit + 3;
            break;
        }
        if (n > 0)
            memcpy(buf + used, text + at, n);
        else
            buf[used] = '?';
        used += step;
        at += step;
        if (used + 3 < size)
            last_fit = used;
    }
    buf[used] = '\0';
}
