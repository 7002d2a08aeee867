/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to the fields of struct jb_work and back, by one table. Must never guess nor fill in (R-KNOWN-01, R-KNOWN-02); says
 * of a file's value where it stands.
 */
#include "case/work_fields.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/compiler.h"

#define YEAR_MIN 1950
#define YEAR_MAX 2100

static jb_rc take_year(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                       const struct jb_yaml_node *value, void *target, struct jb_error *err);
static jb_rc take_repeats(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                          const struct jb_yaml_node *value, void *target, struct jb_error *err);

#define NAME(word, member, what)                                                           \
    {                                                                                      \
        .key = (word), .take = jb_take_answer, .offset = offsetof(struct jb_work, member), \
        .size = sizeof(struct jb_answer), .expected = (what)                               \
    }
#define FIGURE(word, member, form, what)                                                     \
    {                                                                                        \
        .key = (word), .take = jb_take_quantity, .offset = offsetof(struct jb_work, member), \
        .size = sizeof(struct jb_quantity), .expected = (what), .more = &(form)              \
    }
#define FLAG(word, member, what)                                                              \
    {                                                                                         \
        .key = (word), .take = jb_yaml_take_flag, .offset = offsetof(struct jb_work, member), \
        .size = sizeof(bool), .expected = (what)                                              \
    }

const struct jb_yaml_field jb_work_fields[] = {
    NAME("accelerator", accelerator, "a name such as 'RTX 2080'"),
    FIGURE("accelerators", n_accelerators_milli, jb_form_count_milli,
           "how many boards at the same time: '2', '1/2', '6-7'"),
    FIGURE("accelerator_power", accelerator_mw, jb_form_power_mw,
           "the mean power of one board: '180 W'"),
    FIGURE("accelerator_use", accelerator_use_ppm, jb_form_share_ppm,
           "the share of time in which the boards are busy: '80 %'"),
    NAME("processor", processor, "a name such as 'Xeon E5-2686 v4'"),
    FIGURE("processors", n_processors_milli, jb_form_count_milli, "how many packages: '2'"),
    FIGURE("threads", n_threads, jb_form_whole,
           "how many hardware threads (vCPU), instead of packages: '8'"),
    FIGURE("processor_use", processor_use_ppm, jb_form_share_ppm,
           "the mean load of those processors or threads: '50 %'"),
    FIGURE("memory", memory_mib, jb_form_memory_mib, "the main memory: '64 GB'"),
    FIGURE("node_overhead", node_overhead_mw, jb_form_power_mw,
           "board, fans, disks and losses of all nodes: '60 W'"),
    NAME("instance", instance, "a type of a cloud such as 'aws/p3.2xlarge'"),
    FIGURE("instances", n_instances_milli, jb_form_count_milli, "how many at the same time: '1'"),
    FIGURE("instance_power", instance_mw, jb_form_power_mw,
           "the mean power of one instance, everything in it: '350 W'"),
    FIGURE("idle", idle_ppm, jb_form_share_ppm,
           "the share of the time in which the hardware was held and did nothing: '20 %'"),
    FIGURE("duration", duration_ns, jb_form_duration_ns,
           "the time of one training: '12 h', '360..672 h', '<= 6000 h'"),
    FLAG("held", is_time_held,
         "'yes' where that is how long the hardware was held or billed, not how long it worked"),
    {.key = "repeats",
     .take = take_repeats,
     .offset = offsetof(struct jb_work, repeats),
     .expected = "what the time is multiplied by: '{architectures: 6-7, configurations: 5-6}'"},
    FIGURE("pue", pue_milli, jb_form_pue_milli, "that of the data centre: '1.58'"),
    NAME("place", place, "a zone of the grid such as 'NL', or 'aws/eu-west-1'"),
    {.key = "year",
     .take = take_year,
     .offset = offsetof(struct jb_work, year),
     .size = sizeof(int64_t),
     .expected = "the year of the work: '2020'"},
    FLAG("sensors_now", has_sensors_now,
         "'yes' where the machine is still there and can be measured, 'no'"),
    {.key = NULL},
};

