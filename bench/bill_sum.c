/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bill to a line for each of its groups, as the engine alone gives them, or, with -r, to the hours and cost of instances by
 * run, as one would ask a database for them: what the bench times and the tests compare.
 *
 *   bill_sum [-r] FORMAT account|resource|service|tag:NAME FILE...
 */
#include <inttypes.h>

#include "import/bill.h"

static int failed(const struct jb_error *err)
{
    (void)fprintf(stderr, "bill_sum: %s\n", err->message);
    if (err->hint[0])
        (void)fprintf(stderr, "hint: %s\n", err->hint);
    return 1;
}

static struct jb_bill_rule rule_of(const char *word)
{
    static const char *const words[] = {
        [JB_BILL_BY_ACCOUNT] = "account",
        [JB_BILL_BY_RESOURCE] = "resource",
        [JB_BILL_BY_SERVICE] = "service",
    };

    if (strncmp(word, "tag:", 4) == 0)
        return (struct jb_bill_rule){JB_BILL_BY_TAG, word + 4};
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (words[i] && strcmp(words[i], word) == 0)
            return (struct jb_bill_rule){(enum jb_bill_by)i, NULL};
    return (struct jb_bill_rule){JB_BILL_BY_ACCOUNT, NULL};
}

static void print_group(const struct jb_bill_group *group)
{
    static const char *const classes[] = {"instance", "function", "service",
                                          "energy",   "not",      "unknown"};

    printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
           "\t%" PRId64 "\t%s\n",
           group->run, classes[group->class], group->reason, group->provider, group->region,
           group->service, group->instance, (int)group->part, group->unit, group->n_rows,
           group->quantity_nano, group->instance_us, group->cost_micro, group->list_cost_micro,
           group->currency);
}

/* Groups of one run follow each other within an account and period; whoever reads the lines adds those of one run. */
static void print_runs(const struct jb_bill *bill)
{
    int64_t n_rows = 0;
    int64_t quantity_nano = 0;
    int64_t cost_micro = 0;

    for (size_t i = 0; i < jb_bill_n_groups(bill); i++) {
        const struct jb_bill_group *const group = jb_bill_group_at(bill, i);
        const struct jb_bill_group *const next =
            i + 1 < jb_bill_n_groups(bill) ? jb_bill_group_at(bill, i + 1) : NULL;
        if (group->class == JB_BILL_INSTANCE) {
            n_rows += group->n_rows;
            quantity_nano += group->quantity_nano;
            cost_micro += group->cost_micro;
        }
        if (n_rows > 0 && (!next || strcmp(next->run, group->run) != 0)) {
            printf("%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", group->run, n_rows, quantity_nano,
                   cost_micro);
            n_rows = quantity_nano = cost_micro = 0;
        }
    }
}

/* Of this program alone: what a parent forked from does not count in here. */
static void print_peak(void)
{
    char line[128];
    FILE *const file = fopen("/proc/self/status", "re");

    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            (void)fprintf(stderr, "%s", line);
    if (file)
        (void)fclose(file);
}

int main(int argc, char **argv)
{
    JB_AUTO(jb_bill_free_auto) struct jb_bill *bill = NULL;
    struct jb_error err = {0};
    const bool is_by_run = argc > 1 && strcmp(argv[1], "-r") == 0;

    argv += is_by_run ? 1 : 0;
    argc -= is_by_run ? 1 : 0;
    if (argc < 4 || !jb_bill_format_find(argv[1])) {
        (void)fprintf(stderr,
                      "usage: bill_sum [-r] FORMAT account|resource|service|tag:NAME FILE...\n");
        return 2;
    }
    const struct jb_bill_rule rule = rule_of(argv[2]);
    if (jb_bill_new(jb_bill_format_find(argv[1]), &rule, &bill, &err) < 0)
        return failed(&err);
    for (int i = 3; i < argc; i++)
        if (jb_bill_read(bill, argv[i], NULL, &err) < 0)
            return failed(&err);
    if (jb_bill_finish(bill, &err) < 0)
        return failed(&err);
    if (is_by_run)
        print_runs(bill);
    for (size_t i = 0; i < jb_bill_n_groups(bill) && !is_by_run; i++)
        print_group(jb_bill_group_at(bill, i));
    print_peak();
    return 0;
}
