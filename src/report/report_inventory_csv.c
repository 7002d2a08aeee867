/* SPDX-License-Identifier: Apache-2.0 */
/* A report over runs as CSV (RFC 4180): a row for each run, every figure of it an integer; not known is empty. */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "report/report_inventory_int.h"

#define END "\r\n"

static void title(struct jb_buf *out, const char *first, const char *second, const char *third)
{
    jb_buf_addf(out, "%s%s%s%s", out->len > 0 ? "," : "", first, second, third);
}

/* "energy_uj" is energy_low_uj, energy_best_uj, energy_high_uj, energy_is_hard_bound. */
static void figure_titles(struct jb_buf *out, const char *name)
{
    const char *const unit = strrchr(name, '_');
    char base[40];

    (void)snprintf(base, sizeof base, "%.*s", (int)(unit - name), name);
    title(out, base, "_low", unit);
    title(out, base, "_best", unit);
    title(out, base, "_high", unit);
    title(out, base, "_is_hard_bound", "");
}

static void device_titles(struct jb_buf *out)
{
    for (int i = 0; i < JB_N_DEVICES; i++) {
        const char *const device = jb_device_name((enum jb_device)i);
        title(out, "device_", device, "_low_uj");
        title(out, "device_", device, "_best_uj");
        title(out, "device_", device, "_high_uj");
    }
}

static void titles_of(const struct report__field *field, struct jb_buf *out)
{
    switch (field->kind) {
    case REPORT_FIGURE: figure_titles(out, field->name); break;
    case REPORT_COVERAGE:
        title(out, "counter_ns,gauge_ns,interpolated_ns,unobserved_ns", "", "");
        break;
    case REPORT_DEVICES: device_titles(out); break;
    case REPORT_ORIGINS:
        for (int i = 0; i < JB_N_ORIGINS; i++)
            title(out, "origin_", jb_origin_name((enum jb_origin)i), "_uj");
        break;
    case REPORT_TEXT:
    case REPORT_NUMBER:
    case REPORT_KNOWN:
    case REPORT_FLOP:
    case REPORT_CLAIM:
    case REPORT_WORD:
    case REPORT_METRICS:
    case REPORT_HASH: title(out, field->name, "", ""); break;
    }
}

static void figure(struct jb_buf *out, const struct jb_figure *value)
{
    if (value->is_known)
        jb_buf_addf(out, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%d", value->low, value->best,
                    value->high, (int)value->is_hard_bound);
    else
        jb_buf_add_text(out, ",,,");
}

static void devices(struct jb_buf *out, const struct jb_inventory_run *run)
{
    for (int i = 0; i < JB_N_DEVICES; i++)
        jb_buf_addf(out, "%s%" PRId64 ",%" PRId64 ",%" PRId64, i > 0 ? "," : "",
                    run->device_low_uj[i], run->device_uj[i], run->device_high_uj[i]);
}

static void flop(struct jb_buf *out, jb_i128 value)
{
    char digits[48];

    if (value >= 0)
        jb_buf_add_text(out, jb_format_i128(value, digits, sizeof digits));
}

static jb_rc metrics(struct jb_buf *out, const struct jb_inventory_run *run, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf json = JB_BUF(1 << 20);
    const jb_rc rc = run->n_metrics > 0 ? report__metrics_json(run, &json, err) : JB_OK;

    if (rc == JB_OK)
        jb_buf_add_csv(out, jb_buf_text(&json));
    return rc;
}

static jb_rc cells_of(const struct report__field *field, const struct jb_inventory_run *run,
                      struct jb_buf *out, struct jb_error *err)
{
    const void *const at = (const char *)run + field->at;
    const struct jb_coverage *const seen = &run->coverage;

    switch (field->kind) {
    case REPORT_TEXT: jb_buf_add_csv(out, *(const char *const *)at); break;
    case REPORT_NUMBER: jb_buf_addf(out, "%" PRId64, *(const int64_t *)at); break;
    case REPORT_KNOWN:
        if (*(const int64_t *)at >= 0)
            jb_buf_addf(out, "%" PRId64, *(const int64_t *)at);
        break;
    case REPORT_FLOP: flop(out, *(const jb_i128 *)at); break;
    case REPORT_CLAIM: jb_buf_addf(out, "%d", (int)*(const bool *)at); break;
    case REPORT_FIGURE: figure(out, at); break;
    case REPORT_COVERAGE:
        jb_buf_addf(out, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, seen->counter_ns,
                    seen->gauge_ns, seen->interpolated_ns, seen->unobserved_ns);
        break;
    case REPORT_DEVICES: devices(out, run); break;
    case REPORT_ORIGINS:
        for (int i = 0; i < JB_N_ORIGINS; i++)
            jb_buf_addf(out, "%s%" PRId64, i > 0 ? "," : "", run->origin_uj[i]);
        break;
    case REPORT_WORD: jb_buf_add_text(out, field->word(at)); break;
    case REPORT_METRICS: return metrics(out, run, err);
    case REPORT_HASH:
        for (size_t i = 0; i < sizeof run->leaf.bytes; i++)
            jb_buf_addf(out, "%02x", run->leaf.bytes[i]);
        break;
    }
    return JB_OK;
}

jb_rc report__inventory_csv(const struct jb_report_input *input, struct jb_buf *out,
                            struct jb_error *err)
{
    const struct jb_inventory *const inventory = input->inventory;
    jb_rc rc = JB_OK;

    for (const struct report__field *field = report__run_fields; field->name; field++)
        titles_of(field, out);
    jb_buf_add_text(out, END);
    for (size_t i = 0; i < inventory->n_runs && rc == JB_OK; i++) {
        for (const struct report__field *field = report__run_fields; field->name && rc == JB_OK;
             field++) {
            jb_buf_add_text(out, field > report__run_fields ? "," : "");
            rc = cells_of(field, &inventory->runs[i], out, err);
        }
        jb_buf_add_text(out, END);
    }
    return rc;
}
