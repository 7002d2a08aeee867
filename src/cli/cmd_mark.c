/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook mark`: one line, with the time, into the file of marks of the run it is called in. */
#include <joulebook/joulebook.h>

#include "cli/cli.h"
#include "cli/commands.h"

#define MARK_MAX 255

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    struct jb_buf text = JB_BUF(MARK_MAX + 1);
    for (size_t i = 0; i < cli->args.n_words; i++)
        jb_buf_addf(&text, "%s%s", i > 0 ? " " : "", cli->args.words[i]);
    jb_rc rc = text.failed < 0
                   ? jb_fail(err, JB_E_USAGE, NULL, "a mark holds at most %d bytes", MARK_MAX)
                   : jb_mark(jb_buf_text(&text), err);
    jb_buf_release(&text);
    return rc;
}

const struct jb_command jb_cmd_mark = {
    .name = "mark",
    .summary = "from inside a run: an epoch, a step, a phase, a metric",
    .usage = "WORD...",
    .about = "Marks this moment of the run it is called in. The account then shows energy per "
             "epoch, beside the\n"
             "metric. Any program can do the same without joulebook: append such a line to the "
             "file named in\n"
             "$JOULEBOOK_MARKS.",
    .examples =
        "  joulebook mark epoch 3 accuracy=0.91 loss=0.31\n"
        "  joulebook mark phase evaluate\n"
        "  echo \"epoch $n accuracy=$a\" >> \"$JOULEBOOK_MARKS\"   # the same without joulebook\n",
    .words_min = 1,
    .words_max = 64,
    .run = run,
};
