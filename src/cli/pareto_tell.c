/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A project's runs, metric against energy, as a table, as CSV and as a picture (R-PARETO-01 to -05). Must never show a margin
 * without saying what a point is.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cli/rate_tell.h"
#include "report/table.h"

#define WIDTH  720
#define HEIGHT 420
#define LEFT   84
#define RIGHT  24
#define TOP    44
#define BOTTOM 56

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

struct frame {
    int64_t least, greatest; /* of the metric */
    int64_t total_uj;
};

static int64_t x_of(const struct frame *frame, int64_t uj)
{
    return LEFT + jb_muldiv_sat_i64(uj, WIDTH - LEFT - RIGHT, frame->total_uj, JB_ROUND_NEAREST);
}

static int64_t y_of(const struct frame *frame, int64_t value)
{
    /* Halves, so that the ends of the scale have a difference. */
    const int64_t up = value / 2 - frame->least / 2, all = frame->greatest / 2 - frame->least / 2;
    return HEIGHT - BOTTOM -
           (all > 0 ? jb_muldiv_sat_i64(up, HEIGHT - TOP - BOTTOM, all, JB_ROUND_NEAREST) : 0);
}

static void add_text(struct jb_buf *out, int64_t x, int64_t y, const char *anchor, const char *text)
{
    jb_buf_addf(out, "<text x=\"%lld\" y=\"%lld\" text-anchor=\"%s\">", (long long)x, (long long)y,
                anchor);
    for (; *text; text++) {
        const char *const entity = *text == '<'   ? "&lt;"
                                   : *text == '>' ? "&gt;"
                                   : *text == '&' ? "&amp;"
                                                  : NULL;
        if (entity)
            jb_buf_add_text(out, entity);
        else
            jb_buf_add(out, text, 1);
    }
    jb_buf_add_text(out, "</text>\n");
}

static void add_axes(const struct frame *frame, const struct jb_pareto *pareto, struct jb_buf *out)
{
    char text[96];

    jb_buf_addf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, HEIGHT - BOTTOM,
                WIDTH - RIGHT);
    for (int i = 0; i <= 4; i++) {
        const int64_t uj = jb_muldiv_sat_i64(frame->total_uj, i, 4, JB_ROUND_NEAREST);
        const int64_t value =
            frame->least +
            jb_muldiv_sat_i64(frame->greatest / 2 - frame->least / 2, 2 * i, 4, JB_ROUND_NEAREST);
        add_text(out, x_of(frame, uj), HEIGHT - BOTTOM + 18, "middle",
                 jb_format_energy(uj, text, sizeof text));
        if (i == 0 || frame->greatest > frame->least)
            add_text(out, LEFT - 8, y_of(frame, value) + 4, "end",
                     jb_format_decimal(jb_muldiv_sat_i64(value, 1, 1000000, JB_ROUND_NEAREST), 3,
                                       text, sizeof text));
    }
    add_text(out, LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 14, "middle",
             "energy spent on all runs up to then");
    (void)snprintf(text, sizeof text, "%s, best of each run (%s is better)", pareto->metric,
                   pareto->way == JB_METRIC_WAY_MAX ? "more" : "less");
    add_text(out, LEFT, TOP - 18, "start", text);
}

/* The best so far as steps, and the hull, by which it is judged, dashed. */
static void add_lines(const struct frame *frame, const struct jb_pareto *pareto, struct jb_buf *out)
{
    const char *begin = "<path class=\"best\" d=\"M";

    for (size_t i = 0; i < pareto->n; i++) {
        const struct jb_pareto_point *const point = &pareto->points[i];
        if (!point->is_record)
            continue;
        jb_buf_addf(out, begin[0] == '<' ? "%s%lld %lld" : "%s%lldV%lld", begin,
                    (long long)x_of(frame, point->cumulative_uj),
                    (long long)y_of(frame, point->value));
        begin = "H";
    }
    jb_buf_addf(out, "H%d\"/>\n", WIDTH - RIGHT);
    begin = "<path class=\"hull\" d=\"M";
    for (size_t i = 0; i < pareto->n; i++) {
        const struct jb_pareto_point *const point = &pareto->points[i];
        if (!point->is_on_hull)
            continue;
        jb_buf_addf(out, "%s%lld %lld", begin, (long long)x_of(frame, point->cumulative_uj),
                    (long long)y_of(frame, point->value));
        begin = "L";
    }
    jb_buf_add_text(out, "\"/>\n");
}

void jb_pareto_svg(const struct jb_pareto *pareto, const struct jb_inventory *inventory,
                   struct jb_buf *out)
{
    struct frame frame = {INT64_MAX, INT64_MIN, pareto->total_uj > 0 ? pareto->total_uj : 1};

    for (size_t i = 0; i < pareto->n; i++) {
        const int64_t value = pareto->points[i].value;
        frame.least = value < frame.least ? value : frame.least;
        frame.greatest = value > frame.greatest ? value : frame.greatest;
    }
    jb_buf_addf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                "font-family=\"sans-serif\" font-size=\"12\">\n"
                "<style>.axis,.best,.hull{fill:none;stroke:#444}.best{stroke:#0b6;"
                "stroke-width:2}.hull{stroke:#c50;stroke-dasharray:5 4}.run{fill:#fff;"
                "stroke:#36c;stroke-width:1.5}.front{fill:#36c}.stop{fill:none;stroke:#c00;"
                "stroke-width:2}</style>\n"
                "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                WIDTH, HEIGHT, WIDTH, HEIGHT);
    add_axes(&frame, pareto, out);
    add_lines(&frame, pareto, out);
    for (size_t i = 0; i < pareto->n; i++) {
        const struct jb_pareto_point *const point = &pareto->points[i];
        const long long x = x_of(&frame, point->cumulative_uj), y = y_of(&frame, point->value);
        jb_buf_addf(out,
                    "<circle class=\"run%s\" cx=\"%lld\" cy=\"%lld\" r=\"4\"><title>%s</title>"
                    "</circle>\n",
                    point->is_frontier ? " front" : "", x, y, inventory->runs[point->run].id);
        if (pareto->rule != JB_PARETO_TOO_FEW && i == pareto->stop) {
            jb_buf_addf(out, "<circle class=\"stop\" cx=\"%lld\" cy=\"%lld\" r=\"9\"/>\n", x, y);
            add_text(out, x, y - 14, x > WIDTH * 3 / 4 ? "end" : "start", "worth it up to here");
        }
    }
    jb_buf_add_text(out, "</svg>\n");
}
