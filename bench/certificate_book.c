/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A book of many entries, made through the ledger as `joulebook run` makes one: runs one after the other on a node with four
 * meters, each charged by the hour, closed with the account of its postings. And how long proofs over it take.
 *
 *   certificate_book make BOOK N_RUNS     100 entries a run
 *   certificate_book prove BOOK N         N paths and N consistency proofs: mean and worst, in microseconds
 *   certificate_book log BOOK FILE        the book as a log, written and read again: milliseconds
 *   certificate_book certify BOOK FILE N  a certificate over the first N runs, by a key of its own: milliseconds
 *   certificate_book verify FILE N        the same certificate N times, against a list with its key: microseconds of processor
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "account/account.h"
#include "base/num.h"
#include "certificate/verify.h"
#include "journal/journal_log.h"
#include "ledger/ledger.h"
#include "pipeline/certify.h"

#define HOST        "node-1"
#define BOOT        "11111111-2222-3333-4444-555555555555"
#define RUNS_AT_ONE 200 /* a commit */

enum { N_CHANNELS = 4, N_HOURS = 24 };
static const struct {
    const char *name;
    enum jb_device device;
    enum jb_scope scope;
    int64_t power_uw;
} channels[N_CHANNELS] = {
    {"rapl/package-0", JB_DEVICE_CPU, JB_SCOPE_PACKAGE, 90000000},
    {"rapl/dram-0", JB_DEVICE_DRAM, JB_SCOPE_DRAM, 12000000},
    {"nvml/gpu-0", JB_DEVICE_GPU, JB_SCOPE_GPU, 240000000},
    {"nvml/gpu-1", JB_DEVICE_GPU, JB_SCOPE_GPU, 235000000},
};

static void must(jb_rc rc, const struct jb_error *err)
{
    if (rc < 0) {
        (void)fprintf(stderr, "certificate_book: %s\n", err->message);
        exit(1);
    }
}

static void set(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text);
}

/* The reading of one channel in one hour: more or less what it drew, never quite the same. */
static struct jb_interval interval_of(int channel, int64_t hour)
{
    const uint64_t count = (uint64_t)hour * UINT64_C(3600) * (uint64_t)channels[channel].power_uw;
    const uint64_t more = UINT64_C(3600) * (uint64_t)channels[channel].power_uw;
    struct jb_interval interval = {
        .host = HOST,
        .boot_id = BOOT,
        .scope = channels[channel].scope,
        .device = channels[channel].device,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .unit_num = 1,
        .unit_den = 1,
        .modulus = 0,
        .mono_start_ns = hour * 3600 * JB_NS_PER_S,
        .mono_end_ns = (hour + 1) * 3600 * JB_NS_PER_S,
        .utc_start_us = INT64_C(1700000000000000) + hour * 3600 * JB_US_PER_S,
        .utc_end_us = INT64_C(1700000000000000) + (hour + 1) * 3600 * JB_US_PER_S,
        .raw_start = count,
        .raw_end = count + more,
        .count_start = count,
        .count_end = count + more,
        .energy_uj = (int64_t)more,
        .low_uj = (int64_t)more / 100 * 95,
        .high_uj = (int64_t)more / 100 * 105,
        .counter_ns = 3600 * JB_NS_PER_S,
        .idle_source = "measured",
        .idle_power_uw = channels[channel].power_uw / 5,
    };

    set(interval.channel, sizeof interval.channel, channels[channel].name);
    set(interval.correlation, sizeof interval.correlation, "sensor");
    return interval;
}

static void lines_of(const struct jb_interval *interval, const char *run_id,
                     struct jb_line ret_lines[3])
{
    const int64_t run_uj = interval->energy_uj / 10 * 7;

