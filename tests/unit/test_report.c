/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of an account written out by hand: what people, CSV and JSON readers get, to the letter. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "report/report.h"
#include "report/report_int.h"
#include "report/table.h"
#include "tap.h"

#define WH INT64_C(3600000000) /* 3600 J */

static const struct jb_style plain = {.is_colour = false, .width = 0};

static struct jb_account_line lines[] = {
    {
        .host = "node7",
        .channel = "rapl/package-0",
        .scope = JB_SCOPE_PACKAGE,
        .device = JB_DEVICE_CPU,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .total_uj = {true, false, 19 * WH, 20 * WH, 21 * WH},
        .run_uj = {true, false, 9 * WH, 10 * WH, 11 * WH},
        .idle_uj = 8 * WH,
        .others_uj = 2 * WH,
        .coverage = {.counter_ns = 60 * JB_NS_PER_S},
        .idle_source = "unknown",
        .idle_power_uw = -1,
        .correlation = "rapl",
    },
    {
        .host = "node7",
        .channel = "rapl-mmio/package-0",
        .scope = JB_SCOPE_PACKAGE,
        .device = JB_DEVICE_CPU,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_DUPLICATE,
        .idle_power_uw = -1,
        .total_uj = {true, false, 19 * WH, 20 * WH, 21 * WH},
    },
};
static struct jb_account_epoch epochs[] = {{
    .name = "epoch 1",
    .metrics = "accuracy=0.91",
    .duration_ns = 30 * JB_NS_PER_S,
    .run_uj = 5 * WH,
    .total_uj = 10 * WH,
    .interpolated_uj = 2000000,
}};
static struct jb_factor factors[] = {
    {.name = "PUE", .value = "1.2", .source = "given for the run"}};
static char notes[][JB_NOTE] = {
    "idle power is unknown (rapl/package-0): it is estimated from idle CPU time, and the "
    "band covers both extremes"};

static struct jb_account an_account(void)
{
    struct jb_account account = {
        .run =
            {
                .id = "01939f7e-0000-7000-8000-000000000001",
                .host = "node7",
                .project = "vision",
                .command = "python3 train.py",
                .start_utc_us = INT64_C(1767225600000000), /* 2026-01-01T00:00:00Z */
                .end_utc_us = INT64_C(1767225660000000),
                .status = JB_RUN_DONE,
                .place = "NL",
                .currency = "EUR",
            },
        .duration_ns = 60 * JB_NS_PER_S,
        .n_lines = 2,
        .n_epochs = 1,
        .n_factors = 1,
        .n_notes = 1,
        .lines = lines,
        .epochs = epochs,
        .factors = factors,
        .notes = notes,
        .method = JB_METHOD_C2,
        .energy_uj = {true, false, 9 * WH, 10 * WH, 11 * WH},
        .views_uj = {{true, false, 9 * WH, 10 * WH, 11 * WH},
                     {true, false, 13 * WH, 14 * WH, 15 * WH},
                     {true, false, 17 * WH, 18 * WH, 19 * WH}},
        .facility_uj = {true, false, 18 * WH / 10, 2 * WH, 22 * WH / 10},
        .is_facility_posted = true,
        .location_ugco2e = {true, false, 2000000, 3000000, 4000000},
        .cost_micro = {true, false, 2700, 3000, 3300},
        .coverage = {.counter_ns = 60 * JB_NS_PER_S},
        .origin_uj = {[JB_ORIGIN_COUNTER] = 10 * WH},
    };
    return account;
}

