/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rows have in common, each once: texts interned, groups found by hash. Not thread-safe; the workers hold a lock,
 * which they need for the first row of a kind alone. R-BILL-03.
 */
#include <string.h>

#include "base/clean.h"
#include "import/bill_int.h"

#define CHUNK_BYTES 65536

struct chunk {
    struct chunk *next;
    size_t used;
    _Alignas(16) char bytes[CHUNK_BYTES];
};

/* Things of which each is kept once, by open addressing; a free slot is NULL. */
struct set {
    const void **slots;
    size_t n, size;
};

/* A group with its place, which is no part of what is compared. */
struct numbered {
    struct bill_key key;
    size_t at;
};

struct bill_groups {
    struct chunk *chunks;
    struct set texts, whats, wheres, numbered;
    struct bill_key *keys;
    size_t keys_size;
};

struct bill_groups *jb_bill__groups_new(void)
{
    return calloc(1, sizeof(struct bill_groups));
}

void jb_bill__groups_free(struct bill_groups *groups)
{
    if (!groups)
        return;
    for (struct chunk *at = groups->chunks; at;) {
        struct chunk *const next = at->next;
        free(at);
        at = next;
    }
    free(groups->texts.slots);
    free(groups->whats.slots);
    free(groups->wheres.slots);
    free(groups->numbered.slots);
    free(groups->keys);
    free(groups);
}

static uint64_t hash_of(const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    uint64_t hash = 0;

    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ at[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return hash;
}

/* Where it is, or where there is room for it. `n` 0: a text with its NUL. */
static size_t slot_of(const struct set *set, const void *thing, size_t n)
{
    size_t at = hash_of(thing, n ? n : strlen(thing)) & (set->size - 1);

    while (set->slots[at] &&
           (n ? memcmp(set->slots[at], thing, n) != 0 : strcmp(set->slots[at], thing) != 0))
        at = (at + 1) & (set->size - 1);
    return at;
}

static bool grow(struct set *set, size_t n)
{
    struct set wider = {NULL, set->n, set->size ? 2 * set->size : 256};

    if (set->n * 2 < set->size)
        return true;
    wider.slots = calloc(wider.size, sizeof *wider.slots);
    if (!wider.slots)
        return false;
    for (size_t i = 0; i < set->size; i++)
        if (set->slots[i])
            wider.slots[slot_of(&wider, set->slots[i], n)] = set->slots[i];
    free(set->slots);
    *set = wider;
    return true;
}

static void *room(struct bill_groups *groups, size_t n)
{
    struct chunk *chunk = groups->chunks;

    if (!chunk || CHUNK_BYTES - chunk->used < n) {
        chunk = malloc(sizeof *chunk);
        if (!chunk)
            return NULL;
        chunk->next = groups->chunks;
        chunk->used = 0;
        groups->chunks = chunk;
    }
    void *const at = chunk->bytes + chunk->used;
    chunk->used += (n + 15) / 16 * 16;
    return at;
}

/* The one that is kept, by its first `n` bytes, of `size`; NULL without memory. */
static const void *kept_of(struct bill_groups *groups, struct set *set, const void *thing, size_t n,
                           size_t size)
{
    if (!grow(set, n))
        return NULL;
    const size_t slot = slot_of(set, thing, n);
    if (!set->slots[slot]) {
        void *const kept = room(groups, size);
        if (!kept)
            return NULL;
        memcpy(kept, thing, size);
        set->slots[slot] = kept;
        set->n++;
    }
    return set->slots[slot];
}

const char *jb_bill__intern(struct bill_groups *groups, const char *text)
{
    char clean[JB_BILL_TEXT];

    jb_clean_copy(text, clean, sizeof clean);
    return kept_of(groups, &groups->texts, clean, 0, strlen(clean) + 1);
}

const struct bill_what *jb_bill__what(struct bill_groups *groups, const struct bill_what *what)
{
    return kept_of(groups, &groups->whats, what, sizeof *what, sizeof *what);
}

const struct bill_where *jb_bill__where(struct bill_groups *groups, const struct bill_where *where)
{
    return kept_of(groups, &groups->wheres, where, sizeof *where, sizeof *where);
}

jb_rc jb_bill__group_of(struct bill_groups *groups, const struct bill_key *key, size_t *ret_at,
                        struct jb_error *err)
{
    const struct numbered one = {*key, groups->numbered.n};

    /* Room first, so that nothing is half entered. */
    if (groups->numbered.n == groups->keys_size) {
        const size_t size = groups->keys_size ? 2 * groups->keys_size : 64;
        struct bill_key *const keys = realloc(groups->keys, size * sizeof *keys);
        if (!keys)
            return jb_bill__no_memory(err);
        groups->keys = keys;
        groups->keys_size = size;
    }
    const struct numbered *const kept =
        kept_of(groups, &groups->numbered, &one, sizeof one.key, sizeof one);
    if (!kept)
        return jb_bill__no_memory(err);
    if (kept->at >= JB_BILL_GROUPS_MAX)
        return jb_fail(err, JB_E_RANGE,
                       "make runs of something coarser: the account, the service or another tag",
                       "the bill has more than %d kinds of rows by this rule", JB_BILL_GROUPS_MAX);
    groups->keys[kept->at] = kept->key;
    *ret_at = kept->at;
    return JB_OK;
}

size_t jb_bill__groups_n(const struct bill_groups *groups)
{
    return groups->numbered.n;
}

const struct bill_key *jb_bill__groups_key(const struct bill_groups *groups, size_t at)
{
    return &groups->keys[at];
}

void jb_bill__sums_clear(struct bill_sums *sums)
{
    *sums = (struct bill_sums){
        .first_line = INT64_MAX, .first_utc_us = INT64_MAX, .last_utc_us = INT64_MIN};
}

bool jb_bill__sums_add(struct bill_sums *to, const struct bill_sums *from)
{
    struct bill_sums sums = *to;

    sums.n_rows += from->n_rows;
    if (from->first_line < sums.first_line)
        sums.first_line = from->first_line;
    if (from->first_utc_us < sums.first_utc_us)
        sums.first_utc_us = from->first_utc_us;
    if (from->last_utc_us > sums.last_utc_us)
        sums.last_utc_us = from->last_utc_us;
    for (size_t i = 0; i < JB_ARRAY_LEN(sums.sum); i++) {
        sums.has[i] = sums.has[i] || from->has[i];
        if (JB_ADD_OVERFLOWS(sums.sum[i], from->sum[i], &sums.sum[i]))
            return false;
    }
    *to = sums;
    return true;
}
