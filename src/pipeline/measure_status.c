/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of a run while it goes: energy so far, predictions at its marks, and what its user wants done about it. The
 * energy is that of all posted meters; the run's own share is known when the spool is settled.
 */
#include "pipeline/measure_int.h"

#include <signal.h>

#include "base/num.h"

/* Once a second, though ticks are never a whole second apart. */
#define STATUS_NS (950 * JB_NS_PER_MS)

/* What all posted meters have given since the run began, whoever reads them. */
static int64_t energy_uj(const struct measure *m)
{
    int64_t since_uj = atomic_load(&m->spool.node->posted_uj) - m->begin_energy_uj;
    return since_uj > 0 ? since_uj : 0;
}

static void on_mark(void *arg, const char *text)
{
    struct measure *m = arg;
    if (jb_course_mark(&m->course, text))
        m->is_course_due = true;
}

void measure__begin_course(struct measure *m)
{
    if (m->has_slot)
        m->begin_energy_uj = atomic_load(&m->spool.node->posted_uj);
    jb_course_init(&m->course, m->options->total_epochs, m->options->total_steps);
    m->marks.on_mark = on_mark;
    m->marks.arg = m;
    for (size_t i = 0; m->has_marks && i < m->options->n_stated_marks; i++)
        if (!jb_marks_add(&m->marks, m->clock, INT64_MAX, m->options->stated_marks[i]))
            return; /* no room for marks: the account has none, and says nothing of them */
}

/* R-PREDICT-11, -12: what is shown is what stands in the spool. */
void measure__follow_course(struct measure *m)
{
    struct jb_predicted predicted;
    char line[JB_MARK_TEXT];
    if (!m->is_course_due || !m->has_slot)
        return;
    m->is_course_due = false;
    int64_t elapsed_ns = jb_mono_ns(m->clock) - m->run->start_mono_ns;
    if (!jb_course_add(&m->course, elapsed_ns, energy_uj(m)))
        return;
    jb_predicted_make(m->run, &m->course.latest, m->course.unit, elapsed_ns, jb_utc_us(m->clock),
                      &predicted);
    if (jb_predicted_to_line(&predicted, line, sizeof line, NULL) < 0 ||
        !jb_marks_add(&m->marks, m->clock, INT64_MAX, line))
        return; /* no room in the spool: the next one is tried */
    m->predicted = predicted;
    jb_course_entered(&m->course);
}

static void carry_out(struct measure *m, const struct jb_measure_order *order)
{
    const int64_t not_after_ns = m->run->end_mono_ns > 0 ? m->run->end_mono_ns : INT64_MAX;
    if (order->mark[0] && m->has_marks &&
        !jb_marks_add(&m->marks, m->clock, not_after_ns, order->mark)) {
        struct jb_error err = {0};
        jb_rc rc = jb_fail(&err, JB_E_FULL, NULL, "no room to mark '%.100s'", order->mark);
        (void)rc;
        measure__keep_error(m, &err);
    }
    if (order->signal > 0 && m->run->pid > 0 && !m->has_ended)
        (void)kill((pid_t)m->run->pid, order->signal);
}

/* True if the listener wants something done: there may be more. */
static bool tell(struct measure *m, int64_t now_ns)
{
    int64_t since_ns = now_ns - (m->last_status_ns > 0 ? m->last_status_ns : m->run->start_mono_ns);
    m->last_status_ns = now_ns;
    struct jb_measure_order order = {0};
    struct jb_measure_status status = {
        .elapsed_ns = now_ns - m->run->start_mono_ns,
        .has_ended = m->has_ended,
        .has_power = m->has_slot,
        .mark = m->has_marks ? m->marks.last_text : "",
    };
    if (m->has_slot) {
        status.energy_uj = energy_uj(m);
        if (since_ns > 0)
            status.power_uw = jb_muldiv_sat_i64(status.energy_uj - m->status_energy_uj, JB_NS_PER_S,
                                                since_ns, JB_ROUND_NEAREST);
        m->status_energy_uj = status.energy_uj;
    }
    if (m->course.latest.state == JB_PREDICT_STEADY && m->course.n_entered > 0)
        status.predicted = &m->predicted;
    m->options->on_status(m->options->arg, &status, &order);
    carry_out(m, &order);
    return order.mark[0] != '\0';
}

void measure__tell_status(struct measure *m, int64_t now_ns)
{
    if (m->options->on_status && now_ns - m->last_status_ns >= STATUS_NS)
        (void)tell(m, now_ns);
}

/* R-BUDGET-02: what was passed since the last look, or in a run that was over before the first. */
void measure__tell_end(struct measure *m)
{
    if (!m->options->on_status)
        return;
    while (tell(m, m->run->end_mono_ns))
        ;
}
