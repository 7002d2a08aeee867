/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger keeps. An entry is a kind, a time, named text fields and (for postings) lines that sum to zero.
 * Entries are never changed; a correction is another entry.
 */
#ifndef JB_MODEL_ENTRY_H
#define JB_MODEL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/channel.h"

#define JB_ENTRY_FIELDS_MAX 96
#define JB_ENTRY_LINES_MAX  160
#define JB_FIELD_NAME       40
#define JB_FIELD_VALUE_MAX  (4 * 1024 * 1024)
#define JB_ACCOUNT_NAME     192
#define JB_RUN_ID           37 /* UUID text with NUL */
#define JB_HOST_NAME        65
#define JB_BOOT_ID          37

/* Three books in one, each balanced, never added together. */
enum jb_layer {
    JB_LAYER_MEASURED, /* recorded while it ran, also where a model stood in for a missing meter */
    JB_LAYER_RECONSTRUCTED,
    JB_LAYER_PREDICTED,
};
const char *jb_layer_name(enum jb_layer layer);
int jb_layer_from_name(const char *name);

/* One named value; UTF-8, or JSON where the kind's description says so. Each is committed to with its own salt, so
 * that it can be withheld or erased later without breaking the tree. */
struct jb_field {
    const char *name;
    const char *value; /* NULL: erased or withheld, only its commitment is left */
};

/*
 * One side of an entry. Accounts: meter:HOST/CHANNEL (credit: negative), calibrated:, modelled:, billed:, stated:, pue: as contra
 * accounts where no meter gave; run:ID, idle:HOST, others:HOST, platform:HOST, discrepancy:HOST, facility:ID
 * (debit: positive). For a run's line the band and the views of its share stand beside it, never summed into it.
 */
struct jb_line {
    char account[JB_ACCOUNT_NAME];
    int64_t amount_uj;
    bool has_share;              /* the following are given (run lines only) */
    int64_t low_uj, high_uj;     /* attribution's band */
    int64_t reserved_uj, all_uj; /* views: who pays idle */
};

struct jb_entry {
    char kind[24];
    enum jb_layer layer;
    int64_t utc_us;         /* when it was entered */
    char run_id[JB_RUN_ID]; /* the run it is about; "" if none */
    size_t n_fields;
    const struct jb_field *fields;
    size_t n_lines;
    const struct jb_line *lines;
};

/*
 * One posting of one meter over one interval. (host, boot, channel) intervals may touch, never overlap. Raw truth is
 * kept: amount_uj of the meter's line = -(uj(count_end) - uj(count_start)), and for counters
 * (raw_end - raw_start) = (count_end - count_start) modulo `modulus`.
 */
struct jb_interval {
    char host[JB_HOST_NAME];
    char boot_id[JB_BOOT_ID];
    char channel[JB_CHANNEL_ID];
    char parent[JB_CHANNEL_ID];
    enum jb_scope scope;
    enum jb_device device;
    enum jb_semantics semantics;
    enum jb_origin origin;
    enum jb_role
        role; /* POST: energy_uj is shared; PARENT: only what is above its children, in energy_uj, is posted */
    uint64_t unit_num, unit_den, modulus;
    int64_t accuracy_low_ppm, accuracy_high_ppm;
    char correlation[48];
    char board
        [JB_CHANNEL_LABEL]; /* name of the board (GPU) that the channel is all of; "": none, or not told */
    uint32_t epoch;
    int64_t mono_start_ns, mono_end_ns;
    int64_t utc_start_us, utc_end_us;
    uint64_t raw_start, raw_end;
    uint64_t count_start, count_end;
    int64_t
        energy_uj; /* counters: exactly the converted difference; PARENT: the same, before children are taken off */
    int64_t low_uj, high_uj; /* the device's or model's own band on energy_uj */
    int64_t edge_uj;         /* half-width from cutting at the two ends: update period x power */
    int64_t counter_ns, gauge_ns, interpolated_ns, unobserved_ns; /* coverage */
    int64_t gap_best_uj, gap_high_uj; /* what gaps may have held; low 0; never posted */
    uint32_t n_failed;
    char gap[24];         /* name of the gap that ended or began it, "" if none */
    char idle_source[16]; /* jb_idle_source_name */
    int64_t idle_power_uw;
    int64_t busy_ns, capacity_ns; /* the machine's over the interval */
    int64_t
        board_busy_ns; /* the board's, by whomever; -1 its driver does not tell; means nothing without `board` */
};

#endif
