/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy, carbon, prediction and mark of a run to one line. Must never be wider than the terminal, where the next one would leave
 * it standing, nor hold what a terminal obeys: marks are foreign text.
 */
#include "cli/status_text.h"

#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "report/table.h"

#define UJ_PER_KWH INT64_C(3600000000000)
#define UG_PER_MG  1000
#define MICRO      INT64_C(1000000)
#define LINE_BYTES 1024
#define MARK_BYTES 64

/* "predicted: 12.3 kWh (11.8 kWh to 12.9 kWh), 3 h 20 min left": of the whole run, as its entry in the book will say. */
static void add_predicted(const struct jb_predicted *predicted, int64_t elapsed_ns,
                          struct jb_buf *text)
{
    const struct jb_figure *energy = &predicted->energy_uj;
    char best[32], low[32], high[32], left[32];
    int64_t left_ns = predicted->duration_ns.best - elapsed_ns;
    jb_buf_addf(text, "  predicted: %s (%s to %s), %s left",
                jb_format_energy(energy->best, best, sizeof best),
                jb_format_energy(energy->low, low, sizeof low),
                jb_format_energy(energy->high, high, sizeof high),
                jb_format_duration(left_ns > 0 ? left_ns : 0, left, sizeof left));
    if (predicted->location_ugco2e.is_known)
        jb_buf_addf(text, ", %s CO2e",
                    jb_format_co2e(predicted->location_ugco2e.best, best, sizeof best));
    if (predicted->cost_micro.is_known) {
        int64_t micro = predicted->cost_micro.best;
        /* To the cent from one unit on; of less, all there is. */
        if (micro >= MICRO)
            micro = jb_muldiv_sat_i64(micro, 1, MICRO / 100, JB_ROUND_NEAREST) * (MICRO / 100);
        jb_buf_addf(text, ", %s %s", jb_format_decimal(micro, 6, best, sizeof best),
                    predicted->currency);
    }
}

void jb_status_text(const struct jb_measure_status *status, int64_t mg_per_kwh, int width,
                    struct jb_buf *out)
{
    char elapsed[32], power[32], energy[32], mark[MARK_BYTES];
    struct jb_buf text = JB_BUF(LINE_BYTES);

    jb_buf_addf(&text, "joulebook: %s",
                jb_format_duration(status->elapsed_ns, elapsed, sizeof elapsed));
    if (status->has_power)
        jb_buf_addf(&text, "  %s  %s (all meters)",
                    jb_format_power(status->power_uw, power, sizeof power),
                    jb_format_energy(status->energy_uj, energy, sizeof energy));
    else
        jb_buf_add_text(&text, "  not measured");
    if (status->has_power && mg_per_kwh > 0)
        jb_buf_addf(&text, "  %s CO2e",
                    jb_format_co2e(jb_muldiv_sat_i64(status->energy_uj, mg_per_kwh,
                                                     UJ_PER_KWH / UG_PER_MG, JB_ROUND_NEAREST),
                                   power, sizeof power));
    if (status->predicted)
        add_predicted(status->predicted, status->elapsed_ns, &text);
    if (status->mark[0]) {
        jb_clean_copy(status->mark, mark, sizeof mark);
        jb_buf_addf(&text, "  [%s]", mark);
    }
    size_t len = text.failed == JB_OK ? text.len : 0;
    while (width > 0 && jb_text_width(jb_buf_text(&text), len) > (size_t)width)
        do
            len--;
        while (((unsigned char)jb_buf_text(&text)[len] & 0xC0) == 0x80);
    jb_buf_addf(out, "%.*s", (int)len, jb_buf_text(&text));
    jb_buf_release(&text);
}
