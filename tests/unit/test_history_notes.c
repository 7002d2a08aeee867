/* SPDX-License-Identifier: Apache-2.0 */
/* What a history leaves open stands in the account. R-PROM-10. */
#include "history.h"

static bool has_note(const struct jb_account *account, const char *part)
{
    for (size_t i = 0; i < account->n_notes; i++)
        if (strstr(account->notes[i], part))
            return true;
    return false;
}

int main(void)
{
    static struct answer answer;
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_history_result result;
    struct jb_error err;

    answer_begin(&answer);
    answer_series(&answer, "kepler_node_cpu_joules_total", "\"zone\":\"package\"");
    answer_ramp(&answer, 0, 5000, 6, 0, 1000);
    answer_series(&answer, "node_rapl_package_joules_total", "\"index\":\"0\"");
    answer_ramp(&answer, 0, 5000, 3, 5000, 1000);
    answer_ramp(&answer, 15000, 5000, 3, 0, 1000);
    answer_series(&answer, "node_rapl_dram_joules_total", "\"index\":\"0\"");
    answer_at(&answer, 0, "5");
    answer_series(&answer, "up", "");
    answer_end(&answer);
    book_must(history_import(ledger, &folder, &answer, NULL, NULL, &result, &err), &err, "import");
    ok(has_note(&result.account, "who else was on node 'node1'"), "whose it was is not known");
    ok(has_note(&result.account, "steps of query_range"), "the times are those of a grid");
    ok(has_note(&result.account, "'up'"), "what no preset knows is named");
    ok(has_note(&result.account, "'rapl/dram-0'"), "as is a meter without two readings");
    ok(has_note(&result.account, "rapl/package-0: the counter went back 1 time"), "and a reset");
    ok(has_note(&result.account, "J, compared and not added: what it contains is read otherwise"),
       "and what is only compared");
    jb_history_result_release(&result);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
