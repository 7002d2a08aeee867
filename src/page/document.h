/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document for people: headings, prose, figures, tables and pictures in their order. Built once, written as a page of HTML
 * (here) or as PDF (page/pdf.h). Texts are copied and cleaned. Stays failed once an addition failed. R-PAGE-09 to
 * R-PAGE-12: docs/method/pages.md.
 */
#ifndef JB_PAGE_DOCUMENT_H
#define JB_PAGE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "page/picture.h"

enum jb_block_kind {
    JB_BLOCK_HEADING,
    JB_BLOCK_TEXT,
    JB_BLOCK_NOTE,   /* set apart: a doubt, a limit */
    JB_BLOCK_FIGURE, /* large: three cells: what, how much, in which band */
    JB_BLOCK_FACTS,  /* rows of two cells: name and value */
    JB_BLOCK_TABLE,  /* the first row has the titles */
    JB_BLOCK_PICTURE,
};

#define JB_COLUMNS_MAX 8
struct jb_block {
    enum jb_block_kind kind;
    size_t text; /* of the block, or the caption of a table: "" none */
    size_t first_cell, n_columns, n_rows;
    unsigned numbers;                 /* bit i: column i holds numbers and is set to the right */
    size_t first_picture, n_pictures; /* the narrow one, then the wide one; or one for both */
};

struct jb_document {
    size_t title, about; /* in texts */
    int64_t utc_us;      /* what it is as of; 0 not told */
    size_t n_blocks, n_cells, n_pictures, max_blocks, max_cells, max_pictures;
    struct jb_block *blocks;
    size_t *cells; /* places in texts */
    struct jb_picture *pictures;
    struct jb_buf texts; /* NUL-terminated, one after another */
    jb_rc failed;
};

void jb_document_init(struct jb_document *document, const char *title, const char *about,
                      int64_t utc_us);
void jb_document_release(struct jb_document *document);

void jb_document_heading(struct jb_document *document, const char *text);
void jb_document_text(struct jb_document *document, const char *text);
void jb_document_note(struct jb_document *document, const char *text);
void jb_document_figure(struct jb_document *document, const char *name, const char *value,
                        const char *band);
/* A name and its value; those that follow each other make one list. */
void jb_document_fact(struct jb_document *document, const char *name, const char *value);
/* `n` titles; bit i of `numbers` says that column i holds numbers. Rows follow at once, each with n cells. */
void jb_document_table(struct jb_document *document, const char *caption, size_t n,
                       const char *const *titles, unsigned numbers);
void jb_document_row(struct jb_document *document, const char *const *cells);
/* Takes the pictures over, and leaves them empty; `wide` may be NULL. */
void jb_document_picture(struct jb_document *document, struct jb_picture *narrow,
                         struct jb_picture *wide);

const char *jb_document_string(const struct jb_document *document, size_t at);
const char *jb_document_cell(const struct jb_document *document, const struct jb_block *block,
                             size_t row, size_t column);

/* One page of HTML that needs nothing else and runs nothing. */
JB_MUST_USE jb_rc jb_document_html(const struct jb_document *document, struct jb_buf *out,
                                   struct jb_error *err);

#endif
