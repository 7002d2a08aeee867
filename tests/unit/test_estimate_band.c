/* SPDX-License-Identifier: Apache-2.0 */
/* How doubts join to a band, by hand. R-EST-20 to -23. */
#include "estimate_double.h"
#include "tap.h"

#define ALL PARTS_ALL

static struct jb_figure band(const struct estimate__facts *facts, unsigned mask)
{
    struct jb_figure figure = {0};
    struct jb_error err = {0};

    if (estimate__band(facts, mask, &figure, &err) < 0)
        bail_out("%s", err.message);
    return figure;
}

/* Within `ppm` of what was worked out by hand, and on the outer side of it. */
static bool near(int64_t got, double want, int side)
{
    const double ratio = (double)got / want;
    return side < 0 ? ratio <= 1 && ratio > 1 - 3e-6 : ratio >= 1 && ratio < 1 + 3e-6;
}

static void test_one_doubt(void)
{
    struct estimate__facts facts = double_facts();
    const struct jb_figure boards = band(&facts, 1U << PART_BOARDS), all = band(&facts, ALL);

    /* Boards 50, 100, 200 Wh. All: (50 + 50) x 1.1 = 110, 165, (200 + 50) x 1.1 = 275 Wh. */
    ok(near(boards.low, 50e0 * (double)WH_UJ, -1) && boards.best == 100 * WH_UJ &&
           near(boards.high, 200e0 * (double)WH_UJ, 1),
       "one doubt alone is the band: 50 to 200 Wh of boards");
    ok(near(all.low, 110e0 * (double)WH_UJ, -1) && all.best == 165 * WH_UJ &&
           near(all.high, 275e0 * (double)WH_UJ, 1),
       "and 110 to 275 Wh of all");
    ok(!all.is_hard_bound, "what was measured of others is no bound");
}

static void test_two_causes(void)
{
    struct estimate__facts facts = double_facts();

    /* Boards alone: load /2 and x2, rating /2 and x2: sqrt(2) in logarithms, 2^1.41421 = 2.66514. */
    double_set(&facts, IN_BOARD_MW, CAUSE_RATING, 50000, 100000, 200000);
    double_set(&facts, IN_BOARD_IDLE_MW, CAUSE_IDLE, 0, 0, 0);
    struct jb_figure figure = band(&facts, 1U << PART_BOARDS);
    ok(near(figure.low, 100.0 / 2.665144142690225 * (double)WH_UJ, -1) &&
           near(figure.high, 100 * 2.665144142690225 * (double)WH_UJ, 1),
       "two causes of a factor two are a factor 2.665");
    /* The same doubt twice is of one cause: a factor four. */
    facts.in[IN_BOARD_MW].cause = CAUSE_LOAD;
    figure = band(&facts, 1U << PART_BOARDS);
    ok(near(figure.low, 25.0 * (double)WH_UJ, -1) && near(figure.high, 400.0 * (double)WH_UJ, 1),
       "one cause moves all its inputs: a factor four");
}

static void test_told(void)
{
    struct estimate__facts facts = double_facts();

    double_set(&facts, IN_BOARD_LOAD_PPM, CAUSE_LOAD, 500000, 500000, 500000);
    double_set(&facts, IN_DURATION_NS, CAUSE_TIME, HOUR_NS / 2, HOUR_NS, 2 * HOUR_NS);
    double_set(&facts, IN_BOARDS_MILLI, CAUSE_AMOUNT, 1000, 2000, 4000);
    facts.in[IN_DURATION_NS].is_told = facts.in[IN_BOARDS_MILLI].is_told = true;
    const struct jb_figure figure = band(&facts, ALL);
    ok(figure.low <= 165 * WH_UJ / 4 && figure.high >= 165 * WH_UJ * 4,
       "told ranges of two causes are bounds: both at their ends are inside");
    ok(figure.is_hard_bound, "where nothing else is in doubt, the figure is a hard bound");
}

static void test_edges(void)
{
    struct estimate__facts facts = double_facts();

    double_set(&facts, IN_BOARDS_MILLI, CAUSE_AMOUNT, 0, 2000, 2000);
    is_i64(band(&facts, ALL).low, 0, "where one doubt leaves nothing, the band begins at nothing");
    double_set(&facts, IN_BOARDS_MILLI, CAUSE_AMOUNT, 0, 0, 2000);
    const struct jb_figure none = band(&facts, ALL);
    ok(none.best == 0 && none.low == 0 && none.high == 275 * WH_UJ,
       "where the best is nothing, the top is every doubt at its end");
    facts = double_facts();
    double_set(&facts, IN_IDLE_PPM, CAUSE_IDLE, 0, 100000, 500000);
    struct estimate__choice choice = estimate__best(&facts);
    estimate__move(&facts, &choice, IN_IDLE_PPM, -1);
    is_i64(choice.x[IN_IDLE_PPM], 500000, "less energy is more idle time");
}

static void test_doubts(void)
{
    struct estimate__facts facts = double_facts();
    struct jb_estimate made = {0};
    struct jb_error err = {0};

    double_set(&facts, IN_REST_PPM, CAUSE_REST, 0, 100000, 200000);
    ok(estimate__doubts(&facts, &made, &err) >= 0 && made.n_doubts == 2,
       "one line for each input in doubt");
    ok(made.doubts[0].low_uj == 110 * WH_UJ && made.doubts[0].high_uj == 275 * WH_UJ,
       "the widest first: load, 110 to 275 Wh, all others at their best");
    ok(made.doubts[1].low_uj == 150 * WH_UJ && made.doubts[1].high_uj == 180 * WH_UJ,
       "then the rest, 150 to 180 Wh");
}

int main(void)
{
    test_one_doubt();
    test_two_causes();
    test_told();
    test_edges();
    test_doubts();
    return done_testing();
}
