/* SPDX-License-Identifier: Apache-2.0 */
/* Sensors meet catalogue: the only place that knows both. Invents nothing: no factor, no channel. */
#include "pipeline/probe.h"

#include "base/num.h"
#include "catalogue/catalogue.h"

#define BYTES_PER_GIB INT64_C(1073741824)

static jb_rc fill_cpu(struct jb_sensor_set *set, size_t i, const struct jb_sensor_machine *machine,
                      struct jb_error *err)
{
    /* A guest is shown a number of threads that says nothing about the package it runs on. */
    int64_t seen = machine->is_virtual || machine->n_packages <= 0
                       ? 0
                       : machine->n_threads / machine->n_packages;
    struct jb_cpu_power cpu;
    jb_rc rc = jb_catalogue_find_cpu(machine->cpu_model, seen, &cpu, err);
    if (rc < 0)
        return rc;
    struct jb_power_curve curve = cpu.per_thread;
    curve.n_threads = machine->n_threads;
    char label[JB_CHANNEL_LABEL], correlation[48];
    snprintf(label, sizeof label, "CPU by model: %.80s", cpu.name);
    snprintf(correlation, sizeof correlation, "%s",
             cpu.match == JB_CPU_EXACT    ? "catalogue/cpu"
             : cpu.match == JB_CPU_FAMILY ? "catalogue/cpu-family"
                                          : "catalogue/cpu-unknown");
    return jb_sensor_set_curve(set, i, &curve, label, correlation, err);
}

static jb_rc fill_memory(struct jb_sensor_set *set, size_t i,
                         const struct jb_sensor_machine *machine, struct jb_error *err)
{
    struct jb_catalogue_band band;
    jb_catalogue_memory_uw_per_gib(&band);
    int64_t low, best, high;
    jb_rc rc = jb_muldiv_i64(machine->memory_bytes, band.low, BYTES_PER_GIB, JB_ROUND_FLOOR, &low);
    if (rc == JB_OK)
        rc =
            jb_muldiv_i64(machine->memory_bytes, band.best, BYTES_PER_GIB, JB_ROUND_NEAREST, &best);
    if (rc == JB_OK)
        rc = jb_muldiv_i64(machine->memory_bytes, band.high, BYTES_PER_GIB, JB_ROUND_CEIL, &high);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "the size of the memory is out of range");
    char label[JB_CHANNEL_LABEL];
    snprintf(label, sizeof label, "memory by size: %lld GiB",
             (long long)(machine->memory_bytes / BYTES_PER_GIB));
    return jb_sensor_set_constant_uw(set, i, low, best, high, label, "catalogue/memory", err);
}

jb_rc jb_probe(const struct jb_sensor_env *env, struct jb_sensor_set **ret_set,
               struct jb_error *err)
{
    JB_AUTO(jb_sensor_set_free_auto) struct jb_sensor_set *set = NULL;
    jb_rc rc = jb_sensor_probe_all(env, &set, err);
    if (rc < 0)
        return rc;
    /* Read once, and only where a model asks for it: on a large machine it is a hundred small files. */
    struct jb_sensor_machine machine = {0};
    bool is_read = false;
    for (size_t i = 0; i < jb_sensor_n_channels(set) && rc == JB_OK; i++) {
        const struct jb_channel *channel = jb_sensor_channel(set, i);
        if (channel->origin != JB_ORIGIN_MODELLED || strcmp(channel->driver, "model") != 0)
            continue;
        if (!is_read)
            jb_sensor_machine_read(env->os, &machine);
        is_read = true;
        if (channel->semantics == JB_SEMANTICS_BUSY)
            rc = fill_cpu(set, i, &machine, err);
        else if (machine.memory_bytes > 0)
            rc = fill_memory(set, i, &machine, err);
    }
    if (rc < 0)
        return rc;
    *ret_set = set;
    set = NULL;
    return JB_OK;
}

int64_t jb_probe_idle_bound_uw(const struct jb_os *os)
{
    struct jb_sensor_machine machine;
    struct jb_cpu_power cpu;
    jb_sensor_machine_read(os, &machine);
    if (machine.is_virtual || machine.n_packages <= 0 || machine.n_threads <= 0)
        return 0;
    int64_t n_threads = machine.n_threads / machine.n_packages;
    if (jb_catalogue_find_cpu(machine.cpu_model, n_threads, &cpu, NULL) < 0 ||
        cpu.match == JB_CPU_UNKNOWN)
        return 0;
    return jb_muldiv_sat_i64(cpu.per_thread.high_uw[0], n_threads, 1, JB_ROUND_CEIL);
}
