/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A replay file to channels and readings, and the reading that stood at a given time (docs/format/replay.md). The text
 * is foreign: every line is checked, the first that is not the format refuses the file. Rules R-SENSOR-50, -51.
 */
#include "sensor/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"

#define LINE_MAX_BYTES 512
#define NONE           UINT32_MAX

struct entry {
    int64_t mono_ns;
    uint64_t raw;
    int32_t code;  /* JB_OK, or why the read failed */
    uint32_t next; /* the channel's next entry, NONE at its last */
};

struct track {
    uint32_t first;
    uint32_t last;    /* while parsing */
    uint32_t current; /* while playing: what stands now */
};

struct jb_replay {
    struct jb_channel channels[JB_CHANNELS_MAX];
    struct track tracks[JB_CHANNELS_MAX];
    size_t n_channels;
    struct entry *entries;
    size_t n_entries;
    size_t capacity;
};

struct parser {
    struct jb_replay *replay;
    const char *name;
    size_t n_line;
    const char *line;
    size_t len;
    uint64_t has_key; /* which keys the present channel has given */
    struct jb_error *err;
};

static jb_rc refuse(const struct parser *parser, const char *what)
{
    return jb_fail(parser->err, JB_E_INPUT, "docs/format/replay.md says what a line may hold",
                   "%s:%zu: %s", parser->name, parser->n_line, what);
}

/* -- the keys of a channel ------------------------------------------------------------------------------------------- */

enum kind { KIND_TEXT, KIND_NAME, KIND_WORD, KIND_U64, KIND_I64, KIND_CURVE };

#define FIELD(field) offsetof(struct jb_channel, field), sizeof(((struct jb_channel *)NULL)->field)

static const struct key {
    const char *name;
    enum kind kind;
    size_t offset;
    size_t size;
    int (*from_name)(const char *name); /* KIND_WORD */
    bool is_required;
} keys[] = {
    {"parent", KIND_NAME, FIELD(parent), NULL, false},
    {"label", KIND_TEXT, FIELD(label), NULL, false},
    {"scope", KIND_WORD, FIELD(scope), jb_scope_from_name, true},
    {"device", KIND_WORD, FIELD(device), jb_device_from_name, true},
    {"semantics", KIND_WORD, FIELD(semantics), jb_semantics_from_name, true},
    {"origin", KIND_WORD, FIELD(origin), jb_origin_from_name, true},
    {"role", KIND_WORD, FIELD(role), jb_role_from_name, true},
    {"unit_num", KIND_U64, FIELD(unit_num), NULL, true},
    {"unit_den", KIND_U64, FIELD(unit_den), NULL, true},
    {"modulus", KIND_U64, FIELD(modulus), NULL, true},
    {"quantum_uj", KIND_I64, FIELD(quantum_uj), NULL, true},
    {"update_ns", KIND_I64, FIELD(update_ns), NULL, true},
    {"window_ns", KIND_I64, FIELD(window_ns), NULL, true},
    {"max_power_uw", KIND_I64, FIELD(max_power_uw), NULL, true},
    {"accuracy_ppm", KIND_I64, FIELD(accuracy_ppm), NULL, true},
    {"accuracy_low_ppm", KIND_I64, FIELD(accuracy_low_ppm), NULL, false},
    {"accuracy_high_ppm", KIND_I64, FIELD(accuracy_high_ppm), NULL, false},
    {"correlation", KIND_NAME, FIELD(correlation), NULL, false},
    {"curve_threads", KIND_I64, FIELD(curve.n_threads), NULL, false},
    {"curve_low_uw", KIND_CURVE, FIELD(curve.low_uw), NULL, false},
    {"curve_best_uw", KIND_CURVE, FIELD(curve.best_uw), NULL, false},
    {"curve_high_uw", KIND_CURVE, FIELD(curve.high_uw), NULL, false},
};

/* An id, a parent, a correlation key: one word of the letters R-SENSOR-01 allows. */
static bool is_name(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char c = text[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            !memchr("._:/@+-", c, 7))
            return false;
    }
    return len > 0;
}

