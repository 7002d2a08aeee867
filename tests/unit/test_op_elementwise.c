/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic, comparison, activations, optimisers: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Abs", 13, "f:2,n", "", "1:2,n", "2*n", NULL},
    {"Neg", 13, "i=3,-2", "", "7:2", "2", "-3,2"},
    {"Not", 1, "b:4", "", "9:4", "4", ""},
    {"IsNaN", 13, "f:5", "", "9:5", "5", ""},
    {"Add", 13, "f:2,1,4|f:3,1", "", "1:2,3,4", "24", ""},
    {"Add", 1, "f:2,3,4|f:3", "axis:i=1;broadcast:i=1", "1:2,3,4", "24", ""},
    {"Mul", 13, "i=4,n|s=3", "", "7:2", "2", "12,3*n"},
    {"Equal", 13, "i=-1,n,3|i=-1,-1,4", "", "9:3", "3", "1,0,0"},
    {"Where", 16, "i=1,0|i=5,6|i=7,n", "", "7:2", "", "5,n"},
    {"Max", 13, "f:4|f:4|f:1", "", "1:4", "8", ""},
    {"Mean", 13, "f:4|f:4", "", "1:4", "8", ""},
    {"Sum", 13, "f:4", "", "1:4", "", ""},
    {"Clip", 13, "f:6|s=0|", "", "1:6", "6", NULL},
    {"Clip", 6, "f:6", "min:f=0;max:f=6", "1:6", "12", NULL},
    {"Cast", 13, "i=2,n", "to:i=6", "6:2", "", "2,n"},
    {"Cast", 1, "f:2", "to:t=INT64", "7:2", "", ""},
    {"CastLike", 19, "f:2|l:1", "", "7:2", "", ""},
    {"Sigmoid", 13, "f:10", "", "1:10", "40", NULL},
    {"PRelu", 16, "f:2,3|f:3", "", "1:2,3", "12", NULL},
    {"Gelu", 20, "f:10", "", "1:10", "50", NULL},
    {"Gelu", 20, "f:10", "approximate:t=tanh", "1:10", "80", NULL},
    {"SwiGLU", 28, "f:2,4|f:2,4", "", "1:2,4", "56", NULL},
    {"com.microsoft:BiasGelu", 1, "f:2,4|f:4", "", "1:2,4", "48", NULL},
    {"com.microsoft:FastGelu", 1, "f:2,4", "", "1:2,4", "64", NULL},
    {"com.microsoft:BiasSplitGelu", 1, "f:2,3,8|f:8", "", "1:2,3,4", "192", NULL},
    {"ai.onnx.preview.training:Momentum", 1, "s=1|l:|f:3|f:5|f:3|f:5|f:3|f:5", "",
     "1:3|1:5|1:3|1:5", "48", NULL},
    {"ai.onnx.preview.training:Adam", 1, "s=1|l:|f:3|f:3|f:3|f:3", "", "1:3|1:3|1:3", "42", NULL},
    {"ai.onnx.preview.training:Gradient", 1, "f:3", "", "0", "-", NULL},
    {"Relu", 14, "?", "", "0", "?", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
