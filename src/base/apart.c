/* SPDX-License-Identifier: Apache-2.0 */
/* Levenshtein's distance with one row of the table; only the beginning of a long word counts. */
#include "base/apart.h"

#include "base/compiler.h"

#define WORD_MAX 64

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t jb_words_apart(const char *a, const char *b)
{
    const size_t n_a = strnlen(a, WORD_MAX);
    const size_t n_b = strnlen(b, WORD_MAX);
    size_t row[WORD_MAX + 1];

    for (size_t k = 0; k <= n_b; k++)
        row[k] = k;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= n_b; k++) {
            const size_t change = diagonal + (a[i - 1] == b[k - 1] ? 0 : 1);
            diagonal = row[k];
            row[k] = smaller(change, smaller(row[k], row[k - 1]) + 1);
        }
    }
    return row[n_b];
}
