/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the books that the tests of the commands read: make_book PATH [predictions | rebuilt | provider | customer | search]. Everything in it is fixed but salts: the times,
 * the ids, the counts. Built with the unit tests; no test by itself.
 *
 *   run ...0001  done         vision  resnet50  two channels, a duplicate, two epochs, a note
 *   run ...0002  interrupted  nlp     bert      one channel with a gap
 *   run ...0003  open         vision            nothing posted yet
 *
 * With "predictions" two runs whose predictions were entered by turns, as at full hours:
 *   run ...0004  done, all of its 5,000 steps marked, more than an account lists: 5000 J in 60 s
 *   run ...0005  done, 3 of 9 epochs marked, each by two processes, and one twice
 *
 * With "rebuilt" the first three and two that papers tell of:
 *   billed, aws, project cloud: 1.2 kWh with PUE 1.2, so 1 kWh of IT, 0.5 to 2
 *   stated, vision resnet50, at the time of run ...0001
 *
 * With "search" eight trainings of one classifier, each on the processor alone, their energy in J and accuracy:
 *   vision  360 0.50, 180 none, 180 0.70, 360 0.65, 1440 0.80, 2880 0.82
 *   twin    720 none, 1440 none
 *
 * With "provider" and "customer" the books of tests/statement_book.h.
 */
#include "statement_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "ledger/ledger.h"
#include "pipeline/account_of_run.h"
#include "pipeline/predicted.h"
#include "pipeline/reconstruct.h"
#include "pipeline/run_records.h"

#define T0   INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */
#define S    JB_NS_PER_S
#define J    INT64_C(1000000)
#define BOOT "9d9f0f1c-0000-4000-8000-000000000001"

static void need(jb_rc rc, const struct jb_error *err)
{
    if (rc == JB_OK)
        return;
    (void)fprintf(stderr, "make_book: %s\n", err->message);
    exit(1);
}

static struct jb_run a_run(int number, const char *project, const char *model, int64_t start_s)
{
    struct jb_run run = {
        .host = "node7",
        .boot_id = BOOT,
        .stage = "train",
        .market_mgco2e_per_kwh = -1,
        .pue_milli = -1,
        .tariff_micro_per_kwh = -1,
        .start_mono_ns = start_s * S,
        .start_utc_us = T0 + start_s * JB_US_PER_S,
        .exit_code = -1,
        .pid = 4000 + number,
        .period_ns = S,
    };
    (void)snprintf(run.id, sizeof run.id, "019b7700-%04d-7000-8000-00000000000%d", number, number);
    (void)snprintf(run.project, sizeof run.project, "%s", project);
    (void)snprintf(run.model, sizeof run.model, "%s", model);
    (void)snprintf(run.command, sizeof run.command, "python3 train.py --run %d --key hunter2",
                   number);
    return run;
}

/* A posting of a counter in uJ: what the run gets, what is idle, and others have the rest. */
static void post(struct jb_ledger *ledger, const struct jb_run *run, struct jb_interval interval,
                 int64_t run_uj, int64_t idle_uj)
{
    struct jb_line lines[4] = {
        {.amount_uj = -interval.energy_uj},
        {.amount_uj = run_uj,
         .has_share = true,
         .low_uj = run_uj,
         .high_uj = run_uj,
         .reserved_uj = run_uj + idle_uj / 2,
         .all_uj = run_uj + idle_uj},
        {.amount_uj = idle_uj},
        {.amount_uj = interval.energy_uj - run_uj - idle_uj},
    };
    struct jb_error err;

    (void)snprintf(lines[0].account, sizeof lines[0].account, "meter:node7/%s", interval.channel);
    (void)snprintf(lines[1].account, sizeof lines[1].account, "run:%s", run->id);
    (void)snprintf(lines[2].account, sizeof lines[2].account, "idle:node7");
    (void)snprintf(lines[3].account, sizeof lines[3].account, "others:node7");
    need(jb_ledger_post_interval(ledger, &interval, lines, 4, NULL, &err), &err);
}

