/* SPDX-License-Identifier: Apache-2.0 */
/* The selection of runs from the command line. */
#include "cli/scope.h"

#include <string.h>

#define GROUP "group:"

bool jb_cli_has_scope(const struct jb_cli *cli)
{
    static const char *const names[] = {"project", "model", "model-version", "since", "until"};

    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++)
        if (jb_args_has(&cli->args, names[i]))
            return true;
    return false;
}

static const char *text(const struct jb_cli *cli, const char *name)
{
    const char *const given = jb_args_text(&cli->args, name);

    return given ? given : "";
}

jb_rc jb_cli_scope(const struct jb_cli *cli, struct jb_inventory_scope *ret, struct jb_error *err)
{
    const char *const word = cli->args.n_words > 0 ? cli->args.words[0] : NULL;
    const int64_t now_utc_us = jb_utc_us(cli->clock);
    struct jb_inventory_scope scope = {
        .run_id = "",
        .group = "",
        .project = text(cli, "project"),
        .model = text(cli, "model"),
        .model_version = text(cli, "model-version"),
    };
    jb_rc rc;

    if (!word == !jb_cli_has_scope(cli))
        return jb_fail(err, JB_E_USAGE, "give a run, group:NAME, or --project, --model, --since",
                       word ? "a run and a selection of runs are both given"
                            : "it is not said which runs");
    if (word && strncmp(word, GROUP, strlen(GROUP)) == 0)
        scope.group = word + strlen(GROUP);
    else if (word)
        scope.run_id = word;
    rc = jb_args_moment(&cli->args, "since", now_utc_us, &scope.since_utc_us, err);
    if (rc == JB_OK)
        rc = jb_args_moment(&cli->args, "until", now_utc_us, &scope.until_utc_us, err);
    if (rc < 0)
        return rc;
    *ret = scope;
    return JB_OK;
}
