/* SPDX-License-Identifier: Apache-2.0 */
/* Calibrations to text, pictures and JSON in cli->out. Computes nothing but what a picture shows. */
#include "cli/calibrate_tell.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/calibrate_cycles.h"
#include "page/chart.h"
#include "report/table.h"

#define FIT_ROWS      16
#define RESIDUAL_ROWS 9
#define SVG_MAX       ((size_t)16 * 1024 * 1024)

static const char *slope_text(int64_t slope_ppm, char *buf, size_t size)
{
    return jb_format_decimal((slope_ppm + 500) / 1000, 3, buf, size);
}

static const char *residual_text(const struct jb_fit *fit, char *buf, size_t size)
{
    char number[32];

    if (!fit->is_weighted)
        return jb_format_power(fit->residual_uw, buf, size);
    (void)snprintf(buf, size, "%s %%",
                   jb_format_decimal((fit->residual_ppm + 50) / 100, 2, number, sizeof number));
    return buf;
}

static void add_line(struct jb_cli *cli, const struct jb_calibration *cal)
{
    const struct jb_fit *const fit = &cal->fit;
    char a[32], b[32], c[32], d[32];
    struct jb_buf *const out = &cli->out;

    jb_buf_addf(out, "node = %s + %s x parts   (%s against %s)\n",
                jb_format_power(fit->offset_uw, a, sizeof a),
                slope_text(fit->slope_ppm, b, sizeof b), cal->host, cal->meter);
    jb_buf_addf(out, "  offset    %s +- %s\n", jb_format_power(fit->offset_uw, a, sizeof a),
                jb_format_power(fit->offset_half_uw, b, sizeof b));
    jb_buf_addf(out, "  slope     %s +- %s (95 %% intervals)\n",
                slope_text(fit->slope_ppm, a, sizeof a),
                slope_text(fit->slope_half_ppm, b, sizeof b));
    jb_buf_addf(out, "  residual  %s of one window of %s\n", residual_text(fit, a, sizeof a),
                jb_format_duration(cal->window_ns, b, sizeof b));
    if (cal->accuracy_ppm > 0)
        jb_buf_addf(out, "  meter     right to %s %%, which the band of later runs holds as well\n",
                    jb_format_decimal((cal->accuracy_ppm + 99) / 100, 2, a, sizeof a));
    jb_buf_addf(out, "  valid     %s to %s of the parts, made %s\n",
                jb_format_power(fit->x_min_uw, a, sizeof a),
                jb_format_power(fit->x_max_uw, b, sizeof b),
                jb_format_utc(cal->utc_us, false, c, sizeof c));
    jb_buf_addf(out, "  windows   %" PRId64 " steady, %" PRId64 " left out, of %zu run%s\n",
                fit->n_points, fit->n_left_out, cal->n_runs, cal->n_runs == 1 ? "" : "s");
    jb_buf_addf(out, "  band      +- %s at the middle of the range\n",
                jb_format_power(jb_fit_half_width_uw(fit, fit->x_min_uw / 2 + fit->x_max_uw / 2), d,
                                sizeof d));
    for (size_t i = 0; i < cal->parts.n; i++)
        jb_buf_addf(out, "  %s %s\n", i == 0 ? "parts    " : "         ", cal->parts.ids[i]);
}

static json_t *json_of(const struct jb_calibration *cal)
{
    const struct jb_fit *const fit = &cal->fit;
    json_t *const parts = json_array(), *const runs = json_array();

    for (size_t i = 0; i < cal->parts.n; i++)
        (void)json_array_append_new(parts, json_string(cal->parts.ids[i]));
    for (size_t i = 0; i < cal->n_runs; i++)
        (void)json_array_append_new(runs, json_string(cal->runs[i]));
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:I, "
        "s:I, s:I, s:I}",
        "kind", "node", "host", cal->host, "meter", cal->meter, "accuracy_ppm",
        (json_int_t)cal->accuracy_ppm, "parts", parts, "runs", runs, "offset_uw",
        (json_int_t)fit->offset_uw, "offset_half_uw", (json_int_t)fit->offset_half_uw, "slope_ppm",
        (json_int_t)fit->slope_ppm, "slope_half_ppm", (json_int_t)fit->slope_half_ppm,
        "is_weighted", (int)fit->is_weighted, "residual_uw", (json_int_t)fit->residual_uw,
        "residual_ppm", (json_int_t)fit->residual_ppm, "x_min_uw", (json_int_t)fit->x_min_uw,
        "x_max_uw", (json_int_t)fit->x_max_uw, "n_windows", (json_int_t)fit->n_points, "n_left_out",
        (json_int_t)fit->n_left_out, "window_ns", (json_int_t)cal->window_ns, "utc_us",
        (json_int_t)cal->utc_us);
}

