/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One job of Slurm's accounting to a run: its times, its energy where the node's meter told one, else what is known of
 * its hardware, for an estimate. R-BOOKS-21 (times), R-BOOKS-22 (energy), R-BOOKS-23 (hardware).
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/book_sacct_int.h"

/* R-BOOKS-22: what a node's meter tells is taken to be right within this. */
#define NODE_PPM 100000
#define PPM      INT64_C(1000000)
/* Above this a job did not run for so long, its log is broken. */
#define DURATION_MAX_NS (INT64_C(10) * 366 * 24 * JB_NS_PER_HOUR)

static const struct jb_import_partition *find_partition(const struct book *book, const char *name)
{
    for (size_t i = 0; i < book->asked->n_partitions; i++)
        if (strcmp(book->asked->partitions[i].name, name) == 0)
            return &book->asked->partitions[i];
    return NULL;
}

/* --- times ------------------------------------------------------------------------------------------------------ */

/* R-BOOKS-21: what elapsed is what counts; the two times say where it stands. */
static jb_rc take_times(struct book *book, const struct sacct_job *job, struct jb_rebuilt *rebuilt,
                        int64_t *ret_duration_ns, struct jb_error *err)
{
    int64_t start = job->start_utc_us;
    int64_t end = job->end_utc_us;
    int64_t ns = job->duration_ns;

    if (ns < 0 && start != INT64_MIN && end != INT64_MIN && end >= start)
        ns = (end - start) * JB_NS_PER_US;
    if (ns < 0 || ns > DURATION_MAX_NS)
        return book__fail(book, "Elapsed", err, "add ElapsedRaw to sacct's --format",
                          "a job without a time elapsed of less than ten years");
    if (start == INT64_MIN && end != INT64_MIN)
        start = end - ns / JB_NS_PER_US;
    if (start == INT64_MIN && job->submit_utc_us != INT64_MIN) {
        start = job->submit_utc_us;
        book__note(rebuilt, "when it started is not told: it stands where it was submitted");
    }
    *ret_duration_ns = ns;
    if (start == INT64_MIN)
        return book__no_times(book, rebuilt, err);
    if (end == INT64_MIN || end - start < ns / JB_NS_PER_US)
        end = start + ns / JB_NS_PER_US;
    rebuilt->run.start_utc_us = start;
    rebuilt->run.end_utc_us = end;
    return JB_OK;
}

/* --- names ------------------------------------------------------------------------------------------------------ */

static void take_exit(struct jb_rebuilt *rebuilt, const char *text)
{
    const char *const colon = strchr(text, ':');
    int64_t code = -1;
    int64_t signal = 0;

    if (!colon || jb_parse_i64(text, (size_t)(colon - text), false, &code) < 0 ||
        jb_parse_i64(colon + 1, strlen(colon + 1), false, &signal) < 0 || code < 0 || code > 255 ||
        signal < 0 || signal > 64)
        return;
    rebuilt->run.exit_code = signal > 0 ? 128 + signal : code;
}

static void fill(char *member, size_t size, const char *text)
{
    book__fill(member, size, text, strlen(text));
}

static void tag(struct jb_rebuilt *rebuilt, const char *name, const char *text)
{
    book__tag(rebuilt, name, text, strlen(text));
}

/* R-REBUILT-07: the number by which a run that was measured inside the job names it; an array's "123_4" is none. */
static void take_number(const struct sacct_job *job, struct jb_run *run)
{
    const char *const id = job->id_raw[0] != '\0' ? job->id_raw : job->id;

    if (id[strspn(id, "0123456789")] == '\0')
        (void)snprintf(run->environment, sizeof run->environment, "{\"SLURM_JOB_ID\":\"%s\"}", id);
}

static void take_names(const struct book *book, const struct sacct_job *job,
                       struct jb_rebuilt *rebuilt)
{
    struct jb_run *const run = &rebuilt->run;
    const char *const cluster = job->cluster[0] != '\0' ? job->cluster
                                : book->asked->cluster  ? book->asked->cluster
                                                        : "-";
    /* Starts of one job, requeued, have one time of submission. */
    const int64_t when = job->start_utc_us != INT64_MIN ? job->start_utc_us
                         : job->end_utc_us != INT64_MIN ? job->end_utc_us
                                                        : job->submit_utc_us;
    char time[32] = "-";

