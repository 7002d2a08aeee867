/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a bill to its groups: the sums of all threads, rounded once, in one order. Rules R-BILL-03, R-BILL-04.
 */
#include "import/bill.h"

#include <string.h>

#include "import/bill_int.h"

static const struct jb_bill_format *const formats[] = {
    &jb_bill_focus,
    &jb_bill_aws,
    &jb_bill_azure,
    &jb_bill_gcp,
};

size_t jb_bill_n_formats(void)
{
    return JB_ARRAY_LEN(formats);
}

struct jb_bill_format_info jb_bill_format_at(size_t i)
{
    return formats[i]->info;
}

const struct jb_bill_format *jb_bill_format_find(const char *name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(formats); i++)
        if (strcmp(formats[i]->info.name, name) == 0)
            return formats[i];
    return NULL;
}

/* A group and where its sums are. */
struct placed {
    struct jb_bill_group group;
    const struct bill_key *key;
    const struct bill_sums *sums;
};

struct jb_bill {
    struct bill_intake intake;
    struct jb_bill_rule rule;
    char *rule_name;
    char *path; /* of the first file, as errors tell it */
    size_t n_files;
    struct placed *groups; /* once finished */
    size_t n_groups;
    bool is_spoilt, is_finished;
};

void jb_bill_free(struct jb_bill *bill)
{
    if (!bill)
        return;
    jb_bill__groups_free(bill->intake.groups);
    free(bill->intake.sums);
    free(bill->rule_name);
    free(bill->path);
    free(bill->groups);
    free(bill);
}

jb_rc jb_bill_new(const struct jb_bill_format *format, const struct jb_bill_rule *rule,
                  struct jb_bill **ret_bill, struct jb_error *err)
{
    struct jb_bill *const bill = calloc(1, sizeof *bill);
    const char *const name = rule->name ? rule->name : "";

    if (rule->by == JB_BILL_BY_TAG && name[0] == '\0') {
        free(bill);
        return jb_fail(err, JB_E_INPUT, "name the tag whose values are the runs",
                       "no tag to make runs of");
    }
    if (bill) {
        bill->rule_name = strdup(name);
        bill->rule = (struct jb_bill_rule){rule->by, bill->rule_name};
        bill->intake.format = format;
        bill->intake.rule = &bill->rule;
        bill->intake.groups = jb_bill__groups_new();
        /* Room for all; the pages of those that never come are never there. */
        bill->intake.sums = calloc(JB_BILL_GROUPS_MAX, sizeof *bill->intake.sums);
    }
    if (!bill || !bill->rule_name || !bill->intake.groups || !bill->intake.sums) {
        jb_bill_free(bill);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a bill");
    }
    *ret_bill = bill;
    return JB_OK;
}

jb_rc jb_bill__read_tuned(struct jb_bill *bill, const char *path, const struct bill_tuning *tuning,
                          const struct jb_import_progress *progress, struct jb_error *err)
{
    if (bill->is_spoilt || bill->is_finished)
        return jb_fail(err, JB_E_CONFLICT, NULL, "this bill takes no more files");
    if (!bill->path)
        bill->path = strdup(path);
    bill->n_files++;
    const jb_rc rc = jb_bill__read(&bill->intake, path, tuning, progress, err);
    if (rc < 0)
        bill->is_spoilt = true;
    return rc;
}

jb_rc jb_bill_read(struct jb_bill *bill, const char *path,
                   const struct jb_import_progress *progress, struct jb_error *err)
{
    const struct bill_tuning usual = {0};

    return jb_bill__read_tuned(bill, path, &usual, progress, err);
}

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_groups(const void *left, const void *right)
{
    const struct bill_key *const a = ((const struct placed *)left)->key;
    const struct bill_key *const b = ((const struct placed *)right)->key;
    int order = strcmp(a->where->account, b->where->account);

    if (order == 0)
        order = compare_i64(a->where->period_start_utc_us, b->where->period_start_utc_us);
    if (order == 0)
        order = compare_i64(a->where->period_end_utc_us, b->where->period_end_utc_us);
    if (order == 0)
        order = strcmp(a->run, b->run);
    if (order == 0)
        order = (int)a->what->class - (int)b->what->class;
    const char *const texts[][2] = {
        {a->where->provider, b->where->provider}, {a->where->region, b->where->region},
        {a->what->service, b->what->service},     {a->what->instance, b->what->instance},
        {a->what->reason, b->what->reason},       {a->what->unit, b->what->unit},
        {a->where->currency, b->where->currency},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(texts) && order == 0; i++)
        order = strcmp(texts[i][0], texts[i][1]);
    if (order == 0)
        order = (int)a->what->part - (int)b->what->part;
    return order != 0 ? order : compare_i64(a->what->multiple, b->what->multiple);
}

/* One kind of money of one currency: what rounding left over goes to the next group. */
struct money {
    const char *currency;
    jb_i128 left[3];
};

#define CURRENCIES_MAX 256
#define MICRO          INT64_C(1000000)
#define PER_MICRO      INT64_C(1000000000) /* 1e-15 in 1e-6 */

static jb_rc round_money(jb_i128 sum, bool has, jb_i128 *left, int64_t *ret)
{
    jb_i128 exact;
    jb_rc rc;

    *ret = 0;
    if (!has || sum == 0)
        return JB_OK;
    if (JB_ADD_OVERFLOWS(sum, *left, &exact))
        return JB_E_RANGE;
    rc = jb_bill__scaled(exact, MICRO, 1, ret);
    if (rc == JB_OK)
        *left = exact - (jb_i128)*ret * PER_MICRO;
    return rc;
}

