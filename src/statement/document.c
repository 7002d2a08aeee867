/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement to its document. What is withheld has no member at all, so that nothing of it can be in the bytes; what is not
 * known is null. R-STATEMENT-09.
 */
#include "statement/document.h"

#include <jansson.h>
#include <string.h>

#include "base/num.h"

static void put(json_t *object, const char *name, json_t *value)
{
    /* Without a value the object is unfit, and the caller finds that out by its count. */
    if (json_object_set_new(object, name, value) < 0)
        (void)json_object_clear(object);
}

static json_t *figure(const struct jb_figure *from)
{
    return from->is_known ? json_pack("{s:I, s:I, s:I}", "best", (json_int_t)from->best, "high",
                                      (json_int_t)from->high, "low", (json_int_t)from->low)
                          : json_null();
}

static json_t *known(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_t *moment(int64_t utc_us)
{
    char text[40];

    return json_string(jb_format_utc(utc_us, utc_us % 1000000 != 0, text, sizeof text));
}

static json_t *list_of(const char *lines)
{
    json_t *const list = json_array();

    for (const char *at = lines; list && at && *at;) {
        const size_t len = strcspn(at, "\n");
        if (json_array_append_new(list, json_stringn(at, len)) < 0) {
            json_decref(list);
            return NULL;
        }
        at += len + (at[len] == '\n');
    }
    return list;
}

static json_t *by_device(const int64_t *parts_uj)
{
    json_t *const object = json_object();

    for (size_t i = 0; object && i < JB_STATEMENT_DEVICES; i++)
        if (parts_uj[i] != 0)
            put(object, jb_device_name((enum jb_device)i), json_integer(parts_uj[i]));
    return object;
}

static json_t *by_origin(const int64_t *parts_uj)
{
    json_t *const object = json_object();

    for (size_t i = 0; object && i < JB_STATEMENT_ORIGINS; i++)
        if (parts_uj[i] != 0)
            put(object, jb_origin_name((enum jb_origin)i), json_integer(parts_uj[i]));
    return object;
}

static json_t *coverage_of(const struct jb_statement_item *item)
{
    const struct jb_coverage *const coverage = &item->coverage;

    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "counter_ns", (json_int_t)coverage->counter_ns,
                     "gauge_ns", (json_int_t)coverage->gauge_ns, "interpolated_ns",
                     (json_int_t)coverage->interpolated_ns, "n_gaps", (json_int_t)item->n_gaps,
                     "unobserved_ns", (json_int_t)coverage->unobserved_ns);
}

static bool tells(const struct jb_statement *statement, enum jb_statement_part part)
{
    return !(statement->withheld & 1U << part);
}

static json_t *item_of(const struct jb_statement *statement, const struct jb_statement_item *item,
                       bool is_total)
{
    json_t *const object = json_object();

    if (!object)
        return NULL;
    put(object, "board_ns", json_integer(item->board_ns));
    put(object, "duration_ns", json_integer(item->duration_ns));
    put(object, "facility_uj", figure(&item->energy.facility_uj));
    put(object, "idle_uj", figure(&item->energy.idle_uj));
    put(object, "method", json_string(jb_method_name(item->method)));
    put(object, "n_runs", json_integer(item->n_runs));
    put(object, "platform_uj", figure(&item->energy.platform_uj));
    put(object, "work_uj", figure(&item->energy.work_uj));
    if (tells(statement, JB_STATEMENT_COVERAGE))
        put(object, "coverage", coverage_of(item));
    if (tells(statement, JB_STATEMENT_DEVICE))
        put(object, "device_uj", by_device(item->device_uj));
    if (tells(statement, JB_STATEMENT_ORIGIN))
        put(object, "origin_uj", by_origin(item->origin_uj));
    if (tells(statement, JB_STATEMENT_TIMES) && item->start_utc_us != 0) {
        put(object, "end_utc", moment(item->end_utc_us));
        put(object, "start_utc", moment(item->start_utc_us));
    }
    if (is_total)
        return object;
    if (tells(statement, JB_STATEMENT_HARDWARE))
        put(object, "hardware", json_string(item->hardware));
    if (tells(statement, JB_STATEMENT_HOSTS))
        put(object, "hosts", list_of(item->hosts));
    if (tells(statement, JB_STATEMENT_NAMES))
        put(object, "name", json_string(item->name));
    if (tells(statement, JB_STATEMENT_RUNS))
        put(object, "runs", list_of(item->runs));
    return object;
}

