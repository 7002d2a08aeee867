/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that were read to the sums of their groups, some at a time: a bill has more groups than a processor's cache holds, and
 * looked up together their memory is waited for once. Belongs to one thread; a group not met before is asked for behind the
 * lock. R-BILL-02, R-BILL-03.
 */
#include "import/bill_int.h"

/* A group as this thread knows it; what is looked for and what is added lie together. */
struct held {
    struct bill_key key;
    size_t group;
    struct bill_sums sums;
};
#define PLACES 65536 /* a power of two */
_Static_assert(PLACES > 3 * JB_BILL_GROUPS_MAX, "so that a free place is soon found");

#define ROWS       32 /* as many as memory can be asked for at once, and more helps no further */
#define LINE_BYTES 64 /* of a processor's cache */

struct bill_batch {
    const struct bill_shared *shared;
    struct bill_taken rows[ROWS];
    size_t at[ROWS]; /* where each row's place is looked for first */
    size_t n;
    uint32_t *places; /* 1 + where in `held`; 0 is free */
    struct held *held;
    size_t n_held, held_size;
    int64_t n_rows;
};

jb_rc jb_bill__no_memory(struct jb_error *err)
{
    return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the groups of a bill");
}

void jb_bill__batch_free(struct bill_batch *batch)
{
    if (!batch)
        return;
    free(batch->places);
    free(batch->held);
    free(batch);
}

struct bill_batch *jb_bill__batch_new(const struct bill_shared *shared)
{
    struct bill_batch *const batch = calloc(1, sizeof *batch);

    if (!batch)
        return NULL;
    batch->shared = shared;
    batch->places = calloc(PLACES, sizeof *batch->places);
    if (batch->places)
        return batch;
    free(batch);
    return NULL;
}

struct bill_taken *jb_bill__batch_next(struct bill_batch *batch)
{
    return &batch->rows[batch->n];
}

jb_rc jb_bill__batch_put(struct bill_batch *batch, struct jb_error *err)
{
    const struct bill_key *const key = &batch->rows[batch->n].key;
    const uint64_t hash = jb_bill__hash_two(
        (uint64_t)(uintptr_t)key->what ^ UINT64_C(0x9E3779B97F4A7C15),
        (uint64_t)(uintptr_t)key->where ^
            jb_bill__hash_two((uint64_t)(uintptr_t)key->run, UINT64_C(0xA0761D6478BD642F)));

    batch->at[batch->n] = hash & (PLACES - 1);
    __builtin_prefetch(&batch->places[batch->at[batch->n]]);
    batch->n++;
    return batch->n == ROWS ? jb_bill__batch_settle(batch, err) : JB_OK;
}

/* A group that this thread has not met, at a free place. */
static jb_rc hold(struct bill_batch *batch, size_t at, const struct bill_key *key,
                  struct bill_sums **ret, struct jb_error *err)
{
    size_t group = 0;

    if (batch->n_held == batch->held_size) {
        const size_t size = batch->held_size ? 2 * batch->held_size : 128;
        struct held *const wider = realloc(batch->held, size * sizeof *wider);
        if (!wider)
            return jb_bill__no_memory(err);
        batch->held = wider;
        batch->held_size = size;
    }
    (void)pthread_mutex_lock(batch->shared->lock);
    const jb_rc rc = jb_bill__group_of(batch->shared->groups, key, &group, err);
    (void)pthread_mutex_unlock(batch->shared->lock);
    if (rc < 0)
        return rc;
    struct held *const held = &batch->held[batch->n_held++];
    held->key = *key;
    held->group = group;
    jb_bill__sums_clear(&held->sums);
    batch->places[at] = (uint32_t)batch->n_held;
    *ret = &held->sums;
    return JB_OK;
}

static jb_rc sums_of(struct bill_batch *batch, size_t at, const struct bill_key *key,
                     struct bill_sums **ret, struct jb_error *err)
{
    for (; batch->places[at]; at = (at + 1) & (PLACES - 1)) {
        struct held *const held = &batch->held[batch->places[at] - 1];
        if (held->key.what == key->what && held->key.where == key->where &&
            held->key.run == key->run) {
            *ret = &held->sums;
            return JB_OK;
        }
    }
    return hold(batch, at, key, ret, err);
}

static jb_rc add_row(const struct bill_batch *batch, const struct bill_taken *taken,
                     struct bill_sums *sums, struct jb_error *err)
{
    for (int i = 0; i < BILL_N_SUMS; i++) {
        if (!taken->has[i])
            continue;
        sums->has[i] = true;
        if (JB_ADD_OVERFLOWS(sums->sum[i], taken->value[i], &sums->sum[i]))
            return jb_fail(err, JB_E_RANGE, NULL, "line %lld: the sum of column '%s' is too large",
                           (long long)taken->line, batch->shared->layout->name[BILL_QUANTITY + i]);
    }
    if (taken->first_utc_us < sums->first_utc_us)
        sums->first_utc_us = taken->first_utc_us;
    if (taken->last_utc_us > sums->last_utc_us)
        sums->last_utc_us = taken->last_utc_us;
    if (taken->line < sums->first_line)
        sums->first_line = taken->line;
    sums->n_rows++;
    return JB_OK;
}

jb_rc jb_bill__batch_settle(struct bill_batch *batch, struct jb_error *err)
{
    const size_t n = batch->n;

    batch->n = 0;
    /* The first place is nearly always the right one; were it not, nothing is lost but the wait. */
    for (size_t i = 0; i < n; i++) {
        const uint32_t place = batch->places[batch->at[i]];
        if (place == 0)
            continue;
        const char *const held = (const char *)&batch->held[place - 1];
        for (size_t at = 0; at < sizeof(struct held); at += LINE_BYTES)
            __builtin_prefetch(held + at, 1);
    }
    for (size_t i = 0; i < n; i++) {
        struct bill_sums *sums = NULL;
        jb_rc rc = sums_of(batch, batch->at[i], &batch->rows[i].key, &sums, err);
        if (rc == JB_OK && sums)
            rc = add_row(batch, &batch->rows[i], sums, err);
        if (rc < 0)
            return rc;
    }
    batch->n_rows += (int64_t)n;
    return JB_OK;
}

jb_rc jb_bill__batch_give(const struct bill_batch *batch, struct bill_sums *sums, int64_t *n_rows,
                          struct jb_error *err)
{
    for (size_t i = 0; i < batch->n_held; i++) {
        const struct held *const held = &batch->held[i];
        if (sums[held->group].n_rows == 0)
            jb_bill__sums_clear(&sums[held->group]);
        if (!jb_bill__sums_add(&sums[held->group], &held->sums))
            return jb_fail(err, JB_E_RANGE, NULL, "the sums of the bill are too large");
    }
    *n_rows += batch->n_rows;
    return JB_OK;
}