    if (when != INT64_MIN)
        (void)jb_format_utc(when, false, time, sizeof time);
    (void)snprintf(rebuilt->key, sizeof rebuilt->key, "%s %s %s", cluster,
                   job->id_raw[0] != '\0' ? job->id_raw : job->id, time);
    if (strcmp(cluster, "-") == 0)
        book__note(rebuilt, "its cluster is not told: a job of this number and time on another one "
                            "would be taken for it; --cluster names it");
    fill(run->project, sizeof run->project, job->account);
    fill(run->configuration, sizeof run->configuration, job->name);
    fill(run->user, sizeof run->user, job->user);
    fill(run->host, sizeof run->host, job->tres.n_nodes <= 1 ? job->nodes : "");
    fill(run->directory, sizeof run->directory, job->directory);
    tag(rebuilt, "job", job->id);
    tag(rebuilt, "cluster", strcmp(cluster, "-") == 0 ? "" : cluster);
    tag(rebuilt, "partition", job->partition);
    tag(rebuilt, "nodes", job->nodes);
    tag(rebuilt, "state", job->state);
    take_exit(rebuilt, job->exit_code);
    take_number(job, run);
}

/* --- hardware --------------------------------------------------------------------------------------------------- */

/* Of `per_node` the part of so many nodes of which the job held share_ppm; unknown stays unknown. */
static struct jb_quantity of_nodes(struct jb_quantity per_node, int64_t n_nodes, int64_t share_ppm)
{
    int64_t *const values[] = {&per_node.low, &per_node.best, &per_node.high};

    if (per_node.known != JB_KNOWN_VALUE && per_node.known != JB_KNOWN_RANGE)
        return per_node;
    for (size_t i = 0; i < JB_ARRAY_LEN(values); i++)
        *values[i] = jb_muldiv_sat_i64(jb_muldiv_sat_i64(*values[i], n_nodes, 1, JB_ROUND_NEAREST),
                                       share_ppm, PPM, JB_ROUND_NEAREST);
    return per_node;
}

/* What the job held of its nodes: by threads, else by boards; 0: not known. */
static int64_t share_ppm_of(const struct sacct_job *job, const struct jb_work *node)
{
    const int64_t n_nodes = job->tres.n_nodes > 0 ? job->tres.n_nodes : 1;
    int64_t all = 0;
    int64_t share;

    if (node->n_threads.known != JB_KNOWN_VALUE || node->n_threads.best <= 0 ||
        job->tres.n_cpus <= 0 || jb_mul_i64(node->n_threads.best, n_nodes, &all) < 0)
        return 0;
    share = jb_muldiv_sat_i64(job->tres.n_cpus, PPM, all, JB_ROUND_NEAREST);
    return share > PPM ? PPM : share;
}

static void take_accelerators(const struct sacct_job *job, const struct jb_import_partition *part,
                              struct jb_rebuilt *rebuilt)
{
    struct jb_work *const work = &rebuilt->work;
    const struct sacct_tres *const tres = &job->tres;
    int64_t milli = 0;

    if (jb_mul_i64(tres->n_gpus, 1000, &milli) < 0)
        milli = INT64_MAX;
    work->n_accelerators_milli = book__value(milli);
    if (tres->n_gpus == 0)
        return;
    /* A site's own words for its GPUs ("a100") are weaker than what the user says the partition has. */
    if (part && part->work.accelerator.known == JB_KNOWN_VALUE)
        work->accelerator = part->work.accelerator;
    else
        book__answer(&work->accelerator, tres->gpu_type, strlen(tres->gpu_type));
    if (tres->n_gpu_types > 1)
        book__note(rebuilt, "it held GPUs of %zu types; all %lld are taken for '%s'",
                   tres->n_gpu_types, (long long)tres->n_gpus, tres->gpu_type);
}

static void take_processors(const struct sacct_job *job, struct jb_work *work)
{
    int64_t all_ns = 0;
    int64_t use_ppm;

    if (job->tres.n_cpus > 0)
        work->n_threads = book__value(job->tres.n_cpus);
    /* Processes that Slurm did not wait for are not in it: a time of 0 tells nothing. */
    if (job->cpu_ns > 0 && job->tres.n_cpus > 0 && job->duration_ns > 0 &&
        jb_mul_i64(job->duration_ns, job->tres.n_cpus, &all_ns) == JB_OK) {
        use_ppm = jb_muldiv_sat_i64(job->cpu_ns, PPM, all_ns, JB_ROUND_NEAREST);
        work->processor_use_ppm = book__value(use_ppm > PPM ? PPM : use_ppm);
    }
}

static void take_work(struct book *book, const struct sacct_job *job, int64_t duration_ns,
                      struct jb_rebuilt *rebuilt)
{
    const struct jb_import_partition *const part = find_partition(book, job->partition);
    struct jb_work *const work = &rebuilt->work;
    const int64_t n_nodes = job->tres.n_nodes > 0 ? job->tres.n_nodes : 1;
    const int64_t share_ppm = part ? share_ppm_of(job, &part->work) : 0;

