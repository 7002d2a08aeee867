/* SPDX-License-Identifier: Apache-2.0 */
/* calibrate/epc: machines of a known energy per cycle, their runs with known noise; and what is refused. */
#include <math.h>

#include "base/error.h"
#include "calibrate/epc.h"
#include "tap.h"

#define N 20

static uint64_t next(uint64_t *state)
{
    /* splitmix64 */
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double uniform(uint64_t *state)
{
    return ((double)(next(state) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(uint64_t *state)
{
    return sqrt(-2 * log(uniform(state))) * cos(6.283185307179586 * uniform(state));
}

/* Quantiles (i + 1/2) / 20 of the normal law, by its table: their mean is zero, their law is the normal one. */
static const double quantiles[N] = {-1.9600, -1.4395, -1.1503, -0.9346, -0.7554, -0.5978, -0.4538,
                                    -0.3186, -0.1891, -0.0627, 0.0627,  0.1891,  0.3186,  0.4538,
                                    0.5978,  0.7554,  0.9346,  1.1503,  1.4395,  1.9600};

static void has(const char *text, const char *words, const char *name)
{
    if (!ok(strstr(text, words) != NULL, "%s", name))
        diag("got '%s'", text);
}

/* Runs of 10^11 to 10^13 cycles at `epc` nJ, the counted cycles off by sd x noise. */
static void make(struct jb_epc_point *points, double epc_nj, double sd, const double *noise,
                 uint64_t *seed)
{
    for (size_t i = 0; i < N; i++) {
        const double cycles = 1e11 * pow(100, uniform(seed));
        points[i] = (struct jb_epc_point){.cycles = llround(cycles * (1 + sd * noise[i])),
                                          .energy_uj = llround(cycles * epc_nj / 1000)};
    }
}

static void test_exact(void)
{
    struct jb_epc_point points[N];
    struct jb_epc_fit fit;
    struct jb_error err;

    for (int i = 0; i < 5; i++) /* 1.25 nJ: 8 x 10^11 cycles are 1 kJ */
        points[i] = (struct jb_epc_point){.cycles = INT64_C(800000000000) * (i + 1),
                                          .energy_uj = INT64_C(1000000000) * (i + 1)};
    is_i64(jb_epc_fit(points, 5, &fit, &err), JB_OK, "five runs are enough");
    is_i64(fit.best_fj, 1250000, "without noise the energy per cycle is exact: 1.25 nJ");
    ok(fit.low_fj >= 1249999 && fit.high_fj <= 1250001, "with no band to speak of");
    is_i64(fit.n_points, 5, "of five");
    for (int i = 0; i < 5; i++)
        points[i].half_uj = points[i].energy_uj / 10;
    is_i64(jb_epc_fit(points, 5, &fit, &err), JB_OK, "meters with a doubt of 10 %%");
    /* exp(0.1) and exp(-0.1) of 1.25 nJ */
    ok(llabs(fit.high_fj - 1381464) < 20 && llabs(fit.low_fj - 1131046) < 20,
       "give no less a doubt: 1.131 .. 1.381 nJ");
}

static void test_recovered(void)
{
    static const double sds[] = {0.01, 0.02, 0.05};
    uint64_t seed = 20261123;
    double worst = 0;

    for (int machine = 0; machine < 300; machine++) {
        const double epc_nj = 0.2 + 4 * uniform(&seed), sd = sds[machine % 3];
        struct jb_epc_point points[N];
        struct jb_epc_fit fit;
        double noise[N];
        memcpy(noise, quantiles, sizeof noise);
        for (size_t i = N; i-- > 1;) { /* in any order */
            const size_t j = (size_t)(next(&seed) % (i + 1));
            const double held = noise[i];
            noise[i] = noise[j];
            noise[j] = held;
        }
        make(points, epc_nj, sd, noise, &seed);
        if (jb_epc_fit(points, N, &fit, NULL) < 0) {
            ok(false, "machine %d is fitted", machine);
            return;
        }
        const double off = fabs((double)fit.best_fj / 1e6 / epc_nj - 1);
        worst = off > worst ? off : worst;
    }
    diag("worst of 300 machines: %.3f %%", worst * 100);
    ok(worst < 0.01, "R-CYCLES-07: from 20 runs with normal noise of 1, 2 and 5 %% the energy per "
                     "cycle is recovered within 1 %%");
}

/* Noise by chance, so the mean of 20 is itself off by sd / sqrt(20): the intervals must say so. */
static void test_bands(void)
{
    uint64_t seed = 7;
    int n_mean = 0, n_next = 0, n_near = 0;
    const int n = 2000;

    for (int machine = 0; machine < n; machine++) {
        const double epc_nj = 1.1, sd = 0.05;
        struct jb_epc_point points[N];
        struct jb_epc_fit fit;
        double noise[N];
        for (size_t i = 0; i < N; i++)
            noise[i] = normal(&seed);
        make(points, epc_nj, sd, noise, &seed);
        if (jb_epc_fit(points, N, &fit, NULL) < 0)
            continue;
        const double off = (double)fit.best_fj / 1e6 / epc_nj - 1;
        n_near += fabs(off) < 0.01;
        n_mean += fabs(off) * 1e6 <= (double)fit.mean_half_ppm;
        const double one = epc_nj / (1 + sd * normal(&seed)) * 1e6;
        n_next += one >= (double)fit.low_fj && one <= (double)fit.high_fj;
    }
    diag("5 %% by chance: within 1 %% %d of %d, inside the mean's interval %d, next run inside %d",
         n_near, n, n_mean, n_next);
    ok(n_mean > n * 0.87 && n_mean < n * 0.93, "the 90 %% interval of the mean holds it in 90 %%");
    ok(n_next > n * 0.87 && n_next < n * 0.93, "and that of one more run holds the run in 90 %%");
}

static void test_robust(void)
{
    struct jb_epc_point points[N];
    struct jb_epc_fit fit;
    struct jb_error err;
    uint64_t seed = 3;

    make(points, 2.0, 0.02, quantiles, &seed);
    points[4].energy_uj *= 3; /* another program had the machine */
    points[11].cycles *= 2;
    is_i64(jb_epc_fit(points, N, &fit, &err), JB_OK, "two wrong runs of twenty");
    is_i64(fit.n_left_out, 2, "are left out");
    ok(points[4].is_left_out && points[11].is_left_out && !points[0].is_left_out, "those two");
    ok(llabs(fit.best_fj - 2000000) < 20000, "and do not move the result by 1 %%");
    /* A run that is known to 50 % does not outweigh those known to 1 %. */
    for (size_t i = 0; i < N; i++)
        points[i] = (struct jb_epc_point){.cycles = INT64_C(100000000000) * (int64_t)(i + 1),
                                          .energy_uj = INT64_C(100000000) * (int64_t)(i + 1),
                                          .half_uj = INT64_C(1000000) * (int64_t)(i + 1)};
    for (size_t i = 0; i < 4; i++) {
        points[i].energy_uj = points[i].energy_uj * 104 / 100;
        points[i].half_uj *= 50;
    }
    is_i64(jb_epc_fit(points, N, &fit, &err), JB_OK, "four runs of little certainty");
    ok(llabs(fit.best_fj - 1000000) < 4000, "weigh little: less than 0.4 %% where they say 4 %%");
}

static void test_refused(void)
{
    struct jb_epc_point points[N];
    struct jb_epc_fit fit = {.best_fj = 77};
    struct jb_error err;
    uint64_t seed = 5;

    make(points, 1.0, 0, quantiles, &seed);
    is_i64(jb_epc_fit(points, 4, &fit, &err), JB_E_UNAVAILABLE, "four runs are too few");
    has(err.message, "4 runs", "and it is said how many there are");
    is_i64(jb_epc_fit(points, 0, &fit, &err), JB_E_UNAVAILABLE, "none are");
    for (size_t i = 0; i < N; i++)
        points[i] = (struct jb_epc_point){.cycles = 1000000000 + (int64_t)i, .energy_uj = 1000000};
    is_i64(jb_epc_fit(points, N, &fit, &err), JB_E_UNAVAILABLE, "runs of one size are refused");
    has(err.message, "no spread", "for that reason");
    for (size_t i = 0; i < N; i++)
        points[i] = (struct jb_epc_point){.cycles = INT64_C(1000000000) * (int64_t)(i + 1),
                                          .energy_uj = INT64_C(1000000) << (i * 7 % 5)};
    is_i64(jb_epc_fit(points, N, &fit, &err), JB_E_UNAVAILABLE, "runs that agree on nothing too");
    points[3].cycles = 0;
    is_i64(jb_epc_fit(points, N, &fit, &err), JB_E_RANGE, "no cycles is no run");
    is_i64(fit.best_fj, 77, "and nothing was written");
}

int main(void)
{
    test_exact();
    test_recovered();
    test_bands();
    test_robust();
    test_refused();
    return done_testing();
}
