/* SPDX-License-Identifier: Apache-2.0 */
/* A Jetson's supply rails over recorded trees: mV x mA = uW. */
#include "sensor_rig.h"

#define CHIP "/sys/devices/platform/bus@0/c240000.i2c/i2c-1/1-0040/hwmon/hwmon1"

static void orin_nx(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "jetson-orin-nx");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "jetson/VDD_IN", JB_SCOPE_MODULE, JB_ROLE_PARENT, "");
    rig_expect(set, "jetson/VDD_CPU_GPU_CV", JB_SCOPE_RAIL, JB_ROLE_POST, "jetson/VDD_IN");
    rig_expect(set, "jetson/VDD_SOC", JB_SCOPE_RAIL, JB_ROLE_POST, "jetson/VDD_IN");
    is_i64(rig_read(set, "jetson/VDD_IN", &rc), 12000000, "5000 mV x 2400 mA = 12 W");
    is_i64(rig_read(set, "jetson/VDD_SOC", &rc), 2496000, "4992 mV x 500 mA = 2.496 W");
    ok(rig_channel(set, "jetson/VDD_IN")->unit_num == 1 &&
           rig_channel(set, "jetson/VDD_IN")->unit_den == 1,
       "raw is uW");
    is_i64((int64_t)jb_sensor_n_channels(set), 3, "nothing is modelled under the module's input");

    rig_put(&rig, CHIP "/in1_input", "torn");
    rig_read(set, "jetson/VDD_IN", &rc);
    is_i64(rc, JB_E_AGAIN, "torn text of one factor is no value this time");
    rig_put(&rig, CHIP "/in1_input", "-5\n");
    rig_read(set, "jetson/VDD_IN", &rc);
    is_i64(rc, JB_E_AGAIN, "a negative voltage is none");
    rig_put(&rig, CHIP "/in1_input", "5000\n");
    rig_put(&rig, CHIP "/curr1_input", "2500\n");
    is_i64(rig_read(set, "jetson/VDD_IN", &rc), 12500000, "then it reads on");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void agx_orin(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "jetson-agx-orin");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "jetson/VDD_GPU_SOC", JB_SCOPE_RAIL, JB_ROLE_POST, "");
    rig_expect(set, "jetson/VDD_CPU_CV", JB_SCOPE_RAIL, JB_ROLE_POST, "");
    rig_expect(set, "jetson/VIN_SYS_5V0", JB_SCOPE_RAIL, JB_ROLE_POST, "");
    rig_expect(set, "jetson/VDDQ_VDD2_1V8AO", JB_SCOPE_RAIL, JB_ROLE_DETAIL, "jetson/VIN_SYS_5V0");
    ok(rig_channel(set, "jetson/VDD_GPU_SOC")->device == JB_DEVICE_GPU &&
           rig_channel(set, "jetson/VDD_CPU_CV")->device == JB_DEVICE_CPU,
       "each rail its device");
    is_i64(rig_read(set, "jetson/VDDQ_VDD2_1V8AO", &rc), 0,
           "a shunt's offset below zero is no power");
    is_i64((int64_t)jb_sensor_n_channels(set), 4,
           "unconnected inputs are none, and memory behind the 5 V rail is not modelled on top");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void another_board(void)
{
    struct rig rig;

    rig_set_up(&rig, "jetson-orin-nx");
    rig_put(&rig, CHIP "/in1_label", "board 12V\n");
    rig_put(&rig, CHIP "/in2_label", "VDD_SOC\n");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "hwmon/ina3221-1-0040/board_12V", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    rig_expect(set, "jetson/VDD_SOC", JB_SCOPE_RAIL, JB_ROLE_POST, "");
    ok(rig_refusal(set, "jetson/VDD_SOC"), "a rail named twice is read once");
    ok(rig_find(set, "model/cpu") >= 0, "what only checks leaves the processor to its model");
    jb_sensor_set_free(set);
    rig.denied = "curr3_input";
    struct jb_sensor_set *const denied = rig_probe(&rig);
    ok(rig_refusal(denied, "jetson/VDD_SOC"), "half a rail is refused");
    jb_sensor_set_free(denied);
    rig_tear_down(&rig);
}

int main(void)
{
    orin_nx();
    agx_orin();
    another_board();
    return done_testing();
}
