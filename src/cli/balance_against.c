/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of pipeline/against as a table, CSV or JSON, and in words what is missing of the book. Makes no figure but the
 * difference of two times, and the part of a told energy that goes with it (R-AGAINST-06).
 */
#include "cli/balance_against.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "import/bill.h"
#include "import/book.h"
#include "pipeline/against.h"
#include "report/table.h"

#define SOURCES_MAX 16

static jb_rc take_sources(const char *what, const char **sources, const char *const **ret,
                          struct jb_error *err)
{
    size_t n = 0;

    if (strcmp(what, "papers") == 0) {
        *ret = NULL;
        return JB_OK;
    }
    if (strcmp(what, "jobs") == 0) {
        sources[n++] = "sacct";
    } else if (strcmp(what, "bills") == 0) {
        for (size_t i = 0; i < jb_bill_n_formats() && n + 1 < SOURCES_MAX; i++)
            sources[n++] = jb_bill_format_at(i).name;
    } else if (jb_bill_format_find(what) || jb_import_book_find(what) ||
               strcmp(what, "estimate") == 0 || strcmp(what, "case") == 0) {
        sources[n++] = what;
    } else {
        return jb_fail(err, JB_E_USAGE,
                       "one of bills, jobs, papers, or a format of `joulebook import`",
                       "option '--against': nothing is imported from '%.40s'", what);
    }
    sources[n] = NULL;
    *ret = sources;
    return JB_OK;
}

static const char *hours(int64_t ns, char *buf, size_t size)
{
    /* A tenth of an hour, so that a run of six minutes is seen. */
    return jb_format_decimal(jb_muldiv_sat_i64(ns, 10, JB_NS_PER_HOUR, JB_ROUND_NEAREST), 1, buf,
                             size);
}

static const char *energy(const struct jb_figure *figure, char *buf, size_t size)
{
    if (!figure->is_known)
        return "";
    /* The end of the scale is no sum. */
    if (figure->high == INT64_MAX)
        return "over 2.56 GWh";
    return jb_format_energy(figure->best, buf, size);
}

static const char *coverage(const struct jb_against_row *row, char *buf, size_t size)
{
    const int64_t ppm = jb_against_coverage_ppm(row);
    char text[32];

    if (ppm < 0)
        return "not told";
    (void)snprintf(
        buf, size, "%s %%",
        jb_format_decimal(jb_muldiv_sat_i64(ppm, 1, 1000, JB_ROUND_FLOOR), 1, text, sizeof text));
    return buf;
}

/* R-AGAINST-06: what was told and not logged, and the part of the told energy that goes with it. */
static int64_t missing_ns(const struct jb_against_row *row)
{
    return row->told.machine_ns > row->logged.machine_ns
               ? row->told.machine_ns - row->logged.machine_ns
               : 0;
}

static int64_t missing_uj(const struct jb_against_row *row, int64_t told_uj, enum jb_round round)
{
    if (row->told.machine_ns <= 0)
        return 0;
    return jb_muldiv_sat_i64(told_uj, missing_ns(row), row->told.machine_ns, round);
}

static void add_row(struct jb_table *table, const struct jb_against_row *row)
{
    char buf[64];

    jb_table_add(table, row->project[0] ? row->project : "(none)");
    jb_table_add(table, row->month);
    jb_table_add(table, hours(row->told.machine_ns, buf, sizeof buf));
    jb_table_add(table, hours(row->logged.machine_ns, buf, sizeof buf));
    jb_table_add(table, coverage(row, buf, sizeof buf));
    jb_table_add(table, row->told.gpu_ns > 0 ? hours(row->told.gpu_ns, buf, sizeof buf) : "");
    jb_table_add(table, row->logged.gpu_ns > 0 ? hours(row->logged.gpu_ns, buf, sizeof buf) : "");
    jb_table_add(table, energy(&row->told.energy_uj, buf, sizeof buf));
    jb_table_add(table, energy(&row->logged.energy_uj, buf, sizeof buf));
}