const struct jb_yaml_field *jb_work_field_find(const char *key)
{
    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++)
        if (strcmp(field->key, key) == 0)
            return field;
    return NULL;
}

/* --- from text ------------------------------------------------------------------------------------------------- */

static jb_rc year_from(const char *text, int64_t *ret_year, struct jb_error *err)
{
    int64_t year;

    if (strcmp(text, "unknown") == 0)
        year = 0;
    else if (jb_parse_i64(text, strlen(text), false, &year) < 0 || year < YEAR_MIN ||
             year > YEAR_MAX)
        return jb_fail(err, JB_E_INPUT, "write '2020' or 'unknown'", "'%.40s' is not a year", text);
    *ret_year = year;
    return JB_OK;
}

/* Adds or replaces; a name is a short text of one line. */
static jb_rc add_repeat(struct jb_work *work, const char *name, size_t n_name, const char *text,
                        struct jb_error *err)
{
    struct jb_work_repeat repeat = {.name = ""};
    size_t at = 0;

    if (n_name == 0 || n_name >= sizeof repeat.name)
        return jb_fail(err, JB_E_INPUT, "name it in a word, as 'configurations'",
                       "'%.40s' is not the name of a multiplier", name);
    memcpy(repeat.name, name, n_name);
    if (!jb_clean_is(repeat.name))
        return jb_fail(err, JB_E_INPUT, "name it in a word, as 'configurations'",
                       "the name of a multiplier is not plain text");
    const jb_rc rc = jb_quantity_parse(text, &jb_form_count_milli, &repeat.n_milli, err);
    if (rc < 0)
        return rc;
    while (at < work->n_repeats && strcmp(work->repeats[at].name, repeat.name) != 0)
        at++;
    if (at == JB_WORK_REPEATS_MAX)
        return jb_fail(err, JB_E_INPUT, "multiply some of them", "more than %d multipliers",
                       JB_WORK_REPEATS_MAX);
    work->repeats[at] = repeat;
    work->n_repeats += at == work->n_repeats;
    return JB_OK;
}

jb_rc jb_work_field_set(const struct jb_yaml_field *field, const char *text, bool is_quoted,
                        struct jb_work *work, struct jb_error *err)
{
    void *const member = (char *)work + field->offset;

    if (field->take == jb_take_quantity)
        return jb_quantity_parse(text, field->more, member, err);
    if (field->take == jb_take_answer)
        return jb_answer_parse(text, is_quoted, member, err);
    if (field->take == take_year)
        return year_from(text, member, err);
    if (field->take == take_repeats) {
        const size_t n_name = strcspn(text, "=");
        if (text[n_name] != '=')
            return jb_fail(err, JB_E_INPUT, "write 'configurations=5-6'",
                           "'%.80s' has no '=' after the multiplier's name", text);
        return add_repeat(work, text, n_name, text + n_name + 1, err);
    }
    if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
        return jb_fail(err, JB_E_INPUT, "write 'yes' or 'no'", "'%.40s' is neither 'yes' nor 'no'",
                       text);
    *(bool *)member = strcmp(text, "yes") == 0;
    return JB_OK;
}

/* --- from YAML ------------------------------------------------------------------------------------------------- */

/* The failure of a text, said of the value in the file. */
static jb_rc fail_value(const struct jb_yaml *yaml, const char *key,
                        const struct jb_yaml_node *value, const struct jb_error *why, jb_rc rc,
                        struct jb_error *err)
{
    if (rc == JB_OK)
        return JB_OK;
    return jb_yaml_fail(yaml, value, err, why->hint, "'%s': %s", key, why->message);
}

