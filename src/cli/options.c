/* SPDX-License-Identifier: Apache-2.0 */
/* A command line to options, words and the rest, by table. Must never guess: an unknown option is an error. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "base/apart.h"
#include "base/clock.h"
#include "base/num.h"

#define WORD_MAX 64

static const struct jb_option *find_long(const struct jb_args *args, const char *name, size_t len)
{
    for (size_t t = 0; t < args->n_tables; t++)
        for (const struct jb_option *o = args->tables[t]; o && o->name; o++)
            if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
                return o;
    return NULL;
}

static const struct jb_option *find_letter(const struct jb_args *args, char letter)
{
    for (size_t t = 0; t < args->n_tables; t++)
        for (const struct jb_option *o = args->tables[t]; o && o->name; o++)
            if (o->letter == letter)
                return o;
    return NULL;
}

static jb_rc unknown_long(const struct jb_args *args, const char *name, size_t len,
                          struct jb_error *err)
{
    const struct jb_option *nearest = NULL;
    size_t least = WORD_MAX;
    char text[WORD_MAX + 1];
    char hint[128] = "see --help";

    (void)snprintf(text, sizeof text, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX), name);
    for (size_t t = 0; t < args->n_tables; t++)
        for (const struct jb_option *o = args->tables[t]; o && o->name; o++) {
            /* A beginning counts as near: --proj means --project. */
            const bool begins = strncmp(o->name, text, strlen(text)) == 0;
            const size_t apart = begins ? 0 : jb_words_apart(text, o->name);
            if (apart < least) {
                least = apart;
                nearest = o;
            }
        }
    if (nearest && least <= 1 + strlen(text) / 3)
        (void)snprintf(hint, sizeof hint, "did you mean --%s? see --help", nearest->name);
    return jb_fail(err, JB_E_USAGE, hint, "unknown option '--%s'", text);
}

static jb_rc add_given(struct jb_args *args, const struct jb_option *option, const char *value,
                       struct jb_error *err)
{
    if (!option->may_repeat && option->value)
        for (size_t i = 0; i < args->n_given; i++)
            if (args->given[i].option == option)
                return jb_fail(err, JB_E_USAGE, "give it once", "option '--%s' is given twice",
                               option->name);
    if (args->n_given >= JB_ARGS_OPTIONS_MAX)
        return jb_fail(err, JB_E_USAGE, NULL, "more than %d options", JB_ARGS_OPTIONS_MAX);
    args->given[args->n_given].option = option;
    args->given[args->n_given].value = value;
    args->n_given++;
    return JB_OK;
}

/* The value in the same word after '=' or the letter, or the next word; *at moves on where that is taken. */
static jb_rc take_value(struct jb_args *args, const struct jb_option *option, const char *inside,
                        int argc, char **argv, int *at, struct jb_error *err)
{
    if (!option->value) {
        if (inside)
            return jb_fail(err, JB_E_USAGE, NULL, "option '--%s' takes no value", option->name);
        return add_given(args, option, NULL, err);
    }
    if (inside)
        return add_given(args, option, inside, err);
    if (*at + 1 >= argc)
        return jb_fail(err, JB_E_USAGE, NULL, "option '--%s' needs a value: %s", option->name,
                       option->value);
    *at += 1;
    return add_given(args, option, argv[*at], err);
}

static jb_rc take_letters(struct jb_args *args, int argc, char **argv, int *at,
                          struct jb_error *err)
{
    const char *const word = argv[*at];

