/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bill's groups to papers and their runs, in the order of what they are, in one transaction. Without a book it does the
 * same and enters nothing. R-BILL-15 to -17.
 */
#include "pipeline/import_bill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "carbon/carbon.h"
#include "catalogue/catalogue.h"
#include "pipeline/import_bill_int.h"

#define PUE_ONE_MILLI INT64_C(1000)

void jb_import_bill_release(struct jb_import_bill_result *result)
{
    free(result->left);
    *result = (struct jb_import_bill_result){.n_rows = 0};
}

static void import_free(struct bill_import *import)
{
    jb_reconstruct_free(import->reconstruct);
    bill_rates_release(&import->rates);
    free(import->places);
    free(import->rebuilt);
    free(import->lines);
    jb_import_bill_release(&import->result);
    free(import);
}
JB_AUTO_POINTER(struct bill_import, import_free)

/* --- what is told of a run -------------------------------------------------------------------------------------- */

static void add_up(const struct jb_figure *more, struct jb_figure *sum)
{
    if (!more->is_known)
        return;
    sum->is_known = true;
    sum->low = jb_add_sat_i64(sum->low, more->low);
    sum->best = jb_add_sat_i64(sum->best, more->best);
    sum->high = jb_add_sat_i64(sum->high, more->high);
}

/* R-BAND-05, for a run that has no account: doubts of one key add up, those of several are joined in quadrature. */
static void sum_lines(const struct jb_rebuilt *rebuilt, struct jb_figure *ret)
{
    int64_t below = 0;
    int64_t above = 0;

    *ret = (struct jb_figure){.is_known = rebuilt->n_lines > 0};
    for (size_t i = 0; i < rebuilt->n_lines; i++) {
        const char *const key = rebuilt->lines[i].correlation;
        int64_t low = 0;
        int64_t high = 0;
        bool is_done = false;
        ret->best = jb_add_sat_i64(ret->best, rebuilt->lines[i].energy_uj.best);
        for (size_t k = 0; k < rebuilt->n_lines && !is_done; k++) {
            const struct jb_figure *const energy = &rebuilt->lines[k].energy_uj;
            const bool is_same =
                k == i || (key[0] != '\0' && strcmp(rebuilt->lines[k].correlation, key) == 0);
            is_done = is_same && k < i;
            low = jb_add_sat_i64(low, is_same ? energy->best - energy->low : 0);
            high = jb_add_sat_i64(high, is_same ? energy->high - energy->best : 0);
        }
        if (is_done)
            continue;
        below = jb_hypot_i64(below, low);
        above = jb_hypot_i64(above, high);
    }
    ret->low = ret->best > below ? ret->best - below : 0;
    ret->high = jb_add_sat_i64(ret->best, above);
}

/* As the run's account has it, but for the band, which the account knows better. */
static void find_carbon(const struct jb_rebuilt *rebuilt, const struct jb_figure *energy_uj,
                        struct jb_figure *ret_ugco2e)
{
    const struct jb_run *const run = &rebuilt->run;
    const int64_t pue = run->pue_milli > 0 ? run->pue_milli : PUE_ONE_MILLI;
    struct jb_figure all = *energy_uj;
    struct jb_grid_intensity grid;
    char text[32];
    int64_t year = 0;

    *ret_ugco2e = (struct jb_figure){.is_known = false};
    (void)jb_format_utc(run->start_utc_us, false, text, sizeof text);
    if (run->place[0] == '\0' || jb_parse_i64(text, 4, false, &year) < 0 ||
        jb_catalogue_find_grid(run->place, year, NULL, &grid, NULL) < 0 ||
        jb_muldiv_i64(all.low, pue, PUE_ONE_MILLI, JB_ROUND_FLOOR, &all.low) < 0 ||
        jb_muldiv_i64(all.best, pue, PUE_ONE_MILLI, JB_ROUND_NEAREST, &all.best) < 0 ||
        jb_muldiv_i64(all.high, pue, PUE_ONE_MILLI, JB_ROUND_CEIL, &all.high) < 0)
        return;
    const struct jb_carbon_factor factor = {grid.low_mg_per_kwh, grid.best_mg_per_kwh,
                                            grid.high_mg_per_kwh};
    if (jb_carbon_of_energy(&all, &factor, ret_ugco2e, NULL) < 0)
        *ret_ugco2e = (struct jb_figure){.is_known = false};
}

