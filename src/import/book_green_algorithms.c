/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Green Algorithms calculator exports (one row, ';' or ',') to one run: rated powers x use x time, with its PUE
 * and scaling factor. Worked out again from the inputs; a total that disagrees is said. R-BOOKS-60.
 */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"
#include "import/book_int.h"

#define FIELDS_MAX   256
#define RECORD_BYTES ((size_t)64 * 1024)
#define MILLI        INT64_C(1000)
#define MICRO        INT64_C(1000000)
/* 0.3725 W per GB. */
#define MEMORY_UW_PER_GB INT64_C(372500)

/* R-BOOKS-60: rated power is the most that a part draws. */
#define RATED_LOW_PPM   700000
#define RATED_HIGH_PPM  200000
#define MEMORY_LOW_PPM  700000
#define MEMORY_HIGH_PPM 500000

enum column {
    RUN_TIME,
    N_CPUS,
    CPU_POWER,
    CPU_USE,
    N_GPUS,
    GPU_POWER,
    GPU_USE,
    MEMORY,
    PUE,
    PSF,
    MULT,
    ENERGY,
    CARBON,
    LOCATION,
    CORE_TYPE,
    CPU_MODEL,
    GPU_MODEL,
    VERSION,
    N_COLUMNS,
};
static const char *const column_names[] = {
    [RUN_TIME] = "runTime",
    [N_CPUS] = "numberCPUs",
    [CPU_POWER] = "CPUpower",
    [CPU_USE] = "usageCPU",
    [N_GPUS] = "numberGPUs",
    [GPU_POWER] = "GPUpower",
    [GPU_USE] = "usageGPU",
    [MEMORY] = "memory",
    [PUE] = "PUE",
    [PSF] = "PSF",
    [MULT] = "mult_factor",
    [ENERGY] = "energy_needed",
    [CARBON] = "carbonEmissions",
    [LOCATION] = "location",
    [CORE_TYPE] = "coreType",
    [CPU_MODEL] = "CPUmodel",
    [GPU_MODEL] = "GPUmodel",
    [VERSION] = "appVersion",
    NULL,
};

struct reader {
    struct book *book;
    struct jb_rebuilt *rebuilt;
    struct book__columns columns;
    bool has_header;
    char delimiter;
    const struct jb_csv_field *fields;
};

static const struct jb_csv_field *field(const struct reader *r, enum column column)
{
    static const struct jb_csv_field none = {.text = ""};

    return r->columns.at[column] < 0 ? &none : &r->fields[r->columns.at[column]];
}

static jb_rc take(const struct reader *r, enum column column, unsigned scale, int64_t otherwise,
                  int64_t *ret, struct jb_error *err)
{
    const struct jb_csv_field *const f = field(r, column);
    char text[40];

    *ret = otherwise;
    if (book__is_absent(f->text, f->len))
        return JB_OK;
    if (jb_parse_decimal(f->text, f->len, scale, ret) < 0 || *ret < 0) {
        jb_clean_copy(f->text, text, sizeof text);
        return book__fail(r->book, column_names[column], err, NULL, "'%s' is no such number", text);
    }
    return JB_OK;
}

/* uW of so many parts in use. */
static int64_t power_of(int64_t n_milli, int64_t power_uw, int64_t use_ppm)
{
    return jb_muldiv_sat_i64(jb_muldiv_sat_i64(power_uw, n_milli, MILLI, JB_ROUND_NEAREST), use_ppm,
                             MICRO, JB_ROUND_NEAREST);
}

static int64_t energy_of(int64_t power_uw, int64_t time_ns, int64_t scale_ppm)
{
    return jb_muldiv_sat_i64(jb_muldiv_sat_i64(power_uw, time_ns, JB_NS_PER_S, JB_ROUND_NEAREST),
                             scale_ppm, MICRO, JB_ROUND_NEAREST);
}

struct inputs {
    int64_t time_ns, n_cpus_milli, cpu_uw, cpu_ppm, n_gpus_milli, gpu_uw, gpu_ppm;
    int64_t memory_mgb, pue_milli, scale_ppm, energy_uj, carbon_ug;
};

