/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a machine without sensors: what it reads, and that it says nothing without its factors. */
#include "sensor_rig.h"

static const struct jb_power_curve curve = {
    .low_uw = {500000, 700000, 1500000, 2000000},
    .best_uw = {1000000, 1400000, 2000000, 4000000},
    .high_uw = {1500000, 2100000, 3500000, 5000000},
    .n_threads = 2,
};

static void busy_time(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "empty-vm");
    struct jb_sensor_set *const set = rig_probe(&rig);
    const int cpu = rig_find(set, "model/cpu");
    rig_expect(set, "model/cpu", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    is_str(rig_channel(set, "model/cpu")->label, "AMD EPYC", "the processor's own name");
    is_i64(rig_channel(set, "model/cpu")->curve.n_threads, 2, "its threads are counted");
    ok(rig_channel(set, "model/cpu")->origin == JB_ORIGIN_MODELLED, "it is modelled, and says so");
    rig_read(set, "model/cpu", &rc);
    is_i64(rc, JB_E_UNAVAILABLE, "without a curve there is no value");

    is_i64(jb_sensor_set_curve(set, (size_t)cpu, &curve, "AMD EPYC, Zen 5", "edition:1", NULL),
           JB_OK, "a curve is taken");
    /* user 100 + nice 20 + system 30 + irq 6 + softirq 7 = 163 ticks of 10 ms; not idle 4000, iowait 50, steal 80; guest
     * 9 is inside user */
    is_i64(rig_read(set, "model/cpu", &rc), INT64_C(1630000000),
           "busy time is user, nice, system, irq and softirq (R-SENSOR-20)");
    is_str(rig_channel(set, "model/cpu")->correlation, "edition:1", "errors go with the edition");
    const struct jb_channel *const channel = rig_channel(set, "model/cpu");
    ok(memcmp(&channel->curve, &curve, sizeof curve) == 0 && channel->accuracy_low_ppm == 0 &&
           channel->accuracy_high_ppm == 0 && channel->accuracy_ppm == 0,
       "its band is the curve's, and stands nowhere else");

    rig_put(&rig, "/proc/stat", "cpu  100 20 30 4000 50 6 8 80 9 1\n");
    is_i64(rig_read(set, "model/cpu", &rc), INT64_C(1640000000), "one tick more is 10 ms more");
    rig_put(&rig, "/proc/stat", "cpu  100 20 30\n");
    rig_read(set, "model/cpu", &rc);
    is_i64(rc, JB_E_AGAIN, "a short line is no value");
    rig_put(&rig, "/proc/stat", "cpu0 100 20 30 4000 50 6 8 80 9 1\n");
    rig_read(set, "model/cpu", &rc);
    is_i64(rc, JB_E_AGAIN, "one processor's line is not all of them");
    rig_put(&rig, "/proc/stat", "cpu  18446744073709551615 1 0 0 0 0 0 0\n");
    rig_read(set, "model/cpu", &rc);
    is_i64(rc, JB_E_AGAIN, "a sum beyond 2^64 is no value");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void memory(void)
{
    struct rig rig;
    struct jb_error err;
    jb_rc rc;

    rig_set_up(&rig, "empty-vm");
    struct jb_sensor_set *const set = rig_probe(&rig);
    const int i = rig_find(set, "model/dram");
    rig_expect(set, "model/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    is_str(rig_channel(set, "model/dram")->label, "memory by size, 8192 MiB", "its size is known");
    rig_read(set, "model/dram", &rc);
    is_i64(rc, JB_E_UNAVAILABLE, "without a coefficient there is no value");
    is_i64(
        jb_sensor_set_constant_uw(set, (size_t)i, 1600000, 3200000, 4000000, NULL, "dram:1", &err),
        JB_OK, "a constant is taken");
    is_i64(rig_read(set, "model/dram", &rc), 3200000, "and read as power");
    is_i64(rig_channel(set, "model/dram")->accuracy_low_ppm, 500000, "half of it below");
    is_i64(rig_channel(set, "model/dram")->accuracy_high_ppm, 250000, "a quarter above");
    is_i64(jb_sensor_set_constant_uw(set, (size_t)i, 0, 400000000, 500000000, NULL, NULL, &err),
           JB_OK, "a constant beyond the assumed greatest power is taken");
    is_i64(rig_channel(set, "model/dram")->max_power_uw, 500000000, "and raises that");
    is_i64(jb_sensor_set_constant_uw(set, (size_t)i, 5, 4, 6, NULL, NULL, &err), JB_E_USAGE,
           "a band out of order is refused");
    is_i64(jb_sensor_set_constant_uw(set, (size_t)i, 0, 0, 0, NULL, NULL, &err), JB_E_USAGE,
           "so is no power at all");
    is_i64(jb_sensor_set_curve(set, (size_t)i, &curve, NULL, NULL, &err), JB_E_USAGE,
           "memory takes no curve");
    is_i64(jb_sensor_set_constant_uw(set, (size_t)rig_find(set, "model/cpu"), 1, 2, 3, NULL, NULL,
                                     &err),
           JB_E_USAGE, "a processor takes no constant");
    is_i64(jb_sensor_set_curve(set, 99, &curve, NULL, NULL, &err), JB_E_USAGE, "nor does nothing");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void bad_curves(void)
{
    struct rig rig;
    struct jb_error err;
    struct jb_power_curve bad = curve;

    rig_set_up(&rig, "empty-vm");
    struct jb_sensor_set *const set = rig_probe(&rig);
    const size_t cpu = (size_t)rig_find(set, "model/cpu");
    bad.n_threads = 0;
    is_i64(jb_sensor_set_curve(set, cpu, &bad, NULL, NULL, &err), JB_E_USAGE,
           "a curve of no thread is refused");
    bad = curve;
    bad.low_uw[2] = bad.best_uw[2] + 1;
    is_i64(jb_sensor_set_curve(set, cpu, &bad, NULL, NULL, &err), JB_E_USAGE,
           "so is one whose low lies above its best");
    bad = curve;
    bad.best_uw[0] = 0;
    bad.low_uw[0] = 0;
    is_i64(jb_sensor_set_curve(set, cpu, &bad, NULL, NULL, &err), JB_E_USAGE,
           "so is one that takes nothing at idle");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void without_proc(void)
{
    struct rig rig;

    rig_init(&rig);
    struct jb_sensor_set *set = rig_probe(&rig);
    is_i64((int64_t)jb_sensor_n_channels(set), 0, "without /proc there is no model");
    ok(rig_refusal(set, "/proc/stat") && rig_refusal(set, "/proc/meminfo"),
       "and the reason is said");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "empty-vm");
    rig_put(&rig, "/proc/stat", "nothing\n");
    set = rig_probe(&rig);
    ok(rig_find(set, "model/cpu") < 0 && rig_refusal(set, "/proc/stat"),
       "a /proc/stat that is none is refused");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    busy_time();
    memory();
    bad_curves();
    without_proc();
    return done_testing();
}
