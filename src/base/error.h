/* SPDX-License-Identifier: Apache-2.0 */
/* Filling struct jb_error: the one way to say what failed. */
#ifndef JB_BASE_ERROR_H
#define JB_BASE_ERROR_H

#include <joulebook/error.h>

#include "base/compiler.h"

/*
 * Writes code, message and hint into *err (nothing if err is NULL) and returns `code`, so that a caller can
 * `return jb_fail(err, JB_E_INPUT, "give a number such as 0.25", "tariff '%s' is not a number", text);`
 * `hint` may be NULL. The message is cut, never overrun, where it is longer than its field.
 */
jb_rc jb_fail(struct jb_error *err, jb_rc code, const char *hint, const char *format, ...)
    JB_PRINTF(4, 5);

/* The code that fits an errno value: ENOENT to JB_E_NOT_FOUND, EACCES and EPERM to JB_E_PERMISSION, ENOSPC and
 * EDQUOT to JB_E_FULL, EROFS to JB_E_READONLY, ENODEV and ENXIO to JB_E_GONE, EAGAIN to JB_E_AGAIN, ENOMEM to
 * JB_E_NOMEM, EBUSY to JB_E_BUSY, others to JB_E_IO. */
jb_rc jb_rc_from_errno(int errno_value);

/* As jb_fail with the code of `errno_value` and its text appended: "cannot open '/x': permission denied". */
jb_rc jb_fail_errno(struct jb_error *err, int errno_value, const char *hint, const char *format,
                    ...) JB_PRINTF(4, 5);

/*
 * clang's analyzer reads one file at a time and does not know that these give back a failure; without it every
 * "outputs are written on success only" looks like a use of what was never written. error.c itself is read plain.
 */
#if defined(__clang_analyzer__) && !defined(JB_ERROR_ITSELF)
#define jb_fail(err, code, ...) (jb_fail((err), (code), __VA_ARGS__), (code))
#define jb_fail_errno(err, errno_value, ...) \
    (jb_fail_errno((err), (errno_value), __VA_ARGS__), JB_E_IO)
#define jb_rc_from_errno(errno_value) (jb_rc_from_errno(errno_value), JB_E_IO)
#endif

#endif
