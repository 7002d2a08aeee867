/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run from its first reading to its closed account on an injected clock, recorder, spool, settlement and book
 * together, in a world whose energy and CPU time are known exactly. What cannot be had from a real machine on demand is
 * here: suspend, a stepped wall clock, a full hour, two wraps unread, a recorder that dies between two readings.
 */
#include "pipeline/recorder.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "account/account.h"
#include "party.h"
#include "pipeline/settle.h"

/* -- the book --------------------------------------------------------------------------------------------------------- */

struct posted {
    int64_t energy_uj, first_ns, last_ns, unobserved_ns, gap_high_uj, n_failed;
    int64_t run_uj[2], idle_uj, others_uj;
    int n, n_holes;
    char gaps[160];
};

struct posted_all {
    struct posted zones[N_ZONES];
    int64_t sum_uj;
};

static int zone_of(const char *channel)
{
    for (int zone = 0; zone < N_ZONES; zone++)
        if (strcmp(world.zones[zone].channel, channel) == 0)
            return zone;
    return -1;
}

static jb_rc see_interval(void *arg, int64_t seq TAP__UNUSED, const struct jb_interval *interval,
                          const struct jb_line *lines, size_t n_lines,
                          struct jb_error *unused TAP__UNUSED)
{
    struct posted_all *const all = arg;
    const int zone = zone_of(interval->channel);

    for (size_t i = 0; i < n_lines; i++)
        all->sum_uj += lines[i].amount_uj;
    if (zone < 0)
        return JB_OK;
    struct posted *const to = &all->zones[zone];
    if (to->n == 0)
        to->first_ns = interval->mono_start_ns;
    else if (to->last_ns != interval->mono_start_ns)
        to->n_holes++;
    to->last_ns = interval->mono_end_ns;
    to->energy_uj += interval->energy_uj;
    to->unobserved_ns += interval->unobserved_ns;
    to->gap_high_uj += interval->gap_high_uj;
    to->n_failed += interval->n_failed;
    to->n++;
    if (interval->gap[0])
        (void)snprintf(to->gaps + strlen(to->gaps), sizeof to->gaps - strlen(to->gaps), "%s;",
                       interval->gap);
    for (size_t i = 0; i < n_lines; i++) {
        if (strcmp(lines[i].account, "run:" PARENT) == 0)
            to->run_uj[0] += lines[i].amount_uj;
        else if (strcmp(lines[i].account, "run:" CHILD) == 0)
            to->run_uj[1] += lines[i].amount_uj;
        else if (strncmp(lines[i].account, "idle:", 5) == 0)
            to->idle_uj += lines[i].amount_uj;
        else if (strncmp(lines[i].account, "others:", 7) == 0)
            to->others_uj += lines[i].amount_uj;
    }
    return JB_OK;
}

/* Settles unless told that it was, proves the book, and gathers what stands in it. */
static void settled(struct party *party, struct posted_all *all, const char *name)
{
    struct jb_settlement settlement;
    struct jb_balance *const balance = calloc(1, sizeof *balance);
    struct jb_ledger *ledger = NULL;

    *all = (struct posted_all){0};
    must(jb_ledger_open(folder.book, JB_LEDGER_CREATE, &world.clock, &ledger, &err), "book");
    if (party)
        must(jb_settle(&party->spool, ledger, &settlement, &err), "settle");
    must(jb_ledger_each_interval(ledger, NULL, see_interval, all, &err), "intervals");
    must(jb_ledger_balance(ledger, balance, &err), "balance");
    is_i64(all->sum_uj, 0, "%s: every microjoule of a meter is in exactly one account", name);
    if (!ok(balance->is_balanced, "%s: the book balances", name))
        for (size_t i = 0; i < balance->n_checks; i++)
            if (balance->checks[i].n_failed > 0)
                diag("%s: %s", balance->checks[i].rule, balance->checks[i].first_failure);
    jb_ledger_close(ledger);
    free(balance);
}

static void account_of(const char *run_id, struct jb_account *ret_account)
{
    char *json = NULL;
    struct jb_ledger *ledger = NULL;

    must(jb_ledger_open(folder.book, JB_LEDGER_READ, &world.clock, &ledger, &err), "book");
    must(jb_ledger_run_account(ledger, run_id, &json, &err), "account");
    must(jb_account_from_json(json, ret_account, &err), "account's JSON");
    free(json);
    jb_ledger_close(ledger);
}

static bool has_note(const struct jb_account *account, const char *part)
{
    for (size_t i = 0; i < account->n_notes; i++)
        if (strstr(account->notes[i], part))
            return true;
    return false;
}

static const struct jb_account_line *line_of(const struct jb_account *account, int zone)
{
    for (size_t i = 0; i < account->n_lines; i++)
        if (strcmp(account->lines[i].channel, world.zones[zone].channel) == 0)
            return &account->lines[i];
    bail_out("no line of %s", world.zones[zone].channel);
}

static int64_t true_uj(int zone, int64_t from_ns, int64_t to_ns)
{
    return (int64_t)(world_fj(zone, from_ns, to_ns) / FJ_PER_UJ);
}

