/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a PDF as other programs read them: all text, titles on each page, the same bytes twice (R-PAGE-12, R-PAGE-13). */
#include "page/pdf.h"

#include "page_rig.h"
#include "tap.h"

#define TEXT_MAX ((size_t)1 << 20)

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        n++;
    return n;
}

int main(void)
{
    struct jb_document document;
    struct jb_buf out = JB_BUF(1 << 22), again = JB_BUF(1 << 22);
    struct jb_error error = {0};
    char *const text = calloc(1, TEXT_MAX);
    size_t n_pages = 0;

    rig_document(&document, 150);
    is_i64(jb_document_pdf(&document, true, &out, NULL, &error), JB_E_PERMISSION,
           "a program with a capability loads nothing");
    const jb_rc rc = jb_document_pdf(&document, false, &out, &n_pages, &error);
    if (rc == JB_E_UNAVAILABLE) {
        ok(strstr(error.hint, "apt install") != NULL, "what is missing is named: %s", error.hint);
        skip("no cairo, pango or font");
        goto out;
    }
    is_i64(rc, JB_OK, "written: %s", error.message);
    ok(memcmp(jb_buf_text(&out), "%PDF-1.", 7) == 0, "a PDF");
    is_i64(jb_document_pdf(&document, false, &again, NULL, &error), JB_OK, "written again");
    ok(out.len == again.len && memcmp(out.bytes, again.bytes, out.len) == 0, "the same bytes");
    ok(n_pages >= 3, "150 rows take some pages: %zu", n_pages);
    const int status = rig_ask((const char *const[]){"pdftotext", "-layout", "FILE", "-", NULL},
                               out.bytes, out.len, text, TEXT_MAX);
    if (status == -1) {
        skip("no pdftotext");
        goto out;
    }
    is_i64(status, 0, "poppler reads it");
    is_i64((int64_t)count(text, "row-"), 150, "every row is there once");
    is_i64((int64_t)count(text, "\f"), (int64_t)n_pages, "as many pages as told");
    char last[64];
    (void)snprintf(last, sizeof last, "page %zu of %zu", n_pages, n_pages);
    ok(strstr(text, "page 1 of") && strstr(text, last), "each page says of how many it is");
    ok(count(text, " Wh\n") >= n_pages, "titles of a table stand on each of its pages");
    ok(strstr(text, "12.3 kWh") && strstr(text, "<script>alert") && strstr(text, "\xc3\xa4ll"),
       "text is text, in all its letters");
out:
    jb_document_release(&document);
    jb_buf_release(&out);
    jb_buf_release(&again);
    free(text);
    return done_testing();
}
