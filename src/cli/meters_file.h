/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's file of meters and of overrides of the tree, in YAML (docs/man/joulebook-meters.5). It names commands
 * that are started and files with credentials, so nobody but its owner may be able to write it (R-METER-02).
 */
#ifndef JB_CLI_METERS_FILE_H
#define JB_CLI_METERS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/meter.h"

#define JB_METERS_BYTES_MAX ((size_t)256 * 1024)
#define JB_METERS_PATH      1024

/*
 * Takes the text of a file called `path`. JB_E_INPUT names path, line, meter and field, and says what was expected: not
 * YAML, a key that is not known (the hint gives the nearest), a value that cannot be, a key that is missing, one
 * that the meter's driver has no use for, two meters or two overrides of one name. *ret is the caller's to free.
 */
JB_MUST_USE jb_rc jb_meters_parse(const char *path, const char *bytes, size_t len,
                                  struct jb_meters **ret, struct jb_error *err);

/* Where the user's own file is looked for; false: there is no home folder to look in. */
bool jb_meters_usual_path(char *path, size_t size);
/*
 * The same from `path`, or, where that is NULL, from $XDG_CONFIG_HOME/joulebook/meters.yaml, else
 * ~/.config/joulebook/meters.yaml, where no file gives *ret NULL. Only a regular file of at most JB_METERS_BYTES_MAX
 * bytes that is this user's or root's, and that neither group nor others may write.
 */
JB_MUST_USE jb_rc jb_meters_read(const char *path, struct jb_meters **ret, struct jb_error *err);

#endif
