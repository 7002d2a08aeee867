/* SPDX-License-Identifier: Apache-2.0 */
/* fdinfo of DRM files: what is accepted keeps the promises of drm_fdinfo.h. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/drm_fdinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct drm_client client = {.id = 77};

    if (drm_fdinfo__parse((const char *)data, size, &client) < 0) {
        must(client.id == 77 && client.driver[0] == '\0');
        return 0;
    }
    must(client.driver[0] != '\0' && memchr(client.driver, '\0', sizeof client.driver) != NULL);
    must(memchr(client.pci, '\0', sizeof client.pci) != NULL);
    must(client.memory_bytes >= -1);
    for (size_t i = 0; i < DRM_ENGINES_MAX; i++)
        must(client.engines[i].capacity > 0);
    return 0;
}
