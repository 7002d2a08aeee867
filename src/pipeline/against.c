/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book twice: its runs first, to know whose a posting is, then every posting, to the month it lies in. Nothing is
 * estimated here: what a paper did not tell stays 0. R-AGAINST-01 to -05.
 */
#include "pipeline/against.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"

#define MONTHS_MAX 1200 /* a hundred years: no run is longer */
#define RUNS_MAX   ((size_t)1 << 24)

enum side {
    LOGGED,
    TOLD,
};

struct known_run {
    char id[JB_RUN_ID];
    char host[JB_HOST_NAME];
    char project[JB_RUN_TEXT];
    int64_t start_us, end_us, machine_ns;
    size_t at; /* its project's */
    enum side side;
    bool is_reconciled;
};

struct month {
    int64_t number; /* of months since year 0 */
    struct jb_against_side logged, told;
    int64_t n_reconciled;
};

struct project {
    const char *name;
    size_t n, size;
    struct month *months;
};

struct gather {
    const char *const *sources;
    size_t n_runs, runs_size;
    struct known_run *runs;
    size_t n_projects;
    struct project *projects; /* the last one is of everything */
    struct jb_against *result;
};

static jb_rc grow(void *array_pointer, size_t *size, size_t n, size_t each, struct jb_error *err)
{
    void *array;
    const size_t wanted = *size > 0 ? *size * 2 : 16;

    if (n < *size)
        return JB_OK;
    if (wanted > RUNS_MAX)
        return jb_fail(err, JB_E_RANGE, "narrow it by --since and --until",
                       "more than %zu runs to compare", RUNS_MAX);
    memcpy(&array, array_pointer, sizeof array);
    array = realloc(array, wanted * each);
    if (!array)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", wanted);
    memcpy(array_pointer, &array, sizeof array);
    *size = wanted;
    return JB_OK;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static int64_t month_of(int64_t utc_us)
{
    char text[32];
    int64_t year = 0;
    int64_t month = 1;

    (void)jb_format_utc(utc_us, false, text, sizeof text);
    const size_t len = strcspn(text, "-");
    if (jb_parse_i64(text, len, false, &year) < 0 ||
        jb_parse_i64(text + len + 1, 2, false, &month) < 0)
        return 0;
    return year * 12 + month - 1;
}

static void month_text(int64_t number, char ret[8])
{
    (void)snprintf(ret, 8, "%04d-%02d", (int)(number / 12), (int)(number % 12 + 1));
}

static int64_t begin_of(int64_t number)
{
    char text[40];
    int64_t utc_us = 0;

    (void)snprintf(text, sizeof text, "%04d-%02d-01T00:00:00Z", (int)(number / 12),
                   (int)(number % 12 + 1));
    return jb_parse_utc(text, strlen(text), &utc_us) == JB_OK ? utc_us : INT64_MAX;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static jb_rc month_in(struct project *project, int64_t number, struct month **ret,
                      struct jb_error *err)
{
    for (size_t i = project->n; i-- > 0;)
        if (project->months[i].number == number) {
            *ret = &project->months[i];
            return JB_OK;
        }
    const jb_rc rc =
        grow(&project->months, &project->size, project->n, sizeof project->months[0], err);
    if (rc < 0)
        return rc;
    *ret = &project->months[project->n++];
    **ret = (struct month){.number = number};
    return JB_OK;
}

static struct jb_against_side *side_of(struct month *month, enum side side)
{
    return side == LOGGED ? &month->logged : &month->told;
}

/* What lies between two moments, month by month: R-AGAINST-03, by time, and to the last unit. */
struct amounts {
    int64_t machine_ns, gpu_ns, low_uj, best_uj, high_uj;
    bool is_timed; /* energy of a run with machine time */
};

static void add_energy(struct jb_figure *sum, int64_t low_uj, int64_t best_uj, int64_t high_uj)
{
    if (high_uj == 0)
        return;
    sum->is_known = true;
    sum->low = jb_add_sat_i64(sum->low, low_uj);
    sum->best = jb_add_sat_i64(sum->best, best_uj);
    sum->high = jb_add_sat_i64(sum->high, high_uj);
}

static void add_amounts(struct jb_against_side *side, const struct amounts *amounts)
{
    side->machine_ns = jb_add_sat_i64(side->machine_ns, amounts->machine_ns);
    side->gpu_ns = jb_add_sat_i64(side->gpu_ns, amounts->gpu_ns);
    add_energy(&side->energy_uj, amounts->low_uj, amounts->best_uj, amounts->high_uj);
    if (amounts->is_timed)
        add_energy(&side->timed_uj, amounts->low_uj, amounts->best_uj, amounts->high_uj);
}

/* The spans of the months between two moments; one of no length for a moment. */
static jb_rc spans_of(int64_t start_us, int64_t end_us, int64_t *weights, size_t *ret_n,
                      struct jb_error *err)
{
    int64_t number = month_of(start_us);
    size_t n = 0;

    while (n < MONTHS_MAX) {
        const int64_t next_us = begin_of(number + 1);
        const int64_t until_us = next_us < end_us ? next_us : end_us;
        weights[n++] = until_us > start_us ? until_us - start_us : 0;
        if (end_us <= next_us)
            break;
        start_us = next_us;
        number++;
    }
    if (n == MONTHS_MAX)
        return jb_fail(err, JB_E_INPUT, "`joulebook runs` shows its times",
                       "a run is said to have lasted a hundred years");
    if (n == 1)
        weights[0] = 1;
    *ret_n = n;
    return JB_OK;
}

static jb_rc spread(struct project *project, enum side side, int64_t start_us, int64_t end_us,
                    const struct amounts *amounts, struct jb_error *err)
{
    int64_t weights[MONTHS_MAX];
    int64_t parts[5][MONTHS_MAX];
    size_t n = 0;
    jb_rc rc = spans_of(start_us, end_us, weights, &n, err);

    if (rc < 0)
        return rc;
    const int64_t wholes[5] = {amounts->machine_ns, amounts->gpu_ns, amounts->low_uj,
                               amounts->best_uj, amounts->high_uj};
    for (size_t k = 0; k < 5 && rc == JB_OK; k++)
        rc = jb_split_i64(wholes[k], weights, n, parts[k]);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "the times of a run do not fit");
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        const struct amounts part = {parts[0][i], parts[1][i], parts[2][i],
                                     parts[3][i], parts[4][i], amounts->is_timed};
        struct month *month;
        rc = month_in(project, month_of(start_us) + (int64_t)i, &month, err);
        if (rc == JB_OK)
            add_amounts(side_of(month, side), &part);
    }
    return rc;
}

