/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's file of facts that are the same for every run, `name = value` (docs/man/joulebook-config.5). It says
 * nothing that the options of `joulebook run` could not say, and starts nothing.
 */
#ifndef JB_CLI_CONFIG_H
#define JB_CLI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cli/options.h"

#define JB_CONFIG_BYTES_MAX ((size_t)64 * 1024)
#define JB_CONFIG_ROWS_MAX  64
#define JB_CONFIG_PATH      1024

struct jb_config {
    char path[JB_CONFIG_PATH];
    char *text; /* the rows point into it */
    size_t n_rows;
    struct {
        const struct jb_option *option;
        const char *value;
        size_t line;
    } rows[JB_CONFIG_ROWS_MAX];
};

/*
 * Takes the text of a file called `path`. Empty lines and what follows '#' at the beginning of a line or after a
 * blank are skipped; CRLF is taken. JB_E_INPUT names path and line: not `name = value`, a name that is not in `names`
 * (the hint gives the nearest), no value, a control character or bytes that are not UTF-8, a name twice that may not
 * repeat. Release *ret in the end.
 */
JB_MUST_USE jb_rc jb_config_parse(const char *path, const char *bytes, size_t len,
                                  const struct jb_option *names, struct jb_config *ret,
                                  struct jb_error *err);
/*
 * The same from $XDG_CONFIG_HOME/joulebook/config, else ~/.config/joulebook/config; no file is an empty one. Only a
 * regular file of at most JB_CONFIG_BYTES_MAX bytes is read; for a privileged executable it must not be a link.
 */
JB_MUST_USE jb_rc jb_config_read(bool is_privileged, const struct jb_option *names,
                                 struct jb_config *ret, struct jb_error *err);
void jb_config_release(struct jb_config *config);

#endif
