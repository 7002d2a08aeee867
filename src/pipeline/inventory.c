/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book to an inventory: each run of the scope as its account was last entered, one after the other, so that memory goes
 * by what is kept of a run and not by its account. Nothing is computed anew.
 */
#include "pipeline/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/num.h"
#include "model/metric.h"
#include "pipeline/inventory_int.h"

#define TEXT_CHUNK 65536

struct gather {
    struct jb_ledger *ledger;
    struct jb_inventory inventory;
    struct jb_inventory_scope scope;
    size_t size;      /* of inventory.runs */
    size_t text_used; /* of the newest chunk */
    size_t text_size;
    size_t factors_size, notes_size;
};

static void gather_release(struct gather *gather)
{
    jb_inventory_release(&gather->inventory);
}

/* --- texts ------------------------------------------------------------------------------------------------------ */

/* A copy of `text`; `like` is what the run before has there, mostly the same. NULL where memory ran out. */
static const char *keep(struct gather *gather, const char *text, const char *like)
{
    const size_t len = strlen(text) + 1;

    if (len == 1)
        return "";
    if (like && strcmp(like, text) == 0)
        return like;
    if (!gather->inventory.texts || gather->text_size - gather->text_used < len) {
        const size_t size = len > TEXT_CHUNK ? len : TEXT_CHUNK;
        struct jb_inventory_text *const chunk = malloc(sizeof *chunk + size);
        if (!chunk)
            return NULL;
        chunk->next = gather->inventory.texts;
        gather->inventory.texts = chunk;
        gather->text_used = 0;
        gather->text_size = size;
    }
    char *const copy = gather->inventory.texts->bytes + gather->text_used;
    memcpy(copy, text, len);
    gather->text_used += len;
    return copy;
}

static jb_rc no_memory(struct jb_error *err)
{
    return jb_fail(err, JB_E_NOMEM, "select fewer runs", "no memory for an inventory");
}

/* Room for one more of `n` in an array that doubles. */
static jb_rc grow(void **at, size_t n, size_t *size, size_t each, struct jb_error *err)
{
    const size_t more = *size > 0 ? *size * 2 : 64;
    void *bigger;

    if (n < *size)
        return JB_OK;
    bigger = realloc(*at, more * each);
    if (!bigger)
        return no_memory(err);
    *at = bigger;
    *size = more;
    return JB_OK;
}

/* --- factors and notes, each once ------------------------------------------------------------------------------- */

static int compare_factors(const void *a, const void *b)
{
    const struct jb_factor *const left = a;
    const struct jb_factor *const right = b;
    int order = strcmp(left->name, right->name);

    if (order == 0)
        order = strcmp(left->edition, right->edition);
    if (order == 0)
        order = strcmp(left->value, right->value);
    return order != 0 ? order : strcmp(left->source, right->source);
}

static int compare_notes(const void *a, const void *b)
{
    const struct jb_inventory_note *const left = a;
    const struct jb_inventory_note *const right = b;

    if (left->n_runs != right->n_runs)
        return left->n_runs > right->n_runs ? -1 : 1;
    return strcmp(left->text, right->text);
}

static int compare_note_texts(const void *a, const void *b)
{
    return strcmp(((const struct jb_inventory_note *)a)->text,
                  ((const struct jb_inventory_note *)b)->text);
}

static jb_rc add_factors(struct gather *gather, const struct jb_account *account,
                         struct jb_error *err)
{
    struct jb_inventory *const inventory = &gather->inventory;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < account->n_factors && rc == JB_OK; i++) {
        bool is_new = true;
        for (size_t k = 0; k < inventory->n_factors && is_new; k++)
            is_new = compare_factors(&inventory->factors[k], &account->factors[i]) != 0;
        if (!is_new)
            continue;
        void *at = inventory->factors;
        rc =
            grow(&at, inventory->n_factors, &gather->factors_size, sizeof account->factors[0], err);
        inventory->factors = at;
        if (rc == JB_OK)
            inventory->factors[inventory->n_factors++] = account->factors[i];
    }
    return rc;
}

