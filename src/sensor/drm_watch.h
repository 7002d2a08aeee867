/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who uses the boards of DRM drivers, watched from outside: open DRM files of the processes that may be read, and the
 * kernel's list of compute processes on AMD boards. Looks at most once a second, at a bounded number of files.
 * One watch serves all boards of a set of channels. Rules R-SENSOR-73, R-SENSOR-74.
 */
#ifndef JB_SENSOR_DRM_WATCH_H
#define JB_SENSOR_DRM_WATCH_H

#include <stddef.h>

#include <joulebook/sys/sensor.h>

#include "base/error.h"

struct drm_watch;

/* Counted: each channel that uses it holds it. NULL without memory. */
struct drm_watch *drm_watch__new(void);
struct drm_watch *drm_watch__ref(struct drm_watch *watch);
void drm_watch__unref(struct drm_watch *watch); /* NULL allowed */

/* A board to watch, by PCI address; its number in *ret_board. JB_E_FULL beyond 64. */
JB_MUST_USE jb_rc drm_watch__add_board(struct drm_watch *watch, const struct jb_os *os,
                                       const char *pci, size_t *ret_board);

/* As a jb_sensor_use_fn, of one board. */
JB_MUST_USE jb_rc drm_watch__use(struct drm_watch *watch, const struct jb_sensor_env *env,
                                 size_t board, struct jb_sensor_board *ret_board,
                                 struct jb_sensor_use *ret_uses, size_t capacity, size_t *ret_n);

#endif
