/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An estimate for people. Must never show a figure without its band, nor one where the estimate is not computable: then it
 * says what is missing.
 */
#include "report/report_estimate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/table.h"

#define LABEL     11 /* width of the words in front of figures */
#define BAR_WIDTH 41
#define KWH_UJ    INT64_C(3600000000000)

const char *jb_format_kwh(int64_t energy_uj, char *buf, size_t size)
{
    const unsigned decimals = energy_uj >= 10 * KWH_UJ || energy_uj == 0 ? 1
                              : energy_uj >= KWH_UJ / 100                ? 3
                                                                         : 6;
    static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    char number[32];

    (void)jb_format_decimal(
        jb_muldiv_sat_i64(energy_uj, powers[decimals], KWH_UJ, JB_ROUND_NEAREST), decimals, number,
        sizeof number);
    (void)snprintf(buf, size, "%s kWh", number);
    return buf;
}

/* Three significant digits: what a band of factors bears. Formulas keep theirs, to be held against print. */
const char *jb_format_kwh_rounded(int64_t energy_uj, char *buf, size_t size)
{
    const int64_t micro = jb_muldiv_sat_i64(energy_uj, 1000000, KWH_UJ, JB_ROUND_NEAREST);
    int64_t step = 1;
    char number[32];

    while (micro / step >= 1000)
        step *= 10;
    (void)jb_format_decimal((micro + step / 2) / step * step, 6, number, sizeof number);
    (void)snprintf(buf, size, "%s kWh", number);
    return buf;
}

static const char *bold(const struct jb_style *style)
{
    return style->is_colour ? "\033[1m" : "";
}

static const char *plain(const struct jb_style *style)
{
    return style->is_colour ? "\033[0m" : "";
}

static void title(const char *text, const struct jb_style *style, struct jb_buf *out)
{
    jb_buf_addf(out, "\n%s%s%s\n", bold(style), text, plain(style));
}

/* "2038.2 kWh  (1125.4 .. 3049.6 kWh)" */
static void figure(const char *label, const struct jb_figure *value, jb_format_fn format,
                   const char *rest, struct jb_buf *out)
{
    char best[32], band[80];

    if (!value->is_known)
        return;
    jb_buf_addf(out, "%-*s%s  (%s)%s\n", LABEL, label, format(value->best, best, sizeof best),
                jb_report_band(value, format, band, sizeof band), rest);
}

static const char *chosen_formula(const struct jb_estimate *estimate)
{
    for (size_t i = 0; i < estimate->n_choices; i++)
        if (estimate->choices[i].is_chosen)
            return estimate->choices[i].formula;
    return "";
}

/* Hundredths of the currency where the best figure has units of it. */
static const char *money_text(const struct jb_estimate_told *told, int64_t micro, char *buf,
                              size_t size)
{
    const int64_t step = told->cost_micro.best >= 1000000 ? 10000 : 1;

    return jb_report_money(jb_muldiv_sat_i64(micro, 1, step, JB_ROUND_NEAREST) * step,
                           told->currency, buf, size);
}

static void headline(const struct jb_estimate_told *told, const struct jb_style *style,
                     struct jb_buf *out)
{
    const struct jb_estimate *const estimate = told->estimate;
    const struct jb_figure *const energy = &estimate->energy_uj;
    const char *const formula = chosen_formula(estimate);
    char best[32], band[80], text[128];

    if (!estimate->is_computable) {
        jb_buf_addf(out, "%snot computable: %s%s\n", bold(style), estimate->why_not, plain(style));
        return;
    }
    jb_buf_addf(out, "%s%s%s  (%s, %s)  method %s%s%s%s, estimated: nothing was measured\n",
                bold(style), jb_format_kwh_rounded(energy->best, best, sizeof best), plain(style),
                jb_report_band(energy, jb_format_kwh_rounded, band, sizeof band),
                energy->is_hard_bound ? "hard bounds" : "90 %", jb_method_name(estimate->method),
                formula[0] ? " (" : "", formula, formula[0] ? ")" : "");
    if (estimate->facility_uj.is_known)
        figure("with PUE", &told->total_uj, jb_format_kwh_rounded, "", out);
    (void)snprintf(text, sizeof text, "  in %s%s", told->place,
                   estimate->facility_uj.is_known ? "" : ", without a PUE");
    figure("carbon", &told->location_ugco2e, jb_format_co2e, text, out);
    if (told->cost_micro.is_known) {
        char low[48], high[48], money[48];
        jb_buf_addf(out, "%-*s%s  (%s .. %s)\n", LABEL, "cost",
                    money_text(told, told->cost_micro.best, money, sizeof money),
                    money_text(told, told->cost_micro.low, low, sizeof low),
                    money_text(told, told->cost_micro.high, high, sizeof high));
    }
    if (estimate->power_uw > 0)
        jb_buf_addf(out, "%-*s%s while it ran\n", LABEL, "power",
                    jb_format_power(estimate->power_uw, best, sizeof best));
    if (told->run_id[0])
        jb_buf_addf(out, "%-*s%s: %s\n", LABEL, "run", told->run_id, told->run_state);
}

