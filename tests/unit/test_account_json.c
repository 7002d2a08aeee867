/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts and runs as JSON: what goes out comes back, and what comes in broken is refused. */
#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "tap.h"

static struct jb_run a_run(void)
{
    struct jb_run run = {
        .id = "01939f7e-0000-7000-8000-000000000001",
        .group = "g",
        .rank = "3",
        .host = "node7",
        .project = "dem\"o",
        .model = "r\xc3\xa9sn\xc3\xa9t",
        .stage = "train",
        .command = "python3 train.py --name 'a b'\n",
        .environment = "{\"CUDA_VISIBLE_DEVICES\":\"0\",\"OMP_NUM_THREADS\":\"4\"}",
        .tags = {"a=1", "b=2"},
        .n_tags = 2,
        .place = "NL",
        .market_mgco2e_per_kwh = 0,
        .pue_milli = -1,
        .tariff_micro_per_kwh = 250000,
        .currency = "EUR",
        .start_mono_ns = INT64_C(9007199254740993), /* 2^53 + 1: no double holds it */
        .end_mono_ns = INT64_MAX,
        .status = JB_RUN_INTERRUPTED,
        .exit_code = 137,
        .n_left = 1,
    };
    return run;
}

static void runs(void)
{
    const struct jb_run run = a_run();
    struct jb_run back;
    char *json = NULL;
    char *again = NULL;

    ok(jb_run_to_json(&run, &json, NULL) == JB_OK, "a run goes out");
    ok(jb_run_from_json(json, &back, NULL) == JB_OK, "and comes back");
    is_str(back.project, run.project, "quotes survive");
    is_str(back.model, run.model, "and UTF-8");
    is_str(back.command, run.command, "and line ends");
    is_str(back.environment, run.environment, "the environment as it was");
    is_str(back.tags[1], "b=2", "tags in order");
    is_i64((int64_t)back.n_tags, 2, "all of them");
    is_i64(back.start_mono_ns, run.start_mono_ns, "integers beyond 2^53 are exact");
    is_i64(back.end_mono_ns, INT64_MAX, "up to the largest");
    is_i64(back.market_mgco2e_per_kwh, 0, "zero stays zero");
    is_i64(back.pue_milli, -1, "and not given stays not given");
    is_i64(back.status, JB_RUN_INTERRUPTED, "the status as a word");
    ok(strstr(json, "\"status\":\"interrupted\"") && strstr(json, "\"environment\":{\"CUDA"),
       "readable in the text");
    ok(jb_run_to_json(&back, &again, NULL) == JB_OK && strcmp(json, again) == 0,
       "and the text is canonical");
    free(json);
    free(again);
}

static void bytes(void)
{
    struct jb_run run = a_run();
    struct jb_run back;
    char *json = NULL;

    (void)snprintf(run.command, sizeof run.command, "train \xff\xfe x");
    ok(jb_run_to_json(&run, &json, NULL) == JB_OK && jb_run_from_json(json, &back, NULL) == JB_OK,
       "a command that is not UTF-8 does not stop the account");
    is_str(back.command, "train ?? x", "its bytes are shown as unknown");
    free(json);
}

static void refused(void)
{
    struct jb_run run = {.id = "untouched"};
    struct jb_account account = {.duration_ns = 7};
    struct jb_error err = {0};

    is_i64(jb_run_from_json("{\"id\":3}", &run, &err), JB_E_INPUT,
           "a number for a text is refused");
    ok(strstr(err.message, "'id'") != NULL, "and the member named");
    is_i64(jb_run_from_json("{\"status\":\"unheard\"}", &run, &err), JB_E_INPUT,
           "an unknown word is refused");
    is_i64(jb_run_from_json("{\"pid\":1.5}", &run, &err), JB_E_INPUT, "a fraction is refused");
    is_i64(jb_run_from_json("{\"tags\":[1]}", &run, &err), JB_E_INPUT,
           "a tag that is no text is refused");
    is_i64(jb_run_from_json("[", &run, &err), JB_E_INPUT, "broken JSON is refused");
    is_i64(jb_run_from_json("[]", &run, &err), JB_E_INPUT, "an array is no run");
    is_str(run.id, "untouched", "and the output is left alone");
    is_i64(jb_account_from_json("{}", &account, &err), JB_E_INPUT,
           "JSON without our schema is no account");
    is_i64(jb_account_from_json("{\"schema\":\"joulebook.account/2\"}", &account, &err), JB_E_NEWER,
           "a newer account says that it is newer");
    is_i64(jb_account_from_json("{\"schema\":\"joulebook.account/1\",\"run\":{},\"notes\":[3]}",
                                &account, &err),
           JB_E_INPUT, "a note that is no text is refused");
    is_i64(
        jb_account_from_json(
            "{\"schema\":\"joulebook.account/1\",\"run\":{},\"lines\":[{\"run_uj\":{\"low\":1}}]}",
            &account, &err),
        JB_E_INPUT, "half a figure is refused");
    is_i64(account.duration_ns, 7, "and the output is left alone");
}

