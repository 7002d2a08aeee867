/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags and details of a row, which are JSON inside a CSV field, to the value of one key. Simple objects of texts are
 * looked through as they stand; everything else goes through jansson. What is no JSON has no value. R-BILL-08.
 */
#include <jansson.h>
#include <string.h>

#include "import/bill_int.h"

#define JSON_MAX (64 * 1024)

void jb_bill__unquote(const char *field, size_t len, char *buf)
{
    size_t n = 0;

    if (len >= 2 && field[0] == '"' && field[len - 1] == '"') {
        for (size_t i = 1; i + 1 < len; i++) {
            buf[n++] = field[i];
            if (field[i] == '"' && i + 2 < len && field[i + 1] == '"')
                i++;
        }
    } else if (!(len == 4 && memcmp(field, "NULL", 4) == 0)) {
        memcpy(buf, field, len);
        n = len;
    }
    buf[n] = '\0';
}

static bool is_name(const char *prefixes, const char *names, const char *key, size_t len)
{
    const char *prefix;
    const char *name;
    size_t n_prefix;
    size_t n_name;

    while (jb_bill__next(&prefixes, &prefix, &n_prefix)) {
        const char *left = names;
        if (n_prefix > len || !jb_bill__same(key, n_prefix, prefix, n_prefix))
            continue;
        while (jb_bill__next(&left, &name, &n_name))
            if (jb_bill__same(key + n_prefix, len - n_prefix, name, n_name))
                return true;
    }
    return false;
}

static bool put_json(const json_t *value, char *buf, size_t size)
{
    if (json_is_string(value))
        (void)snprintf(buf, size, "%s", json_string_value(value));
    else if (json_is_integer(value))
        (void)snprintf(buf, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        (void)snprintf(buf, size, "%.15g", json_real_value(value));
    else if (json_is_boolean(value))
        (void)snprintf(buf, size, "%s", json_is_true(value) ? "true" : "false");
    else
        return false;
    return buf[0] != '\0';
}

static bool find_json(json_t *json, const char *prefixes, const char *names, char *buf, size_t size)
{
    const char *key;
    json_t *value;
    size_t i;

    json_array_foreach(json, i, value)
    {
        key = json_string_value(json_object_get(value, "key"));
        if (key && is_name(prefixes, names, key, strlen(key)) &&
            put_json(json_object_get(value, "value"), buf, size))
            return true;
    }
    if (!json_is_object(json))
        return false;
    for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at)) {
        key = json_object_iter_key(at);
        if (is_name(prefixes, names, key, strlen(key)) &&
            put_json(json_object_iter_value(at), buf, size))
            return true;
    }
    return false;
}

/* Azure leaves the braces of its tags out. */
static json_t *load_bare(const char *json, size_t len)
{
    char *const braced = malloc(len + 2);
    json_t *root = NULL;

    if (!braced)
        return NULL;
    braced[0] = '{';
    memcpy(braced + 1, json, len);
    braced[len + 1] = '}';
    root = json_loadb(braced, len + 2, 0, NULL);
    free(braced);
    return root;
}

bool jb_bill__json_value(const char *json, size_t len, const char *prefixes, const char *names,
                         char *buf, size_t size)
{
    bool is_found = false;

    if (len == 0 || len > JSON_MAX || (json[0] != '{' && json[0] != '[' && json[0] != '"'))
        return false;
    json_t *const root = json[0] == '"' ? load_bare(json, len) : json_loadb(json, len, 0, NULL);
    if (root)
        is_found = find_json(root, prefixes, names, buf, size);
    json_decref(root);
    return is_found;
}

/* A text in doubled quotes from *at on: where it begins and how long it is, *at behind it. False at any escape. */
static bool glance_text(const char **at, const char *end, const char **ret, size_t *ret_len)
{
    const char *here = *at;

    if (end - here < 4 || here[0] != '"' || here[1] != '"')
        return false;
    *ret = here += 2;
    while (here < end && *here != '"' && *here != '\\')
        here++;
    if (end - here < 2 || here[0] != '"' || here[1] != '"')
        return false;
    *ret_len = (size_t)(here - *ret);
    *at = here + 2;
    return true;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    return at;
}

bool jb_bill__json_glance(const char *field, size_t len, const char *prefixes, const char *name,
                          const char **ret, size_t *ret_len, bool *ret_known)
{
    const char *at = field + 1;
    const char *const end = field + len - 1;
    const char *key;
    const char *value;
    size_t n_key;
    size_t n_value;
    bool is_found = false;

    *ret_known = false;
    if (len < 4 || field[0] != '"' || field[1] != '{' || *(end - 1) != '}' || *end != '"')
        return false;
    for (char before = '{'; before != '}'; before = *at) {
        at = skip_blanks(at + 1, end);
        if (before == '{' && at < end && *at == '}')
            break;
        if (!glance_text(&at, end, &key, &n_key))
            return false;
        at = skip_blanks(at, end);
        if (at >= end || *at != ':')
            return false;
        at = skip_blanks(at + 1, end);
        if (!glance_text(&at, end, &value, &n_value))
            return false;
        at = skip_blanks(at, end);
        if (at >= end || (*at != ',' && *at != '}'))
            return false;
        if (!is_found && n_value > 0 && is_name(prefixes, name, key, n_key)) {
            is_found = true;
            *ret = value;
            *ret_len = n_value;
        }
    }
    *ret_known = at == end - 1;
    return is_found && *ret_known;
}
