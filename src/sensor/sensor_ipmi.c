/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board management controller's reading of the machine's power (DCMI) by the kernel's IPMI device: one request, one
 * answer, no library. Read apart, because a BMC may take a second or hang. Must never take the answer to another
 * request for its own. R-SENSOR-90, R-SENSOR-91.
 */
#include <errno.h>
#include <sys/ioctl.h>
/* The request numbers of linux/ipmi.h are made by sys/ioctl.h. */
#include <linux/ipmi.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sensor/node_answer.h"
#include "sensor/sensor_int.h"

#define TIMEOUT_NS          (2 * JB_NS_PER_S)
#define PROBE_TIMEOUT_NS    JB_NS_PER_S
#define UPDATE_NS           (2 * JB_NS_PER_S)
#define PERIOD_LEAST_MS     500
#define PERIOD_MOST_MS      60000
#define MODE_SYSTEM         0x01
#define PARAMETER_SUPPORTED 0x01

static const char *const devices[] = {"/dev/ipmi0", "/dev/ipmi/0", "/dev/ipmidev/0"};

struct bmc {
    int handle;
    long next_id;
};

static bool ipmi_is_there(const struct jb_sensor_env *env)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(devices); i++) {
        const int handle = env->os->open_read(env->os->context, devices[i]);
        if (handle >= 0)
            env->os->close(env->os->context, handle);
        if (handle >= 0 || handle == -EACCES || handle == -EBUSY)
            return true;
    }
    return false;
}

static jb_rc rc_of(int failed)
{
    switch (-failed) {
    case ENODEV:
    case ENXIO:
    case EPIPE: return JB_E_GONE;
    case EACCES:
    case EPERM: return JB_E_PERMISSION;
    case ENOSYS:
    case ENOTTY: return JB_E_UNAVAILABLE;
    case EINTR:
    case EAGAIN:
    case EBUSY:
    case EMSGSIZE:
    case ETIMEDOUT: return JB_E_AGAIN;
    default: return JB_E_IO;
    }
}

/* Waits for the answer to request `id`; what answers an older one, or is an event, is left out. */
static jb_rc receive(const struct bmc *bmc, const struct jb_sensor_env *env, uint8_t command,
                     long id, int64_t deadline_ns, uint8_t *ret_bytes, size_t *ret_len)
{
    const struct jb_os *const os = env->os;

    for (;;) {
        const int64_t left_ns = deadline_ns - jb_mono_ns(env->clock);
        if (left_ns <= 0)
            return JB_E_AGAIN;
        const int n = os->wait_read(os->context, bmc->handle, (int)(left_ns / JB_NS_PER_MS) + 1);
        if (n < 0 && n != -EINTR)
            return rc_of(n);
        if (n <= 0)
            continue;
        struct ipmi_addr from = {0};
        struct ipmi_recv answer = {
            .addr = (unsigned char *)&from,
            .addr_len = sizeof from,
            .msg = {.data = ret_bytes, .data_len = DCMI_DATA_MAX},
        };
        const int rc = os->ioctl(os->context, bmc->handle, IPMICTL_RECEIVE_MSG_TRUNC, &answer);
        if (rc < 0 && rc != -EAGAIN && rc != -EINTR && rc != -EMSGSIZE)
            return rc_of(rc);
        /* Cut short, it was longer than any answer of DCMI. */
        if (rc < 0 || answer.recv_type != IPMI_RESPONSE_RECV_TYPE || answer.msgid != id ||
            answer.msg.netfn != (DCMI_NETFN | 1) || answer.msg.cmd != command)
            continue;
        *ret_len = answer.msg.data_len < DCMI_DATA_MAX ? answer.msg.data_len : DCMI_DATA_MAX;
        return JB_OK;
    }
}

static jb_rc request(struct bmc *bmc, const struct jb_sensor_env *env, uint8_t command,
                     uint8_t *bytes, size_t n_bytes, int64_t timeout_ns, uint8_t *ret_answer,
                     size_t *ret_len)
{
    const struct jb_os *const os = env->os;
    struct ipmi_system_interface_addr to = {.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
                                            .channel = IPMI_BMC_CHANNEL};
    const long id = ++bmc->next_id;
    struct ipmi_req ask = {
        .addr = (unsigned char *)&to,
        .addr_len = sizeof to,
        .msgid = id,
        .msg = {.netfn = DCMI_NETFN,
                .cmd = command,
                .data = bytes,
                .data_len = (unsigned short)n_bytes},
    };

    if (!os->ioctl || !os->wait_read)
        return JB_E_UNAVAILABLE;
    const int rc = os->ioctl(os->context, bmc->handle, IPMICTL_SEND_COMMAND, &ask);
    if (rc < 0)
        return rc_of(rc);
    return receive(bmc, env, command, id, jb_mono_ns(env->clock) + timeout_ns, ret_answer, ret_len);
}

static jb_rc ask_power(struct bmc *bmc, const struct jb_sensor_env *env, int64_t timeout_ns,
                       struct dcmi_power *ret)
{
    uint8_t ask[] = {DCMI_GROUP, MODE_SYSTEM, 0, 0};
    uint8_t answer[DCMI_DATA_MAX];
    size_t len = 0;

    const jb_rc rc = request(bmc, env, DCMI_GET_POWER, ask, sizeof ask, timeout_ns, answer, &len);
    return rc < 0 ? rc : dcmi__parse_power(answer, len, ret);
}

