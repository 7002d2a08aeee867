/* SPDX-License-Identifier: Apache-2.0 */
/* Files to one run: names, what the book has already, all or nothing. R-IMPORT-02, R-IMPORT-06, R-IMPORT-08. */
#include "import_log.h"
#include "pipeline/import_run.h"

static const int64_t first[] = {0, 5, 2, 100, 4, 200};
static const int64_t second[] = {1, 7, 2, 50};

static struct jb_run facts;

static jb_rc run_import(struct jb_ledger *ledger, char *const *paths, size_t n,
                        const char *const *names, struct jb_import_result *ret,
                        struct jb_error *err)
{
    const struct jb_import_order order = {
        .format = &jb_import_csv_power,
        .paths = paths,
        .n_paths = n,
        .names = names,
        .scope = JB_SCOPE_NODE,
        .accuracy_ppm = -1,
        .facts = &facts,
        .clock = &jb_clock_system,
    };

    *ret = (struct jb_import_result){0};
    return jb_import_run(ledger, &order, ret, err);
}

static int64_t n_entries(struct jb_ledger *ledger)
{
    struct jb_hash root;
    struct jb_error err = {0};
    int64_t size = 0;

    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    return size;
}

static void test_nodes(struct jb_ledger *ledger, char *const *paths)
{
    struct jb_import_result result;
    struct jb_error err = {0};

    book_must(run_import(ledger, paths, 2, NULL, &result, &err), &err, "import");
    const struct jb_account *const account = &result.account;
    ok(account->energy_uj.best == 650 * LOG_J && account->n_lines == 2 &&
           account->method == JB_METHOD_C1,
       "two nodes are one run: 200 + 400 + 50 J, all the run's");
    ok(account->duration_ns == 4 * LOG_S && account->run.start_utc_us == LOG_UTC_MS * 1000,
       "from the first begin to the last end");
    is_str(account->run.model, "tiny", "with the facts that were stated");
    is_str(result.nodes[0].label, "node_3", "a node is named after the end of its file's name");
    ok(strncmp(result.nodes[0].host, "node_3-", 7) == 0 && strlen(result.nodes[0].host) == 15,
       "its host also after the bytes: %s (R-IMPORT-02)", result.nodes[0].host);
    ok(strlen(result.nodes[0].boot_id) == 36 && result.nodes[0].boot_id[14] == '8' &&
           strcmp(result.nodes[0].boot_id, result.nodes[1].boot_id) != 0,
       "and each has a boot of its own");
    /* 5 %, and 2 s x 150 W (1 s x 50 W) at either end: linear, then in quadrature. */
    ok(account->energy_uj.low < 650 * LOG_J - 32 * LOG_J, "5 %% is assumed (R-IMPORT-06)");
    jb_import_result_release(&result);
}

static void test_once(struct jb_ledger *ledger, char *const *paths)
{
    static const char *const names[] = {"a", "b"};
    struct jb_import_result result;
    struct jb_error err = {0};
    const int64_t before = n_entries(ledger);

    is_i64(run_import(ledger, paths, 1, NULL, &result, &err), JB_E_CONFLICT,
           "what is in the book is refused (R-IMPORT-08)");
    ok(strstr(err.message, "node_3.csv' is in the book already as run 01"), "%s", err.message);
    is_i64(run_import(ledger, paths, 2, names, &result, &err), JB_E_CONFLICT,
           "under other names too");
    is_i64(n_entries(ledger), before, "and nothing was entered");
}

static void test_all_or_nothing(struct jb_ledger *ledger, const struct book_folder *folder)
{
    struct log_path good = log_csv(folder, "good.csv", "watts", second, 2);
    struct log_path twin = log_csv(folder, "twin.csv", "watts", second, 2);
    struct log_path bad = log_text(folder, "bad.csv", "unix_s,watts\n1715338800,x\n");
    struct log_path alone = log_text(folder, "one.csv", "unix_s,watts\n1715338800,5\n");
    char *paths[] = {good.text, bad.text};
    static const char *const names[] = {"a", "a"};
    struct jb_import_result result;
    struct jb_error err = {0};
    const int64_t before = n_entries(ledger);

    is_i64(run_import(ledger, paths, 2, NULL, &result, &err), JB_E_INPUT,
           "one wrong file refuses all: %s", err.message);
    paths[1] = twin.text;
    is_i64(run_import(ledger, paths, 2, names, &result, &err), JB_E_INPUT,
           "two nodes of one name are refused: %s", err.message);
    paths[0] = alone.text;
    is_i64(run_import(ledger, paths, 1, NULL, &result, &err), JB_E_INPUT,
           "one reading is no energy: %s", err.message);
    is_i64(n_entries(ledger), before, "nothing of it is in the book");

    paths[0] = good.text;
    book_must(run_import(ledger, paths, 2, NULL, &result, &err), &err, "twins");
    ok(result.nodes[1].same_as == 1 && result.account.energy_uj.best > 0,
       "two logs of the same bytes both count, and it is known");
    jb_import_result_release(&result);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct log_path a = log_csv(&folder, "8x--case--node_3.csv", "mean_watts", first, 3);
    struct log_path b = log_csv(&folder, "8x--case--node 4.csv", "mean_watts", second, 2);
    char *const paths[] = {a.text, b.text};
    struct jb_balance balance;
    struct jb_error err = {0};

    facts = (struct jb_run){
        .model = "tiny", .pue_milli = -1, .market_mgco2e_per_kwh = -1, .tariff_micro_per_kwh = -1};
    test_nodes(ledger, paths);
    test_once(ledger, paths);
    test_all_or_nothing(ledger, &folder);
    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    ok(balance.is_balanced, "the book balances");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