static bool take_text(void *field, size_t size, const char *text, size_t len)
{
    if (len == 0 || len >= size)
        return false;
    memcpy(field, text, len);
    ((char *)field)[len] = '\0';
    return true;
}

static bool take_word(const struct key *key, void *field, const char *text, size_t len)
{
    char word[32];
    int value;

    if (!take_text(word, sizeof word, text, len))
        return false;
    value = key->from_name(word);
    if (value < 0)
        return false;
    memcpy(field, &value, sizeof value);
    return true;
}

static bool take_i64(void *field, const char *text, size_t len)
{
    int64_t value;

    if (jb_parse_i64(text, len, false, &value) < 0 || value < 0)
        return false;
    memcpy(field, &value, sizeof value);
    return true;
}

static bool take_curve(int64_t *points_uw, const char *text, size_t len)
{
    const char *const end = text + len;

    for (size_t k = 0; k < JB_CURVE_POINTS; k++) {
        const char *const blank = memchr(text, ' ', (size_t)(end - text));
        const char *const stop = blank ? blank : end;
        if ((blank == NULL) != (k + 1 == JB_CURVE_POINTS) ||
            !take_i64(&points_uw[k], text, (size_t)(stop - text)))
            return false;
        text = blank ? blank + 1 : end;
    }
    return true;
}

static bool take_value(const struct key *key, struct jb_channel *channel, const char *text,
                       size_t len)
{
    void *const field = (char *)channel + key->offset;
    uint64_t number;

    switch (key->kind) {
    case KIND_TEXT: return take_text(field, key->size, text, len);
    case KIND_NAME: return is_name(text, len) && take_text(field, key->size, text, len);
    case KIND_WORD: return take_word(key, field, text, len);
    case KIND_I64: return take_i64(field, text, len);
    case KIND_CURVE: return take_curve(field, text, len);
    case KIND_U64:
        if (jb_parse_u64(text, len, false, &number) < 0)
            return false;
        memcpy(field, &number, sizeof number);
        return true;
    }
    return false;
}

static bool is_key(const struct parser *parser, const char *name, size_t name_len)
{
    return parser->len > name_len && memcmp(parser->line, name, name_len) == 0 &&
           parser->line[name_len] == ' ';
}

static jb_rc parse_key(struct parser *parser)
{
    struct jb_replay *const replay = parser->replay;

    if (replay->n_channels == 0)
        return refuse(parser, "a property stands before the first channel");
    for (size_t i = 0; i < JB_ARRAY_LEN(keys); i++) {
        const size_t name_len = strlen(keys[i].name);
        if (!is_key(parser, keys[i].name, name_len))
            continue;
        if (parser->has_key & (UINT64_C(1) << i))
            return refuse(parser, "the channel has this property twice");
        parser->has_key |= UINT64_C(1) << i;
        if (!take_value(&keys[i], &replay->channels[replay->n_channels - 1],
                        parser->line + name_len + 1, parser->len - name_len - 1))
            return refuse(parser, "the property's value cannot be understood");
        return JB_OK;
    }
    return refuse(parser, "no such property");
}

static bool is_good_curve(const struct jb_power_curve *curve)
{
    if (curve->n_threads <= 0)
        return false;
    for (size_t k = 0; k < JB_CURVE_POINTS; k++)
        if (curve->best_uw[k] <= 0 || curve->low_uw[k] > curve->best_uw[k] ||
            curve->best_uw[k] > curve->high_uw[k])
            return false;
    return true;
}

