/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans for people, and as CSV. Must never show a figure without its band where there is room for one, nor name a winner where
 * nothing was compared.
 */
#include "cli/plan_tell.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/table.h"

#define LABEL     12
#define UJ_PER_MJ 1000
#define NS_PER_US 1000

static const char *format_mj(int64_t energy_mj, char *buf, size_t size)
{
    static const int64_t gwh_mj = INT64_C(3600000000000000);
    char number[32];

    if (energy_mj <= INT64_MAX / UJ_PER_MJ)
        return jb_format_energy(energy_mj * UJ_PER_MJ, buf, size);
    (void)jb_format_decimal(jb_muldiv_sat_i64(energy_mj, 100, gwh_mj, JB_ROUND_NEAREST), 2, number,
                            sizeof number);
    (void)snprintf(buf, size, "%s GWh", number);
    return buf;
}

/* Up to two days as durations are, above in days, above two years in years. */
static const char *format_us(int64_t us, char *buf, size_t size)
{
    static const int64_t day_us = INT64_C(86400000000);
    char number[32];

    if (us < 2 * day_us)
        return jb_format_duration(us * NS_PER_US, buf, size);
    const bool is_years = us >= 730 * day_us;
    (void)jb_format_decimal(
        jb_muldiv_sat_i64(us, 10, is_years ? 365 * day_us : day_us, JB_ROUND_NEAREST), 1, number,
        sizeof number);
    (void)snprintf(buf, size, "%s %s", number, is_years ? "years" : "days");
    return buf;
}

static const char *format_share(int64_t ppm, char *buf, size_t size)
{
    char number[32];

    (void)jb_format_decimal((ppm + 500) / 1000, 1, number, sizeof number);
    (void)snprintf(buf, size, "%s %%", number);
    return buf;
}

static bool is_carbon_by_hour(const struct jb_plan_wish *wish, const struct jb_plan_cell *cell)
{
    return cell->has_hours && cell->hours.n_starts > 0 &&
           jb_hourly_about(wish->places[cell->place].hourly)->signal == JB_SIGNAL_AVERAGE;
}

struct jb_figure jb_plan_cell_carbon(const struct jb_plan_wish *wish,
                                     const struct jb_plan_cell *cell)
{
    return is_carbon_by_hour(wish, cell) ? cell->hours.best.mass_ugco2e
                                         : cell->plan.location_ugco2e;
}

/* --- one plan --------------------------------------------------------------------------------------------------- */

static void figure(const char *label, const struct jb_figure *value, jb_format_fn format,
                   const char *rest, struct jb_buf *out)
{
    char best[48], band[96];

    if (!value->is_known)
        return;
    jb_buf_addf(out, "%-*s%s  (%s)%s\n", LABEL, label, format(value->best, best, sizeof best),
                jb_report_band(value, format, band, sizeof band), rest);
}

/* Cents are enough from one on: a band bears no more. */
static const char *format_money(int64_t micro, char *buf, size_t size)
{
    const int64_t step = micro >= 1000000 ? 10000 : 1;

    return jb_format_decimal(jb_muldiv_sat_i64(micro, 1, step, JB_ROUND_NEAREST), step > 1 ? 2 : 6,
                             buf, size);
}

static const char *money_text(const struct jb_figure *value, const char *currency, char *buf,
                              size_t size)
{
    char best[32], low[32], high[32];

    (void)snprintf(buf, size, "%s%s%s (%s .. %s)", format_money(value->best, best, sizeof best),
                   currency[0] ? " " : "", currency, format_money(value->low, low, sizeof low),
                   format_money(value->high, high, sizeof high));
    return buf;
}

static void money(const char *label, const struct jb_figure *value, const char *currency,
                  struct jb_buf *out)
{
    char text[128];

    if (value->is_known)
        jb_buf_addf(out, "%-*s%s\n", LABEL, label, money_text(value, currency, text, sizeof text));
}

static void start_line(const char *label, const struct jb_plan_start *start, struct jb_buf *out)
{
    char time[32], mean[32], mass[32], band[96];

    jb_buf_addf(out, "%-*s%s: %s  (%s), mean %s g/kWh\n", LABEL, label,
                jb_format_utc(start->utc_us, false, time, sizeof time),
                jb_format_co2e(start->mass_ugco2e.best, mass, sizeof mass),
                jb_report_band(&start->mass_ugco2e, jb_format_co2e, band, sizeof band),
                jb_format_decimal(start->mean_mg_per_kwh, 3, mean, sizeof mean));
}

static void hours_of(const struct jb_plan_told *told, const struct jb_plan_cell *cell,
                     struct jb_buf *out)
{
    const struct jb_hourly *const hourly = told->wish->places[cell->place].hourly;
    const struct jb_plan_hours *const hours = &cell->hours;