static void tell_missing(const struct jb_against *against, const struct jb_style *style,
                         struct jb_buf *out)
{
    size_t n_unlogged = 0;
    size_t n_untold = 0;
    char time[32];
    char best[32];
    char low[32];
    char high[32];
    struct jb_buf text = JB_BUF(4096);
    const struct jb_against_row *const all = &against->all;

    for (size_t i = 0; i < against->n_rows; i++) {
        n_unlogged += against->rows[i].told.machine_ns > 0 && against->rows[i].logged.n_runs == 0 &&
                      against->rows[i].logged.machine_ns == 0;
        n_untold += against->rows[i].logged.machine_ns > against->rows[i].told.machine_ns;
    }
    bool is_vast = false;
    int64_t gone_ns = 0;
    struct jb_figure gone = {.is_known = true};
    for (size_t i = 0; i < against->n_rows; i++) {
        const struct jb_against_row *const row = &against->rows[i];
        is_vast = is_vast || row->told.timed_uj.high == INT64_MAX;
        gone_ns = jb_add_sat_i64(gone_ns, missing_ns(row));
        gone.low =
            jb_add_sat_i64(gone.low, missing_uj(row, row->told.timed_uj.low, JB_ROUND_FLOOR));
        gone.best =
            jb_add_sat_i64(gone.best, missing_uj(row, row->told.timed_uj.best, JB_ROUND_NEAREST));
        gone.high =
            jb_add_sat_i64(gone.high, missing_uj(row, row->told.timed_uj.high, JB_ROUND_CEIL));
    }
    if (all->told.n_runs > 0 && all->told.machine_ns <= 0)
        jb_buf_add_text(&text, "No machine time was told: of no told run it is known.");
    else if (all->told.machine_ns <= 0)
        jb_buf_add_text(&text, "No machine time was told: import a bill or a scheduler's log of "
                               "this time (`joulebook import --help`).");
    else if (gone_ns == 0)
        jb_buf_add_text(&text, "Every machine hour that was told was logged.");
    else if (is_vast || gone.high == INT64_MAX)
        jb_buf_addf(&text,
                    "Missing: %s machine hours were told and not logged; their energy is more than "
                    "one sum here holds.",
                    hours(gone_ns, time, sizeof time));
    else
        jb_buf_addf(&text,
                    "Missing: %s machine hours were told and not logged; by the papers' own "
                    "figures that is about %s (%s to %s).",
                    hours(gone_ns, time, sizeof time),
                    jb_format_energy(gone.best, best, sizeof best),
                    jb_format_energy(gone.low, low, sizeof low),
                    jb_format_energy(gone.high, high, sizeof high));
    if (all->told.n_timeless > 0)
        jb_buf_addf(&text,
                    " %" PRId64 " told run%s no machine hours (functions, parts of machines, kWh): "
                    "energy is here, hours are not.",
                    all->told.n_timeless, all->told.n_timeless == 1 ? " has" : "s have");
    if (n_unlogged > 0)
        jb_buf_addf(&text, " Nothing at all was logged in %zu row%s.", n_unlogged,
                    n_unlogged == 1 ? "" : "s");
    if (n_untold > 0 && all->told.machine_ns > 0)
        jb_buf_addf(&text,
                    " In %zu row%s more was logged than told: a project of another name, or a "
                    "machine that no paper tells of.",
                    n_untold, n_untold == 1 ? "" : "s");
    if (against->n_untimed > 0)
        jb_buf_addf(&text, " %" PRId64 " told run%s without times stand%s in no month.",
                    against->n_untimed, against->n_untimed == 1 ? "" : "s",
                    against->n_untimed == 1 ? "s" : "");
    if (against->n_open > 0)
        jb_buf_addf(&text, " %" PRId64 " run%s not ended yet %s left out.", against->n_open,
                    against->n_open == 1 ? "" : "s", against->n_open == 1 ? "is" : "are");
    jb_text_wrap(jb_buf_text(&text), "", "", style, out);
    jb_buf_release(&text);
}

