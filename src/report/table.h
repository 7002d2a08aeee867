/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of text, each as wide as its widest cell. Widths count characters, not bytes. */
#ifndef JB_REPORT_TABLE_H
#define JB_REPORT_TABLE_H

#include <stddef.h>

#include "base/buf.h"
#include "report/report.h"

#define JB_TABLE_COLUMNS_MAX 24

struct jb_table {
    size_t n_columns;
    const char *alignment; /* 'l' or 'r' for each column */
    struct jb_buf cells;   /* NUL-terminated texts, one after the other, titles first */
    size_t n_cells;
};

/* Titles and alignment must outlive the table; as many titles as letters. */
void jb_table_begin(struct jb_table *table, const char *alignment, const char *const *titles);
/* The next cell, row by row; text is copied, control characters become '?'. */
void jb_table_add(struct jb_table *table, const char *text);
void jb_table_addf(struct jb_table *table, const char *format, ...) JB_PRINTF(2, 3);
/* Appends the table, each line after `indent` blanks; at a terminal's width the last column is cut, and what
 * does not fit besides goes on in a next line, titles too. Empty columns (but for the title) are left out. Releases the table. */
void jb_table_end(struct jb_table *table, size_t indent, const struct jb_style *style,
                  struct jb_buf *out);

/* Characters of a UTF-8 text. */
size_t jb_text_width(const char *text, size_t len);
/* A paragraph, its lines broken at blanks to the width; the first begins with `first`, the others with `rest`. */
void jb_text_wrap(const char *text, const char *first, const char *rest,
                  const struct jb_style *style, struct jb_buf *out);

#endif
