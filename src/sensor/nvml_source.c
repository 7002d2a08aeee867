/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A board to its generation, and a source of it to one number. What the same call means differs from generation to
 * generation; the table says how, after the published measurements of the sensors. Rules R-SENSOR-63, R-SENSOR-64.
 */
#include "base/clock.h"
#include "sensor/sensor_nvml_int.h"

#define MS      JB_NS_PER_MS
#define GA100   80
#define KNOWN   50000  /* +-5 %, proportional, another for each board: arXiv 2312.02741 */
#define UNKNOWN 100000 /* a generation that nobody has published measurements of */

/* The first row that fits. The last fits everything, and takes the slowest and widest for granted. */
static const struct nvml_generation generations[] = {
    {NVML_KEPLER, 0, 20 * MS, 0, UNKNOWN, false},
    {NVML_MAXWELL, 0, 20 * MS, 0, UNKNOWN, false},
    {NVML_PASCAL, 0, 20 * MS, 10 * MS, KNOWN, false},
    {NVML_VOLTA, 0, 20 * MS, 10 * MS, KNOWN, false},
    {NVML_TURING, 0, 100 * MS, 100 * MS, KNOWN, false},
    {NVML_AMPERE, GA100, 100 * MS, 25 * MS, KNOWN, false},
    {NVML_AMPERE, 0, 100 * MS, 100 * MS, KNOWN, true},
    {NVML_HOPPER, 0, 100 * MS, 25 * MS, KNOWN, true},
    {0, 0, 100 * MS, 0, UNKNOWN, true},
};

const struct nvml_generation *nvml__generation(const struct nvml *nvml, nvml_device device)
{
    /* Before the driver could name a generation, the major capability did: 3, 5, 6, 7.0, 7.5, 8.0 ... */
    static const struct {
        int capability;
        uint32_t architecture;
    } by_capability[] = {{30, NVML_KEPLER}, {50, NVML_MAXWELL}, {60, NVML_PASCAL},
                         {70, NVML_VOLTA},  {75, NVML_TURING},  {80, NVML_AMPERE},
                         {89, NVML_ADA},    {90, NVML_HOPPER},  {100, NVML_BLACKWELL}};
    uint32_t architecture = 0;
    int major = 0;
    int minor = 0;

    const bool is_capable = NVML_CALL(nvml, compute_capability, device, &major, &minor) == NVML_OK;
    const int capability = is_capable ? major * 10 + minor : 0;
    if (NVML_CALL(nvml, architecture, device, &architecture) != NVML_OK)
        for (size_t i = 0; i < JB_ARRAY_LEN(by_capability); i++)
            if (capability >= by_capability[i].capability)
                architecture = by_capability[i].architecture;
    /* GA100 samples a quarter of the time, its siblings all of it: without the capability it may be either. */
    if (architecture == NVML_AMPERE && !is_capable)
        architecture = 0;
    for (size_t i = 0;; i++) {
        const struct nvml_generation *const row = &generations[i];
        if (row->architecture == 0 || (row->architecture == architecture &&
                                       (row->capability == 0 || row->capability == capability)))
            return row;
    }
}

static int read_field(const struct nvml *nvml, nvml_device device, uint32_t field, uint32_t scope,
                      uint64_t *ret)
{
    struct nvml_field_value value = {.field = field, .scope = scope, .rc = NVML_UNKNOWN};
    const int code = NVML_CALL(nvml, field_values, device, 1, &value);

    if (code != NVML_OK)
        return code;
    if (value.rc != NVML_OK)
        return value.rc;
    switch (value.type) {
    case NVML_TYPE_U32: *ret = value.value.u32; return NVML_OK;
    case NVML_TYPE_ULONG: *ret = value.value.ul; return NVML_OK;
    case NVML_TYPE_U64: *ret = value.value.u64; return NVML_OK;
    default: return NVML_NOT_SUPPORTED; /* of a type that these fields never had */
    }
}

int nvml__read_source(const struct nvml *nvml, nvml_device device, const struct nvml_source *source,
                      uint64_t *ret)
{
    unsigned long long mj = 0;
    uint32_t mw = 0;
    int code = NVML_NOT_SUPPORTED;

    switch (source->from) {
    case NVML_FROM_NOTHING: break;
    case NVML_FROM_ENERGY:
        code = NVML_CALL(nvml, total_energy, device, &mj);
        if (code == NVML_OK)
            *ret = mj;
        break;
    case NVML_FROM_USAGE:
        code = NVML_CALL(nvml, power_usage, device, &mw);
        if (code == NVML_OK)
            *ret = mw;
        break;
    case NVML_FROM_FIELD: code = read_field(nvml, device, source->field, source->scope, ret); break;
    }
    return code;
}

jb_rc nvml__board_rc(struct nvml_board *board, int code)
{
    const jb_rc rc = nvml__rc(code);

    /* The library starts anew only after everybody let go of it, and a new driver brings a new library. */
    if (rc == JB_E_GONE) {
        nvml__gpm_release(board);
        nvml__put(board->nvml);
        board->nvml = NULL;
    }
    return rc;
}
