/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of operations beyond 64 bits: read and written exactly, divided to the nearest (R-WORK-03, -04, -10). */
#include "model/compute.h"

#include "tap.h"

static void test_words(void)
{
    static const char *const names[] = {"unknown", "counted", "6nd", "device-time", "stated"};

    for (int i = 0; i < JB_FLOP_METHODS; i++) {
        is_str(jb_flop_method_name((enum jb_flop_method)i), names[i], "method %d is '%s'", i,
               names[i]);
        is_i64(jb_flop_method_from_name(names[i]), i, "'%s' leads back", names[i]);
    }
    is_i64(jb_flop_method_from_name("measured"), -1, "no such method");
    is_str(jb_flop_method_name((enum jb_flop_method)99), "unknown", "a value beyond the list");
}

static void takes(const char *text, const char *want)
{
    char buf[48] = "";
    jb_i128 value = -7;

    if (jb_parse_i128(text, strlen(text), &value) != JB_OK)
        ok(false, "'%.40s' is a number", text);
    else
        is_str(jb_format_i128(value, buf, sizeof buf), want, "'%.40s' is %s", text, want);
}

static void refuses(const char *text, jb_rc want)
{
    jb_i128 value = -7;

    is_i64(jb_parse_i128(text, strlen(text), &value), want, "'%.40s' is refused", text);
    ok(value == -7, "and nothing is written for it");
}

static void is_pfsd(const char *flop, const char *want, const char *what)
{
    char buf[48] = "";
    jb_i128 value = -1;

    if (jb_parse_i128(flop, strlen(flop), &value) < 0)
        bail_out("'%s'", flop);
    is_str(jb_format_pfsd(value, buf, sizeof buf), want, "%s", what);
}

static void test_parse(void)
{
    takes("0", "0");
    takes("0e400", "0");
    takes("0.000", "0");
    takes("000314", "314");
    takes("9223372036854775808", "9223372036854775808"); /* one beyond 64 bits */
    takes("3.14e23", "314000000000000000000000");
    takes("3.14E+23", "314000000000000000000000");
    takes("1.50e1", "15");
    takes("1200e-2", "12");
    takes("0.0005e4", "5");
    takes("1e30", "1000000000000000000000000000000");
    takes("1000000000000000000000000000000", "1000000000000000000000000000000");
    takes("1000000000000000000000000000000000e-3", "1000000000000000000000000000000");
    takes("123456789012345678901234567890", "123456789012345678901234567890");
    takes("100.000000000000000000000000000000000000000000000000000", "100");
    refuses("", JB_E_INPUT);
    refuses(".", JB_E_INPUT);
    refuses(".5e1", JB_E_INPUT);
    refuses("5.", JB_E_INPUT);
    refuses("1.5", JB_E_INPUT);
    refuses("15e-1", JB_E_INPUT);
    refuses("-1", JB_E_INPUT);
    refuses("+1", JB_E_INPUT);
    refuses("1e", JB_E_INPUT);
    refuses("1e+", JB_E_INPUT);
    refuses("1 e3", JB_E_INPUT);
    refuses("1e3 ", JB_E_INPUT);
    refuses("1.2.3", JB_E_INPUT);
    refuses("nan", JB_E_INPUT);
    refuses("0x10", JB_E_INPUT);
    refuses("1e31", JB_E_RANGE);
    refuses("1000000000000000000000000000001", JB_E_RANGE);
    refuses("1e99999999999999999999999999", JB_E_RANGE);
    refuses("340282366920938463463374607431768211457", JB_E_RANGE); /* 2^128 + 1 */
}

static void test_parse_length(void)
{
    jb_i128 value = 0;

    ok(jb_parse_i128("12345", 2, &value) == JB_OK && value == 12, "only what len says is read");
    char zeros[200];
    memset(zeros, '0', sizeof zeros);
    is_i64(jb_parse_i128(zeros, sizeof zeros, &value), JB_E_INPUT,
           "two hundred zeros are no number of operations");
}

static void test_format(void)
{
    char buf[48];

    is_str(jb_format_i128(-1, buf, sizeof buf), "-1", "a negative one");
    const jb_i128 least = (jb_i128)((jb_u128)1 << 127);
    is_str(jb_format_i128(least, buf, sizeof buf), "-170141183460469231731687303715884105728",
           "the least of all");
    is_str(jb_format_i128(12345, buf, 6), "12345", "just room enough");
    is_str(jb_format_i128(12345, buf, 5), "", "one byte too few");
}

