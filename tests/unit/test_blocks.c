/* SPDX-License-Identifier: Apache-2.0 */
/* A list of blocks that keeps what it was given, cleaned, and has a ceiling (R-PAGE-09). */
#include "page/document.h"
#include "page_rig.h"
#include "tap.h"

int main(void)
{
    struct jb_document document;

    rig_document(&document, 3);
    is_i64(document.failed, JB_OK, "built");
    is_i64((int64_t)document.n_blocks, 7, "two facts that follow each other are one list");
    const struct jb_block *const facts = &document.blocks[4], *const table = &document.blocks[6];
    is_i64((int64_t)facts->n_rows, 2, "of two rows");
    is_str(jb_document_cell(&document, facts, 1, 1), "fact", "its cells are there");
    ok(table->n_rows == 4 && table->n_columns == 2, "titles and three rows of two cells");
    is_str(jb_document_cell(&document, table, 3, 0), "row-2", "the last row is the last");
    is_str(jb_document_cell(&document, table, 0, 1), "Wh", "the first are the titles");
    ok(strstr(jb_document_cell(&document, table, 1, 1), "&'?") != NULL, "what is not clean is '?'");
    ok(document.blocks[5].n_pictures == 2 && document.n_pictures == 2, "a picture of two widths");
    for (int i = 0; i < 5000; i++)
        jb_document_heading(&document, "x");
    is_i64(document.failed, JB_E_RANGE, "a ceiling, and it stays failed");
    jb_document_row(&document, (const char *const[]){"a"});
    struct jb_picture picture;
    jb_picture_init(&picture, "", "");
    jb_document_picture(&document, &picture, NULL);
    is_i64((int64_t)document.n_pictures, 2, "a failed document takes nothing more");
    jb_document_release(&document);

    jb_document_init(&document, "", "", 0);
    jb_picture_init(&picture, "", "");
    picture.failed = JB_E_NOMEM;
    jb_document_picture(&document, &picture, NULL);
    is_i64(document.failed, JB_E_NOMEM, "a picture that failed fails its document");
    jb_document_release(&document);
    return done_testing();
}