    if (!cell->has_hours)
        return;
    const struct jb_hourly_about *const about = jb_hourly_about(hourly);
    if (hours->n_starts == 0) {
        char begin[32], end[32];
        jb_buf_addf(
            out,
            "%-*sno start from which the series covers the whole training: it is of %s .. %s\n",
            LABEL, "when", jb_format_utc(about->start_utc_us, false, begin, sizeof begin),
            jb_format_utc(about->end_utc_us, false, end, sizeof end));
        return;
    }
    start_line("best start", &hours->best, out);
    start_line("first", &hours->first, out);
    start_line("worst", &hours->worst, out);
    jb_buf_addf(out, "%-*s%s%s%s intensities of %zu starts", LABEL, "by",
                about->provider[0] ? about->provider : "", about->provider[0] ? ", " : "",
                jb_signal_name(about->signal), hours->n_starts);
    if (about->n_forecast > 0 || about->n_estimated > 0)
        jb_buf_addf(out, "; of the series %zu rows are a forecast, %zu estimated",
                    about->n_forecast, about->n_estimated);
    jb_buf_add_text(out, about->signal == JB_SIGNAL_MARGINAL
                             ? ": to choose a time by, and no account of what is emitted\n"
                             : "\n");
}

static void one_plan(const struct jb_plan_told *told, const struct jb_plan_cell *cell,
                     const struct jb_style *style, struct jb_buf *out)
{
    const struct jb_plan *const plan = &cell->plan;
    const struct jb_plan_wish *const wish = told->wish;
    const char *const place = wish->places[cell->place].name;
    char text[64];

    jb_buf_addf(out, "%s%s%s\n",
                plan->hardware[0] ? plan->hardware : wish->hardware[cell->hardware].name,
                place[0] ? " in " : "", place);
    if (!plan->is_computable) {
        jb_buf_addf(out, "not computable: %s\n", plan->why_not);
        return;
    }
    figure("time", &plan->wall_us, format_us, "", out);
    figure("device time", &plan->device_us, format_us, "", out);
    figure("energy", &plan->energy_mj, format_mj, ", IT", out);
    if (plan->facility_mj.best != plan->energy_mj.best)
        figure("facility", &plan->facility_mj, format_mj, ", with PUE", out);
    figure("carbon", &plan->location_ugco2e, jb_format_co2e, ", by the year's grid", out);
    money("cost", &plan->cost_micro, wish->order.currency, out);
    figure("utilisation", &plan->utilisation_ppm, format_share, ", of peak (MFU)", out);
    jb_buf_addf(out, "%-*s%s, mean\n", LABEL, "power",
                jb_format_power(plan->power_uw, text, sizeof text));
    hours_of(told, cell, out);
    if (plan->basis[0]) {
        jb_buf_addf(out, "\n");
        jb_text_wrap(plan->basis, "by ", "   ", style, out);
    }
    for (size_t i = 0; i < plan->n_notes; i++)
        jb_text_wrap(plan->notes[i], "- ", "  ", style, out);
}

/* --- several ---------------------------------------------------------------------------------------------------- */

static void band_cell(struct jb_table *table, const struct jb_figure *value, jb_format_fn format)
{
    char best[48], band[96];

    if (!value->is_known)
        jb_table_add(table, "");
    else
        jb_table_addf(table, "%s (%s)", format(value->best, best, sizeof best),
                      jb_report_band(value, format, band, sizeof band));
}

static void cost_cell(struct jb_table *table, const struct jb_figure *value, const char *currency)
{
    char text[128];

    jb_table_add(table, value->is_known ? money_text(value, currency, text, sizeof text) : "");
}

static void table_of(const struct jb_plan_told *told, const struct jb_style *style,
                     struct jb_buf *out)
{
    static const char *const titles[] = {"",       "hardware", "place",      "time", "energy",
                                         "carbon", "cost",     "best start", ""};
    struct jb_table table;
    char time[32];

    jb_table_begin(&table, "rllllllll", titles);
    for (size_t i = 0; i < told->n_cells; i++) {
        const struct jb_plan_cell *const cell = &told->cells[i];
        const struct jb_plan *const plan = &cell->plan;
        const struct jb_figure carbon = jb_plan_cell_carbon(told->wish, cell);
        jb_table_addf(&table, "%zu", i + 1);
        jb_table_add(&table, plan->hardware[0] ? plan->hardware
                                               : told->wish->hardware[cell->hardware].name);
        jb_table_add(&table, told->wish->places[cell->place].name);
        band_cell(&table, &plan->wall_us, format_us);
        band_cell(&table, &plan->facility_mj, format_mj);
        band_cell(&table, &carbon, jb_format_co2e);
        cost_cell(&table, &plan->cost_micro, told->wish->order.currency);
        jb_table_add(&table, cell->has_hours && cell->hours.n_starts > 0
                                 ? jb_format_utc(cell->hours.best.utc_us, false, time, sizeof time)
                                 : "");
        jb_table_add(&table, plan->is_computable ? "" : plan->why_not);
    }
    jb_table_end(&table, 0, style, out);
}

