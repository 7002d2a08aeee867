/* SPDX-License-Identifier: Apache-2.0 */
/* The commit that is checked out is read from every layout of git's files, and from nothing else. R-PRIVACY-08. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "cli/git_commit.h"
#include "tap.h"

#define A   "0123456789abcdef0123456789abcdef01234567"
#define B   "89abcdef0123456789abcdef0123456789abcdef"
#define C64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char root[] = "/tmp/jb-git-XXXXXX";

/* Makes the folders above it as well. */
static void write_file(const char *name, const char *text)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *c = path + strlen(root) + 1; *c; c++)
        if (*c == '/') {
            *c = '\0';
            (void)mkdir(path, 0700);
            *c = '/';
        }
    FILE *const file = fopen(path, "we");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
}

static const char *find_with(const char *folder, const struct jb_clock *clock)
{
    static char commit[JB_GIT_COMMIT];
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", root, folder);
    (void)snprintf(commit, sizeof commit, "untouched");
    return jb_git_commit_find(path, clock, commit) ? commit : NULL;
}

static const char *find(const char *folder)
{
    return find_with(folder, &jb_clock_system);
}

static void test_layouts(void)
{
    write_file("loose/.git/HEAD", "ref: refs/heads/main\n");
    write_file("loose/.git/refs/heads/main", A "\n");
    write_file("loose/.git/packed-refs", B " refs/heads/main\n");
    write_file("loose/src/deep/er/x", "");
    is_str(find("loose"), A, "a branch of its own file, which is newer than the packed one");
    is_str(find("loose/src/deep/er"), A, "also from folders within");

    write_file("packed/.git/HEAD", "ref: refs/heads/a/main\n");
    write_file("packed/.git/packed-refs",
               "# pack-refs with: peeled fully-peeled sorted \n" B " refs/heads/a/main2\n" B
               " refs/heads/xa/main\n" A " refs/heads/a/main\n" B " refs/tags/v1\n^" B "\n");
    is_str(find("packed"), A, "a packed branch, not one of a similar name");

    write_file("detached/.git/HEAD", A "\n");
    is_str(find("detached"), A, "no branch at all");
    write_file("sha256/.git/HEAD", "ref: refs/heads/main\n");
    write_file("sha256/.git/refs/heads/main", C64 "\n");
    is_str(find("sha256"), C64, "commits of 64 digits");
    write_file("symbolic/.git/HEAD", "ref: refs/heads/alias\n");
    write_file("symbolic/.git/refs/heads/alias", "ref: refs/heads/main\n");
    write_file("symbolic/.git/packed-refs", A " refs/heads/main");
    is_str(find("symbolic"), A, "a branch that points at another");

    write_file("main/.git/HEAD", "ref: refs/heads/main\n");
    write_file("main/.git/refs/heads/main", B "\n");
    write_file("main/.git/refs/heads/side", A "\n");
    write_file("main/.git/worktrees/side/HEAD", "ref: refs/heads/side\n");
    write_file("main/.git/worktrees/side/commondir", "../..\n");
    char text[512];
    (void)snprintf(text, sizeof text, "gitdir: %s/main/.git/worktrees/side\n", root);
    write_file("side/.git", text);
    is_str(find("side"), A, "a worktree has its own HEAD and the branches of its repository");
    write_file("main/sub/.git", "gitdir: ../.git/modules/sub\n");
    write_file("main/.git/modules/sub/HEAD", A "\n");
    is_str(find("main/sub"), A, "a submodule's own commit, by a relative path");

    write_file("main/empty/.git/config", "");
    is_str(find("main/empty"), B, "a .git that is no repository is passed by");
}

static void test_none(void)
{
    write_file("fresh/.git/HEAD", "ref: refs/heads/main\n");
    ok(!find("fresh"), "before the first commit there is none");
    write_file("main/inner/.git/HEAD", "ref: refs/heads/main\n");
    ok(!find("main/inner"), "nor is it that of the repository around");
    write_file("reftable/.git/HEAD", "ref: refs/heads/.invalid\n");
    ok(!find("reftable"), "refs in another form are not guessed");
    write_file("out/.git/HEAD", "ref: refs/heads/../../../secret\n");
    write_file("out/secret", A "\n");
    ok(!find("out"), "a name may not lead out of the repository");
    write_file("circle/.git/HEAD", "ref: refs/heads/a\n");
    write_file("circle/.git/refs/heads/a", "ref: refs/heads/b\n");
    write_file("circle/.git/refs/heads/b", "ref: refs/heads/a\n");
    ok(!find("circle"), "names in a circle end");
    write_file("short/.git/HEAD", "0123456789abcdef\n");
    ok(!find("short"), "a short number is no commit");
    ok(!find("nowhere"), "a folder that is not there has none");
    ok(!jb_git_commit_find("relative", &jb_clock_system, (char[JB_GIT_COMMIT]){""}) &&
           !jb_git_commit_find("", &jb_clock_system, (char[JB_GIT_COMMIT]){""}),
       "nor has one that is not a full path");
}

/* Every question costs a second, as on a file system that hangs. */
static int64_t slow_ns(void *context)
{
    int64_t *const now_ns = context;

    *now_ns += JB_NS_PER_S;
    return *now_ns;
}

static void test_slow(void)
{
    int64_t now_ns = 0;
    const struct jb_clock slow = {.mono_ns = slow_ns, .context = &now_ns};

    ok(!find_with("loose/src/deep/er", &slow), "where looking takes too long nothing is found");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int main(void)
{
    if (!mkdtemp(root))
        bail_out("cannot make a folder");
    test_layouts();
    test_none();
    test_slow();
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return done_testing();
}
