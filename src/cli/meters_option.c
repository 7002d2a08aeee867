/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file of meters a command goes by: --meters, else the user's own. Recorded sensors stand for a whole machine, of
 * which the user's own meters are no part; an executable that carries a capability takes none (R-METER-02).
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/meters_file.h"

jb_rc jb_cli_meters(const struct jb_cli *cli, struct jb_meters **ret, struct jb_error *err)
{
    const char *const given = jb_args_text(&cli->args, "meters");
    const bool is_recorded =
        jb_args_has(&cli->args, "sensors-root") || jb_args_has(&cli->args, "replay");
    char usual[JB_METERS_PATH];

    if (cli->is_privileged && given)
        return jb_fail(err, JB_E_USAGE, "use a copy of the program without capabilities",
                       "this executable carries a capability and takes no meters of the user's "
                       "choice");
    if (cli->is_privileged && jb_meters_usual_path(usual, sizeof usual) && access(usual, F_OK) == 0)
        (void)fprintf(stderr,
                      "joulebook: this executable carries a capability and goes without '%s'\n",
                      usual);
    if (cli->is_privileged || (is_recorded && !given)) {
        *ret = NULL;
        return JB_OK;
    }
    return jb_meters_read(given, ret, err);
}
