/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A site's own rows over ours. It must never use half a folder: a file that cannot be read leaves everything as it was.
 * R-CAT-30 (what replaces what), R-CAT-31 (what is refused).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/csv.h"
#include "base/hash.h"
#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

#define FILE_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define ROWS_MAX       100000
#define TEXT_MAX       1024
#define KEY_MAX        512

/* The tables that a site may have rows for. A new row needs every column of `needed`; `key` tells rows apart. */
static const struct overlay {
    int table;
    const char *file;
    bool is_sorted; /* our rows are in the order of their keys, and stay so */
    int key[4];     /* columns, -1 ends */
    int needed[8];  /* besides key and source */
} overlays[] = {
    {CAT_accelerators, "accelerators.csv", true, {CAT_accelerators_name, -1}, {-1}},
    {CAT_cpus,
     "cpus.csv",
     true,
     {CAT_cpus_name, -1},
     {CAT_cpus_vendor, CAT_cpus_family, CAT_cpus_segment, CAT_cpus_tdp_w, -1}},
    {CAT_instances,
     "instances.csv",
     true,
     {CAT_instances_provider, CAT_instances_instance_type, -1},
     {-1}},
    {CAT_regions, "regions.csv", true, {CAT_regions_provider, CAT_regions_region, -1}, {-1}},
    {CAT_pue,
     "pue.csv",
     false,
     {CAT_pue_who, CAT_pue_scope, CAT_pue_year, -1},
     {CAT_pue_pue, CAT_pue_kind, -1}},
    {CAT_grid_intensity,
     "grid_intensity.csv",
     true,
     {CAT_grid_intensity_zone, -1},
     {CAT_grid_intensity_name, CAT_grid_intensity_zone_type, CAT_grid_intensity_method,
      CAT_grid_intensity_gco2e_per_kwh, -1}},
    {CAT_equivalents,
     "equivalents.csv",
     true,
     {CAT_equivalents_key, -1},
     {CAT_equivalents_quantity, CAT_equivalents_unit_name, CAT_equivalents_value, -1}},
};

struct site_row {
    struct catalogue__site_cell cells[JB_CATALOGUE_COLUMNS_MAX];
    char key[KEY_MAX];
    int64_t line;
};

struct site_table {
    struct site_row *rows;
    size_t n_rows;
    int64_t *order; /* of all rows: one of ours, or -1 - one of the site's */
    size_t n_all;
};

struct catalogue__site {
    struct site_table tables[CAT_n_tables];
    struct jb_hasher hasher;
    bool has_rows;
    char edition[96];
};

/* The one exception to "no mutable globals": set once, before threads, by jb_catalogue_read_site, and constant from then. */
static struct catalogue__site *_Atomic in_use;

/* --- looking up ------------------------------------------------------------------------------------------------- */

const struct catalogue__site_cell *catalogue__site_cells(int table, size_t *row)
{
    const struct catalogue__site *const site = in_use;
    if (!site || !site->tables[table].order)
        return NULL;
    const int64_t at = site->tables[table].order[*row];
    if (at < 0)
        return site->tables[table].rows[-1 - at].cells;
    *row = (size_t)at;
    return NULL;
}

size_t catalogue__site_n_rows(int table, size_t n_own)
{
    const struct catalogue__site *const site = in_use;
    return site && site->tables[table].order ? site->tables[table].n_all : n_own;
}

const char *catalogue__site_edition(void)
{
    const struct catalogue__site *const site = in_use;
    return site && site->has_rows ? site->edition : NULL;
}

/* --- one file --------------------------------------------------------------------------------------------------- */

void catalogue__site_free(struct catalogue__site *site)
{
    for (size_t i = 0; site && i < CAT_n_tables; i++) {
        struct site_table *const table = &site->tables[i];
        for (size_t row = 0; row < table->n_rows; row++)
            for (size_t column = 0; column < JB_CATALOGUE_COLUMNS_MAX; column++)
                free(table->rows[row].cells[column].own_text);
        free(table->rows);
        free(table->order);
    }
    free(site);
}

struct catalogue__site *catalogue__site_new(void)
{
    struct catalogue__site *const site = calloc(1, sizeof *site);
    if (site)
        jb_hasher_begin(&site->hasher);
    return site;
}

/* What stands in a file, and where. */
struct reader {
    const char *path;
    const struct overlay *overlay;
    const struct catalogue__table *table;
    int columns[JB_CATALOGUE_COLUMNS_MAX]; /* of the table, by field of the file */
    size_t n_columns;
};

static jb_rc fail_at(const struct reader *reader, int64_t line, int64_t column, const char *hint,
                     const char *what, const char *text, struct jb_error *err)
{
    char shown[80];
    jb_clean_copy(text, shown, sizeof shown);
    return jb_fail(err, JB_E_INPUT, hint, "%s:%lld:%lld: %s '%s'", reader->path, (long long)line,
                   (long long)column, what, shown);
}

