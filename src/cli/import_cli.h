/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of papers that `joulebook import` reads, one function each; options of other kinds were refused before. */
#ifndef JB_CLI_IMPORT_CLI_H
#define JB_CLI_IMPORT_CLI_H

#include "cli/cli.h"
#include "import/bill.h"
#include "import/book.h"
#include "import/import.h"

struct jb_cli_import_progress {
    const struct jb_clock *clock;
    int64_t all_bytes, done_bytes, last_ns;
    bool is_shown; /* the caller clears the line */
};
/* For struct jb_import_progress: a line on stderr, now and then. */
void jb_cli_import_show(void *progress, int64_t n_bytes);

/* Names of nodes stand in accounts such as meter:HOST/CHANNEL. */
JB_MUST_USE jb_rc jb_cli_import_check_node(const char *name, struct jb_error *err);

JB_MUST_USE jb_rc jb_cli_import_power(struct jb_cli *cli, const struct jb_import_format *format,
                                      const struct jb_run *facts, struct jb_error *err);
JB_MUST_USE jb_rc jb_cli_import_book(struct jb_cli *cli, const struct jb_import_book *book,
                                     const struct jb_run *facts, struct jb_error *err);
JB_MUST_USE jb_rc jb_cli_import_bill(struct jb_cli *cli, const struct jb_bill_format *format,
                                     const struct jb_run *facts, struct jb_error *err);
JB_MUST_USE jb_rc jb_cli_import_prometheus(struct jb_cli *cli, const struct jb_run *facts,
                                           struct jb_error *err);

#endif