static jb_rc take_inputs(const struct reader *r, struct inputs *in, struct jb_error *err)
{
    const struct jb_csv_field *const energy = field(r, ENERGY);
    const struct {
        enum column column;
        unsigned scale;
        int64_t otherwise;
        int64_t *ret;
    } numbers[] = {
        {N_CPUS, 3, 0, &in->n_cpus_milli}, {CPU_POWER, 6, 0, &in->cpu_uw},
        {CPU_USE, 6, MICRO, &in->cpu_ppm}, {N_GPUS, 3, 0, &in->n_gpus_milli},
        {GPU_POWER, 6, 0, &in->gpu_uw},    {GPU_USE, 6, MICRO, &in->gpu_ppm},
        {MEMORY, 3, 0, &in->memory_mgb},   {PUE, 3, MILLI, &in->pue_milli},
        {PSF, 6, MICRO, &in->scale_ppm},   {CARBON, 6, 0, &in->carbon_ug},
    };
    int64_t hours_nano = 0;
    jb_rc rc = take(r, RUN_TIME, 9, 0, &hours_nano, err);

    for (size_t i = 0; i < JB_ARRAY_LEN(numbers) && rc == JB_OK; i++)
        rc =
            take(r, numbers[i].column, numbers[i].scale, numbers[i].otherwise, numbers[i].ret, err);
    /* The later name of the same factor. */
    if (rc == JB_OK && book__is_absent(field(r, PSF)->text, field(r, PSF)->len))
        rc = take(r, MULT, 6, MICRO, &in->scale_ppm, err);
    if (rc < 0)
        return rc;
    if (jb_mul_i64(hours_nano, 3600, &in->time_ns) < 0 || in->pue_milli < MILLI ||
        in->pue_milli > 10 * MILLI)
        return book__fail(r->book, in->pue_milli < MILLI ? "PUE" : "runTime", err, NULL,
                          "it is out of range");
    if (book__is_absent(energy->text, energy->len) ||
        book__kwh(energy->text, energy->len, &in->energy_uj) < 0)
        return book__fail(r->book, "energy_needed", err, NULL, "no energy in kWh");
    return JB_OK;
}

static void add_line(struct jb_rebuilt *rebuilt, const char *channel, enum jb_scope scope,
                     enum jb_origin origin, struct jb_figure energy, const char *basis)
{
    if (energy.best > 0)
        (void)book__line(rebuilt, channel, scope, origin, energy, basis);
}

/* R-BOOKS-60: the total as told; its parts by the formula, so that they sum to it. */
static jb_rc add_lines(const struct reader *r, const struct inputs *in, struct jb_error *err)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    const int64_t powers_uw[3] = {
        power_of(in->n_cpus_milli, in->cpu_uw, in->cpu_ppm),
        power_of(in->n_gpus_milli, in->gpu_uw, in->gpu_ppm),
        jb_muldiv_sat_i64(MEMORY_UW_PER_GB, in->memory_mgb, MILLI, JB_ROUND_NEAREST),
    };
    const int64_t sum_uw = jb_add_sat_i64(jb_add_sat_i64(powers_uw[0], powers_uw[1]), powers_uw[2]);
    const int64_t again_uj = jb_muldiv_sat_i64(energy_of(sum_uw, in->time_ns, in->scale_ppm),
                                               in->pue_milli, MILLI, JB_ROUND_NEAREST);
    int64_t shares_uj[3] = {0};
    const int64_t apart =
        again_uj > in->energy_uj ? again_uj - in->energy_uj : in->energy_uj - again_uj;

    if (sum_uw == 0 || sum_uw == INT64_MAX) {
        (void)book__line(rebuilt, "green-algorithms/total", JB_SCOPE_OTHER, JB_ORIGIN_RATED,
                         book__band(in->energy_uj, RATED_LOW_PPM, RATED_HIGH_PPM),
                         "Green Algorithms, energy_needed: its inputs are not in the file");
        return JB_OK;
    }
    if (apart > in->energy_uj / 50)
        book__note(rebuilt,
                   "its inputs give %lld Wh by its own formula, not the %lld Wh that it tells, "
                   "which were taken",
                   (long long)(again_uj / INT64_C(3600000000)),
                   (long long)(in->energy_uj / INT64_C(3600000000)));
    if (jb_split_i64(in->energy_uj, powers_uw, 3, shares_uj) < 0)
        return book__fail(r->book, "energy_needed", err, NULL, "it cannot be split into its parts");
    add_line(rebuilt, "green-algorithms/cpu", JB_SCOPE_PACKAGE, JB_ORIGIN_RATED,
             book__band(shares_uj[0], RATED_LOW_PPM, RATED_HIGH_PPM),
             "Green Algorithms: cores x rated power x use x time");
    add_line(rebuilt, "green-algorithms/gpu", JB_SCOPE_GPU, JB_ORIGIN_RATED,
             book__band(shares_uj[1], RATED_LOW_PPM, RATED_HIGH_PPM),
             "Green Algorithms: boards x rated power x use x time");
    add_line(rebuilt, "green-algorithms/memory", JB_SCOPE_DRAM, JB_ORIGIN_MODELLED,
             book__band(shares_uj[2], MEMORY_LOW_PPM, MEMORY_HIGH_PPM),
             "Green Algorithms: 0.3725 W per GB x time");
    return JB_OK;
}

