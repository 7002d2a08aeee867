/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report over runs for people: each layer with its figures, the parts of a model's life, devices and origins, equivalents, the runs,
 * the courses of one run, the method in words, factors and notes. Layers stand one below the other and are never added.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/report_inventory_int.h"
#include "report/table.h"

#define LABEL     11
#define NOTES_MAX 40

static void title(const char *text, const struct jb_style *style, struct jb_buf *out)
{
    jb_buf_addf(out, "\n%s%s%s\n", style->is_colour ? "\033[1m" : "", text,
                style->is_colour ? "\033[0m" : "");
}

static void fact(const char *name, const char *value, const struct jb_style *style,
                 struct jb_buf *out)
{
    char first[64], rest[64];

    (void)snprintf(first, sizeof first, "%-*s", LABEL, name);
    (void)snprintf(rest, sizeof rest, "%*s", LABEL, "");
    if (value[0])
        jb_text_wrap(value, first, rest, style, out);
}

static void head(const struct jb_inventory *inventory, const struct jb_style *style,
                 struct jb_buf *out)
{
    const struct jb_inventory_scope *const scope = &inventory->scope;
    const struct {
        const char *name, *value;
    } facts[] = {{"run", scope->run_id},
                 {"group", scope->group},
                 {"project", scope->project},
                 {"model", scope->model},
                 {"version", scope->model_version}};
    char text[160], from[40], until[40];

    for (size_t i = 0; i < JB_ARRAY_LEN(facts); i++)
        fact(facts[i].name, facts[i].value, style, out);
    if (scope->since_utc_us != 0 || scope->until_utc_us != 0) {
        (void)snprintf(
            text, sizeof text, "%s .. %s",
            scope->since_utc_us ? jb_format_utc(scope->since_utc_us, false, from, sizeof from) : "",
            scope->until_utc_us ? jb_format_utc(scope->until_utc_us, false, until, sizeof until)
                                : "");
        fact("begun", text, style, out);
    }
    (void)snprintf(text, sizeof text,
                   "%zu; left out: %" PRId64 " open, %" PRId64 " void, %" PRId64
                   " reconciled with a measured one",
                   inventory->n_runs, inventory->n_open, inventory->n_void,
                   inventory->n_reconciled);
    fact("runs", text, style, out);
}

/* "12.3 Wh  (11.1 .. 14.0 Wh) of 3 of 5 runs" */
static void figure(const char *name, const struct jb_figure *value, jb_format_fn format,
                   const char *what, int64_t n, int64_t n_runs, struct jb_buf *out)
{
    char best[40], band[96];

    jb_buf_addf(out, "%-*s", LABEL, name);
    if (!value->is_known)
        jb_buf_addf(out, "not known%s\n", strncmp(what, " CO2e", 5) == 0 ? what : "");
    else
        jb_buf_addf(out, "%-9s  (%s)%s", format(value->best, best, sizeof best),
                    jb_report_band(value, format, band, sizeof band), what);
    if (value->is_known && n < n_runs)
        jb_buf_addf(out, ", known of %" PRId64 " of %" PRId64 " runs", n, n_runs);
    jb_buf_add_text(out, value->is_known ? "\n" : "");
}

static void cost(const struct jb_inventory *inventory, const struct jb_inventory_sum *sum,
                 struct jb_buf *out)
{
    char best[64], low[64], high[64];

    if (sum->cost_micro.is_known)
        jb_buf_addf(out, "%-*s%-9s  (%s .. %s), known of %" PRId64 " of %" PRId64 " runs\n", LABEL,
                    "cost",
                    jb_report_money(sum->cost_micro.best, inventory->currency, best, sizeof best),
                    jb_format_decimal(sum->cost_micro.low, 6, low, sizeof low),
                    jb_report_money(sum->cost_micro.high, inventory->currency, high, sizeof high),
                    sum->n_runs - sum->n_without_cost, sum->n_runs);
    else
        jb_buf_addf(out, "%-*snot known, or in several currencies\n", LABEL, "cost");
}

