/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a machine's meters answer: DCMI frames, Cray's texts, lines of a program. */
#include <stdlib.h>

#include "sensor/node_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const text = (const char *)data;
    struct dcmi_power power = {0};
    struct exec_line line = {0};
    bool has_power = false;
    uint64_t value = 0;

    const jb_rc rc = dcmi__parse_power(data, size, &power);
    must(rc == JB_OK || rc == JB_E_AGAIN || rc == JB_E_UNAVAILABLE || rc == JB_E_PERMISSION);
    must(rc != JB_OK || size >= 19);
    const jb_rc capable = dcmi__parse_capabilities(data, size, &has_power);
    must(capable != JB_OK || size >= 7);
    if (cray__parse(text, size, "J", &value) == JB_OK)
        must(size >= 3 && data[0] >= '0' && data[0] <= '9');
    if (exec_line__parse(text, size, &line) == JB_OK)
        must(line.value >= 0 && line.utc_us >= 0 && size >= 7 && size <= EXEC_LINE_MAX + 1);
    return 0;
}
