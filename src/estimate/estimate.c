/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a computation to its energy, with band, parts, doubts and choices. The order of the steps; each has
 * its file. It must never answer with a figure where hardware or run time is missing (R-EST-02).
 */
#include "estimate/estimate.h"

#include <stdio.h>

#include "base/num.h"
#include "estimate/estimate_int.h"

#define MILLI INT64_C(1000)

static const struct {
    enum jb_device device;
    enum jb_scope scope;
    const char *key; /* of what its doubts share with other runs */
} kinds[PART_N] = {
    [PART_BOARDS] = {JB_DEVICE_GPU, JB_SCOPE_GPU, "boards"},
    [PART_PROCESSORS] = {JB_DEVICE_CPU, JB_SCOPE_PACKAGE, "processors"},
    [PART_MEMORY] = {JB_DEVICE_DRAM, JB_SCOPE_DRAM, "memory"},
    [PART_REST] = {JB_DEVICE_NODE, JB_SCOPE_NODE, "rest"},
    [PART_INSTANCE] = {JB_DEVICE_NODE, JB_SCOPE_NODE, "instance"},
};

static enum jb_origin origin_of(const struct estimate__facts *facts, int part)
{
    if (part == PART_INSTANCE || (part == PART_BOARDS && facts->is_board_stated) ||
        (part == PART_REST && facts->is_rest_stated))
        return JB_ORIGIN_STATED;
    return JB_ORIGIN_MODELLED; /* of boards too: a rating x a load that others measured is no rated power */
}

static const char *milli_text(int64_t milli, char buf[32])
{
    return jb_format_decimal(milli, 3, buf, 32);
}

/* "2 x NVIDIA T4, 70 W, x 12.5 h, x 0.58 (0.31 to 0.93)" */
static void basis_of(const struct estimate__facts *facts, int part, int64_t time_ns, char *ret,
                     size_t size)
{
    const struct estimate__input *const in = facts->in;
    char n[32], p[32], load[3][32], hours[32];

    (void)jb_format_decimal(jb_muldiv_sat_i64(time_ns, 1, INT64_C(36000000000), JB_ROUND_NEAREST),
                            2, hours, sizeof hours);
    switch (part) {
    case PART_BOARDS:
        for (int i = 0; i < 3; i++) {
            const struct estimate__input *const l = &in[IN_BOARD_LOAD_PPM];
            const int64_t ppm = i == 0 ? l->best : i == 1 ? l->low : l->high;
            (void)jb_format_decimal((ppm + 5000) / 10000, 2, load[i], sizeof load[i]);
        }
        if (facts->is_board_stated)
            (void)snprintf(ret, size, "%s x %s, %s W stated, x %s h",
                           milli_text(in[IN_BOARDS_MILLI].best, n),
                           facts->has_accelerator ? facts->accelerator.name : "board",
                           milli_text(in[IN_BOARD_MW].best, p), hours);
        else
            (void)snprintf(ret, size, "%s x %s, %s W, x %s h, x %s (%s to %s)",
                           milli_text(in[IN_BOARDS_MILLI].best, n), facts->accelerator.name,
                           milli_text(in[IN_BOARD_MW].best, p), hours, load[0], load[1], load[2]);
        return;
    case PART_PROCESSORS:
        if (facts->has_host_cpu)
            (void)snprintf(ret, size, "%s W for each board, nothing being told of the host, x %s h",
                           milli_text(in[IN_HOST_CPU_MW].best, p), hours);
        else
            (void)snprintf(ret, size, "%s %s of %s, rated %s W each, x %s h",
                           milli_text(in[IN_UNITS_MILLI].best, n),
                           facts->is_thread ? "threads" : "packages", facts->cpu.name,
                           milli_text(in[IN_UNIT_UW].best / MILLI, p), hours);
        return;
    case PART_MEMORY:
        if (facts->has_host_memory)
            (void)snprintf(ret, size, "%s W for each board, nothing being told of memory, x %s h",
                           milli_text(in[IN_HOST_MEMORY_MW].best, p), hours);
        else
            (void)snprintf(ret, size, "%lld MiB x %s mW per GiB x %s h",
                           (long long)in[IN_MEMORY_MIB].best,
                           milli_text(in[IN_MEMORY_UW_PER_GIB].best, p), hours);
        return;
    case PART_REST:
        if (facts->is_rest_stated)
            (void)snprintf(ret, size, "%s W stated x %s h", milli_text(in[IN_REST_MW].best, p),
                           hours);
        else
            (void)snprintf(ret, size, "board, fans, disks, losses: %lld %% of the above",
                           (long long)((in[IN_REST_PPM].best + 5000) / 10000));
        return;
    default:
        (void)snprintf(ret, size, "%s x %s, %s W stated, x %s h",
                       milli_text(in[IN_INSTANCES_MILLI].best, n),
                       facts->has_instance ? facts->instance.type : "instance",
                       milli_text(in[IN_INSTANCE_MW].best, p), hours);
        return;
    }
}

static jb_rc add_parts(const struct estimate__facts *facts, struct jb_estimate *estimate,
                       struct jb_error *err)
{
    const struct estimate__choice best = estimate__best(facts);
    int64_t uj[PART_N], time_ns = 0;
    jb_rc rc = estimate__energy(facts, &best, uj, &time_ns, err);

