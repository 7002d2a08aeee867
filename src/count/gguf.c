/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a GGUF (version 2 or 3, little-endian) to its tensors and the facts of the model. Every number is bounds-
 * checked, lists of the metadata (the vocabulary) are stepped over. Must never touch the weights. R-COUNT-21.
 */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/cursor.h"
#include "base/num.h"
#include "count/gguf_int.h"

#define TENSOR_MIN_BYTES 24 /* an empty name, no dimension, type, offset */
#define PAIR_MIN_BYTES   13
#define LISTS_DEEP_MAX   4
#define LIST_KEPT_MAX    JB_FACTS_LAYERS
#define TYPES_UNKNOWN    64

enum value_type { TYPE_TEXT = 8, TYPE_LIST = 9, TYPES = 13 };

/* Bytes of a value, 0 where it has no fixed size. */
static const uint8_t value_bytes[TYPES] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct gguf {
    struct jb_cursor cursor;
    struct jb_tensors *tensors;
    struct jb_model_facts facts;
    uint64_t alignment;
    struct jb_tensor_type *unknown[TYPES_UNKNOWN];
    uint32_t unknown_number[TYPES_UNKNOWN];
    size_t n_unknown;
    int64_t values[LIST_KEPT_MAX]; /* of the list read last */
};

static jb_rc cut(const struct gguf *gguf, const uint8_t *begin, const char *what,
                 struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, "copy or download it again",
                   "the file is damaged or cut short at byte %lld: %s",
                   (long long)(gguf->cursor.at - begin), what);
}

static struct jb_span take_text(struct jb_cursor *cursor)
{
    const uint64_t len = jb_cursor_u64(cursor);

    if (len > cursor->left) {
        cursor->failed = true;
        return (struct jb_span){0};
    }
    return (struct jb_span){jb_cursor_bytes(cursor, (size_t)len), (size_t)len};
}

/* Whole numbers and booleans; a fraction is none of the facts. */
static bool take_number(struct jb_cursor *cursor, uint32_t type, int64_t *ret)
{
    uint64_t u;

    switch (type) {
    case 0:
    case 7: *ret = jb_cursor_u8(cursor); return true;
    case 1:
        u = jb_cursor_u8(cursor);
        *ret = u < 128 ? (int64_t)u : (int64_t)u - 256;
        return true;
    case 2: *ret = jb_cursor_u16(cursor); return true;
    case 3: *ret = (int16_t)jb_cursor_u16(cursor); return true;
    case 4: *ret = jb_cursor_u32(cursor); return true;
    case 5: *ret = (int32_t)jb_cursor_u32(cursor); return true;
    case 11: *ret = (int64_t)jb_cursor_u64(cursor); return true;
    case 10:
        u = jb_cursor_u64(cursor);
        *ret = (int64_t)u;
        return u <= INT64_MAX;
    default: (void)jb_cursor_bytes(cursor, value_bytes[type]); return false;
    }
}

static bool skip_list(struct jb_cursor *cursor, uint32_t type, uint64_t n, int deep);

static bool skip_value(struct jb_cursor *cursor, uint32_t type, int deep)
{
    if (type == TYPE_TEXT)
        (void)take_text(cursor);
    else if (type == TYPE_LIST) {
        const uint32_t of = jb_cursor_u32(cursor);
        const uint64_t n = jb_cursor_u64(cursor);
        return !cursor->failed && skip_list(cursor, of, n, deep + 1);
    }
    return !cursor->failed;
}

/* Each text has 8 bytes at least and each list 12, so the file's end bounds the work. */
static bool skip_list(struct jb_cursor *cursor, uint32_t type, uint64_t n, int deep)
{
    if (type >= TYPES || deep > LISTS_DEEP_MAX)
        return false;
    if (value_bytes[type] > 0)
        return n <= cursor->left / value_bytes[type] &&
               (n == 0 || jb_cursor_bytes(cursor, (size_t)n * value_bytes[type]));
    for (uint64_t i = 0; i < n; i++)
        if (!skip_value(cursor, type, deep))
            return false;
    return true;
}

/* A short list of numbers is one value per layer; the vocabulary is stepped over. */
static bool take_list(struct gguf *gguf, struct gguf_value *ret)
{
    struct jb_cursor *const cursor = &gguf->cursor;
    const uint32_t type = jb_cursor_u32(cursor);
    const uint64_t n = jb_cursor_u64(cursor);
    bool is_same = n > 0;

    if (cursor->failed || type >= TYPES)
        return false;
    if (value_bytes[type] == 0 || n > LIST_KEPT_MAX)
        return skip_list(cursor, type, n, 1);
    for (uint64_t i = 0; i < n; i++) {
        gguf->values[i] = 0;
        is_same = take_number(cursor, type, &gguf->values[i]) && is_same &&
                  gguf->values[i] == gguf->values[0];
    }
    *ret = (struct gguf_value){
        .is_list = true, .is_number = is_same, .values = gguf->values, .n = (size_t)n};
    ret->number = is_same ? gguf->values[0] : 0;
    return !cursor->failed;
}

