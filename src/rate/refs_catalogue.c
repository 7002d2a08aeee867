/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue's published trainings to references: what their scopes and words mean, and which rows are none (R-RATING-02, -05).
 * Must never take for told what a source leaves open.
 */
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"
#include "rate/rate_int.h"

#define UJ_PER_MJ 1000

static const struct {
    const char *scope;
    enum jb_rate_boundary boundary;
} scopes[] = {
    {"gpu", JB_RATE_BOARDS},
    {"gpu TDP", JB_RATE_BOARDS},
    {"chip", JB_RATE_CHIPS},
    {"cpu+gpu+ram", JB_RATE_COMPONENTS},
    {"cpu+gpu+dram", JB_RATE_COMPONENTS},
    {"gpu+cpu+dram", JB_RATE_COMPONENTS},
    {"whole nodes (AC)", JB_RATE_NODES},
    {"whole node", JB_RATE_NODES},
    {"system incl. host, network, fans", JB_RATE_NODES},
    {"facility (modelled)", JB_RATE_NODES}, /* machines, then PUE: `overhead` has that */
    {"cluster incl. idle", JB_RATE_CLUSTER},
};

/* Rows by the beginning of their id, and why they are no reference. docs/method/rate.md says what is known of each. */
static const struct {
    const char *begins;
    enum jb_rate_left_out reason;
} known[] = {
    {"evolved-transformer-nas-full-size-assumption", JB_RATE_KNOWN_WRONG},
    {"gpt-3-175b-carbontracker-extrapolation", JB_RATE_KNOWN_WRONG},
    {"bigscience-1b-models", JB_RATE_NO_TRAINING},
    {"bigscience-model-evaluation", JB_RATE_NO_TRAINING},
    {"bigscience-other-models", JB_RATE_NO_TRAINING},
    {"bloom-175b-as-normalised", JB_RATE_NO_TRAINING},
    {"olmo-development-13b", JB_RATE_NO_TRAINING},
    {"olmo-development-1b", JB_RATE_NO_TRAINING},
    {"olmo-development-7b", JB_RATE_NO_TRAINING},
    {"olmo-development-moe", JB_RATE_NO_TRAINING},
    {"olmo-series-final", JB_RATE_NO_TRAINING},
};

static enum jb_rate_boundary boundary_of(const char *scope)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(scopes); i++)
        if (strcmp(scopes[i].scope, scope) == 0)
            return scopes[i].boundary;
    return JB_RATE_BOUNDARY_UNTOLD;
}

static enum jb_rate_left_out known_of(const char *id)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(known); i++)
        if (strncmp(id, known[i].begins, strlen(known[i].begins)) == 0)
            return known[i].reason;
    return JB_RATE_LEFT_OUT;
}

static void method_of(const struct jb_reference_run *run, struct jb_rate_ref *row)
{
    row->doubt = strcmp(run->evidence, "modelled") == 0    ? 2
                 : strcmp(run->evidence, "secondary") == 0 ? 1
                                                           : 0;
    row->method = (struct jb_rate_method){
        .boundary = boundary_of(run->scope),
        .basis = row->doubt == 2    ? JB_RATE_MODELLED
                 : run->is_measured ? JB_RATE_MEASURED
                                    : JB_RATE_ESTIMATED,
        .overhead = run->is_pue_included < 0 ? JB_RATE_OVERHEAD_UNTOLD
                    : run->is_pue_included   ? JB_RATE_FACILITY
                                             : JB_RATE_IT,
    };
    /* A PUE that is told can be taken out again. */
    if (row->method.overhead == JB_RATE_FACILITY && run->pue_milli >= 1000) {
        row->energy_uj = row->energy_uj * 1000 / run->pue_milli;
        row->method.overhead = JB_RATE_IT;
    }
}

static jb_rc add_run(struct jb_rate_refs *refs, const struct jb_reference_run *run,
                     struct jb_error *err)
{
    char application[JB_RATE_WORD], architecture[JB_RATE_WORD], stage[JB_RATE_WORD];
    const enum jb_rate_left_out reason = known_of(run->run_id);
    struct jb_rate_ref row = {
        .id = run->run_id,
        .group = "",
        .source = run->source_id,
        .model = run->model,
        .application = jb_rate_application(run->application, application, sizeof application),
        .architecture = jb_rate_architecture(run->architecture, architecture, sizeof architecture),
        .stage = jb_rate_stage(run->stage, stage, sizeof stage),
        .energy_uj = run->energy_uj == INT64_MAX ? (jb_i128)run->energy_mj * UJ_PER_MJ
                                                 : (jb_i128)run->energy_uj,
        .flop = run->training_tflop < 0 ? -1 : (jb_i128)run->training_tflop * 1000000000000,
        .n_parameters = run->n_parameters,
        .n_examples = -1,
        .device_us = run->device_us,
    };

    if (reason < JB_RATE_LEFT_OUT) {
        refs->n_left_out[reason]++;
        return JB_OK;
    }
    method_of(run, &row);
    return jb_rate_refs_add(refs, &row, err);
}

jb_rc jb_rate_refs_add_catalogue(struct jb_rate_refs *refs, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && i < jb_catalogue_n_reference_runs(); i++) {
        const struct jb_reference_run run = jb_catalogue_reference_run_at(i);
        rc = add_run(refs, &run, err);
    }
    return rc;
}
