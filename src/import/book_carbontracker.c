/* SPDX-License-Identifier: Apache-2.0 */
/*
 * carbontracker's two logs to one run: the standard log tells mean power and duration of each epoch, the output log a
 * total that holds a PUE. What it predicts is no consumption and is never counted. R-BOOKS-30, R-BOOKS-31.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/num.h"
#include "import/book_int.h"

#define UJ_PER_MWH INT64_C(3600000)
#define PARTS_MAX  6
#define TIME_LEN   19
#define PPM        INT64_C(1000000)

/* R-BOOKS-31 */
#define READ_PPM          150000 /* half of the time is not sampled */
#define CPU_PPM           300000
#define CONSTANT_LOW_PPM  750000
#define CONSTANT_HIGH_PPM 1000000
#define TOTAL_LOW_PPM     200000
#define TOTAL_HIGH_PPM    800000 /* versions that multiplied nothing are 1.58 times higher */
#define PUE_MILLI         1580

struct part {
    char name[16];
    int64_t n_devices;
    int64_t energy_uj, observed_ns;
    int64_t least_uw, most_uw;
    int64_t n_epochs, n_unread;
    bool is_mean_or_sum; /* one figure for several devices */
};

struct reader {
    struct book *book;
    struct jb_rebuilt *rebuilt;
    bool has_time;
    int64_t first_us, last_us;
    int64_t n_epochs, duration_ns, epoch_ns;
    size_t n_parts;
    struct part parts[PARTS_MAX];
    struct part *open; /* its list of powers goes on in the next line */
    int64_t open_uw;
    /* Of the output log. */
    bool is_predicted;
    bool has_actual;
    int64_t actual_uj, actual_ug, predicted_uj, predicted_epochs, actual_epochs;
    int64_t pue_milli; /* as the standard log tells it; 0 */
};

/* What stands behind `key` in the line; NULL: it is not there. */
static const char *behind(const char *line, size_t len, const char *key, size_t *ret_len)
{
    const size_t n = strlen(key);
    const char *const at = len > 0 ? memmem(line, len, key, n) : NULL;

    if (at)
        *ret_len = len - (size_t)(at - line) - n;
    return at ? at + n : NULL;
}

static size_t number_len(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && text[n] != '\0' && strchr("0123456789.eE-+", text[n]))
        n++;
    return n;
}

static const char *skip_blanks(const char *text, size_t *len)
{
    while (*len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        --*len;
    }
    return text;
}

/* "H:MM:SS" with decimals. */
static jb_rc take_clock(const char *text, size_t len, int64_t *ret_ns)
{
    int64_t parts[3] = {0};

    for (size_t n = 0; n < 3; n++) {
        const char *const colon = n < 2 ? memchr(text, ':', len) : NULL;
        const size_t digits = colon ? (size_t)(colon - text) : n == 2 ? number_len(text, len) : 0;
        if (digits == 0 || jb_parse_decimal(text, digits, n == 2 ? 9 : 0, &parts[n]) < 0 ||
            parts[n] < 0 || (n < 2 && parts[n] > 1000000))
            return JB_E_INPUT;
        text += digits + (n < 2);
        len -= digits + (n < 2);
    }
    return jb_add_i64((parts[0] * 60 + parts[1]) * 60 * JB_NS_PER_S, parts[2], ret_ns);
}

/* The same, with "1 day, " or "2 days, " before it. */
static jb_rc take_duration(const char *text, size_t len, int64_t *ret_ns)
{
    int64_t days = 0;
    int64_t ns = 0;
    size_t left = 0;
    const char *const comma = behind(text, len, ", ", &left);

    if (!comma)
        return take_clock(text, len, ret_ns);
    if (jb_parse_decimal(text, number_len(text, len), 0, &days) < 0 || days < 0 || days > 10000 ||
        take_clock(comma, left, &ns) < 0)
        return JB_E_INPUT;
    return jb_add_i64(ns, days * 24 * JB_NS_PER_HOUR, ret_ns);
}

static struct part *find_part(struct reader *r, const char *name, size_t len)
{
    struct part *part;