/* They are counted when all are there: many runs have the same ones, many others one of their own. */
static jb_rc add_notes(struct gather *gather, const struct jb_account *account,
                       struct jb_error *err)
{
    struct jb_inventory *const inventory = &gather->inventory;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < account->n_notes && rc == JB_OK; i++) {
        void *at = inventory->notes;
        rc = grow(&at, inventory->n_notes, &gather->notes_size, sizeof inventory->notes[0], err);
        inventory->notes = at;
        if (rc < 0)
            break;
        const char *const text = keep(gather, account->notes[i], NULL);
        if (!text)
            return no_memory(err);
        inventory->notes[inventory->n_notes++] =
            (struct jb_inventory_note){.text = text, .n_runs = 1};
    }
    return rc;
}

static void count_notes(struct jb_inventory *inventory)
{
    size_t n = 0;

    if (inventory->n_notes == 0)
        return;
    qsort(inventory->notes, inventory->n_notes, sizeof inventory->notes[0], compare_note_texts);
    for (size_t i = 0; i < inventory->n_notes; i++) {
        if (n > 0 && strcmp(inventory->notes[n - 1].text, inventory->notes[i].text) == 0)
            inventory->notes[n - 1].n_runs++;
        else
            inventory->notes[n++] = inventory->notes[i];
    }
    inventory->n_notes = n;
    qsort(inventory->notes, n, sizeof inventory->notes[0], compare_notes);
}

/* --- metrics ---------------------------------------------------------------------------------------------------- */

static struct jb_inventory_metric *metric_of(struct gather *gather, struct jb_inventory_run *run,
                                             const char *name)
{
    for (size_t i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].name, name) == 0)
            return &run->metrics[i];
    if (run->n_metrics == JB_INVENTORY_METRICS_MAX)
        return NULL;
    const char *const copy = keep(gather, name, NULL);
    if (!copy)
        return NULL;
    run->metrics[run->n_metrics] = (struct jb_inventory_metric){.name = copy};
    return &run->metrics[run->n_metrics++];
}

/* "accuracy=0.91" of one mark; what is no number is no value. */
static jb_rc add_value(struct gather *gather, struct jb_inventory_run *run, char *word,
                       const char *at, int64_t until_uj, struct jb_error *err)
{
    char *const equals = strchr(word, '=');
    struct jb_inventory_value value = {.until_uj = until_uj};

    if (!equals || equals == word)
        return JB_OK;
    *equals = '\0';
    const char *const digits = equals + 1;
    size_t len = strlen(digits);
    len -= len > 0 && digits[len - 1] == '%';
    if (jb_parse_decimal(digits, len, JB_METRIC_SCALE, &value.value) < 0)
        return JB_OK;
    struct jb_inventory_metric *const metric = metric_of(gather, run, word);
    if (!metric)
        return JB_OK;
    value.text = keep(gather, digits, NULL);
    value.at = keep(gather, at, metric->last.at);
    if (!value.text || !value.at)
        return no_memory(err);
    if (!metric->least.text || value.value < metric->least.value)
        metric->least = value;
    if (!metric->greatest.text || value.value > metric->greatest.value)
        metric->greatest = value;
    metric->last = value;
    return JB_OK;
}

static bool is_kind(const struct jb_account_epoch *row, const char *kind)
{
    return strncmp(row->name, kind, strlen(kind)) == 0;
}

/* R-MARK-12, -13: where marks stand, from rows that each tell of a stretch only. Steps lie inside of epochs, so rows are not
 * simply added up; phases fill the time from the first of them to the run's end. */
struct mark_walk {
    int64_t phase_uj;       /* begin of the next phase */
    int64_t here_uj;        /* the last mark */
    int64_t epoch_begin_uj; /* the last mark of an epoch or phase */
};

static void mark_walk_begin(struct mark_walk *walk, const struct jb_account *account)
{
    *walk = (struct mark_walk){.phase_uj = account->energy_uj.best};
    for (size_t i = 0; i < account->n_epochs; i++)
        if (is_kind(&account->epochs[i], "phase"))
            walk->phase_uj -= account->epochs[i].run_uj;
}

