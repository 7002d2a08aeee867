/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference facts that ship with the program: processors, memory, grids, data centres; each row with its source.
 *
 * Nothing here is a single invented number. What is not known exactly comes back as low / best / high over every row
 * it could be, and says so. Rules R-CAT-01 to R-CAT-12: docs/method/catalogue.md. All functions are pure and safe
 * from any thread once the site's rows are read; returned `const char *` live as long as the program.
 */
#ifndef JB_CATALOGUE_CATALOGUE_H
#define JB_CATALOGUE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/channel.h"

#define JB_CATALOGUE_NAME   96
#define JB_CATALOGUE_SOURCE 256

/* "2026-11-23-0123456789ab": date of the cut and the first 12 hex digits of the SHA-256 over all tables. */
const char *jb_catalogue_edition(void);

/* --- processors ------------------------------------------------------------------------------------------------ */

enum jb_cpu_match {
    JB_CPU_EXACT,  /* this very model */
    JB_CPU_FAMILY, /* the model is not told or not in the tables: all models of its family */
    JB_CPU_UNKNOWN, /* nothing recognised: all server and desktop models, of the vendor where it is known */
};

struct jb_cpu_power {
    enum jb_cpu_match match;
    char name[JB_CATALOGUE_NAME]; /* the model, "family EPYC*" or "unknown AMD processor" */
    int64_t n_candidates;         /* rows the figures stand on; 1 for an exact match */
    int64_t n_threads;            /* hardware threads of a package; 0 where not one number */
    bool has_tdp; /* false: tdp_* are 0 and mean nothing (a row that gives only power per thread) */
    int64_t tdp_low_mw, tdp_best_mw, tdp_high_mw; /* of one package */
    int64_t thread_tdp_low_uw, thread_tdp_best_uw,
        thread_tdp_high_uw; /* of one hardware thread; always known */
    struct jb_power_curve
        per_thread; /* package power of one hardware thread; n_threads in it is 1 */
    char source[JB_CATALOGUE_SOURCE];
    const char *note; /* how the band was made, one sentence */
};

/*
 * Finds a processor by the "model name" of /proc/cpuinfo (NULL or "": unknown). `n_threads_seen` is the number of
 * hardware threads of one package as the machine itself shows them, 0 where that is not to be trusted: inside a virtual
 * machine always 0. It is used where the tables do not know the number, or bound it and it lies within.
 * A text that matches nothing is no error but JB_CPU_UNKNOWN. Fails only with JB_E_NOMEM.
 */
JB_MUST_USE jb_rc jb_catalogue_find_cpu(const char *model_name, int64_t n_threads_seen,
                                        struct jb_cpu_power *ret_cpu, struct jb_error *err);

/* --- memory, data centres -------------------------------------------------------------------------------------- */

struct jb_catalogue_band {
    int64_t low, best, high;
    int64_t n_rows;
    int64_t n_sources; /* 0 where that is not counted */
    char source[JB_CATALOGUE_SOURCE];
};

/* R-CAT-08: power of main memory, microwatt per GiB installed. */
void jb_catalogue_memory_uw_per_gib(struct jb_catalogue_band *ret_band);

/* R-EST-10: the row of training_load with this key, in millionths of its unit, from the 5 % over the 50 % to the 95 %
 * quantile; n_rows is the number of runs. JB_E_NOT_FOUND: no such key. */
JB_MUST_USE jb_rc jb_catalogue_training_load(const char *key, struct jb_catalogue_band *ret_band,
                                             struct jb_error *err);

/* R-PLAN-04: the row of training_utilisation with this key, in the same form. */
JB_MUST_USE jb_rc jb_catalogue_training_utilisation(const char *key,
                                                    struct jb_catalogue_band *ret_band,
                                                    struct jb_error *err);

/* R-CAT-11: PUE x 1000 of a data centre nobody stated anything about: 1580, and the range of what was measured since
 * 2018. For a band in the report only; never posted. */
void jb_catalogue_default_pue_milli(struct jb_catalogue_band *ret_band);

/* --- grids ----------------------------------------------------------------------------------------------------- */

struct jb_grid_intensity {
    bool
        is_unknown_place; /* no place was given: low and high span the countries of the world, best is its average */
    bool
        is_other_year; /* a year was asked for that the best row does not have; `year` is the one it has */
    char zone[24]; /* "NL", "US-CA"; "WORLD" */
    char name[JB_CATALOGUE_NAME];
    char method[16]; /* of the best figure: "lifecycle", "direct", "unknown" */
    int64_t year;    /* of the best figure; 0 not told */
    int64_t
        n_sources; /* 1: low, best and high are the same figure, because nobody else gives one */
    int64_t low_mg_per_kwh, best_mg_per_kwh, high_mg_per_kwh; /* mg CO2e per kWh */
    char source[JB_CATALOGUE_SOURCE];
};

