/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook version`: what is running, and the edition of the facts it carries. */
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>

#include "catalogue/catalogue.h"
#include "cli/cli.h"
#include "cli/commands.h"

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    (void)err;
    if (jb_args_has(&cli->args, "json"))
        jb_buf_addf(
            &cli->out,
            "{\"catalogue\":\"%s\",\"jansson\":\"%s\",\"libsodium\":\"%s\",\"sqlite\":\"%s\","
            "\"version\":\"%s\"}\n",
            jb_catalogue_edition(), jansson_version_str(), sodium_version_string(),
            sqlite3_libversion(), JB_VERSION);
    else
        jb_buf_addf(&cli->out,
                    "joulebook %s\ncatalogue %s\nwith SQLite %s, libsodium %s, jansson %s\n",
                    JB_VERSION, jb_catalogue_edition(), sqlite3_libversion(),
                    sodium_version_string(), jansson_version_str());
    return JB_OK;
}

const struct jb_command jb_cmd_version = {
    .name = "version",
    .summary = "which version this is, and which edition of its facts",
    .usage = "[--json]",
    .about = "Prints the version, the edition of the catalogue that is built in (date and digest "
             "of its tables), and\n"
             "the libraries inside.",
    .examples = "  joulebook version\n"
                "  joulebook version --json | jq -r .catalogue\n",
    .flags = JB_COMMAND_JSON,
    .run = run,
};
