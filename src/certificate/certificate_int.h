/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the certificate share: the table of fields, the scan, the sums. */
#ifndef JB_CERTIFICATE_CERTIFICATE_INT_H
#define JB_CERTIFICATE_CERTIFICATE_INT_H

#include "certificate/certificate.h"

/* What a field holds. */
enum certificate__form {
    CERTIFICATE_TEXT,    /* one line */
    CERTIFICATE_LINES,   /* lines, each ended by a line feed */
    CERTIFICATE_UTC,     /* a moment */
    CERTIFICATE_TOTAL,   /* of a layer: made by the sums */
    CERTIFICATE_COLUMN,  /* from here on a line for each run, in one order: any text */
    CERTIFICATE_WORDS,   /* words of a list */
    CERTIFICATE_MOMENTS, /* moments within from_utc .. to_utc */
    CERTIFICATE_COUNTS,  /* whole numbers */
    CERTIFICATE_FOURS,   /* four whole numbers */
    CERTIFICATE_FIGURES, /* "LOW BEST HIGH" or "unknown" */
};
enum {
    CERTIFICATE_NEEDED = 1, /* every certificate has it */
    CERTIFICATE_OPEN = 2,   /* is never withheld (R-CERT-06) */
};
struct certificate__row {
    const char *name; /* CERTIFICATE_TOTALS stands for the totals of all layers */
    enum certificate__form form;
    unsigned flags;
    const char *const *words; /* it holds one of them; NULL at their end */
};
#define CERTIFICATE_TOTALS   "total."
#define CERTIFICATE_N_LAYERS 3
#define CERTIFICATE_N_PARTS  8
#define CERTIFICATE_N_TOTALS 7
/* In the order in which they stand in the entry. */
extern const struct certificate__row certificate__rows[];
extern const char *const certificate__layers[];
extern const char *const certificate__parts[];
extern const char
    *const certificate__totals[]; /* names behind "total.LAYER." and, but for the first, "run." */
/* -1: none of them. */
int certificate__word(const char *const *words, const char *text, size_t len);
/* Where a field stands in the order; -1: no such field. *ret_row is its row. */
int certificate__place(const char *name, const struct certificate__row **ret_row);

/* The form alone. `room` has CERTIFICATE_ROOM(len) bytes and must live as long as *ret. */
#define CERTIFICATE_ROOM(len) ((len) + JB_ENTRY_BYTES_MAX + 1)
bool certificate__scan_payload(const char *payload, size_t len, char *room,
                               struct jb_certificate *ret);

/* The statement's subject: the files of the field "subjects" where it is open, else the tree. */
jb_rc certificate__subject(const struct jb_certificate *certificate, struct jb_buf *out,
                           struct jb_error *err);

bool certificate__take_numbers(const char *line, size_t len, int64_t *ret, size_t n);
/* Takes "LOW BEST HIGH" or "unknown"; false where it is neither. */
bool certificate__take_figure(const char *line, size_t len, bool *ret_is_known, int64_t ret[3]);

enum certificate__total {
    CERTIFICATE_RUNS,
    CERTIFICATE_DURATION,
    CERTIFICATE_ENERGY, /* the first of four figures */
    CERTIFICATE_COVERAGE = CERTIFICATE_ENERGY + 4,
};
struct certificate__sum {
    int64_t n_runs, duration_ns, fours[4];
    struct {
        int64_t n_known, low_best_high[3];
    } figures[4];
};
/* R-CERT-05: over all runs of a layer, and of each part of it. */
struct certificate__sums {
    /* The columns that are open; NULL: it is withheld, or there is none. */
    const struct jb_certificate_field *layer, *part, *columns[CERTIFICATE_N_TOTALS];
    struct certificate__sum layers[CERTIFICATE_N_LAYERS];
    struct certificate__sum parts[CERTIFICATE_N_LAYERS][CERTIFICATE_N_PARTS];
};
/* JB_E_RANGE where a sum does not fit 64 bits. Nothing is summed where the layers are withheld. */
JB_MUST_USE jb_rc certificate__sum(const struct jb_certificate *certificate,
                                   struct certificate__sums *ret, struct jb_error *err);
/* The value of "total.LAYER.TOTAL", and of "parts". */
void certificate__total_text(const struct certificate__sum *sum, int total, struct jb_buf *out);
void certificate__parts_text(const struct certificate__sums *sums, struct jb_buf *out);

/* The value of "methods", of the column "run.method". */
void certificate__methods_text(struct jb_certificate_lines lines, struct jb_buf *out);

/* R-CERT-06: a field that could be made of another, and is therefore withheld with it. NULL at the end. */
extern const struct certificate__derived {
    const char *from, *derived;
} certificate__derived[];

/* R-CERT-07: every condition judged again, from what is open. */
JB_MUST_USE jb_rc certificate__check_policy(const struct jb_certificate *certificate,
                                            struct jb_error *err);

/* What a coverage is, in words: "97.312 %". -1 ppm: nothing was measured. */
int64_t certificate__coverage_ppm(const int64_t fours[4]);
void certificate__coverage_text(int64_t ppm, struct jb_buf *out);

/*
 * Checks what the fields say: names and their order, forms of values, columns of one length, totals against the columns
 * (R-CERT-04, R-CERT-05). Sets n_runs and is_computed.
 */
JB_MUST_USE jb_rc certificate__check_fields(struct jb_certificate *certificate,
                                            struct jb_error *err);
/* The totals alone; sets is_computed. */
JB_MUST_USE jb_rc certificate__check_totals(struct jb_certificate *certificate,
                                            struct jb_error *err);
/* A field that was opened, and the totals again with it. */
JB_MUST_USE jb_rc certificate__check_opened(struct jb_certificate *certificate,
                                            const struct jb_certificate_field *field,
                                            struct jb_error *err);

#endif
