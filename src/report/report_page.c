/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report over runs to a document: each layer apart with its figures and charts, power and epochs of one run, all runs that led to the
 * result, equivalents, method in words, factors, notes. Computes nothing of its own; there is no clock in it. Rules R-PAGE-09,
 * R-PAGE-15.
 */
#include "report/report_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/report_page_int.h"

#define RUNS_MAX    200
#define METERS_MAX  64
#define FACTORS_MAX 100
#define NOTES_MAX   40

static void add_head(struct jb_document *document, const struct jb_report_input *input)
{
    const struct jb_inventory *const inventory = input->inventory;
    const struct jb_inventory_scope *const scope = &inventory->scope;
    const struct {
        const char *name, *value;
    } facts[] = {{"run", scope->run_id},
                 {"group", scope->group},
                 {"project", scope->project},
                 {"model", scope->model},
                 {"version", scope->model_version}};
    char title[192], text[128];
    int64_t end = 0;
    size_t len = (size_t)snprintf(title, sizeof title, "Energy of");

    for (size_t i = 0; i < JB_ARRAY_LEN(facts); i++)
        if (facts[i].value[0] != '\0' && len < sizeof title)
            len += (size_t)snprintf(title + len, sizeof title - len, " %s %.40s", facts[i].name,
                                    facts[i].value);
    for (size_t i = 0; i < inventory->n_runs; i++)
        end = inventory->runs[i].end_utc_us > end ? inventory->runs[i].end_utc_us : end;
    jb_document_init(document, title, input->software, end);
    if (scope->since_utc_us != 0)
        jb_document_fact(document, "begun since",
                         jb_format_utc(scope->since_utc_us, false, text, sizeof text));
    if (scope->until_utc_us != 0)
        jb_document_fact(document, "begun before",
                         jb_format_utc(scope->until_utc_us, false, text, sizeof text));
    (void)snprintf(text, sizeof text,
                   "%zu; left out: %" PRId64 " open, %" PRId64 " void, %" PRId64
                   " reconciled with a measured one",
                   inventory->n_runs, inventory->n_open, inventory->n_void,
                   inventory->n_reconciled);
    jb_document_fact(document, "runs", text);
}

static void add_figure(struct jb_document *document, const char *name,
                       const struct jb_figure *figure, jb_format_fn format, int64_t n_without,
                       int64_t n_runs)
{
    char text[REPORT_PAGE_VALUE + 64];

    (void)report__page_figure(figure, format, text, REPORT_PAGE_VALUE);
    const size_t len = strlen(text);
    if (figure->is_known && n_without > 0)
        (void)snprintf(text + len, sizeof text - len, ", known of %" PRId64 " of %" PRId64 " runs",
                       n_runs - n_without, n_runs);
    jb_document_fact(document, name, text);
}

static void add_cost(struct jb_document *document, const struct jb_inventory *inventory,
                     const struct jb_inventory_sum *sum)
{
    char best[64], low[64], high[64], text[320];

    if (!sum->cost_micro.is_known) {
        jb_document_fact(document, "cost", "not known, or in several currencies");
        return;
    }
    (void)snprintf(text, sizeof text, "%s (%s .. %s), known of %" PRId64 " of %" PRId64 " runs",
                   jb_report_money(sum->cost_micro.best, inventory->currency, best, sizeof best),
                   jb_format_decimal(sum->cost_micro.low, 6, low, sizeof low),
                   jb_report_money(sum->cost_micro.high, inventory->currency, high, sizeof high),
                   sum->n_runs - sum->n_without_cost, sum->n_runs);
    jb_document_fact(document, "cost", text);
}

/* "by counter 80 %, by gauge or model 20 %": of what an energy or a time is made; nothing where the whole is 0. */
static void add_shares(struct jb_document *document, const char *name, const char *const *names,
                       const int64_t *values, size_t n)
{
    int64_t whole = 0;
    char text[512] = "", percent[40];
    size_t len = 0;

    for (size_t i = 0; i < n; i++)
        whole = jb_add_sat_i64(whole, values[i]);
    for (size_t i = 0; whole > 0 && i < n; i++)
        if (values[i] > 0 && len < sizeof text)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s %s", len > 0 ? ", " : "",
                                    names[i],
                                    jb_report_percent(values[i], whole, percent, sizeof percent));
    if (len > 0)
        jb_document_fact(document, name, text);
}

