/* SPDX-License-Identifier: Apache-2.0 */
/* Which book the command line means, and opening it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static const char *environment(const char *name)
{
    const char *const value = getenv(name);

    return value && value[0] ? value : NULL;
}

static jb_rc put(char *ret_path, size_t size, const char *folder, const char *rest,
                 struct jb_error *err)
{
    if (strlen(folder) + strlen(rest) >= size)
        return jb_fail(err, JB_E_RANGE, NULL, "the path of the book, '%.100s...', is too long",
                       folder);
    (void)snprintf(ret_path, size, "%s%s", folder, rest);
    return JB_OK;
}

jb_rc jb_cli_book_path(const char *option, char *ret_path, size_t size, struct jb_error *err)
{
    const char *const named = option ? option : environment("JOULEBOOK_BOOK");
    const char *const data = environment("XDG_DATA_HOME");
    const char *const home = environment("HOME");

    if (named && !named[0])
        return jb_fail(err, JB_E_USAGE, NULL, "option '--book' needs a path");
    if (named)
        return put(ret_path, size, named, "", err);
    /* The XDG specification: a relative folder is to be ignored. */
    if (data && data[0] == '/')
        return put(ret_path, size, data, "/joulebook/book.db", err);
    if (home)
        return put(ret_path, size, home, "/.local/share/joulebook/book.db", err);
    return jb_fail(err, JB_E_UNAVAILABLE, "name it with --book PATH or $JOULEBOOK_BOOK",
                   "there is no home folder to look for the book in");
}

jb_rc jb_cli_open_book(struct jb_cli *cli, enum jb_ledger_mode mode, struct jb_ledger **ret_ledger,
                       struct jb_error *err)
{
    char path[4096];
    const jb_rc rc = jb_cli_book_path(jb_args_text(&cli->args, "book"), path, sizeof path, err);

    if (rc < 0)
        return rc;
    return jb_ledger_open(path, mode, cli->clock, ret_ledger, err);
}
