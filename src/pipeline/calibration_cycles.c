/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of the book to an energy per cycle, and that to an entry and back; what the book gives back is checked like foreign
 * input. R-CYCLES-07 to -09. */
#include "pipeline/calibration_cycles.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/num.h"
#include "pipeline/account_of_run.h"
#include "pipeline/cycles_record.h"

#define FIELD "cycles"

JB_UNUSED static inline void json_auto(json_t **value)
{
    json_decref(*value);
}

/* --- from runs ---------------------------------------------------------------------------------------------------- */

struct candidate {
    char id[JB_RUN_ID];
    bool is_user_only;
    struct jb_epc_point point;
};

/* Why a run that was counted cannot be fitted: the most frequent reason is told where too few are left. */
enum lack { LACK_NOTHING, LACK_CYCLES, LACK_METER, LACK_IDLE, LACK_ENDED, LACK_ALONE, LACKS };
static const struct {
    const char *words, *hint;
} lacks[] = {
    [LACK_CYCLES] = {"no cycles were counted in them", "`joulebook meters` tells why"},
    [LACK_METER] = {"no meter of the processors was posted in them",
                    "`joulebook meters` tells which there are"},
    [LACK_IDLE] = {"the idle power of the processors is not known in them",
                   "find it with `joulebook calibrate --idle`, then measure runs"},
    [LACK_ENDED] = {"they did not end well, or ran on another machine",
                    "measure runs on this machine"},
    [LACK_ALONE] = {"other runs ran inside of them, whose energy is not theirs",
                    "measure runs that start no other"},
};

struct gathering {
    struct jb_ledger *ledger;
    struct jb_cycles_calibration *cal;
    struct candidate *all;
    size_t n, size;
    size_t n_lacking[LACKS];
    char last_id[JB_RUN_ID]; /* entries of one run follow each other */
};

/* The processors' share of the run and its band, idle taken out; R-CYCLES-07. */
static enum lack point_of(const struct jb_account *account, struct jb_epc_point *ret)
{
    const struct jb_cycles_count *const count = &account->cycles.counts.counts[JB_CYCLES_CYCLES];
    struct jb_epc_point point = {.cycles = count->best};

    if (!account->cycles.is_told || !count->is_known || count->best <= 0)
        return LACK_CYCLES;
    if (account->cycles.has_inner)
        return LACK_ALONE;
    for (size_t i = 0; i < account->n_lines; i++) {
        const struct jb_account_line *const line = &account->lines[i];
        if (line->role != JB_ROLE_POST || line->device != JB_DEVICE_CPU)
            continue;
        /* A model of the processor, or a rated power, is what method A is compared with, and no measure of it. */
        if (line->origin != JB_ORIGIN_COUNTER && line->origin != JB_ORIGIN_GAUGE)
            return LACK_METER;
        if (line->idle_power_uw < 0 ||
            strcmp(line->idle_source, jb_idle_source_name(JB_IDLE_UNKNOWN)) == 0)
            return LACK_IDLE;
        point.energy_uj = jb_add_sat_i64(point.energy_uj, line->run_uj.best);
        point.half_uj =
            jb_add_sat_i64(point.half_uj, (line->run_uj.high - line->run_uj.low + 1) / 2);
    }
    if (point.energy_uj <= 0)
        return LACK_METER;
    /* A shared counter's own doubt, as if of the energy. */
    point.half_uj =
        jb_hypot_i64(point.half_uj, jb_muldiv_sat_i64(point.energy_uj, count->high - count->best,
                                                      count->best, JB_ROUND_CEIL));
    *ret = point;
    return LACK_NOTHING;
}

static jb_rc push(struct gathering *g, const struct candidate *one, struct jb_error *err)
{
    if (g->n == g->size) {
        const size_t size = g->size ? g->size * 2 : 64;
        struct candidate *const grown =
            size <= JB_EPC_POINTS_MAX ? realloc(g->all, size * sizeof *grown) : NULL;
        if (!grown)
            return jb_fail(err, JB_E_NOMEM, "name some with --from", "no memory for so many runs");
        g->all = grown;
        g->size = size;
    }
    g->all[g->n++] = *one;
    return JB_OK;
}

static jb_rc see_run(struct gathering *g, const char *run_id, struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    struct candidate one = {.is_user_only = false};
    jb_rc rc = jb_pipeline_account_entered(g->ledger, run_id, &account, err);

    if (rc == JB_E_NOT_FOUND)
        return JB_OK; /* not closed yet */
    if (rc < 0)
        return rc;
    enum lack lack = LACK_NOTHING;
    if (account.run.status != JB_RUN_DONE || account.run.layer != JB_LAYER_MEASURED ||
        strcmp(account.run.host, g->cal->host) != 0)
        lack = LACK_ENDED;
    if (lack == LACK_NOTHING)
        lack = point_of(&account, &one.point);
    g->n_lacking[lack]++;
    if (lack != LACK_NOTHING)
        return JB_OK;
    one.is_user_only = account.cycles.counts.is_user_only;
    memcpy(one.id, account.run.id, sizeof one.id);
    return push(g, &one, err);
}

