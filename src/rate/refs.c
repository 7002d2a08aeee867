/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References from wherever they come into one list with its own texts. Must never take a row that contradicts itself or physics
 * (R-RATING-05), nor drop one without counting it.
 */
#include <stdlib.h>
#include <string.h>

#include "rate/rate_int.h"

#define TEXTS_BYTES 65536
/* 2.8 TWh: no training comes near it, and products with it fit. */
#define MOST_UJ ((jb_i128)INT64_C(10000000000000000) * 1000000)
/* R-RATING-05: less per operation than the best board of 2026 takes at its peak in its smallest numbers (B200, FP4: 0.11 pJ). */
#define LEAST_FLOP_AJ INT64_C(100000)
#define AJ_PER_UJ     INT64_C(1000000000000)
/* A device, its part of a machine and of a building: more than any, and less than any that trains. */
#define MOST_DEVICE_W   3000
#define LEAST_DEVICE_MW 1000

struct jb_rate_text {
    struct jb_rate_text *next;
    size_t used, size;
    char bytes[];
};

void jb_rate_refs_release(struct jb_rate_refs *refs)
{
    while (refs->texts) {
        struct jb_rate_text *const next = refs->texts->next;
        free(refs->texts);
        refs->texts = next;
    }
    free(refs->rows);
    *refs = (struct jb_rate_refs){0};
}

static const char *keep(struct jb_rate_refs *refs, const char *text)
{
    const size_t len = text ? strlen(text) + 1 : 1;
    struct jb_rate_text *texts = refs->texts;

    if (len == 1)
        return "";
    if (!texts || texts->size - texts->used < len) {
        const size_t size = len > TEXTS_BYTES ? len : TEXTS_BYTES;
        texts = malloc(sizeof *texts + size);
        if (!texts)
            return NULL;
        *texts = (struct jb_rate_text){.next = refs->texts, .size = size};
        refs->texts = texts;
    }
    char *const copy = texts->bytes + texts->used;
    memcpy(copy, text, len);
    texts->used += len;
    return copy;
}

static bool is_implausible(const struct jb_rate_ref *row)
{
    /* uJ per operation are 1e12 aJ; products stay below 1e30 x 1e5. */
    if (row->flop > 0 && row->energy_uj * AJ_PER_UJ < row->flop * LEAST_FLOP_AJ)
        return true;
    if (row->device_us <= 0)
        return false;
    /* uJ over us are watts. */
    return row->energy_uj / row->device_us >= MOST_DEVICE_W ||
           row->energy_uj * 1000 / row->device_us < LEAST_DEVICE_MW;
}

static jb_rc grow(struct jb_rate_refs *refs, struct jb_error *err)
{
    if (refs->n == JB_RATE_REFS_MAX)
        return jb_fail(err, JB_E_RANGE, "give fewer references", "more than %zu references",
                       JB_RATE_REFS_MAX);
    if (refs->n < refs->capacity)
        return JB_OK;
    const size_t capacity = refs->capacity ? 2 * refs->capacity : 256;
    struct jb_rate_ref *const rows = realloc(refs->rows, capacity * sizeof rows[0]);
    if (!rows)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu references", capacity);
    refs->rows = rows;
    refs->capacity = capacity;
    return JB_OK;
}

jb_rc jb_rate_refs_add(struct jb_rate_refs *refs, const struct jb_rate_ref *row,
                       struct jb_error *err)
{
    struct jb_rate_ref kept = *row;
    const char **const texts[] = {&kept.id,          &kept.group,        &kept.source, &kept.model,
                                  &kept.application, &kept.architecture, &kept.stage};

    if (row->energy_uj <= 0 || row->energy_uj >= MOST_UJ) {
        refs->n_left_out[JB_RATE_NO_ENERGY]++;
        return JB_OK;
    }
    if (is_implausible(row)) {
        refs->n_left_out[JB_RATE_IMPLAUSIBLE]++;
        return JB_OK;
    }
    const jb_rc rc = grow(refs, err);
    for (size_t i = 0; rc == JB_OK && i < JB_ARRAY_LEN(texts); i++) {
        *texts[i] = keep(refs, *texts[i]);
        if (!*texts[i])
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a reference");
    }
    if (rc == JB_OK)
        refs->rows[refs->n++] = kept;
    return rc;
}
