/* SPDX-License-Identifier: Apache-2.0 */
/* Calibrations to entries of the book and back. What the book gives back is checked like foreign input. R-CAL-09. */
#include "pipeline/calibration.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

JB_UNUSED static inline void json_auto(json_t **value)
{
    json_decref(*value);
}

/* A member of struct jb_fit and its name in the entry: one table for both directions. */
static const struct fit_member {
    const char *name;
    size_t at;
} fit_members[] = {
    {"offset_uw", offsetof(struct jb_fit, offset_uw)},
    {"slope_ppm", offsetof(struct jb_fit, slope_ppm)},
    {"offset_half_uw", offsetof(struct jb_fit, offset_half_uw)},
    {"slope_half_ppm", offsetof(struct jb_fit, slope_half_ppm)},
    {"residual_uw", offsetof(struct jb_fit, residual_uw)},
    {"residual_ppm", offsetof(struct jb_fit, residual_ppm)},
    {"x_mean_uw", offsetof(struct jb_fit, x_mean_uw)},
    {"x_spread_uw", offsetof(struct jb_fit, x_spread_uw)},
    {"weight_scale_uw", offsetof(struct jb_fit, weight_scale_uw)},
    {"x_min_uw", offsetof(struct jb_fit, x_min_uw)},
    {"x_max_uw", offsetof(struct jb_fit, x_max_uw)},
    {"n_points", offsetof(struct jb_fit, n_points)},
    {"n_left_out", offsetof(struct jb_fit, n_left_out)},
};

static int64_t *member_of(struct jb_fit *fit, const struct fit_member *member)
{
    return (int64_t *)(void *)((char *)fit + member->at);
}

static jb_rc wrong(const char *what, struct jb_error *err)
{
    return jb_fail(err, JB_E_DAMAGED, "run `joulebook balance`",
                   "a calibration of the book is not what it should be: its %s", what);
}

static jb_rc dump(json_t *value, char **ret_json, struct jb_error *err)
{
    char *const json = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    json_decref(value);
    if (!json)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a calibration");
    *ret_json = json;
    return JB_OK;
}

static jb_rc enter(struct jb_ledger *ledger, const char *host, int64_t utc_us, const char *name,
                   json_t *value, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc = dump(value, &json, err);
    const struct jb_field fields[] = {{"host", host}, {name, json}};
    struct jb_entry entry = {.kind = JB_CALIBRATION_KIND,
                             .layer = JB_LAYER_MEASURED,
                             .utc_us = utc_us,
                             .n_fields = JB_ARRAY_LEN(fields),
                             .fields = fields};

    return rc == JB_OK ? jb_ledger_append(ledger, &entry, NULL, err) : rc;
}

jb_rc jb_calibration_enter(struct jb_ledger *ledger, const struct jb_calibration *cal,
                           struct jb_error *err)
{
    struct jb_fit fit = cal->fit;
    json_t *const parts = json_array(), *const runs = json_array();

    for (size_t i = 0; i < cal->parts.n; i++)
        (void)json_array_append_new(parts, json_string(cal->parts.ids[i]));
    for (size_t i = 0; i < cal->n_runs; i++)
        (void)json_array_append_new(runs, json_string(cal->runs[i]));
    json_t *const value = json_pack("{s:s, s:I, s:o, s:o, s:I, s:I, s:b}", "meter", cal->meter,
                                    "accuracy_ppm", (json_int_t)cal->accuracy_ppm, "parts", parts,
                                    "runs", runs, "window_ns", (json_int_t)cal->window_ns, "utc_us",
                                    (json_int_t)cal->utc_us, "is_weighted", (int)fit.is_weighted);
    for (size_t i = 0; value && i < JB_ARRAY_LEN(fit_members); i++)
        (void)json_object_set_new(value, fit_members[i].name,
                                  json_integer(*member_of(&fit, &fit_members[i])));
    return enter(ledger, cal->host, cal->utc_us, "node", value, err);
}

jb_rc jb_calibration_enter_idle(struct jb_ledger *ledger, const struct jb_idle_calibration *idle,
                                struct jb_error *err)
{
    json_t *const channels = json_array();

    for (size_t i = 0; i < idle->channels.n; i++)
        (void)json_array_append_new(channels,
                                    json_pack("{s:s, s:I, s:I}", "id", idle->channels.ids[i],
                                              "power_uw", (json_int_t)idle->power_uw[i],
                                              "half_width_uw", (json_int_t)idle->half_width_uw[i]));
    json_t *const value = json_pack("{s:o, s:s, s:I}", "channels", channels, "run", idle->run_id,
                                    "utc_us", (json_int_t)idle->utc_us);
    return enter(ledger, idle->host, idle->utc_us, "idle", value, err);
}

/* A text member that fits. */
static bool take_text(const json_t *value, char *ret, size_t size)
{
    const char *const text = json_string_value(value);

    if (!text || strlen(text) >= size)
        return false;
    (void)snprintf(ret, size, "%s", text);
    return true;
}

static bool take_number(const json_t *value, const char *name, int64_t *ret)
{
    const json_t *const member = json_object_get(value, name);

    if (!json_is_integer(member))
        return false;
    *ret = json_integer_value(member);
    return true;
}

static bool take_parts(const json_t *list, struct jb_calibration_parts *ret)
{
    ret->n = json_array_size(list);
    if (ret->n == 0 || ret->n > JB_CALIBRATION_PARTS_MAX)
        return false;
    for (size_t i = 0; i < ret->n; i++)
        if (!take_text(json_array_get(list, i), ret->ids[i], sizeof ret->ids[i]))
            return false;
    return true;
}

