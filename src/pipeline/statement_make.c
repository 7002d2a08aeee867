/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runs of a period to whom they belong, their postings to what each comes to, and both to items. Must never depend on
 * the customer in what a run comes to: that is statement/share. R-STATEMENT-01, -04, -08.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/clean.h"
#include "base/num.h"
#include "pipeline/statement.h"
#include "statement/share.h"

#define HOUR_US   (3600 * JB_US_PER_S)
#define RUNS_MAX  ((size_t)1 << 22)
#define LINES_MAX ((size_t)64 * 1024 * 1024)
#define JOB_NAME  "SLURM_JOB_ID"
#define NO_PUE    (-1)
#define PUES      (-2) /* runs tell several */

/* What is known of a run before its postings are. */
struct fact {
    char name[JB_RUN_TEXT]; /* of the item it belongs to */
    char host[JB_HOST_NAME];
    int64_t start_us, end_us; /* end 0: it goes on */
    bool is_selected;
};

struct gather {
    const struct jb_statement_order *order;
    struct jb_share *share;
    size_t n, facts_size, runs_size;
    struct fact *facts;
    struct jb_share_run *runs;
    int64_t pue_milli; /* that the runs tell */
    int64_t n_open, n_void, n_without;
    struct jb_statement *statement;
};

static void gather_release(struct gather *gather)
{
    jb_share_free(gather->share);
    free(gather->facts);
    free(gather->runs);
}

static jb_rc grow(void *array_pointer, size_t *size, size_t n, size_t each, struct jb_error *err)
{
    void *array;
    const size_t wanted = *size > 0 ? *size * 2 : 64;

    if (n < *size)
        return JB_OK;
    memcpy(&array, array_pointer, sizeof array);
    array = wanted <= RUNS_MAX ? realloc(array, wanted * each) : NULL;
    if (!array)
        return jb_fail(err, JB_E_NOMEM, "make statements of shorter periods",
                       "no memory for %zu runs", wanted);
    memcpy(array_pointer, &array, sizeof array);
    *size = wanted;
    return JB_OK;
}

/* --- whose a run is ------------------------------------------------------------------------------------------------ */

/* The value of the tag NAME; NULL if the run has none. */
static const char *tag_of(const struct jb_run *run, const char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < run->n_tags; i++)
        if (strncmp(run->tags[i], name, len) == 0 && run->tags[i][len] == '=')
            return run->tags[i] + len + 1;
    return NULL;
}

/* R-STATEMENT-08: the tag "job", else the scheduler's number, else the group. */
static void job_of(const struct jb_run *run, char *ret, size_t size)
{
    json_t *const object = run->environment[0] ? json_loads(run->environment, 0, NULL) : NULL;
    const char *const number = json_string_value(json_object_get(object, JOB_NAME));
    const char *const tag = tag_of(run, "job");

    jb_clean_copy(tag ? tag : number ? number : run->group, ret, size);
    json_decref(object);
}

static void name_item(const struct jb_run *run, const char *by, char *ret, size_t size)
{
    const char *tag = NULL;

    ret[0] = '\0';
    if (strcmp(by, "run") == 0)
        tag = run->id;
    else if (strcmp(by, "project") == 0)
        tag = run->project;
    else if (strcmp(by, "vm") == 0)
        tag = tag_of(run, "vm");
    else if (strncmp(by, "tag:", 4) == 0)
        tag = tag_of(run, by + 4);
    else if (strcmp(by, "job") == 0)
        job_of(run, ret, size);
    if (tag)
        jb_clean_copy(tag, ret, size);
}

/* Of everybody's runs those that name no item are nobody's in particular; a customer's are the customer's all the same. */
static bool is_selected(const struct jb_statement_order *order, const struct jb_run *run,
                        const char *name)
{
    const char *const customer = tag_of(run, "customer");

    if (order->customer && (!customer || strcmp(customer, order->customer) != 0))
        return false;
    if (order->project && strcmp(run->project, order->project) != 0)
        return false;
    return order->customer || order->project || name[0] || strcmp(order->by, "whole") == 0;
}

