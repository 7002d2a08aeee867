/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded readings as a text file (docs/format/replay.md): read back for the replay driver, written by
 * `joulebook meters --record`. A file is foreign: it is checked line by line and refused whole. Not thread-safe.
 */
#ifndef JB_SENSOR_REPLAY_H
#define JB_SENSOR_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/channel.h"
#include "model/reading.h"

#define JB_REPLAY_BYTES_MAX    (INT64_C(256) * 1024 * 1024)
#define JB_REPLAY_READINGS_MAX 4000000

struct jb_replay;

/*
 * R-SENSOR-50: parses a whole file. `name` stands before ":line" in messages. JB_E_INPUT for anything that is not
 * exactly the format, JB_E_RANGE beyond the ceilings above. *ret_replay is the caller's.
 */
JB_MUST_USE jb_rc jb_replay_parse(const char *text, size_t len, const char *name,
                                  struct jb_replay **ret_replay, struct jb_error *err);
/* The same from a regular file. */
JB_MUST_USE jb_rc jb_replay_load(const char *path, struct jb_replay **ret_replay,
                                 struct jb_error *err);
void jb_replay_free(struct jb_replay *replay);
JB_AUTO_POINTER(struct jb_replay, jb_replay_free)

size_t jb_replay_n_channels(const struct jb_replay *replay);
const struct jb_channel *jb_replay_channel(const struct jb_replay *replay, size_t i); /* borrowed */
size_t jb_replay_n_readings(const struct jb_replay *replay); /* failed ones included */
/* From the first to the last line. */
int64_t jb_replay_duration_ns(const struct jb_replay *replay);

/*
 * R-SENSOR-51: what channel i showed `since_start_ns` after the first line: its last line until then. JB_E_AGAIN before
 * its first one, the recorded code where the recorded read failed, JB_E_GONE after the file's last line. Time must not
 * run backwards between two calls for one channel.
 */
JB_MUST_USE jb_rc jb_replay_play(struct jb_replay *replay, size_t i, int64_t since_start_ns,
                                 uint64_t *ret_raw);

/* Writing. The file is replaced if it is there. */
struct jb_replay_writer;
JB_MUST_USE jb_rc jb_replay_record_open(const char *path, const struct jb_channel *channels,
                                        size_t n_channels, struct jb_replay_writer **ret_writer,
                                        struct jb_error *err);
/* Readings in the order of time, over all channels. A failed write is kept and said at the close. */
void jb_replay_record_reading(struct jb_replay_writer *writer, size_t channel,
                              const struct jb_reading *reading);
/* A failed read, by its code: JB_E_AGAIN, JB_E_GONE, JB_E_PERMISSION or JB_E_IO (anything else is written as it). */
void jb_replay_record_failure(struct jb_replay_writer *writer, size_t channel, int64_t mono_ns,
                              jb_rc code);
/* Frees the writer in every case. JB_E_FULL, JB_E_IO: the file is not whole. */
JB_MUST_USE jb_rc jb_replay_record_close(struct jb_replay_writer *writer, struct jb_error *err);

#endif
