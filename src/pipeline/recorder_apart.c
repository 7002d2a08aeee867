/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels that are read apart (R-READER-*) in the recorder: when their readers are asked and waited for, and what
 * their latest reading, older than the frame, means at a boundary (R-GAP-07). Waits at boundaries only, with a bound.
 */
#include "pipeline/recorder_int.h"
#include "sample/sampler.h"

/* R-READER-03: a reader that usually answers within as long is waited for. */
#define WAIT_NS (50 * JB_NS_PER_MS)

/* Before a run begins the wait costs nobody a sample; while one goes on, no tick is to be late for it. */
void recorder__ask_at_boundary(struct jb_recorder *recorder, bool is_at_work)
{
    const int64_t half_ns = recorder->period_ns / 2;
    const int64_t wait_ns = is_at_work && half_ns < WAIT_NS ? half_ns : WAIT_NS;

    jb_sensor_ask(recorder->sensors);
    (void)jb_sensor_wait(recorder->sensors, jb_mono_ns(recorder__clock(recorder)) + wait_ns);
}

/* At the end of a run what is read here comes first: readers are asked, and waited for when the rest was read. */
void recorder__ask_at_end(struct jb_recorder *recorder)
{
    const int64_t now_ns = jb_mono_ns(recorder__clock(recorder));

    recorder->wait_until_ns = now_ns + WAIT_NS;
    (void)jb_sensor_wait(recorder->sensors, now_ns);
}

void recorder__wait_at_end(struct jb_recorder *recorder)
{
    (void)jb_sensor_wait(recorder->sensors, recorder->wait_until_ns);
}

bool recorder__carry(struct jb_recorder *recorder, size_t i)
{
    return jb_sensor_is_apart(recorder->sensors, i) && !recorder->is_gone[i] &&
           jb_sampler_carry(jb_sensor_channel(recorder->sensors, i), &recorder->states[i],
                            recorder->now_ns, recorder->period_ns);
}

void recorder__carry_all(struct jb_recorder *recorder)
{
    for (size_t i = 0; i < recorder->n_channels; i++)
        (void)recorder__carry(recorder, i);
}

/*
 * The states that were published last, for a frame of that instant. A counter that had not answered by then, and went on
 * when it did, was seen there too: what it tells now it tells of that time. Its energy stays where it was told.
 */
const struct jb_cumulative *recorder__before_break(struct jb_recorder *recorder,
                                                   const struct jb_spool_latest *latest)
{
    memcpy(recorder->before, latest->channels, recorder->n_channels * sizeof recorder->before[0]);
    for (size_t i = 0; i < recorder->n_channels; i++) {
        const struct jb_cumulative *now = &recorder->states[i];
        struct jb_cumulative *before = &recorder->before[i];
        if (jb_sensor_channel(recorder->sensors, i)->semantics != JB_SEMANTICS_COUNTER ||
            !before->is_open || now->epoch != before->epoch ||
            now->unobserved_ns != before->unobserved_ns || now->covered_ns < latest->mono_ns ||
            before->covered_ns >= latest->mono_ns)
            continue;
        before->counter_ns += latest->mono_ns - before->covered_ns;
        before->covered_ns = latest->mono_ns;
    }
    return recorder->before;
}

enum jb_gap recorder__why_unread(const struct jb_recorder *recorder, size_t i)
{
    if (recorder->is_gone[i])
        return JB_GAP_GONE;
    return jb_sensor_is_silent(recorder->sensors, i) ? JB_GAP_SILENT : JB_GAP_UNREADABLE;
}

pid_t jb_recorder_helper(const struct jb_recorder *recorder)
{
    return jb_sensor_helper(recorder->sensors);
}

void jb_recorder_helper_ended(struct jb_recorder *recorder, pid_t pid)
{
    jb_sensor_helper_ended(recorder->sensors, pid);
}

int64_t jb_recorder_helper_cpu_ns(const struct jb_recorder *recorder)
{
    return jb_sensor_helper_cpu_ns(recorder->sensors);
}
