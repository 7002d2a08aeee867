/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of a document onto pages of A4: first counted, then painted, so that each page says of how many it is. A row or a picture is
 * never cut by a page's end; a table's titles stand on each of its pages. Takes no time from a clock. Rules R-PAGE-12, R-PAGE-13.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "page/pdf_int.h"

#define FAMILY     "DejaVu Sans, sans-serif"
#define PAGE_X     595.28
#define PAGE_Y     841.89
#define MARGIN     48.0
#define WIDTH      (PAGE_X - 2 * MARGIN)
#define BOTTOM     (PAGE_Y - 58.0)
#define FONT       9.0
#define FONT_SMALL 7.5
#define PER_UNIT   (0.75 / JB_PX) /* a pixel is three quarters of a point */
#define CELL_GAP   7.0
#define MEASURED   120 /* rows that widths of columns are made from */

static const struct pdf_pen body = {.size = FONT, .ink = JB_INK_TEXT, .width = WIDTH};

static void add_footer(const struct pdf *pdf)
{
    const struct jb_document *const document = pdf->document;
    struct pdf_pen pen = {.size = FONT_SMALL, .ink = JB_INK_FAINT, .width = WIDTH - 90};
    char text[64], utc[32];

    (void)snprintf(text, sizeof text, "page %zu of %zu", pdf->page, pdf->n_pages);
    (void)pdf__text(pdf, &pen, MARGIN, PAGE_Y - 46, true,
                    jb_document_string(document, document->title), NULL);
    pen.width = 0;
    pen.align = PDF_RIGHT;
    (void)pdf__text(pdf, &pen, PAGE_X - MARGIN, PAGE_Y - 46, true, text, NULL);
    if (document->utc_us > 0) {
        (void)snprintf(text, sizeof text, "as of %s",
                       jb_format_utc(document->utc_us, false, utc, sizeof utc));
        (void)pdf__text(pdf, &pen, PAGE_X - MARGIN, PAGE_Y - 35, true, text, NULL);
    }
}

static void end_page(struct pdf *pdf)
{
    if (pdf->is_painting) {
        add_footer(pdf);
        pdf->api->show_page(pdf->cr);
    }
}

/* A new page where less than `height` is left; true if so. */
static bool make_room(struct pdf *pdf, double height)
{
    if (pdf->y + height <= BOTTOM || pdf->y <= MARGIN)
        return false;
    end_page(pdf);
    pdf->page++;
    pdf->y = MARGIN;
    return true;
}

static void add_rule(const struct pdf *pdf, enum jb_ink ink, double x, double y, double width,
                     double height)
{
    if (!pdf->is_painting)
        return;
    pdf__colour(pdf, ink, 1);
    pdf->api->rectangle(pdf->cr, x, y, width, height);
    pdf->api->fill(pdf->cr);
}

static double picture_height(const struct pdf *pdf, const struct jb_block *block,
                             const struct jb_picture **ret_picture, double *ret_scale)
{
    const struct jb_picture *const picture =
        &pdf->document->pictures[block->first_picture + block->n_pictures - 1];
    double scale = PER_UNIT;

    if (block->n_pictures > 1 && picture->width > 0)
        scale = WIDTH / picture->width;
    if (picture->height * scale > BOTTOM - MARGIN)
        scale = (BOTTOM - MARGIN) / picture->height;
    *ret_picture = picture;
    *ret_scale = scale;
    return picture->height * scale;
}

/* A heading stays with what follows it. */
static void add_heading(struct pdf *pdf, const struct jb_block *block)
{
    const struct jb_block *const end = pdf->document->blocks + pdf->document->n_blocks;
    const struct pdf_pen pen = {.size = 12, .is_bold = true, .ink = JB_INK_TEXT, .width = WIDTH};
    const struct jb_picture *picture;
    double scale, next = 70;

    if (block + 1 < end && block[1].kind == JB_BLOCK_PICTURE && block[1].n_pictures > 0)
        next = picture_height(pdf, block + 1, &picture, &scale);
    pdf->y += pdf->y > MARGIN ? 12 : 0;
    (void)make_room(pdf, 26 + next);
    pdf->y += pdf__text(pdf, &pen, MARGIN, pdf->y, true,
                        jb_document_string(pdf->document, block->text), NULL);
    add_rule(pdf, JB_INK_GRID, MARGIN, pdf->y + 2, WIDTH, 0.75);
    pdf->y += 8;
}

