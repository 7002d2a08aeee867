/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inventory: all runs of a selection (one run, a model version, a project and period) with what reports, exports, ratings,
 * statements and certificates need of each, and the sums. Made from the book by pipeline/inventory.h; pure functions take it
 * from there. Layers are never added together. Texts are borrowed from the inventory, "" where not given, never NULL.
 */
#ifndef JB_MODEL_INVENTORY_H
#define JB_MODEL_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "model/account.h"

#define JB_N_LAYERS  3
#define JB_N_DEVICES 5
#define JB_N_ORIGINS 7

/* R-INVENTORY-02: what part of a model's life a stage is, by the word it was given. */
enum jb_part {
    JB_PART_DEVELOPMENT, /* explore, develop, debug, test of code */
    JB_PART_SEARCH,      /* search, tune, sweep */
    JB_PART_FAILED, /* failed; or a training whose status says interrupted or whose command failed */
    JB_PART_TRAINING,   /* train, pretrain, finetune, final */
    JB_PART_RETRAINING, /* retrain, update */
    JB_PART_EVALUATION, /* evaluate, eval, validate, test */
    JB_PART_INFERENCE,  /* infer, inference, serve */
    JB_PART_UNTOLD,     /* no stage was given, or a word that is none of these */
};
#define JB_N_PARTS 8
const char *jb_part_name(enum jb_part part); /* "development" ... "untold" */
int jb_part_from_name(const char *name);
/* Everything but evaluation and inference makes the model: "training" in the wide sense. */
bool jb_part_is_making(enum jb_part part);
enum jb_part jb_part_of(const char *stage, enum jb_run_status status, int64_t exit_code);

/* A metric as it was marked in a run: its least, greatest and last value, as written, and when. Which of them is the best is
 * told by model/metric.h or by whoever asks. */
#define JB_INVENTORY_METRICS_MAX 8
struct jb_inventory_value {
    const char *text; /* "0.931" */
    const char *at;   /* the mark it was in: "epoch 12" */
    int64_t value;    /* scaled by 10^JB_METRIC_SCALE */
    int64_t until_uj; /* the run's share from its start to the end of that mark */
};
struct jb_inventory_metric {
    const char *name; /* "accuracy" */
    struct jb_inventory_value least, greatest, last;
};

struct jb_inventory_run {
    const char *id, *group, *parent_id, *host, *project, *model, *model_version, *architecture,
        *application, *configuration, *stage, *place, *currency, *source;
    const char *hardware;     /* the board's name where all boards are one kind; else "" */
    const char *model_digest; /* of the file its work was counted from, hex */
    enum jb_layer layer;
    enum jb_run_status status; /* done or interrupted; open and void ones are counted, not listed */
    enum jb_part part;
    enum jb_method method;
    int64_t start_utc_us, end_utc_us, duration_ns;
    int64_t exit_code;
    int64_t n_boards, board_ns; /* -1 where not known */
    struct jb_figure energy_uj; /* IT energy of the run's share */
    struct jb_figure facility_uj, location_ugco2e, market_ugco2e, cost_micro;
    bool is_facility_posted;
    struct jb_figure active_uj, reserved_uj, all_uj; /* views: who pays idle */
    struct jb_coverage coverage;
    int64_t n_gaps, gap_high_uj;     /* what gaps may have held besides */
    int64_t device_uj[JB_N_DEVICES]; /* best, by enum jb_device; sums to energy_uj.best */
    /* Of the posted lines' own bands, added up; they may be wider together than that of the whole. */
    int64_t device_low_uj[JB_N_DEVICES], device_high_uj[JB_N_DEVICES];
    int64_t origin_uj[JB_N_ORIGINS];         /* best, by enum jb_origin */
    int64_t idle_uj, platform_uj, others_uj; /* as posted beside the run's share, of its meters */
    int64_t market_mgco2e_per_kwh, pue_milli, tariff_micro_per_kwh; /* -1 where not given */
    int64_t n_parameters, n_examples, n_tokens, n_epochs;           /* -1 where not known */
    jb_i128 training_flop;                                          /* -1 where not known */
    enum jb_flop_method flop_method;
    size_t n_metrics;
    struct jb_inventory_metric metrics[JB_INVENTORY_METRICS_MAX];
    int64_t account_seq; /* number of the entry that its account was last entered with; 0 none */
    struct jb_hash leaf; /* of that entry */
};

/* Sums over the runs of one layer (or of one part of it). R-INVENTORY-03: bands are added up, as if all erred alike. A figure
 * is known if it is of every run that is in it. */
struct jb_inventory_sum {
    int64_t n_runs;
    int64_t n_unknown; /* of them, those whose energy is not known: in no sum */
    int64_t duration_ns, board_ns;
    struct jb_figure energy_uj, facility_uj, location_ugco2e, market_ugco2e, cost_micro;
    int64_t n_without_location, n_without_market, n_without_cost, n_without_facility;
    /* Facility: of the runs that have it posted. Of those with a default PUE the band alone, which is in no other figure
     * (R-PUE-02); they are among n_without_facility. */
    struct jb_figure facility_default_uj;
    int64_t n_facility_default;
    struct jb_coverage coverage;
    int64_t device_uj[JB_N_DEVICES];
    int64_t device_low_uj[JB_N_DEVICES], device_high_uj[JB_N_DEVICES];
    int64_t origin_uj[JB_N_ORIGINS];
    jb_i128 training_flop; /* of those that tell it; ranks of one training tell it once */
    int64_t n_without_flop;
};

/* What was selected; "", NULL and 0: not limited by it ("" in what an inventory has). */
struct jb_inventory_scope {
    const char *run_id, *group, *project, *model, *model_version;
    int64_t since_utc_us, until_utc_us; /* of the runs' begin */
};

struct jb_inventory_note {
    const char *text;
    int64_t n_runs; /* that have it */
};

struct jb_inventory_text {
    struct jb_inventory_text *next;
    char bytes[];
};

struct jb_inventory {
    struct jb_inventory_scope scope;
    size_t n_runs;
    struct jb_inventory_run *runs;        /* by start, oldest first; then by id */
    int64_t n_open, n_void, n_reconciled; /* left out, by reason */
    struct jb_inventory_sum sums[JB_N_LAYERS];
    struct jb_inventory_sum parts[JB_N_LAYERS][JB_N_PARTS];
    size_t n_factors;
    struct jb_factor *factors; /* each once, sorted by name, edition, value */
    size_t n_notes;
    struct jb_inventory_note *notes; /* each once, the most frequent first, then by text */
    const char *currency;            /* of all costs; "": none told or they differ */
    int64_t book_size;               /* entries in the book when it was made */
    struct jb_hash book_root;
    struct jb_inventory_text *texts; /* memory of all texts */
};
void jb_inventory_release(struct jb_inventory *inventory);

#endif
