/* SPDX-License-Identifier: Apache-2.0 */
/* Statements to files and back. Must never take a signed file whose signature does not hold as an unsigned one. */
#include "cli/statement_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "statement/document.h"

static void close_auto(const int *fd)
{
    if (*fd > STDERR_FILENO)
        (void)close(*fd);
}

static jb_rc read_bytes(const char *path, struct jb_buf *bytes, struct jb_error *err)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    JB_AUTO(close_auto)
    const int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char chunk[65536];

    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%.200s'", path);
    for (;;) {
        const ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read '%.200s'", path);
        if (got == 0)
            break;
        jb_buf_add(bytes, chunk, (size_t)got);
    }
    if (bytes->failed < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "'%.200s' is larger than any statement", path);
    return JB_OK;
}

jb_rc jb_statement_file_make(const struct jb_cli *cli, const struct jb_statement *statement,
                             struct jb_buf *out, struct jb_error *err)
{
    const jb_rc rc = jb_statement_encode(statement, out, err);

    (void)cli;
    jb_buf_add_u8(out, '\n');
    return rc;
}

jb_rc jb_statement_file_read(const char *path, struct jb_statement *ret,
                             struct jb_statement_signers *ret_signers, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf bytes = {.max = JB_STATEMENT_BYTES_MAX};
    struct jb_error why = {.code = JB_OK};
    jb_rc rc = read_bytes(path, &bytes, err);

    if (rc < 0)
        return rc;
    if (bytes.len < 2 || bytes.bytes[bytes.len - 1] != '\n')
        return jb_fail(err, JB_E_INPUT, "a statement is one line with its end",
                       "'%.200s' is cut short, or no statement", path);
    *ret_signers = (struct jb_statement_signers){.n = 0};
    rc = jb_statement_decode(bytes.bytes, bytes.len - 1, ret, &why);
    return rc < 0 ? jb_fail(err, rc, why.hint, "'%.120s': %s", path, why.message) : JB_OK;
}
