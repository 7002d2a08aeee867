/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures of a report to its charts, each for a telephone and for a screen, with words that tell the same. Meters are added up
 * only where they are posted, and only in slices that all of them saw. Rules R-PAGE-05 to R-PAGE-07, R-PAGE-15.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "page/chart.h"
#include "report/report_page_int.h"

#define DESCRIPTION 1024

const char *report__page_figure(const struct jb_figure *figure, jb_format_fn format, char *buf,
                                size_t size)
{
    char best[48], band[96];

    if (!figure->is_known)
        (void)snprintf(buf, size, "not known");
    else if (figure->low == figure->high)
        (void)snprintf(buf, size, "%s", format(figure->best, best, sizeof best));
    else
        (void)snprintf(buf, size, "%s (%s)", format(figure->best, best, sizeof best),
                       jb_report_band(figure, format, band, sizeof band));
    return buf;
}

#define BARS_MAX (JB_N_PARTS > JB_N_DEVICES ? JB_N_PARTS : JB_N_DEVICES)
struct bars {
    struct jb_chart_bars chart;
    struct jb_chart_bar bars[BARS_MAX];
    char values[BARS_MAX][REPORT_PAGE_VALUE];
    char description[DESCRIPTION];
};

static void add_bar(struct bars *bars, const char *label, const struct jb_figure *figure,
                    const int64_t *segments)
{
    struct jb_chart_bar *const bar = &bars->bars[bars->chart.n_bars];
    char *const value = bars->values[bars->chart.n_bars++];
    const size_t len = strlen(bars->description);

    (void)report__page_figure(figure, jb_format_energy, value, REPORT_PAGE_VALUE);
    *bar = (struct jb_chart_bar){label,        value, figure->is_known, figure->low, figure->best,
                                 figure->high, {0}};
    memcpy(bar->segments, segments, sizeof bar->segments);
    (void)snprintf(bars->description + len, DESCRIPTION - len, "%s%s: %s", len > 0 ? "; " : "",
                   label, value);
}

static void put_bars(struct jb_document *document, struct bars *bars, const char *title)
{
    struct jb_picture narrow, wide;

    bars->chart.title = title;
    bars->chart.description = bars->description;
    bars->chart.kind = JB_SCALE_UJ;
    bars->chart.bars = bars->bars;
    jb_chart_bars(&bars->chart, JB_CHART_NARROW, &narrow);
    jb_chart_bars(&bars->chart, JB_CHART_WIDE, &wide);
    jb_document_picture(document, &narrow, &wide);
}

void report__page_bars(struct jb_document *document, const struct jb_inventory *inventory,
                       enum jb_layer layer)
{
    const struct jb_inventory_sum *const sum = &inventory->sums[layer];
    struct bars parts = {.description = ""}, devices = {.description = ""};

    _Static_assert(JB_N_DEVICES == JB_CHART_SEGMENTS, "a segment for each device");
    for (int i = 0; i < JB_N_PARTS; i++)
        if (inventory->parts[layer][i].n_runs > 0)
            add_bar(&parts, jb_part_name((enum jb_part)i), &inventory->parts[layer][i].energy_uj,
                    inventory->parts[layer][i].device_uj);
    for (int i = 0; i < JB_N_DEVICES; i++) {
        const struct jb_figure device = {true, false, sum->device_low_uj[i], sum->device_uj[i],
                                         sum->device_high_uj[i]};
        if (device.high <= 0)
            continue;
        parts.chart.segments[i] = jb_device_name((enum jb_device)i);
        int64_t alone[JB_CHART_SEGMENTS] = {0}; /* in the ink that it has among the parts */
        alone[i] = device.best;
        add_bar(&devices, jb_device_name((enum jb_device)i), &device, alone);
    }
    if (parts.chart.n_bars > 1)
        put_bars(document, &parts, "Energy by part and device");
    if (devices.chart.n_bars > 0 && sum->energy_uj.is_known)
        put_bars(document, &devices, "Energy by device");
}

/* R-PAGE-06: a slice is known if every posted meter saw something of it. */
static struct jb_chart_slice slice_of(const struct jb_power_course *course, size_t at)
{
    struct jb_chart_slice sum = {0, 0, 0};
    size_t n = 0;

    for (size_t i = 0; i < course->n_channels; i++) {
        const struct jb_power_slice *const slice = &course->channels[i].slices[at];
        if (course->channels[i].role != JB_ROLE_POST)
            continue;
        if (slice->seen_ns <= 0 || slice->mean_uw < 0)
            return (struct jb_chart_slice){0, -1, 0};
        sum.min = jb_add_sat_i64(sum.min, slice->min_uw);
        sum.mean = jb_add_sat_i64(sum.mean, slice->mean_uw);
        sum.max = jb_add_sat_i64(sum.max, slice->max_uw);
        n++;
    }
    return n > 0 ? sum : (struct jb_chart_slice){0, -1, 0};
}

