/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers of configured meters over an empty machine: entries in memory, a clock that a test moves. */
#ifndef JB_TESTS_METER_RIG_H
#define JB_TESTS_METER_RIG_H

#include "sensor_rig.h"

#include "model/meter.h"
#include "sensor/reader_int.h"

struct meter_rig {
    struct rig rig;
    struct jb_meters *meters;
};

TAP__UNUSED static void meter_rig_set_up(struct meter_rig *m)
{
    rig_init(&m->rig);
    m->meters = calloc(1, sizeof *m->meters);
    if (!m->meters)
        bail_out("no memory");
    m->rig.env.meters = m->meters;
    m->rig.manual.utc_us = INT64_C(1700000000) * JB_US_PER_S;
}

TAP__UNUSED static void meter_rig_tear_down(struct meter_rig *m)
{
    rig_tear_down(&m->rig);
    free(m->meters);
}

/* An entry as the meters file leaves it where it says nothing: a wall meter. */
TAP__UNUSED static struct jb_meter *meter_rig_add(struct meter_rig *m, const char *driver,
                                                  const char *name, const char *url)
{
    struct jb_meter *const entry = &m->meters->meters[m->meters->n_meters++];

    *entry =
        (struct jb_meter){.scope = JB_SCOPE_NODE, .device = JB_DEVICE_NODE, .accuracy_ppm = -1};
    (void)snprintf(entry->driver, sizeof entry->driver, "%s", driver);
    (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    (void)snprintf(entry->url, sizeof entry->url, "%s", url);
    return entry;
}

/* What the driver of the first entry makes of it, as in its reader's process. */
TAP__UNUSED static struct jb_sensor_set *meter_rig_probe(struct meter_rig *m)
{
    struct jb_sensor_set *set = NULL;
    struct jb_error err = {0};

    for (size_t i = 0; jb_sensor_drivers[i]; i++)
        if (strcmp(jb_sensor_drivers[i]->name, m->meters->meters[0].driver) == 0 &&
            sensor__probe_one(&m->rig.env, jb_sensor_drivers[i], &set, &err) < 0)
            bail_out("probing failed: %s", err.message);
    if (!set)
        bail_out("no driver '%s'", m->meters->meters[0].driver);
    return set;
}

TAP__UNUSED static void meter_rig_wait(struct meter_rig *m, int64_t ns)
{
    jb_clock_manual_advance(&m->rig.manual, ns);
}

/* Why it is not read, "" if it is. */
TAP__UNUSED static const char *meter_rig_reason(const struct jb_sensor_set *set, const char *what)
{
    const struct jb_sensor_refusal *const refusal = rig_refusal(set, what);

    return refusal ? refusal->reason : "";
}

/* A credentials file of mode `mode`; its path is "<root>/<name>". */
TAP__UNUSED static void meter_rig_secret(const struct meter_rig *m, const char *name,
                                         const char *text, mode_t mode, char *ret_path, size_t size)
{
    char inside[64];

    (void)snprintf(inside, sizeof inside, "/%s", name);
    rig_put(&m->rig, inside, text);
    (void)snprintf(ret_path, size, "%s%s", m->rig.root, inside);
    if (chmod(ret_path, mode) != 0)
        bail_out("chmod");
}

#endif
