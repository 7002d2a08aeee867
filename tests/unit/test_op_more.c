/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers of the operators: axes from attribute or input, sizes named after a node. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Squeeze", 13, "f:1,3,1|i=0,-1", "", "1:3", "", NULL},
    {"Squeeze", 13, "f:1,3,1|?", "", "1", "", NULL},
    {"Squeeze", 13, "f:1,3,1|i=7", "", "1", "", NULL},
    {"Compress", 11, "f:6|b:6", "", "1:N.count", "", NULL},
    {"Relu", 13, "?", "", "0", "?", NULL},
    {"Relu", 13, "f:a,b", "", "1:a,b", "a*b", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