static bool has_column(const struct reader *reader, int column)
{
    for (size_t i = 0; i < reader->n_columns; i++)
        if (reader->columns[i] == column)
            return true;
    return false;
}

static int source_column(const struct reader *reader)
{
    for (size_t i = 0; i < reader->table->n_columns; i++)
        if (strcmp(reader->table->columns[i].name, "source") == 0)
            return (int)i;
    return -1;
}

static jb_rc read_header(struct reader *reader, const struct jb_csv_field *fields, size_t n,
                         struct jb_error *err)
{
    const char hint[] = "`joulebook catalogue TABLE --csv` shows the columns";

    for (size_t i = 0; i < n; i++) {
        int column = -1;
        for (size_t j = 0; j < reader->table->n_columns; j++)
            if (strcmp(reader->table->columns[j].name, fields[i].text) == 0)
                column = (int)j;
        if (column < 0 || has_column(reader, column))
            return fail_at(reader, fields[i].line, fields[i].column, hint,
                           column < 0 ? "the table has no column" : "a second column",
                           fields[i].text, err);
        reader->columns[reader->n_columns++] = column;
    }
    for (const int *key = reader->overlay->key; *key >= 0; key++)
        if (!has_column(reader, *key))
            return fail_at(reader, 1, 1, hint, "missing is the column",
                           reader->table->columns[*key].name, err);
    if (!has_column(reader, source_column(reader)))
        return fail_at(reader, 1, 1, "say where each figure comes from", "missing is the column",
                       "source", err);
    return JB_OK;
}

static jb_rc read_cell(const struct reader *reader, const struct jb_csv_field *field, int column,
                       struct catalogue__site_cell *ret, struct jb_error *err)
{
    const int scale = reader->table->columns[column].scale;

    if (field->len == 0 || strcmp(field->text, "?") == 0)
        return JB_OK;
    if (scale >= 0) {
        int64_t number = 0;
        if (jb_parse_decimal(field->text, field->len, (unsigned)scale, &number) < 0 || number < 0 ||
            number > UINT32_MAX)
            return fail_at(reader, field->line, field->column,
                           "give digits with a point, nothing where it is unknown",
                           "this is no number for the table:", field->text, err);
        ret->number = number;
        return JB_OK;
    }
    if (field->len >= TEXT_MAX || !jb_clean_is(field->text))
        return fail_at(reader, field->line, field->column, "give UTF-8 without control characters",
                       "this is no text for the table:", field->text, err);
    ret->own_text = strdup(field->text);
    ret->text = ret->own_text;
    return ret->text ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", reader->path);
}

/* "provider\x1ftype", so that rows sort as the tables do; processors by the name that is looked for (R-CAT-01). */
static void add_key(char *key, int table, const char *text)
{
    const size_t at = strlen(key);
    char name[CATALOGUE__NORMAL_NAME];
    if (table == CAT_cpus) {
        catalogue__normal_name(text, name, sizeof name);
        text = name;
    }
    (void)snprintf(key + at, KEY_MAX - at, "%s%s", at > 0 ? "\x1f" : "", text);
}

static void own_key(const struct overlay *overlay, size_t row, char *key)
{
    char number[32];
    key[0] = '\0';
    for (const int *column = overlay->key; *column >= 0; column++) {
        const char *text = catalogue__own_text(overlay->table, row, *column);
        if (catalogue__tables[overlay->table].columns[*column].scale >= 0) {
            (void)snprintf(number, sizeof number, "%lld",
                           (long long)catalogue__own_number(overlay->table, row, *column));
            text = number;
        }
        add_key(key, overlay->table, text ? text : "");
    }
}

static jb_rc finish_row(const struct reader *reader, const struct jb_csv_field *first,
                        struct site_row *row, struct jb_error *err)
{
    char number[32];
    const struct overlay *const overlay = reader->overlay;
    row->line = first->line;
    for (const int *column = overlay->key; *column >= 0; column++) {
        const struct catalogue__site_cell *const cell = &row->cells[*column];
        const bool is_number = reader->table->columns[*column].scale >= 0;
        if (is_number ? cell->number < 0 : !cell->text)
            return fail_at(reader, first->line, first->column, "a row is told by it",
                           "this row lacks the column", reader->table->columns[*column].name, err);
        (void)snprintf(number, sizeof number, "%lld", (long long)cell->number);
        add_key(row->key, overlay->table, is_number ? number : cell->text);
    }
    if (!row->cells[source_column(reader)].text)
        return fail_at(reader, first->line, first->column, "say where the figures come from",
                       "this row lacks the column", "source", err);
    return JB_OK;
}

