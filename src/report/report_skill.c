/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions and their outcomes for people and programs. A prediction without an outcome is shown and counted apart. */
#include "report/report_skill.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/table.h"

#define PPM      1000000
#define ROWS_END 3 /* of one run's predictions, at either end */

struct skill_view {
    const struct jb_skill_row *rows;
    size_t n_rows;
    const struct jb_skill *skill;
    const struct jb_style *style;
};

static bool is_inside(const struct jb_figure *figure, int64_t truth)
{
    return figure->low <= truth && truth <= figure->high;
}

static const char *percent_of_work(const struct jb_predicted *predicted, char *buf, size_t size)
{
    return jb_report_percent(predicted->work, predicted->total_work, buf, size);
}

static void text_parts(const struct skill_view *view, struct jb_buf *out)
{
    static const char *const titles[] = {"work done",     "predictions",  "runs",
                                         "energy inside", "median error", "time inside",
                                         "median error"};
    struct jb_table table;
    char text[32];

    jb_table_begin(&table, "lrrrrrr", titles);
    for (size_t part = 0; part < JB_SKILL_PARTS; part++) {
        const struct jb_skill *const skill = &view->skill[part];
        if (skill->n == 0)
            continue;
        if (part == 0)
            jb_table_add(&table, "any");
        else
            jb_table_addf(&table, "%lld to %lld %%", (long long)(skill->from_ppm / (PPM / 100)),
                          (long long)(part * 100 / (JB_SKILL_PARTS - 1)));
        jb_table_addf(&table, "%zu", skill->n);
        jb_table_addf(&table, "%zu", skill->n_runs);
        jb_table_add(&table, jb_report_percent((int64_t)skill->n_energy_inside, (int64_t)skill->n,
                                               text, sizeof text));
        jb_table_add(&table, jb_report_percent(skill->energy_error_ppm, PPM, text, sizeof text));
        jb_table_add(&table, jb_report_percent((int64_t)skill->n_duration_inside, (int64_t)skill->n,
                                               text, sizeof text));
        jb_table_add(&table, jb_report_percent(skill->duration_error_ppm, PPM, text, sizeof text));
    }
    jb_table_end(&table, 0, view->style, out);
}

static void text_rows(const struct skill_view *view, struct jb_buf *out)
{
    static const char *const titles[] = {"run", "at", "predicted", "90 % interval", "came to", ""};
    struct jb_table table;
    char text[96];

    jb_table_begin(&table, "lrrlrl", titles);
    for (size_t i = 0; i < view->n_rows; i++) {
        const struct jb_skill_row *const row = &view->rows[i];
        const struct jb_figure *const energy = &row->predicted.energy_uj;
        jb_table_addf(&table, "%.*s", JB_SHORT_ID, row->predicted.run_id);
        jb_table_add(&table, percent_of_work(&row->predicted, text, sizeof text));
        jb_table_add(&table, jb_format_energy(energy->best, text, sizeof text));
        jb_table_add(&table, jb_report_band(energy, jb_format_energy, text, sizeof text));
        jb_table_add(&table,
                     row->why_not ? "-" : jb_format_energy(row->energy_uj, text, sizeof text));
        jb_table_add(&table, row->why_not                        ? row->why_not
                             : is_inside(energy, row->energy_uj) ? ""
                                                                 : "outside");
    }
    jb_table_end(&table, 0, view->style, out);
}

static void one_row(const struct jb_skill_row *row, struct jb_table *table)
{
    const struct jb_predicted *const predicted = &row->predicted;
    const struct jb_figure *const energy = &predicted->energy_uj;
    const struct jb_figure *const duration = &predicted->duration_ns;
    char text[96];

    jb_table_add(table, percent_of_work(predicted, text, sizeof text));
    jb_table_add(table, jb_format_energy(energy->best, text, sizeof text));
    jb_table_add(table, jb_report_band(energy, jb_format_energy, text, sizeof text));
    jb_table_add(table, jb_format_duration(duration->best, text, sizeof text));
    jb_table_add(table, row->why_not                        ? ""
                        : is_inside(energy, row->energy_uj) ? "inside"
                                                            : "outside");
}

