/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The band against trainings that were measured: each is estimated from its hardware and hours alone, in the scope it was
 * measured in, by loads fitted without the source it stands in. What is promised is R-EST-40; the table of
 * docs/method/validation.md is what this prints. JB_REFERENCE=FILE takes another table of runs (all of
 * training_runs.csv, also the sources whose terms keep them out of the catalogue).
 */
#include <math.h>

#include "base/csv.h"
#include "base/num.h"
#include "estimate/estimate_int.h"
#include "reference_rows.h"
#include "tap.h"

#define RUNS_MAX    400
#define SOURCES_MAX 40
#define PENALTY     20.0 /* 2 / alpha of the interval score, alpha 0.1 */

enum reach { REACH_BOARDS, REACH_PROCESSORS, REACH_DEVICES, REACH_NODE };
static const struct {
    const char *scope;
    enum reach reach;
} scopes[] = {
    {"gpu", REACH_BOARDS},
    {"cpu", REACH_PROCESSORS},
    {"cpu+gpu+ram", REACH_DEVICES},
    {"cpu+gpu+dram", REACH_DEVICES},
    {"gpu+cpu+dram", REACH_DEVICES},
    {"whole node", REACH_NODE},
    {"whole nodes (AC)", REACH_NODE},
    {"system incl. host, network, fans", REACH_NODE},
};
static const char *const reach_names[] = {"boards", "processors", "devices", "node"};

struct run {
    char source[128], hardware[JB_ANSWER];
    enum reach reach;
    bool is_processor;
    double n, hours;
    double truth_w;  /* mean, of all hardware together */
    double rated_w;  /* TDP of the same */
    double tdp_w;    /* of one package */
    bool is_refused; /* its hardware is in no catalogue */
    struct jb_figure band_uj;
};

static struct {
    size_t n;
    struct run runs[RUNS_MAX];
    size_t n_unusable; /* measured, without energy, hours, hardware or scope */
} all;

/* --- rows into runs ----------------------------------------------------------------------------------------------- */

enum column {
    HARDWARE,
    DEVICES,
    DEVICE_HOURS,
    HOURS,
    ENERGY,
    PUE,
    INCLUDED,
    SCOPE,
    HOW,
    SOURCE,
    N
};
static const char *const titles[N][2] = {
    [HARDWARE] = {"hardware", ""},         [DEVICES] = {"n_devices", "device_count"},
    [DEVICE_HOURS] = {"device_hours", ""}, [HOURS] = {"hours", ""},
    [ENERGY] = {"energy_kwh", ""},         [PUE] = {"pue", ""},
    [INCLUDED] = {"pue_included", ""},     [SCOPE] = {"energy_scope", ""},
    [HOW] = {"measured_or_estimated", ""}, [SOURCE] = {"source", ""},
};

static int column_of(const char *title)
{
    for (int i = 0; i < N; i++)
        if (strcmp(title, titles[i][0]) == 0 || strcmp(title, titles[i][1]) == 0)
            return i;
    return -1;
}

/* 0 where there is none. */
static double number(const char *text)
{
    int64_t n = 0;

    return text && jb_parse_decimal(text, strlen(text), 9, &n) >= 0 ? (double)n / 1e9 : 0;
}

