/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job accounting that `sacct -P` or `-p` prints, to one run a job. Columns are known by their names, never by their
 * place; a row that does not fit its header is refused, never shifted. Steps lend the job what its own row lacks and are
 * never added to it. R-BOOKS-20 (table), R-BOOKS-21 (jobs and steps), R-BOOKS-22 (energy), R-BOOKS-23 (hardware).
 */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/num.h"
#include "import/book_sacct_int.h"

#define FIELDS_MAX   256
#define RECORD_BYTES ((size_t)1024 * 1024)

/* R-BOOKS-21: states in which a job is not over. The last two also mark a start that ended, or a size it had until then:
 * with a time elapsed and an end the nodes were held, and no later row tells it again. */
static const struct {
    const char *state, *reason;
    bool is_over_with_end;
} unfinished[] = {
    {"PENDING", "still pending", false},          {"RUNNING", "still running", false},
    {"SUSPENDED", "still suspended", false},      {"CONFIGURING", "still starting", false},
    {"COMPLETING", "still ending", false},        {"REVOKED", "run by another cluster", false},
    {"REQUEUED", "requeued before it ran", true}, {"RESIZING", "still running", true},
};

static const char *const column_names[] = {
    [SACCT_JOB_ID] = "JobID",
    [SACCT_JOB_ID_RAW] = "JobIDRaw",
    [SACCT_JOB_NAME] = "JobName",
    [SACCT_CLUSTER] = "Cluster",
    [SACCT_ACCOUNT] = "Account",
    [SACCT_USER] = "User",
    [SACCT_PARTITION] = "Partition",
    [SACCT_STATE] = "State",
    [SACCT_EXIT_CODE] = "ExitCode",
    [SACCT_SUBMIT] = "Submit",
    [SACCT_START] = "Start",
    [SACCT_END] = "End",
    [SACCT_ELAPSED] = "Elapsed",
    [SACCT_ELAPSED_RAW] = "ElapsedRaw",
    [SACCT_ALLOC_TRES] = "AllocTRES",
    [SACCT_ALLOC_CPUS] = "AllocCPUS",
    [SACCT_N_CPUS] = "NCPUS",
    [SACCT_N_NODES] = "NNodes",
    [SACCT_ALLOC_NODES] = "AllocNodes",
    [SACCT_NODE_LIST] = "NodeList",
    [SACCT_REQ_MEM] = "ReqMem",
    [SACCT_TOTAL_CPU] = "TotalCPU",
    [SACCT_ENERGY] = "ConsumedEnergy",
    [SACCT_ENERGY_RAW] = "ConsumedEnergyRaw",
    [SACCT_USAGE] = "TRESUsageInTot",
    [SACCT_WORK_DIR] = "WorkDir",
    NULL,
};

struct reader {
    struct book *book;
    struct jb_rebuilt *rebuilt;
    struct book__columns columns;
    char delimiter;
    bool has_header;
    const struct jb_csv_field *fields;
    bool has_job;
    struct sacct_job job;
};

static const struct jb_csv_field *field(const struct reader *r, enum sacct_column column)
{
    static const struct jb_csv_field none = {.text = ""};

    return r->columns.at[column] < 0 ? &none : &r->fields[r->columns.at[column]];
}

static jb_rc wrong(const struct reader *r, enum sacct_column column, struct jb_error *err)
{
    char text[64];

    jb_clean_copy(field(r, column)->text, text, sizeof text);
    return book__fail(r->book, column_names[column], err,
                      "a delimiter that no field holds keeps columns apart: sacct -P "
                      "--delimiter=$'\\x1f'",
                      "'%s' is no such value", text);
}

/* --- one row ---------------------------------------------------------------------------------------------------- */

/* "2026-01-02T03:04:05", seconds since 1970 with SLURM_TIME_FORMAT=%s, or none. */
static jb_rc take_time(const struct reader *r, enum sacct_column column, int64_t *ret_utc_us,
                       struct jb_error *err)
{
    const struct jb_csv_field *const f = field(r, column);
    int64_t seconds = 0;

    *ret_utc_us = INT64_MIN;
    if (book__is_absent(f->text, f->len) || strcmp(f->text, "0") == 0)
        return JB_OK;
    if (book__time(r->book, f->text, f->len, ret_utc_us) == JB_OK)
        return JB_OK;
    if (jb_parse_i64(f->text, f->len, false, &seconds) < 0 || seconds < INT64_C(631152000) ||
        seconds > INT64_C(4102444800))
        return wrong(r, column, err);
    *ret_utc_us = seconds * JB_US_PER_S;
    return JB_OK;
}

