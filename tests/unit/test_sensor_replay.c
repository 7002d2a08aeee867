/* SPDX-License-Identifier: Apache-2.0 */
/* A recording in place of the machine, by the injected clock. */
#include "sensor_rig.h"

static const char recording[] =
    "joulebook-replay 1\n"
    "channel rapl/package-0\nlabel CPU package 0\nscope package\ndevice cpu\nsemantics counter\n"
    "origin counter\nrole post\nunit_num 1\nunit_den 1\nmodulus 262143328911\nquantum_uj 62\n"
    "update_ns 1000000\nwindow_ns 0\nmax_power_uw 1000000000\naccuracy_ppm 30000\ncorrelation "
    "rapl\n"
    "channel rapl/package-0/core\nparent rapl/package-0\nlabel cores\nscope core\ndevice cpu\n"
    "semantics counter\norigin counter\nrole post\nunit_num 1\nunit_den 1\nmodulus 0\nquantum_uj "
    "62\n"
    "update_ns 1000000\nwindow_ns 0\nmax_power_uw 1000000000\naccuracy_ppm 30000\n"
    "channel model/dram\nlabel memory\nscope dram\ndevice dram\nsemantics gauge\norigin modelled\n"
    "role post\nunit_num 1\nunit_den 1\nmodulus 0\nquantum_uj 0\nupdate_ns 0\nwindow_ns 0\n"
    "max_power_uw 9000000\naccuracy_ppm 0\n"
    "readings\n"
    "70000000000 0 100\n70000000000 2 3000000\n70100000000 1 50\n70200000000 0 !JB_E_GONE\n"
    "70300000000 0 300\n";

static void plays(void)
{
    struct rig rig;
    char path[128];
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-server");
    rig_put(&rig, "/recording", recording);
    (void)snprintf(path, sizeof path, "%s/recording", rig.root);
    rig.env.replay_path = path;
    rig.manual.mono_ns = 12345;
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_i64((int64_t)jb_sensor_n_channels(set), 3, "the file stands in for the whole machine");
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0/core", JB_SCOPE_CORE, JB_ROLE_DETAIL, "rapl/package-0");
    rig_expect(set, "model/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    is_i64(rig_read(set, "rapl/package-0", &rc), 100, "it begins when probing ends");
    is_i64(rig_read(set, "model/dram", &rc), 3000000, "a recorded model needs no factor again");
    rig_read(set, "rapl/package-0/core", &rc);
    is_i64(rc, JB_E_AGAIN, "a channel that began later says nothing yet");
    jb_clock_manual_advance(&rig.manual, 100 * JB_NS_PER_MS);
    is_i64(rig_read(set, "rapl/package-0/core", &rc), 50, "and then does");
    jb_clock_manual_advance(&rig.manual, 100 * JB_NS_PER_MS);
    rig_read(set, "rapl/package-0", &rc);
    is_i64(rc, JB_E_GONE, "a recorded disappearance happens again");
    is_i64((int64_t)jb_sensor_reprobe(set), 0, "probing does not begin the file again");
    jb_clock_manual_advance(&rig.manual, 100 * JB_NS_PER_MS);
    is_i64((int64_t)jb_sensor_reprobe(set), 1, "when the recording has it back, so have we");
    is_i64(rig_read(set, "rapl/package-0", &rc), 300, "at what it showed then");
    jb_clock_manual_advance(&rig.manual, 1);
    rig_read(set, "rapl/package-0", &rc);
    is_i64(rc, JB_E_GONE, "after the last line the meters are gone, not idle");
    is_i64((int64_t)jb_sensor_reprobe(set), 0, "for good");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void refuses(void)
{
    struct rig rig;
    struct jb_error err = {0};
    struct jb_sensor_set *set = NULL;
    char path[128];

    rig_set_up(&rig, "intel-2s-server");
    rig_put(&rig, "/recording", "not a recording\n");
    (void)snprintf(path, sizeof path, "%s/recording", rig.root);
    rig.env.replay_path = path;
    is_i64(jb_sensor_probe_all(&rig.env, &set, &err), JB_E_INPUT,
           "a file that is none is an error");
    ok(!set && strstr(err.message, "/recording:1:"), "with file and line, and no set");
    rig.env.is_privileged = true;
    set = rig_probe(&rig);
    ok(jb_sensor_n_channels(set) == 0 && jb_sensor_n_refusals(set) == 1,
       "an executable with a capability plays nothing a user names (R-SENSOR-52)");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    plays();
    refuses();
    return done_testing();
}
