/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of attribution share: who used how much (attribute.c), and who used how much of a board (attribute_board.c). */
#ifndef JB_ATTRIBUTE_ATTRIBUTE_INT_H
#define JB_ATTRIBUTE_ATTRIBUTE_INT_H

#include "attribute/attribute.h"

/* Who used how much of what is shared: nanoseconds of CPU or board, or bytes of memory. The weights of the split. */
struct attribute_use {
    int64_t whole;    /* all use, runs' and others'; at least the runs' sum */
    int64_t busy;     /* what of the capacity was not idle, */
    int64_t capacity; /* never less than that */
    int64_t quantum;  /* a weight is uncertain by this much either way */
    bool is_presence; /* of a board: the weights say who was there, not what each used */
    int64_t weights[JB_SUBJECTS_MAX + 1]; /* runs', then the others' */
};

/* Idle energy: best, and the ends of its band. */
struct attribute_idle {
    int64_t low_uj, best_uj, high_uj;
};

/* R-SHARE-02: what the runs leave of the whole is the others'; runs that exceed it are the whole. */
JB_MUST_USE jb_rc attribute__close_use(struct attribute_use *use, size_t n_runs, int64_t whole);

static inline int64_t attribute__smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t attribute__larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* R-SHARE-05 to -08. The window has a board. */
JB_MUST_USE jb_rc attribute__check_board(const struct jb_window *window, struct jb_error *err);
JB_MUST_USE jb_rc attribute__use_of_board(const struct jb_channel *channel,
                                          const struct jb_window *window,
                                          struct attribute_use *ret_use);
void attribute__band_of_board(const struct jb_window *window, const struct attribute_use *use,
                              size_t i, int64_t energy_uj, const struct attribute_idle *idle,
                              int64_t *ret_low_uj, int64_t *ret_high_uj);

#endif
