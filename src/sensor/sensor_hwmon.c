/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power and energy meters of /sys/class/hwmon, known by the chip's name and the device it sits on, never by index.
 * A counter (energyN_input) is taken before a gauge (powerN_average, powerN_input) of the same chip. A chip we do not
 * know is shown and compared, never added: what it overlaps is unknown. Rules R-SENSOR-30 to R-SENSOR-33.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sensor/sensor_int.h"

#define CLASS_FOLDER     "/sys/class/hwmon"
#define UNKNOWN_PER_CHIP 8
#define GPU_MAX_UW       (2000 * SENSOR_W)
#define NODE_MAX_UW      (20000 * SENSOR_W)
#define OTHER_MAX_UW     (20000 * SENSOR_W)
#define KNOWN_PPM        50000
#define UNKNOWN_PPM      100000

/* -- adding one file ------------------------------------------------------------------------------------------------- */

jb_rc sensor__refuse_file(struct jb_sensor_set *set, const char *driver, const char *id, int failed,
                          struct jb_error *err)
{
    char reason[160];

    if (failed == -ENOMEM)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", id);
    if (failed == -EACCES)
        return jb_sensor_refuse(set, driver, id, "the meter is there, but root alone may read it",
                                "run as root, or an administrator lets a trusted group read this "
                                "one file by a udev rule",
                                err);
    (void)snprintf(reason, sizeof reason, "the meter is there, but gives no number (%s)",
                   strerror(-failed));
    return jb_sensor_refuse(set, driver, id, reason,
                            "wake the device or load its driver again, then try once more", err);
}

/* "power1_average" has its window beside it, in ms. */
static int64_t window_of(const struct jb_os *os, const struct sensor_chip *chip, const char *file)
{
    char name[SENSOR_NAME_MAX];
    uint64_t window_ms;

    (void)snprintf(name, sizeof name, "%.40s_interval", file);
    if (sensor__u64(os, chip->attributes, name, &window_ms) < 0 || window_ms > 3600 * 1000)
        return 0;
    return (int64_t)window_ms * JB_NS_PER_MS;
}

jb_rc sensor__add_gauge(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        const struct sensor_chip *chip, const char *file,
                        struct jb_channel *channel, struct jb_error *err)
{
    const bool is_counter = strncmp(file, "energy", 6) == 0;
    struct sensor_file *handle = NULL;

    /* Two alike without a device to tell them apart: which is which would change with the next start. */
    if (sensor__find(set, channel->id))
        return jb_sensor_refuse(set, "hwmon", channel->id,
                                "a second meter has the same name and no device to know it by",
                                "nothing to do: the first one is shown", err);
    (void)snprintf(channel->driver, sizeof channel->driver, "hwmon");
    (void)snprintf(channel->correlation, sizeof channel->correlation, "hwmon:%.40s", chip->name);
    channel->unit_num = 1; /* uJ and uW, by the kernel's convention for hwmon */
    channel->unit_den = 1;
    if (is_counter) {
        channel->semantics = JB_SEMANTICS_COUNTER;
        channel->origin = JB_ORIGIN_COUNTER;
        channel->quantum_uj = 1;
    } else {
        channel->semantics =
            strstr(file, "_average") ? JB_SEMANTICS_GAUGE_AVERAGE : JB_SEMANTICS_GAUGE;
        channel->origin = JB_ORIGIN_GAUGE;
        if (channel->semantics == JB_SEMANTICS_GAUGE_AVERAGE)
            channel->window_ns = window_of(env->os, chip, file);
        channel->update_ns = channel->window_ns;
    }
    const int failed = sensor__file_new(env, chip->attributes, file, is_counter, 0, &handle);
    if (failed < 0)
        return sensor__refuse_file(set, "hwmon", channel->id, failed, err);
    const jb_rc rc =
        jb_sensor_add(set, channel, handle, sensor__file_read, sensor__file_close, err);
    /* The set keeps the handle of a channel that it has; a refused one's is closed. */
    if (rc < 0 || !sensor__find(set, channel->id))
        return rc;
    return sensor__watch_board(env, set, channel->id, sensor__file_use, &handle->users, err);
}

/* -- graphics and accelerators --------------------------------------------------------------------------------------- */

