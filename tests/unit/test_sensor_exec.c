/* SPDX-License-Identifier: Apache-2.0 */
/* R-SENSOR-93: a program as a meter, with real programs: what it prints is read, what is none is not, and none is left. */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/meter.h"
#include "remove_tree.h"
#include "sensor/reader_int.h"
#include "sensor/sensor_int.h"
#include "tap.h"

static char root[] = "/tmp/jb-exec-XXXXXX";
static struct jb_meters meters;
static struct jb_os os;

static const char *script(const char *name, const char *text)
{
    static char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *const file = fopen(path, "we");
    if (!file || fprintf(file, "#!/bin/sh\n%s", text) < 0 || fclose(file) != 0 ||
        chmod(path, 0700) < 0)
        bail_out("cannot write '%s'", path);
    return path;
}

static struct jb_sensor_set *probe(const char *command, bool is_privileged)
{
    const struct jb_sensor_env env = {
        .os = &os, .clock = &jb_clock_system, .meters = &meters, .is_privileged = is_privileged};
    struct jb_sensor_set *set = NULL;
    struct jb_error err = {0};

    meters.n_meters = 1;
    meters.meters[0] = (struct jb_meter){.name = "lab",
                                         .driver = "exec",
                                         .scope = JB_SCOPE_NODE,
                                         .device = JB_DEVICE_NODE,
                                         .timeout_ns = 200 * JB_NS_PER_MS,
                                         .accuracy_ppm = 20000};
    (void)snprintf(meters.meters[0].command, sizeof meters.meters[0].command, "%s", command);
    if (sensor__probe_one(&env, &jb_sensor_exec, &set, &err) < 0)
        bail_out("probing failed: %s", err.message);
    return set;
}

static int64_t read_raw(struct jb_sensor_set *set, jb_rc *ret_rc)
{
    struct jb_reading reading = {0};

    *ret_rc = jb_sensor_read(set, 0, &reading);
    return *ret_rc < 0 ? -1 : (int64_t)reading.raw;
}

static pid_t pid_of(const char *file)
{
    char path[256];
    char text[32] = "";
    uint64_t pid = 0;

    (void)snprintf(path, sizeof path, "%s/%s", root, file);
    FILE *const f = fopen(path, "re");
    if (f) {
        const size_t len = fread(text, 1, sizeof text - 1, f);
        (void)fclose(f);
        if (jb_parse_u64(text, len, true, &pid) < 0)
            pid = 0;
    }
    return (pid_t)pid;
}

/* A process that has ended is gone within a second, also where somebody else has to wait for it. */
static bool ends(pid_t pid)
{
    for (int i = 0; i < 100; i++) {
        char path[64];
        char state = 'X';
        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        FILE *const file = fopen(path, "re");
        if (!file)
            return true;
        char text[256] = "";
        const size_t len = fread(text, 1, sizeof text - 1, file);
        (void)fclose(file);
        const char *const after = len > 0 ? strrchr(text, ')') : NULL;
        if (after)
            state = after[2];
        if (state == 'Z' || state == 'X')
            return true;
        (void)usleep(10000);
    }
    return false;
}

static void wait_for(const char *file)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", root, file);
    for (int i = 0; i < 5000 && access(path, F_OK) != 0; i++)
        (void)usleep(1000);
}

static void power(void)
{
    char command[512];
    jb_rc rc;

    (void)snprintf(command, sizeof command, "%s  one two",
                   script("power", "cd ${0%/*}; echo $$ >pid; sleep 1000 & echo $! >child\n"
                                   "[ \"$*\" = 'one two' ] && echo watts 231.5\n"
                                   "while [ ! -e go ]; do sleep 0.01; done\n"
                                   "echo watts 1; echo watts 99.5; echo now >told\n"
                                   "while [ ! -e bad ]; do sleep 0.01; done\n"
                                   "echo watts 77; echo 12 W; echo now >told2\n"
                                   "while [ ! -e end ]; do sleep 0.01; done\n"));
    struct jb_sensor_set *const set = probe(command, false);
    is_i64((int64_t)jb_sensor_n_channels(set), 1, "a program that prints a reading is a channel");
    if (jb_sensor_n_channels(set) == 0)
        bail_out("%s", jb_sensor_refusal(set, 0)->reason);
    const struct jb_channel *const channel = jb_sensor_channel(set, 0);
    ok(strcmp(channel->id, "exec/lab") == 0 && channel->scope == JB_SCOPE_NODE &&
           channel->semantics == JB_SEMANTICS_GAUGE && channel->unit_num == 1 &&
           channel->unit_den == 1 && channel->accuracy_ppm == 20000 && !channel->is_local,
       "a gauge in uW, as its entry says");
    is_i64(read_raw(set, &rc), 231500000, "its arguments were given one by one; 231.5 W");
    read_raw(set, &rc);
    is_i64(rc, JB_E_AGAIN, "a line is read once");
    const pid_t pid = pid_of("pid");
    const pid_t child = pid_of("child");
    ok(pid > 0 && getpgid(pid) == pid && getpgid(child) == pid && getpgid(0) != pid,
       "it has a process group of its own");
    (void)script("go", "");
    wait_for("told");
    is_i64(read_raw(set, &rc), 99500000, "of several lines the newest counts");
    (void)script("bad", "");
    wait_for("told2");
    read_raw(set, &rc);
    is_i64(rc, JB_E_AGAIN, "a line that is no reading is a failed read");
    read_raw(set, &rc);
    is_i64(rc, JB_E_AGAIN, "and what stood before it is no news later on");
    jb_sensor_set_free(set);
    ok(ends(pid), "at the end it is killed");
    ok(ends(child), "with what it started");
}

