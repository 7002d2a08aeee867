/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs on shared boards, from the driver's list to the posted microjoules, on an injected clock: two boards of constant power,
 * a scripted driver that says who uses the first, a scripted /proc. The truth is worked out by hand. R-USE-01 to -04, -06, -08.
 */
#include "pipeline/recorder.h"

#include <errno.h>
#include <unistd.h>

#include "../book.h"
#include "account/account.h"
#include "pipeline/recorder_int.h"
#include "pipeline/settle.h"

#define HOST "node-1"
#define BOOT "11111111-2222-3333-4444-555555555555"
#define A    "0190aaaa-0000-7000-8000-000000000001"
#define B    "0190bbbb-0000-7000-8000-000000000002"
#define C    "0190cccc-0000-7000-8000-000000000003"

#define S        JB_NS_PER_S
#define MS       JB_NS_PER_MS
#define T0       (INT64_C(1000) * S)
#define UTC0     INT64_C(1800000000000000)
#define J        INT64_C(1000000)
#define LENGTH_S 300
#define POWER_W  200
#define IDLE_W   50

static struct jb_error err;
static struct book_folder folder;
static struct jb_clock_manual manual;
static struct jb_clock clock_;
static char replay_path[700];

static void must(jb_rc rc, const char *what)
{
    if (rc < 0)
        bail_out("%s: %s", what, err.message);
}

/* -- the machine ----------------------------------------------------------------------------------------------------- */

/* pid, parent; a process that is not here is not in /proc. */
static struct {
    int pid, parent, start;
} processes[16];

static int world_open(void *context TAP__UNUSED, const char *path)
{
    for (size_t i = 0; i < 16; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "/proc/%d/stat", processes[i].pid);
        if (processes[i].pid != 0 && strcmp(path, name) == 0)
            return (int)i;
    }
    return -ENOENT;
}

static ssize_t world_pread(void *context TAP__UNUSED, int handle, void *buf, size_t size,
                           int64_t offset)
{
    char text[256];
    const int len = snprintf(
        text, sizeof text, "%d (python 3) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 1000 10 0\n",
        processes[handle].pid, processes[handle].parent, processes[handle].start);

    if (offset >= len)
        return 0;
    const size_t n = (size_t)(len - offset) < size ? (size_t)(len - offset) : size;
    memcpy(buf, text + offset, n);
    return (ssize_t)n;
}

static void world_close(void *context TAP__UNUSED, int handle TAP__UNUSED)
{
}

static int world_list(void *context TAP__UNUSED, const char *path TAP__UNUSED,
                      jb_os_name_fn fn TAP__UNUSED, void *arg TAP__UNUSED)
{
    return -ENOENT;
}

static ssize_t world_real_path(void *context TAP__UNUSED, const char *path TAP__UNUSED,
                               char *buf TAP__UNUSED, size_t size TAP__UNUSED)
{
    return -ENOENT;
}

static long world_number(void *context TAP__UNUSED)
{
    return 100;
}

static const struct jb_os os = {.open_read = world_open,
                                .pread = world_pread,
                                .close = world_close,
                                .list = world_list,
                                .real_path = world_real_path,
                                .clock_ticks = world_number,
                                .cpus_online = world_number,
                                .page_bytes = world_number};

/* -- the driver ------------------------------------------------------------------------------------------------------- */

/* Each user keeps its part of the board busy, in thousandths, from its begin. */
static struct user {
    long long pid;
    int64_t milli, from_ns, until_ns, memory_bytes;
} users[8];
static int64_t driver_begin_ns;
static bool has_host_pids, is_presence, is_silent;
/* That many of nobody's processes on each board, each a thousandth of it; and the boards, of which two are looked at. */
static int n_crowd, n_boards;
static const char *second_board;

static int64_t busy_ns(const struct user *user)
{
    const int64_t from_ns = user->from_ns > driver_begin_ns ? user->from_ns : driver_begin_ns;
    const int64_t until_ns = user->until_ns > 0 ? user->until_ns : manual.mono_ns;

    return until_ns > from_ns ? (until_ns - from_ns) / 1000 * user->milli : 0;
}