static bool take_value(struct gguf *gguf, uint32_t type, struct gguf_value *ret)
{
    *ret = (struct gguf_value){0};
    if (type >= TYPES)
        return false;
    if (type == TYPE_TEXT)
        ret->text = take_text(&gguf->cursor);
    else if (type == TYPE_LIST)
        return take_list(gguf, ret);
    else
        ret->is_number = take_number(&gguf->cursor, type, &ret->number);
    return !gguf->cursor.failed;
}

static bool is_of(struct jb_span key, const char *architecture, struct jb_span *ret_rest)
{
    const size_t n = strlen(architecture);

    if (n == 0 || key.len <= n + 1 || memcmp(key.at, architecture, n) != 0 || key.at[n] != '.')
        return false;
    *ret_rest = (struct jb_span){key.at + n + 1, key.len - n - 1};
    return true;
}

/* The architecture's name comes first in what llama.cpp writes, but nothing says it must: hence two passes. */
static jb_rc take_pairs(struct gguf *gguf, const uint8_t *begin, uint64_t n, bool is_first,
                        struct jb_error *err)
{
    for (uint64_t i = 0; i < n; i++) {
        const struct jb_span key = take_text(&gguf->cursor);
        const uint32_t type = jb_cursor_u32(&gguf->cursor);
        struct gguf_value value;
        struct jb_span rest;
        if (gguf->cursor.failed || !take_value(gguf, type, &value))
            return cut(gguf, begin, "the metadata", err);
        if (is_first && jb_span_is(key, "general.architecture") && value.text.len > 0 &&
            value.text.len < sizeof gguf->facts.architecture) {
            char text[JB_FACTS_TEXT] = "";
            memcpy(text, value.text.at, value.text.len);
            jb_clean_copy(text, gguf->facts.architecture, sizeof gguf->facts.architecture);
        } else if (is_first && jb_span_is(key, "general.alignment") && value.is_number)
            gguf->alignment = value.number > 0 ? (uint64_t)value.number : 0;
        else if (is_first && jb_span_is(key, "split.count") && value.is_number && value.number > 1)
            gguf->facts.n_files = value.number;
        else if (!is_first && is_of(key, gguf->facts.architecture, &rest))
            gguf__fact(rest, &value, &gguf->facts);
    }
    return JB_OK;
}

/* A type that came after us: its tensors are counted, their bytes are not known. */
static const struct jb_tensor_type *type_of(struct gguf *gguf, uint32_t number)
{
    const struct jb_tensor_type *const known = gguf__type(number);

    if (known)
        return known;
    for (size_t i = 0; i < gguf->n_unknown; i++)
        if (gguf->unknown_number[i] == number)
            return gguf->unknown[i];
    if (gguf->n_unknown == TYPES_UNKNOWN)
        return NULL;
    struct jb_tensor_type *const type = jb_arena_get(gguf->tensors->arena, 1, sizeof *type);
    if (!type)
        return NULL;
    *type = (struct jb_tensor_type){.is_float = true, .block = 1};
    (void)snprintf(type->name, sizeof type->name, "type %u", (unsigned)number);
    gguf->unknown[gguf->n_unknown] = type;
    gguf->unknown_number[gguf->n_unknown++] = number;
    return type;
}

/* Sizes stand the innermost first in the file. */
static jb_rc take_tensor(struct gguf *gguf, const uint8_t *begin, struct jb_error *err)
{
    struct jb_cursor *const cursor = &gguf->cursor;
    const struct jb_span name = take_text(cursor);
    const uint32_t n_dims = jb_cursor_u32(cursor);
    int64_t dims[JB_TENSOR_DIMS_MAX];

    if (cursor->failed || n_dims > JB_TENSOR_DIMS_MAX)
        return cut(gguf, begin, "the list of tensors", err);
    for (uint32_t i = 0; i < n_dims; i++) {
        const uint64_t size = jb_cursor_u64(cursor);
        dims[n_dims - 1 - i] = size > INT64_MAX ? -1 : (int64_t)size;
    }
    const struct jb_tensor_type *const type = type_of(gguf, jb_cursor_u32(cursor));
    const uint64_t offset = jb_cursor_u64(cursor);
    if (cursor->failed || !type)
        return cut(gguf, begin, "the list of tensors", err);
    const jb_rc rc = jb_tensors_add(gguf->tensors, name, type, dims, n_dims, err);
    if (rc < 0)
        return rc;
    struct jb_tensor *const tensor = &gguf->tensors->items[gguf->tensors->n - 1];
    tensor->begin = offset;
    if (JB_ADD_OVERFLOWS(offset, tensor->n_bytes > 0 ? (uint64_t)tensor->n_bytes : 0,
                         &tensor->end) ||
        offset % gguf->alignment != 0)
        return jb_fail(err, JB_E_INPUT, "the file is damaged", "the offset of tensor '%s' is none",
                       tensor->name);
    return JB_OK;
}

