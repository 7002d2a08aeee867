/* SPDX-License-Identifier: Apache-2.0 */
/* Saved answers of grids' APIs, in the shapes their documents give, to rows of known intensity. R-CARBON-20 to -23. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "carbon/carbon.h"
#include "tap.h"

static int64_t utc(const char *text)
{
    int64_t us = 0;

    if (jb_parse_utc(text, strlen(text), &us) < 0)
        bail_out("not a time: %s", text);
    return us;
}

static struct jb_hourly *read_one(const char *text)
{
    struct jb_hourly *hourly = NULL;
    struct jb_error err = {0};

    if (jb_hourly_parse("answer.json", text, strlen(text), &hourly, &err) < 0)
        diag("%s", err.message);
    return hourly;
}

static void is_at(const struct jb_hourly *hourly, const char *time, int64_t mg, const char *promise)
{
    int64_t got = -1;

    (void)jb_hourly_at(hourly, utc(time), &got);
    is_i64(got, mg, "%s", promise);
}

static void test_electricity_maps(void)
{
    JB_AUTO(jb_hourly_free_auto)
    struct jb_hourly *hourly = read_one(
        "{\"zone\":\"NL\",\"temporalGranularity\":\"hourly\",\"data\":["
        "{\"zone\":\"NL\",\"carbonIntensity\":253.3141,\"datetime\":\"2026-01-01T00:00:00.000Z\","
        "\"emissionFactorType\":\"lifecycle\",\"isEstimated\":false},"
        "{\"carbonIntensity\":75,\"datetime\":\"2026-01-01T01:00:00+00:00\",\"isEstimated\":true},"
        "{\"carbonIntensity\":null,\"datetime\":\"2026-01-01T02:00:00.000Z\"},"
        "{\"carbonIntensity\":20,\"datetime\":\"2026-01-01T03:00:00.000Z\"}]}");
    if (!hourly)
        bail_out("not read");
    const struct jb_hourly_about *const about = jb_hourly_about(hourly);
    is_str(about->provider, "Electricity Maps", "v4 is known by its shape");
    is_str(about->zone, "NL", "its zone");
    is_str(about->basis, "lifecycle", "its basis");
    is_i64(about->signal, JB_SIGNAL_AVERAGE, "it is an average");
    is_i64((int64_t)about->n_estimated, 1, "one row is estimated");
    is_at(hourly, "2026-01-01T00:59:59Z", 253314, "grams become milligrams, to nearest");
    is_at(hourly, "2026-01-01T01:00:00Z", 75000, "the next hour");
    is_at(hourly, "2026-01-01T02:30:00Z", -1, "an hour without a figure is a gap");
    is_at(hourly, "2026-01-01T03:00:00Z", 20000, "and the rest goes on");
    ok(jb_hourly_covers(hourly, utc("2026-01-01T00:30:00Z"), utc("2026-01-01T02:00:00Z")) &&
           !jb_hourly_covers(hourly, utc("2026-01-01T00:30:00Z"), utc("2026-01-01T02:00:01Z")),
       "what is covered is known to the second");

    JB_AUTO(jb_hourly_free_auto)
    struct jb_hourly *v3 = read_one("{\"zone\":\"DE\",\"history\":[{\"carbonIntensity\":400,"
                                    "\"datetime\":\"2026-01-01T00:00:00.000Z\"}]}");
    JB_AUTO(jb_hourly_free_auto)
    struct jb_hourly *forecast =
        read_one("{\"zone\":\"DE\",\"forecast\":[{\"carbonIntensity\":300,"
                 "\"datetime\":\"2026-01-01T00:15:00Z\"}],\"temporalGranularity\":\"15_minutes\"}");
    JB_AUTO(jb_hourly_free_auto)
    struct jb_hourly *latest = read_one("{\"zone\":\"DE\",\"carbonIntensity\":302,\"datetime\":"
                                        "\"2026-01-01T05:10:00Z\"}");
    if (!v3 || !forecast || !latest)
        bail_out("not read");
    is_at(v3, "2026-01-01T00:30:00Z", 400000, "v3 says history");
    is_at(forecast, "2026-01-01T00:29:59Z", 300000, "a quarter of an hour of a forecast");
    is_at(forecast, "2026-01-01T00:30:00Z", -1, "ends after a quarter");
    is_i64((int64_t)jb_hourly_about(forecast)->n_forecast, 1, "and is said to be one");
    is_at(latest, "2026-01-01T05:00:00Z", 302000, "the latest is the figure of its hour");
}

static void test_gb(void)
{
    JB_AUTO(jb_hourly_free_auto)
    struct jb_hourly *hourly = read_one(
        "{\"data\":[{\"from\":\"2026-01-01T00:00Z\",\"to\":\"2026-01-01T00:30Z\",\"intensity\":"
        "{\"forecast\":266,\"actual\":263,\"index\":\"moderate\"}},"
        "{\"from\":\"2026-01-01T00:30Z\",\"to\":\"2026-01-01T01:00Z\",\"intensity\":"
        "{\"forecast\":100,\"actual\":null,\"index\":\"low\"}}]}");
    JB_AUTO(jb_hourly_free_auto)
    struct jb_hourly *region = read_one(
        "{\"data\":{\"regionid\":3,\"shortname\":\"North West England\",\"data\":[{\"from\":"
        "\"2026-01-01T00:00Z\",\"to\":\"2026-01-01T00:30Z\",\"intensity\":{\"forecast\":26}}]}}");
    if (!hourly || !region)
        bail_out("not read");
    is_str(jb_hourly_about(hourly)->provider, "GB Carbon Intensity", "GB is known by its shape");
    is_str(jb_hourly_about(hourly)->basis, "direct", "its basis is direct");
    is_at(hourly, "2026-01-01T00:29:00Z", 263000, "what was observed goes before the forecast");
    is_at(hourly, "2026-01-01T00:30:00Z", 100000, "the forecast where nothing was");
    is_i64((int64_t)jb_hourly_about(hourly)->n_forecast, 1, "which is counted");
    is_str(jb_hourly_about(region)->zone, "North West England", "a region by its name");
    is_at(region, "2026-01-01T00:10:00Z", 26000, "with its forecast");
}

static void test_watttime(void)
{
    static const char marginal[] =
        "{\"data\":[{\"point_time\":\"2026-01-01T00:00:00+00:00\",\"value\":870.0},"
        "{\"point_time\":\"2026-01-01T00:05:00+00:00\",\"value\":1000}],\"meta\":{\"region\":"
        "\"CAISO_NORTH\",\"signal_type\":\"co2_moer\",\"units\":\"lbs_co2_per_mwh\","
        "\"data_point_period_seconds\":300,\"model\":{\"date\":\"2023-03-01\"}}}";
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = read_one(marginal);
    if (!hourly)
        bail_out("not read");
    is_i64(jb_hourly_about(hourly)->signal, JB_SIGNAL_MARGINAL, "marginal is said to be marginal");
    /* 870 x 453.59237 = 394,625.36; 1000 x 453.59237 = 453,592.37 */
    is_at(hourly, "2026-01-01T00:04:59Z", 394625, "pounds per MWh become mg per kWh");
    is_at(hourly, "2026-01-01T00:05:00Z", 453592, "every five minutes");
    is_at(hourly, "2026-01-01T00:10:00Z", -1, "and no further");

    char path[512];
    char *const folder = getenv("JB_TMP");
    (void)snprintf(path, sizeof path, "%s/moer.json", folder ? folder : "/tmp");
    FILE *const file = fopen(path, "w");
    struct jb_hourly *none = NULL;
    struct jb_error err = {0};
    if (!file || fputs(marginal, file) < 0 || fclose(file) != 0)
        bail_out("cannot write %s", path);
    is_i64(jb_hourly_read(path, &none, &err), JB_E_INPUT, "nobody accounts with marginal figures");
    ok(strstr(err.message, "marginal") != NULL, "the message says so");
    ok(jb_hourly_read_signal(path, &none, &err) == JB_OK, "but a time may be chosen by them");
    jb_hourly_free(none);
}

