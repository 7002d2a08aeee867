/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the book: a folder of its own, and entries that are right unless a test breaks them. */
#ifndef JB_TESTS_BOOK_H
#define JB_TESTS_BOOK_H

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#include "ledger/ledger.h"

#define BOOK_HOST "node-1"
#define BOOK_BOOT "11111111-2222-3333-4444-555555555555"
#define RUN_A     "0190aaaa-0000-7000-8000-00000000000a"
#define RUN_B     "0190bbbb-0000-7000-8000-00000000000b"

struct book_folder {
    char path[512];
    char book[640];
};

TAP__UNUSED static int book__remove(const char *path, const struct stat *st, int type,
                                    struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

TAP__UNUSED static void book_remove_folder(const struct book_folder *folder)
{
    (void)nftw(folder->path, book__remove, 16, FTW_DEPTH | FTW_PHYS);
}

TAP__UNUSED static struct book_folder book_new_folder(void)
{
    const char *base = getenv("TMPDIR");
    struct book_folder folder;

    (void)snprintf(folder.path, sizeof folder.path, "%s/jb-book-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder.path))
        bail_out("cannot make a folder");
    (void)snprintf(folder.book, sizeof folder.book, "%s/book.db", folder.path);
    return folder;
}

/* Stops the test where what has to work before does not. */
TAP__UNUSED static void book_must(jb_rc rc, const struct jb_error *err, const char *what)
{
    if (rc < 0)
        bail_out("%s: %s: %s", what, jb_rc_name(rc), err->message);
}

TAP__UNUSED static struct jb_ledger *book_open(const char *path, enum jb_ledger_mode mode)
{
    struct jb_error err = {0};
    struct jb_ledger *ledger = NULL;

    book_must(jb_ledger_open(path, mode, &jb_clock_system, &ledger, &err), &err, "open");
    return ledger;
}

TAP__UNUSED static void book_begin(struct jb_ledger *ledger)
{
    struct jb_error err = {0};

    book_must(jb_ledger_begin(ledger, &err), &err, "begin");
}

TAP__UNUSED static void book_commit(struct jb_ledger *ledger)
{
    struct jb_error err = {0};

    book_must(jb_ledger_commit(ledger, &err), &err, "commit");
}

TAP__UNUSED static void book_text(char *ret, size_t size, const char *text)
{
    (void)snprintf(ret, size, "%s", text);
}

/* A counter of 61 uJ a unit with 32 bits, as RAPL has them. */
TAP__UNUSED static struct jb_interval book_interval(const char *channel, int64_t start_s,
                                                    int64_t end_s, uint64_t count_start,
                                                    uint64_t count_end)
{
    struct jb_interval interval = {
        .host = BOOK_HOST,
        .boot_id = BOOK_BOOT,
        .scope = JB_SCOPE_PACKAGE,
        .device = JB_DEVICE_CPU,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .unit_num = 61,
        .unit_den = 1,
        .modulus = UINT64_C(1) << 32,
        .correlation = "rapl",
        .mono_start_ns = start_s * JB_NS_PER_S,
        .mono_end_ns = end_s * JB_NS_PER_S,
        .utc_start_us = INT64_C(1764000000000000) + start_s * JB_US_PER_S,
        .utc_end_us = INT64_C(1764000000000000) + end_s * JB_US_PER_S,
        .raw_start = (count_start + 4294967000u) % (UINT64_C(1) << 32),
        .raw_end = (count_end + 4294967000u) % (UINT64_C(1) << 32),
        .count_start = count_start,
        .count_end = count_end,
        .energy_uj = (int64_t)(count_end - count_start) * 61,
        .counter_ns = (end_s - start_s) * JB_NS_PER_S,
        .idle_source = "unknown",
    };

    interval.low_uj = interval.energy_uj;
    interval.high_uj = interval.energy_uj;
    book_text(interval.channel, sizeof interval.channel, channel);
    return interval;
}

TAP__UNUSED static struct jb_line book_line(const char *kind, const char *name, int64_t amount_uj)
{
    struct jb_line line = {.amount_uj = amount_uj};

    (void)snprintf(line.account, sizeof line.account, "%s:%s", kind, name);
    return line;
}

/* The lines of an interval: `run_uj` to the run, the rest to idle. Three of them. */
TAP__UNUSED static void book_lines(const struct jb_interval *interval, const char *run_id,
                                   int64_t run_uj, struct jb_line ret_lines[3])
{
    char meter[JB_ACCOUNT_NAME];

    (void)snprintf(meter, sizeof meter, "%s/%s", interval->host, interval->channel);
    ret_lines[0] = book_line("meter", meter, -interval->energy_uj);
    ret_lines[1] = book_line("run", run_id, run_uj);
    ret_lines[1].has_share = true;
    ret_lines[1].low_uj = run_uj / 2;
    ret_lines[1].high_uj = interval->energy_uj;
    ret_lines[1].reserved_uj = run_uj;
    ret_lines[1].all_uj = interval->energy_uj;
    ret_lines[2] = book_line("idle", interval->host, interval->energy_uj - run_uj);
}

TAP__UNUSED static int64_t book_post(struct jb_ledger *ledger, const struct jb_interval *interval,
                                     const char *run_id, int64_t run_uj)
{
    struct jb_error err = {0};
    struct jb_line lines[3];
    int64_t seq = 0;

    book_lines(interval, run_id, run_uj, lines);
    book_must(jb_ledger_post_interval(ledger, interval, lines, 3, &seq, &err), &err, "post");
    return seq;
}

TAP__UNUSED static void book_run(struct jb_run *ret_run, const char *run_id, int64_t start_s)
{
    memset(ret_run, 0, sizeof *ret_run);
    book_text(ret_run->id, sizeof ret_run->id, run_id);
    book_text(ret_run->host, sizeof ret_run->host, BOOK_HOST);
    book_text(ret_run->boot_id, sizeof ret_run->boot_id, BOOK_BOOT);
    book_text(ret_run->project, sizeof ret_run->project, "asphalt");
    book_text(ret_run->stage, sizeof ret_run->stage, "train");
    book_text(ret_run->command, sizeof ret_run->command, "python3 train.py --lr 0.1");
    ret_run->market_mgco2e_per_kwh = -1;
    ret_run->pue_milli = -1;
    ret_run->tariff_micro_per_kwh = -1;
    ret_run->exit_code = -1;
    ret_run->start_mono_ns = start_s * JB_NS_PER_S;
    ret_run->start_utc_us = INT64_C(1764000000000000) + start_s * JB_US_PER_S;
}

/* The account of a run that got `run_uj` from one channel, as docs/format/account.md has it. */
TAP__UNUSED static void book_account(char *ret_json, size_t size, const char *channel,
                                     int64_t run_uj)
{
    (void)snprintf(ret_json, size,
                   "{\"lines\":[{\"channel\":\"%s\",\"host\":\"" BOOK_HOST "\",\"role\":\"post\","
                   "\"run_uj\":{\"best\":%" PRId64 ",\"high\":%" PRId64 ",\"low\":0}}]}",
                   channel, run_uj, run_uj);
}

TAP__UNUSED static void book_open_run(struct jb_ledger *ledger, const char *run_id, int64_t start_s)
{
    struct jb_error err = {0};
    struct jb_run run;

    book_run(&run, run_id, start_s);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open run");
}

TAP__UNUSED static void book_close_run(struct jb_ledger *ledger, const char *run_id, int64_t end_s,
                                       const char *channel, int64_t run_uj)
{
    struct jb_error err = {0};
    struct jb_run run;
    char json[512];

    book_run(&run, run_id, 0);
    run.status = JB_RUN_DONE;
    run.exit_code = 0;
    run.end_mono_ns = end_s * JB_NS_PER_S;
    run.end_utc_us = INT64_C(1764000000000000) + end_s * JB_US_PER_S;
    book_account(json, sizeof json, channel, run_uj);
    book_must(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), &err, "close run");
}

/* A whole small book: run A over three intervals of one package, closed with its account. */
TAP__UNUSED static void book_fill(struct jb_ledger *ledger)
{
    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    for (int i = 0; i < 3; i++) {
        const struct jb_interval interval =
            book_interval("rapl/package-0", 100 + 10 * i, 110 + 10 * i, (uint64_t)i * 1000000,
                          (uint64_t)(i + 1) * 1000000);
        (void)book_post(ledger, &interval, RUN_A, 40000000);
    }
    book_close_run(ledger, RUN_A, 130, "rapl/package-0", 120000000);
    book_commit(ledger);
}

#endif
