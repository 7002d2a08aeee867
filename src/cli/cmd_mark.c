/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook mark`: one line, with the time, into the file of marks of the run it is called in. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"

#define MARK_MAX 256

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    const char *path = getenv("JOULEBOOK_MARKS");
    if (!path || !path[0])
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "put `joulebook run --` before the training that calls it",
                       "this is not inside a run: JOULEBOOK_MARKS is not set");
    struct jb_buf line = JB_BUF(64 + MARK_MAX);
    jb_buf_addf(&line, "@%lld", (long long)jb_mono_ns(cli->clock));
    for (size_t i = 0; i < cli->args.n_words; i++) {
        if (strchr(cli->args.words[i], '\n')) {
            jb_buf_release(&line);
            return jb_fail(err, JB_E_USAGE, NULL, "a mark is one line");
        }
        jb_buf_addf(&line, " %s", cli->args.words[i]);
    }
    jb_buf_add_u8(&line, '\n');
    jb_rc rc = JB_OK;
    if (line.failed < 0)
        rc = jb_fail(err, JB_E_USAGE, NULL, "a mark holds at most %d characters", MARK_MAX);
    /* One write to an append-only file: marks of several processes do not mix. */
    int fd =
        rc == JB_OK ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    if (rc == JB_OK && (fd < 0 || write(fd, line.bytes, line.len) != (ssize_t)line.len))
        rc = jb_fail_errno(err, errno, "the run may have ended", "cannot write the mark to '%s'",
                           path);
    if (fd >= 0)
        close(fd);
    jb_buf_release(&line);
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