    for (int i = 0; rc >= 0 && i < PART_N; i++) {
        struct jb_estimate_part *const part = &estimate->parts[estimate->n_parts];
        struct jb_figure figure = {0};
        rc = estimate__band(facts, 1U << i, &figure, err);
        if (rc < 0 || figure.high == 0)
            continue;
        part->device = kinds[i].device;
        part->scope = kinds[i].scope;
        part->origin = origin_of(facts, i);
        part->energy_uj = figure;
        (void)snprintf(part->correlation, sizeof part->correlation, "estimate %s %s", kinds[i].key,
                       jb_catalogue_edition());
        basis_of(facts, i, time_ns, part->basis, sizeof part->basis);
        estimate->n_parts++;
    }
    return rc;
}

/* Power while it ran, and how long how many devices were at it. */
static jb_rc add_totals(const struct estimate__facts *facts, struct jb_estimate *estimate,
                        struct jb_error *err)
{
    const struct estimate__choice best = estimate__best(facts);
    int64_t uj[PART_N], ns[3] = {0};
    const int count = facts->has_boards      ? IN_BOARDS_MILLI
                      : facts->has_processor ? IN_UNITS_MILLI
                                             : IN_INSTANCES_MILLI;
    const struct estimate__input *const n = &facts->in[count];
    bool fits = true;

    for (int side = -1; side <= 1; side++) {
        struct estimate__choice choice = best;
        for (int id = 0; side != 0 && id <= IN_REPEAT_MILLI + JB_WORK_REPEATS_MAX - 1; id++)
            estimate__move(facts, &choice, id, side);
        const jb_rc rc = estimate__energy(facts, &choice, uj, &ns[side + 1], err);
        if (rc < 0)
            return rc;
    }
    if (ns[1] > 0)
        estimate->power_uw = jb_muldiv_sat_i64(estimate->energy_uj.best, INT64_C(1000000000), ns[1],
                                               JB_ROUND_NEAREST);
    fits = jb_muldiv_i64(ns[0], n->low, MILLI, JB_ROUND_FLOOR, &ns[0]) >= 0 && fits;
    fits = jb_muldiv_i64(ns[1], n->best, MILLI, JB_ROUND_NEAREST, &ns[1]) >= 0 && fits;
    fits = jb_muldiv_i64(ns[2], n->high, MILLI, JB_ROUND_CEIL, &ns[2]) >= 0 && fits;
    if (fits)
        estimate->device_ns = (struct jb_figure){true, true, ns[0], ns[1], ns[2]};
    return JB_OK;
}

/* R-EST-32: what the building adds, apart. Every doubt at its end, outward. */
static jb_rc add_facility(const struct jb_work *work, struct jb_estimate *estimate,
                          struct jb_error *err)
{
    const struct jb_quantity *const pue = &work->pue_milli;
    const struct jb_figure *const it = &estimate->energy_uj;
    struct jb_figure figure = {.is_known = true, .is_hard_bound = it->is_hard_bound};

    if (pue->known != JB_KNOWN_VALUE && pue->known != JB_KNOWN_RANGE)
        return JB_OK;
    jb_rc rc = jb_muldiv_i64(it->low, pue->low - MILLI, MILLI, JB_ROUND_FLOOR, &figure.low);
    if (rc >= 0)
        rc = jb_muldiv_i64(it->best, pue->best - MILLI, MILLI, JB_ROUND_NEAREST, &figure.best);
    if (rc >= 0)
        rc = jb_muldiv_i64(it->high, pue->high - MILLI, MILLI, JB_ROUND_CEIL, &figure.high);
    if (rc < 0)
        return jb_fail(err, rc, "give it in parts, for instance by month",
                       "the facility's part is beyond 2.56 GWh");
    estimate->facility_uj = figure;
    return JB_OK;
}

jb_rc estimate__make(const struct jb_work *work, const struct estimate__load *load,
                     struct jb_estimate *ret_estimate, struct jb_error *err)
{
    const unsigned devices = 1U << PART_BOARDS | 1U << PART_PROCESSORS | 1U << PART_MEMORY;
    struct jb_estimate estimate = {.method = JB_METHOD_B};
    struct estimate__facts facts;
    jb_rc rc = estimate__facts_of(work, load, &facts, &estimate, err);

    if (rc >= 0 && estimate.is_computable) {
        rc = estimate__band(&facts, PARTS_ALL, &estimate.energy_uj, err);
        if (rc >= 0 && !facts.has_instance_mw)
            rc = estimate__band(&facts, devices, &estimate.devices_uj, err);
        if (rc >= 0)
            rc = add_parts(&facts, &estimate, err);
        if (rc >= 0)
            rc = add_totals(&facts, &estimate, err);
        if (rc >= 0)
            rc = add_facility(work, &estimate, err);
        if (rc >= 0)
            rc = estimate__doubts(&facts, &estimate, err);
        if (rc >= 0)
            rc = estimate__readings(work, &facts, &estimate, err);
    }
    if (rc < 0)
        return rc;
    estimate__choices(work, &facts, &estimate);
    *ret_estimate = estimate;
    return JB_OK;
}

jb_rc jb_estimate_make(const struct jb_work *work, struct jb_estimate *ret_estimate,
                       struct jb_error *err)
{
    struct estimate__load load;
    const jb_rc rc = estimate__load_read(&load, err);

    return rc < 0 ? rc : estimate__make(work, &load, ret_estimate, err);
}
