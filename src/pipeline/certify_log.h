/* SPDX-License-Identifier: Apache-2.0 */
/* The book's whole log for an auditor, as docs/format/certificate.md has it: no field is opened but those that tell of keys. */
#ifndef JB_PIPELINE_CERTIFY_LOG_H
#define JB_PIPELINE_CERTIFY_LOG_H

#include "base/error.h"
#include "ledger/ledger.h"

typedef jb_rc (*jb_certify_write_fn)(void *arg, const void *bytes, size_t len,
                                     struct jb_error *err);
/* Every entry that is there when it begins. */
JB_MUST_USE jb_rc jb_certify_log(struct jb_ledger *ledger, jb_certify_write_fn write, void *arg,
                                 int64_t *ret_size, struct jb_error *err);

#endif
