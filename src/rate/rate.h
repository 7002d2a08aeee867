/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Low, normal or high: the energy of a training beside those of others of its kind, or "no comparable reference". A class is an
 * application, an architecture, a stage, a size and a method; it exists with JB_RATE_RUNS_MIN runs of JB_RATE_SOURCES_MIN
 * sources, never with one source alone. What is widened is told, never done in silence. R-RATING-01 ...: docs/method/rate.md.
 * Pure functions; doubles live inside of the quantiles alone.
 */
#ifndef JB_RATE_RATE_H
#define JB_RATE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/account.h"
#include "model/inventory.h"

#define JB_RATE_RUNS_MIN    5
#define JB_RATE_SOURCES_MIN 2
#define JB_RATE_WORD        48
#define JB_RATE_REFS_MAX    ((size_t)200000)

/* --- what is compared: R-RATING-01, -02 --------------------------------------------------------------------------------- */

/* What the energy is of. */
enum jb_rate_boundary {
    JB_RATE_BOUNDARY_UNTOLD,
    JB_RATE_CHIPS,      /* accelerators without their boards */
    JB_RATE_BOARDS,     /* accelerators as their driver lists them */
    JB_RATE_COMPONENTS, /* boards, processors and memory */
    JB_RATE_NODES,      /* whole machines, at the plug */
    JB_RATE_CLUSTER,    /* machines and what idles beside them */
    JB_RATE_BOUNDARIES,
};
enum jb_rate_basis {
    JB_RATE_BASIS_UNTOLD,
    JB_RATE_MEASURED,  /* by a meter while it ran: methods C-1, C-2 */
    JB_RATE_ESTIMATED, /* from time and rated or typical power: methods A, B */
    JB_RATE_MODELLED,  /* from published inputs by somebody else */
    JB_RATE_BASES,
};
enum jb_rate_overhead {
    JB_RATE_OVERHEAD_UNTOLD,
    JB_RATE_IT,       /* without the building's part (PUE) */
    JB_RATE_FACILITY, /* with it */
    JB_RATE_OVERHEADS,
};
struct jb_rate_method {
    enum jb_rate_boundary boundary;
    enum jb_rate_basis basis;
    enum jb_rate_overhead overhead;
};
/* "boards", "measured", "without PUE" ...; and back, -1: no such. */
const char *jb_rate_boundary_name(enum jb_rate_boundary boundary);
const char *jb_rate_basis_name(enum jb_rate_basis basis);
const char *jb_rate_overhead_name(enum jb_rate_overhead overhead);
int jb_rate_boundary_from_name(const char *name);
int jb_rate_basis_from_name(const char *name);

enum jb_rate_measure {
    JB_RATE_PER_FLOP,      /* aJ */
    JB_RATE_PER_EXAMPLE,   /* nJ */
    JB_RATE_PER_PARAMETER, /* nJ */
    JB_RATE_PER_RUN,       /* mJ */
    JB_RATE_MEASURES,
};
/* "flop", "example" ...; and back, -1: no such. */
const char *jb_rate_measure_name(enum jb_rate_measure measure);
int jb_rate_measure_from_name(const char *name);

/* R-RATING-03: the words of a class. "ResNet50" is "cnn", "train" is "pretraining"; what no table knows stays, in lower case with
 * hyphens. size >= JB_RATE_WORD; "" stays "". Returns buf. */
const char *jb_rate_application(const char *text, char *buf, size_t size);
const char *jb_rate_architecture(const char *text, char *buf, size_t size);
const char *jb_rate_stage(const char *text, char *buf, size_t size);

/* --- references --------------------------------------------------------------------------------------------------------- */

/* One training that was published, or booked. Numbers -1 and texts "" where not told. */
struct jb_rate_ref {
    const char *id, *group; /* group: runs of one training in the own book */
    const char *source;     /* rows of one source are one study */
    const char *model, *application, *architecture, *stage; /* the last three: words of a class */
    struct jb_rate_method method;
    int64_t doubt; /* 0 read in the publication itself, 1 quoted by others, 2 computed by others */
    jb_i128 energy_uj; /* > 0 */
    jb_i128 flop;
    int64_t n_parameters, n_examples;
    int64_t device_us; /* of all devices together */
};

/* Why rows are in no class (R-RATING-05). */
enum jb_rate_left_out {
    JB_RATE_NO_ENERGY,   /* none, or beyond what is kept of it */
    JB_RATE_IMPLAUSIBLE, /* contradicts itself or physics */
    JB_RATE_KNOWN_WRONG, /* its source, or another, says that it is */
    JB_RATE_NO_TRAINING, /* sums over several trainings, quotations of another row */
    JB_RATE_LEFT_OUT,
};
const char *jb_rate_left_out_text(enum jb_rate_left_out reason);