/* In the row of its project and in the sum of all. */
static jb_rc enter(struct gather *gather, const struct known_run *run, int64_t start_us,
                   int64_t end_us, const struct amounts *amounts, struct jb_error *err)
{
    const jb_rc rc = spread(&gather->projects[run->at], run->side, start_us, end_us, amounts, err);

    return rc < 0 ? rc
                  : spread(&gather->projects[gather->n_projects], run->side, start_us, end_us,
                           amounts, err);
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct gather *gather, const char *source)
{
    if (!gather->sources)
        return true;
    for (size_t i = 0; gather->sources[i]; i++)
        if (strcmp(gather->sources[i], source) == 0)
            return true;
    return false;
}

/* R-AGAINST-01 */
static jb_rc on_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    struct gather *const gather = arg;
    const bool is_told = run->layer == JB_LAYER_RECONSTRUCTED;

    if (run->layer == JB_LAYER_PREDICTED || (is_told && !is_wanted(gather, run->source)))
        return JB_OK;
    if (run->status == JB_RUN_VOID) {
        gather->result->n_void++;
        return JB_OK;
    }
    if (run->status == JB_RUN_OPEN) {
        gather->result->n_open++;
        return JB_OK;
    }
    if (is_told && run->start_mono_ns == 0) { /* R-REBUILT-05 */
        gather->result->n_untimed++;
        return JB_OK;
    }
    const jb_rc rc =
        grow(&gather->runs, &gather->runs_size, gather->n_runs, sizeof gather->runs[0], err);
    if (rc < 0)
        return rc;
    struct known_run *const known = &gather->runs[gather->n_runs++];
    *known = (struct known_run){
        .start_us = run->start_utc_us,
        .end_us = run->end_utc_us > run->start_utc_us ? run->end_utc_us : run->start_utc_us,
        .machine_ns = run->machine_ns,
        .side = is_told ? TOLD : LOGGED,
        .is_reconciled = run->status == JB_RUN_RECONCILED,
    };
    (void)snprintf(known->id, sizeof known->id, "%s", run->id);
    (void)snprintf(known->host, sizeof known->host, "%s", run->host);
    (void)snprintf(known->project, sizeof known->project, "%s", run->project);
    return JB_OK;
}

