/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a stranger to a statement. Must never take a figure that is not what the document's own figures come to, nor a
 * byte that this program would have written otherwise. R-STATEMENT-09, -10.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "statement/document.h"

#define HOUR_US (3600 * INT64_C(1000000))

/* The member that is read, for whoever has to be told what is wrong with it. */
struct reader {
    const struct jb_statement *statement;
    struct jb_error *err;
    char at[64]; /* "item 3 " or "" */
};

static jb_rc wrong(const struct reader *reader, const char *name, const char *what)
{
    return jb_fail(reader->err, JB_E_INPUT, "docs/format/statement.md says what a statement is",
                   "%s'%s' of the statement %s", reader->at, name, what);
}

static jb_rc take_text(const struct reader *reader, const json_t *object, const char *name,
                       char *ret, size_t size)
{
    const json_t *const value = json_object_get(object, name);
    const char *const text = json_string_value(value);

    if (!text || strlen(text) != json_string_length(value) || !jb_clean_is(text))
        return wrong(reader, name, "is no text of one line");
    if (strlen(text) >= size)
        return wrong(reader, name, "is too long");
    memcpy(ret, text, strlen(text) + 1);
    return JB_OK;
}

static jb_rc take_number(const struct reader *reader, const json_t *object, const char *name,
                         int64_t min, int64_t *ret)
{
    const json_t *const value = json_object_get(object, name);

    if (!json_is_integer(value) || json_integer_value(value) < min)
        return wrong(reader, name, "is no whole number that it can be");
    *ret = json_integer_value(value);
    return JB_OK;
}

static jb_rc take_moment(const struct reader *reader, const json_t *object, const char *name,
                         int64_t *ret)
{
    char text[40] = "";
    jb_rc rc = take_text(reader, object, name, text, sizeof text);

    if (rc == JB_OK && jb_parse_utc(text, strlen(text), ret) < 0)
        rc = wrong(reader, name, "is no time in UTC");
    return rc;
}

static jb_rc take_figure(const struct reader *reader, const json_t *object, const char *name,
                         bool may_be_unknown, struct jb_figure *ret)
{
    const json_t *const value = json_object_get(object, name);
    struct jb_figure figure = {.is_known = true};
    jb_rc rc;

    *ret = (struct jb_figure){0};
    if (may_be_unknown && json_is_null(value))
        return JB_OK;
    if (!json_is_object(value))
        return wrong(reader, name, "is no figure");
    rc = take_number(reader, value, "low", 0, &figure.low);
    if (rc == JB_OK)
        rc = take_number(reader, value, "best", figure.low, &figure.best);
    if (rc == JB_OK)
        rc = take_number(reader, value, "high", figure.best, &figure.high);
    if (rc == JB_OK)
        *ret = figure;
    return rc;
}

/* A list of names, sorted, to lines. */
static jb_rc take_list(const struct reader *reader, const json_t *object, const char *name,
                       char **ret)
{
    const json_t *const list = json_object_get(object, name);
    JB_AUTO(jb_buf_release) struct jb_buf lines = {.max = JB_STATEMENT_BYTES_MAX};

    if (!json_is_array(list))
        return wrong(reader, name, "is no list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *const value = json_array_get(list, i);
        const char *const text = json_string_value(value);
        if (!text || !text[0] || strlen(text) != json_string_length(value) || !jb_clean_is(text))
            return wrong(reader, name, "holds what is no name");
        jb_buf_add_text(&lines, text);
        jb_buf_add_u8(&lines, '\n');
    }
    if (lines.failed < 0)
        return jb_fail(reader->err, lines.failed, NULL, "no memory for a statement");
    *ret = lines.bytes;
    lines.bytes = NULL;
    return JB_OK;
}

typedef int (*word_fn)(const char *name);