    if (len == 0 || len >= sizeof r->parts[0].name)
        return NULL;
    for (size_t i = 0; i < r->n_parts; i++)
        if (strncmp(r->parts[i].name, name, len) == 0 && r->parts[i].name[len] == '\0')
            return &r->parts[i];
    if (r->n_parts == PARTS_MAX)
        return NULL;
    part = &r->parts[r->n_parts++];
    for (size_t i = 0; i < len; i++)
        part->name[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    for (size_t i = 0; i < len; i++)
        if (!jb_clean_is_alnum(part->name[i]))
            part->name[i] = '-';
    part->n_devices = 1;
    return part;
}

/* "GPU with device(s) A, B. CPU with device(s) C.": how many of each. */
static void take_components(struct reader *r, const char *text, size_t len)
{
    static const char with[] = " with device(s) ";
    size_t left = len;
    const char *at;

    while ((at = behind(text, left, with, &left))) {
        const char *name = at - (sizeof with - 1);
        struct part *part;
        int64_t n = 1;
        size_t used = 0;
        while (name > text && jb_clean_is_alnum(name[-1]))
            name--;
        part = find_part(r, name, (size_t)(at - (sizeof with - 1) - name));
        for (; used < left && !(at[used] == '.' && (used + 1 == left || at[used + 1] == ' '));
             used++)
            n += at[used] == ',';
        if (part)
            part->n_devices = n;
        text = at;
    }
}

static void add_power(struct reader *r, struct part *part, int64_t power_uw)
{
    if (part->n_epochs == 0 || power_uw < part->least_uw)
        part->least_uw = power_uw;
    if (part->n_epochs == 0 || power_uw > part->most_uw)
        part->most_uw = power_uw;
    part->n_epochs++;
    part->observed_ns = jb_add_sat_i64(part->observed_ns, r->epoch_ns);
    part->energy_uj = jb_add_sat_i64(
        part->energy_uj, jb_muldiv_sat_i64(power_uw, r->epoch_ns, JB_NS_PER_S, JB_ROUND_NEAREST));
}

/* "[136.8 90.1]", which may go on in further lines, "100.0", "None". */
static jb_rc take_powers(struct reader *r, struct part *part, const char *text, size_t len,
                         bool is_list, struct jb_error *err)
{
    int64_t sum_uw = r->open_uw;

    r->open = NULL;
    r->open_uw = 0;
    for (;;) {
        int64_t uw = 0;
        size_t n;
        text = skip_blanks(text, &len);
        if (len == 0 || text[0] == ']')
            break;
        n = number_len(text, len);
        if (n == 0 || jb_parse_decimal(text, n, 6, &uw) < 0 || uw < 0 ||
            jb_add_i64(sum_uw, uw, &sum_uw) < 0)
            return book__fail(r->book, "Average power usage", err, NULL, "no power in W: '%.*s'",
                              (int)(len < 32 ? len : 32), text);
        text += n;
        len -= n;
        if (!is_list) {
            part->is_mean_or_sum = part->n_devices > 1;
            break;
        }
    }
    if (is_list && len == 0) {
        r->open = part;
        r->open_uw = sum_uw;
        return JB_OK;
    }
    add_power(r, part, sum_uw);
    return JB_OK;
}

static jb_rc take_part(struct reader *r, const char *text, size_t len, struct jb_error *err)
{
    const char *const colon = memchr(text, ':', len);
    struct part *part;
    size_t left;

    if (!colon)
        return JB_OK;
    part = find_part(r, text, (size_t)(colon - text));
    if (!part)
        return book__fail(r->book, "Average power usage", err, NULL, "too many parts, or no name");
    left = len - (size_t)(colon + 1 - text);
    text = skip_blanks(colon + 1, &left);
    if (left >= 4 && memcmp(text, "None", 4) == 0) {
        part->n_unread++;
        return JB_OK;
    }
    return left > 0 && text[0] == '[' ? take_powers(r, part, text + 1, left - 1, true, err)
                                      : take_powers(r, part, text, left, false, err);
}

static jb_rc take_total(struct reader *r, const char *line, size_t len, struct jb_error *err)
{
    size_t n = 0;
    int64_t value = 0;
    const char *at = behind(line, len, "Energy:", &n);

    if (at) {
        at = skip_blanks(at, &n);
        if (book__kwh(at, number_len(at, n), &value) < 0)
            return book__fail(r->book, "Energy", err, NULL, "no energy in kWh");
        if (r->is_predicted)
            r->predicted_uj = value;
        else
            r->actual_uj = value;
        r->has_actual = r->has_actual || !r->is_predicted;
        return JB_OK;
    }
    at = behind(line, len, "CO2eq:", &n);
    if (!at || r->is_predicted)
        return JB_OK;
    at = skip_blanks(at, &n);
    if (n >= 3 && memcmp(at, "nan", 3) == 0)
        return JB_OK;
    if (jb_parse_decimal(at, number_len(at, n), 6, &r->actual_ug) < 0 || r->actual_ug < 0)
        return book__fail(r->book, "CO2eq", err, NULL, "no mass in g");
    return JB_OK;
}

static void take_epochs(const char *text, size_t len, int64_t *ret)
{
    size_t n = 0;
    const char *const at = behind(text, len, "for ", &n);

    if (at && jb_parse_decimal(at, number_len(at, n), 0, ret) < 0)
        *ret = 0;
}

static jb_rc take_stamp(struct reader *r, const char *line, size_t len)
{
    int64_t us = 0;

    if (len < TIME_LEN || line[0] < '0' || line[0] > '9' || line[4] != '-' ||
        book__time(r->book, line, TIME_LEN, &us) < 0)
        return JB_E_INPUT;
    if (!r->has_time || us < r->first_us)
        r->first_us = us;
    if (!r->has_time || us > r->last_us)
        r->last_us = us;
    r->has_time = true;
    return JB_OK;
}

/* 0: none. */
static int64_t pue_of(const char *text, size_t len)
{
    int64_t pue_milli = 0;

    if (jb_parse_decimal(text, number_len(text, len), 3, &pue_milli) < 0 || pue_milli < 1000 ||
        pue_milli > 10000)
        return 0;
    return pue_milli;
}

static jb_rc take_line(void *arg, const char *line, size_t len, struct jb_error *err)
{
    struct reader *const r = arg;
    size_t n = 0;
    const char *at;

    (void)take_stamp(r, line, len);
    if (r->open)
        return take_powers(r, r->open, line, len, true, err);
    if ((at = behind(line, len, "components were found:", &n)))
        take_components(r, at, n);
    else if ((at = behind(line, len, "PUE coefficient of ", &n)))
        r->pue_milli = pue_of(at, n);
    else if ((at = behind(line, len, "Average power usage (W) for ", &n)))
        return take_part(r, at, n, err);
    else if ((at = behind(line, len, "Duration: ", &n))) {
        r->epoch_ns = 0;
        if (take_duration(at, n, &r->epoch_ns) < 0)
            return book__fail(r->book, "Duration", err, NULL, "no duration as H:MM:SS");
        r->n_epochs++;
        r->duration_ns = jb_add_sat_i64(r->duration_ns, r->epoch_ns);
    } else if ((at = behind(line, len, "Actual consumption", &n))) {
        r->is_predicted = false;
        take_epochs(at, n, &r->actual_epochs);
    } else if ((at = behind(line, len, "Predicted consumption", &n))) {
        r->is_predicted = true;
        take_epochs(at, n, &r->predicted_epochs);
    } else {
        return take_total(r, line, len, err);
    }
    return JB_OK;
}

/* --- the run ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum jb_scope scope;
} scopes[] = {{"gpu", JB_SCOPE_GPU}, {"cpu", JB_SCOPE_PACKAGE}, {"dram", JB_SCOPE_DRAM}};

/* The high end times a ratio, which odd figures of a log may put below 1: a band is never made narrower by a doubt. */
static void widen(struct jb_figure *energy, int64_t num, int64_t den)
{
    const int64_t high = jb_muldiv_sat_i64(energy->high, num, den, JB_ROUND_CEIL);

    if (high > energy->high)
        energy->high = high;
}

static void add_part(struct reader *r, const struct part *part)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    enum jb_scope scope = JB_SCOPE_OTHER;
    /* R-BOOKS-31: the same to the last digit in every epoch was not measured. */
    const bool is_constant = part->n_epochs > 1 && part->least_uw == part->most_uw;
    struct jb_figure energy;
    struct jb_rebuilt_line *line;
    char channel[40];

