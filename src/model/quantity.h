/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody knows of one figure or name. Four answers that are different in every account: a value, a range, not
 * known, and known but withheld (the questionnaire of docs/method/case.md). R-KNOWN-01.
 */
#ifndef JB_MODEL_QUANTITY_H
#define JB_MODEL_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum jb_known {
    JB_KNOWN_UNKNOWN, /* nobody said; also what was never asked */
    JB_KNOWN_VALUE,
    JB_KNOWN_RANGE,
    JB_KNOWN_WITHHELD, /* known, and confidential */
};
const char *jb_known_name(enum jb_known known); /* "unknown", "value", "range", "withheld" */
int jb_known_from_name(const char *name);

/* VALUE: all three the same. RANGE: low <= best <= high; best is the middle unless it was told. Others: all 0. */
struct jb_quantity {
    enum jb_known known;
    bool is_best_told; /* RANGE: the best was told too, and is not merely the middle */
    int64_t low, best, high;
};

/* A name: VALUE, UNKNOWN or WITHHELD. "" unless VALUE. */
#define JB_ANSWER 128
struct jb_answer {
    enum jb_known known;
    char text[JB_ANSWER];
};

#endif