static jb_rc take_parts(const struct reader *reader, const json_t *object, const char *name,
                        word_fn word, size_t n, int64_t *ret)
{
    json_t *const parts = json_object_get(object, name);
    const char *key;
    json_t *value;

    if (!json_is_object(parts))
        return wrong(reader, name, "is no object");
    json_object_foreach(parts, key, value)
    {
        const int at = word(key);
        if (at < 0 || (size_t)at >= n || !json_is_integer(value) || json_integer_value(value) <= 0)
            return wrong(reader, name, "holds what is no part");
        ret[at] = json_integer_value(value);
    }
    return JB_OK;
}

static jb_rc take_coverage(const struct reader *reader, const json_t *object,
                           struct jb_statement_item *item)
{
    const json_t *const value = json_object_get(object, "coverage");
    const struct {
        const char *name;
        int64_t *to;
    } members[] = {
        {"counter_ns", &item->coverage.counter_ns},
        {"gauge_ns", &item->coverage.gauge_ns},
        {"interpolated_ns", &item->coverage.interpolated_ns},
        {"unobserved_ns", &item->coverage.unobserved_ns},
        {"n_gaps", &item->n_gaps},
    };
    jb_rc rc = JB_OK;

    if (!json_is_object(value))
        return wrong(reader, "coverage", "is no object");
    for (size_t i = 0; i < JB_ARRAY_LEN(members) && rc == JB_OK; i++)
        rc = take_number(reader, value, members[i].name, 0, members[i].to);
    return rc;
}

static bool tells(const struct reader *reader, enum jb_statement_part part)
{
    return !(reader->statement->withheld & 1U << part);
}

static jb_rc take_energy(const struct reader *reader, const json_t *object,
                         struct jb_statement_item *item)
{
    struct jb_statement_energy *const energy = &item->energy;
    jb_rc rc = take_figure(reader, object, "work_uj", false, &energy->work_uj);

    if (rc == JB_OK)
        rc = take_figure(reader, object, "idle_uj", false, &energy->idle_uj);
    if (rc == JB_OK)
        rc = take_figure(reader, object, "platform_uj", false, &energy->platform_uj);
    if (rc == JB_OK)
        rc = take_figure(reader, object, "facility_uj", true, &energy->facility_uj);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_COVERAGE))
        rc = take_coverage(reader, object, item);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_DEVICE))
        rc = take_parts(reader, object, "device_uj", jb_device_from_name, JB_STATEMENT_DEVICES,
                        item->device_uj);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_ORIGIN))
        rc = take_parts(reader, object, "origin_uj", jb_origin_from_name, JB_STATEMENT_ORIGINS,
                        item->origin_uj);
    return rc;
}

static jb_rc take_names(const struct reader *reader, const json_t *object,
                        struct jb_statement_item *item)
{
    jb_rc rc = JB_OK;

    if (tells(reader, JB_STATEMENT_NAMES))
        rc = take_text(reader, object, "name", item->name, sizeof item->name);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_HARDWARE))
        rc = take_text(reader, object, "hardware", item->hardware, sizeof item->hardware);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_HOSTS))
        rc = take_list(reader, object, "hosts", &item->hosts);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_RUNS))
        rc = take_list(reader, object, "runs", &item->runs);
    return rc;
}

static jb_rc take_item(const struct reader *reader, const json_t *object, bool is_total,
                       struct jb_statement_item *item)
{
    char method[8] = "";
    int word;
    jb_rc rc = json_is_object(object) ? JB_OK : wrong(reader, "items", "holds what is no item");

