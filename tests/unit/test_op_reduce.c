/* SPDX-License-Identifier: Apache-2.0 */
/* Reductions: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"ReduceSum", 13, "f:2,3,4|i=1", "", "1:2,1,4", "24", NULL},
    {"ReduceSum", 11, "f:2,3,4", "axes:l=-1;keepdims:i=0", "1:2,3", "24", NULL},
    {"ReduceMean", 18, "f:2,3,4|i=0,1", "keepdims:i=0", "1:4", "28", NULL},
    {"ReduceMax", 18, "f:2,3", "noop_with_empty_axes:i=1", "1:2,3", "6", NULL},
    {"ReduceMax", 18, "f:2,3", "keepdims:i=0", "1:", "6", NULL},
    {"ReduceL1", 13, "f:6", "", "1:1", "12", NULL},
    {"ReduceL2", 13, "f:2,3", "axes:l=1", "1:2,1", "14", NULL},
    {"ReduceLogSumExp", 13, "f:2,3", "axes:l=1", "1:2,1", "14", NULL},
    {"ReduceSum", 13, "f:2,3|?", "", "1:?,?", "6", NULL},
    {"ReduceSum", 13, "f:2,3|?", "keepdims:i=0", "1", "6", NULL},
    {"ArgMax", 13, "f:2,3", "axis:i=1", "7:2,1", "6", NULL},
    {"ArgMin", 13, "f:2,3", "keepdims:i=0", "7:3", "6", NULL},
    {"com.microsoft:ReduceSumInteger", 1, "q:2,3", "axes:l=1;keepdims:i=0", "6:2", "6", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