static jb_rc read_node(const json_t *value, struct jb_calibration *cal, struct jb_error *err)
{
    const json_t *const runs = json_object_get(value, "runs");

    if (!take_text(json_object_get(value, "meter"), cal->meter, sizeof cal->meter))
        return wrong("meter", err);
    if (!take_parts(json_object_get(value, "parts"), &cal->parts))
        return wrong("parts", err);
    cal->n_runs = json_array_size(runs);
    if (cal->n_runs > JB_CALIBRATION_RUNS_MAX)
        return wrong("runs", err);
    for (size_t i = 0; i < cal->n_runs; i++)
        if (!take_text(json_array_get(runs, i), cal->runs[i], sizeof cal->runs[i]))
            return wrong("runs", err);
    cal->fit.is_weighted = json_is_true(json_object_get(value, "is_weighted"));
    for (size_t i = 0; i < JB_ARRAY_LEN(fit_members); i++)
        if (!take_number(value, fit_members[i].name, member_of(&cal->fit, &fit_members[i])))
            return wrong(fit_members[i].name, err);
    /* Those that were made before it was kept have none. */
    if (json_object_get(value, "accuracy_ppm") &&
        (!take_number(value, "accuracy_ppm", &cal->accuracy_ppm) || cal->accuracy_ppm < 0))
        return wrong("accuracy", err);
    if (!take_number(value, "window_ns", &cal->window_ns) ||
        !take_number(value, "utc_us", &cal->utc_us) || cal->fit.slope_ppm <= 0 ||
        cal->fit.n_points < 3 || cal->fit.x_min_uw > cal->fit.x_max_uw ||
        cal->fit.residual_uw < 0 || cal->fit.residual_ppm < 0)
        return wrong("figures", err);
    return JB_OK;
}

static jb_rc read_idle(const json_t *value, struct jb_idle_calibration *idle, struct jb_error *err)
{
    const json_t *const channels = json_object_get(value, "channels");

    idle->channels.n = json_array_size(channels);
    if (idle->channels.n > JB_CALIBRATION_PARTS_MAX)
        return wrong("channels", err);
    for (size_t i = 0; i < idle->channels.n; i++) {
        const json_t *const channel = json_array_get(channels, i);
        if (!take_text(json_object_get(channel, "id"), idle->channels.ids[i],
                       sizeof idle->channels.ids[i]) ||
            !take_number(channel, "power_uw", &idle->power_uw[i]) ||
            !take_number(channel, "half_width_uw", &idle->half_width_uw[i]) ||
            idle->power_uw[i] < 0 || idle->half_width_uw[i] < 0)
            return wrong("channels", err);
    }
    if (!take_number(value, "utc_us", &idle->utc_us) ||
        !take_text(json_object_get(value, "run"), idle->run_id, sizeof idle->run_id))
        return wrong("figures", err);
    return JB_OK;
}

struct each {
    jb_calibration_fn fn;
    void *arg;
    struct jb_calibration cal;
    struct jb_idle_calibration idle;
};

static const char *field(const struct jb_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, name) == 0)
            return entry->fields[i].value;
    return NULL;
}

static jb_rc on_entry(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct each *const each = arg;
    const char *const host = field(entry, "host");
    const char *const node = field(entry, "node");
    const char *const json = node ? node : field(entry, "idle");
    JB_AUTO(json_auto) json_t *value = NULL;

    (void)seq;
    if (!host || !json)
        return JB_OK; /* erased */
    value = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    if (!value || strlen(host) >= sizeof each->cal.host)
        return wrong("text", err);
    memset(&each->cal, 0, sizeof each->cal);
    memset(&each->idle, 0, sizeof each->idle);
    (void)snprintf(each->cal.host, sizeof each->cal.host, "%s", host);
    (void)snprintf(each->idle.host, sizeof each->idle.host, "%s", host);
    const jb_rc rc = node ? read_node(value, &each->cal, err) : read_idle(value, &each->idle, err);
    return rc == JB_OK
               ? each->fn(each->arg, node ? &each->cal : NULL, node ? NULL : &each->idle, err)
               : rc;
}

jb_rc jb_calibration_each(struct jb_ledger *ledger, jb_calibration_fn fn, void *arg,
                          struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct each *each = calloc(1, sizeof *each);

    if (!each)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a calibration");
    each->fn = fn;
    each->arg = arg;
    return jb_ledger_each_entry(ledger, JB_CALIBRATION_KIND, NULL, on_entry, each, err);
}

struct latest {
    const char *host;
    struct jb_calibration *cal;
    struct jb_idle_calibration *idle;
    bool *has_cal, *has_idle;
};

static jb_rc keep_latest(void *arg, const struct jb_calibration *cal,
                         const struct jb_idle_calibration *idle, struct jb_error *err)
{
    const struct latest *const latest = arg;

    (void)err;
    if (cal && strcmp(cal->host, latest->host) == 0) {
        *latest->cal = *cal;
        *latest->has_cal = true;
    }
    if (idle && strcmp(idle->host, latest->host) == 0) {
        *latest->idle = *idle;
        *latest->has_idle = true;
    }
    return JB_OK;
}

jb_rc jb_calibration_find(struct jb_ledger *ledger, const char *host,
                          struct jb_calibration *ret_cal, bool *ret_has_cal,
                          struct jb_idle_calibration *ret_idle, bool *ret_has_idle,
                          struct jb_error *err)
{
    struct latest latest = {.host = host,
                            .cal = ret_cal,
                            .idle = ret_idle,
                            .has_cal = ret_has_cal,
                            .has_idle = ret_has_idle};

    *ret_has_cal = false;
    *ret_has_idle = false;
    return jb_calibration_each(ledger, keep_latest, &latest, err);
}