static struct money *money_of(struct money *moneys, const char *currency)
{
    size_t i = 0;

    while (i < CURRENCIES_MAX - 1 && moneys[i].currency &&
           strcmp(moneys[i].currency, currency) != 0)
        i++;
    moneys[i].currency = currency;
    return &moneys[i];
}

static jb_rc fill_costs(struct jb_bill_group *group, const struct bill_sums *sums,
                        struct money *money)
{
    jb_rc rc = JB_OK;
    const struct {
        enum jb_bill_column column;
        bool *has;
        int64_t *to;
    } costs[] = {
        {BILL_COST, NULL, &group->cost_micro},
        {BILL_EFFECTIVE_COST, &group->has_effective_cost, &group->effective_cost_micro},
        {BILL_LIST_COST, &group->has_list_cost, &group->list_cost_micro},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(costs) && rc == JB_OK; i++) {
        const size_t at = costs[i].column - BILL_QUANTITY;
        if (costs[i].has)
            *costs[i].has = sums->has[at];
        rc = round_money(sums->sum[at], sums->has[at], &money->left[i], costs[i].to);
    }
    return rc;
}

/* Costs are filled once the order is known. */
static jb_rc fill_group(struct jb_bill_group *group, const struct bill_key *key,
                        const struct bill_sums *sums)
{
    const jb_i128 quantity = sums->sum[0];
    const struct bill_unit *const of = key->what->of;
    jb_rc rc = JB_OK;

    *group = (struct jb_bill_group){
        .account = key->where->account,
        .provider = key->where->provider,
        .period_start_utc_us = key->where->period_start_utc_us,
        .period_end_utc_us = key->where->period_end_utc_us,
        .run = key->run,
        .class = key->what->class,
        .part = key->what->part,
        .reason = key->what->reason,
        .instance = key->what->instance,
        .service = key->what->service,
        .region = key->where->region,
        .unit = key->what->unit,
        .currency = key->where->currency,
        .n_rows = sums->n_rows,
        .first_line = sums->first_line,
    };
    if (sums->first_utc_us <= sums->last_utc_us) {
        group->first_utc_us = sums->first_utc_us;
        group->last_utc_us = sums->last_utc_us;
    }
    group->has_quantity = sums->has[0] && jb_bill__scaled(quantity, INT64_C(1000000000), 1,
                                                          &group->quantity_nano) == JB_OK;
    if (!of || !sums->has[0])
        return JB_OK;
    int64_t *const to =
        key->what->class == JB_BILL_ENERGY ? &group->energy_uj : &group->instance_us;
    jb_i128 units;
    rc = JB_MUL_OVERFLOWS(quantity, (jb_i128)key->what->multiple, &units)
             ? JB_E_RANGE
             : jb_bill__scaled(units, of->num, of->den, to);
    return rc;
}

static jb_rc too_large(const struct jb_bill *bill, const struct jb_bill_group *group,
                       struct jb_error *err)
{
    return jb_fail(err, JB_E_RANGE, "make runs of something finer",
                   "'%.160s'%s line %lld: the sum of '%s' from there on is too large to be kept",
                   bill->path ? bill->path : "", bill->n_files > 1 ? " or a file after it," : "",
                   (long long)group->first_line,
                   group->instance[0] ? group->instance : group->service);
}

jb_rc jb_bill_finish(struct jb_bill *bill, struct jb_error *err)
{
    const struct bill_groups *const all = bill->intake.groups;
    const size_t n = jb_bill__groups_n(all);
    struct money *const moneys = calloc(CURRENCIES_MAX, sizeof *moneys);
    jb_rc rc = JB_OK;

    if (bill->is_spoilt || bill->is_finished) {
        free(moneys);
        return jb_fail(err, JB_E_CONFLICT, NULL, "this bill cannot be finished");
    }
    bill->groups = calloc(n ? n : 1, sizeof *bill->groups);
    if (!bill->groups || !moneys) {
        free(moneys);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the groups of a bill");
    }
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        struct placed *const placed = &bill->groups[i];
        placed->key = jb_bill__groups_key(all, i);
        placed->sums = &bill->intake.sums[i];
        rc = fill_group(&placed->group, placed->key, placed->sums);
        if (rc < 0)
            rc = too_large(bill, &placed->group, err);
    }
    if (rc == JB_OK)
        qsort(bill->groups, n, sizeof *bill->groups, compare_groups);
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        struct placed *const placed = &bill->groups[i];
        rc = fill_costs(&placed->group, placed->sums,
                        money_of(moneys, placed->key->where->currency));
        if (rc < 0)
            rc = too_large(bill, &placed->group, err);
    }
    free(moneys);
    bill->is_finished = rc == JB_OK;
    bill->is_spoilt = rc < 0;
    bill->n_groups = rc == JB_OK ? n : 0;
    return rc;
}

size_t jb_bill_n_groups(const struct jb_bill *bill)
{
    return bill->n_groups;
}

const struct jb_bill_group *jb_bill_group_at(const struct jb_bill *bill, size_t i)
{
    return &bill->groups[i].group;
}

int64_t jb_bill_n_rows(const struct jb_bill *bill)
{
    return bill->intake.n_rows;
}

int64_t jb_bill_n_bytes(const struct jb_bill *bill)
{
    return bill->intake.n_bytes;
}
