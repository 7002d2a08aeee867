/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of a bill and what has none, for people and for programs. The equation of rows and of costs is printed, so that
 * nobody has to believe it; of many runs people see those of the most energy, programs see all. R-BILL-17.
 */
#include "cli/import_bill_tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "report/table.h"

#define SHOWN_MAX       40
#define REASON_MAX      40
#define US_PER_DECIHOUR INT64_C(360000000)

struct row {
    char run_id[JB_RUN_ID];
    char name[64], region[32], cost[48];
    char same_as[JB_RUN_ID];
    enum jb_paper_state state;
    int64_t instance_us;
    struct jb_figure energy_uj, ugco2e;
};

struct jb_bill_listing {
    struct jb_buf *out;
    bool is_json, is_dry_run;
    int64_t n;
    size_t n_rows;
    struct row rows[SHOWN_MAX]; /* those of the most energy, in that order */
};

struct jb_bill_listing *jb_bill_listing_new(struct jb_buf *out, bool is_json, bool is_dry_run)
{
    struct jb_bill_listing *const listing = calloc(1, sizeof *listing);

    if (!listing)
        return NULL;
    listing->out = out;
    listing->is_json = is_json;
    listing->is_dry_run = is_dry_run;
    if (is_json)
        jb_buf_addf(out, "{\"runs\":[");
    return listing;
}

/* --- for programs ----------------------------------------------------------------------------------------------- */

/* Texts of a bill are clean: no control character is in them. */
static void json_text(struct jb_buf *out, const char *name, const char *text)
{
    jb_buf_addf(out, "\"%s\":\"", name);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            jb_buf_add_u8(out, '\\');
        jb_buf_add_u8(out, (uint8_t)*text);
    }
    jb_buf_add_text(out, "\"");
}

static void json_figure(struct jb_buf *out, const char *name, const struct jb_figure *figure)
{
    if (!figure->is_known)
        jb_buf_addf(out, "\"%s\":null", name);
    else
        jb_buf_addf(out, "\"%s\":{\"best\":%" PRId64 ",\"high\":%" PRId64 ",\"low\":%" PRId64 "}",
                    name, figure->best, figure->high, figure->low);
}

static void json_costs(struct jb_buf *out, const char *name, const struct jb_bill_costs *costs)
{
    jb_buf_addf(out, "\"%s\":[", name);
    for (size_t i = 0; i < costs->n; i++) {
        jb_buf_addf(out, "%s{\"amortised_micro\":%" PRId64 ",\"billed_micro\":%" PRId64 ",",
                    i > 0 ? "," : "", costs->list[i].worth_micro, costs->list[i].billed_micro);
        json_text(out, "currency", costs->list[i].currency);
        jb_buf_add_text(out, "}");
    }
    jb_buf_add_text(out, "]");
}

static const char *state_name(enum jb_paper_state state)
{
    static const char *const names[] = {
        [JB_PAPER_NEW] = "new", [JB_PAPER_SAME] = "same", [JB_PAPER_SUPERSEDES] = "supersedes"};

    return names[state];
}

static void json_lines(struct jb_buf *out, const struct jb_rebuilt *rebuilt)
{
    jb_buf_add_text(out, "\"lines\":[");
    for (size_t i = 0; i < rebuilt->n_lines; i++) {
        const struct jb_rebuilt_line *const line = &rebuilt->lines[i];
        jb_buf_addf(out, "%s{", i > 0 ? "," : "");
        json_text(out, "basis", line->basis);
        jb_buf_add_text(out, ",");
        json_text(out, "channel", line->channel);
        jb_buf_addf(out, ",\"device\":\"%s\",\"device_ns\":%" PRId64 ",",
                    jb_device_name(line->device), line->device_ns);
        json_figure(out, "energy_uj", &line->energy_uj);
        jb_buf_addf(out, ",\"origin\":\"%s\"}", jb_origin_name(line->origin));
    }
    jb_buf_add_text(out, "]");
}

