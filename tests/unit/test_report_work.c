/* SPDX-License-Identifier: Apache-2.0 */
/* The work of a training as lines for people (R-WORK-16): the unit that fits, nothing of what is not known. */
#include "report/report_int.h"

#include "tap.h"

static const struct jb_style plain = {.is_colour = false, .width = 0};
static const struct jb_style wide = {.is_colour = false, .width = 300};

static void test_units(void)
{
    static const struct {
        int64_t aj;
        const char *want;
    } rows[] = {
        {0, "0 aJ"},           {7, "7 aJ"},          {999, "999 aJ"},       {1000, "1.00 fJ"},
        {9994, "9.99 fJ"},     {9995, "10.0 fJ"},    {999499, "999 fJ"},    {999500, "1.00 pJ"},
        {707499, "707 fJ"},    {1430000, "1.43 pJ"}, {15385000, "15.4 pJ"}, {166666667, "167 pJ"},
        {INT64_MAX, "9.22 J"},
    };
    char buf[40];

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++)
        is_str(jb_report_aj(rows[i].aj, buf, sizeof buf), rows[i].want, "%" PRId64 " aJ is %s",
               rows[i].aj, rows[i].want);
    is_str(jb_report_nj(2100000, buf, sizeof buf), "2.10 mJ", "2,100,000 nJ are 2.10 mJ");
    is_str(jb_report_nj(INT64_MAX, buf, sizeof buf), "9.22 GJ", "the end of the scale has a unit");
    is_str(jb_report_hours(INT64_C(28800000000000), buf, sizeof buf), "8 h", "eight hours");
    is_str(jb_report_hours(INT64_C(90000000000), buf, sizeof buf), "0.025 h", "90 s");
    is_str(jb_report_hours(1, buf, sizeof buf), "<0.001 h", "less than is shown is not none");
    is_str(jb_report_hours(0, buf, sizeof buf), "0 h", "none is");
}

static struct jb_figure exact(int64_t value)
{
    return (struct jb_figure){.is_known = true, .low = value, .best = value, .high = value};
}

static struct jb_account an_account(void)
{
    struct jb_account account = {.work = JB_ACCOUNT_WORK_UNKNOWN};
    struct jb_account_work *const work = &account.work;

    work->is_known = true;
    work->method = JB_FLOP_COUNTED;
    work->factor_milli = 3000;
    work->training_flop = (jb_i128)864000000000000000;
    work->millipfsd = 10;
    work->n_examples = 50000;
    work->n_epochs = 5;
    work->n_parameters = 25557032;
    work->energy_per_example_nj =
        (struct jb_figure){.is_known = true, .low = 2000000, .best = 2100000, .high = 2200000};
    work->energy_per_flop_aj = exact(1430000);
    return account;
}

