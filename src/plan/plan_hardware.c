/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of an order into what one device can at most and what its board is rated (R-PLAN-02, -03). It must never take a
 * peak that nobody states, nor fp8 or sparse rates, which trainings of the references did not use.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "plan/plan_int.h"

#define PPM INT64_C(1000000)

static bool is_given(const struct jb_quantity *quantity)
{
    return quantity->known == JB_KNOWN_VALUE || quantity->known == JB_KNOWN_RANGE;
}

/* R-PLAN-02: the dense rate that most trainings compute with, of a board. */
static const struct jb_span *peak_of(const struct jb_accelerator *found, enum plan__kind *ret_kind,
                                     const char **ret_type)
{
    const struct {
        const struct jb_span *span;
        enum plan__kind kind;
        const char *type;
    } rates[] = {
        {&found->bf16_gflops, KIND_BF16, "bf16"},
        {&found->fp16_gflops, KIND_FP16, "fp16"},
        {&found->fp32_gflops, KIND_FP32, "fp32"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(rates); i++)
        if (rates[i].span->n_rows > 0 && rates[i].span->best > 0) {
            *ret_kind =
                found->kind[0] && strcmp(found->kind, "gpu") != 0 ? KIND_NPU : rates[i].kind;
            *ret_type = rates[i].type;
            return rates[i].span;
        }
    return NULL;
}

/* What one variant does to time and energy, over the best: 1 / peak, and W / peak. */
static jb_rc add_variant(const char *name, const char *type, struct plan__hardware *hardware,
                         struct jb_error *err)
{
    struct jb_accelerator found;
    enum plan__kind kind;
    const char *own_type;
    const jb_rc rc = jb_catalogue_find_accelerator(name, &found, err);

    if (rc < 0)
        return rc;
    const struct jb_span *const peak = peak_of(&found, &kind, &own_type);
    if (!peak || strcmp(type, own_type) != 0 || found.dies_per_board != hardware->n_dies)
        return JB_OK; /* told by the note on variants */
    const int64_t board_gflops = hardware->peak_gflops * hardware->n_dies;
    const int64_t time_ppm = jb_muldiv_sat_i64(PPM, board_gflops, peak->best, JB_ROUND_NEAREST);
    hardware->time_low_ppm = time_ppm < hardware->time_low_ppm ? time_ppm : hardware->time_low_ppm;
    hardware->time_high_ppm =
        time_ppm > hardware->time_high_ppm ? time_ppm : hardware->time_high_ppm;
    if (found.board_mw.n_rows == 0 || hardware->board_mw == 0)
        return JB_OK;
    const int64_t energy_ppm =
        jb_muldiv_sat_i64(time_ppm, found.board_mw.best, hardware->board_mw, JB_ROUND_NEAREST);
    hardware->energy_low_ppm =
        energy_ppm < hardware->energy_low_ppm ? energy_ppm : hardware->energy_low_ppm;
    hardware->energy_high_ppm =
        energy_ppm > hardware->energy_high_ppm ? energy_ppm : hardware->energy_high_ppm;
    return JB_OK;
}

static jb_rc read_board(const char *name, const struct jb_plan_order *order,
                        struct plan__hardware *hardware, struct jb_error *err)
{
    struct jb_accelerator found;
    const char *type = "";
    jb_rc rc = jb_catalogue_find_accelerator(name, &found, err);

    if (rc < 0)
        return rc;
    const struct jb_span *const peak = peak_of(&found, &hardware->kind, &type);
    hardware->is_boards = true;
    hardware->n_dies = found.dies_per_board > 0 ? found.dies_per_board : 1;
    hardware->board_mw = found.board_mw.n_rows > 0 ? found.board_mw.best : 0;
    hardware->n_variants = found.candidates.n_all;
    hardware->peak_gflops = peak ? peak->best / hardware->n_dies : 0;
    (void)snprintf(hardware->name, sizeof hardware->name, "%s",
                   found.match == JB_MATCH_SEVERAL && found.usual[0] ? found.usual : found.name);
    (void)snprintf(hardware->peak_type, sizeof hardware->peak_type, "%s", type);
    (void)snprintf(hardware->source, sizeof hardware->source, "%s", found.source);
    (void)snprintf(hardware->rates_source, sizeof hardware->rates_source, "%s", found.rates_source);
    if (is_given(&order->peak_gflops))
        return JB_OK;
    for (size_t i = 0; peak && found.match == JB_MATCH_SEVERAL && i < found.candidates.n; i++) {
        rc = add_variant(found.candidates.names[i], type, hardware, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* A range of it moves time and energy alike. */
static void take_stated(const struct jb_quantity *peak, struct plan__hardware *hardware)
{
    hardware->peak_gflops = peak->best;
    hardware->time_low_ppm = hardware->energy_low_ppm =
        jb_muldiv_sat_i64(PPM, peak->best, peak->high, JB_ROUND_FLOOR);
    hardware->time_high_ppm = hardware->energy_high_ppm =
        jb_muldiv_sat_i64(PPM, peak->best, peak->low, JB_ROUND_CEIL);
    (void)snprintf(hardware->peak_type, sizeof hardware->peak_type, "stated");
}

jb_rc plan__hardware_of(const struct jb_plan_order *order, struct plan__hardware *ret_hardware,
                        struct jb_error *err)
{
    struct plan__hardware hardware = {.n_dies = 1,
                                      .kind = KIND_FP32,
                                      .time_low_ppm = PPM,
                                      .time_high_ppm = PPM,
                                      .energy_low_ppm = PPM,
                                      .energy_high_ppm = PPM};
    const char *name = order->accelerator.text;
    jb_rc rc = JB_OK;

    if (order->instance.known == JB_KNOWN_VALUE) {
        rc = jb_catalogue_find_instance(NULL, order->instance.text, &hardware.instance, err);
        if (rc < 0)
            return rc;
        hardware.has_instance = true;
        if (order->accelerator.known != JB_KNOWN_VALUE)
            name = hardware.instance.accelerator;
    }
    const bool is_all_stated = is_given(&order->peak_gflops) && is_given(&order->accelerator_mw);
    if (name[0] != '\0')
        rc = read_board(name, order, &hardware, err);
    if (is_all_stated && !hardware.is_boards && (rc == JB_E_INPUT || rc >= 0)) {
        /* A board of no catalogue, of which all is told that is needed: taken as one of today. */
        hardware.is_boards = true;
        hardware.kind = KIND_BF16;
        (void)snprintf(hardware.name, sizeof hardware.name, "%.95s", name[0] ? name : "device");
        rc = JB_OK;
    }
    if (rc < 0)
        return rc;
    if (!hardware.is_boards && order->processor.known == JB_KNOWN_VALUE)
        (void)snprintf(hardware.name, sizeof hardware.name, "%.95s", order->processor.text);
    else if (!hardware.is_boards && hardware.has_instance)
        (void)snprintf(hardware.name, sizeof hardware.name, "%.15s/%.64s",
                       hardware.instance.provider, hardware.instance.type);
    if (is_given(&order->peak_gflops))
        take_stated(&order->peak_gflops, &hardware);
    *ret_hardware = hardware;
    return JB_OK;
}
