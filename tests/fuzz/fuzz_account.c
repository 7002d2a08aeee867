/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as the JSON of an account, a run, or the records of a run. What is taken comes back as the same text:
 * canonical JSON is a fixed point.
 */
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "pipeline/run_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_account(const char *text)
{
    struct jb_account account;
    struct jb_account again;
    char *first = NULL;
    char *second = NULL;

    if (jb_account_from_json(text, &account, NULL) < 0)
        return;
    if (jb_account_to_json_with_run(&account, &first, NULL) < 0 ||
        jb_account_from_json(first, &again, NULL) < 0 ||
        jb_account_to_json_with_run(&again, &second, NULL) < 0 || strcmp(first, second) != 0)
        abort();
    free(first);
    free(second);
    jb_account_release(&account);
    jb_account_release(&again);
}

static void check_run(const char *text)
{
    struct jb_run *const run = calloc(2, sizeof *run);
    char *first = NULL;
    char *second = NULL;

    if (!run)
        return;
    if (jb_run_from_json(text, &run[0], NULL) == JB_OK) {
        if (jb_run_to_json(&run[0], &first, NULL) < 0 ||
            jb_run_from_json(first, &run[1], NULL) < 0 ||
            jb_run_to_json(&run[1], &second, NULL) < 0 || strcmp(first, second) != 0)
            abort();
    }
    free(first);
    free(second);
    free(run);
}

static void check_interval(const char *text)
{
    struct jb_interval interval;
    struct jb_interval again;
    char *json = NULL;

    if (jb_records_interval_from_json(text, &interval, NULL) < 0)
        return;
    if (jb_records_interval_to_json(&interval, &json, NULL) < 0 ||
        jb_records_interval_from_json(json, &again, NULL) < 0 ||
        interval.raw_end != again.raw_end || interval.energy_uj != again.energy_uj ||
        strcmp(interval.channel, again.channel) != 0)
        abort();
    free(json);
}

static void check_records(const char *text)
{
    const struct jb_run run = {
        .id = "r", .market_mgco2e_per_kwh = -1, .pue_milli = -1, .tariff_micro_per_kwh = -1};
    struct jb_account_builder *builder = NULL;
    struct jb_account account;

    if (jb_account_builder_new(&run, &builder, NULL) < 0)
        return;
    if (jb_records_marks_to_builder(text, builder, NULL) == JB_OK ||
        jb_records_notes_to_builder(text, builder, NULL) == JB_OK) {
        if (jb_account_finish(builder, &account, NULL) < 0)
            abort();
        jb_account_release(&account);
    }
    jb_account_builder_free(builder);
}

/* R-PLAN-31, -33: a plan is a fixed point too, and whatever it says can stand beside a run. */
static void check_planned(const char *text)
{
    struct jb_account *const account = calloc(1, sizeof *account);
    char *first = NULL;
    char *second = NULL;

    if (!account)
        return;
    if (jb_planned_from_json(text, &account->planned.plan, NULL) == JB_OK) {
        if (jb_planned_to_json(&account->planned.plan, &first, NULL) < 0 ||
            jb_planned_from_json(first, &account->planned.plan, NULL) < 0 ||
            jb_planned_to_json(&account->planned.plan, &second, NULL) < 0 ||
            strcmp(first, second) != 0)
            abort();
        free(first);
        free(second);
        account->energy_uj = (struct jb_figure){.is_known = true, .best = INT64_MAX};
        account->duration_ns = INT64_MAX;
        account->work.is_known = true;
        account->work.training_flop = JB_FLOP_MAX;
        account->planned.is_told = true;
        jb_account_beside_plan(account);
        if (jb_account_to_json_with_run(account, &first, NULL) < 0)
            abort();
        free(first);
    }
    free(account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = malloc(size + 1);

    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check_account(text);
    check_run(text);
    check_interval(text);
    check_records(text);
    check_planned(text);
    free(text);
    return 0;
}
