/* SPDX-License-Identifier: Apache-2.0 */
/* Plans in a book: once, superseded by reversal, in their own layer, whole or not at all; and found beside their runs
 * (R-PLAN-30 to -33, R-BOOK-05). */
#include "rebuilt.h"

#include "pipeline/planned.h"

#define RUN "019b7700-0001-7000-8000-000000000001"

static void has(const char *text, const char *part, const char *claim)
{
    ok(strstr(text, part) != NULL, "%s: %s", claim, text);
}

static struct jb_planned a_plan(int64_t energy_mj)
{
    struct jb_planned plan = {
        .hardware = "8 x A100",
        .catalogue = "one",
        .training_flop = 1000,
        .flop_low_ppm = 1000000,
        .flop_high_ppm = 1000000,
        .wall_us = rebuilt_figure(80000000, 100000000, 120000000),
    };

    plan.energy_mj = rebuilt_figure(energy_mj / 2, energy_mj, energy_mj * 2);
    return plan;
}

static struct jb_rebuilt *as_run(const struct jb_planned *plan, const char *key)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();

    rebuilt->n_lines = 0;
    rebuilt_line(rebuilt, "plan/it", JB_ORIGIN_MODELLED,
                 rebuilt_figure(plan->energy_mj.low * 1000, plan->energy_mj.best * 1000,
                                plan->energy_mj.high * 1000));
    book_text(rebuilt->key, sizeof rebuilt->key, key);
    rebuilt->run.host[0] = '\0';
    return rebuilt;
}

static struct jb_reconstructed enter(struct jb_ledger *ledger, const struct jb_planned *plan,
                                     const char *key, bool is_kept)
{
    struct jb_rebuilt *const rebuilt = as_run(plan, key);
    struct jb_reconstructed told = {0};
    struct jb_error err = {0};

    book_begin(ledger);
    book_must(jb_planned_enter(ledger, &jb_clock_system, "", plan, rebuilt, &told, &err), &err,
              "enter a plan");
    if (is_kept)
        book_commit(ledger);
    else
        jb_ledger_rollback(ledger);
    free(rebuilt);
    return told;
}

static struct jb_account beside(struct jb_ledger *ledger, const char *plan_id)
{
    struct jb_account account = {.run = {.layer = JB_LAYER_MEASURED}};
    struct jb_error err = {0};

    book_text(account.run.plan, sizeof account.run.plan, plan_id);
    account.energy_uj = rebuilt_figure(3000000, 3000000, 3000000);
    account.duration_ns = INT64_C(100000000000);
    account.work = JB_ACCOUNT_WORK_UNKNOWN;
    book_must(jb_planned_beside(ledger, &account, &err), &err, "beside");
    return account;
}

static void entering(struct jb_ledger *ledger)
{
    struct jb_planned plan = a_plan(2000);
    const struct jb_reconstructed first = enter(ledger, &plan, "one", true);
    const int64_t n = rebuilt_n_entries(ledger);

    is_i64(first.state, JB_PAPER_NEW, "a plan is new");
    is_i64(rebuilt_find(ledger, first.run_id).layer, JB_LAYER_PREDICTED, "in the predicted layer");
    is_i64(rebuilt_sum(ledger, JB_LAYER_PREDICTED, "run"), 2000000, "with its best energy");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 0, "and in no other");
    ok(first.energy_uj.low == 1000000 && first.energy_uj.high == 4000000, "in its own band");
    book_text(plan.catalogue, sizeof plan.catalogue, "two");
    const struct jb_reconstructed again = enter(ledger, &plan, "one", true);
    ok(again.state == JB_PAPER_SAME && strcmp(again.run_id, first.run_id) == 0 &&
           rebuilt_n_entries(ledger) == n,
       "the same figures by another edition are the same plan");
    plan.wall_us.high++;
    const struct jb_reconstructed other = enter(ledger, &plan, "one", false);
    ok(other.state == JB_PAPER_SUPERSEDES && rebuilt_n_entries(ledger) == n &&
           rebuilt_find(ledger, first.run_id).status == JB_RUN_DONE,
       "what is not committed leaves the book as it was");
    const struct jb_reconstructed newer = enter(ledger, &plan, "one", true);
    ok(newer.state == JB_PAPER_SUPERSEDES &&
           rebuilt_find(ledger, first.run_id).status == JB_RUN_VOID,
       "another time under the same name takes its place, of the same energy too");
    is_i64(rebuilt_sum(ledger, JB_LAYER_PREDICTED, "run"), 2000000, "by reversal");
    ok(rebuilt_is_balanced(ledger), "the book balances");
}

static void finding(struct jb_ledger *ledger)
{
    const struct jb_planned plan = a_plan(2000);
    const struct jb_reconstructed told = enter(ledger, &plan, "two", true);
    struct jb_account account = beside(ledger, "");
    struct jb_error err = {0};

    ok(!account.planned.is_told, "a run without a plan has none beside it");
    account = beside(ledger, told.run_id);
    ok(account.planned.is_told && !account.planned.why_not[0], "a plan is found");
    is_i64(account.planned.rows[JB_BESIDE_ENERGY_UJ].factor_ppm, 1500000, "3 J of 2 J");
    is_str(account.planned.plan.hardware, "8 x A100", "with its hardware");
    account = beside(ledger, RUN);
    has(account.planned.why_not, "no such plan", "one that is not there is told");
    book_text(account.run.plan, sizeof account.run.plan, told.run_id);
    book_text(account.run.group, sizeof account.run.group, "g");
    book_must(jb_planned_beside(ledger, &account, &err), &err, "beside");
    has(account.planned.why_not, "all runs of the group", "one rank is not all of the plan");
    book_text(account.run.id, sizeof account.run.id, "group:g");
    book_must(jb_planned_beside(ledger, &account, &err), &err, "beside");
    ok(!account.planned.why_not[0], "the group is");
    book_begin(ledger);
    book_must(jb_ledger_void(ledger, told.run_id, "wrong", &err), &err, "void");
    book_commit(ledger);
    account = beside(ledger, told.run_id);
    has(account.planned.why_not, "is void", "a plan that was taken back is told");
    struct jb_rebuilt *const paper = rebuilt_new();
    const struct jb_reconstructed bill = rebuilt_enter(ledger, "bill", paper);
    free(paper);
    account = beside(ledger, bill.run_id);
    has(account.planned.why_not, "no plan", "and so is a run that is none");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 2 * REBUILT_KWH,
           "which stands in its own layer");
    ok(rebuilt_is_balanced(ledger), "the book balances with all three");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    entering(ledger);
    finding(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