    rebuilt->has_work = true;
    rebuilt->method = JB_METHOD_B;
    if (part) {
        work->processor = part->work.processor;
        work->accelerator_mw = part->work.accelerator_mw;
        work->pue_milli = part->work.pue_milli;
        work->place = part->work.place;
        if (share_ppm > 0)
            work->node_overhead_mw = of_nodes(part->work.node_overhead_mw, n_nodes, share_ppm);
        else if (part->work.node_overhead_mw.known == JB_KNOWN_VALUE)
            book__note(rebuilt,
                       "what it held of its nodes is not known: their overhead is left out");
    } else if (job->partition[0] != '\0') {
        book__note(rebuilt, "the hardware of partition '%s' was not stated", job->partition);
    }
    take_accelerators(job, part, rebuilt);
    take_processors(job, work);
    if (job->tres.memory_mib > 0)
        work->memory_mib = book__value(job->tres.memory_mib);
    work->duration_ns = book__value(duration_ns);
    work->is_time_held = true;
    if (rebuilt->run.pue_milli >= 1000)
        work->pue_milli = book__value(rebuilt->run.pue_milli);
    if (rebuilt->run.place[0] != '\0')
        book__answer(&work->place, rebuilt->run.place, strlen(rebuilt->run.place));
}

/* --- energy ----------------------------------------------------------------------------------------------------- */

/* R-BOOKS-22: the job's own row, else its steps. */
static struct jb_figure energy_of(const struct sacct_job *job, struct jb_rebuilt *rebuilt)
{
    const int64_t most = job->extern_uj > job->most_uj ? job->extern_uj : job->most_uj;

    if (job->energy_uj.is_known)
        return job->energy_uj;
    if (most == 0)
        return (struct jb_figure){.is_known = false};
    book__note(rebuilt,
               "its own row tells no energy: what its steps tell was taken, which overlap in "
               "time and each count their nodes whole");
    return (struct jb_figure){
        .is_known = true,
        .low = most,
        .best = most,
        .high = job->sum_uj > most ? job->sum_uj : most,
    };
}

static void take_energy(struct book *book, const struct sacct_job *job, struct jb_figure energy,
                        int64_t duration_ns, struct jb_rebuilt *rebuilt)
{
    const struct jb_import_partition *const part = find_partition(book, job->partition);
    const int64_t share_ppm = part ? share_ppm_of(job, &part->work) : 0;
    struct jb_rebuilt_line *line;

    energy.low = jb_muldiv_sat_i64(energy.low, PPM - NODE_PPM, PPM, JB_ROUND_FLOOR);
    energy.high = jb_muldiv_sat_i64(energy.high, PPM + NODE_PPM, PPM, JB_ROUND_CEIL);
    if (share_ppm == 0) {
        energy.low = 0;
        book__note(rebuilt,
                   "whether it had its nodes for itself is not told: their energy is the most "
                   "that can be its own");
    } else if (share_ppm < PPM) {
        energy.low = jb_muldiv_sat_i64(energy.low, share_ppm, PPM, JB_ROUND_FLOOR);
        book__note(rebuilt,
                   "it held %lld %% of the processors of its nodes, whose whole energy this is",
                   (long long)(share_ppm / 10000));
    }
    if (job->tres.n_gpus > 0)
        book__note(rebuilt,
                   "Slurm's energy holds GPUs only where it comes from the node's own meter "
                   "(ipmi, xcc, pm_counters); by rapl they are missing");
    rebuilt->method = JB_METHOD_C1;
    line = book__line(rebuilt, "sacct/node", JB_SCOPE_NODE, JB_ORIGIN_STATED, energy,
                      "Slurm, ConsumedEnergy: of all its nodes while it ran");
    if (line && job->tres.n_nodes > 0 &&
        jb_mul_i64(duration_ns, job->tres.n_nodes, &line->device_ns) < 0)
        line->device_ns = 0;
}

jb_rc sacct__rebuild(struct book *book, const struct sacct_job *job, struct jb_rebuilt *rebuilt,
                     const char **ret_reason, struct jb_error *err)
{
    struct jb_figure energy;
    int64_t duration_ns = 0;
    jb_rc rc;

    book__begin(book, rebuilt, "sacct");
    book->is_local_time = job->is_local_time;
    rc = take_times(book, job, rebuilt, &duration_ns, err);
    if (rc < 0)
        return rc;
    take_names(book, job, rebuilt);
    /* R-AGAINST-04: where the log has no column of nodes, as many as there were are not known to be one. */
    rebuilt->is_machine_time_unknown =
        job->tres.n_nodes <= 0 ||
        jb_mul_i64(duration_ns, job->tres.n_nodes, &rebuilt->run.machine_ns) < 0;
    energy = energy_of(job, rebuilt);
    if (energy.is_known)
        take_energy(book, job, energy, duration_ns, rebuilt);
    else if (job->tres.n_cpus == 0 && job->tres.n_gpus == 0)
        *ret_reason = "no energy and no hardware";
    else
        take_work(book, job, duration_ns, rebuilt);
    return JB_OK;
}
