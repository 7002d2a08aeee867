/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of an inventory to trainings that can be rated, and to references (R-RATING-02, -04, -07, -13). Must never call measured
 * what a model gave, nor take one rank of a training for the training.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "rate/rate_int.h"

/* Of the energy: more than this from a meter is measured (R-RATING-02). */
#define MEASURED_PPM 900000
#define WHOLE_STAGE  "full-r&d"

static const char *word_or(const char *text, const char *otherwise)
{
    return text[0] ? text : otherwise;
}

static enum jb_rate_boundary boundary_of(const int64_t *device_uj)
{
    if (device_uj[JB_DEVICE_NODE] > 0)
        return JB_RATE_NODES;
    if (device_uj[JB_DEVICE_CPU] > 0 || device_uj[JB_DEVICE_DRAM] > 0)
        return JB_RATE_COMPONENTS;
    return device_uj[JB_DEVICE_GPU] > 0 ? JB_RATE_BOARDS : JB_RATE_BOUNDARY_UNTOLD;
}

static enum jb_rate_basis basis_of(const struct jb_inventory_run *run)
{
    const int64_t metered_uj = jb_add_sat_i64(
        jb_add_sat_i64(run->origin_uj[JB_ORIGIN_COUNTER], run->origin_uj[JB_ORIGIN_GAUGE]),
        run->origin_uj[JB_ORIGIN_CALIBRATED]);

    if (run->method != JB_METHOD_C1 && run->method != JB_METHOD_C2)
        return JB_RATE_ESTIMATED;
    return metered_uj >=
                   jb_muldiv_sat_i64(run->energy_uj.best, MEASURED_PPM, 1000000, JB_ROUND_NEAREST)
               ? JB_RATE_MEASURED
               : JB_RATE_ESTIMATED;
}

static void add_view(struct jb_rate_subject *subject, const struct jb_rate_view *view)
{
    if (view->energy_uj.is_known && view->energy_uj.best > 0 &&
        subject->n_views < JB_RATE_VIEWS_MAX)
        subject->views[subject->n_views++] = *view;
}

/* A figure's part of the same relative width. */
static struct jb_figure part_of(const struct jb_figure *whole, int64_t part)
{
    struct jb_figure ret = {.is_known = whole->best > 0, .best = part};

    if (!ret.is_known)
        return ret;
    ret.low = jb_muldiv_sat_i64(whole->low, part, whole->best, JB_ROUND_FLOOR);
    ret.high = jb_muldiv_sat_i64(whole->high, part, whole->best, JB_ROUND_CEIL);
    return ret;
}

static struct jb_figure sum_of(const struct jb_figure *a, const struct jb_figure *b)
{
    return (struct jb_figure){.is_known = a->is_known && b->is_known,
                              .is_hard_bound = a->is_hard_bound && b->is_hard_bound,
                              .low = jb_add_sat_i64(a->low, b->low),
                              .best = jb_add_sat_i64(a->best, b->best),
                              .high = jb_add_sat_i64(a->high, b->high)};
}

/* R-RATING-04 */
static void views_of(const struct jb_inventory_run *run, struct jb_rate_subject *subject)
{
    struct jb_rate_view view = {
        .method = {boundary_of(run->device_uj), basis_of(run), JB_RATE_IT},
        .energy_uj = run->energy_uj,
    };

    subject->n_views = 0;
    add_view(subject, &view);
    if (run->is_facility_posted) {
        struct jb_rate_view with = view;
        with.method.overhead = JB_RATE_FACILITY;
        with.energy_uj = sum_of(&run->energy_uj, &run->facility_uj);
        add_view(subject, &with);
    }
    if (view.method.boundary == JB_RATE_COMPONENTS) {
        view.method.boundary = JB_RATE_BOARDS;
        view.energy_uj = part_of(&run->energy_uj, run->device_uj[JB_DEVICE_GPU]);
        add_view(subject, &view);
    }
}

/* --- several runs as one ------------------------------------------------------------------------------------------------- */

static void add_counts(int64_t *sum, const int64_t *add, int n)
{
    for (int i = 0; i < n; i++)
        sum[i] = jb_add_sat_i64(sum[i], add[i]);
}

/* Texts that differ are not told. */
static void same_or_none(const char **text, const char *other)
{
    if (strcmp(*text, other) != 0)
        *text = "";
}

static void join(struct jb_inventory_run *sum, const struct jb_inventory_run *run)
{
    sum->energy_uj = sum_of(&sum->energy_uj, &run->energy_uj);
    sum->facility_uj = sum_of(&sum->facility_uj, &run->facility_uj);
    sum->is_facility_posted = sum->is_facility_posted && run->is_facility_posted;
    add_counts(sum->device_uj, run->device_uj, JB_N_DEVICES);
    add_counts(sum->origin_uj, run->origin_uj, JB_N_ORIGINS);
    if (run->method < sum->method)
        sum->method = run->method; /* A and B come first: one estimate makes it one */
    sum->board_ns =
        sum->board_ns < 0 || run->board_ns < 0 ? -1 : jb_add_sat_i64(sum->board_ns, run->board_ns);
    if (run->n_parameters > sum->n_parameters)
        sum->n_parameters = run->n_parameters;
    same_or_none(&sum->application, run->application);
    same_or_none(&sum->architecture, run->architecture);
    same_or_none(&sum->model, run->model);
    same_or_none(&sum->project, run->project);
}

bool rate__is_one_training(const struct jb_inventory_run *a, const struct jb_inventory_run *b)
{
    return a->group[0] != '\0' && strcmp(a->group, b->group) == 0 && a->layer == b->layer &&
           strcmp(a->stage, b->stage) == 0;
}