/* The text of "<file>_label"; "" without one. "energy1_input" has "energy1_label". */
static void read_label(const struct jb_os *os, const struct sensor_chip *chip, const char *file,
                       char *buf, size_t size)
{
    char name[SENSOR_NAME_MAX];

    (void)snprintf(name, sizeof name, "%.*s_label", (int)strcspn(file, "_"), file);
    if (sensor__text(os, chip->attributes, name, buf, size) < 0)
        buf[0] = '\0';
}

/* R-SENSOR-72: the die that shares its module's meter shows 0 W for ever, which is no measurement. */
static bool is_other_die(const struct jb_os *os, const struct sensor_chip *chip)
{
    struct drm_board board;
    enum sensor_amd_meter meter;

    return strcmp(chip->name, "amdgpu") == 0 && drm__find(os, chip->place, &board) &&
           sensor__amd_meter(os, &board, &meter) == 0 && meter == SENSOR_AMD_OTHER_DIE;
}

/* R-SENSOR-32: only a processor with graphics inside has a "vddnb" voltage; its figure is the whole socket's. */
static bool is_inside_processor(const struct jb_os *os, const struct sensor_chip *chip)
{
    char label[SENSOR_NAME_MAX];

    return strcmp(chip->name, "amdgpu") == 0 &&
           sensor__text(os, chip->attributes, "in1_label", label, sizeof label) > 0 &&
           strcmp(label, "vddnb") == 0;
}

static jb_rc add_gpu(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                     const struct sensor_chip *chip, const char *file, struct jb_error *err)
{
    char label[SENSOR_NAME_MAX];
    struct jb_channel channel = {
        .scope = JB_SCOPE_GPU,
        .device = JB_DEVICE_GPU,
        .role = JB_ROLE_POST,
        .max_power_uw = GPU_MAX_UW,
        .accuracy_ppm = KNOWN_PPM,
    };

    read_label(env->os, chip, file, label, sizeof label);
    if (strcmp(label, "pkg") == 0) {
        (void)snprintf(channel.id, sizeof channel.id, "gpu/%.60s/package", chip->place);
        (void)snprintf(channel.parent, sizeof channel.parent, "gpu/%.60s", chip->place);
        (void)snprintf(channel.label, sizeof channel.label, "chip of GPU %.60s", chip->place);
    } else if (strncmp(chip->name, "i915_gt", 7) == 0) {
        (void)snprintf(channel.id, sizeof channel.id, "gpu/%.60s/%.20s", chip->place,
                       chip->name + 5);
        (void)snprintf(channel.parent, sizeof channel.parent, "gpu/%.60s", chip->place);
        (void)snprintf(channel.label, sizeof channel.label, "tile %.20s of GPU %.60s",
                       chip->name + 5, chip->place);
    } else {
        (void)snprintf(channel.id, sizeof channel.id, "gpu/%.60s", chip->place);
        (void)snprintf(channel.label, sizeof channel.label, "GPU %.50s (%.20s)", chip->place,
                       chip->name);
        /* R-TREE-02: a counter of the same board was found before its gauge. */
        const struct jb_channel *const same = sensor__find(set, channel.id);
        if (same && strcmp(same->driver, "hwmon") != 0)
            (void)snprintf(channel.id, sizeof channel.id, "gpu/%.60s@hwmon", chip->place);
        else if (is_other_die(env->os, chip))
            return JB_OK;
    }
    drm__put_board(env->os, chip->place, &channel);
    if (is_inside_processor(env->os, chip)) {
        channel.scope = JB_SCOPE_OTHER;
        channel.device = JB_DEVICE_OTHER;
        channel.role = JB_ROLE_CHECK;
        (void)snprintf(channel.label, sizeof channel.label, "processor with graphics %.40s",
                       chip->place);
    }
    return sensor__add_gauge(env, set, chip, file, &channel, err);
}

/* -- meters of the whole machine, and the unknown -------------------------------------------------------------------- */

/*
 * What the firmware says of its meter's accuracy: "96.0%" and "4.0%" both stand for 4 %. 100 % and 0 % are no statements
 * (many firmwares fill the field in so), and no board's meter is better than 1 %.
 */
