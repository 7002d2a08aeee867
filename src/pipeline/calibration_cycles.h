/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy per cycle of a machine, kept in the book beside its other calibrations (kind "calibration", field "cycles"): fitted
 * to past runs that had both cycles and a processor's meter, or stated. R-CYCLES-07 to -09: docs/method/cycles.md.
 */
#ifndef JB_PIPELINE_CALIBRATION_CYCLES_H
#define JB_PIPELINE_CALIBRATION_CYCLES_H

#include "base/error.h"
#include "calibrate/epc.h"
#include "ledger/ledger.h"
#include "model/cycles.h"
#include "pipeline/calibration.h"

struct jb_cycles_calibration {
    char host[JB_HOST_NAME];
    struct jb_epc epc;
    struct jb_epc_fit fit; /* of a fitted one */
    size_t n_runs;         /* the newest, as many as are kept */
    char runs[JB_CALIBRATION_RUNS_MAX][JB_RUN_ID];
};

/*
 * From every fitting run of cal->host in the book, or from cal->runs where some are named (n_runs > 0; the host is theirs
 * then), to epc, fit and runs. cal->epc.utc_us is the caller's. JB_E_UNAVAILABLE with the reason: what runs lack, or jb_epc_fit's.
 */
JB_MUST_USE jb_rc jb_cycles_calibration_fit(struct jb_ledger *ledger,
                                            struct jb_cycles_calibration *cal,
                                            struct jb_error *err);

/* Within a transaction. */
JB_MUST_USE jb_rc jb_cycles_calibration_enter(struct jb_ledger *ledger,
                                              const struct jb_cycles_calibration *cal,
                                              struct jb_error *err);

/* Every one of the book, oldest first. */
typedef jb_rc (*jb_cycles_calibration_fn)(void *arg, const struct jb_cycles_calibration *cal,
                                          struct jb_error *err);
JB_MUST_USE jb_rc jb_cycles_calibration_each(struct jb_ledger *ledger, jb_cycles_calibration_fn fn,
                                             void *arg, struct jb_error *err);
/* The latest of the host; is_known false where there is none. */
JB_MUST_USE jb_rc jb_cycles_calibration_find(struct jb_ledger *ledger, const char *host,
                                             struct jb_epc *ret_epc, struct jb_error *err);

#endif
