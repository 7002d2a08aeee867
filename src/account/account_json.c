/* SPDX-License-Identifier: Apache-2.0 */
/* An account as canonical JSON and back (docs/format/account.md): sorted keys, no blanks, integers only. */
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "account/json_int.h"

#define SCHEMA_NAME    "joulebook.account/"
#define SCHEMA_VERSION "1"
#define LIST_MAX       200000

#define WORD_OF(word)                                   \
    static const char *word##_name(int value)           \
    {                                                   \
        return jb_##word##_name((enum jb_##word)value); \
    }
WORD_OF(scope)
WORD_OF(device)
WORD_OF(origin)
WORD_OF(role)
WORD_OF(method)

#define WORD(type_of, field)                                                      \
    {                                                                             \
        .name = #field, .type = JB_JSON_WORD, .offset = offsetof(type_of, field), \
        .word_name = field##_name, .word_value = jb_##field##_from_name           \
    }

#define LINE(field, kind) JB_JSON(struct jb_account_line, field, kind)
static const struct jb_json_member line_members[] = {
    LINE(host, JB_JSON_TEXT),
    LINE(channel, JB_JSON_TEXT),
    WORD(struct jb_account_line, scope),
    WORD(struct jb_account_line, device),
    WORD(struct jb_account_line, origin),
    WORD(struct jb_account_line, role),
    LINE(total_uj, JB_JSON_FIGURE),
    LINE(above_idle_uj, JB_JSON_FIGURE),
    LINE(run_uj, JB_JSON_FIGURE),
    LINE(idle_uj, JB_JSON_I64),
    LINE(others_uj, JB_JSON_I64),
    LINE(platform_uj, JB_JSON_I64),
    LINE(discrepancy_uj, JB_JSON_I64),
    LINE(reserved_uj, JB_JSON_I64),
    LINE(all_uj, JB_JSON_I64),
    LINE(coverage, JB_JSON_COVERAGE),
    LINE(gap_best_uj, JB_JSON_I64),
    LINE(gap_high_uj, JB_JSON_I64),
    LINE(n_failed, JB_JSON_I64),
    LINE(n_gaps, JB_JSON_I64),
    LINE(gaps, JB_JSON_TEXT),
    LINE(idle_source, JB_JSON_TEXT),
    LINE(idle_power_uw, JB_JSON_KNOWN_I64),
    LINE(correlation, JB_JSON_TEXT),
};

#define EPOCH(field, kind) JB_JSON(struct jb_account_epoch, field, kind)
static const struct jb_json_member epoch_members[] = {
    EPOCH(name, JB_JSON_TEXT),           EPOCH(metrics, JB_JSON_TEXT), EPOCH(utc_us, JB_JSON_I64),
    EPOCH(duration_ns, JB_JSON_I64),     EPOCH(run_uj, JB_JSON_I64),   EPOCH(total_uj, JB_JSON_I64),
    EPOCH(interpolated_uj, JB_JSON_I64),
};

#define OVERSHOOT(field, kind) JB_JSON(struct jb_account_overshoot, field, kind)
static const struct jb_json_member overshoot_members[] = {
    OVERSHOOT(metric, JB_JSON_TEXT),   OVERSHOOT(best, JB_JSON_TEXT),
    OVERSHOOT(at, JB_JSON_TEXT),       OVERSHOOT(n_epochs, JB_JSON_I64),
    OVERSHOOT(until_uj, JB_JSON_I64),  OVERSHOOT(after_uj, JB_JSON_I64),
    OVERSHOOT(after_ppm, JB_JSON_I64),
};

#define FACTOR(field) JB_JSON(struct jb_factor, field, JB_JSON_TEXT)
static const struct jb_json_member factor_members[] = {
    FACTOR(name),
    FACTOR(value),
    FACTOR(source),
    FACTOR(edition),
};

#define ACCOUNT(field, kind) JB_JSON(struct jb_account, field, kind)
static const struct jb_json_member account_members[] = {
    ACCOUNT(duration_ns, JB_JSON_I64),         WORD(struct jb_account, method),
    ACCOUNT(energy_uj, JB_JSON_FIGURE),        ACCOUNT(facility_uj, JB_JSON_FIGURE),
    ACCOUNT(is_facility_posted, JB_JSON_BOOL), ACCOUNT(location_ugco2e, JB_JSON_FIGURE),
    ACCOUNT(market_ugco2e, JB_JSON_FIGURE),    ACCOUNT(cost_micro, JB_JSON_FIGURE),
    ACCOUNT(coverage, JB_JSON_COVERAGE),
};

