/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a block to what they say: only the columns that matter are looked at, and what a row is, is worked out once for
 * all rows with the same texts. Belongs to one thread; what it shares is the groups, behind a lock. R-BILL-02 to R-BILL-05.
 */
#include <string.h>

#include "base/clean.h"
#include "import/bill_int.h"

struct bill_worker {
    struct bill_shared shared;
    char *bytes;   /* a block */
    char *scratch; /* a row's texts, unquoted */
    struct bill_marks marks;
    struct bill_memo whats, wheres, runs;
    struct bill_batch *batch;
    int64_t line; /* of the row being taken */
    const char *row;
    bool has_quantity, has_pricing_quantity;
    struct bill_time_memo times[2];
};

void jb_bill__worker_free(struct bill_worker *worker)
{
    if (!worker)
        return;
    free(worker->bytes);
    free(worker->scratch);
    free(worker->marks.ends);
    free(worker->marks.rows);
    jb_bill__memo_release(&worker->whats);
    jb_bill__memo_release(&worker->wheres);
    jb_bill__memo_release(&worker->runs);
    jb_bill__batch_free(worker->batch);
    free(worker);
}

struct bill_worker *jb_bill__worker_new(const struct bill_shared *shared, size_t block_bytes)
{
    struct bill_worker *const worker = calloc(1, sizeof *worker);

    if (!worker)
        return NULL;
    worker->shared = *shared;
    worker->bytes = calloc(1, block_bytes + BILL_PAD);
    /* A column may be taken twice: for what it says and as the run. */
    worker->scratch = malloc(2 * block_bytes + BILL_N_TEXTS + JB_BILL_TEXT);
    worker->marks.ends = malloc((block_bytes + BILL_PAD) * sizeof *worker->marks.ends);
    worker->marks.rows = malloc((block_bytes + BILL_PAD) * sizeof *worker->marks.rows);
    worker->batch = jb_bill__batch_new(&worker->shared);
    /* Room for what real bills have many of: sentences that name a price, and runs. */
    const bool has_memos = jb_bill__memo_init(&worker->whats, 16384, 1536 * 1024) &&
                           jb_bill__memo_init(&worker->wheres, 4096, 256 * 1024) &&
                           jb_bill__memo_init(&worker->runs, 32768, 512 * 1024);
    if (worker->bytes && worker->scratch && worker->marks.ends && worker->marks.rows &&
        worker->batch && has_memos)
        return worker;
    jb_bill__worker_free(worker);
    return NULL;
}

char *jb_bill__worker_bytes(struct bill_worker *worker)
{
    return worker->bytes;
}

/* ---- what a row says ---- */

static struct bill_field field_at(const struct bill_worker *worker, const uint32_t *ends,
                                  int column)
{
    const char *const begin = column == 0 ? worker->row : worker->bytes + ends[column - 1] + 1;

    return (struct bill_field){begin, (size_t)(worker->bytes + ends[column] - begin)};
}

static struct bill_field span_at(const struct bill_worker *worker, const uint32_t *ends,
                                 struct bill_span span)
{
    const char *const begin = field_at(worker, ends, span.first).at;

    return (struct bill_field){begin, (size_t)(worker->bytes + ends[span.last] - begin)};
}

/* Without quotes around, and nothing where it is NULL. Numbers and times have no quotes inside. */
static struct bill_field plain(struct bill_field field)
{
    if (field.len >= 2 && field.at[0] == '"' && field.at[field.len - 1] == '"') {
        field.at++;
        field.len -= 2;
    }
    if (field.len == 4 && memcmp(field.at, "NULL", 4) == 0)
        field.len = 0;
    return field;
}

static jb_rc refuse(const struct bill_worker *worker, enum jb_bill_column column, jb_rc rc,
                    struct bill_field field, const char *hint, const char *what,
                    struct jb_error *err)
{
    char raw[48];
    char text[48];
    const size_t len = field.len < sizeof raw - 1 ? field.len : sizeof raw - 1;

    memcpy(raw, field.at, len);
    raw[len] = '\0';
    jb_clean_copy(raw, text, sizeof text);
    return jb_fail(err, rc, hint, "line %lld, column '%s': '%s' %s", (long long)worker->line,
                   worker->shared.layout->name[column], text, what);
}

