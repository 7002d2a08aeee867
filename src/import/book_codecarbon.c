/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CodeCarbon's emissions.csv and task files, of every version by the names of their columns, to runs. Its energy holds
 * its PUE; its rows are totals of a run that may be told several times; rows that lost their empty columns are put right
 * or refused. R-BOOKS-10 (energy), R-BOOKS-11 (rows), R-BOOKS-12 (what was measured).
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"
#include "import/book_int.h"

#define FIELDS_MAX   256
#define RECORD_BYTES ((size_t)256 * 1024)
#define ROWS_MAX     ((size_t)1000000)

/* Bands, in ppm of the figure: R-BOOKS-12. */
#define READ_PPM          100000 /* a GPU by its driver */
#define UNSURE_PPM        300000 /* a processor by its counter, or by a model that follows its load */
#define CONSTANT_LOW_PPM  750000 /* half the rated power, whatever the processor did */
#define CONSTANT_HIGH_PPM 1000000
#define MEMORY_LOW_PPM    700000
#define MEMORY_HIGH_PPM   500000
#define TOTAL_PPM         500000 /* of version 1, which tells no parts */
/* Below this one interval may be all there was, and the last power then is the mean. */
#define CONSTANT_MIN_NS (60 * JB_NS_PER_S)

enum column {
    TIMESTAMP,
    PROJECT,
    RUN_ID,
    EXPERIMENT,
    TASK,
    DURATION,
    EMISSIONS,
    CPU_POWER,
    CPU_ENERGY,
    GPU_ENERGY,
    RAM_ENERGY,
    ENERGY,
    COUNTRY,
    REGION,
    PROVIDER,
    CLOUD_REGION,
    VERSION,
    CPU_MODEL,
    GPU_COUNT,
    GPU_MODEL,
    MODE,
    ON_CLOUD,
    PUE,
};
static const char *const column_names[] = {
    [TIMESTAMP] = "timestamp",
    [PROJECT] = "project_name",
    [RUN_ID] = "run_id",
    [EXPERIMENT] = "experiment_id",
    [TASK] = "task_name",
    [DURATION] = "duration",
    [EMISSIONS] = "emissions",
    [CPU_POWER] = "cpu_power",
    [CPU_ENERGY] = "cpu_energy",
    [GPU_ENERGY] = "gpu_energy",
    [RAM_ENERGY] = "ram_energy",
    [ENERGY] = "energy_consumed",
    [COUNTRY] = "country_iso_code",
    [REGION] = "region",
    [PROVIDER] = "cloud_provider",
    [CLOUD_REGION] = "cloud_region",
    [VERSION] = "codecarbon_version",
    [CPU_MODEL] = "cpu_model",
    [GPU_COUNT] = "gpu_count",
    [GPU_MODEL] = "gpu_model",
    [MODE] = "tracking_mode",
    [ON_CLOUD] = "on_cloud",
    [PUE] = "pue",
    NULL,
};

/* R-BOOKS-11: one row, to find the last of each run. */
struct seen {
    uint64_t run;
    int64_t energy_uj, line;
};

struct reader {
    struct book *book;
    struct jb_rebuilt *rebuilt;
    struct book__columns columns;
    bool has_header, is_survey;
    uint64_t seed;
    size_t n_seen, n_max;
    struct seen *seen; /* after the survey: only the row that counts of each run, by line */
    /* The row at hand. */
    const struct jb_csv_field *fields;
    size_t n_fields;
    size_t n_short; /* fewer fields than the header has */
};

/* What a row tells in numbers; 0 and has_x false where it does not. */
struct row {
    int64_t end_utc_us, duration_ns, energy_uj;
    int64_t cpu_uj, gpu_uj, ram_uj, cpu_power_uw;
    int64_t pue_milli;
    bool has_parts, has_pue;
};

