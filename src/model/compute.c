/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of operations as text and as rates: 128 bits read, written and divided exactly, never through floating point.
 * Rules R-WORK-03, R-WORK-04, R-WORK-10 (docs/method/work.md).
 */
#include "model/compute.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "model/account.h"

#define DIGITS_MAX 40 /* of 2^127, and one more for rounding */

const struct jb_compute JB_COMPUTE_UNKNOWN = {
    .method = JB_FLOP_UNKNOWN,
    .training_flop = -1,
    .forward_macs = -1,
    .forward_flop = -1,
    .n_parameters = -1,
    .n_trainable = -1,
    .n_examples = -1,
    .factor_milli = -1,
};

const struct jb_account_work JB_ACCOUNT_WORK_UNKNOWN = {
    .training_flop = -1,
    .millipfsd = -1,
    .n_examples = -1,
    .n_epochs = -1,
    .n_tokens = -1,
    .n_parameters = -1,
    .n_trainable = -1,
    .forward_macs = -1,
    .forward_flop = -1,
    .factor_milli = -1,
    .n_boards = -1,
    .board_ns = -1,
    .processor_ns = -1,
    .device_low_flop = -1,
    .device_best_flop = -1,
    .device_high_flop = -1,
};

static const char *const method_names[JB_FLOP_METHODS] = {
    [JB_FLOP_UNKNOWN] = "unknown",         [JB_FLOP_COUNTED] = "counted", [JB_FLOP_6ND] = "6nd",
    [JB_FLOP_DEVICE_TIME] = "device-time", [JB_FLOP_STATED] = "stated",
};

const char *jb_flop_method_name(enum jb_flop_method method)
{
    return (unsigned)method < JB_FLOP_METHODS ? method_names[method] : "unknown";
}

int jb_flop_method_from_name(const char *name)
{
    for (int i = 0; i < JB_FLOP_METHODS; i++)
        if (strcmp(method_names[i], name) == 0)
            return i;
    return -1;
}

