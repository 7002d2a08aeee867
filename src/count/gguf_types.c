/* SPDX-License-Identifier: Apache-2.0 */
/* Types of numbers in a GGUF, by their number: how many are in a block of how many bytes. R-COUNT-21. */
#include "count/gguf_int.h"

/* 4, 5 and 31 to 33, 36 to 38 were taken back. 40 to 42 are named; their blocks nobody has told us. */
static const struct jb_tensor_type types[] = {
    [0] = {"float32", true, 1, 32},        [1] = {"float16", true, 1, 16},
    [2] = {"q4_0", true, 32, 18 * 8},      [3] = {"q4_1", true, 32, 20 * 8},
    [6] = {"q5_0", true, 32, 22 * 8},      [7] = {"q5_1", true, 32, 24 * 8},
    [8] = {"q8_0", true, 32, 34 * 8},      [9] = {"q8_1", true, 32, 36 * 8},
    [10] = {"q2_k", true, 256, 84 * 8},    [11] = {"q3_k", true, 256, 110 * 8},
    [12] = {"q4_k", true, 256, 144 * 8},   [13] = {"q5_k", true, 256, 176 * 8},
    [14] = {"q6_k", true, 256, 210 * 8},   [15] = {"q8_k", true, 256, 292 * 8},
    [16] = {"iq2_xxs", true, 256, 66 * 8}, [17] = {"iq2_xs", true, 256, 74 * 8},
    [18] = {"iq3_xxs", true, 256, 98 * 8}, [19] = {"iq1_s", true, 256, 50 * 8},
    [20] = {"iq4_nl", true, 32, 18 * 8},   [21] = {"iq3_s", true, 256, 110 * 8},
    [22] = {"iq2_s", true, 256, 82 * 8},   [23] = {"iq4_xs", true, 256, 136 * 8},
    [24] = {"int8", false, 1, 8},          [25] = {"int16", false, 1, 16},
    [26] = {"int32", false, 1, 32},        [27] = {"int64", false, 1, 64},
    [28] = {"float64", true, 1, 64},       [29] = {"iq1_m", true, 256, 56 * 8},
    [30] = {"bfloat16", true, 1, 16},      [34] = {"tq1_0", true, 256, 54 * 8},
    [35] = {"tq2_0", true, 256, 66 * 8},   [39] = {"mxfp4", true, 32, 17 * 8},
    [40] = {"nvfp4", true, 1, 0},          [41] = {"q1_0", true, 1, 0},
    [42] = {"q2_0", true, 1, 0},
};

const struct jb_tensor_type *gguf__type(uint32_t number)
{
    return number < JB_ARRAY_LEN(types) && types[number].name[0] ? &types[number] : NULL;
}
