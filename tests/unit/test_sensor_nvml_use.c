/* SPDX-License-Identifier: Apache-2.0 */
/* Who uses an NVIDIA board: busy time by samples, memory by lists, presence where the driver tells no more. */
#include "nvml_rig.h"

#define H100 "gpu/GPU-h"
#define MIB  (INT64_C(1) << 20)

struct answer {
    jb_rc rc;
    struct jb_sensor_board board;
    struct jb_sensor_use uses[32];
    size_t n;
};

static struct answer ask(struct nvml_rig *nr, struct jb_sensor_set *set, int64_t ms)
{
    struct answer answer = {0};

    nvml_rig_at(nr, ms);
    answer.rc = jb_sensor_board_use(set, (size_t)rig_find(set, H100), &answer.board, answer.uses,
                                    JB_ARRAY_LEN(answer.uses), &answer.n);
    return answer;
}

static struct jb_sensor_use use_of(const struct answer *answer, long long pid)
{
    for (size_t i = 0; i < answer->n; i++)
        if (answer->uses[i].pid == pid)
            return answer->uses[i];
    return (struct jb_sensor_use){.pid = -1, .busy_ns = -1, .memory_bytes = -2};
}

static int64_t busy_ms(const struct answer *answer, long long pid)
{
    const struct jb_sensor_use use = use_of(answer, pid);

    return use.busy_ns < 0 ? -1 : use.busy_ns / JB_NS_PER_MS;
}

