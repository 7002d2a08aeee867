/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of reconstruct share: the papers and runs that the book has, and the paper at hand. */
#ifndef JB_PIPELINE_RECONSTRUCT_INT_H
#define JB_PIPELINE_RECONSTRUCT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "pipeline/reconstruct.h"

/* A paper in the book: the last of its entries counts. */
struct reconstruct__paper {
    struct jb_hash id, digest;
    int64_t seq;        /* of that entry; 0: the place in the table is free */
    int64_t n_versions; /* entries of this paper */
    int64_t n_rows;     /* it was made of; 0: not told */
};
/* Open addressing; `size` is a power of two. */
struct reconstruct__papers {
    size_t n, size;
    struct reconstruct__paper *slots;
};

/* A run of a paper. */
struct reconstruct__link {
    struct jb_hash paper;
    int64_t seq;
    char run_id[JB_RUN_ID];
};
struct reconstruct__links {
    bool is_read;
    size_t n, size;
    size_t n_sorted; /* by paper, then by the order of entering; those behind were entered since */
    struct reconstruct__link *list;
};

/* A measured run, as far as it can be compared with what a paper tells. Texts as checksums, 0 where nothing is known. */
struct reconstruct__measured {
    char run_id[JB_RUN_ID];
    int64_t start_utc_us, end_utc_us;
    uint64_t job, project, model, host;
};
struct reconstruct__measured_runs {
    bool is_read;
    size_t n, size;
    struct reconstruct__measured *list; /* newest first */
    int64_t longest_us;
};

struct jb_reconstruct {
    struct jb_ledger *ledger;
    const struct jb_clock *clock;
    enum jb_layer layer; /* of its runs: reconstructed or predicted */
    char file[JB_RUN_TEXT];
    char command[JB_RUN_COMMAND];
    struct reconstruct__papers papers;
    struct reconstruct__links links;
    struct reconstruct__measured_runs measured;
    int64_t
        last_id_us; /* at which the last run's id was made: ids of one order tell apart by their beginning */
    int64_t first_seq; /* entries that were in the book when the order began */
    /* the paper at hand */
    bool is_begun;
    bool is_told_twice; /* what it takes the place of is of this order */
    enum jb_paper_state state;
    char source[24];
    char paper_text[2 * JB_HASH_BYTES + 1]; /* its id */
    struct jb_hash paper;
    int64_t paper_seq, version; /* version: how many entries the paper had before */
    size_t n_runs;              /* given so far */
    int64_t n_rows;             /* it is made of; 0: not told */
    struct jb_replaced replaced;
    size_t digests_size;
    struct jb_hash *digests; /* of those runs */
};

/* --- reconstruct_paper.c ----------------------------------------------------------------------------------------- */

JB_MUST_USE jb_rc reconstruct__read_papers(struct jb_reconstruct *reconstruct,
                                           struct jb_error *err);
/* The n-th run that was entered for the paper as it now is, from 0; "" if there is none. */
JB_MUST_USE jb_rc reconstruct__nth_run(struct jb_reconstruct *reconstruct, size_t n,
                                       char ret_run_id[JB_RUN_ID], struct jb_error *err);
/* The value of an entry's field; "" if it has none, or it was erased. */
const char *reconstruct__field(const struct jb_entry *entry, const char *name);
/* Runs of papers, sorted. */
JB_MUST_USE jb_rc reconstruct__read_links(struct jb_ledger *ledger,
                                          struct reconstruct__links *links, struct jb_error *err);
/* Remembers a run that was entered for the paper at hand. */
JB_MUST_USE jb_rc reconstruct__remember_run(struct jb_reconstruct *reconstruct, const char *run_id,
                                            struct jb_error *err);
/* Room for one more in an array that doubles. */
JB_MUST_USE jb_rc reconstruct__grow(void *array_pointer, size_t *size, size_t n, size_t each,
                                    struct jb_error *err);

/* --- reconstruct_work.c ------------------------------------------------------------------------------------------ */

/* Lines, method, notes and factors of a run that has_work, by estimate/; *ret_whole_uj is the energy of all of it. */
JB_MUST_USE jb_rc reconstruct__estimate(struct jb_rebuilt *rebuilt, struct jb_figure *ret_whole_uj,
                                        struct jb_error *err);

/* --- reconstruct_post.c ------------------------------------------------------------------------------------------ */

/* R-REBUILT-04: IT energy of what a line tells, and what the PUE in it adds; their best figures sum to what was told. */
JB_MUST_USE jb_rc reconstruct__take_out_pue(const struct jb_figure *told, int64_t pue_milli,
                                            struct jb_figure *ret_it, int64_t *ret_facility_uj);
/* Posts the lines of a run that is open and complete; run.pue_milli has been taken out of them. */
JB_MUST_USE jb_rc reconstruct__post(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                                    struct jb_error *err);
/* What of a run is no line: energy as a whole where it was estimated, the facility's part where it was told. */
struct reconstruct__whole {
    struct jb_figure energy_uj; /* unknown: as the lines give it */
    int64_t facility_uj;        /* -1: not told */
};
/* Notes, factors, band and facility. */
JB_MUST_USE jb_rc reconstruct__enter_records(struct jb_ledger *ledger,
                                             const struct jb_rebuilt *rebuilt,
                                             const struct reconstruct__whole *whole,
                                             struct jb_error *err);

/* --- reconstruct_match.c ----------------------------------------------------------------------------------------- */

/* R-REBUILT-07: the measured run that looks like the same work; "" if there is none. */
JB_MUST_USE jb_rc reconstruct__match(struct jb_reconstruct *reconstruct, const struct jb_run *run,
                                     char ret_run_id[JB_RUN_ID], struct jb_error *err);

#endif
