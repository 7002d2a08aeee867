/* SPDX-License-Identifier: Apache-2.0 */
/* Inventories of a book of known energies (R-INVENTORY-01 to -04). */
#include "book.h"

#include <stdlib.h>

#include "account/account.h"
#include "base/num.h"
#include "model/inventory.h"
#include "pipeline/inventory.h"

#define N_RUNS  7
#define N_MARKS 7

struct known {
    const char *id, *stage, *project, *version, *currency;
    enum jb_layer layer;
    enum jb_run_status status; /* OPEN: not closed; VOID: closed, then void */
    int64_t exit_code, low, best, high, cost;
};

static const struct known known[N_RUNS] = {
    {"01900000-0000-7000-8000-000000000001", "explore", "p", "1", "EUR", JB_LAYER_MEASURED,
     JB_RUN_DONE, 0, 90, 100, 110, 7},
    {"01900000-0000-7000-8000-000000000002", "TRAIN", "p", "2", "EUR", JB_LAYER_MEASURED,
     JB_RUN_DONE, 0, 900, 1000, 1300, 70},
    {"01900000-0000-7000-8000-000000000003", "train", "p", "2", "EUR", JB_LAYER_MEASURED,
     JB_RUN_DONE, 1, 9, 10, 13, -1},
    {"01900000-0000-7000-8000-000000000004", "eval", "p", "2", "USD", JB_LAYER_MEASURED,
     JB_RUN_DONE, 1, 4, 5, 6, 3},
    {"01900000-0000-7000-8000-000000000005", "train", "p", "2", "EUR", JB_LAYER_RECONSTRUCTED,
     JB_RUN_DONE, 0, 5000, 9000, 20000, 1},
    {"01900000-0000-7000-8000-000000000006", "train", "p", "2", "EUR", JB_LAYER_MEASURED,
     JB_RUN_OPEN, 0, 0, 0, 0, 0},
    {"01900000-0000-7000-8000-000000000007", "train", "q", "2", "EUR", JB_LAYER_MEASURED,
     JB_RUN_VOID, 0, 1, 1, 1, 1},
};

/* Of the run of 1000 uJ: epochs end at 10, 30 and, after an evaluation from 100 to 400, at 440; the steps stand at 25 and 420. */
static const struct {
    const char *name, *metrics;
    int64_t run_uj;
} marks[N_MARKS] = {
    {"epoch 1", "acc=0.5 loss=2", 10},
    {"step 15", "", 15},
    {"epoch 2", "acc=0.91 loss=0.4", 20},
    {"phase eval", "f1=0.8", 300},
    {"phase train", "", 600},
    {"step 20", "loss=0.3", 20},
    {"epoch 3", "acc=0.9 loss=nan", 40},
};

static struct jb_figure figure(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_figure){.is_known = true, .low = low, .best = best, .high = high};
}

static void fill_account(struct jb_account *account, const struct known *of,
                         struct jb_account_line *line, struct jb_account_epoch *epochs)
{
    static char notes[2][JB_NOTE] = {"everybody has this doubt", ""};
    static struct jb_factor factor = {"grid intensity", "300 g/kWh", "a source", "2026"};

    account->duration_ns = 1000;
    account->energy_uj = figure(of->low, of->best, of->high);
    if (of->cost >= 0)
        account->cost_micro = figure(of->cost, of->cost, of->cost);
    account->facility_uj = figure(of->best / 10, of->best / 5, of->best);
    account->is_facility_posted = of->exit_code == 0;
    account->n_notes = of == &known[1] ? 2 : 1;
    book_text(notes[1], JB_NOTE, "only one has this");
    account->notes = notes;
    account->n_factors = 1;
    account->factors = &factor;
    *line = (struct jb_account_line){
        .role = JB_ROLE_POST, .device = JB_DEVICE_GPU, .run_uj = account->energy_uj};
    account->n_lines = 1;
    account->lines = line;
    account->origin_uj[JB_ORIGIN_COUNTER] = of->best;
    for (int i = 0; i < N_MARKS; i++) {
        epochs[i] = (struct jb_account_epoch){.run_uj = marks[i].run_uj};
        book_text(epochs[i].name, sizeof epochs[i].name, marks[i].name);
        book_text(epochs[i].metrics, sizeof epochs[i].metrics, marks[i].metrics);
    }
    account->n_epochs = of == &known[1] ? N_MARKS : 0;
    account->epochs = epochs;
}

static void enter(struct jb_ledger *ledger, const struct known *of, int start_s)
{
    struct jb_account *const account = calloc(1, sizeof *account);
    struct jb_account_line line;
    struct jb_account_epoch epochs[N_MARKS];
    struct jb_error err = {0};
    struct jb_run run;
    char *json = NULL;

    book_run(&run, of->id, start_s);
    run.layer = of->layer;
    book_text(run.stage, sizeof run.stage, of->stage);
    book_text(run.project, sizeof run.project, of->project);
    book_text(run.model_version, sizeof run.model_version, of->version);
    book_text(run.currency, sizeof run.currency, of->currency);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
    if (of->status != JB_RUN_OPEN) {
        run.status = JB_RUN_DONE;
        run.exit_code = of->exit_code;
        run.end_mono_ns = run.start_mono_ns + 1000;
        account->run = run;
        fill_account(account, of, &line, epochs);
        book_must(jb_account_to_json(account, &json, &err), &err, "json");
        book_must(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), &err, "close");
    }
    if (of->status == JB_RUN_VOID)
        book_must(jb_ledger_void(ledger, of->id, "a test", &err), &err, "void");
    free(json);
    free(account);
}