static jb_rc on_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    struct gather *const gather = arg;
    const struct jb_statement_order *const order = gather->order;
    jb_rc rc;

    /* Postings follow clocks of their own: an hour on either side is looked at too. */
    if (run->start_utc_us >= order->until_utc_us + HOUR_US ||
        (run->status != JB_RUN_OPEN && run->end_utc_us <= order->since_utc_us - HOUR_US))
        return JB_OK;
    rc = grow(&gather->facts, &gather->facts_size, gather->n, sizeof gather->facts[0], err);
    if (rc == JB_OK)
        rc = grow(&gather->runs, &gather->runs_size, gather->n, sizeof gather->runs[0], err);
    if (rc < 0)
        return rc;
    struct fact *const fact = &gather->facts[gather->n];
    struct jb_share_run *const known = &gather->runs[gather->n];
    *fact = (struct fact){.start_us = run->start_utc_us,
                          .end_us = run->status == JB_RUN_OPEN ? 0 : run->end_utc_us};
    *known =
        (struct jb_share_run){.tag = (int64_t)gather->n, .is_void = run->status == JB_RUN_VOID};
    memcpy(known->id, run->id, sizeof known->id);
    (void)snprintf(fact->host, sizeof fact->host, "%s", run->host);
    name_item(run, order->by, fact->name, sizeof fact->name);
    fact->is_selected = is_selected(order, run, fact->name);
    gather->n++;
    if (run->pue_milli >= 1000 && run->start_utc_us < order->until_utc_us)
        gather->pue_milli = gather->pue_milli == NO_PUE || gather->pue_milli == run->pue_milli
                                ? run->pue_milli
                                : PUES;
    return JB_OK;
}

/* --- postings ------------------------------------------------------------------------------------------------------ */

static jb_rc look(void *arg, int64_t seq, const struct jb_interval *interval,
                  const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct gather *const gather = arg;

    (void)seq;
    (void)lines;
    (void)n_lines;
    return jb_share_look(gather->share, interval, err);
}

static jb_rc take(void *arg, int64_t seq, const struct jb_interval *interval,
                  const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct gather *const gather = arg;

    (void)seq;
    return jb_share_take(gather->share, interval, lines, n_lines, err);
}

/* --- items --------------------------------------------------------------------------------------------------------- */

static int64_t clip(const struct jb_statement_order *order, int64_t utc_us)
{
    if (utc_us < order->since_utc_us)
        return order->since_utc_us;
    return utc_us > order->until_utc_us ? order->until_utc_us : utc_us;
}

static void line_up(const char *text, struct jb_buf *lines)
{
    if (!text[0])
        return;
    jb_buf_add_text(lines, text);
    jb_buf_add_u8(lines, '\n');
}

/* A run as an item of its own. */
static void item_of(const struct jb_statement_order *order, const struct fact *fact,
                    const struct jb_share_run *run, struct jb_statement_item *ret)
{
    *ret = (struct jb_statement_item){
        .n_runs = 1,
        .start_utc_us =
            clip(order, fact->start_us < run->first_utc_us ? fact->start_us : run->first_utc_us),
        .end_utc_us =
            clip(order, fact->end_us > run->last_utc_us ? fact->end_us : run->last_utc_us),
        .board_ns = run->board_ns,
        .method = run->is_shared    ? JB_METHOD_C2
                  : run->is_metered ? JB_METHOD_C1
                                    : JB_METHOD_B,
        .energy = run->energy,
        .coverage = run->coverage,
        .n_gaps = run->n_gaps,
    };
    jb_share_facility_band(&ret->energy);
    memcpy(ret->device_uj, run->device_uj, sizeof ret->device_uj);
    memcpy(ret->origin_uj, run->origin_uj, sizeof ret->origin_uj);
    ret->duration_ns =
        jb_muldiv_sat_i64(ret->end_utc_us - ret->start_utc_us, JB_NS_PER_US, 1, JB_ROUND_NEAREST);
}

/* The runs of one item, sorted by id; names of hosts are few and each stands once. */
static jb_rc fill_item(struct gather *gather, const struct jb_share_run *const *runs, size_t n,
                       struct jb_statement_item *item, struct jb_error *err)
{
    static const struct jb_figure nothing = {.is_known = true};
    JB_AUTO(jb_buf_release) struct jb_buf hosts = {.max = LINES_MAX};
    JB_AUTO(jb_buf_release) struct jb_buf ids = {.max = LINES_MAX};
    bool is_one_kind = true;
    jb_rc rc = JB_OK;