static void coverage(const struct jb_coverage *seen, struct jb_buf *out)
{
    const struct {
        const char *word;
        int64_t ns;
    } parts[] = {{"by counter", seen->counter_ns},
                 {"by gauge or model", seen->gauge_ns},
                 {"interpolated", seen->interpolated_ns},
                 {"unobserved", seen->unobserved_ns}};
    int64_t whole_ns = 0;
    char percent[40];

    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++)
        whole_ns = jb_add_sat_i64(whole_ns, parts[i].ns);
    jb_buf_addf(out, "%-*s", LABEL, "coverage");
    for (size_t i = 0; whole_ns > 0 && i < JB_ARRAY_LEN(parts); i++)
        jb_buf_addf(out, "%s%s %s", i > 0 ? ", " : "", parts[i].word,
                    jb_report_percent(parts[i].ns, whole_ns, percent, sizeof percent));
    jb_buf_add_text(out, whole_ns > 0 ? " of the channels' time\n" : "no meter of ours\n");
}

static void cell(struct jb_table *table, const struct jb_figure *value, jb_format_fn format)
{
    char text[96];

    jb_table_add(table, value->is_known ? format(value->best, text, sizeof text) : "not known");
    jb_table_add(table, value->is_known ? jb_report_band(value, format, text, sizeof text) : "");
}

static void part_row(struct jb_table *table, const char *name, const struct jb_inventory_sum *sum,
                     int64_t whole_uj)
{
    char text[48];

    if (sum->n_runs == 0)
        return;
    jb_table_add(table, name);
    jb_table_addf(table, "%" PRId64, sum->n_runs);
    jb_table_addf(table, "%" PRId64, sum->n_unknown);
    jb_table_add(table, jb_format_duration(sum->duration_ns, text, sizeof text));
    cell(table, &sum->energy_uj, jb_format_energy);
    jb_table_add(table, sum->energy_uj.is_known
                            ? jb_report_percent(sum->energy_uj.best, whole_uj, text, sizeof text)
                            : "");
    jb_table_add(table, sum->location_ugco2e.is_known
                            ? jb_format_co2e(sum->location_ugco2e.best, text, sizeof text)
                            : "not known");
    jb_table_add(table, sum->market_ugco2e.is_known
                            ? jb_format_co2e(sum->market_ugco2e.best, text, sizeof text)
                            : "not known");
}

static void parts(const struct jb_inventory *inventory, enum jb_layer layer,
                  const struct jb_style *style, struct jb_buf *out)
{
    static const char *const titles[] = {"part", "runs",  "unknown",       "time",       "energy",
                                         "band", "of it", "CO2e location", "CO2e market"};
    const int64_t whole_uj = inventory->sums[layer].energy_uj.best;
    struct jb_inventory_sum sum;
    struct jb_table table;

    jb_table_begin(&table, "lrrrrlrrr", titles);
    for (int part = 0; part < JB_N_PARTS; part++)
        part_row(&table, jb_part_name((enum jb_part)part), &inventory->parts[layer][part],
                 whole_uj);
    for (int share = 0; share < JB_REPORT_SHARES; share++) {
        char name[40];
        jb_report_share_of(inventory, layer, (enum jb_report_share)share, &sum);
        (void)snprintf(name, sizeof name, "= %s",
                       jb_report_share_name((enum jb_report_share)share));
        part_row(&table, name, &sum, whole_uj);
    }
    jb_table_end(&table, 2, style, out);
}

static void devices(const struct jb_inventory_sum *sum, const struct jb_style *style,
                    struct jb_buf *out)
{
    static const char *const titles[] = {"device", "energy", "band", "of it"};
    struct jb_table table;
    char text[48];

    jb_table_begin(&table, "lrlr", titles);
    for (int i = 0; i < JB_N_DEVICES; i++) {
        const struct jb_figure device = {true, false, sum->device_low_uj[i], sum->device_uj[i],
                                         sum->device_high_uj[i]};
        if (device.high == 0)
            continue;
        jb_table_add(&table, jb_device_name((enum jb_device)i));
        cell(&table, &device, jb_format_energy);
        jb_table_add(&table,
                     jb_report_percent(device.best, sum->energy_uj.best, text, sizeof text));
    }
    jb_table_end(&table, 2, style, out);
}

