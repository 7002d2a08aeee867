/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a command line names, whole or by their digest. "-" is standard input. */
#ifndef JB_CLI_FILE_BYTES_H
#define JB_CLI_FILE_BYTES_H

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"

/* Into an empty `out`, at most its ceiling: JB_E_INPUT if there is more. */
JB_MUST_USE jb_rc jb_cli_read_bytes(const char *path, struct jb_buf *out, struct jb_error *err);
/* A descriptor to read from, which the caller closes where it is above STDERR_FILENO. */
JB_MUST_USE jb_rc jb_cli_open_file(const char *path, int *ret_fd, struct jb_error *err);
/* Some of it; 0 at the end. */
JB_MUST_USE jb_rc jb_cli_read_some(int fd, const char *path, void *ret_bytes, size_t size,
                                   size_t *ret_n, struct jb_error *err);
/* SHA-256 of the file, piece by piece. */
JB_MUST_USE jb_rc jb_cli_digest_file(const char *path, struct jb_hash *ret, struct jb_error *err);

#endif
