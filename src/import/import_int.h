/* SPDX-License-Identifier: Apache-2.0 */
/* Shared within src/import only. */
#ifndef JB_IMPORT_IMPORT_INT_H
#define JB_IMPORT_IMPORT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * "2024-05-10T11:38:00", a blank for the T, a fraction, and "Z", "+02:00", "-0530" or "+02" or nothing: nanoseconds since
 * 1970; without a zone as if it were UTC, which *ret_has_zone tells. JB_E_INPUT: no such time; JB_E_RANGE.
 */
JB_MUST_USE jb_rc import__parse_time(const char *text, size_t len, int64_t *ret_ns,
                                     bool *ret_has_zone);

#endif
