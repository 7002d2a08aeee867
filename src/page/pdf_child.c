/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDF from a process of its own: cairo, pango and fontconfig run where a fault of theirs, a word on stderr or memory that they
 * keep is not ours. The child sends how it went and then the bytes through a pipe, and ends at once. Rule R-PAGE-13.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "page/pdf.h"
#include "page/pdf_int.h"

struct verdict {
    jb_rc rc;
    size_t n_pages, len;
    struct jb_error error;
};

static bool write_all(int fd, const void *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        const ssize_t n = write(fd, (const char *)bytes + done, len - done);
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* How many bytes came before the end; fewer than `len` where the child died. */
static size_t read_all(int fd, void *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        const ssize_t n = read(fd, (char *)bytes + done, len - done);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

JB_NORETURN static void be_child(const struct jb_document *document, size_t max, int fd)
{
    struct jb_buf pdf = JB_BUF(max);
    struct verdict verdict;
    const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

    memset(&verdict, 0, sizeof verdict);
    (void)signal(SIGPIPE, SIG_IGN); /* the parent may have gone: then write fails */
    if (nothing >= 0)
        (void)dup2(nothing, STDERR_FILENO);
    verdict.rc = pdf__write(document, &pdf, &verdict.n_pages, &verdict.error);
    verdict.len = verdict.rc == JB_OK ? pdf.len : 0;
    if (write_all(fd, &verdict, sizeof verdict))
        (void)write_all(fd, jb_buf_text(&pdf), verdict.len);
    _exit(0);
}

static jb_rc take(int fd, struct jb_buf *out, size_t *ret_n_pages, struct jb_error *err)
{
    struct verdict verdict;
    char bytes[16384];

    if (read_all(fd, &verdict, sizeof verdict) != sizeof verdict)
        return jb_fail(err, JB_E_UNAVAILABLE, "--format html needs neither",
                       "cairo or pango failed while they wrote the PDF");
    if (verdict.rc < 0) {
        if (err)
            *err = verdict.error;
        return verdict.rc;
    }
    for (size_t left = verdict.len, n; left > 0; left -= n) {
        n = read_all(fd, bytes, left < sizeof bytes ? left : sizeof bytes);
        if (n == 0)
            return jb_fail(err, JB_E_IO, NULL, "the PDF broke off while it was written");
        jb_buf_add(out, bytes, n);
    }
    if (out->failed < 0)
        return jb_fail(err, out->failed, NULL,
                       "the PDF is too large, or there is no memory for it");
    if (ret_n_pages)
        *ret_n_pages = verdict.n_pages;
    return JB_OK;
}

jb_rc jb_document_pdf(const struct jb_document *document, bool is_privileged, struct jb_buf *out,
                      size_t *ret_n_pages, struct jb_error *err)
{
    int ends[2];

    if (is_privileged)
        return jb_fail(err, JB_E_PERMISSION, "--format html, or a joulebook without a capability",
                       "a program that carries a capability loads no library to write PDF");
    if (document->failed < 0)
        return jb_fail(err, document->failed, NULL,
                       "the document is too large, or there is no memory for it");
    if (pipe2(ends, O_CLOEXEC) != 0)
        return jb_fail_errno(err, errno, NULL, "cannot make a pipe for the PDF");
    const pid_t child = fork();
    const int why = errno;
    if (child == 0)
        be_child(document, out->max, ends[1]);
    (void)close(ends[1]);
    const jb_rc rc = child < 0 ? jb_fail_errno(err, why, NULL, "cannot start a process for the PDF")
                               : take(ends[0], out, ret_n_pages, err);
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    return rc;
}