/* R-BOOKS-11: a row that lost its empty columns keeps those before the first that may be empty, and the last ones. */
static const struct jb_csv_field *field(const struct reader *r, enum column column)
{
    static const struct jb_csv_field none = {.text = ""};
    const int at = r->columns.at[column];
    const int energy = r->columns.at[ENERGY];
    const int mode = r->columns.at[MODE];

    if (at < 0)
        return &none;
    if (r->n_short == 0 || at <= energy)
        return &r->fields[at];
    /* What would lie before energy_consumed is no such row: a field is never read for two columns. */
    if (mode > energy && at >= mode && (size_t)at > r->n_short + (size_t)energy)
        return &r->fields[(size_t)at - r->n_short];
    return &none;
}

static bool is_word(const struct jb_csv_field *f, const char *word)
{
    return strcmp(f->text, word) == 0;
}

static jb_rc take_number(const struct reader *r, enum column column, unsigned scale,
                         int64_t *ret_value, bool *ret_has, struct jb_error *err)
{
    const struct jb_csv_field *const f = field(r, column);

    *ret_value = 0;
    *ret_has = !book__is_absent(f->text, f->len);
    if (*ret_has && (jb_parse_decimal(f->text, f->len, scale, ret_value) < 0 || *ret_value < 0))
        return book__fail(r->book, column_names[column], err,
                          "the columns may be shifted: compare the row with the header",
                          "'%.40s' is no such number", f->text);
    return JB_OK;
}

static jb_rc take_energy(const struct reader *r, enum column column, int64_t *ret_uj, bool *ret_has,
                         struct jb_error *err)
{
    const struct jb_csv_field *const f = field(r, column);

    *ret_uj = 0;
    *ret_has = !book__is_absent(f->text, f->len);
    if (*ret_has && book__kwh(f->text, f->len, ret_uj) < 0)
        return book__fail(r->book, column_names[column], err,
                          "the columns may be shifted: compare the row with the header",
                          "'%.40s' is no energy in kWh", f->text);
    return JB_OK;
}

/* Words that only their own columns hold: what is shifted shows there. */
static jb_rc check_words(const struct reader *r, struct jb_error *err)
{
    const struct jb_csv_field *const mode = field(r, MODE);
    const struct jb_csv_field *const cloud = field(r, ON_CLOUD);

    if (mode->len > 0 && !is_word(mode, "machine") && !is_word(mode, "process"))
        return book__fail(r->book, column_names[MODE], err,
                          "the columns may be shifted: compare the row with the header",
                          "'%.40s' is neither machine nor process", mode->text);
    if (cloud->len > 0 && !is_word(cloud, "Y") && !is_word(cloud, "N"))
        return book__fail(r->book, column_names[ON_CLOUD], err,
                          "the columns may be shifted: compare the row with the header",
                          "'%.40s' is neither Y nor N", cloud->text);
    if (r->n_short > 0 && (mode->len == 0 || r->columns.at[MODE] <= r->columns.at[ENERGY]))
        return book__fail(r->book, NULL, err, "write the missing fields as empty ones",
                          "%zu fields fewer than its header has", r->n_short);
    return JB_OK;
}

static jb_rc check_sum(const struct reader *r, const struct row *row, struct jb_error *err)
{
    int64_t sum = 0;
    int64_t apart;

    if (!row->has_parts)
        return JB_OK;
    if (jb_add_i64(row->cpu_uj, row->gpu_uj, &sum) < 0 || jb_add_i64(sum, row->ram_uj, &sum) < 0)
        return book__fail(r->book, column_names[ENERGY], err, NULL, "too much energy for one row");
    apart = sum > row->energy_uj ? sum - row->energy_uj : row->energy_uj - sum;
    if (apart > row->energy_uj / 100 + 1000)
        return book__fail(r->book, column_names[ENERGY], err,
                          "the columns may be shifted: compare the row with the header",
                          "it is not the sum of cpu_energy, gpu_energy and ram_energy");
    return JB_OK;
}