    for (const char *letter = word + 1; *letter; letter++) {
        const struct jb_option *const option = find_letter(args, *letter);
        if (!option)
            return jb_fail(err, JB_E_USAGE, "see --help", "unknown option '-%c'", *letter);
        if (option->value)
            return take_value(args, option, letter[1] ? letter + 1 : NULL, argc, argv, at, err);
        const jb_rc rc = add_given(args, option, NULL, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static jb_rc take_long(struct jb_args *args, int argc, char **argv, int *at, struct jb_error *err)
{
    const char *const name = argv[*at] + 2;
    const char *const equals = strchr(name, '=');
    const size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const struct jb_option *const option = find_long(args, name, len);

    if (!option)
        return unknown_long(args, name, len, err);
    return take_value(args, option, equals ? equals + 1 : NULL, argc, argv, at, err);
}

jb_rc jb_args_parse(const struct jb_option *const *tables, size_t n_tables, bool first_word_ends,
                    int argc, char **argv, struct jb_args *ret, struct jb_error *err)
{
    struct jb_args args = {0};

    for (size_t t = 0; t < n_tables; t++) {
        if (!tables[t])
            continue;
        if (args.n_tables >= JB_ARGS_TABLES_MAX)
            return jb_fail(err, JB_E_INTERNAL, NULL, "more than %d tables of options",
                           JB_ARGS_TABLES_MAX);
        args.tables[args.n_tables++] = tables[t];
    }
    args.words = argv;
    for (int at = 0; at < argc; at++) {
        char *const word = argv[at];
        const bool is_option = word[0] == '-' && word[1] != '\0';

        if (strcmp(word, "--") == 0 || (!is_option && first_word_ends)) {
            const int from = is_option ? at + 1 : at;
            args.has_rest = true;
            args.rest = argv + from;
            args.n_rest = (size_t)(argc - from);
            break;
        }
        if (!is_option) {
            args.words[args.n_words++] =
                word; /* never ahead of `at`: nothing unread is written over */
            continue;
        }
        const jb_rc rc = word[1] == '-' ? take_long(&args, argc, argv, &at, err)
                                        : take_letters(&args, argc, argv, &at, err);
        if (rc < 0)
            return rc;
    }
    *ret = args;
    return JB_OK;
}

const char *jb_args_nth(const struct jb_args *args, const char *name, size_t i)
{
    for (size_t k = 0; k < args->n_given; k++)
        if (strcmp(args->given[k].option->name, name) == 0 && i-- == 0)
            return args->given[k].value;
    return NULL;
}

const char *jb_args_text(const struct jb_args *args, const char *name)
{
    for (size_t k = args->n_given; k > 0; k--)
        if (strcmp(args->given[k - 1].option->name, name) == 0)
            return args->given[k - 1].value;
    return NULL;
}

bool jb_args_has(const struct jb_args *args, const char *name)
{
    for (size_t k = 0; k < args->n_given; k++)
        if (strcmp(args->given[k].option->name, name) == 0)
            return true;
    return false;
}

jb_rc jb_args_decimal(const struct jb_args *args, const char *name, unsigned scale, int64_t min,
                      int64_t max, int64_t otherwise, int64_t *ret, struct jb_error *err)
{
    const char *const text = jb_args_text(args, name);
    char low[32];
    char high[32];
    char hint[128];
    int64_t value;

    if (!text) {
        *ret = otherwise;
        return JB_OK;
    }
    if (jb_parse_decimal(text, strlen(text), scale, &value) < 0 || value < min || value > max) {
        (void)snprintf(hint, sizeof hint, "give a number between %s and %s",
                       jb_format_decimal(min, scale, low, sizeof low),
                       jb_format_decimal(max, scale, high, sizeof high));
        return jb_fail(err, JB_E_USAGE, hint, "option '--%s' cannot be '%s'", name, text);
    }
    *ret = value;
    return JB_OK;
}

static const struct jb_unit units[] = {
    {"", JB_NS_PER_S},
    {"ms", JB_NS_PER_MS},
    {"s", JB_NS_PER_S},
    {"min", 60 * JB_NS_PER_S},
    {"h", JB_NS_PER_HOUR},
    {"d", 24 * JB_NS_PER_HOUR},
    {"w", 7 * 24 * JB_NS_PER_HOUR},
};

/* "90s" in ns; false where it is none. A bare number is seconds. */
static bool parse_duration(const char *text, int64_t *ret_ns)
{
    return jb_parse_quantity(text, units, JB_ARRAY_LEN(units), ret_ns) == JB_OK;
}

jb_rc jb_args_duration(const struct jb_args *args, const char *name, int64_t otherwise_ns,
                       int64_t *ret_ns, struct jb_error *err)
{
    const char *const text = jb_args_text(args, name);
    int64_t duration_ns;

    if (!text) {
        *ret_ns = otherwise_ns;
        return JB_OK;
    }
    if (!parse_duration(text, &duration_ns) || duration_ns <= 0)
        return jb_fail(err, JB_E_USAGE, "give a time such as 90s, 250ms, 5min or 2h",
                       "option '--%s' cannot be '%s'", name, text);
    *ret_ns = duration_ns;
    return JB_OK;
}

jb_rc jb_args_moment(const struct jb_args *args, const char *name, int64_t now_utc_us,
                     int64_t *ret_utc_us, struct jb_error *err)
{
    const char *const text = jb_args_text(args, name);
    char whole[48];
    int64_t moment_us;
    int64_t before_ns;

    if (!text) {
        *ret_utc_us = 0;
        return JB_OK;
    }
    if (parse_duration(text, &before_ns)) {
        moment_us = now_utc_us - before_ns / JB_NS_PER_US;
    } else {
        /* A day begins at midnight UTC. */
        const char *const rest = strlen(text) == 10 ? "T00:00:00Z" : "";
        const int len = snprintf(whole, sizeof whole, "%s%s", text, rest);
        if (len < 0 || (size_t)len >= sizeof whole ||
            jb_parse_utc(whole, (size_t)len, &moment_us) < 0)
            return jb_fail(err, JB_E_USAGE,
                           "give 2026-11-23, 2026-11-23T06:41:56Z, or how long ago: 7d, 12h, 30min",
                           "option '--%s' cannot be '%s'", name, text);
    }
    *ret_utc_us = moment_us;
    return JB_OK;
}
