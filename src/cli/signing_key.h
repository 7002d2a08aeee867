/* SPDX-License-Identifier: Apache-2.0 */
/* Where the secret key of this user lies, and how its passphrase is got (R-KEY-03). */
#ifndef JB_CLI_SIGNING_KEY_H
#define JB_CLI_SIGNING_KEY_H

#include "base/error.h"
#include "cli/options.h"
#include "sign/key_file.h"

#define JB_KEY_PATH 4096

/* Of commands that sign: --key FILE, --passphrase-file FILE; as jb_command's more_options. */
extern const struct jb_option jb_signing_options[];

/* `option`, else $XDG_CONFIG_HOME/joulebook/signing.key, else ~/.config/joulebook/signing.key. JB_E_UNAVAILABLE without a
 * home folder. */
JB_MUST_USE jb_rc jb_key_path(const char *option, char *ret_path, size_t size,
                              struct jb_error *err);

/*
 * Reads a passphrase from `file`, whose first line it is and which must be this user's alone (a pipe may stand for it); `file` NULL:
 * from the terminal, without echo, twice where it `is_new`. JB_E_UNAVAILABLE where there is no terminal.
 */
JB_MUST_USE jb_rc jb_passphrase_get(const char *file, const char *prompt, bool is_new, char *ret,
                                    size_t size, struct jb_error *err);

/* The key of --key under the passphrase of --passphrase-file, or asked for. Release it by jb_secret_key_wipe. */
JB_MUST_USE jb_rc jb_signing_key_read(const struct jb_args *args, struct jb_secret_key *ret,
                                      struct jb_error *err);

#endif