/* The channel so far is all there is of it: is it whole? */
static jb_rc finish_channel(struct parser *parser)
{
    const struct jb_replay *const replay = parser->replay;

    if (replay->n_channels == 0)
        return JB_OK;
    const struct jb_channel *const channel = &replay->channels[replay->n_channels - 1];
    for (size_t i = 0; i < JB_ARRAY_LEN(keys); i++)
        if (keys[i].is_required && !(parser->has_key & (UINT64_C(1) << i)))
            return jb_fail(parser->err, JB_E_INPUT, "docs/format/replay.md lists what is required",
                           "%s:%zu: the channel before this line has no '%s'", parser->name,
                           parser->n_line, keys[i].name);
    if (channel->unit_num == 0 || channel->unit_den == 0 || channel->max_power_uw == 0)
        return refuse(parser, "the channel before this line has a unit or greatest power of 0");
    if (channel->semantics == JB_SEMANTICS_BUSY && !is_good_curve(&channel->curve))
        return refuse(parser, "the channel before this line has no power curve in order");
    return JB_OK;
}

static jb_rc parse_channel(struct parser *parser)
{
    struct jb_replay *const replay = parser->replay;
    const char *const id = parser->line + 8;
    const size_t id_len = parser->len - 8;
    const jb_rc rc = finish_channel(parser);

    if (rc < 0)
        return rc;
    if (replay->n_channels == JB_CHANNELS_MAX)
        return refuse(parser, "too many channels");
    struct jb_channel *const channel = &replay->channels[replay->n_channels];
    *channel = (struct jb_channel){.driver = "replay"};
    if (!is_name(id, id_len) || !take_text(channel->id, sizeof channel->id, id, id_len))
        return refuse(parser, "the channel's id cannot be understood");
    for (size_t i = 0; i < replay->n_channels; i++)
        if (strcmp(replay->channels[i].id, channel->id) == 0)
            return refuse(parser, "two channels have the same id");
    /* Every process begins the file anew, so nobody can go on where another stopped. */
    channel->is_local = true;
    replay->tracks[replay->n_channels] =
        (struct track){.first = NONE, .last = NONE, .current = NONE};
    replay->n_channels++;
    parser->has_key = 0;
    return JB_OK;
}

/* -- readings -------------------------------------------------------------------------------------------------------- */

static jb_rc append(struct parser *parser, size_t channel, const struct entry *entry)
{
    struct jb_replay *const replay = parser->replay;
    struct track *const track = &replay->tracks[channel];

    if (replay->n_entries == JB_REPLAY_READINGS_MAX)
        return jb_fail(parser->err, JB_E_RANGE, "record for a shorter time or less often",
                       "%s:%zu: more than %d readings", parser->name, parser->n_line,
                       JB_REPLAY_READINGS_MAX);
    if (replay->n_entries == replay->capacity) {
        const size_t capacity = replay->capacity ? replay->capacity * 2 : 256;
        void *const entries = realloc(replay->entries, capacity * sizeof replay->entries[0]);
        if (!entries)
            return jb_fail(parser->err, JB_E_NOMEM, NULL, "no memory for the readings of '%s'",
                           parser->name);
        replay->entries = entries;
        replay->capacity = capacity;
    }
    const uint32_t place = (uint32_t)replay->n_entries++;
    replay->entries[place] = *entry;
    if (track->last == NONE)
        track->first = place;
    else
        replay->entries[track->last].next = place;
    track->last = place;
    return JB_OK;
}

static bool take_code(const char *text, size_t len, int32_t *ret)
{
    static const jb_rc codes[] = {JB_E_AGAIN, JB_E_GONE, JB_E_PERMISSION, JB_E_IO};

    for (size_t i = 0; i < JB_ARRAY_LEN(codes); i++) {
        const char *const name = jb_rc_name(codes[i]);
        if (strlen(name) == len && memcmp(name, text, len) == 0) {
            *ret = codes[i];
            return true;
        }
    }
    return false;
}

