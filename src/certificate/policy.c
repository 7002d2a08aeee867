/* SPDX-License-Identifier: Apache-2.0 */
/* A policy file to conditions, and conditions to met or not met with what was found. Must never leave one out. R-CERT-07. */
#include "certificate/policy.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/compiler.h"
#include "base/num.h"
#include "certificate/certificate_int.h"
#include "yaml/yaml.h"

#define PPM_MAX INT64_C(1000000)

/* "95 %" */
static jb_rc take_percent(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                          const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    const size_t len = value->kind == JB_YAML_SCALAR ? strlen(value->text) : 0;
    size_t n = len;
    int64_t ppm = 0;

    if (n > 0 && value->text[n - 1] == '%')
        n--;
    while (n > 0 && n < len && value->text[n - 1] == ' ')
        n--;
    if (n == len || jb_parse_decimal(value->text, n, 4, &ppm) < 0 || ppm < 0 || ppm > PPM_MAX)
        return jb_yaml_fail(yaml, value, err, "write it as 95 %", "'%s' takes a percentage",
                            field->key);
    memcpy((char *)target + field->offset, &ppm, sizeof ppm);
    return JB_OK;
}

/* Words that stand on the certificate: nothing in them may be taken for its own punctuation. */
static bool is_stage(const char *text)
{
    const size_t len = strlen(text);

    if (len == 0 || len >= JB_POLICY_STAGE)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!jb_clean_is_alnum(text[i]) && !strchr("-_.", text[i]))
            return false;
    return true;
}

static jb_rc take_stages(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                         const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_policy *const policy = target;

    (void)field;
    if (value->kind != JB_YAML_LIST || value->n == 0 || value->n > JB_POLICY_STAGES_MAX)
        return jb_yaml_fail(yaml, value, err, "write it as [training, evaluation]",
                            "'stages' takes a list of 1 to %d stages", JB_POLICY_STAGES_MAX);
    for (size_t i = 0; i < value->n; i++) {
        const struct jb_yaml_node *const item = value->items[i];
        if (item->kind != JB_YAML_SCALAR || !is_stage(item->text))
            return jb_yaml_fail(yaml, item, err, "letters, digits, '-', '_' and '.'",
                                "a stage is a word");
        memcpy(policy->stages[i], item->text, strlen(item->text) + 1);
    }
    policy->n_stages = value->n;
    return JB_OK;
}

#define AT(member) offsetof(struct jb_policy, member), sizeof((struct jb_policy *)0)->member
static const struct jb_yaml_field fields[] = {
    {"coverage", take_percent, AT(coverage_ppm), "a percentage", false, NULL},
    {"against_coverage", take_percent, AT(against_ppm), "a percentage", false, NULL},
    {"no_unexplained_gaps", jb_yaml_take_flag, AT(no_unexplained_gaps), "yes or no", false, NULL},
    {"no_open_runs", jb_yaml_take_flag, AT(no_open_runs), "yes or no", false, NULL},
    {"energy_of_every_run", jb_yaml_take_flag, AT(energy_of_every_run), "yes or no", false, NULL},
    {"stages", take_stages, AT(stages), "a list of stages", false, NULL},
    {"issue_only_if_met", jb_yaml_take_flag, AT(issue_only_if_met), "yes or no", false, NULL},
    {NULL, NULL, 0, 0, NULL, false, NULL},
};
#undef AT

jb_rc jb_policy_parse(const char *name, const void *bytes, size_t len, struct jb_policy *ret,
                      struct jb_error *err)
{
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    struct jb_policy policy = {.coverage_ppm = -1, .against_ppm = -1};
    jb_rc rc = jb_yaml_parse(name, bytes, len, &yaml, err);

    if (rc < 0)
        return rc;
    const struct jb_yaml_node *const root = jb_yaml_root(yaml);
    if (!root || root->kind != JB_YAML_MAP)
        return jb_yaml_fail(yaml, root, err, "docs/format/certificate.md has an example",
                            "a policy is a list of conditions such as 'coverage: 95 %%'");
    rc = jb_yaml_take(yaml, root, fields, &policy, err);
    if (rc < 0)
        return rc;
    if (policy.coverage_ppm < 0 && policy.against_ppm < 0 && !policy.no_unexplained_gaps &&
        !policy.no_open_runs && !policy.energy_of_every_run && policy.n_stages == 0)
        return jb_yaml_fail(yaml, root, err, "docs/format/certificate.md has an example",
                            "the policy asks for nothing");
    *ret = policy;
    return JB_OK;
}

struct judging {
    struct jb_certificate_condition *conditions;
    size_t n;
};

static struct jb_certificate_condition *judge(struct judging *judging, const char *condition,
                                              const char *required, bool is_met)
{
    struct jb_certificate_condition *const one = &judging->conditions[judging->n++];

    memset(one, 0, sizeof *one);
    (void)snprintf(one->condition, sizeof one->condition, "%s", condition);
    (void)snprintf(one->required, sizeof one->required, "%s", required);
    one->is_met = is_met;
    return one;
}

