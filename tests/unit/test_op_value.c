/* SPDX-License-Identifier: Apache-2.0 */
/* Constants, ranges, shapes, random numbers: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Constant", 13, "", "value_int:i=7", "7:", "", "7"},
    {"Constant", 13, "", "value_ints:l=7,-1", "7:2", "", "7,-1"},
    {"Constant", 13, "", "value_float:f=2.5", "1:", "", "?"},
    {"Constant", 13, "", "value_floats:r=1,2", "1:2", "", "1,2"},
    {"Constant", 13, "", "value_string:t=word", "8:", "", ""},
    {"Constant", 13, "", "value_strings:s=a,b,c", "8:3", "", ""},
    {"ConstantOfShape", 9, "i=2,3", "", "1:2,3", "", "0,0,0,0,0,0"},
    {"ConstantOfShape", 9, "i=n", "", "1:n", "", ""},
    {"ConstantOfShape", 9, "l:2", "", "1:N.0,N.1", "", ""},
    {"Range", 11, "s=1|s=8|s=3", "", "7:3", "6", "1,4,7"},
    {"Range", 11, "s=10|s=4|s=-2", "", "7:3", "6", "10,8,6"},
    {"Range", 11, "s=0|s=n|s=1", "", "7:n", "2*n", ""},
    {"Range", 11, "s=5|s=1|s=1", "", "7:0", "0", ""},
    {"Range", 11, "r=0|r=1|r=0.25", "", "1:4", "8", ""},
    {"Range", 11, "l:|l:|l:", "", "7:N.count", "2*N.count", ""},
    {"EyeLike", 9, "f:3,4", "dtype:i=7", "7:3,4", "", NULL},
    {"OneHot", 11, "l:2,3|s=10|f:2", "", "1:2,3,10", "", NULL},
    {"OneHot", 11, "l:2,3|s=10|f:2", "axis:i=1", "1:2,10,3", "", NULL},
    {"Shape", 15, "f:2,n,4", "start:i=-2", "7:2", "", "n,4"},
    {"Shape", 13, "f:2,n,4", "", "7:3", "", "2,n,4"},
    {"Shape", 15, "f:2,n,4", "end:i=-1", "7:2", "", "2,n"},
    {"Size", 13, "f:2,n,4", "", "7:", "", "8*n"},
    {"RandomNormal", 1, "", "shape:l=2,3", "1:2,3", "-", NULL},
    {"RandomUniformLike", 1, "f:2,3", "dtype:i=11", "11:2,3", "-", NULL},
    {"Multinomial", 7, "f:2,9", "sample_size:i=4", "6:2,4", "-", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
