/* SPDX-License-Identifier: Apache-2.0 */
/* Batteries over recorded trees. */
#include "sensor_rig.h"

#define BAT0 "/sys/class/power_supply/BAT0"
#define BAT1 "/sys/class/power_supply/BAT1"

static void discharging(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "laptop-battery");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "battery/BAT0", JB_SCOPE_BATTERY, JB_ROLE_CHECK, "");
    rig_expect(set, "battery/BAT1", JB_SCOPE_BATTERY, JB_ROLE_CHECK, "");
    /* 11.4 V x 1 A = 11.4 W: 11400000 uV x 1000000 uA = 11.4e12 pW, 10^6 of them to a uW */
    is_i64(rig_read(set, "battery/BAT0", &rc), INT64_C(11400000000000), "voltage times current");
    ok(rig_channel(set, "battery/BAT0")->unit_num == 1 &&
           rig_channel(set, "battery/BAT0")->unit_den == 1000000,
       "in pW");
    is_i64(rig_read(set, "battery/BAT1", &rc), 6500000, "power_now where there is one");
    ok(rig_channel(set, "battery/BAT1")->unit_den == 1, "in uW");
    ok(rig_find(set, "battery/hidpp_battery_0") < 0, "a mouse's battery is none of ours");
    ok(rig_find(set, "hwmon/BAT0-BAT0/power1") < 0, "hwmon's view of the same battery is left out");
    is_i64((int64_t)jb_sensor_n_channels(set), 4, "package, modelled memory, two batteries");

    rig_put(&rig, BAT0 "/current_now", "-2000000\n");
    is_i64(rig_read(set, "battery/BAT0", &rc), INT64_C(22800000000000),
           "a driver's minus sign for discharge is no negative power");
    rig_put(&rig, BAT0 "/status", "Charging\n");
    rig_read(set, "battery/BAT0", &rc);
    is_i64(rc, JB_E_AGAIN, "when the mains come back there is no value");
    rig_put(&rig, BAT0 "/status", "Discharging\n");
    rig_put(&rig, BAT0 "/voltage_now", "\n");
    rig_read(set, "battery/BAT0", &rc);
    is_i64(rc, JB_E_AGAIN, "a torn factor is no value");
    rig_put(&rig, BAT1 "/power_now", "5000000000\n");
    rig_read(set, "battery/BAT1", &rc);
    is_i64(rc, JB_E_AGAIN, "5 kW is no laptop");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void refused(void)
{
    struct rig rig;

    rig_set_up(&rig, "laptop-charging");
    struct jb_sensor_set *set = rig_probe(&rig);
    ok(rig_find(set, "battery/BAT0") < 0, "a battery that charges is not read");
    ok(rig_refusal(set, "battery/BAT0") &&
           strstr(rig_refusal(set, "battery/BAT0")->reason, "(Charging)"),
       "and says so");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "laptop-battery");
    rig_unlink(&rig, BAT0 "/current_now");
    rig.denied = "BAT1/power_now";
    set = rig_probe(&rig);
    ok(rig_refusal(set, "battery/BAT0") &&
           strstr(rig_refusal(set, "battery/BAT0")->reason, "neither"),
       "a battery without a current is refused");
    ok(rig_refusal(set, "battery/BAT1"), "so is one whose power may not be read");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    discharging();
    refused();
    return done_testing();
}
