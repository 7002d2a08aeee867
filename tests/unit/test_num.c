/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R-NUM-01, R-NUM-02, R-NUM-03. Expected values by hand; the properties of random splits are checked from their
 * definition, in products of 128 bits, without the code under test.
 */
#include "base/num.h"
#include "tap.h"

typedef __int128 i128;

enum { N_RANDOM_SPLITS = 1000000 };

/* splitmix64: the same numbers on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Every magnitude is as likely as any other: small numbers find ties, large ones find overflows. */
static int64_t random_size(uint64_t *state)
{
    return (int64_t)(next_random(state) >> (1 + next_random(state) % 63));
}

static int64_t random_i64(uint64_t *state)
{
    const int64_t size = random_size(state);

    return next_random(state) & 1 ? -size : size;
}

static void checked(void)
{
    int64_t got = 77;

    ok(jb_add_i64(INT64_MAX - 1, 1, &got) == JB_OK && got == INT64_MAX,
       "a sum at the end of the scale fits");
    is_i64(jb_add_i64(INT64_MAX, 1, &got), JB_E_RANGE, "one more does not");
    is_i64(got, INT64_MAX, "and leaves the output alone");
    is_i64(jb_add_i64(INT64_MIN, -1, &got), JB_E_RANGE, "a sum below the scale does not fit");
    ok(jb_sub_i64(INT64_MIN + 1, 1, &got) == JB_OK && got == INT64_MIN,
       "a difference at the end of the scale fits");
    is_i64(jb_sub_i64(0, INT64_MIN, &got), JB_E_RANGE, "the negative of the least number does not");
    ok(jb_mul_i64(-3037000499, 3037000499, &got) == JB_OK && got == INT64_C(-9223372030926249001),
       "a large product fits");
    is_i64(jb_mul_i64(3037000500, 3037000500, &got), JB_E_RANGE, "a larger one does not");
    is_i64(jb_mul_i64(INT64_MIN, -1, &got), JB_E_RANGE, "nor does the least number times -1");

    is_i64(jb_add_sat_i64(INT64_MAX, 5), INT64_MAX, "a saturating sum stays at the upper end");
    is_i64(jb_add_sat_i64(INT64_MIN, -5), INT64_MIN, "and at the lower");
    is_i64(jb_add_sat_i64(-5, 3), -2, "and is a sum between them");
}

static void is_muldiv(int64_t a, int64_t num, int64_t den, int64_t floor, int64_t ceil,
                      int64_t nearest)
{
    int64_t got = 0;

    ok(jb_muldiv_i64(a, num, den, JB_ROUND_FLOOR, &got) == JB_OK && got == floor,
       "%" PRId64 " x %" PRId64 " / %" PRId64 " down is %" PRId64, a, num, den, floor);
    ok(jb_muldiv_i64(a, num, den, JB_ROUND_CEIL, &got) == JB_OK && got == ceil, "up is %" PRId64,
       ceil);
    ok(jb_muldiv_i64(a, num, den, JB_ROUND_NEAREST, &got) == JB_OK && got == nearest,
       "to nearest is %" PRId64, nearest);
}

