/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of FOCUS 1.2 for chargeback: of each run the electricity of its work, what the building added, and an offset of its carbon
 * where a price of one was given. Costs are what the tariff made of them; a run without a cost is an error, since a row has one. R-EXPORT-16.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "export/export_int.h"

#define UG_PER_TONNE INT64_C(1000000000000)

/* Sorted by name, as the specification lists them; its own begin with x_. */
static const char header[] =
    "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,"
    "BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,"
    "ChargePeriodEnd,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,ContractedCost,EffectiveCost,"
    "InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,RegionId,"
    "ResourceId,ResourceName,ResourceType,ServiceCategory,ServiceName,SubAccountId,Tags,"
    "x_EnergyLayer,x_EnergyMethod,x_EnergyLowKwh,x_EnergyHighKwh,x_LocationGco2e\n";

/* What differs between the rows of a run. */
struct charge {
    const char *category, *frequency, *service_category, *service, *unit, *description;
    int64_t cost_micro;
    jb_i128 quantity;                  /* of `unit`, x 10^-12 where it is no energy */
    const struct jb_figure *energy_uj; /* NULL: no energy */
};

struct issue {
    const struct jb_export_options *options;
    const struct jb_inventory *inventory;
    struct jb_buf *out;
};

static void field(struct jb_buf *out, const char *text)
{
    jb_buf_add_csv(out, text);
    jb_buf_add_text(out, ",");
}

static void decimal(struct jb_buf *out, jb_i128 value, unsigned scale)
{
    export__decimal(value, scale, out);
    jb_buf_add_text(out, ",");
}

static void kwh(struct jb_buf *out, int64_t energy_uj)
{
    export__kwh(energy_uj, out);
    jb_buf_add_text(out, ",");
}

static void instant(struct jb_buf *out, int64_t utc_us)
{
    char text[32];

    field(out, jb_format_utc(utc_us, false, text, sizeof text));
}

/* Whole seconds: the begin rounded down, the end, which is not in the period, up. */
static int64_t second_after(int64_t utc_us)
{
    return jb_muldiv_sat_i64(utc_us, 1, JB_US_PER_S, JB_ROUND_CEIL) * JB_US_PER_S;
}

/* The first moment of the month of `utc_us`, or of the month after it. */
static void month(int64_t utc_us, bool is_next, char text[32])
{
    char now[32];
    int64_t year = 0;
    int64_t number = 0;

    jb_format_utc(utc_us, false, now, sizeof now);
    if (jb_parse_i64(now, 4, false, &year) < 0 || jb_parse_i64(now + 5, 2, false, &number) < 0) {
        (void)snprintf(text, 32, "%s", now);
        return;
    }
    number += is_next;
    if (number > 12) {
        number = 1;
        year++;
    }
    (void)snprintf(text, 32, "%04d-%02d-01T00:00:00Z", (int)year, (int)number);
}

/* R-EXPORT-16: the period that was asked for, else whole calendar months. */
static void add_billing_period(const struct issue *issue, const struct jb_inventory_run *run)
{
    const struct jb_inventory_scope *const scope = &issue->inventory->scope;
    char text[32];

    if (scope->since_utc_us > 0 && scope->until_utc_us > 0 &&
        run->end_utc_us <= scope->until_utc_us) {
        instant(issue->out, second_after(scope->until_utc_us));
        instant(issue->out, scope->since_utc_us);
        return;
    }
    month(run->end_utc_us, true, text);
    field(issue->out, text);
    month(run->start_utc_us, false, text);
    field(issue->out, text);
}

static void add_tags(const struct jb_inventory_run *run, struct jb_buf *out)
{
    const struct {
        const char *key, *value;
    } tags[] = {
        {"project", run->project},
        {"model", run->model},
        {"model_version", run->model_version},
        {"stage", run->stage},
        {"part", jb_part_name(run->part)},
        {"run_id", run->id},
    };
    JB_AUTO(jb_buf_release) struct jb_buf json = JB_BUF(8192);
    const char *separator = "{";

    for (size_t i = 0; i < JB_ARRAY_LEN(tags); i++) {
        if (tags[i].value[0] == '\0')
            continue;
        jb_buf_add_text(&json, separator);
        export__quote(tags[i].key, &json);
        jb_buf_add_text(&json, ": ");
        export__quote(tags[i].value, &json);
        separator = ", ";
    }
    jb_buf_add_text(&json, "}");
    field(out, jb_buf_text(&json));
}

static void add_charge(const struct issue *issue, const struct jb_inventory_run *run,
                       const struct charge *charge)
{
    struct jb_buf *const out = issue->out;
    const char *const publisher = issue->options->publisher;

    decimal(out, charge->cost_micro, 6);
    field(out, publisher);
    field(out, publisher);
    field(out, run->currency[0] ? run->currency : issue->options->currency);
    add_billing_period(issue, run);
    field(out, charge->category);
    field(out, "");
    field(out, charge->description);
    field(out, charge->frequency);
    instant(out, second_after(run->end_utc_us));
    instant(out, run->start_utc_us);
    if (charge->energy_uj) {
        kwh(out, charge->energy_uj->best);
        field(out, charge->unit);
    } else {
        jb_buf_add_text(out, ",,");
    }
    decimal(out, charge->cost_micro, 6);
    decimal(out, charge->cost_micro, 6);
    field(out, publisher);
    decimal(out, charge->cost_micro, 6);
    if (charge->energy_uj)
        kwh(out, charge->energy_uj->best);
    else
        decimal(out, charge->quantity, 12);
    field(out, charge->unit);
    field(out, publisher);
    field(out, publisher);
    field(out, run->place);
    field(out, run->id);
    field(out, run->model);
    field(out, "training run");
    field(out, charge->service_category);
    field(out, charge->service);
    field(out, run->project);
    add_tags(run, out);
    field(out, jb_layer_name(run->layer));
    field(out, jb_method_name(run->method));
    if (charge->energy_uj) {
        kwh(out, charge->energy_uj->low);
        kwh(out, charge->energy_uj->high);
    } else {
        jb_buf_add_text(out, ",,");
    }
    if (!charge->energy_uj)
        export__decimal(run->location_ugco2e.best, 6, out);
    jb_buf_add_text(out, "\n");
}

