/* SPDX-License-Identifier: Apache-2.0 */
/* The live view to rows: power over the last minutes, runs, the tree of meters, what is not seen. */
#include "cli/top_draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "report/table.h"
#include "report/tree.h"

#define GRAPH_ROWS    4
#define GRAPH_LABEL   10
#define EIGHTHS       8
#define REFUSALS_MAX  12
#define LATE_PERIODS  5 /* a meter this many of its periods old is late */
#define LATE_LEAST_NS (5 * JB_NS_PER_S)

/* Cuts to `width` characters, never inside one. */
static void cut(char *text, int width)
{
    size_t len = strlen(text);

    while (len > 0 && jb_text_width(text, len) > (size_t)width) {
        len--;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    text[len] = '\0';
}

/* The text of a new row, JB_TOP_ROW_BYTES of it. Rows are cut to the screen in the end. */
static char *add(struct jb_top *top, enum jb_top_look look)
{
    struct jb_top_row *const row = &top->rows[top->n];

    if (top->n < JB_TOP_ROWS_MAX)
        top->n++; /* beyond it the last row is written over, and not shown */
    row->look = look;
    row->text[0] = '\0';
    return row->text;
}

static const char *power_text(bool is_known, int64_t power_uw, char *buf, size_t size)
{
    if (!is_known)
        return "-";
    return jb_format_power(power_uw, buf, size);
}

static void draw_head(const struct jb_live *live, const char *host, struct jb_top *top)
{
    char utc[32], power[32];

    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES, "joulebook top   %s   %s   %s   %s",
                   host, jb_format_utc(live->utc_us, false, utc, sizeof utc),
                   live->is_recording ? "recording" : "nobody records here",
                   power_text(live->power_uw >= 0, live->power_uw, power, sizeof power));
}

/* The eighth of a cell that a level fills, in characters that the terminal has. */
static const char *block(int eighths, bool is_utf8)
{
    static const char *const fine[EIGHTHS + 1] = {" ",      "\u2581", "\u2582", "\u2583", "\u2584",
                                                  "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const coarse[EIGHTHS + 1] = {" ", ".", ".", ":", ":", "|", "|", "#", "#"};

    return is_utf8 ? fine[eighths] : coarse[eighths];
}

static void draw_graph(const struct jb_live *live, const struct jb_top_size *size,
                       struct jb_top *top)
{
    const int columns = size->width > GRAPH_LABEL + 10 ? size->width - GRAPH_LABEL - 1 : 0;
    const size_t n = live->n_history < (size_t)columns ? live->n_history : (size_t)columns;
    const int64_t *const last = live->history_uw + live->n_history - n;
    int64_t max_uw = -1;
    char label[32];

    for (size_t i = 0; i < n; i++)
        max_uw = last[i] > max_uw ? last[i] : max_uw;
    if (max_uw < 0)
        return; /* no power is known yet */
    max_uw = max_uw > 0 ? max_uw : 1;
    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES, "power, the last %s",
                   jb_format_duration(live->mono_ns - live->history_ns[live->n_history - n], label,
                                      sizeof label));
    for (int row = GRAPH_ROWS - 1; row >= 0; row--) {
        char text[JB_TOP_ROW_BYTES] = "";
        size_t len = 0;
        for (size_t i = 0; i < n && len + 4 < sizeof text; i++) {
            const int64_t level = last[i] < 0 ? 0
                                              : jb_muldiv_sat_i64(last[i], GRAPH_ROWS * EIGHTHS,
                                                                  max_uw, JB_ROUND_NEAREST);
            const int64_t part = level - (int64_t)row * EIGHTHS;
            const char *const mark = block(part <= 0        ? 0
                                           : part > EIGHTHS ? EIGHTHS
                                                            : (int)part,
                                           size->is_utf8);
            memcpy(text + len, mark, strlen(mark) + 1);
            len += strlen(mark);
        }
        (void)snprintf(add(top, JB_TOP_GRAPH), JB_TOP_ROW_BYTES, "%*s %s", GRAPH_LABEL - 1,
                       row == GRAPH_ROWS - 1 ? jb_format_power(max_uw, label, sizeof label)
                       : row == 0            ? "0 W"
                                             : "",
                       text);
    }
}