static void is_true(const struct posted_all *all, int zone, int64_t from_ns, int64_t to_ns,
                    const char *name)
{
    const int64_t apart = all->zones[zone].energy_uj - true_uj(zone, from_ns, to_ns);

    if (!ok(apart >= -UNIT_UJ && apart <= UNIT_UJ, "%s: %s is true to one counter unit", name,
            world.zones[zone].name))
        diag("posted %" PRId64 ", truth %" PRId64, all->zones[zone].energy_uj,
             true_uj(zone, from_ns, to_ns));
    is_i64(all->zones[zone].n_holes, 0, "%s: intervals of %s follow one another", name,
           world.zones[zone].name);
}

static void all_true(const struct posted_all *all, int64_t from_ns, int64_t to_ns, const char *name)
{
    for (int zone = 0; zone < N_ZONES; zone++)
        is_true(all, zone, from_ns, to_ns, name);
}

/* The sick zone: nothing invented, the truth in the band of the account, no more unobserved than `hidden`. */
static void is_honest(const struct posted_all *all, int zone, int64_t from_ns, int64_t to_ns,
                      int64_t hidden_ns, const char *gap, const char *name)
{
    struct jb_account account;
    const struct posted *const posted = &all->zones[zone];
    const int64_t truth = true_uj(zone, from_ns, to_ns);

    account_of(PARENT, &account);
    const struct jb_account_line *const line = line_of(&account, zone);
    ok(posted->energy_uj <= truth + UNIT_UJ, "%s: no joule is invented", name);
    if (!ok(line->total_uj.low <= truth && truth <= line->total_uj.high,
            "%s: the band covers the truth", name))
        diag("%" PRId64 " .. %" PRId64 " .. %" PRId64 ", truth %" PRId64, line->total_uj.low,
             line->total_uj.best, line->total_uj.high, truth);
    if (!ok(strstr(line->gaps, gap) != NULL, "%s: the reason is '%s'", name, gap))
        diag("gaps '%s'", line->gaps);
    if (!ok(posted->unobserved_ns <= hidden_ns, "%s: no more is unobserved than was hidden", name))
        diag("%" PRId64 " ns", posted->unobserved_ns);
    /* What is missing is what the account calls unobserved: constant power makes it one figure. */
    const int64_t missing = truth - posted->energy_uj;
    const int64_t said = true_uj(zone, T0, T0 + posted->unobserved_ns);
    if (!ok(missing - said <= UNIT_UJ + 1 && said - missing <= UNIT_UJ + 1,
            "%s: as much is missing as is said", name))
        diag("missing %" PRId64 ", said %" PRId64, missing, said);
    jb_account_release(&account);
}

static void set_up(void)
{
    world_begin();
    folder = book_new_folder();
}

static void tear_down(void)
{
    book_remove_folder(&folder);
}

/* -- scenarios -------------------------------------------------------------------------------------------------------- */

/* 20 W stated for package 0: 30 W above it, of which a run of 1 CPU in 1.5 has two thirds: 20 W. */
static void test_exact(int64_t length_ns, int64_t period_ns, const char *name)
{
    struct party party;
    struct posted_all all;
    const struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = 20000000};

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, period_ns);
    must(jb_recorder_set_idle(party.recorder, 0, &idle, &err), "idle");
    is_str(jb_recorder_channel(party.recorder, 0)->id, "rapl/package-0", "%s: the first channel",
           name);
    goes_on(&party, NULL, length_ns - period_ns, period_ns);
    party_ends(&party);
    settled(&party, &all, name);
    all_true(&all, T0, T0 + length_ns, name);
    const struct posted *const package = &all.zones[PACKAGE_0];
    const int64_t n_windows = length_ns / S + 2;
    const int64_t share = 20 * (length_ns / 1000) - package->run_uj[0];
    /* The energy is floored to units at both ends; each window rounds once. */
    if (!ok(share >= -UNIT_UJ - n_windows && share <= UNIT_UJ + n_windows,
            "%s: the run is charged its 20 W", name))
        diag("%" PRId64 " of %" PRId64 " uJ", package->run_uj[0], 20 * (length_ns / 1000));
    const int64_t idle_off = 20 * (length_ns / 1000) - package->idle_uj;
    ok(idle_off >= -n_windows && idle_off <= n_windows, "%s: idle is charged its 20 W", name);
    party_leaves(&party);
    tear_down();
}

static void test_wrap(void)
{
    struct party party;
    struct posted_all all;

    set_up();
    world.zones[PACKAGE_0].base_fj =
        FJ_PER_UJ * UNIT_UJ * ((fj_t)1 << 32) - FJ_PER_UJ * 100 * 1000000;
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    goes_on(&party, NULL, 4 * S, S);
    party_ends(&party);
    settled(&party, &all, "a wrap");
    all_true(&all, T0, T0 + 5 * S, "a wrap");
    is_str(all.zones[PACKAGE_0].gaps, "", "a wrap: is no gap");
    party_leaves(&party);
    tear_down();
}

/* 262 kJ at 1000 W: unread for longer than that, a second wrap could hide. */
static void test_two_wraps(void)
{
    struct party party;
    struct posted_all all;

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    goes_on(&party, NULL, 2 * S, S);
    world_goes_on(300 * S);
    goes_on(&party, NULL, 1 * S, S);
    party_ends(&party);
    settled(&party, &all, "unread too long");
    is_honest(&all, PACKAGE_0, T0, T0 + 304 * S, 301 * S, "unread too long", "unread too long");
    party_leaves(&party);
    tear_down();
}