static void add_seen(struct jb_document *document, const struct jb_inventory_sum *sum)
{
    static const char *const seen[] = {"by counter", "by gauge or model", "interpolated",
                                       "unobserved"};
    const int64_t ns[] = {sum->coverage.counter_ns, sum->coverage.gauge_ns,
                          sum->coverage.interpolated_ns, sum->coverage.unobserved_ns};
    const char *origins[JB_N_ORIGINS];

    for (int i = 0; i < JB_N_ORIGINS; i++)
        origins[i] = jb_origin_name((enum jb_origin)i);
    add_shares(document, "origin of the energy", origins, sum->origin_uj, JB_N_ORIGINS);
    add_shares(document, "time that was seen", seen, ns, JB_ARRAY_LEN(ns));
}

static void add_part(struct jb_document *document, const char *name,
                     const struct jb_inventory_sum *sum)
{
    char runs[48], time[48], energy[REPORT_PAGE_VALUE], location[48], market[48];

    if (sum->n_runs == 0)
        return;
    (void)snprintf(runs, sizeof runs,
                   sum->n_unknown > 0 ? "%" PRId64 " (%" PRId64 " unknown)" : "%" PRId64,
                   sum->n_runs, sum->n_unknown);
    jb_document_row(
        document, (const char *const[]){
                      name, runs, jb_format_duration(sum->duration_ns, time, sizeof time),
                      report__page_figure(&sum->energy_uj, jb_format_energy, energy, sizeof energy),
                      sum->location_ugco2e.is_known
                          ? jb_format_co2e(sum->location_ugco2e.best, location, sizeof location)
                          : "not known",
                      sum->market_ugco2e.is_known
                          ? jb_format_co2e(sum->market_ugco2e.best, market, sizeof market)
                          : "not known"});
}

static void add_parts(struct jb_document *document, const struct jb_inventory *inventory,
                      enum jb_layer layer)
{
    static const char *const titles[] = {"part",          "runs",          "time",
                                         "energy (band)", "CO2e location", "CO2e market"};
    struct jb_inventory_sum sum;
    char name[48];
    int n = 0;

    for (int part = 0; part < JB_N_PARTS; part++)
        n += inventory->parts[layer][part].n_runs > 0;
    if (n < 2)
        return; /* it says what stands above */
    jb_document_table(document, "Parts of the model's life, and what they make together",
                      JB_ARRAY_LEN(titles), titles, 0x36);
    for (int part = 0; part < JB_N_PARTS; part++)
        add_part(document, jb_part_name((enum jb_part)part), &inventory->parts[layer][part]);
    for (int share = 0; share < JB_REPORT_SHARES; share++) {
        jb_report_share_of(inventory, layer, (enum jb_report_share)share, &sum);
        (void)snprintf(name, sizeof name, "= %s",
                       jb_report_share_name((enum jb_report_share)share));
        add_part(document, name, &sum);
    }
}

static void add_layer(struct jb_document *document, const struct jb_inventory *inventory,
                      enum jb_layer layer)
{
    const struct jb_inventory_sum *const sum = &inventory->sums[layer];
    char name[96], best[64] = "not known", band[128] = "";

    if (sum->n_runs == 0)
        return;
    (void)snprintf(name, sizeof name, "Energy, %s", jb_layer_name(layer));
    jb_document_heading(document, name);
    if (sum->energy_uj.is_known) {
        (void)jb_format_energy(sum->energy_uj.best, best, sizeof best);
        (void)jb_report_band(&sum->energy_uj, jb_format_energy, band, sizeof band);
    }
    jb_document_figure(document, "energy of the computers (IT)", best, band);
    if (sum->n_unknown > 0)
        add_figure(document, "energy", &sum->energy_uj, jb_format_energy, sum->n_unknown,
                   sum->n_runs);
    add_figure(document, "facility on top", &sum->facility_uj, jb_format_energy,
               sum->n_without_facility, sum->n_runs);
    if (sum->n_facility_default > 0)
        add_figure(document, "facility, usual PUE (in no other figure)", &sum->facility_default_uj,
                   jb_format_energy, sum->n_runs - sum->n_facility_default, sum->n_runs);
    add_figure(document, "CO2e, location-based", &sum->location_ugco2e, jb_format_co2e,
               sum->n_without_location, sum->n_runs);
    add_figure(document, "CO2e, market-based", &sum->market_ugco2e, jb_format_co2e,
               sum->n_without_market, sum->n_runs);
    add_cost(document, inventory, sum);
    jb_document_fact(document, "time", jb_format_duration(sum->duration_ns, best, sizeof best));
    add_seen(document, sum);
    report__page_bars(document, inventory, layer);
    add_parts(document, inventory, layer);
}