static jb_rc take_count(const struct reader *r, enum sacct_column column, int64_t *ret,
                        struct jb_error *err)
{
    const struct jb_csv_field *const f = field(r, column);
    static const struct jb_unit units[] = {{"", 1}, {"K", 1000}, {"M", 1000000}};
    const jb_rc rc = book__is_absent(f->text, f->len)
                         ? JB_OK
                         : jb_parse_quantity(f->text, units, JB_ARRAY_LEN(units), ret);

    return rc < 0 ? wrong(r, column, err) : JB_OK;
}

static jb_rc take_duration(const struct reader *r, int64_t *ret_ns, struct jb_error *err)
{
    const struct jb_csv_field *const raw = field(r, SACCT_ELAPSED_RAW);
    const struct jb_csv_field *const text = field(r, SACCT_ELAPSED);
    int64_t seconds = 0;

    *ret_ns = -1;
    if (!book__is_absent(raw->text, raw->len)) {
        if (jb_parse_i64(raw->text, raw->len, false, &seconds) < 0 || seconds < 0 ||
            jb_mul_i64(seconds, JB_NS_PER_S, ret_ns) < 0)
            return wrong(r, SACCT_ELAPSED_RAW, err);
    } else if (!book__is_absent(text->text, text->len) &&
               sacct__duration(text->text, text->len, ret_ns) < 0) {
        return wrong(r, SACCT_ELAPSED, err);
    }
    return JB_OK;
}

static jb_rc take_energy(const struct reader *r, struct jb_figure *ret, struct jb_error *err)
{
    static const enum sacct_column columns[] = {SACCT_ENERGY_RAW, SACCT_ENERGY};
    const struct jb_csv_field *const usage = field(r, SACCT_USAGE);
    struct sacct_tres tres;

    *ret = (struct jb_figure){.is_known = false};
    for (size_t i = 0; i < JB_ARRAY_LEN(columns) && !ret->is_known; i++) {
        const struct jb_csv_field *const f = field(r, columns[i]);
        if (sacct__energy(f->text, f->len, ret) < 0)
            return wrong(r, columns[i], err);
    }
    if (ret->is_known)
        return JB_OK;
    if (sacct__tres(usage->text, usage->len, &tres) < 0)
        return wrong(r, SACCT_USAGE, err);
    *ret = tres.energy_uj;
    return JB_OK;
}

static void keep(const struct reader *r, enum sacct_column column, char *member, size_t size)
{
    member[0] = '\0';
    book__fill(member, size, field(r, column)->text, field(r, column)->len);
}

static jb_rc take_sizes(const struct reader *r, struct sacct_job *job, struct jb_error *err)
{
    const struct jb_csv_field *const tres = field(r, SACCT_ALLOC_TRES);
    const struct jb_csv_field *const mem = field(r, SACCT_REQ_MEM);
    const struct jb_csv_field *const total = field(r, SACCT_TOTAL_CPU);
    jb_rc rc;

    if (sacct__tres(tres->text, tres->len, &job->tres) < 0)
        return wrong(r, SACCT_ALLOC_TRES, err);
    rc = job->tres.n_cpus > 0 ? JB_OK : take_count(r, SACCT_ALLOC_CPUS, &job->tres.n_cpus, err);
    if (rc == JB_OK && job->tres.n_cpus == 0)
        rc = take_count(r, SACCT_N_CPUS, &job->tres.n_cpus, err);
    if (rc == JB_OK && job->tres.n_nodes == 0)
        rc = take_count(r, SACCT_ALLOC_NODES, &job->tres.n_nodes, err);
    if (rc == JB_OK && job->tres.n_nodes == 0)
        rc = take_count(r, SACCT_N_NODES, &job->tres.n_nodes, err);
    if (rc < 0)
        return rc;
    if (job->tres.memory_mib == 0 && sacct__memory(mem->text, mem->len, job->tres.n_cpus,
                                                   job->tres.n_nodes, &job->tres.memory_mib) < 0)
        return wrong(r, SACCT_REQ_MEM, err);
    if (!book__is_absent(total->text, total->len) &&
        sacct__duration(total->text, total->len, &job->cpu_ns) < 0)
        return wrong(r, SACCT_TOTAL_CPU, err);
    return JB_OK;
}

