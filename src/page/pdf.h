/* SPDX-License-Identifier: Apache-2.0 */
/* A document as PDF on A4, by cairo and pango where they are installed. R-PAGE-12, R-PAGE-13: docs/method/pages.md. */
#ifndef JB_PAGE_PDF_H
#define JB_PAGE_PDF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "page/document.h"

/*
 * The same document gives the same bytes. *ret_n_pages may be NULL. JB_E_PERMISSION where the program carries a capability
 * (nothing is loaded then), JB_E_UNAVAILABLE where the libraries or a font are missing.
 */
JB_MUST_USE jb_rc jb_document_pdf(const struct jb_document *document, bool is_privileged,
                                  struct jb_buf *out, size_t *ret_n_pages, struct jb_error *err);

#endif