static jb_rc say_use(void *handle TAP__UNUSED, const struct jb_sensor_env *env TAP__UNUSED,
                     struct jb_sensor_board *ret_board, struct jb_sensor_use *ret_uses,
                     size_t capacity, size_t *ret_n)
{
    size_t n = 0;

    if (is_silent)
        return JB_E_AGAIN;
    *ret_board = (struct jb_sensor_board){.memory_used_bytes = -1,
                                          .memory_total_bytes = -1,
                                          .is_presence = is_presence,
                                          .has_host_pids = has_host_pids};
    for (size_t i = 0; i < 8; i++) {
        ret_board->busy_ns += busy_ns(&users[i]);
        if (users[i].pid == 0 || users[i].until_ns > 0 || users[i].from_ns > manual.mono_ns ||
            n == capacity)
            continue;
        ret_uses[n++] = (struct jb_sensor_use){.pid = users[i].pid, .busy_ns = busy_ns(&users[i])};
    }
    for (int i = 0; i < n_crowd; i++) {
        const struct user one = {.pid = 1000 + i, .milli = 1, .from_ns = T0};
        ret_board->busy_ns += busy_ns(&one);
        if (n < capacity)
            ret_uses[n++] = (struct jb_sensor_use){.pid = one.pid, .busy_ns = busy_ns(&one)};
    }
    *ret_n = n;
    return JB_OK;
}

static void write_replay(void)
{
    (void)snprintf(replay_path, sizeof replay_path, "%s/replay", folder.path);
    FILE *const file = fopen(replay_path, "w");

    if (!file)
        bail_out("no recording");
    (void)fputs("joulebook-replay 1\n", file);
    for (int i = 0; i < n_boards; i++)
        (void)fprintf(file,
                      "channel gpu/%d\nlabel board\nscope gpu\ndevice gpu\nsemantics gauge\norigin "
                      "gauge\nrole post\nunit_num 1\nunit_den 1\nmodulus 0\nquantum_uj 0\n"
                      "update_ns 1000000\nwindow_ns 0\nmax_power_uw 1000000000\naccuracy_ppm 0\n",
                      i);
    (void)fputs("readings\n", file);
    for (int s = 0; s <= LENGTH_S; s++)
        for (int i = 0; i < n_boards; i++)
            (void)fprintf(file, "%" PRId64 " %d %" PRId64 "\n", s * S, i, POWER_W * J);
    if (fclose(file) != 0)
        bail_out("no recording");
}

/* -- runs -------------------------------------------------------------------------------------------------------------- */

struct party {
    struct jb_spool spool;
    struct jb_recorder *recorder;
    struct jb_run run;
    int run_fd;
    uint32_t slot;
};

static void write_run(struct party *party)
{
    char *json = NULL;

    must(jb_run_to_json(&party->run, &json, &err), "facts");
    must(jb_spool_write_run(&party->spool, party->run.id, json, &party->run_fd, &err), "run file");
    free(json);
}

static void joins(struct party *party, const char *id, const char *parent_id, int supervisor_pid,
                  int root_pid)
{
    bool is_stale;
    const struct jb_spool_claimant claimant = {
        .run_id = id, .parent_id = parent_id, .root_pid = root_pid, .reserved_ppm = 1000000};

    *party = (struct party){.run_fd = -1};
    party->run = (struct jb_run){.market_mgco2e_per_kwh = -1,
                                 .pue_milli = -1,
                                 .tariff_micro_per_kwh = -1,
                                 .exit_code = -1,
                                 .start_mono_ns = manual.mono_ns,
                                 .start_utc_us = manual.utc_us};
    (void)snprintf(party->run.id, sizeof party->run.id, "%s", id);
    (void)snprintf(party->run.parent_id, sizeof party->run.parent_id, "%s", parent_id);
    (void)snprintf(party->run.host, sizeof party->run.host, "%s", HOST);
    (void)snprintf(party->run.boot_id, sizeof party->run.boot_id, "%s", BOOT);
    (void)snprintf(party->run.environment, sizeof party->run.environment, "{}");
    must(jb_spool_open(folder.book, HOST, BOOT, &party->spool, &is_stale, &err), "spool");
    write_run(party);
    must(jb_spool_claim(&party->spool, &claimant, &party->slot, &err), "slot");
    atomic_store(&party->spool.node->slots[party->slot].supervisor_pid, supervisor_pid);
}