static void as_text(const struct jb_against *against, const char *what,
                    const struct jb_style *style, struct jb_buf *out)
{
    static const char *const titles[] = {"project",      "month",       "told h",
                                         "logged h",     "coverage",    "told GPU h",
                                         "logged GPU h", "told energy", "logged energy"};
    struct jb_table table;

    jb_buf_addf(out, "machine hours and energy logged, against %s\n\n", what);
    jb_table_begin(&table, "llrrrrrrr", titles);
    for (size_t i = 0; i < against->n_rows; i++)
        add_row(&table, &against->rows[i]);
    if (against->n_rows > 1) {
        struct jb_against_row all = against->all;
        (void)snprintf(all.project, sizeof all.project, "all");
        add_row(&table, &all);
    }
    if (against->n_rows > 0) {
        jb_table_end(&table, 2, style, out);
        jb_buf_add_u8(out, '\n');
    } else
        jb_buf_release(&table.cells);
    tell_missing(against, style, out);
}

static json_t *figure_json(const struct jb_figure *figure)
{
    if (!figure->is_known || figure->high == INT64_MAX)
        return json_null();
    return json_pack("{s:I, s:I, s:I}", "low", (json_int_t)figure->low, "best",
                     (json_int_t)figure->best, "high", (json_int_t)figure->high);
}

static json_t *side_json(const struct jb_against_side *side)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "n_runs", (json_int_t)side->n_runs, "n_timeless",
                     (json_int_t)side->n_timeless, "machine_ns", (json_int_t)side->machine_ns,
                     "gpu_ns", (json_int_t)side->gpu_ns, "energy_uj",
                     figure_json(&side->energy_uj));
}

static json_t *row_json(const struct jb_against_row *row)
{
    const int64_t ppm = jb_against_coverage_ppm(row);

    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:I}", "project", row->project, "month",
                     row->month, "told", side_json(&row->told), "logged", side_json(&row->logged),
                     "coverage_ppm", ppm < 0 ? json_null() : json_integer((json_int_t)ppm),
                     "missing_ns", (json_int_t)missing_ns(row), "n_reconciled",
                     (json_int_t)row->n_reconciled);
}

static jb_rc as_json(const struct jb_against *against, const char *what, struct jb_buf *out,
                     struct jb_error *err)
{
    json_t *const rows = json_array();

    for (size_t i = 0; i < against->n_rows; i++)
        (void)json_array_append_new(rows, row_json(&against->rows[i]));
    json_t *const object =
        json_pack("{s:s, s:o, s:o, s:I, s:I, s:I}", "against", what, "rows", rows, "all",
                  row_json(&against->all), "n_void", (json_int_t)against->n_void, "n_open",
                  (json_int_t)against->n_open, "n_untimed", (json_int_t)against->n_untimed);
    JB_AUTO(jb_free_auto)
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    const bool is_whole = json_array_size(rows) == against->n_rows;
    json_decref(object);
    if (!text || !is_whole)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the comparison");
    jb_buf_addf(out, "%s\n", text);
    return JB_OK;
}

jb_rc jb_balance_against(struct jb_cli *cli, struct jb_ledger *ledger, const char *what,
                         struct jb_error *err)
{
    JB_AUTO(jb_against_release) struct jb_against against = {0};
    const char *names[SOURCES_MAX + 1];
    const char *const *sources = NULL;
    const int64_t now_us = jb_utc_us(cli->clock);
    int64_t since_us = 0;
    int64_t until_us = 0;
    jb_rc rc = take_sources(what, names, &sources, err);

    if (rc == JB_OK)
        rc = jb_args_moment(&cli->args, "since", now_us, &since_us, err);
    if (rc == JB_OK)
        rc = jb_args_moment(&cli->args, "until", now_us, &until_us, err);
    if (rc == JB_OK)
        rc = jb_against_make(ledger, sources, since_us, until_us, &against, err);
    if (rc < 0)
        return rc;
    if (jb_args_has(&cli->args, "json"))
        return as_json(&against, what, &cli->out, err);
    as_text(&against, what, &cli->style, &cli->out);
    return JB_OK;
}
