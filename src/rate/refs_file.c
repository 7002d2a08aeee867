/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference files (docs/format/reference.md) to references. Must never take a cell for what it
 * does not say: file, line and column are told instead. R-RATING-20 to -22.
 */
#include <string.h>

#include "base/clean.h"
#include "base/csv.h"
#include "base/num.h"
#include "rate/rate_int.h"

#define CELLS_MAX    64
#define RECORD_BYTES 8192
#define TEXT_MAX     255
#define KWH_SCALE    9
#define UJ_PER_NKWH  3600 /* of 1e-9 kWh */
#define J_SCALE      6
#define PUE_MAX      10000
#define US_PER_UH    3600 /* of 1e-6 h */
#define NONE         SIZE_MAX

enum column {
    ID,
    SOURCE,
    MODEL,
    APPLICATION,
    ARCHITECTURE,
    STAGE,
    BOUNDARY,
    BASIS,
    PUE_INCLUDED,
    PUE,
    ENERGY_KWH,
    ENERGY_J,
    PARAMETERS,
    FLOP,
    EXAMPLES,
    DEVICE_HOURS,
    NOTE,
    COLUMNS,
};
/* The first names the format and its version. */
static const char *const titles[COLUMNS] = {
    "reference_1", "source",        "model",        "application",  "architecture", "stage",
    "boundary",    "basis",         "pue_included", "pue",          "energy_kwh",   "energy_j",
    "parameters",  "training_flop", "examples",     "device_hours", "note"};
static const bool is_needed[COLUMNS] = {
    [ID] = true,       [SOURCE] = true, [APPLICATION] = true, [STAGE] = true,
    [BOUNDARY] = true, [BASIS] = true,  [PUE_INCLUDED] = true};

struct reading {
    const char *name;
    const struct jb_csv_field *fields;
    size_t n_fields;
    size_t at[COLUMNS]; /* field of each column; NONE */
    bool has_header;
    struct jb_error *err;
};

static jb_rc fail(const struct reading *reading, const struct jb_csv_field *field, const char *hint,
                  const char *what)
{
    char shown[64];

    jb_clean_copy(field->text, shown, sizeof shown);
    return jb_fail(reading->err, JB_E_INPUT, hint, "%s:%lld:%lld: %s: '%s'", reading->name,
                   (long long)field->line, (long long)field->column, what, shown);
}

static const struct jb_csv_field *field_of(const struct reading *reading, enum column column)
{
    const size_t at = reading->at[column];
    return at < reading->n_fields ? &reading->fields[at] : NULL;
}

/* "" where the column or the cell is not there. */
static const char *text_of(const struct reading *reading, enum column column)
{
    const struct jb_csv_field *const field = field_of(reading, column);
    return field ? field->text : "";
}

/* --- the header ---------------------------------------------------------------------------------------------------------- */

static jb_rc take_title(struct reading *reading, size_t i)
{
    const struct jb_csv_field *const field = &reading->fields[i];

    for (size_t column = 0; column < COLUMNS; column++) {
        if (strcmp(titles[column], field->text) != 0)
            continue;
        if (reading->at[column] != NONE)
            return fail(reading, field, "give each column once", "a column twice");
        reading->at[column] = i;
        return JB_OK;
    }
    if (strncmp(field->text, "x_", 2) == 0)
        return JB_OK;
    return fail(reading, field,
                "the columns are in docs/format/reference.md; one of your own begins with 'x_'",
                "not a column of references");
}

static jb_rc take_header(struct reading *reading)
{
    jb_rc rc = JB_OK;

    if (strcmp(reading->fields[0].text, titles[ID]) != 0)
        return fail(reading, &reading->fields[0], "the first title is 'reference_1'",
                    "not a file of references");
    for (size_t i = 0; i < COLUMNS; i++)
        reading->at[i] = NONE;
    for (size_t i = 0; rc == JB_OK && i < reading->n_fields; i++)
        rc = take_title(reading, i);
    for (size_t i = 0; rc == JB_OK && i < COLUMNS; i++)
        if (is_needed[i] && reading->at[i] == NONE)
            rc = jb_fail(reading->err, JB_E_INPUT, "add it: docs/format/reference.md",
                         "%s:1:1: no column '%s'", reading->name, titles[i]);
    if (rc == JB_OK && (reading->at[ENERGY_KWH] == NONE) == (reading->at[ENERGY_J] == NONE))
        rc = jb_fail(reading->err, JB_E_INPUT, "give one of them",
                     "%s:1:1: either a column 'energy_kwh' or 'energy_j' is needed", reading->name);
    reading->has_header = rc == JB_OK;
    return rc;
}