void report__page_power(struct jb_document *document, const struct jb_power_course *course)
{
    struct jb_chart_slice *const slices = calloc(course->n_slices + 1, sizeof *slices);
    struct jb_picture narrow, wide;
    char description[DESCRIPTION], least[32], greatest[32];
    int64_t min = INT64_MAX, max = 0;
    size_t n = 0;

    if (!slices) {
        document->failed = JB_E_NOMEM;
        return;
    }
    for (size_t i = 0; i < course->n_slices; i++) {
        slices[i] = slice_of(course, i);
        if (slices[i].mean < 0)
            continue;
        min = slices[i].mean < min ? slices[i].mean : min;
        max = slices[i].mean > max ? slices[i].mean : max;
        n++;
    }
    if (n > 0)
        (void)snprintf(description, sizeof description,
                       "Mean power of the posted meters together, in %zu slices of time, of which "
                       "%zu were seen: from %s to %s.",
                       course->n_slices, n, jb_format_power(min, least, sizeof least),
                       jb_format_power(max, greatest, sizeof greatest));
    else
        (void)snprintf(description, sizeof description, "No slice was seen by every meter.");
    const struct jb_chart_course chart = {.title = "Power of the posted meters together",
                                          .description = description,
                                          .y_title = "power",
                                          .kind = JB_SCALE_UW,
                                          .slice_ns = course->slice_ns,
                                          .duration_ns = course->duration_ns,
                                          .n_slices = course->n_slices,
                                          .slices = slices};
    jb_chart_course(&chart, JB_CHART_NARROW, &narrow);
    jb_chart_course(&chart, JB_CHART_WIDE, &wide);
    jb_document_picture(document, &narrow, &wide);
    free(slices);
}

/* The number at the end of "epoch 3"; false where there is none. */
static bool number_of(const char *name, int64_t *ret)
{
    const char *const blank = strrchr(name, ' ');

    return blank && jb_parse_i64(blank + 1, strlen(blank + 1), false, ret) == JB_OK;
}

/* Columns of the course: x, the energy used, and up to four metrics; only epochs where there are some. */
struct columns {
    bool is_epochs, is_numbered;
    size_t n, n_metrics;
    int64_t *x, *energy, *metrics[JB_CHART_PANELS - 1];
};

static void fill(const struct jb_metric_course *course, struct columns *columns)
{
    for (size_t i = 0; i < course->n_points; i++)
        columns->is_epochs = columns->is_epochs || course->points[i].is_epoch;
    columns->is_numbered = true;
    for (size_t i = 0; i < course->n_points; i++) {
        const struct jb_metric_point *const point = &course->points[i];
        if (columns->is_epochs && !point->is_epoch)
            continue;
        const size_t n = columns->n++;
        columns->is_numbered = columns->is_numbered && number_of(point->name, &columns->x[n]) &&
                               (n == 0 || columns->x[n] > columns->x[n - 1]);
        columns->energy[n] = point->run_uj;
        for (size_t k = 0; k < columns->n_metrics; k++)
            columns->metrics[k][n] = point->nano[k];
    }
    for (size_t i = 0; i < columns->n && !columns->is_numbered; i++)
        columns->x[i] = (int64_t)i + 1;
}

void report__page_epochs(struct jb_document *document, const struct jb_metric_course *course)
{
    const size_t n = course->n_points;
    struct columns columns = {.n_metrics = course->n_metrics < JB_CHART_PANELS - 1
                                               ? course->n_metrics
                                               : JB_CHART_PANELS - 1};
    struct jb_chart_panels chart = {.title = "Metrics and energy"};
    struct jb_picture narrow, wide;
    char description[DESCRIPTION], energy[32];
    int64_t *const room = calloc((n + 1) * (JB_CHART_PANELS + 1), sizeof *room);

    if (!room) {
        document->failed = JB_E_NOMEM;
        return;
    }
    columns.x = room;
    columns.energy = room + n;
    for (size_t i = 0; i < JB_CHART_PANELS - 1; i++)
        columns.metrics[i] = room + n * (i + 2);
    fill(course, &columns);
    for (size_t i = 0; i < columns.n_metrics; i++)
        chart.panels[chart.n_panels++] =
            (struct jb_chart_panel){course->names[i], JB_SCALE_NANO, columns.metrics[i], false};
    chart.panels[chart.n_panels++] =
        (struct jb_chart_panel){"energy used up to then", JB_SCALE_UJ, columns.energy, true};
    (void)snprintf(
        description, sizeof description, "%zu %s; at the last of them the run had used %s.",
        columns.n, columns.is_epochs ? "epochs" : "marks",
        columns.n > 0 ? jb_format_energy(columns.energy[columns.n - 1], energy, sizeof energy)
                      : "nothing");
    chart.description = description;
    chart.x_title = columns.is_epochs && columns.is_numbered ? "epoch"
                    : columns.is_numbered                    ? "step"
                                                             : "mark, in order";
    chart.x_kind = JB_SCALE_COUNT;
    chart.n = columns.n;
    chart.x = columns.x;
    jb_chart_panels(&chart, JB_CHART_NARROW, &narrow);
    jb_chart_panels(&chart, JB_CHART_WIDE, &wide);
    jb_document_picture(document, &narrow, &wide);
    free(room);
}