static void inputs(const struct jb_estimate_told *told, const struct jb_style *style,
                   struct jb_buf *out)
{
    static const char *const titles[] = {"what", "said"};
    struct jb_table table;

    if (told->n_inputs == 0)
        return;
    title("What is known", style, out);
    jb_table_begin(&table, "ll", titles);
    for (size_t i = 0; i < told->n_inputs; i++) {
        char name[sizeof told->inputs[i].name];
        (void)snprintf(name, sizeof name, "%s", told->inputs[i].name);
        for (char *at = name; (at = strchr(at, '_')) != NULL;)
            *at = ' ';
        jb_table_add(&table, name);
        jb_table_add(&table, told->inputs[i].text);
    }
    jb_table_end(&table, 2, style, out);
}

static void add_band(struct jb_table *table, const struct jb_figure *value, jb_format_fn format)
{
    char best[32], band[80];

    jb_table_add(table, format(value->best, best, sizeof best));
    jb_table_add(table, value->low == value->high
                            ? "as given"
                            : jb_report_band(value, format, band, sizeof band));
}

static void parts(const struct jb_estimate *estimate, const struct jb_style *style,
                  struct jb_buf *out)
{
    static const char *const titles[] = {"device", "energy", "band", "from", "as"};
    struct jb_table table;

    if (estimate->n_parts == 0)
        return;
    title("Where it goes", style, out);
    jb_table_begin(&table, "lrlll", titles);
    for (size_t i = 0; i < estimate->n_parts; i++) {
        const struct jb_estimate_part *const part = &estimate->parts[i];
        jb_table_add(&table, jb_device_name(part->device));
        add_band(&table, &part->energy_uj, jb_format_kwh_rounded);
        jb_table_add(&table, jb_origin_name(part->origin));
        jb_table_add(&table, part->basis);
    }
    jb_table_end(&table, 2, style, out);
}

/* --- doubts ---------------------------------------------------------------------------------------------------- */

struct axis {
    int64_t low, high;
};

static struct axis axis_of(const struct jb_estimate *estimate)
{
    struct axis axis = {estimate->energy_uj.best, estimate->energy_uj.best};

    for (size_t i = 0; i < estimate->n_doubts; i++) {
        const struct jb_estimate_doubt *const doubt = &estimate->doubts[i];
        axis.low = doubt->low_uj < axis.low ? doubt->low_uj : axis.low;
        axis.high = doubt->high_uj > axis.high ? doubt->high_uj : axis.high;
    }
    return axis;
}

static size_t column(const struct axis *axis, int64_t value)
{
    return axis->high == axis->low
               ? 0
               : (size_t)jb_muldiv_sat_i64(value - axis->low, BAR_WIDTH - 1, axis->high - axis->low,
                                           JB_ROUND_NEAREST);
}

/* "    =====|=======": from one end of the input to the other, with the best figure's place. */
static void bar(const struct axis *axis, const struct jb_estimate_doubt *doubt, int64_t best_uj,
                char text[BAR_WIDTH + 1])
{
    const size_t from = column(axis, doubt->low_uj), to = column(axis, doubt->high_uj);

    for (size_t i = 0; i < BAR_WIDTH; i++)
        text[i] = i >= from && i <= to ? '=' : ' ';
    text[column(axis, best_uj)] = '|';
    text[BAR_WIDTH] = '\0';
    for (size_t i = BAR_WIDTH; i > 0 && text[i - 1] == ' '; i--)
        text[i - 1] = '\0';
}

static void doubts(const struct jb_estimate *estimate, const struct jb_style *style,
                   struct jb_buf *out)
{
    static const char *const titles[] = {"input", "known as", "at one end", "at the other", ""};
    const struct axis axis = axis_of(estimate);
    struct jb_table table;

    if (estimate->n_doubts == 0)
        return;
    title("What each doubt contributes: the energy with that input at either end, all others at "
          "their best",
          style, out);
    jb_table_begin(&table, "llrrl", titles);
    for (size_t i = 0; i < estimate->n_doubts; i++) {
        const struct jb_estimate_doubt *const doubt = &estimate->doubts[i];
        char text[BAR_WIDTH + 1], low[32], high[32];
        bar(&axis, doubt, estimate->energy_uj.best, text);
        jb_table_add(&table, doubt->name);
        jb_table_add(&table, jb_known_name(doubt->known));
        jb_table_add(&table, jb_format_kwh_rounded(doubt->low_uj, low, sizeof low));
        jb_table_add(&table, jb_format_kwh_rounded(doubt->high_uj, high, sizeof high));
        jb_table_add(&table, text);
    }
    jb_table_end(&table, 2, style, out);
}

