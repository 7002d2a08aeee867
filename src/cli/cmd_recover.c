/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook recover`: what a dead recorder left in the spool, entered in the book. */
#include <joulebook/joulebook.h>

#include "cli/cli.h"
#include "cli/commands.h"

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    char path[4096];
    struct jb_book *book = NULL;
    struct jb_recovery recovery = {.size = sizeof recovery};
    jb_rc rc = jb_cli_book_path(jb_args_text(&cli->args, "book"), path, sizeof path, err);
    if (rc == JB_OK)
        rc = jb_book_open(path, JB_BOOK_CREATE, &book, err);
    if (rc == JB_OK)
        rc = jb_book_recover(book, &recovery, err);
    jb_book_close(book);
    if (rc < 0)
        return rc;
    if (jb_args_has(&cli->args, "json"))
        jb_buf_addf(&cli->out,
                    "{\"closed\":%zu,\"interrupted\":%zu,\"intervals\":%zu,\"recording\":%s}\n",
                    recovery.n_closed, recovery.n_interrupted, recovery.n_intervals,
                    recovery.is_recording ? "true" : "false");
    else
        jb_buf_addf(&cli->out,
                    "%zu intervals entered, %zu runs closed (%zu of them interrupted)%s\n",
                    recovery.n_intervals, recovery.n_closed, recovery.n_interrupted,
                    recovery.is_recording ? "; a recorder is at work" : "");
    return JB_OK;
}

const struct jb_command jb_cmd_recover = {
    .name = "recover",
    .summary = "enter what an interrupted run left in its spool",
    .usage = "[--book PATH] [--json]",
    .about = "After a crash, a kill, a full disk or a book that could not be written, what was "
             "measured stands in\n"
             "the spool beside the book. The next `joulebook run` enters it by itself; this does "
             "it now.\n"
             "It may be called at any time, also while runs are being recorded, and any number of "
             "times.",
    .examples = "  joulebook recover\n"
                "  joulebook recover --book /data/team.db\n",
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON | JB_COMMAND_MEASURES,
    .run = run,
};