static void test_lines(void)
{
    struct jb_account account = an_account();
    struct jb_account_work *const work = &account.work;
    struct jb_buf out = JB_BUF(1 << 16);

    jb_report_work(&account, &plain, &out);
    is_str(jb_buf_text(&out),
           "work       8.64e17 FLOP, counted from a model file, 3 x forward (0.01\n"
           "           petaFLOP/s-days)\n"
           "           50000 examples, 5 epochs, 2.56e7 parameters\n"
           "energy     2.10 mJ (2.00 .. 2.20 mJ) per example\n"
           "           1.43 pJ (1.43 .. 1.43 pJ) per FLOP\n",
           "without boards");
    jb_buf_clear(&out);
    work->n_boards = 8;
    work->board_ns = INT64_C(28800000000000);
    (void)snprintf(work->board, sizeof work->board, "NVIDIA A100");
    (void)snprintf(work->peak_type, sizeof work->peak_type, "bf16");
    work->busy_ppm = exact(871000);
    work->mfu_ppm = exact(412000);
    work->least_per_flop_aj = exact(707499);
    work->share_of_best_ppm = exact(494755);
    work->device_low_flop = work->device_best_flop = work->device_high_flop =
        (jb_i128)1000000000000000000;
    work->counted_per_device_ppm = exact(864000);
    jb_report_work(&account, &wide, &out);
    ok(strstr(jb_buf_text(&out), "per FLOP; its boards reach 707 fJ at best: 49.5 % of that\n"),
       "energy per operation against the best");
    ok(strstr(jb_buf_text(&out), "boards     8 h together, 8 x NVIDIA A100, busy 87.1 % (87.1 .. "),
       "time of boards, and how busy they were");
    ok(strstr(jb_buf_text(&out), ", MFU 41.2 % of their peak in bf16\n"), "which is not the MFU");
    ok(strstr(jb_buf_text(&out), "1.00e18 FLOP (1.00e18 .. 1.00e18) by device time"),
       "operations by device time beside");
    ok(strstr(jb_buf_text(&out), "86.4 % of it"), "with the factor between the two");
    jb_buf_clear(&out);
    jb_report_work_short(&account, &out);
    is_str(jb_buf_text(&out),
           "  work       2.10 mJ per example, 1.43 pJ per FLOP, 49.5 % of what its boards reach, "
           "busy 87.1 %, MFU 41.2 %\n",
           "in one line of the summary");
    jb_buf_clear(&out);
    account.work = JB_ACCOUNT_WORK_UNKNOWN;
    jb_report_work(&account, &plain, &out);
    jb_report_work_short(&account, &out);
    is_i64((int64_t)out.len, 0, "of what nobody knows there is no line");
    account.work.is_known = true;
    account.work.processor_ns = INT64_C(3600000000000);
    jb_report_work_short(&account, &out);
    is_i64((int64_t)out.len, 0, "CPU time alone is not worth the summary's line");
    jb_report_work(&account, &plain, &out);
    is_str(jb_buf_text(&out), "CPUs       1 h of CPU time\n", "but stands in the report");
    jb_buf_release(&out);
}

static void test_columns(void)
{
    const struct jb_account account = an_account();
    const struct jb_run run = {.host = "node7"};
    struct jb_report_run_row rows[] = {{.run = &run}, {.run = &run, .work = account.work}};
    struct jb_buf out = JB_BUF(1 << 16);

    ok(jb_report_runs(rows, 1, JB_FORMAT_TEXT, &plain, &out, NULL) == JB_OK &&
           !strstr(jb_buf_text(&out), "per FLOP"),
       "runs of which no work is known have no columns of it");
    jb_buf_clear(&out);
    ok(jb_report_runs(rows, 2, JB_FORMAT_TEXT, &plain, &out, NULL) == JB_OK &&
           strstr(jb_buf_text(&out), "FLOP") && strstr(jb_buf_text(&out), "1.43 pJ") &&
           strstr(jb_buf_text(&out), "2.10 mJ") && !strstr(jb_buf_text(&out), "MFU"),
       "one that has some has those that are known");
    jb_buf_clear(&out);
    ok(jb_report_runs(rows, 2, JB_FORMAT_CSV, &plain, &out, NULL) == JB_OK &&
           strstr(jb_buf_text(&out), "measured,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r\n") &&
           strstr(jb_buf_text(&out),
                  "measured,,,counted,864000000000000000,10,50000,25557032,,,,2000000,2100000,"
                  "2200000,1430000,1430000,1430000,,,,,,,,,,,,\r\n"),
       "CSV has all columns, empty where not known");
    size_t commas[3] = {0};
    size_t line = 0;
    for (const char *at = jb_buf_text(&out); *at && line < 3; at++) {
        commas[line] += *at == ',';
        line += *at == '\n';
    }
    ok(commas[0] == commas[1] && commas[0] == commas[2], "as many in each line as titles");
    jb_buf_clear(&out);
    rows[1].work_json = strdup("{\"n_examples\":50000}");
    ok(jb_report_runs(rows, 2, JB_FORMAT_JSON, &plain, &out, NULL) == JB_OK &&
           strstr(jb_buf_text(&out), "\"work\":null") &&
           strstr(jb_buf_text(&out), "\"work\":{\"n_examples\":50000}"),
       "JSON has the account's own object, or null");
    free(rows[1].work_json);
    jb_buf_release(&out);
}

int main(void)
{
    test_units();
    test_lines();
    test_columns();
    return done_testing();
}
