/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who uses the boards (GPUs) at one instant, as their drivers say it: per board, and per run and board. Times are
 * cumulative and never fall; plain data, stored in the spool as it is. Rules R-USE-*: docs/method/boards.md.
 */
#ifndef JB_MODEL_USE_H
#define JB_MODEL_USE_H

#include <stdint.h>

#define JB_BOARDS_MAX 64  /* boards of one node that can say who uses them */
#define JB_USES_MAX   256 /* pairs of a run and a board that it uses */

enum jb_board_flags {
    JB_BOARD_PRESENCE = 1, /* processes are listed, not their use: times are of presence */
    JB_BOARD_UNMATCHED =
        2, /* what processes use it could not be matched with runs (another pid namespace) */
    JB_BOARD_BUSY = 4, /* busy_ns is the board's own figure; else nothing is known of the whole */
    JB_BOARD_UNSEEN =
        8, /* of the others' use some was by processes that ended before they were seen */
};

struct jb_board {
    uint32_t channel; /* its place in the table of channels */
    uint32_t flags;
    int64_t busy_ns;            /* by whomever; 0 without JB_BOARD_BUSY */
    int64_t others_ns;          /* by listed processes that belong to no run */
    int64_t others_bytes;       /* of the board's memory, theirs now */
    int64_t memory_used_bytes;  /* now, by whomever; -1 unknown */
    int64_t memory_total_bytes; /* -1 unknown */
    uint32_t n_others;          /* listed processes of no run, now */
    uint32_t pad;
};

struct jb_use {
    uint64_t run; /* jb_use_key of its id */
    uint32_t channel;
    uint32_t n_processes; /* of the run, listed now */
    int64_t busy_ns;
    int64_t memory_bytes; /* of the board's memory, the run's now */
};

struct jb_uses {
    uint32_t n_boards, n_uses;
    struct jb_board boards[JB_BOARDS_MAX];
    struct jb_use uses[JB_USES_MAX];
};

uint64_t jb_use_key(const char *run_id);

/* NULL: nothing is known of it. */
const struct jb_board *jb_uses_board(const struct jb_uses *uses, uint32_t channel);
const struct jb_use *jb_uses_find(const struct jb_uses *uses, uint64_t run, uint32_t channel);

/* Of the arrays only what is used. */
void jb_uses_copy(struct jb_uses *to, const struct jb_uses *from);

#endif
