/* SPDX-License-Identifier: Apache-2.0 */
/* Quantisation: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"QuantizeLinear", 13, "f:2,3|f:|q:", "", "3:2,3", "30", NULL},
    {"QuantizeLinear", 13, "f:2,3|f:", "", "2:2,3", "24", NULL},
    {"QuantizeLinear", 21, "f:2,3|f:", "output_dtype:i=22", "22:2,3", "24", NULL},
    {"DequantizeLinear", 13, "q:2,3|f:|q:", "", "1:2,3", "12", NULL},
    {"DequantizeLinear", 23, "q:2,3|f:", "output_dtype:i=10", "10:2,3", "6", NULL},
    {"DynamicQuantizeLinear", 11, "f:2,3", "", "2:2,3|1:|2:", "42", NULL},
    {"com.microsoft:QLinearAdd", 1, "u:2,3|f:|u:|u:3|f:|u:|f:|u:", "", "2:2,3", "60", NULL},
    {"com.microsoft:MulInteger", 1, "u:2,3|u:|u:3|u:", "", "6:2,3", "18", NULL},
    {"com.microsoft:QLinearSigmoid", 1, "u:2,3|f:|u:|f:|u:", "", "2:2,3", "66", NULL},
    {"com.microsoft:QLinearConcat", 1, "f:|u:|u:2,3|f:|u:|u:2,4|f:|u:", "axis:i=1", "2:2,7", "98",
     NULL},
    {"com.microsoft:QLinearWhere", 1, "b:2,1|u:3|f:|u:|u:2,3|f:|u:|f:|u:", "", "2:2,3", "42", NULL},
    {"com.microsoft:QLinearReduceMean", 1, "u:2,3|f:|u:|f:|u:", "axes:l=1;keepdims:i=0", "2:2",
     "30", NULL},
    {"com.microsoft:GatherBlockQuantized", 1, "u:100,16|l:2,5|f:100,1", "bits:i=4", "1:2,5,32",
     "640", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
