/* SPDX-License-Identifier: Apache-2.0 */
/* What a set of channels is made of, for sensor.c and sensor_factor.c; drivers have sensor_int.h. */
#ifndef JB_SENSOR_SENSOR_SET_INT_H
#define JB_SENSOR_SENSOR_SET_INT_H

#include <joulebook/sys/sensor.h>

#include "sensor/reader_int.h"
#include "sensor/sensor.h"

struct sensor_slot {
    void *handle;
    jb_sensor_read_fn read_fn;
    jb_sensor_close_fn close_fn;
    jb_sensor_use_fn use_fn;   /* NULL: it cannot say who uses it */
    struct reader_slot *apart; /* the handle of a channel that is read apart; NULL: read here */
    bool has_use;
    bool is_gone;
    bool is_ready; /* false: a modelled channel without its factor */
};

struct jb_sensor_set {
    struct jb_sensor_env env;
    const struct jb_sensor_driver *only; /* in a reader's process: the one driver it has */
    struct readers *readers;             /* NULL: nothing is read apart */
    struct jb_channel *channels;
    struct sensor_slot *slots; /* as many as channels, in the same order */
    size_t n;
    size_t capacity;
    struct jb_sensor_refusal *refusals;
    size_t n_refusals;
    size_t refusals_capacity;
    struct drm_watch *watch; /* NULL until a board asks for it */
};

#endif
