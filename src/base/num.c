/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Integer arithmetic that says when it does not fit (R-NUM-01), rounds as named (R-NUM-02) and divides a whole into
 * shares that add up to it (R-NUM-03). 128 bits occur only between two 64-bit numbers; nothing here allocates.
 */
#include "base/num.h"

#include "base/compiler.h"

jb_rc jb_add_i64(int64_t a, int64_t b, int64_t *ret)
{
    int64_t sum;

    if (JB_ADD_OVERFLOWS(a, b, &sum))
        return JB_E_RANGE;
    *ret = sum;
    return JB_OK;
}

jb_rc jb_sub_i64(int64_t a, int64_t b, int64_t *ret)
{
    int64_t difference;

    if (JB_SUB_OVERFLOWS(a, b, &difference))
        return JB_E_RANGE;
    *ret = difference;
    return JB_OK;
}

jb_rc jb_mul_i64(int64_t a, int64_t b, int64_t *ret)
{
    int64_t product;

    if (JB_MUL_OVERFLOWS(a, b, &product))
        return JB_E_RANGE;
    *ret = product;
    return JB_OK;
}

/* a * num / den for den > 0; |a * num| <= 2^126 leaves room for the correction by one. */
static jb_i128 muldiv(int64_t a, int64_t num, int64_t den, enum jb_round round)
{
    const jb_i128 product = (jb_i128)a * num;
    jb_i128 quotient = product / den;   /* toward zero */
    const jb_i128 rest = product % den; /* has the sign of the product */
    const jb_i128 rest_size = rest < 0 ? -rest : rest;

    switch (round) {
    case JB_ROUND_FLOOR: quotient -= rest < 0; break;
    case JB_ROUND_CEIL: quotient += rest > 0; break;
    case JB_ROUND_NEAREST:
        if (rest_size >= den - rest_size)
            quotient += product < 0 ? -1 : 1;
        break;
    }
    return quotient;
}

jb_rc jb_muldiv_i64(int64_t a, int64_t num, int64_t den, enum jb_round round, int64_t *ret)
{
    if (den <= 0)
        return JB_E_RANGE;
    const jb_i128 result = muldiv(a, num, den, round);
    if (result > INT64_MAX || result < INT64_MIN)
        return JB_E_RANGE;
    *ret = (int64_t)result;
    return JB_OK;
}

jb_rc jb_muldiv_u64(uint64_t a, uint64_t num, uint64_t den, enum jb_round round, int64_t *ret)
{
    if (den == 0)
        return JB_E_RANGE;
    const jb_u128 product = (jb_u128)a * num;
    jb_u128 quotient = product / den;
    const uint64_t rest = (uint64_t)(product % den);

    if (round == JB_ROUND_CEIL)
        quotient += rest > 0;
    else if (round == JB_ROUND_NEAREST)
        quotient += rest > 0 && rest >= den - rest;
    if (quotient > (jb_u128)INT64_MAX)
        return JB_E_RANGE;
    *ret = (int64_t)quotient;
    return JB_OK;
}

int64_t jb_add_sat_i64(int64_t a, int64_t b)
{
    int64_t sum;

    if (JB_ADD_OVERFLOWS(a, b, &sum))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

int64_t jb_muldiv_sat_i64(int64_t a, int64_t num, int64_t den, enum jb_round round)
{
    int64_t result;

    if (jb_muldiv_i64(a, num, den, round, &result) == JB_OK)
        return result;
    /* Over no denominator, or past the scale: the end of it on the side of the product's sign. */
    if (a == 0 || num == 0)
        return 0;
    return (a < 0) != (num < 0) ? INT64_MIN : INT64_MAX;
}

static jb_u128 square(int64_t value)
{
    const uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    return (jb_u128)size * size;
}

/* Bit by bit from the top: exact over the whole range, where a double's root is not. */
int64_t jb_hypot_i64(int64_t a, int64_t b)
{
    const jb_u128 sum = square(a) + square(b); /* at most 2^127 */
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 63; bit > 0; bit >>= 1) {
        const uint64_t trial = root | bit;
        if ((jb_u128)trial * trial <= sum)
            root = trial;
    }
    if ((jb_u128)root * root < sum)
        root++; /* outward: a band may widen by rounding, never narrow */
    return root > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)root;
}

