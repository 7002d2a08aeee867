/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a provider and of its customer, for tests of statements: three customers on two hosts, every joule by hand.
 * Hours from 2026-01-01T00:00Z; energies in joules. A statement of the first two hours:
 *
 *   node-a  hour 0  package 1000: A 300, B 200, idle 400, others 100   supply reads 1300: platform 300
 *           hour 1  package  700: A 100, C   0, idle 600               supply reads  690: discrepancy -10
 *   node-b  hour 0  board   2000: D 1500, idle 500
 *           hour 1  board   1000: V  400 (void), idle 600
 *   and hour 2 of node-a, outside of it: E 5000
 *
 * Views of idle in hour 0 of node-a: A keeps 150, B 50; in hour 1 A 200, C 400; D keeps 500, V 300 of 600.
 * metered 1000 + 300 + 700 - 10 + 2000 + 1000 = 4990
 *   acme  (A, D, E)  work 1900  idle 150 + 200 + 500 = 850   platform 300 x 300/500 = 180
 *   bolt  (B)        work  200  idle 50                      platform 120
 *   core  (C)        work    0  idle 400
 *   others 100, void 400; nobody's idle 200 + 600; discrepancy -10
 */
#ifndef JB_TESTS_STATEMENT_BOOK_H
#define JB_TESTS_STATEMENT_BOOK_H

#include "book.h"

#include "account/account.h"
#include "pipeline/account_of_run.h"

#define ST_T0   INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */
#define ST_H_US INT64_C(3600000000)
#define ST_J    INT64_C(1000000)
#define ST_BOOT "9d9f0f1c-0000-4000-8000-00000000000"
#define ST_RUN  "019b7700-0001-7000-8000-00000000000" /* and a digit */

struct st_share {
    char run; /* '1' ... */
    int64_t uj, low_uj, high_uj, reserved_uj, all_uj;
};

TAP__UNUSED static void st_open(struct jb_ledger *ledger, char run_digit, const char *host,
                                const char *project, const char *const *tags,
                                const char *environment, int64_t start_h)
{
    struct jb_error err = {0};
    struct jb_run run;

    memset(&run, 0, sizeof run);
    (void)snprintf(run.id, sizeof run.id, ST_RUN "%c", run_digit);
    (void)snprintf(run.host, sizeof run.host, "%s", host);
    (void)snprintf(run.boot_id, sizeof run.boot_id, ST_BOOT "%c", host[strlen(host) - 1]);
    (void)snprintf(run.project, sizeof run.project, "%s", project);
    (void)snprintf(run.environment, sizeof run.environment, "%s", environment);
    for (size_t i = 0; tags && tags[i]; i++)
        (void)snprintf(run.tags[run.n_tags++], sizeof run.tags[0], "%s", tags[i]);
    run.market_mgco2e_per_kwh = run.pue_milli = run.tariff_micro_per_kwh = -1;
    run.exit_code = -1;
    run.start_mono_ns = start_h * JB_NS_PER_HOUR;
    run.start_utc_us = ST_T0 + start_h * ST_H_US;
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open run");
}

TAP__UNUSED static void st_close(struct jb_ledger *ledger, char run_digit, int64_t end_h)
{
    struct jb_error err = {0};
    struct jb_account account;
    struct jb_run run;
    char id[JB_RUN_ID];
    char *json = NULL;

    (void)snprintf(id, sizeof id, ST_RUN "%c", run_digit);
    book_must(jb_ledger_find_run(ledger, id, &run, &err), &err, "find");
    run.end_mono_ns = end_h * JB_NS_PER_HOUR;
    run.end_utc_us = ST_T0 + end_h * ST_H_US;
    run.status = JB_RUN_DONE;
    run.exit_code = 0;
    book_must(jb_pipeline_account_with(ledger, &run, &account, &err), &err, "account");
    book_must(jb_account_to_json(&account, &json, &err), &err, "json");
    book_must(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), &err, "close");
    jb_account_release(&account);
    free(json);
}

