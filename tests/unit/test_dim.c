/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes with symbols (R-COUNT-03, R-COUNT-04): what formulas read as is derived by hand; what they are worth is computed a second
 * time with the symbols bound to numbers, where only integer arithmetic is at work.
 */
#include "base/buf.h"
#include "count/dim_int.h"
#include "tap.h"

static struct jb_dims *dims;

static struct jb_dim sym(const char *name)
{
    return jb_dim_symbol(dims, name, strlen(name));
}

static struct jb_dim num(int64_t n)
{
    return jb_dim_number(n);
}

static void reads(struct jb_dim dim, const char *want)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(1 << 16);
    jb_dim_print(dims, dim, &text);
    is_str(jb_buf_text(&text), want, "'%s'", want);
}

static void renew(void)
{
    jb_dims_free(dims);
    if (jb_dims_new(&dims, NULL))
        bail_out("no pool");
}

static void test_numbers(void)
{
    renew();
    reads(jb_dim_add(dims, num(2), num(3)), "5");
    reads(jb_dim_sub(dims, num(2), num(3)), "-1");
    reads(jb_dim_div_floor(dims, num(-7), num(2)), "-4");
    reads(jb_dim_div_floor(dims, num(7), num(-2)), "-4");
    reads(jb_dim_div_ceil(dims, num(7), num(2)), "4");
    reads(jb_dim_div_ceil(dims, num(-7), num(2)), "-3");
    reads(jb_dim_div_ceil(dims, num(7), num(-2)), "-3");
    reads(jb_dim_div_floor(dims, num(7), num(0)), "?");
    reads(jb_dim_min(dims, num(7), num(-1)), "-1");
    reads(jb_dim_max(dims, num(7), num(-1)), "7");
    ok(!jb_dims_has_overflowed(dims), "none of it is an overflow");
    ok(!dims->chunk && !dims->scratch, "and none of it touched the pool's memory");
    reads(jb_dim_mul(dims, num(INT64_MAX), num(2)), "?");
    ok(jb_dims_has_overflowed(dims), "an overflow is remembered");
    renew();
    reads(jb_dim_sub(dims, num(INT64_MIN), num(1)), "?");
    ok(jb_dims_has_overflowed(dims), "below zero too");
    renew();
    reads(jb_dim_div_floor(dims, num(INT64_MIN), num(-1)), "?");
    ok(jb_dims_has_overflowed(dims), "and the one quotient that does not fit");
    reads(jb_dim_add(dims, jb_dim_unknown(), num(1)), "?");
}

static void test_polynomials(void)
{
    renew();
    const struct jb_dim b = sym("batch"), s = sym("seq");
    const struct jb_dim bs = jb_dim_mul(dims, b, s);
    reads(jb_dim_add(dims, jb_dim_mul(dims, num(12), jb_dim_mul(dims, bs, s)),
                     jb_dim_mul(dims, bs, num(768))),
          "768*batch*seq + 12*batch*seq^2");
    reads(jb_dim_add(dims, num(1), s), "seq + 1");
    reads(jb_dim_sub(dims, num(1), s), "-seq + 1");
    reads(jb_dim_sub(dims, s, s), "0");
    /* (b + s)(b - s) = b^2 - s^2 */
    const struct jb_dim squares = jb_dim_mul(dims, jb_dim_add(dims, b, s), jb_dim_sub(dims, b, s));
    reads(squares, "batch^2 - seq^2");
    reads(jb_dim_div_floor(dims, squares, jb_dim_add(dims, b, s)), "batch - seq");
    reads(jb_dim_mul(dims, num(0), s), "0");
    ok(jb_dim_equal(jb_dim_mul(dims, s, b), bs), "the order of factors does not matter");
    ok(!jb_dim_equal(b, s), "two symbols are not the same");
    ok(!jb_dim_equal(jb_dim_unknown(), jb_dim_unknown()), "nobody knows whether unknowns are");
    reads(jb_dim_mul(dims, jb_dim_unknown(), s), "?");
    reads(jb_dim_mul(dims, jb_dim_mul(dims, num(INT64_MAX), s), num(2)), "?");
    ok(jb_dims_has_overflowed(dims), "a coefficient beyond 64 bits is an overflow");
    is_i64((int64_t)jb_dims_n_open(dims), 2, "two symbols are open");
    is_str(jb_dims_open_at(dims, 0), "batch", "the first one met");
    is_str(jb_dims_open_at(dims, 1), "seq", "the second");
    ok(jb_dims_open_at(dims, 2) == NULL, "and no third");
}

