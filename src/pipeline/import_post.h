/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of one meter to postings of one run: R-IMPORT-01 (layer and lines), R-ACCOUNT-04 (cut at UTC hours), R-GAP-03 (an
 * interval is of one epoch; time without energy is an interval of its own). Within the caller's transaction.
 */
#ifndef JB_PIPELINE_IMPORT_POST_H
#define JB_PIPELINE_IMPORT_POST_H

#include "base/error.h"
#include "import/import.h"
#include "ledger/ledger.h"

struct jb_import_source {
    const struct jb_import_format *format;
    const char *path;
    const char *host, *boot_id, *run_id;
    const struct jb_import_progress *progress;
};

/* Posts everything and keeps the course of power. *meter was begun, and is at the end of its log afterwards; *ret_energy_uj
 * is what was posted. JB_E_CONFLICT if the file is not the one that was surveyed any more. */
JB_MUST_USE jb_rc jb_import_post(struct jb_ledger *ledger, const struct jb_import_source *source,
                                 struct jb_import_meter *meter, int64_t *ret_energy_uj,
                                 struct jb_error *err);

#endif
