/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path to what its model computes: finds the format by the first bytes, has its reader read it, and owns what the figures
 * point to. Must never read weights. R-COUNT-01, R-COUNT-20.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "count/count_int.h"

#define ARENA_MAX_BYTES ((size_t)640 * 1024 * 1024)
#define PATH_MAX_BYTES  4096
#define TEXT_MAX_BYTES  255

static bool ends(const char *path, const char *end)
{
    const size_t len = strlen(path), n = strlen(end);

    return len >= n && strcmp(path + len - n, end) == 0;
}

static bool is_gguf(const char *path, struct jb_span bytes)
{
    (void)path;
    return bytes.len >= 4 && memcmp(bytes.at, "GGUF", 4) == 0;
}

/* A length below 2^32, then the beginning of a list; or the list of the parts of a model. */
static bool is_safetensors(const char *path, struct jb_span bytes)
{
    return ends(path, ".safetensors") || ends(path, ".safetensors.index.json") ||
           (bytes.len > 8 && memcmp(bytes.at + 4, "\0\0\0\0{", 5) == 0);
}

/* Protocol buffers have no beginning of their own: the reader says what it is instead. */
static bool is_other(const char *path, struct jb_span bytes)
{
    (void)path;
    (void)bytes;
    return true;
}

/* In the order they are tried. */
static const struct {
    const char *name;
    bool (*is)(const char *path, struct jb_span bytes);
    jb_count_reader read;
    enum jb_count_format format;
} formats[] = {
    {"gguf", is_gguf, jb_count_read_gguf, JB_COUNT_GGUF},
    {"safetensors", is_safetensors, jb_count_read_safetensors, JB_COUNT_SAFETENSORS},
    {"onnx", is_other, jb_count_read_onnx, JB_COUNT_ONNX},
};

const char *jb_count_format_name(enum jb_count_format format)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(formats); i++)
        if (formats[i].format == format)
            return formats[i].name;
    return "";
}

const char *jb_count_text(struct jb_arena *arena, struct jb_span text)
{
    const size_t len = text.len < TEXT_MAX_BYTES ? text.len : TEXT_MAX_BYTES;
    char *const kept = jb_arena_get(arena, len + 1, 1);

    for (size_t i = 0; kept && i < len;) {
        /* A control character, or a part of one, is shown as a question mark. */
        const size_t n = jb_clean_character((const char *)text.at + i, len - i);
        kept[i] = '?';
        if (n > 0)
            memcpy(kept + i, text.at + i, n);
        i += n > 0 ? n : 1;
    }
    return kept;
}

/* A folder as Hugging Face fills it: the parts' index before a single file. */
static jb_rc in_folder(const char *path, char *ret, size_t size, struct jb_error *err)
{
    static const char *const names[] = {"model.safetensors.index.json", "model.safetensors",
                                        "adapter_model.safetensors", "model.onnx", "model.gguf"};
    struct stat status;

    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++) {
        const int n = snprintf(ret, size, "%s/%s", path, names[i]);
        if (n < 0 || (size_t)n >= size)
            return jb_fail(err, JB_E_RANGE, NULL, "the path '%.80s...' is too long", path);
        if (stat(ret, &status) == 0 && S_ISREG(status.st_mode))
            return JB_OK;
    }
    return jb_fail(err, JB_E_NOT_FOUND, "name the model's file itself",
                   "the folder '%s' has no model.safetensors.index.json, model.safetensors, "
                   "adapter_model.safetensors, model.onnx or model.gguf",
                   path);
}

static jb_rc bind_names(const struct jb_count_order *order, struct jb_dims *dims,
                        struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < order->n_bindings && rc == JB_OK; i++)
        rc = jb_dims_bind(dims, order->bindings[i].name, strlen(order->bindings[i].name),
                          order->bindings[i].value, err);
    return rc;
}

