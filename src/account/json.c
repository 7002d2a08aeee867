/* SPDX-License-Identifier: Apache-2.0 */
/* The table of members to a JSON object and back. Foreign JSON in: anything may be missing or wrong, nothing overruns. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/json_int.h"
#include "model/account.h"
#include "model/compute.h"

#define JSON_TEXT_MAX (64 * 1024)

json_t *jb_json_text(const char *text)
{
    json_t *string = json_string(text);
    size_t len;

    if (string)
        return string;
    /* Not UTF-8, or no memory: byte by byte, what is not ASCII is shown as unknown. */
    len = strnlen(text, JSON_TEXT_MAX);
    char *const copy = malloc(len + 1);
    if (!copy)
        return NULL;
    for (size_t i = 0; i < len; i++)
        copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
    copy[len] = '\0';
    string = json_string(copy);
    free(copy);
    return string;
}

static json_t *put_figure(const struct jb_figure *figure)
{
    if (!figure->is_known)
        return json_null();
    return json_pack("{s:I, s:I, s:b, s:I}", "best", (json_int_t)figure->best, "high",
                     (json_int_t)figure->high, "is_hard_bound", (int)figure->is_hard_bound, "low",
                     (json_int_t)figure->low);
}

static json_t *put_coverage(const struct jb_coverage *coverage)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "counter_ns", (json_int_t)coverage->counter_ns,
                     "gauge_ns", (json_int_t)coverage->gauge_ns, "interpolated_ns",
                     (json_int_t)coverage->interpolated_ns, "unobserved_ns",
                     (json_int_t)coverage->unobserved_ns);
}

static json_t *put_one(const char *at, const struct jb_json_member *member)
{
    char digits[48];
    jb_i128 wide;
    int64_t number;
    int word;

    switch (member->type) {
    case JB_JSON_TEXT: return jb_json_text(at);
    case JB_JSON_BOOL: return json_boolean(*(const bool *)at);
    case JB_JSON_I64: memcpy(&number, at, sizeof number); return json_integer(number);
    case JB_JSON_KNOWN_I64:
        memcpy(&number, at, sizeof number);
        return number < 0 ? json_null() : json_integer(number);
    case JB_JSON_KNOWN_I128:
        memcpy(&wide, at, sizeof wide);
        return wide < 0 ? json_null() : json_string(jb_format_i128(wide, digits, sizeof digits));
    case JB_JSON_WORD: memcpy(&word, at, sizeof word); return json_string(member->word_name(word));
    case JB_JSON_FIGURE: return put_figure((const struct jb_figure *)(const void *)at);
    case JB_JSON_COVERAGE: return put_coverage((const struct jb_coverage *)(const void *)at);
    }
    return NULL;
}

json_t *jb_json_put(const void *from, const struct jb_json_member *members, size_t n)
{
    json_t *const object = json_object();

    for (size_t i = 0; object && i < n; i++)
        if (json_object_set_new(object, members[i].name,
                                put_one((const char *)from + members[i].offset, &members[i])) < 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

static bool take_i64(const json_t *object, const char *name, int64_t *ret)
{
    const json_t *const value = json_object_get(object, name);

    if (!json_is_integer(value))
        return false;
    *ret = json_integer_value(value);
    return true;
}

static bool take_figure(const json_t *value, struct jb_figure *ret)
{
    struct jb_figure figure = {.is_known = true};

    if (json_is_null(value)) {
        *ret = (struct jb_figure){0};
        return true;
    }
    if (!take_i64(value, "low", &figure.low) || !take_i64(value, "best", &figure.best) ||
        !take_i64(value, "high", &figure.high))
        return false;
    figure.is_hard_bound = json_is_true(json_object_get(value, "is_hard_bound"));
    *ret = figure;
    return true;
}

static bool take_coverage(const json_t *value, struct jb_coverage *ret)
{
    struct jb_coverage coverage;

    if (!take_i64(value, "counter_ns", &coverage.counter_ns) ||
        !take_i64(value, "gauge_ns", &coverage.gauge_ns) ||
        !take_i64(value, "interpolated_ns", &coverage.interpolated_ns) ||
        !take_i64(value, "unobserved_ns", &coverage.unobserved_ns))
        return false;
    *ret = coverage;
    return true;
}

/* A longer text is cut at a whole UTF-8 character. */
static bool take_text(const json_t *value, char *to, size_t size)
{
    const char *const text = json_string_value(value);
    size_t len;

    if (!text)
        return false;
    len = strlen(text);
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    memset(to, 0, size);
    memcpy(to, text, len);
    return true;
}

static bool take_i128(const json_t *value, char *at)
{
    const char *const digits = json_string_value(value);
    jb_i128 wide = -1;

    if (!json_is_null(value) && (!digits || jb_parse_i128(digits, strlen(digits), &wide) < 0))
        return false;
    memcpy(at, &wide, sizeof wide);
    return true;
}

static bool take_one(const json_t *value, const struct jb_json_member *member, char *at)
{
    int64_t number;
    int word;

    switch (member->type) {
    case JB_JSON_TEXT: return take_text(value, at, member->size);
    case JB_JSON_BOOL: *(bool *)at = json_is_true(value); return json_is_boolean(value);
    case JB_JSON_KNOWN_I64:
    case JB_JSON_I64:
        if (!json_is_integer(value) && (member->type == JB_JSON_I64 || !json_is_null(value)))
            return false;
        number = json_is_null(value) ? -1 : json_integer_value(value);
        memcpy(at, &number, sizeof number);
        return true;
    case JB_JSON_KNOWN_I128: return take_i128(value, at);
    case JB_JSON_WORD:
        word = json_is_string(value) ? member->word_value(json_string_value(value)) : -1;
        if (word >= 0)
            memcpy(at, &word, sizeof word);
        return word >= 0;
    case JB_JSON_FIGURE: return take_figure(value, (struct jb_figure *)(void *)at);
    case JB_JSON_COVERAGE: return take_coverage(value, (struct jb_coverage *)(void *)at);
    }
    return false;
}

jb_rc jb_json_take(const json_t *object, const struct jb_json_member *members, size_t n, void *to,
                   struct jb_error *err)
{
    if (!json_is_object(object))
        return jb_fail(err, JB_E_INPUT, NULL, "an object was expected in the JSON");
    for (size_t i = 0; i < n; i++) {
        const json_t *const value = json_object_get(object, members[i].name);
        if (value && !take_one(value, &members[i], (char *)to + members[i].offset))
            return jb_fail(err, JB_E_INPUT, NULL,
                           "member '%s' of the JSON is not what it should be", members[i].name);
    }
    return JB_OK;
}

jb_rc jb_json_dump(json_t *value, char **ret_text, struct jb_error *err)
{
    char *text;

    if (!value)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for JSON");
    text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(value);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for JSON");
    *ret_text = text;
    return JB_OK;
}

jb_rc jb_json_load(const char *text, json_t **ret_value, struct jb_error *err)
{
    json_error_t why;
    json_t *const value = json_loads(text, JSON_REJECT_DUPLICATES, &why);

    if (!value)
        return jb_fail(err, JB_E_INPUT, NULL, "not valid JSON, line %d column %d: %s", why.line,
                       why.column, why.text);
    *ret_value = value;
    return JB_OK;
}
