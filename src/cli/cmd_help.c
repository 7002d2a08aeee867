/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook help [COMMAND]`: the list of commands, or one command's --help. */
#include "cli/cli.h"
#include "cli/commands.h"

/* Names and summaries; our own words, in which nothing needs to be escaped. */
static void list_json(struct jb_buf *out)
{
    jb_buf_add_text(out, "[");
    for (size_t i = 0; jb_commands[i]; i++)
        jb_buf_addf(out, "%s{\"name\":\"%s\",\"summary\":\"%s\"}", i > 0 ? "," : "",
                    jb_commands[i]->name, jb_commands[i]->summary);
    jb_buf_add_text(out, "]\n");
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    char hint[128];

    if (cli->args.n_words == 0) {
        if (jb_args_has(&cli->args, "json"))
            list_json(&cli->out);
        else
            jb_help_all(&cli->out);
        return JB_OK;
    }
    const char *const name = cli->args.words[0];
    const struct jb_command *const command = jb_command_find(name);
    if (!command)
        return jb_fail(err, JB_E_USAGE, jb_command_nearest(name, hint, sizeof hint),
                       "there is no command '%s'", name);
    jb_help_command(command, &cli->out);
    return JB_OK;
}

const struct jb_command jb_cmd_help = {
    .name = "help",
    .summary = "what Joulebook can do; `help COMMAND` for one of them",
    .usage = "[COMMAND] [--json]",
    .about = "Lists the commands, or says of one what it does, which options it takes, and how it "
             "is used.",
    .examples = "  joulebook help\n"
                "  joulebook help run\n",
    .flags = JB_COMMAND_JSON,
    .words_max = 1,
    .run = run,
};