static void scans(struct party *party)
{
    struct jb_spool_slot *const slot = &party->spool.node->slots[party->slot];

    atomic_store(&slot->cpu_ns, manual.mono_ns - T0);
    atomic_store(&slot->scan_mono_ns, manual.mono_ns);
}

static void records(struct party *party, bool is_other_pid_namespace)
{
    const struct jb_recorder_options options = {.os = &os,
                                                .machine_os = &os,
                                                .clock = &clock_,
                                                .replay_path = replay_path,
                                                .is_other_pid_namespace = is_other_pid_namespace,
                                                .period_ns = S};
    const struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = IDLE_W * J};

    must(jb_spool_lock(&party->spool, &err), "lock");
    must(jb_recorder_begin(&party->spool, &options, &party->recorder, &err), "recorder");
    for (size_t i = 0; i < (size_t)n_boards; i++)
        must(jb_recorder_set_idle(party->recorder, i, &idle, &err), "idle");
    driver_begin_ns = manual.mono_ns;
    must(jb_sensor_add_use(party->recorder->sensors, "gpu/0", say_use, &err), "driver");
}

static void goes_on(struct party *recorder, struct party *other, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        jb_clock_manual_advance(&manual, S);
        scans(recorder);
        if (other)
            scans(other);
        must(jb_recorder_tick(recorder->recorder, &err), "tick");
    }
}

static void is_over(struct party *party)
{
    scans(party);
    party->run.end_mono_ns = manual.mono_ns;
    party->run.end_utc_us = manual.utc_us;
    party->run.status = JB_RUN_DONE;
    party->run.exit_code = 0;
    write_run(party);
    struct jb_spool_slot *const slot = &party->spool.node->slots[party->slot];
    atomic_store(&slot->end_mono_ns, manual.mono_ns);
    atomic_store(&slot->state, JB_SLOT_ENDED);
}

static void leaves(struct party *party)
{
    jb_recorder_free(party->recorder);
    if (party->run_fd >= 0)
        close(party->run_fd);
    jb_spool_unlock(&party->spool);
    jb_spool_close(&party->spool);
}

/* -- the book ---------------------------------------------------------------------------------------------------------- */

/* What is posted of each board, by account. */
static struct posted {
    int64_t energy_uj, idle_uj, others_uj, run_uj[3], high_uj[3];
    int n_lines[3]; /* of each run */
} posted[2];

static jb_rc see(void *arg TAP__UNUSED, int64_t seq TAP__UNUSED, const struct jb_interval *interval,
                 const struct jb_line *lines, size_t n_lines, struct jb_error *unused TAP__UNUSED)
{
    static const char *const runs[3] = {"run:" A, "run:" B, "run:" C};
    const bool is_second = strcmp(interval->channel, second_board) == 0;
    struct posted *const to = &posted[is_second];

    if (!is_second && strcmp(interval->channel, "gpu/0") != 0)
        return JB_OK;
    to->energy_uj += interval->energy_uj;
    for (size_t i = 0; i < n_lines; i++) {
        if (strcmp(lines[i].account, "idle:" HOST) == 0)
            to->idle_uj += lines[i].amount_uj;
        if (strcmp(lines[i].account, "others:" HOST) == 0)
            to->others_uj += lines[i].amount_uj;
        for (size_t r = 0; r < 3; r++)
            if (strcmp(lines[i].account, runs[r]) == 0) {
                to->run_uj[r] += lines[i].amount_uj;
                to->high_uj[r] += lines[i].high_uj;
                to->n_lines[r]++;
            }
    }
    return JB_OK;
}