/* "mono_ns channel raw" or "mono_ns channel !CODE" */
static jb_rc parse_reading(struct parser *parser)
{
    struct jb_replay *const replay = parser->replay;
    const char *const end = parser->line + parser->len;
    const char *const first = memchr(parser->line, ' ', parser->len);
    const char *const second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    struct entry entry = {.next = NONE};
    uint64_t channel;

    if (!second)
        return refuse(parser, "a reading has three words");
    const char *const value = second + 1;
    const size_t value_len = (size_t)(end - value);
    if (!take_i64(&entry.mono_ns, parser->line, (size_t)(first - parser->line)))
        return refuse(parser, "the time is no number of nanoseconds");
    if (replay->n_entries > 0 && entry.mono_ns < replay->entries[replay->n_entries - 1].mono_ns)
        return refuse(parser, "time runs backwards");
    if (jb_parse_u64(first + 1, (size_t)(second - first - 1), false, &channel) < 0 ||
        channel >= replay->n_channels)
        return refuse(parser, "no such channel");
    if (value_len > 0 && value[0] == '!') {
        if (!take_code(value + 1, value_len - 1, &entry.code))
            return refuse(parser, "no such failure of a read");
    } else if (jb_parse_u64(value, value_len, false, &entry.raw) < 0) {
        return refuse(parser, "the value is no count");
    } else if (replay->channels[channel].modulus != 0 &&
               entry.raw >= replay->channels[channel].modulus) {
        return refuse(parser, "the value is not below the channel's modulus");
    }
    return append(parser, (size_t)channel, &entry);
}

/* -- the file -------------------------------------------------------------------------------------------------------- */

static bool is_line(const struct parser *parser, const char *text)
{
    return strlen(text) == parser->len && memcmp(parser->line, text, parser->len) == 0;
}

/* Moves to the next line; JB_E_NOT_FOUND at the end of the text. */
static jb_rc next_line(struct parser *parser, const char **at, const char *end)
{
    if (*at == end)
        return JB_E_NOT_FOUND;
    const char *const stop = memchr(*at, '\n', (size_t)(end - *at));
    parser->n_line++;
    parser->line = *at;
    parser->len = (size_t)((stop ? stop : end) - *at);
    if (!stop)
        return refuse(parser, "the last line is cut off");
    if (parser->len >= LINE_MAX_BYTES)
        return refuse(parser, "the line is too long");
    for (size_t i = 0; i < parser->len; i++)
        if ((unsigned char)parser->line[i] < ' ' || parser->line[i] == 0x7f)
            return refuse(parser, "a control character");
    *at = stop + 1;
    return JB_OK;
}

/*
 * R-SENSOR-51: the recording renews a value as often as it read it, so the edge of a window is as uncertain as the
 * longest time between two lines of the channel.
 */
static void widen_update(struct jb_replay *replay)
{
    for (size_t i = 0; i < replay->n_channels; i++) {
        int64_t *const update_ns = &replay->channels[i].update_ns;
        for (uint32_t k = replay->tracks[i].first; k != NONE; k = replay->entries[k].next) {
            const uint32_t next = replay->entries[k].next;
            if (next == NONE)
                break;
            const int64_t step_ns = replay->entries[next].mono_ns - replay->entries[k].mono_ns;
            *update_ns = step_ns > *update_ns ? step_ns : *update_ns;
        }
    }
}

static jb_rc parse_lines(struct parser *parser, const char *at, const char *end)
{
    bool is_header = true;
    jb_rc rc = next_line(parser, &at, end);

    if (rc == JB_E_NOT_FOUND || (rc == JB_OK && !is_line(parser, "joulebook-replay 1")))
        return refuse(parser, "this is no replay file of version 1");
    while (rc == JB_OK && (rc = next_line(parser, &at, end)) == JB_OK) {
        if (parser->len == 0 || parser->line[0] == '#')
            continue;
        if (!is_header) {
            rc = parse_reading(parser);
        } else if (is_line(parser, "readings")) {
            is_header = false;
            rc = finish_channel(parser);
        } else if (is_key(parser, "channel", 7)) {
            rc = parse_channel(parser);
        } else {
            rc = parse_key(parser);
        }
    }
    if (rc != JB_E_NOT_FOUND)
        return rc;
    if (is_header || parser->replay->n_channels == 0)
        return refuse(parser, "the file ends before its readings");
    widen_update(parser->replay);
    return JB_OK;
}

