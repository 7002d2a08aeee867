/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a training's work as lines for people. What is not known has no line, and two ways of counting stand side
 * by side, named. Rules R-WORK-02, R-WORK-16.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "report/report_int.h"
#include "report/table.h"

#define LABEL 11

/* Three significant digits in the unit that fits, from so many of units[first] on. */
static const char *joules(int64_t value, size_t first, char *buf, size_t size)
{
    static const char *const units[] = {"aJ", "fJ", "pJ", "nJ", "uJ", "mJ",
                                        "J",  "kJ", "MJ", "GJ", "TJ"};
    int64_t scale = 1;
    int64_t digits = 1;
    size_t thousands = 0;
    int decimals = 2;

    for (int64_t rest = value; rest >= 10; rest /= 10)
        digits++;
    for (int64_t i = 3; i < digits; i++)
        scale *= 10;
    int64_t three = value / scale + (value % scale >= scale - value % scale && scale > 1);
    if (three == 1000) {
        three = 100;
        digits++;
    }
    if (digits <= 3 && scale == 1) {
        (void)snprintf(buf, size, "%" PRId64 " %s", three, units[first]);
        return buf;
    }
    thousands = (size_t)(digits - 1) / 3;
    decimals = 2 - (int)((digits - 1) % 3);
    const int64_t below = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
    if (decimals > 0)
        (void)snprintf(buf, size, "%" PRId64 ".%0*" PRId64 " %s", three / below, decimals,
                       three % below, units[first + thousands]);
    else
        (void)snprintf(buf, size, "%" PRId64 " %s", three, units[first + thousands]);
    return buf;
}

const char *jb_report_aj(int64_t energy_aj, char *buf, size_t size)
{
    return joules(energy_aj, 0, buf, size);
}

const char *jb_report_nj(int64_t energy_nj, char *buf, size_t size)
{
    return joules(energy_nj, 3, buf, size);
}

#define NS_PER_MILLIHOUR (JB_NS_PER_S * 36 / 10)

const char *jb_report_hours(int64_t time_ns, char *buf, size_t size)
{
    char text[32];
    const int64_t milli = jb_muldiv_sat_i64(time_ns, 1, NS_PER_MILLIHOUR, JB_ROUND_NEAREST);

    if (time_ns > 0 && milli == 0)
        (void)snprintf(buf, size, "<0.001 h");
    else
        (void)snprintf(buf, size, "%s h", jb_format_decimal(milli, 3, text, sizeof text));
    return buf;
}

static const char *percent(int64_t ppm, char *buf, size_t size)
{
    return jb_report_percent(ppm, 1000000, buf, size);
}

static const char *const method_words[JB_FLOP_METHODS] = {
    [JB_FLOP_UNKNOWN] = "",
    [JB_FLOP_COUNTED] = "counted from a model file",
    [JB_FLOP_6ND] = "6 x parameters x tokens",
    [JB_FLOP_DEVICE_TIME] = "by device time",
    [JB_FLOP_STATED] = "stated",
};

/* "25.6" of 25557032 would need its unit: counts are written whole below a million, else as 2.56e7. */
static const char *count(int64_t n, char *buf, size_t size)
{
    return jb_format_flop(n, buf, size);
}

static void line(const char *label, const struct jb_buf *text, const struct jb_style *style,
                 struct jb_buf *out)
{
    char first[32];
    char rest[32];

    if (text->len == 0)
        return;
    (void)snprintf(first, sizeof first, "%-*s", LABEL, label);
    (void)snprintf(rest, sizeof rest, "%*s", LABEL, "");
    jb_text_wrap(jb_buf_text(text), first, rest, style, out);
}

static void add_computed(const struct jb_account_work *work, struct jb_buf *text)
{
    char number[48];
    char days[48];

    if (work->training_flop < 0)
        return;
    jb_buf_addf(text, "%s FLOP, %s", jb_format_flop(work->training_flop, number, sizeof number),
                method_words[work->method]);
    if (work->method == JB_FLOP_COUNTED)
        jb_buf_addf(text, ", %s x forward",
                    jb_format_decimal(work->factor_milli, 3, number, sizeof number));
    if (work->training_flop > 0)
        jb_buf_addf(text, " (%s petaFLOP/s-days)",
                    jb_format_pfsd(work->training_flop, days, sizeof days));
}

static void add_seen(const struct jb_account_work *work, struct jb_buf *text)
{
    const struct {
        int64_t n;
        const char *of;
    } counts[] = {
        {work->n_examples, "examples"},
        {work->n_epochs, "epochs"},
        {work->n_tokens, "tokens"},
        {work->n_parameters, "parameters"},
        {work->forward_macs, "multiply-adds forward for each example"},
    };
    char number[48];

    for (size_t i = 0; i < JB_ARRAY_LEN(counts); i++)
        if (counts[i].n > 0)
            jb_buf_addf(text, "%s%s %s", text->len > 0 ? ", " : "",
                        count(counts[i].n, number, sizeof number), counts[i].of);
}

/* "2.10 mJ (2.05 .. 2.15 mJ) per example" */
static void add_energy(const struct jb_figure *value, jb_format_fn format, const char *per,
                       struct jb_buf *text)
{
    char best[32];
    char band[80];

    jb_buf_addf(text, "%s (%s) per %s", format(value->best, best, sizeof best),
                jb_report_band(value, format, band, sizeof band), per);
}