/* What every rank tells is of all of the training, what some tell too. */
static void join_rank(struct jb_inventory_run *sum, const struct jb_inventory_run *run)
{
    join(sum, run);
    if (run->training_flop > sum->training_flop) {
        sum->training_flop = run->training_flop;
        sum->flop_method = run->flop_method;
    }
    if (run->n_examples > sum->n_examples)
        sum->n_examples = run->n_examples;
}

static void fill(const struct jb_inventory_run *run, size_t n_runs, struct jb_rate_subject *ret)
{
    *ret = (struct jb_rate_subject){
        .id = run->id,
        .group = run->group,
        .model = run->model,
        .n_runs = n_runs,
        .flop = run->flop_method == JB_FLOP_DEVICE_TIME ? -1 : run->training_flop,
        .n_parameters = run->n_parameters,
        .n_examples = run->n_examples,
    };
    (void)jb_rate_application(run->application, ret->application, sizeof ret->application);
    (void)jb_rate_architecture(run->architecture, ret->architecture, sizeof ret->architecture);
    (void)jb_rate_stage(run->part == JB_PART_FAILED ? "failed" : run->stage, ret->stage,
                        sizeof ret->stage);
    views_of(run, ret);
}

bool rate__is_joined(const struct jb_inventory *inventory, size_t i)
{
    for (size_t k = 0; inventory->runs[i].group[0] != '\0' && k < i; k++)
        if (rate__is_one_training(&inventory->runs[k], &inventory->runs[i]))
            return true;
    return false;
}

/* The training that begins with run i. */
static size_t training_of(const struct jb_inventory *inventory, size_t i,
                          struct jb_inventory_run *ret)
{
    size_t n = 1;

    *ret = inventory->runs[i];
    for (size_t k = i + 1; ret->group[0] != '\0' && k < inventory->n_runs; k++)
        if (rate__is_one_training(ret, &inventory->runs[k])) {
            join_rank(ret, &inventory->runs[k]);
            n++;
        }
    return n;
}

/* R-RATING-13: all that made the model, of the measured layer, or where it has none of the reconstructed. */
static bool whole_of(const struct jb_inventory *inventory, struct jb_rate_subject *ret)
{
    struct jb_inventory_run whole = {0};
    enum jb_layer layer = JB_LAYER_RECONSTRUCTED;
    size_t n = 0;

    for (size_t i = 0; i < inventory->n_runs; i++)
        if (inventory->runs[i].layer == JB_LAYER_MEASURED)
            layer = JB_LAYER_MEASURED;
    for (size_t i = 0; i < inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &inventory->runs[i];
        if (run->layer != layer || !jb_part_is_making(run->part))
            continue;
        if (n++ == 0)
            whole = *run;
        else
            join(&whole, run);
    }
    if (n < 2)
        return false;
    whole.training_flop = -1; /* not of every run, and never of the same work */
    whole.n_examples = -1;
    whole.id = whole.group = "";
    fill(&whole, n, ret);
    (void)snprintf(ret->stage, sizeof ret->stage, "%s", WHOLE_STAGE);
    return true;
}

jb_rc jb_rate_subjects(const struct jb_inventory *inventory, bool is_whole,
                       struct jb_rate_subject **ret, size_t *ret_n, struct jb_error *err)
{
    struct jb_rate_subject *const subjects = calloc(inventory->n_runs + 1, sizeof subjects[0]);
    size_t n = 0;

    if (!subjects)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu trainings", inventory->n_runs);
    for (size_t i = 0; i < inventory->n_runs; i++) {
        struct jb_inventory_run training;
        if (inventory->runs[i].layer == JB_LAYER_PREDICTED || rate__is_joined(inventory, i))
            continue;
        const size_t n_runs = training_of(inventory, i, &training);
        fill(&training, n_runs, &subjects[n++]);
    }
    if (is_whole && whole_of(inventory, &subjects[n]))
        n++;
    *ret = subjects;
    *ret_n = n;
    return JB_OK;
}

/* --- as references ------------------------------------------------------------------------------------------------------- */

static struct jb_rate_ref ref_of(const struct jb_rate_subject *subject, size_t view,
                                 const char *source, int64_t board_ns)
{
    return (struct jb_rate_ref){
        .id = subject->id,
        .group = subject->group,
        .source = source,
        .model = subject->model,
        .application = subject->application,
        .architecture = subject->architecture,
        .stage = subject->stage,
        .method = subject->views[view].method,
        .energy_uj = subject->views[view].energy_uj.best,
        .flop = subject->flop,
        .n_parameters = subject->n_parameters,
        .n_examples = subject->n_examples,
        .device_us = board_ns < 0 ? -1 : board_ns / 1000,
    };
}

jb_rc jb_rate_refs_add_inventory(struct jb_rate_refs *refs, const struct jb_inventory *inventory,
                                 struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && i < inventory->n_runs; i++) {
        struct jb_inventory_run training;
        struct jb_rate_subject subject;
        if (inventory->runs[i].layer == JB_LAYER_PREDICTED || rate__is_joined(inventory, i))
            continue;
        const size_t n_runs = training_of(inventory, i, &training);
        fill(&training, n_runs, &subject);
        refs->n_left_out[JB_RATE_NO_ENERGY] += subject.n_views == 0;
        for (size_t k = 0; rc == JB_OK && k < subject.n_views; k++) {
            /* R-RATING-07: a project is a source. */
            const struct jb_rate_ref row =
                ref_of(&subject, k, word_or(training.project, "no project"), training.board_ns);
            rc = jb_rate_refs_add(refs, &row, err);
        }
    }
    return rc;
}
