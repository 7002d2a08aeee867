/* SPDX-License-Identifier: Apache-2.0 */
/* What the processors' own counters tell of a run's processes: the inputs of method A (R-CYCLES-01 to -03: docs/method/cycles.md). */
#ifndef JB_MODEL_CYCLES_H
#define JB_MODEL_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

enum jb_cycles_event {
    JB_CYCLES_INSTRUCTIONS,
    JB_CYCLES_CYCLES,
    JB_CYCLES_REFERENCE,
    JB_CYCLES_EVENTS
};
const char *jb_cycles_event_name(
    enum jb_cycles_event event); /* "instructions", "cycles", "ref-cycles" */

/* One event over a run, its children included. */
struct jb_cycles_count {
    bool is_known;
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
};

#endif
