/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A project's runs, metric against energy, as a table, as CSV and as a picture (R-PARETO-01 to -05). Must never show a margin
 * without saying what a point is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/rate_tell.h"
#include "page/chart.h"
#include "report/table.h"

#define LABEL_MAX 64

static const char *point_text(const struct jb_pareto *pareto, char *buf, size_t size)
{
    return jb_format_decimal(pareto->point, JB_METRIC_SCALE, buf, size);
}

/* Points gained, with one decimal. */
static const char *gain_text(const struct jb_pareto *pareto, char *buf, size_t size)
{
    return jb_format_decimal(
        jb_muldiv_sat_i64(pareto->after_gain, 10, pareto->point, JB_ROUND_NEAREST), 1, buf, size);
}

static void tell_rows(const struct jb_pareto *pareto, const struct jb_inventory *inventory,
                      const struct jb_style *style, struct jb_buf *out)
{
    static const char *const titles[] = {"RUN",    "STAGE", "VALUE",     "AT",
                                         "ENERGY", "SPENT", "PER POINT", ""};
    struct jb_table table;
    char text[48];

    jb_table_begin(&table, "llrlrrrl", titles);
    for (size_t i = 0; i < pareto->n; i++) {
        const struct jb_pareto_point *const point = &pareto->points[i];
        const bool is_stop = pareto->rule != JB_PARETO_TOO_FEW && i == pareto->stop;
        jb_table_addf(&table, "%.18s", inventory->runs[point->run].id);
        jb_table_add(&table, inventory->runs[point->run].stage);
        jb_table_add(&table, point->text);
        jb_table_add(&table, point->at);
        jb_table_add(&table, jb_format_energy(point->energy_uj.best, text, sizeof text));
        jb_table_add(&table, jb_format_energy(point->cumulative_uj, text, sizeof text));
        jb_table_add(&table, point->marginal_uj < 0
                                 ? ""
                                 : jb_format_energy(point->marginal_uj, text, sizeof text));
        jb_table_addf(&table, "%s%s%s", point->is_record ? "better" : "",
                      point->is_frontier ? (point->is_record ? ", frontier" : "frontier") : "",
                      is_stop ? "; worth it up to here" : "");
    }
    jb_table_end(&table, 0, style, out);
}

static void tell_stop(const struct jb_pareto *pareto, const struct jb_inventory *inventory,
                      const struct jb_style *style, struct jb_buf *out)
{
    char text[400], after[48], worth[48], points[48];

    if (pareto->rule == JB_PARETO_TOO_FEW) {
        jb_text_wrap("fewer than three runs that were better each at a higher price: where it "
                     "stops being worth it cannot be told; --worth says what a point may cost",
                     "", "", style, out);
        return;
    }
    (void)snprintf(text, sizeof text, "worth it up to %.18s (%s%s%s); after it %s for %s points",
                   inventory->runs[pareto->points[pareto->stop].run].id,
                   pareto->rule == JB_PARETO_KNEE ? "the knee" : "up to ",
                   pareto->rule == JB_PARETO_KNEE
                       ? ""
                       : jb_format_energy(pareto->worth_uj, worth, sizeof worth),
                   pareto->rule == JB_PARETO_KNEE ? "" : " a point",
                   jb_format_energy(pareto->after_uj, after, sizeof after),
                   gain_text(pareto, points, sizeof points));
    jb_text_wrap(text, "", "", style, out);
}

static void tell_text(const struct jb_pareto *pareto, const struct jb_inventory *inventory,
                      const struct jb_style *style, struct jb_buf *out)
{
    char text[320], total[48], point[48];

    tell_rows(pareto, inventory, style, out);
    (void)snprintf(
        text, sizeof text,
        "%s (%s is better; a point is %s): %s in all, %s; %lld runs without it are in what was "
        "spent",
        pareto->metric, pareto->way == JB_METRIC_WAY_MAX ? "more" : "less",
        point_text(pareto, point, sizeof point),
        jb_format_energy(pareto->total_uj, total, sizeof total), jb_layer_name(pareto->layer),
        (long long)pareto->n_without);
    if (pareto->n_unknown > 0)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                       ", %lld of unknown energy are not", (long long)pareto->n_unknown);
    jb_text_wrap(text, "", "", style, out);
    tell_stop(pareto, inventory, style, out);
}

