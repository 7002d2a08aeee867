/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of MLPerf power logs, as loggers write them. R-IMPORT-05. */
#include "import/import.h"
#include "tap.h"

static struct jb_import_event event;
static struct jb_import_parser parser;

static jb_rc take(const char *line)
{
    struct jb_error err = {0};

    event = (struct jb_import_event){.what = JB_IMPORT_NOTHING};
    return jb_import_mlperf_power.take_line(&parser, line, strlen(line), &event, &err);
}

int main(void)
{
    is_i64(take(":::MLLOG {\"namespace\": \"\", \"time_ms\": 1715341080337, \"event_type\": "
                "\"POINT_IN_TIME\", \"key\": \"power_reading\", \"value\": 2090, \"metadata\": "
                "\"\"}"),
           JB_OK, "a reading as published");
    ok(event.what == JB_IMPORT_READING && event.raw == 2090000000 &&
           event.utc_ns == INT64_C(1715341080337000000),
       "2090 W at its millisecond");
    ok(parser.unit.semantics == JB_SEMANTICS_GAUGE_SINCE && parser.unit.unit_num == 1,
       "in uW since the reading before");
    is_i64(take("node3: :::MLLOG "
                "{\"time_ms\":1715341080337.5,\"key\":\"power_reading\",\"value\":0.25}"),
           JB_OK, "behind a prefix, with fractions");
    ok(event.raw == 250000 && event.utc_ns == INT64_C(1715341080337500000), "both are kept");
    is_i64(
        take(":::MLLOG {\"namespace\":\"\",\"time_ms\":1715341078316,\"event_type\":\"INTERVAL_"
             "START\",\"key\":\"power_measurement_start\",\"value\":\"null\",\"metadata\":\"\"}"),
        JB_OK, "a start stamp");
    ok(event.what == JB_IMPORT_START && event.utc_ns == INT64_C(1715341078316000000), "is one");
    is_i64(take(":::MLLOG {\"time_ms\": 5, \"key\": \"power_measurement_stop\", \"value\": null}"),
           JB_OK, "a stop stamp");
    is_i64(event.what, JB_IMPORT_STOP, "is one");
    is_i64(take(":::MLLOG {\"time_ms\": 5, \"key\": \"power_reading\", \"value\": null}"), JB_OK,
           "a reading without a value");
    is_i64(event.what, JB_IMPORT_FAILED, "failed, and is not zero (R-IMPORT-05)");
    (void)take(":::MLLOG {\"time_ms\": 5, \"key\": \"power_reading\", \"value\": \"null\"}");
    is_i64(event.what, JB_IMPORT_FAILED, "also where null is a text");
    (void)take(":::MLLOG {\"time_ms\": 1652749794206, \"key\": \"interconnect_power_est\", "
               "\"value\": 16100, \"metadata\": {\"switch_id\": \"sw_01\"}}");
    ok(event.what == JB_IMPORT_OTHER, "an estimate is no reading");
    is_str(event.key, "interconnect_power_est", "and is known by its key");
    is_i64(take("[1] loading weights"), JB_OK, "somebody else's line");
    ok(event.what != JB_IMPORT_READING && event.what != JB_IMPORT_FAILED, "is no reading");

    is_i64(take(":::MLLOG {\"time_ms\": 5, \"key\": \"power_reading\", \"value\": \"12 W\"}"),
           JB_E_INPUT, "a text is no power");
    is_i64(take(":::MLLOG {\"time_ms\": 5, \"key\": \"power_reading\", \"value\": -1}"), JB_E_INPUT,
           "nor is less than nothing");
    is_i64(take(":::MLLOG {\"time_ms\": 5, \"key\": \"power_reading\", \"value\": 1e300}"),
           JB_E_INPUT, "nor more than a power station");
    is_i64(take(":::MLLOG {\"time_ms\": \"now\", \"key\": \"power_reading\", \"value\": 1}"),
           JB_E_INPUT, "a time that is none");
    is_i64(take(":::MLLOG {\"time_ms\": 1e300, \"key\": \"power_reading\", \"value\": 1}"),
           JB_E_INPUT, "or never comes");
    is_i64(take(":::MLLOG {\"key\": \"power_read"), JB_E_INPUT, "a torn line");
    is_i64(take(":::MLLOG []"), JB_E_INPUT, "no object");
    is_i64(take(":::MLLOG"), JB_E_INPUT, "nothing at all");
    return done_testing();
}
