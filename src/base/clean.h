/* SPDX-License-Identifier: Apache-2.0 */
/* Text that may be stored and shown: whole UTF-8 characters, no control characters. Pure functions. */
#ifndef JB_BASE_CLEAN_H
#define JB_BASE_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

/* An ASCII letter or digit, whatever the locale. */
static inline bool jb_clean_is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes of the character at text[0..len), len > 0; 0 if it is not UTF-8 or a control character (C0, DEL, C1). */
size_t jb_clean_character(const char *text, size_t len);
bool jb_clean_is(const char *text);
/* Copies; each byte that may not stand becomes '?'. What does not fit is cut at a whole character and ends in "...";
 * size > 3. */
void jb_clean_copy(const char *text, char *buf, size_t size);

#endif
