/* SPDX-License-Identifier: Apache-2.0 */
/*
 * experiment-impact-tracker's data.json (a JSON object a line) to one run: each record tells powers of the time since
 * the one before it. Its info.pkl is a Python pickle, a program, and is never read. R-BOOKS-50.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/book_int.h"

#define STEPS_MAX 4096
/* R-BOOKS-50: as gaps of power logs, R-IMPORT-03. */
#define BRIDGE_NS     (60 * JB_NS_PER_S)
#define BRIDGE_PERIOD 5
#define READ_PPM      200000 /* a tenth for the meter, a tenth for the share */

#define TIME_MIN_NS (INT64_C(1262304000) * JB_NS_PER_S)
#define TIME_MAX_NS (INT64_C(4102444800) * JB_NS_PER_S)

static const struct {
    const char *key, *whole_key, *channel, *basis;
    enum jb_scope scope;
} parts[] = {
    {"rapl_estimated_attributable_power_draw", "rapl_power_draw_absolute", "impact-tracker/cpu",
     "experiment-impact-tracker: its share of the processor's and memory's counter",
     JB_SCOPE_PACKAGE},
    {"nvidia_estimated_attributable_power_draw", "nvidia_draw_absolute", "impact-tracker/gpu",
     "experiment-impact-tracker: its share of the boards' power", JB_SCOPE_GPU},
};
#define PARTS 2

struct reader {
    struct book *book;
    struct jb_rebuilt *rebuilt;
    bool is_survey;
    int64_t n_records, n_back, n_gaps, gap_ns;
    int64_t first_ns, last_ns, observed_ns;
    int64_t bridge_ns;
    char first[40]; /* the first stamp as it is written: the key */
    int64_t own_uj[PARTS], whole_uj[PARTS];
    int64_t own_ns[PARTS]; /* of observed_ns, with a power of that part */
    size_t n_steps;
    int64_t steps_ns[STEPS_MAX];
};

JB_UNUSED static inline void json_auto(json_t **value)
{
    json_decref(*value);
}

static void add(int64_t *sum_uj, int64_t power_uw, int64_t elapsed_ns)
{
    *sum_uj = jb_add_sat_i64(
        *sum_uj, jb_muldiv_sat_i64(power_uw, elapsed_ns, JB_NS_PER_S, JB_ROUND_NEAREST));
}

static jb_rc take_powers(struct reader *r, const json_t *record, int64_t elapsed_ns,
                         struct jb_error *err)
{
    for (size_t i = 0; i < PARTS; i++) {
        int64_t own_uw = 0;
        int64_t whole_uw = 0;
        bool has_own = false;
        bool has_whole = false;
        jb_rc rc = book__json_number(r->book, record, parts[i].key, 6, &own_uw, &has_own, err);
        if (rc == JB_OK)
            rc = book__json_number(r->book, record, parts[i].whole_key, 6, &whole_uw, &has_whole,
                                   err);
        if (rc < 0)
            return rc;
        if (r->is_survey || !has_own)
            continue;
        r->own_ns[i] = jb_add_sat_i64(r->own_ns[i], elapsed_ns);
        add(&r->own_uj[i], own_uw, elapsed_ns);
        add(&r->whole_uj[i], whole_uw, elapsed_ns);
    }
    return JB_OK;
}

static jb_rc take_record(struct reader *r, const json_t *record, struct jb_error *err)
{
    int64_t time_ns = 0;
    int64_t elapsed_ns;
    bool has = false;
    jb_rc rc = book__json_number(r->book, record, "timestamp", 9, &time_ns, &has, err);

    if (rc == JB_OK && (!has || time_ns < TIME_MIN_NS || time_ns > TIME_MAX_NS))
        rc = book__fail(r->book, "timestamp", err, "it is in seconds since 1970",
                        "it is no time between 2010 and 2100");
    if (rc < 0)
        return rc;
    elapsed_ns = r->n_records > 0 ? time_ns - r->last_ns : 0;
    if (r->n_records++ == 0) {
        r->first_ns = time_ns;
        (void)jb_format_decimal(time_ns, 9, r->first, sizeof r->first);
    } else if (elapsed_ns <= 0) {
        r->n_back++;
        return JB_OK;
    }
    r->last_ns = time_ns;
    if (r->is_survey) {
        if (elapsed_ns > 0 && r->n_steps < STEPS_MAX)
            r->steps_ns[r->n_steps++] = elapsed_ns;
    } else if (elapsed_ns > r->bridge_ns) {
        r->n_gaps++;
        r->gap_ns = jb_add_sat_i64(r->gap_ns, elapsed_ns);
        elapsed_ns = 0;
    }
    r->observed_ns = jb_add_sat_i64(r->observed_ns, elapsed_ns);
    return take_powers(r, record, elapsed_ns, err);
}