TAP__UNUSED static struct jb_interval st_interval(const char *host, const char *channel,
                                                  int64_t hour, int64_t joules)
{
    struct jb_interval interval = book_interval(channel, 0, 3600, 0, 0);

    (void)snprintf(interval.host, sizeof interval.host, "%s", host);
    (void)snprintf(interval.boot_id, sizeof interval.boot_id, ST_BOOT "%c", host[strlen(host) - 1]);
    interval.unit_num = 1;
    interval.modulus = 0;
    interval.mono_start_ns = hour * JB_NS_PER_HOUR;
    interval.mono_end_ns = (hour + 1) * JB_NS_PER_HOUR;
    interval.utc_start_us = ST_T0 + hour * ST_H_US;
    interval.utc_end_us = interval.utc_start_us + ST_H_US;
    interval.count_start = interval.raw_start = 0;
    interval.count_end = interval.raw_end = (uint64_t)(joules * ST_J);
    interval.energy_uj = interval.low_uj = interval.high_uj = joules * ST_J;
    return interval;
}

/* With `idle_j` or, of a parent, with what it reads above its parts. */
TAP__UNUSED static void st_post(struct jb_ledger *ledger, const struct jb_interval *interval,
                                const struct st_share *shares, size_t n_shares, int64_t idle_uj,
                                int64_t others_uj, int64_t platform_uj)
{
    const bool is_parent = interval->role == JB_ROLE_PARENT;
    struct jb_error err = {0};
    struct jb_line lines[8];
    char name[JB_ACCOUNT_NAME];
    size_t n = 0;

    (void)snprintf(name, sizeof name, "%s/%s", interval->host, interval->channel);
    lines[n++] = book_line("meter", name, is_parent ? -platform_uj : -interval->energy_uj);
    for (size_t i = 0; i < n_shares; i++) {
        (void)snprintf(name, sizeof name, ST_RUN "%c", shares[i].run);
        lines[n] = book_line("run", name, shares[i].uj);
        lines[n].has_share = true;
        lines[n].low_uj = shares[i].low_uj;
        lines[n].high_uj = shares[i].high_uj;
        lines[n].reserved_uj = shares[i].reserved_uj;
        lines[n].all_uj = shares[i].all_uj;
        n++;
    }
    if (is_parent) {
        lines[n++] =
            book_line(platform_uj < 0 ? "discrepancy" : "platform", interval->host, platform_uj);
    } else {
        lines[n++] = book_line("idle", interval->host, idle_uj);
        lines[n++] = book_line("others", interval->host, others_uj);
    }
    book_must(jb_ledger_post_interval(ledger, interval, lines, n, NULL, &err), &err, "post");
}

#define ST_SHARE(run, j, reserved_j, all_j)                                  \
    {                                                                        \
        (run), (j)*ST_J, (j)*ST_J, (j)*ST_J, (reserved_j)*ST_J, (all_j)*ST_J \
    }

TAP__UNUSED static void st_node_a(struct jb_ledger *ledger)
{
    static const struct st_share first[] = {
        {'1', 300 * ST_J, 280 * ST_J, 330 * ST_J, 450 * ST_J, 600 * ST_J},
        ST_SHARE('2', 200, 250, 400)};
    static const struct st_share second[] = {ST_SHARE('1', 100, 300, 700),
                                             ST_SHARE('3', 0, 400, 0)};
    static const struct st_share third[] = {ST_SHARE('5', 5000, 5000, 5000)};
    static const struct st_share rest[] = {ST_SHARE('1', 0, 0, 180), ST_SHARE('2', 0, 0, 120)};
    static const struct st_share none[] = {ST_SHARE('1', 0, 0, 0), ST_SHARE('3', 0, 0, 0)};
    struct jb_interval package = st_interval("node-a", "rapl/package-0", 0, 1000);
    struct jb_interval supply = st_interval("node-a", "dcmi/node", 0, 1300);

    supply.role = JB_ROLE_PARENT;
    supply.scope = JB_SCOPE_NODE;
    supply.device = JB_DEVICE_NODE;
    package.edge_uj = 2 * ST_J;
    book_text(package.parent, sizeof package.parent, "dcmi/node");
    st_post(ledger, &package, first, 2, 400 * ST_J, 100 * ST_J, 0);
    st_post(ledger, &supply, rest, 2, 0, 0, 300 * ST_J);
    package = st_interval("node-a", "rapl/package-0", 1, 700);
    package.edge_uj = 2 * ST_J;
    book_text(package.parent, sizeof package.parent, "dcmi/node");
    st_post(ledger, &package, second, 2, 600 * ST_J, 0, 0);
    supply = st_interval("node-a", "dcmi/node", 1, 690);
    supply.role = JB_ROLE_PARENT;
    supply.scope = JB_SCOPE_NODE;
    supply.device = JB_DEVICE_NODE;
    st_post(ledger, &supply, none, 2, 0, 0, -10 * ST_J);
    package = st_interval("node-a", "rapl/package-0", 2, 5000);
    st_post(ledger, &package, third, 1, 0, 0, 0);
}