static void add_text(struct pdf *pdf, const struct jb_block *block)
{
    const char *const text = jb_document_string(pdf->document, block->text);
    const bool is_note = block->kind == JB_BLOCK_NOTE;
    struct pdf_pen pen = body;
    const double indent = is_note ? 10 : 0;

    pen.width = WIDTH - indent;
    const double height = pdf__text(pdf, &pen, 0, 0, false, text, NULL);
    (void)make_room(pdf, height);
    if (is_note)
        add_rule(pdf, JB_INK_B, MARGIN, pdf->y, 2.5, height);
    (void)pdf__text(pdf, &pen, MARGIN + indent, pdf->y, true, text, NULL);
    pdf->y += height + 5;
}

static void add_figure(struct pdf *pdf, const struct jb_block *block)
{
    static const struct pdf_pen pens[] = {
        {.size = FONT, .ink = JB_INK_FAINT, .width = WIDTH},
        {.size = 22, .is_bold = true, .ink = JB_INK_TEXT, .width = WIDTH},
        {.size = FONT, .ink = JB_INK_TEXT, .width = WIDTH}};

    (void)make_room(pdf, 60);
    for (size_t i = 0; i < 3; i++)
        pdf->y += pdf__text(pdf, &pens[i], MARGIN, pdf->y, true,
                            jb_document_cell(pdf->document, block, 0, i), NULL);
    pdf->y += 8;
}

/* Beside a picture that stands alone, as long as it reaches down. */
static void add_facts_within(struct pdf *pdf, const struct jb_block *block, double width)
{
    const double name_width = width > 400 ? 130 : 95;
    struct pdf_pen name = body, value = body;

    name.ink = JB_INK_FAINT;
    name.width = name_width - CELL_GAP;
    value.width = width - name_width;
    for (size_t row = 0; row < block->n_rows; row++) {
        const char *const names = jb_document_cell(pdf->document, block, row, 0),
                          *const values = jb_document_cell(pdf->document, block, row, 1);
        const double a = pdf__text(pdf, &name, 0, 0, false, names, NULL),
                     b = pdf__text(pdf, &value, 0, 0, false, values, NULL);
        (void)make_room(pdf, a > b ? a : b);
        (void)pdf__text(pdf, &name, MARGIN, pdf->y, true, names, NULL);
        (void)pdf__text(pdf, &value, MARGIN + name_width, pdf->y, true, values, NULL);
        pdf->y += (a > b ? a : b) + 2;
    }
    pdf->y += 4;
}

static void add_facts(struct pdf *pdf, const struct jb_block *block)
{
    const struct jb_block *const before = block > pdf->document->blocks ? block - 1 : NULL;

    if (!before || before->kind != JB_BLOCK_PICTURE || before->n_pictures != 1)
        add_facts_within(pdf, block, WIDTH);
}

static void add_picture(struct pdf *pdf, const struct jb_block *block)
{
    const struct jb_block *const next = block + 1, *const end = pdf->document->blocks +
                                                                pdf->document->n_blocks;
    const struct jb_picture *picture;
    double scale;

    if (block->n_pictures == 0)
        return;
    const double height = picture_height(pdf, block, &picture, &scale);
    (void)make_room(pdf, height);
    if (block->n_pictures == 1 && next < end && next->kind == JB_BLOCK_FACTS) {
        const double width = picture->width * scale, top = pdf->y;
        const size_t page = pdf->page;
        pdf__picture(pdf, picture, MARGIN + WIDTH - width, pdf->y, scale);
        add_facts_within(pdf, next, WIDTH - width - 14);
        if (pdf->page == page && pdf->y < top + height)
            pdf->y = top + height;
        return;
    }
    pdf__picture(pdf, picture, MARGIN, pdf->y, scale);
    pdf->y += height + 8;
}