static jb_rc take_line(void *arg, const char *line, size_t len, struct jb_error *err)
{
    struct reader *const r = arg;
    JB_AUTO(json_auto) json_t *record = NULL;
    json_error_t why;

    if (len == 0)
        return JB_OK;
    record = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(record))
        return book__fail(r->book, NULL, err, "it is impacttracker/data.json, an object a line",
                          "no JSON object at column %d: %.80s", record ? 1 : why.column,
                          record ? "another value" : why.text);
    return take_record(r, record, err);
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void set_bridge(struct reader *r)
{
    int64_t usual_ns = 0;

    if (r->n_steps > 0) {
        qsort(r->steps_ns, r->n_steps, sizeof r->steps_ns[0], by_size);
        usual_ns = r->steps_ns[r->n_steps / 2];
    }
    r->bridge_ns = jb_muldiv_sat_i64(usual_ns, BRIDGE_PERIOD, 1, JB_ROUND_NEAREST);
    if (r->bridge_ns < BRIDGE_NS)
        r->bridge_ns = BRIDGE_NS;
}

/* What was not observed is in the upper end: at the mean power of the rest. */
static void add_lines(struct reader *r)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    int64_t all_ns = 0;

    if (jb_add_i64(r->observed_ns, r->gap_ns, &all_ns) < 0)
        all_ns = INT64_MAX;
    for (size_t i = 0; i < PARTS; i++) {
        struct jb_figure energy = book__band(r->own_uj[i], READ_PPM, READ_PPM);
        if (r->own_uj[i] == 0)
            continue;
        if (r->own_ns[i] > 0)
            energy.high = jb_muldiv_sat_i64(energy.high, all_ns, r->own_ns[i], JB_ROUND_CEIL);
        if (r->own_ns[i] < r->observed_ns)
            book__note(rebuilt, "'%s': %lld s have no power of it: they are in the upper end alone",
                       parts[i].channel,
                       (long long)((r->observed_ns - r->own_ns[i]) / JB_NS_PER_S));
        (void)book__line(rebuilt, parts[i].channel, parts[i].scope, JB_ORIGIN_STATED, energy,
                         parts[i].basis);
        book__note(rebuilt, "'%s': all of the machine used %lld mWh in that time", parts[i].channel,
                   (long long)(r->whole_uj[i] / 3600000));
    }
    rebuilt->method = JB_METHOD_C2;
}

static jb_rc make_run(struct reader *r, struct jb_error *err)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;

    r->book->told.n_rows = r->n_records;
    book__begin(r->book, rebuilt, "impact-tracker");
    (void)snprintf(rebuilt->key, sizeof rebuilt->key, "%s %s", r->book->stem, r->first);
    add_lines(r);
    if (r->n_gaps > 0)
        book__note(rebuilt,
                   "%lld gaps of together %lld s were not bridged: their energy is in the upper "
                   "end alone",
                   (long long)r->n_gaps, (long long)(r->gap_ns / JB_NS_PER_S));
    if (r->n_back > 0)
        book__note(rebuilt, "%lld records are not later than the one before and were left out",
                   (long long)r->n_back);
    if (rebuilt->n_lines == 0) {
        jb_import_leave(&r->book->told, "no energy", 1);
        return JB_OK;
    }
    rebuilt->run.start_utc_us = r->first_ns / JB_NS_PER_US;
    rebuilt->run.end_utc_us = r->last_ns / JB_NS_PER_US;
    return book__give(r->book, rebuilt, 1, err);
}

static void rewind_reader(struct reader *r)
{
    r->is_survey = false;
    r->n_records = r->n_back = 0;
    r->observed_ns = 0;
}

static jb_rc read_file(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct reader *r = calloc(1, sizeof *r);
    jb_rc rc;

    if (!r)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", book->path);
    r->book = book;
    r->rebuilt = rebuilt;
    r->is_survey = true;
    rc = book__lines(book, take_line, r, err);
    if (rc == JB_OK && r->n_records == 0)
        rc = book__fail(book, NULL, err, "it is impacttracker/data.json, an object a line",
                        "no record in it");
    if (rc < 0)
        return rc;
    set_bridge(r);
    rewind_reader(r);
    rc = book__lines(book, take_line, r, err);
    return rc == JB_OK ? make_run(r, err) : rc;
}

static jb_rc read_impact_tracker(const char *path, const struct jb_import_asked *asked,
                                 const struct jb_import_progress *progress, jb_import_rebuilt_fn fn,
                                 void *arg, struct jb_import_told *ret_told, struct jb_error *err)
{
    return book__run(read_file, path, asked, progress, fn, arg, ret_told, err);
}

const struct jb_import_book book__impact_tracker = {
    .name = "impact-tracker",
    .summary = "data.json of experiment-impact-tracker",
    .read = read_impact_tracker,
};