/* The value that the user's rule picks. `buf` has JB_BILL_TEXT bytes. */
static struct bill_field run_of(struct bill_worker *worker, struct bill_field field)
{
    const struct bill_shared *const shared = &worker->shared;
    const char *value = "";
    size_t len = 0;
    bool is_known = false;

    if (!shared->layout->is_run_json)
        return field;
    (void)jb_bill__json_glance(field.at, field.len, shared->format->tag_keys, shared->rule->name,
                               &value, &len, &is_known);
    if (is_known)
        return (struct bill_field){value, len};
    /* What the value is made of lies behind the room that the row's texts need. */
    char *const json = worker->scratch;
    char *const buf = worker->scratch + field.len + 1;
    jb_bill__unquote(field.at, field.len, json);
    if (!jb_bill__json_value(json, strlen(json), shared->format->tag_keys, shared->rule->name, buf,
                             JB_BILL_TEXT))
        return (struct bill_field){"", 0};
    return (struct bill_field){buf, strlen(buf)};
}

/* ---- what is not remembered ---- */

static jb_rc period_of(const struct bill_worker *worker, const uint32_t *ends,
                       struct bill_where *where, struct jb_error *err)
{
    const struct bill_layout *const layout = worker->shared.layout;
    const bool is_month_first = worker->shared.format->is_month_first;
    int64_t *const ret[2] = {&where->period_start_utc_us, &where->period_end_utc_us};
    bool is_day = false;
    struct bill_field field;

    for (int i = 0; i < 2; i++) {
        const enum jb_bill_column column = (enum jb_bill_column)(BILL_PERIOD_START + i);
        if (layout->at[column] < 0)
            continue;
        field = plain(field_at(worker, ends, layout->at[column]));
        if (field.len > 0 &&
            jb_bill__time(field.at, field.len, is_month_first, ret[i], &is_day) < 0)
            return refuse(worker, column, JB_E_INPUT, field, "a date such as 2026-11-01T00:00:00Z",
                          "is no date", err);
    }
    if (where->period_end_utc_us != 0 && worker->shared.format->is_period_end_inclusive && is_day)
        where->period_end_utc_us += INT64_C(24) * 3600 * 1000000;
    if (where->period_start_utc_us != 0 && where->period_end_utc_us == 0)
        jb_bill__month(where->period_start_utc_us, &where->period_start_utc_us,
                       &where->period_end_utc_us);
    if (where->period_start_utc_us == 0 && layout->at[BILL_PERIOD_START] < 0) {
        int64_t utc_us = 0;
        field = plain(field_at(worker, ends, layout->at[BILL_TIME_START]));
        if (field.len > 0 &&
            jb_bill__time(field.at, field.len, is_month_first, &utc_us, &is_day) == JB_OK)
            jb_bill__month(utc_us, &where->period_start_utc_us, &where->period_end_utc_us);
    }
    return JB_OK;
}

/* The row's texts, one after another in the scratch. */
static void texts_of(struct bill_worker *worker, const uint32_t *ends, struct bill_texts *ret)
{
    const struct bill_layout *const layout = worker->shared.layout;
    char *at = worker->scratch;

    for (int i = 0; i < BILL_N_TEXTS; i++) {
        ret->text[i] = "";
        if (layout->at[i] < 0 || i == BILL_RUN)
            continue;
        const struct bill_field field = field_at(worker, ends, layout->at[i]);
        jb_bill__unquote(field.at, field.len, at);
        ret->text[i] = at;
        at += strlen(at) + 1;
    }
}

static jb_rc find_what(struct bill_worker *worker, const uint32_t *ends, const void **ret,
                       struct jb_error *err)
{
    const struct bill_shared *const shared = &worker->shared;
    struct bill_texts texts;
    struct bill_verdict verdict;
    struct bill_what what;

    memset(&what, 0, sizeof what);
    texts_of(worker, ends, &texts);
    jb_bill__classify(shared->format, &texts, worker->has_quantity, worker->has_pricing_quantity,
                      &verdict);
    what.of = verdict.of;
    what.multiple = verdict.multiple;
    what.class = verdict.class;
    what.part = verdict.part;
    (void)pthread_mutex_lock(shared->lock);
    what.reason = jb_bill__intern(shared->groups, verdict.reason);
    what.instance = jb_bill__intern(shared->groups, verdict.instance);
    what.service = jb_bill__intern(shared->groups, texts.text[BILL_SERVICE]);
    what.unit = jb_bill__intern(shared->groups, verdict.unit);
    *ret = what.reason && what.instance && what.service && what.unit
               ? jb_bill__what(shared->groups, &what)
               : NULL;
    (void)pthread_mutex_unlock(shared->lock);
    return *ret ? JB_OK : jb_bill__no_memory(err);
}