static void settle(struct party *party)
{
    struct jb_settlement settlement;
    struct jb_balance *const balance = calloc(1, sizeof *balance);
    struct jb_ledger *ledger = NULL;

    memset(posted, 0, sizeof posted);
    must(jb_ledger_open(folder.book, JB_LEDGER_CREATE, &clock_, &ledger, &err), "book");
    must(jb_settle(&party->spool, ledger, &settlement, &err), "settle");
    must(jb_ledger_each_interval(ledger, NULL, see, NULL, &err), "intervals");
    must(jb_ledger_balance(ledger, balance, &err), "balance");
    ok(balance->is_balanced, "the book balances");
    jb_ledger_close(ledger);
    free(balance);
    for (size_t i = 0; i < 2; i++)
        is_i64(posted[i].idle_uj + posted[i].others_uj + posted[i].run_uj[0] + posted[i].run_uj[1] +
                   posted[i].run_uj[2],
               posted[i].energy_uj, "every microjoule of board %zu is in one account", i);
}

static bool has_note(const char *run_id, const char *part)
{
    struct jb_ledger *ledger = NULL;
    struct jb_account account;
    char *json = NULL;
    bool is_there = false;

    must(jb_ledger_open(folder.book, JB_LEDGER_READ, &clock_, &ledger, &err), "book");
    must(jb_ledger_run_account(ledger, run_id, &json, &err), "account");
    must(jb_account_from_json(json, &account, &err), "account's JSON");
    for (size_t i = 0; i < account.n_notes; i++)
        is_there = is_there || strstr(account.notes[i], part);
    jb_account_release(&account);
    free(json);
    jb_ledger_close(ledger);
    return is_there;
}

/* To the microjoule and one for each window. */
static void is_near(int64_t got, int64_t want, int n_windows, const char *name)
{
    if (!ok(got - want <= n_windows && want - got <= n_windows, "%s", name))
        diag("%" PRId64 ", expected %" PRId64, got, want);
}

static void set_up(void)
{
    manual = (struct jb_clock_manual){.mono_ns = T0, .boot_ns = T0, .utc_us = UTC0};
    clock_ = jb_clock_from_manual(&manual);
    folder = book_new_folder();
    n_boards = n_boards > 2 ? n_boards : 2;
    second_board = "gpu/1";
    n_crowd = 0;
    write_replay();
    memset(processes, 0, sizeof processes);
    memset(users, 0, sizeof users);
    has_host_pids = false;
    is_presence = false;
    is_silent = false;
    /* A: supervisor 100, command 101, workers 102; B: 200, 201; another tenant: 300. */
    static const int tree[][2] = {{100, 1}, {101, 100}, {102, 101}, {200, 1}, {201, 200}, {300, 1}};
    for (size_t i = 0; i < 6; i++) {
        processes[i].pid = tree[i][0];
        processes[i].parent = tree[i][1];
        processes[i].start = 1000 + tree[i][0];
    }
}

/* The most that the series of the board's use in A says; -1 none. */
static jb_rc see_busy(void *arg, const char *name, const void *bytes, size_t len,
                      struct jb_error *unused TAP__UNUSED)
{
    struct jb_series_point points[JB_SERIES_CHUNK_SAMPLES];
    enum jb_series_kind kind;
    size_t n = 0, used = 0;

    for (size_t at = 0; strcmp(name, "gpu/0#busy") == 0 && at < len; at += used) {
        must(jb_series_read((const char *)bytes + at, len - at, &kind, points, &n, &used, &err),
             "series");
        for (size_t i = 0; i < n; i++)
            if (points[i].value > *(int64_t *)arg)
                *(int64_t *)arg = points[i].value;
    }
    return JB_OK;
}

static int64_t busiest_in_book(void)
{
    struct jb_ledger *ledger = NULL;
    int64_t most_ppm = -1;

    must(jb_ledger_open(folder.book, JB_LEDGER_READ, &clock_, &ledger, &err), "book");
    must(jb_ledger_each_series(ledger, A, see_busy, &most_ppm, &err), "series");
    jb_ledger_close(ledger);
    return most_ppm;
}