/* The run's share from its start to the end of what the row tells of. */
static int64_t mark_walk_next(struct mark_walk *walk, const struct jb_account_epoch *row)
{
    if (is_kind(row, "phase")) {
        walk->here_uj = walk->epoch_begin_uj = walk->phase_uj;
        walk->phase_uj = jb_add_sat_i64(walk->phase_uj, row->run_uj);
        return walk->phase_uj;
    }
    if (is_kind(row, "step")) {
        walk->here_uj = jb_add_sat_i64(walk->here_uj, row->run_uj);
        return walk->here_uj;
    }
    walk->epoch_begin_uj = jb_add_sat_i64(walk->epoch_begin_uj, row->run_uj);
    walk->here_uj = walk->epoch_begin_uj;
    return walk->here_uj;
}

static jb_rc add_metrics(struct gather *gather, struct jb_inventory_run *run,
                         const struct jb_account *account, struct jb_error *err)
{
    struct mark_walk walk;
    jb_rc rc = JB_OK;

    mark_walk_begin(&walk, account);
    for (size_t i = 0; i < account->n_epochs && rc == JB_OK; i++) {
        const struct jb_account_epoch *const epoch = &account->epochs[i];
        const int64_t until_uj = mark_walk_next(&walk, epoch);
        char words[sizeof epoch->metrics];
        memcpy(words, epoch->metrics, sizeof words);
        char *rest = words;
        for (char *word = strsep(&rest, " "); word && rc == JB_OK; word = strsep(&rest, " "))
            rc = add_value(gather, run, word, epoch->name, until_uj, err);
    }
    return rc;
}

/* --- runs ------------------------------------------------------------------------------------------------------- */

static jb_rc keep_texts(struct gather *gather, struct jb_inventory_run *to,
                        const struct jb_run *from, const struct jb_inventory_run *before,
                        struct jb_error *err)
{
    const struct {
        const char **to, *from, *like;
    } texts[] = {
        {&to->id, from->id, NULL},
        {&to->group, from->group, before->group},
        {&to->parent_id, from->parent_id, before->parent_id},
        {&to->host, from->host, before->host},
        {&to->project, from->project, before->project},
        {&to->model, from->model, before->model},
        {&to->model_version, from->model_version, before->model_version},
        {&to->architecture, from->architecture, before->architecture},
        {&to->application, from->application, before->application},
        {&to->configuration, from->configuration, before->configuration},
        {&to->stage, from->stage, before->stage},
        {&to->place, from->place, before->place},
        {&to->currency, from->currency, before->currency},
        {&to->source, from->source, before->source},
        {&to->model_digest, from->model_digest, before->model_digest},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(texts); i++) {
        *texts[i].to = keep(gather, texts[i].from, texts[i].like);
        if (!*texts[i].to)
            return no_memory(err);
    }
    return JB_OK;
}

static void add_device(int64_t *sum_uj, int64_t value_uj)
{
    *sum_uj = jb_add_sat_i64(*sum_uj, value_uj);
}

static void take_lines(struct jb_inventory_run *to, const struct jb_account *account)
{
    for (size_t i = 0; i < account->n_lines; i++) {
        const struct jb_account_line *const line = &account->lines[i];
        if (line->role != JB_ROLE_POST)
            continue;
        add_device(&to->device_uj[line->device], line->run_uj.best);
        add_device(&to->device_low_uj[line->device], line->run_uj.low);
        add_device(&to->device_high_uj[line->device], line->run_uj.high);
        to->idle_uj = jb_add_sat_i64(to->idle_uj, line->idle_uj);
        to->others_uj = jb_add_sat_i64(to->others_uj, line->others_uj);
        to->n_gaps = jb_add_sat_i64(to->n_gaps, line->n_gaps);
        to->gap_high_uj = jb_add_sat_i64(to->gap_high_uj, line->gap_high_uj);
    }
    for (size_t i = 0; i < account->n_lines; i++)
        to->platform_uj = jb_add_sat_i64(to->platform_uj, account->lines[i].platform_uj);
}

static jb_rc take_account(struct gather *gather, struct jb_inventory_run *to,
                          const struct jb_account *account, const struct jb_inventory_run *before,
                          struct jb_error *err)
{
    const struct jb_account_work *const work = &account->work;
    jb_rc rc;

