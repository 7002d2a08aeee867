/* SPDX-License-Identifier: Apache-2.0 */
/* Bills in the book: once, superseded, several papers, all or nothing. R-BILL-15 to -17. */
#include "import_bill.h"

static struct jb_import_bill_result result;
static char last_run[JB_RUN_ID];

static jb_rc see(void *arg, const struct jb_bill_entered *run, struct jb_error *err)
{
    (void)arg;
    (void)err;
    book_text(last_run, sizeof last_run, run->entered->run_id);
    return JB_OK;
}

static jb_rc enter(struct jb_ledger *ledger, const char *hours, const char *region)
{
    JB_AUTO(jb_buf_release) struct jb_buf rows = JB_BUF(65536);
    struct jb_error err = {0};

    bill_hours(&rows, "a", "t2.micro", hours, region);
    bill_hours(&rows, "a", "x99.large", "1", region);
    JB_AUTO(jb_bill_free_auto) struct jb_bill *bill = bill_of_rows(&rows);
    struct jb_import_bill_order order = bill_order(bill);
    order.fn = see;
    jb_import_bill_release(&result);
    const jb_rc rc = jb_import_bill(ledger, &order, &result, &err);
    if (rc < 0)
        diag("%s", err.message);
    return rc;
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    char first[JB_RUN_ID];

    ok(enter(NULL, "10", "eu-west-1") == JB_OK, "without a book");
    is_i64(result.n_runs, 1, "all is worked out");
    ok(off_ppm(result.energy_uj.best, WH_UJ * 4699440 / 100000) < 10, "10 h of 4.69944 W");
    ok(enter(ledger, "10", "eu-west-1") == JB_OK, "a bill");
    is_i64(result.n_new, 1, "is new");
    ok(off_ppm(result.energy_uj.best, WH_UJ * 4699440 / 100000) < 10, "with the same energy");
    is_i64(result.n_rows_left, 1, "and one row without");
    book_text(first, sizeof first, last_run);
    ok(enter(ledger, "10", "eu-west-1") == JB_OK, "the same again");
    is_i64(result.n_same, 1, "is the same");
    is_str(last_run, first, "with the run of before");
    ok(enter(ledger, "20", "eu-west-1") == JB_OK, "a newer one");
    is_i64(result.n_superseded, 1, "takes its place");
    ok(off_ppm(result.energy_uj.best, 2 * WH_UJ * 4699440 / 100000) < 10, "with twice the energy");
    ok(strcmp(last_run, first) != 0, "as another run");
    ok(enter(ledger, "3000000", "eu-west-1") == JB_E_RANGE,
       "more machine hours than 64 bits of nanoseconds hold are refused");
    ok(enter(ledger, "20", "eu-west-1") == JB_OK, "after which the book is as it was");
    is_i64(result.n_same, 1, "with the same bill");
    jb_import_bill_release(&result);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
