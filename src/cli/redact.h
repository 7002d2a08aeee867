/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines and values as they may be kept: what looks like a secret is `***` (R-PRIVACY-03 to R-PRIVACY-07,
 * docs/method/privacy.md). Pure functions.
 */
#ifndef JB_CLI_REDACT_H
#define JB_CLI_REDACT_H

#include <stddef.h>

/* argv (NULL at its end) in one line that a shell would take, each word quoted where it must be. What does not fit
 * is cut and ends in "..."; size >= 8. */
void jb_redact_command(char *const *argv, char *buf, size_t size);

/* One value, redacted and clean (base/clean.h); cut like the above; 8 <= size <= 4096. */
void jb_redact_value(const char *value, char *buf, size_t size);

#endif