/* An hour asleep: the counters went on by 18 kJ, or were reset, and neither is anybody's. */
static void test_suspend(bool is_reset, const char *name)
{
    struct party party;
    struct posted_all all;

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    goes_on(&party, NULL, 3 * S, S);
    world.manual.boot_ns += 3600 * S;
    world.manual.utc_us += 3600 * JB_US_PER_S;
    for (int zone = 0; zone < N_ZONES; zone++) {
        if (is_reset)
            world.zones[zone].reset_ns = now_ns();
        else
            world.zones[zone].extra_fj = (fj_t)18000 * 1000000 * FJ_PER_UJ;
    }
    goes_on(&party, NULL, 2 * S, S);
    party_ends(&party);
    settled(&party, &all, name);
    /* The second around the sleep belongs to no epoch. */
    is_honest(&all, PACKAGE_0, T0, T0 + 6 * S, S, "suspend", name);
    is_honest(&all, DRAM_0, T0, T0 + 6 * S, S, "suspend", name);
    party_leaves(&party);
    tear_down();
}

static void test_clock_step(int64_t step_us, const char *name)
{
    struct party party;
    struct posted_all all;
    struct jb_account account;

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    goes_on(&party, NULL, 3 * S, S);
    world.manual.utc_us += step_us;
    goes_on(&party, NULL, 2 * S, S);
    party_ends(&party);
    settled(&party, &all, name);
    all_true(&all, T0, T0 + 6 * S, name);
    account_of(PARENT, &account);
    ok(has_note(&account, "wall clock"), "%s: the account says that the clock was stepped", name);
    is_i64(account.coverage.unobserved_ns, 0, "%s: nothing is unobserved", name);
    jb_account_release(&account);
    party_leaves(&party);
    tear_down();
}

static void test_hour(void)
{
    struct party party;
    struct posted_all all;

    set_up();
    world.manual.utc_us = UTC0 - UTC0 % JB_US_PER_HOUR + JB_US_PER_HOUR - 2500000;
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    goes_on(&party, NULL, 4 * S, S);
    party_ends(&party);
    settled(&party, &all, "a full hour");
    all_true(&all, T0, T0 + 5 * S, "a full hour");
    is_i64(all.zones[PACKAGE_0].n, 2, "a full hour: each side is posted for itself");
    party_leaves(&party);
    tear_down();
}

struct trouble {
    const char *name;
    int error;
    const char *shown;
    int64_t from_ns, for_ns;
    bool is_reset;
    int64_t hidden_ns; /* 0: nothing is lost */
    const char *gap;
};

/* Package 0 in trouble for a while in a run of 6 s read every 100 ms; the others are never touched. */
static void test_trouble(const struct trouble *trouble)
{
    struct party party;
    struct posted_all all;
    struct world_zone *const sick = &world.zones[PACKAGE_0];
    const int64_t end_ns = T0 + 6 * S;

    set_up();
    sick->from_ns = T0 + trouble->from_ns;
    sick->until_ns = sick->from_ns + trouble->for_ns;
    sick->error = trouble->error;
    sick->shown = trouble->shown;
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, 100 * MS);
    goes_on(&party, NULL, trouble->from_ns, 100 * MS);
    /* A device that is reloaded counts from its return. */
    if (trouble->is_reset)
        sick->reset_ns = now_ns() + (trouble->for_ns > 0 ? trouble->for_ns : 50 * MS);
    goes_on(&party, NULL, 5900 * MS - trouble->from_ns, 100 * MS);
    party_ends(&party);
    settled(&party, &all, trouble->name);
    /* A failure that lasts to the end takes the four tries. */
    const int64_t until_ns = all.zones[PACKAGE_0].last_ns;
    ok(until_ns >= end_ns && until_ns <= end_ns + 4 * MS, "%s: posted to the end", trouble->name);
    if (trouble->hidden_ns == 0) {
        is_true(&all, PACKAGE_0, T0, until_ns, trouble->name);
        is_str(all.zones[PACKAGE_0].gaps, "", "%s: is no gap", trouble->name);
    } else {
        is_honest(&all, PACKAGE_0, T0, until_ns, trouble->hidden_ns, trouble->gap, trouble->name);
    }
    if (trouble->error != 0 || trouble->shown)
        ok(all.zones[PACKAGE_0].n_failed > 0, "%s: failed reads are counted", trouble->name);
    is_true(&all, DRAM_0, T0, end_ns, trouble->name);
    is_true(&all, PACKAGE_1, T0, end_ns, trouble->name);
    party_leaves(&party);
    tear_down();
}

