/* SPDX-License-Identifier: Apache-2.0 */
/* Removes a test's folder with all that lies in it; says so where something stays. */
#ifndef JB_TESTS_REMOVE_TREE_H
#define JB_TESTS_REMOVE_TREE_H

#include <ftw.h>
#include <sys/stat.h>

#include "tap.h"

static int remove_tree__one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static void remove_tree(const char *folder)
{
    if (nftw(folder, remove_tree__one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        diag("left %s", folder);
}

#endif
