/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run beside meters that hang for 30 s, talk nonsense, crash, vanish and fall silent before the end, from the first
 * reading to the closed book, on an injected clock. Each meter is read in a real process of its own and tells a constant
 * power, so the truth is power x time: no other channel loses a sample, each fault is a gap with its reason, and what is
 * missing is what is said to be. R-READER-01 to R-READER-06, R-GAP-07.
 */
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "account/account.h"
#include "party.h"
#include "pipeline/run_records.h"
#include "pipeline/settle.h"
#include "sensor/sensor.h"

#define TICK     (100 * MS)
#define LENGTH   (60 * S)
#define WATT     INT64_C(1000000)
#define PATIENCE (20 * S)

enum fault { FINE, HANGS, GARBAGE, ABSURD, CRASHES, VANISHED };
enum { FAST, SLOW, HANGING, BABBLING, WILD, CRASHING, VANISHING, SILENT, WATCHED, N_METERS };

struct plan {
    const char *name;
    enum jb_semantics semantics;
    int64_t power_uw;
    int64_t answer_ns; /* real time that its first answer takes: who is slow is not waited for */
    int64_t update_ns;
    enum fault fault;
    int64_t from_ns, until_ns; /* since T0; a crash: once, at from_ns */
};

static const struct plan plans[N_METERS] = {
    [FAST] = {.name = "fast", .semantics = JB_SEMANTICS_COUNTER, .power_uw = 100 * WATT},
    [SLOW] = {.name = "slow",
              .semantics = JB_SEMANTICS_GAUGE,
              .power_uw = 300 * WATT,
              .answer_ns = 60 * MS,
              .update_ns = 5 * S},
    [HANGING] = {.name = "hanging",
                 .semantics = JB_SEMANTICS_GAUGE,
                 .power_uw = 50 * WATT,
                 .fault = HANGS,
                 .from_ns = 5 * S,
                 .until_ns = 35 * S},
    [BABBLING] = {.name = "babbling",
                  .semantics = JB_SEMANTICS_GAUGE,
                  .power_uw = 60 * WATT,
                  .fault = GARBAGE,
                  .from_ns = 5 * S,
                  .until_ns = 15 * S},
    [WILD] = {.name = "wild",
              .semantics = JB_SEMANTICS_GAUGE,
              .power_uw = 70 * WATT,
              .fault = ABSURD,
              .from_ns = 25 * S,
              .until_ns = 35 * S},
    [CRASHING] = {.name = "crashing",
                  .semantics = JB_SEMANTICS_COUNTER,
                  .power_uw = 80 * WATT,
                  .fault = CRASHES,
                  .from_ns =
                      20 * S, /* no other breaks while it is not there: no cut is made in it */
                  .until_ns = 20 * S + TICK},
    [VANISHING] = {.name = "vanishing",
                   .semantics = JB_SEMANTICS_COUNTER,
                   .power_uw = 90 * WATT,
                   .fault = VANISHED,
                   .from_ns = 5 * S,
                   .until_ns = 15 * S},
    [SILENT] = {.name = "silent",
                .semantics = JB_SEMANTICS_COUNTER,
                .power_uw = 110 * WATT,
                .fault = HANGS,
                .from_ns = 57 * S,
                .until_ns = INT64_MAX},
    [WATCHED] = {.name = "watched", /* only compared with the others */
                 .semantics = JB_SEMANTICS_GAUGE,
                 .power_uw = 120 * WATT,
                 .fault = HANGS,
                 .from_ns = 50 * S,
                 .until_ns = INT64_MAX},
};

/* Shared with the processes that read. */
struct meter {
    int which;
    _Atomic int fault;
    _Atomic int n_reads, n_done;
    _Atomic int pid;
};

static struct meter *meters;

static void nap(int64_t ns)
{
    const struct timespec pause = {.tv_sec = ns / S, .tv_nsec = ns % S};

    (void)nanosleep(&pause, NULL);
}

