/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a recorded machine that the command line names. One that is not there must not pass for a bare machine. */
#include <errno.h>
#include <sys/stat.h>

#include "cli/cli.h"

jb_rc jb_cli_sensors_root(const struct jb_cli *cli, const char **ret_root, struct jb_error *err)
{
    static const char hint[] = "give the folder of a recorded tree, with sys and proc in it";
    const char *const root = jb_args_text(&cli->args, "sensors-root");
    struct stat st;

    if (root && stat(root, &st) < 0)
        return jb_fail_errno(err, errno, hint, "option '--sensors-root': '%s'", root);
    if (root && !S_ISDIR(st.st_mode))
        return jb_fail(err, JB_E_INPUT, hint, "option '--sensors-root': '%s' is no folder", root);
    *ret_root = root;
    return JB_OK;
}
