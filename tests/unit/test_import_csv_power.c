/* SPDX-License-Identifier: Apache-2.0 */
/* The two columns of docs/format/csv-power.md. R-IMPORT-05. */
#include "import/import.h"
#include "tap.h"

/* 2024-05-10T11:00:00Z */
#define UTC_NS INT64_C(1715338800000000000)

static struct jb_import_event event;
static struct jb_import_parser parser;

static jb_rc take(const char *line)
{
    struct jb_error err = {0};

    event = (struct jb_import_event){.what = JB_IMPORT_NOTHING};
    return jb_import_csv_power.take_line(&parser, line, strlen(line), &event, &err);
}

static void header(const char *line)
{
    parser = (struct jb_import_parser){0};
    if (take(line) < 0)
        bail_out("header '%s' is refused", line);
}

static void is_time(const char *text, int64_t want_ns)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s,1", text);
    ok(take(line) == JB_OK && event.utc_ns == want_ns, "time %s", text);
}

static void is_no_time(const char *text)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s,1", text);
    is_i64(take(line), JB_E_INPUT, "no time: '%s'", text);
}

static void test_times(void)
{
    header("utc,watts");
    is_time("2024-05-10T11:00:00Z", UTC_NS);
    is_time("2024-05-10 11:00:00Z", UTC_NS);
    is_time("2024-05-10T11:00:00.5Z", UTC_NS + 500000000);
    is_time("2024-05-10T11:00:00.123456789Z", UTC_NS + 123456789);
    is_time("2024-05-10T11:00:00.1234567899Z", UTC_NS + 123456789);
    is_time("2024-05-10T13:00:00+02:00", UTC_NS);
    is_time("2024-05-10T13:00:00.25+0200", UTC_NS + 250000000);
    is_time("2024-05-10T06:30:00-04:30", UTC_NS);
    is_time("2024-05-10T12:00:00+01", UTC_NS);
    is_no_time("2024-05-10T11:00:00");
    is_no_time("2024-05-10T11:00:00.Z");
    is_no_time("2024-05-10T11:00:00+99:00");
    is_no_time("2024-05-10T11:00:00+2:00");
    is_no_time("2024-05-10T25:00:00Z");
    is_no_time("10/05/2024 11:00");
    is_no_time("");
    header("unix_s,watts");
    is_time("1715338800", UTC_NS);
    is_time("1715338800.000000001", UTC_NS + 1);
    is_no_time("nan");
    header("unix_ms,watts");
    is_time("1715338800001.5", UTC_NS + 1500000);
}

static void is_raw(const char *line, uint64_t raw)
{
    ok(take(line) == JB_OK && event.what == JB_IMPORT_READING && event.raw == raw, "%s", line);
}

/* What 1 of the column is in uW or uJ. */
static void is_unit(const char *column, enum jb_semantics semantics, int64_t micro)
{
    char line[64];

    (void)snprintf(line, sizeof line, " unix_s , %s ", column);
    header(line);
    ok(take("1715338800,1") == JB_OK && parser.unit.semantics == semantics &&
           (int64_t)(event.raw * parser.unit.unit_num / parser.unit.unit_den) == micro,
       "one of '%s'", column);
}

static void test_values(void)
{
    is_unit("watts", JB_SEMANTICS_GAUGE, 1000000);
    is_unit("mean_watts", JB_SEMANTICS_GAUGE_SINCE, 1000000);
    is_unit("joules", JB_SEMANTICS_COUNTER, 1000000);
    is_unit("wh", JB_SEMANTICS_COUNTER, INT64_C(3600000000));
    is_unit("kwh", JB_SEMANTICS_COUNTER, INT64_C(3600000000000));
    header("unix_s,watts");
    is_raw("1715338800 , 12.5 ", 12500000);
    is_raw("1715338800,0", 0);
    is_raw("1715338800,1e3", 1000000000);
    for (int i = 0; i < 4; i++) {
        static const char *const lines[] = {"1715338800,", "1715338800,NaN", "1715338800, null",
                                            "1715338800,N/A"};
        ok(take(lines[i]) == JB_OK && event.what == JB_IMPORT_FAILED,
           "failed, not zero: '%s' (R-IMPORT-05)", lines[i]);
    }
    is_i64(take("1715338800,-1"), JB_E_INPUT, "less than nothing");
    is_i64(take("1715338800,1 W"), JB_E_INPUT, "a unit in the column");
    is_i64(take("1715338800,1,5"), JB_E_INPUT, "a decimal comma");
    is_i64(take("1715338800;1"), JB_E_INPUT, "another separator");
    is_i64(take("1715338800,inf"), JB_E_INPUT, "no number");
}

static void test_header(void)
{
    parser = (struct jb_import_parser){0};
    is_i64(take("# watts at the plug"), JB_OK, "a comment before the header");
    is_i64(take("   "), JB_OK, "a blank line");
    is_i64(take("1715338800,5"), JB_E_INPUT,
           "readings without a header are refused: what are they?");
    is_i64(take("time,power"), JB_E_INPUT, "and so are names that say nothing");
    is_i64(take("watts,utc"), JB_E_INPUT, "the time comes first");
    is_i64(take("utc,watts,amperes"), JB_E_INPUT, "a third column");
    is_i64(take("utc,watts"), JB_OK, "then the header");
    is_i64(take("utc,watts"), JB_E_INPUT, "once");
    is_i64(event.what, JB_IMPORT_NOTHING, "nothing is written where it failed");
}

int main(void)
{
    test_header();
    test_times();
    test_values();
    return done_testing();
}
