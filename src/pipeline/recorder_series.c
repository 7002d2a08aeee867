/* SPDX-License-Identifier: Apache-2.0 */
/* The course of power for plots: chunks into the log. Never in a posting's way: what cannot be kept is left out. */
#include "pipeline/recorder_int.h"

#include "sample/sampler.h"

void recorder__flush_series(struct jb_recorder *recorder, uint32_t channel, int64_t mono_ns)
{
    if (recorder->series_bytes.len > 0 && recorder->series_bytes.failed == JB_OK) {
        /* Plots are not worth a failed run: a chunk that cannot be kept is left out. */
        jb_rc rc = jb_log_series(&recorder->log, channel, mono_ns, recorder->series_bytes.bytes,
                                 recorder->series_bytes.len, NULL);
        (void)rc;
    }
    jb_buf_clear(&recorder->series_bytes);
}

void recorder__write_series(struct jb_recorder *recorder, int64_t mono_ns)
{
    for (size_t i = 0; i < recorder->n_channels; i++) {
        const struct jb_cumulative *state = &recorder->states[i];
        struct jb_series_writer *writer = recorder->series[i];
        if (!writer || !state->is_open)
            continue;
        jb_rc rc = JB_OK;
        if (recorder->series_epoch[i] != state->epoch)
            rc = jb_series_writer_cut(writer, &recorder->series_bytes);
        recorder->series_epoch[i] = state->epoch;
        if (rc == JB_OK)
            rc = jb_series_write(
                writer, state->mono_ns,
                jb_sampler_count_to_uj(jb_sensor_channel(recorder->sensors, i), state->count),
                &recorder->series_bytes);
        (void)rc; /* the same time twice is refused, and nothing is lost */
        recorder__flush_series(recorder, (uint32_t)i, mono_ns);
    }
    recorder->last_series_ns = mono_ns;
}

static void write_level(struct jb_recorder *recorder, struct jb_series_writer *writer,
                        uint32_t channel, int64_t mono_ns, int64_t ppm)
{
    if (writer && jb_series_write(writer, mono_ns, ppm, &recorder->series_bytes) == JB_OK)
        recorder__flush_series(recorder, channel, mono_ns);
}

/* How busy the machine was since the last frame, and the boards behind each posted channel in their busiest second. */
void recorder__write_levels(struct jb_recorder *recorder, int64_t mono_ns)
{
    write_level(recorder, recorder->machine_series, JB_LOG_SERIES_MACHINE, mono_ns,
                jb_recorder_utilisation_ppm(recorder));
    for (size_t i = 0; i < recorder->n_channels; i++) {
        const int64_t ppm = recorder__is_posted(jb_sensor_channel(recorder->sensors, i))
                                ? jb_recorder_boards_busy_ppm(recorder, i)
                                : -1;
        if (ppm < 0 || (!recorder->busy_series[i] &&
                        jb_series_writer_new(JB_SERIES_LEVEL_PPM, &recorder->busy_series[i]) < 0))
            continue;
        write_level(recorder, recorder->busy_series[i], JB_LOG_SERIES_BUSY | (uint32_t)i, mono_ns,
                    ppm);
    }
}

static void cut_series(struct jb_recorder *recorder, int64_t mono_ns)
{
    for (size_t i = 0; i < recorder->n_channels; i++) {
        if (recorder->series[i] &&
            jb_series_writer_cut(recorder->series[i], &recorder->series_bytes) == JB_OK)
            recorder__flush_series(recorder, (uint32_t)i, mono_ns);
        if (recorder->busy_series[i] &&
            jb_series_writer_cut(recorder->busy_series[i], &recorder->series_bytes) == JB_OK)
            recorder__flush_series(recorder, JB_LOG_SERIES_BUSY | (uint32_t)i, mono_ns);
    }
    if (recorder->machine_series &&
        jb_series_writer_cut(recorder->machine_series, &recorder->series_bytes) == JB_OK)
        recorder__flush_series(recorder, JB_LOG_SERIES_MACHINE, mono_ns);
}

/* Chunks end where a run ends, so that they are in the log before the frame that closes it. */
static bool is_some_run_ending(const struct jb_recorder *recorder)
{
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++)
        if (atomic_load(&recorder->spool->node->slots[i].state) == JB_SLOT_ENDED)
            return true;
    return false;
}

void recorder__end_series(struct jb_recorder *recorder)
{
    /* A course of less than a second says no more than its postings. */
    if (!is_some_run_ending(recorder) || recorder->now_ns - recorder->begin_ns < JB_NS_PER_S)
        return;
    recorder__write_series(recorder, recorder->now_ns);
    cut_series(recorder, recorder->now_ns);
}