/* A keeps 30 % of the first board busy, B 50 % from ten seconds on, somebody else 10 %. */
static void test_three_tenants(void)
{
    struct party a, b;

    set_up();
    users[0] = (struct user){.pid = 102, .milli = 300, .from_ns = T0};
    users[1] = (struct user){.pid = 300, .milli = 100, .from_ns = T0};
    users[2] = (struct user){.pid = 201, .milli = 500, .from_ns = T0 + 10 * S};
    joins(&a, A, "", 100, 0);
    records(&a, false);
    goes_on(&a, NULL, 10);
    joins(&b, B, "", 200, 0);
    must(jb_recorder_frame(a.recorder, &err), "B begins");
    is_i64(jb_recorder_boards_busy_ppm(a.recorder, 0), 400000,
           "R-IDLE-02: of the board's busiest second is known how busy it was");
    is_i64(jb_recorder_boards_busy_ppm(a.recorder, 1), -1,
           "of one whose driver is silent it is not");
    goes_on(&a, &b, 60);
    is_i64(jb_recorder_boards_busy_ppm(a.recorder, 0), 900000, "and later the later");
    jb_clock_manual_advance(&manual, 300 * MS);
    must(jb_recorder_read(a.recorder, &err), "last reading");
    is_over(&a);
    is_over(&b);
    must(jb_recorder_end_frame(a.recorder, true, &err), "last frame");
    settle(&a);
    /* 10 s at 150 W above idle by 30:10, then 60.3 s by 30:50:10. */
    is_i64(posted[0].energy_uj, POWER_W * 70300 * J / 1000, "the board's energy is 200 W");
    is_near(posted[0].idle_uj, IDLE_W * 70300 * J / 1000, 20, "idle is its 50 W");
    is_near(posted[0].run_uj[0], 1125 * J + 3015 * J, 20, "A has its 30 %% of the use");
    is_near(posted[0].run_uj[1], 5025 * J, 20, "B its 50");
    is_near(posted[0].others_uj, 375 * J + 1005 * J, 20, "and the others their 10");
    is_i64(busiest_in_book(), 900000, "R-IDLE-02: how busy it was at most is in the book");
    ok(posted[1].n_lines[0] > 0 && posted[1].run_uj[0] > 0,
       "a board whose driver does not say who uses it is shared by CPU time");
    ok(has_note(A, "'gpu/1': shared by CPU time") && !has_note(A, "'gpu/0'"),
       "and the account says of which");
    leaves(&a);
    leaves(&b);
    book_remove_folder(&folder);
}

/* B goes on where A stopped recording; its driver begins to count anew. Nothing falls and nothing is told twice. */
static void test_take_over(void)
{
    struct party a, b;

    set_up();
    users[0] = (struct user){.pid = 102, .milli = 300, .from_ns = T0};
    users[1] = (struct user){.pid = 201, .milli = 600, .from_ns = T0};
    joins(&a, A, "", 100, 0);
    joins(&b, B, "", 200, 0);
    records(&a, false);
    goes_on(&a, &b, 12);
    jb_recorder_free(a.recorder);
    a.recorder = NULL;
    jb_spool_unlock(&a.spool);
    records(&b, false);
    goes_on(&b, &a, 20);
    is_over(&a);
    is_over(&b);
    must(jb_recorder_frame(b.recorder, &err), "the end");
    settle(&b);
    /* A recording begins anew: its first second is a gap, 6200 J are posted, 32 s of idle taken off. */
    is_near(posted[0].run_uj[0], 4600 * J / 3, 20, "over a change of recorder A has its third");
    is_near(posted[0].run_uj[1], 9200 * J / 3, 20, "and B its two thirds of the use");
    is_i64(posted[0].others_uj, 0, "and nobody else anything");
    leaves(&a);
    leaves(&b);
    book_remove_folder(&folder);
}

