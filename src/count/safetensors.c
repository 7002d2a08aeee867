/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a safetensors file to its tensors. It is taken apart one entry at a time, so that memory follows the list
 * and not the text; each entry is parsed by jansson. Must never touch a byte behind the header. R-COUNT-20.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/num.h"
#include "count/tensors_int.h"

#define HEADER_MAX_BYTES 100000000
/* An entry has a type, a shape and two offsets; free text (__metadata__) is skipped unparsed. */
#define ENTRY_MAX_BYTES 4096

static const struct {
    const char *name;
    struct jb_tensor_type type;
} types[] = {
    {"BOOL", {"bool", false, 1, 8}},
    {"U8", {"uint8", false, 1, 8}},
    {"I8", {"int8", false, 1, 8}},
    {"I16", {"int16", false, 1, 16}},
    {"U16", {"uint16", false, 1, 16}},
    {"I32", {"int32", false, 1, 32}},
    {"U32", {"uint32", false, 1, 32}},
    {"I64", {"int64", false, 1, 64}},
    {"U64", {"uint64", false, 1, 64}},
    {"F4", {"float4e2m1", true, 1, 4}},
    {"F6_E2M3", {"float6e2m3", true, 1, 6}},
    {"F6_E3M2", {"float6e3m2", true, 1, 6}},
    {"F8_E4M3", {"float8e4m3fn", true, 1, 8}},
    {"F8_E5M2", {"float8e5m2", true, 1, 8}},
    {"F8_E8M0", {"float8e8m0", true, 1, 8}},
    {"F8_E4M3FNUZ", {"float8e4m3fnuz", true, 1, 8}},
    {"F8_E5M2FNUZ", {"float8e5m2fnuz", true, 1, 8}},
    {"F16", {"float16", true, 1, 16}},
    {"BF16", {"bfloat16", true, 1, 16}},
    {"F32", {"float32", true, 1, 32}},
    {"F64", {"float64", true, 1, 64}},
    {"C64", {"complex64", true, 1, 64}},
};

/* The text of the header on the way through it. */
struct scan {
    const char *at, *end;
};

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
        scan->at++;
}

