/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same marks as bill_scan.c from 64 bytes at a time: masks of quotes, commas and newlines, what is inside quotes by a
 * running exclusive or (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019). SSE2 every x86-64 has; AVX2
 * with carry-less multiplication is asked for. Empty on other machines. R-BILL-02.
 */
#include "import/bill_int.h"

#if defined(__x86_64__)

#include <immintrin.h>

/* The masks of 64 bytes. */
struct masks {
    uint64_t quote, comma, newline;
};

/* What goes from one 64 bytes to the next. */
struct state {
    uint64_t inside;   /* all ones while a quote is open */
    uint64_t may_open; /* bit 0: the byte before was a comma, a newline outside quotes or a quote */
};

JB_INLINE static void put_ends(uint64_t mask, uint32_t at, uint32_t *out, unsigned n)
{
    /* Eight at a time whatever there are: what is written too much is overwritten by the next ones. */
    for (unsigned done = 0; done < n; done += 8)
        for (unsigned i = 0; i < 8; i++) {
            out[done + i] = at + (uint32_t)__builtin_ctzll(mask | (UINT64_C(1) << 63));
            mask &= mask - 1;
        }
}

JB_INLINE static void put(struct bill_marks *marks, struct state *state, const struct masks *masks,
                          uint64_t parity, uint32_t at)
{
    /* `parity` is set from an opening quote up to before the closing one. */
    const uint64_t outside = ~parity;
    const uint64_t newline = masks->newline & outside;
    const uint64_t ends = (masks->comma & outside) | newline;
    const uint64_t before = ((ends | masks->quote) << 1) | state->may_open;
    const unsigned n = (unsigned)__builtin_popcountll(ends);

    if (masks->quote & parity & ~before)
        marks->has_stray_quote = true;
    state->may_open = (ends | masks->quote) >> 63;
    put_ends(ends, at, marks->ends + marks->n_ends, n);
    marks->n_ends += n;
    for (uint64_t left = newline; left; left &= left - 1)
        marks->rows[marks->n_rows++] = at + (uint32_t)__builtin_ctzll(left);
}

/* The last bytes of a block as 64: what stands after them is no mark. */
static const char *padded(const char *bytes, size_t len, char tail[64])
{
    memset(tail, 0, 64);
    memcpy(tail, bytes, len);
    return tail;
}

JB_INLINE static uint64_t mask_sse2(const __m128i part[4], char c)
{
    const __m128i what = _mm_set1_epi8(c);
    uint64_t mask = 0;

    for (unsigned i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part[i], what)) << (16 * i);
    return mask;
}

JB_INLINE static struct masks masks_sse2(const char *bytes)
{
    __m128i part[4];

    for (unsigned i = 0; i < 4; i++)
        part[i] = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
    return (struct masks){mask_sse2(part, '"'), mask_sse2(part, ','), mask_sse2(part, '\n')};
}

static uint64_t parity_by_shifts(uint64_t quote)
{
    for (unsigned by = 1; by < 64; by *= 2)
        quote ^= quote << by;
    return quote;
}

static struct bill_count count_sse2(const char *bytes, size_t len)
{
    struct bill_count count = {0};
    char tail[64];

    for (size_t at = 0; at < len; at += 64) {
        const struct masks masks =
            masks_sse2(len - at < 64 ? padded(bytes + at, len - at, tail) : bytes + at);
        count.n_quotes += (size_t)__builtin_popcountll(masks.quote);
        count.n_newlines += (size_t)__builtin_popcountll(masks.newline);
    }
    return count;
}

static void mark_sse2(const char *bytes, size_t len, struct bill_marks *marks)
{
    struct state state = {.may_open = 1};
    char tail[64];

    marks->n_ends = 0;
    marks->n_rows = 0;
    marks->has_stray_quote = false;
    for (size_t at = 0; at < len; at += 64) {
        const struct masks masks =
            masks_sse2(len - at < 64 ? padded(bytes + at, len - at, tail) : bytes + at);
        const uint64_t parity = parity_by_shifts(masks.quote) ^ state.inside;
        state.inside = 0 - (parity >> 63);
        put(marks, &state, &masks, parity, (uint32_t)at);
    }
}

JB_TARGET("avx2")
JB_INLINE static uint64_t mask_avx2(__m256i low, __m256i high, char c)
{
    const __m256i what = _mm256_set1_epi8(c);
    const uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, what));
    const uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, what));

    return a | ((uint64_t)b << 32);
}

JB_TARGET("avx2,popcnt")
static struct bill_count count_avx2(const char *bytes, size_t len)
{
    struct bill_count count = {0};
    char tail[64];

    for (size_t at = 0; at < len; at += 64) {
        const char *const from = len - at < 64 ? padded(bytes + at, len - at, tail) : bytes + at;
        const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)from);
        const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(from + 32));
        count.n_quotes += (size_t)__builtin_popcountll(mask_avx2(low, high, '"'));
        count.n_newlines += (size_t)__builtin_popcountll(mask_avx2(low, high, '\n'));
    }
    return count;
}

JB_TARGET("avx2,pclmul,popcnt,bmi")
static void mark_avx2(const char *bytes, size_t len, struct bill_marks *marks)
{
    struct state state = {.may_open = 1};
    char tail[64];

    marks->n_ends = 0;
    marks->n_rows = 0;
    marks->has_stray_quote = false;
    for (size_t at = 0; at < len; at += 64) {
        const char *const from = len - at < 64 ? padded(bytes + at, len - at, tail) : bytes + at;
        const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)from);
        const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(from + 32));
        const struct masks masks = {mask_avx2(low, high, '"'), mask_avx2(low, high, ','),
                                    mask_avx2(low, high, '\n')};
        /* Times all ones, carry-less: the running exclusive or of all bits below. */
        const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)masks.quote),
                                                     _mm_set1_epi8((char)-1), 0);
        const uint64_t parity = (uint64_t)_mm_cvtsi128_si64(product) ^ state.inside;
        state.inside = 0 - (parity >> 63);
        put(marks, &state, &masks, parity, (uint32_t)at);
    }
}

static bool has_sse2(void)
{
    return true;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi");
}

const struct bill_scanner jb_bill__scanners_x86[] = {
    {"sse2", has_sse2, count_sse2, mark_sse2},
    {"avx2", has_avx2, count_avx2, mark_avx2},
};
const size_t jb_bill__n_scanners_x86 = JB_ARRAY_LEN(jb_bill__scanners_x86);

#else

const struct bill_scanner jb_bill__scanners_x86[] = {{0}};
const size_t jb_bill__n_scanners_x86 = 0;

#endif
