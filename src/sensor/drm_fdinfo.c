/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a DRM file's fdinfo to a client's use. A pure function; keeps nothing between calls, so that a value that
 * fell back (the kernel allows it) is for the caller to judge. Rule R-SENSOR-73.
 */
#include "sensor/drm_fdinfo.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

/* Per driver: the engines that share its compute units, and how its device memory is called. */
static const struct known_driver {
    const char *name;
    const char *engines[DRM_ENGINES_MAX];
    const char *memory; /* first letters of the region */
    bool is_cycles;
} known_drivers[] = {
    {"amdgpu", {"gfx", "compute"}, "vram", false},
    {"i915", {"render", "compute"}, "local", false},
    {"xe", {"rcs", "ccs"}, "vram", true},
};

/* A key's and a value's place in the text. */
struct span {
    const char *at;
    size_t len;
};

static bool is_text(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

static bool take_prefix(struct span *span, const char *prefix)
{
    const size_t len = strlen(prefix);

    if (span->len < len || memcmp(span->at, prefix, len) != 0)
        return false;
    span->at += len;
    span->len -= len;
    return true;
}

/* "key:   value" without its newline. */
static bool split_line(const char *line, size_t len, struct span *ret_key, struct span *ret_value)
{
    const char *const colon = memchr(line, ':', len);

    if (!colon)
        return false;
    *ret_key = (struct span){line, (size_t)(colon - line)};
    const char *at = colon + 1;
    const char *end = line + len;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    *ret_value = (struct span){at, (size_t)(end - at)};
    return true;
}

/* "123", "123 ns", "123 KiB": the number and what follows it. */
static bool take_number(struct span value, uint64_t *ret, struct span *ret_unit)
{
    size_t digits = 0;

    while (digits < value.len && value.at[digits] >= '0' && value.at[digits] <= '9')
        digits++;
    if (digits == 0 || jb_parse_u64(value.at, digits, false, ret) < 0)
        return false;
    *ret_unit = (struct span){value.at + digits, value.len - digits};
    while (ret_unit->len > 0 && *ret_unit->at == ' ') {
        ret_unit->at++;
        ret_unit->len--;
    }
    return true;
}

static bool take_bytes(struct span value, int64_t *ret)
{
    struct span unit;
    uint64_t number;
    uint64_t bytes;

    if (!take_number(value, &number, &unit))
        return false;
    const uint64_t scale = unit.len == 0          ? 1
                           : is_text(unit, "KiB") ? 1024
                           : is_text(unit, "MiB") ? 1024 * 1024
                                                  : 0;
    if (scale == 0 || JB_MUL_OVERFLOWS(number, scale, &bytes) || bytes > INT64_MAX)
        return false;
    *ret = (int64_t)bytes;
    return true;
}

/* Regions are summed under each of the three names that kernels use; the last of them that is there counts. */
struct memory {
    int64_t total, plain, resident; /* -1: the key is not there */
};

static void add_memory(int64_t *sum, struct span value)
{
    int64_t bytes;

    if (take_bytes(value, &bytes))
        *sum = jb_add_sat_i64(*sum < 0 ? 0 : *sum, bytes);
}

static void take_memory(struct span key, struct span value, const char *region,
                        struct memory *memory)
{
    if (take_prefix(&key, "drm-resident-") && take_prefix(&key, region))
        add_memory(&memory->resident, value);
    else if (take_prefix(&key, "drm-memory-") && take_prefix(&key, region))
        add_memory(&memory->plain, value);
    else if (take_prefix(&key, "drm-total-") && take_prefix(&key, region))
        add_memory(&memory->total, value);
}

/* One line about an engine that we keep. */
static void take_engine(struct span key, struct span value, const struct known_driver *driver,
                        struct drm_client *client)
{
    struct span unit;
    uint64_t number;

    const bool is_capacity = take_prefix(&key, "drm-engine-capacity-");
    const bool is_ns = !is_capacity && take_prefix(&key, "drm-engine-");
    const bool is_total = !is_capacity && !is_ns && take_prefix(&key, "drm-total-cycles-");
    const bool is_cycles = !is_capacity && !is_ns && !is_total && take_prefix(&key, "drm-cycles-");
    if (!(is_capacity || is_ns || is_total || is_cycles) || !take_number(value, &number, &unit))
        return;
    for (size_t i = 0; i < DRM_ENGINES_MAX; i++) {
        struct drm_engine *const engine = &client->engines[i];
        if (!is_text(key, driver->engines[i]))
            continue;
        if (is_capacity && number > 0 && number <= 64)
            engine->capacity = number;
        if (is_total) {
            engine->has_total = true;
            engine->total_cycles = number;
        }
        if (driver->is_cycles ? is_cycles : is_ns && is_text(unit, "ns")) {
            engine->has_busy = true;
            engine->busy = number;
        }
    }
}

static const struct known_driver *find_driver(struct span name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(known_drivers); i++)
        if (is_text(name, known_drivers[i].name))
            return &known_drivers[i];
    return NULL;
}

static void copy_span(struct span span, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%.*s", (int)(span.len < size ? span.len : 0), span.at);
}

static void take_line(struct span key, struct span value, const struct known_driver *driver,
                      struct drm_client *client, struct memory *memory)
{
    struct span unit;

    if (is_text(key, "drm-pdev"))
        copy_span(value, client->pci, sizeof client->pci);
    else if (is_text(key, "drm-client-id"))
        client->has_id = take_number(value, &client->id, &unit) && unit.len == 0;
    else {
        take_engine(key, value, driver, client);
        take_memory(key, value, driver->memory, memory);
    }
}

jb_rc drm_fdinfo__parse(const char *text, size_t len, struct drm_client *ret)
{
    struct drm_client client = {.memory_bytes = -1};
    struct memory memory = {-1, -1, -1};
    const struct known_driver *driver = NULL;
    struct span key;
    struct span value;
    size_t line_len;

    if (len > DRM_FDINFO_MAX)
        return JB_E_INPUT;
    for (size_t i = 0; i < DRM_ENGINES_MAX; i++)
        client.engines[i].capacity = 1;
    for (size_t at = 0; at < len; at += line_len + 1) {
        const char *const newline = memchr(text + at, '\n', len - at);
        line_len = newline ? (size_t)(newline - text) - at : len - at;
        if (!split_line(text + at, line_len, &key, &value))
            continue;
        /* Nothing of the DRM stands before the driver's name, which says how to read the rest. */
        if (!driver && is_text(key, "drm-driver")) {
            driver = find_driver(value);
            if (!driver)
                return JB_E_INPUT;
            copy_span(value, client.driver, sizeof client.driver);
            client.is_cycles = driver->is_cycles;
        } else if (driver) {
            take_line(key, value, driver, &client, &memory);
        }
    }
    if (!driver)
        return JB_E_INPUT;
    client.memory_bytes = memory.resident >= 0 ? memory.resident
                          : memory.plain >= 0  ? memory.plain
                                               : memory.total;
    *ret = client;
    return JB_OK;
}