static jb_rc find_where(struct bill_worker *worker, const uint32_t *ends, const void **ret,
                        struct jb_error *err)
{
    const struct bill_shared *const shared = &worker->shared;
    struct bill_texts texts;
    struct bill_where where;

    memset(&where, 0, sizeof where);
    texts_of(worker, ends, &texts);
    const jb_rc rc = period_of(worker, ends, &where, err);
    if (rc < 0)
        return rc;
    const char *const provider =
        texts.text[BILL_PROVIDER][0] ? texts.text[BILL_PROVIDER] : shared->format->provider;
    (void)pthread_mutex_lock(shared->lock);
    where.account = jb_bill__intern(shared->groups, texts.text[BILL_ACCOUNT]);
    where.provider = jb_bill__intern(shared->groups, provider);
    where.region = jb_bill__intern(shared->groups, texts.text[BILL_REGION]);
    where.currency = jb_bill__intern(shared->groups, texts.text[BILL_CURRENCY]);
    *ret = where.account && where.provider && where.region && where.currency
               ? jb_bill__where(shared->groups, &where)
               : NULL;
    (void)pthread_mutex_unlock(shared->lock);
    return *ret ? JB_OK : jb_bill__no_memory(err);
}

static jb_rc find_run(struct bill_worker *worker, struct bill_field run, const void **ret,
                      struct jb_error *err)
{
    const struct bill_shared *const shared = &worker->shared;
    /* A byte too many is enough for a text to be cut with dots. */
    char text[2 * JB_BILL_TEXT];

    if (run.len >= sizeof text) {
        /* Its closing quote is gone: so goes the opening one. */
        run.at += run.at[0] == '"' ? 1 : 0;
        run.len = sizeof text - 1;
    }
    if (shared->layout->is_run_json) {
        memcpy(text, run.at, run.len);
        text[run.len] = '\0';
    } else {
        jb_bill__unquote(run.at, run.len, text);
    }
    (void)pthread_mutex_lock(shared->lock);
    *ret = jb_bill__intern(shared->groups, text);
    (void)pthread_mutex_unlock(shared->lock);
    return *ret ? JB_OK : jb_bill__no_memory(err);
}

/* ---- a row to its group ---- */

static jb_rc what_of(struct bill_worker *worker, const uint32_t *ends, const void **ret,
                     struct jb_error *err)
{
    const struct bill_layout *const layout = worker->shared.layout;
    const char flags =
        (char)((worker->has_quantity ? 1 : 0) | (worker->has_pricing_quantity ? 2 : 0));
    struct bill_field fields[BILL_N_TEXTS + 2];
    size_t n = 0;

    for (; n < layout->what.n; n++)
        fields[n] = span_at(worker, ends, layout->what.one[n]);
    const uint64_t hash = jb_bill__hash_fields((uint64_t)flags + 1, fields, n);
    fields[n++] = (struct bill_field){&flags, 1};
    *ret = jb_bill__recall(&worker->whats, hash, fields, n);
    if (*ret)
        return JB_OK;
    const jb_rc rc = find_what(worker, ends, ret, err);
    if (rc == JB_OK)
        jb_bill__remember(&worker->whats, hash, fields, n, *ret);
    return rc;
}

static jb_rc where_of(struct bill_worker *worker, const uint32_t *ends, const void **ret,
                      struct jb_error *err)
{
    const struct bill_layout *const layout = worker->shared.layout;
    struct bill_field fields[BILL_N_TEXTS + 1];
    size_t n = 0;

    for (; n < layout->where.n; n++)
        fields[n] = span_at(worker, ends, layout->where.one[n]);
    const uint64_t hash = jb_bill__hash_fields(1, fields, n);
    *ret = jb_bill__recall(&worker->wheres, hash, fields, n);
    if (*ret)
        return JB_OK;
    const jb_rc rc = find_where(worker, ends, ret, err);
    if (rc == JB_OK)
        jb_bill__remember(&worker->wheres, hash, fields, n, *ret);
    return rc;
}

