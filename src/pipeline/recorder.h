/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder of a node and book: reads every channel, keeps their cumulative state in the spool's node at each tick,
 * and writes a frame into the log every five seconds and at every boundary. It knows runs only as slots of the spool, and
 * never touches the book. Rules R-REC-01...: docs/method/recording.md.
 */
#ifndef JB_PIPELINE_RECORDER_H
#define JB_PIPELINE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/os.h"
#include "model/channel.h"
#include "model/share.h"
#include "spool/log.h"
#include "spool/spool.h"

struct jb_meters;
struct jb_sensor_driver;
struct jb_recorder;

/* Between two frames that no boundary asks for. */
#define JB_RECORDER_FRAME_NS (5 * JB_NS_PER_S)

struct jb_recorder_options {
    const struct jb_os *os;         /* for the sensors: may be a recorded tree */
    const struct jb_os *machine_os; /* for CPU time and memory: the machine the runs are on */
    const struct jb_clock *clock;
    const struct jb_sensor_driver *const *drivers; /* NULL: all there are */
    const char *replay_path;                       /* NULL: the machine itself */
    bool is_recorded_tree;          /* os is not this machine's: the accounts say so */
    const struct jb_meters *meters; /* NULL for none; outlives the recorder */
    bool is_privileged;
    bool is_other_pid_namespace; /* pids of kernel drivers mean nothing here (R-USE-03) */
    int64_t period_ns;           /* 0: chosen from the channels (R-RATE-01) */
};

/*
 * Begins a session: finishes the log of a dead recorder, finds the channels, takes the first frame. Counts that another
 * process can continue go on where the last recorder left them while runs of it are alive; others begin anew. The
 * spool must be locked. JB_E_UNAVAILABLE if nothing at all can be read, not even a model.
 */
JB_MUST_USE jb_rc jb_recorder_begin(struct jb_spool *spool,
                                    const struct jb_recorder_options *options,
                                    struct jb_recorder **ret_recorder, struct jb_error *err);
/* Last frame is the caller's; this closes sensors and log, and leaves the spool to the next recorder. */
void jb_recorder_free(struct jb_recorder *recorder);
JB_AUTO_POINTER(struct jb_recorder, jb_recorder_free)

int64_t jb_recorder_period_ns(const struct jb_recorder *recorder);
size_t jb_recorder_n_channels(const struct jb_recorder *recorder);
const struct jb_channel *jb_recorder_channel(const struct jb_recorder *recorder, size_t i);
const struct jb_cumulative *jb_recorder_state(const struct jb_recorder *recorder, size_t i);
int64_t jb_recorder_last_frame_ns(const struct jb_recorder *recorder);
/* Mean utilisation of the machine's CPUs between the last two frames, in ppm. */
int64_t jb_recorder_utilisation_ppm(const struct jb_recorder *recorder);

/* The boards whose energy is in channel i: how busy the busiest was in its busiest second between the last two frames, in
 * ppm; -1 where there is none, or no driver tells. */
int64_t jb_recorder_boards_busy_ppm(const struct jb_recorder *recorder, size_t i);

/* Reads every channel once. Takes a frame by itself where an epoch broke, an hour began or a second has passed. The
 * log's failure is noted and returned; the caller goes on: a later frame loses no energy of a counter. */
JB_MUST_USE jb_rc jb_recorder_tick(struct jb_recorder *recorder, struct jb_error *err);

/* Reads every channel and writes a frame with every slot of the spool: who began, who ended, who died. */
JB_MUST_USE jb_rc jb_recorder_frame(struct jb_recorder *recorder, struct jb_error *err);

/*
 * The end of a run in two steps, so that the meters are read the moment it ends and everything else comes after:
 * jb_recorder_read reads; jb_recorder_end_frame writes a frame of that instant. Where a read failed it is tried again
 * (JB_E_AGAIN, no frame yet) unless this is the last try.
 */
JB_MUST_USE jb_rc jb_recorder_read(struct jb_recorder *recorder, struct jb_error *err);
JB_MUST_USE jb_rc jb_recorder_end_frame(struct jb_recorder *recorder, bool is_last_try,
                                        struct jb_error *err);

/* The recorder's own child, for meters that are read apart (sensor/sensor.h): no part of any run. 0: none. */
pid_t jb_recorder_helper(const struct jb_recorder *recorder);
void jb_recorder_helper_ended(struct jb_recorder *recorder, pid_t pid);
int64_t jb_recorder_helper_cpu_ns(const struct jb_recorder *recorder);

/* Idle power of channel i from here on. */
JB_MUST_USE jb_rc jb_recorder_set_idle(struct jb_recorder *recorder, size_t i,
                                       const struct jb_idle *idle, struct jb_error *err);
/* A sentence for the accounts of the runs present. */
JB_MUST_USE jb_rc jb_recorder_note(struct jb_recorder *recorder, const char *text,
                                   struct jb_error *err);

/* After every frame so far was settled: the log is cut down to the last boundary. Call when a settlement that began
 * at the offset `settled` (jb_recorder_log_mark before it) has committed. */
int64_t jb_recorder_log_mark(const struct jb_recorder *recorder);
JB_MUST_USE jb_rc jb_recorder_cut_log(struct jb_recorder *recorder, int64_t mark,
                                      struct jb_error *err);

#endif
