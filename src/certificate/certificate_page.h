/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that verified, as a document for people: HTML, and PDF of one page. The page is a rendering; what counts is the file,
 * whose digest stands on it. R-PAGE-16 to R-PAGE-18: docs/method/pages.md.
 */
#ifndef JB_CERTIFICATE_CERTIFICATE_PAGE_H
#define JB_CERTIFICATE_CERTIFICATE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "certificate/certificate.h"
#include "certificate/verify.h"
#include "page/document.h"

/* What the QR code holds: ASCII, "joulebook:certificate?id=...&sha256=...&signer=..."; size >= 256; returns buf. */
const char *jb_certificate_qr(const struct jb_certificate *certificate, const struct jb_hash *file,
                              char *buf, size_t size);

/* JB_E_INPUT where it was refused: there is no page of such a certificate. */
JB_MUST_USE jb_rc jb_certificate_html(const struct jb_certificate *certificate,
                                      const struct jb_findings *findings,
                                      const struct jb_hash *file, bool is_privileged,
                                      struct jb_buf *out, struct jb_error *err);
JB_MUST_USE jb_rc jb_certificate_pdf(const struct jb_certificate *certificate,
                                     const struct jb_findings *findings, const struct jb_hash *file,
                                     bool is_privileged, struct jb_buf *out, struct jb_error *err);

#endif
