/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same marks as bill_scan.c from 64 bytes at a time: masks of quotes, commas and newlines, what is inside quotes by a
 * running exclusive or (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019). SSE2 every x86-64 has; AVX2
 * with carry-less multiplication, and AVX-512 that presses numbers of bits together, are asked for. Empty on other machines. R-BILL-02.
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

/* Where the set bits are, 16 at a time: their numbers are pressed together as bytes and widened. */
JB_TARGET("avx512f,avx512bw,avx512vbmi2,popcnt")
JB_INLINE static unsigned put_ends_avx512(uint64_t mask, uint32_t at, uint32_t *out)
{
    static const uint8_t numbers[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const unsigned n = (unsigned)__builtin_popcountll(mask);
    const __m512i from = _mm512_set1_epi32((int)at);
    __m512i which = _mm512_maskz_compress_epi8(mask, _mm512_loadu_si512(numbers));

    for (unsigned done = 0; done < n; done += 16) {
        const __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(which));
        _mm512_storeu_si512(out + done, _mm512_add_epi32(wide, from));
        which = _mm512_alignr_epi32(which, which, 4);
    }
    return n;
}

JB_TARGET("avx512f,avx512bw,popcnt")
static struct bill_count count_avx512(const char *bytes, size_t len)
{
    const __m512i quote = _mm512_set1_epi8('"');
    const __m512i newline = _mm512_set1_epi8('\n');
    struct bill_count count = {0};

    for (size_t at = 0; at < len; at += 64) {
        const uint64_t there = len - at < 64 ? (UINT64_C(1) << (len - at)) - 1 : ~UINT64_C(0);
        const __m512i all = _mm512_maskz_loadu_epi8(there, bytes + at);
        count.n_quotes += (size_t)__builtin_popcountll(_mm512_cmpeq_epi8_mask(all, quote));
        count.n_newlines += (size_t)__builtin_popcountll(_mm512_cmpeq_epi8_mask(all, newline));
    }
    return count;
}

JB_TARGET("avx512f,avx512bw,avx512vbmi2,pclmul,popcnt,bmi")
static void mark_avx512(const char *bytes, size_t len, struct bill_marks *marks)
{
    const __m512i quote = _mm512_set1_epi8('"');
    const __m512i comma = _mm512_set1_epi8(',');
    const __m512i newline = _mm512_set1_epi8('\n');
    struct state state = {.may_open = 1};
    size_t n_ends = 0;
    size_t n_rows = 0;
    uint64_t stray = 0;

    for (size_t at = 0; at < len; at += 64) {
        const uint64_t there = len - at < 64 ? (UINT64_C(1) << (len - at)) - 1 : ~UINT64_C(0);
        const __m512i all = _mm512_maskz_loadu_epi8(there, bytes + at);
        const uint64_t quotes = _mm512_cmpeq_epi8_mask(all, quote);
        const __m128i product =
            _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)quotes), _mm_set1_epi8((char)-1), 0);
        const uint64_t parity = (uint64_t)_mm_cvtsi128_si64(product) ^ state.inside;
        const uint64_t newlines = _mm512_cmpeq_epi8_mask(all, newline) & ~parity;
        const uint64_t ends = (_mm512_cmpeq_epi8_mask(all, comma) & ~parity) | newlines;

        stray |= quotes & parity & ~(((ends | quotes) << 1) | state.may_open);
        state.inside = 0 - (parity >> 63);
        state.may_open = (ends | quotes) >> 63;
        n_ends += put_ends_avx512(ends, (uint32_t)at, marks->ends + n_ends);
        for (uint64_t left = newlines; left; left &= left - 1)
            marks->rows[n_rows++] = (uint32_t)at + (uint32_t)__builtin_ctzll(left);
    }
    marks->n_ends = n_ends;
    marks->n_rows = n_rows;
    marks->has_stray_quote = stray != 0;
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

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi2");
}

const struct bill_scanner jb_bill__scanners_x86[] = {
    {"sse2", has_sse2, count_sse2, mark_sse2},
    {"avx2", has_avx2, count_avx2, mark_avx2},
    {"avx512", has_avx512, count_avx512, mark_avx512},
};
const size_t jb_bill__n_scanners_x86 = JB_ARRAY_LEN(jb_bill__scanners_x86);

#else

const struct bill_scanner jb_bill__scanners_x86[] = {{0}};
const size_t jb_bill__n_scanners_x86 = 0;

#endif
