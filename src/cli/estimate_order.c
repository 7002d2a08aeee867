/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File and options to one order. Must never take a place or a PUE from anywhere else: those of the user's own configuration
 * are those of the user's own machines, and an estimate is mostly of others.
 */
#include "cli/estimate_order.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "case/work_fields.h"
#include "cli/run_facts.h"

#define FIELDS_MAX 48

const struct jb_option jb_estimate_options[] = {
    {0, "accelerator", "NAME", "the board, such as 'RTX 2080', or a chip", false},
    {0, "accelerators", "N", "how many at the same time: 2, 1/2, 6-7", false},
    {0, "accelerator-power", "POWER", "mean power of one board, where somebody knows it", false},
    {0, "accelerator-use", "SHARE", "share of time in which they are busy, such as 80%", false},
    {0, "processor", "NAME", "the main processor, such as 'Xeon E5-2686 v4'", false},
    {0, "processors", "N", "how many packages", false},
    {0, "threads", "N", "how many hardware threads (vCPU), instead of packages", false},
    {0, "processor-use", "SHARE", "mean load of those", false},
    {0, "memory", "SIZE", "main memory, such as 64GB", false},
    {0, "node-overhead", "POWER", "board, fans, disks, losses: of all nodes", false},
    {0, "instance", "TYPE", "a cloud's type, such as aws/p3.2xlarge: gives the hardware", false},
    {0, "instances", "N", "how many at the same time", false},
    {0, "instance-power", "POWER", "mean power of one instance, everything in it", false},
    {0, "idle", "SHARE", "share of the time in which the hardware was held idle", false},
    {0, "duration", "TIME", "of one training: 12h, 360..672h, 5-10weeks, '<= 6000 h'", false},
    {0, "held", NULL, "that is how long it was held or billed, not how long it worked", false},
    {0, "repeats", "NAME=N", "what the time is multiplied by: configurations=5-6", true},
    {0, "pue", "RATIO", "power usage effectiveness of the data centre: 1.58, 1.1..1.3", false},
    {0, "place", "PLACE", "zone of the grid, such as NL, or a region such as aws/eu-west-1", false},
    {0, "year", "YEAR", "of the work, for the grid's figures", false},
    {0, "sensors-now", NULL, "the machine is still there and can be measured", false},
    {0, NULL, NULL, NULL, false},
};

/* --- the file -------------------------------------------------------------------------------------------------- */

static jb_rc take_stage(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                        const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_error why = {.code = JB_OK};
    const jb_rc rc = jb_yaml_take_text(yaml, field, value, target, err);

    if (rc < 0)
        return rc;
    if (jb_run_fact_check(field->key, value->text, (char *)target + field->offset, field->size,
                          &why) < 0)
        return jb_yaml_fail(yaml, value, err, why.hint, "%s", why.message);
    return JB_OK;
}

/* "2020-03-01" or with the time of the day. */
static jb_rc moment_from(const char *text, int64_t *ret_utc_us, struct jb_error *err)
{
    char whole[48];

    (void)snprintf(whole, sizeof whole, "%.32s%s", text, strchr(text, ':') ? "" : "T00:00:00Z");
    if (jb_parse_utc(whole, strlen(whole), ret_utc_us) < 0 || *ret_utc_us <= 0)
        return jb_fail(err, JB_E_INPUT, "write '2020-03-01' or '2020-03-01T08:30:00Z'",
                       "'%.40s' is not a moment", text);
    return JB_OK;
}

static jb_rc take_moment(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                         const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_error why = {.code = JB_OK};

    if (moment_from(value->kind == JB_YAML_SCALAR ? value->text : "",
                    (void *)((char *)target + field->offset), &why) < 0)
        return jb_yaml_fail(yaml, value, err, why.hint, "'%s': %s", field->key, why.message);
    return JB_OK;
}

#define FACT(word, member)                                               \
    {                                                                    \
        .key = (word), .take = jb_yaml_take_text,                        \
        .offset = offsetof(struct jb_estimate_order, stated.member),     \
        .size = sizeof((struct jb_run *)0)->member, .expected = "a text" \
    }

