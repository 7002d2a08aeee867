/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cross-tables of coded observations: by case, interviewee, perspective and category; computed from the observations of
 * case files, or of the shipped cases and expert interviews, and then held against what the thesis printed (R-CASE-20).
 */
#ifndef JB_CASE_TABLES_H
#define JB_CASE_TABLES_H

#include "case/case.h"

#define JB_CROSS_COLUMNS_MAX     16
#define JB_CROSS_ROWS_MAX        24
#define JB_CROSS_DIFFERENCES_MAX 32

struct jb_cross_row {
    char key[32];                   /* "hardware", "total", "O" */
    char title[64];                 /* "no hardware details available" */
    bool has[JB_CROSS_COLUMNS_MAX]; /* false: the table has no such cell */
    int64_t cells[JB_CROSS_COLUMNS_MAX];
};

/* A cell that print has otherwise. */
struct jb_cross_difference {
    char row[32], column[64];
    int64_t printed, computed;
};

struct jb_cross {
    const char *id; /* "D.2" */
    const char *title;
    const char *note; /* NULL for none */
    size_t n_columns, n_rows;
    char columns[JB_CROSS_COLUMNS_MAX][64];
    struct jb_cross_row rows[JB_CROSS_ROWS_MAX];
    size_t n_printed;     /* cells that print has; 0: nothing to compare with */
    size_t n_differences; /* the first JB_CROSS_DIFFERENCES_MAX are listed */
    struct jb_cross_difference differences[JB_CROSS_DIFFERENCES_MAX];
};

/* The tables in order, by number of the thesis; NULL past the last. */
const char *jb_cross_id(size_t i);
const char *jb_cross_title(const char *id); /* NULL: no such table */

/*
 * `cases` NULL: the shipped cases and experts, held against print. Else of those cases alone: their observations by case
 * take the place of the four, those of other perspectives that of the experts. JB_E_INPUT: no such table, or it does not
 * hold the cases given; JB_E_NOT_FOUND: none of their observations belongs to it.
 */
JB_MUST_USE jb_rc jb_cross_make(const char *id, const struct jb_case *const *cases, size_t n_cases,
                                struct jb_cross *ret, struct jb_error *err);

/* The code book (tables C.2 and C.3). */
struct jb_code {
    enum jb_restriction_id restriction;
    bool is_in_cases; /* table C.2 has it too */
    char text[96];
};
typedef void (*jb_code_fn)(void *context, const struct jb_code *code);
void jb_case_codes(jb_code_fn each, void *context);

#endif
