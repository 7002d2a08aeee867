/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement: what a provider's book has of a customer's work in a period, the work itself and what runs beside it apart
 * (docs/method/statement.md; as a file docs/format/statement.md). Energies are microjoules; a figure that is not known is
 * absent, never zero. Texts are "" where not given.
 */
#ifndef JB_MODEL_STATEMENT_H
#define JB_MODEL_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/account.h"

#define JB_STATEMENT_SCHEMA    "joulebook.statement/1"
#define JB_STATEMENT_ITEMS_MAX 100000
#define JB_STATEMENT_NOTES_MAX 16
#define JB_STATEMENT_FACTORS   32
#define JB_STATEMENT_DEVICES   5 /* enum jb_device */
#define JB_STATEMENT_ORIGINS   7 /* enum jb_origin */

/* R-STATEMENT-02: what idle energy a run bears. */
enum jb_idle_rule {
    JB_IDLE_RESERVED, /* of the processors it kept reserved; the rest is nobody's */
    JB_IDLE_ALL,      /* all of it, among the runs that were there */
};
const char *jb_idle_rule_name(enum jb_idle_rule rule); /* "reserved", "all" */
int jb_idle_rule_from_name(const char *name);          /* -1 */

/* What a provider may keep to itself (R-STATEMENT-07); one bit each. */
enum jb_statement_part {
    JB_STATEMENT_NAMES,    /* of items: jobs, VMs, projects */
    JB_STATEMENT_RUNS,     /* ids of runs */
    JB_STATEMENT_HOSTS,    /* names of machines */
    JB_STATEMENT_HARDWARE, /* names of boards */
    JB_STATEMENT_TIMES,    /* begin and end of each item */
    JB_STATEMENT_DEVICE,   /* work by device */
    JB_STATEMENT_ORIGIN,   /* work by origin */
    JB_STATEMENT_COVERAGE,
    JB_STATEMENT_FACTORS_PART,
    JB_STATEMENT_NOTES_PART,
    JB_STATEMENT_BOOK, /* what the provider's book has in all */
    JB_STATEMENT_PARTS,
};
const char *jb_statement_part_name(enum jb_statement_part part); /* "names" ... "book" */

/* The four that are told apart. `facility_uj` may be unknown, the others never are. */
struct jb_statement_energy {
    struct jb_figure work_uj, idle_uj, platform_uj, facility_uj;
};

struct jb_statement_item {
    char name[JB_RUN_TEXT];          /* of the job, VM, project ...; "" not told */
    char hardware[JB_CHANNEL_LABEL]; /* its boards, where all are one kind */
    char *hosts, *runs;              /* one a line, sorted, each ended by LF; owned; NULL: none */
    int64_t n_runs;
    int64_t start_utc_us, end_utc_us; /* within the period; 0 not told */
    int64_t duration_ns;              /* of its runs within the period, added up */
    int64_t board_ns;                 /* boards' time that its runs were charged in */
    enum jb_method method;
    struct jb_statement_energy energy;
    int64_t device_uj[JB_STATEMENT_DEVICES]; /* work, best */
    int64_t origin_uj[JB_STATEMENT_ORIGINS]; /* work, best */
    struct jb_coverage coverage;
    int64_t n_gaps;
};

/* R-STATEMENT-04: metered = items + tenants + nobody + discrepancy; facility likewise, but discrepancy has none. */
struct jb_statement_book {
    int64_t metered_uj;     /* what the book's meters gave in the period, each microjoule once */
    int64_t items_uj;       /* work, idle and platform of this statement */
    int64_t tenants_uj;     /* of all other runs, and what no run used */
    int64_t nobody_uj;      /* idle and platform that no run bears */
    int64_t discrepancy_uj; /* what parents read below their parts, negative */
    bool has_facility;
    int64_t facility_uj, facility_items_uj, facility_tenants_uj, facility_nobody_uj;
};

struct jb_statement {
    char provider[JB_RUN_TEXT];
    char recipient[JB_RUN_TEXT]; /* the customer or project; "" everybody */
    char id[JB_RUN_TEXT];        /* with provider and period: the same statement again */
    char by[JB_RUN_TEXT]; /* what an item is: "job", "vm", "project", "run", "whole", "tag:NAME" */
    char software[64];
    int64_t since_utc_us, until_utc_us;
    int64_t issued_utc_us;
    int64_t round_uj;  /* 1: to the microjoule */
    int64_t pue_milli; /* facility was reckoned with; -1 not known */
    enum jb_idle_rule idle_rule;
    unsigned withheld; /* bits of enum jb_statement_part */
    size_t n_items;
    struct jb_statement_item *items; /* by name */
    struct jb_statement_item total;  /* of the items; name, hosts and runs empty */
    struct jb_statement_book book;   /* unless withheld */
    size_t n_factors;
    struct jb_factor factors[JB_STATEMENT_FACTORS];
    size_t n_notes;
    char notes[JB_STATEMENT_NOTES_MAX][JB_NOTE];
};
/* Adds runs and energy of an item to another; JB_E_RANGE where a sum does not fit. Bands are added up. */
JB_MUST_USE jb_rc jb_statement_add(struct jb_statement_item *sum,
                                   const struct jb_statement_item *item);
/* `total` anew, from the items. */
JB_MUST_USE jb_rc jb_statement_total(struct jb_statement *statement);
void jb_statement_release(struct jb_statement *statement);

#endif
