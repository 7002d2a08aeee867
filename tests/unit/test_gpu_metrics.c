/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layouts of amdgpu's gpu_metrics. The structures below are written out from the kernel's header, field by field up
 * to the last one we read, so that the compiler, not this program, says where each field lies (R-SENSOR-70).
 */
#include "tap.h"

#include <stddef.h>
#include <stdint.h>

#include "sensor/gpu_metrics.h"

struct header {
    uint16_t size;
    uint8_t format, content;
};

struct v1_0 {
    struct header header;
    uint64_t clock_ns;
    uint16_t temperatures[6];
    uint16_t activities[3];
    uint16_t power_w;
    uint32_t energy;
    uint16_t rest[20];
};

struct v1_1 { /* and 1.2, 1.3 */
    struct header header;
    uint16_t temperatures[6];
    uint16_t activities[3];
    uint16_t power_w;
    uint64_t energy;
    uint64_t clock_ns;
    uint16_t rest[40];
};

struct v1_4 {
    struct header header;
    uint16_t temperatures[3];
    uint16_t power_w;
    uint16_t activities[2];
    uint16_t vcn[4];
    uint64_t energy;
    uint64_t clock_ns;
    uint16_t rest[124];
};

struct v1_5 { /* and 1.6 */
    struct header header;
    uint16_t temperatures[3];
    uint16_t power_w;
    uint16_t activities[2];
    uint16_t vcn[4];
    uint16_t jpeg[32];
    uint64_t energy;
    uint64_t clock_ns;
    uint16_t rest[128];
};

struct v1_7 { /* and 1.8 */
    struct header header;
    uint16_t temperatures[3];
    uint16_t power_w;
    uint16_t activities[2];
    uint64_t bandwidth;
    uint64_t energy;
    uint64_t clock_ns;
    uint16_t rest[128];
};

/* 1.9, with three of its attributes. */
struct __attribute__((packed)) v1_9 {
    struct header header;
    int32_t n;
    uint64_t clocks_code;
    uint16_t clocks[8];
    uint64_t energy_code;
    uint64_t energy;
    uint64_t power_code;
    uint16_t power_w;
};

#define ENERGY UINT64_C(4750896266)
#define CLOCK  UINT64_C(1712024507665)

/* Fills all with ones, as the driver does, then the fields; promises that they are found. */
#define CHECK(type, content_of, energy_of)                                             \
    do {                                                                               \
        struct type table;                                                             \
        struct gpu_metrics got = {0};                                                  \
        memset(&table, 0xff, sizeof table);                                            \
        table.header = (struct header){sizeof table, 1, (content_of)};                 \
        table.power_w = 92;                                                            \
        table.energy = (energy_of);                                                    \
        table.clock_ns = CLOCK;                                                        \
        ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_OK && got.is_known,    \
           "1.%d is known", (content_of));                                             \
        ok(got.has_energy &&got.energy == (energy_of), "1.%d: energy", (content_of));  \
        ok(got.has_power &&got.power_w == 92, "1.%d: power", (content_of));            \
        ok(got.has_clock &&got.clock_ns == CLOCK, "1.%d: clock", (content_of));        \
        memset(&table.energy, 0xff, sizeof table.energy);                              \
        ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_OK && !got.has_energy, \
           "1.%d: all ones are no count", (content_of));                               \
        ok(gpu_metrics__parse(&table, sizeof table - 1, &got) == JB_E_INPUT,           \
           "1.%d: a table shorter than it says is torn", (content_of));                \
    } while (0)

static void revisions(void)
{
    CHECK(v1_0, 0, UINT32_C(123456789));
    CHECK(v1_1, 1, ENERGY);
    CHECK(v1_1, 2, ENERGY);
    CHECK(v1_1, 3, ENERGY);
    CHECK(v1_4, 4, ENERGY);
    CHECK(v1_5, 5, ENERGY);
    CHECK(v1_5, 6, ENERGY);
    CHECK(v1_7, 7, ENERGY);
    CHECK(v1_7, 8, ENERGY);
}

