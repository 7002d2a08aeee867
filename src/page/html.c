/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document as one page of HTML: no script, no address, nothing to fetch; a policy in its head forbids what it does not
 * need, its own style is allowed by digest. Light and dark by what the reader prefers, paper always light; from 320 pixels
 * upwards nothing but a table's own frame scrolls sideways. Rules R-PAGE-03, R-PAGE-10, R-PAGE-11.
 */
#include "base/base64.h"
#include "base/hash.h"
#include "base/num.h"
#include "page/document.h"

#define STYLE_MAX 8192

static const char rules[] =
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:760px;padding:20px;color:var(--k0);background:var(--k2);"
    "font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "h1{font-size:1.6em;line-height:1.2;margin:.2em 0}h2{font-size:1.2em;margin:1.8em 0 .5em;"
    "border-bottom:1px solid var(--k8);padding-bottom:.2em}"
    ".about,caption{color:var(--k1)}.note{border-left:4px solid var(--k4);margin:.8em 0;"
    "padding:.1em 0 .1em .8em}"
    ".big{margin:1em 0}.big b{display:block;font-size:2em;line-height:1.2}.big span{display:block}"
    "dl{display:grid;grid-template-columns:minmax(6em,14em) 1fr;gap:.25em 1em;margin:.8em 0}"
    "dt{color:var(--k1)}dd{margin:0}"
    ".frame{overflow-x:auto;margin:.8em 0}table{border-collapse:collapse;width:100%;"
    "font-size:.9em}caption{text-align:left;padding-bottom:.3em}"
    "th,td{text-align:left;vertical-align:top;padding:.3em .8em .3em 0;"
    "border-bottom:1px solid var(--k8);overflow-wrap:break-word}thead th{color:var(--k1);"
    "vertical-align:bottom}.n{text-align:right;font-variant-numeric:tabular-nums}"
    "figure{margin:1.4em 0}svg{display:block;max-width:100%;height:auto}.wide{width:100%}"
    ".narrow{display:none;width:100%}.alone{float:right;margin:0 0 1em 1em;max-width:50%;"
    "shape-rendering:crispEdges}h2{clear:both}"
    "@media screen and "
    "(max-width:560px){body{padding:12px}.narrow{display:block}.wide{display:none}"
    "dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6em}"
    "table,caption,tbody,tr,td,tbody th{display:block}thead{display:none}tr{padding:.5em 0;"
    "border-bottom:1px solid var(--k8)}td,th{border:0;padding:0}td.n{text-align:left}"
    "td::before{content:attr(data-t) \": \";color:var(--k1)}}"
    "@page{margin:16mm}@media print{body{max-width:none;padding:0;font-size:10pt}"
    "figure,tr,.big,.note,dl{break-inside:avoid}h2{break-after:avoid}.frame{overflow:visible}"
    "thead{display:table-header-group}*{print-color-adjust:exact;"
    "-webkit-print-color-adjust:exact}}\n";

static void add_element(struct jb_buf *out, const char *tag, const char *attributes,
                        const char *text)
{
    jb_buf_addf(out, "<%s%s>", tag, attributes);
    jb_add_markup(out, text);
    jb_buf_addf(out, "</%s>\n", tag);
}

static void add_heading(const struct jb_document *document, const struct jb_block *block,
                        struct jb_buf *out)
{
    add_element(out, "h2", "", jb_document_string(document, block->text));
}

static void add_text(const struct jb_document *document, const struct jb_block *block,
                     struct jb_buf *out)
{
    add_element(out, "p", block->kind == JB_BLOCK_NOTE ? " class=\"note\"" : "",
                jb_document_string(document, block->text));
}

static void add_figure(const struct jb_document *document, const struct jb_block *block,
                       struct jb_buf *out)
{
    static const char *const tags[] = {"span", "b", "span"};

    jb_buf_add_text(out, "<p class=\"big\">");
    for (size_t i = 0; i < 3; i++)
        add_element(out, tags[i], "", jb_document_cell(document, block, 0, i));
    jb_buf_add_text(out, "</p>\n");
}

static void add_facts(const struct jb_document *document, const struct jb_block *block,
                      struct jb_buf *out)
{
    jb_buf_add_text(out, "<dl>\n");
    for (size_t row = 0; row < block->n_rows; row++) {
        add_element(out, "dt", "", jb_document_cell(document, block, row, 0));
        add_element(out, "dd", "", jb_document_cell(document, block, row, 1));
    }
    jb_buf_add_text(out, "</dl>\n");
}

/* On a telephone a row becomes a list, and each cell has its column's title before it. */
static void add_row(const struct jb_document *document, const struct jb_block *block, size_t row,
                    struct jb_buf *out)
{
    jb_buf_add_text(out, "<tr>");
    for (size_t i = 0; i < block->n_columns; i++) {
        const bool is_head = row == 0 || i == 0;
        jb_buf_addf(out, "<%s%s%s", is_head ? "th" : "td",
                    !is_head   ? ""
                    : row == 0 ? " scope=\"col\""
                               : " scope=\"row\"",
                    (block->numbers >> i & 1) != 0 ? " class=\"n\"" : "");
        if (!is_head) {
            jb_buf_add_text(out, " data-t=\"");
            jb_add_markup(out, jb_document_cell(document, block, 0, i));
            jb_buf_add_text(out, "\"");
        }
        jb_buf_add_u8(out, '>');
        jb_add_markup(out, jb_document_cell(document, block, row, i));
        jb_buf_addf(out, "</%s>", is_head ? "th" : "td");
    }
    jb_buf_add_text(out, "</tr>\n");
}

/* The frame can be scrolled by keys too: it has a place in the order of the tabulator, and a name. */
static void add_table(const struct jb_document *document, const struct jb_block *block,
                      struct jb_buf *out)
{
    const char *const caption = jb_document_string(document, block->text);

    jb_buf_add_text(out, "<div class=\"frame\" tabindex=\"0\" role=\"region\" aria-label=\"");
    jb_add_markup(out, caption[0] != '\0' ? caption : "table");
    jb_buf_add_text(out, "\"><table>\n");
    if (caption[0] != '\0')
        add_element(out, "caption", "", caption);
    for (size_t row = 0; row < block->n_rows; row++) {
        if (row < 2)
            jb_buf_add_text(out, row == 0 ? "<thead>" : "<tbody>\n");
        add_row(document, block, row, out);
        if (row == 0)
            jb_buf_add_text(out, "</thead>\n");
    }
    jb_buf_addf(out, "%s</table></div>\n", block->n_rows > 1 ? "</tbody>" : "");
}

static void add_picture(const struct jb_document *document, const struct jb_block *block,
                        struct jb_buf *out)
{
    jb_buf_add_text(out, "<figure>\n");
    for (size_t i = 0; i < block->n_pictures; i++) {
        const size_t number = block->first_picture + i;
        jb_picture_svg(&document->pictures[number], JB_SVG_INLINE, (int)number,
                       block->n_pictures < 2 ? "alone"
                       : i == 0              ? "narrow"
                                             : "wide",
                       out);
    }
    jb_buf_add_text(out, "</figure>\n");
}

typedef void (*add_fn)(const struct jb_document *document, const struct jb_block *block,
                       struct jb_buf *out);
static const add_fn adders[] = {
    [JB_BLOCK_HEADING] = add_heading, [JB_BLOCK_TEXT] = add_text,   [JB_BLOCK_NOTE] = add_text,
    [JB_BLOCK_FIGURE] = add_figure,   [JB_BLOCK_FACTS] = add_facts, [JB_BLOCK_TABLE] = add_table,
    [JB_BLOCK_PICTURE] = add_picture,
};

/* The policy of the page: nothing may be loaded, run, sent or framed; the one style is known by its digest. */
static void add_head(const struct jb_document *document, struct jb_buf *out)
{
    JB_AUTO(jb_buf_release) struct jb_buf style = JB_BUF(STYLE_MAX);

    jb_picture_inks(&style);
    jb_buf_add_text(&style, rules);
    const struct jb_hash hash =
        jb_hash_parts(&(struct jb_hash_part){jb_buf_text(&style), style.len}, 1);
    if (style.failed < 0)
        out->failed = style.failed;
    jb_buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-");
    jb_base64_add(out, hash.bytes, sizeof hash.bytes);
    jb_buf_add_text(out, "'\">\n<meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
                         "<meta name=\"referrer\" content=\"no-referrer\">\n");
    add_element(out, "title", "", jb_document_string(document, document->title));
    jb_buf_addf(out, "<style>%s</style>\n</head>\n<body>\n<main>\n", jb_buf_text(&style));
}

jb_rc jb_document_html(const struct jb_document *document, struct jb_buf *out, struct jb_error *err)
{
    char utc[32];

    if (document->failed == JB_OK) {
        add_head(document, out);
        add_element(out, "h1", "", jb_document_string(document, document->title));
        add_element(out, "p", " class=\"about\"", jb_document_string(document, document->about));
        for (size_t i = 0; i < document->n_blocks; i++)
            adders[document->blocks[i].kind](document, &document->blocks[i], out);
        if (document->utc_us > 0)
            jb_buf_addf(out, "<p class=\"about\">As of %s.</p>\n",
                        jb_format_utc(document->utc_us, false, utc, sizeof utc));
        jb_buf_add_text(out, "</main>\n</body>\n</html>\n");
    }
    const jb_rc rc = document->failed < 0 ? document->failed : out->failed;
    return rc < 0 ? jb_fail(err, rc, NULL, "the page is too large, or there is no memory for it")
                  : JB_OK;
}