/* What the floors leave over, per share, and an order of the shares for handing out the missing units. */
struct split_work {
    jb_u128 *rest;
    uint16_t *heap;
};

/* Whether share a is served before share b: the larger remainder, then the lower index. */
static bool split_before(const struct split_work *work, uint16_t a, uint16_t b)
{
    if (work->rest[a] != work->rest[b])
        return work->rest[a] > work->rest[b];
    return a < b;
}

static void split_sift_down(const struct split_work *work, size_t at, size_t n)
{
    const uint16_t moving = work->heap[at];

    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && split_before(work, work->heap[child + 1], work->heap[child]))
            child++;
        if (!split_before(work, work->heap[child], moving))
            break;
        work->heap[at] = work->heap[child];
    }
    work->heap[at] = moving;
}

static void split_with(const struct split_work *work, int64_t total, const int64_t *weights,
                       size_t n, jb_i128 weight_sum, int64_t *ret_shares)
{
    jb_i128 missing = total;

    for (size_t i = 0; i < n; i++) {
        const jb_i128 product = (jb_i128)total * weights[i]; /* |product| <= 2^126 */
        jb_i128 share = product / weight_sum;
        jb_i128 rest = product % weight_sum;
        if (rest < 0) {
            rest += weight_sum;
            share--;
        }
        work->rest[i] = (jb_u128)rest;
        work->heap[i] = (uint16_t)i;
        ret_shares[i] = (int64_t)share; /* between 0 and total */
        missing -= share;
    }
    if (missing == 0)
        return;
    /*
     * The remainders add up to missing * weight_sum and each is below weight_sum, so 0 < missing < n, and more
     * than `missing` of them are positive: no share passes the total by its extra unit.
     */
    for (size_t i = n / 2; i-- > 0;)
        split_sift_down(work, i, n);
    for (size_t left = n; missing > 0 && left > 0; missing--) {
        ret_shares[work->heap[0]]++;
        work->heap[0] = work->heap[--left];
        split_sift_down(work, 0, left);
    }
}

#define SPLIT_FEW 64

/* Apart from the one below, so that the usual case does not touch 72 KiB of stack. */
static void split_few(int64_t total, const int64_t *weights, size_t n, jb_i128 weight_sum,
                      int64_t *ret_shares)
{
    jb_u128 rest[SPLIT_FEW];
    uint16_t heap[SPLIT_FEW];

    split_with(&(struct split_work){.rest = rest, .heap = heap}, total, weights, n, weight_sum,
               ret_shares);
}

JB_NOINLINE static void split_many(int64_t total, const int64_t *weights, size_t n,
                                   jb_i128 weight_sum, int64_t *ret_shares)
{
    jb_u128 rest[JB_SPLIT_MAX];
    uint16_t heap[JB_SPLIT_MAX];

    split_with(&(struct split_work){.rest = rest, .heap = heap}, total, weights, n, weight_sum,
               ret_shares);
}

jb_rc jb_split_i64(int64_t total, const int64_t *weights, size_t n, int64_t *ret_shares)
{
    jb_i128 weight_sum = 0; /* at most 2^75 */

    if (n == 0)
        return total == 0 ? JB_OK : JB_E_RANGE;
    if (n > JB_SPLIT_MAX)
        return JB_E_RANGE;
    for (size_t i = 0; i < n; i++) {
        if (weights[i] < 0)
            return JB_E_RANGE;
        weight_sum += weights[i];
    }
    if (weight_sum == 0)
        return JB_E_RANGE;
    if (n <= SPLIT_FEW)
        split_few(total, weights, n, weight_sum, ret_shares);
    else
        split_many(total, weights, n, weight_sum, ret_shares);
    return JB_OK;
}
