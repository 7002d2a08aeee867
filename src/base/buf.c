/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte buffer that grows up to a ceiling. An append that fails leaves the bytes as they were and marks the buffer;
 * it must never write past capacity, and never grow past max (plus the NUL).
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define BUF_FIRST_CAPACITY 64

void jb_buf_release(struct jb_buf *buf)
{
    free(buf->bytes);
    *buf = JB_BUF(buf->max);
}

void jb_buf_clear(struct jb_buf *buf)
{
    buf->len = 0;
    buf->failed = JB_OK;
    if (buf->bytes)
        buf->bytes[0] = '\0';
}

/* Room for `len` more bytes and the NUL; false, and the buffer marked, where that cannot be. */
static bool reserve(struct jb_buf *buf, size_t len)
{
    const size_t max = buf->max < SIZE_MAX ? buf->max : SIZE_MAX - 1;

    if (buf->failed < 0)
        return false;
    if (buf->len > max || len > max - buf->len) {
        buf->failed = JB_E_RANGE;
        return false;
    }
    const size_t need = buf->len + len + 1;
    if (need <= buf->capacity)
        return true;

    size_t capacity = buf->capacity < BUF_FIRST_CAPACITY ? BUF_FIRST_CAPACITY : buf->capacity;
    while (capacity < need)
        capacity = capacity <= SIZE_MAX / 2 ? capacity * 2 : need;
    if (capacity > max + 1)
        capacity = max + 1; /* need <= max + 1 was shown above */

    char *bytes = realloc(buf->bytes, capacity);
    if (!bytes) {
        buf->failed = JB_E_NOMEM;
        return false;
    }
    buf->bytes = bytes;
    buf->capacity = capacity;
    return true;
}

void jb_buf_add(struct jb_buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->bytes + buf->len, bytes, len);
    buf->len += len;
    buf->bytes[buf->len] = '\0';
}

void jb_buf_add_text(struct jb_buf *buf, const char *text)
{
    jb_buf_add(buf, text, strlen(text));
}

void jb_buf_addf(struct jb_buf *buf, const char *format, ...)
{
    va_list args;

    if (!reserve(buf, 0))
        return;

    /* Most texts fit what is there: measure and write in one go. */
    const size_t room = buf->capacity - buf->len;
    va_start(args, format);
    const int len = vsnprintf(buf->bytes + buf->len, room, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < room) {
        buf->len += (size_t)len;
        return;
    }

    buf->bytes[buf->len] = '\0';
    if (len < 0) {
        buf->failed = JB_E_RANGE; /* longer than an int can count */
        return;
    }
    if (!reserve(buf, (size_t)len))
        return;
    va_start(args, format);
    (void)vsnprintf(buf->bytes + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

static void add_little_endian(struct jb_buf *buf, uint64_t value, size_t n_bytes)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < n_bytes; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    jb_buf_add(buf, bytes, n_bytes);
}

void jb_buf_add_u8(struct jb_buf *buf, uint8_t value)
{
    add_little_endian(buf, value, 1);
}

void jb_buf_add_u16(struct jb_buf *buf, uint16_t value)
{
    add_little_endian(buf, value, 2);
}

void jb_buf_add_u32(struct jb_buf *buf, uint32_t value)
{
    add_little_endian(buf, value, 4);
}

void jb_buf_add_u64(struct jb_buf *buf, uint64_t value)
{
    add_little_endian(buf, value, 8);
}

void jb_buf_add_uvarint(struct jb_buf *buf, uint64_t value)
{
    uint8_t bytes[10];
    size_t n = 0;

    while (value >= 0x80) {
        bytes[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[n++] = (uint8_t)value;
    jb_buf_add(buf, bytes, n);
}

void jb_buf_add_svarint(struct jb_buf *buf, int64_t value)
{
    /* 0, -1, 1, -2 become 0, 1, 2, 3: small magnitudes stay short. */
    const uint64_t doubled = (uint64_t)value << 1;

    jb_buf_add_uvarint(buf, value < 0 ? ~doubled : doubled);
}

/* A spreadsheet runs a field that begins with one of these; a plain signed number it only shows. */
static bool looks_like_formula(const char *text)
{
    int64_t ignored;

    switch (text[0]) {
    case '-': return jb_parse_decimal(text, strlen(text), 0, &ignored) == JB_E_INPUT;
    case '=':
    case '+':
    case '@':
    case '\t':
    case '\r': return true;
    default: return false;
    }
}

void jb_buf_add_csv(struct jb_buf *buf, const char *text)
{
    const char *apostrophe = looks_like_formula(text) ? "'" : "";

    if (!strpbrk(text, "\",\r\n")) {
        jb_buf_add_text(buf, apostrophe);
        jb_buf_add_text(buf, text);
        return;
    }
    jb_buf_add_text(buf, "\"");
    jb_buf_add_text(buf, apostrophe);
    while (*text) {
        const size_t plain = strcspn(text, "\"");
        jb_buf_add(buf, text, plain);
        text += plain;
        if (*text == '"') {
            jb_buf_add_text(buf, "\"\"");
            text++;
        }
    }
    jb_buf_add_text(buf, "\"");
}

const char *jb_buf_text(const struct jb_buf *buf)
{
    return buf->bytes ? buf->bytes : "";
}
