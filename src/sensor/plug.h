/* SPDX-License-Identifier: Apache-2.0 */
/* What the drivers of smart plugs share: which of power and energy is read, and how (R-SENSOR-84, R-SENSOR-85). */
#ifndef JB_SENSOR_PLUG_H
#define JB_SENSOR_PLUG_H

#include "base/compiler.h"
#include "sensor/meter_answer.h"
#include "sensor/net_meter.h"

/* Makers state 1 % for their plugs; nobody calibrates yours, so twice that. */
#define PLUG_ACCURACY_PPM 20000
/* 16 A at 250 V. */
#define PLUG_MAX_POWER_UW (INT64_C(4000) * 1000000)
/* No maker says how often a plug renews its count; by-minute figures stand beside it. */
#define PLUG_COUNT_UPDATE_NS (60 * JB_NS_PER_S)

typedef jb_rc (*plug_parse_fn)(const char *text, size_t len, size_t outlet,
                               struct plug_answer *ret);

struct plug {
    struct net_meter meter; /* first */
    plug_parse_fn parse;
    size_t outlet;
    bool is_counter;
    struct plug_answer first;
};

JB_MUST_USE jb_rc plug__new(const struct jb_meter *entry, struct plug **ret, struct jb_error *why);
/* Asks once; an answer without power and energy is JB_E_INPUT. */
JB_MUST_USE jb_rc plug__first_answer(struct plug *plug, struct jb_error *why);
/*
 * After a first answer: adds the channel. `step_uj` is a unit of plug_answer's energy, `shown_uj` what the device shows
 * of it. Takes the plug over in every case.
 */
JB_MUST_USE jb_rc plug__add(struct jb_sensor_set *set, const struct jb_meter *entry,
                            const struct net_meter_traits *traits, struct plug *plug,
                            uint64_t step_uj, int64_t shown_uj, struct jb_error *why);

/* Reads the entry's secret for `add`, and wipes it afterwards, whatever came of it. */
typedef jb_rc (*plug_add_fn)(struct jb_sensor_set *set, const struct jb_meter *entry,
                             const struct meter_secret *secret, struct jb_error *why);
JB_MUST_USE jb_rc plug__with_secret(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                                    const struct jb_meter *entry, plug_add_fn add,
                                    struct jb_error *why);

#endif
