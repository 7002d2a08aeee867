/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool told to the book: frames to postings, dead and ended runs closed with their accounts. May be called by
 * any process at any time and any number of times: what is posted is not posted again, and all of it is one
 * transaction. Rules R-SETTLE-01...: docs/method/recording.md.
 */
#ifndef JB_PIPELINE_SETTLE_H
#define JB_PIPELINE_SETTLE_H

#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "ledger/ledger.h"
#include "model/account.h"
#include "spool/spool.h"

struct jb_settlement {
    size_t n_intervals;   /* newly posted */
    size_t n_closed;      /* runs closed */
    size_t n_interrupted; /* of them, those whose recorder or supervisor died */
};

/* The account of a run that the settlement closes, for whoever waits for it: without it, it is in the book. */
struct jb_wanted_account {
    const char *run_id;
    bool is_there; /* `account` is the caller's to release */
    struct jb_account account;
};

/* `wanted` may be NULL. */
JB_MUST_USE jb_rc jb_settle_for(struct jb_spool *spool, struct jb_ledger *ledger,
                                struct jb_wanted_account *wanted, struct jb_settlement *ret,
                                struct jb_error *err);
JB_MUST_USE jb_rc jb_settle(struct jb_spool *spool, struct jb_ledger *ledger,
                            struct jb_settlement *ret, struct jb_error *err);

/*
 * What a dead recorder left: becomes the recorder for a moment, writes the last known state into the log as the end
 * of every run whose supervisor is dead, settles, and empties the spool if no run is alive. JB_E_BUSY if somebody
 * records (nothing to do then).
 */
JB_MUST_USE jb_rc jb_recover(struct jb_spool *spool, struct jb_ledger *ledger, const char *host,
                             const char *boot_id, struct jb_settlement *ret, struct jb_error *err);

/* Writes the final frame of a session that nobody continues: the newest state, ending every dead run. Needs the lock.
 * Nothing if the log already ends there. Used by jb_recover and by a recorder that takes over. */
JB_MUST_USE jb_rc jb_settle_last_frame(struct jb_spool *spool, struct jb_error *err);

#endif
