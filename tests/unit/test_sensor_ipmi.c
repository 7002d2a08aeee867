/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R-SENSOR-90, R-SENSOR-91 against a stand-in of the kernel's IPMI device: it checks each request as the kernel would and
 * answers by a script, with frames as BMCs send them.
 */
#include <errno.h>
#include <sys/ioctl.h>
/* The request numbers of linux/ipmi.h are made by sys/ioctl.h. */
#include <linux/ipmi.h>

#include "base/clock.h"
#include "base/os.h"
#include "sensor/reader_int.h"
#include "sensor/sensor.h"
#include "sensor/sensor_int.h"
#include "tap.h"

#define HANDLE 9

static const uint8_t good_power[] = {0x00, 0xdc, 0xd4, 0x00, 0xb4, 0x00, 0x92, 0x01, 0xd7, 0x00,
                                     0x2a, 0x5b, 0xf1, 0x66, 0xe8, 0x03, 0x00, 0x00, 0x40};
static const uint8_t good_capabilities[] = {0x00, 0xdc, 0x01, 0x05, 0x02, 0x00, 0x01, 0x07};

struct bmc {
    int open_error; /* an errno; ENOENT: no device */
    int send_error;
    bool is_silent;
    bool is_late;   /* an answer to an older request stands before the right one */
    bool has_event; /* an event as well */
    const uint8_t *power, *capabilities;
    size_t power_len, capabilities_len;
    /* what the last request was */
    long msgid;
    uint8_t command;
    bool is_waiting;
    int n_before; /* messages that stand before the answer */
    int n_bad_requests, n_sent, n_open;
    struct jb_clock_manual manual;
};

static struct bmc bmc;

static int fake_open(void *context, const char *path)
{
    (void)context;
    if (strcmp(path, "/dev/ipmi0") != 0)
        return -ENOENT;
    if (bmc.open_error)
        return -bmc.open_error;
    bmc.n_open++;
    return HANDLE;
}

static void fake_close(void *context, int handle)
{
    (void)context;
    bmc.n_open -= handle == HANDLE;
}

static int send_command(const struct ipmi_req *request)
{
    const struct ipmi_system_interface_addr *const to = (const void *)request->addr;
    const uint8_t *const bytes = request->msg.data;
    const bool is_power = request->msg.cmd == 0x02;
    const uint8_t want_power[] = {0xdc, 0x01, 0x00, 0x00};
    const uint8_t want_capabilities[] = {0xdc, 0x01};

    bmc.n_sent++;
    if (to->addr_type != 0x0c || to->channel != 0xf || to->lun != 0 ||
        request->addr_len != sizeof *to || request->msg.netfn != 0x2c ||
        (is_power ? request->msg.data_len != 4 || memcmp(bytes, want_power, 4) != 0
                  : request->msg.cmd != 0x01 || request->msg.data_len != 2 ||
                        memcmp(bytes, want_capabilities, 2) != 0))
        bmc.n_bad_requests++;
    if (bmc.send_error)
        return -bmc.send_error;
    bmc.msgid = request->msgid;
    bmc.command = request->msg.cmd;
    bmc.is_waiting = true;
    bmc.n_before = (bmc.is_late ? 1 : 0) + (bmc.has_event ? 1 : 0);
    return 0;
}

static int receive_message(struct ipmi_recv *ret)
{
    const uint8_t *bytes = bmc.command == 0x02 ? bmc.power : bmc.capabilities;
    const size_t len = bmc.command == 0x02 ? bmc.power_len : bmc.capabilities_len;

    if (!bmc.is_waiting)
        return -EAGAIN;
    if (ret->msg.data_len < len)
        return -EMSGSIZE;
    ret->recv_type = IPMI_RESPONSE_RECV_TYPE;
    ret->msgid = bmc.msgid;
    ret->msg.netfn = 0x2d;
    ret->msg.cmd = bmc.command;
    if (bmc.n_before == 2) {
        ret->recv_type = IPMI_ASYNC_EVENT_RECV_TYPE;
    } else if (bmc.n_before == 1) {
        /* 1 kW of a request that was given up. */
        static const uint8_t old[] = {0x00, 0xdc, 0xe8, 0x03, 0, 0, 0, 0, 0,   0,
                                      0,    0,    0,    0,    0, 0, 0, 0, 0x40};
        ret->msgid = bmc.msgid - 1;
        memcpy(ret->msg.data, old, sizeof old);
        ret->msg.data_len = sizeof old;
        bmc.n_before--;
        return 0;
    } else {
        bmc.is_waiting = false;
    }
    bmc.n_before -= bmc.n_before > 0;
    memcpy(ret->msg.data, bytes, len);
    ret->msg.data_len = (unsigned short)len;
    return 0;
}

