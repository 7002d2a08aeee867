/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of an inventory as trainings: views, ranks together, the whole of a model. R-RATING-02, -04, -07, -13. */
#include "rate/rate.h"
#include "tap.h"

static struct jb_inventory_run run(const char *id, const char *group, int64_t cpu, int64_t gpu)
{
    struct jb_inventory_run ret = {.id = id,
                                   .group = group,
                                   .project = "p",
                                   .model = "m",
                                   .application = "speech",
                                   .architecture = "LSTM",
                                   .stage = "train",
                                   .layer = JB_LAYER_MEASURED,
                                   .part = JB_PART_TRAINING,
                                   .method = JB_METHOD_C2,
                                   .board_ns = 100000,
                                   .n_parameters = 1000,
                                   .n_examples = 50,
                                   .training_flop = 1000000,
                                   .flop_method = JB_FLOP_COUNTED,
                                   .energy_uj = {.is_known = true,
                                                 .low = (cpu + gpu) * 9 / 10,
                                                 .best = cpu + gpu,
                                                 .high = (cpu + gpu) * 12 / 10}};
    ret.device_uj[JB_DEVICE_CPU] = cpu;
    ret.device_uj[JB_DEVICE_GPU] = gpu;
    ret.origin_uj[JB_ORIGIN_COUNTER] = cpu + gpu;
    return ret;
}

static struct jb_rate_subject *subjects_of(struct jb_inventory_run *runs, size_t n, bool is_whole,
                                           size_t *ret_n)
{
    const struct jb_inventory inventory = {.runs = runs, .n_runs = n};
    struct jb_rate_subject *subjects = NULL;
    struct jb_error err = {0};

    if (jb_rate_subjects(&inventory, is_whole, &subjects, ret_n, &err) < 0)
        bail_out("%s", err.message);
    return subjects;
}

static void views(void)
{
    struct jb_inventory_run runs[] = {run("1", "", 1000, 3000), run("2", "", 0, 500),
                                      run("3", "", 0, 0),       run("4", "", 100, 100),
                                      run("5", "", 10, 0),      run("6", "", 1, 1)};
    size_t n = 0;

    runs[0].is_facility_posted = true;
    runs[0].facility_uj = (struct jb_figure){.is_known = true, .low = 10, .best = 20, .high = 30};
    runs[1].method = JB_METHOD_B;
    runs[2].energy_uj.is_known = false;
    runs[3].origin_uj[JB_ORIGIN_COUNTER] = 100;
    runs[3].origin_uj[JB_ORIGIN_MODELLED] = 100;
    runs[4].part = JB_PART_FAILED;
    runs[5].layer = JB_LAYER_PREDICTED;
    struct jb_rate_subject *const subjects = subjects_of(runs, 6, false, &n);
    is_i64((int64_t)n, 5, "a prediction is no training");
    const struct jb_rate_view *const own = subjects[0].views;
    is_i64((int64_t)subjects[0].n_views, 3, "boards and processors with a PUE have three views");
    ok(own[0].method.boundary == JB_RATE_COMPONENTS && own[0].method.basis == JB_RATE_MEASURED &&
           own[0].method.overhead == JB_RATE_IT && own[0].energy_uj.best == 4000,
       "all of it");
    ok(own[1].method.overhead == JB_RATE_FACILITY && own[1].energy_uj.best == 4020 &&
           own[1].energy_uj.low == 3610 && own[1].energy_uj.high == 4830,
       "with what the building adds");
    ok(own[2].method.boundary == JB_RATE_BOARDS && own[2].method.overhead == JB_RATE_IT &&
           own[2].energy_uj.best == 3000 && own[2].energy_uj.low == 2700 &&
           own[2].energy_uj.high == 3600,
       "its boards, with a band of the same width");
    ok(subjects[1].n_views == 1 && subjects[1].views[0].method.boundary == JB_RATE_BOARDS &&
           subjects[1].views[0].method.basis == JB_RATE_ESTIMATED,
       "rated power x time is estimated");
    is_i64((int64_t)subjects[2].n_views, 0, "what is not known has no view");
    ok(subjects[3].views[0].method.basis == JB_RATE_ESTIMATED,
       "half of it from a model is not measured");
    is_str(subjects[4].stage, "failed", "a failed training is none of its stage");
    is_str(subjects[0].stage, "pretraining", "others are of theirs");
    is_str(subjects[0].architecture, "rnn", "in the words of classes");
    free(subjects);
}

static void ranks(void)
{
    struct jb_inventory_run runs[] = {run("1", "g", 0, 1000), run("2", "g", 0, 3000),
                                      run("3", "h", 0, 5000), run("4", "g", 0, 7000)};
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};
    size_t n = 0;

    runs[1].training_flop = 2000000;
    runs[3].layer = JB_LAYER_RECONSTRUCTED;
    struct jb_rate_subject *const subjects = subjects_of(runs, 4, false, &n);
    is_i64((int64_t)n, 3, "ranks of one group are one training; another layer is another");
    ok(subjects[0].views[0].energy_uj.best == 4000 && subjects[0].n_runs == 2 &&
           subjects[0].flop == 2000000 && subjects[0].n_parameters == 1000,
       "their energy is added, the work is told once");
    const struct jb_inventory inventory = {.runs = runs, .n_runs = 4};
    ok(jb_rate_refs_add_inventory(&refs, &inventory, &err) == JB_OK && refs.n == 3,
       "as references too");
    ok(refs.n == 3 && refs.rows[0].energy_uj == 4000 && strcmp(refs.rows[0].source, "p") == 0 &&
           refs.rows[0].device_us == 200,
       "of one source, their project");
    jb_rate_refs_release(&refs);
    free(subjects);
}

static void whole(void)
{
    struct jb_inventory_run runs[] = {run("1", "", 0, 1000), run("2", "", 0, 3000),
                                      run("3", "", 0, 5000), run("4", "", 0, 7000)};
    size_t n = 0;

    runs[0].part = JB_PART_FAILED;
    runs[1].architecture = "GRU";
    runs[2].part = JB_PART_EVALUATION;
    runs[3].layer = JB_LAYER_RECONSTRUCTED;
    struct jb_rate_subject *const subjects = subjects_of(runs, 4, true, &n);
    is_i64((int64_t)n, 5, "the whole is one more");
    const struct jb_rate_subject *const all = &subjects[n - 1];
    ok(strcmp(all->stage, "full-r&d") == 0 && all->views[0].energy_uj.best == 4000 &&
           all->n_runs == 2,
       "failed runs are in it, evaluation and the other layer are not");
    ok(all->architecture[0] == '\0' && strcmp(all->application, "speech") == 0 && all->flop == -1,
       "words that differ are not told, nor the work");
    free(subjects);
    free(subjects_of(runs, 1, true, &n));
    is_i64((int64_t)n, 1, "one run is no whole of its own");
}

int main(void)
{
    views();
    ranks();
    whole();
    return done_testing();
}