/* A run that is in no sum: open, void or reconciled; its account is what there is. */
static void add_account(struct jb_document *document, const struct jb_account *account)
{
    jb_document_heading(document, "This run is in no sum");
    add_figure(document, "energy (IT)", &account->energy_uj, jb_format_energy, 0, 1);
    add_figure(document, "CO2e, location-based", &account->location_ugco2e, jb_format_co2e, 0, 1);
    add_figure(document, "CO2e, market-based", &account->market_ugco2e, jb_format_co2e, 0, 1);
    for (size_t i = 0; i < account->n_notes && i < NOTES_MAX; i++)
        jb_document_note(document, account->notes[i]);
}

static void add_power(struct jb_document *document, const struct jb_power_course *course)
{
    static const char *const titles[] = {"meter", "role", "mean", "seen"};
    char mean[48], seen[48];

    jb_document_heading(document, "Power over time");
    jb_document_text(document, "What the posted meters gave while the run was there, with what "
                               "others used; the run's share is above.");
    report__page_power(document, course);
    jb_document_table(document, "", JB_ARRAY_LEN(titles), titles, 0xc);
    for (size_t i = 0; i < course->n_channels && i < METERS_MAX; i++) {
        const struct jb_power_channel *const channel = &course->channels[i];
        const int64_t mean_uw = channel->seen_ns > 0
                                    ? jb_muldiv_sat_i64(channel->energy_uj, 1000000000,
                                                        channel->seen_ns, JB_ROUND_NEAREST)
                                    : -1;
        jb_document_row(
            document,
            (const char *const[]){
                channel->name, jb_role_name(channel->role),
                mean_uw >= 0 ? jb_format_power(mean_uw, mean, sizeof mean) : "not known",
                jb_report_percent(channel->seen_ns, course->duration_ns, seen, sizeof seen)});
    }
    if (course->n_channels > METERS_MAX)
        jb_document_text(document, "More meters stand in the JSON of this report.");
}

static void add_runs(struct jb_document *document, const struct jb_inventory *inventory)
{
    static const char *const titles[] = {"run", "begun", "part", "time", "energy (band)", "layer"};
    char id[24], start[40], time[48], energy[REPORT_PAGE_VALUE], text[96];

    if (inventory->n_runs < 2)
        return;
    jb_document_heading(document, "All runs");
    jb_document_table(document, "", JB_ARRAY_LEN(titles), titles, 0x18);
    for (size_t i = 0; i < inventory->n_runs && i < RUNS_MAX; i++) {
        const struct jb_inventory_run *const run = &inventory->runs[i];
        (void)snprintf(id, sizeof id, "%.*s", JB_SHORT_ID, run->id);
        (void)jb_format_utc(run->start_utc_us, false, start, sizeof start);
        start[16] = '\0';
        start[10] = ' ';
        jb_document_row(
            document, (const char *const[]){id, start, jb_part_name(run->part),
                                            jb_format_duration(run->duration_ns, time, sizeof time),
                                            report__page_figure(&run->energy_uj, jb_format_energy,
                                                                energy, sizeof energy),
                                            jb_layer_name(run->layer)});
    }
    if (inventory->n_runs > RUNS_MAX) {
        (void)snprintf(text, sizeof text,
                       "And %zu runs more, which are in the sums; --format csv has all of them.",
                       inventory->n_runs - RUNS_MAX);
        jb_document_text(document, text);
    }
}

