/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that lives as long as a count: pieces are cut from blocks and freed all at once. It never gives out more than its
 * ceiling, so that what a file asks for is bounded by what the caller thought of beforehand.
 */
#include "base/compiler.h"
#include "count/span_int.h"

#define ALIGNMENT   16
#define BLOCK_BYTES ((size_t)64 * 1024)
/* What is larger gets a block of its own, and the open block stays open: the waste stays under a quarter. */
#define PIECE_BYTES_MAX (BLOCK_BYTES / 4)

struct block {
    struct block *next;
    _Alignas(ALIGNMENT) uint8_t bytes[];
};

struct jb_arena {
    struct block *blocks;
    struct block *open; /* where pieces are cut from; NULL before the first */
    size_t n_cut;       /* bytes of the open block that are given out */
    size_t n_left;      /* bytes that may still be given out */
    bool is_over;       /* somebody asked for more than that */
};

jb_rc jb_arena_new(size_t max_bytes, struct jb_arena **ret, struct jb_error *err)
{
    struct jb_arena *const arena = calloc(1, sizeof *arena);

    if (!arena)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read a model");
    arena->n_left = max_bytes;
    *ret = arena;
    return JB_OK;
}

void jb_arena_free(struct jb_arena *arena)
{
    if (!arena)
        return;
    for (struct block *block = arena->blocks; block;) {
        struct block *const next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

static struct block *block_new(struct jb_arena *arena, size_t n_bytes)
{
    size_t whole = 0;

    if (JB_ADD_OVERFLOWS(sizeof(struct block), n_bytes, &whole))
        return NULL;
    /* calloc leaves the pages of a large block untouched until they are used. */
    struct block *const block = calloc(1, whole);
    if (!block)
        return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *jb_arena_get(struct jb_arena *arena, size_t n, size_t size)
{
    size_t n_bytes = 0;

    if (JB_MUL_OVERFLOWS(n, size, &n_bytes) || JB_ADD_OVERFLOWS(n_bytes, ALIGNMENT - 1, &n_bytes))
        n_bytes = SIZE_MAX;
    n_bytes &= ~(size_t)(ALIGNMENT - 1);
    if (n_bytes > arena->n_left) {
        arena->is_over = true;
        return NULL;
    }
    if (n_bytes > PIECE_BYTES_MAX) {
        struct block *const own = block_new(arena, n_bytes);
        if (!own)
            return NULL;
        arena->n_left -= n_bytes;
        return own->bytes;
    }
    if (!arena->open || n_bytes > BLOCK_BYTES - arena->n_cut) {
        struct block *const block = block_new(arena, BLOCK_BYTES);
        if (!block)
            return NULL;
        arena->open = block;
        arena->n_cut = 0;
    }
    void *const piece = arena->open->bytes + arena->n_cut;
    arena->n_cut += n_bytes;
    arena->n_left -= n_bytes;
    return piece;
}

jb_rc(jb_arena_fail)(const struct jb_arena *arena, struct jb_error *err)
{
    if (arena->is_over)
        return jb_fail(err, JB_E_RANGE, "the file is not what a model exporter writes, or damaged",
                       "what the model describes takes more memory than its size allows for");
    return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read a model");
}