static void text(void)
{
    const struct jb_account account = an_account();
    struct jb_buf out = JB_BUF(1 << 20);

    ok(jb_report_account(&account, "{}", JB_FORMAT_TEXT, &plain, &out, NULL) == JB_OK,
       "an account has a text");
    is_str(
        jb_buf_text(&out),
        "run 01939f7e-0000-7000-8000-000000000001\n"
        "command    python3 train.py\n"
        "project    vision\n"
        "when       2026-01-01T00:00:00Z .. 2026-01-01T00:01:00Z\n"
        "took       1 min 00 s on node7, done, exit code 0\n"
        "\n"
        "10.0 Wh  (9.00 .. 11.0 Wh, 90 %)  method C-2, measured by counter 100 %\n"
        "facility   2.00 Wh    (1.80 .. 2.20 Wh)  on top of it, PUE 1.2 as given\n"
        "carbon     3.00 g     (2.00 .. 4.00 g) CO2e location-based, NL\n"
        "cost       0.003 EUR  (0.0027 .. 0.0033 EUR)\n"
        "coverage   by counter 100 %, unobserved 0 % of the channels' time\n"
        "\n"
        "by device\n"
        "  device  channel              role           run  band               meter     idle   "
        "others  origin\n"
        "  cpu     rapl/package-0                  10.0 Wh  9.00 .. 11.0 Wh  20.0 Wh  8.00 Wh  "
        "2.00 Wh  counter\n"
        "  cpu     rapl-mmio/package-0  duplicate                            20.0 Wh               "
        "     counter\n"
        "\n"
        "who pays for idle\n"
        "  view       energy  band             is\n"
        "  active    10.0 Wh  9.00 .. 11.0 Wh  what the run itself used\n"
        "  reserved  14.0 Wh  13.0 .. 15.0 Wh  and the idle power of the CPUs it kept for itself\n"
        "  all       18.0 Wh  17.0 .. 19.0 Wh  everything the meters gave while it was there, "
        "shared with other "
        "runs\n"
        "\n"
        "epochs, steps and phases\n"
        "  mark       time   energy  marks +-  of the meters'  metrics\n"
        "  epoch 1  30.0 s  5.00 Wh    2.00 J         10.0 Wh  accuracy=0.91\n"
        "  marks +-: what the instants of the marks leave open; the band of the run's\n"
        "  energy applies to each besides\n"
        "\n"
        "factors\n"
        "  PUE: 1.2; given for the run\n"
        "\n"
        "notes\n"
        "  - idle power is unknown (rapl/package-0): it is estimated from idle CPU time,\n"
        "    and the band covers both extremes\n",
        "headline with its band first, then what it stands on, then every doubt");
    jb_buf_release(&out);
}

static void summary(void)
{
    struct jb_account account = an_account();
    struct jb_buf out = JB_BUF(1 << 20);

    account.is_facility_posted = false;
    account.facility_uj.low = 0;
    account.run.place[0] = '\0';
    ok(jb_report_summary(&account, &plain, &out, NULL) == JB_OK, "a run has a summary");
    is_str(
        jb_buf_text(&out),
        "joulebook: 10.0 Wh  (9.00 .. 11.0 Wh, 90 %)  method C-2, measured by counter 100 %\n"
        "  run        01939f7e-0000-7000-8000-000000000001, 1 min 00 s on node7, done, exit code "
        "0\n"
        "  devices    cpu 10.0 Wh\n"
        "  views      14.0 Wh with idle of the CPUs it kept, 18.0 Wh all the meters gave "
        "meanwhile\n"
        "  facility   -          (0 J .. 2.20 Wh)  PUE not given: a band, in no other figure\n"
        "  carbon     3.00 g     (2.00 .. 4.00 g) CO2e location-based, place unknown: the world\n"
        "  cost       0.003 EUR  (0.0027 .. 0.0033 EUR)\n"
        "  coverage   by counter 100 %, unobserved 0 % of the channels' time\n"
        "  epochs     1 marked; epoch 1: 5.00 Wh, accuracy=0.91\n"
        "  notes      1; `joulebook show 01939f7e-0000-7000` has all of it\n",
        "ten lines, the headline with its band first");
    jb_buf_clear(&out);
    account.energy_uj.is_known = account.facility_uj.is_known = false;
    account.location_ugco2e.is_known = account.cost_micro.is_known = false;
    ok(jb_report_summary(&account, &plain, &out, NULL) == JB_OK &&
           strncmp(jb_buf_text(&out), "joulebook: energy unknown\n", 26) == 0,
       "energy that is not known is said to be unknown, not zero");
    jb_buf_release(&out);
}