static const char *method_of_flop(int value)
{
    return jb_flop_method_name((enum jb_flop_method)value);
}

#define WORK(field, kind) JB_JSON(struct jb_account_work, field, kind)
static const struct jb_json_member work_members[] = {
    {
        .name = "method",
        .type = JB_JSON_WORD,
        .offset = offsetof(struct jb_account_work, method),
        .word_name = method_of_flop,
        .word_value = jb_flop_method_from_name,
    },
    WORK(training_flop, JB_JSON_KNOWN_I128),
    WORK(millipfsd, JB_JSON_KNOWN_I64),
    WORK(n_examples, JB_JSON_KNOWN_I64),
    WORK(n_epochs, JB_JSON_KNOWN_I64),
    WORK(n_tokens, JB_JSON_KNOWN_I64),
    WORK(n_parameters, JB_JSON_KNOWN_I64),
    WORK(n_trainable, JB_JSON_KNOWN_I64),
    WORK(forward_macs, JB_JSON_KNOWN_I64),
    WORK(forward_flop, JB_JSON_KNOWN_I64),
    WORK(factor_milli, JB_JSON_KNOWN_I64),
    WORK(n_boards, JB_JSON_KNOWN_I64),
    WORK(board_ns, JB_JSON_KNOWN_I64),
    WORK(processor_ns, JB_JSON_KNOWN_I64),
    WORK(board, JB_JSON_TEXT),
    WORK(busy_ppm, JB_JSON_FIGURE),
    WORK(peak_type, JB_JSON_TEXT),
    WORK(mfu_ppm, JB_JSON_FIGURE),
    WORK(device_low_flop, JB_JSON_KNOWN_I128),
    WORK(device_best_flop, JB_JSON_KNOWN_I128),
    WORK(device_high_flop, JB_JSON_KNOWN_I128),
    WORK(counted_per_device_ppm, JB_JSON_FIGURE),
    WORK(energy_per_example_nj, JB_JSON_FIGURE),
    WORK(energy_per_token_nj, JB_JSON_FIGURE),
    WORK(energy_per_parameter_nj, JB_JSON_FIGURE),
    WORK(energy_per_flop_aj, JB_JSON_FIGURE),
    WORK(least_per_flop_aj, JB_JSON_FIGURE),
    WORK(share_of_best_ppm, JB_JSON_FIGURE),
};

#define VIEW(name_, index)                                                                   \
    {                                                                                        \
        .name = name_, .type = JB_JSON_FIGURE,                                               \
        .offset = offsetof(struct jb_account, views_uj) + (index) * sizeof(struct jb_figure) \
    }
static const struct jb_json_member view_members[] = {
    VIEW("active", 0),
    VIEW("reserved", 1),
    VIEW("all", 2),
};

/* Of the origins, in the order of enum jb_origin. */
#define N_ORIGINS 7

