/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a meter's JSON, exactly as written (R-SENSOR-82). */
#include "tap.h"

#include <locale.h>

#include "sensor/meter_json.h"

/* The member "a" of {"a": <text>} with six decimals; -1: no number. */
static int64_t micro(const char *text)
{
    char object[512];
    uint64_t value = 0;

    (void)snprintf(object, sizeof object, "{\"a\": %s}", text);
    json_t *const root = meter_json__object(object, strlen(object));
    const jb_rc rc = meter_json__decimal(json_object_get(root, "a"), 6, &value);
    json_decref(root);
    return rc < 0 ? -1 : (int64_t)value;
}

int main(void)
{
    is_i64(micro("0.1"), 100000, "0.1, which no double is");
    is_i64(micro("2.21"), 2210000, "2.21");
    is_i64(micro("123456789.123456"), INT64_C(123456789123456), "fifteen digits");
    is_i64(micro("1234567"), INT64_C(1234567000000), "a whole number");
    is_i64(micro("1.5e3"), INT64_C(1500000000), "an exponent");
    is_i64(micro("0.0000005"), 1, "what the scale does not hold is rounded half away from zero");
    is_i64(micro("0.00000049"), 0, "or down");
    is_i64(micro("\"42.5\""), 42500000, "text that is a number");
    is_i64(micro("0"), 0, "zero is a number");
    is_i64(micro("-0.0"), 0, "so is its negative");
    static const char *const bad[] = {"-1",
                                      "null",
                                      "true",
                                      "\"\"",
                                      "\"NaN\"",
                                      "\"+Inf\"",
                                      "\"1,5\"",
                                      "\"-3\"",
                                      "[1]",
                                      "{\"b\":1}",
                                      "1e300",
                                      "\"1 W\"",
                                      "9223372036854775807",
                                      "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_i64(micro(bad[i]), -1, "%s is no number here", bad[i]);
    /* A host program of the library may have set any locale; only those installed can be tried. */
    const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < sizeof commas / sizeof commas[0]; i++)
        if (setlocale(LC_ALL, commas[i]))
            is_i64(micro("2.21"), 2210000, "2.21 in locale %s", commas[i]);
    uint64_t untouched = 7;
    is_i64(meter_json__decimal(NULL, 6, &untouched), JB_E_AGAIN, "an absent member is no number");
    is_i64((int64_t)untouched, 7, "and nothing is written");
    ok(!meter_json__object("[1]", 3) && !meter_json__object("{\"a\":1} x", 9) &&
           !meter_json__object("", 0) && !meter_json__object("{\"a\":1", 6),
       "only one whole object is one");
    return done_testing();
}
