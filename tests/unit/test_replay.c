/* SPDX-License-Identifier: Apache-2.0 */
/* Replay files: what is taken, what is refused and where, and what stands at which time. */
#include "tap.h"

#include <unistd.h>

#include "sensor/replay.h"

#define CHANNEL(id)                                                                             \
    "channel " id "\nscope package\ndevice cpu\nsemantics counter\norigin counter\nrole post\n" \
    "unit_num 1\nunit_den 1\nmodulus 1000\nquantum_uj 1\nupdate_ns 10\nwindow_ns 0\n"           \
    "max_power_uw 5000\naccuracy_ppm 30000\n"
#define HEAD "joulebook-replay 1\n"

static struct jb_replay *parse(const char *text, struct jb_error *err)
{
    struct jb_replay *replay = NULL;

    *err = (struct jb_error){0};
    return jb_replay_parse(text, strlen(text), "r", &replay, err) == JB_OK ? replay : NULL;
}

static void expect_refused(const char *text, const char *message)
{
    struct jb_error err;
    struct jb_replay *const replay = parse(text, &err);

    ok(!replay && err.code == JB_E_INPUT && strstr(err.message, message), "refused: %s", message);
    if (!replay && !strstr(err.message, message))
        diag("%s", err.message);
    jb_replay_free(replay);
}

static void refusals(void)
{
    expect_refused("", "r:0: this is no replay file of version 1");
    expect_refused("joulebook-replay 2\n", "r:1: this is no replay file of version 1");
    expect_refused("joulebook-replay 1", "r:1: the last line is cut off");
    expect_refused(HEAD, "r:1: the file ends before its readings");
    expect_refused(HEAD "readings\n", "r:2: the file ends before its readings");
    expect_refused(HEAD "scope package\n", "r:2: a property stands before the first channel");
    expect_refused(HEAD "channel a b\n", "r:2: the channel's id cannot be understood");
    expect_refused(HEAD "channel \n", "r:2: the channel's id cannot be understood");
    expect_refused(HEAD CHANNEL("a") CHANNEL("a"), "r:16: two channels have the same id");
    expect_refused(HEAD "channel a\nreadings\n",
                   "r:3: the channel before this line has no 'scope'");
    expect_refused(HEAD "channel a\nchannel b\n",
                   "r:3: the channel before this line has no 'scope'");
    expect_refused(HEAD "channel a\ncolour red\n", "r:3: no such property");
    expect_refused(HEAD "channel a\nscope\n", "r:3: no such property");
    expect_refused(HEAD "channel a\nscope packages\n", "r:3: the property's value");
    expect_refused(HEAD "channel a\nscope  package\n", "r:3: the property's value");
    expect_refused(HEAD "channel a\nmodulus -1\n", "r:3: the property's value");
    expect_refused(HEAD "channel a\nupdate_ns -1\n", "r:3: the property's value");
    expect_refused(HEAD "channel a\nparent x y\n", "r:3: the property's value");
    expect_refused(HEAD "channel a\ncurve_low_uw 1 2 3\n", "r:3: the property's value");
    expect_refused(HEAD "channel a\ncurve_low_uw 1 2 3 4 5\n", "r:3: the property's value");
    expect_refused(HEAD "channel a\ncurve_low_uw 1 2 3 \n", "r:3: the property's value");
    expect_refused(HEAD "channel a\nscope core\nscope core\n",
                   "r:4: the channel has this property twice");
    expect_refused(HEAD CHANNEL("a") "label a\tb\nreadings\n", "r:16: a control character");
    expect_refused(HEAD CHANNEL("a") "readings\n1 0\n", "r:17: a reading has three words");
    expect_refused(HEAD CHANNEL("a") "readings\n1 0 5 6\n", "r:17: the value is no count");
    expect_refused(HEAD CHANNEL("a") "readings\n1 1 5\n", "r:17: no such channel");
    expect_refused(HEAD CHANNEL("a") "readings\n-1 0 5\n", "r:17: the time is no number");
    expect_refused(HEAD CHANNEL("a") "readings\n1 0 1000\n", "r:17: the value is not below");
    expect_refused(HEAD CHANNEL("a") "readings\n1 0 !JB_OK\n", "r:17: no such failure");
    expect_refused(HEAD CHANNEL("a") "readings\n1 0 !\n", "r:17: no such failure");
    expect_refused(HEAD CHANNEL("a") "readings\n5 0 5\n4 0 6\n", "r:18: time runs backwards");
    expect_refused(HEAD CHANNEL("a") "readings\n5 0 5\n6 0 6", "r:18: the last line is cut off");
    expect_refused(HEAD CHANNEL("a") "readings\nreadings\n", "r:17: a reading has three words");
}

static void odd_numbers(void)
{
    char text[2048];

    (void)snprintf(text, sizeof text, HEAD "%s", CHANNEL("a") "readings\n");
    char *const unit = strstr(text, "unit_den 1");
    unit[9] = '0';
    expect_refused(text, "r:16: the channel before this line has a unit or greatest power of 0");
    expect_refused(HEAD
                   "channel a\nscope package\ndevice cpu\nsemantics busy-time\norigin modelled\n"
                   "role post\nunit_num 1\nunit_den 1\nmodulus 0\nquantum_uj 0\nupdate_ns 1\n"
                   "window_ns 0\nmax_power_uw 5\naccuracy_ppm 0\nreadings\n",
                   "r:16: the channel before this line has no power curve in order");
    char *const long_line = malloc(2000);
    if (!long_line)
        bail_out("no memory");
    (void)snprintf(long_line, 2000, HEAD "# %01000d\n", 0);
    expect_refused(long_line, "r:2: the line is too long");
    free(long_line);
}

