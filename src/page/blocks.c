/* SPDX-License-Identifier: Apache-2.0 */
/* The list of blocks of a document. Knows neither what it is about nor how it is written. Rule R-PAGE-09. */
#include "page/document.h"

#include <string.h>

#include "base/clean.h"

#define BLOCKS_MAX   ((size_t)4096)
#define CELLS_MAX    ((size_t)1 << 17)
#define PICTURES_MAX ((size_t)64)
#define TEXTS_MAX    ((size_t)1 << 23)
#define TEXT_MAX     4096 /* so that it fits a page */

static size_t add_string(struct jb_document *document, const char *text)
{
    const size_t at = document->texts.len;
    char clean[TEXT_MAX];

    jb_clean_copy(text, clean, sizeof clean);
    jb_buf_add(&document->texts, clean, strlen(clean) + 1);
    if (document->texts.failed < 0)
        document->failed = document->texts.failed;
    return at;
}

/* The list with room for one more; NULL, and the document has failed, where there is none. */
static void *grown(struct jb_document *document, void *list, size_t *max, size_t used, size_t size,
                   size_t limit)
{
    if (document->failed < 0)
        return NULL;
    if (used < *max)
        return list;
    const size_t more = *max == 0 ? 16 : *max * 2;
    void *const bigger = more <= limit ? realloc(list, more * size) : NULL;
    if (!bigger) {
        document->failed = more <= limit ? JB_E_NOMEM : JB_E_RANGE;
        return NULL;
    }
    *max = more;
    return bigger;
}

void jb_document_init(struct jb_document *document, const char *title, const char *about,
                      int64_t utc_us)
{
    *document = (struct jb_document){.texts = JB_BUF(TEXTS_MAX), .utc_us = utc_us};
    document->title = add_string(document, title);
    document->about = add_string(document, about);
}

void jb_document_release(struct jb_document *document)
{
    for (size_t i = 0; i < document->n_pictures; i++)
        jb_picture_release(&document->pictures[i]);
    free(document->pictures);
    free(document->blocks);
    free(document->cells);
    jb_buf_release(&document->texts);
    *document = (struct jb_document){0};
}

static struct jb_block *add_block(struct jb_document *document, enum jb_block_kind kind,
                                  const char *text)
{
    struct jb_block *const blocks = grown(document, document->blocks, &document->max_blocks,
                                          document->n_blocks, sizeof *blocks, BLOCKS_MAX);

    if (!blocks)
        return NULL;
    document->blocks = blocks;
    struct jb_block *const block = &blocks[document->n_blocks++];
    *block = (struct jb_block){.kind = kind,
                               .text = add_string(document, text),
                               .first_cell = document->n_cells,
                               .first_picture = document->n_pictures};
    return block;
}

static void add_cells(struct jb_document *document, struct jb_block *block,
                      const char *const *texts)
{
    for (size_t i = 0; i < block->n_columns; i++) {
        size_t *const cells = grown(document, document->cells, &document->max_cells,
                                    document->n_cells, sizeof *cells, CELLS_MAX);
        if (!cells)
            return;
        document->cells = cells;
        cells[document->n_cells++] = add_string(document, texts[i]);
    }
    block->n_rows++;
}

void jb_document_heading(struct jb_document *document, const char *text)
{
    (void)add_block(document, JB_BLOCK_HEADING, text);
}

void jb_document_text(struct jb_document *document, const char *text)
{
    (void)add_block(document, JB_BLOCK_TEXT, text);
}

void jb_document_note(struct jb_document *document, const char *text)
{
    (void)add_block(document, JB_BLOCK_NOTE, text);
}

static void add_list(struct jb_document *document, enum jb_block_kind kind, const char *text,
                     size_t n, const char *const *cells, unsigned numbers)
{
    struct jb_block *const block = add_block(document, kind, text);

    if (!block)
        return;
    block->n_columns = n;
    block->numbers = numbers;
    add_cells(document, block, cells);
}

void jb_document_figure(struct jb_document *document, const char *name, const char *value,
                        const char *band)
{
    add_list(document, JB_BLOCK_FIGURE, "", 3, (const char *const[]){name, value, band}, 0);
}

void jb_document_fact(struct jb_document *document, const char *name, const char *value)
{
    const char *const cells[] = {name, value};
    struct jb_block *const last =
        document->n_blocks > 0 ? &document->blocks[document->n_blocks - 1] : NULL;

    if (last && last->kind == JB_BLOCK_FACTS)
        add_cells(document, last, cells);
    else
        add_list(document, JB_BLOCK_FACTS, "", 2, cells, 0);
}

void jb_document_table(struct jb_document *document, const char *caption, size_t n,
                       const char *const *titles, unsigned numbers)
{
    add_list(document, JB_BLOCK_TABLE, caption, n < JB_COLUMNS_MAX ? n : JB_COLUMNS_MAX, titles,
             numbers);
}

void jb_document_row(struct jb_document *document, const char *const *cells)
{
    if (document->failed == JB_OK && document->n_blocks > 0)
        add_cells(document, &document->blocks[document->n_blocks - 1], cells);
}

void jb_document_picture(struct jb_document *document, struct jb_picture *narrow,
                         struct jb_picture *wide)
{
    struct jb_picture *const both[] = {narrow, wide};
    struct jb_block *const block = add_block(document, JB_BLOCK_PICTURE, "");

    for (size_t i = 0; i < 2; i++) {
        struct jb_picture *const pictures =
            both[i] ? grown(document, document->pictures, &document->max_pictures,
                            document->n_pictures, sizeof *pictures, PICTURES_MAX)
                    : NULL;
        if (pictures) {
            document->pictures = pictures;
            pictures[document->n_pictures++] = *both[i];
            *both[i] = (struct jb_picture){0};
            block->n_pictures++;
        } else if (both[i]) {
            jb_picture_release(both[i]);
        }
    }
    for (size_t i = 0; block && i < block->n_pictures; i++)
        if (document->pictures[block->first_picture + i].failed < 0)
            document->failed = document->pictures[block->first_picture + i].failed;
}

const char *jb_document_string(const struct jb_document *document, size_t at)
{
    return at < document->texts.len ? document->texts.bytes + at : "";
}

const char *jb_document_cell(const struct jb_document *document, const struct jb_block *block,
                             size_t row, size_t column)
{
    return jb_document_string(document,
                              document->cells[block->first_cell + row * block->n_columns + column]);
}
