/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second process in our process group that does nothing but receive signals: what reached it too was sent to the
 * group (or to every process of the job), so the command has it already. R-RUN-04.
 */
#ifndef JB_SUBJECT_WITNESS_H
#define JB_SUBJECT_WITNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define JB_WITNESS_SIGNALS 65

/* What the witness tells of one signal, in a page shared with it. */
struct jb_witness_seen {
    _Atomic uint32_t n_received;
    _Atomic int64_t last_mono_ns;
};

struct jb_witness {
    pid_t pid;                             /* 0: there is none */
    struct jb_witness_seen *seen;          /* by signal number */
    uint32_t n_judged[JB_WITNESS_SIGNALS]; /* of those received, how many were asked about */
};

/* Forks it, all signals blocked, no descriptor open; it dies with us. The caller's thread must live as long. */
JB_MUST_USE jb_rc jb_witness_begin(struct jb_witness *witness, struct jb_error *err);

/* Whether `signo`, which just came to us, came to the witness too; waits some milliseconds for it. Without a witness:
 * no. */
bool jb_witness_received(struct jb_witness *witness, int signo);

/* Ends the witness and waits for it, if there is one. */
void jb_witness_end(struct jb_witness *witness);

/* Somebody else ended it and it was waited for: its pid is free for others. */
void jb_witness_forget(struct jb_witness *witness);

#endif