void jb_report_predictions(const struct jb_skill_row *rows, size_t n_rows,
                           const struct jb_style *style, struct jb_buf *out)
{
    static const char *const titles[] = {"work done", "predicted", "90 % interval", "time", ""};
    const char *const bold = style->is_colour ? "\033[1m" : "";
    const char *const plain = style->is_colour ? "\033[0m" : "";
    struct jb_table table;
    char energy[32], duration[32];

    if (n_rows == 0)
        return;
    jb_buf_addf(out, "\n%spredictions%s\n", bold, plain);
    jb_table_begin(&table, "rrlrl", titles);
    for (size_t i = 0; i < n_rows; i++)
        if (i < ROWS_END || n_rows - i <= ROWS_END)
            one_row(&rows[i], &table);
    jb_table_end(&table, 2, style, out);
    if (n_rows > 2 * (size_t)ROWS_END)
        jb_buf_addf(out, "  and %zu between them: `joulebook report --skill` has all\n",
                    n_rows - 2 * (size_t)ROWS_END);
    if (rows[0].why_not)
        jb_buf_addf(out, "  not compared: %s\n", rows[0].why_not);
    else
        jb_buf_addf(out, "  came to %s of all posted meters in %s\n",
                    jb_format_energy(rows[0].energy_uj, energy, sizeof energy),
                    jb_format_duration(rows[0].duration_ns, duration, sizeof duration));
}

static jb_rc as_text(const struct skill_view *view, struct jb_buf *out, struct jb_error *err)
{
    size_t n_apart = 0;

    (void)err;
    if (view->n_rows == 0) {
        jb_buf_add_text(out, "no prediction is in the book\n");
        return JB_OK;
    }
    for (size_t i = 0; i < view->n_rows; i++)
        n_apart += view->rows[i].why_not != NULL;
    text_rows(view, out);
    jb_buf_add_text(out, "\n");
    if (view->skill[0].n > 0)
        text_parts(view, out);
    if (n_apart > 0)
        jb_buf_addf(out, "%zu prediction%s cannot be compared and %s in no figure\n", n_apart,
                    n_apart == 1 ? "" : "s", n_apart == 1 ? "is" : "are");
    jb_text_wrap(
        "inside: within the 90 % interval, so about 90 % should be. Energies are those of all "
        "posted meters while the run was there.",
        "", "", view->style, out);
    return JB_OK;
}

static json_t *put_figure(const struct jb_figure *figure)
{
    return figure->is_known ? json_pack("{s:I, s:I, s:I}", "best", (json_int_t)figure->best, "high",
                                        (json_int_t)figure->high, "low", (json_int_t)figure->low)
                            : json_null();
}

static json_t *put_outcome(const struct jb_skill_row *row)
{
    return row->why_not ? json_null()
                        : json_pack("{s:I, s:I}", "duration_ns", (json_int_t)row->duration_ns,
                                    "energy_uj", (json_int_t)row->energy_uj);
}

static json_t *put_row(const struct jb_skill_row *row)
{
    const struct jb_predicted *const predicted = &row->predicted;

    return json_pack(
        "{s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:s, s:I, s:s, s:I, s:I, s:o}", "cost_micro",
        put_figure(&predicted->cost_micro), "currency", predicted->currency, "duration_ns",
        put_figure(&predicted->duration_ns), "elapsed_ns", (json_int_t)predicted->elapsed_ns,
        "energy_uj", put_figure(&predicted->energy_uj), "location_ugco2e",
        put_figure(&predicted->location_ugco2e), "outcome", put_outcome(row), "run_id",
        predicted->run_id, "total_work", (json_int_t)predicted->total_work, "unit", predicted->unit,
        "utc_us", (json_int_t)predicted->utc_us, "work", (json_int_t)predicted->work, "why_not",
        row->why_not ? json_string(row->why_not) : json_null());
}

