/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the header of a safetensors file, with what follows a NUL as its config.json; and as the index of several. What is
 * read is counted. R-COUNT-20, R-COUNT-22.
 */
#include <string.h>

#include "base/buf.h"
#include "fuzz/weights_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file is as long as its header says: the first try tells where the last tensor ends. */
static void try_header(struct jb_span json, struct jb_span config, struct jb_arena *arena)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF((size_t)1 << 24);
    struct jb_tensors tensors = {.arena = arena};
    struct jb_model_facts facts = JB_MODEL_FACTS_UNKNOWN;
    struct jb_error err = {0};
    uint64_t n_bytes = 0;
    size_t n = 0;

    jb_buf_add_u64(&buf, json.len);
    if (json.len > 0)
        jb_buf_add(&buf, json.at, json.len);
    const struct jb_span bytes = {(const uint8_t *)buf.bytes, buf.len};
    if (config.len > 0 && refused(jb_model_config_read(config, &facts, &err), &err))
        return;
    if (jb_safetensors_read(bytes, buf.len, &tensors, &n, &err) < 0) {
        must(err.message[0] != '\0');
        for (size_t i = 0; i < tensors.n; i++)
            n_bytes = tensors.items[i].end > n_bytes ? tensors.items[i].end : n_bytes;
        tensors = (struct jb_tensors){.arena = arena};
        if (refused(jb_safetensors_read(bytes, buf.len + n_bytes, &tensors, &n, &err), &err))
            return;
    }
    must(n == bytes.len);
    count_weights(&tensors, &facts);
}

static void try_index(struct jb_span json, struct jb_arena *arena)
{
    struct jb_shards shards;
    struct jb_error err = {0};

    if (refused(jb_shards_read(json, arena, &shards, &err), &err))
        return;
    must(shards.n_files > 0 && shards.n_files <= shards.n_names);
    for (size_t i = 0; i < shards.n_files; i++)
        must(shards.files[i][0] != '\0' && !strchr(shards.files[i], '/') &&
             strcmp(shards.files[i], "..") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = NULL;
    const uint8_t *const end = size > 0 ? memchr(data, 0, size) : NULL;
    const size_t n_json = end ? (size_t)(end - data) : size;
    struct jb_span config = {0};

    if (jb_arena_new((size_t)1 << 26, &arena, NULL) < 0)
        abort();
    if (n_json + 1 < size)
        config = (struct jb_span){data + n_json + 1, size - n_json - 1};
    try_index((struct jb_span){data, n_json}, arena);
    try_header((struct jb_span){data, n_json}, config, arena);
    return 0;
}
