/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats, and figures in words. Pure: nothing is looked up, nothing computed that the account lacks. */
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"

/* From here on jb_format_energy says Wh. */
#define WH_FROM_UJ INT64_C(999500000)

static const struct jb_report_format *const formats[] = {
    [JB_FORMAT_TEXT] = &jb_report_text,
    [JB_FORMAT_JSON] = &jb_report_json,
    [JB_FORMAT_CSV] = &jb_report_csv,
};

jb_rc jb_format_from_name(const char *name, enum jb_format *ret, struct jb_error *err)
{
    char hint[128] = "one of:";

    for (size_t i = 0; i < JB_ARRAY_LEN(formats); i++) {
        const size_t used = strlen(hint);
        if (strcmp(formats[i]->name, name) == 0) {
            *ret = (enum jb_format)i;
            return JB_OK;
        }
        (void)snprintf(hint + used, sizeof hint - used, " %s", formats[i]->name);
    }
    return jb_fail(err, JB_E_USAGE, hint, "there is no format '%s'", name);
}

static const struct jb_report_format *format_of(enum jb_format format)
{
    return (size_t)format < JB_ARRAY_LEN(formats) ? formats[format] : NULL;
}

static jb_rc finished(const struct jb_buf *out, struct jb_error *err)
{
    return out->failed < 0 ? jb_fail(err, out->failed, NULL, "cannot hold the report: %s",
                                     jb_rc_text(out->failed))
                           : JB_OK;
}

jb_rc jb_report_account(const struct jb_account *account, const char *json, enum jb_format format,
                        const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    const struct jb_report_format *const how = format_of(format);

    if (!how)
        return jb_fail(err, JB_E_USAGE, NULL, "there is no format %d", (int)format);
    how->account(account, json, style, out);
    return finished(out, err);
}

jb_rc jb_report_runs(const struct jb_report_run_row *rows, size_t n_rows, enum jb_format format,
                     const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    const struct jb_report_format *const how = format_of(format);

    if (!how)
        return jb_fail(err, JB_E_USAGE, NULL, "there is no format %d", (int)format);
    const jb_rc rc = how->runs(rows, n_rows, style, out, err);
    return rc < 0 ? rc : finished(out, err);
}

const char *jb_report_band(const struct jb_figure *figure, jb_format_fn format, char *buf,
                           size_t size)
{
    char low[32];
    char high[32];

    (void)format(figure->low, low, sizeof low);
    (void)format(figure->high, high, sizeof high);
    /* Beside a best figure in joules both ends are joules: 193 .. 1214 J, not 193 J .. 0.337 Wh. */
    if (format == jb_format_energy && figure->best < WH_FROM_UJ && figure->high >= WH_FROM_UJ &&
        figure->high < 100 * WH_FROM_UJ)
        (void)snprintf(high, sizeof high, "%" PRId64 " J", (figure->high + 500000) / 1000000);
    char *const unit_low = strchr(low, ' ');
    const char *const unit_high = strchr(high, ' ');
    if (unit_low && unit_high && strcmp(unit_low, unit_high) == 0)
        *unit_low = '\0';
    (void)snprintf(buf, size, "%s .. %s", low, high);
    return buf;
}

const char *jb_report_percent(int64_t part, int64_t whole, char *buf, size_t size)
{
    const int64_t tenths = whole > 0 ? jb_muldiv_sat_i64(part, 1000, whole, JB_ROUND_NEAREST) : 0;
    char number[32];

    if (part > 0 && tenths == 0)
        (void)snprintf(buf, size, "<0.1 %%");
    else
        (void)snprintf(buf, size, "%s %%", jb_format_decimal(tenths, 1, number, sizeof number));
    return buf;
}

static const char *const origin_words[] = {
    [JB_ORIGIN_COUNTER] = "measured by counter",
    [JB_ORIGIN_GAUGE] = "measured by gauge",
    [JB_ORIGIN_CALIBRATED] = "calibrated",
    [JB_ORIGIN_MODELLED] = "modelled",
    [JB_ORIGIN_RATED] = "rated power",
    [JB_ORIGIN_BILLED] = "billed",
    [JB_ORIGIN_STATED] = "stated",
};

const char *jb_report_origins(const struct jb_account *account, char *buf, size_t size)
{
    int64_t whole_uj = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < JB_ARRAY_LEN(origin_words); i++)
        whole_uj = jb_add_sat_i64(whole_uj, account->origin_uj[i]);
    for (size_t i = 0; i < JB_ARRAY_LEN(origin_words); i++) {
        const size_t used = strlen(buf);
        char percent[40];
        if (account->origin_uj[i] > 0)
            (void)snprintf(
                buf + used, size - used, "%s%s %s", used > 0 ? ", " : "", origin_words[i],
                jb_report_percent(account->origin_uj[i], whole_uj, percent, sizeof percent));
    }
    return buf;
}

const char *jb_report_money(int64_t micro, const char *currency, char *buf, size_t size)
{
    char number[32];

    (void)snprintf(buf, size, "%s %s", jb_format_decimal(micro, 6, number, sizeof number),
                   currency);
    return buf;
}
