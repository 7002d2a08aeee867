/* SPDX-License-Identifier: Apache-2.0 */
/* Measured runs of the book that may be the same work as a run that a paper tells of. Says which; decides nothing.
 * R-REBUILT-07. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pipeline/reconstruct_int.h"

#define JOB_NAME "SLURM_JOB_ID"

static uint64_t key_of(const char *text)
{
    return text && text[0] ? jb_checksum(1, text, strlen(text)) | 1 : 0;
}

/* The scheduler's number of the job, which the recorder keeps of the environment, and a scheduler's log tells as well. */
static uint64_t job_of(const struct jb_run *run)
{
    json_t *const object = run->environment[0] ? json_loads(run->environment, 0, NULL) : NULL;
    const uint64_t key = key_of(json_string_value(json_object_get(object, JOB_NAME)));

    json_decref(object);
    return key;
}

static struct reconstruct__measured facts_of(const struct jb_run *run)
{
    struct reconstruct__measured facts = {
        .start_utc_us = run->start_utc_us,
        .end_utc_us = run->end_utc_us,
        .job = job_of(run),
        .project = key_of(run->project),
        .model = key_of(run->model),
        .host = key_of(run->host),
    };

    memcpy(facts.run_id, run->id, sizeof facts.run_id);
    return facts;
}

static jb_rc on_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    struct reconstruct__measured_runs *const runs = arg;
    jb_rc rc;

    if ((run->status != JB_RUN_DONE && run->status != JB_RUN_INTERRUPTED) ||
        run->end_utc_us <= run->start_utc_us)
        return JB_OK;
    rc = reconstruct__grow(&runs->list, &runs->size, runs->n, sizeof runs->list[0], err);
    if (rc < 0)
        return rc;
    runs->list[runs->n++] = facts_of(run);
    if (runs->longest_us < run->end_utc_us - run->start_utc_us)
        runs->longest_us = run->end_utc_us - run->start_utc_us;
    return JB_OK;
}

static bool is_alike(uint64_t a, uint64_t b)
{
    return a != 0 && a == b;
}

/* Time that both have, over half of the shorter one where the job is the same, else of the longer one: a month's bill is
 * not the hour that somebody measured of it. */
static bool overlaps(const struct reconstruct__measured *a, const struct reconstruct__measured *b,
                     bool is_same_job)
{
    const int64_t from_us = a->start_utc_us > b->start_utc_us ? a->start_utc_us : b->start_utc_us;
    const int64_t to_us = a->end_utc_us < b->end_utc_us ? a->end_utc_us : b->end_utc_us;
    const int64_t a_us = a->end_utc_us - a->start_utc_us;
    const int64_t b_us = b->end_utc_us - b->start_utc_us;
    const int64_t shorter_us = a_us < b_us ? a_us : b_us;
    const int64_t longer_us = a_us < b_us ? b_us : a_us;

    return to_us > from_us && to_us - from_us > (is_same_job ? shorter_us : longer_us) / 2;
}

/* 0: not the same work; the higher, the likelier. */
static int likeness(const struct reconstruct__measured *told,
                    const struct reconstruct__measured *measured)
{
    const bool is_same_job = is_alike(told->job, measured->job);
    const int n_same = is_alike(told->project, measured->project) +
                       is_alike(told->model, measured->model) +
                       is_alike(told->host, measured->host);

    if (!overlaps(told, measured, is_same_job))
        return 0;
    if (is_same_job)
        return 4;
    /* Two numbers of jobs that differ are two jobs. */
    if ((told->job != 0 && measured->job != 0) || n_same < 2)
        return 0;
    return n_same;
}

/* The first of the list, newest first, that began before `utc_us`. */
static size_t first_before(const struct reconstruct__measured_runs *runs, int64_t utc_us)
{
    size_t low = 0;
    size_t high = runs->n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (runs->list[middle].start_utc_us >= utc_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

jb_rc reconstruct__match(struct jb_reconstruct *reconstruct, const struct jb_run *run,
                         char ret_run_id[JB_RUN_ID], struct jb_error *err)
{
    const struct jb_run_filter filter = {.status = -1, .layer = jb_layer_name(JB_LAYER_MEASURED)};
    struct reconstruct__measured_runs *const runs = &reconstruct->measured;
    const struct reconstruct__measured told = facts_of(run);
    int best = 0;

    if (!runs->is_read) {
        const jb_rc rc = jb_ledger_each_run(reconstruct->ledger, &filter, on_run, runs, err);
        if (rc < 0)
            return rc;
        runs->is_read = true;
    }
    ret_run_id[0] = '\0';
    for (size_t i = first_before(runs, told.end_utc_us); i < runs->n; i++) {
        const struct reconstruct__measured *const measured = &runs->list[i];
        if (measured->start_utc_us < told.start_utc_us - runs->longest_us)
            break;
        const int like = likeness(&told, measured);
        if (like > best) {
            best = like;
            memcpy(ret_run_id, measured->run_id, JB_RUN_ID);
        }
    }
    return JB_OK;
}