static void test_floors(void)
{
    renew();
    const struct jb_dim h = sym("h"), w = sym("w");
    reads(jb_dim_div_floor(dims, jb_dim_mul(dims, num(6), h), num(3)), "2*h");
    reads(jb_dim_div_floor(dims, jb_dim_mul(dims, h, w), h), "w");
    /* 7h/3 = 2h + h/3 */
    reads(jb_dim_div_floor(dims, jb_dim_mul(dims, num(7), h), num(3)), "2*h + floor(h/3)");
    /* 4h/6 = 2h/3; (4h + 3)/6: 2h + 1.5 -> (2h + 1)/3 */
    reads(jb_dim_div_floor(dims, jb_dim_mul(dims, num(4), h), num(6)), "floor(2*h/3)");
    reads(jb_dim_div_floor(dims, jb_dim_add(dims, jb_dim_mul(dims, num(4), h), num(3)), num(6)),
          "floor((2*h + 1)/3)");
    /* A convolution of stride 2, kernel 3, padding 1: floor((h - 1)/2) + 1 = floor((h + 1)/2); again: floor((h + 3)/4). */
    struct jb_dim size = h;
    size = jb_dim_add(dims, jb_dim_div_floor(dims, jb_dim_sub(dims, size, num(1)), num(2)), num(1));
    reads(size, "floor((h + 1)/2)");
    size = jb_dim_add(dims, jb_dim_div_floor(dims, jb_dim_sub(dims, size, num(1)), num(2)), num(1));
    reads(size, "floor((h + 3)/4)");
    reads(jb_dim_div_ceil(dims, h, num(4)), "floor((h + 3)/4)");
    reads(jb_dim_div_floor(dims, h, num(-4)), "-h + floor(3*h/4)");
    reads(jb_dim_div_floor(dims, h, w), "floor(h/(w))");
    reads(jb_dim_div_ceil(dims, jb_dim_mul(dims, h, w), w), "h");
    reads(jb_dim_div_floor(dims, num(0), w), "0");
    reads(jb_dim_div_floor(dims, h, num(0)), "?");
    is_i64((int64_t)jb_dims_n_open(dims), 2, "floors are not sizes that one could bind");
    ok(!jb_dims_has_overflowed(dims), "and no overflow");
}

static void test_extremes(void)
{
    renew();
    const struct jb_dim h = sym("h"), w = sym("w");
    reads(jb_dim_min(dims, h, jb_dim_add(dims, h, num(3))), "h");
    reads(jb_dim_max(dims, h, jb_dim_sub(dims, h, num(3))), "h");
    reads(jb_dim_max(dims, num(0), h), "h"); /* no size is negative */
    reads(jb_dim_min(dims, h, num(0)), "0");
    reads(jb_dim_min(dims, num(5), h), "min(h, 5)");
    ok(jb_dim_equal(jb_dim_min(dims, num(5), h), jb_dim_min(dims, h, num(5))), "either way round");
    ok(jb_dim_equal(jb_dim_max(dims, w, h), jb_dim_max(dims, h, w)), "of two symbols too");
    reads(jb_dim_max(dims, jb_dim_sub(dims, h, num(3)), num(0)), "max(h - 3, 0)");
    reads(jb_dim_max(dims, jb_dim_sub(dims, h, num(3)), jb_dim_unknown()), "?");
}

static void test_broadcast(void)
{
    renew();
    const struct jb_dim h = sym("h"), w = sym("w");
    reads(jb_dim_broadcast(dims, num(1), h), "h");
    reads(jb_dim_broadcast(dims, h, num(1)), "h");
    reads(jb_dim_broadcast(dims, h, num(8)), "8");
    reads(jb_dim_broadcast(dims, num(8), h), "8");
    reads(jb_dim_broadcast(dims, num(8), num(8)), "8");
    reads(jb_dim_broadcast(dims, num(8), num(7)), "?");
    reads(jb_dim_broadcast(dims, h, w), "h");
    reads(jb_dim_broadcast(dims, num(0), num(1)), "0");
    reads(jb_dim_broadcast(dims, jb_dim_unknown(), num(8)), "8");
    reads(jb_dim_broadcast(dims, jb_dim_unknown(), num(1)), "?");
    reads(jb_dim_broadcast(dims, jb_dim_unknown(), h), "?");
}