static int fake_ioctl(void *context, int handle, unsigned long request, void *arg)
{
    (void)context;
    if (handle != HANDLE)
        return -EBADF;
    if (request == IPMICTL_SEND_COMMAND)
        return send_command(arg);
    return request == IPMICTL_RECEIVE_MSG_TRUNC ? receive_message(arg) : -ENOTTY;
}

static int fake_wait_read(void *context, int handle, int timeout_ms)
{
    (void)context;
    (void)handle;
    if (bmc.is_silent || !bmc.is_waiting) {
        bmc.manual.mono_ns += timeout_ms * JB_NS_PER_MS;
        return 0;
    }
    bmc.manual.mono_ns += 30 * JB_NS_PER_MS;
    return 1;
}

static struct jb_os os = {
    .open_read = fake_open, .close = fake_close, .ioctl = fake_ioctl, .wait_read = fake_wait_read};
static struct jb_clock jb_clock;

static struct jb_sensor_set *probe(void)
{
    const struct jb_sensor_env env = {.os = &os, .clock = &jb_clock};
    struct jb_sensor_set *set = NULL;
    struct jb_error err = {0};

    if (sensor__probe_one(&env, &jb_sensor_ipmi, &set, &err) < 0)
        bail_out("probing failed: %s", err.message);
    return set;
}

static void start(void)
{
    bmc = (struct bmc){.power = good_power,
                       .power_len = sizeof good_power,
                       .capabilities = good_capabilities,
                       .capabilities_len = sizeof good_capabilities,
                       .manual = {.mono_ns = JB_NS_PER_S, .boot_ns = JB_NS_PER_S}};
}

static int64_t read_w(struct jb_sensor_set *set, jb_rc *ret_rc)
{
    struct jb_reading reading = {0};

    *ret_rc = jb_sensor_read(set, 0, &reading);
    return *ret_rc < 0 ? -1 : (int64_t)reading.raw;
}

static void readings(void)
{
    jb_rc rc;

    start();
    struct jb_sensor_set *const set = probe();
    is_i64((int64_t)jb_sensor_n_channels(set), 1, "a BMC with DCMI is one channel");
    const struct jb_channel *const channel = jb_sensor_channel(set, 0);
    is_str(channel->id, "node/dcmi", "of the node");
    ok(channel->scope == JB_SCOPE_NODE && channel->semantics == JB_SEMANTICS_GAUGE_AVERAGE &&
           channel->unit_num == 1000000 && channel->window_ns == JB_NS_PER_S &&
           channel->update_ns == JB_NS_PER_S,
       "a gauge in whole watts, over the second it says");
    is_i64(read_w(set, &rc), 212, "0x00d4 W");
    bmc.is_late = bmc.has_event = true;
    is_i64(read_w(set, &rc), 212, "events and answers to older requests are left out");
    bmc.is_late = bmc.has_event = false;
    static const uint8_t busy[] = {0xc0};
    bmc.power = busy;
    bmc.power_len = 1;
    read_w(set, &rc);
    is_i64(rc, JB_E_AGAIN, "a busy BMC has no value this time");
    bmc.power = good_power;
    bmc.power_len = 12;
    read_w(set, &rc);
    is_i64(rc, JB_E_AGAIN, "nor has an answer that is cut short");
    uint8_t zero[sizeof good_power];
    memcpy(zero, good_power, sizeof zero);
    zero[2] = 0;
    bmc.power = zero;
    bmc.power_len = sizeof zero;
    read_w(set, &rc);
    is_i64(rc, JB_E_AGAIN, "0 W is no reading of a machine that runs");
    zero[2] = 0xd4;
    zero[18] = 0x00;
    read_w(set, &rc);
    is_i64(rc, JB_E_AGAIN, "nor is one while it does not measure");
    bmc.power = good_power;
    bmc.power_len = sizeof good_power;
    bmc.is_silent = true;
    const int64_t before_ns = bmc.manual.mono_ns;
    read_w(set, &rc);
    ok(rc == JB_E_AGAIN && bmc.manual.mono_ns - before_ns < 3 * JB_NS_PER_S,
       "a BMC that is silent is given up after two seconds");
    bmc.is_silent = false;
    is_i64(read_w(set, &rc), 212, "and asked again");
    bmc.send_error = ENODEV;
    read_w(set, &rc);
    is_i64(rc, JB_E_GONE, "a device that went away is gone");
    is_i64(bmc.n_bad_requests, 0, "every request was one of DCMI, to the BMC itself");
    jb_sensor_set_free(set);
    is_i64(bmc.n_open, 0, "the device is closed again");
}