static struct pdf_pen cell_pen(const struct jb_block *block, size_t row, size_t column)
{
    return (struct pdf_pen){.size = FONT - 1,
                            .is_bold = row == 0,
                            .ink = row == 0 ? JB_INK_FAINT : JB_INK_TEXT,
                            .align = (block->numbers >> column & 1) != 0 ? PDF_RIGHT : PDF_LEFT};
}

/* As wide as its widest cell; where all are too wide together, what is wider than its part gives way. */
static void make_widths(const struct pdf *pdf, const struct jb_block *block, double *ret_widths)
{
    double left = WIDTH, sum = 0, wide = 0;

    for (size_t i = 0; i < block->n_columns; i++) {
        ret_widths[i] = 0;
        for (size_t row = 0; row < block->n_rows && row < MEASURED; row++) {
            const struct pdf_pen pen = cell_pen(block, row, i);
            double width;
            (void)pdf__text(pdf, &pen, 0, 0, false, jb_document_cell(pdf->document, block, row, i),
                            &width);
            ret_widths[i] =
                width + CELL_GAP + 1 > ret_widths[i] ? width + CELL_GAP + 1 : ret_widths[i];
        }
        sum += ret_widths[i];
    }
    const double part = WIDTH / (double)block->n_columns;
    if (sum <= WIDTH) {
        for (size_t i = 0; i < block->n_columns; i++)
            ret_widths[i] += (WIDTH - sum) / (double)block->n_columns;
        return;
    }
    for (size_t i = 0; i < block->n_columns; i++) {
        left -= ret_widths[i] <= part ? ret_widths[i] : 0;
        wide += ret_widths[i] <= part ? 0 : ret_widths[i];
    }
    for (size_t i = 0; i < block->n_columns; i++)
        if (ret_widths[i] > part)
            ret_widths[i] *= left / wide;
}

static double add_row(struct pdf *pdf, const struct jb_block *block, const double *widths,
                      size_t row, bool is_shown)
{
    double x = MARGIN, height = 0;

    for (size_t i = 0; i < block->n_columns; i++) {
        struct pdf_pen pen = cell_pen(block, row, i);
        pen.width = widths[i] - CELL_GAP;
        const double cell = pdf__text(pdf, &pen, x, pdf->y, is_shown,
                                      jb_document_cell(pdf->document, block, row, i), NULL);
        height = cell > height ? cell : height;
        x += widths[i];
    }
    if (is_shown) {
        pdf->y += height + 2;
        add_rule(pdf, JB_INK_GRID, MARGIN, pdf->y, WIDTH, 0.5);
        pdf->y += 2.5;
    }
    return height + 4.5;
}

static void add_table(struct pdf *pdf, const struct jb_block *block)
{
    const char *const caption = jb_document_string(pdf->document, block->text);
    double widths[JB_COLUMNS_MAX];

    if (block->n_columns == 0)
        return;
    make_widths(pdf, block, widths);
    (void)make_room(pdf, 60);
    if (caption[0] != '\0') {
        struct pdf_pen pen = body;
        pen.ink = JB_INK_FAINT;
        pdf->y += pdf__text(pdf, &pen, MARGIN, pdf->y, true, caption, NULL) + 2;
    }
    for (size_t row = 0; row < block->n_rows; row++) {
        if (make_room(pdf, add_row(pdf, block, widths, row, false)) && row > 0)
            (void)add_row(pdf, block, widths, 0, true);
        (void)add_row(pdf, block, widths, row, true);
    }
    pdf->y += 6;
}