static void json_run(struct jb_bill_listing *listing, const struct jb_bill_entered *run)
{
    struct jb_buf *const out = listing->out;
    const struct jb_run *const facts = &run->rebuilt->run;

    jb_buf_addf(out, "%s{", listing->n > 1 ? "," : "");
    json_text(out, "account", run->account);
    jb_buf_add_text(out, ",");
    json_costs(out, "costs", run->costs);
    jb_buf_add_text(out, ",");
    json_figure(out, "energy_uj", &run->energy_uj);
    jb_buf_addf(out, ",\"end_utc_us\":%" PRId64 ",\"instance_us\":%" PRId64 ",", facts->end_utc_us,
                run->instance_us);
    json_text(out, "key", run->rebuilt->key);
    jb_buf_add_text(out, ",");
    json_lines(out, run->rebuilt);
    jb_buf_addf(out, ",\"n_rows\":%" PRId64 ",", run->n_rows);
    json_text(out, "name", run->name);
    jb_buf_add_text(out, ",");
    json_text(out, "place", facts->place);
    jb_buf_add_text(out, ",");
    json_text(out, "project", facts->project);
    jb_buf_add_text(out, ",");
    json_text(out, "provider", run->provider);
    jb_buf_addf(out, ",\"pue_milli\":%" PRId64 ",", facts->pue_milli);
    json_text(out, "region", run->region);
    jb_buf_addf(
        out, ",\"run_id\":\"%s\",\"same_as\":\"%s\",\"start_utc_us\":%" PRId64 ",\"state\":\"%s\",",
        run->entered->run_id, run->entered->same_as, facts->start_utc_us,
        state_name(run->entered->state));
    json_figure(out, "ugco2e", &run->ugco2e);
    jb_buf_add_text(out, "}");
}

static void json_end(const struct jb_bill_listing *listing,
                     const struct jb_import_bill_result *result)
{
    struct jb_buf *const out = listing->out;

    jb_buf_add_text(out, "],");
    json_costs(out, "costs", &result->costs);
    jb_buf_add_text(out, ",");
    json_costs(out, "costs_entered", &result->costs_entered);
    jb_buf_add_text(out, ",");
    json_costs(out, "costs_left", &result->costs_left);
    jb_buf_add_text(out, ",");
    json_figure(out, "energy_uj", &result->energy_uj);
    jb_buf_addf(out, ",\"instance_us\":%" PRId64 ",\"is_dry_run\":%s,\"left\":[",
                result->instance_us, listing->is_dry_run ? "true" : "false");
    for (size_t i = 0; i < result->n_left; i++) {
        jb_buf_addf(out, "%s{", i > 0 ? "," : "");
        json_costs(out, "costs", &result->left[i].costs);
        jb_buf_addf(out, ",\"first_line\":%" PRId64 ",\"n_rows\":%" PRId64 ",",
                    result->left[i].first_line, result->left[i].n_rows);
        json_text(out, "reason", result->left[i].reason);
        jb_buf_add_text(out, "}");
    }
    jb_buf_addf(out,
                "],\"machine_us_after\":%" PRId64 ",\"machine_us_before\":%" PRId64
                ",\"n_look_measured\":%" PRId64 ",\"n_new\":%" PRId64 ",\"n_papers\":%" PRId64
                ",\"n_rows\":%" PRId64 ",\"n_rows_after\":%" PRId64 ",\"n_rows_before\":%" PRId64
                ",\"n_rows_entered\":%" PRId64 ",\"n_rows_left\":%" PRId64 ",\"n_runs\":%" PRId64
                ",\"n_same\":%" PRId64 ",\"n_shrunk\":%" PRId64 ",\"n_superseded\":%" PRId64
                ",\"n_voided\":%" PRId64 "}\n",
                result->after_us, result->before_us, result->n_look_measured, result->n_new,
                result->n_papers, result->n_rows, result->n_rows_after, result->n_rows_before,
                result->n_rows_entered, result->n_rows_left, result->n_runs, result->n_same,
                result->n_shrunk, result->n_superseded, result->n_voided);
}

/* --- for people ------------------------------------------------------------------------------------------------- */

static const char *cost_text(const struct jb_bill_costs *costs, char *buf, size_t size)
{
    char amount[32];
    size_t used = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < costs->n && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, "%s%s %s", i > 0 ? ", " : "",
                                 costs->list[i].currency,
                                 jb_format_decimal(jb_muldiv_sat_i64(costs->list[i].billed_micro, 1,
                                                                     10000, JB_ROUND_NEAREST),
                                                   2, amount, sizeof amount));
    return buf;
}

static void keep_row(struct jb_bill_listing *listing, const struct jb_bill_entered *run)
{
    size_t at = listing->n_rows;

    while (at > 0 && listing->rows[at - 1].energy_uj.best < run->energy_uj.best)
        at--;
    if (at == SHOWN_MAX)
        return;
    if (listing->n_rows < SHOWN_MAX)
        listing->n_rows++;
    for (size_t i = listing->n_rows - 1; i > at; i--)
        listing->rows[i] = listing->rows[i - 1];
    struct row *const row = &listing->rows[at];
    *row = (struct row){.state = run->entered->state,
                        .instance_us = run->instance_us,
                        .energy_uj = run->energy_uj,
                        .ugco2e = run->ugco2e};
    (void)snprintf(row->run_id, sizeof row->run_id, "%s", run->entered->run_id);
    (void)snprintf(row->same_as, sizeof row->same_as, "%s", run->entered->same_as);
    jb_clean_copy(run->name[0] != '\0' ? run->name : "(none)", row->name, sizeof row->name);
    jb_clean_copy(run->region, row->region, sizeof row->region);
    (void)cost_text(run->costs, row->cost, sizeof row->cost);
}

