/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of Shelly and Tasmota plugs, as their makers document them (R-SENSOR-82, R-SENSOR-84, R-SENSOR-85). */
#include "tap.h"

#include "sensor/meter_answer.h"

#define GEN1                                                                                \
    "{\"power\":2.21,\"is_valid\":true,\"timestamp\":1680779310,\"counters\":[2.115,2.114," \
    "2.142],\"total\":439237}"
#define GEN2                                                                                     \
    "{\"id\":0,\"source\":\"init\",\"output\":true,\"apower\":15.8,\"voltage\":230.1,"           \
    "\"freq\":50.0,\"current\":0.132,\"aenergy\":{\"total\":9492.468,\"by_minute\":[256.1,0,0]," \
    "\"minute_ts\":1700000000},\"temperature\":{\"tC\":41.2,\"tF\":106.2}}"
#define TASMOTA                                                                                  \
    "{\"StatusSNS\":{\"Time\":\"2026-11-23T07:15:00\",\"ENERGY\":{\"TotalStartTime\":"           \
    "\"2026-01-01T00:00:00\",\"Total\":337.433,\"Yesterday\":0.923,\"Today\":0.337,"             \
    "\"Power\":367,\"ApparentPower\":507,\"ReactivePower\":350,\"Factor\":0.72,\"Voltage\":235," \
    "\"Current\":2.156}}}"
#define TASMOTA_TWO \
    "{\"StatusSNS\":{\"ENERGY\":{\"Total\":[1.5,2.25],\"Power\":[10,20.5],\"Current\":[1,2]}}}"

/* As it stands unless SetOption129 is on: one count of all outlets. */
#define TASMOTA_SUM \
    "{\"StatusSNS\":{\"ENERGY\":{\"Total\":3.75,\"Power\":[10,20.5],\"Current\":[1,2]}}}"

static struct plug_answer answer;

static jb_rc gen1(const char *text)
{
    return shelly__parse_gen1(text, strlen(text), &answer);
}

static jb_rc gen2(const char *text)
{
    return shelly__parse_gen2(text, strlen(text), &answer);
}

static jb_rc tasmota(const char *text, size_t outlet)
{
    return tasmota__parse(text, strlen(text), outlet, &answer);
}

static void good(void)
{
    is_i64(gen1(GEN1), JB_OK, "Gen1");
    ok(answer.has_power && answer.power_uw == 2210000, "2.21 W");
    ok(answer.has_energy && answer.energy == 439237, "439237 W min");
    is_i64(gen2(GEN2), JB_OK, "Gen2");
    ok(answer.power_uw == 15800000 && answer.energy == 9492468, "15.8 W, 9492.468 Wh in mWh");
    is_i64(tasmota(TASMOTA, 0), JB_OK, "Tasmota");
    ok(answer.power_uw == 367000000 && answer.energy == 33743300,
       "367 W, 337.433 kWh in 0.00001 kWh");
    ok(tasmota(TASMOTA_TWO, 1) == JB_OK && answer.power_uw == 20500000 && answer.energy == 225000,
       "the second of two outlets");
    ok(tasmota(TASMOTA_SUM, 0) == JB_OK && answer.power_uw == 10000000 && !answer.has_energy,
       "the count of all outlets is not that of the first");
    ok(tasmota(TASMOTA_TWO, 1) == JB_OK && answer.energy == 225000, "each outlet's own count is");
    ok(answer.energy * TASMOTA_STEP_UJ == UINT64_C(8100000000000), "2.25 kWh are 8.1 MJ");
    ok(1000 * SHELLY2_STEP_UJ == UINT64_C(3600000000), "1000 mWh are 3600 J");
    ok(60 * SHELLY1_STEP_UJ == UINT64_C(3600000000), "60 W min are 3600 J");
}

static void bad(void)
{
    is_i64(gen1("{\"power\":2.21,\"is_valid\":false,\"total\":439237}"), JB_E_AGAIN,
           "a meter that says it is not valid is not read");
    is_i64(gen1("{\"power\":-5,\"total\":null}"), JB_E_AGAIN, "nor is power below zero");
    is_i64(gen1("<html>busy</html>"), JB_E_AGAIN, "nor a page");
    is_i64(gen1(""), JB_E_AGAIN, "nor nothing");
    ok(gen1("{\"power\":1.5,\"total\":null}") == JB_OK && !answer.has_energy,
       "an absent count is not zero");
    is_i64(gen1("{\"power\":60.0,\"is_valid\":true}"), JB_E_AGAIN,
           "a relay without a meter shows what its owner typed in: no reading");
    is_i64(gen2("{\"id\":0,\"apower\":15.8,\"errors\":[\"power_meter_failure\"]}"), JB_E_AGAIN,
           "a meter that failed is not read");
    is_i64(gen2("{\"id\":0,\"output\":true}"), JB_E_AGAIN, "a relay without a meter reads nothing");
    is_i64(tasmota(TASMOTA, 1), JB_E_AGAIN, "there is no second outlet");
    is_i64(tasmota(TASMOTA_TWO, 2), JB_E_AGAIN, "nor a third");
    is_i64(tasmota("{\"WARNING\":\"Need user=<username>&password=<password>\"}", 0), JB_E_AGAIN,
           "a refusal is no reading");
    is_i64(tasmota("{\"StatusSNS\":{\"Time\":\"x\",\"Switch1\":\"OFF\"}}", 0), JB_E_AGAIN,
           "nor a device without a meter");
}

static void generations(void)
{
    static const char first[] = "{\"type\":\"SHPLG-S\",\"mac\":\"E868E7AABBCC\",\"auth\":false,"
                                "\"fw\":\"20230913-114008\",\"num_outputs\":1,\"num_meters\":1}";
    static const char second[] = "{\"name\":null,\"id\":\"shellyplusplugs-e46\",\"mac\":\"E46\","
                                 "\"model\":\"SNPL-00112EU\",\"gen\":2,\"ver\":\"1.0.3\"}";
    static const char third[] = "{\"id\":\"shelly1pmg3\",\"gen\":3,\"auth_en\":true}";
    int generation = 0;

    ok(shelly__generation(first, sizeof first - 1, &generation) == JB_OK && generation == 1,
       "the first generation");
    ok(shelly__generation(second, sizeof second - 1, &generation) == JB_OK && generation == 2,
       "the second");
    ok(shelly__generation(third, sizeof third - 1, &generation) == JB_OK && generation == 2,
       "the third speaks like the second");
    is_i64(shelly__generation("{}", 2, &generation), JB_E_INPUT, "something else");
}

int main(void)
{
    good();
    bad();
    generations();
    return done_testing();
}