static void tag(const struct reader *r, const char *name, enum column column)
{
    book__tag(r->rebuilt, name, field(r, column)->text, field(r, column)->len);
}

/* It tells no moment and has no id: what it tells is its name. */
static void take_key(const struct reader *r)
{
    struct jb_hash_part parts[N_COLUMNS];
    struct jb_hash hash;
    char digits[2 * 16 + 1];

    for (size_t i = 0; i < N_COLUMNS; i++)
        parts[i] = (struct jb_hash_part){field(r, (enum column)i)->text,
                                         strlen(field(r, (enum column)i)->text) + 1};
    hash = jb_hash_parts(parts, N_COLUMNS);
    (void)snprintf(r->rebuilt->key, sizeof r->rebuilt->key, "%s %s", r->book->stem,
                   jb_hex(hash.bytes, 16, digits, sizeof digits));
}

static jb_rc take_row(struct reader *r, struct jb_error *err)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    struct inputs in = {.time_ns = 0};
    jb_rc rc = take_inputs(r, &in, err);

    if (rc < 0)
        return rc;
    r->book->told.n_rows++;
    if (in.energy_uj == 0) {
        jb_import_leave(&r->book->told, "no energy", r->book->line);
        return JB_OK;
    }
    book__begin(r->book, rebuilt, "green-algorithms");
    rebuilt->method = JB_METHOD_B;
    rc = add_lines(r, &in, err);
    if (rc == JB_OK)
        rc = book__no_times(r->book, rebuilt, err);
    if (rc < 0)
        return rc;
    rebuilt->is_pue_included = in.pue_milli > MILLI;
    if (rebuilt->is_pue_included)
        rebuilt->run.pue_milli = in.pue_milli;
    if (in.carbon_ug > 0)
        rebuilt->told_gco2e_ug = book__band(in.carbon_ug, 0, 0);
    if (in.scale_ppm != MICRO)
        book__note(rebuilt, "its total is multiplied by %lld.%03lld for repeated runs",
                   (long long)(in.scale_ppm / MICRO), (long long)(in.scale_ppm % MICRO / 1000));
    BOOK__FILL(rebuilt->run.place, field(r, LOCATION)->text, field(r, LOCATION)->len);
    tag(r, "green-algorithms", VERSION);
    tag(r, "cpu", CPU_MODEL);
    tag(r, "gpu", GPU_MODEL);
    take_key(r);
    return book__give(r->book, rebuilt, r->book->line, err);
}

static jb_rc take_record(void *arg, const struct jb_csv_field *fields, size_t n_fields,
                         struct jb_error *err)
{
    struct reader *const r = arg;
    jb_rc rc;

    if (r->has_header) {
        if (n_fields != r->columns.n_fields)
            return book__fail(r->book, NULL, err, NULL, "%zu fields under a header of %zu",
                              n_fields, r->columns.n_fields);
        r->fields = fields;
        return take_row(r, err);
    }
    r->has_header = true;
    r->columns.names = column_names;
    rc = book__take_header(r->book, &r->columns, fields, n_fields, err);
    if (rc == JB_OK && r->columns.at[ENERGY] < 0)
        rc = book__fail(r->book, NULL, err, "it is what the calculator's export button saves",
                        "no header with energy_needed");
    return rc;
}

/* Names of columns hold neither. */
static jb_rc find_delimiter(void *arg, const char *line, size_t len, struct jb_error *err)
{
    struct reader *const r = arg;

    (void)err;
    if (r->book->line > 1)
        return JB_OK;
    r->delimiter = memchr(line, ';', len) ? ';' : ',';
    return JB_OK;
}

static jb_rc read_file(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    struct reader r = {.book = book, .rebuilt = rebuilt, .delimiter = ','};
    struct jb_csv_rules rules = {
        .has_quotes = true, .fields_max = FIELDS_MAX, .record_bytes_max = RECORD_BYTES};
    jb_rc rc = book__lines(book, find_delimiter, &r, err);

    if (rc < 0)
        return rc;
    rules.delimiter = r.delimiter;
    book->line = 0;
    rc = book__records(book, &rules, take_record, &r, err);
    if (rc == JB_OK && !r.has_header)
        rc = book__fail(book, NULL, err, "it is what the calculator's export button saves",
                        "the file is empty");
    return rc;
}

static jb_rc read_green_algorithms(const char *path, const struct jb_import_asked *asked,
                                   const struct jb_import_progress *progress,
                                   jb_import_rebuilt_fn fn, void *arg,
                                   struct jb_import_told *ret_told, struct jb_error *err)
{
    return book__run(read_file, path, asked, progress, fn, arg, ret_told, err);
}

const struct jb_import_book book__green_algorithms = {
    .name = "green-algorithms",
    .summary = "what the Green Algorithms calculator exports, CSV",
    .read = read_green_algorithms,
};