/* A run inside a run, an attached run, orphans, a pid that comes again, a process that ends. */
static void test_whose(void)
{
    struct party a, c;

    set_up();
    processes[6].pid = 110, processes[6].parent = 101, processes[6].start = 1; /* supervises C */
    processes[7].pid = 111, processes[7].parent = 110, processes[7].start = 2;
    users[0] = (struct user){.pid = 102, .milli = 200, .from_ns = T0};
    users[1] = (struct user){.pid = 111, .milli = 400, .from_ns = T0};
    joins(&a, A, "", 100, 0);
    joins(&c, C, A, 110, 0);
    records(&a, false);
    goes_on(&a, &c, 10);
    /* C's process falls to nobody known, as where its supervisor was killed: it is C's as long as C is there. */
    processes[7].parent = 1;
    goes_on(&a, &c, 10);
    is_over(&a);
    is_over(&c);
    must(jb_recorder_frame(a.recorder, &err), "the end");
    settle(&a);
    is_near(posted[0].run_uj[2], 2000 * J, 20, "the innermost run is charged");
    is_near(posted[0].run_uj[0], 1000 * J, 20, "and the outer one for its own alone");
    leaves(&a);
    leaves(&c);
    book_remove_folder(&folder);

    set_up();
    users[0] = (struct user){.pid = 300, .milli = 500, .from_ns = T0};
    users[1] = (struct user){.pid = 102, .milli = 500, .from_ns = T0, .until_ns = 0};
    joins(&a, A, "", 100, 0);
    records(&a, false);
    goes_on(&a, NULL, 10);
    joins(&c, C, "", 999, 300);
    must(jb_recorder_frame(a.recorder, &err), "C attaches");
    goes_on(&a, &c, 5);
    /* The worker ends, and its pid is another tenant's then: 5 s of half the board for each. */
    users[1].until_ns = manual.mono_ns;
    processes[2].pid = 0;
    goes_on(&a, &c, 5);
    users[1] = (struct user){.pid = 102, .milli = 500, .from_ns = manual.mono_ns};
    processes[2].pid = 102, processes[2].parent = 1, processes[2].start = 7777;
    goes_on(&a, &c, 10);
    is_over(&a);
    is_over(&c);
    must(jb_recorder_frame(a.recorder, &err), "the end");
    settle(&a);
    is_near(posted[0].run_uj[0], 10 * 75 * J + 5 * 75 * J, 20,
            "what a process used stays its run's");
    is_near(posted[0].run_uj[2], 5 * 75 * J + 5 * 150 * J + 10 * 75 * J, 20,
            "a process that a run is attached to is that run's from then on");
    is_near(posted[0].others_uj, 10 * 75 * J + 10 * 75 * J, 20,
            "and before it, as one that got the pid of another, somebody else's");
    leaves(&a);
    leaves(&c);
    book_remove_folder(&folder);
}

/* A kernel driver's pids in a container: no run can be told. The same pids that are our own are matched. */
static void test_other_namespace(void)
{
    for (int is_host = 0; is_host < 2; is_host++) {
        struct party a;

        set_up();
        has_host_pids = is_host;
        users[0] = (struct user){.pid = 102, .milli = 1000, .from_ns = T0};
        joins(&a, A, "", 100, 0);
        records(&a, true);
        goes_on(&a, NULL, 10);
        is_over(&a);
        must(jb_recorder_frame(a.recorder, &err), "the end");
        settle(&a);
        is_near(is_host ? posted[0].others_uj : posted[0].run_uj[0], 1500 * J, 20,
                is_host ? "pids of another namespace are other tenants"
                        : "pids found in our own /proc are runs");
        ok(posted[0].n_lines[0] > 0, "and the board stays in the run's account");
        ok(has_note(A, "hostPID") == is_host, "which says how to change it, or need not");
        leaves(&a);
        book_remove_folder(&folder);
    }
}