/* A run inside a run, 1 CPU and half a CPU of 1.5 busy: the inner one's time is charged once. */
static void test_inner(void)
{
    struct party outer, inner;
    struct posted_all all;
    const struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = 20000000};
    const char *const name = "a run inside a run";

    set_up();
    party_joins(&outer, PARENT, "", 1500);
    party_records(&outer, S);
    must(jb_recorder_set_idle(outer.recorder, 0, &idle, &err), "idle");
    goes_on(&outer, NULL, 2 * S, S);
    party_joins(&inner, CHILD, PARENT, 500);
    must(jb_recorder_frame(outer.recorder, &err), "frame");
    goes_on(&outer, &inner, 4 * S, S);
    party_is_over(&inner);
    must(jb_recorder_frame(outer.recorder, &err), "frame");
    goes_on(&outer, NULL, 1 * S, S);
    party_ends(&outer);
    settled(&outer, &all, name);
    all_true(&all, T0, T0 + 8 * S, name);
    /* 30 W above idle: for 4 s the inner one has a third of them, 40 J; the outer one the other 200 J of 240. */
    const struct posted *const package = &all.zones[PACKAGE_0];
    ok(llabs(package->run_uj[1] - 40000000) <= 200, "%s: the inner one is charged 40 J", name);
    ok(llabs(package->run_uj[0] - 200000000) <= 200, "%s: the outer one is charged 200 J", name);
    ok(llabs(package->idle_uj - 160000000) <= 200, "%s: idle is charged 160 J", name);
    if (llabs(package->run_uj[1] - 40000000) > 200)
        diag("inner %" PRId64 ", outer %" PRId64 ", idle %" PRId64 ", others %" PRId64,
             package->run_uj[1], package->run_uj[0], package->idle_uj, package->others_uj);
    party_leaves(&inner);
    party_leaves(&outer);
    tear_down();
}

/* The recorder dies between two readings; the run that joined goes on from what it left. */
static void test_takeover(void)
{
    struct party first, second;
    struct posted_all all;
    const char *const name = "the recorder dies";

    set_up();
    party_joins(&first, PARENT, "", 1000);
    party_records(&first, 100 * MS);
    party_joins(&second, CHILD, "", 500);
    must(jb_recorder_frame(first.recorder, &err), "frame");
    goes_on(&first, &second, 2300 * MS, 100 * MS);
    world_goes_on(40 * MS);
    party_leaves(&first); /* no last frame, no end of its run */
    world_goes_on(660 * MS);
    party_scans(&second);
    party_records(&second, 100 * MS);
    goes_on(&second, NULL, 1900 * MS, 100 * MS);
    party_ends(&second);
    settled(&second, &all, name);
    all_true(&all, T0, T0 + 5 * S, name);
    for (int zone = 0; zone < N_ZONES; zone++)
        is_str(all.zones[zone].gaps, "", "%s: no gap in %s", name, world.zones[zone].name);
    struct jb_ledger *ledger = NULL;
    struct jb_run run;
    must(jb_ledger_open(folder.book, JB_LEDGER_READ, &world.clock, &ledger, &err), "book");
    must(jb_ledger_find_run(ledger, PARENT, &run, &err), "the dead one's run");
    is_i64(run.status, JB_RUN_INTERRUPTED, "%s: its run is interrupted", name);
    must(jb_ledger_find_run(ledger, CHILD, &run, &err), "the other run");
    is_i64(run.status, JB_RUN_DONE, "%s: the other run is done", name);
    jb_ledger_close(ledger);
    party_leaves(&second);
    tear_down();
}

/* The recorder's run ends, and before anybody took over the other one ends too: it reads the meters itself. */
static void test_last_one_out(void)
{
    struct party first, second;
    struct posted_all all;
    const struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = 20000000};
    const char *const name = "the recorder has left when a run ends";

    set_up();
    party_joins(&first, PARENT, "", 1000);
    party_records(&first, S);
    must(jb_recorder_set_idle(first.recorder, 0, &idle, &err), "idle");
    party_joins(&second, CHILD, "", 500);
    must(jb_recorder_frame(first.recorder, &err), "frame");
    goes_on(&first, &second, 2 * S, S);
    party_scans(&second);
    party_ends(&first);
    party_leaves(&first);
    world_goes_on(600 * MS);
    party_is_over(&second);
    party_records(&second, S);
    settled(&second, &all, name);
    all_true(&all, T0, T0 + 3600 * MS, name);
    /* 30 W above idle: a third of them for 3.6 s. */
    if (!ok(llabs(all.zones[PACKAGE_0].run_uj[1] - 36000000) <= 200, "%s: it is charged its 36 J",
            name))
        diag("%" PRId64, all.zones[PACKAGE_0].run_uj[1]);
    party_leaves(&second);
    tear_down();
}

/* Nobody of the dead recorder's runs is alive when the next one begins: no time before its start is the new run's. */
static void test_after_the_dead(void)
{
    struct party first, second;
    struct posted_all all;
    struct jb_account account;
    const char *const name = "a run begins after a recorder died alone";

    set_up();
    party_joins(&first, PARENT, "", 1000);
    party_records(&first, S);
    goes_on(&first, NULL, 2 * S, S);
    party_leaves(&first);
    world_goes_on(1500 * MS);
    const int64_t begin_ns = now_ns();
    party_joins(&second, CHILD, "", 500);
    party_records(&second, S);
    goes_on(&second, NULL, 2 * S, S);
    party_ends(&second);
    settled(&second, &all, name);
    account_of(CHILD, &account);
    const struct jb_account_line *const line = line_of(&account, PACKAGE_0);
    const int64_t truth = true_uj(PACKAGE_0, begin_ns, second.run.end_mono_ns);
    if (!ok(llabs(line->total_uj.best - truth) <= UNIT_UJ,
            "%s: its meters' energy (C-1) is that of its own time", name))
        diag("got %" PRId64 ", truth %" PRId64, line->total_uj.best, truth);
    is_i64(line->coverage.counter_ns, account.duration_ns, "%s: and so is its coverage", name);
    is_i64(all.zones[PACKAGE_0].run_uj[1], line->run_uj.best, "%s: and its share", name);
    is_i64(all.zones[PACKAGE_0].n_holes, 1, "%s: the time between the two is nobody's", name);
    jb_account_release(&account);
    party_leaves(&second);
    tear_down();
}

