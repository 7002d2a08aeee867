/* SPDX-License-Identifier: Apache-2.0 */
/* Marks, notes and unposted intervals through the texts that stand in the book. */
#include "pipeline/run_records.h"

#include <string.h>

#include "tap.h"

static void intervals(void)
{
    /* Every member another value, so that none can take another's place. */
    const struct jb_interval interval = {
        .host = "node7",
        .boot_id = "9d9f0f1c-aaaa-bbbb-cccc-000000000001",
        .channel = "rapl-mmio/package-0",
        .parent = "module/0",
        .scope = JB_SCOPE_PACKAGE,
        .device = JB_DEVICE_DRAM,
        .semantics = JB_SEMANTICS_GAUGE_AVERAGE,
        .origin = JB_ORIGIN_CALIBRATED,
        .role = JB_ROLE_DUPLICATE,
        .unit_num = 1000000,
        .unit_den = 16384,
        .modulus = UINT64_MAX,
        .accuracy_low_ppm = 1,
        .accuracy_high_ppm = 2,
        .correlation = "rapl",
        .epoch = UINT32_MAX,
        .mono_start_ns = 3,
        .mono_end_ns = INT64_MAX,
        .utc_start_us = 4,
        .utc_end_us = 5,
        .raw_start = 6,
        .raw_end = UINT64_MAX - 1,
        .count_start = 7,
        .count_end = 8,
        .energy_uj = 9,
        .low_uj = 10,
        .high_uj = 11,
        .edge_uj = 12,
        .counter_ns = 13,
        .gauge_ns = 14,
        .interpolated_ns = 15,
        .unobserved_ns = 16,
        .gap_best_uj = 17,
        .gap_high_uj = 18,
        .n_failed = 19,
        .gap = "device gone",
        .idle_source = "quiet window",
        .idle_power_uw = 20,
        .busy_ns = 21,
        .capacity_ns = 22,
    };
    struct jb_interval back;
    struct jb_error err = {0};
    char *json = NULL;

    ok(jb_records_interval_to_json(&interval, &json, NULL) == JB_OK, "an interval goes out");
    ok(jb_records_interval_from_json(json, &back, &err) == JB_OK, "and comes back");
    is_str(back.host, interval.host, "host");
    is_str(back.boot_id, interval.boot_id, "boot");
    is_str(back.channel, interval.channel, "channel");
    is_str(back.parent, interval.parent, "parent");
    is_str(back.correlation, interval.correlation, "correlation");
    is_str(back.gap, interval.gap, "gap");
    is_str(back.idle_source, interval.idle_source, "idle source");
    ok(back.scope == interval.scope && back.device == interval.device &&
           back.semantics == interval.semantics && back.origin == interval.origin &&
           back.role == interval.role,
       "words");
    ok(back.unit_num == 1000000 && back.unit_den == 16384 && back.modulus == UINT64_MAX &&
           back.raw_end == UINT64_MAX - 1 && back.raw_start == 6 && back.count_start == 7 &&
           back.count_end == 8,
       "counts of 64 bits are exact");
    ok(back.epoch == UINT32_MAX && back.n_failed == 19, "32 bits");
    ok(back.accuracy_low_ppm == 1 && back.accuracy_high_ppm == 2 && back.mono_start_ns == 3 &&
           back.mono_end_ns == INT64_MAX && back.utc_start_us == 4 && back.utc_end_us == 5,
       "accuracy and times");
    ok(back.energy_uj == 9 && back.low_uj == 10 && back.high_uj == 11 && back.edge_uj == 12 &&
           back.gap_best_uj == 17 && back.gap_high_uj == 18 && back.idle_power_uw == 20,
       "energies");
    ok(back.counter_ns == 13 && back.gauge_ns == 14 && back.interpolated_ns == 15 &&
           back.unobserved_ns == 16 && back.busy_ns == 21 && back.capacity_ns == 22,
       "durations");
    free(json);
    is_i64(jb_records_interval_from_json("{\"host\":\"a\"}", &back, &err), JB_E_INPUT,
           "half an interval is refused");
    ok(strstr(err.message, "boot_id") != NULL, "and what it lacks is named");
    is_i64(jb_records_interval_from_json("nonsense", &back, &err), JB_E_INPUT,
           "as is no JSON at all");
    is_str(back.host, "node7", "and the output is left alone");
}

static struct jb_account finish(struct jb_account_builder *builder)
{
    struct jb_account account;
    if (jb_account_finish(builder, &account, NULL) < 0)
        bail_out("no account");
    return account;
}

static void marks_and_notes(void)
{
    const struct jb_run run = {
        .id = "r", .market_mgco2e_per_kwh = -1, .pue_milli = -1, .tariff_micro_per_kwh = -1};
    const struct jb_account_mark marks[] = {
        {.text = "epoch 1 a=1",
         .mono_ns = 1,
         .utc_us = 2,
         .run_uj = 30,
         .total_uj = 40,
         .half_width_uj = 5},
        {.text = "epoch \xff",
         .mono_ns = 6,
         .utc_us = 7,
         .run_uj = 80,
         .total_uj = 100,
         .half_width_uj = 9},
    };
    const char *const notes[] = {"first \"note\"", "second"};
    JB_AUTO(jb_account_builder_free_auto) struct jb_account_builder *builder = NULL;
    char *marks_json = NULL;
    char *notes_json = NULL;
    struct jb_error err = {0};

    if (jb_account_builder_new(&run, &builder, NULL) < 0)
        bail_out("no memory");
    ok(jb_records_marks_to_json(marks, 2, &marks_json, NULL) == JB_OK,
       "marks go out, whatever bytes they hold");
    ok(jb_records_notes_to_json(notes, 2, &notes_json, NULL) == JB_OK, "and notes");
    ok(jb_records_marks_to_builder(marks_json, builder, NULL) == JB_OK &&
           jb_records_notes_to_builder(notes_json, builder, NULL) == JB_OK,
       "and come back");
    struct jb_account account = finish(builder);
    is_i64((int64_t)account.n_epochs, 2, "both marks");
    is_str(account.epochs[0].name, "epoch 1", "as written");
    is_str(account.epochs[1].name, "epoch ?", "but for what is no text");
    is_i64(account.epochs[1].run_uj, 50, "with their energies: 80 - 30");
    is_i64(account.epochs[1].total_uj, 60, "of the meters too: 100 - 40");
    is_i64(account.epochs[1].interpolated_uj, 14, "and half-widths: 5 + 9");
    is_i64(account.epochs[1].utc_us, 7, "and times");
    is_str(account.notes[account.n_notes - 2], "first \"note\"", "notes in order");
    is_str(account.notes[account.n_notes - 1], "second", "both");
    jb_account_release(&account);
    free(marks_json);
    free(notes_json);

    ok(jb_records_marks_to_json(NULL, 0, &marks_json, NULL) == JB_OK, "no marks");
    is_str(marks_json, "[]", "are an empty list");
    free(marks_json);
    is_i64(jb_records_marks_to_builder("[{\"text\":\"x\"}]", builder, &err), JB_E_INPUT,
           "half a mark is refused");
    is_i64(jb_records_marks_to_builder("{}", builder, &err), JB_E_INPUT, "as is no list");
    is_i64(jb_records_notes_to_builder("[1]", builder, &err), JB_E_INPUT,
           "and a note that is no text");
    is_i64(jb_records_notes_to_builder("\"x\"", builder, &err), JB_E_INPUT,
           "and notes that are no list");
}

int main(void)
{
    intervals();
    marks_and_notes();
    return done_testing();
}
