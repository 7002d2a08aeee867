/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the bill reader share: mapping tables, scanner, numbers, groups. Inside import/ only. */
#ifndef JB_IMPORT_BILL_INT_H
#define JB_IMPORT_BILL_INT_H

#include <pthread.h>

#include "base/compiler.h"
#include "import/bill.h"

/* ---- mapping tables: bill_format_*.c ---- */

/* What a column of a bill can tell. Texts first, then numbers and times. */
enum jb_bill_column {
    BILL_ACCOUNT,
    BILL_PROVIDER,
    BILL_PERIOD_START,
    BILL_PERIOD_END,
    BILL_CURRENCY,
    BILL_CATEGORY,   /* usage, tax, credit, ... */
    BILL_CLASS,      /* correction */
    BILL_COMMITMENT, /* whether what was committed to was used */
    BILL_CAPACITY,   /* and what was reserved */
    BILL_FAMILY,     /* kind of service or product */
    BILL_SERVICE,
    BILL_RESOURCE_TYPE,
    BILL_METER,
    BILL_DESCRIPTION,
    BILL_DETAILS, /* JSON, or text */
    BILL_INSTANCE,
    BILL_UNIT,
    BILL_PRICING_UNIT,
    BILL_REGION,
    BILL_RUN, /* what the user's rule picks: never in a table */
    BILL_N_TEXTS,
    BILL_QUANTITY = BILL_N_TEXTS,
    BILL_PRICING_QUANTITY,
    BILL_COST,
    BILL_EFFECTIVE_COST,
    BILL_LIST_COST,
    BILL_N_NUMBERS,
    BILL_TIME_START = BILL_N_NUMBERS,
    BILL_TIME_END,
    BILL_N_COLUMNS,
};

/* Names are parted by '|', the best first; letter case does not count. */
struct bill_column_names {
    enum jb_bill_column column;
    bool is_needed;
    const char *names;
};

/* How a condition looks at a text; case does not count, '|' parts alternatives. */
enum bill_match {
    BILL_ALWAYS, /* no condition */
    BILL_IS,
    BILL_IS_NOT,
    BILL_HAS,
    BILL_BEGINS,
    BILL_EMPTY,
    BILL_UNIT_IS, /* the unit's kind is `unit_kind` */
};
enum bill_unit_kind {
    BILL_UNIT_OTHER,
    BILL_UNIT_TIME,
    BILL_UNIT_MEMORY_TIME, /* GiB x time */
    BILL_UNIT_ENERGY,
};
struct bill_when {
    enum bill_match match;
    enum jb_bill_column column;
    const char *text;
    enum bill_unit_kind unit_kind;
};

/* How an instance type looks, so that it is found in a sentence. */
enum bill_shape {
    BILL_SHAPE_ALL,         /* the column holds nothing else */
    BILL_SHAPE_AWS,         /* a word such as p3.2xlarge, ml.g5.xlarge, db.r6g.large */
    BILL_SHAPE_AZURE,       /* Standard_NC6s_v3 */
    BILL_SHAPE_AZURE_METER, /* "NC6s v3", "D2 v3/DS2 v3", "NC6 Spot": up to a slash or a word of a plan */
    BILL_SHAPE_GCP,         /* a word such as n1-standard-8, a2-highgpu-1g */
    BILL_SHAPE_GCP_FAMILY, /* the first word such as N1, A2, C2D */
    BILL_SHAPE_BEFORE,     /* what stands before `word`, without words of a plan */
};
/* One place where an instance type may be named. */
struct bill_clue {
    enum jb_bill_column column;
    enum bill_shape shape;
    const char *key;  /* of a JSON column, parted by '|'; NULL: the text itself */
    const char *word; /* BILL_SHAPE_BEFORE */
};

#define BILL_WHENS 3
/* The first law whose conditions all hold says what a row is; one with clues needs one of them to be found too. */
struct bill_law {
    struct bill_when when[BILL_WHENS];
    enum jb_bill_class class;
    enum jb_bill_part part;
    const char *reason;
    const struct bill_clue *clues; /* NULL: none needed */
    const char *instance;          /* instead of clues */
    int64_t n_machines;            /* of one row's hour; 0 is one */
};
#define BILL_WHEN(how, where, what)                                 \
    {                                                               \
        .match = BILL_##how, .column = BILL_##where, .text = (what) \
    }
#define BILL_WHEN_UNIT(kind_of_unit)                                 \
    {                                                                \
        .match = BILL_UNIT_IS, .unit_kind = BILL_UNIT_##kind_of_unit \
    }

