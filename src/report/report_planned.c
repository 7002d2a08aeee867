/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run's plan beside it, for people: what was planned with its band, what came of it, and the factor between them. Must never
 * print a factor of figures that are not alike. R-PLAN-33.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/table.h"

#define NS_PER_US 1000
#define HOUR_US   INT64_C(3600000000)

static const char *const names[JB_BESIDE_ROWS] = {
    [JB_BESIDE_ENERGY_UJ] = "energy, IT",    [JB_BESIDE_WALL_US] = "time",
    [JB_BESIDE_DEVICE_US] = "device time",   [JB_BESIDE_FLOP] = "FLOP",
    [JB_BESIDE_UTILISATION_PPM] = "of peak", [JB_BESIDE_UGCO2E] = "carbon",
    [JB_BESIDE_COST_MICRO] = "cost",
};

/* Beyond what nanoseconds hold, whole hours. */
static const char *format_time(int64_t us, char *buf, size_t size)
{
    if (us <= INT64_MAX / NS_PER_US)
        return jb_format_duration(us * NS_PER_US, buf, size);
    (void)snprintf(buf, size, "%" PRId64 " h", us / HOUR_US);
    return buf;
}

static const char *number(enum jb_beside_row row, jb_i128 value, const char *currency, char *buf,
                          size_t size)
{
    const int64_t small = value > INT64_MAX ? INT64_MAX : (int64_t)value;

    switch (row) {
    case JB_BESIDE_ENERGY_UJ: return jb_format_energy(small, buf, size);
    case JB_BESIDE_WALL_US:
    case JB_BESIDE_DEVICE_US: return format_time(small, buf, size);
    case JB_BESIDE_FLOP: return jb_format_flop(value, buf, size);
    case JB_BESIDE_UTILISATION_PPM: return jb_report_percent(small, 1000000, buf, size);
    case JB_BESIDE_UGCO2E: return jb_format_co2e(small, buf, size);
    default: return jb_report_money(small, currency, buf, size);
    }
}

/* "0.92", and with three digits where it is small: 0.00123. */
static const char *format_factor(int64_t factor_ppm, char *buf, size_t size)
{
    const unsigned digits = factor_ppm < 1000       ? 6
                            : factor_ppm < 10000    ? 5
                            : factor_ppm < 100000   ? 4
                            : factor_ppm < 10000000 ? 3
                                                    : 1;
    int64_t step = 1;

    if (factor_ppm == 0)
        return "<0.000001";
    for (unsigned i = digits; i < 6; i++)
        step *= 10;
    return jb_format_decimal(jb_muldiv_sat_i64(factor_ppm, 1, step, JB_ROUND_NEAREST), digits, buf,
                             size);
}

static bool is_compared(const struct jb_beside *row)
{
    return row->is_planned && row->is_measured && !row->why_not && row->factor_ppm >= 0;
}

static const char *place_in_band(const struct jb_beside *row)
{
    if (row->is_inside)
        return "inside";
    return row->measured < row->low ? "below the band" : "above the band";
}

static void add_row(struct jb_table *table, enum jb_beside_row name, const struct jb_beside *row,
                    const char *currency)
{
    char text[64];
    char low[64];
    char high[64];

    jb_table_add(table, names[name]);
    jb_table_add(table,
                 row->is_planned ? number(name, row->best, currency, text, sizeof text) : "");
    if (row->is_planned)
        jb_table_addf(table, "%s .. %s", number(name, row->low, currency, low, sizeof low),
                      number(name, row->high, currency, high, sizeof high));
    else
        jb_table_add(table, "");
    jb_table_add(table,
                 row->is_measured ? number(name, row->measured, currency, text, sizeof text) : "");
    jb_table_add(table, is_compared(row) ? format_factor(row->factor_ppm, text, sizeof text) : "");
    if (is_compared(row))
        jb_table_add(table, place_in_band(row));
    else if (row->why_not)
        jb_table_addf(table, "not compared: %s", row->why_not);
    else
        jb_table_add(table, "");
}

static void title(const struct jb_account_planned *planned, const struct jb_style *style,
                  struct jb_buf *out)
{
    const struct jb_planned *const plan = &planned->plan;

    jb_buf_addf(out, "\n%s%s%s: %s%s%s", style->is_colour ? "\033[1m" : "",
                planned->is_itself ? "the plan" : "beside its plan",
                style->is_colour ? "\033[0m" : "", plan->hardware, plan->place[0] ? " in " : "",
                plan->place);
    if (!planned->is_itself)
        jb_buf_addf(out, ", %.*s", JB_SHORT_ID, planned->plan_id);
    jb_buf_add_text(out, "\n");
}

void jb_report_planned(const struct jb_account *account, const struct jb_style *style,
                       struct jb_buf *out)
{
    static const char *const titles[] = {"", "planned", "90 %", "measured", "factor", ""};
    const struct jb_account_planned *const planned = &account->planned;
    struct jb_table table;
    char text[320];

    if (!planned->is_told)
        return;
    if (planned->why_not[0]) {
        (void)snprintf(text, sizeof text, "%.*s: %s", JB_SHORT_ID, planned->plan_id,
                       planned->why_not);
        jb_text_wrap(text, "plan       ", "           ", style, out);
        return;
    }
    title(planned, style, out);
    jb_table_begin(&table, "lrlrrl", titles);
    for (int i = 0; i < JB_BESIDE_ROWS; i++)
        if (planned->rows[i].is_planned)
            add_row(&table, (enum jb_beside_row)i, &planned->rows[i], planned->plan.currency);
    jb_table_end(&table, 2, style, out);
}

void jb_report_planned_short(const struct jb_account *account, struct jb_buf *out)
{
    const struct jb_account_planned *const planned = &account->planned;
    const struct jb_beside *const energy = &planned->rows[JB_BESIDE_ENERGY_UJ];
    const struct jb_beside *const time = &planned->rows[JB_BESIDE_WALL_US];
    char factor[2][32];

    if (!planned->is_told || planned->is_itself)
        return;
    if (planned->why_not[0]) {
        jb_buf_addf(out, "  plan       %s\n", planned->why_not);
        return;
    }
    if (!is_compared(time))
        return;
    jb_buf_addf(out, "  plan       ");
    if (is_compared(energy))
        jb_buf_addf(out, "%s of the planned energy, %s; ",
                    format_factor(energy->factor_ppm, factor[0], sizeof factor[0]),
                    place_in_band(energy));
    jb_buf_addf(out, "%s of the planned time, %s\n",
                format_factor(time->factor_ppm, factor[1], sizeof factor[1]), place_in_band(time));
}
