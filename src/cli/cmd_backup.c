/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook backup FILE`: a consistent copy of the book while it is in use. */
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/commands.h"

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *copy = NULL;
    const char *const to = cli->args.words[0];
    char hex[2 * JB_HASH_BYTES + 1];
    struct jb_hash root;
    int64_t size;
    jb_rc rc;

    rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_backup(ledger, to, err);
    /* What is printed is read from the copy: that it opens is part of the promise. */
    if (rc == JB_OK)
        rc = jb_ledger_open(to, JB_LEDGER_READ, cli->clock, &copy, err);
    if (rc == JB_OK)
        rc = jb_ledger_root(copy, &size, &root, err);
    if (rc < 0)
        return rc;
    (void)jb_hex(root.bytes, sizeof root.bytes, hex, sizeof hex);
    if (jb_args_has(&cli->args, "json"))
        jb_buf_addf(&cli->out, "{\"n_entries\":%" PRId64 ",\"root\":\"%s\"}\n", size, hex);
    else
        jb_buf_addf(&cli->out, "%" PRId64 " entries copied to '%s', root %s\n", size, to, hex);
    return JB_OK;
}

const struct jb_command jb_cmd_backup = {
    .name = "backup",
    .summary = "copy the book while it is in use",
    .usage = "FILE [--book PATH]",
    .about = "Writes a consistent copy of the whole book to FILE, which must not exist. Runs may "
             "be recorded\n"
             "meanwhile. The copy is a book like any other: `balance --book FILE` proves it.",
    .examples = "  joulebook backup /backup/book-2026-11-23.db\n",
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
