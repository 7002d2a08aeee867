/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in the form of Slurm 22.05's sacct -P and -p, worked out by hand. R-BOOKS-20, R-BOOKS-21, R-BOOKS-22. */
#include "import_book.h"

#define HEADER                                                                                  \
    "JobID|JobIDRaw|JobName|Account|User|Partition|State|ExitCode|Submit|Start|End|ElapsedRaw|" \
    "AllocTRES|NNodes|NodeList|ConsumedEnergyRaw|TRESUsageInTot|TotalCPU\n"
#define TIMES "2026-01-02T03:00:00|2026-01-02T03:04:05|2026-01-02T04:04:05|3600|"
#define T0    (INT64_C(1767323045) * SECOND) /* 2026-01-02T03:04:05Z */

static struct book_folder folder;
static struct jb_import_asked asked = {.utc_offset_s = 0, .cluster = "ham"};

static void take(const char *text)
{
    (void)take_text_as(&folder, "sacct", "jobs", text, &asked);
}

static void test_hardware(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    take(
        HEADER
        "4711|4711|bert|vision|anna|gpu|COMPLETED|0:0|" TIMES
        "billing=40,cpu=8,gres/gpu:a100=2,gres/gpu=2,mem=1.5T,node=1|1|n17||cpu=00:10:00|04:00:00\n"
        "4711.batch|4711.batch|batch|vision||||0:0|" TIMES
        "cpu=8,gres/gpu=2,mem=1.5T,node=1|1|n17|0|cpu=03:59:00,energy=0,mem=1234K|03:59:00\n"
        "4711.extern|4711.extern|extern|vision||||0:0|" TIMES "billing=40,cpu=8|1|n17|0|energy=0|\n"
        "4711.0|4711.0|python|vision||||0:0|" TIMES "cpu=8|1|n17|0|energy=0|00:01:00\n");
    ok(took.rc == JB_OK && took.n == 1 && took.told.n_rows == 4,
       "a job and three steps: one run (%s)", took.err.message);
    is_str(run->key, "ham 4711 2026-01-02T03:04:05Z", "known by cluster, number and start");
    is_i64(run->run.start_utc_us, T0, "it begins when it started");
    is_i64(run->run.end_utc_us, T0 + 3600 * SECOND, "and ends");
    is_str(run->run.project, "vision", "its account is the project");
    is_str(run->run.user, "anna", "user");
    is_str(run->run.host, "n17", "node");
    ok(run->has_work && run->n_lines == 0, "without energy it is for an estimate");
    is_i64(run->work.n_accelerators_milli.best, 2000, "two GPUs, counted once (R-BOOKS-23)");
    is_str(run->work.accelerator.text, "a100", "of the type that it says");
    is_i64(run->work.n_threads.best, 8, "threads");
    is_i64(run->work.memory_mib.best, 1536 * 1024, "1.5 T of memory");
    is_i64(run->work.duration_ns.best, INT64_C(3600000000000), "an hour");
    is_i64(run->run.machine_ns, INT64_C(3600000000000), "of one machine");
    ok(!run->is_machine_time_unknown, "which is known");
    is_i64(run->work.processor_use_ppm.best, 500000, "4 CPU hours of 8");
    is_i64(n_left("a step of a job"), 3, "steps are listed, not added (R-BOOKS-21)");
    ok(has_note(run, "partition 'gpu' was not stated"), "unknown hardware is said");
}

/* A row of a job with so much energy in its own row and in steps. */
static void energy(const char *own, const char *batch, const char *step, const char *extra)
{
    char text[4096];

    (void)snprintf(text, sizeof text,
                   HEADER "9|9|x|a|u|p|COMPLETED|0:0|" TIMES "cpu=8,node=1|1|n1|%s||\n"
                          "9.batch|9.batch|batch|a||||0:0|" TIMES "cpu=8|1|n1|%s||\n"
                          "9.0|9.0|y|a||||0:0|" TIMES "cpu=8|1|n1|%s||\n"
                          "9.extern|9.extern|y|a||||0:0|" TIMES "cpu=8|1|n1|%s||\n",
                   own, batch, step, extra);
    take(text);
}

