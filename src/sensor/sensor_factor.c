/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Factors of modelled channels: a curve of power over utilisation, a constant power, each with its band and its source. Whoever
 * knows the hardware gives them; until then such a channel is not read. Rule R-SENSOR-21.
 */
#include <stdio.h>
#include <string.h>

#include "sensor/sensor_int.h"
#include "sensor/sensor_set_int.h"

/* How far `edge` lies from `best`, in ppm of best, rounded outward. */
static int64_t distance_ppm(int64_t best, int64_t edge)
{
    const int64_t distance = edge > best ? edge - best : best - edge;
    const __int128 ppm = best > 0 ? ((__int128)distance * 1000000 + best - 1) / best : 0;

    return ppm > INT64_MAX ? INT64_MAX : (int64_t)ppm;
}

static void put_factor(struct jb_channel *channel, const char *label, const char *correlation)
{
    if (label)
        (void)snprintf(channel->label, sizeof channel->label, "%s", label);
    if (correlation)
        (void)snprintf(channel->correlation, sizeof channel->correlation, "%s", correlation);
}

jb_rc jb_sensor_set_curve(struct jb_sensor_set *set, size_t i, const struct jb_power_curve *curve,
                          const char *label, const char *correlation, struct jb_error *err)
{
    if (i >= set->n || set->channels[i].semantics != JB_SEMANTICS_BUSY)
        return jb_fail(err, JB_E_USAGE, NULL, "channel %zu takes no power curve", i);
    if (curve->n_threads <= 0)
        return jb_fail(err, JB_E_USAGE, NULL, "a power curve needs the number of threads");
    for (size_t k = 0; k < JB_CURVE_POINTS; k++) {
        if (curve->low_uw[k] < 0 || curve->best_uw[k] <= 0 ||
            curve->low_uw[k] > curve->best_uw[k] || curve->best_uw[k] > curve->high_uw[k])
            return jb_fail(err, JB_E_USAGE, NULL, "point %zu of the power curve is out of order",
                           k);
    }
    struct jb_channel *const channel = &set->channels[i];
    channel->curve = *curve; /* with its band: the accuracies stay 0, or it would count twice */
    put_factor(channel, label, correlation);
    set->slots[i].is_ready = true;
    return JB_OK;
}

jb_rc jb_sensor_set_constant_uw(struct jb_sensor_set *set, size_t i, int64_t low_uw,
                                int64_t best_uw, int64_t high_uw, const char *label,
                                const char *correlation, struct jb_error *err)
{
    if (i >= set->n || strcmp(set->channels[i].id, "model/dram") != 0 ||
        strcmp(set->channels[i].driver, "model") != 0)
        return jb_fail(err, JB_E_USAGE, NULL, "channel %zu takes no constant power", i);
    if (low_uw < 0 || best_uw <= 0 || low_uw > best_uw || best_uw > high_uw)
        return jb_fail(err, JB_E_USAGE, NULL, "the band of the memory's power is out of order");
    struct jb_channel *const channel = &set->channels[i];
    sensor__model_set_constant(set->slots[i].handle, best_uw);
    channel->accuracy_low_ppm = distance_ppm(best_uw, low_uw);
    channel->accuracy_high_ppm = distance_ppm(best_uw, high_uw);
    /* A constant above the greatest power of the part would read as a gap. */
    if (channel->max_power_uw < high_uw)
        channel->max_power_uw = high_uw;
    put_factor(channel, label, correlation);
    set->slots[i].is_ready = true;
    return JB_OK;
}