/* An epoch breaks between two frames: who shared the machine before the break shares it in the account. */
static void test_shares_at_a_break(void)
{
    struct party party;
    struct posted_all all;
    const struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = 20000000};
    const char *const name = "a break between two frames";

    set_up();
    world.busy_milli = 2000;
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    must(jb_recorder_set_idle(party.recorder, 0, &idle, &err), "idle");
    goes_on(&party, NULL, 2 * S, S);
    world.zones[PACKAGE_1].reset_ns = now_ns() + 500 * MS;
    goes_on(&party, NULL, 3 * S, S);
    party_ends(&party);
    settled(&party, &all, name);
    is_true(&all, PACKAGE_0, T0, T0 + 6 * S, name);
    is_str(all.zones[PACKAGE_1].gaps, "counter reset;", "%s: is one gap", name);
    /* 30 W above idle for 6 s, one of two busy CPUs: 90 J. */
    if (!ok(llabs(all.zones[PACKAGE_0].run_uj[0] - 90000000) <= 200,
            "%s: half of what is above idle is the run's, before and after", name))
        diag("%" PRId64, all.zones[PACKAGE_0].run_uj[0]);
    party_leaves(&party);
    tear_down();
}

static void party_marks(struct party *party, const char *text, int64_t mono_ns)
{
    char path[1200];

    if (!jb_spool_run_path(&party->spool, "seen", party->run.id, path, sizeof path))
        bail_out("no path of marks");
    FILE *const file = fopen(path, "a");
    if (!file ||
        fprintf(file, "%" PRId64 " %" PRId64 " %s\n", mono_ns, world.manual.utc_us, text) < 0 ||
        fclose(file) != 0)
        bail_out("cannot write %s", path);
}

/* R-MARK-02: what a mark leaves open is what the machine could draw between it and the nearer frame. */
static void test_marks(void)
{
    struct party party;
    struct posted_all all;
    struct jb_account account;
    const int64_t late_ns = 200 * INT64_C(1000);
    int64_t max_uw = 0;
    const char *const name = "a mark just before a frame";

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    for (int zone = 0; zone < N_ZONES; zone++)
        max_uw += jb_recorder_channel(party.recorder, (size_t)zone)->max_power_uw;
    goes_on(&party, NULL, 2 * S, S);
    world_goes_on(900 * MS);
    const int64_t mark_ns = now_ns();
    party_marks(&party, "epoch 1 loss=0.5", mark_ns);
    world_goes_on(late_ns);
    party_scans(&party);
    must(jb_recorder_frame(party.recorder, &err), "frame");
    world_goes_on(100 * MS - late_ns);
    party_ends(&party);
    settled(&party, &all, name);
    account_of(PARENT, &account);
    is_i64((int64_t)account.n_epochs, 1, "%s: is an epoch", name);
    int64_t truth_uj = 0;
    for (int zone = 0; zone < N_ZONES; zone++)
        truth_uj += true_uj(zone, T0, mark_ns);
    const struct jb_account_epoch *const epoch = &account.epochs[0];
    if (!ok(llabs(epoch->total_uj - truth_uj) <= epoch->interpolated_uj,
            "%s: the truth is within what it leaves open", name))
        diag("got %" PRId64 " +- %" PRId64 ", truth %" PRId64, epoch->total_uj,
             epoch->interpolated_uj, truth_uj);
    /* The sum of the greatest powers x 200 us, rounded up. */
    is_i64(epoch->interpolated_uj, max_uw / 1000000 * (late_ns / 1000),
           "%s: which is what can be drawn in 200 us, not what was drawn in the window", name);
    jb_account_release(&account);
    party_leaves(&party);
    tear_down();
}

/* Nobody is left: whoever opens the spool next enters what the last reading saw. */
static void test_recovery(int64_t period_ns, int64_t for_ns, const char *name)
{
    struct party party;
    struct posted_all all;
    struct jb_spool spool;
    struct jb_settlement settlement;
    struct jb_ledger *ledger = NULL;
    bool is_stale;

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, period_ns);
    goes_on(&party, NULL, for_ns, period_ns);
    world_goes_on(70 * MS);
    party_leaves(&party);
    world_goes_on(3600 * S);
    must(jb_spool_open(folder.book, HOST, BOOT, &spool, &is_stale, &err), "spool");
    for (int i = 0; i < 2; i++) {
        must(jb_ledger_open(folder.book, JB_LEDGER_CREATE, &world.clock, &ledger, &err), "book");
        must(jb_recover(&spool, ledger, HOST, BOOT, &settlement, &err), "recover");
        jb_ledger_close(ledger);
        is_i64((int64_t)settlement.n_interrupted, i == 0 ? 1 : 0,
               i == 0 ? "%s: one run was cut short" : "%s: a second recovery has nothing to do",
               name);
    }
    settled(NULL, &all, name);
    all_true(&all, T0, T0 + for_ns, name);
    is_i64(all.zones[PACKAGE_0].last_ns, T0 + for_ns, "%s: all is posted to the last reading",
           name);
    jb_spool_close(&spool);
    tear_down();
}

