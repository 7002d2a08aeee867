/* SPDX-License-Identifier: Apache-2.0 */
/* What the processors' own counters tell of a run's processes: the inputs of method A (R-CYCLES-01 to -03: docs/method/cycles.md). */
#ifndef JB_MODEL_CYCLES_H
#define JB_MODEL_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct jb_figure;

enum jb_cycles_event {
    JB_CYCLES_INSTRUCTIONS,
    JB_CYCLES_CYCLES,
    JB_CYCLES_REFERENCE,
    JB_CYCLES_EVENTS
};
const char *jb_cycles_event_name(
    enum jb_cycles_event event); /* "instructions", "cycles", "ref-cycles" */

/* R-CYCLES-02: why there is no count. The numbers stand in spools and only grow at the end. */
enum jb_cycles_absence {
    JB_CYCLES_THERE,
    JB_CYCLES_NO_COUNTER, /* ENOENT and the like: no such counter, as in most virtual machines */
    JB_CYCLES_DENIED,     /* EACCES: perf_event_paranoid */
    JB_CYCLES_FORBIDDEN,  /* EPERM: seccomp, a security module */
    JB_CYCLES_NO_EVENTS,  /* ENOSYS */
    JB_CYCLES_NO_ROOM,    /* EMFILE, ENFILE, ENOMEM */
    JB_CYCLES_BUSY,       /* EBUSY: somebody has it for himself */
    JB_CYCLES_NEVER_ON,   /* opened, and never on the processor */
    JB_CYCLES_ATTACHED,   /* the process ran before we came */
    JB_CYCLES_UNREAD,     /* opened, and could not be read; or beyond 63 bits */
    JB_CYCLES_ABSENCES
};

/* One event over a run, its children included. */
struct jb_cycles_count {
    bool is_known;
    enum jb_cycles_absence absence; /* the reason as one of the list; `why_not` in words */
    char why_not
        [160]; /* "this machine's kernel shows no such counter (a virtual machine?)"; the step that would allow it */
    int64_t raw; /* as counted while the counter was on the processor */
    int64_t enabled_ns,
        running_ns; /* running < enabled: shared with others (multiplexed), and scaled */
    int64_t low, best,
        high; /* raw x enabled / running, with the band of the scaling (R-CYCLES-03) */
};

struct jb_cycles {
    struct jb_cycles_count counts[JB_CYCLES_EVENTS];
    bool is_user_only; /* the kernel's own work for the run is not in it (perf_event_paranoid 2) */
    int64_t paranoid;  /* perf_event_paranoid then; JB_PARANOID_UNKNOWN: not read */
};
#define JB_PARANOID_UNKNOWN INT64_C(-1000000)

/* A count as the kernel gave it, scaled (R-CYCLES-03); absent where it was never on the processor, or does not fit. */
void jb_cycles_settle(int64_t raw, int64_t enabled_ns, int64_t running_ns,
                      struct jb_cycles_count *ret);
/* Absent, with the reason in words; `paranoid` is the kernel's setting, JB_PARANOID_UNKNOWN where it could not be read. */
void jb_cycles_absent(enum jb_cycles_absence absence, int64_t paranoid,
                      struct jb_cycles_count *ret);
/* Nothing of the three is known. The reason is that of the cycles. */
bool jb_cycles_is_absent(const struct jb_cycles *cycles);

/* Cycles per instruction in millionths; unknown where either is. */
void jb_cycles_cpi(const struct jb_cycles *cycles, struct jb_figure *ret_ppm);

/* Energy per cycle in femtojoule: 1 nJ is 1,000,000. */
#define JB_FJ_PER_NJ INT64_C(1000000)
struct jb_epc {
    bool is_known;
    bool is_given; /* stated by somebody; else fitted to runs of this machine */
    bool
        is_user_only; /* of a fitted one: holds for cycles that were counted without the kernel's */
    int64_t low_fj, best_fj, high_fj;
    int64_t n_runs; /* that it was fitted to */
    int64_t utc_us; /* when it was made */
};

/* R-CYCLES-01: cycles x energy per cycle; low with low, best with best, high with high. Best is rounded to the nearest
 * microjoule (halves away from zero), low down, high up. JB_E_RANGE where it does not fit. */
JB_MUST_USE jb_rc jb_cycles_energy(int64_t low, int64_t best, int64_t high,
                                   const struct jb_epc *epc, struct jb_figure *ret_uj,
                                   struct jb_error *err);

#endif
