/* SPDX-License-Identifier: Apache-2.0 */
/* Marks, notes and unposted intervals to JSON texts and back. What the book gives back is checked like foreign input. */
#include "pipeline/run_records.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

JB_UNUSED static inline void json_auto(json_t **value)
{
    json_decref(*value);
}

/* Marks and commands are any bytes: what is not UTF-8 is shown as '?'. NULL where memory ran out. */
static json_t *text(const char *bytes)
{
    json_t *string = json_string(bytes);

    if (string)
        return string;
    JB_AUTO(jb_free_auto) char *copy = strdup(bytes);
    for (char *at = copy; at && *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return copy ? json_string(copy) : NULL;
}

static jb_rc dump(json_t *value, char **ret_json, struct jb_error *err)
{
    char *const json = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    json_decref(value);
    if (!json)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the records of a run");
    *ret_json = json;
    return JB_OK;
}

static jb_rc load(const char *json, json_t **ret_value, struct jb_error *err)
{
    json_error_t why;
    json_t *const value = json_loads(json, JSON_REJECT_DUPLICATES, &why);

    if (!value)
        return jb_fail(err, JB_E_INPUT, NULL, "records of a run are not valid JSON, column %d: %s",
                       why.column, why.text);
    *ret_value = value;
    return JB_OK;
}

static jb_rc wrong(const char *what, struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, NULL, "the %s of a run are not what they should be", what);
}

/* --- marks ------------------------------------------------------------------------------------------------------- */

jb_rc jb_records_marks_to_json(const struct jb_account_mark *marks, size_t n_marks, char **ret_json,
                               struct jb_error *err)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < n_marks; i++) {
        const struct jb_account_mark *const mark = &marks[i];
        json_t *const one =
            json_pack("{s:I, s:I, s:I, s:o, s:I, s:I}", "half_width_uj",
                      (json_int_t)mark->half_width_uj, "mono_ns", (json_int_t)mark->mono_ns,
                      "run_uj", (json_int_t)mark->run_uj, "text", text(mark->text), "total_uj",
                      (json_int_t)mark->total_uj, "utc_us", (json_int_t)mark->utc_us);
        if (json_array_append_new(list, one) < 0) {
            json_decref(list);
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the marks of a run");
        }
    }
    return dump(list, ret_json, err);
}

static bool take_i64(const json_t *object, const char *name, int64_t *ret)
{
    const json_t *const value = json_object_get(object, name);

    if (!json_is_integer(value))
        return false;
    *ret = json_integer_value(value);
    return true;
}

/* The text of a member, cut to its place; false if it is none. */
static bool take_text(const json_t *object, const char *name, char *to, size_t size)
{
    const char *const from = json_string_value(json_object_get(object, name));

    if (!from)
        return false;
    (void)snprintf(to, size, "%s", from);
    return true;
}

jb_rc jb_records_each_mark(const char *json, jb_records_mark_fn fn, void *arg, struct jb_error *err)
{
    JB_AUTO(json_auto) json_t *list = NULL;
    jb_rc rc = load(json, &list, err);

    if (rc < 0)
        return rc;
    if (!json_is_array(list))
        return wrong("marks", err);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *const one = json_array_get(list, i);
        struct jb_account_mark mark = {.text = ""};
        if (!take_text(one, "text", mark.text, sizeof mark.text) ||
            !take_i64(one, "mono_ns", &mark.mono_ns) || !take_i64(one, "utc_us", &mark.utc_us) ||
            !take_i64(one, "run_uj", &mark.run_uj) || !take_i64(one, "total_uj", &mark.total_uj) ||
            !take_i64(one, "half_width_uj", &mark.half_width_uj))
            return wrong("marks", err);
        rc = fn(arg, &mark, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static jb_rc add_to_builder(void *arg, const struct jb_account_mark *mark, struct jb_error *err)
{
    return jb_account_add_mark(arg, mark, err);
}

jb_rc jb_records_marks_to_builder(const char *json, struct jb_account_builder *builder,
                                  struct jb_error *err)
{
    return jb_records_each_mark(json, add_to_builder, builder, err);
}

/* --- notes ------------------------------------------------------------------------------------------------------- */

jb_rc jb_records_notes_to_json(const char *const *notes, size_t n_notes, char **ret_json,
                               struct jb_error *err)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < n_notes; i++)
        if (json_array_append_new(list, text(notes[i])) < 0) {
            json_decref(list);
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the notes of a run");
        }
    return dump(list, ret_json, err);
}