static void add_run(const char *const cells[])
{
    struct run run = {.n = 1};
    double kwh = number(cells[ENERGY]);
    size_t scope = 0;

    if (!cells[HOW] || strcmp(cells[HOW], "measured") != 0)
        return;
    while (scope < JB_ARRAY_LEN(scopes) &&
           (!cells[SCOPE] || strcmp(cells[SCOPE], scopes[scope].scope) != 0))
        scope++;
    if (number(cells[DEVICES]) > 0)
        run.n = number(cells[DEVICES]);
    run.hours = number(cells[HOURS]);
    if (run.hours <= 0)
        run.hours = number(cells[DEVICE_HOURS]) / run.n;
    if (cells[INCLUDED] && strcmp(cells[INCLUDED], "yes") == 0)
        kwh = number(cells[PUE]) >= 1 ? kwh / number(cells[PUE]) : 0;
    if (kwh <= 0 || run.hours <= 0 || !cells[HARDWARE] || !cells[HARDWARE][0] ||
        scope == JB_ARRAY_LEN(scopes) || all.n == RUNS_MAX) {
        all.n_unusable++;
        return;
    }
    run.reach = scopes[scope].reach;
    run.truth_w = kwh * 1000 / run.hours;
    (void)snprintf(run.source, sizeof run.source, "%s", cells[SOURCE]);
    (void)snprintf(run.hardware, sizeof run.hardware, "%s", cells[HARDWARE]);
    char *const mark = strstr(run.hardware, " (CPU)");
    run.is_processor = run.reach == REACH_PROCESSORS;
    if (mark)
        *mark = '\0';
    all.runs[all.n++] = run;
}

static void read_runs(const char *path)
{
    reference_read(&(struct reference_reader){N, column_of, add_run}, path);
}

/* --- what the catalogue rates it at ------------------------------------------------------------------------------- */

static void rate(struct run *run)
{
    struct jb_error err = {0};
    struct jb_accelerator board;
    struct jb_cpu_power cpu;

    if (run->is_processor) {
        if (jb_catalogue_find_cpu(run->hardware, 0, &cpu, &err) < 0)
            bail_out("%s", err.message);
        run->is_refused = cpu.match == JB_CPU_UNKNOWN || !cpu.has_tdp;
        run->tdp_w = (double)cpu.tdp_best_mw / 1000;
        run->rated_w = run->n * run->tdp_w;
        return;
    }
    run->is_refused = jb_catalogue_find_accelerator(run->hardware, &board, &err) < 0 ||
                      board.board_mw.n_rows == 0;
    if (!run->is_refused)
        run->rated_w = run->n * (double)board.board_mw.best / 1000;
    else
        diag("refused: '%s': %s", run->hardware, err.message);
}

/* --- the fit (R-EST-41) ------------------------------------------------------------------------------------------- */

static bool is_of(const struct run *run, const char *without, enum reach reach)
{
    return !run->is_refused && run->reach == reach && strcmp(run->source, without) != 0 &&
           (reach != REACH_PROCESSORS || run->tdp_w > MOBILE_TDP_MW / 1000.0);
}

/* The share of TDP at half and full load on the catalogue's three curves: a source of its own (R-CAT-05). */
static size_t add_curve(struct point *points)
{
    struct jb_cpu_power cpu;
    struct jb_error err = {0};

    if (jb_catalogue_find_cpu("AMD EPYC 7742", 0, &cpu, &err) < 0 || cpu.match != JB_CPU_EXACT)
        bail_out("a processor of known threads is missing");
    for (size_t i = 0; i < 2; i++) {
        const size_t at = JB_CURVE_POINTS - 2 + i;
        points[i].value = (double)cpu.per_thread.low_uw[at] / (double)cpu.thread_tdp_low_uw;
        points[2 + i].value = (double)cpu.per_thread.best_uw[at] / (double)cpu.thread_tdp_best_uw;
        points[4 + i].value = (double)cpu.per_thread.high_uw[at] / (double)cpu.thread_tdp_high_uw;
    }
    for (size_t i = 0; i < 6; i++)
        points[i].weight = 1.0 / 6;
    return 6;
}

static struct jb_catalogue_band fit(enum reach reach, const char *without)
{
    struct point points[RUNS_MAX + 6];
    size_t n = 0;