static void test_energy(void)
{
    const struct jb_rebuilt_line *const line = &took.runs[0].lines[0];

    energy("3600000", "3500000", "3400000", "3600000");
    ok(took.n == 1 && took.runs[0].n_lines == 1 && !took.runs[0].has_work, "energy is told");
    is_i64(line->energy_uj.best, KWH_UJ, "3.6 MJ of its own row are a kWh, once (R-BOOKS-22)");
    ok(line->energy_uj.low == 0 && line->energy_uj.high == KWH_UJ / 10 * 11,
       "of which all or nothing may be its own");
    ok(line->origin == JB_ORIGIN_STATED && line->scope == JB_SCOPE_NODE, "a node's, stated");
    energy("", "2000000", "1000000", "");
    ok(line->energy_uj.best == INT64_C(2000000000000) &&
           line->energy_uj.high == INT64_C(3300000000000),
       "steps: at least the greatest, at most the sum and a tenth");
    energy("18446744073709551614", "0", "", "500000");
    is_i64(line->energy_uj.best, INT64_C(500000000000), "the outermost step has all of it");
    energy("0", "18446744073709551614", "4294967294", "0");
    ok(took.runs[0].has_work, "no value and 0 are no energy");
    take("JobID|Elapsed|Start|AllocTRES|ConsumedEnergy\n"
         "1|01:00:00|2026-01-02T03:04:05|cpu=2,node=1|3.60M\n");
    ok(line->energy_uj.best == KWH_UJ && line->energy_uj.high > KWH_UJ / 10 * 11,
       "3.60M are known to 5 kJ either way");
}

static void test_shared(void)
{
    static struct jb_import_partition part = {.name = "p"};
    const struct jb_rebuilt_line *const line = &took.runs[0].lines[0];

    part.work.n_threads =
        (struct jb_quantity){.known = JB_KNOWN_VALUE, .low = 32, .best = 32, .high = 32};
    part.work.processor.known = JB_KNOWN_VALUE;
    (void)snprintf(part.work.processor.text, JB_ANSWER, "EPYC 7302");
    part.work.node_overhead_mw =
        (struct jb_quantity){.known = JB_KNOWN_VALUE, .low = 80000, .best = 80000, .high = 80000};
    asked.partitions = &part;
    asked.n_partitions = 1;
    energy("3600000", "", "", "");
    is_i64(line->energy_uj.low, KWH_UJ * 9 / 40,
           "8 of 32 threads: a quarter at least, less a tenth");
    energy("", "", "", "");
    is_str(took.runs[0].work.processor.text, "EPYC 7302", "the partition's processor");
    is_i64(took.runs[0].work.node_overhead_mw.best, 20000, "and its part of the node's overhead");
    asked.partitions = NULL;
    asked.n_partitions = 0;
}

static void test_forms(void)
{
    take("JobID,JobIDRaw,State,Start,End,Elapsed,NCPUS,ReqMem,NNodes,\n"
         "12_4,16,FAILED,2026-01-02T03:04:05,2026-01-03T03:04:05,1-00:00:00,4,4Gc,1,\n"
         "12_5,17,CANCELLED by 1000,2026-01-02T03:04:05,2026-01-02T03:05:05,00:01:00,4,4Gn,2,\n"
         "18+0,18,COMPLETED,2026-01-02T03:04:05,2026-01-02T03:05:05,01:00,4,4000,1,\n"
         "18+1,19,COMPLETED,2026-01-02T03:04:05,2026-01-02T03:05:05,00:01:00,4,?,1,\n");
    ok(took.rc == JB_OK && took.n == 4, "-p with commas, arrays and parts of one job: %s",
       took.err.message);
    is_i64(took.runs[0].work.duration_ns.best, INT64_C(86400000000000), "a day");
    is_i64(took.runs[0].work.memory_mib.best, 16384, "4 G of each CPU");
    is_i64(took.runs[1].work.memory_mib.best, 8192, "4 G of each node");
    is_i64(took.runs[1].run.machine_ns, INT64_C(120000000000),
           "two nodes for a minute are two minutes of machines (R-AGAINST-04)");
    is_i64(took.runs[2].work.memory_mib.best, 4000, "MiB");
    is_i64(took.runs[2].work.duration_ns.best, INT64_C(60000000000), "a minute as MM:SS");
    is_i64(took.runs[3].work.memory_mib.known, JB_KNOWN_UNKNOWN, "not told");
    ok(has_tag(&took.runs[0], "job=12_4") && has_tag(&took.runs[0], "state=FAILED"), "tags");
    take("JobIDRaw\x1fState\x1f"
         "Start\x1f"
         "ElapsedRaw\x1fNCPUS\x1fJobName\n"
         "5\x1f"
         "COMPLETED\x1f"
         "1767323045\x1f"
         "60\x1f"
         "4\x1f"
         "a|b,c\n"
         "5\x1f"
         "COMPLETED\x1f"
         "1767326645\x1f"
         "60\x1f"
         "4\x1fx\n");
    ok(took.rc == JB_OK && took.n == 2, "a delimiter that no field holds");
    ok(took.runs[0].run.start_utc_us == T0 && strcmp(took.runs[0].run.configuration, "a|b,c") == 0,
       "seconds since 1970, and a name with all the others");
    ok(strcmp(took.runs[0].key, took.runs[1].key) != 0, "requeued, it is a run for each start");
    take(
        "JobID|Submit|Elapsed|Partition|NNodes|NCPUS|ReqMem|State|AllocTRES\n"
        "7|2022-02-12T13:55:33|03:00:30|p|1|32|250Gn|TIMEOUT|billing=32,cpu=32,gres/gpu=1,mem=250G,"
        "node=1\n");
    ok(took.n == 1 && has_note(&took.runs[0], "stands where it was submitted"),
       "a log without a start");
    ok(took.runs[0].work.accelerator.known == JB_KNOWN_UNKNOWN &&
           took.runs[0].work.n_accelerators_milli.best == 1000,
       "a GPU nobody named");
}