static jb_rc need_text(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                       const struct jb_yaml_node *value, struct jb_error *err)
{
    char hint[320];

    if (value->kind == JB_YAML_SCALAR)
        return JB_OK;
    (void)snprintf(hint, sizeof hint, "it takes %s", field->expected);
    return jb_yaml_fail(yaml, value, err, hint, "'%s' is a text or number, not a %s", field->key,
                        value->kind == JB_YAML_LIST ? "list" : "mapping");
}

jb_rc jb_take_quantity(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                       const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_error why = {.code = JB_OK};
    const jb_rc rc = need_text(yaml, field, value, err);

    if (rc < 0)
        return rc;
    return fail_value(
        yaml, field->key, value, &why,
        jb_quantity_parse(value->text, field->more, (void *)((char *)target + field->offset), &why),
        err);
}

jb_rc jb_take_answer(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                     const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_error why = {.code = JB_OK};
    const jb_rc rc = need_text(yaml, field, value, err);

    if (rc < 0)
        return rc;
    return fail_value(yaml, field->key, value, &why,
                      jb_answer_parse(value->text, value->is_quoted,
                                      (void *)((char *)target + field->offset), &why),
                      err);
}

static jb_rc take_year(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                       const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_error why = {.code = JB_OK};
    const jb_rc rc = need_text(yaml, field, value, err);

    if (rc < 0)
        return rc;
    return fail_value(yaml, field->key, value, &why,
                      year_from(value->text, (void *)((char *)target + field->offset), &why), err);
}

static jb_rc take_repeats(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                          const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_work *const work =
        (void *)((char *)target + field->offset - offsetof(struct jb_work, repeats));
    struct jb_error why = {.code = JB_OK};

    if (value->kind != JB_YAML_MAP)
        return jb_yaml_fail(yaml, value, err, field->expected,
                            "'%s' is a mapping of names to numbers", field->key);
    for (size_t i = 0; i < value->n; i++) {
        const struct jb_yaml_node *const number = value->items[i];
        const char *const name = value->keys[i]->text;
        if (number->kind != JB_YAML_SCALAR)
            return jb_yaml_fail(yaml, number, err, field->expected, "'%.40s' is a number", name);
        const jb_rc rc = fail_value(yaml, name, number, &why,
                                    add_repeat(work, name, strlen(name), number->text, &why), err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

jb_rc jb_take_work(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                   const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    return jb_yaml_take(yaml, value, jb_work_fields, (char *)target + field->offset, err);
}

/* --- to text --------------------------------------------------------------------------------------------------- */

static void repeats_text(const struct jb_work *work, char *buf, size_t size)
{
    char number[JB_QUANTITY_TEXT];
    size_t len = 0;

    for (size_t i = 0; i < work->n_repeats && len < size; i++)
        len += (size_t)snprintf(buf + len, size - len, "%s%s=%s", i > 0 ? ", " : "",
                                work->repeats[i].name,
                                jb_quantity_format(&work->repeats[i].n_milli, &jb_form_count_milli,
                                                   number, sizeof number));
}

const char *jb_work_field_text(const struct jb_yaml_field *field, const struct jb_work *work,
                               char *buf, size_t size)
{
    const void *const member = (const char *)work + field->offset;

    buf[0] = '\0';
    if (field->take == jb_take_quantity) {
        const struct jb_quantity *const quantity = member;
        if (quantity->known != JB_KNOWN_UNKNOWN)
            (void)jb_quantity_format(quantity, field->more, buf, size);
    } else if (field->take == jb_take_answer) {
        const struct jb_answer *const answer = member;
        if (answer->known != JB_KNOWN_UNKNOWN)
            (void)snprintf(buf, size, "%s",
                           answer->known == JB_KNOWN_VALUE ? answer->text
                                                           : jb_known_name(answer->known));
    } else if (field->take == take_year) {
        if (work->year != 0)
            (void)snprintf(buf, size, "%" PRId64, work->year);
    } else if (field->take == take_repeats) {
        repeats_text(work, buf, size);
    } else if (*(const bool *)member) {
        (void)snprintf(buf, size, "yes");
    }
    return buf;
}