struct jb_bill_format {
    struct jb_bill_format_info info;
    const char *provider; /* where no column says */
    const struct bill_column_names *columns;
    size_t n_columns;
    /* Which column each rule of the user takes; BILL_BY_TAG: the columns of JSON, */
    const char *by_account, *by_resource, *by_service, *tags;
    const char *tag_columns; /* and the beginnings of columns of one tag each, */
    const char *tag_keys;    /* and of keys inside, parted by '|'; "" is one */
    const struct bill_law *laws;
    size_t n_laws;
    bool is_period_end_inclusive; /* the period's end is its last day */
    bool is_month_first;          /* 04/30/2024 */
};
extern const struct jb_bill_format jb_bill_focus, jb_bill_aws, jb_bill_azure, jb_bill_gcp;

/* ---- scanner: bill_scan*.c ---- */

#define BILL_PAD 64 /* bytes after a block that may be read; their content does not matter */

/* What a block holds, before its rows are looked at. */
struct bill_count {
    size_t n_quotes, n_newlines;
};
/* Where fields end: every comma and newline outside quotes; where rows end: the newlines of them. */
struct bill_marks {
    uint32_t *ends; /* room for the block's length + BILL_PAD each */
    uint32_t *rows;
    size_t n_ends, n_rows;
    bool has_stray_quote; /* one that neither begins nor ends a field */
};
/* A block begins outside quotes; `len` is at most BILL_BLOCK_MAX. */
struct bill_scanner {
    const char *name;
    bool (*is_usable)(void);
    struct bill_count (*count)(const char *bytes, size_t len);
    void (*mark)(const char *bytes, size_t len, struct bill_marks *marks);
};
/* The best last; the first is plain C. */
size_t jb_bill__n_scanners(void);
const struct bill_scanner *jb_bill__scanner_at(size_t i);
const struct bill_scanner *jb_bill__scanner(void); /* the best that this machine can run */
extern const struct bill_scanner jb_bill__scanner_plain;
extern const struct bill_scanner jb_bill__scanners_x86[];
extern const size_t jb_bill__n_scanners_x86;

/* ---- numbers: bill_number.c ---- */

#define BILL_SCALE 15
/* A decimal as 1e-15 units; empty and NULL are absent. JB_E_INPUT, or JB_E_RANGE from 1e21 on. */
jb_rc jb_bill__decimal(const char *text, size_t len, jb_i128 *ret);
/* *ret = value * num / den / 10^BILL_SCALE, to nearest, half away from zero. */
jb_rc jb_bill__scaled(jb_i128 value, int64_t num, int64_t den, int64_t *ret);
/* ISO 8601 with T or blank, with or without seconds, fraction, zone (none is UTC), time of day; "202409";
 * 04/30/2024. *ret_is_day where it has no time of day. */
jb_rc jb_bill__time(const char *text, size_t len, bool is_month_first, int64_t *ret_utc_us,
                    bool *ret_is_day);
/* The last month of a column, and its last text: most rows are of the same month. Clear it first. */
struct bill_time_memo {
    size_t len;
    char text[40];
    int64_t utc_us;
    bool is_day;
    char month[8]; /* "2026-10-" */
    int64_t month_us;
    int64_t n_days; /* of it */
};
/* The same, not empty. */
jb_rc jb_bill__time_again(struct bill_time_memo *memo, const char *text, size_t len,
                          bool is_month_first, int64_t *ret_utc_us, bool *ret_is_day);
/* The first moment of the month of utc_us, and of the one after. */
void jb_bill__month(int64_t utc_us, int64_t *ret_start_us, int64_t *ret_end_us);

struct bill_unit {
    const char *name;
    enum bill_unit_kind kind;
    int64_t num, den; /* TIME, MEMORY_TIME: us of one; ENERGY: uJ of one */
};
/* A leading count ("100 Hours") is taken off, 1 if there is none; NULL where the unit is no kind that matters. */
const struct bill_unit *jb_bill__unit(const char *text, int64_t *ret_multiple);

/* ---- rows to what they are: bill_class.c ---- */

/* A row's texts, unquoted, "" where absent. */
struct bill_texts {
    const char *text[BILL_N_TEXTS];
};
struct bill_verdict {
    enum jb_bill_class class;
    enum jb_bill_part part;
    const char *reason;
    char instance[JB_BILL_TEXT];
    const char *unit;
    const struct bill_unit *of; /* NULL: no time, no energy */
    int64_t multiple;           /* of the unit: priced by the hundred, two machines at once */
    bool is_pricing_quantity;
};
/* `has` and `has_pricing`: whether the row gives either quantity. */
void jb_bill__classify(const struct jb_bill_format *format, const struct bill_texts *texts,
                       bool has_quantity, bool has_pricing_quantity, struct bill_verdict *ret);