static jb_rc take_numbers(const struct reader *r, struct row *row, struct jb_error *err)
{
    const struct jb_csv_field *const time = field(r, TIMESTAMP);
    bool has[5] = {false};
    jb_rc rc;

    *row = (struct row){.pue_milli = 1000};
    if (book__time(r->book, time->text, time->len, &row->end_utc_us) < 0)
        return book__fail(r->book, column_names[TIMESTAMP], err,
                          "it is written as 2026-11-23T06:41:56",
                          "'%.40s' is no time between 1990 and 2100", time->text);
    rc = take_number(r, DURATION, 9, &row->duration_ns, &has[0], err);
    if (rc == JB_OK && !has[0])
        rc = book__fail(r->book, column_names[DURATION], err, NULL, "it is missing");
    if (rc == JB_OK)
        rc = take_energy(r, ENERGY, &row->energy_uj, &has[1], err);
    if (rc == JB_OK)
        rc = take_energy(r, CPU_ENERGY, &row->cpu_uj, &has[2], err);
    if (rc == JB_OK)
        rc = take_energy(r, GPU_ENERGY, &row->gpu_uj, &has[3], err);
    if (rc == JB_OK)
        rc = take_energy(r, RAM_ENERGY, &row->ram_uj, &has[4], err);
    row->has_parts = has[2] || has[3] || has[4];
    if (rc == JB_OK)
        rc = take_number(r, CPU_POWER, 6, &row->cpu_power_uw, &has[0], err);
    if (rc == JB_OK)
        rc = take_number(r, PUE, 3, &row->pue_milli, &row->has_pue, err);
    if (rc == JB_OK && row->has_pue && (row->pue_milli < 1000 || row->pue_milli > 10000))
        rc = book__fail(r->book, column_names[PUE], err,
                        "the columns may be shifted: compare the row with the header",
                        "no PUE from 1 to 10");
    if (!row->has_pue)
        row->pue_milli = 1000;
    return rc == JB_OK ? check_sum(r, row, err) : rc;
}

/* "3.2.1" and after it is at least 3.2; false for no such text. */
static bool is_version(const struct jb_csv_field *f, int64_t major, int64_t minor)
{
    const char *const dot = memchr(f->text, '.', f->len);
    const size_t n_major = dot ? (size_t)(dot - f->text) : f->len;
    const size_t n_minor = dot ? strspn(dot + 1, "0123456789") : 0;
    int64_t own_major = 0;
    int64_t own_minor = 0;

    if (!dot || jb_parse_i64(f->text, n_major, false, &own_major) < 0 ||
        jb_parse_i64(dot + 1, n_minor, false, &own_minor) < 0)
        return false;
    return own_major > major || (own_major == major && own_minor >= minor);
}

/* R-BOOKS-12: the same power from begin to end was not measured. Since version
 * 3.2 cpu_power is the mean of the run, which shows nothing. */
static bool is_constant(const struct reader *r, const struct row *row)
{
    const struct jb_csv_field *const version = field(r, VERSION);
    const bool is_last_power =
        version->len == 0 || (is_version(version, 0, 0) && !is_version(version, 3, 2));
    const int64_t it_uj = jb_muldiv_sat_i64(row->cpu_uj, 1000, row->pue_milli, JB_ROUND_NEAREST);
    const int64_t flat_uj =
        jb_muldiv_sat_i64(row->cpu_power_uw, row->duration_ns, JB_NS_PER_S, JB_ROUND_NEAREST);
    const int64_t apart = it_uj > flat_uj ? it_uj - flat_uj : flat_uj - it_uj;

    return is_last_power && row->cpu_power_uw > 0 && apart <= flat_uj / 100;
}

static void add_cpu(const struct reader *r, const struct row *row)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;

    if (is_constant(r, row)) {
        const bool is_long = row->duration_ns >= CONSTANT_MIN_NS;
        (void)book__line(rebuilt, "codecarbon/cpu", JB_SCOPE_PACKAGE,
                         is_long ? JB_ORIGIN_MODELLED : JB_ORIGIN_STATED,
                         book__band(row->cpu_uj, CONSTANT_LOW_PPM, CONSTANT_HIGH_PPM),
                         "CodeCarbon, cpu_energy: one constant power, not a reading");
        if (is_long)
            book__note(rebuilt, "the processor's energy is one constant power x time: CodeCarbon's "
                                "fallback where it may not read the processor's counter");
        return;
    }
    (void)book__line(rebuilt, "codecarbon/cpu", JB_SCOPE_PACKAGE, JB_ORIGIN_STATED,
                     book__band(row->cpu_uj, UNSURE_PPM, UNSURE_PPM),
                     "CodeCarbon, cpu_energy: by counter, or modelled from load; it does not say");
}

