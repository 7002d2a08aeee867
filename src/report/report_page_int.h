/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of a report's page. */
#ifndef JB_REPORT_REPORT_PAGE_INT_H
#define JB_REPORT_REPORT_PAGE_INT_H

#include "page/document.h"
#include "report/report_inventory.h"

#define REPORT_PAGE_VALUE 160
/* "12.3 kWh (11.0 .. 14.1 kWh)", "not known"; returns buf. */
const char *report__page_figure(const struct jb_figure *figure, jb_format_fn format, char *buf,
                                size_t size);
/* Parts of a layer by device, then devices with their bands. */
void report__page_bars(struct jb_document *document, const struct jb_inventory *inventory,
                       enum jb_layer layer);
void report__page_power(struct jb_document *document, const struct jb_power_course *course);
void report__page_epochs(struct jb_document *document, const struct jb_metric_course *course);

#endif