TAP__UNUSED static void st_node_b(struct jb_ledger *ledger)
{
    static const struct st_share first[] = {ST_SHARE('4', 1500, 2000, 2000)};
    static const struct st_share second[] = {ST_SHARE('6', 400, 700, 1000)};
    struct jb_interval board = st_interval("node-b", "nvml/0", 0, 2000);

    board.scope = JB_SCOPE_GPU;
    board.device = JB_DEVICE_GPU;
    board.accuracy_low_ppm = board.accuracy_high_ppm = 10000;
    book_text(board.board, sizeof board.board, "NVIDIA A100 80GB");
    st_post(ledger, &board, first, 1, 500 * ST_J, 0, 0);
    board = st_interval("node-b", "nvml/0", 1, 1000);
    board.scope = JB_SCOPE_GPU;
    board.device = JB_DEVICE_GPU;
    st_post(ledger, &board, second, 1, 600 * ST_J, 0, 0);
}

/* A, B, C, D, E, V are the runs 1 to 6. */
TAP__UNUSED static void st_fill_provider(struct jb_ledger *ledger)
{
    static const char *const acme[] = {"customer=acme", "vm=vm-1", NULL};
    static const char *const acme_job[] = {"customer=acme", "job=42", NULL};
    static const char *const bolt[] = {"customer=bolt", NULL};
    static const char *const core[] = {"customer=core", NULL};
    struct jb_error err = {0};

    st_open(ledger, '1', "node-a", "asphalt", acme, "{\"SLURM_JOB_ID\":\"41\"}", 0);
    st_open(ledger, '2', "node-a", "credit", bolt, "", 0);
    st_open(ledger, '3', "node-a", "", core, "", 1);
    st_open(ledger, '4', "node-b", "asphalt", acme_job, "", 0);
    st_open(ledger, '5', "node-a", "asphalt", acme, "", 2);
    st_open(ledger, '6', "node-b", "asphalt", acme, "", 1);
    st_node_a(ledger);
    st_node_b(ledger);
    st_close(ledger, '1', 2);
    st_close(ledger, '2', 1);
    st_close(ledger, '3', 2);
    st_close(ledger, '4', 1);
    st_close(ledger, '5', 3);
    st_close(ledger, '6', 2);
    book_must(jb_ledger_void(ledger, ST_RUN "6", "a mistake", &err), &err, "void");
}

/* The customer measured job 41 in its own machine, 390 J of 410, and a job 43 that nobody states, 25 J. */
TAP__UNUSED static void st_fill_customer(struct jb_ledger *ledger)
{
    static const struct st_share first[] = {ST_SHARE('7', 390, 400, 410)};
    static const struct st_share second[] = {ST_SHARE('8', 25, 25, 25)};
    struct jb_interval package = st_interval("vm-1", "model/cpu", 0, 410);

    st_open(ledger, '7', "vm-1", "asphalt", NULL, "{\"SLURM_JOB_ID\":\"41\"}", 0);
    st_open(ledger, '8', "vm-1", "asphalt", NULL, "{\"SLURM_JOB_ID\":\"43\"}", 1);
    st_post(ledger, &package, first, 1, 20 * ST_J, 0, 0);
    package = st_interval("vm-1", "model/cpu", 1, 25);
    st_post(ledger, &package, second, 1, 0, 0, 0);
    st_close(ledger, '7', 1);
    st_close(ledger, '8', 2);
}

#endif