static jb_rc check(const struct issue *issue, const struct jb_inventory_run *run,
                   struct jb_error *err)
{
    const bool is_offset = issue->options->carbon_price_micro_per_tonne >= 0;

    if (!run->energy_uj.is_known || !run->cost_micro.is_known)
        return jb_fail(
            err, JB_E_INPUT, "joulebook amend RUN tariff=0.30 currency=EUR tells what a kWh costs",
            "run '%s' has no %s to charge", run->id, run->energy_uj.is_known ? "cost" : "energy");
    if (run->currency[0] == '\0')
        return jb_fail(err, JB_E_INPUT, "joulebook amend RUN currency=EUR tells it",
                       "run '%s' has a cost in no currency", run->id);
    if (is_offset && !run->location_ugco2e.is_known)
        return jb_fail(err, JB_E_INPUT, "select runs whose carbon is known",
                       "run '%s' has no carbon to offset", run->id);
    if (is_offset && strcmp(run->currency, issue->options->currency) != 0)
        return jb_fail(err, JB_E_INPUT, "give --offset-price in that currency",
                       "run '%s' is charged in '%s'", run->id, run->currency);
    return JB_OK;
}

/* The cost is of both: each has its share by energy, and they sum to it. */
static jb_rc add_energy(const struct issue *issue, const struct jb_inventory_run *run,
                        struct jb_error *err)
{
    const bool has_facility = run->is_facility_posted && run->facility_uj.best > 0;
    const int64_t weights[2] = {run->energy_uj.best, has_facility ? run->facility_uj.best : 0};
    int64_t costs[2] = {run->cost_micro.best, 0};

    if (has_facility && jb_split_i64(run->cost_micro.best, weights, 2, costs) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the cost of run '%s' cannot be parted", run->id);
    add_charge(issue, run,
               &(struct charge){"Usage", "Usage-Based", "AI and Machine Learning",
                                "Electricity of training", "kWh", "Electricity of a run", costs[0],
                                0, &run->energy_uj});
    if (has_facility)
        add_charge(issue, run,
                   &(struct charge){"Usage", "Usage-Based", "AI and Machine Learning",
                                    "Electricity of the building", "kWh",
                                    "What the building added to a run (PUE)", costs[1], 0,
                                    &run->facility_uj});
    return JB_OK;
}

static jb_rc add_offset(const struct issue *issue, const struct jb_inventory_run *run,
                        struct jb_error *err)
{
    int64_t cost_micro = 0;

    if (issue->options->carbon_price_micro_per_tonne < 0)
        return JB_OK;
    if (jb_muldiv_i64(run->location_ugco2e.best, issue->options->carbon_price_micro_per_tonne,
                      UG_PER_TONNE, JB_ROUND_NEAREST, &cost_micro) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the offset of run '%s' costs too much", run->id);
    add_charge(issue, run,
               &(struct charge){"Purchase", "One-Time", "Other", "Carbon offset", "Tonnes",
                                "Offset of a run's location-based CO2e; its carbon figure stays",
                                cost_micro, run->location_ugco2e.best, NULL});
    return JB_OK;
}

static jb_rc write_rows(const struct jb_inventory *inventory,
                        const struct jb_export_options *options, struct jb_buf *out,
                        struct jb_error *err)
{
    const struct issue issue = {options, inventory, out};
    int64_t n = 0;
    jb_rc rc = JB_OK;

    if (inventory->n_runs > 0 && options->publisher[0] == '\0')
        return jb_fail(err, JB_E_USAGE, "give --publisher NAME",
                       "rows of a charge name who issues it");
    jb_buf_add_text(out, header);
    for (size_t i = 0; i < inventory->n_runs && rc == JB_OK; i++) {
        const struct jb_inventory_run *const run = &inventory->runs[i];
        if (run->layer == JB_LAYER_PREDICTED ||
            (options->layer >= 0 && (int)run->layer != options->layer))
            continue;
        n++;
        rc = check(&issue, run, err);
        if (rc == JB_OK)
            rc = add_energy(&issue, run, err);
        if (rc == JB_OK)
            rc = add_offset(&issue, run, err);
    }
    if (rc == JB_OK && n == 0)
        return jb_fail(err, JB_E_NOT_FOUND, "see joulebook runs for what there is",
                       "no run in the selection for this document");
    return rc == JB_OK ? export__done(out, "table", err) : rc;
}

const struct jb_export_format export__focus = {
    .name = "focus",
    .summary = "rows of FOCUS 1.2 for chargeback, with --offset-price for the carbon",
    .file = "focus.csv",
    .write = write_rows,
};
