/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cloud bills to sums: rows of any number and size go by once, are told apart by a format's mapping table, and stay as
 * groups of what an account can be made of. Memory does not grow with the file. Rules R-BILL-*: docs/method/bills.md.
 */
#ifndef JB_IMPORT_BILL_H
#define JB_IMPORT_BILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "import/import.h"

/* What one row is, decided by the mapping table and the row alone. */
enum jb_bill_class {
    JB_BILL_INSTANCE, /* hours of an instance type */
    JB_BILL_FUNCTION, /* milliseconds, or GB-seconds, of a function */
    JB_BILL_SERVICE,  /* a managed service: energy by a stated mark-up only */
    JB_BILL_ENERGY,   /* a row that tells kWh itself */
    JB_BILL_NOT, /* corrections, credits, taxes, purchases, discounts: no energy, with a reason */
    JB_BILL_UNKNOWN, /* usage that nothing here can turn into energy, with a reason */
};

/* What an INSTANCE or a FUNCTION is billed by. */
enum jb_bill_part {
    JB_BILL_WHOLE,      /* the machine, or the function's run */
    JB_BILL_VCPU,       /* one virtual processor of it */
    JB_BILL_MEMORY_GIB, /* one GiB of memory of it: instance_us counts GiB x time */
    JB_BILL_GPU,        /* one accelerator, which `instance` names */
};

#define JB_BILL_TEXT \
    256 /* longest text kept of a field, with the NUL; what is longer ends in "..." */

/* Rows alike in everything that matters for energy. Texts are "" where the bill has none, clean, and live with the bill. */
struct jb_bill_group {
    const char *account;                            /* billing account */
    const char *provider;                           /* as the bill writes it */
    int64_t period_start_utc_us, period_end_utc_us; /* billing period, end exclusive; 0 unknown */
    const char
        *run; /* by the user's rule: the value of a tag, a resource, a sub-account; "" none */
    enum jb_bill_class class;
    enum jb_bill_part part;
    const char *reason; /* NOT, UNKNOWN: why; SERVICE: of what kind ("storage") */
    const char
        *instance; /* INSTANCE: "p3.2xlarge"; of parts the family "N1" or "Nvidia Tesla V100" */
    const char *service;
    const char *region;
    const char *unit; /* of quantity, as the bill writes it */
    const char *currency;
    int64_t n_rows;
    int64_t first_line;                /* of the file in which it was first met */
    int64_t first_utc_us, last_utc_us; /* charge periods: first begin, last end; 0 unknown */
    bool has_quantity;     /* false: no row has one, or the sum passes int64 (no energy's) */
    int64_t quantity_nano; /* 1e-9 units, summed exactly, rounded once */
    int64_t instance_us;   /* INSTANCE, FUNCTION: time, of all of them together */
    int64_t energy_uj;     /* ENERGY */
    /* In micro-units of the currency; may be negative. Groups of a currency sum to the file's rounded sum (R-BILL-04). */
    int64_t cost_micro; /* as billed */
    bool has_effective_cost, has_list_cost;
    int64_t effective_cost_micro; /* amortised */
    int64_t list_cost_micro;
};

/* What becomes one run. */
enum jb_bill_by {
    JB_BILL_BY_ACCOUNT, /* sub-account, project, subscription */
    JB_BILL_BY_TAG,     /* value of the tag `name` */
    JB_BILL_BY_RESOURCE,
    JB_BILL_BY_SERVICE,
};
struct jb_bill_rule {
    enum jb_bill_by by;
    const char *name; /* of the tag */
};

struct jb_bill_format; /* a mapping table: src/import/bill_format_<provider>.c */
struct jb_bill_format_info {
    const char *name; /* "focus", "aws-cur", "azure", "gcp" */
    const char *summary;
};
size_t jb_bill_n_formats(void);
struct jb_bill_format_info jb_bill_format_at(size_t i);
const struct jb_bill_format *jb_bill_format_find(const char *name);

#define JB_BILL_GROUPS_MAX 20000

struct jb_bill; /* the groups of one or several files read */
JB_MUST_USE jb_rc jb_bill_new(const struct jb_bill_format *format, const struct jb_bill_rule *rule,
                              struct jb_bill **ret_bill, struct jb_error *err);
void jb_bill_free(struct jb_bill *bill);
JB_AUTO_POINTER(struct jb_bill, jb_bill_free)

/* Adds a file, CSV or CSV in gzip; "-" is standard input. JB_E_INPUT names file, line and column and leaves the sums
 * unusable. JB_E_RANGE: more than JB_BILL_GROUPS_MAX groups; the hint is a coarser rule. `progress` may be NULL; it is
 * called in the caller's thread. */
JB_MUST_USE jb_rc jb_bill_read(struct jb_bill *bill, const char *path,
                               const struct jb_import_progress *progress, struct jb_error *err);

/* After the last file: the sums, rounded once. JB_E_RANGE where hours, energy or cost of a group pass int64. */
JB_MUST_USE jb_rc jb_bill_finish(struct jb_bill *bill, struct jb_error *err);

/* Once finished. Sorted by account, period, run, class, provider, region, service, instance: the same rows in any order
 * give the same list, first_line apart. */
size_t jb_bill_n_groups(const struct jb_bill *bill);
const struct jb_bill_group *jb_bill_group_at(const struct jb_bill *bill, size_t i);
int64_t jb_bill_n_rows(const struct jb_bill *bill);
int64_t jb_bill_n_bytes(const struct jb_bill *bill); /* as read, uncompressed */

#endif