struct jb_rate_refs {
    size_t n, capacity;
    struct jb_rate_ref *rows;
    int64_t n_left_out[JB_RATE_LEFT_OUT];
    struct jb_rate_text *texts;
};
void jb_rate_refs_release(struct jb_rate_refs *refs);
/* Copies the row, if there is nothing against it. JB_E_RANGE over JB_RATE_REFS_MAX. */
JB_MUST_USE jb_rc jb_rate_refs_add(struct jb_rate_refs *refs, const struct jb_rate_ref *row,
                                   struct jb_error *err);
/* The catalogue's published trainings. */
JB_MUST_USE jb_rc jb_rate_refs_add_catalogue(struct jb_rate_refs *refs, struct jb_error *err);
/* Of the own book: a project is a source. The predicted layer is not in it. */
JB_MUST_USE jb_rc jb_rate_refs_add_inventory(struct jb_rate_refs *refs,
                                             const struct jb_inventory *inventory,
                                             struct jb_error *err);
/* A file of references (docs/format/reference.md). JB_E_INPUT "NAME:LINE:COLUMN: ...". */
JB_MUST_USE jb_rc jb_rate_refs_parse(struct jb_rate_refs *refs, const char *name, const void *bytes,
                                     size_t len, struct jb_error *err);
/* --- what is rated -------------------------------------------------------------------------------------------------------- */

/* The energy of a training as one method sees it; a training has several (R-RATING-04): all of it, its boards alone, with PUE. */
struct jb_rate_view {
    struct jb_rate_method method;
    struct jb_figure energy_uj;
};
#define JB_RATE_VIEWS_MAX 3

struct jb_rate_subject {
    const char *id, *group, *model;
    char application[JB_RATE_WORD], architecture[JB_RATE_WORD], stage[JB_RATE_WORD];
    size_t n_runs; /* that it is made of: the ranks of one training */
    size_t n_views;
    struct jb_rate_view views[JB_RATE_VIEWS_MAX];
    jb_i128 flop;
    int64_t n_parameters, n_examples;
};
/* Each training of the inventory (its ranks together), then, with `is_whole`, all that made the model as one (R-RATING-13). The
 * caller frees *ret; its texts are the inventory's. */
JB_MUST_USE jb_rc jb_rate_subjects(const struct jb_inventory *inventory, bool is_whole,
                                   struct jb_rate_subject **ret, size_t *ret_n,
                                   struct jb_error *err);

/* The trainings as a file of references (R-RATING-22); `source`: who gives them. Those without energy, application or stage, and
 * what is no training, are left out. */
void jb_rate_write_refs(const struct jb_rate_subject *subjects, size_t n, const char *source,
                        struct jb_buf *out, size_t *ret_n_left_out);

/* What may differ between the training and its references. */
enum jb_rate_size { JB_RATE_SAME_SIZE, JB_RATE_NEXT_SIZES, JB_RATE_ANY_SIZE };
struct jb_rate_widening {
    enum jb_rate_size size;
    bool any_architecture, any_method;
};
struct jb_rate_rules {
    struct jb_rate_widening
        allowed; /* by the user; sizes are widened as R-RATING-08 has it besides */
    int measure; /* enum jb_rate_measure; -1: as the class needs */
};

enum jb_rate_verdict { JB_RATE_LOW = 1, JB_RATE_NORMAL = 2, JB_RATE_HIGH = 4 };
/* "normal or high" of a set of them; "" of none. size >= 32; returns buf. */
const char *jb_rate_verdict_text(unsigned verdicts, char *buf, size_t size);

/* Runs that fit a class. */
struct jb_rate_class {
    struct jb_rate_widening widening;
    enum jb_rate_measure measure;
    struct jb_rate_method method; /* meaningless with any_method */
    size_t n_runs, n_sources;
    size_t n_twice;                            /* left out: another row is of the same training */
    int64_t least, q1, median, q3, greatest;   /* of the measure; saturated */
    int64_t least_parameters, most_parameters; /* of those that tell it; -1 */
};

#define JB_RATE_NEAR_MAX 5
struct jb_rating {
    bool is_rated;
    struct jb_rate_class of; /* where it is not rated: the fullest that was looked for */
    struct jb_figure value;  /* of the training, in the measure's unit */
    struct jb_figure energy_uj;
    int64_t percentile_ppm;    /* of the best figure: the part of the references below */
    int64_t low_ppm, high_ppm; /* with the training's band and the finite number of references */
    unsigned verdicts;         /* against these references, by the training's band */
    unsigned could_be;         /* as another draw of as many references might say */
    char why_not[240];         /* what is lacking; "" where rated */
    size_t n_near;             /* classes that exist, with what has to be widened */
    struct jb_rate_class near[JB_RATE_NEAR_MAX];
};
JB_MUST_USE jb_rc jb_rate(const struct jb_rate_subject *subject, const struct jb_rate_refs *refs,
                          const struct jb_rate_rules *rules, struct jb_rating *ret,
                          struct jb_error *err);

/* "10M to 100M parameters", "1e18 to 1e20 FLOP"; "" where untold. */
const char *jb_rate_size_text(const struct jb_rate_subject *subject, char *buf, size_t size);

#endif