/* The sizes and places that interfaces of AMD's own tools print for these revisions. */
static void places(void)
{
    ok(offsetof(struct v1_0, energy) == 36 && offsetof(struct v1_0, clock_ns) == 8, "1.0");
    ok(offsetof(struct v1_1, energy) == 24 && offsetof(struct v1_1, clock_ns) == 32, "1.1 to 1.3");
    ok(offsetof(struct v1_4, energy) == 24 && sizeof(struct v1_4) == 288, "1.4");
    ok(offsetof(struct v1_5, energy) == 88 && sizeof(struct v1_5) == 360, "1.5");
    ok(offsetof(struct v1_7, energy) == 24 && offsetof(struct v1_7, clock_ns) == 32, "1.7");
}

static void attributes(void)
{
    struct v1_9 table = {
        .header = {sizeof table, 1, 9},
        .n = 3,
        .clocks_code = UINT64_C(1) << 24 | 2u << 20 | 33u << 10 | 8,
        .energy_code = 6u << 20 | 7u << 10 | 1,
        .energy = ENERGY,
        .power_code = UINT64_C(3) << 24 | 2u << 20 | 3u << 10 | 1,
        .power_w = 755,
    };
    struct gpu_metrics got = {0};

    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_OK && got.is_known, "1.9 is a list");
    ok(got.has_energy && got.energy == ENERGY, "its energy is found behind an array");
    ok(got.has_power && got.power_w == 755 && !got.has_clock, "what it lacks is absent");
    table.n = 4;
    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_E_INPUT, "one more than there are");
    table.n = 3;
    table.energy_code = 5u << 20 | 7u << 10 | 1;
    ok(gpu_metrics__parse(&table, sizeof table, &got) < 0 || !got.has_energy,
       "energy of another width than 64 bits is not taken");
    table.energy_code = 9u << 20 | 7u << 10 | 1;
    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_E_INPUT,
       "after a type of unknown length nothing can be found");
}

static void refused(void)
{
    struct gpu_metrics got = {.format = 77};
    struct v1_1 table;

    memset(&table, 0, sizeof table);
    table.header = (struct header){sizeof table, 1, 3};
    ok(gpu_metrics__parse(&table, 0, &got) == JB_E_INPUT, "nothing at all");
    ok(gpu_metrics__parse(&table, 3, &got) == JB_E_INPUT, "less than a header");
    table.header.size = 3;
    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_E_INPUT && got.format == 77,
       "a size that does not hold the header; the result is untouched");
    table.header = (struct header){30, 1, 3};
    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_OK && !got.has_energy,
       "bytes behind the stated size are not the table's");
    table.header = (struct header){sizeof table, 2, 3};
    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_OK && !got.is_known && !got.has_energy,
       "a processor's table has no energy");
    table.header = (struct header){sizeof table, 1, 200};
    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_OK && !got.is_known && !got.has_energy,
       "of a revision to come nothing is guessed");
    table.header = (struct header){sizeof table, 1, 3};
    table.energy = UINT32_MAX;
    ok(gpu_metrics__parse(&table, sizeof table, &got) == JB_OK && !got.has_energy,
       "32 ones in the 64 bits: newer kernels' word for unsupported");
}

static void units(void)
{
    struct gpu_metrics metrics = {.format = 1, .content = 3, .is_known = true, .has_energy = true};

    ok(gpu_metrics__is_unit_stated(&metrics, 0x740f), "1.3 of an MI210: 2^-16 J");
    ok(gpu_metrics__is_unit_stated(&metrics, 0x7408), "and of an MI250X");
    ok(!gpu_metrics__is_unit_stated(&metrics, 0x744c), "of an RX 7900 XTX nobody says it");
    ok(!gpu_metrics__is_unit_stated(&metrics, 0x738c), "nor of an MI100");
    ok(!gpu_metrics__is_unit_stated(&metrics, 0x74a1),
       "1.3 of an MI300X is of kernels that had another unit for a while");
    metrics.content = 5;
    ok(gpu_metrics__is_unit_stated(&metrics, 0x74a1), "from 1.4 on it is stated for every board");
    is_i64((int64_t)65536 * GPU_METRICS_UNIT_NUM, (int64_t)1000000 * GPU_METRICS_UNIT_DEN,
           "65536 units are one joule");
}

int main(void)
{
    revisions();
    places();
    attributes();
    refused();
    units();
    return done_testing();
}
