/* SPDX-License-Identifier: Apache-2.0 */
/* A run's facts as JSON and back (docs/format/account.md). The environment in it is what the recorder's allow-list let
 * through; nothing is added here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "account/json_int.h"

static const char *status_name(int value)
{
    return jb_run_status_name((enum jb_run_status)value);
}

static const char *layer_name(int value)
{
    return jb_layer_name((enum jb_layer)value);
}

#define TEXT(field) JB_JSON(struct jb_run, field, JB_JSON_TEXT)
#define I64(field)  JB_JSON(struct jb_run, field, JB_JSON_I64)

/* What an account stands on, and the times of the run: stays in the book with the account. */
static const struct jb_json_member base_members[] = {
    TEXT(id),
    TEXT(place),
    TEXT(currency),
    I64(market_mgco2e_per_kwh),
    I64(pue_milli),
    I64(tariff_micro_per_kwh),
    I64(start_mono_ns),
    I64(end_mono_ns),
    I64(start_utc_us),
    I64(end_utc_us),
    I64(exit_code),
    I64(machine_ns),
    I64(pid),
    I64(period_ns),
    I64(n_ticks),
    I64(n_missed),
    I64(cpu_ns),
    I64(n_left),
    {
        .name = "layer",
        .type = JB_JSON_WORD,
        .offset = offsetof(struct jb_run, layer),
        .word_name = layer_name,
        .word_value = jb_layer_from_name,
    },
    {
        .name = "status",
        .type = JB_JSON_WORD,
        .offset = offsetof(struct jb_run, status),
        .word_name = status_name,
        .word_value = jb_run_status_from_name,
    },
};

/* What people and programs wrote: may hold a name or a secret, and has to be erasable where it was entered. */
static const struct jb_json_member text_members[] = {
    TEXT(group),        TEXT(rank),        TEXT(parent_id),     TEXT(host),
    TEXT(boot_id),      TEXT(project),     TEXT(model),         TEXT(model_version),
    TEXT(architecture), TEXT(application), TEXT(configuration), TEXT(stage),
    TEXT(command),      TEXT(directory),   TEXT(git_commit),    TEXT(user),
    TEXT(hourly_file),  TEXT(source),      TEXT(same_as),
};

/* The work of a training and its plan: left out where not given, which is 0 or "". */
static const struct jb_json_member work_members[] = {
    I64(n_examples),  I64(n_epochs),      I64(n_tokens),       I64(n_parameters),
    I64(n_trainable), I64(forward_macs),  I64(forward_flop),   I64(factor_milli),
    TEXT(model_file), TEXT(model_digest), TEXT(training_flop), TEXT(plan),
};

static json_t *put_work(const struct jb_run *run)
{
    json_t *const object = jb_json_put(run, work_members, JB_ARRAY_LEN(work_members));

    for (size_t i = 0; object && i < JB_ARRAY_LEN(work_members); i++) {
        const char *const name = work_members[i].name;
        const json_t *const value = json_object_get(object, name);
        const char *const text = json_string_value(value);
        if (text ? text[0] == '\0' : json_integer_value(value) == 0)
            (void)json_object_del(object, name);
    }
    return object;
}

/* The environment is an object in the JSON as well; text that is none stays a string. */
static json_t *put_environment(const struct jb_run *run)
{
    json_t *object = json_loads(run->environment, JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(object))
        return object;
    json_decref(object);
    return jb_json_text(run->environment);
}

json_t *jb_run_put_base(const struct jb_run *run)
{
    return jb_json_put(run, base_members, JB_ARRAY_LEN(base_members));
}

json_t *jb_run_put(const struct jb_run *run)
{
    JB_AUTO(jb_json_auto) json_t *object = jb_run_put_base(run);
    JB_AUTO(jb_json_auto)
    json_t *texts = jb_json_put(run, text_members, JB_ARRAY_LEN(text_members));
    JB_AUTO(jb_json_auto) json_t *work = put_work(run);
    json_t *const tags = json_array();
    const size_t n_tags = run->n_tags < JB_TAGS_MAX ? run->n_tags : JB_TAGS_MAX;

    for (size_t i = 0; tags && i < n_tags; i++)
        if (json_array_append_new(tags, jb_json_text(run->tags[i])) < 0) {
            json_decref(tags);
            return NULL;
        }
    if (json_object_set_new(object, "tags", tags) < 0 ||
        json_object_set_new(object, "environment", put_environment(run)) < 0 ||
        json_object_update(object, texts) < 0 || json_object_update(object, work) < 0)
        return NULL;
    return json_incref(object);
}

static jb_rc take_environment(const json_t *value, struct jb_run *run, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *text = NULL;
    const char *from = json_string_value(value);

    if (!value)
        return JB_OK;
    if (json_is_object(value)) {
        text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
        from = text;
    }
    if (!from || strlen(from) >= sizeof run->environment)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "member 'environment' of the JSON is not what it should be");
    (void)snprintf(run->environment, sizeof run->environment, "%s", from);
    return JB_OK;
}

jb_rc jb_run_take(const json_t *object, struct jb_run *ret_run, struct jb_error *err)
{
    struct jb_run run = {
        .market_mgco2e_per_kwh = -1, .pue_milli = -1, .tariff_micro_per_kwh = -1, .exit_code = -1};
    const json_t *tag;
    size_t i;
    jb_rc rc;

    rc = jb_json_take(object, base_members, JB_ARRAY_LEN(base_members), &run, err);
    if (rc == JB_OK)
        rc = jb_json_take(object, text_members, JB_ARRAY_LEN(text_members), &run, err);
    if (rc == JB_OK)
        rc = jb_json_take(object, work_members, JB_ARRAY_LEN(work_members), &run, err);
    if (rc < 0)
        return rc;
    const json_t *const tags = json_object_get(object, "tags");
    json_array_foreach(tags, i, tag)
    {
        const char *const text = json_string_value(tag);
        if (!text || i >= JB_TAGS_MAX)
            return jb_fail(err, JB_E_INPUT, NULL,
                           "member 'tags' of the JSON is not what it should be");
        (void)snprintf(run.tags[run.n_tags++], sizeof run.tags[0], "%s", text);
    }
    rc = take_environment(json_object_get(object, "environment"), &run, err);
    if (rc == JB_OK)
        *ret_run = run;
    return rc;
}

jb_rc jb_run_to_json(const struct jb_run *run, char **ret_json, struct jb_error *err)
{
    return jb_json_dump(jb_run_put(run), ret_json, err);
}

jb_rc jb_run_from_json(const char *json, struct jb_run *ret_run, struct jb_error *err)
{
    JB_AUTO(jb_json_auto) json_t *object = NULL;
    const jb_rc rc = jb_json_load(json, &object, err);

    return rc < 0 ? rc : jb_run_take(object, ret_run, err);
}
