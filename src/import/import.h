/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers of others to readings: one file per format, one row in the table of import.c. A power log is read twice, never
 * held: a survey first, so that nothing wrong reaches the book, then its readings into the same sampler as live ones.
 * Rules R-IMPORT-*; docs/method/import.md.
 */
#ifndef JB_IMPORT_IMPORT_H
#define JB_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "model/channel.h"
#include "model/sample.h"

#define JB_IMPORT_LINE_MAX 4096
#define JB_IMPORT_KEY      48

/* R-IMPORT-02: monotonic time of a log is its UTC since 2010-01-01T00:00:00Z; what series can hold ends 36 years on. */
#define JB_IMPORT_EPOCH_UTC_NS (INT64_C(1262304000) * INT64_C(1000000000))
#define JB_IMPORT_TIME_END_NS  (INT64_C(1) << 60)

enum jb_import_what {
    JB_IMPORT_NOTHING, /* a blank line, a comment, a heading, somebody else's output */
    JB_IMPORT_READING,
    JB_IMPORT_FAILED, /* a reading without a value */
    JB_IMPORT_START,  /* the log says when it was meant to begin and to end */
    JB_IMPORT_STOP,
    JB_IMPORT_OTHER, /* a record of the format that is no reading: counted, by its key */
};

/* What one line says. */
struct jb_import_event {
    enum jb_import_what what;
    int64_t utc_ns;
    uint64_t raw; /* READING: in the parser's unit */
    char key[JB_IMPORT_KEY];
};

/* What a raw value is, as in struct jb_channel. */
struct jb_import_unit {
    enum jb_semantics semantics;
    uint64_t unit_num, unit_den;
};

/* Where a parser stands within a file. */
struct jb_import_parser {
    struct jb_import_unit unit; /* known with the first reading at the latest */
    bool has_header;
    size_t time_column, value_column; /* the format's own */
};

/*
 * A format of power logs. take_line gets each line without its end, at most JB_IMPORT_LINE_MAX bytes that may be any; its
 * message names neither file nor line. `*parser` is all zero before the first one.
 */
struct jb_import_format {
    const char *
        name; /* "mlperf-power": the word of the command line and the first part of the channel's id */
    const char *summary; /* for --help */
    jb_rc (*take_line)(struct jb_import_parser *parser, const char *line, size_t len,
                       struct jb_import_event *ret, struct jb_error *err);
};
extern const struct jb_import_format jb_import_csv_power, jb_import_mlperf_power;

/* Every format; NULL at the end. */
extern const struct jb_import_format *const jb_import_formats[];
const struct jb_import_format *jb_import_format_find(const char *name);

/* How far reading has come; called about once a mebibyte. */
struct jb_import_progress {
    void (*fn)(void *arg, int64_t n_bytes);
    void *arg;
};

typedef jb_rc (*jb_import_fn)(void *arg, const struct jb_import_parser *parser,
                              const struct jb_import_event *event, struct jb_error *err);
/*
 * Gives every line's event to `fn`, NOTHING left out, and the file's SHA-256. Errors name file and line. Holds one
 * buffer, whatever the size. JB_E_INPUT for what is no such log.
 */
JB_MUST_USE jb_rc jb_import_read(const struct jb_import_format *format, const char *path,
                                 const struct jb_import_progress *progress, jb_import_fn fn,
                                 void *arg, struct jb_hash *ret_hash, struct jb_error *err);

/* What is known of a log before its energy; times in ns since JB_IMPORT_EPOCH_UTC_NS. */
struct jb_import_survey {
    struct jb_hash hash;
    struct jb_import_unit unit;
    int64_t n_readings; /* with a value, whatever their time */
    int64_t n_failed;
    int64_t n_other;
    char other_key[JB_IMPORT_KEY]; /* the first of them */
    bool has_start, has_stop;
    int64_t start_ns, stop_ns;
    int64_t first_ns, last_ns; /* of the readings */
    int64_t n_back, back_ns;   /* R-IMPORT-04: how many stepped back in time, how far at most */
    int64_t n_same;            /* and how many have the time of the one before */
    int64_t least_uw, most_uw; /* of the readings; of counters, the mean between two of them */
    int64_t usual_ns;          /* the median time between two readings */
    int64_t gap_ns;            /* R-IMPORT-03: beyond this a stretch is interpolated, */
    int64_t bridge_ns;         /* and beyond this it is unobserved */
};
JB_MUST_USE jb_rc jb_import_survey(const struct jb_import_format *format, const char *path,
                                   const struct jb_import_progress *progress,
                                   struct jb_import_survey *ret, struct jb_error *err);

/* One meter whose log is being replayed. Everything cumulative, as jb_cumulative is. */
struct jb_import_meter {
    const struct jb_import_survey *survey;
    struct jb_channel channel;
    struct jb_cumulative state;
    int64_t n_gaps, longest_gap_ns; /* stretches over gap_ns, interpolated or not */
    int64_t interpolated_uj;        /* of the energy, not observed but bridged, */
    int64_t interpolated_low_uj;    /* and how far below and above that it may be */
    int64_t interpolated_high_uj;
};
/* `label` is the node's; `survey` outlives the meter. */
void jb_import_meter_begin(struct jb_import_meter *meter, const struct jb_import_format *format,
                           const struct jb_import_survey *survey, const char *label,
                           enum jb_scope scope, int64_t accuracy_ppm);
/* An event in the order of the log; readings and failed ones move the state, others nothing. */
void jb_import_meter_feed(struct jb_import_meter *meter, const struct jb_import_event *event);

#endif