static void test_bindings(void)
{
    struct jb_error err;
    renew();
    is_i64(jb_dims_bind(dims, "batch", 5, 32, &err), JB_OK, "a size is bound");
    is_i64(jb_dims_bind(dims, "batch", 5, 32, &err), JB_E_INPUT, "but not twice");
    is_i64(jb_dims_bind(dims, "seq", 3, -1, &err), JB_E_INPUT, "nor below zero");
    is_i64(jb_dims_bind(dims, "sqe", 3, 128, &err), JB_OK, "a name that is never met can be bound");
    reads(jb_dim_mul(dims, sym("batch"), sym("seq")), "32*seq");
    is_str(jb_dims_unused_binding(dims), "sqe", "and is told afterwards");
    is_i64((int64_t)jb_dims_n_open(dims), 1, "one symbol is open");
    is_i64(jb_dims_bind(dims, "seq", 3, 1, &err), JB_E_INTERNAL,
           "what was used is not bound any more");
}

static void test_names(void)
{
    renew();
    reads(jb_dim_mul(dims, sym("a b"), num(2)), "2*'a b'");
    reads(sym("a-1"), "'a-1'");
    reads(sym("input.0"), "input.0");
    reads(sym("x\033[2J"), "'x?[2J#3'");
    reads(jb_dim_symbol(dims, NULL, 0), "''");
    is_str(jb_dims_open_at(dims, 0), "'a b'", "open names are printable");
    /* What a file calls "floor(h/2)" is not our floor of h. */
    const struct jb_dim composed = jb_dim_div_floor(dims, sym("h"), num(2));
    ok(!jb_dim_equal(composed, sym("floor(h/2)")), "a name is no formula");
}

static void test_ceilings(void)
{
    renew();
    struct jb_dim sum = num(0), product = num(1);
    char name[16];
    for (int i = 0; i < JB_POLY_TERMS_MAX; i++) {
        (void)snprintf(name, sizeof name, "s%d", i);
        sum = jb_dim_add(dims, sum, sym(name));
    }
    ok(sum.kind == JB_DIM_POLY && !jb_dims_has_overflowed(dims), "512 terms are a size");
    reads(jb_dim_add(dims, sum, num(1)), "?");
    ok(jb_dims_has_overflowed(dims), "513 are none, and that is remembered");
    renew();
    for (int i = 0; i < JB_POLY_DEGREE_MAX; i++)
        product = jb_dim_mul(dims, product, sym("s"));
    reads(product, "s^64");
    reads(jb_dim_mul(dims, product, sym("s")), "?");
    renew();
    /* A floor of squares of floors: the text doubles at each step. */
    struct jb_dim deep = sym("h");
    for (int i = 0; i < 100 && deep.kind == JB_DIM_POLY; i++)
        deep = jb_dim_div_floor(dims, jb_dim_add(dims, jb_dim_mul(dims, deep, deep), sym("h")),
                                num(3));
    ok(deep.kind == JB_DIM_UNKNOWN && jb_dims_has_overflowed(dims), "no formula grows for ever");
    renew();
    for (int i = 0; i < JB_DIM_SYMBOLS_MAX; i++) {
        (void)snprintf(name, sizeof name, "s%d", i);
        (void)sym(name);
    }
    ok(!jb_dims_has_overflowed(dims), "16,384 symbols are kept");
    reads(sym("one more"), "?");
    is_i64((int64_t)jb_dims_n_open(dims), JB_DIM_SYMBOLS_MAX, "and are open");
}

/* --- the same expression with symbols and with numbers -------------------------------------------------------------- */

enum { N_SYMBOLS = 4, N_STEPS = 12, N_CASES = 4000 };
static uint64_t state = 88172645463325252U;

static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static int64_t worth(struct jb_dim dim, const int64_t *values);

/* A symbol's value from its text: s0.. are given, compositions are read from what they were made of. */
static int64_t worth_of_symbol(const struct jb_symbol *symbol, const int64_t *values)
{
    if (!symbol->is_composed)
        return values[symbol->name[1] - '0'];
    if (symbol->divisor == 0)
        bail_out("'%s' was not to be drawn", symbol->name);
    const int64_t over =
        worth((struct jb_dim){.kind = JB_DIM_POLY, .poly = symbol->numerator}, values);
    return over / symbol->divisor - (over % symbol->divisor < 0);
}

static int64_t worth(struct jb_dim dim, const int64_t *values)
{
    int64_t sum = 0;
    if (dim.kind == JB_DIM_NUMBER)
        return dim.n;
    for (uint32_t i = 0; i < dim.poly->n; i++) {
        int64_t product = dim.poly->terms[i].coefficient;
        for (uint32_t f = 0; f < dim.poly->terms[i].mono->n; f++) {
            const struct jb_factor factor = dim.poly->terms[i].mono->factors[f];
            for (uint32_t p = 0; p < factor.power; p++)
                product *= worth_of_symbol(dims->symbols[factor.symbol], values);
        }
        sum += product;
    }
    return sum;
}