/* A BMC that does not say whether it manages power is asked for the power all the same. */
static jb_rc ask_has_power(struct bmc *bmc, const struct jb_sensor_env *env, bool *ret_has_power)
{
    uint8_t ask[] = {DCMI_GROUP, PARAMETER_SUPPORTED};
    uint8_t answer[DCMI_DATA_MAX];
    size_t len = 0;

    *ret_has_power = true;
    const jb_rc rc =
        request(bmc, env, DCMI_GET_CAPABILITIES, ask, sizeof ask, PROBE_TIMEOUT_NS, answer, &len);
    if (rc < 0)
        return rc;
    const jb_rc parsed = dcmi__parse_capabilities(answer, len, ret_has_power);
    return parsed == JB_E_UNAVAILABLE ? JB_OK : parsed;
}

/* R-SENSOR-91: a machine that answers does not draw 0 W. */
static jb_rc ipmi_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    struct dcmi_power power;

    const jb_rc rc = ask_power(handle, env, TIMEOUT_NS, &power);
    if (rc < 0)
        return rc == JB_E_UNAVAILABLE ? JB_E_AGAIN : rc;
    if (!power.is_active || power.current_w == 0)
        return JB_E_AGAIN;
    *ret_raw = power.current_w;
    return JB_OK;
}

static void ipmi_close(void *handle, const struct jb_sensor_env *env)
{
    struct bmc *const bmc = handle;

    env->os->close(env->os->context, bmc->handle);
    free(bmc);
}

static jb_rc refuse(struct jb_sensor_set *set, jb_rc why, struct jb_error *err)
{
    static const struct {
        jb_rc rc;
        const char *reason, *step;
    } rows[] = {
        {JB_E_PERMISSION, "the board controller is there, but root alone may ask it",
         "run as root, or an administrator lets a trusted group open /dev/ipmi0 by a udev rule; "
         "whoever may open it can also switch the machine off"},
        {JB_E_UNAVAILABLE, "the board controller measures no power by DCMI",
         "see whether it speaks Redfish, and put it into the file of meters (joulebook-meters(5))"},
        {JB_E_AGAIN, "the board controller did not answer in time, or measures no power just now",
         "try once more; where it goes on, reset the controller"},
        {JB_OK, "the board controller's device fails",
         "load the kernel's ipmi_si and ipmi_devintf again, or reset the controller"},
    };
    size_t i = 0;

    while (rows[i].rc != why && rows[i].rc != JB_OK)
        i++;
    return jb_sensor_refuse(set, "ipmi", "node/dcmi", rows[i].reason, rows[i].step, err);
}

static jb_rc add(struct jb_sensor_set *set, const struct dcmi_power *power, struct bmc *bmc,
                 struct jb_error *err)
{
    struct jb_channel channel = {
        .id = "node/dcmi",
        .driver = "ipmi",
        .correlation = "dcmi",
        .label = "machine, by its board controller (DCMI)",
        .scope = JB_SCOPE_NODE,
        .device = JB_DEVICE_NODE,
        .semantics = JB_SEMANTICS_GAUGE,
        .origin = JB_ORIGIN_GAUGE,
        .role = JB_ROLE_POST,
        .unit_num = 1000000,
        .unit_den = 1,
        .update_ns = UPDATE_NS,
        .max_power_uw = 20000 * SENSOR_W,
        .accuracy_ppm = 50000,
    };

    /* Many count their statistics since they were started: then the period says nothing of a reading. */
    if (power->period_ms >= PERIOD_LEAST_MS && power->period_ms <= PERIOD_MOST_MS) {
        channel.semantics = JB_SEMANTICS_GAUGE_AVERAGE;
        channel.window_ns = (int64_t)power->period_ms * JB_NS_PER_MS;
        channel.update_ns = channel.window_ns;
    }
    return jb_sensor_add(set, &channel, bmc, ipmi_read, ipmi_close, err);
}

static jb_rc ipmi_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        struct jb_error *err)
{
    struct dcmi_power power = {0};
    bool has_power = false;
    int handle = -ENOENT;

    for (size_t i = 0; i < JB_ARRAY_LEN(devices) && handle == -ENOENT; i++)
        handle = env->os->open_read(env->os->context, devices[i]);
    if (handle == -ENOENT || handle == -ENOTDIR)
        return JB_OK;
    if (handle < 0)
        return refuse(set, rc_of(handle), err);
    struct bmc *const bmc = malloc(sizeof *bmc);
    if (!bmc) {
        env->os->close(env->os->context, handle);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the board controller");
    }
    *bmc = (struct bmc){.handle = handle};
    jb_rc rc = ask_has_power(bmc, env, &has_power);
    if (rc == JB_OK)
        rc = has_power ? ask_power(bmc, env, PROBE_TIMEOUT_NS, &power) : JB_E_UNAVAILABLE;
    if (rc == JB_OK && !power.is_active)
        rc = JB_E_AGAIN;
    if (rc == JB_OK)
        return add(set, &power, bmc, err);
    ipmi_close(bmc, env);
    return refuse(set, rc, err);
}

const struct jb_sensor_driver jb_sensor_ipmi = {
    .name = "ipmi",
    .summary = "the machine's power by its board controller: DCMI over the kernel's IPMI device",
    .probe = ipmi_probe,
    .is_apart = true,
    .is_there = ipmi_is_there,
};
