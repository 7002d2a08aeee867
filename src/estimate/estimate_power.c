/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of every input to the energy of every part, in whole microjoules (R-EST-16). It must never round before the
 * last step what a later step multiplies, nor wrap.
 */
#include "base/num.h"
#include "estimate/estimate_int.h"

#define PPM   INT64_C(1000000)
#define MILLI INT64_C(1000)

/* A chain of checked products: after the first that does not fit, everything is 0 and `rc` says so. */
struct chain {
    jb_rc rc;
};

static int64_t scaled(struct chain *chain, int64_t value, int64_t num, int64_t den)
{
    int64_t result = 0;

    if (chain->rc >= 0)
        chain->rc = jb_muldiv_i64(value, num, den, JB_ROUND_NEAREST, &result);
    return chain->rc < 0 ? 0 : result;
}

static int64_t plus(struct chain *chain, int64_t a, int64_t b)
{
    int64_t result = 0;

    if (chain->rc >= 0)
        chain->rc = jb_add_i64(a, b, &result);
    return chain->rc < 0 ? 0 : result;
}

static int64_t less(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Held and idle for idle_ppm of the time, else at work. */
static int64_t with_idle(struct chain *chain, int64_t work_uw, int64_t idle_uw, int64_t idle_ppm)
{
    return plus(chain, scaled(chain, work_uw, PPM - idle_ppm, PPM),
                scaled(chain, less(idle_uw, work_uw), idle_ppm, PPM));
}

/* R-EST-12: busy for a share of the time and idle for the rest. A stated mean draw has all of that in it. */
static int64_t boards_uw(struct chain *chain, const struct estimate__facts *facts, const int64_t *x)
{
    const int64_t load_uw = scaled(chain, x[IN_BOARD_MW], x[IN_BOARD_LOAD_PPM], MILLI);
    int64_t board_uw = load_uw;

    if (!facts->has_boards)
        return 0;
    if (!facts->is_board_stated) {
        const int64_t idle_uw = less(scaled(chain, x[IN_BOARD_IDLE_MW], MILLI, 1), load_uw);
        board_uw = plus(chain, idle_uw, scaled(chain, load_uw - idle_uw, x[IN_BOARD_USE_PPM], PPM));
        board_uw = with_idle(chain, board_uw, idle_uw, x[IN_IDLE_PPM]);
    }
    return scaled(chain, board_uw, x[IN_BOARDS_MILLI], MILLI);
}

/* R-EST-13: linear between the points of the curve. */
static int64_t curve_at(const int64_t curve_ppm[JB_CURVE_POINTS], int64_t use_ppm)
{
    static const int64_t points_ppm[JB_CURVE_POINTS] = {0, PPM / 10, PPM / 2, PPM};
    int i = 1;

    while (i < JB_CURVE_POINTS - 1 && use_ppm > points_ppm[i])
        i++;
    const int64_t from = points_ppm[i - 1], width = points_ppm[i] - from;
    return curve_ppm[i - 1] + jb_muldiv_sat_i64(curve_ppm[i] - curve_ppm[i - 1], use_ppm - from,
                                                width, JB_ROUND_NEAREST);
}

static int64_t processors_uw(struct chain *chain, const struct estimate__facts *facts,
                             const int64_t *x)
{
    if (facts->has_host_cpu)
        return scaled(chain, scaled(chain, x[IN_HOST_CPU_MW], x[IN_BOARDS_MILLI], 1), 1, 1);
    if (!facts->has_processor)
        return 0;
    const int64_t *const curve_ppm = facts->curve_ppm[x[IN_PROCESSOR_CURVE]];
    const int64_t load_ppm = facts->is_by_curve ? curve_at(curve_ppm, x[IN_PROCESSOR_USE_PPM])
                                                : x[IN_PROCESSOR_LOAD_PPM];
    const int64_t ppm = with_idle(chain, load_ppm, curve_ppm[0], x[IN_IDLE_PPM]);
    return scaled(chain, scaled(chain, x[IN_UNIT_UW], ppm, PPM), x[IN_UNITS_MILLI], MILLI);
}

static int64_t memory_uw(struct chain *chain, const struct estimate__facts *facts, const int64_t *x)
{
    if (facts->has_host_memory)
        return scaled(chain, x[IN_HOST_MEMORY_MW], x[IN_BOARDS_MILLI], 1);
    return scaled(chain, x[IN_MEMORY_UW_PER_GIB], x[IN_MEMORY_MIB], 1024);
}

jb_rc estimate__energy(const struct estimate__facts *facts, const struct estimate__choice *choice,
                       int64_t ret_uj[PART_N], int64_t *ret_time_ns, struct jb_error *err)
{
    const int64_t *const x = choice->x;
    struct chain chain = {JB_OK};
    int64_t uw[PART_N] = {0}, uj[PART_N] = {0}, time_ns = x[IN_DURATION_NS], all_uj = 0;

    for (int i = 0; i < JB_WORK_REPEATS_MAX; i++)
        time_ns = scaled(&chain, time_ns, x[IN_REPEAT_MILLI + i], MILLI);
    if (facts->has_instance_mw) {
        uw[PART_INSTANCE] = scaled(&chain, x[IN_INSTANCE_MW], x[IN_INSTANCES_MILLI], 1);
    } else {
        uw[PART_BOARDS] = boards_uw(&chain, facts, x);
        uw[PART_PROCESSORS] = processors_uw(&chain, facts, x);
        uw[PART_MEMORY] = memory_uw(&chain, facts, x);
        const int64_t parts_uw =
            plus(&chain, plus(&chain, uw[PART_BOARDS], uw[PART_PROCESSORS]), uw[PART_MEMORY]);
        uw[PART_REST] = facts->is_rest_stated ? scaled(&chain, x[IN_REST_MW], MILLI, 1)
                                              : scaled(&chain, parts_uw, x[IN_REST_PPM], PPM);
    }
    for (int part = 0; part < PART_N; part++) {
        uj[part] = scaled(&chain, uw[part], time_ns, INT64_C(1000000000));
        all_uj = plus(&chain, all_uj, uj[part]);
    }
    if (chain.rc < 0)
        return jb_fail(err, JB_E_RANGE, "give it in parts, for instance by month",
                       "the work is beyond 2.56 GWh or 292 years");
    for (int part = 0; part < PART_N; part++)
        ret_uj[part] = uj[part];
    *ret_time_ns = time_ns;
    return JB_OK;
}

jb_rc estimate__sum(const struct estimate__facts *facts, const struct estimate__choice *choice,
                    unsigned mask, int64_t *ret_uj, struct jb_error *err)
{
    int64_t uj[PART_N], time_ns = 0, sum_uj = 0;
    const jb_rc rc = estimate__energy(facts, choice, uj, &time_ns, err);

    if (rc < 0)
        return rc;
    for (unsigned part = 0; part < PART_N; part++)
        sum_uj += mask & (1U << part) ? uj[part] : 0; /* the sum of all has been checked to fit */
    *ret_uj = sum_uj;
    return JB_OK;
}
