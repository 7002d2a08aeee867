/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-tables and their list, with what print has otherwise (R-CASE-20). */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/case_tell.h"
#include "report/table.h"

jb_rc jb_case_dump(struct json_t *value, struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

    json_decref(value);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the output");
    jb_buf_addf(out, "%s\n", text);
    return JB_OK;
}

static const char *state_of(const struct jb_cross *cross, char *buf, size_t size)
{
    if (cross->n_printed == 0)
        (void)snprintf(buf, size, "no figure to compare");
    else if (cross->n_differences == 0)
        (void)snprintf(buf, size, "as printed");
    else
        (void)snprintf(buf, size, "%zu of %zu printed cells differ", cross->n_differences,
                       cross->n_printed);
    return buf;
}

jb_rc jb_case_tell_tables(enum jb_format format, const struct jb_style *style, struct jb_buf *out,
                          struct jb_error *err)
{
    static const char *const titles[] = {"table", "holds", "against print"};
    JB_AUTO(jb_free_auto) struct jb_cross *cross = malloc(sizeof *cross);
    json_t *const list = json_array();
    struct jb_table table;
    char state[64];
    const char *id;
    jb_rc rc = cross ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for the tables");

    if (format == JB_FORMAT_CSV)
        jb_buf_add_text(out, "table,title,n_printed,n_differences\r\n");
    jb_table_begin(&table, "lll", titles);
    for (size_t i = 0; rc == JB_OK && (id = jb_cross_id(i)); i++) {
        rc = jb_cross_make(id, NULL, 0, cross, err);
        if (rc < 0)
            break;
        jb_table_add(&table, id);
        jb_table_add(&table, cross->title);
        jb_table_add(&table, state_of(cross, state, sizeof state));
        if (format == JB_FORMAT_CSV) {
            jb_buf_addf(out, "%s,", id);
            jb_buf_add_csv(out, cross->title);
            jb_buf_addf(out, ",%zu,%zu\r\n", cross->n_printed, cross->n_differences);
        }
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I}", "table", id, "title",
                                                    cross->title, "n_printed",
                                                    (json_int_t)cross->n_printed, "n_differences",
                                                    (json_int_t)cross->n_differences));
    }
    if (rc == JB_OK && format == JB_FORMAT_TEXT)
        jb_table_end(&table, 0, style, out);
    else
        jb_buf_release(&table.cells);
    if (rc == JB_OK && format == JB_FORMAT_JSON)
        return jb_case_dump(list, out, err);
    json_decref(list);
    return rc;
}

static json_t *cells_json(const struct jb_cross *cross, const struct jb_cross_row *row)
{
    json_t *const cells = json_object();

    for (size_t c = 0; c < cross->n_columns; c++)
        (void)json_object_set_new(cells, cross->columns[c],
                                  row->has[c] ? json_integer(row->cells[c]) : json_null());
    return json_pack("{s:s, s:s, s:o}", "key", row->key, "title", row->title, "cells", cells);
}

static void add_code_json(void *context, const struct jb_code *code)
{
    (void)json_array_append_new(
        context, json_pack("{s:s, s:s, s:b}", "restriction", jb_restrictions[code->restriction].key,
                           "code", code->text, "is_in_cases", (int)code->is_in_cases));
}

static bool has_codes(const struct jb_cross *cross)
{
    return strcmp(cross->id, "C.2") == 0 || strcmp(cross->id, "C.3") == 0;
}

static jb_rc table_json(const struct jb_cross *cross, struct jb_buf *out, struct jb_error *err)
{
    json_t *const columns = json_array(), *const rows = json_array(), *const codes = json_array(),
                  *const differences = json_array();

    for (size_t c = 0; c < cross->n_columns; c++)
        (void)json_array_append_new(columns, json_string(cross->columns[c]));
    for (size_t i = 0; i < cross->n_rows; i++)
        (void)json_array_append_new(rows, cells_json(cross, &cross->rows[i]));
    for (size_t i = 0; i < cross->n_differences && i < JB_CROSS_DIFFERENCES_MAX; i++)
        (void)json_array_append_new(
            differences, json_pack("{s:s, s:s, s:I, s:I}", "row", cross->differences[i].row,
                                   "column", cross->differences[i].column, "printed",
                                   (json_int_t)cross->differences[i].printed, "computed",
                                   (json_int_t)cross->differences[i].computed));
    if (has_codes(cross))
        jb_case_codes(add_code_json, codes);
    return jb_case_dump(json_pack("{s:s, s:s, s:s?, s:o, s:o, s:o, s:I, s:I, s:o}", "table",
                                  cross->id, "title", cross->title, "note", cross->note, "columns",
                                  columns, "rows", rows, "codes", codes, "n_printed",
                                  (json_int_t)cross->n_printed, "n_differences",
                                  (json_int_t)cross->n_differences, "differences", differences),
                        out, err);
}

