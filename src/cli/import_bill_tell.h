/* SPDX-License-Identifier: Apache-2.0 */
/* What came of a bill, as tables or as JSON: the runs while they are entered, then every row's sum. */
#ifndef JB_CLI_IMPORT_BILL_TELL_H
#define JB_CLI_IMPORT_BILL_TELL_H

#include "pipeline/import_bill.h"
#include "report/report.h"

struct jb_bill_listing; /* freed with free() */

/* NULL: no memory. */
struct jb_bill_listing *jb_bill_listing_new(struct jb_buf *out, bool is_json, bool is_dry_run);
/* A jb_import_bill_fn; `listing` is one. */
JB_MUST_USE jb_rc jb_bill_listing_add(void *listing, const struct jb_bill_entered *run,
                                      struct jb_error *err);
void jb_bill_listing_end(struct jb_bill_listing *listing,
                         const struct jb_import_bill_result *result, const struct jb_style *style);

#endif
