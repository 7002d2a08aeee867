/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD boards through stand-ins of their maker's libraries (tests/doubles/rocm): when they are asked, what they read,
 * what is refused and why (R-SENSOR-75). The loader looks at LD_LIBRARY_PATH when a program starts, so this one
 * starts itself again for each library.
 */
#include "sensor_rig.h"

#include <spawn.h>
#include <sys/wait.h>

#include "sensor/sensor_int.h"

#define UNKNOWN "0800010b00000000" /* gpu_metrics 1.11 */
#define TABLE   "/sys/class/drm/card1/device/gpu_metrics"
#define BOARD   "gpu/0000:43:00.0"

extern char **environ;

struct smi_rig {
    struct rig rig;
    char script[128];
    char clock[128];
    struct jb_sensor_driver here;
    const struct jb_sensor_driver *drivers[3];
};

static void put_text(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
}

static void at_ms(const struct smi_rig *smi, int64_t ms)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%lld\n", (long long)(ms * JB_NS_PER_MS));
    put_text(smi->clock, text);
}

/* `table` in place of board 43's gpu_metrics, NULL for none at all. */
static void set_up(struct smi_rig *smi, const char *table, const char *script)
{
    char text[2048];

    *smi = (struct smi_rig){0};
    rig_set_up(&smi->rig, "mi210");
    rig_unlink(&smi->rig, "/sys/devices/pci0000:40/0000:40:01.1/0000:41:00.0/0000:42:00.0/"
                          "0000:43:00.0/gpu_metrics");
    if (table)
        rig_put_hex(&smi->rig, TABLE, table);
    (void)snprintf(smi->script, sizeof smi->script, "%s/amd-script", smi->rig.root);
    (void)snprintf(smi->clock, sizeof smi->clock, "%s/amd-clock", smi->rig.root);
    at_ms(smi, 0);
    (void)snprintf(text, sizeof text, "clock %s\n%s", smi->clock, script);
    put_text(smi->script, text);
    if (setenv("JB_AMD_SCRIPT", smi->script, 1) != 0)
        bail_out("no environment");
}

/* The driver in this process, as in a reader's, and the gauges after it. */
static struct jb_sensor_set *probe(struct smi_rig *smi)
{
    smi->here = jb_sensor_amd_smi;
    smi->here.is_apart = false;
    smi->drivers[0] = &smi->here;
    smi->drivers[1] = &jb_sensor_hwmon;
    smi->rig.env.drivers = smi->drivers;
    return rig_probe(&smi->rig);
}

static const char good[] = "board 0000:43:00.0\npower const:250\npower const:350 10\n"
                           "energy 4750896266\n";

static void counts(void)
{
    struct smi_rig smi;
    jb_rc rc;

    set_up(&smi, UNKNOWN, good);
    struct jb_sensor_set *const set = probe(&smi);
    const struct jb_channel *const channel = rig_channel(set, BOARD);
    rig_expect(set, BOARD, JB_SCOPE_GPU, JB_ROLE_POST, "");
    is_str(channel->driver, "amd-smi", "a table that we do not know is read by the library");
    ok(channel->semantics == JB_SEMANTICS_COUNTER && channel->board == 1 &&
           strcmp(channel->pci, "0000:43:00.0") == 0,
       "a counter, by address and place");
    ok(channel->unit_num == 15625 && channel->unit_den == 1024,
       "the library says 15.3: the hardware's unit is 2^-16 J");
    rig_expect(set, BOARD "@hwmon", JB_SCOPE_GPU, JB_ROLE_DUPLICATE, BOARD);
    is_i64(rig_read(set, BOARD, &rc), 4750896266, "the accumulator as it stands");
    at_ms(&smi, 11000);
    /* 10 s of 250 W and 1 s of 350 W are 2850 J; a joule is 65536 units. */
    is_i64(rig_read(set, BOARD, &rc), 4750896266 + INT64_C(2850) * 65536, "2850 J later");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
}

