/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool: what a recorder has read and the book has not yet been told. A folder beside the book,
 * "<book>.spool", local to one node, that outlives any process:
 *
 *   lock      held (flock) by the one recorder of this node and book for as long as it lives
 *   slots     held (flock) for the moment in which a run takes a slot or the node is emptied
 *   node      shared memory: the latest cumulative state of every channel, and the table of runs
 *   wake      a FIFO: whoever writes a byte asks the recorder for a frame now
 *   log       append-only frames, one a second and one at every boundary (spool/log.h)
 *   run-ID    a run's facts as JSON, held (flock) by its supervisor: an unheld one is dead
 *   marks-ID  lines that the training writes; seen-ID: the same with the time they were seen
 *
 * Stored as the machine has it in memory: a spool never leaves its node. Rules R-SPOOL-01...; docs/format/spool.md.
 */
#ifndef JB_SPOOL_SPOOL_H
#define JB_SPOOL_SPOOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/channel.h"
#include "model/entry.h"
#include "model/sample.h"
#include "model/subject.h"
#include "model/use.h"

#define JB_SPOOL_MAGIC UINT64_C(0x31304c4f4f50534a) /* "JSPOOL01", little-endian */

/* Everything known at one instant; the node holds the two latest so that one is whole whenever a process dies. */
struct jb_spool_latest {
    _Atomic uint64_t
        begun; /* equal to `done` when whole; the greater one of the two latest is the newest */
    _Atomic uint64_t done;
    int64_t mono_ns, utc_us;
    uint64_t table; /* jb_log_table_sum of the channels whose order it follows */
    struct jb_machine machine;
    uint32_t n_channels;
    uint32_t pad;
    struct jb_cumulative channels[JB_CHANNELS_MAX];
    struct jb_uses uses;
};

/* NAME=value lines of the environment that may limit a run to some boards (subject/visible.h). */
#define JB_BOARD_TEXTS 1024

enum jb_slot_state {
    JB_SLOT_FREE,
    JB_SLOT_CLAIMED, /* being filled by its owner */
    JB_SLOT_ACTIVE,
    JB_SLOT_ENDED, /* cpu_ns is final; the next frame carries its end */
    JB_SLOT_DONE,  /* its end is in the log; free once the run is closed in the book */
};

/* One run. Written by its own supervisor, read by the recorder at each frame. */
struct jb_spool_slot {
    _Atomic uint32_t state; /* enum jb_slot_state */
    _Atomic uint32_t reserved_ppm;
    _Atomic int64_t cpu_ns;       /* cumulative, all its processes, */
    _Atomic int64_t scan_mono_ns; /* as of then, */
    _Atomic int64_t cpu_ppm; /* growing since the scan before at this rate: 1000000 is one CPU */
    _Atomic int64_t resident_bytes;
    _Atomic int64_t end_mono_ns; /* valid once ENDED */
    char run_id[JB_RUN_ID];
    char parent_id[JB_RUN_ID]; /* the run it runs inside of, if that is in the same spool */
    char pad[6];
    _Atomic int64_t supervisor_pid;
    _Atomic int64_t
        root_pid; /* of an attached run: no child of its supervisor; 0 for a command's */
    char board_texts[JB_BOARD_TEXTS];
};

/* Its CPU time was never looked at: the run is just beginning, and nothing before this instant is its own. */
static inline bool jb_spool_slot_is_new(struct jb_spool_slot *slot)
{
    return atomic_load(&slot->state) == JB_SLOT_ACTIVE && atomic_load(&slot->scan_mono_ns) == 0;
}

struct jb_spool_node {
    uint64_t magic;
    uint32_t bytes; /* sizeof this struct: a spool of another build is settled, not continued */
    uint32_t pad;
    char boot_id[JB_BOOT_ID];
    char host[JB_HOST_NAME];
    char pad2[2];
    _Atomic int64_t recorder_pid; /* for messages only; the lock decides */
    _Atomic uint32_t frames;      /* counts frames appended to the log; a futex word */
    _Atomic uint32_t n_waiting;   /* for a frame */
    /* What all posted channels have given since the spool was made, as its recorders count it: for status, predictions
     * and budgets, never for postings. It does not fall where a channel's epoch ends. */
    _Atomic int64_t posted_uj;
    struct jb_spool_latest latest[2];
    struct jb_spool_slot slots[JB_SUBJECTS_MAX];
};

struct jb_spool {
    char path[1024]; /* the folder */
    int folder_fd;
    int lock_fd;
    int wake_fd; /* recorder: read end; -1 otherwise */
    bool is_recorder;
    struct jb_spool_node *node;
};

/*
 * Opens or makes the spool folder of a book (0700) and maps its node. If the node is of another boot, host or
 * build, *ret_is_stale is true and only settling is allowed (log and runs are all dead then). JB_E_FULL if there is
 * no room for the node (it is allocated in full, so a full disk never faults later).
 */
