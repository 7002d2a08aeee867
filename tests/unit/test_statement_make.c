/* SPDX-License-Identifier: Apache-2.0 */
/* The scripted books of tests/statement_book.h to statements, every joule by hand. R-STATEMENT-01 to -06, -08. */
#include "statement_book.h"

#include "pipeline/statement.h"
#include "statement/document.h"

static struct jb_statement statement;

static jb_rc make(struct jb_ledger *ledger, const char *customer, const char *by, int64_t until_h,
                  enum jb_idle_rule rule, int64_t pue_milli, struct jb_error *err)
{
    const struct jb_statement_order order = {
        .provider = "dc1",
        .customer = customer,
        .by = by,
        .since_utc_us = ST_T0,
        .until_utc_us = ST_T0 + until_h * ST_H_US,
        .idle_rule = rule,
        .pue_milli = pue_milli,
        .clock = &jb_clock_system,
    };

    return jb_statement_make(ledger, &order, &statement, err);
}

static void must_make(struct jb_ledger *ledger, const char *customer, const char *by,
                      enum jb_idle_rule rule, int64_t pue_milli)
{
    struct jb_error err = {0};

    book_must(make(ledger, customer, by, 2, rule, pue_milli, &err), &err, "make");
    book_must(jb_statement_check(&statement, &err), &err, "check");
}

static void is_band(const struct jb_figure *figure, int64_t low_j, int64_t best_j, int64_t high_j,
                    const char *name)
{
    if (!ok(figure->is_known && figure->low == low_j * ST_J && figure->best == best_j * ST_J &&
                figure->high == high_j * ST_J,
            "%s", name))
        diag("%lld .. %lld .. %lld", (long long)figure->low, (long long)figure->best,
             (long long)figure->high);
}

static void test_acme(struct jb_ledger *ledger)
{
    const struct jb_statement_item *const total = &statement.total;

    must_make(ledger, "acme", "job", JB_IDLE_RESERVED, 1200);
    is_i64((int64_t)statement.n_items, 2, "two jobs of the customer were charged in the period");
    is_str(statement.items[0].name, "41", "one by the scheduler's number");
    is_str(statement.items[1].name, "42", "one by its tag");
    is_i64(statement.items[0].energy.work_uj.best, 400 * ST_J, "each has its own work");
    is_str(statement.items[1].hosts, "node-b\n", "and its host");
    is_str(statement.items[1].hardware, "NVIDIA A100 80GB", "and board");
    is_i64(statement.items[1].board_ns, JB_NS_PER_HOUR, "for so long");
    is_i64(total->duration_ns, 3 * JB_NS_PER_HOUR, "hours are those within the period");
    is_i64(total->n_runs, 2, "the run after it and the void one are in none");
    /* A: 300 less 20 of share and 4 of edges, 100; D: 1500 less 1 %. */
    is_band(&total->energy.work_uj, 276 + 100 + 1485, 1900, 334 + 100 + 1515,
            "work has shares, edges of the outermost postings and devices in its band");
    /* A's idle 150 may be 30 less or 20 more, as its work; D's 500 has the device's 1 %. */
    is_band(&total->energy.idle_uj, 120 + 200 + 495, 850, 170 + 200 + 505,
            "idle is what it kept reserved, and its doubt that of the work turned round");
    is_band(&total->energy.platform_uj, 180, 180, 180, "platform is its part of the view 'all'");
    is_i64(total->energy.facility_uj.best, 586 * ST_J, "facility is a fifth of all three");
    is_i64(total->device_uj[JB_DEVICE_GPU], 1500 * ST_J, "work by device");
    is_i64(total->origin_uj[JB_ORIGIN_COUNTER], 1900 * ST_J, "and by origin");
    is_i64(total->method, JB_METHOD_C2, "somebody else had a part: C-2");
    jb_statement_release(&statement);
}

static void test_closes(struct jb_ledger *ledger)
{
    const struct jb_statement_book *const book = &statement.book;

    must_make(ledger, "acme", "job", JB_IDLE_RESERVED, 1200);
    is_i64(book->metered_uj, 4990 * ST_J, "the book's meters gave 4990 J (R-STATEMENT-04)");
    is_i64(book->items_uj, 2930 * ST_J, "of which the customer has 2930");
    is_i64(book->tenants_uj, (370 + 400 + 500) * ST_J, "others 1270");
    is_i64(book->nobody_uj, 800 * ST_J, "nobody 800");
    is_i64(book->discrepancy_uj, -10 * ST_J, "and meters disagree by -10");
    is_i64(book->facility_uj, 1000 * ST_J, "the building a fifth of 5000, not of the discrepancy");
    is_i64(book->facility_tenants_uj, 254 * ST_J, "of it the others'");
    is_i64(book->facility_nobody_uj, 160 * ST_J, "and nobody's");
    jb_statement_release(&statement);
}

