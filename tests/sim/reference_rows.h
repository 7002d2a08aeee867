/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of published trainings for held-out tests, the catalogue's or a file's, and quantiles of weighted points. */
#ifndef JB_TESTS_SIM_REFERENCE_ROWS_H
#define JB_TESTS_SIM_REFERENCE_ROWS_H

#include <math.h>
#include <stdio.h>

#include "base/csv.h"
#include "catalogue/catalogue.h"
#include "tap.h"

#define REFERENCE_COLUMNS_MAX 32

struct reference_reader {
    int n;                                  /* columns wanted */
    int (*column_of)(const char *title);    /* which of them a title is; -1: none */
    void (*add)(const char *const cells[]); /* one row; NULL where it does not say */
};

static jb_rc catalogue_row(void *context, const struct jb_catalogue_cell *cells, size_t n_cells)
{
    const struct reference_reader *const reader = context;
    const char *row[REFERENCE_COLUMNS_MAX] = {NULL};

    for (size_t i = 0; i < n_cells; i++)
        if (reader->column_of(cells[i].column) >= 0)
            row[reader->column_of(cells[i].column)] = cells[i].text;
    reader->add(row);
    return JB_OK;
}

static void read_catalogue(struct reference_reader *reader)
{
    struct jb_error err = {0};
    size_t n = 0;

    if (jb_catalogue_list("training_runs", NULL, catalogue_row, reader, &n, &err) < 0)
        bail_out("%s", err.message);
}

static void read_file(const struct reference_reader *reader, const char *path)
{
    const struct jb_csv_rules rules = {',', true, 64, 65536};
    static char text[4 << 20];
    struct jb_csv *csv = NULL;
    struct jb_error err = {0};
    const struct jb_csv_field *fields = NULL;
    enum jb_csv_got got = JB_CSV_MORE;
    size_t n_fields = 0;
    int at[REFERENCE_COLUMNS_MAX];
    bool has_header = false;

    FILE *const file = fopen(path, "re");
    if (!file)
        bail_out("no '%s'", path);
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    if (jb_csv_new(&rules, &csv, &err) < 0)
        bail_out("%s", err.message);
    jb_csv_feed(csv, text, len, true);
    for (;;) {
        const char *row[REFERENCE_COLUMNS_MAX] = {NULL};
        if (jb_csv_next(csv, path, &got, &fields, &n_fields, &err) < 0)
            bail_out("%s", err.message);
        if (got == JB_CSV_END)
            break;
        for (int i = 0; i < reader->n && has_header; i++)
            row[i] = at[i] >= 0 && (size_t)at[i] < n_fields ? fields[at[i]].text : NULL;
        if (has_header) {
            reader->add(row);
            continue;
        }
        for (int i = 0; i < reader->n; i++)
            at[i] = -1;
        for (size_t i = 0; i < n_fields; i++)
            if (reader->column_of(fields[i].text) >= 0)
                at[reader->column_of(fields[i].text)] = (int)i;
        has_header = true;
    }
    jb_csv_free(csv);
}

/* `path` NULL: the catalogue's own. */
static void reference_read(struct reference_reader *reader, const char *path)
{
    if (path)
        read_file(reader, path);
    else
        read_catalogue(reader);
}

struct point {
    double value, weight;
};

static int compare(const void *a, const void *b)
{
    const double x = ((const struct point *)a)->value, y = ((const struct point *)b)->value;
    return (x > y) - (x < y);
}

/* Weighted quantile at the middle of each point's weight, linear in logarithms between, flat beyond the ends. */
static double quantile(const struct point *points, size_t n, double q)
{
    double total = 0, sum = 0, before = 0;

    for (size_t i = 0; i < n; i++)
        total += points[i].weight;
    for (size_t i = 0; i < n; i++) {
        const double at = (sum + points[i].weight / 2) / total;
        if (q <= at && i == 0)
            return points[0].value;
        if (q <= at) {
            const double share = (q - before) / (at - before);
            return exp(log(points[i - 1].value) * (1 - share) + log(points[i].value) * share);
        }
        sum += points[i].weight;
        before = at;
    }
    return points[n - 1].value;
}

#endif
