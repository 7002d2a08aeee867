/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /proc and /sys say of the machine: the processor, whether a hypervisor or a container stands between, memory.
 * Must not guess: what is not said stays "" or 0.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "sensor/sensor.h"
#include "sensor/sensor_int.h"

/* The first processor's block is all we need; with every flag it stays below this. */
#define CPUINFO_BYTES 16384

/* "key<blanks>: value" of the first line that begins with key; "" if there is none. */
static void find_field(const char *text, const char *key, char *buf, size_t size)
{
    const size_t key_len = strlen(key);

    buf[0] = '\0';
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        if (strncmp(line, key, key_len) != 0)
            continue;
        const char *at = line + key_len;
        at += strspn(at, " \t");
        if (*at != ':')
            continue;
        at++;
        at += strspn(at, " \t");
        size_t len = strcspn(at, "\n");
        while (len > 0 && isspace((unsigned char)at[len - 1]))
            len--;
        len = len < size ? len : size - 1;
        memcpy(buf, at, len);
        buf[len] = '\0';
        return;
    }
}

static int64_t find_number(const char *text, const char *key)
{
    char field[32];
    int64_t number = -1;

    find_field(text, key, field, sizeof field);
    if (jb_parse_i64(field, strlen(field), true, &number) < 0)
        return -1;
    return number;
}

/* As much of the file as fits: a large one is cut, not refused. */
static void read_head(const struct jb_os *os, const char *path, char *buf, size_t size)
{
    size_t len = 0;
    const int handle = os->open_read(os->context, path);

    buf[0] = '\0';
    if (handle < 0)
        return;
    while (len + 1 < size) {
        const ssize_t n = os->pread(os->context, handle, buf + len, size - 1 - len, (int64_t)len);
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    buf[len] = '\0';
    os->close(os->context, handle);
}

static bool has_word(const char *text, const char *word)
{
    const size_t len = strlen(word);

    for (const char *at = strstr(text, word); at; at = strstr(at + len, word))
        if ((at == text || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static bool exists(const struct jb_os *os, const char *path)
{
    const int handle = os->open_read(os->context, path);

    if (handle < 0)
        return false;
    os->close(os->context, handle);
    return true;
}

void sensor__read_cpu(const struct jb_os *os, struct sensor_cpu *ret)
{
    char flags[4096];
    char *const text = malloc(CPUINFO_BYTES);

    *ret = (struct sensor_cpu){.family = -1, .model = -1};
    if (!text)
        return;
    read_head(os, "/proc/cpuinfo", text, CPUINFO_BYTES);
    find_field(text, "vendor_id", ret->vendor, sizeof ret->vendor);
    find_field(text, "model name", ret->model_name, sizeof ret->model_name);
    find_field(text, "flags", flags, sizeof flags);
    ret->family = find_number(text, "cpu family");
    ret->model = find_number(text, "model");
    if (ret->model_name[0] == '\0') {
        char implementer[16];
        char part[16];
        find_field(text, "CPU implementer", implementer, sizeof implementer);
        find_field(text, "CPU part", part, sizeof part);
        if (implementer[0] != '\0')
            (void)snprintf(ret->model_name, sizeof ret->model_name, "implementer %s part %s",
                           implementer, part);
    }
    free(text);
    ret->is_x86 = ret->vendor[0] != '\0' && flags[0] != '\0';
    ret->is_amd =
        strcmp(ret->vendor, "AuthenticAMD") == 0 || strcmp(ret->vendor, "HygonGenuine") == 0;
    ret->is_virtual = has_word(flags, "hypervisor") || exists(os, "/sys/hypervisor/type") ||
                      exists(os, "/proc/device-tree/hypervisor/compatible");
}

bool sensor__is_container(const struct jb_os *os)
{
    static const char *const marks[] = {"/.dockerenv", "/run/.containerenv",
                                        "/run/systemd/container"};
    static const char *const words[] = {"docker", "kubepods", "containerd", "libpod", "lxc"};
    char groups[4096];

    for (size_t i = 0; i < JB_ARRAY_LEN(marks); i++)
        if (exists(os, marks[i]))
            return true;
    read_head(os, "/proc/1/cgroup", groups, sizeof groups);
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (strstr(groups, words[i]))
            return true;
    return false;
}

static int64_t count_packages(const struct jb_os *os)
{
    JB_AUTO(sensor__names_release) struct sensor_names cpus = {0};
    uint8_t is_seen[1024] = {0};
    int64_t n_packages = 0;

    if (sensor__list(os, "/sys/devices/system/cpu", &cpus) < 0)
        return 0;
    for (size_t i = 0; i < cpus.n; i++) {
        char path[SENSOR_PATH_MAX];
        uint64_t package;
        if (strncmp(cpus.items[i], "cpu", 3) != 0 || !isdigit((unsigned char)cpus.items[i][3]) ||
            !sensor__path(path, sizeof path, "/sys/devices/system/cpu", cpus.items[i]) ||
            sensor__u64(os, path, "topology/physical_package_id", &package) < 0 ||
            package >= sizeof is_seen || is_seen[package])
            continue;
        is_seen[package] = 1;
        n_packages++;
    }
    return n_packages;
}

void jb_sensor_machine_read(const struct jb_os *os, struct jb_sensor_machine *ret)
{
    struct sensor_cpu cpu;
    char memory[4096];

    *ret = (struct jb_sensor_machine){0};
    sensor__read_cpu(os, &cpu);
    (void)snprintf(ret->cpu_model, sizeof ret->cpu_model, "%s", cpu.model_name);
    ret->is_virtual = cpu.is_virtual;
    ret->is_container = sensor__is_container(os);
    const long n_threads = os->cpus_online(os->context);
    ret->n_threads = n_threads > 0 ? n_threads : 0;
    ret->n_packages = count_packages(os);

    int64_t total_kb = -1;
    char field[32];
    read_head(os, "/proc/meminfo", memory, sizeof memory);
    find_field(memory, "MemTotal", field, sizeof field);
    /* "16384 kB": the kernel's kB are 1024 bytes */
    if (jb_parse_i64(field, strcspn(field, " "), false, &total_kb) == JB_OK && total_kb > 0 &&
        total_kb <= INT64_MAX / 1024)
        ret->memory_bytes = total_kb * 1024;
}