jb_rc jb_records_notes_to_builder(const char *json, struct jb_account_builder *builder,
                                  struct jb_error *err)
{
    JB_AUTO(json_auto) json_t *list = NULL;
    jb_rc rc = load(json, &list, err);

    if (rc < 0)
        return rc;
    if (!json_is_array(list))
        return wrong("notes", err);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *const note = json_string_value(json_array_get(list, i));
        if (!note)
            return wrong("notes", err);
        rc = jb_account_add_note(builder, note, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* --- factors ----------------------------------------------------------------------------------------------------- */

jb_rc jb_records_factors_to_json(const struct jb_factor *factors, size_t n_factors, char **ret_json,
                                 struct jb_error *err)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < n_factors; i++) {
        const struct jb_factor *const factor = &factors[i];
        json_t *const one = json_pack("{s:o, s:o, s:o, s:o}", "edition", text(factor->edition),
                                      "name", text(factor->name), "source", text(factor->source),
                                      "value", text(factor->value));
        if (json_array_append_new(list, one) < 0) {
            json_decref(list);
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the factors of a run");
        }
    }
    return dump(list, ret_json, err);
}

jb_rc jb_records_factors_to_builder(const char *json, struct jb_account_builder *builder,
                                    struct jb_error *err)
{
    JB_AUTO(json_auto) json_t *list = NULL;
    jb_rc rc = load(json, &list, err);

    if (rc < 0)
        return rc;
    if (!json_is_array(list))
        return wrong("factors", err);
    for (size_t i = 0; i < json_array_size(list) && rc == JB_OK; i++) {
        const json_t *const one = json_array_get(list, i);
        struct jb_factor factor = {.name = ""};
        if (!take_text(one, "edition", factor.edition, sizeof factor.edition) ||
            !take_text(one, "name", factor.name, sizeof factor.name) ||
            !take_text(one, "source", factor.source, sizeof factor.source) ||
            !take_text(one, "value", factor.value, sizeof factor.value))
            return wrong("factors", err);
        rc = jb_account_add_factor(builder, &factor, err);
    }
    return rc;
}

/* --- band -------------------------------------------------------------------------------------------------------- */

static bool take_number(const struct jb_entry *entry, const char *name, int64_t *ret)
{
    for (size_t i = 0; i < entry->n_fields; i++) {
        const char *const value = entry->fields[i].value;
        if (strcmp(entry->fields[i].name, name) == 0)
            return value && jb_parse_i64(value, strlen(value), false, ret) == JB_OK;
    }
    return false;
}

jb_rc jb_records_band_to_builder(const struct jb_entry *entry, struct jb_account_builder *builder,
                                 struct jb_error *err)
{
    int64_t below_uj = 0;
    int64_t above_uj = 0;

    if (!take_number(entry, "below_uj", &below_uj) || !take_number(entry, "above_uj", &above_uj))
        return wrong("band", err);
    jb_account_told_band(builder, below_uj, above_uj);
    return JB_OK;
}

/* --- intervals --------------------------------------------------------------------------------------------------- */

enum kind { TEXT, I64, U64, U32, WORD };

struct member {
    const char *name;
    enum kind kind;
    size_t offset, size;
    int (*word_value)(const char *word);
    const char *(*word_name)(int value);
};

#define NAME_OF(word)                                   \
    static const char *word##_name(int value)           \
    {                                                   \
        return jb_##word##_name((enum jb_##word)value); \
    }
NAME_OF(scope)
NAME_OF(device)
NAME_OF(semantics)
NAME_OF(origin)
NAME_OF(role)

#define M(field, kind_)                                          \
    {                                                            \
#field, kind_, offsetof(struct jb_interval, field),      \
            sizeof(((struct jb_interval *)0)->field), NULL, NULL \
    }