JB_MUST_USE jb_rc jb_spool_open(const char *book_path, const char *host, const char *boot_id,
                                struct jb_spool *ret, bool *ret_is_stale, struct jb_error *err);
void jb_spool_close(struct jb_spool *spool);
/* In the child of a fork, which has no mapping of the node until it asks for one; `spool` is the child's copy. */
JB_MUST_USE jb_rc jb_spool_map_again(struct jb_spool *spool, struct jb_error *err);

/* After everything in it was settled, and if no run is in any slot: an empty node for this host and boot, no log. What
 * cannot be emptied now is found posted by the next settlement, and a stale node stays stale. Needs the lock. */
void jb_spool_reset_if_idle(struct jb_spool *spool, const char *host, const char *boot_id);

/* Frees the slots of runs whose supervisor is dead, also of one that died taking its slot. What the log has of them was
 * settled; what it has not is for jb_track_close_orphans. Needs the lock. */
JB_MUST_USE jb_rc jb_spool_free_dead_slots(struct jb_spool *spool, struct jb_error *err);

/* Whether the node is of another host, boot or build by now: another process may have emptied it since it was opened. */
bool jb_spool_is_stale(const struct jb_spool *spool, const char *host, const char *boot_id);

/* Tries to become the recorder. JB_E_BUSY if another process is. */
JB_MUST_USE jb_rc jb_spool_lock(struct jb_spool *spool, struct jb_error *err);
void jb_spool_unlock(struct jb_spool *spool);

/* Claims a slot (ACTIVE, cpu_ns 0) for a run supervised by this process. JB_E_BUSY if JB_SUBJECTS_MAX runs are there. */
struct jb_spool_claimant {
    const char *run_id;
    const char *parent_id;   /* "" for none */
    const char *board_texts; /* NULL for none */
    int64_t root_pid;        /* of the process attached to; 0 for a command */
    uint32_t reserved_ppm;
};
JB_MUST_USE jb_rc jb_spool_claim(struct jb_spool *spool, const struct jb_spool_claimant *claimant,
                                 uint32_t *ret_slot, struct jb_error *err);
/* After the run was closed in the book. */
void jb_spool_free_slot(struct jb_spool *spool, uint32_t slot);

/* Whether the slot is still this run's: one whose file was removed is taken for dead, and its slot goes to another. */
bool jb_spool_is_slot_of(const struct jb_spool *spool, uint32_t slot, const char *run_id);
/* ACTIVE to ENDED; false if the slot is not this run's any more. */
bool jb_spool_end_slot(struct jb_spool *spool, uint32_t slot, const char *run_id, int64_t mono_ns);

/* Asks the recorder for a frame and waits until it is in the log. JB_E_AGAIN after timeout_ns. */
JB_MUST_USE jb_rc jb_spool_request_frame(struct jb_spool *spool, int64_t timeout_ns);
/* Recorder: a frame is in the log; wakes whoever waits. */
void jb_spool_frame_done(struct jb_spool *spool);

/* Recorder: the next latest state to fill (then publish). Readers: the newest whole one, NULL if none. */
struct jb_spool_latest *jb_spool_latest_begin(struct jb_spool *spool);
void jb_spool_latest_publish(struct jb_spool *spool, struct jb_spool_latest *latest);
const struct jb_spool_latest *jb_spool_latest_newest(const struct jb_spool *spool);

/* "<folder>/<kind>-<run id>"; false if it does not fit. */
bool jb_spool_run_path(const struct jb_spool *spool, const char *kind, const char *run_id,
                       char *buf, size_t size);

/* Writes a run's facts (whole file, renamed into place) and keeps them locked by *ret_fd until closed. */
JB_MUST_USE jb_rc jb_spool_write_run(struct jb_spool *spool, const char *run_id, const char *json,
                                     int *inout_fd, struct jb_error *err);
/* Whether somebody holds the run's file: false only if nobody does, or there is none. */
bool jb_spool_is_alive(const struct jb_spool *spool, const char *run_id);

/* Reads them; *ret_json is the caller's to free; *ret_is_alive: somebody holds the file. JB_E_NOT_FOUND if none. */
JB_MUST_USE jb_rc jb_spool_read_run(const struct jb_spool *spool, const char *run_id,
                                    char **ret_json, bool *ret_is_alive, struct jb_error *err);
void jb_spool_remove_run(struct jb_spool *spool, const char *run_id);

/*
 * R-SPOOL-04: has the kernel begin to write log and node to the disk, without waiting for it. It would by itself half a
 * minute after each was changed, unless the machine is set to save its disk.
 */
void jb_spool_write_through(const struct jb_spool *spool);

/* The ids of all run files in the folder, live or dead. Stops at a non-zero return. */
typedef jb_rc (*jb_spool_run_fn)(void *arg, const char *run_id, struct jb_error *err);
JB_MUST_USE jb_rc jb_spool_each_run(const struct jb_spool *spool, jb_spool_run_fn fn, void *arg,
                                    struct jb_error *err);

#endif
