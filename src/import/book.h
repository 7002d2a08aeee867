/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other people's books to rebuilt runs: scheduler logs, other tools' results. One file per format, one row in the table
 * of book.c. A reader streams: it holds one run at a time, believes nothing of a line's length, bytes or numbers, and
 * says file, line and column of what it refuses. Rules R-BOOKS-*: docs/method/import.md.
 */
#ifndef JB_IMPORT_BOOK_H
#define JB_IMPORT_BOOK_H

#include "base/error.h"
#include "import/import.h"
#include "model/rebuilt.h"

/* Hardware of a partition that a scheduler's log only names. */
struct jb_import_partition {
    const char *name;
    struct jb_work work; /* of one node of it, whole */
};

/* What the user says about the file. */
struct jb_import_asked {
    const struct jb_run *
        facts; /* stated about every run in it; what the file tells wins only where nothing is stated */
    char delimiter;       /* of sacct's fields; 0: found from the header */
    int64_t utc_offset_s; /* of local times without a zone, east positive; INT64_MIN: not given */
    const char *cluster;  /* of a scheduler's log that does not name it; NULL */
    const struct jb_import_partition *partitions;
    size_t n_partitions;
};
/* What is in the file and is no run, by reason. */
#define JB_IMPORT_REASONS_MAX 24
struct jb_import_left {
    char reason[96]; /* "still running", "a step of a job", "no energy and no hardware" */
    int64_t n;
    int64_t first_line;
};
struct jb_import_told {
    int64_t n_rows, n_runs;
    size_t n_left;
    struct jb_import_left left[JB_IMPORT_REASONS_MAX];
};
/* Counts a row that is no run; the last place of the table is "other reasons". */
void jb_import_leave(struct jb_import_told *told, const char *reason, int64_t line);

/* `rebuilt` is valid during the call. */
typedef jb_rc (*jb_import_rebuilt_fn)(void *arg, const struct jb_rebuilt *rebuilt, int64_t line,
                                      struct jb_error *err);

struct jb_import_book {
    const char *name; /* "codecarbon" */
    const char *summary;
    jb_rc (*read)(const char *path, const struct jb_import_asked *asked,
                  const struct jb_import_progress *progress, jb_import_rebuilt_fn fn, void *arg,
                  struct jb_import_told *ret_told, struct jb_error *err);
};

/* Every such format; NULL at the end. */
extern const struct jb_import_book *const jb_import_books[];
const struct jb_import_book *jb_import_book_find(const char *name);

#endif
