/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a folder lies on storage where two processes of one machine can share a book (R-BOOK-11). */
#ifndef JB_LEDGER_STORAGE_INT_H
#define JB_LEDGER_STORAGE_INT_H

#include <stdint.h>

#include "base/error.h"

/*
 * The name of a network or cluster filesystem on which SQLite's shared memory cannot be relied on, by the `f_type`
 * of statfs(2); NULL for every other one. FUSE stands for too many kinds to be refused.
 */
const char *storage__shared_name(uint64_t f_type);

/* f_type of the filesystem that holds `folder`, or -errno. A test can stand in for it. */
typedef int (*storage__type_fn)(const char *folder, uint64_t *ret_f_type);
int storage__type(const char *folder, uint64_t *ret_f_type);

#endif
