/* SPDX-License-Identifier: Apache-2.0 */
/* Decimals, times and units as bills write them. R-BILL-04, R-BILL-05. */
#include "import/bill_int.h"
#include "tap.h"

#define P15 ((jb_i128)1000000000000000)

static jb_rc decimal(const char *text, jb_i128 *ret)
{
    return jb_bill__decimal(text, strlen(text), ret);
}

static void test_decimals(void)
{
    static const struct {
        const char *text;
        int64_t whole, femto; /* of the sum; both signed */
    } good[] = {
        {"0", 0, 0},
        {"2.000000000000000", 2, 0},
        {"0.001388888900000", 0, 1388888900000},
        {"-12.5", -12, -500000000000000},
        {".5", 0, 500000000000000},
        {"7.", 7, 0},
        {"8E-7", 0, 800000000},
        {"1.5e3", 1500, 0},
        {"1.5e+3", 1500, 0},
        {"1.4901161193847656E-7", 0, 149011612},
        {"0.0000000000000004", 0, 0},
        {"0.0000000000000005", 0, 1},
        {"-0.0000000000000015", 0, -2},
        {"999999999999999999.123456789012345", 999999999999999999, 123456789012345},
        {"0e999999999", 0, 0},
        {"1e-999999999", 0, 0},
        {"00000000000000000000000000000000000001", 1, 0},
    };
    static const char *const bad[] = {"",    ".",   "-",     "+1",  "1,5", "1.2.3", "1e",
                                      "e5",  "nan", "0x10",  " 1",  "1 ",  "1e5.5", "$3",
                                      "1-2", "--1", "1e--5", "inf", "1_0", "1e+"};
    jb_i128 value = 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(good); i++)
        ok(decimal(good[i].text, &value) == JB_OK &&
               value == (jb_i128)good[i].whole * P15 + good[i].femto,
           "%s is read exactly", good[i].text);
    for (size_t i = 0; i < JB_ARRAY_LEN(bad); i++)
        ok(decimal(bad[i], &value) == JB_E_INPUT, "'%s' is no number", bad[i]);
    ok(decimal("999999999999999999999", &value) == JB_OK &&
           value / P15 / 1000 == 999999999999999999,
       "twenty-one digits are taken");
    ok(decimal("1000000000000000000000", &value) == JB_E_RANGE, "twenty-two are too many");
    ok(decimal("1e21", &value) == JB_E_RANGE && decimal("1e999999999", &value) == JB_E_RANGE,
       "by an exponent too");
}

static void test_scaled(void)
{
    int64_t value = 0;

    ok(jb_bill__scaled(P15 * 20000000, 3600000000, 1, &value) == JB_OK &&
           value == 72000000000000000,
       "twenty million hours are so many microseconds");
    ok(jb_bill__scaled(P15 / 2, 1, 1, &value) == JB_OK && value == 1, "a half is rounded up");
    ok(jb_bill__scaled(-P15 / 2, 1, 1, &value) == JB_OK && value == -1, "and down below zero");
    ok(jb_bill__scaled(P15 / 2 - 1, 1, 1, &value) == JB_OK && value == 0, "less than it is not");
    ok(jb_bill__scaled(P15 * 1073741824 * 5, 1000000, 1073741824, &value) == JB_OK &&
           value == 5000000,
       "byte-seconds are GiB-microseconds");
    ok(jb_bill__scaled((jb_i128)INT64_MAX * P15, 1, 1, &value) == JB_OK && value == INT64_MAX,
       "the largest fits");
    ok(jb_bill__scaled(((jb_i128)INT64_MAX + 1) * P15, 1, 1, &value) == JB_E_RANGE,
       "one more does not");
}