static jb_rc tell(struct bill_import *import, const struct jb_bill_group *group,
                  const struct jb_reconstructed *entered, const struct jb_bill_costs *costs,
                  struct jb_bill_entered *run, struct jb_error *err)
{
    struct jb_import_bill_result *const result = &import->result;

    run->rebuilt = import->rebuilt;
    run->entered = entered;
    run->account = group->account;
    run->provider = group->provider;
    run->name = group->run;
    run->region = group->region;
    run->costs = costs;
    run->energy_uj = entered->energy_uj;
    if (!entered->energy_uj.is_known)
        sum_lines(import->rebuilt, &run->energy_uj);
    find_carbon(import->rebuilt, &run->energy_uj, &run->ugco2e);
    add_up(&run->energy_uj, &result->energy_uj);
    /* The end of the scale is no sum. */
    result->is_vast = result->is_vast || result->energy_uj.high == INT64_MAX;
    result->energy_uj.is_known = result->energy_uj.is_known && !result->is_vast;
    result->instance_us = jb_add_sat_i64(result->instance_us, run->instance_us);
    result->n_runs++;
    result->n_look_measured += entered->same_as[0] != '\0';
    return import->order->fn ? import->order->fn(import->order->arg, run, err) : JB_OK;
}

/* --- papers ----------------------------------------------------------------------------------------------------- */

static jb_rc enter_run(struct bill_import *import, const struct bill_part *part, const char *key,
                       struct jb_error *err)
{
    struct jb_bill_entered run = {.n_rows = 0};
    struct jb_reconstructed entered = {.state = JB_PAPER_NEW};
    struct jb_error why = {.code = JB_OK};
    struct jb_bill_costs costs;
    jb_rc rc = bill_make_run(import, part, &costs, &run, &why);

    if (rc == JB_OK)
        (void)snprintf(import->rebuilt->key, sizeof import->rebuilt->key, "%s", key);
    if (rc == JB_OK && import->reconstruct)
        rc = jb_reconstruct_enter(import->reconstruct, import->rebuilt, &entered, &why);
    if (rc < 0)
        return jb_fail(err, rc, why.hint[0] != '\0' ? why.hint : "are its times and hours right?",
                       "'%.160s' rows from line %lld on: %s", import->order->file,
                       (long long)part->first->group->first_line, why.message);
    return tell(import, part->first->group, &entered, &costs, &run, err);
}

/* One name's groups: a run for each of its regions that has energy. */
static jb_rc enter_name(struct bill_import *import, const struct bill_place *whole, size_t n_whole,
                        const char *key, struct jb_error *err)
{
    bool is_first = true;
    jb_rc rc = JB_OK;
    size_t n;

    for (size_t at = 0; at < n_whole && rc == JB_OK; at += n) {
        for (n = 1; at + n < n_whole && bill_is_same_region(whole + at, whole + at + n);)
            n++;
        if (!whole[at].has_run)
            continue;
        const struct bill_part part = {whole + at, n, whole, n_whole, is_first};
        rc = enter_run(import, &part, key, err);
        is_first = false;
    }
    return rc;
}