static bool has_note(const struct jb_plan *plan, const char *note)
{
    for (size_t i = 0; i < plan->n_notes; i++)
        if (plan->is_computable && strcmp(plan->notes[i], note) == 0)
            return true;
    return false;
}

/* "- " where it is of all rows, else "- 1, 3: ". */
static void note_of_rows(const struct jb_plan_told *told, const char *note,
                         const struct jb_style *style, struct jb_buf *out)
{
    struct jb_buf text = JB_BUF(2048);
    size_t n = 0;

    for (size_t i = 0; i < told->n_cells; i++)
        n += has_note(&told->cells[i].plan, note);
    for (size_t i = 0, k = 0; n < told->n_cells && i < told->n_cells; i++)
        if (has_note(&told->cells[i].plan, note))
            jb_buf_addf(&text, "%zu%s", i + 1, ++k < n ? ", " : ": ");
    jb_buf_add_text(&text, note);
    jb_text_wrap(jb_buf_text(&text), "- ", "  ", style, out);
    jb_buf_release(&text);
}

/* What is told with one plan is told with several: rows that lack a PUE are not alike to those that have one. */
static void notes(const struct jb_plan_told *told, const struct jb_style *style, struct jb_buf *out)
{
    jb_buf_add_text(out, "\n");
    for (size_t i = 0; i < told->n_cells; i++) {
        const struct jb_plan *const plan = &told->cells[i].plan;
        for (size_t k = 0; plan->is_computable && k < plan->n_notes; k++) {
            bool is_told = false;
            for (size_t before = 0; before < i && !is_told; before++)
                is_told = has_note(&told->cells[before].plan, plan->notes[k]);
            if (!is_told)
                note_of_rows(told, plan->notes[k], style, out);
        }
    }
}

/* A best hour beside a mean of the year is no choice of a place. */
static void carbons(const struct jb_plan_told *told, struct jb_buf *out)
{
    size_t n_by_hour = 0, n_by_year = 0;

    for (size_t i = 0; i < told->n_cells; i++) {
        const struct jb_plan_cell *const cell = &told->cells[i];
        const bool is_by_hour = is_carbon_by_hour(told->wish, cell);
        n_by_hour += is_by_hour;
        n_by_year += !is_by_hour && cell->plan.location_ugco2e.is_known;
    }
    if (n_by_hour > 0)
        jb_buf_addf(out, "\n%-*s%s\n", LABEL, "carbon",
                    n_by_year > 0 ? "at the best start where one is told, else by the year's grid: "
                                    "the two are not alike"
                                  : "at the best start");
}

static void choices(const struct jb_plan_told *told, struct jb_buf *out)
{
    static const char *const missing[JB_PLAN_AIMS] = {
        [JB_PLAN_CHEAPEST] = "no cost is known: give --tariff or --price",
        [JB_PLAN_CLEANEST] = "no carbon is known: give --place",
        [JB_PLAN_FASTEST] = "no time is known",
    };

    jb_buf_addf(out, "\n");
    for (int aim = 0; aim < JB_PLAN_AIMS; aim++) {
        const struct jb_plan_choice *const choice = &told->choices[aim];
        jb_buf_addf(out, "%-*s", LABEL, jb_plan_aim_name((enum jb_plan_aim)aim));
        if (!choice->is_known) {
            jb_buf_addf(out, "%s\n", missing[aim]);
            continue;
        }
        jb_buf_addf(out, "%zu", choice->chosen + 1);
        if (choice->n_compared < told->n_cells)
            jb_buf_addf(out, ", of the %zu that have the figure", choice->n_compared);
        if (choice->n_alike > 0)
            jb_buf_addf(out, ", %zu other%s alike", choice->n_alike,
                        choice->n_alike == 1 ? "" : "s");
        if (choice->n_within > choice->n_alike)
            jb_buf_addf(out, "; %zu other%s within its band", choice->n_within,
                        choice->n_within == 1 ? " lies" : "s lie");
        jb_buf_addf(out, "\n");
    }
}

/* --- all of it -------------------------------------------------------------------------------------------------- */

