/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns a failure into code, message and hint. It must never print, and never fail itself: a message that is too
 * long is cut between two characters.
 */
/* The analyzer reads the functions themselves here, not what it is told of them elsewhere. */
#define JB_ERROR_ITSELF
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *jb_rc_text(jb_rc rc)
{
    switch (rc) {
#define JB_RC_TEXT(name, value, text) \
    case name: return text;
        JB_RC_MAP(JB_RC_TEXT)
#undef JB_RC_TEXT
    default: return "unknown code";
    }
}

const char *jb_rc_name(jb_rc rc)
{
    switch (rc) {
#define JB_RC_NAME(name, value, text) \
    case name: return #name;
        JB_RC_MAP(JB_RC_NAME)
#undef JB_RC_NAME
    default: return "JB_E_UNKNOWN";
    }
}

/* Cuts what is left of a UTF-8 sequence whose end did not fit; JSON writers refuse half a character. */
static void trim_partial_utf8(char *text, size_t len)
{
    size_t tail = 0; /* continuation bytes at the end */

    while (tail < len && tail < 3 && ((unsigned char)text[len - 1 - tail] & 0xc0) == 0x80)
        tail++;
    if (tail == len)
        return;

    const unsigned char lead = (unsigned char)text[len - 1 - tail];
    size_t want = 0;
    if (lead >= 0xf0)
        want = 3;
    else if (lead >= 0xe0)
        want = 2;
    else if (lead >= 0xc0)
        want = 1;
    if (tail < want)
        text[len - 1 - tail] = '\0';
}

static void put_text(char *field, size_t size, const char *text)
{
    const size_t len = strnlen(text, size);

    memcpy(field, text, len < size ? len : size - 1);
    field[len < size ? len : size - 1] = '\0';
    if (len == size)
        trim_partial_utf8(field, size - 1);
}

static void put_formatted(char *field, size_t size, const char *format, va_list args)
    JB_PRINTF(3, 0);

static void put_formatted(char *field, size_t size, const char *format, va_list args)
{
    const int len = vsnprintf(field, size, format, args);

    if (len < 0)
        field[0] = '\0';
    else if ((size_t)len >= size)
        trim_partial_utf8(field, size - 1);
}

/* Appends ": text", the text's first letter in lower case unless it begins an abbreviation. */
static void append_reason(char *field, size_t size, const char *reason)
{
    const size_t len = strlen(field);
    char tail[128];

    put_text(tail, sizeof tail, reason);
    if (tail[0] >= 'A' && tail[0] <= 'Z' && tail[1] >= 'a' && tail[1] <= 'z')
        tail[0] = (char)(tail[0] - 'A' + 'a');
    const int added = snprintf(field + len, size - len, ": %s", tail);
    if (added < 0)
        field[len] = '\0';
}

/*
 * Built aside and copied at the end, because a caller may wrap an error in itself:
 * jb_fail(err, rc, err->hint, "cannot post: %s", err->message).
 */
jb_rc jb_fail(struct jb_error *err, jb_rc code, const char *hint, const char *format, ...)
{
    struct jb_error made = {.code = code};
    va_list args;

    if (!err)
        return code;
    va_start(args, format);
    put_formatted(made.message, sizeof made.message, format, args);
    va_end(args);
    if (hint)
        put_text(made.hint, sizeof made.hint, hint);
    *err = made;
    return code;
}

jb_rc jb_rc_from_errno(int errno_value)
{
    switch (errno_value) {
    case ENOENT: return JB_E_NOT_FOUND;
    case EACCES:
    case EPERM: return JB_E_PERMISSION;
    case ENOSPC:
    case EDQUOT: return JB_E_FULL;
    case EROFS: return JB_E_READONLY;
    case ENODEV:
    case ENXIO: return JB_E_GONE;
    case EAGAIN: return JB_E_AGAIN;
    case ENOMEM: return JB_E_NOMEM;
    case EBUSY: return JB_E_BUSY;
    default: return JB_E_IO;
    }
}

jb_rc jb_fail_errno(struct jb_error *err, int errno_value, const char *hint, const char *format,
                    ...)
{
    struct jb_error made = {.code = jb_rc_from_errno(errno_value)};
    va_list args;

    if (!err)
        return made.code;
    va_start(args, format);
    put_formatted(made.message, sizeof made.message, format, args);
    va_end(args);
    /* The untranslated text: messages do not depend on the locale. */
    const char *reason = strerrordesc_np(errno_value);
    if (reason) {
        append_reason(made.message, sizeof made.message, reason);
    } else {
        char unknown[32];
        (void)snprintf(unknown, sizeof unknown, "error %d", errno_value);
        append_reason(made.message, sizeof made.message, unknown);
    }
    if (hint)
        put_text(made.hint, sizeof made.hint, hint);
    *err = made;
    return made.code;
}
