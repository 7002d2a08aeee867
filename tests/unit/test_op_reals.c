/* SPDX-License-Identifier: Apache-2.0 */
/* The few numbers that are not whole, and lists in attributes. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Range", 11, "r=0.5|r=3|r=0.5", "", "1:5", "10", ""},
    {"Range", 11, "r=3|r=0.5|r=0.5", "", "1:0", "0", ""},
    {"Range", 11, "r=0|r=3|r=0", "", "1:0", "0", ""},
    {"Resize", 13, "f:1,1,5,5||r=1,1,0.6,1.5", "", "1:1,1,3,7", "", NULL},
    {"Constant", 13, "", "value_floats:r=1,2.5", "1:2", "", "1,?"},
    {"Constant", 13, "", "value_float:f=-3", "1:", "", "-3"},
    {"Upsample", 7, "f:1,1,4,4", "scales:r=1,1,2.5,0.5", "1:1,1,10,2", "", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