static void test_refused(void)
{
    static const struct {
        const char *text, *message, *promise;
    } rows[] = {
        {"{\"data\":[]}", "no answer of a grid", "an answer of nobody"},
        {"{\"zone\":\"NL\",\"data\":[]}", "holds no intensities", "an answer without rows"},
        {"{\"zone\":\"NL\",\"data\":[", "not JSON", "a torn answer"},
        {"{\"zone\":\"NL\",\"data\":[{\"carbonIntensity\":-1,\"datetime\":\"2026-01-01T00:00:00Z\"}"
         "]}",
         "row 1", "a negative figure"},
        {"{\"zone\":\"NL\",\"data\":[{\"carbonIntensity\":1,\"datetime\":\"2026-01-01T00:00:00+01:"
         "00\"}]}",
         "not a time in UTC", "a local time"},
        {"{\"zone\":\"NL\",\"data\":[{\"carbonIntensity\":1,\"datetime\":\"2026-01-01T00:00:00Z\"},"
         "{\"carbonIntensity\":1,\"datetime\":\"2026-01-01T00:00:00Z\"}]}",
         "row 1 already", "an hour twice"},
        {"{\"zone\":\"NL\",\"data\":[{\"carbonIntensity\":1,\"datetime\":\"2026-01-01T00:00:00Z\","
         "\"emissionFactorType\":\"direct\"},{\"carbonIntensity\":1,\"datetime\":"
         "\"2026-01-01T01:00:00Z\",\"emissionFactorType\":\"lifecycle\"}]}",
         "row 2: another emissionFactorType", "two bases in one answer"},
        {"{\"zone\":\"NL\",\"temporalGranularity\":\"daily\",\"data\":[{\"carbonIntensity\":1,"
         "\"datetime\":\"2026-01-01T00:00:00Z\"}]}",
         "not by the hour", "means of whole days"},
        {"{\"data\":[{\"point_time\":\"2026-01-01T00:00:00Z\",\"value\":1}],\"meta\":{\"region\":"
         "\"X\","
         "\"signal_type\":\"health_damage\",\"units\":\"USD_per_mwh\"}}",
         "signal_type", "damages instead of carbon"},
        {"{\"data\":[{\"from\":\"2026-01-01T00:00Z\",\"to\":\"2026-01-02T00:00Z\",\"intensity\":"
         "{\"actual\":1}}]}",
         "no half hour", "a whole day as one row"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++) {
        struct jb_hourly *none = NULL;
        struct jb_error err = {0};
        const jb_rc rc =
            jb_hourly_parse("answer.json", rows[i].text, strlen(rows[i].text), &none, &err);
        if (!ok(rc == JB_E_INPUT && !none && strstr(err.message, rows[i].message), "%s is refused",
                rows[i].promise))
            diag("%d %s", rc, err.message);
    }
}

int main(void)
{
    test_electricity_maps();
    test_gb();
    test_watttime();
    test_refused();
    return done_testing();
}
