/* SPDX-License-Identifier: Apache-2.0 */
/* What JSON and CSV of a report share: the figures of a run and of a sum, each named once. R-REPORT-05. */
#ifndef JB_REPORT_REPORT_INVENTORY_INT_H
#define JB_REPORT_REPORT_INVENTORY_INT_H

#include <jansson.h>

#include "report/report_inventory.h"

enum report__kind {
    REPORT_TEXT,
    REPORT_NUMBER,
    REPORT_KNOWN, /* a number; below 0: not known */
    REPORT_FLOP,  /* 128 bits, as decimal text; below 0: not known */
    REPORT_CLAIM, /* bool */
    REPORT_FIGURE,
    REPORT_COVERAGE,
    REPORT_DEVICES, /* of `device_uj` and its band; the offset is the owner's begin */
    REPORT_ORIGINS,
    REPORT_WORD,
    REPORT_METRICS,
    REPORT_HASH,
};

struct report__field {
    const char *name; /* of JSON; a figure's ends with its unit */
    enum report__kind kind;
    size_t at;
    const char *(*word)(const void *value); /* of REPORT_WORD */
};

/* End with a name of NULL. */
extern const struct report__field report__run_fields[];
extern const struct report__field report__sum_fields[];

/* Best and band of each device, of a run or of a sum. */
struct report__devices {
    const int64_t *low_uj, *best_uj, *high_uj;
};
struct report__devices report__devices_of(const struct report__field *fields, const void *owner);

/* Any bytes as a JSON text: what is not UTF-8 becomes '?'. NULL where memory ran out. */
json_t *report__json_text(const char *bytes);

jb_rc report__inventory_json(const struct jb_report_input *input, struct jb_buf *out,
                             struct jb_error *err);
/* The metrics of a run as compact JSON. */
jb_rc report__metrics_json(const struct jb_inventory_run *run, struct jb_buf *out,
                           struct jb_error *err);
jb_rc report__inventory_csv(const struct jb_report_input *input, struct jb_buf *out,
                            struct jb_error *err);
void report__inventory_text(const struct jb_report_input *input, const struct jb_style *style,
                            struct jb_buf *out);

#endif
