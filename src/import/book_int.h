/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats of other people's books share: a file at hand, and the run being made of it. */
#ifndef JB_IMPORT_BOOK_INT_H
#define JB_IMPORT_BOOK_INT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/csv.h"
#include "import/book.h"

extern const struct jb_import_book book__sacct, book__codecarbon, book__carbontracker, book__boamps,
    book__impact_tracker, book__green_algorithms, book__hf_card;

/* A file being read. */
struct book {
    const char *path;
    const struct jb_import_asked *asked;
    const struct jb_import_progress *progress;
    jb_import_rebuilt_fn fn;
    void *arg;
    struct jb_import_told told;
    int64_t line;       /* of the row at hand, for errors */
    bool is_local_time; /* a time of the run at hand named no zone */
    char stem[64];      /* the file's name without folder and ending, clean */
};

/* Runs `read` over the file with a place to make runs in. */
typedef jb_rc (*book__read_fn)(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err);
JB_MUST_USE jb_rc book__run(book__read_fn read, const char *path,
                            const struct jb_import_asked *asked,
                            const struct jb_import_progress *progress, jb_import_rebuilt_fn fn,
                            void *arg, struct jb_import_told *ret_told, struct jb_error *err);

/* A message that names file and line, and `field` unless it is NULL; `hint` NULL: to mend it. */
jb_rc book__fail(const struct book *book, const char *field, struct jb_error *err, const char *hint,
                 const char *format, ...) JB_PRINTF(5, 6);

/* The whole of a small file. */
#define BOOK__FILE_MAX ((size_t)16 * 1024 * 1024)
JB_MUST_USE jb_rc book__slurp(const struct book *book, const char *path, struct jb_buf *buf,
                              struct jb_error *err);

/* Lines of a file of any size; a line may have so many bytes. `line` is not terminated. */
#define BOOK__LINE_MAX ((size_t)1024 * 1024)
typedef jb_rc (*book__line_fn)(void *arg, const char *line, size_t len, struct jb_error *err);
JB_MUST_USE jb_rc book__lines(struct book *book, book__line_fn fn, void *arg, struct jb_error *err);

/* Records of a CSV file of any size; book->line is where each begins. */
typedef jb_rc (*book__record_fn)(void *arg, const struct jb_csv_field *fields, size_t n_fields,
                                 struct jb_error *err);
JB_MUST_USE jb_rc book__records(struct book *book, const struct jb_csv_rules *rules,
                                book__record_fn fn, void *arg, struct jb_error *err);

/* Where a table's columns lie in a file; `at` -1: the file has none of that name. Names without regard to case. */
#define BOOK__COLUMNS_MAX 64
struct book__columns {
    const char *const *names; /* NULL at the end */
    int at[BOOK__COLUMNS_MAX];
    size_t n_fields; /* of the header */
};
/* JB_E_INPUT: a name twice. */
JB_MUST_USE jb_rc book__take_header(struct book *book, struct book__columns *columns,
                                    const struct jb_csv_field *fields, size_t n_fields,
                                    struct jb_error *err);

/* --- values of foreign text ------------------------------------------------------------------------------------ */

/* "", "None", "nan", "null", "Unknown", "N/A", in any case: a value that is not there. */
bool book__is_absent(const char *text, size_t len);
/* A time as text; local ones by asked->utc_offset_s. */
JB_MUST_USE jb_rc book__time(struct book *book, const char *text, size_t len, int64_t *ret_utc_us);
/* kWh as text to uJ; not negative. */
JB_MUST_USE jb_rc book__kwh(const char *text, size_t len, int64_t *ret_uj);

/* A number of a JSON object, or one in quotes, not negative, with so many decimals kept. */
JB_MUST_USE jb_rc book__json_number(const struct book *book, const json_t *object, const char *key,
                                    unsigned scale, int64_t *ret_value, bool *ret_has,
                                    struct jb_error *err);

/* --- the run at hand ------------------------------------------------------------------------------------------- */

/* Empty but for what the user stated of every run. */
void book__begin(struct book *book, struct jb_rebuilt *rebuilt, const char *source);
/* Cleans and copies `text` where nothing is stated there; absent text changes nothing. */
void book__fill(char *member, size_t size, const char *text, size_t len);
#define BOOK__FILL(member, text, len) book__fill((member), sizeof(member), (text), (len))
/* The reverse: it is set whatever was there. */
void book__tag(struct jb_rebuilt *rebuilt, const char *name, const char *text, size_t len);
void book__note(struct jb_rebuilt *rebuilt, const char *format, ...) JB_PRINTF(2, 3);
struct jb_figure book__band(int64_t best, int64_t low_ppm, int64_t high_ppm);
/* Appends a line; `basis` is cut. NULL: there is no room. */
struct jb_rebuilt_line *book__line(struct jb_rebuilt *rebuilt, const char *channel,
                                   enum jb_scope scope, enum jb_origin origin,
                                   struct jb_figure energy_uj, const char *basis);
struct jb_quantity book__value(int64_t value);
void book__answer(struct jb_answer *answer, const char *text, size_t len);
/* Gives the run away, after what its times stand on was noted. */
JB_MUST_USE jb_rc book__give(struct book *book, struct jb_rebuilt *rebuilt, int64_t line,
                             struct jb_error *err);

/* A run that tells no time is entered at that of its file. */
JB_MUST_USE jb_rc book__no_times(struct book *book, struct jb_rebuilt *rebuilt,
                                 struct jb_error *err);

#endif