/* What each customer is told is what the statement of everybody says of it, and they sum to the book. */
static void test_all_customers(struct jb_ledger *ledger, enum jb_idle_rule rule)
{
    static const char *const names[] = {"acme", "bolt", "core"};
    int64_t sums_uj[3] = {0};
    int64_t facility_uj = 0;

    must_make(ledger, NULL, "tag:customer", rule, 1333);
    struct jb_statement all = statement;
    is_i64((int64_t)all.n_items, 3, "three customers");
    for (size_t i = 0; i < 3; i++) {
        must_make(ledger, names[i], "whole", rule, 1333);
        const struct jb_statement_energy *const alone = &statement.total.energy;
        const struct jb_statement_energy *const among = &all.items[i].energy;
        is_str(all.items[i].name, names[i], "by name");
        ok(alone->work_uj.best == among->work_uj.best &&
               alone->idle_uj.best == among->idle_uj.best &&
               alone->platform_uj.best == among->platform_uj.best &&
               alone->facility_uj.best == among->facility_uj.best,
           "alone as among all (R-STATEMENT-05)");
        sums_uj[0] += alone->work_uj.best;
        sums_uj[1] += alone->idle_uj.best;
        sums_uj[2] += alone->platform_uj.best;
        facility_uj += alone->facility_uj.best;
        jb_statement_release(&statement);
    }
    is_i64(sums_uj[0], 2100 * ST_J, "work of all");
    is_i64(sums_uj[1], (rule == JB_IDLE_RESERVED ? 1300 : 1500) * ST_J, "idle that somebody bears");
    is_i64(sums_uj[2], 300 * ST_J, "platform");
    is_i64(sums_uj[0] + sums_uj[1] + sums_uj[2] + 500 * ST_J + all.book.nobody_uj - 10 * ST_J,
           4990 * ST_J, "with others, nobody and the discrepancy the book, to the microjoule");
    is_i64(facility_uj + all.book.facility_tenants_uj + all.book.facility_nobody_uj, 1665 * ST_J,
           "and the facility a third less a thousandth of 5000 J");
    jb_statement_release(&all);
}

static void test_view_all(struct jb_ledger *ledger)
{
    must_make(ledger, "acme", "whole", JB_IDLE_ALL, -1);
    /* 400 x 600/1000, 600 x 700/700, 500 */
    is_i64(statement.total.energy.idle_uj.best, (240 + 600 + 500) * ST_J,
           "by the view 'all' idle goes to those that were there (R-STATEMENT-02)");
    is_i64(statement.book.nobody_uj, 600 * ST_J, "and that of the void run to nobody");
    ok(!statement.total.energy.facility_uj.is_known, "without a PUE the facility is not known");
    ok(statement.n_notes > 0, "which a note says");
    jb_statement_release(&statement);
}

static void test_refused(struct jb_ledger *ledger)
{
    struct jb_error err = {0};
    struct jb_statement_order order = {.provider = "dc1",
                                       .by = "job",
                                       .since_utc_us = ST_T0 + ST_H_US / 2,
                                       .until_utc_us = ST_T0 + 2 * ST_H_US,
                                       .pue_milli = -1,
                                       .clock = &jb_clock_system};

    is_i64(jb_statement_make(ledger, &order, &statement, &err), JB_E_USAGE,
           "a period that does not begin at an hour is refused (R-STATEMENT-01)");
    is_i64(make(ledger, "nobody", "job", 2, JB_IDLE_RESERVED, -1, &err), JB_E_NOT_FOUND,
           "a customer without runs has no statement");
    struct jb_interval across = st_interval("node-c", "rapl/package-0", 1, 10);
    static const struct st_share none[] = {ST_SHARE('3', 10, 10, 10)};
    across.utc_end_us += ST_H_US / 2;
    across.mono_end_ns += JB_NS_PER_HOUR / 2;
    book_begin(ledger);
    st_post(ledger, &across, none, 1, 0, 0, 0);
    is_i64(make(ledger, "acme", "job", 2, JB_IDLE_RESERVED, -1, &err), JB_E_INPUT,
           "a posting that the period would cut through is told");
    ok(strstr(err.message, "node-c/rapl/package-0") != NULL, "by name");
    jb_ledger_rollback(ledger);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    book_begin(ledger);
    st_fill_provider(ledger);
    book_commit(ledger);
    test_acme(ledger);
    test_closes(ledger);
    test_all_customers(ledger, JB_IDLE_RESERVED);
    test_all_customers(ledger, JB_IDLE_ALL);
    test_view_all(ledger);
    test_refused(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