    *item = (struct jb_statement_item){
        .energy = {.work_uj = nothing, .idle_uj = nothing, .platform_uj = nothing}};
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        const struct fact *const fact = &gather->facts[runs[i]->tag];
        struct jb_statement_item one;
        char host[JB_HOST_NAME + 2];
        item_of(gather->order, fact, runs[i], &one);
        rc = jb_statement_add(item, &one);
        line_up(runs[i]->id, &ids);
        (void)snprintf(host, sizeof host, "%s\n", fact->host);
        const char *const at = strstr(jb_buf_text(&hosts), host);
        if (!at || (at != jb_buf_text(&hosts) && at[-1] != '\n'))
            line_up(fact->host, &hosts);
        is_one_kind = is_one_kind && !runs[i]->has_boards_of_kinds &&
                      (!item->hardware[0] || !runs[i]->board[0] ||
                       strcmp(item->hardware, runs[i]->board) == 0);
        if (runs[i]->board[0])
            memcpy(item->hardware, runs[i]->board, sizeof item->hardware);
    }
    if (!is_one_kind)
        item->hardware[0] = '\0';
    (void)snprintf(item->name, sizeof item->name, "%s", gather->facts[runs[0]->tag].name);
    if (rc < 0)
        return jb_fail(err, rc, "make statements of shorter periods",
                       "a sum of the period is more than 64 bits of microjoule hold: 2.56 GWh");
    if (hosts.failed < 0 || ids.failed < 0)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    item->hosts = hosts.bytes;
    item->runs = ids.bytes;
    hosts.bytes = ids.bytes = NULL;
    return JB_OK;
}

struct named {
    const char *name;
    const struct jb_share_run *run;
};

static int by_name(const void *a, const void *b)
{
    const struct named *const x = a;
    const struct named *const y = b;
    const int order = strcmp(x->name, y->name);

    return order != 0 ? order : strcmp(x->run->id, y->run->id);
}

static jb_rc fill_items(struct gather *gather, const struct named *named, size_t n,
                        struct jb_error *err)
{
    struct jb_statement *const statement = gather->statement;
    JB_AUTO(jb_free_auto) const struct jb_share_run **runs = calloc(n + 1, sizeof *runs);
    size_t n_items = 0;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < n; i++)
        n_items += i == 0 || strcmp(named[i].name, named[i - 1].name) != 0;
    if (n_items > JB_STATEMENT_ITEMS_MAX)
        return jb_fail(err, JB_E_RANGE, "group by something larger",
                       "%zu items are too many for a statement", n_items);
    statement->items = calloc(n_items + 1, sizeof statement->items[0]);
    if (!runs || !statement->items)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    for (size_t i = 0; i < n; i++)
        runs[i] = named[i].run;
    for (size_t from = 0; from < n && rc == JB_OK;) {
        size_t to = from;
        while (to < n && strcmp(named[to].name, named[from].name) == 0)
            to++;
        rc = fill_item(gather, runs + from, to - from, &statement->items[statement->n_items], err);
        statement->n_items += rc == JB_OK;
        from = to;
    }
    return rc;
}

static jb_rc make_items(struct gather *gather, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct named *named = calloc(gather->n + 1, sizeof *named);
    size_t n = 0;

    if (!named)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    for (size_t i = 0; i < gather->n; i++) {
        const struct jb_share_run *const run = &gather->runs[i];
        const struct fact *const fact = &gather->facts[run->tag];
        const bool is_within = fact->start_us < gather->order->until_utc_us &&
                               (fact->end_us == 0 || fact->end_us > gather->order->since_utc_us);
        if (!fact->is_selected)
            continue;
        gather->n_void += run->is_void && is_within;
        gather->n_open += run->is_there && fact->end_us == 0;
        gather->n_without += !run->is_there && !run->is_void && is_within;
        if (run->is_there)
            named[n++] = (struct named){fact->name, run};
    }
    if (n == 0)
        return jb_fail(err, JB_E_NOT_FOUND,
                       "`joulebook runs` shows what the book has, `joulebook amend` states tags",
                       "no run of that customer or project was charged in the period");
    qsort(named, n, sizeof named[0], by_name);
    return fill_items(gather, named, n, err);
}