bool jb_bill__matches(enum bill_match match, const char *text, const char *alternatives);
/* Next of the alternatives in *list, parted by '|'; false at the end. */
bool jb_bill__next(const char **list, const char **ret, size_t *ret_len);
bool jb_bill__same(const char *a, size_t a_len, const char *b, size_t b_len); /* but for case */

/* The value of the key prefix + name, both lists parted by '|', in a JSON object or in an array of {"key":, "value":};
 * letter case does not count. Numbers as they are written. False if it has none. bill_json.c */
bool jb_bill__json_value(const char *json, size_t len, const char *prefixes, const char *names,
                         char *buf, size_t size);
/* The same of a CSV field with its quotes, for objects of texts without escapes; *ret_known is false where it is anything
 * else, and the field is to be unquoted for the other. Borrowed from the field. One name. */
bool jb_bill__json_glance(const char *field, size_t len, const char *prefixes, const char *name,
                          const char **ret, size_t *ret_len, bool *ret_known);
/* A CSV field without its quotes, NULL and nothing as ""; `buf` has room for len + 1. */
void jb_bill__unquote(const char *field, size_t len, char *buf);

/* ---- groups: bill_groups.c ---- */

/* What makes rows alike, in three parts, since each comes from other columns. Equal ones are the same pointer: texts of
 * them are interned, and the structs are cleared before they are filled. */
struct bill_what {
    const char *reason, *instance, *service, *unit;
    const struct bill_unit *of;
    int64_t multiple;
    enum jb_bill_class class;
    enum jb_bill_part part;
};
struct bill_where {
    const char *account, *provider, *region, *currency;
    int64_t period_start_utc_us, period_end_utc_us;
};
struct bill_key {
    const struct bill_what *what;
    const struct bill_where *where;
    const char *run;
};
#define BILL_N_SUMS (BILL_N_NUMBERS - BILL_QUANTITY)
struct bill_sums {
    int64_t n_rows, first_line;
    int64_t first_utc_us, last_utc_us; /* INT64_MAX, INT64_MIN: none yet */
    bool has[BILL_N_SUMS];
    jb_i128 sum[BILL_N_SUMS]; /* PRICING_QUANTITY is summed into QUANTITY */
};
struct bill_groups;
struct bill_groups *jb_bill__groups_new(void);
void jb_bill__groups_free(struct bill_groups *groups);
/* A clean copy that lives with the groups; NULL without memory. */
const char *jb_bill__intern(struct bill_groups *groups, const char *text);
const struct bill_what *jb_bill__what(struct bill_groups *groups, const struct bill_what *what);
const struct bill_where *jb_bill__where(struct bill_groups *groups, const struct bill_where *where);
/* JB_E_RANGE: more than JB_BILL_GROUPS_MAX. */
jb_rc jb_bill__group_of(struct bill_groups *groups, const struct bill_key *key, size_t *ret_at,
                        struct jb_error *err);
size_t jb_bill__groups_n(const struct bill_groups *groups);
const struct bill_key *jb_bill__groups_key(const struct bill_groups *groups, size_t at);
void jb_bill__sums_clear(struct bill_sums *sums);
/* False where a sum passes 128 bits. */
bool jb_bill__sums_add(struct bill_sums *to, const struct bill_sums *from);

/* ---- what was met before: bill_memo.c ---- */

struct bill_field {
    const char *at;
    size_t len;
};
struct bill_memo {
    struct bill_memo_slot *slots;
    char *bytes;
    size_t n, n_slots, n_bytes, max_bytes;
};
/* n_slots is a power of two. False without memory; release it in any case. */
bool jb_bill__memo_init(struct bill_memo *memo, size_t n_slots, size_t max_bytes);
void jb_bill__memo_release(struct bill_memo *memo);
uint64_t jb_bill__hash_two(uint64_t a, uint64_t b);
/* Goes on from `hash`; 64 bits, not secret: what it finds is compared. */
uint64_t jb_bill__hash_fields(uint64_t hash, const struct bill_field *fields, size_t n);
const void *jb_bill__recall(const struct bill_memo *memo, uint64_t hash,
                            const struct bill_field *fields, size_t n);
/* Must not be there yet. */
void jb_bill__remember(struct bill_memo *memo, uint64_t hash, const struct bill_field *fields,
                       size_t n, const void *leads_to);

/* ---- rows: bill_layout.c, bill_rows.c ---- */

