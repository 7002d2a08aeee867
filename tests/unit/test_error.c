/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>

#include "tap.h"

static void codes(void)
{
    is_str(jb_rc_text(JB_OK), "done", "0 is done");
    is_str(jb_rc_text(JB_E_READONLY), "read-only", "a code has its text");
    is_str(jb_rc_name(JB_E_INTERNAL), "JB_E_INTERNAL", "a code has its name");
    is_str(jb_rc_text(-9999), "unknown code", "a code from elsewhere is said to be unknown");
    ok(jb_rc_name(7) != NULL, "the name of a code from elsewhere is not NULL");
    is_i64(JB_E_CONFLICT, -16, "values are part of the ABI");
}

static void messages(void)
{
    struct jb_error err = {0};

    is_i64(jb_fail(&err, JB_E_INPUT, "give a number such as 0.25", "tariff '%s' is not a number",
                   "abc"),
           JB_E_INPUT, "jb_fail returns the code it was given");
    is_i64(err.code, JB_E_INPUT, "and keeps it");
    is_str(err.message, "tariff 'abc' is not a number", "with the message");
    is_str(err.hint, "give a number such as 0.25", "and the hint");

    is_i64(jb_fail(&err, JB_E_RANGE, NULL, "too big"), JB_E_RANGE,
           "a failure without a hint is one");
    is_str(err.hint, "", "and no hint of an older failure stays behind");
    is_i64(jb_fail(NULL, JB_E_BUSY, "hint", "message %d", 1), JB_E_BUSY, "nobody has to listen");

    (void)jb_fail(&err, JB_E_IO, "inner hint", "inner");
    (void)jb_fail(&err, JB_E_IO, err.hint, "outer: %s", err.message);
    is_str(err.message, "outer: inner", "an error can be wrapped in itself");
    is_str(err.hint, "inner hint", "and its hint kept");
}

static void long_messages(void)
{
    struct jb_error err;
    char text[1000];
    char want[sizeof err.message];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memset(want, 'x', sizeof want - 1);
    want[sizeof want - 1] = '\0';
    (void)jb_fail(&err, JB_E_INPUT, text, "%s", text);
    is_str(err.message, want, "a message that is too long is cut to its field");
    is_str(err.hint, want, "and so is a hint");

    /* The field holds 319 bytes: 317 of x, then a letter of three bytes of which two would fit. */
    memset(text, 'x', 317);
    memcpy(text + 317,
           "\xe2\x82\xac"
           "rest",
           8);
    want[317] = '\0';
    (void)jb_fail(&err, JB_E_INPUT, text, "%s", text);
    is_str(err.message, want, "a cut falls between two characters");
    is_str(err.hint, want, "in a hint as well");

    /* 316 of x: now the letter fits exactly. */
    memcpy(text + 316,
           "\xe2\x82\xac"
           "rest",
           8);
    memcpy(want + 316, "\xe2\x82\xac", 4);
    (void)jb_fail(&err, JB_E_INPUT, text, "%s", text);
    is_str(err.message, want, "a character that still fits is kept");
}

static void system_errors(void)
{
    static const struct {
        int from;
        jb_rc to;
    } rows[] = {
        {ENOENT, JB_E_NOT_FOUND}, {EACCES, JB_E_PERMISSION}, {EPERM, JB_E_PERMISSION},
        {ENOSPC, JB_E_FULL},      {EDQUOT, JB_E_FULL},       {EROFS, JB_E_READONLY},
        {ENODEV, JB_E_GONE},      {ENXIO, JB_E_GONE},        {EAGAIN, JB_E_AGAIN},
        {ENOMEM, JB_E_NOMEM},     {EBUSY, JB_E_BUSY},        {EIO, JB_E_IO},
        {ELOOP, JB_E_IO},
    };
    struct jb_error err;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_i64(jb_rc_from_errno(rows[i].from), rows[i].to, "%s is %s",
               strerrorname_np(rows[i].from), jb_rc_name(rows[i].to));

    is_i64(jb_fail_errno(&err, EACCES, "become its owner", "cannot open '%s'", "/x"),
           JB_E_PERMISSION, "jb_fail_errno returns the code that fits");
    is_str(err.message, "cannot open '/x': permission denied", "the reason follows in lower case");
    is_str(err.hint, "become its owner", "and the hint is kept");
    (void)jb_fail_errno(&err, 99999, NULL, "cannot open '%s'", "/x");
    is_str(err.message, "cannot open '/x': error 99999",
           "an errno nobody knows is shown as its number");
    is_i64(jb_fail_errno(NULL, ENOENT, NULL, "gone"), JB_E_NOT_FOUND, "nobody has to listen");
}

int main(void)
{
    codes();
    messages();
    long_messages();
    system_errors();
    return done_testing();
}
