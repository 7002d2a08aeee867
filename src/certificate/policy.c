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

static const char withheld[] = "withheld"; /* found, where what was found is not told */

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
    size_t len = 0;
    for (size_t i = 0; i < value->n; i++) {
        const struct jb_yaml_node *const item = value->items[i];
        if (item->kind != JB_YAML_SCALAR || !is_stage(item->text))
            return jb_yaml_fail(yaml, item, err, "letters, digits, '-', '_' and '.'",
                                "a stage is a word");
        memcpy(policy->stages[i], item->text, strlen(item->text) + 1);
        len += strlen(item->text) + (i > 0 ? 2 : 0);
        if (len > JB_POLICY_STAGES_LEN)
            return jb_yaml_fail(yaml, item, err, "ask for fewer", "the stages are too long");
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
    char time[32];

    for (size_t i = 0; i < inventory->n_runs; i++)
        unobserved_ns = jb_add_sat_i64(unobserved_ns, inventory->runs[i].coverage.unobserved_ns);
    struct jb_certificate_condition *const one =
        judge(judging, "no_unexplained_gaps", "none", unobserved_ns == 0);
    (void)snprintf(one->found, sizeof one->found, "%s%s",
                   unobserved_ns > 0 ? jb_format_duration(unobserved_ns, time, sizeof time)
                                     : "none",
                   unobserved_ns > 0 ? " of a meter's time unobserved" : "");
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
    if (are_withheld)
        (void)snprintf(one->required, sizeof one->required, "%zu stages", policy->n_stages);
    (void)snprintf(one->found, sizeof one->found, "%s",
                   are_withheld ? withheld
                   : n > 0      ? jb_buf_text(&found)
                                : "none");
    jb_buf_release(&required);
    jb_buf_release(&found);
}