/* R-STATEMENT-04 */
static jb_rc close_book(struct gather *gather, struct jb_error *err)
{
    const struct jb_share_rest *const rest = jb_share_rest(gather->share);
    struct jb_statement *const statement = gather->statement;
    const struct jb_statement_energy *const total = &statement->total.energy;
    struct jb_statement_book *const book = &statement->book;
    int64_t tenants_uj = rest->others_uj;
    int64_t facility_uj = rest->facility_others_uj;

    for (size_t i = 0; i < gather->n; i++) {
        const struct jb_statement_energy *const energy = &gather->runs[i].energy;
        if (gather->facts[gather->runs[i].tag].is_selected && gather->runs[i].is_there)
            continue;
        tenants_uj += energy->work_uj.best + energy->idle_uj.best + energy->platform_uj.best;
        facility_uj += energy->facility_uj.best;
    }
    *book = (struct jb_statement_book){
        .metered_uj = rest->metered_uj,
        .items_uj = total->work_uj.best + total->idle_uj.best + total->platform_uj.best,
        .tenants_uj = tenants_uj,
        .nobody_uj = rest->nobody_idle_uj + rest->nobody_platform_uj,
        .discrepancy_uj = rest->discrepancy_uj,
        /* Where all of it was metered at the wall, nobody knows the facility's part: it is not 0. */
        .has_facility =
            statement->pue_milli > 0 && (rest->wall_uj == 0 || rest->wall_uj < rest->metered_uj),
        .facility_uj = rest->facility_uj,
        .facility_items_uj = total->facility_uj.best,
        .facility_tenants_uj = facility_uj,
        .facility_nobody_uj = rest->facility_nobody_uj,
    };
    if (book->items_uj + book->tenants_uj + book->nobody_uj + book->discrepancy_uj !=
            book->metered_uj ||
        book->facility_items_uj + book->facility_tenants_uj + book->facility_nobody_uj !=
            book->facility_uj)
        return jb_fail(err, JB_E_INTERNAL, "`joulebook balance` proves the book",
                       "the period does not close: %" PRId64 " uJ were metered", book->metered_uj);
    return JB_OK;
}

/* --- notes and factors --------------------------------------------------------------------------------------------- */

