/* SPDX-License-Identifier: Apache-2.0 */
/* Cells to aligned columns, and prose to lines. Texts may be foreign: no control character gets through. */
#include "report/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TABLE_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define PROSE_WIDTH     80
#define GAP             2 /* blanks between columns */
#define FOLD            4 /* blanks before a line that goes on */
#define LAST_LEAST      8 /* characters that the last column is not cut below */

size_t jb_text_width(const char *text, size_t len)
{
    size_t width = 0;

    for (size_t i = 0; i < len; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

void jb_table_begin(struct jb_table *table, const char *alignment, const char *const *titles)
{
    *table = (struct jb_table){.alignment = alignment, .cells = JB_BUF(TABLE_MAX_BYTES)};
    table->n_columns = strlen(alignment);
    for (size_t i = 0; i < table->n_columns; i++)
        jb_table_add(table, titles[i]);
}

void jb_table_add(struct jb_table *table, const char *text)
{
    for (; *text; text++)
        jb_buf_add_u8(&table->cells,
                      (unsigned char)*text < 0x20 || *text == 0x7F ? '?' : (uint8_t)*text);
    jb_buf_add_u8(&table->cells, 0);
    table->n_cells++;
}

void jb_table_addf(struct jb_table *table, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    jb_table_add(table, text);
}

static void blanks(struct jb_buf *out, size_t n)
{
    jb_buf_addf(out, "%*s", (int)n, "");
}

/* Bytes of the first `width` characters. */
static size_t cut(const char *text, size_t width)
{
    size_t at = 0;

    while (text[at] && (width > 0 || ((unsigned char)text[at] & 0xC0) == 0x80)) {
        width -= ((unsigned char)text[at] & 0xC0) != 0x80;
        at++;
    }
    return at;
}

/* Where the columns stand. One that does not fit a terminal's width goes on in a next line, under the first. */
struct layout {
    size_t widths[JB_TABLE_COLUMNS_MAX];
    size_t at[JB_TABLE_COLUMNS_MAX];
    bool is_used[JB_TABLE_COLUMNS_MAX];
    bool begins_line[JB_TABLE_COLUMNS_MAX];
    size_t last;
};

static void measure(const struct jb_table *table, struct layout *layout)
{
    const char *cell = jb_buf_text(&table->cells);

    for (size_t i = 0; i < table->n_cells; i++, cell += strlen(cell) + 1) {
        const size_t width = jb_text_width(cell, strlen(cell));
        const size_t c = i % table->n_columns;
        if (width > layout->widths[c])
            layout->widths[c] = width;
        if (width > 0 && i >= table->n_columns)
            layout->is_used[c] = true;
    }
    for (size_t c = 0; c < table->n_columns; c++)
        if (layout->is_used[c])
            layout->last = c;
}

static void place(const struct jb_table *table, size_t indent, const struct jb_style *style,
                  struct layout *layout)
{
    const size_t limit = style->width > 0 ? (size_t)style->width : SIZE_MAX;
    size_t column = indent;
    bool is_first = true;

    for (size_t c = 0; c < table->n_columns; c++) {
        if (!layout->is_used[c])
            continue;
        /* The last one may be cut. */
        const size_t need =
            c == layout->last && layout->widths[c] > LAST_LEAST ? LAST_LEAST : layout->widths[c];
        if (!is_first && column + need > limit) {
            layout->begins_line[c] = true;
            column = indent + FOLD;
        }
        layout->at[c] = column;
        column += layout->widths[c] + GAP;
        is_first = false;
    }
}

/* The last cell of a line, cut with "..." where it would not fit a terminal. */
static void last_cell(const char *text, size_t column, const struct jb_style *style,
                      struct jb_buf *out)
{
    const size_t room =
        style->width > 0 && (size_t)style->width > column ? (size_t)style->width - column : 0;

    if (style->width > 0 && room >= LAST_LEAST && jb_text_width(text, strlen(text)) > room) {
        jb_buf_add(out, text, cut(text, room - 3));
        jb_buf_add_text(out, "...");
    } else {
        jb_buf_add_text(out, text);
    }
}

/* No line ends in blanks. */
static void end_line(struct jb_buf *out)
{
    while (out->failed == JB_OK && out->len > 0 && out->bytes[out->len - 1] == ' ')
        out->bytes[--out->len] = '\0';
}

static void put_cell(const struct jb_table *table, const struct layout *layout, size_t c,
                     const char *text, const struct jb_style *style, struct jb_buf *out)
{
    const size_t pad = layout->widths[c] - jb_text_width(text, strlen(text));
    const bool is_right = table->alignment[c] == 'r';

    if (layout->begins_line[c]) {
        end_line(out);
        jb_buf_add_text(out, "\n");
        blanks(out, layout->at[c]);
    }
    if (is_right)
        blanks(out, pad);
    if (c == layout->last) {
        last_cell(text, layout->at[c], style, out);
    } else {
        jb_buf_add_text(out, text);
        blanks(out, GAP + (is_right ? 0 : pad));
    }
}

void jb_table_end(struct jb_table *table, size_t indent, const struct jb_style *style,
                  struct jb_buf *out)
{
    struct layout layout = {.last = 0};
    const size_t n_columns = table->n_columns;
    const char *cell = jb_buf_text(&table->cells);

    if (table->cells.failed < 0 || n_columns == 0 || n_columns > JB_TABLE_COLUMNS_MAX ||
        table->n_cells % n_columns != 0) {
        out->failed = table->cells.failed < 0 ? table->cells.failed : JB_E_INTERNAL;
        jb_buf_release(&table->cells);
        return;
    }
    measure(table, &layout);
    place(table, indent, style, &layout);
    for (size_t i = 0; i < table->n_cells; i++, cell += strlen(cell) + 1) {
        const size_t c = i % n_columns;
        if (c == 0) {
            blanks(out, indent);
            jb_buf_add_text(out, style->is_colour && i < n_columns ? "\033[2m" : "");
        }
        if (layout.is_used[c])
            put_cell(table, &layout, c, cell, style, out);
        if (c + 1 == n_columns) {
            end_line(out);
            jb_buf_add_text(out, style->is_colour && i < n_columns ? "\033[0m\n" : "\n");
        }
    }
    jb_buf_release(&table->cells);
}

void jb_text_wrap(const char *text, const char *first, const char *rest,
                  const struct jb_style *style, struct jb_buf *out)
{
    const size_t limit = style->width > 0 ? (size_t)style->width : PROSE_WIDTH;
    size_t column = jb_text_width(first, strlen(first));
    bool is_begin = true;

    jb_buf_add_text(out, first);
    while (*text) {
        const size_t len = strcspn(text, " ");
        const size_t width = jb_text_width(text, len);
        if (!is_begin && column + 1 + width > limit) {
            jb_buf_addf(out, "\n%s", rest);
            column = jb_text_width(rest, strlen(rest));
            is_begin = true;
        }
        if (!is_begin) {
            jb_buf_add_text(out, " ");
            column++;
        }
        for (size_t i = 0; i < len; i++)
            jb_buf_add_u8(out, (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? '?'
                                                                                : (uint8_t)text[i]);
        column += width;
        is_begin = false;
        text += len;
        text += strspn(text, " ");
    }
    jb_buf_add_text(out, "\n");
}