static void retraining(const struct jb_plan_told *told, const struct jb_plan_cell *cell, int64_t n,
                       const char *span, struct jb_buf *out)
{
    /* Not all of them can begin at the best hour of the few days that a series tells (R-PLAN-24). */
    const struct jb_figure sums[] = {jb_plan_sum(&cell->plan.facility_mj, n),
                                     jb_plan_sum(&cell->plan.location_ugco2e, n),
                                     jb_plan_sum(&cell->plan.cost_micro, n)};

    jb_buf_addf(out, "\n%lld trainings in %s\n", (long long)n, span);
    figure("energy", &sums[0], format_mj, "", out);
    figure("carbon", &sums[1], jb_format_co2e, ", by the year's grid", out);
    money("cost", &sums[2], told->wish->order.currency, out);
}

void jb_plan_tell_text(const struct jb_plan_told *told, const struct jb_style *style,
                       struct jb_buf *out)
{
    const struct jb_plan_wish *const wish = told->wish;
    const struct jb_plan_cell *const cell = &told->cells[told->entered];
    char flop[48], days[48], life[32];

    jb_buf_addf(out, "%-*s%s FLOP, %s petaFLOP/s-days\n", LABEL, "work",
                jb_format_flop(wish->order.compute.training_flop, flop, sizeof flop),
                jb_format_pfsd(wish->order.compute.training_flop, days, sizeof days));
    jb_text_wrap(wish->work, "            ", "            ", style, out);
    if (wish->doubt[0])
        jb_text_wrap(wish->doubt, "            ", "            ", style, out);
    jb_buf_addf(out, "\n");
    if (told->n_cells == 1) {
        one_plan(told, cell, style, out);
    } else {
        table_of(told, style, out);
        carbons(told, out);
        choices(told, out);
        notes(told, style, out);
    }
    if (wish->every_ns > 0 && cell->plan.is_computable) {
        if (told->n_cells > 1)
            jb_buf_addf(out, "\nretraining, of row %zu:", told->entered + 1);
        retraining(told, cell, told->n_per_year, "a year", out);
        (void)format_us(wish->life_ns / NS_PER_US, life, sizeof life);
        if (told->n_per_life != told->n_per_year)
            retraining(told, cell, told->n_per_life, life, out);
    }
    if (told->run_id[0])
        jb_buf_addf(out, "\n%s as %s, in the predicted layer\n", told->run_state, told->run_id);
}

static void csv_figure(const struct jb_figure *value, struct jb_buf *out)
{
    if (value->is_known)
        jb_buf_addf(out, ",%lld,%lld,%lld", (long long)value->low, (long long)value->best,
                    (long long)value->high);
    else
        jb_buf_add_text(out, ",,,");
}

void jb_plan_tell_csv(const struct jb_plan_told *told, struct jb_buf *out)
{
    static const char *const figures[] = {"utilisation_ppm", "wall_us",     "device_us",
                                          "energy_mj",       "facility_mj", "location_ugco2e",
                                          "cost_micro"};
    char time[32];

    jb_buf_add_text(out, "hardware,place,why_not");
    for (size_t i = 0; i < JB_ARRAY_LEN(figures); i++)
        jb_buf_addf(out, ",%s_low,%s,%s_high", figures[i], figures[i], figures[i]);
    jb_buf_add_text(out, ",best_start,best_start_ugco2e,first_start_ugco2e\r\n");
    for (size_t i = 0; i < told->n_cells; i++) {
        const struct jb_plan_cell *const cell = &told->cells[i];
        const struct jb_plan *const plan = &cell->plan;
        const struct jb_figure *const all[] = {
            &plan->utilisation_ppm, &plan->wall_us,         &plan->device_us, &plan->energy_mj,
            &plan->facility_mj,     &plan->location_ugco2e, &plan->cost_micro};
        jb_buf_add_csv(out, plan->hardware[0] ? plan->hardware
                                              : told->wish->hardware[cell->hardware].name);
        jb_buf_add_text(out, ",");
        jb_buf_add_csv(out, told->wish->places[cell->place].name);
        jb_buf_add_text(out, ",");
        jb_buf_add_csv(out, plan->is_computable ? "" : plan->why_not);
        for (size_t k = 0; k < JB_ARRAY_LEN(all); k++)
            csv_figure(all[k], out);
        if (cell->has_hours && cell->hours.n_starts > 0)
            jb_buf_addf(out, ",%s,%lld,%lld\r\n",
                        jb_format_utc(cell->hours.best.utc_us, false, time, sizeof time),
                        (long long)cell->hours.best.mass_ugco2e.best,
                        (long long)cell->hours.first.mass_ugco2e.best);
        else
            jb_buf_add_text(out, ",,,\r\n");
    }
}
