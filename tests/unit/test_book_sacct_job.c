/* SPDX-License-Identifier: Apache-2.0 */
/* One job to a run where its row leaves something open. R-BOOKS-21, R-BOOKS-22, R-BOOKS-23. */
#include "import/book_sacct_int.h"
#include "tap.h"

static struct jb_import_asked asked = {.utc_offset_s = 0};
static struct book book = {.path = "/nonexistent", .asked = &asked};
static struct jb_rebuilt run;
static const char *reason;

static struct sacct_job job_of(int64_t start_s, int64_t end_s, int64_t elapsed_s)
{
    struct sacct_job job = {
        .id = "7",
        .cpu_ns = -1,
        .submit_utc_us = INT64_MIN,
        .start_utc_us = start_s < 0 ? INT64_MIN : start_s * 1000000,
        .end_utc_us = end_s < 0 ? INT64_MIN : end_s * 1000000,
        .duration_ns = elapsed_s < 0 ? -1 : elapsed_s * 1000000000,
        .tres = {.n_cpus = 4, .n_nodes = 1},
    };

    return job;
}

static jb_rc rebuild(const struct sacct_job *job)
{
    struct jb_error err = {0};

    reason = NULL;
    return sacct__rebuild(&book, job, &run, &reason, &err);
}

static void stands(int64_t start_s, int64_t end_s, int64_t elapsed_s, int64_t want_start,
                   int64_t want_end, const char *what)
{
    const struct sacct_job job = job_of(start_s, end_s, elapsed_s);

    ok(rebuild(&job) == JB_OK && run.run.start_utc_us == want_start * 1000000 &&
           run.run.end_utc_us == want_end * 1000000,
       "%s", what);
}

static void test_times(void)
{
    struct sacct_job job = job_of(-1, -1, 5);

    stands(1000, 1060, 60, 1000, 1060, "all three");
    stands(1000, -1, 60, 1000, 1060, "no end");
    stands(-1, 1060, 60, 1000, 1060, "no start");
    stands(1000, 1060, -1, 1000, 1060, "no time elapsed");
    stands(4600, 1060, 60, 4600, 4660, "an end before the start: clocks were set back");
    stands(1000, 1900, 60, 1000, 1900, "suspended for a while");
    is_i64(run.work.duration_ns.best, INT64_C(60000000000), "it is what elapsed that counts");
    ok(run.work.is_time_held, "so long its hardware was held");
    ok(rebuild(&job) < 0, "no time at all, and no file whose time could stand for it");
    job = job_of(1000, -1, -1);
    is_i64(rebuild(&job), JB_E_INPUT, "how long is not known");
    job = job_of(0, -1, INT64_C(400000000));
    is_i64(rebuild(&job), JB_E_INPUT, "more than ten years");
}

static void test_exit(void)
{
    struct sacct_job job = job_of(1000, 1060, 60);

    ok(rebuild(&job) == JB_OK && run.run.exit_code == -1, "how it ended is not told");
    (void)snprintf(job.exit_code, sizeof job.exit_code, "2:0");
    ok(rebuild(&job) == JB_OK && run.run.exit_code == 2, "by itself");
    (void)snprintf(job.exit_code, sizeof job.exit_code, "0:9");
    ok(rebuild(&job) == JB_OK && run.run.exit_code == 137, "by a signal");
}

static void test_hardware(void)
{
    struct sacct_job job = job_of(1000, 1060, 60);

    job.tres.n_gpus = 4;
    job.tres.n_gpu_types = 2;
    (void)snprintf(job.tres.gpu_type, sizeof job.tres.gpu_type, "v100");
    ok(rebuild(&job) == JB_OK && run.n_notes > 0 && run.work.n_accelerators_milli.best == 4000,
       "two types: which is taken is said");
    job.cpu_ns = INT64_C(480000000000);
    ok(rebuild(&job) == JB_OK && run.work.processor_use_ppm.best == 1000000,
       "more CPU time than there is, is all of it");
    job.tres = (struct sacct_tres){.n_cpus = 0};
    ok(rebuild(&job) == JB_OK && reason, "nothing is known: no run");
}

int main(void)
{
    test_times();
    test_exit();
    test_hardware();
    return done_testing();
}
