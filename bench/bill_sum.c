/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bill to a line for each of its groups, as the engine alone gives them: what the bench times and the tests compare.
 *
 *   bill_sum FORMAT account|resource|service|tag:NAME FILE...
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

    if (argc < 4 || !jb_bill_format_find(argv[1])) {
        (void)fprintf(stderr, "usage: bill_sum FORMAT account|resource|service|tag:NAME FILE...\n");
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
    for (size_t i = 0; i < jb_bill_n_groups(bill); i++)
        print_group(jb_bill_group_at(bill, i));
    print_peak();
    return 0;
}
