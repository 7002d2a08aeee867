/* SPDX-License-Identifier: Apache-2.0 */
/* How the tables lie in memory, and the few ways to read them. Made by tools/gen_catalogue.py. */
#ifndef JB_CATALOGUE_CATALOGUE_INT_H
#define JB_CATALOGUE_CATALOGUE_INT_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"

struct catalogue__column {
    const char *name;
    const void *cells; /* unsigned integers of `width` bytes; 0: unknown */
    int width;         /* 1, 2, 4 or 8 */
    int scale;         /* -1: a text, the cell numbers it; else value x 10^scale + 1 */
};

struct catalogue__table {
    const char *name;
    const char *title;
    const struct catalogue__column *columns;
    size_t n_columns;
    size_t n_rows;
};

extern const char catalogue__edition[];
extern const char catalogue__texts[];
extern const uint32_t catalogue__text_offsets[];
extern const struct catalogue__table catalogue__tables[];

#define CATALOGUE__UNKNOWN     (-1)
#define CATALOGUE__NORMAL_NAME 128

/* The scaled integer of a number column, CATALOGUE__UNKNOWN where the table has none. */
int64_t catalogue__number(int table, size_t row, int column);
/* The text of a text column, NULL where the table has none. */
const char *catalogue__text(int table, size_t row, int column);
size_t catalogue__n_rows(int table);

/* Appends "title (origin)" of source `id` to `text` unless it is there already; cut with "..." when full. */
void catalogue__cite(char *text, size_t size, const char *id);

/* R-CAT-01: a processor's name without marks, clock and filler words, lower case; cut to `size`. */
void catalogue__normal_name(const char *name, char *ret, size_t size);

/* '*' any text, '?' any one byte; the case of ASCII letters is ignored. Linear in time for every pattern of ours. */
bool catalogue__glob(const char *pattern, const char *text);

#endif