static jb_rc take_tensors(struct gguf *gguf, struct jb_span bytes, uint64_t n,
                          size_t *ret_header_bytes, struct jb_error *err)
{
    const size_t first = gguf->tensors->n;

    for (uint64_t i = 0; i < n; i++) {
        const jb_rc rc = take_tensor(gguf, bytes.at, err);
        if (rc < 0)
            return rc;
    }
    const size_t header = (size_t)(gguf->cursor.at - bytes.at);
    const uint64_t pad = (gguf->alignment - header % gguf->alignment) % gguf->alignment;
    for (size_t i = first; i < gguf->tensors->n; i++)
        if (gguf->tensors->items[i].end > 0 &&
            (pad > bytes.len - header || gguf->tensors->items[i].end > bytes.len - header - pad))
            return jb_fail(err, JB_E_INPUT, "copy or download it again",
                           "the file is cut short: the bytes of tensor '%s' end behind it",
                           gguf->tensors->items[i].name);
    *ret_header_bytes = header;
    return JB_OK;
}

static jb_rc check_version(uint32_t version, struct jb_error *err)
{
    if (version == 2 || version == 3)
        return JB_OK;
    if (version == 1)
        return jb_fail(err, JB_E_INPUT, "convert it anew with a llama.cpp of today",
                       "GGUF version 1 is not read: its sizes have 32 bits, and nothing writes it "
                       "since 2023");
    if (version != 0 && (version & 0xffff) == 0)
        return jb_fail(err, JB_E_INPUT, "convert it on a little-endian machine",
                       "a big-endian GGUF is not read");
    return jb_fail(err, JB_E_INPUT, NULL, "GGUF version %u is not known; 2 and 3 are",
                   (unsigned)version);
}

jb_rc jb_gguf_read(struct jb_span bytes, struct jb_tensors *tensors,
                   struct jb_model_facts *ret_facts, size_t *ret_header_bytes, struct jb_error *err)
{
    struct gguf gguf = {
        .cursor = jb_cursor_over(bytes.at, bytes.len), .tensors = tensors, .alignment = 32};
    const uint8_t *const magic = jb_cursor_bytes(&gguf.cursor, 4);

    if (!magic || memcmp(magic, "GGUF", 4) != 0)
        return jb_fail(err, JB_E_INPUT, NULL, "no GGUF file");
    jb_rc rc = check_version(jb_cursor_u32(&gguf.cursor), err);
    if (rc < 0)
        return rc;
    const uint64_t n_tensors = jb_cursor_u64(&gguf.cursor);
    const uint64_t n_pairs = jb_cursor_u64(&gguf.cursor);
    if (gguf.cursor.failed || n_tensors > gguf.cursor.left / TENSOR_MIN_BYTES ||
        n_pairs > gguf.cursor.left / PAIR_MIN_BYTES)
        return cut(&gguf, bytes.at, "the numbers of tensors and of metadata", err);
    gguf.facts = JB_MODEL_FACTS_UNKNOWN;
    gguf.facts.is_told = gguf.facts.has_head = true;
    const struct jb_cursor pairs = gguf.cursor;
    rc = take_pairs(&gguf, bytes.at, n_pairs, true, err);
    if (rc == JB_OK) {
        gguf.cursor = pairs;
        rc = take_pairs(&gguf, bytes.at, n_pairs, false, err);
    }
    if (rc == JB_OK && (gguf.alignment == 0 || gguf.alignment > 1U << 30))
        rc = jb_fail(err, JB_E_INPUT, NULL, "the alignment is none");
    if (rc == JB_OK)
        rc = take_tensors(&gguf, bytes, n_tensors, ret_header_bytes, err);
    if (rc < 0)
        return rc;
    gguf__facts_end(&gguf.facts);
    *ret_facts = gguf.facts;
    return JB_OK;
}
