/* SPDX-License-Identifier: Apache-2.0 */
/* Statements for people, and as JSON (docs/format/statement.md). Names of strangers were checked when they were read. */
#include "cli/statement_tell.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/num.h"
#include "report/table.h"

#define SHOWN_MAX 40

static void line(struct jb_buf *out, const char *title, int64_t energy_uj)
{
    char text[32];

    jb_buf_addf(out, "  %-32s%12s  %20" PRId64 " uJ\n", title,
                jb_format_energy(energy_uj, text, sizeof text), energy_uj);
}

static void head(struct jb_buf *out, const struct jb_statement *statement)
{
    char since[40];
    char until[40];

    jb_buf_addf(out, "%s to %s, %s .. %s\n", statement->provider,
                statement->recipient[0] ? statement->recipient : "everybody",
                jb_format_utc(statement->since_utc_us, false, since, sizeof since),
                jb_format_utc(statement->until_utc_us, false, until, sizeof until));
}

void jb_statement_tell_made(struct jb_cli *cli, const struct jb_statement *whole, const char *path)
{
    const struct jb_statement_book *const book = &whole->book;
    const struct jb_statement_energy *const total = &whole->total.energy;
    struct jb_buf *const out = &cli->out;

    if (jb_args_has(&cli->args, "json")) {
        jb_buf_addf(out,
                    "{\"discrepancy_uj\":%" PRId64 ",\"facility_uj\":%" PRId64
                    ",\"idle_uj\":%" PRId64 ",\"is_facility_known\":%s,\"metered_uj\":%" PRId64
                    ",\"n_items\":%zu,\"nobody_uj\":%" PRId64 ",\"platform_uj\":%" PRId64
                    ",\"tenants_uj\":%" PRId64 ",\"work_uj\":%" PRId64 "}\n",
                    book->discrepancy_uj, book->facility_items_uj, total->idle_uj.best,
                    book->has_facility ? "true" : "false", book->metered_uj, whole->n_items,
                    book->nobody_uj, total->platform_uj.best, book->tenants_uj,
                    total->work_uj.best);
        return;
    }
    head(out, whole);
    jb_buf_addf(out, "written to '%s': %zu item%s of %" PRId64 " run%s\n", path, whole->n_items,
                whole->n_items == 1 ? "" : "s", whole->total.n_runs,
                whole->total.n_runs == 1 ? "" : "s");
    line(out, "work", total->work_uj.best);
    line(out, "idle they bear", total->idle_uj.best);
    line(out, "platform they bear", total->platform_uj.best);
    line(out, "other tenants", book->tenants_uj);
    line(out, "nobody's idle and platform", book->nobody_uj);
    if (book->discrepancy_uj != 0)
        line(out, "discrepancy of meters", book->discrepancy_uj);
    line(out, "= metered in the period", book->metered_uj);
    if (book->has_facility) {
        line(out, "facility of the items", book->facility_items_uj);
        line(out, "facility in all", book->facility_uj);
    }
    for (size_t i = 0; i < whole->n_notes; i++)
        jb_buf_addf(out, "note: %s\n", whole->notes[i]);
}

/* --- what a statement says ----------------------------------------------------------------------------------------- */

static void add_energy(struct jb_table *table, const struct jb_figure *figure)
{
    char text[32];

    jb_table_add(table, figure->is_known ? jb_format_energy(figure->best, text, sizeof text) : "?");
}

static void add_item(struct jb_table *table, const char *name, const struct jb_statement_item *item)
{
    char band[64];
    char hours[32];

    jb_table_add(table, name);
    jb_table_addf(table, "%" PRId64, item->n_runs);
    jb_table_add(table, jb_format_duration(item->duration_ns, hours, sizeof hours));
    add_energy(table, &item->energy.work_uj);
    jb_table_add(table, jb_report_band(&item->energy.work_uj, jb_format_energy, band, sizeof band));
    add_energy(table, &item->energy.idle_uj);
    add_energy(table, &item->energy.platform_uj);
    add_energy(table, &item->energy.facility_uj);
    jb_table_add(table, jb_method_name(item->method));
}

static void tell_json(struct jb_buf *out, const struct jb_statement *statement,
                      const struct jb_statement_signers *signers)
{
    const struct jb_statement_energy *const total = &statement->total.energy;
    char vkey[JB_VKEY_TEXT];

    jb_buf_addf(
        out, "{\"idle_uj\":%" PRId64 ",\"is_signed\":%s,\"n_items\":%zu,\"platform_uj\":%" PRId64,
        total->idle_uj.best, signers->n > 0 ? "true" : "false", statement->n_items,
        total->platform_uj.best);
    jb_buf_add_text(out, ",\"signers\":[");
    for (size_t i = 0; i < signers->n; i++)
        jb_buf_addf(out, "%s\"%s\"", i > 0 ? "," : "",
                    jb_vkey(&signers->keys[i], vkey, sizeof vkey));
    jb_buf_addf(out, "],\"work_uj\":%" PRId64 "}\n", total->work_uj.best);
}

