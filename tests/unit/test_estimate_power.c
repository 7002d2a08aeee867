/* SPDX-License-Identifier: Apache-2.0 */
/* One value of every input to the energy of every part, by hand. R-EST-11 to -16. */
#include "estimate_double.h"
#include "tap.h"

static int64_t energy(const struct estimate__facts *facts, int part)
{
    const struct estimate__choice choice = estimate__best(facts);
    int64_t uj[PART_N], time_ns = 0;
    struct jb_error err = {0};

    if (estimate__energy(facts, &choice, uj, &time_ns, &err) < 0)
        bail_out("%s", err.message);
    return uj[part];
}

static void test_parts(void)
{
    struct estimate__facts facts = double_facts();

    is_i64(energy(&facts, PART_BOARDS), 100 * WH_UJ, "2 x 100 W x 0.5 x 1 h = 100 Wh");
    is_i64(energy(&facts, PART_PROCESSORS), 40 * WH_UJ, "2 x 20 W x 1 h = 40 Wh");
    is_i64(energy(&facts, PART_MEMORY), 10 * WH_UJ, "2 x 5 W x 1 h = 10 Wh");
    is_i64(energy(&facts, PART_REST), 15 * WH_UJ, "a tenth of 150 Wh");
    double_set(&facts, IN_REPEAT_MILLI, CAUSE_TIME, 2500, 2500, 2500);
    is_i64(energy(&facts, PART_BOARDS), 250 * WH_UJ, "two and a half times as long");
    double_set(&facts, IN_BOARDS_MILLI, CAUSE_AMOUNT, 500, 500, 500);
    is_i64(energy(&facts, PART_BOARDS), 250 * WH_UJ / 4, "half a board instead of two");
}

static void test_use_and_idle(void)
{
    struct estimate__facts facts = double_facts();

    double_set(&facts, IN_BOARD_USE_PPM, CAUSE_LOAD, 250000, 250000, 250000);
    is_i64(energy(&facts, PART_BOARDS), 40 * WH_UJ, "busy a quarter: 2 x (10 + 0.25 x 40) W");
    double_set(&facts, IN_IDLE_PPM, CAUSE_IDLE, 500000, 500000, 500000);
    is_i64(energy(&facts, PART_BOARDS), 30 * WH_UJ, "and idle half the time: 2 x (10 + 5) W");
    double_set(&facts, IN_BOARD_IDLE_MW, CAUSE_IDLE, 90000, 90000, 90000);
    is_i64(energy(&facts, PART_BOARDS), 100 * WH_UJ, "idle is never more than the draw at work");
    facts.is_board_stated = true;
    double_set(&facts, IN_BOARD_LOAD_PPM, CAUSE_LOAD, 1000000, 1000000, 1000000);
    is_i64(energy(&facts, PART_BOARDS), 200 * WH_UJ, "a stated mean draw has use and idle in it");
}

static void test_processors(void)
{
    struct estimate__facts facts = double_facts();

    facts.has_boards = facts.has_host_cpu = facts.has_host_memory = false;
    facts.has_processor = true;
    for (int curve = 0; curve < 3; curve++) {
        const int64_t ppm[JB_CURVE_POINTS] = {100000, 300000, 700000, 1000000};
        memcpy(facts.curve_ppm[curve], ppm, sizeof ppm);
    }
    double_set(&facts, IN_UNITS_MILLI, CAUSE_AMOUNT, 2000, 2000, 2000);
    double_set(&facts, IN_UNIT_UW, CAUSE_PROCESSOR, 50000000, 50000000, 50000000);
    double_set(&facts, IN_PROCESSOR_LOAD_PPM, CAUSE_PROCESSOR, 800000, 800000, 800000);
    is_i64(energy(&facts, PART_PROCESSORS), 80 * WH_UJ, "2 x 50 W x 0.8 x 1 h = 80 Wh");
    is_i64(energy(&facts, PART_BOARDS), 0, "no board, no energy of boards");
    facts.is_by_curve = true;
    double_set(&facts, IN_PROCESSOR_USE_PPM, CAUSE_PROCESSOR, 300000, 300000, 300000);
    is_i64(energy(&facts, PART_PROCESSORS), 50 * WH_UJ,
           "at 30 %%, midway from 0.3 to 0.7: 100 W x 0.5");
    double_set(&facts, IN_PROCESSOR_USE_PPM, CAUSE_PROCESSOR, 0, 0, 0);
    is_i64(energy(&facts, PART_PROCESSORS), 10 * WH_UJ, "at 0 %% the first point");
    double_set(&facts, IN_PROCESSOR_USE_PPM, CAUSE_PROCESSOR, 1000000, 1000000, 1000000);
    is_i64(energy(&facts, PART_PROCESSORS), 100 * WH_UJ, "at 100 %% the last");
    double_set(&facts, IN_IDLE_PPM, CAUSE_IDLE, 500000, 500000, 500000);
    is_i64(energy(&facts, PART_PROCESSORS), 55 * WH_UJ,
           "idle half the time: the middle of 100 and 10 W");
    double_set(&facts, IN_MEMORY_MIB, CAUSE_MEMORY, 16384, 16384, 16384);
    double_set(&facts, IN_MEMORY_UW_PER_GIB, CAUSE_MEMORY, 375000, 375000, 375000);
    is_i64(energy(&facts, PART_MEMORY), 6 * WH_UJ, "16 GiB x 0.375 W x 1 h = 6 Wh");
}

static void test_whole_instance(void)
{
    struct estimate__facts facts = double_facts();

    facts.has_instance_mw = true;
    double_set(&facts, IN_INSTANCE_MW, CAUSE_LOAD, 300000, 300000, 300000);
    double_set(&facts, IN_INSTANCES_MILLI, CAUSE_AMOUNT, 4000, 4000, 4000);
    is_i64(energy(&facts, PART_INSTANCE), 1200 * WH_UJ, "4 x 300 W x 1 h");
    is_i64(energy(&facts, PART_BOARDS) + energy(&facts, PART_REST), 0,
           "what an instance is stated to draw has the boards in it");
}

static void test_range(void)
{
    struct estimate__facts facts = double_facts();
    struct jb_error err = {0};
    int64_t uj[PART_N] = {-7}, time_ns = -7;

    /* 165 W for 2.56 GWh / 165 W = 15.5 million hours fit; a thousand times as many do not. */
    double_set(&facts, IN_REPEAT_MILLI, CAUSE_TIME, INT64_C(20000000) * 1000,
               INT64_C(20000000) * 1000, INT64_C(20000000) * 1000);
    const struct estimate__choice choice = estimate__best(&facts);
    is_i64(estimate__energy(&facts, &choice, uj, &time_ns, &err), JB_E_RANGE,
           "beyond 2.56 GWh is an error");
    ok(uj[0] == -7 && time_ns == -7, "and no number");
}

int main(void)
{
    test_parts();
    test_use_and_idle();
    test_processors();
    test_whole_instance();
    test_range();
    return done_testing();
}