typedef void (*add_fn)(struct pdf *pdf, const struct jb_block *block);
static const add_fn adders[] = {
    [JB_BLOCK_HEADING] = add_heading, [JB_BLOCK_TEXT] = add_text,   [JB_BLOCK_NOTE] = add_text,
    [JB_BLOCK_FIGURE] = add_figure,   [JB_BLOCK_FACTS] = add_facts, [JB_BLOCK_TABLE] = add_table,
    [JB_BLOCK_PICTURE] = add_picture,
};

static void add_all(struct pdf *pdf, bool is_painting)
{
    const struct jb_document *const document = pdf->document;
    struct pdf_pen pen = {.size = 17, .is_bold = true, .ink = JB_INK_TEXT, .width = WIDTH};

    pdf->is_painting = is_painting;
    pdf->page = 1;
    pdf->y = MARGIN;
    pdf->y += pdf__text(pdf, &pen, MARGIN, pdf->y, true,
                        jb_document_string(document, document->title), NULL);
    pen = body;
    pen.ink = JB_INK_FAINT;
    pdf->y += 8 + pdf__text(pdf, &pen, MARGIN, pdf->y + 2, true,
                            jb_document_string(document, document->about), NULL);
    for (size_t i = 0; i < document->n_blocks; i++)
        adders[document->blocks[i].kind](pdf, &document->blocks[i]);
    end_page(pdf);
    pdf->n_pages = pdf->page;
}

static int take(void *closure, const unsigned char *bytes, unsigned len)
{
    struct jb_buf *const out = closure;

    jb_buf_add(out, bytes, len);
    return CAIRO_ABI_SUCCESS;
}

static jb_rc write_pages(struct pdf *pdf, struct jb_error *err)
{
    const struct cairo_api *const api = pdf->api;
    char utc[32];

    api->font_family(pdf->font, FAMILY);
    api->layout_wrap(pdf->layout, PANGO_ABI_WRAP_WORD_CHAR);
    (void)pdf__text(pdf, &body, 0, 0, false, "Joulebook", NULL);
    if (api->layout_unknown(pdf->layout) > 0)
        return jb_fail(err, JB_E_UNAVAILABLE, "apt install fonts-dejavu-core",
                       "no font with Latin letters is installed, which a PDF needs");
    api->pdf_metadata(pdf->surface, CAIRO_ABI_METADATA_TITLE,
                      jb_document_string(pdf->document, pdf->document->title));
    api->pdf_metadata(pdf->surface, CAIRO_ABI_METADATA_CREATOR, "joulebook");
    /* Never the clock: the same book gives the same bytes. */
    api->pdf_metadata(pdf->surface, CAIRO_ABI_METADATA_CREATE_DATE,
                      jb_format_utc(pdf->document->utc_us, false, utc, sizeof utc));
    add_all(pdf, false);
    add_all(pdf, true);
    return JB_OK;
}

jb_rc pdf__write(const struct jb_document *document, struct jb_buf *out, size_t *ret_n_pages,
                 struct jb_error *err)
{
    struct cairo_api api;
    struct pdf pdf = {.api = &api, .document = document};
    jb_rc rc;

    rc = page__cairo_load(&api, err);
    if (rc < 0)
        return rc;
    pdf.surface = api.pdf_surface(take, out, PAGE_X, PAGE_Y);
    pdf.cr = api.create(pdf.surface);
    pdf.layout = api.layout(pdf.cr);
    pdf.font = api.font_new();
    rc = write_pages(&pdf, err);
    api.font_free(pdf.font);
    api.unref(pdf.layout);
    const int status = api.status(pdf.cr);
    api.destroy(pdf.cr);
    api.surface_finish(pdf.surface);
    const bool is_whole = status == CAIRO_ABI_SUCCESS && out->failed == JB_OK &&
                          api.surface_status(pdf.surface) == CAIRO_ABI_SUCCESS;
    api.surface_destroy(pdf.surface);
    if (rc == JB_OK && !is_whole)
        rc = jb_fail(err, out->failed < 0 ? out->failed : JB_E_NOMEM, NULL,
                     "the PDF could not be written, cairo's status is %d", status);
    if (rc == JB_OK)
        *ret_n_pages = pdf.n_pages;
    return rc;
}