    if (rc == JB_OK)
        rc = take_number(reader, object, "n_runs", 0, &item->n_runs);
    if (rc == JB_OK)
        rc = take_number(reader, object, "duration_ns", 0, &item->duration_ns);
    if (rc == JB_OK)
        rc = take_number(reader, object, "board_ns", 0, &item->board_ns);
    if (rc == JB_OK)
        rc = take_text(reader, object, "method", method, sizeof method);
    word = jb_method_from_name(method);
    if (rc == JB_OK && word < 0)
        rc = wrong(reader, "method", "is none that is known here");
    item->method = word < 0 ? JB_METHOD_A : (enum jb_method)word;
    if (rc == JB_OK)
        rc = take_energy(reader, object, item);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_TIMES) && json_object_get(object, "start_utc")) {
        rc = take_moment(reader, object, "start_utc", &item->start_utc_us);
        if (rc == JB_OK)
            rc = take_moment(reader, object, "end_utc", &item->end_utc_us);
    }
    return rc == JB_OK && !is_total ? take_names(reader, object, item) : rc;
}

static jb_rc take_items(struct reader *reader, const json_t *document, struct jb_statement *ret)
{
    const json_t *const list = json_object_get(document, "items");
    jb_rc rc = JB_OK;

    if (!json_is_array(list) || json_array_size(list) > JB_STATEMENT_ITEMS_MAX)
        return wrong(reader, "items", "is no list, or too long");
    ret->items = calloc(json_array_size(list) + 1, sizeof ret->items[0]);
    if (!ret->items)
        return jb_fail(reader->err, JB_E_NOMEM, NULL, "no memory for a statement");
    for (size_t i = 0; i < json_array_size(list) && rc == JB_OK; i++) {
        (void)snprintf(reader->at, sizeof reader->at, "item %zu: ", i + 1);
        rc = take_item(reader, json_array_get(list, i), false, &ret->items[ret->n_items++]);
    }
    reader->at[0] = '\0';
    return rc;
}

static jb_rc take_withheld(const struct reader *reader, const json_t *document, unsigned *ret)
{
    const json_t *const list = json_object_get(document, "withheld");
    unsigned withheld = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *const name = json_string_value(json_array_get(list, i));
        unsigned bit = 0;
        for (unsigned k = 0; name && k < JB_STATEMENT_PARTS; k++)
            if (strcmp(name, jb_statement_part_name((enum jb_statement_part)k)) == 0)
                bit = 1U << k;
        if (bit == 0)
            return wrong(reader, "withheld", "names what is not known here");
        withheld |= bit;
    }
    *ret = withheld;
    return json_is_array(list) ? JB_OK : wrong(reader, "withheld", "is no list");
}

static jb_rc take_factors(const struct reader *reader, const json_t *document,
                          struct jb_statement *ret)
{
    const json_t *const list = json_object_get(document, "factors");
    jb_rc rc = JB_OK;

    if (!json_is_array(list) || json_array_size(list) > JB_STATEMENT_FACTORS)
        return wrong(reader, "factors", "is no list, or too long");
    for (size_t i = 0; i < json_array_size(list) && rc == JB_OK; i++) {
        const json_t *const value = json_array_get(list, i);
        struct jb_factor *const factor = &ret->factors[ret->n_factors++];
        rc = take_text(reader, value, "name", factor->name, sizeof factor->name);
        if (rc == JB_OK)
            rc = take_text(reader, value, "value", factor->value, sizeof factor->value);
        if (rc == JB_OK)
            rc = take_text(reader, value, "source", factor->source, sizeof factor->source);
        if (rc == JB_OK)
            rc = take_text(reader, value, "edition", factor->edition, sizeof factor->edition);
    }
    return rc;
}

static jb_rc take_notes(const struct reader *reader, const json_t *document,
                        struct jb_statement *ret)
{
    const json_t *const list = json_object_get(document, "notes");

    if (!json_is_array(list) || json_array_size(list) > JB_STATEMENT_NOTES_MAX)
        return wrong(reader, "notes", "is no list, or too long");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *const text = json_string_value(json_array_get(list, i));
        if (!text || strlen(text) >= JB_NOTE || !jb_clean_is(text))
            return wrong(reader, "notes", "holds what is no text of one line");
        (void)snprintf(ret->notes[ret->n_notes++], JB_NOTE, "%s", text);
    }
    return JB_OK;
}

