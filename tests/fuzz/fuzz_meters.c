/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the file of meters: taken or refused, and what is taken is whole, clean and within its bounds. */
#include "base/clean.h"
#include "cli/meters_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_meter(const struct jb_meter *meter)
{
    must(meter->name[0] && meter->driver[0]);
    must(jb_clean_is(meter->name) && jb_clean_is(meter->url) && jb_clean_is(meter->query) &&
         jb_clean_is(meter->command) && jb_clean_is(meter->label) && jb_clean_is(meter->parent));
    must(jb_scope_name(meter->scope) && jb_device_name(meter->device));
    must(meter->semantics == JB_SEMANTICS_COUNTER || meter->semantics == JB_SEMANTICS_GAUGE);
    must((meter->unit_num > 0) == (meter->unit_den > 0));
    must(meter->period_ns >= 0 && meter->timeout_ns >= 0 && meter->max_power_uw >= 0 &&
         meter->accuracy_ppm >= -1);
    must(meter->url[0] || meter->command[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_meters *meters = NULL;
    struct jb_error err = {0};

    if (jb_meters_parse("fuzz", (const char *)data, size, &meters, &err) < 0) {
        must(err.message[0] && !meters);
        return 0;
    }
    must(meters->n_meters <= JB_METERS_MAX && meters->n_rules <= JB_CHANNELS_MAX);
    for (size_t i = 0; i < meters->n_meters; i++)
        check_meter(&meters->meters[i]);
    for (size_t i = 0; i < meters->n_rules; i++)
        must(meters->rules[i].channel[0] && jb_clean_is(meters->rules[i].channel) &&
             jb_clean_is(meters->rules[i].parent) && jb_role_name(meters->rules[i].role));
    free(meters);
    return 0;
}