#define BILL_BLOCK_MAX   (256 * 1024) /* and the longest row */
#define BILL_COLUMNS_MAX 4096

/* Columns side by side, which are remembered as one text, commas and all. */
struct bill_span {
    int first, last;
};
struct bill_spans {
    struct bill_span
        one[BILL_N_TEXTS + 2]; /* ascending, never touching; room for one more than can be */
    size_t n;
};
/* Where the columns of a file are, from its first row. */
struct bill_layout {
    size_t n_columns;
    int at[BILL_N_COLUMNS]; /* -1: not there */
    char name[BILL_N_COLUMNS][64];
    struct bill_spans what,
        where;        /* the columns that say what a row is, and whose, where and when */
    bool is_run_json; /* at[BILL_RUN] holds JSON in which the rule's tag is looked up */
};
jb_rc jb_bill__layout(const struct jb_bill_format *format, const struct jb_bill_rule *rule,
                      const char *row, size_t len, struct bill_layout *ret, struct jb_error *err);

/* What the threads that read a file share. */
struct bill_shared {
    const struct jb_bill_format *format;
    const struct jb_bill_rule *rule;
    const struct bill_scanner *scanner;
    const struct bill_layout *layout;
    struct bill_groups *groups;
    pthread_mutex_t *lock; /* of groups */
};

/* What a row adds to its group. */
struct bill_taken {
    struct bill_key key;
    int64_t line;
    int64_t first_utc_us, last_utc_us; /* INT64_MAX, INT64_MIN: none */
    bool has[BILL_N_SUMS];
    jb_i128 value[BILL_N_SUMS];
};
/* One thread's rows and sums: bill_batch.c. `shared` outlives it. */
struct bill_batch;
struct bill_batch *jb_bill__batch_new(const struct bill_shared *shared);
void jb_bill__batch_free(struct bill_batch *batch);
struct bill_taken *jb_bill__batch_next(struct bill_batch *batch); /* room for a row, to be put */
jb_rc jb_bill__batch_put(struct bill_batch *batch, struct jb_error *err);
/* All rows put so far. After a failure, which is that of the first row that has one, the sums are of no use. */
jb_rc jb_bill__batch_settle(struct bill_batch *batch, struct jb_error *err);
jb_rc jb_bill__batch_give(const struct bill_batch *batch, struct bill_sums *sums, int64_t *n_rows,
                          struct jb_error *err);
jb_rc jb_bill__no_memory(struct jb_error *err);

/* One thread's work on the rows of blocks. */
struct bill_worker;
struct bill_worker *jb_bill__worker_new(const struct bill_shared *shared, size_t block_bytes);
void jb_bill__worker_free(struct bill_worker *worker);
char *jb_bill__worker_bytes(struct bill_worker *worker); /* a block's room, and BILL_PAD after it */
/* Whole rows, the first one on line `line`, with n_newlines altogether. The message names line and column, not the file. */
jb_rc jb_bill__worker_take(struct bill_worker *worker, size_t len, size_t n_newlines, int64_t line,
                           struct jb_error *err);
/* Adds what it summed to `sums`, one for each group, zero where nothing was added yet. */
jb_rc jb_bill__worker_give(struct bill_worker *worker, struct bill_sums *sums, int64_t *n_rows,
                           struct jb_error *err);

/* ---- files: bill_source.c, bill_read.c ---- */

/* Bytes of a file, out of gzip where they are in it. */
struct bill_source;
jb_rc jb_bill__source_open(const char *path, struct bill_source **ret, struct jb_error *err);
void jb_bill__source_close(struct bill_source *source);
/* *ret_n 0 at the end. */
jb_rc jb_bill__source_read(struct bill_source *source, char *bytes, size_t size, size_t *ret_n,
                           struct jb_error *err);

/* How it is read, for tests: 0 is the usual. */
struct bill_tuning {
    size_t block_bytes, read_bytes;
    unsigned n_threads;
    const struct bill_scanner *scanner;
};
struct bill_intake {
    const struct jb_bill_format *format;
    const struct jb_bill_rule *rule;
    struct bill_groups *groups;
    struct bill_sums *sums; /* JB_BILL_GROUPS_MAX, zero until met */
    int64_t n_rows, n_bytes;
};
jb_rc jb_bill__read(struct bill_intake *intake, const char *path, const struct bill_tuning *tuning,
                    const struct jb_import_progress *progress, struct jb_error *err);
jb_rc jb_bill__read_tuned(struct jb_bill *bill, const char *path, const struct bill_tuning *tuning,
                          const struct jb_import_progress *progress, struct jb_error *err);

#endif
