/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook report --format hf-card` and the like: documents of others (export/export.h). */
#ifndef JB_CLI_REPORT_EXPORT_H
#define JB_CLI_REPORT_EXPORT_H

#include "cli/cli.h"
#include "export/export.h"

/* What the organisation states; ends with a row without a name. */
extern const struct jb_option jb_report_export_options[];
/* JB_E_USAGE: an option is given that `format` (NULL: no document) does not take. */
JB_MUST_USE jb_rc jb_report_export_check(const struct jb_cli *cli,
                                         const struct jb_export_format *format,
                                         struct jb_error *err);
/* Writes the document of the selected runs to cli->out or the file of -o. */
JB_MUST_USE jb_rc jb_cli_report_export(struct jb_cli *cli, const struct jb_export_format *format,
                                       struct jb_error *err);
/* Lines of --help, from the table of formats. */
void jb_report_export_help(struct jb_buf *out);

#endif
