/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of /proc about processes: what is accepted must keep the promises of proc_text.h. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "subject/proc_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static void take_range(void *arg, int64_t first, int64_t last)
{
    must(first >= 0 && last >= first && last <= INT32_MAX);
    (*(size_t *)arg)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"Tgid", "Cpus_allowed_list", "MemAvailable", ""};
    const char *const text = (const char *)data;
    struct jb_proc_stat stat = {.pid = -1};
    size_t n_ranges = 0;

    if (jb_proc_stat_parse(text, size, &stat) == JB_OK)
        must(stat.pid > 0 && stat.parent_pid >= 0 && stat.own_ticks >= 0 &&
             stat.waited_ticks >= 0 && stat.start_ticks >= 0 && stat.resident_pages >= 0);
    else
        must(stat.pid == -1);

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *value = NULL;
        size_t len = 0;
        if (jb_proc_value(text, size, keys[i], &value, &len) == JB_OK)
            must(value >= text && value + len <= text + size);
    }
    if (jb_cpu_list_parse(text, size, take_range, &n_ranges) == JB_OK)
        must(n_ranges <= size);
    return 0;
}