/* As the program does it: the library in a process of its own, the board's gauge still its duplicate. */
static void apart(void)
{
    static const struct jb_sensor_driver *const drivers[] = {
        &jb_sensor_gpu_metrics, &jb_sensor_amd_smi, &jb_sensor_hwmon, NULL};
    struct smi_rig smi;
    jb_rc rc;

    set_up(&smi, UNKNOWN, good);
    smi.rig.env.drivers = drivers;
    struct jb_sensor_set *const set = rig_probe(&smi.rig);
    is_str(rig_channel(set, BOARD)->driver, "amd-smi", "read apart, it comes before the gauge");
    rig_expect(set, BOARD "@hwmon", JB_SCOPE_GPU, JB_ROLE_DUPLICATE, BOARD);
    at_ms(&smi, 1000);
    jb_sensor_ask(set);
    ok(jb_sensor_wait(set, smi.rig.manual.mono_ns + 10 * JB_NS_PER_S), "it answers");
    is_i64(rig_read(set, BOARD, &rc), 4750896266 + INT64_C(250) * 65536, "250 J later");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
}

static void units(void)
{
    struct smi_rig smi;

    set_up(&smi, UNKNOWN, "board 0000:43:00.0\npower const:100\nenergy 5\nunit 0.5\n");
    struct jb_sensor_set *set = probe(&smi);
    ok(rig_channel(set, BOARD)->unit_num == 500 && rig_channel(set, BOARD)->unit_den == 1000 &&
           rig_channel(set, BOARD)->quantum_uj == 1,
       "another unit is taken as the library says it");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
    set_up(&smi, UNKNOWN, "board 0000:43:00.0\npower const:100\nenergy 5\nunit 0\n");
    set = probe(&smi);
    ok(rig_refusal(set, BOARD) && strcmp(rig_channel(set, BOARD)->driver, "hwmon") == 0,
       "a unit that is none is refused, and the gauge posts");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
}

static void unasked(void)
{
    struct smi_rig smi;

    /* A script that cannot be read would end this program: nobody may load the library. */
    set_up(&smi, NULL, "nonsense\n");
    rig_put_hex(&smi.rig, TABLE,
                "28000103ffffffffffffffffffffffffffffffffffff5c00"
                "01000000000000000000000000000000");
    struct jb_sensor_set *set = probe(&smi);
    is_str(rig_channel(set, BOARD)->driver, "hwmon", "a board that sysfs counts is not asked for");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
    rig_set_up(&smi.rig, "rx7900");
    set = probe(&smi);
    ok(rig_find(set, "gpu/0000:03:00.0") >= 0 && !rig_refusal(set, "gpu/0000:03:00.0"),
       "nor a board whose count has no stated unit: the library would guess the same");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
    rig_set_up(&smi.rig, "flex-i915");
    set = probe(&smi);
    ok(rig_find(set, "gpu/0000:4d:00.0") >= 0, "nor another maker's");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
}

static void faults(const char *energy_call, const char *begin_call, int permission, int busy)
{
    struct smi_rig smi;
    char script[512];
    jb_rc rc;

    (void)snprintf(script, sizeof script, "%sfail %s %d 1 2\nfail %s %d 2 3\nfail %s 99 3 4\n",
                   good, energy_call, busy, energy_call, permission, energy_call);
    set_up(&smi, UNKNOWN, script);
    struct jb_sensor_set *set = probe(&smi);
    at_ms(&smi, 1500);
    ok(rig_read(set, BOARD, &rc) == -1 && rc == JB_E_AGAIN, "busy: no value this time");
    at_ms(&smi, 2500);
    ok(rig_read(set, BOARD, &rc) == -1 && rc == JB_E_PERMISSION, "permission");
    at_ms(&smi, 3500);
    ok(rig_read(set, BOARD, &rc) == -1 && rc == JB_E_IO, "a code we do not know is a failure");
    at_ms(&smi, 4000);
    is_i64(rig_read(set, BOARD, &rc), 4750896266 + INT64_C(1000) * 65536, "and it goes on");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);

    (void)snprintf(script, sizeof script, "%sfail %s %d\n", good, energy_call, permission);
    set_up(&smi, UNKNOWN, script);
    set = probe(&smi);
    ok(rig_refusal(set, BOARD) && strstr(rig_refusal(set, BOARD)->step, "group render"),
       "who may not ask is told which group may");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);

    (void)snprintf(script, sizeof script, "fail %s 8\n", begin_call);
    set_up(&smi, UNKNOWN, script);
    set = probe(&smi);
    ok(rig_refusal(set, BOARD) && strstr(rig_refusal(set, BOARD)->reason, "code 8"),
       "a library that does not start is told with its code");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);

    set_up(&smi, UNKNOWN, "board 0000:99:00.0\nboard 0000:43:00.0/2\n");
    set = probe(&smi);
    ok(rig_refusal(set, BOARD) && strstr(rig_refusal(set, BOARD)->reason, "does not list"),
       "a partition of the board is not the board");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);

    set_up(&smi, UNKNOWN, "board 0000:43:00.0\nenergy none\n");
    set = probe(&smi);
    ok(rig_refusal(set, BOARD), "a board that does not count");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);

    set_up(&smi, UNKNOWN, "board 0000:43:00.0\nenergy 0\n");
    set = probe(&smi);
    ok(rig_refusal(set, BOARD) && strstr(rig_refusal(set, BOARD)->reason, "energy of both"),
       "the other die of a module is counted with the first");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
}

