/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of a log into the sampler that live readings go through, and beside it what was bridged, not observed. Must
 * never make energy of its own. R-IMPORT-01 to -05.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "import/import.h"
#include "sample/sampler.h"

#define UW_NS_PER_UJ INT64_C(1000000000)

static const struct {
    enum jb_scope scope;
    enum jb_device device;
} devices[] = {
    {JB_SCOPE_NODE, JB_DEVICE_NODE},   {JB_SCOPE_FACILITY, JB_DEVICE_NODE},
    {JB_SCOPE_PACKAGE, JB_DEVICE_CPU}, {JB_SCOPE_DRAM, JB_DEVICE_DRAM},
    {JB_SCOPE_GPU, JB_DEVICE_GPU},
};

static enum jb_device device_of(enum jb_scope scope)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(devices); i++)
        if (devices[i].scope == scope)
            return devices[i].device;
    return JB_DEVICE_OTHER;
}

void jb_import_meter_begin(struct jb_import_meter *meter, const struct jb_import_format *format,
                           const struct jb_import_survey *survey, const char *label,
                           enum jb_scope scope, int64_t accuracy_ppm)
{
    struct jb_channel *const channel = &meter->channel;

    memset(meter, 0, sizeof *meter);
    meter->survey = survey;
    (void)snprintf(channel->id, sizeof channel->id, "%s/%s", format->name, label);
    (void)snprintf(channel->label, sizeof channel->label, "recorded log of %s", label);
    (void)snprintf(channel->driver, sizeof channel->driver, "import");
    channel->scope = scope;
    channel->device = device_of(scope);
    channel->semantics = survey->unit.semantics;
    channel->origin =
        survey->unit.semantics == JB_SEMANTICS_COUNTER ? JB_ORIGIN_COUNTER : JB_ORIGIN_GAUGE;
    channel->role = JB_ROLE_POST;
    channel->unit_num = survey->unit.unit_num;
    channel->unit_den = survey->unit.unit_den;
    channel->update_ns = survey->usual_ns;
    /* What the part can draw nobody wrote down; no reading is above this. */
    channel->max_power_uw = survey->most_uw > 0 ? survey->most_uw : 1;
    channel->accuracy_ppm = accuracy_ppm;
    /* The same make of meter in every node errs alike. */
    (void)snprintf(channel->correlation, sizeof channel->correlation, "import/%s", format->name);
    jb_sampler_begin(&meter->state);
    meter->state.period_ns = survey->gap_ns / 2;
    if (survey->has_start && survey->start_ns < survey->first_ns)
        jb_sampler_end_unread(channel, &meter->state, survey->start_ns, JB_GAP_UNREADABLE);
}

/* R-IMPORT-03: what a bridged stretch may have held, by the least and the greatest power of the whole log. */
static void note_bridged(struct jb_import_meter *meter, int64_t energy_uj, int64_t elapsed_ns)
{
    const int64_t least_uj =
        jb_muldiv_sat_i64(elapsed_ns, meter->survey->least_uw, UW_NS_PER_UJ, JB_ROUND_FLOOR);
    const int64_t most_uj =
        jb_muldiv_sat_i64(elapsed_ns, meter->survey->most_uw, UW_NS_PER_UJ, JB_ROUND_CEIL);

    meter->interpolated_uj = jb_add_sat_i64(meter->interpolated_uj, energy_uj);
    if (energy_uj > least_uj)
        meter->interpolated_low_uj =
            jb_add_sat_i64(meter->interpolated_low_uj, energy_uj - least_uj);
    if (most_uj > energy_uj)
        meter->interpolated_high_uj =
            jb_add_sat_i64(meter->interpolated_high_uj, most_uj - energy_uj);
}

static void feed_reading(struct jb_import_meter *meter, const struct jb_reading *reading)
{
    struct jb_cumulative *const state = &meter->state;
    const struct jb_cumulative before = *state;
    const int64_t elapsed_ns = reading->mono_ns - before.mono_ns;

    if (before.is_open && elapsed_ns > meter->survey->gap_ns) {
        meter->n_gaps++;
        if (elapsed_ns > meter->longest_gap_ns)
            meter->longest_gap_ns = elapsed_ns;
    }
    if (before.is_open && meter->channel.semantics == JB_SEMANTICS_GAUGE_SINCE &&
        elapsed_ns > meter->survey->bridge_ns)
        jb_sampler_break(state, JB_GAP_STALE);
    (void)jb_sampler_feed(&meter->channel, state, reading);
    if (before.is_open && state->epoch == before.epoch &&
        state->interpolated_ns > before.interpolated_ns)
        note_bridged(meter,
                     jb_sampler_count_to_uj(&meter->channel, state->count) -
                         jb_sampler_count_to_uj(&meter->channel, before.count),
                     elapsed_ns);
}

void jb_import_meter_feed(struct jb_import_meter *meter, const struct jb_import_event *event)
{
    const struct jb_reading reading = {
        .mono_ns = event->utc_ns - JB_IMPORT_EPOCH_UTC_NS,
        .raw = event->raw,
    };

    if (event->what == JB_IMPORT_READING)
        feed_reading(meter, &reading);
    else if (event->what == JB_IMPORT_FAILED)
        jb_sampler_feed_failure(&meter->channel, &meter->state, reading.mono_ns);
}