static void add_lines(const struct reader *r, const struct row *row)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    const struct jb_csv_field *const count = field(r, GPU_COUNT);
    struct jb_rebuilt_line *line;
    int64_t n_gpus = 0;

    if (jb_parse_decimal(count->text, count->len, 0, &n_gpus) < 0 || n_gpus < 0)
        n_gpus = 0;
    if (!row->has_parts) {
        (void)book__line(rebuilt, "codecarbon/total", JB_SCOPE_OTHER, JB_ORIGIN_STATED,
                         book__band(row->energy_uj, TOTAL_PPM, TOTAL_PPM),
                         "CodeCarbon, energy_consumed: of which parts, and how read, is not told");
        rebuilt->method = JB_METHOD_B;
        return;
    }
    if (row->gpu_uj > 0) {
        line = book__line(rebuilt, "codecarbon/gpu", JB_SCOPE_GPU, JB_ORIGIN_STATED,
                          book__band(row->gpu_uj, READ_PPM, READ_PPM),
                          "CodeCarbon, gpu_energy: read from the driver by that tool");
        if (line && jb_mul_i64(row->duration_ns, n_gpus, &line->device_ns) < 0)
            line->device_ns = 0;
    } else if (n_gpus > 0) {
        book__note(rebuilt,
                   "%lld GPUs are listed with no energy: CodeCarbon writes 0 where it could "
                   "not read them, and what they used is missing here",
                   (long long)n_gpus);
    }
    if (row->cpu_uj > 0)
        add_cpu(r, row);
    if (row->ram_uj > 0)
        (void)book__line(rebuilt, "codecarbon/ram", JB_SCOPE_DRAM, JB_ORIGIN_MODELLED,
                         book__band(row->ram_uj, MEMORY_LOW_PPM, MEMORY_HIGH_PPM),
                         "CodeCarbon, ram_energy: modelled from the memory's size");
    rebuilt->method = JB_METHOD_B;
    for (size_t i = 0; i < rebuilt->n_lines; i++)
        if (rebuilt->lines[i].origin == JB_ORIGIN_STATED)
            rebuilt->method = JB_METHOD_C1;
}

static void fill(const struct reader *r, char *member, size_t size, enum column column)
{
    const struct jb_csv_field *const f = field(r, column);

    book__fill(member, size, f->text, f->len);
}
#define FILL(r, member, column) fill((r), (member), sizeof(member), (column))

static void tag(const struct reader *r, const char *name, enum column column)
{
    const struct jb_csv_field *const f = field(r, column);

    book__tag(r->rebuilt, name, f->text, f->len);
}

static void take_names(const struct reader *r)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    const struct jb_csv_field *const run = field(r, RUN_ID);
    const struct jb_csv_field *const task = field(r, TASK);

    FILL(r, rebuilt->run.project, PROJECT);
    FILL(r, rebuilt->run.place, COUNTRY);
    tag(r, "codecarbon", VERSION);
    tag(r, "experiment", EXPERIMENT);
    tag(r, "task", TASK);
    tag(r, "region", REGION);
    tag(r, "cloud", PROVIDER);
    tag(r, "cloud-region", CLOUD_REGION);
    tag(r, "cpu", CPU_MODEL);
    tag(r, "gpu", GPU_MODEL);
    if (task->len > 0)
        FILL(r, rebuilt->run.group, RUN_ID);
    if (run->len > 0)
        (void)snprintf(rebuilt->key, sizeof rebuilt->key, "%.100s%s%.100s", run->text,
                       task->len > 0 ? " task " : "", task->text);
    else
        (void)snprintf(rebuilt->key, sizeof rebuilt->key, "%.32s %.100s %.100s",
                       field(r, TIMESTAMP)->text, field(r, PROJECT)->text,
                       field(r, EXPERIMENT)->text);
}

