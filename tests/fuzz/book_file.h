/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of other people's books: refused with a reason, or runs that hold what their type promises. */
#ifndef JB_TESTS_BOOK_FILE_H
#define JB_TESTS_BOOK_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clean.h"
#include "import/book.h"

static void book__check_figure(const struct jb_figure *figure)
{
    if (figure->is_known &&
        (figure->low < 0 || figure->low > figure->best || figure->best > figure->high))
        abort();
}

static jb_rc book__check(void *arg, const struct jb_rebuilt *rebuilt, int64_t line,
                         struct jb_error *err)
{
    (void)err;
    ++*(int64_t *)arg;
    if (line < 0 || rebuilt->key[0] == '\0' || rebuilt->source[0] == '\0' ||
        rebuilt->run.start_utc_us > rebuilt->run.end_utc_us)
        abort();
    if (rebuilt->has_work != (rebuilt->n_lines == 0) || rebuilt->n_lines > JB_REBUILT_LINES_MAX)
        abort();
    book__check_figure(&rebuilt->told_gco2e_ug);
    for (size_t i = 0; i < rebuilt->n_lines; i++) {
        const struct jb_rebuilt_line *const l = &rebuilt->lines[i];
        book__check_figure(&l->energy_uj);
        if (!l->energy_uj.is_known || l->device_ns < 0 || !jb_clean_is(l->channel) ||
            !jb_clean_is(l->basis) || l->origin == JB_ORIGIN_GAUGE ||
            l->origin == JB_ORIGIN_COUNTER)
            abort();
        for (size_t j = 0; j < i; j++)
            if (strcmp(l->channel, rebuilt->lines[j].channel) == 0)
                abort();
    }
    for (size_t i = 0; i < rebuilt->n_notes; i++)
        if (!jb_clean_is(rebuilt->notes[i]))
            abort();
    for (size_t i = 0; i < rebuilt->run.n_tags; i++)
        if (!jb_clean_is(rebuilt->run.tags[i]))
            abort();
    if (!jb_clean_is(rebuilt->key) || !jb_clean_is(rebuilt->run.project))
        abort();
    return JB_OK;
}

static void book_file(const char *format, const uint8_t *data, size_t size)
{
    const struct jb_import_asked asked = {.utc_offset_s = INT64_MIN};
    const struct jb_import_book *const book = jb_import_book_find(format);
    struct jb_import_told told = {.n_rows = 0};
    struct jb_error err = {.code = JB_OK};
    int64_t n_runs = 0;
    char path[48];
    const int fd = memfd_create("book", MFD_CLOEXEC);

    if (!book || fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const jb_rc rc = book->read(path, &asked, NULL, book__check, &n_runs, &told, &err);
    if (rc < 0 && err.message[0] == '\0')
        abort();
    if (rc == JB_OK && (told.n_runs != n_runs || told.n_left > JB_IMPORT_REASONS_MAX))
        abort();
    (void)close(fd);
}

#endif
