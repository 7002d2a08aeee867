/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA boards through the stand-in of their library: which channels, what they read, what is refused and why. */
#include "nvml_rig.h"

#include "sample/sampler.h"

#define H100 "gpu/GPU-h"

static void counter(void)
{
    struct nvml_rig nr;
    jb_rc rc;

    nvml_rig_set_up(&nr, "",
                    "board GPU-h\nname NVIDIA H100 80GB HBM3\npci 0000:65:00\nlimit 700\n"
                    "power const:250\npower const:350 10\nenergy 123456\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    const struct jb_channel *const channel = rig_channel(set, H100);
    rig_expect(set, H100, JB_SCOPE_GPU, JB_ROLE_POST, "");
    rig_expect(set, H100 "/power", JB_SCOPE_GPU, JB_ROLE_CHECK, H100);
    ok(channel->semantics == JB_SEMANTICS_COUNTER && channel->origin == JB_ORIGIN_COUNTER &&
           channel->device == JB_DEVICE_GPU,
       "the counter posts");
    is_i64((int64_t)(channel->unit_num / channel->unit_den), 1000, "it counts mJ");
    ok(channel->modulus == 0 && channel->quantum_uj == 1000,
       "64 bits never wrap: a fall is a reset");
    is_str(channel->uuid, "GPU-h", "the board's name for the environment");
    is_str(channel->pci, "0000:65:00.0", "its address");
    is_str(channel->label, "NVIDIA H100 80GB HBM3", "and for people");
    is_str(channel->correlation, "nvml:GPU-h", "its error is its own (arXiv 2312.02741)");
    ok(channel->update_ns == 100 * JB_NS_PER_MS && channel->accuracy_ppm == 50000,
       "renewed every 100 ms, 5 %%");
    is_i64(channel->max_power_uw, 1400 * SENSOR_W, "no more than twice its limit");
    is_i64(rig_read(set, H100, &rc), 123456, "the counter as it stands");
    nvml_rig_at(&nr, 11000);
    is_i64(rig_read(set, H100, &rc), 123456 + 250 * 10000 + 350 * 1000,
           "10 s of 250 W and 1 s of 350 W later");
    is_i64(rig_read(set, H100 "/power", &rc), 350000, "350 W now");
    ok(rig_channel(set, H100 "/power")->semantics == JB_SEMANTICS_GAUGE &&
           rig_channel(set, H100 "/power")->window_ns == 25 * JB_NS_PER_MS,
       "of 25 ms in each 100");
    is_i64(rig_find(set, H100 "/memory"), -1, "no part that the driver does not tell");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* R-SENSOR-64: the step from 100 to 400 W at 10 s, read half a second later. */
static void gauges(void)
{
    static const struct {
        const char *words;
        const char *age;
        const char *script;
        enum jb_semantics semantics;
        int64_t window_ms;
        int64_t mw;
    } cases[] = {
        {"H100 by field: now", "", "arch 9\ncc 9 0\n", JB_SEMANTICS_GAUGE, 25, 400000},
        {"H100 by field 185: the last second", "",
         "arch 9\ncc 9 0\nfail nvmlDeviceGetFieldValues 13\n", JB_SEMANTICS_GAUGE_AVERAGE, 1000,
         250000},
        {"A100 with a driver before 530: now", "r470", "arch 7\ncc 8 0\n", JB_SEMANTICS_GAUGE, 25,
         400000},
        {"RTX 3090 with it: the last second", "r470", "arch 7\ncc 8 6\n",
         JB_SEMANTICS_GAUGE_AVERAGE, 1000, 250000},
        {"Pascal: now", "", "arch 4\ncc 6 1\npower usage\n", JB_SEMANTICS_GAUGE, 10, 400000},
        {"nobody says which: taken for a mean", "bare", "", JB_SEMANTICS_GAUGE_AVERAGE, 1000,
         250000},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct nvml_rig nr;
        char script[512];
        jb_rc rc;
        (void)snprintf(script, sizeof script,
                       "board GPU-h\nenergy none\npower const:100\npower const:400 10\n%s",
                       cases[i].script);
        nvml_rig_set_up(&nr, cases[i].age, script);
        nvml_rig_at(&nr, 5000);
        struct jb_sensor_set *const set = nvml_rig_probe(&nr);
        const struct jb_channel *const channel = rig_channel(set, H100);
        ok(channel->semantics == cases[i].semantics &&
               channel->window_ns == cases[i].window_ms * JB_NS_PER_MS &&
               channel->origin == JB_ORIGIN_GAUGE && channel->role == JB_ROLE_POST,
           "%s", cases[i].words);
        nvml_rig_at(&nr, 10500);
        is_i64(rig_read(set, H100, &rc), cases[i].mw, "which the stand-in shows");
        is_i64(rig_find(set, H100 "/power"), -1, "and it needs no check of itself");
        jb_sensor_set_free(set);
        nvml_rig_tear_down(&nr);
    }
}

static void reset(void)
{
    struct nvml_rig nr;
    struct jb_cumulative state;
    jb_rc rc;

    nvml_rig_set_up(&nr, "", "board GPU-h\npower const:100\nenergy 5000000\nreset 3.5\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    const int i = rig_find(set, H100);
    jb_sampler_begin(&state);
    int64_t sum_uj = 0;
    for (int64_t ms = 0; ms <= 6000; ms += 1000) {
        struct jb_reading reading;
        nvml_rig_at(&nr, ms);
        rc = jb_sensor_read(set, (size_t)i, &reading);
        if (rc < 0)
            bail_out("no reading");
        const struct jb_cumulative before = state;
        jb_sampler_feed(jb_sensor_channel(set, (size_t)i), &state, &reading);
        if (state.epoch != before.epoch)
            sum_uj += jb_sampler_count_to_uj(jb_sensor_channel(set, (size_t)i), before.count);
    }
    sum_uj += jb_sampler_count_to_uj(jb_sensor_channel(set, (size_t)i), state.count);
    is_i64(state.n_gaps, 1, "a counter that begins again is one gap");
    is_i64(state.last_gap, JB_GAP_RESET, "of a reset, as when the driver is unloaded");
    is_i64(sum_uj, (300 + 200) * INT64_C(1000000), "before and after it no joule is invented");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* Every code at the counter's call, and what the other board does meanwhile. */
static void failures(void)
{
    static const struct {
        int code;
        jb_rc during, after;
    } cases[] = {
        {1, JB_E_GONE, JB_E_GONE},     {2, JB_E_IO, JB_OK},        {3, JB_E_UNAVAILABLE, JB_OK},
        {4, JB_E_PERMISSION, JB_OK},   {9, JB_E_GONE, JB_E_GONE},  {10, JB_E_AGAIN, JB_OK},
        {13, JB_E_UNAVAILABLE, JB_OK}, {15, JB_E_GONE, JB_E_GONE}, {16, JB_E_GONE, JB_E_GONE},
        {18, JB_E_GONE, JB_E_GONE},    {21, JB_E_AGAIN, JB_OK},    {27, JB_E_AGAIN, JB_OK},
        {999, JB_E_IO, JB_OK}};

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct nvml_rig nr;
        char script[256];
        jb_rc rc;
        (void)snprintf(script, sizeof script,
                       "board GPU-h\nfail nvmlDeviceGetTotalEnergyConsumption %d 1 2\n"
                       "board GPU-other\n",
                       cases[i].code);
        nvml_rig_set_up(&nr, "", script);
        struct jb_sensor_set *const set = nvml_rig_probe(&nr);
        nvml_rig_at(&nr, 1500);
        is_i64(rig_read(set, H100, &rc), -1, "code %d is never a number", cases[i].code);
        is_i64(rc, cases[i].during, "it is %s", jb_rc_name(cases[i].during));
        is_i64(rig_read(set, "gpu/GPU-other", &rc), 150000, "the other board reads on");
        nvml_rig_at(&nr, 2000);
        (void)rig_read(set, H100, &rc);
        is_i64(rc, cases[i].after, "afterwards it is %s", jb_rc_name(cases[i].after));
        jb_sensor_set_free(set);
        nvml_rig_tear_down(&nr);
    }
}

static void hot_removed(void)
{
    struct nvml_rig nr;
    struct jb_sensor_board board;
    struct jb_sensor_use uses[4];
    size_t n;
    jb_rc rc;

    nvml_rig_set_up(&nr, "", "board GPU-h\nenergy 1000\nlost 1 2\nboard GPU-other\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    nvml_rig_at(&nr, 1000);
    is_i64(rig_read(set, H100, &rc), -1, "a board that fell off the bus");
    is_i64(rc, JB_E_GONE, "is gone");
    (void)rig_read(set, H100 "/power", &rc);
    is_i64(rc, JB_E_GONE, "with all its meters");
    is_i64(jb_sensor_board_use(set, (size_t)rig_find(set, H100), &board, uses, 4, &n), JB_E_GONE,
           "and its users");
    is_i64(rig_read(set, "gpu/GPU-other", &rc), 100000, "the other is read on");
    struct jb_sensor_set *const during = nvml_rig_probe(&nr);
    is_i64(rig_find(during, H100), -1, "while it is away it is not found");
    ok(rig_refusal(during, "NVIDIA board 0") &&
           strstr(rig_refusal(during, "NVIDIA board 0")->reason, "fell off the bus") &&
           strstr(rig_refusal(during, "NVIDIA board 0")->step, "nvidia-smi --gpu-reset"),
       "but named, with the step");
    jb_sensor_set_free(during);
    nvml_rig_at(&nr, 3000);
    struct jb_sensor_set *const back = nvml_rig_probe(&nr);
    is_i64(rig_read(back, H100, &rc), 1000 + 300000, "back under its UUID, it is the same channel");
    jb_sensor_set_free(back);
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* R-SENSOR-66 */
static void mig(void)
{
    struct nvml_rig nr;
    jb_rc rc;
    size_t n_gpu = 0;

    nvml_rig_set_up(
        &nr, "",
        "board GPU-h\npower const:300\nmig 1 0 3 3 40000 MIG-a\nmig 2 0 2 2 20000 MIG-b\n"
        "mig 3 0 1 1 10000 MIG-c\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    for (size_t i = 0; i < jb_sensor_n_channels(set); i++)
        n_gpu += jb_sensor_channel(set, i)->scope == JB_SCOPE_GPU &&
                         jb_sensor_channel(set, i)->role == JB_ROLE_POST
                     ? 1
                     : 0;
    is_i64((int64_t)n_gpu, 1, "a board in three slices posts once");
    is_i64(rig_channel(set, H100)->slices, 3, "and says how many share it");
    nvml_rig_at(&nr, 1000);
    is_i64(rig_read(set, H100, &rc), 300000, "its energy is the board's");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* R-SENSOR-65 */
static void scopes(void)
{
    struct nvml_rig nr;
    jb_rc rc;

    nvml_rig_set_up(&nr, "",
                    "board GPU-h\npower const:300\nmemory const:80\nmodule const:500\n"
                    "board GPU-blind\npower const:300\nscopes ignored\n"
                    "board GPU-odd\npower const:300\nmemory const:300\n");
    nvml_rig_at(&nr, 1000);
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    rig_expect(set, H100 "/memory", JB_SCOPE_DRAM, JB_ROLE_DETAIL, H100);
    rig_expect(set, H100 "/module", JB_SCOPE_MODULE, JB_ROLE_CHECK, "");
    ok(rig_channel(set, H100 "/memory")->device == JB_DEVICE_GPU,
       "the board's memory is not the machine's");
    is_i64(rig_read(set, H100 "/memory", &rc), 80000, "80 W of memory");
    is_i64(rig_read(set, H100 "/module", &rc), 500000, "500 W of the module");
    ok(rig_find(set, "gpu/GPU-blind/memory") < 0 && rig_find(set, "gpu/GPU-blind/module") < 0,
       "a driver that does not look at the scope is not believed");
    is_i64(rig_find(set, "gpu/GPU-odd/memory"), -1, "nor a part that is the whole");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

static void places_and_limits(void)
{
    struct nvml_rig nr;

    nvml_rig_set_up(&nr, "",
                    "board GPU-b\npci 0000:b1:00\nlimit 400\nfail "
                    "nvmlDeviceGetPowerManagementLimitConstraints 3\n"
                    "board GPU-c\npci 0001:04:00\nlimit 0\n"
                    "board GPU-a\npci 0000:0a:00\n"
                    "board GPU-d\npci 0002:01:00\nfail nvmlDeviceGetPciInfo_v3 13\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    is_i64(rig_channel(set, "gpu/GPU-a")->board, 2, "places follow the PCI addresses");
    is_i64(rig_channel(set, "gpu/GPU-b")->board, 3, "not the order of the list");
    is_i64(rig_channel(set, "gpu/GPU-c")->board, 4, "the domain first");
    is_i64(rig_channel(set, "gpu/GPU-b")->max_power_uw, 800 * SENSOR_W,
           "the limit by another call, where one is missing");
    is_i64(rig_channel(set, "gpu/GPU-c")->max_power_uw, 2000 * SENSOR_W,
           "without one, more than any board draws");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

static void refusals(void)
{
    static const struct {
        const char *script;
        const char *what, *reason, *step;
    } cases[] = {
        {"board GPU-h\nenergy none\npower none\n", H100, "neither energy nor power", "node"},
        {"board GPU-h\nfail nvmlDeviceGetTotalEnergyConsumption 4\nfail nvmlDeviceGetFieldValues "
         "4\n"
         "fail nvmlDeviceGetPowerUsage 4\n",
         H100, "may not ask", "--gres"},
        {"board GPU-h\nfail nvmlDeviceGetHandleByIndex_v2 16\n", "NVIDIA board 0", "must be reset",
         "gpu-reset"},
        {"board GPU-h\nfail nvmlDeviceGetUUID 999\n", "NVIDIA board 0", "error 999", "nvidia-smi"},
        {"fail nvmlDeviceGetCount_v2 999\nboard GPU-h\n", "boards of NVIDIA", "error 999", "dmesg"},
        {"fail nvmlInit_v2 18\nboard GPU-h\n", "boards of NVIDIA", "different versions",
         "restart the machine"},
        {"fail nvmlInit_v2 9\nboard GPU-h\n", "boards of NVIDIA", "kernel driver is not loaded",
         "modprobe"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct nvml_rig nr;
        nvml_rig_set_up(&nr, "", cases[i].script);
        struct jb_sensor_set *const set = nvml_rig_probe(&nr);
        const struct jb_sensor_refusal *const refusal = rig_refusal(set, cases[i].what);
        ok(refusal && strstr(refusal->reason, cases[i].reason) &&
               strstr(refusal->step, cases[i].step),
           "'%s' is refused: %s", cases[i].what, refusal ? refusal->reason : "no");
        is_i64(rig_find(set, H100), -1, "and not read");
        jb_sensor_set_free(set);
        nvml_rig_tear_down(&nr);
    }

    struct nvml_rig nr;
    nvml_rig_set_up(&nr, "", "");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    ok(!rig_refusal(set, "NVIDIA"), "a driver without boards is nothing to speak of");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* A source that has no value yet is one all the same: it is not given up for a worse one. */
static void not_ready(void)
{
    struct nvml_rig nr;
    jb_rc rc;

    nvml_rig_set_up(&nr, "", "board GPU-h\nfail nvmlDeviceGetTotalEnergyConsumption 27 0 1\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    ok(rig_channel(set, H100)->semantics == JB_SEMANTICS_COUNTER,
       "a counter that is not ready yet");
    (void)rig_read(set, H100, &rc);
    is_i64(rc, JB_E_AGAIN, "has no value this time");
    nvml_rig_at(&nr, 1000);
    is_i64(rig_read(set, H100, &rc), 100000, "and then it has");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

int main(void)
{
    counter();
    gauges();
    reset();
    failures();
    hot_removed();
    mig();
    scopes();
    places_and_limits();
    refusals();
    not_ready();
    return done_testing();
}