static struct jb_interval an_interval(const char *channel, enum jb_device device, int64_t start_s,
                                      int64_t end_s, int64_t energy_uj)
{
    struct jb_interval interval = {
        .host = "node7",
        .boot_id = BOOT,
        .scope = device == JB_DEVICE_DRAM ? JB_SCOPE_DRAM : JB_SCOPE_PACKAGE,
        .device = device,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .unit_num = 1,
        .unit_den = 1,
        .accuracy_low_ppm = 10000,
        .accuracy_high_ppm = 10000,
        .correlation = "rapl",
        .mono_start_ns = start_s * S,
        .mono_end_ns = end_s * S,
        .utc_start_us = T0 + start_s * JB_US_PER_S,
        .utc_end_us = T0 + end_s * JB_US_PER_S,
        .raw_start = (uint64_t)start_s * 100,
        .count_start = (uint64_t)start_s * 1000,
        .energy_uj = energy_uj,
        .counter_ns = (end_s - start_s) * S,
        .idle_source = "quiet window",
        .idle_power_uw = 20000000,
    };

    (void)snprintf(interval.channel, sizeof interval.channel, "%s", channel);
    interval.raw_end = interval.raw_start + (uint64_t)energy_uj;
    interval.count_end = interval.count_start + (uint64_t)energy_uj;
    interval.low_uj = energy_uj - energy_uj / 100;
    interval.high_uj = energy_uj + energy_uj / 100;
    return interval;
}

static void append(struct jb_ledger *ledger, const struct jb_run *run, const char *kind,
                   const char *field, char *json)
{
    const struct jb_field one = {.name = field, .value = json};
    struct jb_entry entry = {.utc_us = T0, .n_fields = 1, .fields = &one};
    struct jb_error err;

    (void)snprintf(entry.kind, sizeof entry.kind, "%s", kind);
    memcpy(entry.run_id, run->id, sizeof entry.run_id);
    need(jb_ledger_append(ledger, &entry, NULL, &err), &err);
    free(json);
}

static void close_run(struct jb_ledger *ledger, struct jb_run *run, int64_t end_s,
                      enum jb_run_status status, int64_t exit_code)
{
    struct jb_account account;
    struct jb_error err;
    char *json;

    run->end_mono_ns = end_s * S;
    run->end_utc_us = T0 + end_s * JB_US_PER_S;
    run->status = status;
    run->exit_code = exit_code;
    run->n_ticks = end_s;
    need(jb_pipeline_account_with(ledger, run, &account, &err), &err);
    need(jb_account_to_json(&account, &json, &err), &err);
    need(jb_ledger_close_run(ledger, run, json, NULL, 0, &err), &err);
    free(json);
    jb_account_release(&account);
}

static void first(struct jb_ledger *ledger)
{
    static const char *const notes[] = {"the meters were found by make_book"};
    const struct jb_account_mark marks[] = {
        {.text = "epoch 1 accuracy=0.8",
         .mono_ns = 130 * S,
         .utc_us = T0 + 130 * JB_US_PER_S,
         .run_uj = 1500 * J,
         .total_uj = 2500 * J,
         .half_width_uj = 50 * J},
        {.text = "epoch 2 accuracy=0.9",
         .mono_ns = 160 * S,
         .utc_us = T0 + 160 * JB_US_PER_S,
         .run_uj = 3000 * J,
         .total_uj = 5000 * J,
         .half_width_uj = 50 * J},
    };
    struct jb_run run = a_run(1, "vision", "resnet50", 100);
    struct jb_interval duplicate =
        an_interval("rapl-mmio/package-0", JB_DEVICE_CPU, 100, 160, 4001 * J);
    struct jb_error err;
    char *json;

    (void)snprintf(run.place, sizeof run.place, "NL");
    (void)snprintf(run.tags[run.n_tags++], sizeof run.tags[0], "team=a");
    duplicate.role = JB_ROLE_DUPLICATE;
    need(jb_ledger_open_run(ledger, &run, &err), &err);
    post(ledger, &run, an_interval("rapl/package-0", JB_DEVICE_CPU, 100, 160, 4000 * J), 2500 * J,
         1200 * J);
    post(ledger, &run, an_interval("rapl/dram-0", JB_DEVICE_DRAM, 100, 160, 1000 * J), 500 * J,
         400 * J);
    need(jb_records_marks_to_json(marks, 2, &json, &err), &err);
    append(ledger, &run, JB_RECORDS_KIND_MARKS, "marks", json);
    need(jb_records_notes_to_json(notes, 1, &json, &err), &err);
    append(ledger, &run, JB_RECORDS_KIND_NOTES, "notes", json);
    need(jb_records_interval_to_json(&duplicate, &json, &err), &err);
    append(ledger, &run, JB_RECORDS_KIND_UNPOSTED, "interval", json);
    close_run(ledger, &run, 160, JB_RUN_DONE, 0);
}

