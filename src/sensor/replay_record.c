/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels and readings to a replay file (docs/format/replay.md). Must not name the machine: a recording is made to be
 * given away.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sensor/replay.h"

struct jb_replay_writer {
    FILE *file;
    int failed; /* errno of the first failed write, 0 for none */
    char path[256];
};

static void put_curve(FILE *file, const char *name, const int64_t *points_uw)
{
    (void)fprintf(file, "%s", name);
    for (size_t k = 0; k < JB_CURVE_POINTS; k++)
        (void)fprintf(file, " %" PRId64, points_uw[k]);
    (void)fputc('\n', file);
}

static void put_text(FILE *file, const char *name, const char *text)
{
    if (text[0] != '\0')
        (void)fprintf(file, "%s %s\n", name, text);
}

static void put_channel(FILE *file, const struct jb_channel *channel)
{
    (void)fprintf(file, "channel %s\n", channel->id);
    put_text(file, "parent", channel->parent);
    put_text(file, "label", channel->label);
    (void)fprintf(file, "scope %s\ndevice %s\nsemantics %s\norigin %s\nrole %s\n",
                  jb_scope_name(channel->scope), jb_device_name(channel->device),
                  jb_semantics_name(channel->semantics), jb_origin_name(channel->origin),
                  jb_role_name(channel->role));
    (void)fprintf(file, "unit_num %" PRIu64 "\nunit_den %" PRIu64 "\nmodulus %" PRIu64 "\n",
                  channel->unit_num, channel->unit_den, channel->modulus);
    (void)fprintf(file,
                  "quantum_uj %" PRId64 "\nupdate_ns %" PRId64 "\nwindow_ns %" PRId64
                  "\nmax_power_uw %" PRId64 "\n",
                  channel->quantum_uj, channel->update_ns, channel->window_ns,
                  channel->max_power_uw);
    (void)fprintf(file,
                  "accuracy_ppm %" PRId64 "\naccuracy_low_ppm %" PRId64
                  "\naccuracy_high_ppm %" PRId64 "\n",
                  channel->accuracy_ppm, channel->accuracy_low_ppm, channel->accuracy_high_ppm);
    put_text(file, "correlation", channel->correlation);
    if (channel->semantics == JB_SEMANTICS_BUSY) {
        (void)fprintf(file, "curve_threads %" PRId64 "\n", channel->curve.n_threads);
        put_curve(file, "curve_low_uw", channel->curve.low_uw);
        put_curve(file, "curve_best_uw", channel->curve.best_uw);
        put_curve(file, "curve_high_uw", channel->curve.high_uw);
    }
}

jb_rc jb_replay_record_open(const char *path, const struct jb_channel *channels, size_t n_channels,
                            struct jb_replay_writer **ret_writer, struct jb_error *err)
{
    struct jb_replay_writer *const writer = calloc(1, sizeof *writer);

    if (!writer)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to record to '%s'", path);
    const int handle = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
    writer->file = handle >= 0 ? fdopen(handle, "w") : NULL;
    if (!writer->file) {
        const int failed = errno;
        if (handle >= 0)
            (void)close(handle);
        free(writer);
        return jb_fail_errno(err, failed, "name a file in a folder that you may write to",
                             "cannot record to '%s'", path);
    }
    (void)snprintf(writer->path, sizeof writer->path, "%s", path);
    (void)fprintf(writer->file, "joulebook-replay 1\n");
    for (size_t i = 0; i < n_channels; i++)
        put_channel(writer->file, &channels[i]);
    (void)fprintf(writer->file, "readings\n");
    *ret_writer = writer;
    return JB_OK;
}

/* errno is only sure right after the call that failed. */
static void note(struct jb_replay_writer *writer, int n_written)
{
    if (n_written < 0 && writer->failed == 0)
        writer->failed = errno != 0 ? errno : EIO;
}

void jb_replay_record_reading(struct jb_replay_writer *writer, size_t channel,
                              const struct jb_reading *reading)
{
    note(writer, fprintf(writer->file, "%" PRId64 " %zu %" PRIu64 "\n", reading->mono_ns, channel,
                         reading->raw));
}

void jb_replay_record_failure(struct jb_replay_writer *writer, size_t channel, int64_t mono_ns,
                              jb_rc code)
{
    const bool is_known = code == JB_E_AGAIN || code == JB_E_GONE || code == JB_E_PERMISSION;

    note(writer, fprintf(writer->file, "%" PRId64 " %zu !%s\n", mono_ns, channel,
                         jb_rc_name(is_known ? code : JB_E_IO)));
}

jb_rc jb_replay_record_close(struct jb_replay_writer *writer, struct jb_error *err)
{
    if (ferror(writer->file) && writer->failed == 0)
        writer->failed = EIO;
    note(writer, fclose(writer->file));
    const jb_rc rc = writer->failed == 0
                         ? JB_OK
                         : jb_fail_errno(err, writer->failed,
                                         "the recording is cut short: make room and record again",
                                         "cannot write to '%s'", writer->path);
    free(writer);
    return rc;
}
