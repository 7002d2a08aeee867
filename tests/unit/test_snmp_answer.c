/* SPDX-License-Identifier: Apache-2.0 */
/* Object identifiers and values of SNMP (R-SENSOR-82, R-SENSOR-86). */
#include "tap.h"

#include "sensor/meter_answer.h"

static jb_rc oid(const char *text, unsigned long *ret, size_t *n)
{
    return snmp__parse_oid(text, strlen(text), ret, n);
}

static int64_t raw(const struct snmp_value *value)
{
    uint64_t got = 0;

    return snmp__raw_of(value, &got) == JB_OK ? (int64_t)got : -1;
}

static int64_t raw_text(const char *text)
{
    return raw(&(struct snmp_value){.type = SNMP_TYPE_TEXT, .bytes = text, .len = strlen(text)});
}

int main(void)
{
    unsigned long parts[SNMP_OID_MAX];
    char longest[4 * SNMP_OID_MAX] = "1.3.6";
    size_t n = 0;

    ok(oid(".1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.12", parts, &n) == JB_OK && n == 16 &&
           parts[0] == 1 && parts[6] == 318 && parts[15] == 12,
       "an object identifier");
    ok(oid("1.3.6.1.4.1.4294967295", parts, &n) == JB_OK && n == 7 && parts[6] == 4294967295,
       "without its first point, up to 2^32 - 1");
    static const char *const bad[] = {
        "",         ".",        "1.3",        "1..3.6",  "1.3.6.",          "1.3.x.1",
        "1.3.6.-1", "1.3.6 .1", "sysDescr.0", "3.1.6.1", "1.3.6.4294967296"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_i64(oid(bad[i], parts, &n), JB_E_INPUT, "'%s' is none", bad[i]);
    while (strlen(longest) + 3 < sizeof longest)
        (void)snprintf(longest + strlen(longest), 3, ".1");
    is_i64(oid(longest, parts, &n), JB_E_INPUT, "nor one of more than 128 parts");

    is_i64(raw(&(struct snmp_value){.type = SNMP_TYPE_INTEGER, .integer = 412}), 412000,
           "an INTEGER in thousandths");
    is_i64(raw(&(struct snmp_value){.type = SNMP_TYPE_INTEGER, .integer = -1}), -1,
           "-1, by which PDUs say that they do not know, is no value");
    is_i64(raw(&(struct snmp_value){.type = SNMP_TYPE_GAUGE, .size = UINT32_MAX}),
           INT64_C(4294967295000), "a Gauge32");
    is_i64(raw(&(struct snmp_value){.type = SNMP_TYPE_COUNTER64, .size = UINT64_C(5000000000)}),
           INT64_C(5000000000000), "a Counter64");
    is_i64(raw(&(struct snmp_value){.type = SNMP_TYPE_COUNTER64, .size = UINT64_MAX}), -1,
           "one that does not fit");
    is_i64(raw(&(struct snmp_value){.type = 0x43, .size = 5}), -1, "TimeTicks are no energy");
    is_i64(raw_text("12.5"), 12500, "text with decimals");
    is_i64(raw_text(" 7 "), 7000, "with blanks around");
    is_i64(raw(&(struct snmp_value){.type = SNMP_TYPE_TEXT, .bytes = "7\0", .len = 2}), 7000,
           "and with its NUL");
    static const char *const no_text[] = {"", " ", "N/A", "-3", "12,5", "12 W", "nan"};
    for (size_t i = 0; i < sizeof no_text / sizeof no_text[0]; i++)
        is_i64(raw_text(no_text[i]), -1, "'%s' is no value", no_text[i]);
    return done_testing();
}
