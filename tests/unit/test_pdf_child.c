/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF comes whole out of its own process, and so does what went wrong there (R-PAGE-13). */
#include <errno.h>

#include "page/pdf.h"
#include "page_rig.h"
#include "tap.h"

int main(void)
{
    struct jb_document document;
    struct jb_buf small = JB_BUF(512), whole = JB_BUF(1 << 22);
    struct jb_error error = {0};
    size_t n_pages = 99;

    rig_document(&document, 20);
    is_i64(jb_document_pdf(&document, true, &small, &n_pages, &error), JB_E_PERMISSION,
           "a program with a capability starts nothing");
    const jb_rc rc = jb_document_pdf(&document, false, &small, &n_pages, &error);
    if (rc == JB_E_UNAVAILABLE) {
        ok(strstr(error.hint, "apt install") != NULL, "the child's words come with its code");
    } else {
        is_i64(rc, JB_E_RANGE, "a PDF over the ceiling is refused, with the child's code");
        ok(error.message[0] != '\0' && n_pages == 99, "and its words; nothing else is written");
        is_i64(jb_document_pdf(&document, false, &whole, &n_pages, &error), JB_OK,
               "a whole one comes");
        ok(whole.len > 1000 && memcmp(whole.bytes, "%PDF-", 5) == 0 &&
               memcmp(whole.bytes + whole.len - 6, "%%EOF\n", 6) == 0,
           "from its begin to its end");
        ok(n_pages == 1 || n_pages == 2, "with its number of pages");
    }
    ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no child is left");
    document.failed = JB_E_NOMEM;
    is_i64(jb_document_pdf(&document, false, &whole, &n_pages, &error), JB_E_NOMEM,
           "a document that failed has no PDF");
    jb_document_release(&document);
    jb_buf_release(&small);
    jb_buf_release(&whole);
    return done_testing();
}