static void test_whole(struct jb_ledger *ledger)
{
    const struct jb_inventory_scope scope = {.project = ""};
    struct jb_inventory inventory = {0};
    struct jb_error err = {0};

    book_must(jb_inventory_make(ledger, &scope, &inventory, &err), &err, "inventory");
    const struct jb_inventory_sum *const measured = &inventory.sums[JB_LAYER_MEASURED];
    const struct jb_inventory_sum *const parts = inventory.parts[JB_LAYER_MEASURED];
    ok(inventory.n_runs == 5 && inventory.n_open == 1 && inventory.n_void == 1,
       "R-INVENTORY-01: five runs, one open, one void");
    bool is_sorted = true;
    for (size_t i = 0; i < inventory.n_runs; i++)
        is_sorted = is_sorted && strcmp(inventory.runs[i].id, known[i].id) == 0;
    ok(is_sorted, "runs by their start, though the book gives the newest first");
    struct jb_ledger_opened *opened = NULL;
    book_must(jb_ledger_entry_opened(ledger, inventory.runs[2].account_seq - 1, &opened, &err),
              &err, "entry");
    ok(strcmp(opened->head.run_id, known[2].id) == 0 &&
           memcmp(&opened->leaf, &inventory.runs[2].leaf, sizeof opened->leaf) == 0,
       "each run names the entry that its account was entered with, and its leaf");
    jb_ledger_opened_free(opened);
    ok(measured->energy_uj.low == 1003 && measured->energy_uj.best == 1115 &&
           measured->energy_uj.high == 1429 && measured->n_runs == 4,
       "R-INVENTORY-03: low, best and high are each added up");
    ok(inventory.sums[JB_LAYER_RECONSTRUCTED].energy_uj.best == 9000,
       "the reconstructed layer by itself");
    ok(parts[JB_PART_DEVELOPMENT].energy_uj.best == 100 &&
           parts[JB_PART_TRAINING].energy_uj.best == 1000 &&
           parts[JB_PART_FAILED].energy_uj.best == 10 &&
           parts[JB_PART_EVALUATION].energy_uj.best == 5,
       "R-INVENTORY-02: a training that failed is failed, an evaluation that failed is one still");
    ok(measured->facility_uj.best == 20 + 200 && measured->n_without_facility == 2 &&
           measured->facility_default_uj.best == 2 + 1 && measured->n_facility_default == 2,
       "R-PUE-02: what a default PUE would add is apart from what was posted");
    ok(!measured->cost_micro.is_known && measured->n_without_cost == 4,
       "two currencies are not added");
    ok(measured->device_low_uj[JB_DEVICE_GPU] == 1003 &&
           measured->device_high_uj[JB_DEVICE_GPU] == 1429,
       "devices have the bands of their lines");
    ok(measured->device_uj[JB_DEVICE_GPU] == 1115 && measured->origin_uj[JB_ORIGIN_COUNTER] == 1115,
       "devices and origins sum to the whole");
    ok(inventory.n_factors == 1 && inventory.n_notes == 2 && inventory.notes[0].n_runs == 5 &&
           strcmp(inventory.notes[1].text, "only one has this") == 0,
       "factors and notes once, the most frequent first");
    jb_inventory_release(&inventory);
}

static void test_metrics(struct jb_ledger *ledger)
{
    const struct jb_inventory_scope scope = {.run_id = known[1].id};
    struct jb_inventory inventory = {0};
    struct jb_error err = {0};

    book_must(jb_inventory_make(ledger, &scope, &inventory, &err), &err, "inventory");
    const struct jb_inventory_run *const run = &inventory.runs[0];
    ok(inventory.n_runs == 1 && run->n_metrics == 3, "one run, three metrics");
    ok(strcmp(run->metrics[0].greatest.text, "0.91") == 0 &&
           strcmp(run->metrics[0].greatest.at, "epoch 2") == 0 &&
           run->metrics[0].greatest.until_uj == 30 && run->metrics[0].greatest.value == 910000000,
       "R-INVENTORY-04: the greatest accuracy, where, and 10 + 20 uJ until then, not the step's "
       "again");
    ok(strcmp(run->metrics[1].least.text, "0.3") == 0 &&
           strcmp(run->metrics[1].last.text, "0.3") == 0,
       "a loss that is no number is no value");
    ok(run->metrics[2].last.until_uj == 400 && run->metrics[1].last.until_uj == 420 &&
           run->metrics[0].last.until_uj == 440,
       "R-MARK-13: phases fill the time to the end of the run: from 100 to 400 and from there to "
       "1000");
    ok(inventory.sums[JB_LAYER_MEASURED].cost_micro.best == 70 &&
           strcmp(inventory.currency, "EUR") == 0,
       "a cost in one currency");
    jb_inventory_release(&inventory);
}

static void test_refused(struct jb_ledger *ledger)
{
    const struct jb_inventory_scope none = {.project = "nobody's"};
    const struct jb_inventory_scope only_void = {.project = "q"};
    const struct jb_inventory_scope version = {.project = "p", .model_version = "1"};
    struct jb_inventory inventory = {0};
    struct jb_error err = {0};

    ok(jb_inventory_make(ledger, &none, &inventory, &err) == JB_E_NOT_FOUND, "nothing selected");
    ok(jb_inventory_make(ledger, &only_void, &inventory, &err) == JB_E_NOT_FOUND &&
           strstr(err.message, "1 void"),
       "what was left out is told: %s", err.message);
    ok(jb_inventory_make(ledger, &version, &inventory, &err) == JB_OK && inventory.n_runs == 1,
       "by the version of a model");
    jb_inventory_release(&inventory);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    book_begin(ledger);
    for (int i = 0; i < N_RUNS; i++)
        enter(ledger, &known[i], 100 + 10 * i);
    book_commit(ledger);
    test_whole(ledger);
    test_metrics(ledger);
    test_refused(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
