/* SPDX-License-Identifier: Apache-2.0 */
/* R-ENERGY-01: the only function that may subtract two raw counter values. */
#ifndef JB_BASE_COUNTER_H
#define JB_BASE_COUNTER_H

#include <stdint.h>

/*
 * (cur - prev) modulo `modulus`, on raw counts. modulus 0 means 2^64 (the counter does not wrap in practice).
 * Both values must lie in [0, modulus). An unmoved counter gives 0. What the difference means (a wrap, a reset)
 * is for sample/ to judge.
 */
uint64_t jb_counter_delta(uint64_t prev, uint64_t cur, uint64_t modulus);

#endif