static void tell_signers(struct jb_buf *out, const struct jb_statement_signers *signers)
{
    char print[JB_FINGERPRINT];
    char shown[JB_KEY_NAME];

    if (signers->n == 0)
        jb_buf_add_text(out, "not signed: whoever passed it on could have changed it\n");
    for (size_t i = 0; i < signers->n; i++) {
        jb_clean_copy(signers->keys[i].name, shown, sizeof shown);
        jb_buf_addf(out, "%s '%s', fingerprint %s\n", i == 0 ? "signed by" : "and by", shown,
                    jb_fingerprint(&signers->keys[i], print, sizeof print));
    }
    if (signers->n > 0 && !signers->is_known)
        jb_buf_add_text(out, "who has that key is not known here: --key FILE says whom to trust\n");
}

void jb_statement_tell_read(struct jb_cli *cli, const struct jb_statement *statement,
                            const struct jb_statement_signers *signers)
{
    static const char *const titles[] = {"item", "runs",     "time",     "work",  "90 %",
                                         "idle", "platform", "facility", "method"};
    struct jb_buf *const out = &cli->out;
    struct jb_table table;
    char text[40];

    if (jb_args_has(&cli->args, "json")) {
        tell_json(out, statement, signers);
        return;
    }
    head(out, statement);
    jb_buf_addf(out, "issued %s by %s; idle by the view '%s'\n",
                jb_format_utc(statement->issued_utc_us, false, text, sizeof text),
                statement->software, jb_idle_rule_name(statement->idle_rule));
    tell_signers(out, signers);
    jb_table_begin(&table, "lrrrrrrrl", titles);
    for (size_t i = 0; i < statement->n_items && i < SHOWN_MAX; i++) {
        (void)snprintf(text, sizeof text, "#%zu", i + 1);
        add_item(&table, statement->items[i].name[0] ? statement->items[i].name : text,
                 &statement->items[i]);
    }
    if (statement->n_items > 1)
        add_item(&table, "all", &statement->total);
    jb_table_end(&table, 0, &cli->style, out);
    if (statement->n_items > SHOWN_MAX)
        jb_buf_addf(out, "the first %d of %zu items\n", SHOWN_MAX, statement->n_items);
    if (statement->round_uj > 1)
        jb_buf_addf(out, "energies in whole %s\n",
                    jb_format_energy(statement->round_uj, text, sizeof text));
    jb_buf_add_text(out, statement->withheld ? "withheld:" : "nothing is withheld");
    for (unsigned i = 0; i < JB_STATEMENT_PARTS; i++)
        if (statement->withheld & 1U << i)
            jb_buf_addf(out, " %s", jb_statement_part_name((enum jb_statement_part)i));
    jb_buf_add_u8(out, '\n');
    for (size_t i = 0; i < statement->n_notes; i++)
        jb_buf_addf(out, "note: %s\n", statement->notes[i]);
}

void jb_statement_tell_entered(struct jb_cli *cli, const struct jb_statement_imported *imported)
{
    static const char *const states[] = {
        [JB_PAPER_NEW] = "new", [JB_PAPER_SAME] = "same", [JB_PAPER_SUPERSEDES] = "supersedes"};
    const struct jb_figure *const energy = &imported->energy_uj;
    struct jb_buf *const out = &cli->out;
    char best[32];
    char band[64];

    if (jb_args_has(&cli->args, "json")) {
        jb_buf_addf(out,
                    "{\"energy_uj\":{\"best\":%" PRId64 ",\"high\":%" PRId64 ",\"low\":%" PRId64
                    "},\"n_look_measured\":%" PRId64 ",\"n_runs\":%" PRId64 ",\"n_voided\":%" PRId64
                    ",\"state\":\"%s\"}\n",
                    energy->best, energy->high, energy->low, imported->n_look_measured,
                    imported->n_runs, imported->n_voided, states[imported->state]);
        return;
    }
    if (imported->state == JB_PAPER_SAME) {
        jb_buf_addf(out, "in the book already, as it is: %" PRId64 " runs\n", imported->n_runs);
        return;
    }
    jb_buf_addf(out, "%" PRId64 " run%s in the reconstructed layer, %s (%s)\n", imported->n_runs,
                imported->n_runs == 1 ? "" : "s", jb_format_energy(energy->best, best, sizeof best),
                jb_report_band(energy, jb_format_energy, band, sizeof band));
    if (imported->n_voided > 0)
        jb_buf_addf(out, "in place of %" PRId64 " of an older statement, which are void\n",
                    imported->n_voided);
    if (imported->n_look_measured > 0)
        jb_buf_addf(out,
                    "%" PRId64 " look like runs that were measured: `joulebook amend RUN --same-as "
                    "MEASURED` takes one out of the sums\n",
                    imported->n_look_measured);
}