/*
 * Intensity of a place: ISO 3166 code ("NL", "NLD", "US-CA"), bidding zone, or English name, in any case. NULL, "",
 * "unknown" and "world" mean the whole world. `year` 0: the newest; `method` NULL: any (best prefers lifecycle,
 * R-CAT-09), else "lifecycle", "direct" or "unknown" and nothing of the others.
 * JB_E_INPUT: no such place, or a name of several ("Georgia"); the hint lists the nearest. JB_E_NOT_FOUND: the place
 * has no figure by that method.
 */
JB_MUST_USE jb_rc jb_catalogue_find_grid(const char *place, int64_t year, const char *method,
                                         struct jb_grid_intensity *ret_grid, struct jb_error *err);

/* The country of a zone: of "NL" and "NLD" it is "NLD", of "US-CA" "USA"; texts live as long as the catalogue. False, *ret untouched,
 * where `zone` is no code of a zone of the table that lies in one country. */
struct jb_catalogue_country {
    const char *alpha3, *name;
};
bool jb_catalogue_country(const char *zone, struct jb_catalogue_country *ret);

/* --- names ----------------------------------------------------------------------------------------------------- */

/* How a name that somebody wrote was understood (R-CAT-20). Nothing is ever a silent best guess. */
enum jb_match {
    JB_MATCH_EXACT, /* the name or an alias of one row, marks, case and filler words apart */
    JB_MATCH_SEVERAL, /* it names several variants ("H100", "V100"): the figures span them, candidates are listed */
};

#define JB_CATALOGUE_CANDIDATES_MAX 12
struct jb_candidates {
    size_t n_all; /* also those that did not fit here */
    size_t n;
    char names[JB_CATALOGUE_CANDIDATES_MAX][JB_CATALOGUE_NAME];
};

/* A figure of one row, or its span over several; n_rows 0: no row has it. */
struct jb_span {
    int64_t low, best, high;
    int64_t n_rows;
};

struct jb_accelerator {
    enum jb_match match;
    struct jb_candidates candidates; /* the one, or the variants it may be */
    char name[JB_CATALOGUE_NAME];
    char usual[JB_CATALOGUE_NAME]; /* of several, the one that best is of; "": best is the middle */
    char vendor[32], kind[8];      /* "gpu", "tpu", "npu" */
    int64_t
        n_told_milli; /* what the name tells of a count: "8x" is 8000, "half a" 500; 0: nothing */
    char power_basis
        [24]; /* of board_mw: "board", "estimate", "laptop", "module with CPU" ...; "": they differ */
    int64_t
        dies_per_board; /* devices that the driver lists for one board; 0: the variants differ */
    struct jb_span board_mw; /* rated power of the whole board */
    struct jb_span idle_mw;  /* of the whole board, loaded driver, no work */
    struct jb_span fp32_gflops, fp16_gflops, bf16_gflops, fp8_gflops, int8_gops; /* dense */
    struct jb_span memory_mib;
    char source[JB_CATALOGUE_SOURCE];       /* of the power */
    char rates_source[JB_CATALOGUE_SOURCE]; /* of rates and memory */
};
/* JB_E_INPUT: no such name, or one too vague to span ("NVIDIA"); the hint lists the nearest. */
JB_MUST_USE jb_rc jb_catalogue_find_accelerator(const char *name, struct jb_accelerator *ret,
                                                struct jb_error *err);

struct jb_instance {
    char provider[16], type[64];
    int64_t n_vcpus, memory_mib;         /* 0 unknown */
    char accelerator[JB_CATALOGUE_NAME]; /* "" for none */
    int64_t n_accelerators_milli;        /* whole boards: half a K80 is 500 */
    char processor[JB_CATALOGUE_NAME]; /* "(Cascade Lake)" in brackets: a microarchitecture only */
    char source[JB_CATALOGUE_SOURCE];
};
/* `provider` may be NULL, or as a bill writes it ("Amazon Web Services, Inc.", "Microsoft"); `type` may be "aws/p3.2xlarge".
 * JB_E_INPUT as above; also where two providers have a type of that name. */
JB_MUST_USE jb_rc jb_catalogue_find_instance(const char *provider, const char *type,
                                             struct jb_instance *ret, struct jb_error *err);

