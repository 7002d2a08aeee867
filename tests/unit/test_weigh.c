/* SPDX-License-Identifier: Apache-2.0 */
/* Quantiles of references that come in studies, by hand. R-RATING-09 to -11. */
#include <math.h>

#include "rate/rate_int.h"
#include "tap.h"

static bool is_about(double got, double want)
{
    if (fabs(got - want) < 1e-6)
        return true;
    diag("%.9f, not %.9f", got, want);
    return false;
}

int main(void)
{
    /* Source a has four: 1/5 each; b has one: 1/2. In all 1.3; middles at 0.1, 0.3, 0.5, 0.7, 1.05 of it. */
    struct rate__point points[] = {{4, 0, "a", NULL},
                                   {5, 0, "b", NULL},
                                   {1, 0, "a", NULL},
                                   {3, 0, "a", NULL},
                                   {2, 0, "a", NULL}};
    double effective = 0, low = 0, high = 0;

    is_i64((int64_t)rate__weigh(points, 5, &effective), 2, "two sources");
    ok(is_about(points[0].weight, 0.2) && is_about(points[4].weight, 0.5) &&
           points[4].log_value == 5,
       "a row of a source of four weighs 1/5, of one 1/2; sorted by value");
    /* 0.25 lies an eighth of the way from 0.3/1.3 to 0.5/1.3 */
    ok(is_about(rate__quantile(points, 5, 0.25), 2.125), "the first quartile");
    ok(is_about(rate__quantile(points, 5, 0.5), 3.75), "the median");
    /* (0.975 - 0.7) / 0.35 = 11/14 */
    ok(is_about(rate__quantile(points, 5, 0.75), 4 + 11.0 / 14), "the third quartile");
    ok(is_about(rate__quantile(points, 5, 0), 1) && is_about(rate__quantile(points, 5, 1), 5),
       "flat beyond the ends");
    ok(is_about(rate__share_below(points, 5, 3.75), 0.5) &&
           is_about(rate__share_below(points, 5, 4 + 11.0 / 14), 0.75),
       "the share below is the quantile's reverse");
    ok(is_about(rate__share_below(points, 5, 1), 0.1 / 1.3), "at a reference: its middle");
    ok(rate__share_below(points, 5, 0.99) == 0 && rate__share_below(points, 5, 5.01) == 1,
       "0 before the least, 1 beyond the greatest");
    /* a: W 0.8, squares 0.16; b: W 0.5, squares 0.25; 1.69 / ((0.64 + 0.16 + 0.25 + 0.25) / 2) */
    ok(is_about(effective, 2.6), "five rows count as 2.6");

    struct rate__point tied[] = {
        {1, 0, "a", NULL}, {2, 0, "b", NULL}, {2, 0, "c", NULL}, {3, 0, "d", NULL}};
    is_i64((int64_t)rate__weigh(tied, 4, &effective), 4, "four sources");
    ok(is_about(effective, 4), "of one each count as four");
    ok(is_about(rate__share_below(tied, 4, 2), 0.5), "two alike: the middle of both");
    ok(is_about(rate__share_below(tied, 4, 1.5), 0.25), "halfway to the first of them");

    struct rate__point one[] = {
        {1, 0, "a", NULL}, {2, 0, "a", NULL}, {3, 0, "a", NULL}, {4, 0, "a", NULL}};
    is_i64((int64_t)rate__weigh(one, 4, &effective), 1, "one source");
    /* 2 / (1 + 1/4) */
    ok(is_about(effective, 1.6), "never counts as two, however many rows it has");
    is_i64((int64_t)rate__weigh(one, 0, &effective), 0, "nothing has no source");

    /* Wilson, z = 1.644854: half = 1.644854 / 2.352772 x sqrt(0.125 + 0.169096) */
    rate__interval(0.5, 2, &low, &high);
    ok(fabs(low - 0.120866) < 1e-5 && fabs(high - 0.879134) < 1e-5, "an interval by hand (%f %f)",
       low, high);
    rate__interval(0, 10, &low, &high);
    /* z2/n = 0.2705543: high = 0.2705543 / 1.2705543 */
    ok(is_about(low, 0) && fabs(high - 0.212942) < 1e-5, "at the edge it is one-sided (%f)", high);
    return done_testing();
}