static jb_rc read_row(const struct reader *reader, const struct jb_csv_field *fields, size_t n,
                      struct site_table *table, struct jb_error *err)
{
    if (n != reader->n_columns)
        return fail_at(reader, fields[0].line, fields[0].column, "as many as the first line has",
                       "the row has another number of fields:", fields[0].text, err);
    if (table->n_rows == ROWS_MAX)
        return fail_at(reader, fields[0].line, 1, "split the site", "too many rows from",
                       fields[0].text, err);
    if ((table->n_rows & (table->n_rows - 1)) == 0) {
        const size_t room = table->n_rows == 0 ? 1 : 2 * table->n_rows;
        struct site_row *const rows = realloc(table->rows, room * sizeof *rows);
        if (!rows)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", reader->path);
        table->rows = rows;
    }
    struct site_row *const row = &table->rows[table->n_rows++];
    memset(row, 0, sizeof *row);
    for (size_t i = 0; i < JB_CATALOGUE_COLUMNS_MAX; i++)
        row->cells[i].number = CATALOGUE__UNKNOWN;
    for (size_t i = 0; i < n; i++) {
        const jb_rc rc =
            read_cell(reader, &fields[i], reader->columns[i], &row->cells[reader->columns[i]], err);
        if (rc < 0)
            return rc;
    }
    return finish_row(reader, &fields[0], row, err);
}

/* --- ours and theirs (R-CAT-30) --------------------------------------------------------------------------------- */

static int compare_rows(const void *a, const void *b)
{
    const struct site_row *const x = a, *const y = b;
    const int by_key = strcmp(x->key, y->key);
    return by_key != 0 ? by_key : (x->line > y->line) - (x->line < y->line);
}

/* What the file has no column for stays as it is with us, and so does the word where it comes from. */
static jb_rc keep_rest(const struct reader *reader, struct site_row *row, size_t own,
                       struct jb_error *err)
{
    const int table = reader->overlay->table, source = source_column(reader);
    const char *const own_source = catalogue__own_text(table, own, source);

    for (size_t i = 0; i < reader->table->n_columns; i++) {
        if (has_column(reader, (int)i))
            continue;
        if (reader->table->columns[i].scale >= 0)
            row->cells[i].number = catalogue__own_number(table, own, (int)i);
        else
            row->cells[i].text = catalogue__own_text(table, own, (int)i);
    }
    if (!own_source || reader->n_columns == reader->table->n_columns)
        return JB_OK;
    const size_t size = strlen(row->cells[source].text) + strlen(own_source) + 16;
    char *const both = malloc(size);
    if (!both)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", reader->path);
    (void)snprintf(both, size, "%s; otherwise %s", row->cells[source].text, own_source);
    free(row->cells[source].own_text);
    row->cells[source].text = row->cells[source].own_text = both;
    return JB_OK;
}

static jb_rc check_new(const struct reader *reader, const struct site_row *row,
                       struct jb_error *err)
{
    for (const int *column = reader->overlay->needed; *column >= 0; column++)
        if (reader->table->columns[*column].scale >= 0 ? row->cells[*column].number < 0
                                                       : !row->cells[*column].text)
            return fail_at(reader, row->line, 1, "a row that we do not have needs it",
                           "this row lacks the column", reader->table->columns[*column].name, err);
    return JB_OK;
}

/* Joins both in the order of their keys. */
static jb_rc merge(const struct reader *reader, struct site_table *table, struct jb_error *err)
{
    const size_t n_own = reader->table->n_rows;
    size_t next = 0;
    jb_rc rc = JB_OK;

    JB_AUTO(jb_free_auto) bool *is_known = calloc(table->n_rows, sizeof *is_known);
    table->order = calloc(n_own + table->n_rows, sizeof *table->order);
    if (!table->order || !is_known)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", reader->path);
    qsort(table->rows, table->n_rows, sizeof table->rows[0], compare_rows);
    for (size_t own = 0; own < n_own && rc == JB_OK; own++) {
        char key[KEY_MAX];
        own_key(reader->overlay, own, key);
        while (reader->overlay->is_sorted && next < table->n_rows &&
               strcmp(table->rows[next].key, key) < 0)
            table->order[table->n_all++] = -1 - (int64_t)next++;
        bool is_replaced = false;
        for (size_t i = reader->overlay->is_sorted ? next : 0;
             i < table->n_rows && strcmp(table->rows[i].key, key) <= 0; i++) {
            if (strcmp(table->rows[i].key, key) != 0)
                continue;
            is_replaced = true;
            if (!is_known[i])
                rc = keep_rest(reader, &table->rows[i], own, err);
            is_known[i] = true;
        }
        if (!is_replaced)
            table->order[table->n_all++] = (int64_t)own;
    }
    while (next < table->n_rows)
        table->order[table->n_all++] = -1 - (int64_t)next++;
    for (size_t i = 0; i < table->n_rows && rc == JB_OK; i++) {
        rc = check_new(reader, &table->rows[i], err);
        if (rc == JB_OK && i > 0 && reader->overlay->table != CAT_grid_intensity &&
            strcmp(table->rows[i].key, table->rows[i - 1].key) == 0)
            rc = fail_at(reader, table->rows[i].line, 1, "leave one",
                         "the same row twice:", table->rows[i].cells[reader->overlay->key[0]].text,
                         err);
    }
    return rc;
}