struct jb_region {
    char provider[16], region[48], location[64];
    char zone[24];            /* of jb_catalogue_find_grid; "" unknown */
    struct jb_span pue_milli; /* of the region, else of its provider, else n_rows 0 */
    int64_t pue_year;
    char source[JB_CATALOGUE_SOURCE];
};
/* "eu-west-1", "West Europe", "europe-west4-a" (a zone of availability), "aws/eu-west-1". `provider` as above. The PUE is that
 * of `year` where the provider disclosed it, else the newest; 0: the newest. `pue_year` tells which. */
JB_MUST_USE jb_rc jb_catalogue_find_region(const char *provider, const char *region, int64_t year,
                                           struct jb_region *ret, struct jb_error *err);

/* What a quantity is as many of: "fridge_year". Rows of equivalents.csv that share a base key ("fridge_year",
 * "fridge_year_low") are one equivalent with its span (R-CAT-19). */
struct jb_equivalent {
    char key[48], unit_name[96];
    bool is_carbon;                /* of kg CO2e; else of kWh */
    struct jb_span micro_per_unit; /* 1e-6 kg CO2e or kWh in one unit */
    int64_t year;                  /* of the best figure; 0 not told */
    char source[JB_CATALOGUE_SOURCE];
};
size_t jb_catalogue_n_equivalents(void);
/* i < jb_catalogue_n_equivalents(), in the order of their keys. */
struct jb_equivalent jb_catalogue_equivalent_at(size_t i);

/* --- runs that others reported --------------------------------------------------------------------------------- */

/* A row of training_runs.csv (R-CAT-18). Numbers are -1 where the source does not give them, texts "". */
struct jb_reference_run {
    const char *run_id, *model, *application, *architecture;
    const char *hardware; /* as the source wrote it */
    const char
        *scope; /* "gpu", "facility (modelled)", "whole nodes (AC)" ...: what `energy_uj` covers */
    const char *stage; /* "pretraining", "finetuning", "hyperparameter-search" ... */
    const char *
        evidence; /* "primary", "secondary"; "modelled": computed from published inputs, no truth to test by */
    const char *source_id; /* of the table of sources: rows of one id are one study */
    bool is_measured;
    int64_t published_year, n_parameters;
    int64_t training_tflop;  /* 1e12 operations, of the whole run */
    int64_t n_devices_milli; /* as the driver counts them */
    int64_t device_us;       /* device time: the sum over all devices */
    int64_t wall_us;
    int64_t avg_mw;    /* over the whole run and all devices */
    int64_t energy_uj; /* INT64_MAX where it is more than that (2.56 GWh) */
    int64_t energy_mj; /* the same, for those */
    int64_t pue_milli;
    int64_t is_pue_included; /* 0 no, 1 yes, -1 the source does not say */
};
size_t jb_catalogue_n_reference_runs(void);
/* i < jb_catalogue_n_reference_runs(), in the order of run_id. */
struct jb_reference_run jb_catalogue_reference_run_at(size_t i);

/* --- the site's own rows --------------------------------------------------------------------------------------- */

/*
 * R-CAT-30: reads a folder of CSV files with the columns of the tables here; a row of the same key replaces ours, others
 * are added. Called once by a program before any other function of this header and before its threads; from then on
 * they are constant too. The edition then ends in "+site-" and 12 hex digits. A folder that is not there is no error.
 * JB_E_INPUT names file, line and column; nothing is used then.
 */
JB_MUST_USE jb_rc jb_catalogue_read_site(const char *folder, struct jb_error *err);

/* --- any table, for `joulebook catalogue [TABLE] [QUERY]` ------------------------------------------------------- */

struct jb_catalogue_cell {
    const char *column; /* with its unit, as in the CSV file */
    const char *text;   /* NULL: unknown */
    bool is_number;     /* plain decimal: JSON may print it bare */
};

struct jb_catalogue_table {
    const char *name;
    const char *title;
    size_t n_columns;
    size_t n_rows;
};

#define JB_CATALOGUE_COLUMNS_MAX 24

size_t jb_catalogue_n_tables(void);
/* i < jb_catalogue_n_tables(). */
struct jb_catalogue_table jb_catalogue_table_at(size_t i);

/* Called for each row; cells are valid during the call. Anything but JB_OK stops the walk and is returned. */
typedef jb_rc (*jb_catalogue_row_fn)(void *context, const struct jb_catalogue_cell *cells,
                                     size_t n_cells);

/*
 * Walks the rows of `table` that contain `query` in any cell, without regard to case (NULL or "": all rows), in the
 * order of the table. JB_E_INPUT: no such table; the hint lists them.
 */
JB_MUST_USE jb_rc jb_catalogue_list(const char *table, const char *query, jb_catalogue_row_fn row,
                                    void *context, size_t *ret_n_rows, struct jb_error *err);

#endif