    to->method = account->method;
    to->duration_ns = account->duration_ns;
    to->energy_uj = account->energy_uj;
    to->facility_uj = account->facility_uj;
    to->is_facility_posted = account->is_facility_posted;
    to->location_ugco2e = account->location_ugco2e;
    to->market_ugco2e = account->market_ugco2e;
    to->cost_micro = account->cost_micro;
    to->active_uj = account->views_uj[0];
    to->reserved_uj = account->views_uj[1];
    to->all_uj = account->views_uj[2];
    to->coverage = account->coverage;
    memcpy(to->origin_uj, account->origin_uj, sizeof to->origin_uj);
    take_lines(to, account);
    if (work->is_known) {
        to->n_boards = work->n_boards;
        to->board_ns = work->board_ns;
        to->n_parameters = work->n_parameters;
        to->n_examples = work->n_examples;
        to->n_tokens = work->n_tokens;
        to->n_epochs = work->n_epochs;
        to->training_flop = work->training_flop;
        to->flop_method = work->method;
        to->hardware = keep(gather, work->board, before->hardware);
        if (!to->hardware)
            return no_memory(err);
    }
    rc = add_factors(gather, account, err);
    if (rc == JB_OK)
        rc = add_notes(gather, account, err);
    return rc < 0 ? rc : add_metrics(gather, to, account, err);
}

/* R-INVENTORY-01: a run that ended without an account is there, and nothing is known of it. */
static jb_rc add_run(struct gather *gather, const struct jb_run *run,
                     const struct jb_run_account *entered, struct jb_error *err)
{
    static const struct jb_inventory_run nothing = {.id = NULL};
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    struct jb_inventory *const inventory = &gather->inventory;
    void *at = inventory->runs;
    jb_rc rc = grow(&at, inventory->n_runs, &gather->size, sizeof inventory->runs[0], err);

    inventory->runs = at;
    if (rc == JB_OK && entered)
        rc = jb_account_from_json(entered->json, &account, err);
    if (rc < 0)
        return rc;
    const struct jb_inventory_run *const before =
        inventory->n_runs > 0 ? &inventory->runs[inventory->n_runs - 1] : &nothing;
    struct jb_inventory_run *const to = &inventory->runs[inventory->n_runs];
    *to = (struct jb_inventory_run){
        .layer = run->layer,
        .status = run->status,
        .part = jb_part_of(run->stage, run->status, run->exit_code),
        .start_utc_us = run->start_utc_us,
        .end_utc_us = run->end_utc_us,
        .duration_ns = run->end_mono_ns - run->start_mono_ns,
        .exit_code = run->exit_code,
        .hardware = "",
        .n_boards = -1,
        .board_ns = -1,
        .market_mgco2e_per_kwh = run->market_mgco2e_per_kwh,
        .pue_milli = run->pue_milli,
        .tariff_micro_per_kwh = run->tariff_micro_per_kwh,
        .n_parameters = -1,
        .n_examples = -1,
        .n_tokens = -1,
        .n_epochs = -1,
        .training_flop = -1,
    };
    rc = keep_texts(gather, to, run, before, err);
    if (rc == JB_OK && entered) {
        to->account_seq = entered->seq;
        to->leaf = entered->leaf;
        rc = take_account(gather, to, &account, before, err);
    }
    if (rc == JB_OK)
        inventory->n_runs++;
    return rc;
}

static bool is_in_scope(const struct jb_inventory_scope *scope, const struct jb_run *run)
{
    return (!scope->model_version || scope->model_version[0] == '\0' ||
            strcmp(scope->model_version, run->model_version) == 0);
}

static jb_rc on_run(void *arg, const struct jb_run *run, const struct jb_run_account *entered,
                    struct jb_error *err)
{
    struct gather *const gather = arg;

    if (!is_in_scope(&gather->scope, run))
        return JB_OK;
    switch (run->status) {
    case JB_RUN_OPEN: gather->inventory.n_open++; return JB_OK;
    case JB_RUN_VOID: gather->inventory.n_void++; return JB_OK;
    case JB_RUN_RECONCILED: gather->inventory.n_reconciled++; return JB_OK;
    case JB_RUN_DONE:
    case JB_RUN_INTERRUPTED: break;
    }
    return add_run(gather, run, entered, err);
}

static int compare_runs(const void *a, const void *b)
{
    const struct jb_inventory_run *const left = a;
    const struct jb_inventory_run *const right = b;

    if (left->start_utc_us != right->start_utc_us)
        return left->start_utc_us < right->start_utc_us ? -1 : 1;
    return strcmp(left->id, right->id);
}