/* --- cells ---------------------------------------------------------------------------------------------------------------- */

static jb_rc check_texts(const struct reading *reading)
{
    for (size_t i = 0; i < reading->n_fields; i++)
        if (!jb_clean_is(reading->fields[i].text) || reading->fields[i].len > TEXT_MAX)
            return fail(reading, &reading->fields[i],
                        "write UTF-8 of at most 255 bytes, without control characters",
                        "not a text that is kept");
    for (size_t column = 0; column < COLUMNS; column++) {
        const struct jb_csv_field *const field = field_of(reading, (enum column)column);
        if (is_needed[column] && column != PUE_INCLUDED && column != BOUNDARY && column != BASIS &&
            field && field->len == 0)
            return fail(reading, field, "a row without it can be in no class", titles[column]);
        if (field && field->len >= JB_RATE_WORD &&
            (column == APPLICATION || column == ARCHITECTURE || column == STAGE))
            return fail(reading, field, "words of classes have at most 47 bytes", "too long");
    }
    return JB_OK;
}

static jb_rc take_decimal(const struct reading *reading, enum column column, unsigned scale,
                          int64_t *ret)
{
    const struct jb_csv_field *const field = field_of(reading, column);
    int64_t number = -1;

    if (field && field->len > 0 &&
        (jb_parse_decimal(field->text, field->len, scale, &number) < 0 || number < 0))
        return fail(reading, field, "write a plain number such as 1234.5, or nothing",
                    "not a number that can stand here");
    *ret = number;
    return JB_OK;
}

static jb_rc take_energy(const struct reading *reading, struct jb_rate_ref *row)
{
    const bool is_kwh = reading->at[ENERGY_KWH] != NONE;
    const enum column column = is_kwh ? ENERGY_KWH : ENERGY_J;
    int64_t number = -1;
    const jb_rc rc = take_decimal(reading, column, is_kwh ? KWH_SCALE : J_SCALE, &number);

    if (rc == JB_OK && number <= 0 && field_of(reading, column))
        return fail(reading, field_of(reading, column), "a row without its energy is no reference",
                    "no energy");
    row->energy_uj = is_kwh && number > 0 ? (jb_i128)number * UJ_PER_NKWH : number;
    return rc;
}

static jb_rc take_flop(const struct reading *reading, struct jb_rate_ref *row)
{
    const struct jb_csv_field *const field = field_of(reading, FLOP);

    row->flop = -1;
    if (field && field->len > 0 && jb_parse_i128(field->text, field->len, &row->flop) < 0)
        return fail(reading, field, "write 3.14e23, or nothing", "not a number of operations");
    return JB_OK;
}

static jb_rc take_word(const struct reading *reading, enum column column, int (*find)(const char *),
                       const char *hint, int *ret)
{
    const struct jb_csv_field *const field = field_of(reading, column);
    const int found = field && field->len > 0 ? find(field->text) : 0;

    if (found < 0)
        return fail(reading, field, hint, "not a word of this column");
    *ret = found;
    return JB_OK;
}

static int overhead_from_name(const char *name)
{
    return strcmp(name, "no") == 0 ? JB_RATE_IT : strcmp(name, "yes") == 0 ? JB_RATE_FACILITY : -1;
}

