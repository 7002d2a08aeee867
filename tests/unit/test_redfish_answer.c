/* SPDX-License-Identifier: Apache-2.0 */
/* Resources of Redfish, in the words of its schemas 2020.4 and older (R-SENSOR-82, R-SENSOR-83). */
#include "tap.h"

#include "sensor/redfish_answer.h"

static struct redfish_resource found;

static jb_rc parse(const char *text, size_t n_power)
{
    return redfish__parse(text, strlen(text), n_power, &found);
}

static void links(void)
{
    is_i64(parse("{\"@odata.type\":\"#ServiceRoot.v1_15_0.ServiceRoot\",\"Chassis\":{"
                 "\"@odata.id\":\"/redfish/v1/Chassis\"}}",
                 0),
           JB_OK, "a service root");
    ok(found.kind == REDFISH_ROOT && strcmp(found.chassis, "/redfish/v1/Chassis") == 0,
       "leads to its chassis");
    is_i64(parse("{\"@odata.type\":\"#ChassisCollection.ChassisCollection\",\"Members\":[{"
                 "\"@odata.id\":\"/redfish/v1/Chassis/1\"},{\"@odata.id\":"
                 "\"https://elsewhere.example/x\"},{\"@odata.id\":\"//elsewhere.example/x\"},{}]}",
                 0),
           JB_OK, "a collection");
    ok(found.kind == REDFISH_COLLECTION && found.n_members == 1 &&
           strcmp(found.members[0], "/redfish/v1/Chassis/1") == 0,
       "links that leave the host are none");
    is_i64(parse("{\"@odata.type\":\"#Chassis.v1_23_0.Chassis\",\"EnvironmentMetrics\":{"
                 "\"@odata.id\":\"/redfish/v1/Chassis/1/EnvironmentMetrics\"},\"Power\":{"
                 "\"@odata.id\":\"/redfish/v1/Chassis/1/Power\"}}",
                 0),
           JB_OK, "a chassis");
    ok(found.kind == REDFISH_CHASSIS &&
           strcmp(found.environment, "/redfish/v1/Chassis/1/EnvironmentMetrics") == 0 &&
           strcmp(found.power, "/redfish/v1/Chassis/1/Power") == 0,
       "leads to both of its meters");
}

static void readings(void)
{
    is_i64(parse("{\"@odata.type\":\"#EnvironmentMetrics.v1_3_0.EnvironmentMetrics\","
                 "\"PowerWatts\":{\"Reading\":374.5,\"DataSourceUri\":"
                 "\"/redfish/v1/Chassis/1/Sensors/W\"},\"EnergykWh\":{\"Reading\":1204.56,"
                 "\"LifetimeReading\":9999,\"SensorResetTime\":\"2026-01-01T00:00:00Z\"},"
                 "\"EnergyJoules\":{\"Reading\":4336416000.25}}",
                 0),
           JB_OK, "EnvironmentMetrics");
    ok(found.has[REDFISH_WATTS] && found.value[REDFISH_WATTS] == 374500000, "374.5 W in uW");
    ok(found.has[REDFISH_KWH] && found.value[REDFISH_KWH] == 1204560000, "kWh in 10^-6");
    ok(found.has[REDFISH_JOULES] && found.value[REDFISH_JOULES] == UINT64_C(4336416000250),
       "J in mJ");
    is_str(found.source[REDFISH_WATTS], "/redfish/v1/Chassis/1/Sensors/W", "the sensor behind it");
    is_str(found.source[REDFISH_JOULES], "", "which is not the one behind another reading");
    is_str(found.reset_time, "2026-01-01T00:00:00Z", "since when it counts");
    is_i64(parse("{\"@odata.type\":\"#Sensor.v1_7_0.Sensor\",\"ReadingType\":\"Power\","
                 "\"Reading\":250,\"ReadingUnits\":\"W\",\"ReadingTime\":\"2026-11-23T07:00:01Z\","
                 "\"SensingInterval\":\"PT2S\",\"Accuracy\":1.5}",
                 0),
           JB_OK, "a sensor");
    ok(found.value[REDFISH_WATTS] == 250000000 && !found.has[REDFISH_JOULES], "of power");
    is_i64(found.interval_ns, INT64_C(2000000000), "renewed every 2 s");
    is_i64(found.accuracy_ppm, 15000, "1.5 %% by its maker");
    is_str(found.reading_time, "2026-11-23T07:00:01Z", "read when it says");
    ok(parse("{\"@odata.type\":\"#Sensor.v1_7_0.Sensor\",\"ReadingType\":\"Power\",\"Reading\":250,"
             "\"Accuracy\":0}",
             0) == JB_OK &&
           found.accuracy_ppm == -1,
       "an accuracy of 0 is none that was stated");
    ok(parse("{\"@odata.type\":\"#Sensor.v1_7_0.Sensor\",\"ReadingType\":\"Temperature\","
             "\"Reading\":41}",
             0) == JB_OK &&
           !found.has[REDFISH_WATTS] && found.accuracy_ppm == -1,
       "a temperature is no power");
    static const char power[] =
        "{\"@odata.type\":\"#Power.v1_5_3.Power\",\"PowerControl\":[{\"MemberId\":\"0\","
        "\"PowerConsumedWatts\":344,\"PowerMetrics\":{\"IntervalInMin\":30,"
        "\"AverageConsumedWatts\":319}},{\"PowerConsumedWatts\":null}]}";
    ok(parse(power, 0) == JB_OK && found.value[REDFISH_WATTS] == 344000000, "the older Power");
    ok(parse(power, 1) == JB_OK && !found.has[REDFISH_WATTS], "null is no reading");
    ok(parse(power, 2) == JB_OK && !found.has[REDFISH_WATTS], "nor is what is not there");
    ok(parse("{\"@odata.type\":\"#PowerSubsystem.v1_1_0.PowerSubsystem\",\"PowerControl\":[{"
             "\"PowerConsumedWatts\":1}]}",
             0) == JB_OK &&
           found.kind == REDFISH_OTHER && !found.has[REDFISH_WATTS],
       "PowerSubsystem is not Power");
    is_i64(parse("<html>", 0), JB_E_AGAIN, "a page is no resource");
    is_i64(parse("{\"error\":{\"code\":\"Base.1.0.GeneralError\"}}", 0), JB_OK, "an error is");
    ok(found.kind == REDFISH_OTHER && !found.has[REDFISH_WATTS], "one that reads nothing");
}

static int64_t duration(const char *text)
{
    int64_t ns = -1;

    return redfish__parse_duration(text, strlen(text), &ns) == JB_OK ? ns : -1;
}

static void durations(void)
{
    is_i64(duration("PT1S"), INT64_C(1000000000), "a second");
    is_i64(duration("PT0.5S"), 500000000, "half of one");
    is_i64(duration("PT1M30S"), INT64_C(90000000000), "90 s");
    is_i64(duration("PT20M"), INT64_C(1200000000000), "20 minutes");
    is_i64(duration("P1D"), INT64_C(86400000000000), "a day");
    is_i64(duration("P0DT2H"), INT64_C(7200000000000), "two hours");
    static const char *const bad[] = {
        "",     "P",   "PT",    "PT1",   "P1M",  "PT1S1M", "PT-1S",    "1S",
        "PT1X", "P2D", "PT1S ", "PTT1S", "PT.S", "P1Y",    "PT1.2.3S", "PT99999999999999S"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_i64(duration(bad[i]), -1, "'%s' is no duration", bad[i]);
}

int main(void)
{
    links();
    readings();
    durations();
    return done_testing();
}