static void accounts(void)
{
    struct jb_run run = a_run();
    struct jb_account_builder *builder = NULL;
    struct jb_interval interval = {.host = "node7",
                                   .channel = "rapl/package-0",
                                   .scope = JB_SCOPE_PACKAGE,
                                   .device = JB_DEVICE_CPU,
                                   .origin = JB_ORIGIN_COUNTER,
                                   .role = JB_ROLE_POST,
                                   .correlation = "rapl",
                                   .mono_start_ns = 1,
                                   .mono_end_ns = 2,
                                   .utc_end_us = 1,
                                   .energy_uj = 1000,
                                   .low_uj = 990,
                                   .high_uj = 1010,
                                   .counter_ns = 5,
                                   .gap = "suspend",
                                   .gap_high_uj = 50,
                                   .idle_source = "quiet window",
                                   .idle_power_uw = 77};
    const struct jb_line lines[] = {
        {.account = "meter:node7/rapl/package-0", .amount_uj = -1000},
        {.account = "run:01939f7e-0000-7000-8000-000000000001", .amount_uj = 1000}};
    const struct jb_account_mark mark = {
        .text = "epoch 1 a=1", .mono_ns = INT64_MAX, .run_uj = 1000};
    struct jb_account account;
    struct jb_account back;
    char *json = NULL;
    char *again = NULL;

    if (jb_account_builder_new(&run, &builder, NULL) < 0 ||
        jb_account_add_interval(builder, &interval, lines, 2, NULL) < 0 ||
        jb_account_add_mark(builder, &mark, NULL) < 0 ||
        jb_account_finish(builder, &account, NULL) < 0)
        bail_out("no account");
    jb_account_builder_free(builder);

    ok(jb_account_to_json(&account, &json, NULL) == JB_OK, "an account goes out");
    ok(strstr(json, "\"schema\":\"joulebook.account/1\"") != NULL, "with its schema");
    ok(strstr(json,
              "\"market_ugco2e\":{\"best\":0,\"high\":0,\"is_hard_bound\":false,\"low\":0}") !=
           NULL,
       "a figure of zero is zero");
    ok(strncmp(json, "{\"cost_micro\":{", 15) == 0, "its keys sorted");
    ok(jb_account_from_json(json, &back, NULL) == JB_OK, "and comes back");
    ok(jb_account_to_json(&back, &again, NULL) == JB_OK && strcmp(json, again) == 0,
       "as the very same text");
    is_i64((int64_t)back.n_lines, 1, "with its line");
    is_str(back.lines[0].gaps, "suspend", "gap reasons");
    is_i64(back.lines[0].run_uj.best, account.lines[0].run_uj.best, "figures");
    is_i64(back.energy_uj.high, account.energy_uj.high, "the headline");
    is_i64((int64_t)back.n_epochs, 1, "epochs");
    is_i64((int64_t)back.n_factors, (int64_t)account.n_factors, "factors");
    is_i64((int64_t)back.n_notes, (int64_t)account.n_notes, "and notes");
    ok(back.lines[0].above_idle_uj.is_known && !back.facility_uj.is_hard_bound,
       "known stays known");
    ok(!strstr(json, "train.py") && !strstr(json, "CUDA") && !strstr(json, "dem"),
       "what may have to be erased does not stand in the account of the book");
    free(json);
    free(again);
    jb_account_release(&back);

    account.lines[0].idle_power_uw = -1;
    ok(jb_account_to_json(&account, &json, NULL) == JB_OK &&
           strstr(json, "\"idle_power_uw\":null,") != NULL,
       "an idle power that is not known is null");
    ok(jb_account_from_json(json, &back, NULL) == JB_OK && back.lines[0].idle_power_uw == -1,
       "and comes back as not known");
    free(json);
    jb_account_release(&back);
    account.lines[0].idle_power_uw = 77;

    ok(jb_account_to_json_with_run(&account, &json, NULL) == JB_OK &&
           strstr(json, "train.py") != NULL,
       "a report has every fact of the run");
    ok(jb_account_from_json(json, &back, NULL) == JB_OK, "and is read the same way");
    is_str(back.run.command, run.command, "with the command");
    free(json);
    jb_account_release(&back);
    jb_account_release(&account);
}

int main(void)
{
    runs();
    bytes();
    refused();
    accounts();
    return done_testing();
}
