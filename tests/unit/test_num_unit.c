/* SPDX-License-Identifier: Apache-2.0 */
/* A number with its unit becomes a whole number of the smallest unit, or is refused. */
#include "base/num.h"
#include "tap.h"

static const struct jb_unit units[] = {{"mW", 1000}, {"W", 1000000}, {"kW", 1000000000}};
static const struct jb_unit bare[] = {{"", 10}, {"x", 1}};

static void test_taken(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"3kW", 3000000000}, {"1.5 kW", 1500000000}, {"1 mW", 1000},
        {"0.0005 mW", 1},    {"0.0004 mW", 0},       {"0 W", 0},
        {".5W", 500000},     {"2.   W", 2000000},    {"9223372036 W", 9223372036000000},
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t value = -1;
        ok(jb_parse_quantity(good[i].text, units, 3, &value) == JB_OK && value == good[i].value,
           "'%s' is %lld uW", good[i].text, (long long)good[i].value);
    }
    int64_t value = -1;
    ok(jb_parse_quantity("7", bare, 2, &value) == JB_OK && value == 70,
       "a bare number counts in the unit without a name");
}

static void test_refused(void)
{
    static const char *const bad[] = {"",    "W",    "3",    "3 w",  "3 Wh",   "-3 W",  "1,5 W",
                                      "3W ", " 3 W", "+3 W", "3\tW", "1.2.3W", "nan W", "1e3 W"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t value = 77;
        ok(jb_parse_quantity(bad[i], units, 3, &value) == JB_E_INPUT && value == 77,
           "'%s' is refused", bad[i]);
    }
    int64_t value = 77;
    ok(jb_parse_quantity("99999999999 W", units, 3, &value) == JB_E_RANGE && value == 77,
       "what does not fit is out of range");
}

int main(void)
{
    test_taken();
    test_refused();
    return done_testing();
}
