/* SPDX-License-Identifier: Apache-2.0 */
/* A report over runs as a document for people, the same figures as in text and JSON: R-PAGE-15 in docs/method/pages.md. */
#ifndef JB_REPORT_REPORT_PAGE_H
#define JB_REPORT_REPORT_PAGE_H

#include "page/document.h"
#include "report/report_inventory.h"

/* *ret is released by the caller, after a failure too. */
JB_MUST_USE jb_rc jb_report_page(const struct jb_report_input *input, struct jb_document *ret,
                                 struct jb_error *err);

#endif