jb_rc jb_replay_parse(const char *text, size_t len, const char *name, struct jb_replay **ret_replay,
                      struct jb_error *err)
{
    JB_AUTO(jb_replay_free_auto) struct jb_replay *replay = calloc(1, sizeof *replay);
    struct parser parser = {.replay = replay, .name = name, .err = err};

    if (!replay)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", name);
    if ((int64_t)len > JB_REPLAY_BYTES_MAX)
        return jb_fail(err, JB_E_RANGE, "record for a shorter time", "'%s' is larger than 256 MiB",
                       name);
    const jb_rc rc = parse_lines(&parser, text, text + len);
    if (rc < 0)
        return rc;
    *ret_replay = replay;
    replay = NULL;
    return JB_OK;
}

/* The whole of a regular file, NULL with *err filled where it cannot be had. */
static char *read_file(const char *path, size_t *ret_len, jb_rc *ret_rc, struct jb_error *err)
{
    struct stat st;
    size_t len = 0;
    char *text = NULL;
    const int handle = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (handle < 0 || fstat(handle, &st) < 0) {
        *ret_rc = jb_fail_errno(err, errno, NULL, "cannot open the recording '%s'", path);
    } else if (!S_ISREG(st.st_mode)) {
        *ret_rc = jb_fail(err, JB_E_INPUT, NULL, "the recording '%s' is no regular file", path);
    } else if (st.st_size > JB_REPLAY_BYTES_MAX) {
        *ret_rc = jb_fail(err, JB_E_RANGE, "record for a shorter time",
                          "'%s' is larger than 256 MiB", path);
    } else if (!(text = malloc((size_t)st.st_size + 1))) {
        *ret_rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    } else {
        ssize_t n = 1;
        while (len < (size_t)st.st_size &&
               (n = read(handle, text + len, (size_t)st.st_size - len)) > 0)
            len += (size_t)n;
        if (n < 0) {
            *ret_rc = jb_fail_errno(err, errno, NULL, "cannot read the recording '%s'", path);
            free(text);
            text = NULL;
        }
    }
    if (handle >= 0)
        (void)close(handle);
    *ret_len = len;
    return text;
}

jb_rc jb_replay_load(const char *path, struct jb_replay **ret_replay, struct jb_error *err)
{
    size_t len = 0;
    jb_rc rc = JB_OK;
    JB_AUTO(jb_free_auto) char *text = read_file(path, &len, &rc, err);

    return text ? jb_replay_parse(text, len, path, ret_replay, err) : rc;
}

void jb_replay_free(struct jb_replay *replay)
{
    if (!replay)
        return;
    free(replay->entries);
    free(replay);
}

size_t jb_replay_n_channels(const struct jb_replay *replay)
{
    return replay->n_channels;
}

const struct jb_channel *jb_replay_channel(const struct jb_replay *replay, size_t i)
{
    return i < replay->n_channels ? &replay->channels[i] : NULL;
}

size_t jb_replay_n_readings(const struct jb_replay *replay)
{
    return replay->n_entries;
}

int64_t jb_replay_duration_ns(const struct jb_replay *replay)
{
    if (replay->n_entries == 0)
        return 0;
    return replay->entries[replay->n_entries - 1].mono_ns - replay->entries[0].mono_ns;
}

jb_rc jb_replay_play(struct jb_replay *replay, size_t i, int64_t since_start_ns, uint64_t *ret_raw)
{
    if (i >= replay->n_channels)
        return JB_E_USAGE;
    if (since_start_ns > jb_replay_duration_ns(replay))
        return JB_E_GONE;
    struct track *const track = &replay->tracks[i];
    for (;;) {
        const uint32_t next =
            track->current == NONE ? track->first : replay->entries[track->current].next;
        if (next == NONE ||
            replay->entries[next].mono_ns - replay->entries[0].mono_ns > since_start_ns)
            break;
        track->current = next;
    }
    if (track->current == NONE)
        return JB_E_AGAIN;
    const struct entry *const entry = &replay->entries[track->current];
    if (entry->code != JB_OK)
        return entry->code;
    *ret_raw = entry->raw;
    return JB_OK;
}
