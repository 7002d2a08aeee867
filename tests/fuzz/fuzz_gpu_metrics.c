/* SPDX-License-Identifier: Apache-2.0 */
/* amdgpu's table: what is accepted keeps the promises of gpu_metrics.h. */
#include <stdbool.h>
#include <stdlib.h>

#include "sensor/gpu_metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gpu_metrics metrics = {.format = 77};

    if (gpu_metrics__parse(data, size, &metrics) < 0) {
        must(metrics.format == 77);
        return 0;
    }
    must(size >= 4 && metrics.format == data[2] && metrics.content == data[3]);
    must(metrics.is_known || (!metrics.has_energy && !metrics.has_power && !metrics.has_clock));
    must(!metrics.has_energy || (metrics.energy != UINT64_MAX && metrics.format == 1));
    must(metrics.has_energy || metrics.energy == 0);
    must(!gpu_metrics__is_unit_stated(&metrics, 0x740f) || metrics.format == 1);
    return 0;
}