static jb_rc take_method(const struct reading *reading, struct jb_rate_ref *row)
{
    int boundary = 0, basis = 0, overhead = 0;
    int64_t pue_milli = -1;
    jb_rc rc =
        take_word(reading, BOUNDARY, jb_rate_boundary_from_name,
                  "write chips, boards, components, nodes or cluster, or nothing", &boundary);

    if (rc == JB_OK)
        rc = take_word(reading, BASIS, jb_rate_basis_from_name,
                       "write measured, estimated or modelled, or nothing", &basis);
    if (rc == JB_OK)
        rc = take_word(reading, PUE_INCLUDED, overhead_from_name, "write yes or no, or nothing",
                       &overhead);
    if (rc == JB_OK)
        rc = take_decimal(reading, PUE, 3, &pue_milli);
    if (rc == JB_OK && pue_milli >= 0 && (pue_milli < 1000 || pue_milli > PUE_MAX))
        rc = fail(reading, field_of(reading, PUE), "a PUE lies between 1 and 10", "not a PUE");
    if (rc < 0)
        return rc;
    row->method =
        (struct jb_rate_method){(enum jb_rate_boundary)boundary, (enum jb_rate_basis)basis,
                                (enum jb_rate_overhead)overhead};
    if (overhead == JB_RATE_FACILITY && pue_milli > 0) {
        row->energy_uj = row->energy_uj * 1000 / pue_milli;
        row->method.overhead = JB_RATE_IT;
    }
    return JB_OK;
}

static jb_rc take_row(struct jb_rate_refs *refs, const struct reading *reading)
{
    char application[JB_RATE_WORD], architecture[JB_RATE_WORD], stage[JB_RATE_WORD];
    int64_t hours_micro = -1;
    struct jb_rate_ref row = {.group = "", .n_parameters = -1, .n_examples = -1};

    jb_rc rc = check_texts(reading);
    if (rc < 0)
        return rc;
    row.id = text_of(reading, ID);
    row.source = text_of(reading, SOURCE);
    row.model = text_of(reading, MODEL);
    row.application =
        jb_rate_application(text_of(reading, APPLICATION), application, sizeof application);
    row.architecture =
        jb_rate_architecture(text_of(reading, ARCHITECTURE), architecture, sizeof architecture);
    row.stage = jb_rate_stage(text_of(reading, STAGE), stage, sizeof stage);
    rc = take_energy(reading, &row);
    if (rc == JB_OK)
        rc = take_method(reading, &row);
    if (rc == JB_OK)
        rc = take_flop(reading, &row);
    if (rc == JB_OK)
        rc = take_decimal(reading, PARAMETERS, 0, &row.n_parameters);
    if (rc == JB_OK)
        rc = take_decimal(reading, EXAMPLES, 0, &row.n_examples);
    if (rc == JB_OK)
        rc = take_decimal(reading, DEVICE_HOURS, 6, &hours_micro);
    if (rc < 0)
        return rc;
    row.device_us =
        hours_micro < 0 ? -1 : jb_muldiv_sat_i64(hours_micro, US_PER_UH, 1, JB_ROUND_NEAREST);
    return jb_rate_refs_add(refs, &row, reading->err);
}

static jb_rc take_record(struct jb_rate_refs *refs, struct reading *reading)
{
    if (!reading->has_header)
        return take_header(reading);
    if (reading->n_fields == 1 && reading->fields[0].len == 0)
        return JB_OK; /* an empty line */
    for (size_t i = 0; i < COLUMNS; i++)
        if (is_needed[i] && reading->at[i] >= reading->n_fields)
            return fail(reading, &reading->fields[reading->n_fields - 1],
                        "each row has the cells of the header", "the row ends too early");
    return take_row(refs, reading);
}

jb_rc jb_rate_refs_parse(struct jb_rate_refs *refs, const char *name, const void *bytes, size_t len,
                         struct jb_error *err)
{
    const struct jb_csv_rules rules = {',', true, CELLS_MAX, RECORD_BYTES};
    JB_AUTO(jb_csv_free_auto) struct jb_csv *csv = NULL;
    struct reading reading = {.name = name, .err = err};
    enum jb_csv_got got = JB_CSV_MORE;
    jb_rc rc = jb_csv_new(&rules, &csv, err);

    if (rc == JB_OK)
        jb_csv_feed(csv, bytes, len, true);
    while (rc == JB_OK) {
        rc = jb_csv_next(csv, name, &got, &reading.fields, &reading.n_fields, err);
        if (rc == JB_OK && got != JB_CSV_RECORD)
            break;
        if (rc == JB_OK)
            rc = take_record(refs, &reading);
    }
    if (rc == JB_OK && !reading.has_header)
        rc = jb_fail(err, JB_E_INPUT, "the first line has the titles, 'reference_1' first",
                     "%s:1:1: the file is empty", name);
    return rc;
}