static void second(struct jb_ledger *ledger)
{
    struct jb_run run = a_run(2, "nlp", "bert", 200);
    struct jb_interval interval = an_interval("rapl/package-0", JB_DEVICE_CPU, 200, 210, 300 * J);
    struct jb_error err;

    (void)snprintf(interval.gap, sizeof interval.gap, "suspend");
    interval.counter_ns = 4 * S;
    interval.unobserved_ns = 6 * S;
    interval.gap_high_uj = 900 * J;
    interval.gap_best_uj = 200 * J;
    need(jb_ledger_open_run(ledger, &run, &err), &err);
    post(ledger, &run, interval, 100 * J, 200 * J);
    close_run(ledger, &run, 210, JB_RUN_INTERRUPTED, -1);
}

static void third(struct jb_ledger *ledger)
{
    const struct jb_run run = a_run(3, "vision", "", 300);
    struct jb_error err;

    need(jb_ledger_open_run(ledger, &run, &err), &err);
}

static void predict(struct jb_ledger *ledger, const struct jb_run *run, const char *unit,
                    int64_t work, int64_t total, int64_t best_uj)
{
    struct jb_predicted predicted = {
        .utc_us = T0,
        .elapsed_ns = work * S,
        .work = work,
        .total_work = total,
        .energy_uj = {.is_known = true,
                      .low = best_uj / 10 * 9,
                      .best = best_uj,
                      .high = best_uj / 10 * 11},
        .duration_ns = {.is_known = true, .low = 50 * S, .best = 60 * S, .high = 70 * S},
    };
    struct jb_error err;
    char *json;

    (void)snprintf(predicted.unit, sizeof predicted.unit, "%s", unit);
    need(jb_predicted_to_json(&predicted, &json, &err), &err);
    append(ledger, run, JB_PREDICTED_KIND, JB_PREDICTED_FIELD, json);
}

static void mark(struct jb_ledger *ledger, const struct jb_run *run, const char *unit,
                 int64_t first, int64_t n)
{
    struct jb_account_mark *const marks = calloc((size_t)n, sizeof *marks);
    struct jb_error err;
    char *json;

    for (int64_t i = 0; marks && i < n; i++) {
        (void)snprintf(marks[i].text, sizeof marks[i].text, "%s %lld", unit,
                       (long long)(first + i));
        marks[i].mono_ns = run->start_mono_ns;
        marks[i].utc_us = run->start_utc_us;
    }
    need(jb_records_marks_to_json(marks, marks ? (size_t)n : 0, &json, &err), &err);
    append(ledger, run, JB_RECORDS_KIND_MARKS, "marks", json);
    free(marks);
}