static const char *given(const char *text)
{
    return text && text[0] != '\0' ? text : NULL;
}

static jb_rc gather_one(struct gather *gather, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    JB_AUTO(jb_free_auto) char *json = NULL;
    struct jb_run_account entered;

    if (!run)
        return no_memory(err);
    jb_rc rc = jb_ledger_find_run(gather->ledger, gather->scope.run_id, run, err);
    if (rc < 0)
        return rc;
    rc = jb_ledger_run_account(gather->ledger, run->id, &json, err);
    if (rc == JB_E_NOT_FOUND)
        return on_run(gather, run, NULL, err);
    if (rc == JB_OK)
        rc = jb_ledger_account_entry(gather->ledger, run->id, &entered.seq, &entered.leaf, err);
    entered.json = json;
    return rc < 0 ? rc : on_run(gather, run, &entered, err);
}

static jb_rc gather_runs(struct gather *gather, struct jb_error *err)
{
    const struct jb_inventory_scope *const scope = &gather->scope;
    const struct jb_run_filter filter = {
        .project = given(scope->project),
        .model = given(scope->model),
        .group = given(scope->group),
        .since_utc_us = scope->since_utc_us,
        .until_utc_us = scope->until_utc_us,
        .status = -1,
        .with_void = true,
    };

    if (given(scope->run_id))
        return gather_one(gather, err);
    return jb_ledger_each_run_account(gather->ledger, &filter, on_run, gather, err);
}

static jb_rc keep_scope(struct gather *gather, struct jb_error *err)
{
    const struct jb_inventory_scope *const from = &gather->scope;
    struct jb_inventory_scope *const to = &gather->inventory.scope;
    const struct {
        const char **to, *from;
    } texts[] = {
        {&to->run_id, from->run_id},
        {&to->group, from->group},
        {&to->project, from->project},
        {&to->model, from->model},
        {&to->model_version, from->model_version},
    };

    to->since_utc_us = from->since_utc_us;
    to->until_utc_us = from->until_utc_us;
    for (size_t i = 0; i < JB_ARRAY_LEN(texts); i++) {
        *texts[i].to = keep(gather, texts[i].from ? texts[i].from : "", NULL);
        if (!*texts[i].to)
            return no_memory(err);
    }
    return JB_OK;
}

static jb_rc refuse_nothing(const struct jb_inventory *inventory, struct jb_error *err)
{
    if (inventory->n_open + inventory->n_void + inventory->n_reconciled > 0)
        return jb_fail(err, JB_E_NOT_FOUND, "`joulebook runs --all` lists them",
                       "no run that was selected has an account that counts: %lld open, %lld void, "
                       "%lld reconciled with a measured one",
                       (long long)inventory->n_open, (long long)inventory->n_void,
                       (long long)inventory->n_reconciled);
    return jb_fail(err, JB_E_NOT_FOUND, "`joulebook runs` lists what there is",
                   "no run of the book is of what was selected");
}

jb_rc jb_inventory_make(struct jb_ledger *ledger, const struct jb_inventory_scope *scope,
                        struct jb_inventory *ret, struct jb_error *err)
{
    JB_AUTO(gather_release) struct gather gather = {.ledger = ledger, .scope = *scope};
    struct jb_inventory *const inventory = &gather.inventory;
    jb_rc rc = keep_scope(&gather, err);

    if (rc == JB_OK)
        rc = jb_ledger_root(ledger, &inventory->book_size, &inventory->book_root, err);
    if (rc == JB_OK)
        rc = gather_runs(&gather, err);
    if (rc == JB_OK && inventory->n_runs == 0)
        rc = refuse_nothing(inventory, err);
    if (rc < 0)
        return rc;
    qsort(inventory->runs, inventory->n_runs, sizeof inventory->runs[0], compare_runs);
    if (inventory->n_factors > 0)
        qsort(inventory->factors, inventory->n_factors, sizeof inventory->factors[0],
              compare_factors);
    count_notes(inventory);
    rc = inventory__sum(inventory, err);
    if (rc < 0)
        return rc;
    *ret = *inventory;
    *inventory = (struct jb_inventory){0};
    return JB_OK;
}
