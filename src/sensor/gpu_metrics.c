/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of amdgpu's gpu_metrics to its accumulated energy, power and clock. A pure function; converts nothing, and takes
 * a field that is all ones for absent. Rule R-SENSOR-70.
 */
#include "sensor/gpu_metrics.h"

#include "base/compiler.h"
#include "base/cursor.h"

#define HEADER_BYTES 4 /* size (16 bits), format, content */

/* Where the fields of a revision lie, in bytes from the start; 0: it has none. */
static const struct layout {
    uint8_t format, content;
    uint16_t power_at, energy_at, clock_at;
    uint8_t energy_bytes;
} layouts[] = {
    {1, 0, 34, 36, 8, 4},  {1, 1, 22, 24, 32, 8}, {1, 2, 22, 24, 32, 8},
    {1, 3, 22, 24, 32, 8}, {1, 4, 10, 24, 32, 8}, {1, 5, 10, 88, 96, 8},
    {1, 6, 10, 88, 96, 8}, {1, 7, 10, 24, 32, 8}, {1, 8, 10, 24, 32, 8},
};

/* Revision 1.9 is a list: a code of 64 bits, then that many values of a type. */
enum { ATTRIBUTES_FORMAT = 1, ATTRIBUTES_CONTENT = 9 };
enum { TYPE_U16 = 2, TYPE_U64 = 6, TYPE_MAX = 8 };
enum { ID_POWER = 3, ID_ENERGY = 7, ID_CLOCK = 8 };

static struct jb_cursor at_offset(const uint8_t *bytes, size_t len, size_t offset)
{
    struct jb_cursor cursor = jb_cursor_over(bytes, len);

    (void)jb_cursor_bytes(&cursor, offset);
    return cursor;
}

static void put_power(struct gpu_metrics *metrics, const struct jb_cursor *cursor, uint16_t power_w)
{
    metrics->has_power = !cursor->failed && power_w != UINT16_MAX;
    metrics->power_w = metrics->has_power ? power_w : 0;
}

static void put_energy(struct gpu_metrics *metrics, const struct jb_cursor *cursor, uint64_t energy)
{
    /* Kernels of 2026 say "unsupported" by 32 ones in the 64 bits where it is (SMU 14.0.2); a counter only passes it. */
    metrics->has_energy = !cursor->failed && energy != UINT64_MAX && energy != UINT32_MAX;
    metrics->energy = metrics->has_energy ? energy : 0;
}

static void put_clock(struct gpu_metrics *metrics, const struct jb_cursor *cursor,
                      uint64_t clock_ns)
{
    metrics->has_clock = !cursor->failed && clock_ns != UINT64_MAX;
    metrics->clock_ns = metrics->has_clock ? clock_ns : 0;
}

static void parse_layout(const struct layout *layout, const uint8_t *bytes, size_t len,
                         struct gpu_metrics *metrics)
{
    struct jb_cursor cursor = at_offset(bytes, len, layout->power_at);
    const uint16_t power_w = jb_cursor_u16(&cursor);

    put_power(metrics, &cursor, power_w);
    cursor = at_offset(bytes, len, layout->energy_at);
    const uint64_t energy =
        layout->energy_bytes == 4 ? jb_cursor_u32(&cursor) : jb_cursor_u64(&cursor);
    put_energy(metrics, &cursor, energy);
    cursor = at_offset(bytes, len, layout->clock_at);
    const uint64_t clock_ns = jb_cursor_u64(&cursor);
    put_clock(metrics, &cursor, clock_ns);
}

static void take_attribute(uint32_t id, uint32_t type, struct jb_cursor *cursor,
                           struct gpu_metrics *metrics)
{
    if (id == ID_POWER && type == TYPE_U16) {
        const uint16_t power_w = jb_cursor_u16(cursor);
        put_power(metrics, cursor, power_w);
    } else if (id == ID_ENERGY && type == TYPE_U64) {
        const uint64_t energy = jb_cursor_u64(cursor);
        put_energy(metrics, cursor, energy);
    } else if (id == ID_CLOCK && type == TYPE_U64) {
        const uint64_t clock_ns = jb_cursor_u64(cursor);
        put_clock(metrics, cursor, clock_ns);
    }
}

static jb_rc parse_attributes(const uint8_t *bytes, size_t len, struct gpu_metrics *metrics)
{
    struct jb_cursor cursor = at_offset(bytes, len, HEADER_BYTES);
    const uint32_t n = jb_cursor_u32(&cursor);

    for (uint32_t i = 0; i < n && !cursor.failed; i++) {
        const uint64_t code = jb_cursor_u64(&cursor);
        const uint32_t type = (uint32_t)(code >> 20) & 0xf;
        const uint32_t id = (uint32_t)(code >> 10) & 0x3ff;
        const uint32_t n_values = (uint32_t)code & 0x3ff;
        if (type >= TYPE_MAX)
            return JB_E_INPUT; /* how long it is, is unknown, and so is where the next begins */
        const size_t value_bytes = (size_t)1 << (type / 2);
        struct jb_cursor value = cursor;
        (void)jb_cursor_bytes(&cursor, value_bytes * n_values);
        if (n_values == 1 && !cursor.failed)
            take_attribute(id, type, &value, metrics);
    }
    return cursor.failed ? JB_E_INPUT : JB_OK;
}

jb_rc gpu_metrics__parse(const void *bytes, size_t len, struct gpu_metrics *ret)
{
    struct jb_cursor cursor = jb_cursor_over(bytes, len);
    struct gpu_metrics metrics = {0};
    const uint16_t size = jb_cursor_u16(&cursor);

    metrics.format = jb_cursor_u8(&cursor);
    metrics.content = jb_cursor_u8(&cursor);
    if (cursor.failed || size < HEADER_BYTES || size > len)
        return JB_E_INPUT;
    if (metrics.format == ATTRIBUTES_FORMAT && metrics.content == ATTRIBUTES_CONTENT) {
        metrics.is_known = true;
        if (parse_attributes(bytes, size, &metrics) < 0)
            return JB_E_INPUT;
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(layouts); i++) {
        if (layouts[i].format != metrics.format || layouts[i].content != metrics.content)
            continue;
        metrics.is_known = true;
        parse_layout(&layouts[i], bytes, size, &metrics);
    }
    *ret = metrics;
    return JB_OK;
}

bool gpu_metrics__is_unit_stated(const struct gpu_metrics *metrics, uint16_t pci_device)
{
    if (metrics->format != 1)
        return false;
    if (metrics->content >= 4)
        return true; /* the kernel's header says so beside the field */
    /* MI200 (MI250X, MI250, MI210 and its guests): its driver says so where it fills the field, 64 bits from two. */
    return metrics->content >= 1 && pci_device >= 0x7408 && pci_device <= 0x7410;
}