static json_t *json_of_idle(const struct jb_idle_calibration *idle)
{
    json_t *const channels = json_array();

    for (size_t i = 0; i < idle->channels.n; i++)
        (void)json_array_append_new(channels,
                                    json_pack("{s:s, s:I, s:I}", "channel", idle->channels.ids[i],
                                              "power_uw", (json_int_t)idle->power_uw[i],
                                              "half_width_uw", (json_int_t)idle->half_width_uw[i]));
    json_t *const value =
        json_pack("{s:s, s:s, s:o, s:s, s:I}", "kind", "idle", "host", idle->host, "channels",
                  channels, "run", idle->run_id, "utc_us", (json_int_t)idle->utc_us);
    for (size_t i = 0; value && i < idle->busy.n; i++) {
        if (i == 0)
            (void)json_object_set_new(value, "busy", json_array());
        (void)json_array_append_new(json_object_get(value, "busy"), json_string(idle->busy.ids[i]));
    }
    return value;
}

static jb_rc print_json(struct jb_cli *cli, json_t *value, struct jb_error *err)
{
    char *const text = value ? json_dumps(value, JSON_INDENT(2)) : NULL;

    json_decref(value);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the calibration");
    jb_buf_addf(&cli->out, "%s\n", text);
    free(text);
    return JB_OK;
}

/* The same windows twice: as they are with the line, and as they lie about it. */
static void fill_plots(const struct jb_fit *fit, const struct jb_fit_point *points, size_t n,
                       struct jb_chart_point *seen, struct jb_chart_point *residuals,
                       struct jb_chart_points *plots)
{
    for (size_t i = 0; i < n; i++) {
        seen[i] = (struct jb_chart_point){
            .x = points[i].x_uw, .y = points[i].y_uw, .is_left_out = points[i].is_left_out};
        residuals[i] = (struct jb_chart_point){.x = points[i].x_uw,
                                               .y = points[i].y_uw - jb_fit_at(fit, points[i].x_uw),
                                               .is_left_out = points[i].is_left_out};
    }
    plots[0] =
        (struct jb_chart_points){.title = "what the node draws, over what its parts draw",
                                 .description = "Each dot is a window of time, hollow where it was "
                                                "left out of the fit; the line is the fit.",
                                 .x_title = "parts",
                                 .y_title = "node",
                                 .x_kind = JB_SCALE_UW,
                                 .y_kind = JB_SCALE_UW,
                                 .points = seen,
                                 .n = n,
                                 .has_line = true,
                                 .offset = fit->offset_uw,
                                 .slope_ppm = fit->slope_ppm};
    plots[1] =
        (struct jb_chart_points){.title = "residuals: node less line",
                                 .description = "Each dot is a window of time, hollow where it was "
                                                "left out of the fit; the line is the fit.",
                                 .x_title = "parts",
                                 .y_title = "node",
                                 .x_kind = JB_SCALE_UW,
                                 .y_kind = JB_SCALE_UW,
                                 .points = residuals,
                                 .n = n,
                                 .has_line = true};
}

