/* SPDX-License-Identifier: Apache-2.0 */
/* report/report_cycles: counts, method A with its gaps, and reasons, in words that a person reads. */
#include "base/num.h"
#include "report/report_int.h"
#include "tap.h"

static void is_text(const struct jb_account *account, bool is_short, const char *want,
                    const char *name)
{
    const struct jb_style style = {.width = 200};
    struct jb_buf out = JB_BUF(4096);

    jb_report_cycles(account, "", is_short, &style, &out);
    is_str(jb_buf_text(&out), want, "%s", name);
    jb_buf_release(&out);
}

static void numbers(void)
{
    static const struct {
        int64_t count;
        const char *text;
    } rows[] = {{0, "0"},
                {999999, "999999"},
                {1000000, "1e6"},
                {1234567, "1.23e6"},
                {1230000000000, "1.23e12"},
                {2300000000000, "2.3e12"},
                {9994999999, "9.99e9"},
                {9995000000, "1e10"},
                {99960000, "1e8"}};
    static const struct {
        int64_t fj;
        const char *text;
    } epcs[] = {
        {900000, "0.9 nJ"}, {1234, "0.001234 nJ"}, {1221436, "1.221 nJ"}, {123456789, "123.5 nJ"}};
    char buf[40];

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++)
        is_str(jb_report_count(rows[i].count, buf, sizeof buf), rows[i].text, "%" PRId64,
               rows[i].count);
    for (size_t i = 0; i < JB_ARRAY_LEN(epcs); i++)
        is_str(jb_report_epc(epcs[i].fj, buf, sizeof buf), epcs[i].text, "%" PRId64 " fJ",
               epcs[i].fj);
}

static void lines(void)
{
    static struct jb_account account;
    struct jb_account_cycles *const cycles = &account.cycles;

    is_text(&account, false, "", "a run that tells nothing has no line");
    cycles->is_told = true;
    for (int i = 0; i < JB_CYCLES_EVENTS; i++)
        jb_cycles_absent(JB_CYCLES_DENIED, 3, &cycles->counts.counts[i]);
    is_text(&account, false,
            "cycles     not counted here: perf_event_paranoid is 3: `sysctl "
            "kernel.perf_event_paranoid=2`, or give joulebook cap_perfmon\n",
            "R-CYCLES-02: what was not counted says why");
    is_text(&account, true, "", "but not at the end of every run");
    jb_cycles_settle(2300000000000, 1, 1, &cycles->counts.counts[JB_CYCLES_INSTRUCTIONS]);
    jb_cycles_settle(900, 4, 3, &cycles->counts.counts[JB_CYCLES_REFERENCE]);
    jb_cycles_settle(1230000000000, 1, 1, &cycles->counts.counts[JB_CYCLES_CYCLES]);
    cycles->counts.is_user_only = true;
    jb_cycles_cpi(&cycles->counts, &cycles->cpi_ppm);
    is_text(&account, true,
            "cycles     instructions 2.3e12, cycles 1.23e12, ref-cycles 1200 (900 .. 1500: shared "
            "counter), CPI 0.535, user only\n",
            "what was counted");
    cycles->energy_uj =
        (struct jb_figure){.is_known = true, .low = 30000000, .best = 34200000, .high = 38000000};
    cycles->epc = (struct jb_epc){.is_known = true,
                                  .low_fj = 900000,
                                  .best_fj = 1050000,
                                  .high_fj = 1200000,
                                  .n_runs = 12,
                                  .utc_us = INT64_C(1795449600000000)};
    cycles->has_cpu = true;
    cycles->cpu_run_uj = 33000000;
    cycles->gap_run_ppm = 36364;
    cycles->cpu_total_uj = 40100000;
    cycles->gap_total_ppm = -147132;
    is_text(&account, true,
            "cycles     instructions 2.3e12, cycles 1.23e12, ref-cycles 1200 (900 .. 1500: shared "
            "counter), CPI 0.535, user only\n"
            "method A   34.2 J (30.0 .. 38.0 J) by 1.05 nJ per cycle (0.9 nJ .. 1.2 nJ), fitted to "
            "12 runs 2026-11-23; beside C-2 of the processors 33.0 J, gap +3.6 "
            "%; C-1 40.1 J, gap -14.7 %\n",
            "R-CYCLES-01: method A beside C-2 and C-1, with the gaps");
    cycles->cpu_run_uj = cycles->gap_run_ppm = 0;
    is_text(&account, true,
            "cycles     instructions 2.3e12, cycles 1.23e12, ref-cycles 1200 (900 .. 1500: shared "
            "counter), CPI 0.535, user only\n"
            "method A   34.2 J (30.0 .. 38.0 J) by 1.05 nJ per cycle (0.9 nJ .. 1.2 nJ), fitted to "
            "12 runs 2026-11-23; beside C-2 of the processors 0 J; C-1 40.1 J, gap -14.7 %\n",
            "beside nothing there is no gap");
}

int main(void)
{
    numbers();
    lines();
    return done_testing();
}
