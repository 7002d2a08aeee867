/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text and back. Expected values by hand; what is refused must leave the output alone. */
#include <locale.h>

#include "base/num.h"
#include "tap.h"

static const int64_t untouched = 424242;

static void is_parsed_i64(const char *text, jb_rc want_rc, int64_t want)
{
    int64_t got = untouched;
    const jb_rc rc = jb_parse_i64(text, strlen(text), false, &got);

    ok(rc == want_rc && got == (rc == JB_OK ? want : untouched), "\"%s\" is %s", text,
       jb_rc_name(want_rc));
}

static void is_parsed_u64(const char *text, bool allow_space, jb_rc want_rc, uint64_t want)
{
    uint64_t got = (uint64_t)untouched;
    const jb_rc rc = jb_parse_u64(text, strlen(text), allow_space, &got);

    ok(rc == want_rc && got == (rc == JB_OK ? want : (uint64_t)untouched), "\"%.*s\" %s is %s",
       (int)strcspn(text, "\n"), text, allow_space ? "and what may follow" : "alone",
       jb_rc_name(want_rc));
}

static void whole_numbers(void)
{
    is_parsed_i64("0", JB_OK, 0);
    is_parsed_i64("-0", JB_OK, 0);
    is_parsed_i64("007", JB_OK, 7);
    is_parsed_i64("-42", JB_OK, -42);
    is_parsed_i64("9223372036854775807", JB_OK, INT64_MAX);
    is_parsed_i64("-9223372036854775808", JB_OK, INT64_MIN);
    is_parsed_i64("9223372036854775808", JB_E_RANGE, 0);
    is_parsed_i64("-9223372036854775809", JB_E_RANGE, 0);
    is_parsed_i64("99999999999999999999999999", JB_E_RANGE, 0);
    is_parsed_i64("99999999999999999999999999x", JB_E_INPUT, 0);
    is_parsed_i64("", JB_E_INPUT, 0);
    is_parsed_i64("-", JB_E_INPUT, 0);
    is_parsed_i64("--1", JB_E_INPUT, 0);
    is_parsed_i64("+1", JB_E_INPUT, 0);
    is_parsed_i64(" 1", JB_E_INPUT, 0);
    is_parsed_i64("1 ", JB_E_INPUT, 0);
    is_parsed_i64("0x10", JB_E_INPUT, 0);
    is_parsed_i64("1.0", JB_E_INPUT, 0);
    is_parsed_i64("1e3", JB_E_INPUT, 0);

    is_parsed_u64("18446744073709551615", false, JB_OK, UINT64_MAX);
    is_parsed_u64("18446744073709551616", false, JB_E_RANGE, 0);
    is_parsed_u64("18446744073709551620", false, JB_E_RANGE, 0);
    is_parsed_u64("184467440737095516150", false, JB_E_RANGE, 0);
    is_parsed_u64("-1", false, JB_E_INPUT, 0);
    is_parsed_u64("262143328850\n", true, JB_OK, UINT64_C(262143328850));
    is_parsed_u64("12 \t\n\n", true, JB_OK, 12);
    is_parsed_u64("12 3", true, JB_E_INPUT, 0);
    is_parsed_u64("12\n", false, JB_E_INPUT, 0);
    is_parsed_u64("\n", true, JB_E_INPUT, 0);
    is_parsed_u64("<not counted>", true, JB_E_INPUT, 0);
}

static void bounded_reads(void)
{
    uint64_t got = 0;
    int64_t got_signed = 0;

    ok(jb_parse_u64("12345", 3, false, &got) == JB_OK && got == 123,
       "a parser looks at len bytes and no further");
    ok(jb_parse_i64("-99", 2, false, &got_signed) == JB_OK && got_signed == -9,
       "with a sign as well");
    ok(jb_parse_decimal("1.25", 3, 2, &got_signed) == JB_OK && got_signed == 120,
       "and with a fraction");
    is_i64(jb_parse_i64("1\n", 2, false, &got_signed), JB_E_INPUT,
           "a line end is refused where no space may follow");
    is_i64(jb_parse_u64("1\0002", 3, false, &got), JB_E_INPUT, "a NUL inside is no digit");
    is_i64(jb_parse_decimal(NULL, 0, 2, &got_signed), JB_E_INPUT, "no text is no number");
}

static void is_decimal(const char *text, unsigned scale, jb_rc want_rc, int64_t want)
{
    int64_t got = untouched;
    const jb_rc rc = jb_parse_decimal(text, strlen(text), scale, &got);

    if (!ok(rc == want_rc && got == (rc == JB_OK ? want : untouched), "\"%s\" at scale %u is %s",
            text, scale, jb_rc_name(want_rc)))
        diag("got %" PRId64 " want %" PRId64, got, want);
}