static json_t *items_of(const struct jb_statement *statement)
{
    json_t *const list = json_array();

    for (size_t i = 0; list && i < statement->n_items; i++)
        if (json_array_append_new(list, item_of(statement, &statement->items[i], false)) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *book_of(const struct jb_statement_book *book)
{
    json_t *const object = json_pack(
        "{s:I, s:I, s:I, s:I, s:I}", "discrepancy_uj", (json_int_t)book->discrepancy_uj, "items_uj",
        (json_int_t)book->items_uj, "metered_uj", (json_int_t)book->metered_uj, "nobody_uj",
        (json_int_t)book->nobody_uj, "tenants_uj", (json_int_t)book->tenants_uj);

    if (object)
        put(object, "facility_uj",
            book->has_facility
                ? json_pack("{s:I, s:I, s:I, s:I}", "all", (json_int_t)book->facility_uj, "items",
                            (json_int_t)book->facility_items_uj, "nobody",
                            (json_int_t)book->facility_nobody_uj, "tenants",
                            (json_int_t)book->facility_tenants_uj)
                : json_null());
    return object;
}

static json_t *factors_of(const struct jb_statement *statement)
{
    json_t *const list = json_array();

    for (size_t i = 0; list && i < statement->n_factors; i++) {
        const struct jb_factor *const factor = &statement->factors[i];
        if (json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "edition",
                                                  factor->edition, "name", factor->name, "source",
                                                  factor->source, "value", factor->value)) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *notes_of(const struct jb_statement *statement)
{
    json_t *const list = json_array();

    for (size_t i = 0; list && i < statement->n_notes; i++)
        if (json_array_append_new(list, json_string(statement->notes[i])) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *withheld_of(const struct jb_statement *statement)
{
    json_t *const list = json_array();

    for (int i = 0; list && i < JB_STATEMENT_PARTS; i++)
        if (!tells(statement, (enum jb_statement_part)i) &&
            json_array_append_new(
                list, json_string(jb_statement_part_name((enum jb_statement_part)i))) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *document_of(const struct jb_statement *statement, size_t *ret_n_members)
{
    json_t *const object = json_object();
    size_t n = 14;

    if (!object)
        return NULL;
    put(object, "by", json_string(statement->by));
    put(object, "id", json_string(statement->id));
    put(object, "idle_rule", json_string(jb_idle_rule_name(statement->idle_rule)));
    put(object, "issued_utc", moment(statement->issued_utc_us));
    put(object, "items", items_of(statement));
    put(object, "provider", json_string(statement->provider));
    put(object, "pue_milli", known(statement->pue_milli));
    put(object, "recipient", json_string(statement->recipient));
    put(object, "round_uj", json_integer(statement->round_uj));
    put(object, "schema", json_string(JB_STATEMENT_SCHEMA));
    put(object, "since_utc", moment(statement->since_utc_us));
    put(object, "software", json_string(statement->software));
    put(object, "total", item_of(statement, &statement->total, true));
    put(object, "until_utc", moment(statement->until_utc_us));
    if (tells(statement, JB_STATEMENT_BOOK) && ++n)
        put(object, "book", book_of(&statement->book));
    if (tells(statement, JB_STATEMENT_FACTORS_PART) && ++n)
        put(object, "factors", factors_of(statement));
    if (tells(statement, JB_STATEMENT_NOTES_PART) && ++n)
        put(object, "notes", notes_of(statement));
    n++;
    put(object, "withheld", withheld_of(statement));
    *ret_n_members = n;
    return object;
}

jb_rc jb_statement_encode(const struct jb_statement *statement, struct jb_buf *out,
                          struct jb_error *err)
{
    size_t n_members = 0;
    json_t *const document = document_of(statement, &n_members);
    char *const text = document && json_object_size(document) == n_members
                           ? json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS)
                           : NULL;

    json_decref(document);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    jb_buf_add_text(out, text);
    free(text);
    return out->failed < 0 ? jb_fail(err, out->failed, "group by something larger",
                                     "the statement is too long to be written")
                           : JB_OK;
}

jb_rc jb_statement_digest(const struct jb_statement *statement, struct jb_hash *ret,
                          struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf bytes = {.max = JB_STATEMENT_BYTES_MAX};
    struct jb_statement said = *statement;
    jb_rc rc;

    said.issued_utc_us = 0;
    said.software[0] = '\0';
    rc = jb_statement_encode(&said, &bytes, err);
    if (rc < 0)
        return rc;
    const struct jb_hash_part part = {bytes.bytes, bytes.len};
    *ret = jb_hash_parts(&part, 1);
    return JB_OK;
}
