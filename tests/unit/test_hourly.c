/* SPDX-License-Identifier: Apache-2.0 */
/* A file of hourly intensities is taken whole or refused by line. R-CARBON-04. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "carbon/carbon.h"
#include "tap.h"

#define HEADER "utc_hour_start,gco2e_per_kwh\n"
#define SIX    (INT64_C(20780) * 24 * JB_US_PER_HOUR + 6 * JB_US_PER_HOUR) /* 2026-11-23T06:00:00Z */

static void test_good(void)
{
    static const char text[] = "# from my grid operator\r\n\r\nutc_hour_start,gco2e_per_kwh\r\n"
                               "2026-11-23T07:00:00Z, 200.5\r\n# a remark\n\n"
                               "  2026-11-23T06:00:00Z,0 \n2026-11-23 09:00:00Z,1e2";
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = NULL;
    int64_t mg = -1;

    ok(jb_hourly_parse("x.csv", text, strlen(text), &hourly, NULL) == JB_OK && hourly,
       "remarks, blank lines, CRLF, blanks, any order and no last newline are taken");
    if (!hourly)
        return;
    is_i64((int64_t)jb_hourly_n_rows(hourly), 3, "three hours are there");
    ok(jb_hourly_at(hourly, SIX, &mg) && mg == 0,
       "an hour begins with its first instant; zero is a figure");
    ok(jb_hourly_at(hourly, SIX + JB_US_PER_HOUR - 1, &mg) && mg == 0,
       "and holds to its last microsecond");
    ok(jb_hourly_at(hourly, SIX + JB_US_PER_HOUR, &mg) && mg == 200500, "then the next one begins");
    mg = -1;
    ok(!jb_hourly_at(hourly, SIX + 2 * JB_US_PER_HOUR, &mg) && mg == -1,
       "an hour that is missing is missing");
    ok(jb_hourly_at(hourly, SIX + 3 * JB_US_PER_HOUR, &mg) && mg == 100000,
       "after the hole it goes on");
    ok(!jb_hourly_at(hourly, SIX - 1, &mg) &&
           !jb_hourly_at(hourly, SIX + 4 * JB_US_PER_HOUR, &mg) &&
           !jb_hourly_at(hourly, INT64_MIN, &mg) && !jb_hourly_at(hourly, INT64_MAX, &mg),
       "before the first and after the last hour there is nothing");
}

static void test_refused(void)
{
    static const struct {
        const char *text;
        const char *where;
        const char *promise;
    } bad[] = {
        {"", "'x.csv'", "an empty file"},
        {"# only a remark\n", "'x.csv'", "a file without a header"},
        {HEADER, "'x.csv'", "a header without hours"},
        {"2026-11-23T06:00:00Z,1\n", "x.csv:1:", "rows without a header"},
        {"gco2e_per_kwh,utc_hour_start\n", "x.csv:1:", "a header the wrong way round"},
        {HEADER "2026-11-23T06:00:00Z\n", "x.csv:2:", "a row of one cell"},
        {HEADER "\n# x\n2026-11-23T06:00:00Z,1,2\n", "x.csv:4:", "a row of three cells"},
        {HEADER "2026-11-23T06:00:00+01:00,1\n", "x.csv:2:", "a local time"},
        {HEADER "2026-11-23T06:00:00,1\n", "x.csv:2:", "a time without a zone"},
        {HEADER "2026-11-23T06:30:00Z,1\n", "x.csv:2:", "half past the hour"},
        {HEADER "2026-11-23T06:00:00.000001Z,1\n", "x.csv:2:", "a microsecond past the hour"},
        {HEADER "2026-02-30T06:00:00Z,1\n", "x.csv:2:", "a day that does not exist"},
        {HEADER "2026-11-23T06:00:00Z,\n", "x.csv:2:", "an hour without a figure"},
        {HEADER "2026-11-23T06:00:00Z,nan\n", "x.csv:2:", "nan"},
        {HEADER "2026-11-23T06:00:00Z,12 g\n", "x.csv:2:", "a unit behind the figure"},
        {HEADER "2026-11-23T06:00:00Z,-1\n", "x.csv:2:", "a negative figure"},
        {HEADER "2026-11-23T06:00:00Z,10000.001\n", "x.csv:2:", "more than 10 kg per kWh"},
        {HEADER "2026-11-23T06:00:00Z,1\n2026-11-23T07:00:00Z,1\n2026-11-23T06:00:00Z,1\n",
         "x.csv:4:", "an hour given twice"},
    };
    static const char good[] = HEADER "2026-11-23T06:00:00Z,1\n";
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *untouched = NULL;
    if (jb_hourly_parse("good", good, strlen(good), &untouched, NULL) < 0)
        bail_out("a good file is refused");
    for (size_t i = 0; i < JB_ARRAY_LEN(bad); i++) {
        struct jb_hourly *hourly = untouched;
        struct jb_error err = {0};
        const jb_rc rc = jb_hourly_parse("x.csv", bad[i].text, strlen(bad[i].text), &hourly, &err);
        ok(rc == JB_E_INPUT && hourly == untouched, "%s is refused, the output left alone",
           bad[i].promise);
        if (!ok(strstr(err.message, bad[i].where) && err.hint[0] != '\0',
                "the error says %s and what to do", bad[i].where))
            diag("message: %s", err.message);
    }
}

static void test_limits(void)
{
    JB_AUTO(jb_free_auto) char *big = calloc(1, JB_HOURLY_BYTES_MAX + 1);
    struct jb_hourly *hourly = NULL;
    struct jb_error err = {0};
    if (!big)
        bail_out("no memory");
    memset(big, '\n', JB_HOURLY_BYTES_MAX + 1);
    is_i64(jb_hourly_parse("x.csv", big, JB_HOURLY_BYTES_MAX + 1, &hourly, &err), JB_E_RANGE,
           "a file over 16 MiB is refused");
    is_i64(jb_hourly_parse("x.csv", "\0\0\0", 3, &hourly, &err), JB_E_INPUT,
           "NUL bytes are refused as text");
}

static void test_file(void)
{
    char path[] = "/tmp/jb_test_hourly_XXXXXX";
    static const char text[] = HEADER "2026-11-23T06:00:00Z,42\n";
    const int fd = mkstemp(path);
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = NULL;
    struct jb_error err = {0};
    int64_t mg = 0;

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
        bail_out("cannot write %s", path);
    ok(jb_hourly_read(path, &hourly, &err) == JB_OK && jb_hourly_at(hourly, SIX, &mg) &&
           mg == 42000,
       "a file is read");
    (void)unlink(path);

    struct jb_hourly *none = NULL;
    is_i64(jb_hourly_read(path, &none, &err), JB_E_NOT_FOUND,
           "a file that is not there is not found");
    ok(strstr(err.message, path) && err.hint[0] != '\0', "the error names it");
    is_i64(jb_hourly_read("/tmp", &none, &err), JB_E_INPUT, "a folder is refused");
    is_i64(jb_hourly_read("/dev/zero", &none, &err), JB_E_INPUT,
           "a device without an end is refused");
}

int main(void)
{
    test_good();
    test_refused();
    test_limits();
    test_file();
    return done_testing();
}