static void judge_percent(struct judging *judging, const char *condition, int64_t required_ppm,
                          int64_t found_ppm)
{
    struct jb_buf required = JB_BUF(64);
    struct jb_buf found = JB_BUF(64);

    if (required_ppm >= 0) {
        certificate__coverage_text(required_ppm, &required);
        certificate__coverage_text(found_ppm, &found);
        struct jb_certificate_condition *const one =
            judge(judging, condition, jb_buf_text(&required), found_ppm >= required_ppm);
        (void)snprintf(one->found, sizeof one->found, "%s", jb_buf_text(&found));
    }
    jb_buf_release(&required);
    jb_buf_release(&found);
}

static void judge_gaps(struct judging *judging, const struct jb_inventory *inventory)
{
    int64_t unobserved_ns = 0;
    int64_t n = 0;
    char time[32];

    for (size_t i = 0; i < inventory->n_runs; i++) {
        unobserved_ns = jb_add_sat_i64(unobserved_ns, inventory->runs[i].coverage.unobserved_ns);
        n += inventory->runs[i].coverage.unobserved_ns > 0;
    }
    struct jb_certificate_condition *const one =
        judge(judging, "no_unexplained_gaps", "none", n == 0);
    if (n == 0)
        (void)snprintf(one->found, sizeof one->found, "none");
    else
        (void)snprintf(one->found, sizeof one->found,
                       "%s of a meter's time unobserved, in %" PRId64 " runs",
                       jb_format_duration(unobserved_ns, time, sizeof time), n);
}

static bool has_stage(const struct jb_inventory *inventory, const char *stage)
{
    for (size_t i = 0; i < inventory->n_runs; i++)
        if (strcmp(inventory->runs[i].stage, stage) == 0 ||
            strcmp(certificate__parts[inventory->runs[i].part], stage) == 0)
            return true;
    return false;
}

static void judge_stages(struct judging *judging, const struct jb_policy *policy,
                         const struct jb_inventory *inventory, bool are_withheld)
{
    struct jb_buf required = JB_BUF(2048);
    struct jb_buf found = JB_BUF(2048);
    size_t n = 0;

    for (size_t i = 0; i < policy->n_stages; i++) {
        jb_buf_addf(&required, "%s%s", i > 0 ? ", " : "", policy->stages[i]);
        if (!has_stage(inventory, policy->stages[i]))
            continue;
        jb_buf_addf(&found, "%s%s", n > 0 ? ", " : "", policy->stages[i]);
        n++;
    }
    struct jb_certificate_condition *const one =
        judge(judging, "stages", jb_buf_text(&required), n == policy->n_stages);
    if (are_withheld || required.len >= sizeof one->required)
        (void)snprintf(one->required, sizeof one->required, "%zu stages", policy->n_stages);
    (void)snprintf(one->found, sizeof one->found, "%s",
                   are_withheld                     ? "withheld"
                   : found.len >= sizeof one->found ? "too many to list"
                   : n > 0                          ? jb_buf_text(&found)
                                                    : "none");
    jb_buf_release(&required);
    jb_buf_release(&found);
}

void jb_policy_judge(const struct jb_policy *policy, const struct jb_inventory *inventory,
                     int64_t against_ppm, bool are_stages_withheld,
                     struct jb_certificate_condition ret_conditions[JB_CERTIFICATE_CONDITIONS_MAX],
                     size_t *ret_n)
{
    const struct jb_coverage *const seen = &inventory->sums[JB_LAYER_MEASURED].coverage;
    const int64_t fours[4] = {seen->counter_ns, seen->gauge_ns, seen->interpolated_ns,
                              seen->unobserved_ns};
    struct judging judging = {.conditions = ret_conditions};
    int64_t n_known = 0;

    judge_percent(&judging, "coverage", policy->coverage_ppm, certificate__coverage_ppm(fours));
    judge_percent(&judging, "against_coverage", policy->against_ppm, against_ppm);
    if (policy->no_unexplained_gaps)
        judge_gaps(&judging, inventory);
    if (policy->no_open_runs) {
        struct jb_certificate_condition *const one =
            judge(&judging, "no_open_runs", "none", inventory->n_open == 0);
        (void)snprintf(one->found, sizeof one->found, "%" PRId64, inventory->n_open);
    }
    for (size_t i = 0; i < inventory->n_runs; i++)
        n_known += inventory->runs[i].energy_uj.is_known;
    if (policy->energy_of_every_run) {
        struct jb_certificate_condition *const one =
            judge(&judging, "energy_of_every_run", "all", n_known == (int64_t)inventory->n_runs);
        (void)snprintf(one->found, sizeof one->found, "%" PRId64 " of %zu runs", n_known,
                       inventory->n_runs);
    }
    if (policy->n_stages > 0)
        judge_stages(&judging, policy, inventory, are_stages_withheld);
    *ret_n = judging.n;
}