/* What the run is called by whoever started it. */
static void name_of(const struct jb_run *run, char *buf, size_t size)
{
    const char *const name = run->model[0]     ? run->model
                             : run->project[0] ? run->project
                                               : run->command;

    jb_clean_copy(name, buf, size);
}

static const char *figure(const struct jb_figure *value,
                          const char *(*format)(int64_t, char *, size_t), char *buf, size_t size)
{
    return value->is_known ? format(value->best, buf, size) : "";
}

/* Below its run: what the whole of it will take, of all meters. */
static void draw_predicted(const struct jb_live_run *run, struct jb_top *top)
{
    const struct jb_predicted *const predicted = &run->predicted;
    const int64_t left_ns = predicted->duration_ns.best - run->elapsed_ns;
    char best[32], low[32], high[32], left[32];

    if (run->has_predicted)
        (void)snprintf(add(top, JB_TOP_QUIET), JB_TOP_ROW_BYTES,
                       "%-8s  predicted: %s (%s to %s) of all meters, %s left", "",
                       jb_format_energy(predicted->energy_uj.best, best, sizeof best),
                       jb_format_energy(predicted->energy_uj.low, low, sizeof low),
                       jb_format_energy(predicted->energy_uj.high, high, sizeof high),
                       run->elapsed_ns < 0
                           ? "?"
                           : jb_format_duration(left_ns > 0 ? left_ns : 0, left, sizeof left));
}

static void draw_runs(const struct jb_live *live, struct jb_top *top)
{
    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES, "%s", "");
    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES,
                   "%-18s  %-24s %11s %8s %8s %8s %12s  %s", "run", "what", "for", "power",
                   "energy", "CO2e", "cost", "last mark");
    if (live->n_runs == 0)
        (void)snprintf(add(top, JB_TOP_QUIET), JB_TOP_ROW_BYTES, "%s",
                       live->is_recording ? "a run begins or ends just now"
                                          : "no run: `joulebook run -- COMMAND` begins one");
    for (size_t i = 0; i < live->n_runs; i++) {
        const struct jb_live_run *const run = &live->runs[i];
        char name[25], elapsed[32], power[32], energy[32], co2e[32], cost[64] = "", number[32];
        char mark[sizeof run->mark];
        name_of(&run->run, name, sizeof name);
        jb_clean_copy(run->mark, mark, sizeof mark);
        if (run->cost_micro.is_known)
            (void)snprintf(cost, sizeof cost, "%s %s",
                           jb_format_decimal(run->cost_micro.best, 6, number, sizeof number),
                           run->run.currency);
        (void)snprintf(
            add(top, JB_TOP_PLAIN), JB_TOP_ROW_BYTES, "%-18.18s  %-24s %11s %8s %8s %8s %12s  %s",
            run->run.id, name,
            run->elapsed_ns >= 0 ? jb_format_duration(run->elapsed_ns, elapsed, sizeof elapsed)
                                 : "",
            power_text(run->power_uw >= 0, run->power_uw, power, sizeof power),
            jb_format_energy(run->energy_uj, energy, sizeof energy),
            figure(&run->location_ugco2e, jb_format_co2e, co2e, sizeof co2e), cost, mark);
        draw_predicted(run, top);
    }
}

/* Why a meter is not seen now; "" if it is. */
static void state_of(const struct jb_live_channel *one, char *buf, size_t size)
{
    int64_t late_ns = one->channel.update_ns * LATE_PERIODS;
    char age[32];

    late_ns = late_ns > LATE_LEAST_NS ? late_ns : LATE_LEAST_NS;
    buf[0] = '\0';
    if (one->age_ns < 0)
        (void)snprintf(buf, size, "not read yet");
    else if (one->age_ns > late_ns)
        (void)snprintf(buf, size, "%s for %s", one->gap[0] ? one->gap : "not read",
                       jb_format_duration(one->age_ns, age, sizeof age));
}

static void draw_meters(const struct jb_live *live, const struct jb_top_size *size,
                        struct jb_top *top)
{
    struct jb_channel channels[JB_CHANNELS_MAX];
    struct jb_tree_line lines[JB_CHANNELS_MAX];
    size_t widest = 5;

