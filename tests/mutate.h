/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Valid text to text that is wrong the way files go wrong: bytes flipped, cut off, lines and fields gone, doubled or moved,
 * numbers out of all bounds, encodings mixed. The same seed makes the same text. Knows no format but "lines of fields".
 */
#ifndef JB_TESTS_MUTATE_H
#define JB_TESTS_MUTATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define MUTATE_LONG ((size_t)1200000)
#define MUTATE_MAX  (3 * MUTATE_LONG)

struct mutate {
    uint64_t state;
    size_t len;
    char text[MUTATE_MAX];
};

/* splitmix64 */
TAP__UNUSED static uint64_t mutate_next(struct mutate *m)
{
    uint64_t z = (m->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 to n - 1; 0 for 0. */
TAP__UNUSED static size_t mutate_below(struct mutate *m, size_t n)
{
    return n == 0 ? 0 : (size_t)(mutate_next(m) % n);
}

/* `old_len` bytes at `at` become the given ones; what does not fit is not done. */
static void mutate__put(struct mutate *m, size_t at, size_t old_len, const char *text, size_t len)
{
    if (at > m->len || old_len > m->len - at || m->len - old_len + len > sizeof m->text)
        return;
    memmove(m->text + at + len, m->text + at + old_len, m->len - at - old_len);
    memcpy(m->text + at, text, len);
    m->len = m->len - old_len + len;
}

struct mutate__span {
    size_t at, len;
};

/* The nth line with its end; the last is followed by none. */
static struct mutate__span mutate__line(const struct mutate *m, size_t nth)
{
    size_t at = 0;

    for (;;) {
        const char *const end = memchr(m->text + at, '\n', m->len - at);
        const size_t len = end ? (size_t)(end - m->text) + 1 - at : m->len - at;
        if (nth-- == 0 || at + len == m->len)
            return (struct mutate__span){at, len};
        at += len;
    }
}

static size_t mutate__n_lines(const struct mutate *m)
{
    size_t n = 1;

    for (size_t i = 0; i + 1 < m->len; i++)
        n += m->text[i] == '\n';
    return n;
}

static struct mutate__span mutate__any_line(struct mutate *m)
{
    return mutate__line(m, mutate_below(m, mutate__n_lines(m)));
}

static char mutate__delimiter(const struct mutate *m)
{
    static const char all[] = ",;|\t:";
    const struct mutate__span head = mutate__line(m, 0);
    size_t most = 0;
    char best = ',';

    for (size_t i = 0; all[i] != '\0'; i++) {
        size_t n = 0;
        for (size_t j = 0; j < head.len; j++)
            n += m->text[head.at + j] == all[i];
        if (n > most) {
            most = n;
            best = all[i];
        }
    }
    return best;
}

/* The nth field of a line, without the delimiter behind it. */
static struct mutate__span mutate__field(const struct mutate *m, struct mutate__span line,
                                         size_t nth)
{
    const char delimiter = mutate__delimiter(m);
    size_t at = line.at;
    size_t end = line.at + line.len;

    while (end > line.at && (m->text[end - 1] == '\n' || m->text[end - 1] == '\r'))
        end--;
    for (;;) {
        const char *const stop = memchr(m->text + at, delimiter, end - at);
        const size_t len = stop ? (size_t)(stop - m->text) - at : end - at;
        if (nth-- == 0 || !stop)
            return (struct mutate__span){at, len};
        at += len + 1;
    }
}

static size_t mutate__n_fields(const struct mutate *m, struct mutate__span line)
{
    const char delimiter = mutate__delimiter(m);
    size_t n = 1;

    for (size_t i = 0; i < line.len; i++)
        n += m->text[line.at + i] == delimiter;
    return n;
}

static struct mutate__span mutate__any_field(struct mutate *m)
{
    const struct mutate__span line = mutate__any_line(m);

    return mutate__field(m, line, mutate_below(m, mutate__n_fields(m, line)));
}

/* A run of digits somewhere behind a random place, else any field. */
static struct mutate__span mutate__any_number(struct mutate *m)
{
    const size_t from = mutate_below(m, m->len);

    for (size_t i = from; i < m->len; i++) {
        size_t n = 0;
        while (i + n < m->len && strchr("0123456789.", m->text[i + n]) && m->text[i + n] != '\0')
            n++;
        if (n > 0)
            return (struct mutate__span){i, n};
    }
    return mutate__any_field(m);
}

static void mutate__duplicate(struct mutate *m, struct mutate__span span)
{
    char copy[4096];

    if (span.len > sizeof copy)
        return;
    memcpy(copy, m->text + span.at, span.len);
    mutate__put(m, span.at, 0, copy, span.len);
}

static void mutate__swap(struct mutate *m, struct mutate__span a, struct mutate__span b)
{
    char first[4096];
    char second[4096];

    if (a.at > b.at) {
        const struct mutate__span c = a;
        a = b;
        b = c;
    }
    if (a.at + a.len > b.at || a.len > sizeof first || b.len > sizeof second)
        return;
    memcpy(first, m->text + a.at, a.len);
    memcpy(second, m->text + b.at, b.len);
    mutate__put(m, b.at, b.len, first, a.len);
    mutate__put(m, a.at, a.len, second, b.len);
}

/* In every line: the field gone, or moved to the front. */
static void mutate__column(struct mutate *m, bool is_moved)
{
    const size_t nth = mutate_below(m, mutate__n_fields(m, mutate__line(m, 0)));
    const size_t n_lines = mutate__n_lines(m);

    for (size_t i = 0; i < n_lines && i < 200; i++) {
        const struct mutate__span line = mutate__line(m, i);
        const struct mutate__span field = mutate__field(m, line, nth);
        if (is_moved)
            mutate__swap(m, mutate__field(m, line, 0), field);
        else if (field.at + field.len < line.at + line.len && field.at > line.at)
            mutate__put(m, field.at - 1, field.len + 1, "", 0);
        else
            mutate__put(m, field.at, field.len, "", 0);
    }
}

static void mutate__fill(struct mutate *m, size_t at, const char *text, size_t n)
{
    char block[4096];
    const size_t len = strlen(text);

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = text[i % len];
    while (n > 0) {
        const size_t part = n < sizeof block ? n : sizeof block;
        mutate__put(m, at, 0, block, part);
        n -= part;
    }
}

static const char *const mutate__numbers[] = {
    "-1",
    "-0.5",
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "1e400",
    "1e-400",
    "1e18",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551614",
    "4294967294",
    "99999999999999999999999999",
    "0",
    "0x1F",
    "1,5",
    "1 000",
    "١٢",
    "12kWh",
    "3.5K",
    "7T",
    "5Wh",
    "2c",
    "--",
    "",
    " ",
    "1e",
    ".",
    "1.2.3",
    "true",
    "null",
    "None",
    "None assigned",
    "1970-01-01T00:00:00",
    "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00",
    "24:61:61",
    "1000000-00:00:00",
    "12 days",
    "=1+1",
    "${HOME}",
    "-",
    "0.0000000000000000000000000001",
    "1e9",
    "123456789012.123456789012",
};
static const char *const mutate__bytes[] = {
    "\xff",
    "\xc3",
    "\xed\xa0\x80",
    "\xf8\x88\x80\x80\x80",
    "\xe2\x80\xa9",
    "\x1b[31m",
    "\x7f",
    "\"",
    "'",
    "\"\"",
    "\\",
    "\\u0000",
    "{",
    "}",
    "[",
    "]",
    ",",
    ";",
    "|",
    "\t",
    "\n",
    "\r",
    "\r\n",
    ":",
    "\xEF\xBB\xBF",
    "\xc2\x85",
    "\xe2\x80\xa8",
};

static void mutate__long(struct mutate *m)
{
    static const char *const texts[] = {"7", "[", "{\"a\":", "a,", "\"", "- ", "x"};
    static const size_t sizes[] = {300, 5000, 70000, MUTATE_LONG};
    /* A mebibyte now and then: it is slow. */
    const size_t size = sizes[mutate_below(m, mutate_below(m, 8) == 0 ? 4 : 3)];

    mutate__fill(m, mutate_below(m, m->len + 1), texts[mutate_below(m, JB_ARRAY_LEN(texts))], size);
}

static void mutate__crlf(struct mutate *m)
{
    for (size_t i = 0; i < m->len; i++)
        if (m->text[i] == '\n' && (i == 0 || m->text[i - 1] != '\r'))
            mutate__put(m, i++, 0, "\r", 1);
}

static void mutate__once(struct mutate *m)
{
    const size_t at = mutate_below(m, m->len + 1);
    struct mutate__span span;
    const char *text;

    switch (mutate_below(m, 26)) {
    case 0:
    case 1:
        if (at < m->len)
            m->text[at] = (char)(m->text[at] ^ (1 << mutate_below(m, 8)));
        break;
    case 2:
        if (at < m->len)
            m->text[at] = (char)mutate_below(m, 256);
        break;
    case 3: m->len = at; break;
    case 4: mutate__duplicate(m, mutate__any_line(m)); break;
    case 5:
        span = mutate__any_line(m);
        mutate__put(m, span.at, span.len, "", 0);
        break;
    case 6: mutate__swap(m, mutate__any_line(m), mutate__any_line(m)); break;
    case 7: mutate__duplicate(m, mutate__any_field(m)); break;
    case 8:
        span = mutate__any_field(m);
        mutate__put(m, span.at, span.len, "", 0);
        break;
    case 9: mutate__swap(m, mutate__any_field(m), mutate__any_field(m)); break;
    case 10:
    case 11:
    case 12:
    case 13:
        span = mutate__any_number(m);
        text = mutate__numbers[mutate_below(m, JB_ARRAY_LEN(mutate__numbers))];
        mutate__put(m, span.at, span.len, text, strlen(text));
        break;
    case 14:
        span = mutate__any_field(m);
        text = mutate__numbers[mutate_below(m, JB_ARRAY_LEN(mutate__numbers))];
        mutate__put(m, span.at, span.len, text, strlen(text));
        break;
    case 15:
    case 16:
        text = mutate__bytes[mutate_below(m, JB_ARRAY_LEN(mutate__bytes))];
        mutate__put(m, at, 0, text, strlen(text));
        break;
    case 17: mutate__put(m, at, 0, "\0", 1); break;
    case 18: mutate__put(m, 0, 0, "\xEF\xBB\xBF", 3); break;
    case 19: mutate__crlf(m); break;
    case 20:
        if (mutate_below(m, 4) == 0)
            mutate__long(m);
        break;
    case 21: mutate__column(m, false); break;
    case 22: mutate__column(m, true); break;
    case 23: /* a column renamed */
        span = mutate__line(m, 0);
        span = mutate__field(m, span, mutate_below(m, mutate__n_fields(m, span)));
        mutate__put(m, span.at, 0, "x", 1);
        break;
    case 24: /* a digit more, or another one */
        span = mutate__any_number(m);
        mutate__put(m, span.at, mutate_below(m, 2), &"0123456789"[mutate_below(m, 10)], 1);
        break;
    default:
        if (at < m->len)
            mutate__put(m, at, mutate_below(m, m->len - at < 64 ? m->len - at : 64), "", 0);
        break;
    }
}

/* The text of `seed` that has gone wrong in one place to four. */
TAP__UNUSED static void mutate_text(struct mutate *m, uint64_t seed, const char *text, size_t len)
{
    size_t n;

    m->state = seed;
    m->len = len < sizeof m->text ? len : sizeof m->text;
    memcpy(m->text, text, m->len);
    n = 1 + mutate_below(m, 4);
    while (n-- > 0 && m->len > 0)
        mutate__once(m);
}

#endif