static void absent(const char *why)
{
    struct smi_rig smi;

    set_up(&smi, UNKNOWN, good);
    struct jb_sensor_set *const set = probe(&smi);
    ok(rig_refusal(set, BOARD) && strstr(rig_refusal(set, BOARD)->reason, why),
       "without a library that helps it says so (%s)", why);
    is_str(rig_channel(set, BOARD)->driver, "hwmon", "and the gauge posts");
    jb_sensor_set_free(set);
    rig_tear_down(&smi.rig);
}

static int run(const char *library)
{
    unasked();
    if (strcmp(library, "none") == 0) {
        absent("neither of AMD's libraries");
    } else if (strcmp(library, "old") == 0) {
        absent("without the calls");
    } else {
        counts();
        apart();
        units();
        if (strcmp(library, "rocm_smi") == 0)
            faults("rsmi_dev_energy_count_get", "rsmi_init", 4, 16);
        else
            faults("amdsmi_get_energy_count", "amdsmi_init", 10, 30);
    }
    return done_testing();
}

/* What the child prints is not this test's TAP: shown as remarks where it failed. */
static void show(FILE *output)
{
    char line[512];

    rewind(output);
    while (fgets(line, sizeof line, output)) {
        line[strcspn(line, "\n")] = '\0';
        diag("%s", line);
    }
}

/* This program again, with that library to be found. */
static void again(const char *library)
{
    char self[512];
    char path[1024];
    char file[1100];
    char name[] = "test_sensor_amd_smi";
    char argument[32];
    char *const argv[] = {name, argument, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = -1;
    FILE *const output = tmpfile();
    const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

    if (len <= 0 || !output)
        bail_out("no path of this program, or no temporary file");
    self[len] = '\0';
    (void)snprintf(argument, sizeof argument, "%s", library);
    (void)snprintf(path, sizeof path, "%.*s/../doubles/rocm/%s", (int)(strrchr(self, '/') - self),
                   self, library);
    (void)snprintf(file, sizeof file, "%s/%s", path,
                   strcmp(library, "rocm_smi") == 0 ? "librocm_smi64.so" : "libamd_smi.so");
    if (strcmp(library, "none") != 0 && access(file, F_OK) != 0)
        bail_out("no stand-in '%s': ninja meson-test-prereq makes it", file);
    (void)setenv("LD_LIBRARY_PATH", path, 1);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, fileno(output), 1);
    if (posix_spawn(&pid, self, &actions, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid)
        bail_out("cannot start again");
    (void)posix_spawn_file_actions_destroy(&actions);
    const bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ok(is_good, "with %s", library);
    if (!is_good)
        show(output);
    (void)fclose(output);
}

int main(int argc, char *argv[])
{
    if (argc > 1)
        return run(argv[1]);
    again("rocm_smi");
    again("amd_smi");
    again("old");
    again("none");
    return done_testing();
}
