/* SPDX-License-Identifier: Apache-2.0 */
/* Random papers in random order, twice: the book is the same, balances, and holds what they told (R-REBUILT-01 to -04). */
#include "rebuilt.h"

#include "pipeline/reconstruct_int.h"

#define N_PAPERS 60

static uint64_t state = 20261123;

static int64_t upto(int64_t max)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((state >> 16) % (uint64_t)(max + 1));
}

static struct jb_rebuilt *random_paper(void)
{
    static const enum jb_origin origins[] = {JB_ORIGIN_RATED, JB_ORIGIN_MODELLED, JB_ORIGIN_BILLED,
                                             JB_ORIGIN_STATED};
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    const int64_t n_lines = 1 + upto(5);

    rebuilt->n_lines = 0;
    rebuilt->run.start_utc_us = upto(INT64_C(1700000000000000)) + 1;
    rebuilt->run.end_utc_us = rebuilt->run.start_utc_us + upto(5000 * REBUILT_H_US);
    rebuilt->is_pue_included = upto(1) == 1;
    rebuilt->run.pue_milli = upto(3) > 0 || rebuilt->is_pue_included ? 1000 + upto(1500) : -1;
    for (int64_t i = 0; i < n_lines; i++) {
        const int64_t best = upto(3) == 0 ? upto(9) : upto(INT64_C(1000000000000));
        char channel[32];
        (void)snprintf(channel, sizeof channel, "tests/%lld", (long long)i);
        rebuilt_line(rebuilt, channel, origins[upto(3)],
                     rebuilt_figure(upto(best), best, best + upto(best + 5)));
    }
    return rebuilt;
}

static int64_t sum_of(const struct jb_rebuilt *rebuilt)
{
    int64_t sum_uj = 0;

    for (size_t i = 0; i < rebuilt->n_lines; i++)
        sum_uj += rebuilt->lines[i].energy_uj.best;
    return sum_uj;
}

static void enter_in_some_order(struct jb_ledger *ledger, struct jb_rebuilt *const papers[],
                                int64_t *ret_it_uj)
{
    int order[N_PAPERS];
    int64_t n_lost = 0;

    *ret_it_uj = 0;
    for (int i = 0; i < N_PAPERS; i++)
        order[i] = i;
    for (int i = N_PAPERS - 1; i > 0; i--) {
        const int64_t k = upto(i);
        const int kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
    for (int i = 0; i < N_PAPERS; i++) {
        const struct jb_rebuilt *const rebuilt = papers[order[i]];
        char key[32];
        (void)snprintf(key, sizeof key, "paper %d", order[i]);
        const struct jb_reconstructed told = rebuilt_enter(ledger, key, rebuilt);
        *ret_it_uj += told.energy_uj.best;
        n_lost += rebuilt->is_pue_included
                      ? told.energy_uj.best + told.facility_uj.best != sum_of(rebuilt)
                      : told.energy_uj.best != sum_of(rebuilt);
        n_lost +=
            told.energy_uj.low > told.energy_uj.best || told.energy_uj.high < told.energy_uj.best;
    }
    is_i64(n_lost, 0, "each run has what its paper told, to the microjoule, inside its band");
}

static void test_pue(void)
{
    int64_t n_wrong = 0;

    for (int i = 0; i < 20000; i++) {
        const int64_t best = upto(INT64_C(9000000000000000000));
        const struct jb_figure told =
            rebuilt_figure(upto(best), best, best + upto(INT64_MAX - best));
        const int64_t pue_milli = 1000 + upto(4000);
        struct jb_figure it = told;
        int64_t facility_uj = -1;
        n_wrong += reconstruct__take_out_pue(&told, pue_milli, &it, &facility_uj) != JB_OK ||
                   it.best + facility_uj != best || facility_uj < 0 || it.low > it.best ||
                   it.best > it.high;
    }
    is_i64(n_wrong, 0,
           "20,000 figures and PUEs: IT and facility sum to what was told (R-REBUILT-04)");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_rebuilt *papers[N_PAPERS];
    int64_t first_uj = 0;
    int64_t again_uj = 0;

    test_pue();
    for (int i = 0; i < N_PAPERS; i++)
        papers[i] = random_paper();
    enter_in_some_order(ledger, papers, &first_uj);
    const int64_t n_entries = rebuilt_n_entries(ledger);
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), first_uj,
           "the layer holds the sum of the runs");
    ok(rebuilt_is_balanced(ledger), "and balances");
    enter_in_some_order(ledger, papers, &again_uj);
    is_i64(rebuilt_n_entries(ledger), n_entries, "all of it again, in another order, adds nothing");
    is_i64(again_uj, first_uj, "and is told as it is");
    for (int i = 0; i < N_PAPERS; i += 3)
        papers[i]->lines[0].energy_uj.best = papers[i]->lines[0].energy_uj.high;
    enter_in_some_order(ledger, papers, &again_uj);
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), again_uj,
           "of papers that changed only the newest counts");
    is_i64(rebuilt_sum(ledger, JB_LAYER_MEASURED, "run"), 0, "no other layer has any of it");
    ok(rebuilt_is_balanced(ledger), "and the book balances");
    for (int i = 0; i < N_PAPERS; i++)
        free(papers[i]);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