static void layer_of(const struct jb_inventory *inventory, enum jb_layer layer,
                     const struct jb_style *style, struct jb_buf *out)
{
    const struct jb_inventory_sum *const sum = &inventory->sums[layer];
    char text[48];

    if (sum->n_runs == 0)
        return;
    title(jb_layer_name(layer), style, out);
    figure("energy", &sum->energy_uj, jb_format_energy, " IT", sum->n_runs - sum->n_unknown,
           sum->n_runs, out);
    figure("facility", &sum->facility_uj, jb_format_energy, " on top of it",
           sum->n_runs - sum->n_without_facility, sum->n_runs, out);
    if (sum->n_facility_default > 0)
        figure("", &sum->facility_default_uj, jb_format_energy,
               " if a PUE that was not given is as usual; in no other figure",
               sum->n_facility_default, sum->n_runs, out);
    figure("carbon", &sum->location_ugco2e, jb_format_co2e, " CO2e location-based",
           sum->n_runs - sum->n_without_location, sum->n_runs, out);
    figure("", &sum->market_ugco2e, jb_format_co2e, " CO2e market-based, beside it",
           sum->n_runs - sum->n_without_market, sum->n_runs, out);
    cost(inventory, sum, out);
    jb_buf_addf(out, "%-*s%s\n", LABEL, "time",
                jb_format_duration(sum->duration_ns, text, sizeof text));
    if (layer == JB_LAYER_MEASURED) /* R-REBUILT-09 */
        coverage(&sum->coverage, out);
    parts(inventory, layer, style, out);
    if (sum->energy_uj.is_known)
        devices(sum, style, out);
}

static void equivalents(const struct jb_report_input *input, const struct jb_style *style,
                        struct jb_buf *out)
{
    char low[32], best[32], high[32];

    bool has_title = false;

    /* Less than a thousandth of a thing says nothing to anybody. */
    for (size_t i = 0; i < input->n_equivalents; i++) {
        const struct jb_report_equivalent *const one = &input->equivalents[i];
        if (one->n_milli.best <= 0)
            continue;
        if (!has_title)
            title("as much as", style, out);
        has_title = true;
        jb_buf_addf(out, "  %s (%s .. %s) x %s; %s, %s\n",
                    jb_format_decimal(one->n_milli.best, 3, best, sizeof best),
                    jb_format_decimal(one->n_milli.low, 3, low, sizeof low),
                    jb_format_decimal(one->n_milli.high, 3, high, sizeof high), one->name,
                    one->is_carbon ? "carbon" : "energy", jb_layer_name(one->layer));
    }
}

static void runs(const struct jb_inventory *inventory, const struct jb_style *style,
                 struct jb_buf *out)
{
    static const char *const titles[] = {"run",  "start", "time",   "energy", "band", "CO2e",
                                         "part", "stage", "method", "layer",  "model"};
    struct jb_table table;
    char text[48];

    if (inventory->n_runs < 2)
        return;
    title("runs", style, out);
    jb_table_begin(&table, "llrrlrlllll", titles);
    for (size_t i = 0; i < inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &inventory->runs[i];
        jb_table_addf(&table, "%.*s", JB_SHORT_ID, run->id);
        jb_table_addf(&table, "%.16s", jb_format_utc(run->start_utc_us, false, text, sizeof text));
        jb_table_add(&table, jb_format_duration(run->duration_ns, text, sizeof text));
        cell(&table, &run->energy_uj, jb_format_energy);
        jb_table_add(&table, run->location_ugco2e.is_known
                                 ? jb_format_co2e(run->location_ugco2e.best, text, sizeof text)
                                 : "");
        jb_table_add(&table, jb_part_name(run->part));
        jb_table_add(&table, run->stage);
        jb_table_add(&table, run->energy_uj.is_known ? jb_method_name(run->method) : "");
        jb_table_add(&table, run->layer == JB_LAYER_MEASURED ? "" : jb_layer_name(run->layer));
        jb_table_addf(&table, "%s %s", run->model, run->model_version);
    }
    jb_table_end(&table, 2, style, out);
}

static void power(const struct jb_power_course *course, const struct jb_style *style,
                  struct jb_buf *out)
{
    static const char *const titles[] = {"meter", "role", "least", "mean", "greatest", "seen"};
    struct jb_table table;
    char text[48];

