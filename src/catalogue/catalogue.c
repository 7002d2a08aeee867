/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables as they are: cells, texts, sources, and the walk that `joulebook catalogue` prints. It must never turn an
 * unknown cell into a zero. Memory and PUE bands are here as well (R-CAT-08, R-CAT-11).
 */
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

const char *jb_catalogue_edition(void)
{
    const char *const site = catalogue__site_edition();
    return site ? site : catalogue__edition;
}

static int64_t cell_at(const struct catalogue__column *column, size_t row)
{
    switch (column->width) {
    case 1: return ((const uint8_t *)column->cells)[row];
    case 2: return ((const uint16_t *)column->cells)[row];
    case 4: return ((const uint32_t *)column->cells)[row];
    default: return (int64_t)((const uint64_t *)column->cells)[row];
    }
}

int64_t catalogue__number(int table, size_t row, int column)
{
    const struct catalogue__site_cell *const cells = catalogue__site_cells(table, &row);
    return cells ? cells[column].number : catalogue__own_number(table, row, column);
}

const char *catalogue__text(int table, size_t row, int column)
{
    const struct catalogue__site_cell *const cells = catalogue__site_cells(table, &row);
    return cells ? cells[column].text : catalogue__own_text(table, row, column);
}

int64_t catalogue__own_number(int table, size_t row, int column)
{
    return cell_at(&catalogue__tables[table].columns[column], row) - 1;
}

const char *catalogue__own_text(int table, size_t row, int column)
{
    const int64_t cell = cell_at(&catalogue__tables[table].columns[column], row);
    return cell == 0 ? NULL : catalogue__texts + catalogue__text_offsets[cell];
}

size_t catalogue__n_rows(int table)
{
    return catalogue__site_n_rows(table, catalogue__tables[table].n_rows);
}

/* Adds `separator` (unless `text` is empty) and `more`; what has no room becomes "...", once. */
static void append(char *text, size_t size, const char *separator, const char *more)
{
    const size_t at = strlen(text);
    const size_t room = size - at;
    if (at >= 3 && strcmp(text + at - 3, "...") == 0)
        return;
    if (at == 0)
        separator = "";
    if (strlen(separator) + strlen(more) + sizeof "..." < room)
        (void)snprintf(text + at, room, "%s%s", separator, more);
    else
        (void)snprintf(text + at, room, "...");
}

void catalogue__cite(char *text, size_t size, const char *id)
{
    for (size_t row = 0; id && row < catalogue__n_rows(CAT_sources); row++) {
        if (strcmp(catalogue__text(CAT_sources, row, CAT_sources_id), id) != 0)
            continue;
        const char *const title = catalogue__text(CAT_sources, row, CAT_sources_title);
        if (strstr(text, title))
            return;
        append(text, size, "; ", title);
        return;
    }
    /* A site names its sources in its own words. */
    if (id && !strstr(text, id))
        append(text, size, "; ", id);
}

