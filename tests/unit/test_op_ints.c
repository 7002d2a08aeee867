/* SPDX-License-Identifier: Apache-2.0 */
/* Integers known one by one: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Add", 14, "i=1,n|i=2,n", "", "7:2", "2", "3,2*n"},
    {"Sub", 14, "i=n|s=1", "", "7:1", "1", "n - 1"},
    {"Div", 14, "i=7,-7|s=2", "", "7:2", "2", "3,-3"},
    {"Div", 14, "i=7|s=0", "", "7:1", "1", "?"},
    {"Mod", 13, "i=7,-7,n|i=3,3,1", "", "7:3", "3", "1,2,0"},
    {"Pow", 15, "i=3,n|s=2", "", "7:2", "2", "9,n^2"},
    {"Min", 13, "i=3,4|i=5,1|s=2", "", "7:2", "4", "2,1"},
    {"Max", 13, "i=3,4|i=5,1", "", "7:2", "2", "5,4"},
    {"Less", 13, "i=1,2,n|s=2", "", "9:3", "3", "1,0,?"},
    {"GreaterOrEqual", 16, "i=1,2|s=2", "", "9:2", "2", "0,1"},
    {"And", 7, "i=1,0|s=1", "", "9:2", "2", "1,0"},
    {"Not", 1, "i=1,0", "", "7:2", "2", "0,1"},
    {"Sign", 13, "i=-4,0,9", "", "7:3", "3", "-1,0,1"},
    {"Abs", 13, "i=-4,n", "", "7:2", "2", "4,n"},
    {"Mean", 13, "s=2|s=4", "", "7:", "2", "3"},
    {"ReduceProd", 13, "i=2,n,3", "keepdims:i=0", "7:", "3", "6*n"},
    {"ReduceMax", 13, "i=2,5,3", "", "7:1", "3", "5"},
    {"Transpose", 13, "i=2,5,3", "", "7:3", "", "2,5,3"},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
