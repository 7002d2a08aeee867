/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of an environment that limit it to some boards: no board is both seen and not, and what is no board always is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subject/visible.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N 9

static void fill(struct jb_channel channels[N])
{
    static const char *const drivers[] = {"nvml", "rocm-smi", "hwmon"};

    for (int i = 0; i < N; i++) {
        (void)snprintf(channels[i].driver, sizeof channels[i].driver, "%s", drivers[i % 3]);
        (void)snprintf(channels[i].uuid, sizeof channels[i].uuid, "GPU-%d0%d", i / 6, i);
        (void)snprintf(channels[i].id, sizeof channels[i].id, "gpu/%d", i);
        channels[i].board = i == N - 1 ? 0 : i / 3 + 1;
        channels[i].slices = i == 3 ? 7 : 0;
    }
    (void)snprintf(channels[2].correlation, sizeof channels[2].correlation, "hwmon:xe");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct jb_channel channels[N];
    struct jb_visible visible;

    if (size > 65536)
        return 0;
    char *const texts = malloc(size + 1);
    if (!texts)
        return 0;
    memcpy(texts, data, size);
    texts[size] = '\0';
    fill(channels);
    jb_visible_resolve(texts, channels, N, &visible);
    free(texts);
    if ((visible.unseen[0] & visible.named[0]) != 0 || visible.unseen[1] != 0 ||
        visible.named[1] != 0 || (visible.unseen[0] | visible.named[0]) >> (N - 1) != 0)
        abort();
    return 0;
}
