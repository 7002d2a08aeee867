/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a scripted machine that are not of powercap: a gauge, a counter, or a count within a table of bytes. Each shows a
 * course, rewritten in place. Part of scripted_tree.c, whose die() ends what cannot be.
 */
#ifndef JB_TESTS_SCRIPTED_FILE_H
#define JB_TESTS_SCRIPTED_FILE_H

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "course.h"

enum kind { KIND_UW, KIND_UJ, KIND_Q16 };

struct file {
    char path[256];
    char text[128];
    struct course course;
    enum kind kind;
    int64_t offset;
    int fd;
    size_t shown_len;
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...);

/* What a course draws at an instant: what it draws in the microsecond that begins there. */
static inline uint64_t course_uw(const struct course *course, int64_t t_ns)
{
    return (uint64_t)((course_fj(course, t_ns + 1000) - course_fj(course, t_ns)) / 1000);
}

static inline void show_file(struct file *file, int64_t base_uj, int64_t t_ns)
{
    char text[64];
    const fj_t fj = course_fj(&file->course, t_ns);
    size_t len;

    if (file->kind == KIND_Q16) {
        const uint64_t count = (uint64_t)((fj << 16) / (FJ_PER_UJ * 1000000)) + (UINT64_C(1) << 33);
        len = sizeof count;
        memcpy(text, &count, len);
    } else {
        const uint64_t value = file->kind == KIND_UJ
                                   ? (uint64_t)base_uj + (uint64_t)(fj / FJ_PER_UJ)
                                   : course_uw(&file->course, t_ns);
        len = (size_t)snprintf(text, sizeof text, "%" PRIu64 "\n", value);
        if (len < file->shown_len && ftruncate(file->fd, (off_t)len) < 0)
            die("cannot cut '%s': %s", file->path, strerror(errno));
    }
    if (pwrite(file->fd, text, len, (off_t)file->offset) != (ssize_t)len)
        die("cannot show '%s': %s", file->path, strerror(errno));
    file->shown_len = len;
}

/* PATH:KIND=COURSE */
static inline struct file parse_file(const char *text)
{
    const char *const equals = strchr(text, '=');
    char head[256];
    struct file file = {.fd = -1};

    if (!equals || (size_t)(equals - text) >= sizeof head ||
        !course_parse(equals + 1, &file.course))
        die("cannot make a file of '%s'", text);
    (void)snprintf(head, sizeof head, "%.*s", (int)(equals - text), text);
    char *const colon = strrchr(head, ':');
    if (!colon)
        die("'%s' has no kind", text);
    *colon = '\0';
    const char *offset = colon + 5;
    if (strcmp(colon + 1, "uw") == 0)
        file.kind = KIND_UW;
    else if (strcmp(colon + 1, "uj") == 0)
        file.kind = KIND_UJ;
    else if (strncmp(colon + 1, "q16@", 4) == 0 && course_number(&offset, 0, &file.offset))
        file.kind = KIND_Q16;
    else
        die("'%s' is no kind", colon + 1);
    (void)snprintf(file.path, sizeof file.path, "%s", head);
    (void)snprintf(file.text, sizeof file.text, "%s", equals + 1);
    return file;
}

#endif