    memset(ret_lines, 0, 3 * sizeof ret_lines[0]);
    (void)snprintf(ret_lines[0].account, sizeof ret_lines[0].account, "meter:" HOST "/%s",
                   interval->channel);
    ret_lines[0].amount_uj = -interval->energy_uj;
    (void)snprintf(ret_lines[1].account, sizeof ret_lines[1].account, "run:%s", run_id);
    ret_lines[1].amount_uj = run_uj;
    ret_lines[1].has_share = true;
    ret_lines[1].low_uj = run_uj / 100 * 90;
    ret_lines[1].high_uj = run_uj / 100 * 110;
    ret_lines[1].reserved_uj = run_uj / 100 * 115;
    ret_lines[1].all_uj = interval->energy_uj;
    set(ret_lines[2].account, sizeof ret_lines[2].account, "idle:" HOST);
    ret_lines[2].amount_uj = interval->energy_uj - run_uj;
}

static int64_t begin_utc_us(int64_t number)
{
    return INT64_C(1700000000000000) + number * N_HOURS * 3600 * JB_US_PER_S;
}

static void fill_run(struct jb_run *run, int64_t number)
{
    static const char *const stages[] = {"train", "train", "tune", "validate", "test"};

    memset(run, 0, sizeof *run);
    run->market_mgco2e_per_kwh = run->tariff_micro_per_kwh = run->exit_code = -1;
    run->pue_milli = 1250;
    run->start_mono_ns = number * N_HOURS * 3600 * JB_NS_PER_S;
    run->end_mono_ns = (number + 1) * N_HOURS * 3600 * JB_NS_PER_S;
    run->start_utc_us = begin_utc_us(number);
    run->end_utc_us = begin_utc_us(number + 1);
    jb_uuid7(run->start_utc_us, run->id);
    set(run->host, sizeof run->host, HOST);
    set(run->boot_id, sizeof run->boot_id, BOOT);
    set(run->project, sizeof run->project, "bench");
    set(run->model, sizeof run->model, "resnet");
    set(run->model_version, sizeof run->model_version, "3");
    set(run->stage, sizeof run->stage, stages[number % 5]);
    set(run->place, sizeof run->place, "DE");
    set(run->command, sizeof run->command, "python3 train.py --epochs 90");
    (void)snprintf(run->configuration, sizeof run->configuration, "learning rate 0.%03d",
                   (int)(number % 1000));
}

static void add_run(struct jb_ledger *ledger, struct jb_run *run, int64_t number)
{
    JB_AUTO(jb_account_builder_free_auto) struct jb_account_builder *builder = NULL;
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    struct jb_error err = {0};
    struct jb_entry marks = {.kind = "marks", .layer = JB_LAYER_MEASURED, .n_fields = 1};
    const struct jb_field field = {"text", "epoch 1 accuracy=0.91"};

    fill_run(run, number);
    must(jb_ledger_open_run(ledger, run, &err), &err);
    run->status = JB_RUN_DONE;
    run->exit_code = 0;
    must(jb_account_builder_new(run, &builder, &err), &err);
    for (int64_t hour = number * N_HOURS; hour < (number + 1) * N_HOURS; hour++) {
        for (int channel = 0; channel < N_CHANNELS; channel++) {
            const struct jb_interval interval = interval_of(channel, hour);
            struct jb_line lines[3];
            lines_of(&interval, run->id, lines);
            must(jb_ledger_post_interval(ledger, &interval, lines, 3, NULL, &err), &err);
            must(jb_account_add_interval(builder, &interval, lines, 3, &err), &err);
        }
    }
    must(jb_account_finish(builder, &account, &err), &err);
    must(jb_account_to_json(&account, &json, &err), &err);
    marks.fields = &field;
    memcpy(marks.run_id, run->id, sizeof marks.run_id);
    must(jb_ledger_append(ledger, &marks, NULL, &err), &err);
    must(jb_ledger_close_run(ledger, run, json, NULL, 0, &err), &err);
    must(jb_ledger_add_series(ledger, run->id, "rapl/package-0", "\1\2\3", 3, &err), &err);
}