/* The reader knows the byte, not the file. */
static jb_rc with_path(jb_rc rc, const char *path, struct jb_error *err)
{
    char message[sizeof err->message];

    if (!err)
        return rc;
    (void)snprintf(message, sizeof message, "%s", err->message);
    const size_t room = sizeof err->message - 8;
    (void)snprintf(err->message, sizeof err->message, "'%.*s': %s", (int)(room / 2), path, message);
    return rc;
}

static jb_rc read_bytes(struct jb_count_job *job, struct jb_count *ret, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(formats); i++)
        if (formats[i].is(job->path, job->bytes)) {
            const jb_rc rc = formats[i].read(job, ret, err);
            if (rc < 0)
                return with_path(rc, job->path, err);
            ret->format = formats[i].format;
            return JB_OK;
        }
    return jb_fail(err, JB_E_INPUT,
                   "ONNX, safetensors and GGUF are read; a PyTorch .pt or .bin is code, and is not "
                   "run: convert it",
                   "'%s' is in no format that is known", job->path);
}

/* R-COUNT-03: a name that nothing is called is a mistake of the caller. */
static jb_rc check_bound(const char *path, const struct jb_count *count, struct jb_error *err)
{
    const char *const unused = jb_dims_unused_binding(count->dims);
    JB_AUTO(jb_buf_release) struct jb_buf open = JB_BUF(512);

    if (!unused)
        return JB_OK;
    for (size_t i = 0; i < count->n_open; i++)
        jb_buf_addf(&open, "%s%s", i ? ", " : "", jb_dims_open_at(count->dims, i));
    return jb_fail(err, JB_E_INPUT,
                   open.len > 0 ? jb_buf_text(&open) : "no size of this model is open",
                   open.len > 0 ? "'%s' has no size '%s'; those open are in the hint"
                                : "'%s' has no size '%s'",
                   path, unused);
}

static jb_rc count_job(struct jb_count_job *job, struct jb_count *ret, struct jb_error *err)
{
    struct jb_count count = {0};
    jb_rc rc = read_bytes(job, &count, err);

    if (rc < 0)
        return rc;
    count.dims = job->dims;
    count.n_open = jb_dims_n_open(job->dims);
    rc = check_bound(job->path, &count, err);
    if (rc == JB_OK && jb_dims_failure(job->dims))
        rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory for the sizes of '%s'", job->path);
    if (rc == JB_OK)
        *ret = count;
    return rc;
}

jb_rc jb_count_bytes(struct jb_span bytes, const char *path, const struct jb_count_order *order,
                     struct jb_count *ret, struct jb_error *err)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = NULL;
    JB_AUTO(jb_dims_free_auto) struct jb_dims *dims = NULL;
    jb_rc rc = jb_arena_new(ARENA_MAX_BYTES, &arena, err);

    if (rc == JB_OK)
        rc = jb_dims_new(&dims, err);
    if (rc == JB_OK)
        rc = bind_names(order, dims, err);
    struct jb_count_job job = {.path = path, .bytes = bytes, .dims = dims, .arena = arena};
    if (rc == JB_OK)
        rc = count_job(&job, ret, err);
    if (rc < 0)
        return rc;
    ret->owned = arena;
    arena = NULL;
    dims = NULL;
    return JB_OK;
}

jb_rc jb_count_file(const struct jb_count_order *order, struct jb_count *ret, struct jb_error *err)
{
    char inside[PATH_MAX_BYTES];
    const char *path = order->path;
    struct stat status;
    struct jb_map map;
    jb_rc rc = JB_OK;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        rc = in_folder(path, inside, sizeof inside, err);
        path = inside;
    }
    if (rc == JB_OK)
        rc = jb_map_open(path, &map, err);
    if (rc < 0)
        return rc;
    rc = jb_count_bytes(map.bytes, path, order, ret, err);
    jb_map_close(&map);
    return rc;
}

void jb_count_release(struct jb_count *count)
{
    jb_dims_free(count->dims);
    jb_arena_free(count->owned);
    *count = (struct jb_count){0};
}
