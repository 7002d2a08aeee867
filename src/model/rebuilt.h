/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run as a paper tells of it: a bill, a scheduler's job, another tool's book, an answer to a question. Its energy was
 * told there, or is worked out of what is known of the work; it never came from a meter of ours.
 */
#ifndef JB_MODEL_REBUILT_H
#define JB_MODEL_REBUILT_H

#include "model/channel.h"
#include "model/run.h"
#include "model/work.h"

#define JB_REBUILT_LINES_MAX 24
#define JB_REBUILT_NOTES_MAX 24
#define JB_REBUILT_KEY       256

/* One part of its energy. */
struct jb_rebuilt_line {
    char channel
        [JB_CHANNEL_ID]; /* "codecarbon/gpu", "focus/aws p3.2xlarge": unique within the run */
    enum jb_scope scope;
    enum jb_device device;
    enum jb_origin origin;      /* RATED, MODELLED, BILLED, STATED; GAUGE or COUNTER never */
    struct jb_figure energy_uj; /* IT energy: without PUE, which stands in run.pue_milli */
    int64_t device_ns; /* how long such devices or instances were held, all together; 0 unknown */
    char correlation[48];
    char basis[192];
};

struct jb_rebuilt {
    /*
     * The paper as a whole, for entering it once: a bill is its account and period, a job its cluster and number. The
     * same key and digest again changes nothing; the same key with another digest supersedes what was entered.
     */
    char source[24]; /* the format: "focus", "sacct", "codecarbon", "case", "estimate" */
    char key
        [JB_REBUILT_KEY]; /* "1234567890123 2024-09-01 2024-10-01 AWS"; of jobs "cluster 4711 2026-01-02T03:04:05" */
    struct jb_run
        run; /* id, boot_id and status are set when it is entered; start and end_utc_us must be known */
    bool
        has_no_times; /* the paper tells of no moment: the run is entered at that of its paper, which a note says */
    enum jb_method method;
    bool
        is_machine_time_unknown; /* run.machine_ns 0 is no machine, or nobody knows: not one from begin to end */
    bool has_work;               /* the energy is not told: estimate it from `work` */
    struct jb_work work;
    const struct jb_estimate *estimate; /* of `work`, where it was made before; NULL: it will be */
    bool is_pue_included; /* lines hold PUE run.pue_milli: they are divided by it when entered */
    size_t n_lines;       /* 0 with has_work */
    struct jb_rebuilt_line lines[JB_REBUILT_LINES_MAX];
    size_t n_notes;
    char notes[JB_REBUILT_NOTES_MAX][JB_NOTE];
    struct jb_figure
        told_gco2e_ug; /* what the paper itself tells of carbon, ug CO2e; a note in the account, no figure of ours */
    size_t n_factors;
    struct jb_factor factors[JB_ESTIMATE_FACTORS_MAX];
};

#endif
