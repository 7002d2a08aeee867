/* SPDX-License-Identifier: Apache-2.0 */
/* The processors' counters of a run: watched from its exec, read once after the meters, told in the spool. R-CYCLES-04, -06. */
#include "pipeline/cycles_record.h"
#include "pipeline/measure_int.h"

void measure__watch_cycles(struct measure *m)
{
    if (!m->has_marks)
        return; /* nothing could tell the counts to the book */
    jb_cycles_watch_prepare(&m->cycles, &m->os);
    m->has_cycles = true;
    jb_supervise_before_exec(m->supervise, jb_cycles_watch_open, &m->cycles);
}

void measure__begin_cycles(struct measure *m)
{
    if (m->has_cycles)
        jb_cycles_watch_take(&m->cycles);
}

void measure__read_cycles(struct measure *m, struct jb_cycles *ret)
{
    memset(ret, 0, sizeof *ret);
    if (m->has_cycles)
        jb_cycles_watch_read(&m->cycles, ret);
    for (size_t i = 0; !m->has_cycles && i < JB_CYCLES_EVENTS; i++)
        jb_cycles_absent(JB_CYCLES_ATTACHED, JB_PARANOID_UNKNOWN, &ret->counts[i]);
}

void measure__enter_cycles(struct measure *m, const struct jb_cycles *cycles)
{
    char line[JB_MARK_TEXT];

    /* No room in the spool: the run has no counts, and its account no method A. */
    if (m->has_marks && jb_cycles_to_line(cycles, line, sizeof line, NULL) == JB_OK)
        (void)jb_marks_add(&m->marks, m->clock, m->run->end_mono_ns, line);
}