static void predicted(struct jb_ledger *ledger)
{
    struct jb_run whole = a_run(4, "vision", "", 400), part = a_run(5, "vision", "", 500);
    struct jb_error err;

    need(jb_ledger_open_run(ledger, &whole, &err), &err);
    need(jb_ledger_open_run(ledger, &part, &err), &err);
    post(ledger, &whole, an_interval("rapl/package-0", JB_DEVICE_CPU, 400, 460, 4000 * J), 2500 * J,
         1200 * J);
    post(ledger, &whole, an_interval("rapl/dram-0", JB_DEVICE_DRAM, 400, 460, 1000 * J), 500 * J,
         400 * J);
    post(ledger, &part, an_interval("rapl/package-0", JB_DEVICE_CPU, 500, 560, 4000 * J), 2500 * J,
         1200 * J);
    for (int64_t i = 1; i <= 8; i++) { /* by turns; the first one misses */
        predict(ledger, &whole, "step", i * 600, 5000, (i == 1 ? 4000 : 5000 + i) * J);
        if (i <= 2)
            predict(ledger, &part, "epoch", i, 9, 9000 * J);
    }
    for (int64_t at = 0; at < 5000; at += 1000)
        mark(ledger, &whole, "step", at + 1, 1000);
    static const int64_t epochs[] = {1, 1, 2, 2, 2, 3, 2, 3, 3, 3};
    for (size_t i = 0; i < sizeof epochs / sizeof epochs[0]; i++)
        mark(ledger, &part, "epoch", epochs[i], 1);
    close_run(ledger, &whole, 460, JB_RUN_DONE, 0);
    close_run(ledger, &part, 560, JB_RUN_DONE, 0);
}

static void search(struct jb_ledger *ledger)
{
    static const struct {
        const char *project, *mark;
        int64_t joule;
    } trainings[] = {{"vision", "epoch 1 accuracy=0.50", 360},
                     {"vision", NULL, 180},
                     {"vision", "epoch 1 accuracy=0.70", 180},
                     {"vision", "epoch 1 accuracy=0.65", 360},
                     {"vision", "epoch 1 accuracy=0.80", 1440},
                     {"vision", "epoch 1 accuracy=0.82", 2880},
                     {"twin", NULL, 720},
                     {"twin", NULL, 1440}};

    for (int i = 0; i < 8; i++) {
        const int64_t start_s = 1000 + 100 * i, run_uj = trainings[i].joule * J;
        struct jb_run run = a_run(i + 1, trainings[i].project, "classifier", start_s);
        struct jb_account_mark one = {.mono_ns = (start_s + 60) * S,
                                      .utc_us = T0 + (start_s + 60) * JB_US_PER_S,
                                      .run_uj = run_uj,
                                      .total_uj = run_uj};
        struct jb_error err;
        char *json;
        (void)snprintf(run.application, sizeof run.application, "Image Classification");
        (void)snprintf(run.architecture, sizeof run.architecture, "ResNet50");
        run.n_parameters = 25600000;
        need(jb_ledger_open_run(ledger, &run, &err), &err);
        post(ledger, &run,
             an_interval("rapl/package-0", JB_DEVICE_CPU, start_s, start_s + 60, run_uj + 100 * J),
             run_uj, 60 * J);
        if (trainings[i].mark) {
            (void)snprintf(one.text, sizeof one.text, "%s", trainings[i].mark);
            need(jb_records_marks_to_json(&one, 1, &json, &err), &err);
            append(ledger, &run, JB_RECORDS_KIND_MARKS, "marks", json);
        }
        close_run(ledger, &run, start_s + 60, JB_RUN_DONE, 0);
    }
}

static void tell(struct jb_reconstruct *reconstruct, const struct jb_rebuilt *rebuilt)
{
    struct jb_reconstructed told;
    enum jb_paper_state state;
    struct jb_hash digest;
    struct jb_error err;

    need(jb_rebuilt_digest(rebuilt, &digest, &err), &err);
    need(jb_reconstruct_paper(reconstruct, rebuilt->source, rebuilt->key, &digest, &state, &err),
         &err);
    need(jb_reconstruct_enter(reconstruct, rebuilt, &told, &err), &err);
}