static jb_rc on_counts(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct gathering *const g = arg;

    (void)seq;
    if (strcmp(entry->run_id, g->last_id) == 0)
        return JB_OK;
    memcpy(g->last_id, entry->run_id, sizeof g->last_id);
    return see_run(g, entry->run_id, err);
}

static jb_rc gather_named(struct gathering *g, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    jb_rc rc = run ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");

    for (size_t i = 0; i < g->cal->n_runs && rc == JB_OK; i++) {
        rc = jb_ledger_find_run(g->ledger, g->cal->runs[i], run, err);
        if (rc == JB_OK && i == 0)
            memcpy(g->cal->host, run->host, sizeof g->cal->host);
        if (rc == JB_OK)
            rc = see_run(g, run->id, err);
    }
    return rc;
}

/* The newest run tells how cycles are counted here now; those counted otherwise are of another measure. */
static size_t select_points(struct gathering *g, struct jb_epc_point *points)
{
    struct jb_cycles_calibration *const cal = g->cal;
    size_t n = 0;

    cal->n_runs = 0;
    cal->epc.is_user_only = g->n > 0 && g->all[g->n - 1].is_user_only;
    for (size_t i = g->n; i-- > 0;) {
        const struct candidate *const one = &g->all[i];
        if (one->is_user_only != cal->epc.is_user_only)
            continue;
        points[n++] = one->point;
        if (cal->n_runs < JB_CALIBRATION_RUNS_MAX)
            memcpy(cal->runs[cal->n_runs++], one->id, JB_RUN_ID);
    }
    return n;
}

/* Too few: what the others lacked is the step to take. */
static jb_rc explain(const struct gathering *g, jb_rc rc, const struct jb_error *why,
                     struct jb_error *err)
{
    enum lack most = LACK_NOTHING;

    for (int lack = LACK_CYCLES; lack < LACKS; lack++)
        if (g->n_lacking[lack] > (most == LACK_NOTHING ? 0 : g->n_lacking[most]))
            most = (enum lack)lack;
    if (rc != JB_E_UNAVAILABLE || g->n >= JB_EPC_POINTS_MIN || most == LACK_NOTHING)
        return jb_fail(err, rc, why->hint, "%s", why->message);
    return jb_fail(err, rc, lacks[most].hint, "%s; of %zu others: %s", why->message,
                   g->n_lacking[most], lacks[most].words);
}

jb_rc jb_cycles_calibration_fit(struct jb_ledger *ledger, struct jb_cycles_calibration *cal,
                                struct jb_error *err)
{
    struct gathering g = {.ledger = ledger, .cal = cal};
    struct jb_error why = {.code = JB_OK};
    struct jb_epc_point *points = NULL;
    jb_rc rc = cal->n_runs > 0
                   ? gather_named(&g, err)
                   : jb_ledger_each_entry(ledger, JB_CYCLES_KIND, NULL, on_counts, &g, err);

    if (rc == JB_OK) {
        points = calloc(g.n + 1, sizeof *points);
        rc = points ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", g.n);
    }
    if (rc == JB_OK) {
        rc = jb_epc_fit(points, select_points(&g, points), &cal->fit, &why);
        if (rc < 0)
            rc = explain(&g, rc, &why, err);
    }
    free(points);
    free(g.all);
    if (rc < 0)
        return rc;
    cal->epc.is_known = true;
    cal->epc.is_given = false;
    cal->epc.low_fj = cal->fit.low_fj;
    cal->epc.best_fj = cal->fit.best_fj;
    cal->epc.high_fj = cal->fit.high_fj;
    cal->epc.n_runs = cal->fit.n_points;
    return JB_OK;
}

/* --- in the book -------------------------------------------------------------------------------------------------- */

static const struct member {
    const char *name;
    size_t at;
} members[] = {
    {"low_fj", offsetof(struct jb_cycles_calibration, epc.low_fj)},
    {"best_fj", offsetof(struct jb_cycles_calibration, epc.best_fj)},
    {"high_fj", offsetof(struct jb_cycles_calibration, epc.high_fj)},
    {"n_runs", offsetof(struct jb_cycles_calibration, epc.n_runs)},
    {"utc_us", offsetof(struct jb_cycles_calibration, epc.utc_us)},
    {"mean_half_ppm", offsetof(struct jb_cycles_calibration, fit.mean_half_ppm)},
    {"scatter_ppm", offsetof(struct jb_cycles_calibration, fit.scatter_ppm)},
    {"n_left_out", offsetof(struct jb_cycles_calibration, fit.n_left_out)},
    {"cycles_min", offsetof(struct jb_cycles_calibration, fit.cycles_min)},
    {"cycles_max", offsetof(struct jb_cycles_calibration, fit.cycles_max)},
};

