/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of account/ share: the builder's rows while sums are made. */
#ifndef JB_ACCOUNT_ACCOUNT_INT_H
#define JB_ACCOUNT_ACCOUNT_INT_H

#include "account/account.h"
#include "base/num.h"

#define JB_ACCOUNT_LINES_MAX  4096   /* channels of all hosts of a run */
#define JB_ACCOUNT_HOURS_MAX  100000 /* eleven years */
#define JB_ACCOUNT_EPOCHS_MAX 4096
#define JB_ACCOUNT_MARKS_MAX  200000
#define JB_ACCOUNT_NOTES_MAX  256

/* Half-widths below and above a best figure, both >= 0. */
struct jb_half {
    int64_t low_uj, high_uj;
};

/* What an amount of a channel is taken for. */
enum jb_amount {
    JB_AMOUNT_RUN,        /* C-2: the run's share, and the view "active" */
    JB_AMOUNT_TOTAL,      /* C-1 */
    JB_AMOUNT_ABOVE_IDLE, /* C-1 minus the baseline */
    JB_AMOUNT_RESERVED,
    JB_AMOUNT_ALL,
    JB_AMOUNTS,
};

/* One channel of one host while it is summed. */
struct jb_account_row {
    struct jb_account_line line;       /* identity, coverage, gaps, reasons */
    char parent[JB_CHANNEL_ID];        /* what it lies in, or is compared with */
    int64_t amount_uj[JB_AMOUNTS];     /* exact sums */
    struct jb_half device[JB_AMOUNTS]; /* R-BAND-01 */
    struct jb_half share;              /* R-BAND-03: attribution's band of the run's share */
    struct jb_half idle; /* the same of every run's share together: how sure the idle part is */
    int64_t first_mono_ns,
        last_mono_ns; /* R-BAND-02, -04: only the outermost intervals have an edge */
    int64_t first_edge_uj, last_edge_uj;
    bool is_seen;  /* at least one interval */
    bool is_split; /* somebody besides the run got part of it */
    bool is_idle_unknown;
    bool is_idle_estimated; /* from idle CPU time, for want of a source */
    bool is_unposted;       /* came by jb_account_add_unposted */
    /* R-WORK-12: of a row that is all of a board; "" none. Times are those of intervals that name it. */
    char board[JB_CHANNEL_LABEL];
    int64_t board_ns, board_busy_ns; /* busy: -1 once it was not told */
};

struct jb_account_hour {
    int64_t start_utc_us;
    int64_t run_uj;
};

struct jb_account_builder {
    struct jb_run run;
    char run_account[JB_ACCOUNT_NAME]; /* "run:ID" */
    size_t n_rows, rows_size;
    struct jb_account_row *rows;
    size_t n_hours, hours_size;
    struct jb_account_hour *hours; /* by time */
    size_t n_marks, marks_size, n_marks_dropped;
    struct jb_account_mark *marks;
    bool has_marks_end;
    struct jb_account_mark marks_end;
    size_t n_notes, notes_size;
    char (*notes)[JB_NOTE];
    size_t n_factors, factors_size;
    struct jb_factor *factors;
    struct jb_half told_band; /* R-REBUILT-06: of the energy as a whole; 0: as the lines give it */
    bool has_cycles, has_inner_runs;
    struct jb_cycles cycles;
    struct jb_epc epc;
    bool has_told_facility;
    int64_t told_pue_milli, told_facility_uj;
};

/* Room for one more in an array that grows by doubling; JB_E_RANGE beyond `max`, JB_E_NOMEM. */
JB_MUST_USE jb_rc jb_account_grow(void *array_pointer, size_t *size, size_t n, size_t max,
                                  size_t each, const char *what, struct jb_error *err);

/* --- account_band.c ---------------------------------------------------------------------------------------------- */

/* R-BAND-01: the device's half-widths on `amount_uj` of an interval's energy, rounded outward. */
struct jb_half jb_account_device_half(const struct jb_interval *interval, int64_t amount_uj);

/* R-BAND-05: the figure of one amount over the posted rows (or, with `only`, of that row alone, whatever its role). Views
 * hold parents' rests as well, which runs have a part of there. */
JB_MUST_USE jb_rc jb_account_figure(const struct jb_account_builder *builder, enum jb_amount amount,
                                    const struct jb_account_row *only, struct jb_figure *ret_figure,
                                    struct jb_error *err);

/* R-REBUILT-06: the wider of the band and what was told of the whole. */
void jb_account_widen(const struct jb_account_builder *builder, struct jb_figure *figure);

/* --- account_factor.c: PUE, carbon, cost ------------------------------------------------------------------------- */

JB_MUST_USE jb_rc jb_account_facility(const struct jb_account_builder *builder,
                                      struct jb_account *account, struct jb_error *err);
JB_MUST_USE jb_rc jb_account_carbon(const struct jb_account_builder *builder,
                                    struct jb_account *account, struct jb_error *err);

/* --- account_marks.c --------------------------------------------------------------------------------------------- */

JB_MUST_USE jb_rc jb_account_epochs(const struct jb_account_builder *builder,
                                    struct jb_account *account, struct jb_error *err);

/* --- account_overshoot.c ----------------------------------------------------------------------------------------- */

void jb_account_overshoots(const struct jb_account_builder *builder, struct jb_account *account);

/* --- account_work.c ---------------------------------------------------------------------------------------------- */

void jb_account_add_board(struct jb_account_row *row, const struct jb_interval *interval);
/* After energy and notes of the sums. */
void jb_account_add_work(const struct jb_account_builder *builder, struct jb_account *account);

/* --- account_cycles.c -------------------------------------------------------------------------------------------- */

/* R-CYCLES-01: method A beside the finished lines. */
void jb_account_cycles(const struct jb_account_builder *builder, struct jb_account *account);

/* --- account_notes.c --------------------------------------------------------------------------------------------- */

/* Adds a note, unless it stands there already. account->notes has room for JB_ACCOUNT_NOTES_MAX. */
void jb_account_note(struct jb_account *account, const char *format, ...) JB_PRINTF(2, 3);
/* Adds a factor; account->factors has room for JB_ACCOUNT_FACTORS_MAX. */
#define JB_ACCOUNT_FACTORS_MAX 8 /* of its own; those that were added come before */
void jb_account_factor(struct jb_account *account, const char *name, const char *value,
                       const char *source, const char *edition);
/* --- account_compare.c ------------------------------------------------------------------------------------------- */

/* The row of that channel on the host of `row`; NULL if it is not there, or is `row` itself. */
const struct jb_account_row *jb_account_row_of(const struct jb_account_builder *builder,
                                               const struct jb_account_row *row, const char *id);
/* R-ACCOUNT-08: notes of meters that see the same and disagree, or agree. */
void jb_account_compare(const struct jb_account_builder *builder, struct jb_account *account);

/* R-ACCOUNT-07: what the reader has to know about the sums. */
void jb_account_doubts(const struct jb_account_builder *builder, struct jb_account *account);

#endif
