/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an answer of a Prometheus server: refused with a reason, or channels in order. R-PROM-04, R-PROM-06. */
#include <stdlib.h>

#include "import/prometheus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct jb_prometheus_set *set)
{
    for (size_t i = 0; i < set->n_channels; i++) {
        const struct jb_prometheus_channel *const one = &set->channels[i];
        if (one->n_samples < 2 || one->channel.id[0] == '\0' || one->channel.max_power_uw <= 0)
            abort();
        for (size_t k = 0; k < one->n_samples; k++)
            if (one->samples[k].raw < JB_PROMETHEUS_FAILED ||
                (k > 0 && one->samples[k].utc_ms <= one->samples[k - 1].utc_ms))
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct jb_prometheus_wanted all = {NULL, 0};
    struct jb_prometheus_set set = {.n_channels = 0};
    struct jb_prometheus *history = NULL;
    struct jb_error err = {.code = JB_OK};

    if (jb_prometheus_new(&all, &history, &err) < 0)
        return 0;
    jb_rc rc = jb_prometheus_add(history, "fuzz", (const char *)data, size, &err);
    if (rc == JB_OK)
        rc = jb_prometheus_settle(history, 0, INT64_MAX, false, &set, &err);
    if (rc == JB_OK)
        check(&set);
    else if (err.message[0] == '\0')
        abort();
    jb_prometheus_set_release(&set);
    jb_prometheus_free(history);
    return 0;
}