static jb_rc text_of_run(struct bill_worker *worker, const uint32_t *ends, const void **ret,
                         struct jb_error *err)
{
    const struct bill_field run =
        run_of(worker, field_at(worker, ends, worker->shared.layout->at[BILL_RUN]));
    const uint64_t hash = jb_bill__hash_fields(1, &run, 1);

    *ret = jb_bill__recall(&worker->runs, hash, &run, 1);
    if (*ret)
        return JB_OK;
    const jb_rc rc = find_run(worker, run, ret, err);
    if (rc == JB_OK)
        jb_bill__remember(&worker->runs, hash, &run, 1, *ret);
    return rc;
}

static jb_rc key_of(struct bill_worker *worker, const uint32_t *ends, struct bill_key *ret,
                    struct jb_error *err)
{
    const void *what = NULL;
    const void *where = NULL;
    const void *run = NULL;
    jb_rc rc = what_of(worker, ends, &what, err);

    if (rc == JB_OK)
        rc = where_of(worker, ends, &where, err);
    if (rc == JB_OK)
        rc = text_of_run(worker, ends, &run, err);
    *ret = (struct bill_key){what, where, run};
    return rc;
}

/* ---- numbers and times ---- */

static jb_rc take_numbers(const struct bill_worker *worker, const uint32_t *ends,
                          jb_i128 values[BILL_N_SUMS], bool has[BILL_N_SUMS], struct jb_error *err)
{
    const struct bill_layout *const layout = worker->shared.layout;

    for (int i = 0; i < BILL_N_SUMS; i++) {
        const int column = layout->at[BILL_QUANTITY + i];
        has[i] = false;
        if (column < 0)
            continue;
        const struct bill_field field = plain(field_at(worker, ends, column));
        if (field.len == 0)
            continue;
        has[i] = true;
        /* What is priced counts only where what was consumed is not told. */
        if (BILL_QUANTITY + i == BILL_PRICING_QUANTITY && has[0])
            continue;
        const jb_rc rc = jb_bill__decimal(field.at, field.len, &values[i]);
        if (rc < 0)
            return refuse(worker, (enum jb_bill_column)(BILL_QUANTITY + i), JB_E_INPUT, field,
                          "a decimal with a point and no thousands, such as 0.25 or 2.5e-6",
                          rc == JB_E_RANGE ? "is too large" : "is no number", err);
    }
    return JB_OK;
}

static jb_rc take_time(struct bill_worker *worker, const uint32_t *ends, int which,
                       int64_t *ret_utc_us, bool *ret_has, bool *ret_is_day, struct jb_error *err)
{
    const int column = worker->shared.layout->at[BILL_TIME_START + which];

    *ret_has = false;
    if (column < 0)
        return JB_OK;
    const struct bill_field field = plain(field_at(worker, ends, column));
    if (field.len == 0)
        return JB_OK;
    *ret_has = true;
    if (jb_bill__time_again(&worker->times[which], field.at, field.len,
                            worker->shared.format->is_month_first, ret_utc_us, ret_is_day) < 0)
        return refuse(worker, (enum jb_bill_column)(BILL_TIME_START + which), JB_E_INPUT, field,
                      "a time such as 2026-11-23T06:00:00Z", "is no time", err);
    return JB_OK;
}

static jb_rc take_times(struct bill_worker *worker, const uint32_t *ends, struct bill_taken *taken,
                        struct jb_error *err)
{
    int64_t utc_us[2] = {0};
    bool has[2] = {false};
    bool is_day = false;
    bool is_last_day = false;
    jb_rc rc = take_time(worker, ends, 0, &utc_us[0], &has[0], &is_day, err);

    if (rc == JB_OK)
        rc = take_time(worker, ends, 1, &utc_us[1], &has[1], &is_last_day, err);
    if (rc < 0)
        return rc;
    /* A day without hours ends a day later. */
    if (has[0] && !has[1])
        utc_us[1] = utc_us[0] + (is_day ? INT64_C(24) * 3600 * 1000000 : 0);
    taken->first_utc_us = has[0] ? utc_us[0] : INT64_MAX;
    taken->last_utc_us = has[0] || has[1] ? utc_us[1] : INT64_MIN;
    return JB_OK;
}