struct code_lines {
    struct jb_buf *out;
    bool is_of_cases, is_csv;
    int last; /* restriction of the line before */
};

static void add_code_line(void *context, const struct jb_code *code)
{
    struct code_lines *const lines = context;

    if (lines->is_of_cases && !code->is_in_cases)
        return;
    if (lines->is_csv) {
        jb_buf_addf(lines->out, "%s,", jb_restrictions[code->restriction].key);
        jb_buf_add_csv(lines->out, code->text);
        jb_buf_add_text(lines->out, "\r\n");
        return;
    }
    if (lines->last != (int)code->restriction)
        jb_buf_addf(lines->out, "%s\n", jb_restrictions[code->restriction].title);
    lines->last = (int)code->restriction;
    jb_buf_addf(lines->out, "  %s\n", code->text);
}

static void add_codes(const struct jb_cross *cross, bool is_csv, struct jb_buf *out)
{
    struct code_lines lines = {out, strcmp(cross->id, "C.2") == 0, is_csv, -1};

    jb_buf_add_text(out, is_csv ? "restriction,code\r\n" : "\n");
    jb_case_codes(add_code_line, &lines);
}

static void table_csv(const struct jb_cross *cross, struct jb_buf *out)
{
    if (has_codes(cross)) {
        add_codes(cross, true, out);
        return;
    }
    jb_buf_add_text(out, "key,title");
    for (size_t c = 0; c < cross->n_columns; c++) {
        jb_buf_add_text(out, ",");
        jb_buf_add_csv(out, cross->columns[c]);
    }
    jb_buf_add_text(out, "\r\n");
    for (size_t i = 0; i < cross->n_rows; i++) {
        jb_buf_addf(out, "%s,", cross->rows[i].key);
        jb_buf_add_csv(out, cross->rows[i].title);
        for (size_t c = 0; c < cross->n_columns; c++)
            if (cross->rows[i].has[c])
                jb_buf_addf(out, ",%lld", (long long)cross->rows[i].cells[c]);
            else
                jb_buf_add_text(out, ",");
        jb_buf_add_text(out, "\r\n");
    }
}

static const char *title_of_row(const struct jb_cross *cross, const char *key)
{
    for (size_t i = 0; i < cross->n_rows; i++)
        if (strcmp(cross->rows[i].key, key) == 0)
            return cross->rows[i].title;
    return key;
}

static void table_text(const struct jb_cross *cross, const struct jb_style *style,
                       struct jb_buf *out)
{
    char alignment[JB_CROSS_COLUMNS_MAX + 2] = "l";
    const char *titles[JB_CROSS_COLUMNS_MAX + 1] = {"restriction"};
    struct jb_table table;

    for (size_t c = 0; c < cross->n_columns; c++) {
        alignment[c + 1] = 'r';
        titles[c + 1] = cross->columns[c];
    }
    alignment[cross->n_columns + 1] = '\0';
    jb_buf_addf(out, "%s: %s\n\n", cross->id, cross->title);
    jb_table_begin(&table, alignment, titles);
    for (size_t i = 0; i < cross->n_rows; i++) {
        jb_table_add(&table, cross->rows[i].title);
        for (size_t c = 0; c < cross->n_columns; c++)
            if (cross->rows[i].has[c])
                jb_table_addf(&table, "%lld", (long long)cross->rows[i].cells[c]);
            else
                jb_table_add(&table, "");
    }
    jb_table_end(&table, 0, style, out);
    if (has_codes(cross))
        add_codes(cross, false, out);
    if (cross->n_printed > 0 && cross->n_differences == 0)
        jb_buf_addf(out, "\nall %zu printed cells are the same\n", cross->n_printed);
    if (cross->n_differences > 0)
        jb_buf_addf(out, "\n%zu of %zu printed cells differ:\n", cross->n_differences,
                    cross->n_printed);
    for (size_t i = 0; i < cross->n_differences && i < JB_CROSS_DIFFERENCES_MAX; i++)
        jb_buf_addf(out, "  %s, %s: printed %lld, computed %lld\n",
                    title_of_row(cross, cross->differences[i].row), cross->differences[i].column,
                    (long long)cross->differences[i].printed,
                    (long long)cross->differences[i].computed);
    if (cross->note) {
        jb_buf_add_text(out, "\n");
        jb_text_wrap(cross->note, "note: ", "  ", style, out);
    }
}

jb_rc jb_case_tell_table(const struct jb_cross *cross, enum jb_format format,
                         const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    switch (format) {
    case JB_FORMAT_JSON: return table_json(cross, out, err);
    case JB_FORMAT_CSV: table_csv(cross, out); return JB_OK;
    case JB_FORMAT_TEXT: table_text(cross, style, out); return JB_OK;
    }
    return JB_E_INTERNAL;
}