static void test_format_flop(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"0", "0"},
        {"999999", "999999"},
        {"1000000", "1.00e6"},
        {"3.14e23", "3.14e23"},
        {"3144999e17", "3.14e23"},
        {"3145e20", "3.15e23"}, /* half away from zero */
        {"9994999e17", "9.99e23"},
        {"9995e20", "1.00e24"},
        {"1e30", "1.00e30"},
    };
    char buf[48];

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++) {
        jb_i128 value = -1;
        ok(jb_parse_i128(rows[i].text, strlen(rows[i].text), &value) == JB_OK, "%s", rows[i].text);
        is_str(jb_format_flop(value, buf, sizeof buf), rows[i].want, "is shown %s", rows[i].want);
    }
    is_str(jb_format_flop(-1, buf, sizeof buf), "unknown", "what is not known is not shown as 0");
}

static void test_pfsd(void)
{
    /* 3.14e23 / 8.64e19 = 3634.2592...: thousandths 3634259 */
    is_i64(jb_flop_to_millipfsd((jb_i128)314000000000 * 1000000000000), 3634259, "3.14e23");
    is_i64(jb_flop_to_millipfsd((jb_i128)86400 * 1000000000000000), 1000, "one petaFLOP/s-day");
    is_pfsd("8.64e19", "1", "one petaFLOP/s-day in words");
    is_pfsd("8.4e22", "972.222", "8.4e22 / 8.64e19");
    is_pfsd("8.64e18", "0.1", "a tenth");
    is_pfsd("8.6e15", "9.95e-5", "in powers of ten below a ten-thousandth");
    is_pfsd("1e15", "1.16e-5", "1e15 / 8.64e19 is 1.157e-5, and not 0");
    is_pfsd("8.59e18", "0.0994", "just below a tenth");
    is_pfsd("1e18", "0.0116", "three digits where three decimals would be two");
    is_pfsd("8.639e18", "0.1", "what rounds to a tenth");
    is_pfsd("8.64e16", "0.001", "a thousandth");
    is_pfsd("8.639999e16", "0.001", "what rounds to a power of ten has one digit before the point");
    is_pfsd("1", "1.16e-20", "a single operation");
    is_pfsd("0", "0", "none");
    is_pfsd("1e30", "11574074074.074", "the most there is");
    is_i64(jb_flop_to_millipfsd(43200000000000000), 1, "half a thousandth is rounded up");
    is_i64(jb_flop_to_millipfsd(43199999999999999), 0, "less than half is nothing");
    is_i64(jb_flop_to_millipfsd(0), 0, "none");
    is_i64(jb_flop_to_millipfsd(-1), -1, "unknown stays unknown");
    is_i64(jb_flop_to_millipfsd((jb_i128)INT64_MAX << 63), INT64_MAX, "saturates");
}

static void test_energy_per_flop(void)
{
    /* 700 W at 989.4e12 FLOP/s: 0.707499... pJ */
    is_i64(jb_energy_per_flop_aj(700000000, (jb_i128)989400000000000), 707499,
           "an H100 at its peak");
    is_i64(jb_energy_per_flop_aj(1000000, 1000000000000), 1000000, "1 J for 1e12: 1 pJ");
    is_i64(jb_energy_per_flop_aj(0, 5), 0, "no energy is a figure");
    is_i64(jb_energy_per_flop_aj(-1, 5), -1, "unknown energy");
    is_i64(jb_energy_per_flop_aj(5, -1), -1, "unknown operations");
    is_i64(jb_energy_per_flop_aj(5, 0), -1, "no operations");
    is_i64(jb_energy_per_flop_aj(3, 2000000000000), 2, "one and a half is two");
    is_i64(jb_energy_per_flop_aj(INT64_MAX, 1), INT64_MAX, "saturates");
}

static void test_unknown(void)
{
    const struct jb_compute *const unknown = &JB_COMPUTE_UNKNOWN;

    ok(unknown->method == JB_FLOP_UNKNOWN && unknown->training_flop == -1 &&
           unknown->forward_macs == -1 && unknown->forward_flop == -1 &&
           unknown->n_parameters == -1 && unknown->n_trainable == -1 && unknown->n_examples == -1 &&
           unknown->factor_milli == -1,
       "what nobody said is -1, nowhere 0");
    ok(unknown->model_file[0] == '\0' && unknown->model_digest[0] == '\0', "and no model is named");
}

int main(void)
{
    test_words();
    test_parse();
    test_parse_length();
    test_format();
    test_format_flop();
    test_pfsd();
    test_energy_per_flop();
    test_unknown();
    return done_testing();
}
