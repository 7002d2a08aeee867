/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git's files to the commit that is checked out. The files are foreign: sizes are bounded, a name of a ref must not
 * lead out of the repository, and what is not understood is no commit.
 */
#include "cli/git_commit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"

#define REF_DEPTH_MAX    5
#define LEVELS_MAX       64
#define PACKED_MAX_BYTES (4 * 1024 * 1024) /* some 60 000 refs; branches come before tags in it */

static size_t trimmed(const char *text, size_t len)
{
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r' || text[len - 1] == ' '))
        len--;
    return len;
}

static bool is_commit(const char *text, size_t len)
{
    if (len != 40 && len != 64)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    return true;
}

static bool is_ref(const char *text, size_t len)
{
    if (len < 6 || len >= JB_GIT_REF || memcmp(text, "refs/", 5) != 0 || memmem(text, len, "..", 2))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7F)
            return false;
    return true;
}

static void copy(const char *text, size_t len, char *ret)
{
    memcpy(ret, text, len);
    ret[len] = '\0';
}

bool jb_git_parse_ref(const char *text, size_t len, char ret_commit[JB_GIT_COMMIT],
                      char ret_ref[JB_GIT_REF])
{
    static const char points_at[] = "ref:";
    size_t at = sizeof points_at - 1;

    len = trimmed(text, len);
    if (is_commit(text, len)) {
        copy(text, len, ret_commit);
        ret_ref[0] = '\0';
        return true;
    }
    if (len < at || memcmp(text, points_at, at) != 0)
        return false;
    while (at < len && text[at] == ' ')
        at++;
    if (!is_ref(text + at, len - at))
        return false;
    copy(text + at, len - at, ret_ref);
    ret_commit[0] = '\0';
    return true;
}

bool jb_git_find_packed(const char *text, size_t len, const char *ref,
                        char ret_commit[JB_GIT_COMMIT])
{
    const size_t ref_len = strlen(ref);

    while (len > 0) {
        const char *const newline = memchr(text, '\n', len);
        const size_t with_newline = newline ? (size_t)(newline - text) + 1 : len;
        const size_t line = trimmed(text, with_newline);
        /* "COMMIT REF"; a remark begins with '#', what a tag points at with '^'. */
        const size_t commit = line > ref_len ? line - ref_len - 1 : 0;
        if (commit > 0 && text[commit] == ' ' && is_commit(text, commit) &&
            memcmp(text + commit + 1, ref, ref_len) == 0) {
            copy(text, commit, ret_commit);
            return true;
        }
        text += with_newline;
        len -= with_newline;
    }
    return false;
}

static void close_auto(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static bool join(char path[PATH_MAX], const char *folder, const char *name)
{
    const int n = name[0] == '/' ? snprintf(path, PATH_MAX, "%s", name)
                                 : snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return n > 0 && n < PATH_MAX;
}

static int open_file(const char *folder, const char *name, struct stat *ret_st)
{
    char path[PATH_MAX];

    if (!join(path, folder, name))
        return -1;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && (fstat(fd, ret_st) < 0 || !S_ISREG(ret_st->st_mode))) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* A small file of text; its length, -1 if it is not there or larger. */
static ssize_t read_small(const char *folder, const char *name, char *buf, size_t size)
{
    struct stat st;
    JB_AUTO(close_auto) const int fd = open_file(folder, name, &st);
    const ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

    if (n < 0 || (size_t)n == size - 1)
        return -1;
    buf[n] = '\0';
    return n;
}

static bool find_in_packed(const char *common, const char *ref, char ret_commit[JB_GIT_COMMIT])
{
    struct stat st;
    JB_AUTO(close_auto) const int fd = open_file(common, "packed-refs", &st);

    if (fd < 0 || st.st_size <= 0)
        return false;
    const size_t size = st.st_size < PACKED_MAX_BYTES ? (size_t)st.st_size : PACKED_MAX_BYTES;
    JB_AUTO(jb_free_auto) char *text = malloc(size);
    size_t len = 0;
    while (text && len < size) {
        const ssize_t n = read(fd, text + len, size - len);
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    return text && jb_git_find_packed(text, len, ref, ret_commit);
}

/* HEAD of the repository whose own folder is `git`; false if that is none or has no commit. */
static bool read_head(const char *git, bool *ret_is_repository, char ret_commit[JB_GIT_COMMIT])
{
    char text[PATH_MAX];
    char common[PATH_MAX];
    char commit[JB_GIT_COMMIT] = "";
    char ref[JB_GIT_REF] = "";
    ssize_t n = read_small(git, "HEAD", text, sizeof text);

    *ret_is_repository = n >= 0 && jb_git_parse_ref(text, (size_t)n, commit, ref);
    if (!*ret_is_repository)
        return false;
    /* A worktree has its own HEAD; branches are those of the repository it belongs to. */
    n = read_small(git, "commondir", text, sizeof text);
    if (n > 0) {
        text[trimmed(text, (size_t)n)] = '\0';
        if (!join(common, git, text))
            return false;
    } else {
        (void)snprintf(common, sizeof common, "%s", git);
    }
    for (int depth = 0; ref[0] && depth < REF_DEPTH_MAX; depth++) {
        n = read_small(git, ref, text, sizeof text);
        if (n < 0)
            n = read_small(common, ref, text, sizeof text);
        if (n >= 0 && jb_git_parse_ref(text, (size_t)n, commit, ref))
            continue;
        if (!find_in_packed(common, ref, commit))
            return false;
        ref[0] = '\0';
    }
    if (ref[0] || !commit[0])
        return false;
    (void)snprintf(ret_commit, JB_GIT_COMMIT, "%s", commit);
    return true;
}

/* The repository's own folder, if `folder` holds a `.git`. */
static bool find_git(const char *folder, char git[PATH_MAX])
{
    static const char word[] = "gitdir:";
    char text[PATH_MAX];
    char path[PATH_MAX];
    struct stat st;

    if (!join(path, folder, ".git") || stat(path, &st) < 0)
        return false;
    if (S_ISDIR(st.st_mode))
        return join(git, folder, ".git");
    const ssize_t n = read_small(folder, ".git", text, sizeof text);
    if (n < (ssize_t)sizeof word || memcmp(text, word, sizeof word - 1) != 0)
        return false;
    text[trimmed(text, (size_t)n)] = '\0';
    const char *to = text + sizeof word - 1;
    to += strspn(to, " ");
    return to[0] && join(git, folder, to);
}

bool jb_git_commit_find(const char *directory, const struct jb_clock *clock,
                        char ret_commit[JB_GIT_COMMIT])
{
    const int64_t until_ns = jb_mono_ns(clock) + JB_GIT_TIME_NS;
    char folder[PATH_MAX];
    char git[PATH_MAX];
    bool is_repository = false;

    const int n = snprintf(folder, sizeof folder, "%s", directory);
    if (n <= 0 || (size_t)n >= sizeof folder || folder[0] != '/')
        return false;
    for (int level = 0; level < LEVELS_MAX && jb_mono_ns(clock) < until_ns; level++) {
        if (find_git(folder, git)) {
            const bool has_commit = read_head(git, &is_repository, ret_commit);
            if (is_repository)
                return has_commit;
        }
        char *const slash = strrchr(folder, '/');
        if (slash == folder && folder[1] == '\0')
            break;
        slash[slash == folder ? 1 : 0] = '\0';
    }
    return false;
}