static void muldiv(void)
{
    int64_t got = 77;

    is_muldiv(7, 1, 2, 3, 4, 4);
    is_muldiv(-7, 1, 2, -4, -3, -4);
    is_muldiv(7, -1, 3, -3, -2, -2);
    is_muldiv(8, 1, 3, 2, 3, 3);
    is_muldiv(6, 1, 3, 2, 2, 2);
    is_muldiv(-6, 1, 3, -2, -2, -2);
    is_muldiv(0, -5, 3, 0, 0, 0);
    is_muldiv(INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
    is_muldiv(INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, INT64_MIN);
    is_muldiv(1, INT64_MAX - 1, INT64_MAX, 0, 1, 1);
    is_i64(jb_muldiv_i64(INT64_MAX, 2, 1, JB_ROUND_FLOOR, &got), JB_E_RANGE,
           "a result past the scale is refused");
    is_i64(jb_muldiv_i64(INT64_MIN, -1, 1, JB_ROUND_FLOOR, &got), JB_E_RANGE, "on either side");
    is_i64(jb_muldiv_i64(5, 5, 0, JB_ROUND_FLOOR, &got), JB_E_RANGE,
           "a denominator of 0 is refused");
    is_i64(jb_muldiv_i64(5, 5, -1, JB_ROUND_FLOOR, &got), JB_E_RANGE, "and a negative one");
    is_i64(got, 77, "what is refused leaves the output alone");

    ok(jb_muldiv_u64(UINT64_MAX, 1, 4, JB_ROUND_FLOOR, &got) == JB_OK &&
           got == INT64_C(4611686018427387903),
       "a count of 64 bits is taken whole, rounded down");
    ok(jb_muldiv_u64(UINT64_MAX, 1, 4, JB_ROUND_CEIL, &got) == JB_OK &&
           got == INT64_C(4611686018427387904),
       "up");
    ok(jb_muldiv_u64(9, 1, 4, JB_ROUND_NEAREST, &got) == JB_OK && got == 2,
       "to nearest below the half");
    ok(jb_muldiv_u64(10, 1, 4, JB_ROUND_NEAREST, &got) == JB_OK && got == 3,
       "to nearest at the half");
    ok(jb_muldiv_u64(UINT64_MAX, UINT64_MAX / 2, UINT64_MAX, JB_ROUND_NEAREST, &got) == JB_OK &&
           got == INT64_MAX,
       "a denominator of 64 bits");
    is_i64(jb_muldiv_u64(UINT64_MAX, 1, 1, JB_ROUND_FLOOR, &got), JB_E_RANGE,
           "a count past int64 is refused");
    is_i64(jb_muldiv_u64(1, 1, 0, JB_ROUND_FLOOR, &got), JB_E_RANGE,
           "a denominator of 0 is refused");

    /* RAPL's unit of 2^-16 J: 65536 counts are 1 J. */
    ok(jb_muldiv_u64(65536, 1000000, 65536, JB_ROUND_FLOOR, &got) == JB_OK && got == 1000000,
       "65536 counts of 2^-16 J are 1 J");
    is_i64(jb_muldiv_sat_i64(INT64_MAX, 3, 2, JB_ROUND_CEIL), INT64_MAX,
           "the saturating form ends at the upper end");
    is_i64(jb_muldiv_sat_i64(INT64_MAX, -3, 2, JB_ROUND_CEIL), INT64_MIN, "or at the lower");
    is_i64(jb_muldiv_sat_i64(7, 1, 2, JB_ROUND_CEIL), 4, "and is exact between them");
}

/* floor(x) is the one q with q <= x < q + 1, and so on: no division is needed to check one. */
static void muldiv_properties(void)
{
    uint64_t random = 1;
    bool held = true;

    for (int i = 0; i < 200000; i++) {
        const int64_t a = random_i64(&random);
        const int64_t num = random_i64(&random);
        const int64_t den = random_size(&random) / 2 + 1;
        const i128 product = (i128)a * num;
        int64_t q;
        if (jb_muldiv_i64(a, num, den, JB_ROUND_FLOOR, &q) == JB_OK)
            held = held && (i128)q * den <= product && product - (i128)q * den < den;
        else
            held =
                held && (product >= ((i128)INT64_MAX + 1) * den || product < (i128)INT64_MIN * den);
        if (jb_muldiv_i64(a, num, den, JB_ROUND_CEIL, &q) == JB_OK)
            held = held && (i128)q * den >= product && (i128)q * den - product < den;
        if (jb_muldiv_i64(a, num, den, JB_ROUND_NEAREST, &q) == JB_OK) {
            const i128 off = product - (i128)q * den;
            held = held && 2 * (off < 0 ? -off : off) <= den;
        }
    }
    ok(held, "200000 random quotients lie where their rounding says");
}

static void hypot_of_half_widths(void)
{
    uint64_t random = 2;
    bool held = true;

    is_i64(jb_hypot_i64(3, 4), 5, "3 and 4 in quadrature are 5");
    is_i64(jb_hypot_i64(0, 0), 0, "nothing and nothing are nothing");
    is_i64(jb_hypot_i64(1, 1), 2, "1 and 1 are rounded outward to 2");
    is_i64(jb_hypot_i64(0, INT64_MAX), INT64_MAX, "the end of the scale and nothing are that end");
    is_i64(jb_hypot_i64(INT64_MAX, INT64_MAX), INT64_MAX, "past it they saturate");
    is_i64(jb_hypot_i64(3000000000000000000, 4000000000000000000), 5000000000000000000,
           "large half-widths are exact where a double is not");
    is_i64(jb_hypot_i64(3000000000000000001, 4000000000000000000), 5000000000000000001,
           "and round outward to the next whole number");
    for (int i = 0; i < 50000; i++) {
        const int64_t a = random_size(&random) / 2;
        const int64_t b = random_size(&random) / 2;
        const i128 sum = (i128)a * a + (i128)b * b;
        const i128 root = jb_hypot_i64(a, b);
        held = held && root * root >= sum && (root == 0 || (root - 1) * (root - 1) < sum);
    }
    ok(held, "50000 random roots are the least whole numbers not below the true ones");
}

static void is_split(int64_t total, const int64_t *weights, size_t n, const int64_t *want,
                     const char *promise)
{
    int64_t got[8] = {0};
    bool same = jb_split_i64(total, weights, n, got) == JB_OK;

    for (size_t i = 0; i < n; i++)
        same = same && got[i] == want[i];
    if (!ok(same, "%s", promise)) {
        for (size_t i = 0; i < n; i++)
            diag("share %zu: got %" PRId64 " want %" PRId64, i, got[i], want[i]);
    }
}

#define W(...) ((const int64_t[]){__VA_ARGS__})

static void splits_by_hand(void)
{
    int64_t shares[3] = {7, 8, 9};

    is_split(10, W(1, 1, 1), 3, W(4, 3, 3), "a tie goes to the lower index");
    is_split(11, W(1, 1, 1), 3, W(4, 4, 3), "and two units to the two lowest");
    is_split(10, W(1, 2, 3), 3, W(2, 3, 5),
             "10 by 1:2:3: 1.67, 3.33, 5 give the unit to the first");
    is_split(100, W(3, 3, 1), 3, W(43, 43, 14), "100 by 3:3:1: 42.86, 42.86, 14.29");
    is_split(100, W(1, 3, 3), 3, W(14, 43, 43), "the order of the weights decides only ties");
    is_split(7, W(0, 5, 0), 3, W(0, 7, 0), "a weight of 0 gets nothing");
    is_split(1, W(0, 0, 1), 3, W(0, 0, 1), "not even the odd unit");
    is_split(0, W(4, 5), 2, W(0, 0), "nothing is divided into nothing");
    is_split(5, W(9), 1, W(5), "a single share is the whole");
    is_split(-10, W(1, 1, 1), 3, W(-3, -3, -4),
             "-10 in three: floors of -4, and two units back to the lowest");
    is_split(-10, W(1, 2, 3), 3, W(-2, -3, -5),
             "-10 by 1:2:3: floors -2, -4, -5, the unit to the larger rest");
    is_split(INT64_MAX, W(INT64_MAX, INT64_MAX), 2, W(4611686018427387904, 4611686018427387903),
             "weights whose sum passes int64 are taken");
    is_split(INT64_MIN, W(1, 1), 2, W(-4611686018427387904, -4611686018427387904),
             "the least total is divided");
    is_split(3, W(INT64_MAX, 1, INT64_MAX), 3, W(2, 0, 1), "1.5 each beside next to nothing");

    is_i64(jb_split_i64(5, W(0, 0, 0), 3, shares), JB_E_RANGE, "all weights 0 is refused");
    is_i64(jb_split_i64(5, W(3, -1, 3), 3, shares), JB_E_RANGE, "a negative weight is refused");
    is_i64(jb_split_i64(5, NULL, 0, shares), JB_E_RANGE, "something among nobody is refused");
    is_i64(jb_split_i64(0, NULL, 0, shares), JB_OK, "nothing among nobody is done");
    ok(shares[0] == 7 && shares[1] == 8 && shares[2] == 9,
       "what is refused leaves the output alone");
}

/*
 * From the definition: the shares sum to the total; the difference of each from its exact proportion is less than
 * one unit; and whoever was rounded up had a larger remainder than whoever was not, or the same and a lower index.
 */
static bool split_is_right(int64_t total, const int64_t *weights, size_t n, const int64_t *shares)
{
    i128 weight_sum = 0;
    i128 sum = 0;
    i128 least_up = -1;
    i128 most_down = -1;
    size_t least_up_at = 0;
    size_t most_down_at = 0;

    for (size_t i = 0; i < n; i++) {
        weight_sum += weights[i];
        sum += shares[i];
    }
    if (sum != total)
        return false;
    for (size_t i = 0; i < n; i++) {
        i128 given;
        if (__builtin_mul_overflow((i128)shares[i], weight_sum, &given))
            return false;
        const i128 off = (i128)total * weights[i] - given; /* in units of 1 / weight_sum */
        if (off >= weight_sum || off <= -weight_sum)
            return false;
        if (off < 0) { /* rounded up: its remainder before the unit was off + weight_sum */
            if (least_up < 0 || off + weight_sum <= least_up) {
                least_up = off + weight_sum;
                least_up_at = i;
            }
        } else if (off > most_down) {
            most_down = off;
            most_down_at = i;
        }
    }
    if (least_up < 0 || most_down < 0)
        return true;
    return least_up > most_down || (least_up == most_down && least_up_at < most_down_at);
}

static void random_splits(void)
{
    uint64_t random = 3;
    int64_t weights[24];
    int64_t shares[24];
    int n_wrong = 0;
    int n_done = 0;
    int n_wide = 0;

    while (n_done < N_RANDOM_SPLITS) {
        const size_t n = 1 + next_random(&random) % (n_done % 16 == 0 ? 24 : 6);
        const uint64_t style = next_random(&random) % 4;
        i128 weight_sum = 0;
        for (size_t i = 0; i < n; i++) {
            if (style == 0)
                weights[i] = (int64_t)(next_random(&random) % 4); /* many ties and zeros */
            else if (style == 1)
                weights[i] = INT64_MAX - (int64_t)(next_random(&random) % 3);
            else
                weights[i] = random_size(&random);
            weight_sum += weights[i];
        }
        if (weight_sum == 0)
            continue;
        n_wide += weight_sum > INT64_MAX;
        const int64_t total = random_i64(&random);
        if (jb_split_i64(total, weights, n, shares) != JB_OK ||
            !split_is_right(total, weights, n, shares)) {
            if (n_wrong++ == 0)
                diag("first wrong: split %d of total %" PRId64 " into %zu", n_done, total, n);
        }
        n_done++;
    }
    is_i64(n_wrong, 0,
           "a million random splits sum exactly, each within one unit, by largest remainder");
    ok(n_wide > 100000, "of them very many with a weight sum past int64");
}

static void large_splits(void)
{
    static int64_t weights[JB_SPLIT_MAX + 1];
    static int64_t shares[JB_SPLIT_MAX + 1];
    static const size_t sizes[] = {63, 64, 65, 1000, JB_SPLIT_MAX};
    uint64_t random = 4;
    bool held = true;

    for (int round = 0; round < 40; round++) {
        const size_t n = sizes[(size_t)round % (sizeof sizes / sizeof sizes[0])];
        for (size_t i = 0; i < n; i++)
            weights[i] =
                round % 2 ? INT64_MAX - (int64_t)(next_random(&random) % 9) : random_size(&random);
        weights[0] |= 1;
        const int64_t total = round % 3 ? random_i64(&random) : INT64_MIN;
        held = held && jb_split_i64(total, weights, n, shares) == JB_OK &&
               split_is_right(total, weights, n, shares);
    }
    ok(held, "splits among up to JB_SPLIT_MAX are right as well");
    is_i64(jb_split_i64(1, weights, JB_SPLIT_MAX + 1, shares), JB_E_RANGE,
           "one more than JB_SPLIT_MAX is refused");
}

int main(void)
{
    checked();
    muldiv();
    muldiv_properties();
    hypot_of_half_widths();
    splits_by_hand();
    random_splits();
    large_splits();
    return done_testing();
}
