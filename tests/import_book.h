/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of other people's books: text as a file, and the runs that come out of it. */
#ifndef JB_TESTS_IMPORT_BOOK_H
#define JB_TESTS_IMPORT_BOOK_H

#include "book.h"
#include "import/book.h"

#define RUNS_MAX 16
#define KWH_UJ   INT64_C(3600000000000)
#define SECOND   INT64_C(1000000)

static struct {
    struct jb_import_told told;
    struct jb_error err;
    jb_rc rc;
    size_t n;
    struct jb_rebuilt runs[RUNS_MAX];
    int64_t lines[RUNS_MAX];
} took;

TAP__UNUSED static jb_rc take_rebuilt(void *arg, const struct jb_rebuilt *rebuilt, int64_t line,
                                      struct jb_error *err)
{
    (void)arg;
    (void)err;
    if (took.n < RUNS_MAX) {
        took.runs[took.n] = *rebuilt;
        took.lines[took.n] = line;
    }
    took.n++;
    return JB_OK;
}

TAP__UNUSED static jb_rc take_path(const char *format, const char *path,
                                   const struct jb_import_asked *asked)
{
    const struct jb_import_book *const book = jb_import_book_find(format);

    if (!book)
        bail_out("no format '%s'", format);
    memset(&took, 0, sizeof took);
    took.rc = book->read(path, asked, NULL, take_rebuilt, NULL, &took.told, &took.err);
    return took.rc;
}

TAP__UNUSED static jb_rc take_text_as(const struct book_folder *folder, const char *format,
                                      const char *name, const char *text,
                                      const struct jb_import_asked *asked)
{
    char path[1024];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    file = fopen(path, "we");
    if (!file || fwrite(text, 1, strlen(text), file) != strlen(text) || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
    return take_path(format, path, asked);
}

TAP__UNUSED static bool has_note(const struct jb_rebuilt *run, const char *part)
{
    for (size_t i = 0; i < run->n_notes; i++)
        if (strstr(run->notes[i], part))
            return true;
    return false;
}

TAP__UNUSED static bool has_tag(const struct jb_rebuilt *run, const char *tag)
{
    for (size_t i = 0; i < run->run.n_tags; i++)
        if (strcmp(run->run.tags[i], tag) == 0)
            return true;
    return false;
}

TAP__UNUSED static const struct jb_rebuilt_line *find_line(const struct jb_rebuilt *run,
                                                           const char *channel)
{
    static const struct jb_rebuilt_line none;

    for (size_t i = 0; i < run->n_lines; i++)
        if (strcmp(run->lines[i].channel, channel) == 0)
            return &run->lines[i];
    return &none;
}

TAP__UNUSED static int64_t n_left(const char *reason)
{
    for (size_t i = 0; i < took.told.n_left; i++)
        if (strcmp(took.told.left[i].reason, reason) == 0)
            return took.told.left[i].n;
    return 0;
}

#endif
