/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the recorder share: its state, its beginning (recorder_begin.c), its series (recorder_series.c). */
#ifndef JB_PIPELINE_RECORDER_INT_H
#define JB_PIPELINE_RECORDER_INT_H

#include "base/buf.h"
#include "pipeline/recorder.h"
#include "sample/series.h"
#include "sensor/sensor.h"
#include "subject/machine.h"

struct recorder_uses;

/* What the log says of the recorder before this one. */
struct old_session {
    struct jb_channel *channels;
    size_t n_channels;
    struct jb_idle idle[JB_CHANNELS_MAX];
    uint32_t n_subjects; /* of its last frame */
    struct jb_frame_subject subjects[JB_SUBJECTS_MAX];
};

struct jb_recorder {
    struct jb_spool *spool;
    struct jb_recorder_options options;
    struct jb_log_writer log;
    struct jb_sensor_set *sensors;
    struct jb_sensor_env env;
    size_t n_channels;
    uint64_t table; /* jb_log_table_sum of them */
    struct jb_cumulative states[JB_CHANNELS_MAX];
    struct jb_cumulative before[JB_CHANNELS_MAX]; /* of the frame before a break, being made */
    bool is_gone[JB_CHANNELS_MAX];
    bool any_gone;
    struct jb_idle idle[JB_CHANNELS_MAX];
    struct jb_machine_reader *machine_reader;
    struct jb_machine machine;                          /* as last read */
    struct jb_machine machine_at_frame, machine_before; /* at the last two frames */
    bool has_posted;                                    /* the next is known */
    int64_t posted_uj; /* of all posted channels at the last publishing, in their epochs then */
    int64_t period_ns;
    int64_t now_ns, now_utc_us; /* of the last observation */
    int64_t last_frame_ns;
    int64_t begin_ns; /* of the session */
    int64_t last_series_ns, last_reprobe_ns, last_liveness_ns, last_machine_ns;
    int64_t wait_until_ns; /* at the end of a run: for readers that usually answer at once */
    int64_t suspended_ns;  /* boot clock minus monotonic clock */
    int64_t utc_minus_mono_us;
    int64_t hour;
    struct jb_series_writer *series[JB_CHANNELS_MAX];
    struct jb_series_writer *machine_series, *busy_series[JB_CHANNELS_MAX];
    uint32_t series_epoch[JB_CHANNELS_MAX];
    struct jb_buf series_bytes;
    char seen[JB_SUBJECTS_MAX][JB_RUN_ID]; /* the run last shown in each slot, */
    int64_t last_cpu_ns[JB_SUBJECTS_MAX];  /* and its CPU time there */
    const struct old_session *old; /* while the first frame of a session that goes on is made */
    struct jb_frame frame;         /* being made */
    struct recorder_uses *uses;    /* who uses the boards */
    int64_t boundary_offset;       /* of the last boundary frame in the log */
};

bool recorder__is_posted(const struct jb_channel *channel);
const struct jb_clock *recorder__clock(const struct jb_recorder *recorder);
void recorder__publish(struct jb_recorder *recorder, int64_t mono_ns, int64_t utc_us);
JB_MUST_USE jb_rc recorder__write_frame(struct jb_recorder *recorder,
                                        const struct jb_cumulative *states,
                                        const struct jb_uses *uses, int64_t mono_ns, int64_t utc_us,
                                        uint32_t why, bool with_ends, struct jb_error *err);
JB_MUST_USE jb_rc recorder__observe_and_frame(struct jb_recorder *recorder, uint32_t why,
                                              struct jb_error *err);
/* recorder_apart.c: channels that are read apart, at a boundary. `is_at_work`: ticks are due meanwhile. */
void recorder__ask_at_boundary(struct jb_recorder *recorder, bool is_at_work);
void recorder__ask_at_end(struct jb_recorder *recorder);
void recorder__wait_at_end(struct jb_recorder *recorder);
/* R-GAP-07: to the instant of the last observation; false where its latest reading does not reach so far. */
bool recorder__carry(struct jb_recorder *recorder, size_t i);
void recorder__carry_all(struct jb_recorder *recorder);
const struct jb_cumulative *recorder__before_break(struct jb_recorder *recorder,
                                                   const struct jb_spool_latest *latest);
enum jb_gap recorder__why_unread(const struct jb_recorder *recorder, size_t i);
void recorder__write_levels(struct jb_recorder *recorder, int64_t mono_ns); /* at a frame */
void recorder__write_series(struct jb_recorder *recorder, int64_t mono_ns);
void recorder__end_series(struct jb_recorder *recorder);
void recorder__flush_series(struct jb_recorder *recorder, uint32_t channel, int64_t mono_ns);

/* Who uses the boards (recorder_use.c). A look is taken where one is due. */
JB_MUST_USE jb_rc recorder__uses_new(struct recorder_uses **ret_uses);
void recorder__uses_free(struct recorder_uses *uses); /* NULL is allowed */
void recorder__look_at_boards(struct jb_recorder *recorder, bool is_for_frame);
void recorder__boards_at_frame(struct jb_recorder *recorder);
void recorder__put_uses(struct jb_recorder *recorder, int64_t mono_ns, struct jb_uses *to);
void recorder__take_over_uses(struct jb_recorder *recorder, const struct jb_uses *from,
                              const int *places, size_t n_places);
/* Which boards the environment of the run in slot i excludes and names. */
void recorder__put_visible(struct jb_recorder *recorder, uint32_t i,
                           struct jb_frame_subject *subject);

#endif