/* The same log settled twice, and in mid-run: what is posted is posted once. */
static void test_settled_often(void)
{
    struct party party;
    struct posted_all all;
    const char *const name = "settled at every moment";

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, 100 * MS);
    for (int i = 0; i < 5; i++) {
        goes_on(&party, NULL, 700 * MS, 100 * MS);
        settled(&party, &all, name);
    }
    party_ends(&party);
    settled(&party, &all, name);
    settled(&party, &all, name);
    all_true(&all, T0, T0 + 3600 * MS, name);
    party_leaves(&party);
    tear_down();
}

/* Recovered by whoever comes on `boot_id`: how many were closed as interrupted. */
static int64_t recovered(const char *boot_id, bool *ret_is_stale, jb_rc *ret_rc)
{
    struct jb_spool spool;
    struct jb_settlement settlement = {0};
    struct jb_ledger *ledger = NULL;
    bool is_stale;

    must(jb_spool_open(folder.book, HOST, boot_id, &spool, &is_stale, &err), "spool");
    must(jb_ledger_open(folder.book, JB_LEDGER_CREATE, &world.clock, &ledger, &err), "book");
    *ret_rc = jb_recover(&spool, ledger, HOST, boot_id, &settlement, &err);
    *ret_is_stale = jb_spool_is_stale(&spool, HOST, boot_id);
    jb_ledger_close(ledger);
    jb_spool_close(&spool);
    return (int64_t)settlement.n_interrupted;
}

static void is_interrupted(const char *name, int64_t length_ns)
{
    struct jb_ledger *ledger = NULL;
    struct jb_run run;

    must(jb_ledger_open(folder.book, JB_LEDGER_READ, &world.clock, &ledger, &err), "book");
    must(jb_ledger_find_run(ledger, PARENT, &run, &err), "the run");
    is_i64(run.status, JB_RUN_INTERRUPTED, "%s: the run is interrupted", name);
    is_i64(run.end_mono_ns - run.start_mono_ns, length_ns, "%s: as long as it was seen", name);
    jb_ledger_close(ledger);
}

/* It had its slot and nobody had read a meter; then the machine lost its power. */
static void test_died_before_first_frame(const char *boot_id, const char *name)
{
    struct party party;
    bool is_stale;
    jb_rc rc;

    set_up();
    party_joins(&party, PARENT, "", 1000);
    atomic_store(&party.spool.node->slots[9].state, JB_SLOT_CLAIMED);
    party_leaves(&party);
    is_i64(recovered(boot_id, &is_stale, &rc), 1, "%s: one run was cut short", name);
    ok(rc == JB_OK && !is_stale, "%s: the spool is of this boot again", name);
    is_interrupted(name, 0);
    tear_down();
}

/* The end of a dead run finds no room in the log: it is entered as soon as there is some. */
static void test_no_room_for_last_frame(void)
{
    struct party party;
    struct posted_all all;
    struct stat st;
    struct rlimit limit;
    const char *const name = "no room for the last frame";
    bool is_stale;
    jb_rc rc;

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, 100 * MS);
    goes_on(&party, NULL, 2300 * MS, 100 * MS);
    must(fstatat(party.spool.folder_fd, "log", &st, 0) == 0 ? JB_OK : JB_E_IO, "log");
    party_leaves(&party);
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit full = {.rlim_cur = (rlim_t)st.st_size, .rlim_max = limit.rlim_max};
    struct jb_spool spool;
    must(jb_spool_open(folder.book, HOST, BOOT, &spool, &is_stale, &err), "spool");
    must(jb_spool_lock(&spool, &err), "lock");
    (void)setrlimit(RLIMIT_FSIZE, &full);
    rc = jb_settle_last_frame(&spool, &err);
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    ok(rc < 0, "%s: the first try fails", name);
    jb_spool_close(&spool);
    is_i64(recovered(BOOT, &is_stale, &rc), 1, "%s: the next enters it", name);
    settled(NULL, &all, name);
    all_true(&all, T0, T0 + 2300 * MS, name);
    is_interrupted(name, 2300 * MS);
    tear_down();
}