static jb_rc take_book(const struct reader *reader, const json_t *document,
                       struct jb_statement_book *book)
{
    const json_t *const object = json_object_get(document, "book");
    const json_t *const facility = json_object_get(object, "facility_uj");
    const struct {
        const char *name;
        int64_t *to;
        bool is_facility;
    } members[] = {
        {"metered_uj", &book->metered_uj, false},
        {"items_uj", &book->items_uj, false},
        {"tenants_uj", &book->tenants_uj, false},
        {"nobody_uj", &book->nobody_uj, false},
        {"discrepancy_uj", &book->discrepancy_uj, false},
        {"all", &book->facility_uj, true},
        {"items", &book->facility_items_uj, true},
        {"tenants", &book->facility_tenants_uj, true},
        {"nobody", &book->facility_nobody_uj, true},
    };
    jb_rc rc = JB_OK;

    if (!json_is_object(object) || (!json_is_object(facility) && !json_is_null(facility)))
        return wrong(reader, "book", "is no object, or lacks its 'facility_uj'");
    book->has_facility = json_is_object(facility);
    for (size_t i = 0; i < JB_ARRAY_LEN(members) && rc == JB_OK; i++)
        if (!members[i].is_facility || book->has_facility)
            rc = take_number(reader, members[i].is_facility ? facility : object, members[i].name,
                             INT64_MIN, members[i].to);
    return rc;
}

static jb_rc take_head(const struct reader *reader, const json_t *document,
                       struct jb_statement *ret)
{
    char word[16] = "";
    int rule;
    jb_rc rc = take_text(reader, document, "provider", ret->provider, sizeof ret->provider);

    if (rc == JB_OK)
        rc = take_text(reader, document, "recipient", ret->recipient, sizeof ret->recipient);
    if (rc == JB_OK)
        rc = take_text(reader, document, "id", ret->id, sizeof ret->id);
    if (rc == JB_OK)
        rc = take_text(reader, document, "by", ret->by, sizeof ret->by);
    if (rc == JB_OK)
        rc = take_text(reader, document, "software", ret->software, sizeof ret->software);
    if (rc == JB_OK)
        rc = take_text(reader, document, "idle_rule", word, sizeof word);
    rule = jb_idle_rule_from_name(word);
    if (rc == JB_OK && rule < 0)
        rc = wrong(reader, "idle_rule", "is none that is known here");
    ret->idle_rule = rule < 0 ? JB_IDLE_RESERVED : (enum jb_idle_rule)rule;
    if (rc == JB_OK)
        rc = take_moment(reader, document, "since_utc", &ret->since_utc_us);
    if (rc == JB_OK)
        rc = take_moment(reader, document, "until_utc", &ret->until_utc_us);
    if (rc == JB_OK)
        rc = take_moment(reader, document, "issued_utc", &ret->issued_utc_us);
    if (rc == JB_OK)
        rc = take_number(reader, document, "round_uj", 1, &ret->round_uj);
    ret->pue_milli = -1;
    if (rc == JB_OK && !json_is_null(json_object_get(document, "pue_milli")))
        rc = take_number(reader, document, "pue_milli", 1000, &ret->pue_milli);
    return rc;
}

static jb_rc take_document(struct reader *reader, const json_t *document, struct jb_statement *ret)
{
    jb_rc rc = take_head(reader, document, ret);

    if (rc == JB_OK)
        rc = take_withheld(reader, document, &ret->withheld);
    if (rc == JB_OK)
        rc = take_items(reader, document, ret);
    (void)snprintf(reader->at, sizeof reader->at, "total: ");
    if (rc == JB_OK)
        rc = take_item(reader, json_object_get(document, "total"), true, &ret->total);
    reader->at[0] = '\0';
    if (rc == JB_OK && tells(reader, JB_STATEMENT_FACTORS_PART))
        rc = take_factors(reader, document, ret);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_NOTES_PART))
        rc = take_notes(reader, document, ret);
    if (rc == JB_OK && tells(reader, JB_STATEMENT_BOOK))
        rc = take_book(reader, document, &ret->book);
    return rc;
}

