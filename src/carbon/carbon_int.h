/* SPDX-License-Identifier: Apache-2.0 */
/* Shared between carbon.c and hourly.c only. */
#ifndef JB_CARBON_CARBON_INT_H
#define JB_CARBON_CARBON_INT_H

#include <stdint.h>

#include "carbon/carbon.h"

/* The start of the first hour in the file that begins after `utc_us`; INT64_MAX if there is none. */
int64_t hourly__next_start(const struct jb_hourly *hourly, int64_t utc_us);

#endif