static void energies(const struct jb_account_work *work, const struct jb_style *style,
                     struct jb_buf *out)
{
    const struct {
        const struct jb_figure *value;
        jb_format_fn format;
        const char *per;
    } rows[] = {
        {&work->energy_per_example_nj, jb_report_nj, "example"},
        {&work->energy_per_token_nj, jb_report_nj, "token"},
        {&work->energy_per_flop_aj, jb_report_aj, "FLOP"},
        {&work->energy_per_parameter_nj, jb_report_nj, "parameter"},
    };
    char least[32];
    char share[40];
    size_t n = 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++) {
        struct jb_buf text = JB_BUF(512);
        if (!rows[i].value->is_known)
            continue;
        add_energy(rows[i].value, rows[i].format, rows[i].per, &text);
        if (rows[i].value == &work->energy_per_flop_aj && work->share_of_best_ppm.is_known)
            jb_buf_addf(&text, "; its boards reach %s at best: %s of that",
                        jb_report_aj(work->least_per_flop_aj.best, least, sizeof least),
                        percent(work->share_of_best_ppm.best, share, sizeof share));
        line(n++ == 0 ? "energy" : "", &text, style, out);
        jb_buf_release(&text);
    }
}

static void add_boards(const struct jb_account_work *work, struct jb_buf *text)
{
    char hours[40];
    char share[40];
    char band[80];

    if (work->n_boards <= 0)
        return;
    jb_buf_addf(text, "%s together, %" PRId64 " x %s",
                jb_report_hours(work->board_ns, hours, sizeof hours), work->n_boards,
                work->board[0] ? work->board : "boards of several kinds");
    if (work->busy_ppm.is_known)
        jb_buf_addf(text, ", busy %s (%s)", percent(work->busy_ppm.best, share, sizeof share),
                    jb_report_band(&work->busy_ppm, percent, band, sizeof band));
    if (work->mfu_ppm.is_known)
        jb_buf_addf(text, ", MFU %s of their peak in %s",
                    percent(work->mfu_ppm.best, share, sizeof share), work->peak_type);
}

/* R-WORK-02: beside the other way of counting, with the factor between them. */
static void add_device_time(const struct jb_account_work *work, struct jb_buf *text)
{
    char low[48];
    char best[48];
    char high[48];

    if (work->device_best_flop < 0)
        return;
    jb_buf_addf(text, "%s FLOP (%s .. %s) by device time: peak in %s x time busy",
                jb_format_flop(work->device_best_flop, best, sizeof best),
                jb_format_flop(work->device_low_flop, low, sizeof low),
                jb_format_flop(work->device_high_flop, high, sizeof high), work->peak_type);
    if (work->counted_per_device_ppm.is_known)
        jb_buf_addf(text, "; what was computed is %s of it",
                    percent(work->counted_per_device_ppm.best, best, sizeof best));
}

void jb_report_work(const struct jb_account *account, const struct jb_style *style,
                    struct jb_buf *out)
{
    const struct jb_account_work *const work = &account->work;
    struct jb_buf computed = JB_BUF(512);
    struct jb_buf seen = JB_BUF(512);
    struct jb_buf boards = JB_BUF(512);
    struct jb_buf device = JB_BUF(512);
    struct jb_buf processors = JB_BUF(64);
    char hours[40];

    if (!work->is_known)
        return;
    add_computed(work, &computed);
    add_seen(work, &seen);
    add_boards(work, &boards);
    add_device_time(work, &device);
    if (work->processor_ns > 0)
        jb_buf_addf(&processors, "%s of CPU time",
                    jb_report_hours(work->processor_ns, hours, sizeof hours));
    line("work", &computed, style, out);
    line(computed.len > 0 ? "" : "work", &seen, style, out);
    energies(work, style, out);
    line("boards", &boards, style, out);
    line("", &device, style, out);
    line("CPUs", &processors, style, out);
    jb_buf_release(&computed);
    jb_buf_release(&seen);
    jb_buf_release(&boards);
    jb_buf_release(&device);
    jb_buf_release(&processors);
}

void jb_report_work_short(const struct jb_account *account, struct jb_buf *out)
{
    const struct jb_account_work *const work = &account->work;
    const struct {
        const struct jb_figure *value;
        jb_format_fn format;
        const char *before, *after;
    } parts[] = {
        {&work->energy_per_example_nj, jb_report_nj, "", " per example"},
        {&work->energy_per_flop_aj, jb_report_aj, "", " per FLOP"},
        {&work->share_of_best_ppm, percent, "", " of what its boards reach"},
        {&work->busy_ppm, percent, "busy ", ""},
        {&work->mfu_ppm, percent, "MFU ", ""},
    };
    char text[40];
    size_t n = 0;

    for (size_t i = 0; work->is_known && i < JB_ARRAY_LEN(parts); i++) {
        if (!parts[i].value->is_known)
            continue;
        if (n++ == 0)
            jb_buf_addf(out, "  %-*s", LABEL, "work");
        else
            jb_buf_add_text(out, ", ");
        jb_buf_addf(out, "%s%s%s", parts[i].before,
                    parts[i].format(parts[i].value->best, text, sizeof text), parts[i].after);
    }
    if (n > 0)
        jb_buf_add_text(out, "\n");
}
