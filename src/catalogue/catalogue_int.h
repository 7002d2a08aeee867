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

/* --- a site's own rows (R-CAT-30) ------------------------------------------------------------------------------ */

struct catalogue__site_cell {
    int64_t number;   /* CATALOGUE__UNKNOWN where there is none */
    const char *text; /* NULL where there is none */
    char *own_text;   /* to be freed */
};
/* The site's cells of a row; NULL: it is ours, and *row its number among ours. */
const struct catalogue__site_cell *catalogue__site_cells(int table, size_t *row);
size_t catalogue__site_n_rows(int table, size_t n_own);
const char *catalogue__site_edition(void); /* NULL: no site */
/* Of our rows alone, whatever the site says. */
int64_t catalogue__own_number(int table, size_t row, int column);
const char *catalogue__own_text(int table, size_t row, int column);

struct catalogue__site;
struct catalogue__site *catalogue__site_new(void); /* NULL: no memory */
void catalogue__site_free(struct catalogue__site *site);
/* The bytes of one file called `path` for the table "accelerators.csv"; each table once. */
jb_rc catalogue__site_add(struct catalogue__site *site, const char *table_name, const char *path,
                          const char *bytes, size_t len, struct jb_error *err);

/* --- names that people write (R-CAT-20 to R-CAT-26) ------------------------------------------------------------ */

/*
 * What a name of an accelerator says. `core` is the product ("rtx2080ti" without its brands: "2080ti"), all else is
 * optional. `words` are bits of the words of catalogue_name.c.
 */
struct catalogue__name {
    char core[64];
    uint64_t words;
    int64_t memory_mib;   /* 0: not told; CATALOGUE__UNKNOWN: two that differ */
    int64_t n_told_milli; /* "8x", "half a": 8000, 500; 0: no count is told */
    int64_t core_milli; /* "TPU v3 cores": what a count before it counts, in chips; 0: whole ones */
};

#define CATALOGUE__BRANDS  UINT64_C(0x0000000000ffff) /* a name may leave them out */
#define CATALOGUE__FORMS   UINT64_C(0x00000000ff0000) /* SXM4, PCIe, NVL ... */
#define CATALOGUE__MEMORY  UINT64_C(0x0000000f000000) /* HBM3, GDDR6 ... */
#define CATALOGUE__ANY_SXM UINT64_C(0x00000000010000) /* SXM of no told generation */
#define CATALOGUE__SOFT    UINT64_C(0x000000f0000000) /* passive, active, workstation */
#define CATALOGUE__STRONG \
    UINT64_C(0xcfffff00000000) /* they tell two products of one number apart */
#define CATALOGUE__HARD   UINT64_C(0x30000000000000) /* laptop parts: other products */
#define CATALOGUE__ARCHES UINT64_C(0x0001ff00000000)

/* Reads `text` as it stands. */
struct catalogue__name catalogue__read_name(const char *text, size_t len);
/* Takes one count off either end of text[0..*len): true where there was one; `is_bare` also takes "8 A100". */
bool catalogue__strip_count(const char **text, size_t *len, bool is_bare, int64_t *ret_milli);
/* May a product called `core` that came out in `year` be of the generation in `words`? By the years of that generation,
 * and by the letter of NVIDIA's numbers: there is no "Pascal V100". */
bool catalogue__arch_fits(uint64_t words, const char *core, int64_t year);
/* "V100s" may be V100S or several V100: then *ret is the name without it. */
bool catalogue__may_be_plural(const char *text, size_t len, const struct catalogue__name *told,
                              struct catalogue__name *ret);
/* Is the form factor of a row (in words) one that `told` may mean? "SXM" is any SXM; a row of NVIDIA's that tells none is PCIe. */
bool catalogue__form_fits(uint64_t told, uint64_t row);
/* A Quadro 6000 is of 2010, and no Quadro RTX 6000. */
bool catalogue__is_older_line(uint64_t told, uint64_t row);
/* Variants that nobody means who does not say so: a workstation edition without Max-Q is not the one with it, and a board of
 * half the power (FHHL) is told by that name. */
bool catalogue__is_not_meant(uint64_t told, uint64_t row);

/* Letters and digits of `text`, lower case, nothing else but the bytes in `keep`; cut to `size`. */
void catalogue__squeeze(const char *text, const char *keep, char *ret, size_t size);
/* Levenshtein distance of two texts, case ignored; only the first 64 bytes count. */
size_t catalogue__distance(const char *a, const char *b);

/* The nearest of what is not exactly there, for a hint. */
#define CATALOGUE__NEAREST_MAX 5
struct catalogue__nearest {
    size_t n;
    size_t distances[CATALOGUE__NEAREST_MAX];
    char names[CATALOGUE__NEAREST_MAX][JB_CATALOGUE_NAME];
};
void catalogue__nearest_add(struct catalogue__nearest *nearest, size_t distance, const char *name);
/* Fills the hint with them, else with `otherwise`, and fails with JB_E_INPUT: "no WHAT is called 'NAME'". */
jb_rc catalogue__fail_name(const struct catalogue__nearest *nearest, const char *what,
                           const char *name, const char *otherwise, struct jb_error *err);

/* A name in two parts: who sells it (as in the tables; NULL: any), and what. */
struct catalogue__asked {
    const char *provider;
    const char *name;
};
/* Takes "aws/p3.2xlarge" apart; a provider that is not in the tables is refused. */
jb_rc catalogue__read_asked(const char *provider, const char *name, struct catalogue__asked *ret,
                            struct jb_error *err);
/* May a row of this provider be meant? */
bool catalogue__is_provider(const char *asked, const char *of_row);
/* Fails with JB_E_INPUT, listing the rows that one name fits. */
jb_rc catalogue__fail_several(int table, int provider_column, int name_column, const size_t *rows,
                              size_t n, const char *what, const char *name, struct jb_error *err);

/* "aws" of "Amazon Web Services, Inc."; NULL: not one of the tables. */
const char *catalogue__provider(const char *text);

#endif