/* The log has no room at the moment in which a run begins: it begins with the next frame that finds some. */
static void test_no_room_for_begin(void)
{
    struct party outer, inner;
    struct posted_all all;
    struct rlimit limit;
    struct stat st;
    const struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = 20000000};
    const char *const name = "no room where a run begins";

    set_up();
    party_joins(&outer, PARENT, "", 1500);
    party_records(&outer, S);
    must(jb_recorder_set_idle(outer.recorder, 0, &idle, &err), "idle");
    goes_on(&outer, NULL, 2 * S, S);
    party_joins(&inner, CHILD, PARENT, 500);
    must(fstatat(outer.spool.folder_fd, "log", &st, 0) == 0 ? JB_OK : JB_E_IO, "log");
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit full = {.rlim_cur = (rlim_t)st.st_size, .rlim_max = limit.rlim_max};
    (void)setrlimit(RLIMIT_FSIZE, &full);
    const jb_rc rc = jb_recorder_frame(outer.recorder, &err);
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    ok(rc < 0, "%s: the frame fails", name);
    must(jb_recorder_frame(outer.recorder, &err), "frame");
    goes_on(&outer, &inner, 4 * S, S);
    party_is_over(&inner);
    must(jb_recorder_frame(outer.recorder, &err), "frame");
    goes_on(&outer, NULL, 1 * S, S);
    party_ends(&outer);
    settled(&outer, &all, name);
    all_true(&all, T0, T0 + 8 * S, name);
    const int64_t charged_uj = all.zones[PACKAGE_0].run_uj[1];
    if (!ok(llabs(charged_uj - 40000000) <= 200, "%s: it is charged its 40 J", name))
        diag("%" PRId64, charged_uj);
    party_leaves(&inner);
    party_leaves(&outer);
    tear_down();
}

/* A meter read again at the end of a run, and then the recorder dies: no energy stands in two sessions. */
static void test_dies_after_second_read(void)
{
    struct party first, second;
    struct posted_all all;
    const char *const name = "dead after reading again";

    set_up();
    party_joins(&first, PARENT, "", 1000);
    party_records(&first, 100 * MS);
    party_joins(&second, CHILD, "", 500);
    must(jb_recorder_frame(first.recorder, &err), "frame");
    goes_on(&first, &second, 2 * S, 100 * MS);
    world.zones[PACKAGE_0].from_ns = now_ns() + 100 * MS;
    world.zones[PACKAGE_0].until_ns = world.zones[PACKAGE_0].from_ns + 3 * MS;
    world.zones[PACKAGE_0].error = EIO;
    party_ends(&first);
    party_leaves(&first); /* before it told the book */
    world_goes_on(97 * MS);
    party_scans(&second);
    party_records(&second, 100 * MS);
    goes_on(&second, NULL, 1 * S, 100 * MS);
    party_ends(&second);
    settled(&second, &all, name);
    all_true(&all, T0, now_ns(), name);
    party_leaves(&second);
    tear_down();
}

/* `joulebook run -- no-such-program` beside another run: its slot is free again before anything was measured of it. */
static void test_never_started(void)
{
    struct party party, other;
    struct posted_all all;
    struct jb_ledger *ledger = NULL;
    struct jb_run run;
    const char *const name = "a command that never started";

    set_up();
    party_joins(&party, PARENT, "", 1000);
    party_records(&party, S);
    goes_on(&party, NULL, 2 * S, S);
    party_joins(&other, CHILD, "", 0);
    must(jb_recorder_frame(party.recorder, &err), "frame");
    jb_spool_remove_run(&other.spool, CHILD);
    jb_spool_free_slot(&other.spool, other.slot);
    party_leaves(&other);
    goes_on(&party, NULL, 7 * S, S);
    party_ends(&party);
    settled(&party, &all, name);
    all_true(&all, T0, T0 + 10 * S, name);
    must(jb_ledger_open(folder.book, JB_LEDGER_READ, &world.clock, &ledger, &err), "book");
    ok(jb_ledger_find_run(ledger, CHILD, &run, &err) == JB_E_NOT_FOUND, "%s: is in no book", name);
    jb_ledger_close(ledger);
    party_leaves(&party);
    tear_down();
}

static size_t n_notes(const struct jb_account *account, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < account->n_notes; i++)
        n += strstr(account->notes[i], part) != NULL;
    return n;
}

/*
 * Three hours begin while a run goes on. At each what was measured is settled by another process, and the log is cut, or
 * the cut fails; once the clock is stepped, once the recorder dies right after the cut.
 */