static void periods(void)
{
    uint8_t since_boot[sizeof good_power];

    start();
    memcpy(since_boot, good_power, sizeof since_boot);
    since_boot[16] = 0x10; /* 0x001003e8 ms: 17 minutes */
    bmc.power = since_boot;
    struct jb_sensor_set *const set = probe();
    ok(jb_sensor_channel(set, 0)->semantics == JB_SEMANTICS_GAUGE &&
           jb_sensor_channel(set, 0)->window_ns == 0 &&
           jb_sensor_channel(set, 0)->update_ns == 2 * JB_NS_PER_S,
       "statistics since the start say nothing of a reading's window");
    jb_sensor_set_free(set);
}

static void refused(const char *reason, const char *promise)
{
    struct jb_sensor_set *const set = probe();

    ok(jb_sensor_n_channels(set) == 0 && jb_sensor_n_refusals(set) == 1 &&
           strstr(jb_sensor_refusal(set, 0)->reason, reason) && jb_sensor_refusal(set, 0)->step[0],
       "%s", promise);
    if (jb_sensor_n_refusals(set) > 0)
        diag("%s", jb_sensor_refusal(set, 0)->reason);
    jb_sensor_set_free(set);
    is_i64(bmc.n_open, 0, "nothing stays open");
}

static void refusals(void)
{
    static const uint8_t invalid[] = {0xc1};
    uint8_t without[sizeof good_capabilities];
    const struct jb_sensor_env env = {.os = &os, .clock = &jb_clock};

    start();
    bmc.open_error = ENOENT;
    struct jb_sensor_set *const none = probe();
    ok(jb_sensor_n_channels(none) == 0 && jb_sensor_n_refusals(none) == 0 &&
           !jb_sensor_ipmi.is_there(&env),
       "a machine without a BMC is no error, and needs no reader");
    jb_sensor_set_free(none);
    start();
    bmc.open_error = EACCES;
    ok(jb_sensor_ipmi.is_there(&env), "one that may not be asked is there all the same");
    refused("root alone", "and says who may");
    start();
    bmc.power = invalid;
    bmc.power_len = 1;
    refused("no power by DCMI", "a BMC that knows no such command");
    start();
    memcpy(without, good_capabilities, sizeof without);
    without[6] = 0;
    bmc.capabilities = without;
    refused("no power by DCMI", "a BMC that manages no power");
    is_i64(bmc.n_sent, 1, "and is not asked for it");
    start();
    bmc.is_silent = true;
    refused("did not answer in time", "one that is silent");
    start();
    os.ioctl = NULL;
    refused("no power by DCMI", "a recorded tree has no devices");
    os.ioctl = fake_ioctl;
    start();
    bmc.send_error = EIO;
    refused("device fails", "a device that fails");
}

int main(void)
{
    jb_clock = jb_clock_from_manual(&bmc.manual);
    readings();
    periods();
    refusals();
    return done_testing();
}