    for (size_t i = 0; i < all.n; i++) {
        double n_of_source = 0;
        if (!is_of(&all.runs[i], without, reach))
            continue;
        for (size_t k = 0; k < all.n; k++)
            if (is_of(&all.runs[k], without, reach) &&
                strcmp(all.runs[k].source, all.runs[i].source) == 0)
                n_of_source++;
        points[n++] = (struct point){all.runs[i].truth_w / all.runs[i].rated_w, 1 / n_of_source};
    }
    if (reach == REACH_PROCESSORS)
        n += add_curve(points + n);
    if (n == 0)
        bail_out("nothing to fit without '%s'", without);
    qsort(points, n, sizeof points[0], compare);
    struct jb_catalogue_band band = {
        .low = llround(quantile(points, n, 0.05) * 1e6),
        .best = llround(quantile(points, n, 0.50) * 1e6),
        .high = llround(quantile(points, n, 0.95) * 1e6),
        .n_rows = (int64_t)n,
    };
    /* A board can hold its rating, whether or not a run in the table did. */
    if (reach == REACH_BOARDS && band.high < 1000000)
        band.high = 1000000;
    return band;
}

/* --- estimate and score --------------------------------------------------------------------------------------------- */

static void estimate_run(struct run *run, const struct estimate__load *load)
{
    struct jb_estimate made;
    struct jb_error err = {0};
    struct jb_work work = {0};
    struct jb_answer *const name = run->is_processor ? &work.processor : &work.accelerator;
    struct jb_quantity *const n =
        run->is_processor ? &work.n_processors_milli : &work.n_accelerators_milli;
    const int64_t milli = llround(run->n * 1000), ns = llround(run->hours * 3.6e12);

    *n = (struct jb_quantity){JB_KNOWN_VALUE, false, milli, milli, milli};
    work.duration_ns = (struct jb_quantity){JB_KNOWN_VALUE, false, ns, ns, ns};
    name->known = JB_KNOWN_VALUE;
    (void)snprintf(name->text, sizeof name->text, "%s", run->hardware);
    if (estimate__make(&work, load, &made, &err) < 0)
        bail_out("'%s' has a rating and no estimate: %s", run->hardware, err.message);
    run->band_uj = run->reach == REACH_NODE ? made.energy_uj : made.devices_uj;
    for (size_t i = 0; i < made.n_parts; i++)
        if ((run->reach == REACH_BOARDS && made.parts[i].device == JB_DEVICE_GPU) ||
            (run->reach == REACH_PROCESSORS && made.parts[i].device == JB_DEVICE_CPU))
            run->band_uj = made.parts[i].energy_uj;
}

struct score {
    char name[64];
    size_t n, n_inside, n_naive_inside;
    double widths[RUNS_MAX];
    double log_score, naive_log_score, relative, naive_relative; /* sums */
};

/* Interval score at alpha 0.1; smaller is better. */
static double interval_score(double low, double high, double y)
{
    return high - low + (y < low ? PENALTY * (low - y) : y > high ? PENALTY * (y - high) : 0);
}

static void add_score(struct score *score, const struct run *run)
{
    const double uj_per_w = run->hours * 3600e6;
    const double low = (double)run->band_uj.low / uj_per_w,
                 high = (double)run->band_uj.high / uj_per_w;
    const double y = run->truth_w, half = run->rated_w / 2, twice = run->rated_w * 2;

    score->widths[score->n++] = high / low;
    score->n_inside += low <= y && y <= high;
    score->n_naive_inside += half <= y && y <= twice;
    score->log_score += interval_score(log(low), log(high), log(y));
    score->naive_log_score += interval_score(log(half), log(twice), log(y));
    score->relative += interval_score(low / y, high / y, 1);
    score->naive_relative += interval_score(half / y, twice / y, 1);
}

static int compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(struct score *score)
{
    qsort(score->widths, score->n, sizeof score->widths[0], compare_double);
    return score->n % 2 ? score->widths[score->n / 2]
                        : (score->widths[score->n / 2 - 1] + score->widths[score->n / 2]) / 2;
}

static void tell(struct score *score)
{
    const double n = (double)score->n;

    diag("| %s | %zu | %zu | %.1f %% | %.2f | %.2f | %.2f | %.2f | %.2f | %.1f %% |", score->name,
         score->n, score->n_inside, 100 * (double)score->n_inside / n, median(score),
         score->log_score / n, score->naive_log_score / n, score->relative / n,
         score->naive_relative / n, 100 * (double)score->n_naive_inside / n);
}

