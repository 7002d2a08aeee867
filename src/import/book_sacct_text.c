/* SPDX-License-Identifier: Apache-2.0 */
/* Slurm's ways to write amounts, memory, energy and durations, to integers. R-BOOKS-22, R-BOOKS-23. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/book_sacct_int.h"

#define UJ_PER_J INT64_C(1000000)
#define KIB      INT64_C(1024)

/* NO_VAL and NO_VAL64, and INFINITE of both. */
static const char *const no_values[] = {"4294967294", "18446744073709551614", "4294967295",
                                        "18446744073709551615"};

static bool is_no_value(const char *text, size_t len)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(no_values); i++)
        if (len == strlen(no_values[i]) && memcmp(text, no_values[i], len) == 0)
            return true;
    return book__is_absent(text, len);
}

/* --- durations -------------------------------------------------------------------------------------------------- */

static jb_rc take_digits(const char **at, const char *end, int64_t *ret)
{
    const char *const begin = *at;

    while (*at < end && **at >= '0' && **at <= '9')
        ++*at;
    return jb_parse_i64(begin, (size_t)(*at - begin), false, ret);
}

jb_rc sacct__duration(const char *text, size_t len, int64_t *ret_ns)
{
    const char *at = text;
    const char *const end = text + len;
    const char *const dash = memchr(text, '-', len);
    int64_t parts[3] = {0};
    int64_t days = 0;
    int64_t fraction_ns = 0;
    int64_t ns = 0;
    size_t n = 0;

    if (dash && (take_digits(&at, end, &days) < 0 || at++ != dash))
        return JB_E_INPUT;
    do {
        if (n == 3 || take_digits(&at, end, &parts[n++]) < 0)
            return JB_E_INPUT;
    } while (at < end && *at == ':' && at++ < end);
    if (at < end &&
        (*at != '.' || jb_parse_decimal(at - 1, (size_t)(end - at + 1), 9, &fraction_ns) < 0))
        return JB_E_INPUT;
    fraction_ns %= JB_NS_PER_S;
    /* With days, what follows are hours first; else the last part is seconds. */
    if (!dash && n < 3) {
        parts[2] = parts[n - 1];
        parts[1] = n == 2 ? parts[0] : 0;
        parts[0] = 0;
    }
    if (days > 100000 || parts[0] > 10000000 || parts[1] > 10000000 || parts[2] > 1000000000)
        return JB_E_RANGE;
    if (jb_mul_i64(((days * 24 + parts[0]) * 60 + parts[1]) * 60 + parts[2], JB_NS_PER_S, &ns) < 0)
        return JB_E_RANGE;
    return jb_add_i64(ns, fraction_ns, ret_ns);
}

/* --- amounts ---------------------------------------------------------------------------------------------------- */

/* "1.5T" in steps of 1024 from `unit`, which a bare number is of; kept in KiB. */
static jb_rc take_kib(const char *text, size_t len, int64_t bare_kib, int64_t *ret_kib)
{
    static const struct jb_unit units[] = {
        {"K", 1},
        {"M", KIB},
        {"G", KIB * KIB},
        {"T", KIB * KIB * KIB},
        {"P", KIB * KIB * KIB * KIB},
    };
    char copy[32];
    const bool is_bare = len > 0 && text[len - 1] >= '0' && text[len - 1] <= '9';

    if (len == 0 || len >= sizeof copy)
        return JB_E_INPUT;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (!is_bare)
        return jb_parse_quantity(copy, units, JB_ARRAY_LEN(units), ret_kib);
    if (jb_parse_decimal(copy, len, 0, ret_kib) < 0 || *ret_kib < 0)
        return JB_E_INPUT;
    return jb_mul_i64(*ret_kib, bare_kib, ret_kib);
}

jb_rc sacct__memory(const char *text, size_t len, int64_t n_cpus, int64_t n_nodes, int64_t *ret_mib)
{
    int64_t n = 1;
    int64_t kib = 0;

    if (is_no_value(text, len) || (len == 1 && text[0] == '?'))
        return JB_OK;
    if (text[len - 1] == 'c' || text[len - 1] == 'n')
        n = text[--len] == 'c' ? n_cpus : n_nodes;
    /* A bare number is in MiB, as in a request. */
    if (take_kib(text, len, KIB, &kib) < 0)
        return JB_E_INPUT;
    if (jb_mul_i64(kib, n > 0 ? n : 1, &kib) < 0)
        return JB_E_RANGE;
    *ret_mib = kib / KIB;
    return JB_OK;
}

/* Half of the last digit that is told: "12.35K" is 12345 to 12355. */
static int64_t half_digit(const char *text, size_t len, int64_t factor)
{
    const char *const point = memchr(text, '.', len);
    int64_t half = factor / 2;

    if (factor == UJ_PER_J && !point)
        return 0;
    for (const char *at = point ? point + 1 : text + len;
         at < text + len && *at >= '0' && *at <= '9'; at++)
        half /= 10;
    return half;
}