/* Draws an expression over symbols and, step by step, over numbers; false: it grew too large for 64 bits. */
static bool agrees(const int64_t *values)
{
    struct jb_dim at[N_SYMBOLS + N_STEPS];
    int64_t want[N_SYMBOLS + N_STEPS];
    for (int i = 0; i < N_SYMBOLS; i++) {
        const char name[] = {'s', (char)('0' + i), '\0'};
        at[i] = sym(name);
        want[i] = values[i];
    }
    for (int i = N_SYMBOLS; i < N_SYMBOLS + N_STEPS; i++) {
        const size_t a = draw((uint64_t)i), b = draw((uint64_t)i);
        const int64_t by = (int64_t)draw(9) + 1;
        switch (draw(7)) {
        case 0:
            at[i] = jb_dim_add(dims, at[a], at[b]);
            want[i] = want[a] + want[b];
            break;
        case 1:
            at[i] = jb_dim_sub(dims, at[a], at[b]);
            want[i] = want[a] - want[b];
            break;
        case 2:
            at[i] = jb_dim_mul(dims, at[a], at[b]);
            want[i] = want[a] * want[b];
            break;
        case 3:
            at[i] = jb_dim_add(dims, at[a], num(by));
            want[i] = want[a] + by;
            break;
        case 4:
            at[i] = jb_dim_div_floor(dims, at[a], num(by));
            want[i] = want[a] / by - (want[a] % by < 0);
            break;
        case 5:
            at[i] = jb_dim_div_ceil(dims, at[a], num(by));
            want[i] = want[a] / by + (want[a] % by > 0);
            break;
        default:
            at[i] = jb_dim_mul(dims, at[a], num(by - 5));
            want[i] = want[a] * (by - 5);
            break;
        }
        if (want[i] > 1000000000 || want[i] < -1000000000)
            return true; /* the next product might not fit */
        if (at[i].kind == JB_DIM_UNKNOWN) {
            diag("step %d is unknown", i);
            return false;
        }
        if (worth(at[i], values) != want[i]) {
            diag("step %d: got %" PRId64 ", want %" PRId64, i, worth(at[i], values), want[i]);
            return false;
        }
    }
    return true;
}

static void test_random(void)
{
    int n_wrong = 0, n_unknown = 0;
    for (int i = 0; i < N_CASES && n_wrong == 0; i++) {
        int64_t values[N_SYMBOLS];
        renew();
        for (int s = 0; s < N_SYMBOLS; s++)
            values[s] = (int64_t)draw(20);
        n_wrong += !agrees(values);
        n_unknown += jb_dims_has_overflowed(dims);
    }
    is_i64(n_wrong, 0, "4,000 drawn expressions are worth what integers say");
    is_i64(n_unknown, 0, "and none of them overflowed");
}

/* What a file may ask of formulas is bounded: then they are not known, and plain numbers go on. */
static void test_work(void)
{
    renew();
    struct jb_dim left = num(1), right = num(1);
    char name[8];
    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof name, "a%d", i);
        left = jb_dim_add(dims, left, sym(name));
        (void)snprintf(name, sizeof name, "b%d", i);
        right = jb_dim_add(dims, right, sym(name));
    }
    const struct jb_dim product = jb_dim_mul(dims, left, right); /* 21 x 21 terms */
    int n_products = 0, n_sums = 0;
    struct jb_dim_sum sum = {0};
    while (n_sums < 10000 && dims->n_work < JB_DIMS_WORK_MAX / 2 && ++n_sums)
        jb_dim_sum_add(dims, &sum, product);
    ok(n_sums > 1000 && n_sums < 10000, "a formula of 441 terms is added %d times", n_sums);
    ok(jb_dim_sum_end(dims, &sum).kind == JB_DIM_POLY, "and the sum is known");
    while (n_products < 100000 && jb_dim_equal(jb_dim_mul(dims, left, right), product))
        n_products++;
    ok(n_products > 10000 && n_products < 100000, "and multiplied out %d times", n_products);
    ok(jb_dims_has_overflowed(dims), "then it is remembered that something is missing");
    reads(jb_dim_mul(dims, num(6), num(7)), "42");
    jb_dim_sum_add(dims, &sum, product);
    jb_dim_sum_add(dims, &sum, product);
    jb_dim_sum_add(dims, &sum, product);
    reads(jb_dim_sum_end(dims, &sum), "?");
}

int main(void)
{
    test_work();
    test_numbers();
    test_polynomials();
    test_floors();
    test_extremes();
    test_broadcast();
    test_bindings();
    test_names();
    test_ceilings();
    test_random();
    jb_dims_free(dims);
    return done_testing();
}