static json_t *put_part(const struct jb_skill *skill, size_t part)
{
    const int64_t to_ppm = part == 0 ? PPM : (int64_t)part * (PPM / (JB_SKILL_PARTS - 1));

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "duration_error_ppm",
                     (json_int_t)skill->duration_error_ppm, "energy_error_ppm",
                     (json_int_t)skill->energy_error_ppm, "n", (json_int_t)skill->n,
                     "n_duration_inside", (json_int_t)skill->n_duration_inside, "n_energy_inside",
                     (json_int_t)skill->n_energy_inside, "n_runs", (json_int_t)skill->n_runs,
                     "work_from_ppm", (json_int_t)skill->from_ppm, "work_to_ppm",
                     (json_int_t)to_ppm);
}

static jb_rc as_json(const struct skill_view *view, struct jb_buf *out, struct jb_error *err)
{
    json_t *const parts = json_array();
    json_t *const rows = json_array();
    bool is_whole = parts && rows;

    for (size_t part = 0; part < JB_SKILL_PARTS && is_whole; part++)
        if (part == 0 || view->skill[part].n > 0)
            is_whole = json_array_append_new(parts, put_part(&view->skill[part], part)) == 0;
    for (size_t i = 0; i < view->n_rows && is_whole; i++)
        is_whole = json_array_append_new(rows, put_row(&view->rows[i])) == 0;
    json_t *const object = json_pack("{s:o, s:o, s:s}", "predictions", rows, "skill", parts,
                                     "schema", "joulebook.skill/1");
    char *const text =
        object && is_whole ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(object);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the JSON of the predictions");
    jb_buf_addf(out, "%s\n", text);
    free(text);
    return JB_OK;
}

static void csv_figure(const struct jb_figure *figure, struct jb_buf *out)
{
    if (figure->is_known)
        jb_buf_addf(out, ",%" PRId64 ",%" PRId64 ",%" PRId64, figure->low, figure->best,
                    figure->high);
    else
        jb_buf_add_text(out, ",,,");
}

static jb_rc as_csv(const struct skill_view *view, struct jb_buf *out, struct jb_error *err)
{
    (void)err;
    jb_buf_add_text(out,
                    "run_id,utc_us,elapsed_ns,unit,work,total_work,energy_low_uj,energy_best_uj,"
                    "energy_high_uj,duration_low_ns,duration_best_ns,duration_high_ns,"
                    "location_low_ugco2e,location_best_ugco2e,location_high_ugco2e,cost_low_micro,"
                    "cost_best_micro,cost_high_micro,currency,came_to_energy_uj,"
                    "came_to_duration_ns,why_not\r\n");
    for (size_t i = 0; i < view->n_rows; i++) {
        const struct jb_skill_row *const row = &view->rows[i];
        const struct jb_predicted *const predicted = &row->predicted;
        jb_buf_addf(out, "%s,%" PRId64 ",%" PRId64 ",", predicted->run_id, predicted->utc_us,
                    predicted->elapsed_ns);
        jb_buf_add_csv(out, predicted->unit);
        jb_buf_addf(out, ",%" PRId64 ",%" PRId64, predicted->work, predicted->total_work);
        csv_figure(&predicted->energy_uj, out);
        csv_figure(&predicted->duration_ns, out);
        csv_figure(&predicted->location_ugco2e, out);
        csv_figure(&predicted->cost_micro, out);
        jb_buf_add_text(out, ",");
        jb_buf_add_csv(out, predicted->currency);
        if (row->why_not)
            jb_buf_add_text(out, ",,,");
        else
            jb_buf_addf(out, ",%" PRId64 ",%" PRId64 ",", row->energy_uj, row->duration_ns);
        jb_buf_add_csv(out, row->why_not ? row->why_not : "");
        jb_buf_add_text(out, "\r\n");
    }
    return JB_OK;
}

jb_rc jb_report_skill(const struct jb_skill_row *rows, size_t n_rows,
                      const struct jb_skill skill[JB_SKILL_PARTS], enum jb_format format,
                      const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    static jb_rc (*const forms[])(const struct skill_view *, struct jb_buf *, struct jb_error *) = {
        [JB_FORMAT_TEXT] = as_text, [JB_FORMAT_JSON] = as_json, [JB_FORMAT_CSV] = as_csv};
    const struct skill_view view = {rows, n_rows, skill, style};

    return forms[format](&view, out, err);
}