static void test_hours(bool with_cut, bool with_death, const char *name)
{
    struct party first, second, *recorder = &first;
    struct posted_all all;
    struct jb_account account;
    const struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = 20000000};

    set_up();
    world.manual.utc_us = UTC0 - UTC0 % JB_US_PER_HOUR + JB_US_PER_HOUR - 2500000;
    party_joins(&first, PARENT, "", 1000);
    party_records(&first, S);
    must(jb_recorder_set_idle(first.recorder, 0, &idle, &err), "idle");
    goes_on(&first, NULL, 1 * S, S);
    party_joins(&second, CHILD, "", 500);
    must(jb_recorder_frame(first.recorder, &err), "frame");
    for (int hour = 0; hour < 3; hour++) {
        goes_on(recorder, recorder == &first ? &second : NULL, 2 * S, S);
        party_marks(&second, "epoch 1", now_ns());
        if (hour == 0)
            world.manual.utc_us += 5 * JB_US_PER_S;
        goes_on(recorder, recorder == &first ? &second : NULL, 3 * S, S);
        const int64_t mark = jb_recorder_log_mark(recorder->recorder);
        settled(&second, &all, name);
        goes_on(recorder, recorder == &first ? &second : NULL, 1 * S, S);
        if (with_cut)
            must(jb_recorder_cut_log(recorder->recorder, mark, &err), "cut");
        if (with_death && hour == 1) {
            party_leaves(&first);
            recorder = &second;
            world_goes_on(300 * MS);
            party_scans(&second);
            party_records(&second, S);
            world_goes_on(700 * MS);
        }
        world.manual.utc_us += JB_US_PER_HOUR - 6 * JB_US_PER_S;
    }
    if (recorder == &first) {
        party_is_over(&second);
        must(jb_recorder_frame(first.recorder, &err), "frame");
        goes_on(&first, NULL, 1 * S, S);
    }
    party_ends(recorder);
    settled(recorder, &all, name);
    settled(recorder, &all, name);
    all_true(&all, T0, now_ns(), name);
    ok(all.zones[PACKAGE_0].n >= 5, "%s: the hours are posted apart", name);
    struct jb_ledger *ledger = NULL;
    char *json = NULL;
    must(jb_ledger_open(folder.book, JB_LEDGER_READ, &world.clock, &ledger, &err), "book");
    must(jb_ledger_run_account(ledger, CHILD, &json, &err), "account");
    must(jb_account_from_json(json, &account, &err), "account's JSON");
    is_i64((int64_t)account.n_epochs, 3, "%s: three marks are three epochs", name);
    is_i64((int64_t)n_notes(&account, "stepped by 5 s"), 1, "%s: a note is told once", name);
    is_str(line_of(&account, PACKAGE_0)->idle_source, "stated", "%s: stated idle power holds",
           name);
    jb_account_release(&account);
    free(json);
    jb_ledger_close(ledger);
    if (recorder == &first)
        party_leaves(&first);
    party_leaves(&second);
    tear_down();
}

int main(void)
{
    static const struct trouble troubles[] = {
        {"one failed read", EINVAL, NULL, 2 * S, 100 * MS, false, 0, ""},
        {"three seconds of failed reads", EIO, NULL, 2 * S, 3 * S, false, 0, ""},
        {"permission lost for three seconds", EACCES, NULL, 2 * S, 3 * S, false, 0, ""},
        {"torn: no newline", 0, "1000", 2 * S, 100 * MS, false, 0, ""},
        {"torn: cut", 0, "10005\n", 2 * S, 100 * MS, false, 0, ""},
        {"torn: empty", 0, "", 2 * S, 500 * MS, false, 0, ""},
        {"torn: words", 0, "busy\n", 2 * S, 100 * MS, false, 0, ""},
        {"torn: beyond the register", 0, "99999999999999\n", 2 * S, 100 * MS, false, 0, ""},
        {"a reset", 0, NULL, 2 * S, 0, true, 100 * MS, "reset"},
        {"a device that goes and comes back", ENODEV, NULL, 2 * S, 1500 * MS, false, 2700 * MS,
         "gone"},
        {"a driver that is reloaded", ENODEV, NULL, 2 * S, 1500 * MS, true, 2700 * MS, "gone"},
        {"a device that goes for good", ENODEV, NULL, 2 * S, 60 * S, false, 4200 * MS, "gone"},
        {"failed reads to the end", EIO, NULL, 2 * S, 60 * S, false, 4200 * MS, "unreadable"},
        {"permission lost to the end", EACCES, NULL, 2 * S, 60 * S, false, 4200 * MS, "unreadable"},
    };

    test_exact(500 * MS, 10 * MS, "0.5 s at 100 Hz");
    test_exact(5 * S, S, "5 s at 1 Hz");
    test_exact(5 * S, 100 * MS, "5 s at 10 Hz");
    test_exact(5 * S, MS, "5 s at 1 kHz");
    test_exact(60 * S, S, "60 s at 1 Hz");
    test_wrap();
    test_two_wraps();
    test_suspend(false, "suspend, counters go on");
    test_suspend(true, "suspend, counters are reset");
    test_clock_step(2 * 86400 * JB_US_PER_S, "the wall clock goes two days ahead");
    test_clock_step(-2 * 86400 * JB_US_PER_S, "the wall clock goes two days back");
    test_clock_step(-3 * JB_US_PER_S, "the wall clock goes three seconds back");
    test_hour();
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++)
        test_trouble(&troubles[i]);
    test_inner();
    test_takeover();
    test_last_one_out();
    test_after_the_dead();
    test_marks();
    test_shares_at_a_break();
    test_recovery(100 * MS, 2700 * MS, "everybody dies, read at 10 Hz");
    /* Every reading is a frame: the last one is in the log and in the node. */
    test_recovery(S, 3 * S, "everybody dies, read at 1 Hz");
    test_settled_often();
    test_died_before_first_frame(BOOT, "killed before the first frame");
    test_died_before_first_frame("22222222-2222-3333-4444-555555555555", "another boot");
    test_no_room_for_last_frame();
    test_hours(true, false, "three hours");
    test_hours(false, false, "three hours, the log is never cut");
    test_hours(true, true, "three hours, the recorder dies");
    test_no_room_for_begin();
    test_dies_after_second_read();
    test_never_started();
    return done_testing();
}
