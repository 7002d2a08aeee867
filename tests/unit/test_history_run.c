/* SPDX-License-Identifier: Apache-2.0 */
/* A history to one measured run: exact energies, each joule once, all or nothing. R-PROM-02, -07 to -09. */
#include "history.h"

static struct answer answer;
static struct jb_error err;

static void add_node(void)
{
    answer_begin(&answer);
    answer_series(&answer, "ipmi_dcmi_power_consumption_watts", "");
    answer_ramp(&answer, 500, 10000, 61, INT64_C(500000000), 0);
    answer_series(&answer, "node_rapl_package_joules_total", "\"index\":\"0\"");
    answer_ramp(&answer, 100, 10000, 61, INT64_C(1000000000), INT64_C(1000250001));
    answer_series(&answer, "kepler_node_cpu_joules_total", "\"zone\":\"package\"");
    answer_ramp(&answer, 200, 10000, 61, 7, INT64_C(1001000000));
}

static int64_t n_entries(struct jb_ledger *ledger)
{
    static struct jb_balance balance;

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    return balance.n_entries;
}

static void test_node(struct jb_ledger *ledger, const struct book_folder *folder)
{
    struct jb_history_result result;

    add_node();
    answer_end(&answer);
    book_must(history_import(ledger, folder, &answer, NULL, NULL, &result, &err), &err, "import");
    is_i64(history_told(&result, "rapl/package-0")->energy_uj, INT64_C(60) * 1000250001,
           "a counter gives last minus first, to the microjoule");
    is_i64(history_told(&result, "node/dcmi")->energy_uj, INT64_C(500) * 600 * 1000000,
           "a constant power its product with the time");
    ok(history_told(&result, "node/dcmi")->channel.role == JB_ROLE_PARENT &&
           history_told(&result, "rapl/package")->channel.role == JB_ROLE_CHECK,
       "roles are settled as those of sensors");
    is_i64(result.account.energy_uj.best, INT64_C(60) * 1000250001, "the run has the part");
    is_str(result.account.run.host, "node1", "on its node");
    jb_history_result_release(&result);

    const int64_t n = n_entries(ledger);
    ok(history_import(ledger, folder, &answer, NULL, NULL, &result, &err) == JB_E_CONFLICT &&
           strstr(err.message, "in the book already as run"),
       "the same samples are entered once (R-PROM-09)");
    is_i64(n_entries(ledger), n, "and the book is as it was");
}

static jb_rc run_ramp(struct jb_ledger *ledger, const struct book_folder *folder,
                      const char *metric, const char *labels, int64_t from_ms)
{
    struct jb_history_result result;
    jb_rc rc;

    answer_begin(&answer);
    answer_series(&answer, metric, labels);
    answer_ramp(&answer, from_ms, 10000, 10, 5, 1000);
    answer_end(&answer);
    rc = history_import(ledger, folder, &answer, NULL, NULL, &result, &err);
    jb_history_result_release(&result);
    return rc;
}

static void test_overlap(struct jb_ledger *ledger, const struct book_folder *folder)
{
    static const char gpu[] = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";
    const char *const on_2 = "\"UUID\":\"GPU-1\",\"instance\":\"node2:1\"";
    const char *const other_on_2 = "\"UUID\":\"GPU-2\",\"instance\":\"node2:1\"";

    is_i64(run_ramp(ledger, folder, gpu, "\"UUID\":\"GPU-1\"", 300000), JB_E_CONFLICT,
           "what lies in the node's meter is not entered beside it (R-PROM-09)");
    is_i64(run_ramp(ledger, folder, gpu, "\"UUID\":\"GPU-1\"", 601000), JB_OK,
           "after it there is room");
    is_i64(run_ramp(ledger, folder, gpu, on_2, 300000), JB_OK, "as there is on another node");
    is_i64(run_ramp(ledger, folder, gpu, on_2, 350001), JB_E_CONFLICT,
           "nor is a part of one meter's time");
    is_i64(run_ramp(ledger, folder, gpu, other_on_2, 300000), JB_OK, "two boards are two runs");
    is_i64(run_ramp(ledger, folder, "node_rapl_package_joules_total",
                    "\"index\":\"0\",\"instance\":\"node2:1\"", 300000),
           JB_OK, "so is a processor beside them");
    is_i64(run_ramp(ledger, folder, "kepler_node_cpu_joules_total",
                    "\"zone\":\"package\",\"instance\":\"node2:1\"", 300001),
           JB_E_CONFLICT, "but not the figure for all processors");
}

static void test_names(struct jb_ledger *ledger, const struct book_folder *folder)
{
    struct jb_history_result result;

    answer_begin(&answer);
    answer_series(&answer, "ipmi_dcmi_power_consumption_watts", "\"instance\":\"bmc 7:9290\"");
    answer_ramp(&answer, 0, 5000, 3, 1, 1);
    answer_end(&answer);
    book_must(history_import(ledger, folder, &answer, NULL, NULL, &result, &err), &err, "import");
    is_str(result.host, "bmc_7", "a name becomes one that an account may have");
    jb_history_result_release(&result);
    book_must(history_import(ledger, folder, &answer, "node7", NULL, &result, &err), &err,
              "import");
    is_str(result.host, "node7", "or is what the user says");
    jb_history_result_release(&result);
    answer.len = 1;
    ok(history_import(ledger, folder, &answer, NULL, NULL, &result, &err) == JB_E_INPUT &&
           strstr(err.message, "answer.json', line 1"),
       "what is no answer is refused with its file");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    test_node(ledger, &folder);
    test_overlap(ledger, &folder);
    test_names(ledger, &folder);
    ok(history_is_balanced(ledger), "the book balances");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