    for (size_t i = 0; i < JB_ARRAY_LEN(scopes); i++)
        if (strcmp(part->name, scopes[i].name) == 0)
            scope = scopes[i].scope;
    energy = is_constant ? book__band(part->energy_uj, CONSTANT_LOW_PPM, CONSTANT_HIGH_PPM)
             : scope == JB_SCOPE_PACKAGE ? book__band(part->energy_uj, CPU_PPM, CPU_PPM)
                                         : book__band(part->energy_uj, READ_PPM, READ_PPM);
    if (part->is_mean_or_sum) {
        widen(&energy, part->n_devices, 1);
        book__note(rebuilt,
                   "one power for %lld devices of '%s': their sum, as that tool takes it, or "
                   "their mean",
                   (long long)part->n_devices, part->name);
    }
    if (part->n_unread > 0 && part->observed_ns > 0) {
        widen(&energy, r->duration_ns, part->observed_ns);
        book__note(rebuilt, "%lld epochs have no power of '%s': nothing is counted for them",
                   (long long)part->n_unread, part->name);
    }
    (void)snprintf(channel, sizeof channel, "carbontracker/%s", part->name);
    line =
        book__line(rebuilt, channel, scope, is_constant ? JB_ORIGIN_MODELLED : JB_ORIGIN_STATED,
                   energy, "carbontracker: mean power of each epoch x its duration, without PUE");
    if (line && jb_mul_i64(part->observed_ns, part->n_devices, &line->device_ns) < 0)
        line->device_ns = 0;
    if (!is_constant)
        rebuilt->method = JB_METHOD_C1;
}

