/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Result codes and error texts: one list, used by every function that can fail.
 *
 * A fallible function returns jb_rc: 0 done, negative failed. The text travels in a parameter, never in a
 * global: `message` says what failed and on what, `hint` what to do next. Outputs are written only on success.
 */
#ifndef JOULEBOOK_ERROR_H
#define JOULEBOOK_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* What the shared library exports. */
#if defined(__GNUC__)
#define JB_API __attribute__((visibility("default")))
#else
#define JB_API
#endif

typedef int jb_rc;

/* name, value, text. Values are part of the ABI: append, never renumber. */
#define JB_RC_MAP(X)                                   \
    X(JB_OK, 0, "done")                                \
    X(JB_E_NOMEM, -1, "out of memory")                 \
    X(JB_E_USAGE, -2, "wrong use")                     \
    X(JB_E_INPUT, -3, "input refused")                 \
    X(JB_E_DAMAGED, -4, "the book is damaged")         \
    X(JB_E_UNAVAILABLE, -5, "not possible here")       \
    X(JB_E_RANGE, -6, "number out of range")           \
    X(JB_E_IO, -7, "input or output failed")           \
    X(JB_E_PERMISSION, -8, "permission denied")        \
    X(JB_E_NOT_FOUND, -9, "not found")                 \
    X(JB_E_BUSY, -10, "in use by somebody else")       \
    X(JB_E_FULL, -11, "no space left")                 \
    X(JB_E_READONLY, -12, "read-only")                 \
    X(JB_E_NEWER, -13, "made by a newer version")      \
    X(JB_E_GONE, -14, "the device went away")          \
    X(JB_E_AGAIN, -15, "no value this time")           \
    X(JB_E_CONFLICT, -16, "contradicts what is there") \
    X(JB_E_INTERNAL, -17, "a mistake of our own")

enum jb_rc_code {
#define JB_RC_ENUM(name, value, text) name = (value),
    JB_RC_MAP(JB_RC_ENUM)
#undef JB_RC_ENUM
};

struct jb_error {
    jb_rc code;
    char message[320];
    char hint[320];
};

/* The text of a code, "unknown code" for one that is not in the list; never NULL. */
JB_API const char *jb_rc_text(jb_rc rc);

/* The code's name, as "JB_E_INPUT"; never NULL. */
JB_API const char *jb_rc_name(jb_rc rc);

#ifdef __cplusplus
}
#endif
#endif