/* --- sums ---------------------------------------------------------------------------------------------------------- */

static bool is_sum(const int64_t *parts_uj, size_t n, int64_t whole_uj)
{
    jb_i128 sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += parts_uj[i];
    return sum == whole_uj;
}

static jb_rc check_item(const struct reader *reader, const struct jb_statement_item *item)
{
    const struct jb_statement *const statement = reader->statement;
    const int64_t work_uj = item->energy.work_uj.best;
    int64_t sum_uj = 0;

    if (tells(reader, JB_STATEMENT_DEVICE) &&
        !is_sum(item->device_uj, JB_STATEMENT_DEVICES, work_uj))
        return wrong(reader, "device_uj", "does not come to 'work_uj'");
    if (tells(reader, JB_STATEMENT_ORIGIN) &&
        !is_sum(item->origin_uj, JB_STATEMENT_ORIGINS, work_uj))
        return wrong(reader, "origin_uj", "does not come to 'work_uj'");
    if (item->start_utc_us != 0 &&
        (item->start_utc_us < statement->since_utc_us || item->end_utc_us < item->start_utc_us ||
         item->end_utc_us > statement->until_utc_us))
        return wrong(reader, "start_utc", "or its end is not within the period");
    if (jb_add_i64(work_uj, item->energy.idle_uj.high, &sum_uj) < 0 ||
        jb_add_i64(sum_uj, item->energy.platform_uj.high, &sum_uj) < 0 ||
        jb_add_i64(sum_uj, item->energy.work_uj.high, &sum_uj) < 0)
        return wrong(reader, "work_uj", "and what stands beside it are too large");
    return JB_OK;
}

static bool is_figure(const struct jb_figure *a, const struct jb_figure *b)
{
    return a->is_known == b->is_known && a->low == b->low && a->best == b->best &&
           a->high == b->high;
}

static bool is_total(const struct jb_statement_item *a, const struct jb_statement_item *b)
{
    return is_figure(&a->energy.work_uj, &b->energy.work_uj) &&
           is_figure(&a->energy.idle_uj, &b->energy.idle_uj) &&
           is_figure(&a->energy.platform_uj, &b->energy.platform_uj) &&
           is_figure(&a->energy.facility_uj, &b->energy.facility_uj) &&
           memcmp(a->device_uj, b->device_uj, sizeof a->device_uj) == 0 &&
           memcmp(a->origin_uj, b->origin_uj, sizeof a->origin_uj) == 0 &&
           memcmp(&a->coverage, &b->coverage, sizeof a->coverage) == 0 && a->n_gaps == b->n_gaps &&
           a->n_runs == b->n_runs && a->duration_ns == b->duration_ns &&
           a->board_ns == b->board_ns && a->method == b->method &&
           a->start_utc_us == b->start_utc_us && a->end_utc_us == b->end_utc_us;
}

static jb_rc check_book(const struct reader *reader)
{
    const struct jb_statement_book *const book = &reader->statement->book;
    const struct jb_statement_energy *const energy = &reader->statement->total.energy;
    const int64_t parts_uj[] = {book->items_uj, book->tenants_uj, book->nobody_uj,
                                book->discrepancy_uj};
    const int64_t items_uj[] = {energy->work_uj.best, energy->idle_uj.best,
                                energy->platform_uj.best};
    const int64_t facility_uj[] = {book->facility_items_uj, book->facility_tenants_uj,
                                   book->facility_nobody_uj};

    if (!is_sum(parts_uj, JB_ARRAY_LEN(parts_uj), book->metered_uj))
        return wrong(reader, "book", "does not come to its 'metered_uj'");
    if (!is_sum(items_uj, JB_ARRAY_LEN(items_uj), book->items_uj))
        return wrong(reader, "book", "has other items than the total");
    if (book->has_facility && (!is_sum(facility_uj, JB_ARRAY_LEN(facility_uj), book->facility_uj) ||
                               book->facility_items_uj != energy->facility_uj.best))
        return wrong(reader, "book", "does not come to its 'facility_uj'");
    return JB_OK;
}