static const struct jb_yaml_field fact_fields[] = {
    FACT("project", project),
    FACT("model", model),
    FACT("model_version", model_version),
    FACT("architecture", architecture),
    FACT("application", application),
    FACT("configuration", configuration),
    {.key = "stage",
     .take = take_stage,
     .offset = offsetof(struct jb_estimate_order, stated.stage),
     .size = sizeof((struct jb_run *)0)->stage,
     .expected = "a word such as 'train'"},
    {.key = "start",
     .take = take_moment,
     .offset = offsetof(struct jb_estimate_order, start),
     .expected = "a moment such as '2020-03-01'"},
    {.key = "end",
     .take = take_moment,
     .offset = offsetof(struct jb_estimate_order, end_utc),
     .expected = "a moment such as '2020-03-08'"},
    {.key = NULL},
};

jb_rc jb_estimate_order_read(const char *path, struct jb_estimate_order *order,
                             struct jb_error *err)
{
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    struct jb_yaml_field fields[FIELDS_MAX] = {{.key = NULL}};
    size_t n = 0;

    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++)
        fields[n++] = *field;
    for (const struct jb_yaml_field *field = fact_fields; field->key && n + 1 < FIELDS_MAX; field++)
        fields[n++] = *field;
    const jb_rc rc = jb_yaml_read(path, &yaml, err);
    if (rc < 0)
        return rc;
    if (!jb_yaml_root(yaml))
        return jb_yaml_fail(yaml, NULL, err, "write 'accelerator: V100' and 'duration: 12 h'",
                            "nothing is said in it");
    return jb_yaml_take(yaml, jb_yaml_root(yaml), fields, order, err);
}

/* --- options --------------------------------------------------------------------------------------------------- */

static const char *option_of(const char *key, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%s", key);
    for (char *at = buf; (at = strchr(at, '_')) != NULL;)
        *at = '-';
    return buf;
}

static jb_rc take_option(const struct jb_args *args, const struct jb_yaml_field *field,
                         struct jb_work *work, struct jb_error *err)
{
    char option[32];
    struct jb_error why = {.code = JB_OK};
    const char *value;

    (void)option_of(field->key, option, sizeof option);
    if (field->take == jb_yaml_take_flag) {
        bool *const flag = (bool *)(void *)((char *)work + field->offset);
        *flag = *flag || jb_args_has(args, option);
        return JB_OK;
    }
    for (size_t i = 0; (value = jb_args_nth(args, option, i)) != NULL; i++)
        if (jb_work_field_set(field, value, false, work, &why) < 0)
            return jb_fail(err, JB_E_USAGE, why.hint, "option '--%s': %s", option, why.message);
    return JB_OK;
}

jb_rc jb_estimate_order_options(const struct jb_args *args, struct jb_estimate_order *order,
                                struct jb_error *err)
{
    int64_t *const moments[] = {&order->start, &order->end_utc};
    static const char *const names[] = {"start", "end"};
    struct jb_error why = {.code = JB_OK};

    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++) {
        const jb_rc rc = take_option(args, field, &order->work, err);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++) {
        const char *const text = jb_args_text(args, names[i]);
        if (text && moment_from(text, moments[i], &why) < 0)
            return jb_fail(err, JB_E_USAGE, why.hint, "option '--%s': %s", names[i], why.message);
    }
    if (order->start > 0 && order->end_utc > 0 && order->end_utc <= order->start)
        return jb_fail(err, JB_E_INPUT, NULL, "it ends before it starts");
    return JB_OK;
}

void jb_estimate_order_facts(const struct jb_args *args, const struct jb_estimate_order *order,
                             struct jb_run *run)
{
    for (const struct jb_yaml_field *field = fact_fields; field->take != take_moment; field++) {
        const size_t offset = field->offset - offsetof(struct jb_estimate_order, stated);
        const char *const text = (const char *)&order->stated + offset;
        char option[32];
        if (text[0] && !jb_args_has(args, option_of(field->key, option, sizeof option)))
            (void)snprintf((char *)run + offset, field->size, "%s", text);
    }
}