static int make(const char *path, int64_t n_runs)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    struct jb_error err = {0};
    struct jb_hash root;
    int64_t size = 0;

    must(jb_ledger_open(path, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err), &err);
    for (int64_t i = 0; i < n_runs && run; i++) {
        if (i % RUNS_AT_ONE == 0)
            must(jb_ledger_begin(ledger, &err), &err);
        add_run(ledger, run, i);
        if (i % RUNS_AT_ONE == RUNS_AT_ONE - 1 || i + 1 == n_runs)
            must(jb_ledger_commit(ledger, &err), &err);
    }
    must(jb_ledger_root(ledger, &size, &root, &err), &err);
    printf("%" PRId64 "\n", size);
    return 0;
}

struct spent {
    int64_t n, sum_ns, worst_ns;
};

static void spend(struct spent *spent, int64_t since_ns)
{
    const int64_t ns = jb_mono_ns(&jb_clock_system) - since_ns;

    spent->n++;
    spent->sum_ns += ns;
    spent->worst_ns = ns > spent->worst_ns ? ns : spent->worst_ns;
}

static void print_spent(const char *name, const struct spent *spent)
{
    printf("%s mean_us %" PRId64 " worst_us %" PRId64 "\n", name,
           spent->n > 0 ? spent->sum_ns / spent->n / 1000 : 0, spent->worst_ns / 1000);
}

static int prove(const char *path, int64_t n)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    struct spent inclusion = {0}, consistency = {0};
    struct jb_merkle_proof proof;
    struct jb_error err = {0};
    struct jb_hash root;
    int64_t size = 0;
    uint64_t random;

    must(jb_ledger_open(path, JB_LEDGER_READ, &jb_clock_system, &ledger, &err), &err);
    must(jb_ledger_root(ledger, &size, &root, &err), &err);
    for (int64_t i = 0; i < n && size > 0; i++) {
        jb_random(&random, sizeof random);
        const int64_t at = (int64_t)(random % (uint64_t)size);
        int64_t since_ns = jb_mono_ns(&jb_clock_system);
        must(jb_ledger_inclusion(ledger, at, size, &proof, &err), &err);
        spend(&inclusion, since_ns);
        since_ns = jb_mono_ns(&jb_clock_system);
        must(jb_ledger_consistency(ledger, at, size, &proof, &err), &err);
        spend(&consistency, since_ns);
    }
    print_spent("inclusion", &inclusion);
    print_spent("consistency", &consistency);
    return 0;
}

static jb_rc put(void *arg, const void *bytes, size_t len, struct jb_error *err)
{
    return fwrite(bytes, 1, len, arg) == len ? JB_OK : jb_fail(err, JB_E_IO, NULL, "cannot write");
}

static jb_rc see(void *arg, const struct jb_journal_log_entry *entry, struct jb_error *err)
{
    (void)err;
    *(struct jb_merkle *)arg = *entry->tree;
    return JB_OK;
}

static int write_log(const char *path, const char *log_path)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_journal_log_free_auto) struct jb_journal_log *reader = NULL;
    static char piece[65536];
    struct jb_error err = {0};
    struct jb_merkle tree = {.size = 0};
    struct jb_hash root;
    int64_t size = 0;
    FILE *const file = fopen(log_path, "w+e");

    must(jb_ledger_open(path, JB_LEDGER_READ, &jb_clock_system, &ledger, &err), &err);
    must(jb_ledger_root(ledger, &size, &root, &err), &err);
    int64_t since_ns = jb_mono_ns(&jb_clock_system);
    if (!file)
        return 1;
    must(jb_ledger_export_log(ledger, size, "bench/00", put, file, &err), &err);
    printf("written_ms %" PRId64 "\n", (jb_mono_ns(&jb_clock_system) - since_ns) / 1000000);
    rewind(file);
    since_ns = jb_mono_ns(&jb_clock_system);
    must(jb_journal_log_new(see, &tree, &reader, &err), &err);
    for (size_t n = fread(piece, 1, sizeof piece, file); n > 0;
         n = fread(piece, 1, sizeof piece, file))
        must(jb_journal_log_feed(reader, piece, n, &err), &err);
    must(jb_journal_log_end(reader, &err), &err);
    printf("read_ms %" PRId64 "\n", (jb_mono_ns(&jb_clock_system) - since_ns) / 1000000);
    (void)fclose(file);
    const struct jb_hash read_root = jb_merkle_root(&tree);
    return jb_hash_equal(&root, &read_root) ? 0 : 1;
}