    for (size_t i = 0; i < live->n_channels; i++)
        channels[i] = live->channels[i].channel;
    const size_t n = jb_tree_draw(channels, live->n_channels, size->is_utf8, lines);
    for (size_t i = 0; i < n; i++) {
        const size_t width = jb_text_width(lines[i].branch, strlen(lines[i].branch)) +
                             strlen(channels[lines[i].channel].id);
        widest = width > widest ? width : widest;
    }
    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES, "%s", "");
    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES, "%-*s %10s %10s  %s", (int)widest,
                   "meter", "power", "energy", "what the book does with it");
    if (n == 0)
        (void)snprintf(add(top, JB_TOP_QUIET), JB_TOP_ROW_BYTES,
                       "no meter can be read; `joulebook meters` says why");
    for (size_t i = 0; i < n; i++) {
        const struct jb_live_channel *const one = &live->channels[lines[i].channel];
        const size_t width =
            jb_text_width(lines[i].branch, strlen(lines[i].branch)) + strlen(one->channel.id);
        char power[32], energy[32], state[96];
        state_of(one, state, sizeof state);
        (void)snprintf(
            add(top, state[0] ? JB_TOP_WARNING : JB_TOP_PLAIN), JB_TOP_ROW_BYTES,
            "%s%s%*s %10s %10s  %s%s%s", lines[i].branch, one->channel.id, (int)(widest - width),
            "", power_text(one->has_power, one->power_uw, power, sizeof power),
            one->age_ns >= 0 ? jb_format_energy(one->energy_uj, energy, sizeof energy) : "",
            lines[i].meaning, state[0] ? "; " : "", state);
    }
}

/* R-LIVE-05: what nobody sees is on the screen as well. */
static void draw_unseen(const struct jb_live *live, const struct jb_sensor_refusal *const *refusals,
                        size_t n_refusals, struct jb_top *top)
{
    const size_t begin = top->n;
    char state[96];

    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES, "%s", "");
    (void)snprintf(add(top, JB_TOP_TITLE), JB_TOP_ROW_BYTES, "not seen");
    const size_t first = top->n;
    for (size_t i = 0; i < live->n_channels; i++) {
        const struct jb_live_channel *const one = &live->channels[i];
        state_of(one, state, sizeof state);
        if (state[0] && one->channel.role != JB_ROLE_CHECK && one->channel.role != JB_ROLE_DETAIL)
            (void)snprintf(add(top, JB_TOP_WARNING), JB_TOP_ROW_BYTES, "%s: %s", one->channel.id,
                           state);
        else if (one->n_gaps > 0)
            (void)snprintf(add(top, JB_TOP_QUIET), JB_TOP_ROW_BYTES,
                           "%s: %" PRIu32 " gap%s so far, the last: %s", one->channel.id,
                           one->n_gaps, one->n_gaps == 1 ? "" : "s", one->gap);
        if (one->channel.origin == JB_ORIGIN_MODELLED && one->channel.role == JB_ROLE_POST)
            (void)snprintf(add(top, JB_TOP_QUIET), JB_TOP_ROW_BYTES, "%s: no meter; modelled by %s",
                           jb_device_name(one->channel.device), one->channel.label);
    }
    for (size_t i = 0; i < n_refusals && i < REFUSALS_MAX; i++)
        (void)snprintf(add(top, JB_TOP_QUIET), JB_TOP_ROW_BYTES, "%s: %s", refusals[i]->what,
                       refusals[i]->reason);
    if (n_refusals > REFUSALS_MAX)
        (void)snprintf(add(top, JB_TOP_QUIET), JB_TOP_ROW_BYTES,
                       "and %zu more; see `joulebook meters`", n_refusals - REFUSALS_MAX);
    if (top->n == first)
        top->n = begin;
}

void jb_top_draw(const struct jb_live *live, const struct jb_sensor_refusal *const *refusals,
                 size_t n_refusals, const char *host, const struct jb_top_size *size,
                 struct jb_top *ret)
{
    ret->n = 0;
    draw_head(live, host, ret);
    draw_graph(live, size, ret);
    draw_runs(live, ret);
    draw_meters(live, size, ret);
    draw_unseen(live, refusals, n_refusals, ret);
    for (size_t i = 0; i < ret->n; i++)
        cut(ret->rows[i].text, size->width);
}
