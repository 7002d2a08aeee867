/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks a grid's API for the intensities of the hours to come. Only what the user named is sent: a zone, a time, the
 * credentials. R-CARBON-24: docs/method/catalogue.md.
 */
#ifndef JB_PIPELINE_GRID_FETCH_H
#define JB_PIPELINE_GRID_FETCH_H

#include "base/error.h"
#include "carbon/carbon.h"

struct jb_grid_order {
    const char *provider;    /* "electricity-maps", "gb", "watttime" */
    const char *zone;        /* as the provider names it; "" for gb */
    const char *url;         /* in place of the provider's own, as https://HOST; NULL: its own */
    const char *credentials; /* file that only its owner can read; "" none */
    const char *ca_file;     /* as of http_settings */
    int64_t from_utc_us;
};

/* Whether a word is the name of a provider; the error of jb_grid_fetch lists them. */
bool jb_grid_is_provider(const char *word);

/* JB_E_USAGE: no such provider, no zone; JB_E_PERMISSION: credentials are missing, refused, or would go over the network in the
 * clear; else as http_client__get. The caller frees. */
JB_MUST_USE jb_rc jb_grid_fetch(const struct jb_grid_order *order, struct jb_hourly **ret,
                                struct jb_error *err);

#endif