static void colour(void)
{
    const struct jb_account account = an_account();
    const struct jb_style bright = {.is_colour = true, .width = 80};
    struct jb_buf out = JB_BUF(1 << 20);

    ok(jb_report_account(&account, "{}", JB_FORMAT_TEXT, &bright, &out, NULL) == JB_OK,
       "a terminal has a text");
    ok(strstr(jb_buf_text(&out), "\033[1m10.0 Wh\033[0m  (") != NULL, "its headline stands out");
    jb_buf_clear(&out);
    ok(jb_report_account(&account, "{}", JB_FORMAT_TEXT, &plain, &out, NULL) == JB_OK &&
           strchr(jb_buf_text(&out), '\033') == NULL,
       "no colour goes to a pipe");
    jb_buf_release(&out);
}

static void csv(void)
{
    struct jb_account account = an_account();
    struct jb_buf out = JB_BUF(1 << 20);

    ok(jb_report_account(&account, "{}", JB_FORMAT_CSV, &plain, &out, NULL) == JB_OK,
       "an account has CSV");
    is_str(jb_buf_text(&out),
           "run_id,host,channel,role,scope,device,origin,method,run_low_uj,run_best_uj,run_high_uj,"
           "total_low_uj,"
           "total_best_uj,total_high_uj,above_idle_low_uj,above_idle_best_uj,above_idle_high_uj,"
           "idle_uj,others_uj,"
           "platform_uj,discrepancy_uj,reserved_uj,all_uj,counter_ns,gauge_ns,interpolated_ns,"
           "unobserved_ns,"
           "gap_best_uj,gap_high_uj,n_failed,n_gaps,idle_power_uw,idle_source,gaps,correlation\r\n"
           "01939f7e-0000-7000-8000-000000000001,node7,rapl/"
           "package-0,post,package,cpu,counter,C-2,32400000000,"
           "36000000000,39600000000,68400000000,72000000000,75600000000,,,,28800000000,7200000000,"
           "0,0,0,0,60000000000,"
           "0,0,0,0,0,0,0,,unknown,,rapl\r\n"
           "01939f7e-0000-7000-8000-000000000001,node7,rapl-mmio/"
           "package-0,duplicate,package,cpu,counter,C-2,,,,"
           "68400000000,72000000000,75600000000,,,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,,,,\r\n",
           "one row a channel, integers, units in the titles, unknown is empty");
    jb_buf_clear(&out);
    (void)snprintf(account.run.command, sizeof account.run.command, "=cmd(\"x\"),y");
    const struct jb_report_run_row row = {.run = &account.run, .energy_uj = account.energy_uj};
    ok(jb_report_runs(&row, 1, JB_FORMAT_CSV, &plain, &out, NULL) == JB_OK, "runs have CSV");
    ok(strstr(jb_buf_text(&out),
              ",\"'=cmd(\"\"x\"\"),y\",measured,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r\n") != NULL,
       "a command is quoted and runs in no spreadsheet");
    ok(strstr(jb_buf_text(&out), ",32400000000,36000000000,39600000000,,,,,") != NULL,
       "unknown carbon is empty");
    jb_buf_release(&out);
}

static void json(void)
{
    struct jb_account account = an_account();
    struct jb_buf out = JB_BUF(1 << 20);

    ok(jb_report_account(&account, "{\"a\":1}", JB_FORMAT_JSON, &plain, &out, NULL) == JB_OK,
       "an account has JSON");
    is_str(jb_buf_text(&out), "{\"a\":1}\n", "as the book has it");
    jb_buf_clear(&out);
    (void)snprintf(account.run.project, sizeof account.run.project, "\xff");
    const struct jb_report_run_row row = {.run = &account.run, .energy_uj = account.energy_uj};
    ok(jb_report_runs(&row, 1, JB_FORMAT_JSON, &plain, &out, NULL) == JB_OK,
       "runs have JSON, whatever bytes they hold");
    ok(strstr(jb_buf_text(&out), "\"location_ugco2e\":null") &&
           strstr(jb_buf_text(&out), "\"best\":36000000000"),
       "unknown is null, known an integer");
    jb_buf_clear(&out);
    ok(jb_report_runs(NULL, 0, JB_FORMAT_JSON, &plain, &out, NULL) == JB_OK, "no runs have JSON");
    is_str(jb_buf_text(&out), "[]\n", "an empty array");
    jb_buf_clear(&out);
    ok(jb_report_runs(NULL, 0, JB_FORMAT_TEXT, &plain, &out, NULL) == JB_OK, "and text");
    is_str(jb_buf_text(&out), "no such run is in the book\n", "a sentence");
    jb_buf_release(&out);
}