static void hold_out(const struct estimate__load *shipped)
{
    static struct score total, part;
    size_t n_refused = 0;

    (void)snprintf(total.name, sizeof total.name, "all");
    diag("| source, scope | runs | inside | | median high/low | log score | TDP x [0.5, 2] | "
         "relative | TDP x [0.5, 2] | "
         "inside TDP x [0.5, 2] |");
    for (size_t i = 0; i < all.n; i++) {
        struct run *const first = &all.runs[i];
        bool is_seen = false;
        for (size_t k = 0; k < i; k++)
            is_seen = is_seen || (!all.runs[k].is_refused && all.runs[k].reach == first->reach &&
                                  strcmp(all.runs[k].source, first->source) == 0);
        n_refused += first->is_refused;
        if (is_seen || first->is_refused)
            continue;
        struct estimate__load load = *shipped;
        load.rows[LOAD_BOARD] = fit(REACH_BOARDS, first->source);
        load.rows[LOAD_PROCESSOR] = fit(REACH_PROCESSORS, first->source);
        memset(&part, 0, sizeof part);
        (void)snprintf(part.name, sizeof part.name, "%.40s, %s", first->source,
                       reach_names[first->reach]);
        for (size_t k = i; k < all.n; k++) {
            struct run *const run = &all.runs[k];
            if (run->is_refused || run->reach != first->reach ||
                strcmp(run->source, first->source) != 0)
                continue;
            estimate_run(run, &load);
            add_score(&part, run);
            add_score(&total, run);
        }
        tell(&part);
    }
    tell(&total);
    diag(
        "%zu runs refused (hardware in no catalogue), %zu without hardware, hours, energy or scope",
        n_refused, all.n_unusable);

    const double share = (double)total.n_inside / (double)total.n;
    const double strict = (double)total.n_inside / (double)(total.n + n_refused);
    ok(total.n >= 150, "at least 150 measured runs are estimated");
    ok(share >= 0.85,
       "the truth lies inside the 90 %% band in 85 %% of the runs and more (%.1f %%)", 100 * share);
    ok(strict >= 0.85, "also where a refusal counts as outside (%.1f %%)", 100 * strict);
    ok(median(&total) <= 4, "the median of high/low is 4 or less (%.2f)", median(&total));
    ok(total.log_score < total.naive_log_score,
       "the interval score of log energy is better than that of TDP x [0.5, 2]");
    ok(total.relative < total.naive_relative, "and so is that of energy relative to the truth");
}

static void fits_shipped(const struct estimate__load *shipped)
{
    static const struct {
        enum reach reach;
        enum estimate__load_row row;
        const char *name;
    } rows[] = {{REACH_BOARDS, LOAD_BOARD, "board"},
                {REACH_PROCESSORS, LOAD_PROCESSOR, "processor"}};

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++) {
        const struct jb_catalogue_band now = fit(rows[i].reach, "");
        const struct jb_catalogue_band *const then = &shipped->rows[rows[i].row];
        diag("%s: %.3f %.3f %.3f of %lld runs", rows[i].name, (double)now.low / 1e6,
             (double)now.best / 1e6, (double)now.high / 1e6, (long long)now.n_rows);
        if (getenv("JB_REFERENCE"))
            ok(llabs(now.low - then->low) <= 5000 && llabs(now.best - then->best) <= 5000 &&
                   llabs(now.high - then->high) <= 5000,
               "row '%s' of the catalogue is the fit over all runs", rows[i].name);
    }
}

int main(void)
{
    const char *const path = getenv("JB_REFERENCE");
    struct estimate__load shipped;
    struct jb_error err = {0};

    read_runs(path);
    if (estimate__load_read(&shipped, &err) < 0)
        bail_out("%s", err.message);
    for (size_t i = 0; i < all.n; i++)
        rate(&all.runs[i]);
    fits_shipped(&shipped);
    hold_out(&shipped);
    return done_testing();
}
