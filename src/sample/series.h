/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course of power and utilisation over a run, compressed for plots and later estimates: at most two bytes a
 * sample, timestamps included. The book's postings never come from here. Format: docs/format/series.md.
 */
#ifndef JB_SAMPLE_SERIES_H
#define JB_SAMPLE_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* One series being written: cumulative energy (uJ) or a gauge in ppm, sampled at (nearly) regular times. */
struct jb_series_writer;

#define JB_SERIES_CHUNK_SAMPLES 256

/* Names of series in the book: a channel's id for its energy; of levels in ppm, that of the machine's CPUs, and, behind a
 * channel's id, how busy the boards behind it were in the busiest second since the last sample (R-IDLE-02). */
#define JB_SERIES_MACHINE     "machine/cpu"
#define JB_SERIES_BUSY_SUFFIX "#busy"

enum jb_series_kind {
    JB_SERIES_ENERGY_UJ, /* cumulative; read back as energy per step, from which mean power follows */
    JB_SERIES_LEVEL_PPM, /* a level, such as CPU utilisation */
};

JB_MUST_USE jb_rc jb_series_writer_new(enum jb_series_kind kind,
                                       struct jb_series_writer **ret_writer);
void jb_series_writer_free(struct jb_series_writer *writer);

/*
 * Adds a sample; when a chunk is full, appends its encoded bytes (at most 2 * JB_SERIES_CHUNK_SAMPLES, self-contained)
 * to out. Times grow from sample to sample and are below 2^60, neither they nor values are negative: else JB_E_RANGE,
 * nothing added. A break in the cumulative value (an epoch) is announced by jb_series_writer_cut first. Otherwise
 * fails as `out` does; the chunk is then lost.
 */
JB_MUST_USE jb_rc jb_series_write(struct jb_series_writer *writer, int64_t mono_ns, int64_t value,
                                  struct jb_buf *out);
/* Ends the present chunk early, appending what it holds: at most 2 bytes a sample and JB_SERIES_SHORT_BYTES. */
JB_MUST_USE jb_rc jb_series_writer_cut(struct jb_series_writer *writer, struct jb_buf *out);
#define JB_SERIES_SHORT_BYTES 64

struct jb_series_point {
    int64_t mono_ns;
    int64_t value; /* as written, to half a quantum of the chunk; the first one exact */
};

/*
 * Decodes one chunk from bytes; *ret_used is how many of them it took. ret_points holds JB_SERIES_CHUNK_SAMPLES. Times
 * do not fall. JB_E_INPUT where the bytes are no chunk; ret_points may then have been written to.
 */
JB_MUST_USE jb_rc jb_series_read(const void *bytes, size_t len, enum jb_series_kind *ret_kind,
                                 struct jb_series_point *ret_points, size_t *ret_n,
                                 size_t *ret_used, struct jb_error *err);

#endif
