/* SPDX-License-Identifier: Apache-2.0 */
/* Published trainings with operations, hours and hardware, as test_plan_heldout.c needs them: from the catalogue or a table. */
#ifndef JB_TESTS_SIM_PLAN_RUNS_H
#define JB_TESTS_SIM_PLAN_RUNS_H

#include <ctype.h>
#include <math.h>

#include "base/csv.h"
#include "base/num.h"
#include "plan/plan_int.h"
#include "reference_rows.h"
#include "tap.h"

#define RUNS_MAX 600
struct run {
    char model[96], key[64], study[128], hardware[JB_ANSWER];
    bool is_primary;    /* read in the publication itself */
    bool is_compiled;   /* from a database of others' publications */
    bool is_finetuning; /* its operations are mostly those of the model it began with */
    bool is_modelled, is_chip;
    double flop, hours; /* of all devices together */
    double n_devices;   /* 0 not told */
    double kwh;         /* IT; 0 not told */
    double utilisation;
    bool is_assumed, is_used; /* in the fit of utilisations */
    enum plan__kind kind;
    enum plan__size size;
    struct plan__hardware found;
};

static struct {
    size_t n, n_refused, n_assumed, n_beyond, n_twice, n_finetuning;
    struct run runs[RUNS_MAX];
} all;

/* --- rows into runs ----------------------------------------------------------------------------------------------- */

enum column {
    MODEL,
    FLOP,
    PFLOP,
    HARDWARE,
    DEVICES,
    DEVICE_HOURS,
    HOURS,
    ENERGY,
    PUE,
    INCLUDED,
    SCOPE,
    STAGE,
    EVIDENCE,
    SOURCE,
    N
};
static const char *const titles[N][2] = {
    [MODEL] = {"model", ""},
    [FLOP] = {"training_flop", ""},
    [PFLOP] = {"training_pflop", ""},
    [HARDWARE] = {"hardware", ""},
    [DEVICES] = {"n_devices", "device_count"},
    [DEVICE_HOURS] = {"device_hours", ""},
    [HOURS] = {"hours", ""},
    [ENERGY] = {"energy_kwh", ""},
    [PUE] = {"pue", ""},
    [INCLUDED] = {"pue_included", ""},
    [SCOPE] = {"energy_scope", ""},
    [STAGE] = {"stage", ""},
    [EVIDENCE] = {"evidence", ""},
    [SOURCE] = {"source", ""},
};

static int column_of(const char *title)
{
    for (int i = 0; i < N; i++)
        if (strcmp(title, titles[i][0]) == 0 || strcmp(title, titles[i][1]) == 0)
            return i;
    return -1;
}

/* "2.91e+21"; 0 where there is none. */
static double number(const char *text)
{
    int64_t digits = 0, power = 0;
    double unit = 1e9;
    const size_t len = text ? strcspn(text, "e") : 0;

    if (!text)
        return 0;
    if (jb_parse_decimal(text, len, 9, &digits) < 0) {
        unit = 1e3; /* 4.64e11 PFLOP with nine decimals is beyond 64 bits */
        if (jb_parse_decimal(text, len, 3, &digits) < 0)
            return 0;
    }
    const char *at = text[len] ? text + len + 1 : "0";
    at += *at == '+';
    if (jb_parse_i64(at, strlen(at), false, &power) < 0)
        return 0;
    return (double)digits / unit * pow(10, (double)power);
}

/* Letters and digits in front of any bracket: "T5 (11B)" is "t5". */
static void key_of(const char *model, char *ret, size_t size)
{
    size_t n = 0;

    for (; *model && *model != '(' && n + 1 < size; model++)
        if (isalnum((unsigned char)*model))
            ret[n++] = (char)tolower((unsigned char)*model);
    ret[n] = '\0';
}

static void add_run(const char *const cells[])
{
    struct run run = {0};
    const double n = number(cells[DEVICES]), kwh = number(cells[ENERGY]);
    const bool has_pue = cells[INCLUDED] && strcmp(cells[INCLUDED], "yes") == 0;

    run.flop = number(cells[FLOP]) + number(cells[PFLOP]) * 1e15;
    run.hours = number(cells[DEVICE_HOURS]);
    if (run.hours <= 0)
        run.hours = number(cells[HOURS]) * n;
    if (run.flop <= 0 || run.hours <= 0 || !cells[HARDWARE] || !cells[HARDWARE][0] ||
        all.n == RUNS_MAX)
        return;
    run.n_devices = n;
    run.is_primary = cells[EVIDENCE] && strcmp(cells[EVIDENCE], "primary") == 0;
    run.is_modelled = cells[EVIDENCE] && strcmp(cells[EVIDENCE], "modelled") == 0;
    run.is_finetuning = cells[STAGE] && strcmp(cells[STAGE], "finetuning") == 0;
    run.is_chip = cells[SCOPE] && strcmp(cells[SCOPE], "chip") == 0;
    if (!has_pue)
        run.kwh = kwh;
    else if (number(cells[PUE]) >= 1)
        run.kwh = kwh / number(cells[PUE]);
    (void)snprintf(run.model, sizeof run.model, "%s", cells[MODEL]);
    (void)snprintf(run.hardware, sizeof run.hardware, "%s", cells[HARDWARE]);
    key_of(cells[MODEL], run.key, sizeof run.key);
    run.is_compiled = strncmp(cells[SOURCE], "Epoch AI database", 17) == 0 ||
                      strcmp(cells[SOURCE], "epoch-models") == 0;
    (void)snprintf(run.study, sizeof run.study, "%s", run.is_compiled ? run.key : cells[SOURCE]);
    char *const table = strstr(run.study, " Table ");
    if (table)
        *table = '\0';
    all.runs[all.n++] = run;
}

static void read_runs(const char *path)
{
    reference_read(&(struct reference_reader){N, column_of, add_run}, path);
}

#endif
