/* SPDX-License-Identifier: Apache-2.0 */
/* What a board's generation is known for, and one number by each of the calls (R-SENSOR-63, R-SENSOR-64). */
#include "nvml_rig.h"

#include "sensor/sensor_nvml_int.h"

static struct nvml *start(struct nvml_rig *nr, const char *age, const char *script)
{
    struct nvml *nvml = NULL;
    struct nvml_trouble trouble;

    nvml_rig_set_up(nr, age, script);
    if (nvml__start(&nr->rig.env, &nvml, &trouble) < 0)
        bail_out("the stand-in does not start: %s", trouble.reason);
    return nvml;
}

static nvml_device first(struct nvml *nvml)
{
    nvml_device device = NULL;

    if (nvml->calls.device_by_index(0, &device) != NVML_OK)
        bail_out("no board");
    return device;
}

/* The published figures: update period, sampled part of it, and which power call is the mean of a second. */
static void generations(void)
{
    static const struct {
        const char *words;
        const char *script;
        int64_t update_ms, window_ms, ppm;
        bool is_averaged;
    } cases[] = {
        {"Maxwell", "arch 3\ncc 5 2\n", 20, 0, 100000, false},
        {"Volta", "arch 5\ncc 7 0\n", 20, 10, 50000, false},
        {"Turing", "arch 6\ncc 7 5\n", 100, 100, 50000, false},
        {"A100: a quarter of the time, and instantaneous", "arch 7\ncc 8 0\n", 100, 25, 50000,
         false},
        {"RTX 3090: the same generation, another sensor", "arch 7\ncc 8 6\n", 100, 100, 50000,
         true},
        {"H100", "arch 9\ncc 9 0\n", 100, 25, 50000, true},
        {"Ada, of which nothing is published", "arch 8\ncc 8 9\n", 100, 0, 100000, true},
        {"one that is not known yet", "arch 4711\ncc 15 0\n", 100, 0, 100000, true},
        {"Ampere by name alone may be either",
         "arch 7\nfail nvmlDeviceGetCudaComputeCapability 3\n", 100, 0, 100000, true},
        {"the capability where the name is missing", "cc 8 0\nfail nvmlDeviceGetArchitecture 13\n",
         100, 25, 50000, false},
        {"a capability between two that are known", "cc 7 2\nfail nvmlDeviceGetArchitecture 13\n",
         20, 10, 50000, false},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct nvml_rig nr;
        char script[256];
        (void)snprintf(script, sizeof script, "board GPU-a\n%s", cases[i].script);
        struct nvml *const nvml = start(&nr, "", script);
        const struct nvml_generation *const got = nvml__generation(nvml, first(nvml));
        ok(got->update_ns == cases[i].update_ms * JB_NS_PER_MS &&
               got->window_ns == cases[i].window_ms * JB_NS_PER_MS &&
               got->accuracy_ppm == cases[i].ppm && got->is_usage_averaged == cases[i].is_averaged,
           "%s", cases[i].words);
        nvml__put(nvml);
        nvml_rig_tear_down(&nr);
    }
}

static void sources(void)
{
    static const struct {
        const char *words;
        struct nvml_source source;
        int code;
        uint64_t value;
    } cases[] = {
        {"the counter's call", {NVML_FROM_ENERGY, 0, 0}, NVML_OK, 1000 + 300 * 2000},
        {"the counter's field, 64 bits", {NVML_FROM_FIELD, 83, 0}, NVML_OK, 1000 + 300 * 2000},
        {"with a scope", {NVML_FROM_FIELD, 191, 0}, NVML_OK, 1000 + 300 * 2000},
        {"power by field, 32 bits with rubbish behind", {NVML_FROM_FIELD, 186, 0}, NVML_OK, 300000},
        {"power by its old call", {NVML_FROM_USAGE, 0, 0}, NVML_OK, 300000},
        {"the limit", {NVML_FROM_FIELD, 188, 0}, NVML_OK, 350000},
        {"a field that nobody has", {NVML_FROM_FIELD, 4711, 0}, NVML_INVALID_ARGUMENT, 7},
        {"a scope that the board has not", {NVML_FROM_FIELD, 186, 1}, NVML_NOT_SUPPORTED, 7},
        {"nothing", {NVML_FROM_NOTHING, 0, 0}, NVML_NOT_SUPPORTED, 7},
    };
    struct nvml_rig nr;
    struct nvml *nvml = start(&nr, "", "board GPU-a\npower const:300\nenergy 1000\nlimit 350\n");

    nvml_rig_at(&nr, 2000);
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        uint64_t value = 7;
        is_i64(nvml__read_source(nvml, first(nvml), &cases[i].source, &value), cases[i].code, "%s",
               cases[i].words);
        is_i64((int64_t)value, (int64_t)cases[i].value, "its value, untouched on failure");
    }
    nvml__put(nvml);
    nvml_rig_tear_down(&nr);

    nvml = start(&nr, "bare", "board GPU-a\npower const:300\n");
    nvml_rig_at(&nr, 2000);
    uint64_t value = 7;
    is_i64(nvml__read_source(nvml, first(nvml), &cases[0].source, &value), NVML_FUNCTION_NOT_FOUND,
           "a library without the counter's call");
    is_i64(nvml__read_source(nvml, first(nvml), &cases[3].source, &value), NVML_FUNCTION_NOT_FOUND,
           "without fields");
    is_i64(nvml__read_source(nvml, first(nvml), &cases[4].source, &value), NVML_OK,
           "with the old call");
    nvml__put(nvml);
    nvml_rig_tear_down(&nr);
}

static void losing(void)
{
    struct nvml_rig nr;
    struct nvml *const nvml = start(&nr, "", "board GPU-a\n");
    struct nvml_board board = {.nvml = nvml, .device = first(nvml)};

    is_i64(nvml__board_rc(&board, NVML_NOT_READY), JB_E_AGAIN, "not ready is no value this time");
    ok(board.nvml, "and the library stays");
    is_i64(nvml__board_rc(&board, NVML_GPU_IS_LOST), JB_E_GONE, "a lost board is gone");
    ok(!board.nvml, "and lets go of the library, so that it can start anew");
    nvml_rig_tear_down(&nr);
}

int main(void)
{
    generations();
    sources();
    losing();
    return done_testing();
}