static int compare_i64(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

#define MEMORY_ROWS_MAX 256

void jb_catalogue_memory_uw_per_gib(struct jb_catalogue_band *ret_band)
{
    struct jb_catalogue_band band = {.low = INT64_MAX};
    int64_t linear[MEMORY_ROWS_MAX] = {0};
    size_t n_linear = 0;

    for (size_t row = 0; row < catalogue__n_rows(CAT_memory_power); row++) {
        const int64_t uw = catalogue__number(CAT_memory_power, row, CAT_memory_power_w_per_gib);
        if (uw < 0)
            continue;
        band.n_rows++;
        band.low = uw < band.low ? uw : band.low;
        band.high = uw > band.high ? uw : band.high;
        catalogue__cite(band.source, sizeof band.source,
                        catalogue__text(CAT_memory_power, row, CAT_memory_power_source));
        if (n_linear < MEMORY_ROWS_MAX &&
            strcmp(catalogue__text(CAT_memory_power, row, CAT_memory_power_kind), "linear") == 0)
            linear[n_linear++] = uw;
    }
    qsort(linear, n_linear, sizeof linear[0], compare_i64);
    band.best = linear[n_linear / 2];
    *ret_band = band;
}

/* What was measured or averaged, not assumed, designed or promised. */
static bool is_observed_pue(const char *kind)
{
    static const char *const kinds[] = {"survey average", "average", "annual",
                                        "site",           "fleet",   "fleet, trailing 12 months",
                                        "estimate"};
    for (size_t i = 0; i < JB_ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

void jb_catalogue_default_pue_milli(struct jb_catalogue_band *ret_band)
{
    /* R-CAT-11: the default that Strubell et al. 2019, Henderson et al. 2020 and Carbontracker use. */
    struct jb_catalogue_band band = {.low = 1580, .best = 1580, .high = 1580};

    for (size_t row = 0; row < catalogue__n_rows(CAT_pue); row++) {
        const int64_t pue_milli = catalogue__number(CAT_pue, row, CAT_pue_pue);
        if (pue_milli < 0 || catalogue__number(CAT_pue, row, CAT_pue_year) < 2018 ||
            !is_observed_pue(catalogue__text(CAT_pue, row, CAT_pue_kind)))
            continue;
        band.n_rows++;
        band.low = pue_milli < band.low ? pue_milli : band.low;
        band.high = pue_milli > band.high ? pue_milli : band.high;
    }
    append(
        band.source, sizeof band.source, "",
        "Strubell et al. 2019 (Uptime Institute survey 2018); band: figures observed since 2018");
    *ret_band = band;
}

size_t jb_catalogue_n_tables(void)
{
    return CAT_n_tables;
}

struct jb_catalogue_table jb_catalogue_table_at(size_t i)
{
    const struct catalogue__table *const table = &catalogue__tables[i];
    return (struct jb_catalogue_table){table->name, table->title, table->n_columns,
                                       catalogue__n_rows((int)i)};
}

static jb_rc find_table(const char *name, const struct catalogue__table **ret_table,
                        struct jb_error *err)
{
    char names[200] = "";
    for (size_t i = 0; i < CAT_n_tables; i++) {
        if (strcasecmp(catalogue__tables[i].name, name) == 0) {
            *ret_table = &catalogue__tables[i];
            return JB_OK;
        }
        append(names, sizeof names, ", ", catalogue__tables[i].name);
    }
    char hint[240];
    (void)snprintf(hint, sizeof hint, "give one of: %s", names);
    return jb_fail(err, JB_E_INPUT, hint, "catalogue has no table '%s'", name);
}

jb_rc jb_catalogue_list(const char *table, const char *query, jb_catalogue_row_fn row,
                        void *context, size_t *ret_n_rows, struct jb_error *err)
{
    const struct catalogue__table *found = NULL;
    const jb_rc rc = find_table(table, &found, err);
    if (rc < 0)
        return rc;

    char numbers[JB_CATALOGUE_COLUMNS_MAX][32];
    struct jb_catalogue_cell cells[JB_CATALOGUE_COLUMNS_MAX];
    size_t n_rows = 0;
    const int number = (int)(found - catalogue__tables);
    for (size_t at = 0; at < catalogue__n_rows(number); at++) {
        bool is_match = !query || query[0] == '\0';
        for (size_t i = 0; i < found->n_columns; i++) {
            const struct catalogue__column *const column = &found->columns[i];
            cells[i] =
                (struct jb_catalogue_cell){.column = column->name, .is_number = column->scale >= 0};
            const int64_t value = column->scale < 0 ? 0 : catalogue__number(number, at, (int)i);
            if (column->scale < 0)
                cells[i].text = catalogue__text(number, at, (int)i);
            else if (value >= 0)
                cells[i].text = jb_format_decimal(value, (unsigned)column->scale, numbers[i],
                                                  sizeof numbers[i]);
            is_match = is_match || (cells[i].text && strcasestr(cells[i].text, query));
        }
        if (!is_match)
            continue;
        const jb_rc stopped = row(context, cells, found->n_columns);
        if (stopped != JB_OK)
            return stopped;
        n_rows++;
    }
    *ret_n_rows = n_rows;
    return JB_OK;
}