static json_t *put_origins(const struct jb_account *account)
{
    json_t *const object = json_object();

    for (int i = 0; object && i < N_ORIGINS; i++)
        if (json_object_set_new(object, origin_name(i), json_integer(account->origin_uj[i])) < 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

/* An array of objects from a C array. */
static json_t *put_list(const void *from, size_t n, size_t each,
                        const struct jb_json_member *members, size_t n_members)
{
    json_t *const list = json_array();

    for (size_t i = 0; list && i < n; i++)
        if (json_array_append_new(
                list, jb_json_put((const char *)from + i * each, members, n_members)) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *put_notes(const struct jb_account *account)
{
    json_t *const list = json_array();

    for (size_t i = 0; list && i < account->n_notes; i++)
        if (json_array_append_new(list, jb_json_text(account->notes[i])) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *put_work(const struct jb_account_work *work)
{
    return work->is_known ? jb_json_put(work, work_members, JB_ARRAY_LEN(work_members))
                          : json_null();
}

jb_rc jb_account_work_to_json(const struct jb_account_work *work, char **ret_json,
                              struct jb_error *err)
{
    return jb_json_dump(put_work(work), ret_json, err);
}

static jb_rc to_json(const struct jb_account *account, json_t *run, char **ret_json,
                     struct jb_error *err)
{
    json_t *const object = jb_json_put(account, account_members, JB_ARRAY_LEN(account_members));
    struct {
        const char *name;
        json_t *value;
    } const parts[] = {
        {"schema", json_string(SCHEMA_NAME SCHEMA_VERSION)},
        {"run", run},
        {"views_uj", jb_json_put(account, view_members, JB_ARRAY_LEN(view_members))},
        {"origin_uj", put_origins(account)},
        {"lines", put_list(account->lines, account->n_lines, sizeof account->lines[0], line_members,
                           JB_ARRAY_LEN(line_members))},
        {"epochs", put_list(account->epochs, account->n_epochs, sizeof account->epochs[0],
                            epoch_members, JB_ARRAY_LEN(epoch_members))},
        {"overshoot",
         put_list(account->overshoots, account->n_overshoots, sizeof account->overshoots[0],
                  overshoot_members, JB_ARRAY_LEN(overshoot_members))},
        {"factors", put_list(account->factors, account->n_factors, sizeof account->factors[0],
                             factor_members, JB_ARRAY_LEN(factor_members))},
        {"notes", put_notes(account)},
        {"work", put_work(&account->work)},
    };
    bool is_whole = object != NULL;

    /* Only where it is: runs of other kinds, and older books, have none. */
    if (account->cycles.is_told)
        is_whole =
            json_object_set_new(object, "cycles", jb_account_cycles_put(&account->cycles)) == 0 &&
            is_whole;
    if (account->planned.is_told)
        is_whole = json_object_set_new(object, "planned",
                                       jb_account_planned_put(&account->planned)) == 0 &&
                   is_whole;

    /* Each part is given up to the object, also where one of them is missing. */
    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++)
        is_whole = json_object_set_new(object, parts[i].name, parts[i].value) == 0 && is_whole;
    if (!is_whole) {
        json_decref(object);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the JSON of run '%s'",
                       account->run.id);
    }
    return jb_json_dump(object, ret_json, err);
}

jb_rc jb_account_to_json(const struct jb_account *account, char **ret_json, struct jb_error *err)
{
    return to_json(account, jb_run_put_base(&account->run), ret_json, err);
}

jb_rc jb_account_to_json_with_run(const struct jb_account *account, char **ret_json,
                                  struct jb_error *err)
{
    return to_json(account, jb_run_put(&account->run), ret_json, err);
}

/* An array of objects to a C array of its own. */
static jb_rc take_list(const json_t *object, const char *name, size_t each,
                       const struct jb_json_member *members, size_t n_members, void *ret_array,
                       size_t *ret_n, struct jb_error *err)
{
    const json_t *const list = json_object_get(object, name);
    const size_t n = json_array_size(list);
    JB_AUTO(jb_free_auto) char *array = NULL;
    jb_rc rc = JB_OK;

    if (n > LIST_MAX || (list && !json_is_array(list)))
        return jb_fail(err, JB_E_INPUT, NULL, "member '%s' of the account is not what it should be",
                       name);
    if (n == 0)
        return JB_OK;
    array = calloc(n, each);
    if (!array)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s' of an account", name);
    for (size_t i = 0; i < n && rc == JB_OK; i++)
        rc = jb_json_take(json_array_get(list, i), members, n_members, array + i * each, err);
    if (rc < 0)
        return rc;
    memcpy(ret_array, &array, sizeof array);
    *ret_n = n;
    array = NULL;
    return JB_OK;
}

static jb_rc take_overshoots(const json_t *object, struct jb_account *account, struct jb_error *err)
{
    const json_t *const list = json_object_get(object, "overshoot");
    const size_t n = json_array_size(list);
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < n && i < JB_OVERSHOOTS_MAX && rc == JB_OK; i++) {
        rc = jb_json_take(json_array_get(list, i), overshoot_members,
                          JB_ARRAY_LEN(overshoot_members), &account->overshoots[i], err);
        account->n_overshoots += rc == JB_OK;
    }
    return rc;
}

/* An account of an earlier version has none. */
static jb_rc take_work(const json_t *object, struct jb_account *account, struct jb_error *err)
{
    const json_t *const work = json_object_get(object, "work");

    account->work = JB_ACCOUNT_WORK_UNKNOWN;
    if (!work || json_is_null(work))
        return JB_OK;
    account->work.is_known = true;
    return jb_json_take(work, work_members, JB_ARRAY_LEN(work_members), &account->work, err);
}

static jb_rc take_notes(const json_t *object, struct jb_account *account, struct jb_error *err)
{
    static const struct jb_json_member note_member = {
        .name = "text", .type = JB_JSON_TEXT, .size = JB_NOTE};
    const json_t *const list = json_object_get(object, "notes");
    const size_t n = json_array_size(list);

    if (n > LIST_MAX)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "member 'notes' of the account is not what it should be");
    account->notes = n > 0 ? calloc(n, JB_NOTE) : NULL;
    if (n > 0 && !account->notes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the notes of an account");
    for (size_t i = 0; i < n; i++) {
        JB_AUTO(jb_json_auto) json_t *wrapped = json_pack("{s:O}", "text", json_array_get(list, i));
        const jb_rc rc = jb_json_take(wrapped, &note_member, 1, account->notes[i], err);
        if (rc < 0)
            return rc;
        account->n_notes++;
    }
    return JB_OK;
}

static jb_rc take_origins(const json_t *object, struct jb_account *account, struct jb_error *err)
{
    const json_t *const origins = json_object_get(object, "origin_uj");

    for (int i = 0; i < N_ORIGINS; i++) {
        const json_t *const value = json_object_get(origins, origin_name(i));
        if (value && !json_is_integer(value))
            return jb_fail(err, JB_E_INPUT, NULL,
                           "member 'origin_uj' of the account is not what it should be");
        account->origin_uj[i] = json_integer_value(value);
    }
    return JB_OK;
}

static jb_rc check_schema(const json_t *object, struct jb_error *err)
{
    const char *const schema = json_string_value(json_object_get(object, "schema"));

    if (!schema || strncmp(schema, SCHEMA_NAME, strlen(SCHEMA_NAME)) != 0)
        return jb_fail(err, JB_E_INPUT, "`joulebook balance` tells whether the book is sound",
                       "the JSON is no account of Joulebook's");
    if (strcmp(schema + strlen(SCHEMA_NAME), SCHEMA_VERSION) != 0)
        return jb_fail(err, JB_E_NEWER, "use the version of joulebook that wrote it",
                       "the account has schema '%s'", schema);
    return JB_OK;
}

jb_rc jb_account_from_json(const char *json, struct jb_account *ret_account, struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_json_auto) json_t *object = NULL;
    jb_rc rc;

    rc = jb_json_load(json, &object, err);
    if (rc == JB_OK)
        rc = check_schema(object, err);
    if (rc == JB_OK)
        rc = jb_json_take(object, account_members, JB_ARRAY_LEN(account_members), &account, err);
    if (rc == JB_OK)
        rc = jb_json_take(json_object_get(object, "views_uj"), view_members,
                          JB_ARRAY_LEN(view_members), &account, err);
    if (rc == JB_OK)
        rc = jb_run_take(json_object_get(object, "run"), &account.run, err);
    if (rc == JB_OK)
        rc = take_origins(object, &account, err);
    if (rc == JB_OK)
        rc = take_list(object, "lines", sizeof account.lines[0], line_members,
                       JB_ARRAY_LEN(line_members), &account.lines, &account.n_lines, err);
    if (rc == JB_OK)
        rc = take_list(object, "epochs", sizeof account.epochs[0], epoch_members,
                       JB_ARRAY_LEN(epoch_members), &account.epochs, &account.n_epochs, err);
    if (rc == JB_OK)
        rc = take_list(object, "factors", sizeof account.factors[0], factor_members,
                       JB_ARRAY_LEN(factor_members), &account.factors, &account.n_factors, err);
    if (rc == JB_OK)
        rc = jb_account_cycles_take(json_object_get(object, "cycles"), &account.cycles, err);
    if (rc == JB_OK)
        rc = take_overshoots(object, &account, err);
    if (rc == JB_OK)
        rc = take_notes(object, &account, err);
    if (rc == JB_OK)
        rc = take_work(object, &account, err);
    if (rc < 0)
        return rc;
    *ret_account = account;
    account = (struct jb_account){0};
    return JB_OK;
}
