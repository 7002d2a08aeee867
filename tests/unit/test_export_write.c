/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-01: numbers and JSON as documents have them. */
#include "../tap.h"
#include "base/num.h"
#include "export_rig.h"

static struct jb_buf text = JB_BUF(4096);

static const char *decimal(jb_i128 value, unsigned scale)
{
    jb_buf_clear(&text);
    export__decimal(value, scale, &text);
    return jb_buf_text(&text);
}

static const char *kwh(int64_t energy_uj)
{
    jb_buf_clear(&text);
    export__kwh(energy_uj, &text);
    return jb_buf_text(&text);
}

static const char *power(jb_i128 value, unsigned scale, unsigned figures)
{
    jb_buf_clear(&text);
    export__power_of_ten(value, scale, figures, &text);
    return jb_buf_text(&text);
}

static const char *quoted(const char *what)
{
    jb_buf_clear(&text);
    export__quote(what, &text);
    return jb_buf_text(&text);
}

static void decimals(void)
{
    is_str(decimal(0, 6), "0", "zero");
    is_str(decimal(1, 6), "0.000001", "the last digit");
    is_str(decimal(1500000, 6), "1.5", "zeros at the end are cut");
    is_str(decimal(100, 0), "100", "but not those of a whole number");
    is_str(decimal(1000000, 6), "1", "one");
    is_str(decimal((jb_i128)INT64_MAX * 10, 1), "9223372036854775807", "more than 64 bits hold");
    is_str(kwh(RIG_KWH), "1", "3.6 MJ are 1 kWh");
    is_str(kwh(1), "0.0000000000003", "1 uJ is 2.78e-13 kWh");
    is_str(kwh(2), "0.0000000000006", "2 uJ are 5.56e-13 kWh");
    /* 3.6e12 + 1 uJ: 1.00000000000027... */
    is_str(kwh(RIG_KWH + 1), "1.0000000000003", "a microjoule shows beside a kilowatt-hour");
    is_str(kwh(INT64_MAX), "2562047.7880152155019", "2.56 GWh, the most there is");
}

/* The digits are read by the one parser of decimals and taken times 3.6e12 in 128 bits. */
static void read_again(void)
{
    uint64_t state = 1;
    int64_t n_lost = 0;

    for (int i = 0; i < 200000; i++) {
        int64_t tenths = 0; /* of 10^-12 kWh */
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        /* Of every size up to 922 MWh, which is what 64 bits hold at 13 decimals. */
        const int64_t uj = (int64_t)(state >> 2 >> (i % 60)) % INT64_C(3319200000000000000);
        const char *const digits = kwh(uj);
        if (jb_parse_decimal(digits, strlen(digits), 13, &tenths) < 0 ||
            (int64_t)(((jb_i128)tenths * 36 + 50) / 100) != uj)
            n_lost++;
    }
    is_i64(n_lost, 0, "200000 energies up to 922 MWh are read again to the microjoule");
}

static void powers(void)
{
    is_str(power(100, 0, 2),
           "1.0\xc3\x97"
           "10^2",
           "1.0 x 10^2, as the form has it");
    is_str(power(994, 0, 2),
           "9.9\xc3\x97"
           "10^2",
           "rounded down");
    is_str(power(995, 0, 2),
           "1.0\xc3\x97"
           "10^3",
           "rounded up into the next power");
    is_str(power(125, 0, 2),
           "1.3\xc3\x97"
           "10^2",
           "half away from zero");
    is_str(power(5, 0, 2),
           "5.0\xc3\x97"
           "10^0",
           "a figure is added where there is one alone");
    is_str(power(11925, 6, 3),
           "1.19\xc3\x97"
           "10^-2",
           "below one");
    is_str(power((jb_i128)42 * 1000000000 * 1000000000, 0, 2),
           "4.2\xc3\x97"
           "10^19",
           "operations");
    is_str(power(91, 0, 1),
           "9\xc3\x97"
           "10^1",
           "one figure has no point");
}

static void products(void)
{
    jb_i128 got = -7;

    ok(export__muldiv(7, 3, 2, &got) == JB_OK && got == 11, "21 / 2 is 11, half away from zero");
    ok(export__muldiv((jb_i128)1 << 100, (jb_i128)1 << 30, 1, &got) == JB_E_RANGE && got == 11,
       "2^130 is refused, and nothing written");
    ok(export__muldiv(1, 1, 0, &got) == JB_E_RANGE, "nothing is divided by 0");
}

static void texts(void)
{
    struct export_json json = {.out = &text};

    is_str(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"", "quotes and strokes are escaped");
    is_str(quoted("\xc3\xa9\n\xff"), "\"\xc3\xa9??\"", "what is no clean text is a question mark");
    jb_buf_clear(&text);
    export__open(&json, NULL, '{');
    export__text(&json, "a", "x");
    export__text_if(&json, "b", "");
    export__open(&json, "c", '[');
    export__number(&json, NULL, 15, 1);
    export__integer(&json, NULL, -2);
    export__close(&json, ']');
    export__open(&json, "d", '[');
    export__close(&json, ']');
    export__number_kwh(&json, "e", RIG_KWH);
    export__close(&json, '}');
    is_str(jb_buf_text(&text),
           "{\n  \"a\": \"x\",\n  \"c\": [\n    1.5,\n    -2\n  ],\n  \"d\": [],\n  \"e\": 1\n}\n",
           "JSON is written with its commas");
}

int main(void)
{
    decimals();
    read_again();
    powers();
    products();
    texts();
    jb_buf_release(&text);
    return done_testing();
}