static jb_rc take_row(struct bill_worker *worker, const uint32_t *ends, struct jb_error *err)
{
    struct bill_taken *const taken = jb_bill__batch_next(worker->batch);
    bool *const has = taken->has;
    jb_rc rc = take_numbers(worker, ends, taken->value, has, err);

    if (rc < 0)
        return rc;
    worker->has_quantity = has[0];
    worker->has_pricing_quantity = has[BILL_PRICING_QUANTITY - BILL_QUANTITY];
    rc = key_of(worker, ends, &taken->key, err);
    if (rc == JB_OK)
        rc = take_times(worker, ends, taken, err);
    if (rc < 0)
        return rc;
    if (!has[0] && has[1]) {
        has[0] = true;
        taken->value[0] = taken->value[1];
    }
    has[1] = false;
    taken->line = worker->line;
    return jb_bill__batch_put(worker->batch, err);
}

/* ---- blocks ---- */

static jb_rc not_a_row(const struct bill_worker *worker, size_t n_fields, struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT,
                   "each row has as many columns as the first; a field with a comma has quotes",
                   "line %lld: %zu columns where the first row has %zu", (long long)worker->line,
                   n_fields, worker->shared.layout->n_columns);
}

/* The first quote that stands where none may. */
static uint32_t stray_quote(const char *bytes, size_t len)
{
    bool is_inside = false;
    bool may_open = true;
    uint32_t at = 0;

    for (; at < len && (bytes[at] != '"' || is_inside || may_open); at++) {
        if (bytes[at] == '"')
            is_inside = !is_inside;
        may_open = bytes[at] == '"' || (!is_inside && (bytes[at] == ',' || bytes[at] == '\n'));
    }
    return at;
}

static jb_rc stray(const struct bill_worker *worker, struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT,
                   "a field with a quote is in quotes, and the quote inside is doubled",
                   "line %lld: a quote inside a field", (long long)worker->line);
}

static jb_rc take_rows(struct bill_worker *worker, size_t len, size_t n_newlines, int64_t line,
                       struct jb_error *err)
{
    const struct bill_scanner *const scanner = worker->shared.scanner;
    const size_t n_columns = worker->shared.layout->n_columns;
    struct bill_marks *const marks = &worker->marks;
    size_t end = 0; /* in marks->ends */
    uint32_t begin = 0;

    scanner->mark(worker->bytes, len, marks);
    const uint32_t stray_at = marks->has_stray_quote ? stray_quote(worker->bytes, len) : UINT32_MAX;
    for (size_t r = 0; r < marks->n_rows; r++) {
        const uint32_t row_end = marks->rows[r];
        uint32_t *const ends = marks->ends + end;
        worker->row = worker->bytes + begin;
        worker->line = line;
        line += 1;
        begin = row_end + 1;
        /* Not before: the first error of the file is told. */
        if (stray_at < row_end)
            return stray(worker, err);
        if (end + n_columns > marks->n_ends || ends[n_columns - 1] != row_end) {
            size_t n = 0;
            while (ends[n] != row_end)
                n++;
            end += n + 1;
            /* An empty line is none. */
            if (n == 0 && row_end - (uint32_t)(worker->row - worker->bytes) <=
                              (worker->bytes[row_end ? row_end - 1 : 0] == '\r' ? 1 : 0))
                continue;
            return not_a_row(worker, n + 1, err);
        }
        end += n_columns;
        /* A carriage return before the newline is none of the last field. */
        if (row_end > 0 && worker->bytes[row_end - 1] == '\r' &&
            worker->row < worker->bytes + row_end)
            ends[n_columns - 1]--;
        const jb_rc rc = take_row(worker, ends, err);
        if (rc < 0)
            return rc;
        /* Lines inside of quotes. */
        if (n_newlines > marks->n_rows)
            line += (int64_t)scanner
                        ->count(worker->row, (size_t)(worker->bytes + row_end - worker->row))
                        .n_newlines;
    }
    return JB_OK;
}

jb_rc jb_bill__worker_take(struct bill_worker *worker, size_t len, size_t n_newlines, int64_t line,
                           struct jb_error *err)
{
    const jb_rc rc = take_rows(worker, len, n_newlines, line, err);
    /* What is wrong with rows before the one that failed comes first in the file. */
    const jb_rc earlier = jb_bill__batch_settle(worker->batch, err);

    return earlier < 0 ? earlier : rc;
}

jb_rc jb_bill__worker_give(struct bill_worker *worker, struct bill_sums *sums, int64_t *n_rows,
                           struct jb_error *err)
{
    return jb_bill__batch_give(worker->batch, sums, n_rows, err);
}