static void rebuilt(struct jb_ledger *ledger, const struct jb_clock *clock)
{
    static struct jb_rebuilt bill = {
        .source = "focus",
        .key = "1234 2026-01",
        .run = {.host = "aws",
                .project = "cloud",
                .place = "NL",
                .market_mgco2e_per_kwh = -1,
                .pue_milli = 1200,
                .tariff_micro_per_kwh = -1,
                .start_utc_us = T0 - 7200 * JB_US_PER_S,
                .end_utc_us = T0 - 3600 * JB_US_PER_S,
                .exit_code = -1},
        .method = JB_METHOD_B,
        .is_pue_included = true,
        .n_lines = 1,
        .lines = {{.channel = "focus/p3.2xlarge",
                   .scope = JB_SCOPE_NODE,
                   .device = JB_DEVICE_NODE,
                   .origin = JB_ORIGIN_BILLED,
                   .energy_uj = {true, false, 2160000 * J, 4320000 * J, 8640000 * J},
                   .basis = "1 x p3.2xlarge x 1 h"}},
    };
    static struct jb_rebuilt book;
    struct jb_reconstruct *reconstruct = NULL;
    struct jb_error err;

    need(jb_reconstruct_new(ledger, clock, "bill.csv", "joulebook import focus bill.csv",
                            &reconstruct, &err),
         &err);
    tell(reconstruct, &bill);
    book = bill;
    (void)snprintf(book.source, sizeof book.source, "codecarbon");
    (void)snprintf(book.run.project, sizeof book.run.project, "vision");
    (void)snprintf(book.run.model, sizeof book.run.model, "resnet50");
    book.run.start_utc_us = T0 + 100 * JB_US_PER_S;
    book.run.end_utc_us = T0 + 160 * JB_US_PER_S;
    book.is_pue_included = false;
    book.lines[0].origin = JB_ORIGIN_STATED;
    book.lines[0].energy_uj = (struct jb_figure){true, false, 7200 * J, 7200 * J, 7200 * J};
    tell(reconstruct, &book);
    jb_reconstruct_free(reconstruct);
}

int main(int argc, char **argv)
{
    struct jb_clock_manual now = {
        .mono_ns = 300 * S, .boot_ns = 300 * S, .utc_us = T0 + 300 * JB_US_PER_S};
    const struct jb_clock clock = jb_clock_from_manual(&now);
    struct jb_ledger *ledger = NULL;
    struct jb_error err;

    const bool is_predicted = argc == 3 && strcmp(argv[2], "predictions") == 0;
    const bool is_rebuilt = argc == 3 && strcmp(argv[2], "rebuilt") == 0;
    const bool is_provider = argc == 3 && strcmp(argv[2], "provider") == 0;
    const bool is_customer = argc == 3 && strcmp(argv[2], "customer") == 0;
    const bool is_search = argc == 3 && strcmp(argv[2], "search") == 0;
    if (argc != 2 && !is_predicted && !is_rebuilt && !is_provider && !is_customer && !is_search) {
        (void)fprintf(
            stderr,
            "usage: make_book PATH [predictions | rebuilt | provider | customer | search]\n");
        return 2;
    }
    need(jb_ledger_open(argv[1], JB_LEDGER_CREATE, &clock, &ledger, &err), &err);
    need(jb_ledger_begin(ledger, &err), &err);
    if (is_predicted) {
        predicted(ledger);
    } else if (is_provider) {
        st_fill_provider(ledger);
    } else if (is_customer) {
        st_fill_customer(ledger);
    } else if (is_search) {
        search(ledger);
    } else {
        first(ledger);
        second(ledger);
        third(ledger);
    }
    if (is_rebuilt)
        rebuilt(ledger, &clock);
    need(jb_ledger_commit(ledger, &err), &err);
    jb_ledger_close(ledger);
    return 0;
}