static jb_rc tell_plots(struct jb_cli *cli, const struct jb_fit *fit,
                        const struct jb_fit_point *points, size_t n, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_chart_point *both = calloc(n * 2 + 1, sizeof *both);
    const char *const file = jb_args_text(&cli->args, "plot");
    struct jb_chart_points plots[2];
    jb_rc rc = JB_OK;

    if (!both)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the plot");
    fill_plots(fit, points, n, both, both + n, plots);
    if (!jb_args_has(&cli->args, "json")) {
        jb_buf_add_text(&cli->out, "\n");
        jb_chart_points_text(&plots[0], FIT_ROWS, cli->style.width, &cli->out);
        jb_buf_add_text(&cli->out, "\n");
        jb_chart_points_text(&plots[1], RESIDUAL_ROWS, cli->style.width, &cli->out);
    }
    if (file) {
        struct jb_buf svg = JB_BUF(SVG_MAX);
        struct jb_picture picture, below;
        jb_chart_points(&plots[0], JB_CHART_WIDE, &picture);
        jb_chart_points(&plots[1], JB_CHART_WIDE, &below);
        jb_picture_append(&picture, &below, 20 * JB_PX);
        if (picture.failed < 0)
            svg.failed = picture.failed;
        jb_picture_svg(&picture, JB_SVG_FILE, 1, "", &svg);
        jb_picture_release(&picture);
        jb_picture_release(&below);
        rc = svg.failed < 0 ? jb_fail(err, svg.failed, NULL, "the plot is too large")
                            : jb_cli_write_file(file, svg.bytes, svg.len, err);
        jb_buf_release(&svg);
    }
    return rc;
}

jb_rc jb_calibrate_tell(struct jb_cli *cli, const struct jb_calibration *cal,
                        const struct jb_fit_point *points, size_t n_points, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    if (jb_args_has(&cli->args, "json"))
        rc = print_json(cli, json_of(cal), err);
    else
        add_line(cli, cal);
    return rc == JB_OK ? tell_plots(cli, &cal->fit, points, n_points, err) : rc;
}

static void add_idle(struct jb_cli *cli, const struct jb_idle_calibration *idle)
{
    static const char *const titles[] = {"channel", "idle", "band"};
    struct jb_table table;
    char a[32], b[32], c[32];

    jb_buf_addf(&cli->out, "idle power of %s, made %s\n", idle->host,
                jb_format_utc(idle->utc_us, false, c, sizeof c));
    jb_table_begin(&table, "lrr", titles);
    for (size_t i = 0; i < idle->channels.n; i++) {
        jb_table_add(&table, idle->channels.ids[i]);
        jb_table_add(&table, jb_format_power(idle->power_uw[i], a, sizeof a));
        jb_table_addf(&table, "+- %s", jb_format_power(idle->half_width_uw[i], b, sizeof b));
    }
    jb_table_end(&table, 2, &cli->style, &cli->out);
    for (size_t i = 0; i < idle->busy.n; i++)
        jb_buf_addf(&cli->out, "'%s' was busier than 5 %% with other work: no idle power of it\n",
                    idle->busy.ids[i]);
}

jb_rc jb_calibrate_tell_idle(struct jb_cli *cli, const struct jb_idle_calibration *idle,
                             struct jb_error *err)
{
    if (jb_args_has(&cli->args, "json"))
        return print_json(cli, json_of_idle(idle), err);
    add_idle(cli, idle);
    return JB_OK;
}

struct list {
    struct jb_cli *cli;
    json_t *all; /* NULL: text */
    size_t n;
};

static jb_rc list_one(void *arg, const struct jb_calibration *cal,
                      const struct jb_idle_calibration *idle, struct jb_error *err)
{
    struct list *const list = arg;

    (void)err;
    if (list->all) {
        (void)json_array_append_new(list->all, cal ? json_of(cal) : json_of_idle(idle));
        return JB_OK;
    }
    if (list->n++ > 0)
        jb_buf_add_text(&list->cli->out, "\n");
    if (cal)
        add_line(list->cli, cal);
    else
        add_idle(list->cli, idle);
    return JB_OK;
}

jb_rc jb_calibrate_tell_list(struct jb_cli *cli, struct jb_ledger *ledger, struct jb_error *err)
{
    struct list list = {.cli = cli, .all = jb_args_has(&cli->args, "json") ? json_array() : NULL};
    jb_rc rc = jb_calibration_each(ledger, list_one, &list, err);

    if (rc == JB_OK)
        rc = jb_calibrate_list_cycles(cli, ledger, list.all, &list.n, err);
    if (rc == JB_OK && list.all)
        return print_json(cli, list.all, err);
    json_decref(list.all);
    if (rc == JB_OK && list.n == 0)
        jb_buf_add_text(&cli->out,
                        "no calibration is in the book yet; `joulebook calibrate` makes one\n");
    return rc;
}