jb_rc jb_bill_listing_add(void *arg, const struct jb_bill_entered *run, struct jb_error *err)
{
    struct jb_bill_listing *const listing = arg;

    (void)err;
    listing->n++;
    if (listing->is_json)
        json_run(listing, run);
    else
        keep_row(listing, run);
    return JB_OK;
}

static const char *hours(int64_t us, char *buf, size_t size)
{
    return us == 0 ? ""
                   : jb_format_decimal(jb_muldiv_sat_i64(us, 1, US_PER_DECIHOUR, JB_ROUND_NEAREST),
                                       1, buf, size);
}

static void tell_runs(const struct jb_bill_listing *listing, const struct jb_style *style)
{
    static const char *const titles[] = {"run", "name", "region", "machine h", "energy",
                                         "low", "high", "CO2e",   "billed",    "paper"};
    struct jb_table table;
    char text[32];

    if (listing->n_rows == 0)
        return;
    jb_table_begin(&table, "lllrrrrrrl", titles);
    for (size_t i = 0; i < listing->n_rows; i++) {
        const struct row *const row = &listing->rows[i];
        jb_table_add(&table, row->run_id);
        jb_table_add(&table, row->name);
        jb_table_add(&table, row->region);
        jb_table_add(&table, hours(row->instance_us, text, sizeof text));
        jb_table_add(&table, jb_format_energy(row->energy_uj.best, text, sizeof text));
        jb_table_add(&table, jb_format_energy(row->energy_uj.low, text, sizeof text));
        jb_table_add(&table, jb_format_energy(row->energy_uj.high, text, sizeof text));
        jb_table_add(&table, row->ugco2e.is_known
                                 ? jb_format_co2e(row->ugco2e.best, text, sizeof text)
                                 : "");
        jb_table_add(&table, row->cost);
        jb_table_add(&table, listing->is_dry_run ? "" : state_name(row->state));
    }
    jb_table_end(&table, 0, style, listing->out);
    if (listing->n > (int64_t)listing->n_rows)
        jb_buf_addf(listing->out, "... and %" PRId64 " more, of less energy each\n",
                    listing->n - (int64_t)listing->n_rows);
    jb_buf_add_u8(listing->out, '\n');
}

/* A share of a sum that is not above zero says nothing, and one of two currencies neither. */
static const char *share(int64_t part_micro, int64_t all_micro, char *buf, size_t size)
{
    char text[32];

    if (all_micro <= 0)
        return "";
    (void)snprintf(
        buf, size, "%s %%",
        jb_format_decimal(jb_muldiv_sat_i64(part_micro, 1000, all_micro, JB_ROUND_NEAREST), 1, text,
                          sizeof text));
    return buf;
}

static void tell_shares(const struct jb_bill_costs *of, const struct jb_bill_costs *all,
                        struct jb_table *table)
{
    char text[48];
    const bool is_one = all->n == 1 && of->n == 1;

    jb_table_add(table, is_one ? share(of->list[0].billed_micro, all->list[0].billed_micro, text,
                                       sizeof text)
                               : "");
    /* Where the bill spreads purchases over what used them, this is the share that counts. */
    jb_table_add(table,
                 is_one && all->list[0].worth_micro != all->list[0].billed_micro
                     ? share(of->list[0].worth_micro, all->list[0].worth_micro, text, sizeof text)
                     : "");
}

static void tell_left(const struct jb_bill_listing *listing,
                      const struct jb_import_bill_result *result, const struct jb_style *style)
{
    static const char *const titles[] = {"rows", "billed", "of it", "of amortised",
                                         "no energy, because"};
    struct jb_table table;
    char text[64];

    if (result->n_left == 0)
        return;
    jb_table_begin(&table, "rrrrl", titles);
    for (size_t i = 0; i < result->n_left && i < REASON_MAX; i++) {
        const struct jb_bill_left *const left = &result->left[i];
        jb_table_addf(&table, "%" PRId64, left->n_rows);
        jb_table_add(&table, cost_text(&left->costs, text, sizeof text));
        tell_shares(&left->costs, &result->costs, &table);
        jb_table_add(&table, left->reason);
    }
    jb_table_end(&table, 0, style, listing->out);
    if (result->n_left > REASON_MAX)
        jb_buf_addf(listing->out, "... and %zu more reasons: --json lists all\n",
                    result->n_left - REASON_MAX);
    jb_buf_add_u8(listing->out, '\n');
}