JB_PRINTF(2, 3) static void note(struct jb_statement *statement, const char *format, ...)
{
    va_list args;

    if (statement->n_notes == JB_STATEMENT_NOTES_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(statement->notes[statement->n_notes++], JB_NOTE, format, args);
    va_end(args);
}

static void add_notes(struct gather *gather)
{
    struct jb_statement *const statement = gather->statement;
    char energy[32];

    if (statement->pue_milli < 0)
        note(statement, gather->pue_milli == PUES
                            ? "the runs tell of several PUEs and none was stated: the facility's "
                              "part is not known"
                            : "no PUE is known: the facility's part is not told");
    if (jb_share_rest(gather->share)->wall_uj > 0)
        note(statement,
             "no PUE is applied to %s of the book in this period: it was metered at the wall",
             jb_format_energy(jb_share_rest(gather->share)->wall_uj, energy, sizeof energy));
    if (gather->n_open > 0)
        note(statement, "%" PRId64 " of the runs go on: what was posted of them so far is in",
             gather->n_open);
    if (gather->n_void > 0)
        note(statement, "%" PRId64 " void runs are left out", gather->n_void);
    if (gather->n_without > 0)
        note(statement,
             "%" PRId64 " runs of the period have no energy in the book and are left out",
             gather->n_without);
}

static jb_rc on_factor(struct jb_statement *statement, const struct jb_factor *factor)
{
    static const char *const of_carbon[] = {"grid ", "market", "tariff", "energy that", "PUE"};

    for (size_t i = 0; i < JB_ARRAY_LEN(of_carbon); i++)
        if (strncmp(factor->name, of_carbon[i], strlen(of_carbon[i])) == 0)
            return JB_OK;
    for (size_t i = 0; i < statement->n_factors; i++)
        if (strcmp(statement->factors[i].name, factor->name) == 0 &&
            strcmp(statement->factors[i].value, factor->value) == 0 &&
            strcmp(statement->factors[i].edition, factor->edition) == 0)
            return JB_OK;
    if (statement->n_factors == JB_STATEMENT_FACTORS)
        return JB_E_FULL;
    statement->factors[statement->n_factors++] = *factor;
    return JB_OK;
}

static jb_rc add_factors(struct jb_ledger *ledger, struct gather *gather, struct jb_error *err)
{
    struct jb_statement *const statement = gather->statement;
    bool is_full = false;
    jb_rc rc = JB_OK;

    if (statement->pue_milli > 0) {
        struct jb_factor *const pue = &statement->factors[statement->n_factors++];
        (void)snprintf(pue->name, sizeof pue->name, "PUE");
        (void)jb_format_decimal(statement->pue_milli, 3, pue->value, sizeof pue->value);
        (void)snprintf(pue->source, sizeof pue->source, "%s",
                       gather->order->pue_milli > 0 ? "stated by the provider"
                                                    : "stated of the runs");
    }
    for (size_t i = 0; i < gather->n && rc == JB_OK; i++) {
        JB_AUTO(jb_account_release) struct jb_account account = {0};
        JB_AUTO(jb_free_auto) char *json = NULL;
        const struct jb_share_run *const run = &gather->runs[i];
        if (!run->is_there || !gather->facts[run->tag].is_selected)
            continue;
        rc = jb_ledger_run_account(ledger, run->id, &json, NULL);
        if (rc == JB_OK)
            rc = jb_account_from_json(json, &account, NULL);
        /* A run that goes on has no account yet, and so no factors. */
        if (rc < 0) {
            rc = rc == JB_E_NOMEM ? jb_fail(err, rc, NULL, "no memory for an account") : JB_OK;
            continue;
        }
        for (size_t k = 0; k < account.n_factors; k++)
            is_full = is_full || on_factor(statement, &account.factors[k]) < 0;
    }
    if (is_full)
        note(statement, "there are more than %d factors; the first of them are told",
             JB_STATEMENT_FACTORS);
    return rc;
}

/* --- the whole ----------------------------------------------------------------------------------------------------- */

static jb_rc begin(const struct jb_statement_order *order, struct jb_statement *statement,
                   struct jb_error *err)
{
    const char *const whose = order->customer ? order->customer : order->project;

    if (order->since_utc_us > 0 && order->until_utc_us <= order->since_utc_us)
        return jb_fail(err, JB_E_USAGE, "such as --since 2026-11-01 --until 2026-12-01",
                       "the period of a statement ends before it begins");
    if (order->since_utc_us % HOUR_US != 0 || order->until_utc_us % HOUR_US != 0 ||
        order->since_utc_us <= 0)
        return jb_fail(
            err, JB_E_USAGE,
            "such as --since 2026-11-01 --until 2026-12-01; postings are cut at UTC hours",
            "the period of a statement begins and ends at whole hours of UTC");
    statement->since_utc_us = order->since_utc_us;
    statement->until_utc_us = order->until_utc_us;
    statement->issued_utc_us = jb_utc_us(order->clock) / JB_US_PER_S * JB_US_PER_S;
    statement->round_uj = 1;
    statement->idle_rule = order->idle_rule;
    (void)snprintf(statement->software, sizeof statement->software, "joulebook %s", JB_VERSION);
    jb_clean_copy(order->provider, statement->provider, sizeof statement->provider);
    jb_clean_copy(whose ? whose : "", statement->recipient, sizeof statement->recipient);
    jb_clean_copy(order->id ? order->id
                  : whose   ? whose
                            : "everybody",
                  statement->id, sizeof statement->id);
    jb_clean_copy(order->by, statement->by, sizeof statement->by);
    return JB_OK;
}

static jb_rc make(struct jb_ledger *ledger, struct gather *gather, struct jb_error *err)
{
    const struct jb_statement_order *const order = gather->order;
    struct jb_statement *const statement = gather->statement;
    const struct jb_run_filter filter = {
        .status = -1, .with_void = true, .layer = jb_layer_name(JB_LAYER_MEASURED)};
    jb_rc rc = begin(order, statement, err);

    if (rc == JB_OK)
        rc = jb_ledger_each_run(ledger, &filter, on_run, gather, err);
    if (rc < 0)
        return rc;
    statement->pue_milli = order->pue_milli > 0    ? order->pue_milli
                           : gather->pue_milli > 0 ? gather->pue_milli
                                                   : NO_PUE;
    rc = jb_share_new(order->since_utc_us, order->until_utc_us, order->idle_rule,
                      statement->pue_milli, gather->runs, gather->n, &gather->share, err);
    if (rc == JB_OK && statement->pue_milli > 0)
        rc = jb_ledger_each_interval(ledger, NULL, look, gather, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_interval(ledger, NULL, take, gather, err);
    if (rc == JB_OK)
        rc = make_items(gather, err);
    if (rc == JB_OK && jb_statement_total(statement) < 0)
        rc = jb_fail(err, JB_E_RANGE, "make statements of shorter periods",
                     "the sum of the period is more than 64 bits of microjoule hold: 2.56 GWh");
    if (rc == JB_OK)
        rc = close_book(gather, err);
    if (rc < 0)
        return rc;
    add_notes(gather);
    return add_factors(ledger, gather, err);
}

jb_rc jb_statement_make(struct jb_ledger *ledger, const struct jb_statement_order *order,
                        struct jb_statement *ret, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_statement *statement = calloc(1, sizeof *statement);
    JB_AUTO(gather_release)
    struct gather gather = {.order = order, .statement = statement, .pue_milli = NO_PUE};
    jb_rc rc;

    if (!statement)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    rc = make(ledger, &gather, err);
    if (rc == JB_OK)
        *ret = *statement;
    else
        jb_statement_release(statement);
    return rc;
}
