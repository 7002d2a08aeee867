/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook catalogue [TABLE] [QUERY]` and `joulebook catalogue find NAME`: the facts that accounts stand on, with their sources. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"
#include "cli/catalogue_find.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "report/table.h"

static const struct jb_option options[] = {
    {0, "csv", NULL, "print CSV", false},
    {0, "kind", "KIND", "with find: accelerator, cpu, instance, region or grid only", false},
    {0, NULL, NULL, NULL, false},
};

struct walk {
    enum jb_format format;
    bool is_begun;
    struct jb_table table;
    char alignment[JB_CATALOGUE_COLUMNS_MAX + 1];
    const char *titles[JB_CATALOGUE_COLUMNS_MAX];
    json_t *rows;
    struct jb_buf *out;
};

static void csv_row(struct walk *walk, const struct jb_catalogue_cell *cells, size_t n_cells)
{
    for (size_t i = 0; i < n_cells && !walk->is_begun; i++) {
        jb_buf_add_csv(walk->out, cells[i].column);
        jb_buf_add_text(walk->out, i + 1 < n_cells ? "," : "\r\n");
    }
    for (size_t i = 0; i < n_cells; i++) {
        /* A number is no formula, whatever it begins with. */
        if (cells[i].text && cells[i].is_number)
            jb_buf_add_text(walk->out, cells[i].text);
        else
            jb_buf_add_csv(walk->out, cells[i].text ? cells[i].text : "");
        jb_buf_add_text(walk->out, i + 1 < n_cells ? "," : "\r\n");
    }
    walk->is_begun = true;
}

static void text_row(struct walk *walk, const struct jb_catalogue_cell *cells, size_t n_cells)
{
    if (!walk->is_begun) {
        for (size_t i = 0; i < n_cells; i++) {
            walk->titles[i] = cells[i].column;
            walk->alignment[i] = cells[i].is_number ? 'r' : 'l';
        }
        jb_table_begin(&walk->table, walk->alignment, walk->titles);
        walk->is_begun = true;
    }
    for (size_t i = 0; i < n_cells; i++)
        jb_table_add(&walk->table, cells[i].text ? cells[i].text : "");
}

static jb_rc json_row(struct walk *walk, const struct jb_catalogue_cell *cells, size_t n_cells)
{
    json_t *const object = json_object();

    for (size_t i = 0; i < n_cells; i++) {
        const char *const text = cells[i].text;
        int64_t whole;
        json_t *value;
        if (!text)
            value = json_null();
        else if (cells[i].is_number && jb_parse_i64(text, strlen(text), false, &whole) == JB_OK)
            value = json_integer(whole);
        else /* a decimal fraction is kept as its digits: a double would not hold it */
            value = json_string(text);
        if (json_object_set_new(object, cells[i].column, value) < 0) {
            json_decref(object);
            return JB_E_NOMEM;
        }
    }
    return json_array_append_new(walk->rows, object) < 0 ? JB_E_NOMEM : JB_OK;
}

static jb_rc on_row(void *context, const struct jb_catalogue_cell *cells, size_t n_cells)
{
    struct walk *const walk = context;

    if (n_cells > JB_CATALOGUE_COLUMNS_MAX)
        return JB_E_INTERNAL;
    switch (walk->format) {
    case JB_FORMAT_CSV: csv_row(walk, cells, n_cells); return JB_OK;
    case JB_FORMAT_JSON: return json_row(walk, cells, n_cells);
    default: text_row(walk, cells, n_cells); return JB_OK;
    }
}

static jb_rc dump(json_t *value, struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(jb_free_auto)
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the catalogue");
    jb_buf_addf(out, "%s\n", text);
    return JB_OK;
}

static jb_rc list_tables(const struct jb_cli *cli, enum jb_format format, struct jb_buf *out,
                         struct jb_error *err)
{
    static const char *const titles[] = {"table", "rows", "holds"};
    struct jb_table table;
    jb_rc rc = JB_OK;

    if (format == JB_FORMAT_TEXT)
        jb_buf_addf(out, "edition %s; `joulebook catalogue TABLE [QUERY]` shows one\n\n",
                    jb_catalogue_edition());
    if (format == JB_FORMAT_CSV)
        jb_buf_add_text(out, "table,n_rows,title\r\n");
    json_t *const list = json_array();
    jb_table_begin(&table, "lrl", titles);
    for (size_t i = 0; i < jb_catalogue_n_tables(); i++) {
        const struct jb_catalogue_table one = jb_catalogue_table_at(i);
        if (format == JB_FORMAT_CSV) {
            jb_buf_add_csv(out, one.name);
            jb_buf_addf(out, ",%zu,", one.n_rows);
            jb_buf_add_csv(out, one.title);
            jb_buf_add_text(out, "\r\n");
        }
        (void)json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "table", one.name, "n_rows",
                                                    (json_int_t)one.n_rows, "title", one.title));
        jb_table_add(&table, one.name);
        jb_table_addf(&table, "%zu", one.n_rows);
        jb_table_add(&table, one.title);
    }
    if (format == JB_FORMAT_TEXT)
        jb_table_end(&table, 0, &cli->style, out);
    else
        jb_buf_release(&table.cells);
    if (format == JB_FORMAT_JSON)
        rc = json_array_size(list) == jb_catalogue_n_tables()
                 ? dump(list, out, err)
                 : jb_fail(err, JB_E_NOMEM, NULL, "no memory for the catalogue");
    json_decref(list);
    return rc;
}

static jb_rc list_rows(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    const char *const query = cli->args.n_words > 1 ? cli->args.words[1] : NULL;
    struct walk walk = {.format = format, .out = &cli->out};
    size_t n_rows = 0;
    jb_rc rc;

    walk.rows = json_array();
    if (!walk.rows)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the catalogue");
    rc = jb_catalogue_list(cli->args.words[0], query, on_row, &walk, &n_rows, err);
    if (rc == JB_OK && format == JB_FORMAT_JSON)
        rc = dump(walk.rows, &cli->out, err);
    json_decref(walk.rows);
    if (walk.is_begun && format == JB_FORMAT_TEXT) {
        if (rc == JB_OK)
            jb_table_end(&walk.table, 0, &cli->style, &cli->out);
        else
            jb_buf_release(&walk.table.cells);
    }
    if (rc == JB_OK && n_rows == 0)
        return jb_fail(err, JB_E_NOT_FOUND, "try fewer letters", "no row of '%s' has '%s'",
                       cli->args.words[0], query ? query : "");
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    enum jb_format format;
    const jb_rc rc = jb_cli_format(cli, &format, err);

    if (rc < 0)
        return rc;
    const bool is_find = cli->args.n_words > 0 && strcmp(cli->args.words[0], "find") == 0;
    if (is_find && cli->args.n_words == 1)
        return jb_fail(err, JB_E_USAGE, "for example: joulebook catalogue find 'A100 80GB'",
                       "'catalogue find' needs a name");
    if (is_find)
        return jb_catalogue_find_command(cli, jb_args_text(&cli->args, "kind"), cli->args.words[1],
                                         format, err);
    return cli->args.n_words == 0 ? list_tables(cli, format, &cli->out, err)
                                  : list_rows(cli, format, err);
}

const struct jb_command jb_cmd_catalogue = {
    .name = "catalogue",
    .summary = "the facts behind accounts: processors, grids, PUE, with sources",
    .usage = "[TABLE [QUERY] | find NAME [--kind KIND]] [--json | --csv]",
    .about =
        "Without a table: the tables and the edition. With one: its rows, or those that "
        "contain QUERY in any\n"
        "column. Every row names its source; what is unknown is empty.\n"
        "With find: what NAME, as drivers, shops, papers and bills write it, is understood as, in\n"
        "every table that has it. Nothing is guessed: a name of several variants shows their span\n"
        "and lists them, an unknown one is refused with the nearest.",
    .examples = "  joulebook catalogue\n"
                "  joulebook catalogue cpus 'EPYC 7763'\n"
                "  joulebook catalogue grid_intensity NL --json\n"
                "  joulebook catalogue find '8x A100 80GB'\n"
                "  joulebook catalogue find --kind region 'EU (Ireland)'\n",
    .options = options,
    .flags = JB_COMMAND_JSON,
    .words_max = 2,
    .run = run,
};