/* As sacct -D prints them: each start held the nodes, and each has its own time. */
static void test_requeued(void)
{
    take("JobIDRaw|State|Submit|Start|End|ElapsedRaw|NCPUS\n"
         "5|REQUEUED|2026-01-02T03:00:00|2026-01-02T03:04:05|2026-01-02T04:04:05|3600|4\n"
         "5|REQUEUED|2026-01-02T03:00:00|2026-01-02T05:04:05|2026-01-02T06:04:05|3600|4\n"
         "5|COMPLETED|2026-01-02T03:00:00|2026-01-02T07:04:05|2026-01-02T08:04:05|3600|4\n"
         "6|RESIZING|2026-01-02T03:00:00|2026-01-02T07:04:05|2026-01-02T08:04:05|3600|4\n"
         "7|RESIZING|2026-01-02T03:00:00|2026-01-02T07:04:05|Unknown|3600|4\n"
         "8|REQUEUED|2026-01-02T03:00:00|Unknown|2026-01-02T03:04:05|0|4\n");
    ok(took.rc == JB_OK && took.n == 4, "three starts and a size are four runs (R-BOOKS-21)");
    is_i64(n_left("still running"), 1, "a size that has no end is left");
    is_i64(n_left("requeued before it ran"), 1, "so is what never held a node");
    take("JobIDRaw|State|Submit|End|ElapsedRaw|NCPUS\n"
         "5|REQUEUED|2026-01-02T03:00:00|2026-01-02T04:04:05|3600|4\n"
         "5|COMPLETED|2026-01-02T03:00:00|2026-01-02T06:04:05|3600|4\n");
    ok(took.n == 2 && strcmp(took.runs[0].key, took.runs[1].key) != 0,
       "without starts they are told apart by their ends");
}

static void test_left(void)
{
    take(HEADER
         "1|1|x|a|u|p|PENDING|0:0|2026-01-02T03:00:00|Unknown|Unknown|0|cpu=1|1|None assigned|"
         "||\n"
         "2|2|x|a|u|p|RUNNING|0:0|2026-01-02T03:00:00|2026-01-02T03:00:01|Unknown|55|cpu=1|1|n||"
         "|\n"
         "3|3|x|a|u|p|CANCELLED by 7|0:0|2026-01-02T03:00:00|None|2026-01-02T03:00:01|0|||||"
         "|\n"
         "4.0|4.0|x|a|u|p|COMPLETED|0:0|" TIMES "cpu=1|1|n|||\n"
         "5|5|x|a|u|p|COMPLETED|0:9|" TIMES "|1|n|||\n");
    ok(took.rc == JB_OK && took.n == 0, "no run among these: %s", took.err.message);
    is_i64(n_left("still pending"), 1, "pending");
    is_i64(n_left("still running"), 1, "running");
    is_i64(n_left("never ran: no time elapsed"), 1, "cancelled before it began");
    is_i64(n_left("a step whose job is not above it"), 1, "a step alone");
    is_i64(n_left("no energy and no hardware"), 1, "nothing to work with");
}

