/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as JSON: an account as the book has it, runs as an array; sorted keys, integers only. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_int.h"
#include "report/report_inventory_int.h"

static void json_account(const struct jb_account *account, const char *json,
                         const struct jb_style *style, struct jb_buf *out)
{
    (void)account;
    (void)style;
    jb_buf_add_text(out, json);
    jb_buf_add_text(out, "\n");
}

json_t *report__json_text(const char *bytes)
{
    json_t *const string = json_string(bytes ? bytes : "");

    if (string)
        return string;
    JB_AUTO(jb_free_auto) char *copy = strdup(bytes);
    for (char *at = copy; at && *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return copy ? json_string(copy) : NULL;
}

static json_t *put_figure(const struct jb_figure *figure)
{
    if (!figure->is_known)
        return json_null();
    return json_pack("{s:I, s:I, s:b, s:I}", "best", (json_int_t)figure->best, "high",
                     (json_int_t)figure->high, "is_hard_bound", (int)figure->is_hard_bound, "low",
                     (json_int_t)figure->low);
}

static json_t *put_tags(const struct jb_run *run)
{
    json_t *const tags = json_array();

    for (size_t i = 0; i < run->n_tags && i < JB_TAGS_MAX; i++)
        if (json_array_append_new(tags, report__json_text(run->tags[i])) < 0) {
            json_decref(tags);
            return NULL;
        }
    return tags;
}

static json_t *put_work(const struct jb_report_run_row *row)
{
    return row->work_json ? json_loads(row->work_json, JSON_DECODE_ANY, NULL) : json_null();
}

static json_t *put_row(const struct jb_report_run_row *row)
{
    const struct jb_run *const run = row->run;

    return json_pack(
        "{s:o, s:o, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:s, s:I, s:o, s:o, "
        "s:o, s:s, s:o, s:o, s:o}",
        "command", report__json_text(run->command), "energy_uj", put_figure(&row->energy_uj),
        "exit_code", (json_int_t)run->exit_code, "group", report__json_text(run->group),
        "end_utc_us", (json_int_t)run->end_utc_us, "host", report__json_text(run->host), "id",
        report__json_text(run->id), "location_ugco2e", put_figure(&row->location_ugco2e), "model",
        report__json_text(run->model), "model_version", report__json_text(run->model_version),
        "parent_id", report__json_text(run->parent_id), "project", report__json_text(run->project),
        "start_utc_us", (json_int_t)run->start_utc_us, "status", jb_run_status_name(run->status),
        "duration_ns",
        (json_int_t)(run->end_mono_ns > run->start_mono_ns ? run->end_mono_ns - run->start_mono_ns
                                                           : 0),
        "rank", report__json_text(run->rank), "tags", put_tags(run), "stage",
        report__json_text(run->stage), "layer", jb_layer_name(run->layer), "source",
        report__json_text(run->source), "same_as", report__json_text(run->same_as), "work",
        put_work(row));
}

static jb_rc json_runs(const struct jb_report_run_row *rows, size_t n_rows,
                       const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    json_t *const list = json_array();

    (void)style;
    for (size_t i = 0; i < n_rows; i++) {
        if (json_array_append_new(list, put_row(&rows[i])) < 0) {
            json_decref(list);
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the JSON of %zu runs", n_rows);
        }
    }
    char *const dumped = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(list);
    if (!dumped)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the JSON of %zu runs", n_rows);
    jb_buf_add_text(out, dumped);
    jb_buf_add_text(out, "\n");
    free(dumped);
    return JB_OK;
}

const struct jb_report_format jb_report_json = {
    .name = "json",
    .account = json_account,
    .runs = json_runs,
};