static int64_t *member_of(struct jb_cycles_calibration *cal, const struct member *member)
{
    return (int64_t *)(void *)((char *)cal + member->at);
}

jb_rc jb_cycles_calibration_enter(struct jb_ledger *ledger, const struct jb_cycles_calibration *cal,
                                  struct jb_error *err)
{
    struct jb_cycles_calibration copy = *cal;
    json_t *const runs = json_array();
    json_t *value = json_pack("{s:b, s:b, s:o}", "is_given", (int)cal->epc.is_given, "is_user_only",
                              (int)cal->epc.is_user_only, "runs", runs);

    for (size_t i = 0; value && i < cal->n_runs; i++)
        (void)json_array_append_new(runs, json_string(cal->runs[i]));
    for (size_t i = 0; value && i < JB_ARRAY_LEN(members); i++)
        (void)json_object_set_new(value, members[i].name,
                                  json_integer(*member_of(&copy, &members[i])));
    JB_AUTO(jb_free_auto)
    char *json = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(value);
    if (!json)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a calibration");
    const struct jb_field fields[] = {{FIELD, json}, {"host", cal->host}};
    const struct jb_entry entry = {.kind = JB_CALIBRATION_KIND,
                                   .layer = JB_LAYER_MEASURED,
                                   .utc_us = cal->epc.utc_us,
                                   .n_fields = JB_ARRAY_LEN(fields),
                                   .fields = fields};
    return jb_ledger_append(ledger, &entry, NULL, err);
}

static jb_rc wrong(const char *what, struct jb_error *err)
{
    return jb_fail(err, JB_E_DAMAGED, "run `joulebook balance`",
                   "a calibration of the book is not what it should be: its %s", what);
}

static jb_rc read_value(const json_t *value, struct jb_cycles_calibration *cal,
                        struct jb_error *err)
{
    const json_t *const runs = json_object_get(value, "runs");

    cal->epc.is_known = true;
    cal->epc.is_given = json_is_true(json_object_get(value, "is_given"));
    cal->epc.is_user_only = json_is_true(json_object_get(value, "is_user_only"));
    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++) {
        const json_t *const member = json_object_get(value, members[i].name);
        if (!json_is_integer(member) || json_integer_value(member) < 0)
            return wrong(members[i].name, err);
        *member_of(cal, &members[i]) = json_integer_value(member);
    }
    if (cal->epc.best_fj <= 0 || cal->epc.low_fj > cal->epc.best_fj ||
        cal->epc.best_fj > cal->epc.high_fj)
        return wrong("energy per cycle", err);
    cal->fit.low_fj = cal->epc.low_fj;
    cal->fit.best_fj = cal->epc.best_fj;
    cal->fit.high_fj = cal->epc.high_fj;
    cal->fit.n_points = cal->epc.n_runs;
    cal->n_runs = json_array_size(runs);
    if (cal->n_runs > JB_CALIBRATION_RUNS_MAX)
        return wrong("runs", err);
    for (size_t i = 0; i < cal->n_runs; i++) {
        const char *const id = json_string_value(json_array_get(runs, i));
        if (!id || strlen(id) >= sizeof cal->runs[0])
            return wrong("runs", err);
        (void)snprintf(cal->runs[i], sizeof cal->runs[0], "%s", id);
    }
    return JB_OK;
}

struct each {
    jb_cycles_calibration_fn fn;
    void *arg;
    struct jb_cycles_calibration cal;
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
    const char *const json = field(entry, FIELD);
    JB_AUTO(json_auto) json_t *value = NULL;

    (void)seq;
    if (!host || !json)
        return JB_OK; /* of another kind, or erased */
    value = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(value) || strlen(host) >= sizeof each->cal.host)
        return wrong("text", err);
    memset(&each->cal, 0, sizeof each->cal);
    (void)snprintf(each->cal.host, sizeof each->cal.host, "%s", host);
    const jb_rc rc = read_value(value, &each->cal, err);
    return rc < 0 ? rc : each->fn(each->arg, &each->cal, err);
}

jb_rc jb_cycles_calibration_each(struct jb_ledger *ledger, jb_cycles_calibration_fn fn, void *arg,
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
    struct jb_epc epc;
};

static jb_rc keep_latest(void *arg, const struct jb_cycles_calibration *cal, struct jb_error *err)
{
    struct latest *const latest = arg;

    (void)err;
    if (strcmp(cal->host, latest->host) == 0)
        latest->epc = cal->epc;
    return JB_OK;
}

jb_rc jb_cycles_calibration_find(struct jb_ledger *ledger, const char *host, struct jb_epc *ret_epc,
                                 struct jb_error *err)
{
    struct latest latest = {.host = host};
    const jb_rc rc = jb_cycles_calibration_each(ledger, keep_latest, &latest, err);

    if (rc == JB_OK)
        *ret_epc = latest.epc;
    return rc;
}
