/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of every group of a bill, and that rows and costs add up. R-BILL-10, R-BILL-13, R-BILL-17. */
#include "import_bill.h"

static struct bill_import *place(const struct jb_import_bill_order *order)
{
    struct bill_import *const import = calloc(1, sizeof *import);
    struct jb_error err = {0};

    if (!import)
        bail_out("no memory");
    import->order = order;
    book_must(bill_place_all(import, &err), &err, "place");
    book_must(bill_count_all(import, &err), &err, "count");
    return import;
}

static void drop(struct bill_import *import)
{
    bill_rates_release(&import->rates);
    free(import->places);
    jb_import_bill_release(&import->result);
    free(import);
}

static const char *fates(const struct bill_import *import, struct jb_buf *buf)
{
    static const char *const names[] = {"left", "energy", "mark-up"};

    jb_buf_clear(buf);
    for (size_t i = 0; i < import->n; i++) {
        const struct bill_place *const at = &import->places[i];
        jb_buf_addf(buf, "%s %s: %s%s\n", at->group->run, names[at->fate],
                    at->fate == BILL_FATE_LEFT ? bill_why(import, at) : at->group->instance,
                    at->has_run ? "" : " (no run)");
    }
    return jb_buf_text(buf);
}

static void fill(struct jb_buf *rows)
{
    bill_hours(rows, "a", "t2.micro", "2", "eu-west-1");
    bill_hours(rows, "a", "x99.large", "2", "eu-west-1");
    bill_hours(rows, "a", "t3.micro", "0", "eu-west-1");
    bill_hours(rows, "a", "t3.small", "-1", "eu-west-1");
    bill_row(rows, "a", "Usage", "Storage", "S3", "storage", "5", "GB", "eu-west-1");
    bill_row(rows, "a", "Tax", "Other", "VAT", "tax", "1", "Units", "eu-west-1");
    bill_row(rows, "b", "Usage", "Storage", "S3", "storage", "5", "GB", "eu-west-1");
    bill_row(rows, "b", "Usage", "Networking", "VPC", "network", "5", "GB", "eu-west-1");
}

int main(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf rows = JB_BUF(65536);
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);

    fill(&rows);
    JB_AUTO(jb_bill_free_auto) struct jb_bill *bill = bill_of_rows(&rows);
    struct jb_import_bill_order order = bill_order(bill);
    struct bill_import *import = place(&order);
    is_str(fates(import, &text),
           "a energy: t2.micro\n"
           "a left: time that sums to zero\n"
           "a left: time that sums to less than zero\n"
           "a left: instance type 'x99.large' of AWS is not in the catalogue\n"
           "a left: storage\n"
           "a left: tax\n"
           "b left: storage (no run)\n"
           "b left: network (no run)\n",
           "each has a fate");
    is_i64(import->result.n_rows, 8, "eight rows");
    is_i64(import->result.n_rows_entered, 1, "one has energy");
    is_i64(import->result.n_rows_left, 7, "seven have a reason");
    is_i64(import->result.costs.list[0].billed_micro, 10000000, "8 x 1.25");
    is_i64(import->result.costs_left.list[0].billed_micro, 8750000, "of which 7 are left");
    is_i64((int64_t)import->result.n_left, 6, "for six reasons");
    is_str(import->result.left[0].reason, "service without a stated mark-up: storage",
           "the dearest first");
    is_i64(import->result.left[0].n_rows, 2, "with its rows");
    drop(import);

    order.n_markups = 2;
    order.markups[0] = (struct jb_bill_markup){.service = ""};
    order.markups[1] = (struct jb_bill_markup){.service = "STORAGE"};
    import = place(&order);
    ok(strstr(fates(import, &text), "a mark-up: \n") != NULL,
       "storage beside a machine is marked up");
    for (size_t i = 0; i < import->n; i++)
        if (import->places[i].fate == BILL_FATE_MARKUP)
            is_i64((int64_t)import->places[i].markup, 1, "by the one that names it");
    ok(strstr(jb_buf_text(&text), "b left: service of a run without machines") != NULL,
       "beside none it is not");
    is_i64(import->result.n_rows_entered + import->result.n_rows_left, 8, "rows add up again");
    drop(import);
    return done_testing();
}
