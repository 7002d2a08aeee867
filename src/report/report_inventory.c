/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats of a report over runs, the three shares of a layer (R-REPORT-03), and the method in words. Must never add two layers.
 */
#include "report/report_inventory.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/report_inventory_int.h"

static const char *const share_names[JB_REPORT_SHARES] = {
    [JB_REPORT_MAKING] = "making the model",
    [JB_REPORT_EVALUATION] = "evaluation",
    [JB_REPORT_INFERENCE] = "inference",
};

const char *jb_report_share_name(enum jb_report_share share)
{
    return share_names[share];
}

static bool is_in_share(enum jb_part part, enum jb_report_share share)
{
    if (jb_part_is_making(part))
        return share == JB_REPORT_MAKING;
    return share == (part == JB_PART_EVALUATION ? JB_REPORT_EVALUATION : JB_REPORT_INFERENCE);
}

static void add(int64_t *sum, int64_t value)
{
    *sum = jb_add_sat_i64(*sum, value);
}

static void add_figure(struct jb_figure *sum, const struct jb_figure *figure)
{
    if (!figure->is_known)
        return;
    sum->is_hard_bound = (!sum->is_known || sum->is_hard_bound) && figure->is_hard_bound;
    sum->is_known = true;
    add(&sum->low, figure->low);
    add(&sum->best, figure->best);
    add(&sum->high, figure->high);
}

static void add_sum(struct jb_inventory_sum *sum, const struct jb_inventory_sum *part)
{
    for (const struct report__field *field = report__sum_fields; field->name; field++) {
        void *const to = (char *)sum + field->at;
        const void *const from = (const char *)part + field->at;
        if (field->kind == REPORT_NUMBER)
            add(to, *(const int64_t *)from);
        else if (field->kind == REPORT_FIGURE)
            add_figure(to, from);
    }
    add(&sum->coverage.counter_ns, part->coverage.counter_ns);
    add(&sum->coverage.gauge_ns, part->coverage.gauge_ns);
    add(&sum->coverage.interpolated_ns, part->coverage.interpolated_ns);
    add(&sum->coverage.unobserved_ns, part->coverage.unobserved_ns);
    for (int i = 0; i < JB_N_DEVICES; i++) {
        add(&sum->device_low_uj[i], part->device_low_uj[i]);
        add(&sum->device_uj[i], part->device_uj[i]);
        add(&sum->device_high_uj[i], part->device_high_uj[i]);
    }
    for (int i = 0; i < JB_N_ORIGINS; i++)
        add(&sum->origin_uj[i], part->origin_uj[i]);
    sum->training_flop += part->training_flop;
}

void jb_report_share_of(const struct jb_inventory *inventory, enum jb_layer layer,
                        enum jb_report_share share, struct jb_inventory_sum *ret)
{
    *ret = (struct jb_inventory_sum){.n_runs = 0};
    for (int part = 0; part < JB_N_PARTS; part++)
        if (is_in_share((enum jb_part)part, share))
            add_sum(ret, &inventory->parts[layer][part]);
}

/* --- in words --------------------------------------------------------------------------------------------------- */

static int64_t n_of_method(const struct jb_inventory *inventory, enum jb_layer layer,
                           enum jb_method method)
{
    int64_t n = 0;

    for (size_t i = 0; i < inventory->n_runs; i++)
        n += inventory->runs[i].layer == layer && inventory->runs[i].method == method &&
             inventory->runs[i].energy_uj.is_known;
    return n;
}

static const char *const method_words[] = {
    [JB_METHOD_A] = "method A: instructions and cycles that were counted, times the energy of one",
    [JB_METHOD_B] = "method B: rated or modelled power times the time",
    [JB_METHOD_C1] = "method C-1: what the meters gave while the run was there",
    [JB_METHOD_C2] = "method C-2: what the meters gave, shared by who used the device",
};