static int by_project(const void *a, const void *b)
{
    const struct known_run *const x = a;
    const struct known_run *const y = b;
    const int order = strcmp(x->project, y->project);

    return order != 0 ? order : strcmp(x->id, y->id);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct known_run *)a)->id, ((const struct known_run *)b)->id);
}

static int by_place(const void *a, const void *b)
{
    const struct known_run *const x = a;
    const struct known_run *const y = b;
    const int order = strcmp(x->host, y->host);

    if (order != 0)
        return order;
    return x->start_us < y->start_us ? -1 : x->start_us > y->start_us;
}

static int by_project_place(const void *a, const void *b)
{
    const struct known_run *const x = a;
    const struct known_run *const y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return by_place(a, b);
}

/* Nothing to sort may be no array at all. */
static void sort_runs(struct gather *gather, int (*compare)(const void *, const void *))
{
    if (gather->n_runs > 0)
        qsort(gather->runs, gather->n_runs, sizeof gather->runs[0], compare);
}

/* A project each, and one for all together. */
static jb_rc name_projects(struct gather *gather, struct jb_error *err)
{
    size_t n = 0;

    sort_runs(gather, by_project);
    for (size_t i = 0; i < gather->n_runs; i++) {
        n += i > 0 && strcmp(gather->runs[i].project, gather->runs[i - 1].project) != 0;
        gather->runs[i].at = n;
    }
    gather->n_projects = gather->n_runs > 0 ? n + 1 : 0;
    gather->projects = calloc(gather->n_projects + 1, sizeof gather->projects[0]);
    return gather->projects ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for projects");
}

/* R-AGAINST-02: the time in which any of these runs was on one machine. */
static jb_rc add_union(struct gather *gather, struct project *into, size_t from, size_t to,
                       struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = from; i < to && rc == JB_OK;) {
        const struct known_run *const first = &gather->runs[i];
        int64_t end_us = first->end_us;
        size_t k = i + 1;
        if (first->side == TOLD) {
            i++;
            continue;
        }
        for (; k < to && gather->runs[k].start_us <= end_us &&
               strcmp(gather->runs[k].host, first->host) == 0;
             k++)
            if (gather->runs[k].side == LOGGED && gather->runs[k].end_us > end_us)
                end_us = gather->runs[k].end_us;
        const struct amounts amounts = {
            .machine_ns =
                jb_muldiv_sat_i64(end_us - first->start_us, JB_NS_PER_US, 1, JB_ROUND_NEAREST)};
        rc = spread(into, LOGGED, first->start_us, end_us, &amounts, err);
        i = k;
    }
    return rc;
}

static jb_rc add_logged_time(struct gather *gather, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    sort_runs(gather, by_project_place);
    for (size_t from = 0; from < gather->n_runs && rc == JB_OK;) {
        size_t to = from;
        while (to < gather->n_runs && gather->runs[to].at == gather->runs[from].at)
            to++;
        rc = add_union(gather, &gather->projects[gather->runs[from].at], from, to, err);
        from = to;
    }
    sort_runs(gather, by_place);
    return rc < 0
               ? rc
               : add_union(gather, &gather->projects[gather->n_projects], 0, gather->n_runs, err);
}

/* R-AGAINST-04: the time of machines that the paper tells; a run counts in the month it began. */
static jb_rc add_told_time(struct gather *gather, const struct known_run *run, struct jb_error *err)
{
    const struct amounts amounts = {.machine_ns = run->side == TOLD ? run->machine_ns : 0};
    jb_rc rc = enter(gather, run, run->start_us, run->end_us, &amounts, err);

    for (size_t i = 0; i < 2 && rc == JB_OK; i++) {
        struct month *month;
        rc = month_in(&gather->projects[i == 0 ? run->at : gather->n_projects],
                      month_of(run->start_us), &month, err);
        if (rc < 0)
            break;
        side_of(month, run->side)->n_runs++;
        side_of(month, run->side)->n_timeless += run->side == TOLD && run->machine_ns <= 0;
        month->n_reconciled += run->is_reconciled;
    }
    return rc;
}