/* 60 and 20 % of the SMs, one of them from 2 to 4 s; asked ten times a second. */
static void samples(void)
{
    struct nvml_rig nr;
    struct answer answer = {0};
    int64_t last_ns = 0;
    bool is_rising = true;

    nvml_rig_set_up(&nr, "",
                    "board GPU-h\nprocess 42 60 1024\nprocess 43 20 512 2 4\nprocess 44 0 256 "
                    "graphics\nutil 70\n");
    nvml_rig_at(&nr, 100);
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    answer = ask(&nr, set, 100);
    is_i64(answer.rc, JB_OK, "it answers at once");
    is_i64(busy_ms(&answer, 42), 0, "what was before it looked is not told");
    is_i64(answer.board.busy_ns, 0, "of the board neither");
    answer = ask(&nr, set, 250);
    ok(answer.rc == JB_OK && busy_ms(&answer, 42) == 0 && answer.board.busy_ns == 0,
       "asked again too soon, it says the same");
    for (int64_t ms = 300; ms <= 3900; ms += 200) {
        answer = ask(&nr, set, ms);
        is_rising = is_rising && answer.rc == JB_OK && use_of(&answer, 42).busy_ns >= last_ns;
        last_ns = use_of(&answer, 42).busy_ns;
    }
    ok(is_rising, "busy time never falls");
    /* Samples stand at each 0.2 s: the last at 3.8 s, the first that counts covers what came after 0.0 s. */
    is_i64(busy_ms(&answer, 42), 60 * 38, "60 %% of 3.8 s");
    is_i64(busy_ms(&answer, 43), 20 * 20, "20 %% of the ten samples from 2.0 to 3.8 s");
    is_i64(busy_ms(&answer, 44), 0, "one that only holds memory used nothing");
    is_i64(use_of(&answer, 42).memory_bytes, 1024 * MIB, "memory by process");
    is_i64(use_of(&answer, 44).memory_bytes, 256 * MIB, "also of one that draws");
    is_i64(answer.uses[0].pid, 42, "the busiest first");
    is_i64(answer.board.busy_ns / JB_NS_PER_MS, 70 * 38, "the board is busy 70 %% of 3.8 s");
    is_i64(answer.board.memory_used_bytes, 1792 * MIB, "the board's memory");
    is_i64(answer.board.memory_total_bytes, 80 * 1024 * MIB, "of");
    ok(!answer.board.is_presence, "this is use, not presence");
    answer = ask(&nr, set, 5000);
    is_i64(use_of(&answer, 43).memory_bytes, 0, "one that left holds nothing");
    answer = ask(&nr, set, 9000);
    is_i64(busy_ms(&answer, 43), -1, "and is forgotten");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* Nothing is made of time in which the board was not asked or nobody used it. */
static void pauses(void)
{
    struct nvml_rig nr;

    nvml_rig_set_up(&nr, "", "board GPU-h\nprocess 42 50 1 60\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    (void)ask(&nr, set, 0);
    struct answer answer = ask(&nr, set, 60100);
    is_i64(busy_ms(&answer, 42), 50 * 10, "a sample after a minute of nothing speaks for a second");
    answer = ask(&nr, set, 60300);
    is_i64(busy_ms(&answer, 42), 50 * 12, "the next for the time since");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* Five bursts of 0.6 s, each after 4 s of nothing: after the first, a pause adds no more than one sampling period. */
static void bursts(void)
{
    struct nvml_rig nr;
    struct answer answer = {0};

    nvml_rig_set_up(&nr, "",
                    "board GPU-h\nprocess 42 50 1 4 4.6\nprocess 42 50 1 8 8.6\nprocess 42 50 1 12 "
                    "12.6\nprocess 42 50 1 16 16.6\nprocess 42 50 1 20 20.6\nprocess 42 0 1\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    int64_t before_ms = 0;
    int64_t most_ms = 0;
    for (int64_t ms = 0; ms <= 24000; ms += 200) {
        answer = ask(&nr, set, ms);
        if (ms % 4000 != 3800)
            continue;
        const int64_t now_ms = busy_ms(&answer, 42);
        if (ms > 8000 && now_ms - before_ms > most_ms)
            most_ms = now_ms - before_ms;
        before_ms = now_ms < 0 ? 0 : now_ms;
    }
    /* Samples at its begin and each 0.2 s after it. */
    is_i64(most_ms, 50 * 6, "a burst of 0.6 s counts as 0.6 s, though nothing came before it");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

static void presence(void)
{
    struct nvml_rig nr;

    nvml_rig_set_up(&nr, "",
                    "board GPU-h\nprocess 42 60 1024\nprocess 43 20 - 2.5\nutil 40\n"
                    "fail nvmlDeviceGetProcessUtilization 3\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    struct answer answer = {0};
    for (int64_t ms = 0; ms <= 5000; ms += 500)
        answer = ask(&nr, set, ms);
    ok(answer.board.is_presence, "a driver that lists users but not their use");
    is_i64(busy_ms(&answer, 42), 5000, "has been there for 5 s");
    is_i64(busy_ms(&answer, 43), 2000, "the second since the list of 3.0 s");
    is_i64(use_of(&answer, 43).memory_bytes, -1, "unknown memory is not zero");
    is_i64(answer.board.busy_ns / JB_NS_PER_MS, 40 * 50,
           "the board itself still says how busy it is");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);

    nvml_rig_set_up(&nr, "r418", "board GPU-h\nprocess 42 60 1024\n");
    struct jb_sensor_set *const old = nvml_rig_probe(&nr);
    for (int64_t ms = 100; ms <= 1100; ms += 200)
        answer = ask(&nr, old, ms);
    is_i64(busy_ms(&answer, 42), 60 * 10, "without lists the samples alone tell who was there");
    is_i64(use_of(&answer, 42).memory_bytes, -1, "not what it holds");
    is_i64((int64_t)answer.n, 1, "and nobody else");
    jb_sensor_set_free(old);
    nvml_rig_tear_down(&nr);
}

/* R-SENSOR-66: 3 and 2 of 7 slices, two processes in the first; the third instance is empty. */
static void mig(void)
{
    struct nvml_rig nr;
    struct answer answer = {0};

    nvml_rig_set_up(
        &nr, "",
        "board GPU-h\narch 7\ncc 8 0\nmig 1 0 3 3 40000 MIG-a\nmig 2 0 2 2 20000 MIG-b\n"
        "mig 3 0 1 1 10000 MIG-c\nprocess 1 90 100 mig 0\nprocess 2 10 200 mig 0\nprocess 3 50 300 "
        "mig 1\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    for (int64_t ms = 0; ms <= 7000; ms += 1000)
        answer = ask(&nr, set, ms);
    ok(answer.board.is_presence, "what is said of slices is a model and says so");
    ok(llabs(use_of(&answer, 1).busy_ns - 1500 * JB_NS_PER_MS) < 20000 &&
           llabs(use_of(&answer, 2).busy_ns - 1500 * JB_NS_PER_MS) < 20000,
       "two in one instance of 3/7 had half of 3 s of 7 each");
    ok(llabs(use_of(&answer, 3).busy_ns - 2000 * JB_NS_PER_MS) < 20000, "one alone in 2/7 had 2 s");
    ok(llabs(answer.board.busy_ns - 5000 * JB_NS_PER_MS) < 20000,
       "the instances that are used are 5/7 of the board");
    is_i64(use_of(&answer, 3).memory_bytes, 300 * MIB, "memory is known by process");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

/* Where the counters tell how busy an instance was, from the second on: 60 % of 3/7, and 50 % of 2/7 for two. */
static void mig_busy(void)
{
    struct nvml_rig nr;
    struct answer answer = {0};

    nvml_rig_set_up(
        &nr, "",
        "board GPU-h\nmig 1 0 3 3 40000 MIG-a\nmig 2 0 2 2 20000 MIG-b\nmig 3 0 2 2 10000 MIG-c\n"
        "process 1 60 100 mig 0\nprocess 2 30 200 mig 1\nprocess 3 20 300 mig 1\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    for (int64_t ms = 0; ms <= 7000; ms += 1000)
        answer = ask(&nr, set, ms);
    ok(answer.board.is_presence, "it is a model all the same");
    ok(llabs(use_of(&answer, 1).busy_ns - INT64_C(1971428571)) < 20000,
       "3/7 x (1 s of presence + 6 s x 60 %%)");
    ok(llabs(use_of(&answer, 2).busy_ns - INT64_C(571428571)) < 20000 &&
           llabs(use_of(&answer, 3).busy_ns - INT64_C(571428571)) < 20000,
       "2/7 x (1 s + 6 s x 50 %%), halved: whose half is whose nobody tells");
    ok(llabs(answer.board.busy_ns - INT64_C(3114285714)) < 20000, "the board is their sum");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

static void failures(void)
{
    struct nvml_rig nr;

    nvml_rig_set_up(&nr, "",
                    "board GPU-h\nprocess 42 60 1024\nfail nvmlDeviceGetProcessUtilization 7 1 2\n"
                    "fail nvmlDeviceGetMemoryInfo 3\nfail nvmlDeviceGetUtilizationRates 3\n"
                    "fail nvmlDeviceGetGraphicsRunningProcesses_v3 3\n");
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    (void)ask(&nr, set, 100);
    struct answer answer = ask(&nr, set, 900);
    is_i64(busy_ms(&answer, 42), 60 * 8, "until then it is known");
    is_i64(answer.board.busy_ns, -1, "how busy the board is, is not: that is not zero");
    is_i64(answer.board.memory_used_bytes, -1, "nor its memory");
    is_i64(use_of(&answer, 42).memory_bytes, 1024 * MIB, "one list of two is one");
    answer = ask(&nr, set, 1500);
    is_i64(busy_ms(&answer, 42), 60 * 8, "more samples than there is room for are none");
    ok(answer.rc == JB_OK && !answer.board.is_presence, "and no reason to know less");
    answer = ask(&nr, set, 2300);
    is_i64(busy_ms(&answer, 42), 60 * 22, "what the driver still has is not lost");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);

    nvml_rig_set_up(&nr, "", "board GPU-h\nfail nvmlDeviceGetProcessUtilization 15 1 2\n");
    struct jb_sensor_set *const lost = nvml_rig_probe(&nr);
    jb_rc rc;
    (void)ask(&nr, lost, 0);
    is_i64(ask(&nr, lost, 1000).rc, JB_E_GONE, "a board lost while asked for its users is gone");
    (void)rig_read(lost, H100, &rc);
    is_i64(rc, JB_E_GONE, "for its meters too");
    jb_sensor_set_free(lost);
    nvml_rig_tear_down(&nr);
}

/* More processes than the caller has room for. */
static void few_places(void)
{
    struct nvml_rig nr;
    char script[2048] = "board GPU-h\n";
    struct jb_sensor_board board;
    struct jb_sensor_use uses[3];
    size_t n = 0;

    for (int i = 0; i < 20; i++)
        (void)snprintf(script + strlen(script), sizeof script - strlen(script), "process %d %d 1\n",
                       100 + i, i < 5 ? 10 + i : 1);
    nvml_rig_set_up(&nr, "", script);
    struct jb_sensor_set *const set = nvml_rig_probe(&nr);
    const size_t place = (size_t)rig_find(set, H100);
    is_i64(jb_sensor_board_use(set, place, &board, uses, 3, &n), JB_OK, "the begin");
    nvml_rig_at(&nr, 1000);
    is_i64(jb_sensor_board_use(set, place, &board, uses, 3, &n), JB_OK,
           "twenty users, three places");
    ok(n == 3 && uses[0].pid == 104 && uses[1].pid == 103 && uses[2].pid == 102,
       "the three busiest are told");
    jb_sensor_set_free(set);
    nvml_rig_tear_down(&nr);
}

int main(void)
{
    samples();
    pauses();
    bursts();
    presence();
    mig();
    mig_busy();
    failures();
    few_places();
    return done_testing();
}