static void channels(void)
{
    struct jb_error err;
    struct jb_replay *const replay =
        parse(HEAD "# a comment\n\n" CHANNEL(
                  "rapl/package-0") "parent node/x\nlabel CPU of caf\xc3\xa9\n"
                                    "correlation rapl\n" CHANNEL("b") "readings\n100 0 5\n",
              &err);

    if (!replay)
        bail_out("%s", err.message);
    is_i64((int64_t)jb_replay_n_channels(replay), 2, "two channels");
    const struct jb_channel *const channel = jb_replay_channel(replay, 0);
    is_str(channel->id, "rapl/package-0", "the id");
    is_str(channel->parent, "node/x", "the parent");
    is_str(channel->label, "CPU of caf\xc3\xa9", "a label of several words");
    is_str(channel->correlation, "rapl", "the correlation key");
    ok(channel->scope == JB_SCOPE_PACKAGE && channel->device == JB_DEVICE_CPU &&
           channel->semantics == JB_SEMANTICS_COUNTER && channel->origin == JB_ORIGIN_COUNTER,
       "its words");
    ok(channel->modulus == 1000 && channel->max_power_uw == 5000 && channel->accuracy_ppm == 30000,
       "its numbers");
    ok(channel->is_local, "a recording begins anew in every process");
    ok(!jb_replay_channel(replay, 2), "there is no third");
    jb_replay_free(replay);
}

static void expect_play(struct jb_replay *replay, size_t i, int64_t at_ns, jb_rc want_rc,
                        int64_t want, const char *promise)
{
    uint64_t raw = UINT64_MAX;
    const jb_rc rc = jb_replay_play(replay, i, at_ns, &raw);

    ok(rc == want_rc && (int64_t)raw == want, "%s", promise);
    if (rc != want_rc || (int64_t)raw != want)
        diag("got %s, %" PRIu64, jb_rc_name(rc), raw);
}

static void playing(void)
{
    struct jb_error err;
    struct jb_replay *const replay =
        parse(HEAD CHANNEL("a") CHANNEL("b") "readings\n1000 0 5\n1500 1 7\n2000 0 !JB_E_AGAIN\n"
                                             "2500 1 8\n3000 0 9\n3000 0 10\n",
              &err);

    if (!replay)
        bail_out("%s", err.message);
    is_i64((int64_t)jb_replay_n_readings(replay), 6, "six readings");
    is_i64(jb_replay_duration_ns(replay), 2000, "over 2000 ns");
    expect_play(replay, 0, 0, JB_OK, 5, "the first line stands at the start");
    expect_play(replay, 1, 499, JB_E_AGAIN, -1, "before its first line a channel says nothing");
    expect_play(replay, 1, 500, JB_OK, 7, "from its instant on it does");
    expect_play(replay, 0, 999, JB_OK, 5, "a value stands until the next");
    expect_play(replay, 0, 1000, JB_E_AGAIN, -1, "a recorded failure fails again");
    expect_play(replay, 0, 1999, JB_E_AGAIN, -1, "for as long");
    expect_play(replay, 0, 2000, JB_OK, 10, "of two lines of one instant the later one stands");
    expect_play(replay, 1, 2000, JB_OK, 8, "a channel that was not asked for is up to date");
    expect_play(replay, 1, 2001, JB_E_GONE, -1, "after the last line there is no more");
    expect_play(replay, 2, 0, JB_E_USAGE, -1, "nor is there a third channel");
    /* R-SENSOR-51: a: 1000 ns between lines at most, though the device renewed every 10 ns */
    is_i64(jb_replay_channel(replay, 0)->update_ns, 1000,
           "the edge is as wide as the recording's step");
    is_i64(jb_replay_channel(replay, 1)->update_ns, 1000, "for each channel its own");
    jb_replay_free(replay);
}

static void files(void)
{
    struct jb_error err = {0};
    struct jb_replay *replay = NULL;
    char folder[] = "/tmp/joulebook-replay-XXXXXX";
    char path[64];

    if (!mkdtemp(folder))
        bail_out("no temporary folder");
    (void)snprintf(path, sizeof path, "%s/r", folder);
    is_i64(jb_replay_load(path, &replay, &err), JB_E_NOT_FOUND, "a missing file is not found");
    ok(strstr(err.message, path), "and named");
    is_i64(jb_replay_load(folder, &replay, &err), JB_E_INPUT, "a folder is no recording");

    FILE *const file = fopen(path, "w");
    if (!file || fputs(HEAD CHANNEL("a") "readings\n1 0 5\n", file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
    is_i64(jb_replay_load(path, &replay, &err), JB_OK, "a file is loaded");
    is_i64((int64_t)jb_replay_n_readings(replay), 1, "with its reading");
    jb_replay_free(replay);
    if (unlink(path) != 0 || rmdir(folder) != 0)
        bail_out("cannot remove '%s'", folder);
}

int main(void)
{
    refusals();
    odd_numbers();
    channels();
    playing();
    files();
    return done_testing();
}