/* --- postings ----------------------------------------------------------------------------------------------------- */

static const struct known_run *find_run(const struct gather *gather, const char *account)
{
    struct known_run key;

    if (strncmp(account, "run:", 4) != 0)
        return NULL;
    (void)snprintf(key.id, sizeof key.id, "%s", account + 4);
    return gather->n_runs == 0
               ? NULL
               : bsearch(&key, gather->runs, gather->n_runs, sizeof gather->runs[0], by_id);
}

/* The doubt of the device in proportion, and that of the share: R-AGAINST-05. */
static void band_of(const struct jb_interval *interval, const struct jb_line *line,
                    struct amounts *amounts)
{
    const int64_t energy_uj = interval->energy_uj;
    int64_t below_uj = 0;
    int64_t above_uj = 0;

    if (energy_uj > 0 && interval->low_uj <= energy_uj && interval->high_uj >= energy_uj) {
        below_uj = jb_muldiv_sat_i64(energy_uj - interval->low_uj, line->amount_uj, energy_uj,
                                     JB_ROUND_CEIL);
        above_uj = jb_muldiv_sat_i64(interval->high_uj - energy_uj, line->amount_uj, energy_uj,
                                     JB_ROUND_CEIL);
    }
    if (line->has_share && line->low_uj < line->amount_uj)
        below_uj = jb_add_sat_i64(below_uj, line->amount_uj - line->low_uj);
    if (line->has_share && line->high_uj > line->amount_uj)
        above_uj = jb_add_sat_i64(above_uj, line->high_uj - line->amount_uj);
    amounts->best_uj = line->amount_uj;
    amounts->low_uj = below_uj < line->amount_uj ? line->amount_uj - below_uj : 0;
    amounts->high_uj = jb_add_sat_i64(line->amount_uj, above_uj);
}

