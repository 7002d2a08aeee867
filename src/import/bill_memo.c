/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of CSV, as they stand, to what they led to before: found by hash, compared byte by byte, forgotten as a whole where
 * there is no more room. Belongs to one thread. R-BILL-02.
 */
#include <string.h>

#include "import/bill_int.h"

struct bill_memo_slot {
    uint64_t hash;
    const void *leads_to; /* NULL is free */
    uint32_t at;          /* in bytes */
};

bool jb_bill__memo_init(struct bill_memo *memo, size_t n_slots, size_t max_bytes)
{
    memo->slots = calloc(n_slots, sizeof *memo->slots);
    memo->bytes = malloc(max_bytes);
    memo->n_slots = n_slots;
    memo->max_bytes = max_bytes;
    return memo->slots && memo->bytes;
}

void jb_bill__memo_release(struct bill_memo *memo)
{
    free(memo->slots);
    free(memo->bytes);
}

JB_INLINE static uint64_t word_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

JB_INLINE static uint64_t folded(uint64_t a, uint64_t b)
{
    const jb_u128 product = (jb_u128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t jb_bill__hash_two(uint64_t a, uint64_t b)
{
    return folded(a, b);
}

/* Up to seven bytes, none behind them. */
JB_INLINE static uint64_t short_word(const char *at, size_t len)
{
    uint32_t low;
    uint32_t high;

    if (len >= 4) {
        memcpy(&low, at, sizeof low);
        memcpy(&high, at + len - 4, sizeof high);
        return low | (uint64_t)high << 32;
    }
    if (len == 0)
        return 0;
    return (uint64_t)(unsigned char)at[0] << 16 | (uint64_t)(unsigned char)at[len / 2] << 8 |
           (unsigned char)at[len - 1];
}

JB_INLINE static uint64_t hash_field(uint64_t hash, struct bill_field field)
{
    const char *at = field.at;
    size_t left = field.len;

    for (; left > 16; left -= 16, at += 16)
        hash = folded(hash ^ word_at(at), word_at(at + 8) ^ UINT64_C(0xA0761D6478BD642F));
    const uint64_t low = left >= 8 ? word_at(at) : short_word(at, left);
    const uint64_t high = left >= 8 ? word_at(at + left - 8) : field.len;
    return folded(hash ^ low, high ^ (field.len << 56) ^ UINT64_C(0xE7037ED1A0B428DB));
}

uint64_t jb_bill__hash_fields(uint64_t hash, const struct bill_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = hash_field(hash, fields[i]);
    return hash;
}

/* memcmp for lengths that are mostly short. */
JB_INLINE static bool same_bytes(const char *a, const char *b, size_t len)
{
    size_t at = 0;

    if (len < 8)
        return short_word(a, len) == short_word(b, len);
    for (; at + 8 < len; at += 8)
        if (word_at(a + at) != word_at(b + at))
            return false;
    return word_at(a + len - 8) == word_at(b + len - 8);
}

JB_INLINE static bool is_same(const char *kept, const struct bill_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t len;
        memcpy(&len, kept, sizeof len);
        if (len != fields[i].len || !same_bytes(kept + sizeof len, fields[i].at, len))
            return false;
        kept += sizeof len + len;
    }
    return true;
}

const void *jb_bill__recall(const struct bill_memo *memo, uint64_t hash,
                            const struct bill_field *fields, size_t n)
{
    size_t at = hash & (memo->n_slots - 1);

    for (; memo->slots[at].leads_to; at = (at + 1) & (memo->n_slots - 1))
        if (memo->slots[at].hash == hash && is_same(memo->bytes + memo->slots[at].at, fields, n))
            return memo->slots[at].leads_to;
    return NULL;
}

void jb_bill__remember(struct bill_memo *memo, uint64_t hash, const struct bill_field *fields,
                       size_t n, const void *leads_to)
{
    size_t n_bytes = 0;
    size_t at = hash & (memo->n_slots - 1);

    for (size_t i = 0; i < n; i++)
        n_bytes += sizeof(uint32_t) + fields[i].len;
    if (n_bytes > memo->max_bytes / 16)
        return;
    if (memo->n_bytes + n_bytes > memo->max_bytes || memo->n * 4 >= memo->n_slots * 3) {
        memset(memo->slots, 0, memo->n_slots * sizeof *memo->slots);
        memo->n_bytes = 0;
        memo->n = 0;
    }
    while (memo->slots[at].leads_to)
        at = (at + 1) & (memo->n_slots - 1);
    memo->slots[at] = (struct bill_memo_slot){hash, leads_to, (uint32_t)memo->n_bytes};
    memo->n++;
    for (size_t i = 0; i < n; i++) {
        const uint32_t len = (uint32_t)fields[i].len;
        memcpy(memo->bytes + memo->n_bytes, &len, sizeof len);
        memcpy(memo->bytes + memo->n_bytes + sizeof len, fields[i].at, len);
        memo->n_bytes += sizeof len + len;
    }
}
