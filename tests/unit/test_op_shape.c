/* SPDX-License-Identifier: Apache-2.0 */
/* What arranges elements anew: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Identity", 13, "i=2,n", "", "7:2", "", "2,n"},
    {"Transpose", 13, "f:2,3,n", "", "1:n,3,2", "", NULL},
    {"Transpose", 13, "f:2,3,n", "perm:l=0,2,1", "1:2,n,3", "", NULL},
    {"Reshape", 13, "f:2,3,4|i=0,-1", "", "1:2,12", "", NULL},
    {"Reshape", 13, "f:b,s,768|i=b,s,12,64", "", "1:b,s,12,64", "", NULL},
    {"Reshape", 13, "f:b,s,768|i=0,0,12,-1", "", "1:b,s,12,64", "", NULL},
    {"Reshape", 13, "f:b,s,12,64|i=b,-1,768", "", "1:b,s,768", "", NULL},
    {"Reshape", 14, "f:0,3|i=3,0", "allowzero:i=1", "1:3,0", "", NULL},
    {"Reshape", 1, "f:2,6", "shape:l=3,-1", "1:3,4", "", NULL},
    {"Reshape", 13, "f:2,6|l:1", "", "1:12", "", NULL},
    {"Reshape", 13, "f:2,6|l:2", "", "1:N.0,N.1", "", NULL},
    {"Reshape", 13, "f:2,6|?", "", "1", "", NULL},
    {"Reshape", 13, "i=2,n|i=-1,1", "", "7:2,1", "", "2,n"},
    {"Flatten", 13, "f:2,3,n", "", "1:2,3*n", "", NULL},
    {"Flatten", 13, "f:2,3,n", "axis:i=0", "1:1,6*n", "", NULL},
    {"Flatten", 13, "f:2,3,n", "axis:i=-1", "1:6,n", "", NULL},
    {"Squeeze", 13, "f:1,3,1|i=0", "", "1:3,1", "", NULL},
    {"Squeeze", 11, "f:1,3,1", "axes:l=-1", "1:1,3", "", NULL},
    {"Squeeze", 13, "f:1,n,1", "", "1:n", "", NULL},
    {"Unsqueeze", 13, "f:3,4|i=0,-1", "", "1:1,3,4,1", "", NULL},
    {"Unsqueeze", 11, "s=5", "axes:l=0", "7:1", "", "5"},
    {"com.microsoft:ExpandDims", 1, "f:3,4|s=1", "", "1:3,1,4", "", NULL},
    {"Trilu", 14, "f:3,4", "", "1:3,4", "", NULL},
    {"NonZero", 13, "f:3,4", "", "7:2,N.count", "12", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
