/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and JSON as documents have them. Numbers are written from integers, exactly or with a rounding that is named; never from a
 * double. R-EXPORT-01.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "export/export_int.h"

#define I128_MAX ((jb_i128)(~(jb_u128)0 >> 1))

jb_rc export__muldiv(jb_i128 a, jb_i128 num, jb_i128 den, jb_i128 *ret)
{
    jb_i128 product;

    if (a < 0 || num < 0 || den <= 0 || JB_MUL_OVERFLOWS(a, num, &product) ||
        product > I128_MAX - den / 2)
        return JB_E_RANGE;
    *ret = (product + den / 2) / den;
    return JB_OK;
}

/* The digits of a number that is not negative, at the end of `digits`. */
static const char *digits_of(jb_i128 value, char digits[48])
{
    char *at = digits + 47;

    *at = '\0';
    do {
        *--at = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0);
    return at;
}

void export__decimal(jb_i128 value, unsigned scale, struct jb_buf *out)
{
    char room[48];

    while (scale > 0 && value % 10 == 0) {
        value /= 10;
        scale--;
    }
    const char *const digits = digits_of(value, room);
    const size_t n = strlen(digits);
    if (n <= scale) {
        jb_buf_add_text(out, "0.");
        for (size_t i = n; i < scale; i++)
            jb_buf_add_text(out, "0");
        jb_buf_add_text(out, digits);
        return;
    }
    jb_buf_add(out, digits, n - scale);
    if (scale > 0)
        jb_buf_addf(out, ".%s", digits + n - scale);
}

void export__kwh(int64_t energy_uj, struct jb_buf *out)
{
    /* uJ x 10^13 / 3.6e12 = uJ x 25 / 9, nearest: half of the last digit is 0.18 uJ. */
    export__decimal(((jb_i128)energy_uj * 50 + 9) / 18, 13, out);
}

int export__power_of_ten(jb_i128 value, unsigned scale, unsigned figures, struct jb_buf *out)
{
    char room[48];
    size_t n = strlen(digits_of(value, room));
    int exponent = (int)n - 1 - (int)scale;
    jb_i128 unit = 1;

    for (size_t i = figures; i < n; i++)
        unit *= 10;
    /* Rounded away from zero at the half; 9.96 becomes 1.0 of the next power. */
    value = (value + unit / 2) / unit;
    for (size_t i = n; i < figures; i++)
        value *= 10;
    if (strlen(digits_of(value, room)) > figures) {
        value /= 10;
        exponent++;
    }
    const char *const digits = digits_of(value, room);
    jb_buf_add(out, digits, 1);
    if (figures > 1)
        jb_buf_addf(out, ".%s", digits + 1);
    jb_buf_addf(out,
                "\xc3\x97"
                "10^%d",
                exponent);
    return exponent;
}

void export__quote(const char *text, struct jb_buf *out)
{
    jb_buf_add_text(out, "\"");
    for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
        n = jb_clean_character(text, left);
        if (n == 0) {
            /* What is no text has no place in a document. */
            jb_buf_add_text(out, "?");
            n = 1;
        } else if (*text == '"' || *text == '\\') {
            jb_buf_addf(out, "\\%c", *text);
        } else {
            jb_buf_add(out, text, n);
        }
    }
    jb_buf_add_text(out, "\"");
}

static void new_line(struct export_json *json)
{
    jb_buf_add_text(json->out, "\n");
    for (unsigned i = 0; i < json->depth; i++)
        jb_buf_add_text(json->out, "  ");
}

void export__key(struct export_json *json, const char *key)
{
    if (json->has_member)
        jb_buf_add_text(json->out, ",");
    if (json->depth > 0)
        new_line(json);
    json->has_member = true;
    if (key) {
        export__quote(key, json->out);
        jb_buf_add_text(json->out, ": ");
    }
}

void export__open(struct export_json *json, const char *key, char bracket)
{
    export__key(json, key);
    jb_buf_addf(json->out, "%c", bracket);
    json->depth++;
    json->has_member = false;
}

void export__close(struct export_json *json, char bracket)
{
    json->depth--;
    if (json->has_member)
        new_line(json);
    jb_buf_addf(json->out, "%c%s", bracket, json->depth == 0 ? "\n" : "");
    json->has_member = true;
}

void export__text(struct export_json *json, const char *key, const char *text)
{
    export__key(json, key);
    export__quote(text, json->out);
}

void export__text_if(struct export_json *json, const char *key, const char *text)
{
    if (text[0] != '\0')
        export__text(json, key, text);
}

void export__integer(struct export_json *json, const char *key, int64_t value)
{
    export__key(json, key);
    jb_buf_addf(json->out, "%" PRId64, value);
}

void export__number(struct export_json *json, const char *key, jb_i128 value, unsigned scale)
{
    export__key(json, key);
    export__decimal(value, scale, json->out);
}

void export__number_kwh(struct export_json *json, const char *key, int64_t energy_uj)
{
    export__key(json, key);
    export__kwh(energy_uj, json->out);
}

jb_rc export__done(const struct jb_buf *out, const char *format, struct jb_error *err)
{
    return out->failed == JB_OK
               ? JB_OK
               : jb_fail(err, out->failed, "select fewer runs", "the %s is too long", format);
}