static void names(void)
{
    enum jb_format format = JB_FORMAT_TEXT;
    struct jb_error err = {0};

    ok(jb_format_from_name("csv", &format, &err) == JB_OK && format == JB_FORMAT_CSV,
       "a format by its name");
    is_i64(jb_format_from_name("xml", &format, &err), JB_E_USAGE,
           "one that does not exist is wrong use");
    is_str(err.hint, "one of: text json csv", "and the hint lists them all");
}

static void tables(void)
{
    static const char *const titles[] = {"name", "n", "none", "text"};
    const struct jb_style narrow = {.is_colour = false, .width = 24};
    struct jb_buf out = JB_BUF(1 << 20);
    struct jb_table table;

    jb_table_begin(&table, "lrll", titles);
    jb_table_add(&table, "caf\xc3\xa9");
    jb_table_add(&table, "7");
    jb_table_add(&table, "");
    jb_table_add(&table, "a\tb\033[2J");
    jb_table_add(&table, "b");
    jb_table_addf(&table, "%d", 12345);
    jb_table_add(&table, "");
    jb_table_add(&table, "0123456789abcdef");
    jb_table_end(&table, 1, &narrow, &out);
    /* widths 4, 5, (empty column left out), the rest: 1 + 4 + 2 + 5 + 2 = 14, so 10 characters are left */
    is_str(jb_buf_text(&out),
           " name      n  text\n"
           " caf\xc3\xa9      7  a?b?[2J\n"
           " b     12345  0123456...\n",
           "columns count characters, empty ones go, control characters are shown, the last is cut "
           "to a terminal");
    jb_buf_clear(&out);
    jb_table_begin(&table, "lrll", titles);
    jb_table_add(&table, "first");
    jb_table_add(&table, "7");
    jb_table_add(&table, "x");
    jb_table_add(&table, "long enough to be cut");
    jb_table_end(&table, 1, &(struct jb_style){.width = 14}, &out);
    /* 1 + 5 + 2 + 1 = 9; "none" would end at 15, and the last one needs 8 of its own. */
    is_str(jb_buf_text(&out),
           " name   n\n"
           "     none\n"
           "     text\n"
           " first  7\n"
           "     x\n"
           "     long e...\n",
           "what does not fit goes on in a next line, titles too");
    jb_buf_clear(&out);
    jb_text_wrap("one two three four five six", "- ", "  ", &(struct jb_style){.width = 12}, &out);
    is_str(jb_buf_text(&out), "- one two\n  three four\n  five six\n", "prose wraps at blanks");
    jb_buf_release(&out);
}

static void bands(void)
{
    static const struct {
        int64_t low_j, best_j, high_j;
        const char *text;
    } cases[] = {
        {193, 205, 1214, "193 .. 1214 J"},
        {0, 205, 1000, "0 .. 1000 J"},
        {193, 205, 999, "193 .. 999 J"},
        {0, 1080, 7920, "0 J .. 2.20 Wh"},     /* beside 0.300 Wh */
        {500, 900, 360000, "500 J .. 100 Wh"}, /* too many joules to read */
        {3600, 7200, 36000, "1.00 .. 10.0 Wh"},
    };
    char buf[80];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jb_figure figure = {.is_known = true,
                                         .low = cases[i].low_j * 1000000,
                                         .best = cases[i].best_j * 1000000,
                                         .high = cases[i].high_j * 1000000};
        is_str(jb_report_band(&figure, jb_format_energy, buf, sizeof buf), cases[i].text,
               "a band is in the unit of its best figure");
    }
}

int main(void)
{
    bands();
    text();
    summary();
    colour();
    csv();
    json();
    names();
    tables();
    return done_testing();
}