/* What a real Slurm 22.05 printed (tests/data/sacct/README.md); the figures are read off it by eye. */
static void test_recorded(void)
{
    static const struct {
        const char *job, *name, *state, *environment;
        int64_t seconds, exit_code, n_threads, n_gpus;
    } want[] = {
        {"job=1", "two", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"1\"}", 3, 0, 4, 0},
        {"job=4", "a|b", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"4\"}", 1, 0, 1, 0},
        {"job=5", "gpu", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"5\"}", 2, 0, 1, 1},
        {"job=6", "slow", "state=TIMEOUT", "{\"SLURM_JOB_ID\":\"6\"}", 72, 0, 1, 0},
        {"job=7", "gone", "state=CANCELLED by 0", "{\"SLURM_JOB_ID\":\"7\"}", 2, 0, 1, 0},
        {"job=2_0", "arr", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"8\"}", 1, 0, 1, 0},
        {"job=2_1", "arr", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"9\"}", 1, 0, 1, 0},
        {"job=2_2", "arr", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"2\"}", 1, 0, 1, 0},
        {"job=10", "run", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"10\"}", 15, 0, 1, 0},
        {"job=11", "nob", "state=COMPLETED", "{\"SLURM_JOB_ID\":\"11\"}", 1, 0, 1, 0},
    };

    (void)take_path("sacct", "tests/data/sacct/slurm-22.05.txt", &asked);
    ok(took.rc == JB_OK && took.n == JB_ARRAY_LEN(want) && took.told.n_rows == 26,
       "26 rows of a real Slurm: ten jobs that ran (%s)", took.err.message);
    for (size_t i = 0; i < JB_ARRAY_LEN(want) && i < took.n; i++) {
        const struct jb_rebuilt *const run = &took.runs[i];
        ok(has_tag(run, want[i].job) && has_tag(run, want[i].state) &&
               strcmp(run->run.configuration, want[i].name) == 0 &&
               run->run.exit_code == want[i].exit_code,
           "%s, %s", want[i].job, want[i].state);
        is_i64(run->work.duration_ns.best, want[i].seconds * INT64_C(1000000000), "its time");
        is_i64(run->run.end_utc_us - run->run.start_utc_us, want[i].seconds * SECOND, "its place");
        is_i64(run->work.n_threads.best, want[i].n_threads, "its threads");
        is_i64(run->work.n_accelerators_milli.best, want[i].n_gpus * 1000, "its GPUs");
        is_str(run->run.environment, want[i].environment, "its number (R-REBUILT-07)");
    }
    is_i64(n_left("a step of a job"), 13, "steps");
    is_i64(n_left("never ran: no time elapsed"), 1, "one that failed at once");
    is_i64(n_left("still pending"), 2, "two parts of one job that waits");
    take("JobID|Elapsed|NCPUS\n12_4|00:01:00|1\n");
    ok(took.n == 1 && took.runs[0].run.environment[0] == '\0',
       "an array's number is none by which its task knows itself");
}

static void refuses(const char *text, const char *part)
{
    take(text);
    ok(took.rc == JB_E_INPUT && took.n == 0 && strstr(took.err.message, part),
       "refused for '%s': %s", part, took.err.message);
}

static void test_refused(void)
{
    refuses("", "no header");
    refuses("4711|x\n", "no header");
    refuses("Name|Elapsed\n1|2\n", "JobID");
    refuses("JobID|State\n1|COMPLETED\n", "how long");
    refuses("JobID|JobName|Elapsed\n1|a|b|00:01:00\n", "line 2: 4 fields under a header of 3");
    ok(strstr(took.err.hint, "--delimiter=$'\\x1f'"), "the hint says how to print it: %s",
       took.err.hint);
    refuses("JobID|JobName|Elapsed\n1|a\n", "line 2: 2 fields under a header of 3");
    refuses("JobID|Elapsed\nx|00:01:00\n", "line 2, 'JobID'");
    refuses("JobID|Elapsed\n1|soon\n", "line 2, 'Elapsed'");
    refuses("JobID|Elapsed|AllocTRES\n1|00:01:00|cpu=x\n", "line 2, 'AllocTRES'");
    refuses("JobID|Elapsed|ConsumedEnergy\n1|00:01:00|-5\n", "line 2, 'ConsumedEnergy'");
    refuses("JobID|Elapsed|Start\n1|00:01:00|yesterday\n", "line 2, 'Start'");
    refuses("JobID|Elapsed|ReqMem\n1|00:01:00|4X\n", "line 2, 'ReqMem'");
}

int main(void)
{
    folder = book_new_folder();
    test_hardware();
    test_energy();
    test_shared();
    test_forms();
    test_requeued();
    test_left();
    test_recorded();
    test_refused();
    book_remove_folder(&folder);
    return done_testing();
}
