/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook meters`: what can be measured here, and for what cannot the reason and the step that would allow it.
 * Changes nothing on the machine.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/meters_cycles.h"
#include "pipeline/probe.h"
#include "report/table.h"
#include "report/tree.h"
#include "sample/sampler.h"
#include "sensor/replay.h"
#include "sensor/sensor.h"
#include "subject/cycles.h"

#define RECORD_DEFAULT_NS (60 * JB_NS_PER_S)
#define RECORD_MAX_NS     (24 * JB_NS_PER_HOUR)
#define WRAPS_TO_LONGEST  4 /* jb_sampler_longest_ns is a quarter of the shortest wrap */

static const struct jb_option options[] = {
    {0, "tree", NULL, "draw what lies in what, what posts, and where the rest goes", false},
    {0, "drivers", NULL, "list the drivers instead", false},
    {0, "record", "FILE", "read all meters for a while into FILE, to be played by run --replay",
     false},
    {0, "for", "TIME", "how long to record: 60s unless given", false},
    {0, "interval", "TIME", "between two readings of a recording (else chosen from the meters)",
     false},
    {0, "sensors-root", "DIR", "read sensors from a recorded tree instead of /sys and /proc",
     false},
    {0, "replay", "FILE", "list the meters of a recorded file", false},
    {0, NULL, NULL, NULL, false},
};

/* Time between two wraps of the counter at the greatest power; INT64_MAX if it does not wrap in practice. */
static int64_t wrap_ns(const struct jb_channel *channel)
{
    const int64_t longest_ns = jb_sampler_longest_ns(channel);

    return longest_ns > INT64_MAX / WRAPS_TO_LONGEST ? INT64_MAX : longest_ns * WRAPS_TO_LONGEST;
}

/* "61 uJ", "1 mW": what one step of the raw value means. */
static const char *resolution(const struct jb_channel *channel, char *buf, size_t size)
{
    char number[32];
    int64_t milli;

    if (channel->semantics == JB_SEMANTICS_BUSY ||
        jb_muldiv_u64(1000, channel->unit_num, channel->unit_den, JB_ROUND_NEAREST, &milli) < 0)
        return "";
    /* 1 pW is no step of 0 uW. */
    if (milli == 0)
        (void)snprintf(buf, size, "<0.001 %s",
                       channel->semantics == JB_SEMANTICS_COUNTER ? "uJ" : "uW");
    else
        (void)snprintf(buf, size, "%s %s", jb_format_decimal(milli, 3, number, sizeof number),
                       channel->semantics == JB_SEMANTICS_COUNTER ? "uJ" : "uW");
    return buf;
}

static void text_channels(const struct jb_sensor_set *set, const struct jb_style *style,
                          struct jb_buf *out)
{
    static const char *const titles[] = {"channel",  "scope",      "part of", "role",
                                         "kind",     "origin",     "step",    "renewed every",
                                         "wraps in", "read every", "driver",  "is"};
    struct jb_table table;
    char text[64];

    jb_table_begin(&table, "llllllrrrrll", titles);
    for (size_t i = 0; i < jb_sensor_n_channels(set); i++) {
        const struct jb_channel *const channel = jb_sensor_channel(set, i);
        const int64_t wraps_ns = wrap_ns(channel);
        jb_table_add(&table, channel->id);
        jb_table_add(&table, jb_scope_name(channel->scope));
        jb_table_add(&table, channel->parent);
        jb_table_add(&table, jb_role_name(channel->role));
        jb_table_add(&table, jb_semantics_name(channel->semantics));
        jb_table_add(&table, jb_origin_name(channel->origin));
        jb_table_add(&table, resolution(channel, text, sizeof text));
        jb_table_add(&table, channel->update_ns > 0
                                 ? jb_format_duration(channel->update_ns, text, sizeof text)
                                 : "");
        jb_table_add(&table,
                     wraps_ns < INT64_MAX ? jb_format_duration(wraps_ns, text, sizeof text) : "");
        jb_table_add(&table,
                     jb_format_duration(jb_sampler_default_period_ns(channel), text, sizeof text));
        jb_table_add(&table, channel->driver);
        jb_table_add(&table, channel->label);
    }
    jb_table_end(&table, 2, style, out);
}

static void text_refusals(const struct jb_sensor_set *set, const struct jb_style *style,
                          struct jb_buf *out)
{
    for (size_t i = 0; i < jb_sensor_n_refusals(set); i++) {
        const struct jb_sensor_refusal *const refusal = jb_sensor_refusal(set, i);
        jb_buf_addf(out, "  %s (%s)\n", refusal->what, refusal->driver);
        jb_text_wrap(refusal->reason, "    why:  ", "          ", style, out);
        if (refusal->step[0])
            jb_text_wrap(refusal->step, "    step: ", "          ", style, out);
    }
}

/* Lines are drawn where they can be seen: on a terminal whose locale says UTF-8. */
static bool draws_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++) {
        const char *const locale = getenv(names[i]);
        if (locale && locale[0])
            return isatty(STDOUT_FILENO) == 1 &&
                   (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
    }
    return false;
}

static void text_tree(const struct jb_channel *channels, const struct jb_tree_line *lines, size_t n,
                      const struct jb_style *style, struct jb_buf *out)
{
    static const char *const titles[] = {"channel", "scope", "role", "in the book", "is"};
    struct jb_table table;

    jb_table_begin(&table, "lllll", titles);
    for (size_t i = 0; i < n; i++) {
        const struct jb_channel *const channel = &channels[lines[i].channel];
        jb_table_addf(&table, "%s%s", lines[i].branch, channel->id);
        jb_table_add(&table, jb_scope_name(channel->scope));
        jb_table_add(&table, jb_role_name(channel->role));
        jb_table_add(&table, lines[i].meaning);
        jb_table_add(&table, channel->label);
    }
    jb_table_end(&table, 0, style, out);
}

static void as_text(const struct jb_sensor_set *set, const char *host,
                    const struct jb_cycles *cycles, const struct jb_style *style,
                    struct jb_buf *out)
{
    const char *const bold = style->is_colour ? "\033[1m" : "";
    const char *const plain = style->is_colour ? "\033[0m" : "";

    if (jb_sensor_n_channels(set) > 0) {
        jb_buf_addf(out, "%scan be read on %s%s\n", bold, host, plain);
        text_channels(set, style, out);
    } else {
        jb_buf_addf(out, "%snothing can be read on %s%s\n", bold, host, plain);
    }
    if (jb_sensor_n_refusals(set) > 0) {
        jb_buf_addf(out, "\n%scannot be read%s\n", bold, plain);
        text_refusals(set, style, out);
    }
    if (cycles)
        jb_meters_cycles_text(cycles, style, out);
    jb_buf_add_text(
        out,
        "\nOnly meters of role post and parent enter the book, so that nothing counts twice.\n");
}

static json_t *json_channel(const struct jb_channel *channel)
{
    const int64_t wraps_ns = wrap_ns(channel);
    char unit_num[24];
    char unit_den[24];
    char modulus[24];

    /* 64 bits unsigned do not fit the integers of JSON readers: they stand as decimal text. */
    (void)snprintf(unit_num, sizeof unit_num, "%" PRIu64, channel->unit_num);
    (void)snprintf(unit_den, sizeof unit_den, "%" PRIu64, channel->unit_den);
    (void)snprintf(modulus, sizeof modulus, "%" PRIu64, channel->modulus);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, "
                     "s:o, s:I, s:I, s:I, s:s}",
                     "id", channel->id, "parent", channel->parent, "label", channel->label,
                     "driver", channel->driver, "scope", jb_scope_name(channel->scope), "device",
                     jb_device_name(channel->device), "semantics",
                     jb_semantics_name(channel->semantics), "origin",
                     jb_origin_name(channel->origin), "role", jb_role_name(channel->role),
                     "unit_num", unit_num, "unit_den", unit_den, "modulus", modulus, "quantum_uj",
                     (json_int_t)channel->quantum_uj, "update_ns", (json_int_t)channel->update_ns,
                     "max_power_uw", (json_int_t)channel->max_power_uw, "wrap_ns",
                     wraps_ns < INT64_MAX ? json_integer(wraps_ns) : json_null(), "period_ns",
                     (json_int_t)jb_sampler_default_period_ns(channel), "accuracy_ppm",
                     (json_int_t)channel->accuracy_ppm, "window_ns", (json_int_t)channel->window_ns,
                     "correlation", channel->correlation);
}

/* A channel with the parts below it, as the tree draws them; what is compared apart from what it is the sum of. */
static json_t *json_branch(const struct jb_channel *channels, const struct jb_tree_line *lines,
                           size_t n, size_t at)
{
    const struct jb_channel *const channel = &channels[lines[at].channel];
    json_t *const parts = json_array();
    json_t *const compared = json_array();

    for (size_t i = 0; i < n; i++) {
        const struct jb_channel *const part = &channels[lines[i].channel];
        /* Lines come in the order of drawing, so what lies in a channel comes after it: no circle is followed. */
        if (i <= at || strcmp(part->parent, channel->id) != 0)
            continue;
        const bool is_compared = part->role == JB_ROLE_CHECK || part->role == JB_ROLE_DUPLICATE;
        (void)json_array_append_new(is_compared ? compared : parts,
                                    json_branch(channels, lines, n, i));
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", channel->id, "scope",
                     jb_scope_name(channel->scope), "role", jb_role_name(channel->role), "in_book",
                     lines[at].meaning, "parts", parts, "compared", compared);
}

static json_t *json_tree(const struct jb_channel *channels, const struct jb_tree_line *lines,
                         size_t n)
{
    json_t *const roots = json_array();

    for (size_t i = 0; i < n; i++)
        if (lines[i].branch[0] == '\0')
            (void)json_array_append_new(roots, json_branch(channels, lines, n, i));
    return roots;
}

/* `cycles` may be NULL: of a recorded machine nobody can tell. */
static jb_rc as_json(const struct jb_sensor_set *set, const char *host, json_t *tree,
                     const struct jb_cycles *cycles, struct jb_buf *out, struct jb_error *err)
{
    json_t *const channels = json_array();
    json_t *const refusals = json_array();
    bool is_whole = true;

    for (size_t i = 0; i < jb_sensor_n_channels(set); i++)
        is_whole = json_array_append_new(channels, json_channel(jb_sensor_channel(set, i))) == 0 &&
                   is_whole;
    for (size_t i = 0; i < jb_sensor_n_refusals(set); i++) {
        const struct jb_sensor_refusal *const refusal = jb_sensor_refusal(set, i);
        json_t *const one =
            json_pack("{s:s, s:s, s:s, s:s}", "driver", refusal->driver, "what", refusal->what,
                      "reason", refusal->reason, "step", refusal->step);
        is_whole = json_array_append_new(refusals, one) == 0 && is_whole;
    }
    json_t *const counted = cycles ? jb_meters_cycles_json(cycles) : NULL;
    json_t *const object =
        json_pack("{s:s, s:o, s:o, s:o*, s:o*}", "host", host, "channels", channels, "refusals",
                  refusals, "tree", tree, "cycles", counted);
    JB_AUTO(jb_free_auto)
    char *text = object && is_whole ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(object);
    if (!text)
        return jb_fail(err, JB_E_INTERNAL, NULL, "the meters cannot be shown as JSON");
    jb_buf_addf(out, "%s\n", text);
    return JB_OK;
}

static jb_rc show_tree(struct jb_cli *cli, const struct jb_sensor_set *set, const char *host,
                       struct jb_error *err)
{
    const size_t n = jb_sensor_n_channels(set);
    JB_AUTO(jb_free_auto) struct jb_channel *channels = calloc(n + 1, sizeof channels[0]);
    JB_AUTO(jb_free_auto) struct jb_tree_line *lines = calloc(n + 1, sizeof lines[0]);

    if (!channels || !lines)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu meters", n);
    for (size_t i = 0; i < n; i++)
        channels[i] = *jb_sensor_channel(set, i);
    const size_t n_lines = jb_tree_draw(channels, n, draws_utf8(), lines);
    if (jb_args_has(&cli->args, "json"))
        return as_json(set, host, json_tree(channels, lines, n_lines), NULL, &cli->out, err);
    text_tree(channels, lines, n_lines, &cli->style, &cli->out);
    if (jb_sensor_n_refusals(set) > 0) {
        jb_buf_add_text(&cli->out, "\ncannot be read, or not as it was said\n");
        text_refusals(set, &cli->style, &cli->out);
    }
    return JB_OK;
}

static jb_rc list_drivers(struct jb_cli *cli, struct jb_error *err)
{
    static const char *const titles[] = {"driver", "reads"};
    const bool is_json = jb_args_has(&cli->args, "json");
    json_t *const list = json_array();
    struct jb_table table;

    jb_table_begin(&table, "ll", titles);
    for (size_t i = 0; jb_sensor_drivers[i]; i++) {
        const struct jb_sensor_driver *const driver = jb_sensor_drivers[i];
        jb_table_add(&table, driver->name);
        jb_table_add(&table, driver->summary);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s}", "name", driver->name, "summary", driver->summary));
    }
    JB_AUTO(jb_free_auto) char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(list);
    if (is_json)
        jb_buf_release(&table.cells);
    else
        jb_table_end(&table, 0, &cli->style, &cli->out);
    if (is_json && !text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the drivers");
    if (is_json)
        jb_buf_addf(&cli->out, "%s\n", text);
    return JB_OK;
}

/* The shortest period that any of the channels deserves. */
static int64_t default_period_ns(const struct jb_sensor_set *set)
{
    int64_t least_ns = JB_NS_PER_S;

    for (size_t i = 0; i < jb_sensor_n_channels(set); i++) {
        const int64_t period_ns = jb_sampler_default_period_ns(jb_sensor_channel(set, i));
        if (period_ns < least_ns)
            least_ns = period_ns;
    }
    return least_ns;
}

/* By absolute time, so that it does not drift; a signal that is handled does not shorten it. */
static void sleep_until(int64_t mono_ns)
{
    const struct timespec until = {.tv_sec = mono_ns / JB_NS_PER_S,
                                   .tv_nsec = mono_ns % JB_NS_PER_S};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        continue;
}

/* One line of a recording to be. */
struct shot {
    size_t channel;
    struct jb_reading reading;
    jb_rc rc;
};

/*
 * One tick of all meters, in the order of their times, as a recording wants them. Meters that are read apart are asked
 * and given half a period; what one of them said before is not told twice, and where it took longer than the tick it
 * stands at the time at which it was known (last_ns: of the line before).
 */
static int64_t record_tick(const struct jb_clock *clock, struct jb_sensor_set *set, int64_t wait_ns,
                           int64_t *told_ns, int64_t *last_ns, struct jb_replay_writer *writer)
{
    struct shot shots[JB_CHANNELS_MAX];
    size_t n = 0;
    int64_t n_readings = 0;

    jb_sensor_ask(set);
    (void)jb_sensor_wait(set, jb_mono_ns(clock) + wait_ns);
    for (size_t i = 0; i < jb_sensor_n_channels(set) && i < JB_ARRAY_LEN(shots); i++) {
        struct shot shot = {.channel = i};
        shot.rc = jb_sensor_read(set, i, &shot.reading);
        if (shot.rc < 0)
            shot.reading.mono_ns = jb_mono_ns(clock);
        else if (shot.reading.mono_ns <= told_ns[i])
            continue;
        else
            told_ns[i] = shot.reading.mono_ns;
        size_t k = n++;
        for (; k > 0 && shots[k - 1].reading.mono_ns > shot.reading.mono_ns; k--)
            shots[k] = shots[k - 1];
        shots[k] = shot;
    }
    for (size_t i = 0; i < n; i++) {
        if (shots[i].reading.mono_ns < *last_ns)
            shots[i].reading.mono_ns = *last_ns;
        *last_ns = shots[i].reading.mono_ns;
        if (shots[i].rc == JB_OK)
            jb_replay_record_reading(writer, shots[i].channel, &shots[i].reading);
        else
            jb_replay_record_failure(writer, shots[i].channel, *last_ns, shots[i].rc);
        n_readings += shots[i].rc == JB_OK;
    }
    return n_readings;
}

static void record_all(const struct jb_clock *clock, struct jb_sensor_set *set, int64_t duration_ns,
                       int64_t period_ns, struct jb_replay_writer *writer, int64_t *ret_n_readings)
{
    const int64_t start_ns = jb_mono_ns(clock);
    int64_t told_ns[JB_CHANNELS_MAX] = {0};
    int64_t last_ns = 0;
    int64_t n_readings = 0;

    for (int64_t at_ns = start_ns; at_ns <= start_ns + duration_ns; at_ns += period_ns) {
        sleep_until(at_ns);
        n_readings += record_tick(clock, set, period_ns / 2, told_ns, &last_ns, writer);
    }
    *ret_n_readings = n_readings;
}

static jb_rc record(struct jb_cli *cli, struct jb_sensor_set *set, const char *file,
                    struct jb_error *err)
{
    const size_t n = jb_sensor_n_channels(set);
    JB_AUTO(jb_free_auto) struct jb_channel *channels = calloc(n + 1, sizeof channels[0]);
    struct jb_replay_writer *writer = NULL;
    int64_t duration_ns;
    int64_t period_ns;
    int64_t n_readings = 0;
    char text[32];
    jb_rc rc;

    if (!channels)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu meters", n);
    if (n == 0)
        return jb_fail(err, JB_E_UNAVAILABLE, "`joulebook meters` says why",
                       "there is no meter to record");
    rc = jb_args_duration(&cli->args, "for", RECORD_DEFAULT_NS, &duration_ns, err);
    if (rc == JB_OK)
        rc = jb_args_duration(&cli->args, "interval", default_period_ns(set), &period_ns, err);
    if (rc < 0)
        return rc;
    if (duration_ns > RECORD_MAX_NS || period_ns < JB_NS_PER_MS)
        return jb_fail(err, JB_E_USAGE, NULL,
                       "a recording lasts at most a day and reads at most every millisecond");
    if (duration_ns / period_ns > JB_REPLAY_READINGS_MAX / (int64_t)n)
        return jb_fail(err, JB_E_USAGE, "record for less time, or with a longer --interval",
                       "that would be more than %d readings", JB_REPLAY_READINGS_MAX);
    for (size_t i = 0; i < n; i++)
        channels[i] = *jb_sensor_channel(set, i);
    rc = jb_replay_record_open(file, channels, n, &writer, err);
    if (rc < 0)
        return rc;
    record_all(cli->clock, set, duration_ns, period_ns, writer, &n_readings);
    rc = jb_replay_record_close(writer, err);
    if (rc < 0)
        return rc;
    if (jb_args_has(&cli->args, "json"))
        jb_buf_addf(&cli->out, "{\"n_channels\":%zu,\"n_readings\":%" PRId64 "}\n", n, n_readings);
    else
        jb_buf_addf(&cli->out, "%" PRId64 " readings of %zu meters in %s recorded in '%s'\n",
                    n_readings, n, jb_format_duration(duration_ns, text, sizeof text), file);
    return JB_OK;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_meters *meters = NULL;
    JB_AUTO(jb_sensor_set_free_auto) struct jb_sensor_set *set = NULL;
    const char *root = NULL;
    const char *const replay = jb_args_text(&cli->args, "replay");
    const char *const file = jb_args_text(&cli->args, "record");
    char host[JB_HOST_NAME];
    jb_rc rc;

    if (jb_args_has(&cli->args, "drivers"))
        return list_drivers(cli, err);
    rc = jb_cli_sensors_root(cli, &root, err);
    if (rc == JB_OK)
        rc = jb_cli_meters(cli, &meters, err);
    if (rc < 0)
        return rc;
    const struct jb_os os = jb_os_real(root ? root : "");
    const struct jb_sensor_env env = {.os = &os,
                                      .clock = cli->clock,
                                      .replay_path = replay,
                                      .meters = meters,
                                      .is_privileged = cli->is_privileged};
    if (cli->is_privileged && (root || replay || file))
        return jb_fail(err, JB_E_USAGE, "use a copy of the program without capabilities",
                       "an executable that carries a capability opens no file that the user chose");
    rc = jb_probe(&env, &set, err);
    if (rc < 0)
        return rc;
    if (file)
        return record(cli, set, file, err);
    if (jb_os_host_name(&os, host, sizeof host, NULL) < 0)
        (void)snprintf(host, sizeof host, "this machine");
    if (jb_args_has(&cli->args, "tree"))
        return show_tree(cli, set, host, err);
    /* The counters of a recorded tree, or of a file that is played, are not those of this machine. */
    struct jb_cycles probed;
    const bool is_here = !replay && (!root || !root[0]);
    if (is_here)
        jb_cycles_probe(&os, &probed);
    if (jb_args_has(&cli->args, "json"))
        return as_json(set, host, NULL, is_here ? &probed : NULL, &cli->out, err);
    as_text(set, host, is_here ? &probed : NULL, &cli->style, &cli->out);
    return JB_OK;
}

const struct jb_command jb_cmd_meters = {
    .name = "meters",
    .summary = "what can be measured here; what cannot, why, and what would allow it",
    .usage = "[--tree | --drivers | --record FILE [--for TIME]] [--json]",
    .about = "Lists every meter with its scope, the meter it is part of, its resolution, how long "
             "until its counter\n"
             "wraps at full power, and how often it is read. Roles: post (enters the book), parent "
             "(what it reads\n"
             "above its parts is platform), detail, check and duplicate (compared, never added).\n"
             "A meter that cannot be read is named with the reason and the exact step that would "
             "allow it; nothing is\n"
             "changed on the machine.",
    .examples = "  joulebook meters\n"
                "  joulebook meters --tree\n"
                "  joulebook meters --record node7.txt --for 5min\n"
                "  joulebook run --replay node7.txt -- sleep 10\n",
    .options = options,
    .flags = JB_COMMAND_JSON | JB_COMMAND_METERS,
    .run = run,
};
