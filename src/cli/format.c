/* SPDX-License-Identifier: Apache-2.0 */
/* The format that the command line asks for. */
#include "cli/cli.h"

jb_rc jb_cli_format(const struct jb_cli *cli, enum jb_format *ret_format, struct jb_error *err)
{
    const char *const named = jb_args_text(&cli->args, "format");
    const bool is_json = jb_args_has(&cli->args, "json");
    const bool is_csv = jb_args_has(&cli->args, "csv");

    if ((named != NULL) + is_json + is_csv > 1)
        return jb_fail(err, JB_E_USAGE, NULL, "more than one format is asked for");
    if (named)
        return jb_format_from_name(named, ret_format, err);
    *ret_format = is_json ? JB_FORMAT_JSON : is_csv ? JB_FORMAT_CSV : JB_FORMAT_TEXT;
    return JB_OK;
}