static jb_rc take_job(const struct reader *r, struct sacct_job *job, struct jb_error *err)
{
    jb_rc rc;

    *job = (struct sacct_job){.line = r->book->line, .cpu_ns = -1};
    r->book->is_local_time = false;
    rc = take_time(r, SACCT_SUBMIT, &job->submit_utc_us, err);
    if (rc == JB_OK)
        rc = take_time(r, SACCT_START, &job->start_utc_us, err);
    if (rc == JB_OK)
        rc = take_time(r, SACCT_END, &job->end_utc_us, err);
    job->is_local_time = r->book->is_local_time;
    if (rc == JB_OK)
        rc = take_duration(r, &job->duration_ns, err);
    if (rc == JB_OK)
        rc = take_sizes(r, job, err);
    if (rc == JB_OK)
        rc = take_energy(r, &job->energy_uj, err);
    keep(r, SACCT_JOB_ID, job->id, sizeof job->id);
    keep(r, SACCT_JOB_ID_RAW, job->id_raw, sizeof job->id_raw);
    keep(r, SACCT_JOB_NAME, job->name, sizeof job->name);
    keep(r, SACCT_CLUSTER, job->cluster, sizeof job->cluster);
    keep(r, SACCT_ACCOUNT, job->account, sizeof job->account);
    keep(r, SACCT_USER, job->user, sizeof job->user);
    keep(r, SACCT_PARTITION, job->partition, sizeof job->partition);
    keep(r, SACCT_STATE, job->state, sizeof job->state);
    keep(r, SACCT_EXIT_CODE, job->exit_code, sizeof job->exit_code);
    keep(r, SACCT_NODE_LIST, job->nodes, sizeof job->nodes);
    keep(r, SACCT_WORK_DIR, job->directory, sizeof job->directory);
    return rc;
}

/* --- jobs and their steps --------------------------------------------------------------------------------------- */

/* R-BOOKS-22: the steps of a job overlap in time and each counts its nodes whole. */
static void take_step(struct sacct_job *job, const char *name, const struct jb_figure *energy)
{
    if (!energy->is_known)
        return;
    if (strcmp(name, "extern") == 0) {
        job->extern_uj = energy->best;
        return;
    }
    if (energy->best > job->most_uj)
        job->most_uj = energy->best;
    job->sum_uj = jb_add_sat_i64(job->sum_uj, energy->best);
    job->n_steps++;
}

static const char *id_of(const struct sacct_job *job)
{
    return job->id_raw[0] != '\0' ? job->id_raw : job->id;
}

static const char *why_left(const struct reader *r)
{
    const struct sacct_job *const job = &r->job;
    const bool has_ended =
        job->duration_ns > 0 && (job->end_utc_us != INT64_MIN || r->columns.at[SACCT_END] < 0);

    for (size_t i = 0; i < JB_ARRAY_LEN(unfinished); i++)
        if (strncmp(job->state, unfinished[i].state, strlen(unfinished[i].state)) == 0 &&
            !(unfinished[i].is_over_with_end && has_ended))
            return unfinished[i].reason;
    if (job->duration_ns == 0 && !job->energy_uj.is_known)
        return "never ran: no time elapsed";
    return NULL;
}

static jb_rc end_job(struct reader *r, struct jb_error *err)
{
    const struct sacct_job *const job = &r->job;
    const int64_t line = r->book->line;
    const char *reason;
    jb_rc rc;

    if (!r->has_job)
        return JB_OK;
    r->has_job = false;
    reason = why_left(r);
    if (!reason) {
        r->book->line = job->line;
        rc = sacct__rebuild(r->book, job, r->rebuilt, &reason, err);
        if (rc == JB_OK && !reason)
            rc = book__give(r->book, r->rebuilt, job->line, err);
        r->book->line = line;
        if (rc < 0)
            return rc;
    }
    if (reason)
        jb_import_leave(&r->book->told, reason, job->line);
    return JB_OK;
}

/* "123", "123_4", "123_[5-9]", "123+0"; of steps ".batch" behind it. */
static jb_rc check_id(const struct reader *r, const struct jb_csv_field *id, struct jb_error *err)
{
    const enum sacct_column column =
        r->columns.at[SACCT_JOB_ID_RAW] >= 0 ? SACCT_JOB_ID_RAW : SACCT_JOB_ID;

    if (id->len == 0 || id->len > 80 || id->text[0] < '0' || id->text[0] > '9')
        return wrong(r, column, err);
    return JB_OK;
}