static void take_doubts(const struct reader *r)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    char predicted[32];
    int64_t sum_uj = 0;
    int64_t told_uj;

    if (r->predicted_uj > 0)
        book__note(rebuilt,
                   "it predicts %s for %lld epochs: a prediction is no consumption and was "
                   "not counted",
                   jb_format_energy(r->predicted_uj, predicted, sizeof predicted),
                   (long long)r->predicted_epochs);
    if (rebuilt->is_pue_included || !r->has_actual)
        return;
    for (size_t i = 0; i < rebuilt->n_lines; i++)
        sum_uj = jb_add_sat_i64(sum_uj, rebuilt->lines[i].energy_uj.best);
    told_uj = jb_muldiv_sat_i64(r->actual_uj, 1000, r->pue_milli >= 1000 ? r->pue_milli : PUE_MILLI,
                                JB_ROUND_NEAREST);
    /* Both are rounded to a few digits: 5 %, and a mWh. */
    const int64_t most_uj =
        jb_add_sat_i64(jb_muldiv_sat_i64(sum_uj, 21, 20, JB_ROUND_CEIL), UJ_PER_MWH);
    const int64_t least_uj = jb_muldiv_sat_i64(sum_uj, 19, 20, JB_ROUND_FLOOR) - UJ_PER_MWH;
    if (told_uj > most_uj || told_uj < least_uj)
        book__note(rebuilt,
                   "its output log tells %lld mWh without PUE, its epochs sum to %lld mWh: the "
                   "epochs were taken",
                   (long long)(told_uj / UJ_PER_MWH), (long long)(sum_uj / UJ_PER_MWH));
}

/* The name without "_carbontracker[_output].log", of which each run has one. */
static void take_key(struct reader *r)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    char time[32] = "-";
    char stem[sizeof r->book->stem];
    char *end;

    (void)snprintf(stem, sizeof stem, "%s", r->book->stem);
    end = strstr(stem, "_carbontracker");
    if (end)
        *end = '\0';
    if (r->has_time)
        (void)jb_format_utc(r->first_us, false, time, sizeof time);
    (void)snprintf(rebuilt->key, sizeof rebuilt->key, "%s %s", stem, time);
}