/* R-BILL-15: a part of a bill, or an older export, must not take the place of the whole unseen. */
static void count_replaced(struct bill_import *import, int64_t n_rows, int64_t after_us)
{
    struct jb_import_bill_result *const result = &import->result;
    const struct jb_replaced before = jb_reconstruct_replaced(import->reconstruct);
    const int64_t before_us = before.machine_ns / JB_NS_PER_US;

    result->n_voided += before.n_runs;
    result->before_us = jb_add_sat_i64(result->before_us, before_us);
    result->after_us = jb_add_sat_i64(result->after_us, after_us);
    result->n_shrunk += n_rows < before.n_rows || after_us < before_us;
    if (before.n_rows == 0)
        return;
    result->n_rows_before += before.n_rows;
    result->n_rows_after += n_rows;
}

static int64_t rows_of(const struct bill_place *places, size_t n)
{
    int64_t n_rows = 0;

    for (size_t i = 0; i < n; i++)
        n_rows += places[i].group->n_rows;
    return n_rows;
}

static jb_rc enter_paper(struct bill_import *import, const struct bill_place *first, size_t n_all,
                         struct jb_error *err)
{
    struct jb_import_bill_result *const result = &import->result;
    const int64_t already_us = result->instance_us;
    enum jb_paper_state state = JB_PAPER_NEW;
    char key[JB_REBUILT_KEY];
    struct jb_hash digest;
    jb_rc rc = bill_paper_digest(import, first, n_all, &digest, err);
    size_t n;

    bill_paper_key(first->group, key);
    if (rc == JB_OK && import->reconstruct) {
        jb_reconstruct_set_rows(import->reconstruct, rows_of(first, n_all));
        rc = jb_reconstruct_paper(import->reconstruct, import->order->source, key, &digest, &state,
                                  err);
    }
    result->n_papers++;
    result->n_new += state == JB_PAPER_NEW;
    result->n_same += state == JB_PAPER_SAME;
    result->n_superseded += state == JB_PAPER_SUPERSEDES;
    for (size_t at = 0; at < n_all && rc == JB_OK; at += n) {
        for (n = 1; at + n < n_all && bill_is_same_name(first + at, first + at + n);)
            n++;
        rc = enter_name(import, first + at, n, key, err);
    }
    if (rc == JB_OK && state == JB_PAPER_SUPERSEDES)
        count_replaced(import, rows_of(first, n_all), result->instance_us - already_us);
    return rc;
}

static jb_rc enter_all(struct bill_import *import, struct jb_error *err)
{
    const struct jb_import_bill_order *const order = import->order;
    jb_rc rc = JB_OK;
    size_t n;

    if (import->ledger)
        rc = jb_reconstruct_new(import->ledger, order->clock, order->file, order->command,
                                &import->reconstruct, err);
    for (size_t at = 0; at < import->n && rc == JB_OK; at += n) {
        const struct bill_place *const first = &import->places[at];
        for (n = 1; at + n < import->n && bill_is_same_paper(first, first + n);)
            n++;
        rc = enter_paper(import, first, n, err);
    }
    return rc;
}

static jb_rc work_out(struct bill_import *import, struct jb_error *err)
{
    jb_rc rc = bill_place_all(import, err);

    if (rc == JB_OK)
        rc = bill_count_all(import, err);
    return rc == JB_OK ? enter_all(import, err) : rc;
}

jb_rc jb_import_bill(struct jb_ledger *ledger, const struct jb_import_bill_order *order,
                     struct jb_import_bill_result *ret, struct jb_error *err)
{
    JB_AUTO(import_free_auto) struct bill_import *import = calloc(1, sizeof *import);
    jb_rc rc = JB_OK;

    if (import) {
        import->ledger = ledger;
        import->order = order;
        import->rebuilt = calloc(1, sizeof *import->rebuilt);
    }
    if (!import || !import->rebuilt)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to enter a bill");
    if (ledger)
        rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = work_out(import, err);
    if (rc == JB_OK && ledger)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0 && ledger)
        jb_ledger_rollback(ledger);
    if (rc < 0)
        return rc;
    *ret = import->result;
    import->result = (struct jb_import_bill_result){.n_rows = 0};
    return JB_OK;
}