static int certify(const char *path, const char *to, int64_t n_runs)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_secret_key key;
    struct jb_certified certified;
    struct jb_error err = {0};
    FILE *const file = fopen(to, "we");

    must(jb_key_new("bench", &key, &err), &err);
    must(jb_ledger_open(path, JB_LEDGER_WRITE, &jb_clock_system, &ledger, &err), &err);
    const struct jb_certify_order order = {
        .scope = {.project = "bench", .until_utc_us = begin_utc_us(n_runs)},
        .key = &key,
        .software = "joulebook bench",
        .now_utc_us = jb_utc_us(&jb_clock_system),
    };
    const int64_t since_ns = jb_mono_ns(&jb_clock_system);
    must(jb_certify(ledger, &order, &out, &certified, &err), &err);
    printf("issued_ms %" PRId64 " bytes %zu index %" PRId64 "\n",
           (jb_mono_ns(&jb_clock_system) - since_ns) / 1000000, out.len, certified.index);
    jb_secret_key_wipe(&key);
    const bool is_written = file && fwrite(out.bytes, 1, out.len, file) == out.len;
    jb_buf_release(&out);
    return is_written && fclose(file) == 0 ? 0 : 1;
}

static int64_t cpu_ns(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (int64_t)at.tv_sec * JB_NS_PER_S + at.tv_nsec;
}

static int verify(const char *from, int64_t n)
{
    static struct jb_findings findings;
    struct jb_listed_key listed = {.valid_from_utc_us = 0};
    struct jb_trust trust = {.keys = &listed, .n_keys = 1};
    struct jb_error err = {0};
    struct jb_buf bytes = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    FILE *const file = fopen(from, "re");
    char piece[65536];

    if (!file)
        return 1;
    for (size_t len = fread(piece, 1, sizeof piece, file); len > 0;
         len = fread(piece, 1, sizeof piece, file))
        jb_buf_add(&bytes, piece, len);
    (void)fclose(file);
    const int64_t since_ns = cpu_ns();
    for (int64_t i = 0; i < n; i++) {
        JB_AUTO(jb_certificate_free_auto) struct jb_certificate *certificate = NULL;
        must(jb_certificate_decode(bytes.bytes, bytes.len, &certificate, &err), &err);
        listed.key = certificate->signers[0];
        trust.has_keys = true;
        jb_certificate_verify(certificate, &trust, &findings);
        if (findings.is_refused)
            return 1;
    }
    const int64_t each_ns = (cpu_ns() - since_ns) / (n > 0 ? n : 1);
    printf("verified_us %" PRId64 " a_second %" PRId64 "\n", each_ns / 1000,
           JB_NS_PER_S / (each_ns > 0 ? each_ns : 1));
    jb_buf_release(&bytes);
    return 0;
}

int main(int argc, char **argv)
{
    int64_t n = 0;

    if (argc == 4 && strcmp(argv[1], "log") == 0)
        return write_log(argv[2], argv[3]);
    if (argc == 5 && strcmp(argv[1], "certify") == 0)
        return jb_parse_i64(argv[4], strlen(argv[4]), false, &n) < 0 ? 2
                                                                     : certify(argv[2], argv[3], n);
    if (argc != 4 || jb_parse_i64(argv[3], strlen(argv[3]), false, &n) < 0)
        return 2;
    if (strcmp(argv[1], "verify") == 0)
        return verify(argv[2], n);
    return strcmp(argv[1], "make") == 0 ? make(argv[2], n) : prove(argv[2], n);
}
