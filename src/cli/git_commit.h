/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commit that is checked out around a folder, read from git's own files: no git is started, no configuration is
 * obeyed, nothing is written. Whether the tree has changes cannot be told that way and is not said.
 */
#ifndef JB_CLI_GIT_COMMIT_H
#define JB_CLI_GIT_COMMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

#define JB_GIT_COMMIT 65  /* 64 hex digits and NUL */
#define JB_GIT_REF    256 /* longer names are not followed */

/*
 * Looks for `.git` (a folder, or a file of a worktree or submodule) in `directory` and above; HEAD, loose and packed
 * refs. False, ret untouched: no repository, no commit yet, refs kept as reftable, or a file system so slow that
 * JB_GIT_TIME_NS is over.
 */
#define JB_GIT_TIME_NS (20 * JB_NS_PER_MS)
bool jb_git_commit_find(const char *directory, const struct jb_clock *clock,
                        char ret_commit[JB_GIT_COMMIT]);

/* The text of HEAD or of a loose ref: fills ret_commit, or ret_ref with the name it points at; the other is "".
 * False: neither, both untouched. */
bool jb_git_parse_ref(const char *text, size_t len, char ret_commit[JB_GIT_COMMIT],
                      char ret_ref[JB_GIT_REF]);
/* The commit of `ref` in the text of packed-refs. False: not there. */
bool jb_git_find_packed(const char *text, size_t len, const char *ref,
                        char ret_commit[JB_GIT_COMMIT]);

#endif
