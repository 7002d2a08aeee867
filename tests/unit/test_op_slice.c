/* SPDX-License-Identifier: Apache-2.0 */
/* What cuts, joins, repeats, pads: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Slice", 13, "f:20,10,5|i=0,0|i=3,10|i=0,1", "", "1:3,10,5", "", NULL},
    {"Slice", 13, "f:20|i=-5|i=9223372036854775807", "", "1:5", "", NULL},
    {"Slice", 13, "f:20|i=18|i=3|i=0|i=-4", "", "1:4", "", NULL},
    {"Slice", 13, "f:20|i=-1|i=-9223372036854775807|i=0|i=-1", "", "1:20", "", NULL},
    {"Slice", 13, "f:20|i=1|i=9|i=0|i=3", "", "1:3", "", NULL},
    {"Slice", 13, "f:20|i=9|i=4", "", "1:0", "", NULL},
    {"Slice", 1, "f:20,10", "starts:l=2;ends:l=-1;axes:l=1", "1:20,7", "", NULL},
    {"Slice", 13, "f:1,512|i=0|i=n|i=1", "", "1:1,n", "", NULL},
    {"Slice", 13, "f:1,n|i=0|i=-1|i=1", "", "1:1,n - 1", "", NULL},
    {"Slice", 13, "f:1,n|i=0|i=1|i=1", "", "1:1,1", "", NULL},
    {"Slice", 13, "f:1,n|i=1|i=2147483647|i=1", "", "1:1,n - 1", "", NULL},
    {"Slice", 13, "i=2,n,4|i=1|i=3", "", "7:2", "", "n,4"},
    {"Slice", 13, "i=2,n,4|i=-1|i=-9223372036854775807|i=0|i=-1", "", "7:3", "", "4,n,2"},
    {"Slice", 13, "f:7,8|l:1|l:1|i=0", "", "1:N.0,8", "", NULL},
    {"Split", 13, "f:6,2", "", "1:2,2|1:2,2|1:2,2", "", NULL},
    {"Split", 18, "f:7,2", "num_outputs:i=2", "1:4,2|1:3,2", "", NULL},
    {"Split", 13, "f:6,2|i=2,4", "", "1:2,2|1:4,2", "", NULL},
    {"Split", 11, "f:6,2", "split:l=1,5", "1:1,2|1:5,2", "", NULL},
    {"Split", 13, "i=2,n,4,5", "", "7:2|7:2", "", "2,n"},
    {"Concat", 13, "f:2,3|f:2,n", "axis:i=1", "1:2,n + 3", "", NULL},
    {"Concat", 13, "i=2,n|i=-1|l:1", "axis:i=0", "7:4", "", "2,n,-1,?"},
    {"Pad", 13, "f:2,3|i=0,1,0,2", "", "1:2,6", "", NULL},
    {"Pad", 2, "f:2,n", "pads:l=0,1,0,2", "1:2,n + 3", "", NULL},
    {"Pad", 18, "f:2,3|i=1,-1||i=1", "", "1:2,3", "", NULL},
    {"CenterCropPad", 18, "f:20,8|i=10,9", "", "1:10,9", "", NULL},
    {"CenterCropPad", 18, "f:20,8|i=9", "axes:l=1", "1:20,9", "", NULL},
    {"Tile", 13, "f:2,n|i=3,2", "", "1:6,2*n", "", NULL},
    {"Tile", 1, "f:2,3|s=4|s=1", "", "1:2,12", "", NULL},
    {"Expand", 13, "f:3,1|i=2,1,6", "", "1:2,3,6", "", NULL},
    {"Expand", 13, "f:1,4|i=n,1", "", "1:n,4", "", NULL},
    {"Expand", 13, "s=5|i=3", "", "7:3", "", "5,5,5"},
    {"Compress", 11, "f:3,4|b:3", "axis:i=0", "1:N.count,4", "", NULL},
    {"Compress", 11, "f:3,4|b:3", "", "1:N.count", "", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