static void take_doubts(const struct reader *r, const struct row *row)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;

    if (row->has_pue && row->pue_milli > 1000) {
        rebuilt->is_pue_included = true;
        rebuilt->run.pue_milli = row->pue_milli;
        book__note(rebuilt, "its energy holds PUE %lld.%03lld, which was taken out of the parts",
                   (long long)(row->pue_milli / 1000), (long long)(row->pue_milli % 1000));
    }
    if (r->columns.at[PUE] < 0 && is_version(field(r, VERSION), 2, 3))
        book__note(rebuilt, "its file has no column of PUE: one that CodeCarbon was given is still "
                            "in its energy");
    if (is_word(field(r, MODE), "process"))
        book__note(rebuilt, "tracking mode process: load and memory of its process alone, but all "
                            "of each GPU");
    if (is_word(field(r, COUNTRY), "CAN") && field(r, REGION)->len == 0)
        book__note(rebuilt, "CodeCarbon writes Canada also where it did not find out where it ran");
    if (field(r, TASK)->len > 0)
        book__note(rebuilt, "a task of run '%.64s': its emissions.csv holds the same energy again",
                   field(r, RUN_ID)->text);
    if (r->n_short > 0)
        book__note(rebuilt,
                   "its row lacks %zu empty columns; those after energy_consumed that may "
                   "be empty were left out",
                   r->n_short);
}

static jb_rc take_run(struct reader *r, const struct row *row, struct jb_error *err)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    const bool is_local = r->book->is_local_time;
    bool has_carbon = false;
    int64_t carbon_ug = 0;
    jb_rc rc;

    book__begin(r->book, rebuilt, "codecarbon");
    r->book->is_local_time = is_local;
    rebuilt->run.end_utc_us = row->end_utc_us;
    rebuilt->run.start_utc_us = row->end_utc_us - row->duration_ns / JB_NS_PER_US;
    /* kg with 9 decimals are ug. */
    rc = take_number(r, EMISSIONS, 9, &carbon_ug, &has_carbon, err);
    if (rc < 0)
        return rc;
    if (has_carbon)
        rebuilt->told_gco2e_ug = book__band(carbon_ug, 0, 0);
    take_names(r);
    take_doubts(r, row);
    add_lines(r, row);
    return book__give(r->book, rebuilt, r->book->line, err);
}

/* --- the rows of one run ---------------------------------------------------------------------------------------- */

static jb_rc see_row(struct reader *r, const struct row *row, struct jb_error *err)
{
    const struct jb_csv_field *const run = field(r, RUN_ID);
    struct seen *more;
    size_t n_max;

    if (r->n_seen == ROWS_MAX)
        return book__fail(r->book, NULL, err, "cut it into several files, each run in one of them",
                          "more than %zu rows", ROWS_MAX);
    if (r->n_seen == r->n_max) {
        n_max = r->n_max > 0 ? 2 * r->n_max : 64;
        more = realloc(r->seen, n_max * sizeof *more);
        if (!more)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu rows", n_max);
        r->seen = more;
        r->n_max = n_max;
    }
    r->seen[r->n_seen++] = (struct seen){
        .run = jb_checksum(r->seed, run->text, run->len),
        .energy_uj = row->energy_uj,
        .line = r->book->line,
    };
    return JB_OK;
}