static void decimals(void)
{
    is_decimal("12.5", 3, JB_OK, 12500);
    is_decimal("1e3", 3, JB_OK, 1000000);
    is_decimal("-0.25", 2, JB_OK, -25);
    is_decimal(".5", 1, JB_OK, 5);
    is_decimal("5.", 1, JB_OK, 50);
    is_decimal("0", 18, JB_OK, 0);
    is_decimal("-0.0", 3, JB_OK, 0);
    is_decimal("1.2345", 3, JB_OK, 1235);
    is_decimal("1.23449999999", 3, JB_OK, 1234);
    is_decimal("-1.2345", 3, JB_OK, -1235);
    is_decimal("0.5", 0, JB_OK, 1);
    is_decimal("-0.5", 0, JB_OK, -1);
    is_decimal("0.49999999999999999999999999999", 0, JB_OK, 0);
    is_decimal("999.9996", 3, JB_OK, 1000000);
    is_decimal("1.5E+2", 0, JB_OK, 150);
    is_decimal("1.5e-1", 3, JB_OK, 150);
    is_decimal("150e-3", 2, JB_OK, 15);
    is_decimal("0.00000000000000000000123e20", 3, JB_OK, 123);
    is_decimal("123000000000000000000000e-21", 0, JB_OK, 123);
    is_decimal("5e-4", 3, JB_OK, 1);
    is_decimal("4e-4", 3, JB_OK, 0);
    is_decimal("9e-5", 3, JB_OK, 0);
    is_decimal("1e-999999999999999999999999", 3, JB_OK, 0);
    is_decimal("0e999999999999999999999999", 3, JB_OK, 0);
    is_decimal("1e999999999999999999999999", 3, JB_E_RANGE, 0);
    is_decimal("9223372036854775.807", 3, JB_OK, INT64_MAX);
    is_decimal("9223372036854775.8074", 3, JB_OK, INT64_MAX);
    is_decimal("9223372036854775.8075", 3, JB_E_RANGE, 0);
    is_decimal("-9223372036854775.808", 3, JB_OK, INT64_MIN);
    is_decimal("1e19", 0, JB_E_RANGE, 0);
    is_decimal("18446744073709551615.9", 0, JB_E_RANGE, 0);
    is_decimal("1", JB_DECIMAL_SCALE_MAX, JB_OK, INT64_C(1000000000000000000));
    is_decimal("1", JB_DECIMAL_SCALE_MAX + 1, JB_E_RANGE, 0);

    static const char *const refused[] = {"",    ".",   "-",     "-.",  "e3",    ".e3",  "1e",
                                          "1e+", "1,5", "1.2.3", "nan", "inf",   "+1",   "0x1p3",
                                          "1 ",  " 1",  "1e3.5", "--1", "1_000", "1.5W", "1e3e3"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        is_decimal(refused[i], 3, JB_E_INPUT, 0);
}

static void is_formatted(int64_t value, unsigned scale, const char *want)
{
    char text[32];

    is_str(jb_format_decimal(value, scale, text, sizeof text), want,
           "%" PRId64 " at scale %u is %s", value, scale, want);
}

static void decimal_texts(void)
{
    char text[32];
    bool same = true;

    is_formatted(12500, 3, "12.5");
    is_formatted(0, 3, "0");
    is_formatted(1000, 3, "1");
    is_formatted(1, 3, "0.001");
    is_formatted(-25, 2, "-0.25");
    is_formatted(10, 0, "10");
    is_formatted(100, 1, "10");
    is_formatted(INT64_MAX, 6, "9223372036854.775807");
    is_formatted(INT64_MIN, 0, "-9223372036854775808");
    is_formatted(INT64_MIN, 18, "-9.223372036854775808");
    is_formatted(7, 18, "0.000000000000000007");
    is_str(jb_format_decimal(12345, 2, text, 7), "123.45", "a text that just fits is written");
    is_str(jb_format_decimal(12345, 2, text, 6), "", "one that does not is not begun");

    uint64_t bits = 1;
    for (int i = 0; i < 100000; i++) {
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const int64_t value = (int64_t)bits >> (i % 60);
        const unsigned scale = (unsigned)i % (JB_DECIMAL_SCALE_MAX + 1);
        int64_t back = 0;
        (void)jb_format_decimal(value, scale, text, sizeof text);
        same = same && jb_parse_decimal(text, strlen(text), scale, &back) == JB_OK && back == value;
        (void)snprintf(text, sizeof text, "%" PRId64, value);
        same = same && jb_parse_i64(text, strlen(text), false, &back) == JB_OK && back == value;
        uint64_t back_unsigned = 0;
        (void)snprintf(text, sizeof text, "%" PRIu64, bits);
        same = same && jb_parse_u64(text, strlen(text), false, &back_unsigned) == JB_OK &&
               back_unsigned == bits;
    }
    ok(same, "100000 numbers of every size and scale come back from their text");
}

typedef const char *format_fn(int64_t value, char *buf, size_t size);

static void reads_as(format_fn *format, int64_t value, const char *want)
{
    char text[32];

    is_str(format(value, text, sizeof text), want, "%" PRId64 " reads as %s", value, want);
}

static void for_people(void)
{
    char text[4];

    reads_as(jb_format_energy, 0, "0 J");
    reads_as(jb_format_energy, 1, "0.000001 J");
    reads_as(jb_format_energy, 1234, "0.00123 J");
    reads_as(jb_format_energy, 1000000, "1.00 J");
    reads_as(jb_format_energy, 9996000, "10.0 J");
    reads_as(jb_format_energy, 999400000, "999 J");
    reads_as(jb_format_energy, 999500000, "0.278 Wh");
    reads_as(jb_format_energy, 1000000000, "0.278 Wh");
    reads_as(jb_format_energy, 3600000000, "1.00 Wh");
    reads_as(jb_format_energy, -45000000000, "-12.5 Wh");
    reads_as(jb_format_energy, INT64_C(3598200000000), "1.00 kWh"); /* 999.5 Wh */
    reads_as(jb_format_energy, INT64_C(45000000000000), "12.5 kWh");
    reads_as(jb_format_energy, INT64_C(3600000000000000), "1.00 MWh");
    reads_as(jb_format_energy, INT64_MAX, "2.56 GWh");
    reads_as(jb_format_energy, INT64_MIN, "-2.56 GWh");

    reads_as(jb_format_power, 0, "0 mW");
    reads_as(jb_format_power, 5, "0.005 mW");
    reads_as(jb_format_power, 500000, "500 mW");
    reads_as(jb_format_power, 50000000, "50.0 W");
    reads_as(jb_format_power, 999600000, "1.00 kW");
    reads_as(jb_format_power, INT64_C(1250000000000), "1.25 MW");
    reads_as(jb_format_power, INT64_C(7500000000000000), "7500 MW");

    reads_as(jb_format_co2e, 12345, "12.3 mg");
    reads_as(jb_format_co2e, 475000000, "475 g");
    reads_as(jb_format_co2e, INT64_C(1500000000), "1.50 kg");
    reads_as(jb_format_co2e, INT64_C(552000000000000), "552 t");

    reads_as(jb_format_duration, 0, "0 ms");
    reads_as(jb_format_duration, 1500000, "1.50 ms");
    reads_as(jb_format_duration, 999600000, "1.00 s");
    reads_as(jb_format_duration, INT64_C(12340000000), "12.3 s");
    reads_as(jb_format_duration, INT64_C(59949999999), "59.9 s");
    reads_as(jb_format_duration, INT64_C(59950000000), "1 min 00 s");
    reads_as(jb_format_duration, INT64_C(125000000000), "2 min 05 s");
    reads_as(jb_format_duration, INT64_C(3599499999999), "59 min 59 s");
    reads_as(jb_format_duration, INT64_C(3599500000000), "1 h 00 min");
    reads_as(jb_format_duration, INT64_C(3720000000000), "1 h 02 min");
    reads_as(jb_format_duration, INT64_C(-3720000000000), "-1 h 02 min");
    reads_as(jb_format_duration, INT64_MIN, "-2562047 h 47 min");
    is_str(jb_format_energy(45000000000, text, sizeof text), "",
           "a text that does not fit is not begun");
}

/* Only where the system has such a locale; the promise itself needs no locale to be kept. */
static void foreign_locale(void)
{
    char text[32];
    int64_t got = 0;

    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "de_DE.utf8")) {
        skip("no locale with a decimal comma is installed");
        return;
    }
    ok(jb_parse_decimal("1.5", 3, 1, &got) == JB_OK && got == 15,
       "a decimal comma elsewhere changes nothing here");
    is_str(jb_format_energy(45000000000, text, sizeof text), "12.5 Wh", "nor in what people read");
    (void)setlocale(LC_ALL, "C");
}

int main(void)
{
    whole_numbers();
    bounded_reads();
    decimals();
    decimal_texts();
    for_people();
    foreign_locale();
    return done_testing();
}
