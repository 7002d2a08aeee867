/* SPDX-License-Identifier: Apache-2.0 */
/* R-SENSOR-92: Cray's pm_counters as one consistent scan, below its node, and beside the machine's own counters. */
#include "sensor_rig.h"

#define FOLDER "/sys/cray/pm_counters"

static void put(struct rig *rig, const char *file, const char *text)
{
    char path[128];

    (void)snprintf(path, sizeof path, FOLDER "/%s", file);
    rig_put(rig, path, text);
}

static void put_all(struct rig *rig)
{
    put(rig, "freshness", "100\n");
    put(rig, "energy", "500000 J 1700000000000000 us\n");
    put(rig, "power", "400 W 1700000000000000 us\n");
    put(rig, "cpu_energy", "200000 J 1700000000000000 us\n");
    put(rig, "memory_energy", "50000 J 1700000000000000 us\n");
    put(rig, "accel0_energy", "100000 J 1700000000000000 us\n");
    put(rig, "accel1_energy", "90000 J 1700000000000000 us\n");
}

static void a_node(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "cray-ex");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "node/cray", JB_SCOPE_NODE, JB_ROLE_PARENT, "");
    rig_expect(set, "node/cray/cpu", JB_SCOPE_PACKAGE, JB_ROLE_POST, "node/cray");
    rig_expect(set, "node/cray/memory", JB_SCOPE_DRAM, JB_ROLE_POST, "node/cray");
    rig_expect(set, "node/cray/accel0", JB_SCOPE_GPU, JB_ROLE_POST, "node/cray");
    rig_expect(set, "node/cray/accel1", JB_SCOPE_GPU, JB_ROLE_POST, "node/cray");
    is_i64((int64_t)jb_sensor_n_channels(set), 5,
           "a file without energy is none of them, and nothing is modelled beside");
    const struct jb_channel *const node = rig_channel(set, "node/cray");
    ok(node->semantics == JB_SEMANTICS_COUNTER && node->unit_num == 1000000 &&
           node->unit_den == 1 && node->quantum_uj == 1000000 &&
           node->update_ns == 100 * JB_NS_PER_MS,
       "counts of 1 J, ten a second");
    is_i64(rig_read(set, "node/cray", &rc), 500000, "the node's joules");
    put(&rig, "accel0_energy", "100040 J 1700000000100000 us\n");
    is_i64(rig_read(set, "node/cray/accel0", &rc), 100000,
           "until the next scan every channel shows the one before");
    put(&rig, "energy", "500060 J 1700000000100000 us\n");
    put(&rig, "freshness", "101\n");
    is_i64(rig_read(set, "node/cray/accel0", &rc), 100040, "then all show the new one");
    is_i64(rig_read(set, "node/cray", &rc), 500060, "of the same instant");
    put(&rig, "freshness", "102\n");
    put(&rig, "cpu_energy", "2000");
    rig_read(set, "node/cray/cpu", &rc);
    is_i64(rc, JB_E_AGAIN, "torn text is no value");
    is_i64(rig_read(set, "node/cray", &rc), 500060, "and concerns no other channel");
    rig.manual.mono_ns += 3 * JB_NS_PER_S;
    rig_read(set, "node/cray", &rc);
    is_i64(rc, JB_E_AGAIN, "a controller that stopped scanning has no news: that is not no power");
    put(&rig, "freshness", "103\n");
    is_i64(rig_read(set, "node/cray", &rc), 500060, "and goes on");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* The blade's figures beside those that the machine has itself: no part twice. */
static void beside_rapl(void)
{
    struct rig rig;

    rig_set_up(&rig, "intel-2s-server");
    put_all(&rig);
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "node/cray");
    rig_expect(set, "node/cray/cpu", JB_SCOPE_PACKAGE, JB_ROLE_CHECK, "node/cray");
    rig_expect(set, "node/cray/memory", JB_SCOPE_DRAM, JB_ROLE_CHECK, "node/cray");
    rig_expect(set, "node/cray/accel0", JB_SCOPE_GPU, JB_ROLE_POST, "node/cray");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void refusals(void)
{
    struct rig rig;

    rig_init(&rig);
    put_all(&rig);
    put(&rig, "memory_energy", "not a number\n");
    struct jb_sensor_set *set = rig_probe(&rig);
    ok(rig_refusal(set, "node/cray/memory") && rig_find(set, "node/cray/memory") < 0,
       "a part that gives no number is refused, the others are read");
    is_i64((int64_t)jb_sensor_n_channels(set), 4, "all four");
    jb_sensor_set_free(set);
    rig.denied = "pm_counters";
    set = rig_probe(&rig);
    ok(rig_refusal(set, "node/cray") && strstr(rig_refusal(set, "node/cray")->reason, "root"),
       "what may not be read says so");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    a_node();
    beside_rapl();
    refusals();
    return done_testing();
}
