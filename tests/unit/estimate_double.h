/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of an estimate with round numbers, for hand calculation: 2 boards of 100 W, 10 W idle, load 0.25 / 0.5 / 1;
 * 20 W of processors and 5 W of memory for each board; a rest of 10 %; one hour. */
#ifndef JB_TESTS_ESTIMATE_DOUBLE_H
#define JB_TESTS_ESTIMATE_DOUBLE_H

#include "estimate/estimate_int.h"

#define HOUR_NS INT64_C(3600000000000)
#define WH_UJ   INT64_C(3600000000)

static inline void double_set(struct estimate__facts *facts, int id, enum estimate__cause cause,
                              int64_t low, int64_t best, int64_t high)
{
    facts->in[id] = (struct estimate__input){
        .cause = cause, .known = JB_KNOWN_VALUE, .low = low, .best = best, .high = high};
}

static inline struct estimate__facts double_facts(void)
{
    struct estimate__facts facts = {
        .has_boards = true, .has_host_cpu = true, .has_host_memory = true};

    double_set(&facts, IN_DURATION_NS, CAUSE_TIME, HOUR_NS, HOUR_NS, HOUR_NS);
    for (int i = 0; i < JB_WORK_REPEATS_MAX; i++)
        double_set(&facts, IN_REPEAT_MILLI + i, CAUSE_TIME, 1000, 1000, 1000);
    double_set(&facts, IN_BOARDS_MILLI, CAUSE_AMOUNT, 2000, 2000, 2000);
    double_set(&facts, IN_BOARD_MW, CAUSE_RATING, 100000, 100000, 100000);
    double_set(&facts, IN_BOARD_LOAD_PPM, CAUSE_LOAD, 250000, 500000, 1000000);
    double_set(&facts, IN_BOARD_USE_PPM, CAUSE_LOAD, 1000000, 1000000, 1000000);
    double_set(&facts, IN_BOARD_IDLE_MW, CAUSE_IDLE, 10000, 10000, 10000);
    double_set(&facts, IN_UNITS_MILLI, CAUSE_AMOUNT, 0, 0, 0);
    double_set(&facts, IN_UNIT_UW, CAUSE_PROCESSOR, 0, 0, 0);
    double_set(&facts, IN_PROCESSOR_LOAD_PPM, CAUSE_PROCESSOR, 1000000, 1000000, 1000000);
    double_set(&facts, IN_PROCESSOR_USE_PPM, CAUSE_PROCESSOR, 1000000, 1000000, 1000000);
    double_set(&facts, IN_PROCESSOR_CURVE, CAUSE_PROCESSOR, 1, 1, 1);
    double_set(&facts, IN_HOST_CPU_MW, CAUSE_PROCESSOR, 20000, 20000, 20000);
    double_set(&facts, IN_MEMORY_MIB, CAUSE_MEMORY, 0, 0, 0);
    double_set(&facts, IN_MEMORY_UW_PER_GIB, CAUSE_MEMORY, 0, 0, 0);
    double_set(&facts, IN_HOST_MEMORY_MW, CAUSE_MEMORY, 5000, 5000, 5000);
    double_set(&facts, IN_REST_MW, CAUSE_REST, 0, 0, 0);
    double_set(&facts, IN_REST_PPM, CAUSE_REST, 100000, 100000, 100000);
    double_set(&facts, IN_INSTANCES_MILLI, CAUSE_AMOUNT, 1000, 1000, 1000);
    double_set(&facts, IN_INSTANCE_MW, CAUSE_LOAD, 0, 0, 0);
    double_set(&facts, IN_IDLE_PPM, CAUSE_IDLE, 0, 0, 0);
    return facts;
}

#endif
