/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a number or a time: refused, or accepted with a text of ours that reads back as the same number. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char again[32];
    int64_t value = 0;
    int64_t back = 0;
    uint64_t count = 0;

    if (jb_parse_i64(text, size, true, &value) == JB_OK) {
        (void)jb_format_decimal(value, 0, again, sizeof again);
        must(jb_parse_i64(again, strlen(again), false, &back) == JB_OK && back == value);
        must(value < 0 || (jb_parse_u64(again, strlen(again), false, &count) == JB_OK &&
                           count == (uint64_t)value));
    }
    if (jb_parse_u64(text, size, false, &count) == JB_OK)
        must(jb_parse_u64(text, size, true, &count) == JB_OK);
    for (unsigned scale = 0; scale <= JB_DECIMAL_SCALE_MAX; scale += 3) {
        if (jb_parse_decimal(text, size, scale, &value) != JB_OK)
            continue;
        (void)jb_format_decimal(value, scale, again, sizeof again);
        must(jb_parse_decimal(again, strlen(again), scale, &back) == JB_OK && back == value);
    }
    if (jb_parse_utc(text, size, &value) == JB_OK) {
        (void)jb_format_utc(value, true, again, sizeof again);
        must(jb_parse_utc(again, strlen(again), &back) == JB_OK && back == value);
    }
    return 0;
}
