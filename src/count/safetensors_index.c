/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.safetensors.index.json to the files of a model in parts. A part lies beside the index: a name that leads elsewhere is
 * refused, because the index comes with the model from strangers. R-COUNT-20.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "count/tensors_int.h"

#define INDEX_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define SHARDS_MAX      10000

static void json_free(json_t **json)
{
    json_decref(*json);
}

/* One name in this folder. */
static bool is_beside(const char *file)
{
    const size_t len = strlen(file);

    return len > 0 && len < 256 && !strchr(file, '/') && strcmp(file, "..") != 0 &&
           strcmp(file, ".") != 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each once, in order. */
static size_t unique(const char **texts, size_t n)
{
    size_t kept = 0;

    qsort(texts, n, sizeof *texts, compare);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return kept;
}

static jb_rc collect(json_t *map, struct jb_arena *arena, struct jb_shards *shards,
                     struct jb_error *err)
{
    const char *name;
    json_t *value;

    json_object_foreach(map, name, value)
    {
        const char *const file = json_string_value(value);
        if (!file || !is_beside(file))
            return jb_fail(err, JB_E_INPUT, "its parts lie beside it",
                           "the index names '%.80s' for tensor '%.80s', which is no file beside it",
                           file ? file : "", name);
        shards->names[shards->n_names] = jb_arena_text(arena, jb_span_of(name));
        shards->files[shards->n_names] = jb_arena_text(arena, jb_span_of(file));
        if (!shards->names[shards->n_names] || !shards->files[shards->n_names])
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the index");
        shards->n_names++;
    }
    return JB_OK;
}

jb_rc jb_shards_read(struct jb_span text, struct jb_arena *arena, struct jb_shards *ret,
                     struct jb_error *err)
{
    struct jb_shards shards = {0};
    json_error_t where;

    if (text.len > INDEX_MAX_BYTES)
        return jb_fail(err, JB_E_RANGE, NULL, "the index has %zu bytes", text.len);
    JB_AUTO(json_free)
    json_t *root =
        json_loadb(text.len ? (const char *)text.at : "", text.len, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return jb_fail(err, JB_E_INPUT, NULL, "the index is no JSON: line %d: %s", where.line,
                       where.text);
    json_t *const map = json_object_get(root, "weight_map");
    const size_t n = json_object_size(map);
    if (n == 0)
        return jb_fail(err, JB_E_INPUT, NULL, "the index has no 'weight_map'");
    shards.names = jb_arena_get(arena, n, sizeof *shards.names);
    shards.files = jb_arena_get(arena, n, sizeof *shards.files);
    if (!shards.names || !shards.files)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the index");
    const jb_rc rc = collect(map, arena, &shards, err);
    if (rc < 0)
        return rc;
    shards.n_names = unique(shards.names, shards.n_names);
    shards.n_files = unique(shards.files, n);
    if (shards.n_files > SHARDS_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "the index names %zu files", shards.n_files);
    *ret = shards;
    return JB_OK;
}
