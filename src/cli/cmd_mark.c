/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook mark`: one line, with the time, into the file of marks of the run it is called in. */
#include <joulebook/joulebook.h>

#include "cli/cli.h"
#include "cli/commands.h"

#define MARK_MAX 255

static const struct jb_option options[] = {
    {0, "total", "N", "tell how many epochs the training will do, so that it can be predicted",
     false},
    {0, NULL, NULL, NULL, false},
};

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    struct jb_buf text = JB_BUF(MARK_MAX + 1);
    int64_t total = 0;
    jb_rc rc = jb_args_decimal(&cli->args, "total", 0, 1, INT64_MAX, 0, &total, err);
    if (rc < 0)
        return rc;
    if ((total > 0) == (cli->args.n_words > 0))
        return jb_fail(err, JB_E_USAGE, "for example: joulebook mark epoch 3 accuracy=0.91",
                       "give the words of a mark, or --total");
    if (total > 0)
        jb_buf_addf(&text, "total epochs=%lld", (long long)total);
    for (size_t i = 0; i < cli->args.n_words; i++)
        jb_buf_addf(&text, "%s%s", i > 0 ? " " : "", cli->args.words[i]);
    rc = text.failed < 0 ? jb_fail(err, JB_E_USAGE, NULL, "a mark holds at most %d bytes", MARK_MAX)
                         : jb_mark(jb_buf_text(&text), err);
    jb_buf_release(&text);
    return rc;
}

const struct jb_command jb_cmd_mark = {
    .name = "mark",
    .summary = "from inside a run: an epoch, a step, a phase, a metric",
    .usage = "WORD... | --total N",
    .about = "Marks this moment of the run it is called in. The account then shows energy per "
             "epoch, beside the\n"
             "metric. Any program can do the same without joulebook: append such a line to the "
             "file named in\n"
             "$JOULEBOOK_MARKS.",
    .examples =
        "  joulebook mark epoch 3 accuracy=0.91 loss=0.31\n"
        "  joulebook mark phase evaluate\n"
        "  joulebook mark --total 90          # epochs there will be; \"total steps=9000\" for "
        "steps\n"
        "  echo \"epoch $n accuracy=$a\" >> \"$JOULEBOOK_MARKS\"   # the same without joulebook\n",
    .options = options,
    .words_min = 0,
    .words_max = 64,
    .flags = JB_COMMAND_MEASURES,
    .run = run,
};