/* The widest doubt that somebody can do something about. */
static void narrow(const struct jb_estimate *estimate, const struct jb_style *style,
                   struct jb_buf *out)
{
    for (size_t i = 0; i < estimate->n_doubts; i++)
        if (estimate->doubts[i].step[0]) {
            char first[96];
            (void)snprintf(first, sizeof first,
                           "\nTo narrow it most (%s): ", estimate->doubts[i].name);
            jb_text_wrap(estimate->doubts[i].step, first, "  ", style, out);
            return;
        }
}

/* --- methods, readings, the rest ------------------------------------------------------------------------------- */

static void choices(const struct jb_estimate *estimate, const struct jb_style *style,
                    struct jb_buf *out)
{
    static const char *const titles[] = {"method", "formula", "decision", "why"};
    struct jb_table table;

    if (estimate->n_choices == 0)
        return;
    title("Which method, and why no better one", style, out);
    jb_table_begin(&table, "llll", titles);
    for (size_t i = 0; i < estimate->n_choices; i++) {
        const struct jb_estimate_choice *const choice = &estimate->choices[i];
        jb_table_add(&table, jb_method_name(choice->method));
        jb_table_add(&table, choice->formula);
        jb_table_add(&table, choice->is_chosen     ? "chosen"
                             : choice->is_possible ? "possible"
                                                   : "not possible");
        jb_table_add(&table, choice->why);
    }
    jb_table_end(&table, 2, style, out);
}

static void readings(const struct jb_estimate *estimate, const struct jb_style *style,
                     struct jb_buf *out)
{
    static const char *const titles[] = {"formula", "reading", "energy", "band"};
    struct jb_table table;

    if (estimate->n_readings == 0)
        return;
    title("The same facts by the plain formulas", style, out);
    jb_table_begin(&table, "llrl", titles);
    for (size_t i = 0; i < estimate->n_readings; i++) {
        const struct jb_estimate_reading *const reading = &estimate->readings[i];
        jb_table_add(&table, reading->formula);
        jb_table_add(&table, reading->name);
        add_band(&table, &reading->energy_uj, jb_format_kwh);
    }
    jb_table_end(&table, 2, style, out);
}

static const char *count_text(int64_t n_milli, char *buf, size_t size)
{
    /* Three figures are more than an equivalent can bear. */
    const int64_t shown = n_milli >= 100000  ? (n_milli + 500) / 1000 * 1000
                          : n_milli >= 10000 ? (n_milli + 50) / 100 * 100
                          : n_milli >= 1000  ? (n_milli + 5) / 10 * 10
                                             : n_milli;
    return jb_format_decimal(shown, 3, buf, size);
}

static void equivalents(const struct jb_estimate_told *told, const struct jb_style *style,
                        struct jb_buf *out)
{
    if (told->n_equivalents == 0)
        return;
    title("As much as", style, out);
    for (size_t i = 0; i < told->n_equivalents; i++) {
        const struct jb_told_equivalent *const one = &told->equivalents[i];
        char best[32], band[80];
        jb_buf_addf(out, "  %s x %s  (%s)\n", count_text(one->n_milli.best, best, sizeof best),
                    one->name, jb_report_band(&one->n_milli, count_text, band, sizeof band));
    }
}

static void notes(const struct jb_estimate_told *told, const struct jb_style *style,
                  struct jb_buf *out)
{
    const struct jb_estimate *const estimate = told->estimate;

    if (estimate->n_notes + told->n_notes == 0)
        return;
    title("Notes", style, out);
    for (size_t i = 0; i < estimate->n_notes; i++)
        jb_text_wrap(estimate->notes[i], "  - ", "    ", style, out);
    for (size_t i = 0; i < told->n_notes; i++)
        jb_text_wrap(told->notes[i], "  - ", "    ", style, out);
}

static void factor(const struct jb_factor *one, const struct jb_style *style, struct jb_buf *out)
{
    char text[512];

    (void)snprintf(text, sizeof text, "%s %s: %s%s%s", one->name, one->value, one->source,
                   one->edition[0] ? ", " : "", one->edition);
    jb_text_wrap(text, "  - ", "    ", style, out);
}

static void factors(const struct jb_estimate_told *told, const struct jb_style *style,
                    struct jb_buf *out)
{
    if (told->estimate->n_factors + told->n_factors == 0)
        return;
    title("What it stands on", style, out);
    for (size_t i = 0; i < told->estimate->n_factors; i++)
        factor(&told->estimate->factors[i], style, out);
    for (size_t i = 0; i < told->n_factors; i++)
        factor(&told->factors[i], style, out);
}

void jb_report_estimate_text(const struct jb_estimate_told *told, const struct jb_style *style,
                             struct jb_buf *out)
{
    headline(told, style, out);
    inputs(told, style, out);
    parts(told->estimate, style, out);
    doubts(told->estimate, style, out);
    narrow(told->estimate, style, out);
    choices(told->estimate, style, out);
    readings(told->estimate, style, out);
    equivalents(told, style, out);
    notes(told, style, out);
    factors(told, style, out);
}