jb_rc catalogue__site_add(struct catalogue__site *site, const char *table_name, const char *path,
                          const char *bytes, size_t len, struct jb_error *err)
{
    static const struct jb_csv_rules rules = {.delimiter = ',',
                                              .has_quotes = true,
                                              .fields_max = JB_CATALOGUE_COLUMNS_MAX,
                                              .record_bytes_max = 16384};
    struct reader reader = {.path = path};
    JB_AUTO(jb_csv_free_auto) struct jb_csv *csv = NULL;
    const struct jb_csv_field *fields = NULL;
    size_t n = 0;
    enum jb_csv_got got = JB_CSV_RECORD;

    for (size_t i = 0; i < JB_ARRAY_LEN(overlays); i++)
        if (strcmp(overlays[i].file, table_name) == 0)
            reader.overlay = &overlays[i];
    if (!reader.overlay)
        return jb_fail(err, JB_E_INPUT, NULL, "no table is made of '%s'", table_name);
    reader.table = &catalogue__tables[reader.overlay->table];
    struct site_table *const table = &site->tables[reader.overlay->table];
    jb_rc rc = jb_csv_new(&rules, &csv, err);
    if (rc < 0)
        return rc;
    jb_csv_feed(csv, bytes, len, true);
    while (rc == JB_OK && got == JB_CSV_RECORD) {
        rc = jb_csv_next(csv, path, &got, &fields, &n, err);
        if (rc == JB_OK && got == JB_CSV_RECORD)
            rc = reader.n_columns == 0 ? read_header(&reader, fields, n, err)
                                       : read_row(&reader, fields, n, table, err);
    }
    if (rc < 0 || table->n_rows == 0)
        return rc;
    site->has_rows = true;
    jb_hasher_add(&site->hasher, table_name, strlen(table_name) + 1);
    jb_hasher_add(&site->hasher, bytes, len);
    return merge(&reader, table, err);
}

/* --- the folder ------------------------------------------------------------------------------------------------- */

static void close_auto(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static jb_rc read_file(int folder_fd, const char *path, const char *name, char **ret_bytes,
                       size_t *ret_len, struct jb_error *err)
{
    struct stat st;
    JB_AUTO(close_auto)
    const int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return JB_OK;
    if (fd < 0 || fstat(fd, &st) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
    if (!S_ISREG(st.st_mode) || st.st_size < 0 || (size_t)st.st_size > FILE_BYTES_MAX)
        return jb_fail(err, JB_E_INPUT, "give a file of at most 16 MiB",
                       "'%s' is no regular file of that size", path);
    const size_t size = (size_t)st.st_size;
    JB_AUTO(jb_free_auto) char *bytes = malloc(size + 1);
    if (!bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    size_t len = 0;
    while (len < size) {
        const ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_bytes = bytes;
    *ret_len = len;
    bytes = NULL;
    return JB_OK;
}

jb_rc jb_catalogue_read_site(const char *folder, struct jb_error *err)
{
    JB_AUTO(close_auto)
    const int fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return JB_OK;
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot read '%s'", folder);
    struct catalogue__site *const site = catalogue__site_new();
    if (!site)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", folder);
    jb_rc rc = JB_OK;
    for (size_t i = 0; i < JB_ARRAY_LEN(overlays) && rc == JB_OK; i++) {
        JB_AUTO(jb_free_auto) char *bytes = NULL;
        size_t len = 0;
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", folder, overlays[i].file);
        rc = read_file(fd, path, overlays[i].file, &bytes, &len, err);
        if (rc == JB_OK && bytes)
            rc = catalogue__site_add(site, overlays[i].file, path, bytes, len, err);
    }
    if (rc < 0 || !site->has_rows) {
        catalogue__site_free(site);
        return rc;
    }
    const struct jb_hash hash = jb_hasher_end(&site->hasher);
    char hex[2 * 6 + 1];
    (void)jb_hex(hash.bytes, 6, hex, sizeof hex);
    (void)snprintf(site->edition, sizeof site->edition, "%s+site-%s", catalogue__edition, hex);
    in_use = site;
    return JB_OK;
}