/* The driver is silent for a second and a half of every five; frames ten times a second in between. */
static void test_carried(void)
{
    struct party a;

    set_up();
    users[0] = (struct user){.pid = 102, .milli = 300, .from_ns = T0};
    users[1] = (struct user){.pid = 300, .milli = 600, .from_ns = T0};
    joins(&a, A, "", 100, 0);
    records(&a, false);
    goes_on(&a, NULL, 5);
    is_silent = true;
    for (int i = 0; i < 15; i++) {
        jb_clock_manual_advance(&manual, 100 * MS);
        scans(&a);
        must(jb_recorder_frame(a.recorder, &err), "frame");
    }
    is_silent = false;
    goes_on(&a, NULL, 5);
    is_over(&a);
    must(jb_recorder_frame(a.recorder, &err), "the end");
    settle(&a);
    is_near(posted[0].run_uj[0], 11500 * 50 * J / 1000, 40,
            "between two looks use is carried on, and no window counts as idle");
    leaves(&a);
    book_remove_folder(&folder);
}

/* Three boards with 128 processes each, the most that are listed: none is forgotten and then counted from its begin. */
static void test_crowd(void)
{
    struct party a;

    n_boards = 4;
    set_up();
    n_crowd = 127;
    second_board = "gpu/2";
    users[0] = (struct user){.pid = 102, .milli = 300, .from_ns = T0};
    joins(&a, A, "", 100, 0);
    records(&a, false);
    must(jb_sensor_add_use(a.recorder->sensors, "gpu/1", say_use, &err), "driver");
    must(jb_sensor_add_use(a.recorder->sensors, "gpu/2", say_use, &err), "driver");
    goes_on(&a, NULL, 60);
    is_over(&a);
    must(jb_recorder_frame(a.recorder, &err), "the end");
    settle(&a);
    for (size_t i = 0; i < 2; i++)
        is_near(posted[i].run_uj[0], 60 * 150 * J * 300 / 427, 60,
                "the run has its part beside 381 processes of others");
    leaves(&a);
    book_remove_folder(&folder);
    n_boards = 2;
}

/* The pid of a worker that ended is another tenant's before the driver was asked again: it counts on under that pid. */
static void test_pid_again(void)
{
    struct party a;

    set_up();
    users[0] = (struct user){.pid = 102, .milli = 500, .from_ns = T0};
    users[1] = (struct user){.pid = 101, .milli = 100, .from_ns = T0};
    joins(&a, A, "", 100, 0);
    records(&a, false);
    goes_on(&a, NULL, 20);
    processes[2].parent = 1, processes[2].start = 7777;
    goes_on(&a, NULL, 10);
    is_over(&a);
    must(jb_recorder_frame(a.recorder, &err), "the end");
    settle(&a);
    is_near(posted[0].others_uj, 10 * 125 * J, 40, "what the first used is not the second's");
    is_near(posted[0].run_uj[0], 20 * 150 * J + 10 * 25 * J, 40, "but its run's");
    leaves(&a);
    book_remove_folder(&folder);
}

/* R-USE-08: 555 is not in /proc. With processes of others hidden (so is the first of all) nothing follows from that. */
static void test_ended_unseen(void)
{
    for (int is_hidden = 0; is_hidden < 2; is_hidden++) {
        struct party a;

        set_up();
        if (!is_hidden) {
            processes[6].pid = 1;
            processes[6].start = 1;
        }
        users[0] = (struct user){.pid = 555, .milli = 400, .from_ns = T0};
        joins(&a, A, "", 100, 0);
        records(&a, false);
        goes_on(&a, NULL, 20);
        is_over(&a);
        must(jb_recorder_frame(a.recorder, &err), "the end");
        settle(&a);
        is_near(posted[0].others_uj, 20 * 150 * J, 40, "who ended unseen is another tenant");
        is_i64(posted[0].run_uj[0], 0, "and no run's");
        ok((posted[0].high_uj[0] >= 20 * 150 * J) == !is_hidden,
           "its use %s be the run's, and the band says so", is_hidden ? "cannot" : "may");
        ok((posted[0].n_lines[0] > 0) == !is_hidden && has_note(A, "R-USE-08") == !is_hidden,
           "so the board is %s its account", is_hidden ? "not in" : "in");
        leaves(&a);
        book_remove_folder(&folder);
    }
}

int main(void)
{
    test_three_tenants();
    test_take_over();
    test_whose();
    test_other_namespace();
    test_carried();
    test_crowd();
    test_pid_again();
    test_ended_unseen();
    return done_testing();
}
