/* SPDX-License-Identifier: Apache-2.0 */
/* One channel at one instant, as the device gave it. A failed read is a jb_rc beside it, never a value in it. */
#ifndef JB_MODEL_READING_H
#define JB_MODEL_READING_H

#include <stdint.h>

struct jb_reading {
    int64_t mono_ns; /* taken around the read */
    uint64_t raw;    /* see jb_semantics */
};

#endif