jb_rc jb_statement_check(const struct jb_statement *statement, struct jb_error *err)
{
    struct reader reader = {.statement = statement, .err = err};
    struct jb_statement sum = *statement;
    jb_rc rc = JB_OK;

    if (!statement->provider[0] || !statement->id[0] || !statement->by[0])
        return wrong(&reader, "provider", "or its id or grouping is empty");
    if (statement->since_utc_us % HOUR_US != 0 || statement->until_utc_us % HOUR_US != 0 ||
        statement->until_utc_us <= statement->since_utc_us)
        return wrong(&reader, "since_utc", "and its end are no period of whole hours");
    for (size_t i = 0; i < statement->n_items && rc == JB_OK; i++) {
        (void)snprintf(reader.at, sizeof reader.at, "item %zu: ", i + 1);
        rc = check_item(&reader, &statement->items[i]);
    }
    reader.at[0] = '\0';
    if (rc < 0)
        return rc;
    if (jb_statement_total(&sum) < 0 || !is_total(&sum.total, &statement->total))
        return wrong(&reader, "total", "is not the sum of its items");
    return tells(&reader, JB_STATEMENT_BOOK) ? check_book(&reader) : JB_OK;
}

/* --- the whole ----------------------------------------------------------------------------------------------------- */

static jb_rc is_canonical(const struct jb_statement *statement, const char *bytes, size_t len,
                          struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf again = {.max = JB_STATEMENT_BYTES_MAX};
    const jb_rc rc = jb_statement_encode(statement, &again, err);

    if (rc < 0)
        return rc;
    if (again.len == len && memcmp(again.bytes, bytes, len) == 0)
        return JB_OK;
    size_t at = 0;
    while (at < len && at < again.len && bytes[at] == again.bytes[at])
        at++;
    return jb_fail(err, JB_E_INPUT, "take it as its provider wrote it",
                   "byte %zu of the statement is not what a statement would have there", at + 1);
}

jb_rc jb_statement_decode(const char *bytes, size_t len, struct jb_statement *ret,
                          struct jb_error *err)
{
    struct jb_statement *const statement = calloc(1, sizeof *statement);
    struct reader reader = {.statement = statement, .err = err};
    json_error_t why = {.line = 0};
    json_t *document;
    char schema[64] = "";
    jb_rc rc;

    if (!statement)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    document =
        len <= JB_STATEMENT_BYTES_MAX ? json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why) : NULL;
    if (!json_is_object(document))
        rc = jb_fail(err, JB_E_INPUT, "`joulebook statement make` writes one",
                     "no statement: line %d column %d: %.100s", why.line, why.column, why.text);
    else
        rc = take_text(&reader, document, "schema", schema, sizeof schema);
    if (rc == JB_OK && strcmp(schema, JB_STATEMENT_SCHEMA) != 0)
        rc = jb_fail(err, JB_E_INPUT, "this version reads " JB_STATEMENT_SCHEMA,
                     "no statement that is known here: schema '%.60s'", schema);
    if (rc == JB_OK)
        rc = take_document(&reader, document, statement);
    json_decref(document);
    if (rc == JB_OK)
        rc = jb_statement_check(statement, err);
    if (rc == JB_OK)
        rc = is_canonical(statement, bytes, len, err);
    if (rc == JB_OK)
        *ret = *statement;
    else
        jb_statement_release(statement);
    free(statement);
    return rc;
}
