/* SPDX-License-Identifier: Apache-2.0 */
/* What the processors counted of a run, and method A beside C-1 and C-2, for people. R-CYCLES-01, -02. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/table.h"

const char *jb_report_count(int64_t count, char *buf, size_t size)
{
    int64_t scale = 1;
    int digits = 0;

    if (count < 1000000) {
        (void)snprintf(buf, size, "%" PRId64, count);
        return buf;
    }
    while (count / scale >= 1000) {
        scale *= 10;
        digits++;
    }
    /* Three digits: 1.23e12. What rounds up to 1000 has one digit more. */
    int64_t three = jb_muldiv_sat_i64(count, 1, scale, JB_ROUND_NEAREST);
    if (three == 1000) {
        three = 100;
        digits++;
    }
    char mantissa[32];
    (void)snprintf(buf, size, "%se%d", jb_format_decimal(three, 2, mantissa, sizeof mantissa),
                   digits + 2);
    return buf;
}

const char *jb_report_epc(int64_t fj, char *buf, size_t size)
{
    int64_t step = 1;
    char number[32];

    while (fj / step >= 10000)
        step *= 10;
    (void)snprintf(buf, size, "%s nJ",
                   jb_format_decimal(jb_muldiv_sat_i64(fj, 1, step, JB_ROUND_NEAREST) * step, 6,
                                     number, sizeof number));
    return buf;
}

static void gap(const char *what, int64_t beside_uj, int64_t gap_ppm, struct jb_buf *out)
{
    char energy[32];
    char percent[32];

    jb_buf_addf(out, "%s %s", what, jb_format_energy(beside_uj, energy, sizeof energy));
    if (beside_uj <= 0)
        return; /* no gap to nothing */
    jb_buf_addf(out, ", gap %s%s %%", gap_ppm > 0 ? "+" : "",
                jb_format_decimal(jb_muldiv_sat_i64(gap_ppm, 1, 1000, JB_ROUND_NEAREST), 1, percent,
                                  sizeof percent));
}

static void counts(const struct jb_account_cycles *cycles, struct jb_buf *out)
{
    const struct jb_cycles_count *const count = cycles->counts.counts;
    char text[32];
    bool is_first = true;

    for (int i = 0; i < JB_CYCLES_EVENTS; i++) {
        if (!count[i].is_known)
            continue;
        jb_buf_addf(out, "%s%s %s", is_first ? "" : ", ",
                    jb_cycles_event_name((enum jb_cycles_event)i),
                    jb_report_count(count[i].best, text, sizeof text));
        if (count[i].low != count[i].high) {
            jb_buf_addf(out, " (%s", jb_report_count(count[i].low, text, sizeof text));
            jb_buf_addf(out, " .. %s: shared counter)",
                        jb_report_count(count[i].high, text, sizeof text));
        }
        is_first = false;
    }
    if (cycles->cpi_ppm.is_known)
        jb_buf_addf(out, ", CPI %s",
                    jb_format_decimal((cycles->cpi_ppm.best + 500) / 1000, 3, text, sizeof text));
    if (cycles->counts.is_user_only)
        jb_buf_add_text(out, ", user only");
    for (int i = 0; i < JB_CYCLES_EVENTS; i++)
        if (!count[i].is_known)
            jb_buf_addf(out, "; %s not counted: %s", jb_cycles_event_name((enum jb_cycles_event)i),
                        count[i].why_not);
}

static void energy(const struct jb_account_cycles *cycles, struct jb_buf *out)
{
    char best[32];
    char band[80];
    char low[32];
    char high[32];
    char made[40];

    jb_buf_addf(out, "%s (%s)", jb_format_energy(cycles->energy_uj.best, best, sizeof best),
                jb_report_band(&cycles->energy_uj, jb_format_energy, band, sizeof band));
    jb_buf_addf(out, " by %s per cycle (%s .. %s)",
                jb_report_epc(cycles->epc.best_fj, best, sizeof best),
                jb_report_epc(cycles->epc.low_fj, low, sizeof low),
                jb_report_epc(cycles->epc.high_fj, high, sizeof high));
    (void)jb_format_utc(cycles->epc.utc_us, false, made, sizeof made);
    if (cycles->epc.is_given)
        jb_buf_addf(out, ", given %.10s", made);
    else
        jb_buf_addf(out, ", fitted to %" PRId64 " runs %.10s", cycles->epc.n_runs, made);
    if (!cycles->has_cpu)
        return;
    gap("; beside C-2 of the processors", cycles->cpu_run_uj, cycles->gap_run_ppm, out);
    gap("; C-1", cycles->cpu_total_uj, cycles->gap_total_ppm, out);
}

static void line(const char *name, const char *indent, struct jb_buf *text,
                 const struct jb_style *style, struct jb_buf *out)
{
    char first[64];
    char rest[64];

    (void)snprintf(first, sizeof first, "%s%-11s", indent, name);
    (void)snprintf(rest, sizeof rest, "%s%11s", indent, "");
    jb_text_wrap(jb_buf_text(text), first, rest, style, out);
    jb_buf_release(text);
}

void jb_report_cycles(const struct jb_account *account, const char *indent, bool is_short,
                      const struct jb_style *style, struct jb_buf *out)
{
    const struct jb_account_cycles *const cycles = &account->cycles;
    struct jb_buf text = JB_BUF(2048);

    if (!cycles->is_told)
        return;
    const bool is_absent = jb_cycles_is_absent(&cycles->counts);
    /* At a run's end only what is there; why it is not, `joulebook show` and `meters` tell. */
    if (is_absent && is_short)
        return;
    if (is_absent)
        jb_buf_addf(&text, "not counted here: %s", cycles->counts.counts[JB_CYCLES_CYCLES].why_not);
    else
        counts(cycles, &text);
    line("cycles", indent, &text, style, out);
    if (!cycles->energy_uj.is_known)
        return;
    struct jb_buf told = JB_BUF(2048);
    energy(cycles, &told);
    line("method A", indent, &told, style, out);
}