/* A decimal number taken apart: digits without the point, and what power of ten they are to be multiplied by. */
struct decimal {
    jb_i128 digits;
    int64_t exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Zeros wait until a digit follows them, so that "1.000...0" is no longer a number than "1". */
static jb_rc add_digit(struct decimal *to, char c, int64_t *zeros)
{
    if (c == '0') {
        (*zeros)++;
        return JB_OK;
    }
    if (to->digits == 0)
        *zeros = 0; /* leading ones say nothing */
    for (; *zeros >= 0; (*zeros)--) {
        if (to->digits > JB_FLOP_MAX / 10)
            return JB_E_RANGE;
        to->digits *= 10;
    }
    to->digits += c - '0';
    *zeros = 0;
    return JB_OK;
}

/* The digits before and after the point, from *at on; leaves *at behind them. */
static jb_rc take_digits(const char *text, size_t len, size_t *at, struct decimal *ret)
{
    int64_t zeros = 0, after_point = 0;
    bool has_point = false, has_digit = false;
    size_t i = *at;

    for (; i < len && (is_digit(text[i]) || text[i] == '.'); i++) {
        if (text[i] == '.') {
            if (has_point || !has_digit)
                return JB_E_INPUT;
            has_point = true;
            has_digit = false;
            continue;
        }
        const jb_rc rc = add_digit(ret, text[i], &zeros);
        if (rc != JB_OK)
            return rc;
        has_digit = true;
        after_point += has_point;
    }
    if (!has_digit)
        return JB_E_INPUT;
    ret->exponent = zeros - after_point;
    *at = i;
    return JB_OK;
}

#define EXPONENT_MAX 100000 /* beyond any text that would still fit */

static jb_rc take_exponent(const char *text, size_t len, size_t at, struct decimal *number)
{
    int64_t exponent = 0;
    bool is_negative = false;

    if (at == len)
        return JB_OK;
    if (text[at] != 'e' && text[at] != 'E')
        return JB_E_INPUT;
    at++;
    if (at < len && (text[at] == '+' || text[at] == '-'))
        is_negative = text[at++] == '-';
    if (at == len)
        return JB_E_INPUT;
    for (; at < len; at++) {
        if (!is_digit(text[at]))
            return JB_E_INPUT;
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (text[at] - '0');
    }
    number->exponent += is_negative ? -exponent : exponent;
    return JB_OK;
}

#define TEXT_MAX 128 /* longer ones are not numbers of operations */

jb_rc jb_parse_i128(const char *text, size_t len, jb_i128 *ret)
{
    struct decimal number = {0};
    size_t at = 0;

    if (len > TEXT_MAX)
        return JB_E_INPUT;
    jb_rc rc = take_digits(text, len, &at, &number);
    if (rc == JB_OK)
        rc = take_exponent(text, len, at, &number);
    if (rc != JB_OK)
        return rc;
    if (number.digits == 0) {
        *ret = 0;
        return JB_OK;
    }
    /* The digits end in none of zero: what is still below the point is a fraction. */
    if (number.exponent < 0)
        return JB_E_INPUT;
    for (; number.exponent > 0; number.exponent--) {
        if (number.digits > JB_FLOP_MAX / 10)
            return JB_E_RANGE;
        number.digits *= 10;
    }
    if (number.digits > JB_FLOP_MAX)
        return JB_E_RANGE;
    *ret = number.digits;
    return JB_OK;
}

/* Digits of a number that is not negative, most significant first; returns how many. */
static size_t write_digits(jb_u128 value, char digits[DIGITS_MAX])
{
    char reversed[DIGITS_MAX];
    size_t n = 0;

    do {
        reversed[n++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < n; i++)
        digits[i] = reversed[n - 1 - i];
    return n;
}

const char *jb_format_i128(jb_i128 value, char *buf, size_t size)
{
    char digits[DIGITS_MAX];
    const bool is_negative = value < 0;
    const size_t n = write_digits(is_negative ? 0 - (jb_u128)value : (jb_u128)value, digits);

    if (n + is_negative + 1 > size) {
        if (size > 0)
            buf[0] = '\0';
        return buf;
    }
    if (is_negative)
        buf[0] = '-';
    memcpy(buf + is_negative, digits, n);
    buf[n + is_negative] = '\0';
    return buf;
}

#define WHOLE_BELOW 1000000

const char *jb_format_flop(jb_i128 flop, char *buf, size_t size)
{
    char digits[DIGITS_MAX];

    if (flop < 0) {
        (void)snprintf(buf, size, "unknown");
        return buf;
    }
    if (flop < WHOLE_BELOW)
        return jb_format_i128(flop, buf, size);
    size_t exponent = write_digits((jb_u128)flop, digits) - 1;
    int lead = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    lead += digits[3] >= '5';
    if (lead == 1000) {
        lead = 100;
        exponent++;
    }
    (void)snprintf(buf, size, "%d.%02de%zu", lead / 100, lead % 100, exponent);
    return buf;
}

/* a / b for a >= 0 and b > 0, to the nearest, at most the end of the scale. */
static int64_t divide_nearest(jb_i128 a, jb_i128 b)
{
    jb_i128 quotient = a / b;

    quotient += a % b >= b - a % b;
    return quotient > INT64_MAX ? INT64_MAX : (int64_t)quotient;
}

#define FLOP_PER_MILLIPFSD ((jb_i128)86400 * 1000000000000)

int64_t jb_flop_to_millipfsd(jb_i128 flop)
{
    return flop < 0 ? -1 : divide_nearest(flop, FLOP_PER_MILLIPFSD);
}

const char *jb_format_pfsd(jb_i128 flop, char *buf, size_t size)
{
    static const jb_i128 one = FLOP_PER_MILLIPFSD * 1000;
    const int64_t milli = jb_flop_to_millipfsd(flop);
    jb_i128 scaled = flop * 100;
    int exponent = 0;

    if (milli < 0)
        return jb_format_flop(-1, buf, size);
    if (milli >= 100 || flop == 0)
        return jb_format_decimal(milli, 3, buf, size);
    for (; scaled < 100 * one; scaled *= 10)
        exponent++;
    int64_t three = divide_nearest(scaled, one);
    if (three == 1000) {
        three = 100;
        exponent--;
    }
    if (exponent <= 3)
        return jb_format_decimal(three, (unsigned)exponent + 2, buf, size);
    (void)snprintf(buf, size, "%d.%02de-%d", (int)three / 100, (int)three % 100, exponent);
    return buf;
}

#define AJ_PER_UJ 1000000000000

int64_t jb_energy_per_flop_aj(int64_t energy_uj, jb_i128 flop)
{
    if (energy_uj < 0 || flop <= 0)
        return -1;
    return divide_nearest((jb_i128)energy_uj * AJ_PER_UJ, flop);
}
