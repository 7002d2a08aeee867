/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of weights to a count: a safetensors file or the index of several, with the config.json that lies beside; a GGUF,
 * which has all in one. R-COUNT-20, -21, -22.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "count/count_int.h"
#include "count/tensors_int.h"

#define PATH_MAX_BYTES 4096

/* "dir/file" of a file beside the path. */
static jb_rc beside(const char *path, const char *file, char ret[PATH_MAX_BYTES],
                    struct jb_error *err)
{
    const char *const slash = strrchr(path, '/');
    const int n =
        snprintf(ret, PATH_MAX_BYTES, "%.*s%s", slash ? (int)(slash - path + 1) : 0, path, file);

    if (n < 0 || n >= PATH_MAX_BYTES)
        return jb_fail(err, JB_E_RANGE, NULL, "the path of '%s' is too long", file);
    return JB_OK;
}

static jb_rc read_config(const char *path, struct jb_model_facts *facts, struct jb_hasher *hasher,
                         struct jb_error *err)
{
    char config[PATH_MAX_BYTES];
    struct jb_map map;
    jb_rc rc = beside(path, "config.json", config, err);

    if (rc < 0)
        return rc;
    if (access(config, F_OK) < 0)
        return JB_OK;
    rc = jb_map_open(config, &map, err);
    if (rc < 0)
        return rc;
    rc = jb_model_config_read(map.bytes, facts, err);
    if (rc == JB_OK)
        jb_hasher_add(hasher, map.bytes.at, map.bytes.len);
    jb_map_close(&map);
    return rc;
}

static jb_rc read_one(struct jb_span bytes, struct jb_tensors *tensors, struct jb_hasher *hasher,
                      struct jb_error *err)
{
    size_t n = 0;
    const jb_rc rc = jb_safetensors_read(bytes, bytes.len, tensors, &n, err);

    if (rc == JB_OK)
        jb_hasher_add(hasher, bytes.at, n);
    return rc;
}

static jb_rc read_shard(const char *path, const char *file, struct jb_tensors *tensors,
                        struct jb_hasher *hasher, struct jb_error *err)
{
    char shard[PATH_MAX_BYTES];
    struct jb_map map;
    jb_rc rc = beside(path, file, shard, err);

    if (rc == JB_OK)
        rc = jb_map_open(shard, &map, err);
    if (rc < 0)
        return rc;
    rc = read_one(map.bytes, tensors, hasher, err);
    jb_map_close(&map);
    if (rc == JB_E_INPUT && err) {
        char message[sizeof err->message];
        (void)snprintf(message, sizeof message, "%s", err->message);
        (void)snprintf(err->message, sizeof err->message, "part '%.100s': %.120s", file, message);
    }
    return rc;
}

/* The index and its parts name the same tensors. */
static jb_rc check_names(const struct jb_shards *shards, const struct jb_tensors *tensors,
                         struct jb_error *err)
{
    size_t at = 0;

    for (size_t i = 0; i < tensors->n || at < shards->n_names; i++) {
        const char *const there = i < tensors->n ? tensors->items[i].name : NULL;
        const char *const told = at < shards->n_names ? shards->names[at] : NULL;
        const int order = !there ? 1 : !told ? -1 : strcmp(there, told);
        if (order > 0)
            return jb_fail(err, JB_E_INPUT, "copy or download the model again",
                           "the index names tensor '%s', which no part has", told);
        at += order == 0;
    }
    return JB_OK;
}

static jb_rc read_index(const struct jb_count_job *job, struct jb_tensors *tensors,
                        struct jb_hasher *hasher, struct jb_error *err)
{
    struct jb_shards shards;
    jb_rc rc = jb_shards_read(job->bytes, job->arena, &shards, err);

    for (size_t i = 0; rc == JB_OK && i < shards.n_files; i++)
        rc = read_shard(job->path, shards.files[i], tensors, hasher, err);
    if (rc == JB_OK)
        rc = jb_tensors_sort(tensors, err);
    return rc == JB_OK ? check_names(&shards, tensors, err) : rc;
}

static jb_rc tell(const struct jb_tensors *tensors, const struct jb_model_facts *facts,
                  struct jb_hasher *hasher, const struct jb_count_job *job, struct jb_count *ret,
                  struct jb_error *err)
{
    struct jb_weights *const weights = jb_arena_get(job->arena, 1, sizeof *weights);
    const struct jb_hash digest = jb_hasher_end(hasher);

    if (!weights)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the model's figures");
    jb_rc rc = jb_weights_count(tensors, facts, weights, err);
    if (rc == JB_OK)
        rc = jb_weights_sizes(weights, facts, job->dims, ret, err);
    if (rc < 0)
        return rc;
    ret->producer = jb_arena_text(job->arena, jb_span_of(facts->architecture));
    (void)jb_hex(digest.bytes, sizeof digest.bytes, ret->digest, sizeof ret->digest);
    return ret->producer ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for the figures");
}

jb_rc jb_count_read_safetensors(const struct jb_count_job *job, struct jb_count *ret,
                                struct jb_error *err)
{
    struct jb_tensors tensors = {.arena = job->arena};
    struct jb_model_facts facts = JB_MODEL_FACTS_UNKNOWN;
    const size_t len = strlen(job->path);
    const bool is_index = len > 5 && strcmp(job->path + len - 5, ".json") == 0;
    struct jb_hasher hasher;
    jb_rc rc;

    jb_hasher_begin(&hasher);
    rc = is_index ? read_index(job, &tensors, &hasher, err)
                  : read_one(job->bytes, &tensors, &hasher, err);
    if (rc == JB_OK && !is_index)
        rc = jb_tensors_sort(&tensors, err);
    if (rc == JB_OK)
        rc = read_config(job->path, &facts, &hasher, err);
    return rc == JB_OK ? tell(&tensors, &facts, &hasher, job, ret, err) : rc;
}

jb_rc jb_count_read_gguf(const struct jb_count_job *job, struct jb_count *ret, struct jb_error *err)
{
    struct jb_tensors tensors = {.arena = job->arena};
    struct jb_model_facts facts = JB_MODEL_FACTS_UNKNOWN;
    struct jb_hasher hasher;
    size_t n = 0;
    jb_rc rc = jb_gguf_read(job->bytes, &tensors, &facts, &n, err);

    if (rc < 0)
        return rc;
    jb_hasher_begin(&hasher);
    jb_hasher_add(&hasher, job->bytes.at, n);
    rc = jb_tensors_sort(&tensors, err);
    return rc == JB_OK ? tell(&tensors, &facts, &hasher, job, ret, err) : rc;
}