static jb_rc read_meter(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    struct meter *const meter = handle;
    const struct plan *const plan = &plans[meter->which];

    if (atomic_fetch_add(&meter->n_reads, 1) == 0)
        nap(plan->answer_ns);
    while (atomic_load(&meter->fault) == HANGS)
        nap(MS);
    switch (atomic_load(&meter->fault)) {
    case GARBAGE: return JB_E_IO;
    case VANISHED: return JB_E_GONE;
    case ABSURD: *ret_raw = 1ull << 62; return JB_OK;
    case CRASHES:
        atomic_store(&meter->fault, FINE); /* once */
        (void)raise(SIGSEGV);
        break;
    default: break;
    }
    const int64_t since_us = (jb_mono_ns(env->clock) - T0) / 1000;
    *ret_raw = (unsigned long long)(plan->semantics == JB_SEMANTICS_COUNTER
                                        ? since_us * (plan->power_uw / WATT)
                                        : plan->power_uw);
    return JB_OK;
}

/* Asked for after the value: the value and its time are there then. */
static jb_rc use_meter(void *handle, const struct jb_sensor_env *env TAP__UNUSED,
                       struct jb_sensor_board *ret_board TAP__UNUSED,
                       struct jb_sensor_use *ret_uses TAP__UNUSED, size_t capacity TAP__UNUSED,
                       size_t *ret_n TAP__UNUSED)
{
    struct meter *const meter = handle;

    atomic_fetch_add(&meter->n_done, 1);
    return JB_E_AGAIN;
}

static jb_rc add(int which, const char *driver, struct jb_sensor_set *set, struct jb_error *add_err)
{
    const struct plan *const plan = &plans[which];
    struct jb_channel channel = {
        .scope = which == WATCHED ? JB_SCOPE_OTHER : JB_SCOPE_GPU,
        .device = which == WATCHED ? JB_DEVICE_OTHER : JB_DEVICE_GPU,
        .semantics = plan->semantics,
        .origin = plan->semantics == JB_SEMANTICS_COUNTER ? JB_ORIGIN_COUNTER : JB_ORIGIN_GAUGE,
        .unit_num = 1,
        .unit_den = 1,
        .update_ns = plan->update_ns ? plan->update_ns : TICK,
        .max_power_uw = 1000 * WATT};

    (void)snprintf(channel.id, sizeof channel.id, "gpu/%s", plan->name);
    (void)snprintf(channel.driver, sizeof channel.driver, "%s", driver);
    atomic_store(&meters[which].pid, getpid());
    const jb_rc rc = jb_sensor_add(set, &channel, &meters[which], read_meter, NULL, add_err);
    return rc < 0 ? rc : jb_sensor_add_use(set, channel.id, use_meter, add_err);
}