    title("power of the meters while it was there", style, out);
    jb_table_begin(&table, "llrrrr", titles);
    for (size_t i = 0; i < course->n_channels; i++) {
        const struct jb_power_channel *const channel = &course->channels[i];
        int64_t min_uw = INT64_MAX, max_uw = 0;
        for (size_t k = 0; k < course->n_slices; k++) {
            const struct jb_power_slice *const slice = &channel->slices[k];
            min_uw = slice->seen_ns > 0 && slice->min_uw < min_uw ? slice->min_uw : min_uw;
            max_uw = slice->max_uw > max_uw ? slice->max_uw : max_uw;
        }
        jb_table_add(&table, channel->name);
        jb_table_add(&table, channel->role == JB_ROLE_POST ? "" : jb_role_name(channel->role));
        jb_table_add(&table, jb_format_power(min_uw, text, sizeof text));
        jb_table_add(&table, jb_format_power(jb_muldiv_sat_i64(channel->energy_uj, 1000000000,
                                                               channel->seen_ns, JB_ROUND_NEAREST),
                                             text, sizeof text));
        jb_table_add(&table, jb_format_power(max_uw, text, sizeof text));
        jb_table_add(&table,
                     jb_report_percent(channel->seen_ns, course->duration_ns, text, sizeof text));
    }
    jb_table_end(&table, 2, style, out);
}

static void words(const struct jb_report_input *input, const struct jb_style *style,
                  struct jb_buf *out)
{
    const struct jb_inventory *const inventory = input->inventory;
    JB_AUTO(jb_buf_release) struct jb_buf lines = JB_BUF(65536);
    char text[sizeof(struct jb_factor) + 32];

    title("how it was found", style, out);
    if (jb_report_method(input, &lines, NULL) < 0)
        out->failed = JB_E_NOMEM;
    for (char *line = lines.bytes; line && *line;) {
        char *const end = strchr(line, '\n');
        *end = '\0';
        jb_text_wrap(line, "  - ", "    ", style, out);
        line = end + 1;
    }
    if (!input->account && inventory->n_factors > 0)
        title("factors", style, out);
    for (size_t i = 0; !input->account && i < inventory->n_factors; i++) {
        const struct jb_factor *const factor = &inventory->factors[i];
        (void)snprintf(text, sizeof text, "%s: %s; %s; edition %s", factor->name, factor->value,
                       factor->source[0] ? factor->source : "no source told",
                       factor->edition[0] ? factor->edition : "none");
        jb_text_wrap(text, "  ", "    ", style, out);
    }
    if (!input->account && inventory->n_notes > 0)
        title("notes", style, out);
    for (size_t i = 0; !input->account && i < inventory->n_notes && i < NOTES_MAX; i++) {
        (void)snprintf(text, sizeof text, "of %" PRId64 " of %zu runs: %.360s",
                       inventory->notes[i].n_runs, inventory->n_runs, inventory->notes[i].text);
        jb_text_wrap(text, "  - ", "    ", style, out);
    }
    if (!input->account && inventory->n_notes > NOTES_MAX)
        jb_buf_addf(out, "  - and %zu more; --format json has all of them\n",
                    inventory->n_notes - NOTES_MAX);
}

/* A run or a group has its account above, with everything in it; several runs have their sums. */
void report__inventory_text(const struct jb_report_input *input, const struct jb_style *style,
                            struct jb_buf *out)
{
    const struct jb_inventory *const inventory = input->inventory;
    char root[17];

    if (input->account) {
        jb_report_text.account(input->account, "", style, out);
    } else {
        head(inventory, style, out);
        for (int layer = 0; layer < JB_N_LAYERS; layer++)
            layer_of(inventory, (enum jb_layer)layer, style, out);
    }
    runs(inventory, style, out);
    if (input->power)
        power(input->power, style, out);
    equivalents(input, style, out);
    words(input, style, out);
    for (size_t i = 0; i < 8; i++)
        (void)snprintf(root + 2 * i, 3, "%02x", inventory->book_root.bytes[i]);
    jb_buf_addf(out, "\nof a book of %" PRId64 " entries, root %s...; %s\n", inventory->book_size,
                root, input->software);
}
