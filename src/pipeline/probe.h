/* SPDX-License-Identifier: Apache-2.0 */
/* Sensors of this machine with the catalogue's factors filled in where a model stands in for a meter. */
#ifndef JB_PIPELINE_PROBE_H
#define JB_PIPELINE_PROBE_H

#include "base/error.h"
#include "sensor/sensor.h"

/* jb_sensor_probe_all, then the curve of the recognised processor and the power of the installed memory for modelled
 * channels (R-MODEL-02, -03). An unknown processor stays unknown: its label says so, its band spans every plausible
 * one. */
JB_MUST_USE jb_rc jb_probe(const struct jb_sensor_env *env, struct jb_sensor_set **ret_set,
                           struct jb_error *err);

/*
 * R-IDLE-03: where nobody stated or measured an idle power, a bound it cannot exceed: the upper idle power of the
 * recognised processor's curve, for one of its packages. 0: the processor is not recognised, and nothing bounds it.
 */
int64_t jb_probe_idle_bound_uw(const struct jb_os *os);

#endif