#define DRIVER(WHICH, word, apart)                                                   \
    static jb_rc probe_##word(const struct jb_sensor_env *env TAP__UNUSED,           \
                              struct jb_sensor_set *set, struct jb_error *probe_err) \
    {                                                                                \
        return add(WHICH, #word, set, probe_err);                                    \
    }                                                                                \
    static const struct jb_sensor_driver driver_##word = {                           \
        .name = #word, .summary = "a meter", .probe = probe_##word, .is_apart = (apart)}

DRIVER(FAST, fast, false);
DRIVER(SLOW, slow, true);
DRIVER(HANGING, hanging, true);
DRIVER(BABBLING, babbling, true);
DRIVER(WILD, wild, true);
DRIVER(CRASHING, crashing, true);
DRIVER(VANISHING, vanishing, true);
DRIVER(SILENT, silent, true);
DRIVER(WATCHED, watched, true);

static const struct jb_sensor_driver *const drivers[] = {
    &driver_slow,     &driver_hanging,   &driver_fast,   &driver_babbling, &driver_wild,
    &driver_crashing, &driver_vanishing, &driver_silent, &driver_watched,  NULL,
};

/* -- the run ---------------------------------------------------------------------------------------------------------- */

/* As the plan has it at this instant; true if one is to answer at once. */
static bool take_fault(int which)
{
    const struct plan *const plan = &plans[which];
    struct meter *const meter = &meters[which];
    const int64_t since_ns = now_ns() - T0;
    const bool is_faulty_now =
        plan->fault != FINE && since_ns >= plan->from_ns && since_ns < plan->until_ns;

    atomic_store(&meter->fault, is_faulty_now ? (int)plan->fault : FINE);
    return which != FAST && which != SLOW && !is_faulty_now;
}

/* One tick, and then time enough for those that answer at once. One that was started again answers when it can. */
static void one_tick(struct party *party)
{
    int n_done[N_METERS];
    bool answers[N_METERS];

    world_goes_on(TICK);
    for (int i = 0; i < N_METERS; i++) {
        n_done[i] = atomic_load(&meters[i].n_done);
        answers[i] = take_fault(i) && i != CRASHING && i != VANISHING;
    }
    party_scans(party);
    must(jb_recorder_tick(party->recorder, &err), "tick");
    for (int i = 0; i < N_METERS; i++)
        for (int64_t t = 0; t < S && answers[i] && atomic_load(&meters[i].n_done) == n_done[i];
             t += MS / 4)
            nap(MS / 4);
    nap(MS);
}

struct found {
    int64_t energy_uj, seen_ns, unobserved_ns, n_failed;
    char gaps[160];
};

struct found_all {
    struct found meters[N_METERS];
    int64_t sum_uj;
};

static jb_rc see(void *arg, int64_t seq TAP__UNUSED, const struct jb_interval *interval,
                 const struct jb_line *lines, size_t n_lines, struct jb_error *unused TAP__UNUSED)
{
    struct found_all *const all = arg;

    for (size_t i = 0; i < n_lines; i++)
        all->sum_uj += lines[i].amount_uj;
    for (int i = 0; i < N_METERS; i++) {
        struct found *const found = &all->meters[i];
        if (strcmp(interval->channel + strlen("gpu/"), plans[i].name) != 0)
            continue;
        found->energy_uj += interval->energy_uj;
        found->seen_ns += interval->counter_ns + interval->gauge_ns + interval->interpolated_ns;
        found->unobserved_ns += interval->unobserved_ns;
        found->n_failed += interval->n_failed;
        if (interval->gap[0])
            (void)snprintf(found->gaps + strlen(found->gaps),
                           sizeof found->gaps - strlen(found->gaps), "%s;", interval->gap);
    }
    return JB_OK;
}

/* What is only compared is in no interval of its own. */
static jb_rc see_unposted(void *arg, int64_t seq, const struct jb_entry *entry,
                          struct jb_error *see_err)
{
    struct jb_interval interval;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < entry->n_fields && rc == JB_OK; i++) {
        if (strcmp(entry->fields[i].name, "interval") != 0)
            continue;
        rc = jb_records_interval_from_json(entry->fields[i].value, &interval, see_err);
        if (rc == JB_OK)
            rc = see(arg, seq, &interval, NULL, 0, see_err);
    }
    return rc;
}

static void settle(struct party *party, struct found_all *all)
{
    struct jb_settlement settlement;
    struct jb_ledger *ledger = NULL;

    *all = (struct found_all){0};
    must(jb_ledger_open(folder.book, JB_LEDGER_CREATE, &world.clock, &ledger, &err), "book");
    must(jb_settle(&party->spool, ledger, &settlement, &err), "settle");
    must(jb_ledger_each_interval(ledger, NULL, see, all, &err), "intervals");
    must(jb_ledger_each_entry(ledger, JB_RECORDS_KIND_UNPOSTED, NULL, see_unposted, all, &err),
         "what was compared");
    jb_ledger_close(ledger);
}

static bool is_near(int64_t got, int64_t want, int64_t by)
{
    return got >= want - by && got <= want + by;
}