static int64_t stated_accuracy_ppm(const struct jb_os *os, const struct sensor_chip *chip,
                                   const char *file, int64_t otherwise)
{
    char name[SENSOR_NAME_MAX];
    char text[32];
    int64_t ppm;

    (void)snprintf(name, sizeof name, "%.*s_accuracy", (int)strcspn(file, "_"), file);
    const ssize_t len = sensor__text(os, chip->attributes, name, text, sizeof text);
    if (len < 2 || text[len - 1] != '%' || jb_parse_decimal(text, (size_t)len - 1, 4, &ppm) < 0)
        return otherwise;
    if (ppm >= 500000)
        ppm = 1000000 - ppm;
    if (ppm <= 0)
        return otherwise;
    return ppm < 10000 ? 10000 : ppm;
}

/* R-SENSOR-31: an ACPI power meter without a socket's name is the firmware's meter of the machine. */
static jb_rc add_acpi_meter(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                            const struct sensor_chip *chip, const char *file, struct jb_error *err)
{
    struct jb_channel channel = {
        .label = "machine, by its firmware's power meter",
        .scope = JB_SCOPE_NODE,
        .device = JB_DEVICE_NODE,
        .role = JB_ROLE_POST,
        .max_power_uw = NODE_MAX_UW,
        .accuracy_ppm = KNOWN_PPM,
    };

    channel.accuracy_ppm = stated_accuracy_ppm(env->os, chip, file, channel.accuracy_ppm);
    (void)snprintf(channel.id, sizeof channel.id, "node/acpi-%.60s", chip->place);
    return sensor__add_gauge(env, set, chip, file, &channel, err);
}

static jb_rc add_unknown(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         const struct sensor_chip *chip, const char *file, struct jb_error *err)
{
    char label[SENSOR_NAME_MAX];
    struct jb_channel channel = {
        .scope = JB_SCOPE_OTHER,
        .device = JB_DEVICE_OTHER,
        .role = JB_ROLE_CHECK,
        .max_power_uw = OTHER_MAX_UW,
        .accuracy_ppm = UNKNOWN_PPM,
    };
    const int stem = (int)strcspn(file, "_");

    read_label(env->os, chip, file, label, sizeof label);
    (void)snprintf(channel.id, sizeof channel.id, "hwmon/%.30s%s%.30s/%.*s", chip->name,
                   chip->place[0] != '\0' ? "-" : "", chip->place, stem, file);
    (void)snprintf(channel.label, sizeof channel.label, "%.24s %.38s: what it overlaps is unknown",
                   chip->name, label[0] != '\0' ? label : file);
    return sensor__add_gauge(env, set, chip, file, &channel, err);
}

/* -- chips ----------------------------------------------------------------------------------------------------------- */

/* A row for every chip that we know; the name ends where a row's does, or with a number where `is_prefix`. */
static const struct known {
    const char *name;
    bool is_prefix;
    jb_rc (*add)(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                 const struct sensor_chip *chip, const char *file, struct jb_error *err);
} known_chips[] = {
    {"amdgpu", false, add_gpu}, {"xe", false, add_gpu},      {"i915", false, add_gpu},
    {"i915_gt", true, add_gpu}, {"nouveau", false, add_gpu}, {"power_meter", false, add_acpi_meter},
};

/* "energy3_input": prefix, digits, suffix. */
static bool is_file(const char *name, const char *prefix, const char *suffix)
{
    const size_t len = strlen(prefix);

    if (strncmp(name, prefix, len) != 0)
        return false;
    const size_t digits = strspn(name + len, "0123456789");
    return digits > 0 && strcmp(name + len + digits, suffix) == 0;
}

/* The gauge to take for "power1_input": none if the same meter has an average. */
static bool has_average(const struct sensor_names *files, const char *input)
{
    char average[SENSOR_NAME_MAX + 16];

    (void)snprintf(average, sizeof average, "%.*s_average", (int)strcspn(input, "_"), input);
    for (size_t i = 0; i < files->n; i++)
        if (strcmp(files->items[i], average) == 0)
            return true;
    return false;
}

/* R-SENSOR-30: counters if the chip has any, else one gauge of each meter. */
static bool is_wanted(const struct sensor_names *files, const char *name, bool has_counter)
{
    if (has_counter)
        return is_file(name, "energy", "_input");
    return is_file(name, "power", "_average") ||
           (is_file(name, "power", "_input") && !has_average(files, name));
}