static jb_rc on_interval(void *arg, int64_t seq, const struct jb_interval *interval,
                         const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct gather *const gather = arg;
    jb_rc rc = JB_OK;

    (void)seq;
    for (size_t i = 0; i < n_lines && rc == JB_OK; i++) {
        const struct known_run *const run = find_run(gather, lines[i].account);
        struct amounts amounts = {0};
        if (!run)
            continue;
        band_of(interval, &lines[i], &amounts);
        amounts.is_timed = run->side == LOGGED || run->machine_ns > 0;
        if (interval->device == JB_DEVICE_GPU)
            amounts.gpu_ns = run->side == TOLD ? interval->capacity_ns
                                               : interval->mono_end_ns - interval->mono_start_ns;
        rc = enter(gather, run, interval->utc_start_us, interval->utc_end_us, &amounts, err);
    }
    return rc;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int by_month(const void *a, const void *b)
{
    const int64_t x = ((const struct month *)a)->number;
    const int64_t y = ((const struct month *)b)->number;

    return x < y ? -1 : x > y;
}

static void fold(struct jb_against_side *into, const struct jb_against_side *from)
{
    into->n_runs += from->n_runs;
    into->n_timeless += from->n_timeless;
    into->machine_ns = jb_add_sat_i64(into->machine_ns, from->machine_ns);
    into->gpu_ns = jb_add_sat_i64(into->gpu_ns, from->gpu_ns);
    add_energy(&into->energy_uj, from->energy_uj.low, from->energy_uj.best, from->energy_uj.high);
    add_energy(&into->timed_uj, from->timed_uj.low, from->timed_uj.best, from->timed_uj.high);
}

static jb_rc make_rows(struct gather *gather, struct jb_error *err)
{
    struct jb_against *const result = gather->result;
    size_t n = 0;

    for (size_t p = 0; p < gather->n_projects; p++)
        n += gather->projects[p].n;
    result->rows = calloc(n > 0 ? n : 1, sizeof result->rows[0]);
    if (!result->rows)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu rows", n);
    for (size_t i = 0; i < gather->n_runs; i++)
        gather->projects[gather->runs[i].at].name = gather->runs[i].project;
    for (size_t p = 0; p < gather->n_projects; p++) {
        struct project *const project = &gather->projects[p];
        if (project->n > 0)
            qsort(project->months, project->n, sizeof project->months[0], by_month);
        for (size_t m = 0; m < project->n; m++) {
            struct jb_against_row *const row = &result->rows[result->n_rows++];
            (void)snprintf(row->project, sizeof row->project, "%s", project->name);
            month_text(project->months[m].number, row->month);
            row->logged = project->months[m].logged;
            row->told = project->months[m].told;
            row->n_reconciled = project->months[m].n_reconciled;
        }
    }
    const struct project *const all = &gather->projects[gather->n_projects];
    for (size_t m = 0; m < all->n; m++) {
        fold(&result->all.logged, &all->months[m].logged);
        fold(&result->all.told, &all->months[m].told);
        result->all.n_reconciled += all->months[m].n_reconciled;
    }
    return JB_OK;
}

/* What the runs alone tell: machine time, and how many there are. */
static jb_rc gather_time(struct gather *gather, struct jb_ledger *ledger,
                         const struct jb_run_filter *filter, struct jb_error *err)
{
    jb_rc rc = jb_ledger_each_run(ledger, filter, on_run, gather, err);

    if (rc == JB_OK)
        rc = name_projects(gather, err);
    if (rc == JB_OK)
        rc = add_logged_time(gather, err);
    for (size_t i = 0; i < gather->n_runs && rc == JB_OK; i++)
        rc = add_told_time(gather, &gather->runs[i], err);
    return rc;
}

static jb_rc gather_postings(struct gather *gather, struct jb_ledger *ledger, struct jb_error *err)
{
    sort_runs(gather, by_id);
    return jb_ledger_each_interval(ledger, NULL, on_interval, gather, err);
}

static jb_rc make(struct jb_ledger *ledger, const char *const *sources,
                  const struct jb_run_filter *filter, bool with_postings, struct jb_against *ret,
                  struct jb_error *err)
{
    struct jb_against result = {0};
    struct gather gather = {.sources = sources, .result = &result};
    jb_rc rc = gather_time(&gather, ledger, filter, err);

    if (rc == JB_OK && with_postings)
        rc = gather_postings(&gather, ledger, err);
    if (rc == JB_OK)
        rc = make_rows(&gather, err);
    for (size_t p = 0; gather.projects && p <= gather.n_projects; p++)
        free(gather.projects[p].months);
    free(gather.projects);
    free(gather.runs);
    if (rc < 0)
        jb_against_release(&result);
    else
        *ret = result;
    return rc;
}

static struct jb_run_filter every_run(int64_t since_utc_us, int64_t until_utc_us)
{
    return (struct jb_run_filter){
        .since_utc_us = since_utc_us,
        .until_utc_us = until_utc_us,
        .status = -1,
        .with_void = true,
    };
}

jb_rc jb_against_make(struct jb_ledger *ledger, const char *const *sources, int64_t since_utc_us,
                      int64_t until_utc_us, struct jb_against *ret, struct jb_error *err)
{
    const struct jb_run_filter filter = every_run(since_utc_us, until_utc_us);

    return make(ledger, sources, &filter, true, ret, err);
}

static jb_rc count_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    (void)run, (void)err;
    ++*(int64_t *)arg;
    return JB_OK;
}

jb_rc jb_against_make_time(struct jb_ledger *ledger, int64_t since_utc_us, int64_t until_utc_us,
                           struct jb_against *ret, struct jb_error *err)
{
    struct jb_run_filter filter = every_run(since_utc_us, until_utc_us);
    int64_t n_told = 0;

    filter.layer = jb_layer_name(JB_LAYER_RECONSTRUCTED);
    filter.limit = 1;
    const jb_rc rc = jb_ledger_each_run(ledger, &filter, count_run, &n_told, err);
    if (rc < 0)
        return rc;
    filter = every_run(since_utc_us, until_utc_us);
    if (n_told > 0)
        return make(ledger, NULL, &filter, false, ret, err);
    *ret = (struct jb_against){0};
    return JB_OK;
}

void jb_against_release(struct jb_against *against)
{
    free(against->rows);
    *against = (struct jb_against){0};
}

int64_t jb_against_coverage_ppm(const struct jb_against_row *row)
{
    if (row->told.machine_ns <= 0)
        return -1;
    return jb_muldiv_sat_i64(row->logged.machine_ns, 1000000, row->told.machine_ns, JB_ROUND_FLOOR);
}