/* What every meter promises, whatever happened to it. */
static void is_honest(const struct found_all *all, int which)
{
    const struct plan *const plan = &plans[which];
    const struct found *const found = &all->meters[which];
    const int64_t watts = plan->power_uw / WATT;
    const int64_t truth_uj = LENGTH / 1000 * watts;
    /* The edge: a renewal, and a tick at either side of what was lost. */
    const int64_t edge_ns = (plan->update_ns ? plan->update_ns : TICK) + 3 * TICK;

    if (!ok(found->energy_uj <= truth_uj + edge_ns / 1000 * watts, "%s: no joule is invented",
            plan->name) ||
        !ok(is_near(found->energy_uj, truth_uj - found->unobserved_ns / 1000 * watts,
                    edge_ns / 1000 * watts),
            "%s: as much is missing as is said to be unobserved", plan->name) ||
        !ok(is_near(found->seen_ns + found->unobserved_ns, LENGTH, edge_ns),
            "%s: what was seen and what was not make up the run", plan->name))
        diag("%" PRId64 " of %" PRId64 " uJ, seen %" PRId64 " ms, unobserved %" PRId64
             " ms, '%s', %" PRId64 " failed",
             found->energy_uj, truth_uj, found->seen_ns / MS, found->unobserved_ns / MS,
             found->gaps, found->n_failed);
}

static void lost(const struct found_all *all, int which, int64_t ns, const char *reason)
{
    const struct found *const found = &all->meters[which];

    /* The last value is held for a period, and who was gone is looked for every second or so, and seen a second later. */
    if (!ok(is_near(found->unobserved_ns, ns, (which == VANISHING ? 25 : 5) * TICK),
            "%s: %" PRId64 " s are unobserved", plans[which].name, ns / S))
        diag("%" PRId64 " ms", found->unobserved_ns / MS);
    if (!ok(reason[0] ? strstr(found->gaps, reason) != NULL : found->gaps[0] == '\0', "%s: %s%s",
            plans[which].name, reason[0] ? "the reason is " : "is no gap", reason))
        diag("'%s'", found->gaps);
}

int main(void)
{
    struct party party;
    struct found_all all;

    meters = mmap(NULL, N_METERS * sizeof *meters, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (meters == MAP_FAILED)
        bail_out("no shared memory");
    for (int i = 0; i < N_METERS; i++)
        meters[i].which = i;
    world_begin();
    folder = book_new_folder();
    party_joins(&party, PARENT, "", 1000);
    party.drivers = drivers;
    party_records(&party, TICK);
    is_i64((int64_t)jb_recorder_n_channels(party.recorder), N_METERS, "all meters are found");
    const int fast_before = meters[FAST].n_reads;
    for (int64_t t = TICK; t < LENGTH; t += TICK)
        one_tick(&party);
    is_i64(meters[FAST].n_reads - fast_before, LENGTH / TICK - 1,
           "whatever the others did, the fast meter was read at every tick");
    party_ends(&party);
    settle(&party, &all);
    is_i64(all.sum_uj, 0, "every microjoule of a meter is in exactly one account");
    for (int i = 0; i < N_METERS; i++)
        is_honest(&all, i);
    is_i64(all.meters[FAST].energy_uj, LENGTH / 1000 * (plans[FAST].power_uw / WATT),
           "fast: its energy is exact");
    is_i64(all.meters[FAST].n_failed, 0, "fast: no reading failed");
    lost(&all, FAST, 0, "");
    lost(&all, SLOW, 0, "");
    lost(&all, HANGING, 30 * S, "stale gauge");
    lost(&all, BABBLING, 10 * S, "stale gauge");
    ok(all.meters[BABBLING].n_failed > 0, "babbling: its failures are counted");
    lost(&all, WILD, 10 * S, "stale gauge");
    lost(&all, CRASHING, 0, "");
    ok(meters[CRASHING].pid > 0 && all.meters[CRASHING].energy_uj > 59 * S / 1000 * 80,
       "crashing: the count goes on over the end of its reader");
    lost(&all, VANISHING, 10 * S, "device gone");
    lost(&all, SILENT, 3 * S, "no answer");
    /* Hung 10 s before the end; a gauge's last value is held for a while (R-GAP-07). */
    lost(&all, WATCHED, 9 * S, "no answer");
    party_leaves(&party);
    book_remove_folder(&folder);
    return done_testing();
}