static void tell_csv(const struct jb_pareto *pareto, const struct jb_inventory *inventory,
                     struct jb_buf *out)
{
    char value[32];

    jb_buf_add_text(out, "run,start_utc_us,metric,value,at,energy_uj,cumulative_uj,"
                         "marginal_uj_per_point,is_record,is_frontier,is_on_hull,is_stop\r\n");
    for (size_t i = 0; i < pareto->n; i++) {
        const struct jb_pareto_point *const point = &pareto->points[i];
        const struct jb_inventory_run *const run = &inventory->runs[point->run];
        jb_buf_add_csv(out, run->id);
        jb_buf_addf(out, ",%lld,", (long long)run->start_utc_us);
        jb_buf_add_csv(out, pareto->metric);
        jb_buf_addf(out, ",%s,",
                    jb_format_decimal(point->value, JB_METRIC_SCALE, value, sizeof value));
        jb_buf_add_csv(out, point->at);
        jb_buf_addf(out, ",%lld,%lld,", (long long)point->energy_uj.best,
                    (long long)point->cumulative_uj);
        if (point->marginal_uj >= 0)
            jb_buf_addf(out, "%lld", (long long)point->marginal_uj);
        jb_buf_addf(out, ",%d,%d,%d,%d\r\n", (int)point->is_record, (int)point->is_frontier,
                    (int)point->is_on_hull,
                    (int)(pareto->rule != JB_PARETO_TOO_FEW && i == pareto->stop));
    }
}

jb_rc jb_pareto_tell(const struct jb_pareto *pareto, const struct jb_inventory *inventory,
                     enum jb_format format, const struct jb_style *style, struct jb_buf *out,
                     struct jb_error *err)
{
    if (format == JB_FORMAT_JSON)
        return jb_pareto_tell_json(pareto, inventory, out, err);
    if (format == JB_FORMAT_CSV)
        tell_csv(pareto, inventory, out);
    else
        tell_text(pareto, inventory, style, out);
    return JB_OK;
}

/* --- the picture -------------------------------------------------------------------------------------------------------------- */

/* Each run at what had been spent when it ended; those better than all before are joined by steps. */
static void place(const struct jb_pareto *pareto, struct jb_chart_point *points,
                  char (*labels)[LABEL_MAX])
{
    for (size_t i = 0; i < pareto->n; i++) {
        const struct jb_pareto_point *const point = &pareto->points[i];
        const bool is_stop = pareto->rule != JB_PARETO_TOO_FEW && i == pareto->stop;
        (void)snprintf(labels[i], LABEL_MAX, "%.40s%s", point->text,
                       is_stop ? ": worth it up to here" : "");
        points[i] = (struct jb_chart_point){
            .x = point->cumulative_uj,
            .y = point->value,
            .label = point->is_record || is_stop ? labels[i] : NULL,
            .is_left_out = !point->is_record,
            .is_frontier = point->is_record,
        };
    }
}

void jb_pareto_svg(const struct jb_pareto *pareto, struct jb_buf *out)
{
    JB_AUTO(jb_free_auto) struct jb_chart_point *points = calloc(pareto->n + 1, sizeof *points);
    JB_AUTO(jb_free_auto) char(*labels)[LABEL_MAX] = calloc(pareto->n + 1, sizeof *labels);
    char title[160];
    struct jb_picture picture;

    if (!points || !labels) {
        out->failed = JB_E_NOMEM;
        return;
    }
    place(pareto, points, labels);
    (void)snprintf(title, sizeof title, "%.60s of each run against the energy spent up to it",
                   pareto->metric);
    const struct jb_chart_points chart = {
        .title = title,
        .description = "Full dots are better than all runs before; hollow ones gained nothing.",
        .x_title = "energy of all runs up to then",
        .y_title = pareto->way == JB_METRIC_WAY_MAX ? "more is better" : "less is better",
        .x_kind = JB_SCALE_UJ,
        .y_kind = JB_SCALE_NANO,
        .n = pareto->n,
        .points = points,
    };
    jb_chart_points(&chart, JB_CHART_WIDE, &picture);
    if (picture.failed < 0)
        out->failed = picture.failed;
    jb_picture_svg(&picture, JB_SVG_FILE, 1, "", out);
    jb_picture_release(&picture);
}