#define W(field)                                                                                \
    {                                                                                           \
#field, WORD, offsetof(struct jb_interval, field), sizeof(int), jb_##field##_from_name, \
            field##_name                                                                        \
    }

static const struct member members[] = {
    M(host, TEXT),
    M(boot_id, TEXT),
    M(channel, TEXT),
    M(parent, TEXT),
    W(scope),
    W(device),
    W(semantics),
    W(origin),
    W(role),
    M(unit_num, U64),
    M(unit_den, U64),
    M(modulus, U64),
    M(accuracy_low_ppm, I64),
    M(accuracy_high_ppm, I64),
    M(correlation, TEXT),
    M(epoch, U32),
    M(mono_start_ns, I64),
    M(mono_end_ns, I64),
    M(utc_start_us, I64),
    M(utc_end_us, I64),
    M(raw_start, U64),
    M(raw_end, U64),
    M(count_start, U64),
    M(count_end, U64),
    M(energy_uj, I64),
    M(low_uj, I64),
    M(high_uj, I64),
    M(edge_uj, I64),
    M(counter_ns, I64),
    M(gauge_ns, I64),
    M(interpolated_ns, I64),
    M(unobserved_ns, I64),
    M(gap_best_uj, I64),
    M(gap_high_uj, I64),
    M(n_failed, U32),
    M(gap, TEXT),
    M(idle_source, TEXT),
    M(idle_power_uw, I64),
    M(busy_ns, I64),
    M(capacity_ns, I64),
};

/* Counts of 64 bits do not fit the integers of JSON readers: they stand as decimal text. */
static json_t *put_u64(uint64_t value)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    return json_string(digits);
}

static json_t *put_member(const char *at, const struct member *member)
{
    int64_t number;
    uint64_t count;
    uint32_t small;
    int word;

    switch (member->kind) {
    case TEXT: return text(at);
    case I64: memcpy(&number, at, sizeof number); return json_integer(number);
    case U64: memcpy(&count, at, sizeof count); return put_u64(count);
    case U32: memcpy(&small, at, sizeof small); return json_integer(small);
    case WORD: memcpy(&word, at, sizeof word); return json_string(member->word_name(word));
    }
    return NULL;
}

jb_rc jb_records_interval_to_json(const struct jb_interval *interval, char **ret_json,
                                  struct jb_error *err)
{
    json_t *const object = json_object();

    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++) {
        const char *const at = (const char *)interval + members[i].offset;
        if (json_object_set_new(object, members[i].name, put_member(at, &members[i])) < 0) {
            json_decref(object);
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for an interval of '%s'",
                           interval->channel);
        }
    }
    return dump(object, ret_json, err);
}

static bool take_member(const json_t *object, const struct member *member, char *at)
{
    const json_t *const value = json_object_get(object, member->name);
    const char *const string = json_string_value(value);
    int64_t number;
    uint64_t count;
    int word;

    switch (member->kind) {
    case TEXT: return take_text(object, member->name, at, member->size);
    case I64: return take_i64(object, member->name, (int64_t *)(void *)at);
    case U32:
        if (!take_i64(object, member->name, &number) || number < 0 || number > UINT32_MAX)
            return false;
        *(uint32_t *)(void *)at = (uint32_t)number;
        return true;
    case U64:
        if (!string || jb_parse_u64(string, strlen(string), false, &count) < 0)
            return false;
        memcpy(at, &count, sizeof count);
        return true;
    case WORD:
        word = string ? member->word_value(string) : -1;
        if (word >= 0)
            memcpy(at, &word, sizeof word);
        return word >= 0;
    }
    return false;
}

jb_rc jb_records_interval_from_json(const char *json, struct jb_interval *ret_interval,
                                    struct jb_error *err)
{
    JB_AUTO(json_auto) json_t *object = NULL;
    struct jb_interval interval;
    jb_rc rc = load(json, &object, err);

    if (rc < 0)
        return rc;
    memset(&interval, 0, sizeof interval);
    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++)
        if (!take_member(object, &members[i], (char *)&interval + members[i].offset))
            return jb_fail(err, JB_E_INPUT, NULL,
                           "member '%s' of an unposted interval is not what it should be",
                           members[i].name);
    *ret_interval = interval;
    return JB_OK;
}
