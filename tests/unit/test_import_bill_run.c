/* SPDX-License-Identifier: Apache-2.0 */
/* Groups to a run: its lines, the least of them put together, mark-ups, times and names. R-BILL-09, R-BILL-13, R-BILL-14. */
#include "import_bill.h"

#define RUNS_MAX 8

static struct {
    size_t n;
    struct jb_rebuilt runs[RUNS_MAX];
    struct jb_bill_entered told[RUNS_MAX];
} made;

static jb_rc keep(void *arg, const struct jb_bill_entered *run, struct jb_error *err)
{
    (void)arg;
    (void)err;
    if (made.n < RUNS_MAX) {
        made.runs[made.n] = *run->rebuilt;
        made.told[made.n] = *run;
    }
    made.n++;
    return JB_OK;
}

static void make(const struct jb_buf *rows, const struct jb_import_bill_order *wanted)
{
    JB_AUTO(jb_bill_free_auto) struct jb_bill *bill = bill_of_rows(rows);
    JB_AUTO(jb_import_bill_release) struct jb_import_bill_result result = {.n_rows = 0};
    struct jb_import_bill_order order = *wanted;
    struct jb_error err = {0};

    made.n = 0;
    order.bill = bill;
    order.fn = keep;
    book_must(jb_import_bill(NULL, &order, &result, &err), &err, "import");
    is_i64(result.n_rows, result.n_rows_entered + result.n_rows_left, "rows add up");
}

static const struct jb_rebuilt_line *line_of(const struct jb_rebuilt *rebuilt, const char *part)
{
    for (size_t i = 0; i < rebuilt->n_lines; i++)
        if (strstr(rebuilt->lines[i].channel, part))
            return &rebuilt->lines[i];
    return NULL;
}

static void test_lines(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf rows = JB_BUF(65536);
    const struct jb_import_bill_order order = bill_order(NULL);

    bill_hours(&rows, "a", "p3.2xlarge", "2", "eu-west-1");
    bill_hours(&rows, "a", "t2.micro", "10", "eu-west-1");
    bill_hours(&rows, "a", "t2.micro", "3", "us-east-1");
    make(&rows, &order);
    is_i64((int64_t)made.n, 2, "a run for each region");
    const struct jb_rebuilt *const run = &made.runs[0];
    is_i64((int64_t)run->n_lines, 3, "boards, what is around them, and a machine without");
    const struct jb_rebuilt_line *line = line_of(run, "p3.2xlarge boards");
    if (!line)
        bail_out("no boards");
    ok(line->device == JB_DEVICE_GPU && line->origin == JB_ORIGIN_BILLED, "boards are billed");
    is_i64(line->device_ns, 2 * HOUR_US * 1000, "for two hours");
    ok(off_ppm(line->energy_uj.best, WH_UJ * 4434 / 10) < 10, "300 W x 0.739 x 2 h = 443.4 Wh");
    line = line_of(run, "t2.micro");
    ok(line && off_ppm(line->energy_uj.best, WH_UJ * 4699440 / 100000) < 10, "10 h of 4.69944 W");
    ok(line && strncmp(line->basis, "10 h billed x watts by the catalogue: 1 threads of", 49) == 0,
       "and how: %s", line ? line->basis : "");
    is_i64(run->run.machine_ns, 12 * HOUR_US * 1000, "twelve hours of machines");
    ok(!run->is_machine_time_unknown, "which are known");
    is_i64(run->run.start_utc_us, INT64_C(1790812800000000), "from the first begin");
    is_i64(run->run.end_utc_us - run->run.start_utc_us, HOUR_US, "to the last end");
    is_str(run->run.project, "a", "the rule's value is the project");
    is_str(run->run.tags[0], "account=a", "and a tag");
    is_str(run->run.tags[1], "region=eu-west-1", "as the region is");
    is_i64(made.told[0].n_rows, 2, "two rows are in it");
}