/* The row that counts is the last one of its run in this order. */
static int by_run(const void *a, const void *b)
{
    const struct seen *const x = a;
    const struct seen *const y = b;

    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    if (x->energy_uj != y->energy_uj)
        return x->energy_uj < y->energy_uj ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static int by_line(const void *a, const void *b)
{
    const struct seen *const x = a;
    const struct seen *const y = b;

    return (x->line > y->line) - (x->line < y->line);
}

static void keep_last(struct reader *r)
{
    size_t n = 0;

    if (r->n_seen == 0)
        return;
    qsort(r->seen, r->n_seen, sizeof r->seen[0], by_run);
    for (size_t i = 0; i < r->n_seen; i++)
        if (i + 1 == r->n_seen || r->seen[i + 1].run != r->seen[i].run)
            r->seen[n++] = r->seen[i];
    r->n_seen = n;
    qsort(r->seen, r->n_seen, sizeof r->seen[0], by_line);
}

static bool counts(const struct reader *r)
{
    const struct seen key = {.line = r->book->line};

    return r->n_seen > 0 && bsearch(&key, r->seen, r->n_seen, sizeof key, by_line) != NULL;
}

static jb_rc take_row(struct reader *r, struct jb_error *err)
{
    const bool is_total = r->columns.at[RUN_ID] >= 0 && r->columns.at[TASK] < 0;
    struct row row;
    jb_rc rc = check_words(r, err);

    r->book->is_local_time = false;
    if (rc == JB_OK)
        rc = take_numbers(r, &row, err);
    if (rc < 0)
        return rc;
    if (r->is_survey)
        return is_total ? see_row(r, &row, err) : JB_OK;
    r->book->told.n_rows++;
    if (is_total && !counts(r)) {
        jb_import_leave(&r->book->told, "an earlier total of a run that is told again",
                        r->book->line);
        return JB_OK;
    }
    if (row.energy_uj == 0) {
        jb_import_leave(&r->book->told, "no energy", r->book->line);
        return JB_OK;
    }
    return take_run(r, &row, err);
}

static jb_rc take_record(void *arg, const struct jb_csv_field *fields, size_t n_fields,
                         struct jb_error *err)
{
    struct reader *const r = arg;
    jb_rc rc;

    if (r->has_header) {
        if (n_fields > r->columns.n_fields)
            return book__fail(r->book, NULL, err, "quote text that holds a comma",
                              "%zu fields under a header of %zu", n_fields, r->columns.n_fields);
        r->fields = fields;
        r->n_fields = n_fields;
        r->n_short = r->columns.n_fields - n_fields;
        if (r->n_short > 0 && (size_t)r->columns.at[ENERGY] >= n_fields)
            return book__fail(r->book, NULL, err, NULL, "it ends before energy_consumed");
        return take_row(r, err);
    }
    r->has_header = true;
    r->columns.names = column_names;
    rc = book__take_header(r->book, &r->columns, fields, n_fields, err);
    if (rc == JB_OK &&
        (r->columns.at[TIMESTAMP] < 0 || r->columns.at[DURATION] < 0 || r->columns.at[ENERGY] < 0))
        rc = book__fail(r->book, NULL, err, "it is the emissions.csv that CodeCarbon writes",
                        "no header with timestamp, duration and energy_consumed");
    return rc;
}

static jb_rc read_rows(struct reader *r, bool is_survey, struct jb_error *err)
{
    static const struct jb_csv_rules rules = {
        .delimiter = ',',
        .has_quotes = true,
        .fields_max = FIELDS_MAX,
        .record_bytes_max = RECORD_BYTES,
    };
    jb_rc rc;

    r->is_survey = is_survey;
    r->has_header = false;
    r->book->line = 0;
    rc = book__records(r->book, &rules, take_record, r, err);
    if (rc == JB_OK && !r->has_header)
        rc = book__fail(r->book, NULL, err, "it is the emissions.csv that CodeCarbon writes",
                        "the file is empty");
    return rc;
}

static jb_rc read_file(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    struct reader r = {.book = book, .rebuilt = rebuilt};
    jb_rc rc;

    jb_random(&r.seed, sizeof r.seed);
    rc = read_rows(&r, true, err);
    if (rc == JB_OK) {
        keep_last(&r);
        rc = read_rows(&r, false, err);
    }
    free(r.seen);
    return rc;
}

static jb_rc read_codecarbon(const char *path, const struct jb_import_asked *asked,
                             const struct jb_import_progress *progress, jb_import_rebuilt_fn fn,
                             void *arg, struct jb_import_told *ret_told, struct jb_error *err)
{
    return book__run(read_file, path, asked, progress, fn, arg, ret_told, err);
}

const struct jb_import_book book__codecarbon = {
    .name = "codecarbon",
    .summary = "CodeCarbon's emissions.csv or a task file, any version",
    .read = read_codecarbon,
};