static void add_equivalents(struct jb_document *document, const struct jb_report_input *input)
{
    char low[32], best[32], high[32], name[256], value[128];
    bool has_title = false;

    for (size_t i = 0; i < input->n_equivalents; i++) {
        const struct jb_report_equivalent *const one = &input->equivalents[i];
        if (one->n_milli.best <= 0)
            continue;
        if (!has_title)
            jb_document_heading(document, "As much as");
        has_title = true;
        (void)snprintf(name, sizeof name, "%s (%s, %s)", one->name,
                       one->is_carbon ? "by carbon" : "by energy", jb_layer_name(one->layer));
        (void)snprintf(value, sizeof value, "%s (%s .. %s)",
                       jb_format_decimal(one->n_milli.best, 3, best, sizeof best),
                       jb_format_decimal(one->n_milli.low, 3, low, sizeof low),
                       jb_format_decimal(one->n_milli.high, 3, high, sizeof high));
        jb_document_fact(document, name, value);
    }
}

static void add_words(struct jb_document *document, const struct jb_report_input *input)
{
    JB_AUTO(jb_buf_release) struct jb_buf lines = JB_BUF(65536);

    jb_document_heading(document, "How it was found");
    if (jb_report_method(input, &lines, NULL) < 0)
        document->failed = JB_E_NOMEM;
    for (char *line = lines.bytes; line && *line;) {
        char *const end = strchr(line, '\n');
        if (!end)
            break;
        *end = '\0';
        jb_document_text(document, line);
        line = end + 1;
    }
}

static void add_factors(struct jb_document *document, const struct jb_inventory *inventory)
{
    static const char *const titles[] = {"factor", "value", "source", "edition"};

    if (inventory->n_factors == 0)
        return;
    jb_document_heading(document, "Factors");
    jb_document_table(document, "", JB_ARRAY_LEN(titles), titles, 0);
    for (size_t i = 0; i < inventory->n_factors && i < FACTORS_MAX; i++) {
        const struct jb_factor *const factor = &inventory->factors[i];
        jb_document_row(document,
                        (const char *const[]){factor->name, factor->value,
                                              factor->source[0] ? factor->source : "not told",
                                              factor->edition[0] ? factor->edition : "none"});
    }
    if (inventory->n_factors > FACTORS_MAX)
        jb_document_text(document, "More factors stand in the JSON of this report.");
}

static void add_notes(struct jb_document *document, const struct jb_inventory *inventory)
{
    char text[640];

    if (inventory->n_notes > 0)
        jb_document_heading(document, "Notes");
    for (size_t i = 0; i < inventory->n_notes && i < NOTES_MAX; i++) {
        (void)snprintf(text, sizeof text, "of %" PRId64 " of %zu runs: %.500s",
                       inventory->notes[i].n_runs, inventory->n_runs, inventory->notes[i].text);
        jb_document_text(document, inventory->n_runs > 1 ? text : inventory->notes[i].text);
    }
    if (inventory->n_notes > NOTES_MAX)
        jb_document_text(document, "More notes stand in the JSON of this report.");
}

jb_rc jb_report_page(const struct jb_report_input *input, struct jb_document *ret,
                     struct jb_error *err)
{
    const struct jb_inventory *const inventory = input->inventory;
    char root[JB_HASH_BYTES * 2 + 1], text[128];

    add_head(ret, input);
    for (int layer = 0; layer < JB_N_LAYERS; layer++)
        add_layer(ret, inventory, (enum jb_layer)layer);
    if (inventory->n_runs == 0 && input->account)
        add_account(ret, input->account);
    if (input->power && input->power->n_channels > 0)
        add_power(ret, input->power);
    if (input->metrics && input->metrics->n_points > 0) {
        jb_document_heading(ret, "Epochs");
        report__page_epochs(ret, input->metrics);
    }
    add_runs(ret, inventory);
    add_equivalents(ret, input);
    add_words(ret, input);
    add_factors(ret, inventory);
    add_notes(ret, inventory);
    jb_document_heading(ret, "The book");
    (void)snprintf(text, sizeof text, "%" PRId64, inventory->book_size);
    jb_document_fact(ret, "entries", text);
    jb_document_fact(ret, "root",
                     jb_hex(inventory->book_root.bytes, JB_HASH_BYTES, root, sizeof root));
    return ret->failed < 0 ? jb_fail(err, ret->failed, "select fewer runs",
                                     "cannot hold the page of the report")
                           : JB_OK;
}