void jb_policy_judge(const struct jb_policy *policy, const struct jb_inventory *inventory,
                     int64_t against_ppm, bool are_stages_withheld, bool is_against_withheld,
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
    if (policy->against_ppm >= 0 && is_against_withheld) {
        struct jb_certificate_condition *const one = &judging.conditions[judging.n - 1];
        (void)snprintf(one->found, sizeof one->found, "%s", withheld);
    }
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

/* --- judged again (R-CERT-07) ------------------------------------------------------------------------------------ */

/* What the open fields make of one condition. */
struct again {
    const struct jb_certificate *certificate;
    int64_t fours[4];   /* coverage of the measured runs */
    int64_t unobserved; /* over all layers; -1: nothing tells it */
    int64_t n_known;    /* runs of known energy */
    int64_t n_runs, n_open;
};

static bool take_field(const struct jb_certificate *certificate, const char *name, int64_t *ret,
                       size_t n)
{
    const struct jb_certificate_field *const field = jb_certificate_field(certificate, name);

    return field && field->value && certificate__take_numbers(field->value, field->len, ret, n);
}

static struct again look_again(const struct jb_certificate *certificate)
{
    struct again again = {.certificate = certificate, .unobserved = -1};
    int64_t left_out[3] = {0, 0, 0};

    for (int layer = 0; layer < CERTIFICATE_N_LAYERS; layer++) {
        int64_t numbers[4];
        char name[JB_FIELD_NAME];
        (void)snprintf(name, sizeof name, CERTIFICATE_TOTALS "%s.energy_uj",
                       certificate__layers[layer]);
        if (take_field(certificate, name, numbers, 4))
            again.n_known = jb_add_sat_i64(again.n_known, numbers[3]);
        (void)snprintf(name, sizeof name, CERTIFICATE_TOTALS "%s.coverage_ns",
                       certificate__layers[layer]);
        if (!take_field(certificate, name, numbers, 4))
            continue;
        again.unobserved = jb_add_sat_i64(again.unobserved < 0 ? 0 : again.unobserved, numbers[3]);
        if (layer == JB_LAYER_MEASURED)
            memcpy(again.fours, numbers, sizeof again.fours);
    }
    (void)take_field(certificate, "n_runs", &again.n_runs, 1);
    if (take_field(certificate, "left_out", left_out, 3))
        again.n_open = left_out[0];
    return again;
}

/* "95 %", as it would be written. */
static bool take_ppm(const char *text, int64_t *ret)
{
    struct jb_buf made = JB_BUF(64);
    const size_t len = strlen(text);
    const bool is_read = len > 2 && jb_parse_decimal(text, len - 2, 4, ret) == JB_OK && *ret >= 0;

    if (is_read)
        certificate__coverage_text(*ret, &made);
    const bool is_same = is_read && strcmp(jb_buf_text(&made), text) == 0;
    jb_buf_release(&made);
    return is_same;
}

static bool again_percent(const struct jb_certificate_condition *condition, int64_t found_ppm)
{
    struct jb_buf found = JB_BUF(64);
    int64_t required = 0;

    certificate__coverage_text(found_ppm, &found);
    const bool is_right = take_ppm(condition->required, &required) &&
                          strcmp(jb_buf_text(&found), condition->found) == 0 &&
                          condition->is_met == (found_ppm >= required);
    jb_buf_release(&found);
    return is_right;
}

static bool again_coverage(const struct again *again,
                           const struct jb_certificate_condition *condition)
{
    return again_percent(condition, certificate__coverage_ppm(again->fours));
}

static bool again_against(const struct again *again,
                          const struct jb_certificate_condition *condition)
{
    const struct jb_certificate_field *const field =
        jb_certificate_field(again->certificate, "against");
    int64_t numbers[6] = {0, 0, -1, 0, 0, 0};

    if (field && !field->value)
        return strcmp(condition->found, withheld) == 0;
    if (field && !certificate__take_numbers(field->value, field->len, numbers, 6))
        return false;
    return again_percent(condition, numbers[2]);
}

static bool again_gaps(const struct again *again, const struct jb_certificate_condition *condition)
{
    char found[64] = "none";
    char time[32];

    if (again->unobserved > 0)
        (void)snprintf(found, sizeof found, "%s of a meter's time unobserved",
                       jb_format_duration(again->unobserved, time, sizeof time));
    return again->unobserved >= 0 && strcmp(condition->required, "none") == 0 &&
           strcmp(condition->found, found) == 0 && condition->is_met == (again->unobserved == 0);
}

static bool again_open(const struct again *again, const struct jb_certificate_condition *condition)
{
    char found[32];

    (void)snprintf(found, sizeof found, "%" PRId64, again->n_open);
    return strcmp(condition->required, "none") == 0 && strcmp(condition->found, found) == 0 &&
           condition->is_met == (again->n_open == 0);
}

static bool again_energy(const struct again *again,
                         const struct jb_certificate_condition *condition)
{
    char found[64];

    (void)snprintf(found, sizeof found, "%" PRId64 " of %" PRId64 " runs", again->n_known,
                   again->n_runs);
    return strcmp(condition->required, "all") == 0 && strcmp(condition->found, found) == 0 &&
           condition->is_met == (again->n_known == again->n_runs);
}

static bool has_line(const struct jb_certificate *certificate, const char *name, const char *text,
                     size_t len)
{
    struct jb_certificate_lines lines = jb_certificate_lines(certificate, name);
    const char *line = NULL;
    size_t line_len = 0;

    while (jb_certificate_next_line(&lines, &line, &line_len))
        if (line_len == len && memcmp(line, text, len) == 0)
            return true;
    return false;
}

static bool again_stages(const struct again *again,
                         const struct jb_certificate_condition *condition)
{
    char found[sizeof condition->found] = "";
    size_t len = 0;
    bool is_met = true;

    if (!jb_certificate_text(again->certificate, "run.part"))
        return strcmp(condition->found, withheld) == 0;
    for (const char *at = condition->required; at;) {
        const char *const comma = strstr(at, ", ");
        const size_t n = comma ? (size_t)(comma - at) : strlen(at);
        if (has_line(again->certificate, "run.stage", at, n) ||
            has_line(again->certificate, "run.part", at, n))
            len += (size_t)snprintf(found + len, sizeof found - len, "%s%.*s", len > 0 ? ", " : "",
                                    (int)n, at);
        else
            is_met = false;
        at = comma ? comma + 2 : NULL;
    }
    return strcmp(condition->found, len > 0 ? found : "none") == 0 && condition->is_met == is_met;
}

jb_rc certificate__check_policy(const struct jb_certificate *certificate, struct jb_error *err)
{
    static const struct {
        const char *name;
        bool (*is_right)(const struct again *again,
                         const struct jb_certificate_condition *condition);
    } known[] = {
        {"coverage", again_coverage},          {"against_coverage", again_against},
        {"no_unexplained_gaps", again_gaps},   {"no_open_runs", again_open},
        {"energy_of_every_run", again_energy}, {"stages", again_stages},
    };
    struct jb_certificate_condition conditions[JB_CERTIFICATE_CONDITIONS_MAX];
    const struct jb_certificate_field *const policy = jb_certificate_field(certificate, "policy");
    const struct again again = look_again(certificate);
    size_t k = 0;
    size_t n = 0;

    if (!policy)
        return JB_OK;
    const jb_rc rc = jb_certificate_conditions(policy->value, policy->len, conditions, &n, err);
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        while (k < JB_ARRAY_LEN(known) && strcmp(known[k].name, conditions[i].condition) != 0)
            k++;
        if (k == JB_ARRAY_LEN(known))
            return jb_fail(err, JB_E_INPUT, NULL,
                           "'%s' is no condition of a policy, or stands in the wrong place",
                           conditions[i].condition);
        if (!known[k++].is_right(&again, &conditions[i]))
            return jb_fail(err, JB_E_INPUT, NULL,
                           "the policy judges '%s' as '%s', found '%s': its runs do not say so",
                           conditions[i].condition, conditions[i].is_met ? "met" : "not met",
                           conditions[i].found);
    }
    return rc;
}