static jb_rc take_row(struct reader *r, struct jb_error *err)
{
    const struct jb_csv_field *const raw = field(r, SACCT_JOB_ID_RAW);
    const struct jb_csv_field *const id = raw->len > 0 ? raw : field(r, SACCT_JOB_ID);
    const char *const dot = strchr(id->text, '.');
    struct jb_figure energy;
    jb_rc rc = check_id(r, id, err);

    if (rc < 0)
        return rc;
    r->book->told.n_rows++;
    if (!dot) {
        rc = end_job(r, err);
        if (rc == JB_OK)
            rc = take_job(r, &r->job, err);
        r->has_job = rc == JB_OK;
        return rc;
    }
    rc = take_energy(r, &energy, err);
    if (rc < 0)
        return rc;
    if (!r->has_job || strncmp(id_of(&r->job), id->text, (size_t)(dot - id->text)) != 0 ||
        id_of(&r->job)[dot - id->text] != '\0') {
        jb_import_leave(&r->book->told, "a step whose job is not above it", r->book->line);
        return JB_OK;
    }
    take_step(&r->job, dot + 1, &energy);
    jb_import_leave(&r->book->told, "a step of a job", r->book->line);
    return JB_OK;
}

static jb_rc take_header(struct reader *r, const struct jb_csv_field *fields, size_t n_fields,
                         struct jb_error *err)
{
    jb_rc rc;

    r->has_header = true;
    r->columns.names = column_names;
    rc = book__take_header(r->book, &r->columns, fields, n_fields, err);
    if (rc < 0)
        return rc;
    if (r->columns.at[SACCT_JOB_ID] < 0 && r->columns.at[SACCT_JOB_ID_RAW] < 0)
        return book__fail(r->book, NULL, err,
                          "print it with sacct -P and without -n, JobIDRaw among its columns",
                          "no header with JobID or JobIDRaw");
    if (r->columns.at[SACCT_ELAPSED] < 0 && r->columns.at[SACCT_ELAPSED_RAW] < 0 &&
        (r->columns.at[SACCT_START] < 0 || r->columns.at[SACCT_END] < 0))
        return book__fail(r->book, NULL, err, "add ElapsedRaw, Start and End to sacct's --format",
                          "no column tells how long a job ran");
    return JB_OK;
}

static jb_rc take_record(void *arg, const struct jb_csv_field *fields, size_t n_fields,
                         struct jb_error *err)
{
    struct reader *const r = arg;

    if (!r->has_header)
        return take_header(r, fields, n_fields, err);
    if (n_fields != r->columns.n_fields)
        return book__fail(r->book, NULL, err,
                          n_fields > r->columns.n_fields
                              ? "a field holds the delimiter: print it with sacct -P "
                                "--delimiter=$'\\x1f'"
                              : "a field may hold the end of a line: leave out Comment and "
                                "SubmitLine",
                          "%zu fields under a header of %zu", n_fields, r->columns.n_fields);
    r->fields = fields;
    return take_row(r, err);
}

/* R-BOOKS-20: names of columns hold no other bytes than these, so what stands behind the first one is the delimiter. */
static jb_rc find_delimiter(void *arg, const char *line, size_t len, struct jb_error *err)
{
    struct reader *const r = arg;
    size_t at = 0;

    (void)err;
    while (at < len && (jb_clean_is_alnum(line[at]) || line[at] == '_'))
        at++;
    if (r->book->line == 1 && at > 0 && at < len)
        r->delimiter = line[at];
    return r->book->line == 1 ? JB_E_AGAIN : JB_OK;
}

static jb_rc read_file(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct reader *r = calloc(1, sizeof *r);
    struct jb_csv_rules rules = {.fields_max = FIELDS_MAX, .record_bytes_max = RECORD_BYTES};
    jb_rc rc;

    if (!r)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", book->path);
    r->book = book;
    r->rebuilt = rebuilt;
    r->delimiter = book->asked->delimiter;
    if (r->delimiter == '\0') {
        rc = book__lines(book, find_delimiter, r, err);
        if (rc < 0 && rc != JB_E_AGAIN)
            return rc;
    }
    book->line = 1;
    if (r->delimiter == '\0' || r->delimiter == '\r' || r->delimiter == ' ')
        return book__fail(book, NULL, err,
                          "print it with sacct -P, with a header: JobIDRaw|State|Start|...",
                          "no header of columns with a delimiter");
    rules.delimiter = r->delimiter;
    book->line = 0;
    rc = book__records(book, &rules, take_record, r, err);
    return rc == JB_OK ? end_job(r, err) : rc;
}

static jb_rc read_sacct(const char *path, const struct jb_import_asked *asked,
                        const struct jb_import_progress *progress, jb_import_rebuilt_fn fn,
                        void *arg, struct jb_import_told *ret_told, struct jb_error *err)
{
    return book__run(read_file, path, asked, progress, fn, arg, ret_told, err);
}

const struct jb_import_book book__sacct = {
    .name = "sacct",
    .summary = "Slurm's accounting: sacct -P, with a header, any delimiter",
    .read = read_sacct,
};
