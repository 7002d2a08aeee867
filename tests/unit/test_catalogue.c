/* SPDX-License-Identifier: Apache-2.0 */
/* The tables as they ship: complete, sourced, within their licences, and found by search. R-CAT-03, 08, 11, 12. */
#include "catalogue/catalogue.h"

#include <strings.h>

#include "tap.h"

static const char *cell_of(const struct jb_catalogue_cell *cells, size_t n, const char *column)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(cells[i].column, column) == 0)
            return cells[i].text;
    return NULL;
}

struct seen {
    size_t n_rows;
    size_t n_without_source;
    size_t n_unknown_source;
    char text[64];
    char column[32];
};

static jb_rc stop_at_once(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    (void)cells;
    (void)n;
    ++*(int *)context;
    return JB_E_AGAIN;
}

static jb_rc is_id(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    const char *const id = cell_of(cells, n, "id");
    char *const wanted = context;
    if (id && strcmp(id, wanted) == 0)
        wanted[0] = '\0';
    return JB_OK;
}

static jb_rc check_source(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    struct seen *const seen = context;
    const char *const source = cell_of(cells, n, "source");
    size_t n_found = 0;
    char id[64];

    seen->n_rows++;
    if (!source) {
        seen->n_without_source++;
        return JB_OK;
    }
    (void)snprintf(id, sizeof id, "%s", source);
    if (jb_catalogue_list("sources", source, is_id, id, &n_found, NULL) < 0 || id[0] != '\0')
        seen->n_unknown_source++;
    return JB_OK;
}

static jb_rc count(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    (void)cells;
    (void)n;
    ++*(size_t *)context;
    return JB_OK;
}

static jb_rc copy_cell(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    struct seen *const seen = context;
    const char *const text = cell_of(cells, n, seen->column);
    seen->n_rows++;
    (void)snprintf(seen->text, sizeof seen->text, "%s", text ? text : "(unknown)");
    return JB_OK;
}

static void test_sources(void)
{
    for (size_t i = 0; i < jb_catalogue_n_tables(); i++) {
        const struct jb_catalogue_table table = jb_catalogue_table_at(i);
        struct seen seen = {0};
        size_t n = 0;

        ok(table.n_columns <= JB_CATALOGUE_COLUMNS_MAX && table.n_rows > 0, "%s has rows",
           table.name);
        if (strcmp(table.name, "sources") == 0)
            continue;
        ok(jb_catalogue_list(table.name, NULL, check_source, &seen, &n, NULL) == JB_OK &&
               n == table.n_rows,
           "an empty query walks every row of %s", table.name);
        is_i64((int64_t)seen.n_without_source, 0, "every row of %s has a source", table.name);
        if (strcmp(table.name, "pue") != 0)
            is_i64((int64_t)seen.n_unknown_source, 0, "every source of %s is described in sources",
                   table.name);
    }
}

static void test_licences(void)
{
    static const char *const barred[] = {
        "boavizta", "electricity maps", "electricitymap", "odbl", "by-sa",
        "agpl",     "techpowerup",      "co2.js",         "ademe"};
    for (size_t i = 0; i < jb_catalogue_n_tables(); i++)
        for (size_t k = 0; k < JB_ARRAY_LEN(barred); k++) {
            const char *const name = jb_catalogue_table_at(i).name;
            size_t n_rows = 0, n = 0;
            const jb_rc rc = jb_catalogue_list(name, barred[k], count, &n_rows, &n, NULL);
            ok(rc == JB_OK && n == 0 && n_rows == 0, "no row of %s rests on %s", name, barred[k]);
        }
}

static void test_list(void)
{
    struct seen seen = {.column = "tdp_w"};
    size_t n = 0;
    int n_calls = 0;
    struct jb_error err = {0};

    ok(jb_catalogue_list("CPUS", "ePyC 7763", copy_cell, &seen, &n, NULL) == JB_OK,
       "a table and a query are found in any case");
    is_i64((int64_t)n, 1, "a query selects the rows that contain it");
    is_str(seen.text, "280", "a number is printed as the table had it");

    seen = (struct seen){.column = "year"};
    ok(jb_catalogue_list("grid_intensity", "TWN", copy_cell, &seen, &n, NULL) == JB_OK && n == 3,
       "Taiwan has three rows");
    seen = (struct seen){.column = "load_pct"};
    ok(jb_catalogue_list("memory_power", "Eco2AI", copy_cell, &seen, &n, NULL) == JB_OK && n == 1,
       "Eco2AI has one memory figure");
    is_str(seen.text, "(unknown)", "an unknown cell has no text and is no zero");

    ok(jb_catalogue_list("cpus", "no such thing", count, &n, &n, NULL) == JB_OK && n == 0,
       "a query without a match is an empty list, not an error");
    n = 77;
    is_i64(jb_catalogue_list("cpus", NULL, stop_at_once, &n_calls, &n, NULL), JB_E_AGAIN,
           "what the callback returns stops the walk");
    ok(n_calls == 1 && n == 77, "a stopped walk makes no further call and leaves its output alone");
    is_i64(jb_catalogue_list("gpus", NULL, count, &n, &n, &err), JB_E_INPUT,
           "an unknown table is refused");
    ok(strstr(err.message, "'gpus'") && strstr(err.hint, "cpus, "),
       "the error names the table and lists those there are");
}

static void test_bands(void)
{
    struct jb_catalogue_band band;

    jb_catalogue_memory_uw_per_gib(&band);
    is_i64(band.low, 34180, "memory low is the least row, 0.03418 W/GiB");
    is_i64(band.best, 375000, "memory best is the middle of the linear rows, 0.375 W/GiB");
    is_i64(band.high, 1250000, "memory high is the greatest row, 1.25 W/GiB");
    ok(band.source[0] != '\0' && band.n_rows == 31,
       "the memory band names its sources and counts its 31 rows");

    jb_catalogue_default_pue_milli(&band);
    is_i64(band.best, 1580, "the PUE default is 1.58");
    is_i64(band.low, 1036, "the least PUE observed since 2018 is 1.036");
    is_i64(band.high, 1670, "the greatest PUE observed since 2018 is 1.67");
    ok(strstr(band.source, "Strubell"), "the PUE default names its source");
}

int main(void)
{
    const char *const edition = jb_catalogue_edition();
    ok(strlen(edition) == strlen("2026-11-23-0123456789ab") && strspn(edition, "0123456789") == 4 &&
           strspn(edition + 11, "0123456789abcdef") == 12,
       "the edition is a date and twelve hex digits: %s", edition);
    test_sources();
    test_licences();
    test_list();
    test_bands();
    return done_testing();
}
