/* SPDX-License-Identifier: Apache-2.0 */
/* Which book the command line means, and opening it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

jb_rc jb_cli_local_book(char *ret_path, size_t size, struct jb_error *err)
{
    char folder[64];
    struct stat st;

    (void)snprintf(folder, sizeof folder, "/var/tmp/joulebook-%u", (unsigned)getuid());
    /* Anybody may make folders in /var/tmp: one that is not ours alone is not used. */
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return jb_fail_errno(err, errno, "name a book on local disk with --book",
                             "cannot make the folder '%s'", folder);
    if (lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid() ||
        (st.st_mode & 077) != 0)
        return jb_fail(err, JB_E_PERMISSION, "name a book on local disk with --book",
                       "'%s' is not this user's alone", folder);
    return put(ret_path, size, folder, "/book.db", err);
}

/* A home folder on a network filesystem: every node keeps a book of its own, to be merged. */
static jb_rc put_default(char *ret_path, size_t size, const char *folder, const char *rest,
                         struct jb_error *err)
{
    const jb_rc rc = put(ret_path, size, folder, rest, err);

    if (rc < 0 || !jb_ledger_shared_storage(ret_path))
        return rc;
    return jb_cli_local_book(ret_path, size, err);
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
        return put_default(ret_path, size, data, "/joulebook/book.db", err);
    if (home)
        return put_default(ret_path, size, home, "/.local/share/joulebook/book.db", err);
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
