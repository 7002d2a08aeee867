/* SPDX-License-Identifier: Apache-2.0 */
/* R-ENERGY-01: two raw counter values to the count between them. Judges nothing, converts nothing. */
#include "base/counter.h"

uint64_t jb_counter_delta(uint64_t prev, uint64_t cur, uint64_t modulus)
{
    if (modulus == 0)
        return cur - prev; /* unsigned arithmetic is already modulo 2^64 */
    if (cur >= prev)
        return cur - prev;
    return modulus - (prev - cur); /* not modulus + cur - prev, which could pass 2^64 */
}
