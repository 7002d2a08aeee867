/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of others: model cards, bills of materials, carbon reports, in their own formats and units. Pure functions of an
 * inventory; one file and one row of the table each. What a format asks for and the book does not know is left out or said to be
 * unknown as the format has it, never made up. docs/method/export.md has for each which figure goes where. R-EXPORT-01 ...
 */
#ifndef JB_EXPORT_EXPORT_H
#define JB_EXPORT_EXPORT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/inventory.h"

/* What an organisation states besides; "" and -1: not stated. */
struct jb_export_options {
    const char *publisher;                /* who publishes the document */
    const char *functional_unit;          /* of SCI: "run", "flop", "token", "parameter" */
    int64_t embodied_ugco2e;              /* of the hardware's share, as the site states it */
    int64_t carbon_price_micro_per_tonne; /* of an offset, micro-units of `currency` */
    const char *currency;
    int layer;            /* enum jb_layer; -1: the only one there is */
    int64_t now_utc_us;   /* of the document */
    const char *software; /* "joulebook 0.1.0" */
};

struct jb_export_format {
    const char *
        name; /* "hf-card", "codecarbon", "boamps", "spdx3", "cyclonedx", "sci", "focus", "eu-form" */
    const char *summary; /* a line of --help */
    const char *file;    /* its usual file name: "emissions.csv" */
    jb_rc (*write)(const struct jb_inventory *inventory, const struct jb_export_options *options,
                   struct jb_buf *out, struct jb_error *err);
};
/* NULL at the end. */
extern const struct jb_export_format *const jb_export_formats[];
const struct jb_export_format *jb_export_find(const char *name);

#endif