/* --- beside the own book ------------------------------------------------------------------------------------------- */

static json_t *side(const struct jb_statement_item *item)
{
    const struct jb_figure *const work = item ? &item->energy.work_uj : NULL;

    return item ? json_pack("{s:I, s:I, s:{s:I, s:I, s:I}}", "duration_ns",
                            (json_int_t)item->duration_ns, "n_runs", (json_int_t)item->n_runs,
                            "work_uj", "best", (json_int_t)work->best, "high",
                            (json_int_t)work->high, "low", (json_int_t)work->low)
                : json_null();
}

static json_t *row_json(const struct jb_statement_row *row)
{
    return json_pack("{s:o, s:I, s:o, s:s, s:o, s:s}", "coverage_ppm",
                     row->coverage_ppm < 0 ? json_null() : json_integer(row->coverage_ppm),
                     "difference_uj", (json_int_t)row->difference_uj, "measured", side(row->own),
                     "name", row->told ? row->told->name : row->own->name, "stated",
                     side(row->told), "verdict", jb_beside_verdict_name(row->verdict));
}

static jb_rc beside_json(struct jb_buf *out, const struct jb_statement_beside *beside,
                         struct jb_error *err)
{
    json_t *const rows = json_array();
    json_t *document = NULL;
    char *text = NULL;
    bool is_whole = rows != NULL;

    for (size_t i = 0; is_whole && i < beside->n_rows; i++)
        is_whole = json_array_append_new(rows, row_json(&beside->rows[i])) == 0;
    document =
        json_pack("{s:b, s:o, s:o, s:I, s:I}", "is_by_name", (int)beside->is_by_name, "items", rows,
                  "total", row_json(&beside->total), "unmatched_uj",
                  (json_int_t)beside->unmatched_uj, "unstated_uj", (json_int_t)beside->unstated_uj);
    text = is_whole && document ? json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(document);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for JSON");
    jb_buf_addf(out, "%s\n", text);
    free(text);
    return JB_OK;
}

static void add_side(struct jb_table *table, const struct jb_statement_item *item)
{
    char text[64];

    jb_table_add(table, item ? jb_format_duration(item->duration_ns, text, sizeof text) : "-");
    if (item)
        add_energy(table, &item->energy.work_uj);
    else
        jb_table_add(table, "-");
    jb_table_add(table,
                 item ? jb_report_band(&item->energy.work_uj, jb_format_energy, text, sizeof text)
                      : "-");
}

static void add_row(struct jb_table *table, const char *name, const struct jb_statement_row *row)
{
    char text[32];

    jb_table_add(table, name);
    add_side(table, row->told);
    add_side(table, row->own);
    jb_table_addf(table, "%s%s", row->difference_uj < 0 ? "-" : "+",
                  jb_format_energy(llabs(row->difference_uj), text, sizeof text));
    if (row->coverage_ppm < 0)
        jb_table_add(table, "-");
    else
        jb_table_addf(table, "%s %%",
                      jb_format_decimal(row->coverage_ppm / 1000, 1, text, sizeof text));
    jb_table_add(table, jb_beside_verdict_name(row->verdict));
}

jb_rc jb_statement_tell_beside(struct jb_cli *cli, const struct jb_statement_beside *beside,
                               struct jb_error *err)
{
    static const char *const titles[] = {"item",          "stated",   "stated work", "90 %",
                                         "measured",      "own work", "90 %",        "difference",
                                         "time measured", "verdict"};
    struct jb_buf *const out = &cli->out;
    struct jb_table table;
    char text[32];

    if (jb_args_has(&cli->args, "json"))
        return beside_json(out, beside, err);
    jb_table_begin(&table, "lrrrrrrrrl", titles);
    for (size_t i = 0; i < beside->n_rows && i < SHOWN_MAX; i++) {
        const struct jb_statement_row *const row = &beside->rows[i];
        const char *const name = row->told ? row->told->name : row->own->name;
        add_row(&table, name[0] ? name : "(no name)", row);
    }
    add_row(&table, "all", &beside->total);
    jb_table_end(&table, 0, &cli->style, out);
    if (!beside->is_by_name)
        jb_buf_add_text(out, "only the sums are compared: the statement withholds the names of its "
                             "items, or has one\n");
    if (beside->n_unmatched > 0)
        jb_buf_addf(out, "missing in this book: %" PRId64 " items of the statement, %s of work\n",
                    beside->n_unmatched, jb_format_energy(beside->unmatched_uj, text, sizeof text));
    if (beside->n_unstated > 0)
        jb_buf_addf(out, "missing in the statement: %" PRId64 " items of this book, %s of work\n",
                    beside->n_unstated, jb_format_energy(beside->unstated_uj, text, sizeof text));
    return JB_OK;
}