static bool take(struct scan *scan, char c)
{
    skip_blanks(scan);
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

/* With its quotes; the text is checked by jansson afterwards. */
static bool take_string(struct scan *scan, struct jb_span *ret)
{
    skip_blanks(scan);
    const char *const begin = scan->at;
    const char *at = begin;

    if (at == scan->end || *at != '"')
        return false;
    for (at++; at < scan->end && *at != '"'; at++)
        if (*at == '\\' && ++at == scan->end)
            return false;
    if (at >= scan->end)
        return false;
    scan->at = at + 1;
    *ret = (struct jb_span){(const uint8_t *)begin, (size_t)(scan->at - begin)};
    return true;
}

static bool take_object(struct scan *scan, struct jb_span *ret)
{
    skip_blanks(scan);
    const char *const begin = scan->at;
    size_t depth = 0;

    while (scan->at < scan->end) {
        struct jb_span skipped;
        if (*scan->at == '"') {
            if (!take_string(scan, &skipped))
                return false;
            continue;
        }
        const char c = *scan->at++;
        if (c == '{')
            depth++;
        else if (c == '}')
            depth--;
        if (depth == 0) {
            *ret = (struct jb_span){(const uint8_t *)begin, (size_t)(scan->at - begin)};
            return *begin == '{';
        }
    }
    return false;
}

static bool offset_of(const json_t *pair, size_t i, uint64_t *ret)
{
    const json_t *const value = json_array_get(pair, i);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

static jb_rc refuse(struct jb_error *err, const char *what, const char *name)
{
    return jb_fail(err, JB_E_INPUT, "the file is damaged, or no safetensors file",
                   "%s of tensor '%s'", what, name);
}

static const struct jb_tensor_type *type_of(const json_t *entry)
{
    const char *const text = json_string_value(json_object_get(entry, "dtype"));

    for (size_t i = 0; text && i < JB_ARRAY_LEN(types); i++)
        if (strcmp(types[i].name, text) == 0)
            return &types[i].type;
    return NULL;
}

static jb_rc add(struct jb_tensors *tensors, const char *name, const json_t *entry,
                 struct jb_error *err)
{
    const json_t *const shape = json_object_get(entry, "shape");
    const json_t *const offsets = json_object_get(entry, "data_offsets");
    const struct jb_tensor_type *const type = type_of(entry);
    const size_t n = json_array_size(shape);
    int64_t dims[JB_TENSOR_DIMS_MAX];
    uint64_t begin, end;

    if (!type)
        return refuse(err, "cannot read the type", name);
    if (!json_is_array(shape) || n > JB_TENSOR_DIMS_MAX)
        return refuse(err, "cannot read the shape", name);
    for (size_t i = 0; i < n; i++) {
        if (!json_is_integer(json_array_get(shape, i)))
            return refuse(err, "cannot read the shape", name);
        dims[i] = json_integer_value(json_array_get(shape, i));
    }
    if (json_array_size(offsets) != 2 || !offset_of(offsets, 0, &begin) ||
        !offset_of(offsets, 1, &end) || end < begin)
        return refuse(err, "cannot read the offsets", name);
    const jb_rc rc = jb_tensors_add(tensors, jb_span_of(name), type, dims, n, err);
    if (rc < 0)
        return rc;
    struct jb_tensor *const tensor = &tensors->items[tensors->n - 1];
    if ((uint64_t)tensor->n_bytes != end - begin)
        return refuse(err, "shape and offsets do not agree", name);
    tensor->begin = begin;
    tensor->end = end;
    return JB_OK;
}

static void json_free(json_t **json)
{
    json_decref(*json);
}

static jb_rc take_entry(struct scan *scan, struct jb_tensors *tensors, struct jb_error *err)
{
    struct jb_span key, body;

    if (!take_string(scan, &key) || !take(scan, ':') || !take_object(scan, &body))
        return jb_fail(err, JB_E_INPUT, NULL, "the header is no list of tensors");
    if (jb_span_is(key, "\"__metadata__\""))
        return JB_OK;
    if (key.len > JB_TENSOR_NAME_MAX || body.len > ENTRY_MAX_BYTES)
        return jb_fail(err, JB_E_INPUT, NULL, "an entry of the header has %zu bytes",
                       key.len + body.len);
    JB_AUTO(json_free)
    json_t *name = json_loadb((const char *)key.at, key.len, JSON_DECODE_ANY, NULL);
    JB_AUTO(json_free)
    json_t *entry = json_loadb((const char *)body.at, body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!name || !json_is_object(entry))
        return jb_fail(err, JB_E_INPUT, NULL, "an entry of the header is no JSON: %.80s",
                       name ? json_string_value(name) : "its name");
    return add(tensors, json_string_value(name), entry, err);
}

static int by_begin(const void *a, const void *b)
{
    const struct jb_tensor *const x = a, *const y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* Every byte belongs to one tensor, and there are as many as the file has. */
static jb_rc check_holes(struct jb_tensor *items, size_t n, uint64_t n_bytes, struct jb_error *err)
{
    uint64_t at = 0;

    if (n > 1)
        qsort(items, n, sizeof *items, by_begin);
    for (size_t i = 0; i < n; i++) {
        if (items[i].begin != at)
            return refuse(
                err, items[i].begin > at ? "a hole is before the bytes" : "others share the bytes",
                items[i].name);
        at = items[i].end;
    }
    if (at > n_bytes)
        return jb_fail(err, JB_E_INPUT, "copy or download it again",
                       "the file is cut short: %llu bytes of weights are told, %llu are there",
                       (unsigned long long)at, (unsigned long long)n_bytes);
    if (at < n_bytes)
        return jb_fail(err, JB_E_INPUT, NULL, "%llu bytes of the file belong to no tensor",
                       (unsigned long long)(n_bytes - at));
    return JB_OK;
}

static jb_rc read_header(struct scan scan, struct jb_tensors *tensors, struct jb_error *err)
{
    bool is_more = true;

    if (scan.at == scan.end || *scan.at != '{')
        return jb_fail(err, JB_E_INPUT, NULL, "the header begins with no '{'");
    scan.at++;
    if (take(&scan, '}'))
        is_more = false;
    while (is_more) {
        const jb_rc rc = take_entry(&scan, tensors, err);
        if (rc < 0)
            return rc;
        is_more = take(&scan, ',');
        if (!is_more && !take(&scan, '}'))
            return jb_fail(err, JB_E_INPUT, NULL, "the header does not end with its list");
    }
    skip_blanks(&scan);
    return scan.at == scan.end
               ? JB_OK
               : jb_fail(err, JB_E_INPUT, NULL, "bytes are behind the header's list");
}

jb_rc jb_safetensors_read(struct jb_span bytes, uint64_t file_bytes, struct jb_tensors *tensors,
                          size_t *ret_header_bytes, struct jb_error *err)
{
    struct jb_cursor cursor = jb_cursor_over(bytes.at, bytes.len);
    const uint64_t n = jb_cursor_u64(&cursor);
    const size_t before = tensors->n;

    if (cursor.failed)
        return jb_fail(err, JB_E_INPUT, NULL, "no safetensors file: it has %zu bytes", bytes.len);
    if (n > HEADER_MAX_BYTES)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "no safetensors file: its header would have %llu bytes, beyond %d",
                       (unsigned long long)n, HEADER_MAX_BYTES);
    const uint8_t *const header = jb_cursor_bytes(&cursor, (size_t)n);
    if (!header || file_bytes < n + 8)
        return jb_fail(err, JB_E_INPUT, "copy or download it again",
                       "the file is cut short: it ends within its header");
    const struct scan scan = {(const char *)header, (const char *)header + n};
    jb_rc rc = read_header(scan, tensors, err);
    if (rc == JB_OK)
        rc = check_holes(tensors->items ? tensors->items + before : NULL, tensors->n - before,
                         file_bytes - n - 8, err);
    if (rc == JB_OK)
        *ret_header_bytes = (size_t)n + 8;
    return rc;
}