static void test_times(void)
{
    static const struct {
        const char *text;
        bool is_month_first;
        int64_t utc_us;
        bool is_day;
    } good[] = {
        {"2024-09-18 23:00:00", false, 1726700400000000, false},
        {"2024-09-18T23:00:00Z", false, 1726700400000000, false},
        {"2024-09-18T23:00Z", false, 1726700400000000, false},
        {"2024-09-18T23:00:00.000Z", false, 1726700400000000, false},
        {"2024-09-18 23:00:00.25 UTC", false, 1726700400250000, false},
        {"2024-09-19T01:00:00+02:00", false, 1726700400000000, false},
        {"2024-09-18T18:30:00-0430", false, 1726700400000000, false},
        {"2024-09-18", false, 1726617600000000, true},
        {"09/18/2024", true, 1726617600000000, true},
        {"202409", false, 1725148800000000, true},
    };
    static const char *const bad[] = {"",
                                      "2024",
                                      "2024-13-01",
                                      "2024-02-30 00:00:00",
                                      "2024-09-18 25:00:00",
                                      "2024-09-18T",
                                      "2024-09-18 23",
                                      "2024-09-18 23:00:00 CET",
                                      "18.09.2024",
                                      "09/18/2024",
                                      "202413",
                                      "2024-09-18T23:00:00+99:00"};
    int64_t utc_us = 0;
    int64_t end_us = 0;
    bool is_day = false;

    for (size_t i = 0; i < JB_ARRAY_LEN(good); i++) {
        ok(jb_bill__time(good[i].text, strlen(good[i].text), good[i].is_month_first, &utc_us,
                         &is_day) == JB_OK &&
               utc_us == good[i].utc_us && is_day == good[i].is_day,
           "%s is a time", good[i].text);
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(bad); i++)
        ok(jb_bill__time(bad[i], strlen(bad[i]), false, &utc_us, &is_day) == JB_E_INPUT,
           "'%s' is none", bad[i]);
    jb_bill__month(1726700400000000, &utc_us, &end_us);
    ok(utc_us == 1725148800000000 && end_us == 1727740800000000, "September has its two ends");
}

static void test_times_again(void)
{
    static const char *const texts[] = {
        "2024-02-28 23:59:59",  "2024-02-29 00:00:00", "2024-02-29 00:00:00",
        "2024-02-10T01:02:03Z", "2023-02-29 00:00:00", "2024-02-10T01:02:03",
        "2024-02-10T01:02:03X", "2024-03-01 00:00:00", "2024-03-31T23:00:00-02:00",
        "2024-03-05 24:00:00",  "2024-03-00 00:00:00", "2024-03-05 10:00",
        "2024-03-05",           "2024-03-05 00:00:00", "2024-03-05 0a:00:00",
    };
    struct bill_time_memo memo = {0};

    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < JB_ARRAY_LEN(texts); i++) {
            const size_t len = strlen(texts[i]);
            int64_t want_us = 0;
            int64_t got_us = 0;
            bool want_day = false;
            bool got_day = false;
            const jb_rc want = jb_bill__time(texts[i], len, false, &want_us, &want_day);
            const jb_rc got = jb_bill__time_again(&memo, texts[i], len, false, &got_us, &got_day);
            ok(want == got && want_us == got_us && want_day == got_day,
               "'%s' is the same after others", texts[i]);
        }
}

static void test_units(void)
{
    int64_t multiple = 0;
    const struct bill_unit *unit = jb_bill__unit("Hrs", &multiple);

    ok(unit && unit->kind == BILL_UNIT_TIME && unit->num == 3600000000 && multiple == 1, "hours");
    unit = jb_bill__unit("100 Hours", &multiple);
    ok(unit && unit->kind == BILL_UNIT_TIME && multiple == 100, "by the hundred");
    unit = jb_bill__unit("Lambda-GB-Second", &multiple);
    ok(unit && unit->kind == BILL_UNIT_MEMORY_TIME && unit->num == 1000000, "GB-seconds");
    unit = jb_bill__unit("kWh", &multiple);
    ok(unit && unit->kind == BILL_UNIT_ENERGY && unit->num == 3600000000000, "kWh");
    ok(!jb_bill__unit("GB-Months", &multiple) && !jb_bill__unit("LCU-Hours", &multiple) &&
           !jb_bill__unit("", &multiple),
       "others are no kind that matters");
}

int main(void)
{
    test_decimals();
    test_scaled();
    test_times();
    test_times_again();
    test_units();
    return done_testing();
}