static const struct jb_bill_money *find_money(const struct jb_bill_costs *costs,
                                              const char *currency)
{
    static const struct jb_bill_money none = {.billed_micro = 0};

    for (size_t i = 0; i < costs->n; i++)
        if (strcmp(costs->list[i].currency, currency) == 0)
            return &costs->list[i];
    return &none;
}

/* R-BILL-17: the equations. */
static void tell_sums(const struct jb_import_bill_result *result, struct jb_buf *out)
{
    char all[32];
    char in[32];
    char rest[32];

    jb_buf_addf(
        out, "%" PRId64 " rows = %" PRId64 " in %" PRId64 " run%s + %" PRId64 " without energy\n",
        result->n_rows, result->n_rows_entered, result->n_runs, result->n_runs == 1 ? "" : "s",
        result->n_rows_left);
    for (size_t i = 0; i < result->costs.n; i++) {
        const struct jb_bill_money *const sum = &result->costs.list[i];
        jb_buf_addf(
            out, "%s %s billed = %s + %s\n", sum->currency,
            jb_format_decimal(sum->billed_micro, 6, all, sizeof all),
            jb_format_decimal(find_money(&result->costs_entered, sum->currency)->billed_micro, 6,
                              in, sizeof in),
            jb_format_decimal(find_money(&result->costs_left, sum->currency)->billed_micro, 6, rest,
                              sizeof rest));
    }
}

/* R-BILL-15 */
static void tell_replaced(const struct jb_import_bill_result *result, struct jb_buf *out)
{
    char before[32];
    char after[32];

    if (result->n_superseded == 0)
        return;
    jb_buf_addf(out, "%" PRId64 " run%s of older versions taken out of the sums", result->n_voided,
                result->n_voided == 1 ? "" : "s");
    if (result->n_rows_before > 0)
        jb_buf_addf(out, "; rows before %" PRId64 ", now %" PRId64, result->n_rows_before,
                    result->n_rows_after);
    jb_buf_addf(out, "; machine hours before %s, now %s\n",
                hours(result->before_us, before, sizeof before),
                hours(result->after_us, after, sizeof after));
    if (result->n_shrunk > 0)
        jb_buf_addf(out,
                    "warning: %" PRId64
                    " bill%s fewer rows or hours than before: is this a part, or an "
                    "older export? Give all files of an account and period in one command\n",
                    result->n_shrunk, result->n_shrunk == 1 ? " has" : "s have");
}

static void tell_papers(const struct jb_bill_listing *listing,
                        const struct jb_import_bill_result *result)
{
    struct jb_buf *const out = listing->out;

    if (listing->is_dry_run) {
        jb_buf_addf(out, "nothing was entered: --dry-run\n");
        return;
    }
    jb_buf_addf(out,
                "%" PRId64 " bill%s: %" PRId64 " new, %" PRId64 " in the book already, %" PRId64
                " in place of an older one\n",
                result->n_papers, result->n_papers == 1 ? "" : "s", result->n_new, result->n_same,
                result->n_superseded);
    tell_replaced(result, out);
    for (size_t i = 0; i < listing->n_rows; i++)
        if (listing->rows[i].same_as[0] != '\0' && listing->rows[i].state != JB_PAPER_SAME)
            jb_buf_addf(out,
                        "%s looks like the measured run %s: `joulebook amend %s --same-as %s` "
                        "takes it out of the sums\n",
                        listing->rows[i].run_id, listing->rows[i].same_as, listing->rows[i].run_id,
                        listing->rows[i].same_as);
}

void jb_bill_listing_end(struct jb_bill_listing *listing,
                         const struct jb_import_bill_result *result, const struct jb_style *style)
{
    struct jb_buf *const out = listing->out;
    char best[32];
    char low[32];
    char high[32];

    if (listing->is_json) {
        json_end(listing, result);
        return;
    }
    tell_runs(listing, style);
    tell_left(listing, result, style);
    if (result->is_vast)
        jb_buf_add_text(out, "together more than 2.56 GWh, which no one sum here holds: take the "
                             "runs, or a bill of less time\n");
    if (result->energy_uj.is_known)
        jb_buf_addf(out, "together %s (%s .. %s) of %s machine hours\n",
                    jb_format_energy(result->energy_uj.best, best, sizeof best),
                    jb_format_energy(result->energy_uj.low, low, sizeof low),
                    jb_format_energy(result->energy_uj.high, high, sizeof high),
                    result->instance_us == 0 ? "no"
                                             : hours(result->instance_us, (char[32]){""}, 32));
    tell_sums(result, out);
    tell_papers(listing, result);
}
