/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a site's own rows of the catalogue are: $JOULEBOOK_CATALOGUE, else the user's own folder. An executable that carries a
 * capability takes none (R-CAT-30).
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "catalogue/catalogue.h"
#include "cli/cli.h"

#define PATH_BYTES 1024

static bool usual_path(char *path, size_t size)
{
    const char *const config = getenv("XDG_CONFIG_HOME");
    const char *const home = getenv("HOME");
    int n = 0;

    /* The XDG specification: a relative folder is to be ignored. */
    if (config && config[0] == '/')
        n = snprintf(path, size, "%s/joulebook/catalogue", config);
    else if (home && home[0] == '/')
        n = snprintf(path, size, "%s/.config/joulebook/catalogue", home);
    return n > 0 && (size_t)n < size;
}

jb_rc jb_cli_read_site(const struct jb_cli *cli, struct jb_error *err)
{
    const char *const given = getenv("JOULEBOOK_CATALOGUE");
    const bool is_given = given && given[0] != '\0';
    char usual[PATH_BYTES];

    if (cli->is_privileged || (!is_given && !usual_path(usual, sizeof usual)))
        return JB_OK;
    if (is_given && access(given, F_OK) != 0)
        return jb_fail_errno(err, errno, "JOULEBOOK_CATALOGUE names a folder of CSV files",
                             "cannot read '%s'", given);
    return jb_catalogue_read_site(is_given ? given : usual, err);
}