/* More types than a run has lines: their sum is that of all, to the microjoule. */
static void test_many(void)
{
    static const char *const types[] = {
        "c5.large",   "c5.xlarge",  "c5.2xlarge",  "c5.4xlarge", "c5.9xlarge", "c5.12xlarge",
        "m5.large",   "m5.xlarge",  "m5.2xlarge",  "m5.4xlarge", "m5.8xlarge", "m5.12xlarge",
        "r5.large",   "r5.xlarge",  "r5.2xlarge",  "r5.4xlarge", "r5.8xlarge", "r5.12xlarge",
        "t3.micro",   "t3.small",   "t3.medium",   "t3.large",   "t2.micro",   "t2.small",
        "p3.2xlarge", "p3.8xlarge", "g4dn.xlarge", "g5.xlarge",  "p2.xlarge",  "g3.4xlarge",
    };
    const struct jb_import_bill_order order = bill_order(NULL);
    JB_AUTO(jb_buf_release) struct jb_buf all = JB_BUF(65536);
    int64_t apart_uj = 0;
    int64_t together_uj = 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(types); i++) {
        JB_AUTO(jb_buf_release) struct jb_buf one = JB_BUF(65536);
        bill_hours(&all, "a", types[i], "1", "eu-west-1");
        bill_hours(&one, "a", types[i], "1", "eu-west-1");
        make(&one, &order);
        for (size_t k = 0; k < made.runs[0].n_lines; k++)
            apart_uj += made.runs[0].lines[k].energy_uj.best;
    }
    make(&all, &order);
    ok(made.runs[0].n_lines <= JB_REBUILT_LINES_MAX, "thirty types fit in a run");
    for (size_t k = 0; k < made.runs[0].n_lines; k++)
        together_uj += made.runs[0].lines[k].energy_uj.best;
    is_i64(together_uj, apart_uj, "none of their energy is lost");
    ok(line_of(&made.runs[0], "other instances") != NULL, "the least stand together");
    is_i64(made.runs[0].run.machine_ns, 30 * HOUR_US * 1000, "with all of their time");
}

static void test_markup(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf rows = JB_BUF(65536);
    struct jb_import_bill_order order = bill_order(NULL);

    bill_hours(&rows, "a", "t2.micro", "10", "eu-west-1");
    bill_row(&rows, "a", "Usage", "Storage", "S3", "storage", "5", "GB", "eu-west-1");
    bill_row(&rows, "a", "Usage", "Storage", "S3", "storage", "5", "GB", "us-east-1");
    order.n_markups = 1;
    order.markups[0].share_ppm = (struct jb_quantity){
        .known = JB_KNOWN_RANGE, .low = 100000, .best = 200000, .high = 300000};
    make(&rows, &order);
    is_i64((int64_t)made.n, 1, "no run for a region with services alone");
    const struct jb_rebuilt_line *const line = line_of(&made.runs[0], "services");
    const struct jb_rebuilt_line *const machine = line_of(&made.runs[0], "t2.micro");
    if (!line || !machine)
        bail_out("no mark-up");
    is_i64(line->energy_uj.best, (machine->energy_uj.best * 2 + 5) / 10, "a fifth of the machines");
    is_i64(line->energy_uj.low, machine->energy_uj.low / 10, "its low of their low");
    ok(line->origin == JB_ORIGIN_STATED, "as stated");
    is_i64(made.told[0].n_rows, 3, "both services are in the run");
}

/* A type in two spellings is one line, of the hours of both. */
static void test_spellings(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf rows = JB_BUF(65536);
    const struct jb_import_bill_order order = bill_order(NULL);

    bill_hours(&rows, "a", "p3.2xlarge", "2", "eu-west-1");
    bill_hours(&rows, "a", "P3.2xlarge", "1", "eu-west-1");
    make(&rows, &order);
    const struct jb_rebuilt_line *const line = line_of(&made.runs[0], "p3.2xlarge boards");
    if (!line)
        bail_out("no boards");
    is_i64(line->device_ns, 3 * HOUR_US * 1000, "three hours of boards in two spellings");
    ok(off_ppm(line->energy_uj.best, WH_UJ * 6651 / 10) < 10, "300 W x 0.739 x 3 h = 665.1 Wh");
    ok(strncmp(line->basis, "2 h", 3) != 0, "not by two hours: %s", line->basis);
}

static void test_functions(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf rows = JB_BUF(65536);
    const struct jb_import_bill_order order = bill_order(NULL);

    bill_row(&rows, "a", "Usage", "Compute", "AWS Lambda", "AWS Lambda - Total Compute", "17690",
             "Seconds", "eu-west-1");
    make(&rows, &order);
    is_i64((int64_t)made.n, 1, "a function is a run");
    is_i64(made.runs[0].run.machine_ns, 0, "which has no hours of machines");
    ok(made.runs[0].is_machine_time_unknown, "and nobody puts its begin to end in their place");
    is_i64(made.told[0].instance_us, 0, "and no hours of machines");
}

int main(void)
{
    test_lines();
    test_many();
    test_markup();
    test_functions();
    test_spellings();
    return done_testing();
}