static void energy(void)
{
    jb_rc rc;
    struct jb_sensor_set *const set =
        probe(script("energy", "printf 'joules 10 at 100\\njoules 12.5 at 101\\n'"
                               "'joules 11 at 100.5\\n'\n"),
              false);
    ok(jb_sensor_n_channels(set) == 1 &&
           jb_sensor_channel(set, 0)->semantics == JB_SEMANTICS_COUNTER &&
           jb_sensor_channel(set, 0)->is_local,
       "joules make it a counter, whose count is this program's");
    is_i64(read_raw(set, &rc), 12500000, "an older line that comes later is left out");
    read_raw(set, &rc);
    is_i64(rc, JB_E_GONE, "a program that ended is gone");
    jb_sensor_set_free(set);
}

static void refused(const char *command, const char *reason, const char *promise)
{
    struct jb_sensor_set *const set = probe(command, false);

    ok(jb_sensor_n_channels(set) == 0 && jb_sensor_n_refusals(set) == 1 &&
           strstr(jb_sensor_refusal(set, 0)->reason, reason) && jb_sensor_refusal(set, 0)->step[0],
       "%s", promise);
    if (jb_sensor_n_refusals(set) > 0)
        diag("%s: %s", jb_sensor_refusal(set, 0)->what, jb_sensor_refusal(set, 0)->reason);
    jb_sensor_set_free(set);
}

static void refusals(void)
{
    refused("/nowhere/meter", "cannot be executed", "a program that is not there");
    refused("   ", "command is none", "no program at all");
    refused(script("garbage", "echo hello; sleep 1000\n"), "no reading", "a line that is none");
    refused(script("silent", "echo $$ >${0%/*}/silent_pid; exec sleep 1000\n"),
            "no reading within 2.5 s", "a program that prints nothing");
    ok(ends(pid_of("silent_pid")), "which is killed");
    refused(script("mixed", "exit 3\n"), "ended", "one that ends at once");
    struct jb_sensor_set *const set =
        probe(script("started", "echo $$ >${0%/*}/started_pid; echo watts 1\n"), true);
    ok(jb_sensor_n_channels(set) == 0 && strstr(jb_sensor_refusal(set, 0)->reason, "capability") &&
           pid_of("started_pid") == 0,
       "an executable that carries a capability starts nothing");
    jb_sensor_set_free(set);
}

static void mixed(void)
{
    jb_rc rc;

    struct jb_sensor_set *const set =
        probe(script("both", "cd ${0%/*}; echo watts 5\n"
                             "while [ ! -e joules ]; do sleep 0.01; done; echo joules 6\n"
                             "while [ ! -e long ]; do sleep 0.01; done\n"
                             "printf 'watts 7%0400d\\nwatts 8\\n' 0\n"
                             "while :; do sleep 1; done\n"),
              false);
    is_i64(read_raw(set, &rc), 5000000, "watts first");
    (void)script("joules", "");
    /* A slow machine may take longer to print it than the meter's timeout. */
    int64_t raw = -1;
    for (int i = 0; i < 3 && raw < 0; i++)
        raw = read_raw(set, &rc);
    is_i64(raw, -1, "a meter of power that prints joules is not believed");
    (void)script("long", "");
    for (int i = 0; i < 50 && raw < 0; i++)
        raw = read_raw(set, &rc);
    is_i64(raw, 8000000, "a line that is too long is left out, and the next is read");
    jb_sensor_set_free(set);
}

int main(void)
{
    if (!mkdtemp(root))
        bail_out("no folder");
    os = jb_os_real("");
    power();
    energy();
    refusals();
    mixed();
    remove_tree(root);
    return done_testing();
}