jb_rc sacct__energy(const char *text, size_t len, struct jb_figure *ret_uj)
{
    static const struct jb_unit units[] = {
        {"", UJ_PER_J},
        {"K", UJ_PER_J * 1000},
        {"M", UJ_PER_J * 1000000},
        {"G", UJ_PER_J * 1000000000},
        {"T", UJ_PER_J * 1000000000000},
    };
    char copy[32];
    int64_t factor = UJ_PER_J;
    int64_t uj = 0;
    int64_t half;

    if (is_no_value(text, len))
        return JB_OK;
    if (len >= sizeof copy)
        return JB_E_INPUT;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (jb_parse_quantity(copy, units, JB_ARRAY_LEN(units), &uj) < 0)
        return JB_E_INPUT;
    if (uj == 0)
        return JB_OK;
    for (size_t i = 1; i < JB_ARRAY_LEN(units); i++)
        if (text[len - 1] == units[i].name[0])
            factor = units[i].factor;
    half = half_digit(text, len, factor);
    *ret_uj = (struct jb_figure){.is_known = true,
                                 .low = uj > half ? uj - half : 0,
                                 .best = uj,
                                 .high = jb_add_sat_i64(uj, half)};
    return JB_OK;
}

/* --- trackable resources ---------------------------------------------------------------------------------------- */

struct item {
    const char *name, *value;
    size_t name_len, value_len;
};

static bool is_named(const struct item *item, const char *name)
{
    return item->name_len == strlen(name) && memcmp(item->name, name, item->name_len) == 0;
}

static jb_rc take_n(const struct item *item, int64_t *ret)
{
    static const struct jb_unit units[] = {{"", 1}, {"K", 1000}, {"M", 1000000}};
    char copy[32];

    if (item->value_len >= sizeof copy)
        return JB_E_INPUT;
    memcpy(copy, item->value, item->value_len);
    copy[item->value_len] = '\0';
    return jb_parse_quantity(copy, units, JB_ARRAY_LEN(units), ret);
}

/* "gres/gpu=4" counts them all, "gres/gpu:a100=4" those of a type. */
static jb_rc take_gpus(const struct item *item, struct sacct_tres *tres, int64_t *typed)
{
    static const char prefix[] = "gres/gpu:";
    const size_t skip = sizeof prefix - 1;
    int64_t n = 0;

    if (is_named(item, "gres/gpu"))
        return take_n(item, &tres->n_gpus);
    if (item->name_len <= skip || memcmp(item->name, prefix, skip) != 0)
        return JB_OK;
    if (take_n(item, &n) < 0 || jb_add_i64(*typed, n, typed) < 0)
        return JB_E_INPUT;
    if (n > 0 && tres->n_gpu_types++ == 0)
        BOOK__FILL(tres->gpu_type, item->name + skip, item->name_len - skip);
    return JB_OK;
}

static jb_rc take_item(const struct item *item, struct sacct_tres *tres, int64_t *typed)
{
    int64_t kib = 0;

    if (is_no_value(item->value, item->value_len))
        return JB_OK;
    if (is_named(item, "cpu") && !memchr(item->value, ':', item->value_len))
        return take_n(item, &tres->n_cpus);
    if (is_named(item, "node"))
        return take_n(item, &tres->n_nodes);
    if (is_named(item, "energy"))
        return sacct__energy(item->value, item->value_len, &tres->energy_uj);
    if (is_named(item, "mem")) {
        if (take_kib(item->value, item->value_len, KIB, &kib) < 0)
            return JB_E_INPUT;
        tres->memory_mib = kib / KIB;
        return JB_OK;
    }
    return take_gpus(item, tres, typed);
}

jb_rc sacct__tres(const char *text, size_t len, struct sacct_tres *ret)
{
    struct sacct_tres tres = {.n_cpus = 0};
    const char *at = text;
    const char *const end = text + len;
    int64_t typed = 0;

    while (at < end && !book__is_absent(text, len)) {
        const char *const comma = memchr(at, ',', (size_t)(end - at));
        const char *const stop = comma ? comma : end;
        const char *const equals = memchr(at, '=', (size_t)(stop - at));
        struct item item;
        if (!equals)
            return JB_E_INPUT;
        item = (struct item){at, equals + 1, (size_t)(equals - at), (size_t)(stop - equals - 1)};
        if (take_item(&item, &tres, &typed) < 0)
            return JB_E_INPUT;
        at = comma ? comma + 1 : end;
    }
    if (typed > tres.n_gpus)
        tres.n_gpus = typed;
    *ret = tres;
    return JB_OK;
}