static void tell_layer(const struct jb_inventory *inventory, enum jb_layer layer,
                       struct jb_buf *out)
{
    const struct jb_inventory_sum *const sum = &inventory->sums[layer];
    const int64_t known = sum->n_runs - sum->n_unknown;

    if (sum->n_runs == 0)
        return;
    for (size_t m = 0; m < JB_ARRAY_LEN(method_words); m++) {
        const int64_t n = n_of_method(inventory, layer, (enum jb_method)m);
        if (n > 0)
            jb_buf_addf(out, "%s, %" PRId64 " of %" PRId64 " runs: %s.\n", jb_layer_name(layer), n,
                        sum->n_runs, method_words[m]);
    }
    if (sum->n_unknown > 0)
        jb_buf_addf(out,
                    "%s: the energy of %" PRId64 " of %" PRId64
                    " runs is not known; it is in no sum, and not 0.\n",
                    jb_layer_name(layer), sum->n_unknown, sum->n_runs);
    if (sum->n_without_location > sum->n_unknown && sum->location_ugco2e.is_known)
        jb_buf_addf(out, "%s: location-based carbon is known of %" PRId64 " runs only.\n",
                    jb_layer_name(layer), sum->n_runs - sum->n_without_location);
    if (sum->n_without_market < sum->n_runs && sum->n_without_market > sum->n_unknown)
        jb_buf_addf(out,
                    "%s: market-based carbon is known of %" PRId64
                    " runs only, so it is not comparable with the location-based.\n",
                    jb_layer_name(layer), sum->n_runs - sum->n_without_market);
    if (sum->n_facility_default > 0)
        jb_buf_addf(
            out,
            "%s: no PUE was given for %" PRId64 " of %" PRId64
            " runs; what the facility took for them is a band only, and in no other figure.\n",
            jb_layer_name(layer), sum->n_facility_default, known);
}

jb_rc jb_report_method(const struct jb_report_input *input, struct jb_buf *out,
                       struct jb_error *err)
{
    const struct jb_inventory *const inventory = input->inventory;
    int n_layers = 0;

    for (int layer = 0; layer < JB_N_LAYERS; layer++) {
        tell_layer(inventory, (enum jb_layer)layer, out);
        n_layers += inventory->sums[layer].n_runs > 0;
    }
    if (n_layers > 1)
        jb_buf_add_text(
            out, "What was measured, reconstructed and predicted is never added together.\n");
    jb_buf_add_text(
        out,
        "Energy is that of the computers (IT); what the facility takes for cooling and power "
        "supply is apart from it.\n"
        "Each figure is low, best, high: a 90 % interval unless it is called a hard bound. Over "
        "several runs low, best and high are each added up, as if all erred alike.\n"
        "Carbon is of the grid where it ran (location-based), beside it what was bought "
        "(market-based); neither offsets nor certificates are taken off.\n");
    if (inventory->n_open + inventory->n_void + inventory->n_reconciled > 0)
        jb_buf_addf(out,
                    "Left out: %" PRId64 " open, %" PRId64 " void, %" PRId64
                    " runs that are the same work as a measured one.\n",
                    inventory->n_open, inventory->n_void, inventory->n_reconciled);
    return out->failed < 0 ? jb_fail(err, out->failed, NULL, "cannot hold the report") : JB_OK;
}

jb_rc jb_report_inventory(const struct jb_report_input *input, enum jb_format format,
                          const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    switch (format) {
    case JB_FORMAT_JSON: rc = report__inventory_json(input, out, err); break;
    case JB_FORMAT_CSV: rc = report__inventory_csv(input, out, err); break;
    case JB_FORMAT_TEXT: report__inventory_text(input, style, out); break;
    }
    if (rc == JB_OK && out->failed < 0)
        return jb_fail(err, out->failed, "select fewer runs", "cannot hold the report: %s",
                       jb_rc_text(out->failed));
    return rc;
}