/* "..._carbontracker.log" beside "..._carbontracker_output.log"; "" where the name is another. */
static void other_path(const char *path, char *other, size_t size, bool *ret_is_output)
{
    static const char output[] = "_carbontracker_output.log";
    static const char standard[] = "_carbontracker.log";
    const size_t len = strlen(path);
    const size_t n_out = sizeof output - 1;
    const size_t n_std = sizeof standard - 1;

    other[0] = '\0';
    *ret_is_output = len >= n_out && strcmp(path + len - n_out, output) == 0;
    if (*ret_is_output)
        (void)snprintf(other, size, "%.*s%s", (int)(len - n_out), path, standard);
    else if (len >= n_std && strcmp(path + len - n_std, standard) == 0)
        (void)snprintf(other, size, "%.*s%s", (int)(len - n_std), path, output);
}

static jb_rc read_other(struct reader *r, const char *path, struct jb_error *err)
{
    const char *const own = r->book->path;
    jb_rc rc;

    if (path[0] == '\0' || access(path, R_OK) < 0) {
        book__note(r->rebuilt, "the other one of its two logs does not lie beside it");
        return JB_OK;
    }
    r->book->path = path;
    rc = book__lines(r->book, take_line, r, err);
    r->book->path = own;
    return rc;
}

static jb_rc make_run(struct reader *r, struct jb_error *err)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    jb_rc rc = JB_OK;

    rebuilt->method = JB_METHOD_B;
    for (size_t i = 0; i < r->n_parts; i++)
        if (r->parts[i].energy_uj > 0)
            add_part(r, &r->parts[i]);
    if (rebuilt->n_lines == 0 && r->actual_uj > 0) {
        rebuilt->is_pue_included = true;
        rebuilt->run.pue_milli = r->pue_milli >= 1000 ? r->pue_milli : PUE_MILLI;
        rebuilt->method = JB_METHOD_C1;
        (void)book__line(rebuilt, "carbontracker/total", JB_SCOPE_OTHER, JB_ORIGIN_STATED,
                         book__band(r->actual_uj, TOTAL_LOW_PPM, TOTAL_HIGH_PPM),
                         "carbontracker, Actual consumption: all its parts, with its PUE");
        book__note(rebuilt, "its total holds a fixed PUE, taken to be %lld.%02lld",
                   (long long)(rebuilt->run.pue_milli / 1000),
                   (long long)(rebuilt->run.pue_milli % 1000 / 10));
    }
    if (r->actual_ug > 0)
        rebuilt->told_gco2e_ug = book__band(r->actual_ug, 0, 0);
    take_doubts(r);
    take_key(r);
    if (rebuilt->n_lines == 0) {
        r->book->line = 0;
        jb_import_leave(&r->book->told, "no epoch that was measured", 1);
        return JB_OK;
    }
    if (r->has_time) {
        rebuilt->run.start_utc_us = r->first_us;
        rebuilt->run.end_utc_us = r->last_us;
    } else {
        rc = book__no_times(r->book, rebuilt, err);
    }
    return rc == JB_OK ? book__give(r->book, rebuilt, 1, err) : rc;
}

static jb_rc read_file(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    struct reader r = {.book = book, .rebuilt = rebuilt};
    char other[4096];
    bool is_output = false;
    jb_rc rc;

    book__begin(book, rebuilt, "carbontracker");
    rc = book__lines(book, take_line, &r, err);
    if (rc == JB_OK && r.n_epochs == 0 && !r.has_actual && r.n_parts == 0 && r.predicted_uj == 0)
        rc =
            book__fail(book, NULL, err, "it is a *_carbontracker.log or *_carbontracker_output.log",
                       "no line of carbontracker in it");
    book->told.n_rows = 1;
    if (rc == JB_OK) {
        other_path(book->path, other, sizeof other, &is_output);
        rc = read_other(&r, other, err);
    }
    return rc == JB_OK ? make_run(&r, err) : rc;
}

static jb_rc read_carbontracker(const char *path, const struct jb_import_asked *asked,
                                const struct jb_import_progress *progress, jb_import_rebuilt_fn fn,
                                void *arg, struct jb_import_told *ret_told, struct jb_error *err)
{
    return book__run(read_file, path, asked, progress, fn, arg, ret_told, err);
}

const struct jb_import_book book__carbontracker = {
    .name = "carbontracker",
    .summary = "a log of carbontracker; the other one of its two is read with it",
    .read = read_carbontracker,
};
