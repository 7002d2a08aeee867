/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of a bill's import share: what machines draw, what became of each group, the runs that come of them. */
#ifndef JB_PIPELINE_IMPORT_BILL_INT_H
#define JB_PIPELINE_IMPORT_BILL_INT_H

#include "estimate/estimate.h"
#include "pipeline/import_bill.h"

/* --- import_bill_rate.c: a thing billed by time, and what it draws ---------------------------------------------- */

/* Figures of a rate are those of this time: long enough that rounding is nothing, short enough for any machine. */
#define BILL_RATE_US (INT64_C(1000) * 3600 * 1000000)

/* R-BILL-12: a function of 1769 MiB has one processor's worth, as AWS publishes; share of it by memory. */
#define BILL_FUNCTION_MIB INT64_C(1769)
#define BILL_GIB_MIB      INT64_C(1024)

struct bill_rate {
    const struct jb_bill_group *of; /* the first group that had it */
    bool has_own_cpu;  /* of a function's memory: a share of a processor comes with it */
    char why_not[160]; /* "": it has figures */
    char label[72];    /* "aws p3.2xlarge" */
    char what[112];    /* "0.5 x NVIDIA Tesla M60, 16 threads of Intel Xeon E5-2686 v4" */
    int64_t n_boards_milli;
    struct jb_figure whole_uj, boards_uj; /* of BILL_RATE_US; boards are in the whole */
    char boards_key[48], host_key[48];    /* doubts that other runs share */
    size_t n_factors;
    uint16_t factors[JB_ESTIMATE_FACTORS_MAX]; /* places in the list of all */
};

struct bill_rates {
    size_t n, size;
    struct bill_rate *list;
    size_t n_factors, factors_size;
    struct jb_factor *factors;
    struct jb_estimate *estimate; /* room to work in */
};

void bill_rates_release(struct bill_rates *rates);
/* The place in rates->list of what an INSTANCE or a FUNCTION is billed by; `has_own_cpu` as above. A name that the
 * catalogue does not know is an answer (why_not), no error. */
JB_MUST_USE jb_rc bill_rate_find(struct bill_rates *rates, const struct jb_bill_group *group,
                                 bool has_own_cpu, size_t *ret_at, struct jb_error *err);
/* Energy of `time_us` of it. JB_E_RANGE. */
JB_MUST_USE jb_rc bill_rate_energy(const struct jb_figure *rate, int64_t time_us,
                                   struct jb_figure *ret_uj, struct jb_error *err);

/* --- import_bill_place.c: what becomes of every group ----------------------------------------------------------- */

enum bill_fate {
    BILL_FATE_LEFT,
    BILL_FATE_ENERGY, /* it has energy of its own */
    BILL_FATE_MARKUP, /* a service that its run's machines are marked up for */
};

struct bill_place {
    const struct jb_bill_group *group;
    enum bill_fate fate;
    bool has_run;    /* something of this name and region has energy */
    size_t rate;     /* of INSTANCE and FUNCTION */
    size_t markup;   /* of SERVICE */
    const char *why; /* LEFT: lives with the bill or the program; NULL: the rate's why_not */
};

struct bill_import {
    struct jb_ledger *ledger; /* NULL: a dry run */
    const struct jb_import_bill_order *order;
    struct jb_reconstruct *reconstruct;
    struct bill_rates rates;
    size_t n;
    struct bill_place *places; /* by paper, run, region, rate */
    struct jb_rebuilt *rebuilt;
    size_t lines_size;
    struct jb_rebuilt_line *lines; /* of a run, before the least are put together */
    size_t left_size;
    struct jb_import_bill_result result;
};

/* Room for one more in an array that doubles. */
JB_MUST_USE jb_rc bill_grow(void *array_pointer, size_t *size, size_t n, size_t each,
                            struct jb_error *err);

JB_MUST_USE jb_rc bill_place_all(struct bill_import *import, struct jb_error *err);
/* Groups of one paper; of one run's text in it; of one region in that. */
bool bill_is_same_paper(const struct bill_place *a, const struct bill_place *b);
bool bill_is_same_name(const struct bill_place *a, const struct bill_place *b);
bool bill_is_same_region(const struct bill_place *a, const struct bill_place *b);
const char *bill_why(const struct bill_import *import, const struct bill_place *place);
/* Counts rows and costs of every group as entered or left, and lists what is left. */
JB_MUST_USE jb_rc bill_count_all(struct bill_import *import, struct jb_error *err);
JB_MUST_USE jb_rc bill_add_costs(struct jb_bill_costs *costs, const struct jb_bill_group *group,
                                 struct jb_error *err);

/* --- import_bill_run.c: a run of them --------------------------------------------------------------------------- */

/* Groups first..first+n of one region make one run; `whole` are those of all its regions. is_first: the first run of them,
 * to which services of regions without one are counted. */
struct bill_part {
    const struct bill_place *first;
    size_t n;
    const struct bill_place *whole;
    size_t n_whole;
    bool is_first;
};
/* Fills import->rebuilt, but for its key; costs, rows and hours to *ret. */
JB_MUST_USE jb_rc bill_make_run(struct bill_import *import, const struct bill_part *part,
                                struct jb_bill_costs *ret_costs, struct jb_bill_entered *ret,
                                struct jb_error *err);
/* Where the region is: zone and PUE, with notes, unless the user stated them. */
void bill_set_place(const struct jb_bill_group *group, const struct jb_run *facts,
                    struct jb_rebuilt *rebuilt);
void bill_note(struct jb_rebuilt *rebuilt, const char *format, ...) JB_PRINTF(2, 3);
bool bill_has_energy(const struct bill_place *places, size_t n);

/* --- import_bill_paper.c ---------------------------------------------------------------------------------------- */

void bill_paper_key(const struct jb_bill_group *group, char ret_key[JB_REBUILT_KEY]);
/* Over what n groups of a paper tell, what of it is accounted, and what the user states; no edition of a catalogue. */
JB_MUST_USE jb_rc bill_paper_digest(const struct bill_import *import,
                                    const struct bill_place *places, size_t n, struct jb_hash *ret,
                                    struct jb_error *err);

#endif