static jb_rc add_files(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                       const struct sensor_chip *chip, const struct known *known,
                       const struct sensor_names *files, struct jb_error *err)
{
    bool has_counter = false;
    size_t n_added = 0;

    for (size_t i = 0; i < files->n; i++)
        has_counter = has_counter || is_file(files->items[i], "energy", "_input");
    for (size_t i = 0; i < files->n; i++) {
        jb_rc rc;
        if (!is_wanted(files, files->items[i], has_counter))
            continue;
        if (n_added++ == UNKNOWN_PER_CHIP)
            return jb_sensor_refuse(set, "hwmon", chip->name,
                                    "it has more meters than are worth reading unknown",
                                    "nothing to do: the first ones are shown", err);
        /* A GPU has one meter of its board; more gauges of it are parts that overlap. */
        if (known && known->add == add_gpu && !has_counter && n_added > 1)
            break;
        if (known)
            rc = known->add(env, set, chip, files->items[i], err);
        else
            rc = add_unknown(env, set, chip, files->items[i], err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static const struct known *find_known(const char *name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(known_chips); i++) {
        const size_t len = strlen(known_chips[i].name);
        if (strncmp(name, known_chips[i].name, len) == 0 &&
            (known_chips[i].is_prefix ? strspn(name + len, "0123456789") == strlen(name + len)
                                      : name[len] == '\0'))
            return &known_chips[i];
    }
    return NULL;
}

/* Name, device and the folder with the files: old drivers keep them on the device, new ones on the class device. */
static bool read_chip(const struct jb_os *os, const char *entry, struct sensor_chip *ret,
                      struct sensor_names *ret_files)
{
    char device[SENSOR_PATH_MAX];
    char real[SENSOR_PATH_MAX];

    *ret = (struct sensor_chip){0};
    if (!sensor__path(ret->folder, sizeof ret->folder, CLASS_FOLDER, entry) ||
        !sensor__path(device, sizeof device, ret->folder, "device") ||
        sensor__list(os, ret->folder, ret_files) < 0)
        return false;
    memcpy(ret->attributes, ret->folder, sizeof ret->attributes);
    if (os->real_path(os->context, device, real, sizeof real) > 0) {
        const char *const place = strrchr(real, '/');
        (void)snprintf(ret->place, sizeof ret->place, "%.63s", place ? place + 1 : "");
        if (strstr(real, "/power_supply/"))
            return false; /* a battery's or a charger's own figures: the battery driver's affair */
    }
    if (sensor__text(os, ret->folder, "name", ret->name, sizeof ret->name) > 0)
        return true;
    if (sensor__text(os, device, "name", ret->name, sizeof ret->name) <= 0)
        return false;
    sensor__names_release(ret_files);
    if (sensor__list(os, device, ret_files) < 0)
        return false;
    memcpy(ret->attributes, device, sizeof ret->attributes);
    return true;
}

static jb_rc probe_chip(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        const char *entry, struct jb_error *err)
{
    JB_AUTO(sensor__names_release) struct sensor_names files = {0};
    struct sensor_chip chip;
    bool is_mine = false;

    if (!read_chip(env->os, entry, &chip, &files))
        return JB_OK;
    jb_rc rc = sensor__add_jetson(env, set, &chip, &is_mine, err);
    if (rc == JB_OK && !is_mine)
        rc = sensor__add_grace(env, set, &chip, &is_mine, err);
    if (rc < 0 || is_mine)
        return rc;
    /* A meter of a device needs the device to be known by. */
    const struct known *const known = chip.place[0] != '\0' ? find_known(chip.name) : NULL;
    return add_files(env, set, &chip, known, &files, err);
}

static jb_rc hwmon_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         struct jb_error *err)
{
    JB_AUTO(sensor__names_release) struct sensor_names chips = {0};

    if (sensor__list(env->os, CLASS_FOLDER, &chips) < 0)
        return JB_OK;
    for (size_t i = 0; i < chips.n; i++) {
        const jb_rc rc = probe_chip(env, set, chips.items[i], err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

const struct jb_sensor_driver jb_sensor_hwmon = {
    .name = "hwmon",
    .summary = "power and energy meters of boards, GPUs and machines under /sys/class/hwmon",
    .probe = hwmon_probe,
};
