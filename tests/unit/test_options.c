/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines against a table of options. */
#include "cli/options.h"

#include <string.h>

#include "base/clock.h"
#include "tap.h"

static const struct jb_option table[] = {
    {'p', "project", "NAME", "", false}, {0, "tag", "NAME=VALUE", "", true},
    {'q', "quiet", NULL, "", false},     {'v', "verbose", NULL, "", false},
    {0, "rate", "HZ", "", false},        {0, NULL, NULL, NULL, false},
};
static const struct jb_option *const tables[] = {table, NULL};

#define MAX 16
struct line {
    char *words[MAX];
    int n;
    struct jb_args args;
    struct jb_error err;
};

static jb_rc parse(struct line *line, bool first_word_ends, const char *text)
{
    static char copy[512];
    char *save = NULL;

    memset(line, 0, sizeof *line);
    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *w = strtok_r(copy, " ", &save); w && line->n < MAX - 1;
         w = strtok_r(NULL, " ", &save))
        line->words[line->n++] = w;
    return jb_args_parse(tables, 2, first_word_ends, line->n, line->words, &line->args, &line->err);
}

static void forms(void)
{
    struct line line;

    ok(parse(&line, false, "--project a one -v --tag=x=1 two --tag y=2 -- --not -an option") ==
           JB_OK,
       "a whole line");
    is_str(jb_args_text(&line.args, "project"), "a", "--name value");
    is_str(jb_args_nth(&line.args, "tag", 0), "x=1", "--name=value, whose value may have a '='");
    is_str(jb_args_nth(&line.args, "tag", 1), "y=2",
           "an option may repeat where the table says so");
    is_str(jb_args_nth(&line.args, "tag", 2), NULL, "and ends");
    ok(jb_args_has(&line.args, "verbose") && !jb_args_has(&line.args, "quiet"), "flags");
    is_i64((int64_t)line.args.n_words, 2, "words among the options");
    is_str(line.args.words[0], "one", "in their order");
    is_str(line.args.words[1], "two", "both of them");
    is_i64((int64_t)line.args.n_rest, 3, "what follows -- is left alone");
    if (!line.args.rest)
        bail_out("nothing follows --");
    is_str(line.args.rest[0], "--not", "whatever it looks like");
    ok(line.args.rest[3] == NULL, "and ends with NULL, for exec");

    ok(parse(&line, false, "-pa -qv") == JB_OK, "short options");
    is_str(jb_args_text(&line.args, "project"), "a", "-nvalue");
    ok(jb_args_has(&line.args, "quiet") && jb_args_has(&line.args, "verbose"),
       "and flags together");
    ok(parse(&line, false, "-qp b -") == JB_OK, "-n value after a flag");
    is_str(jb_args_text(&line.args, "project"), "b", "takes the next word");
    is_str(line.args.words[0], "-", "a lone dash is a word");

    ok(parse(&line, true, "-q make -v --project x") == JB_OK,
       "options end at the first word where they should");
    is_i64((int64_t)line.args.n_rest, 4, "and the rest is another program's");
    is_str(line.args.rest[0], "make", "from that word on");
    ok(!jb_args_has(&line.args, "verbose") && line.args.has_rest, "unread");
    ok(parse(&line, true, "-q") == JB_OK && !line.args.has_rest, "no rest is no rest");
}

static void errors(void)
{
    struct line line;

    is_i64(parse(&line, false, "--projct x"), JB_E_USAGE, "an unknown option is wrong use");
    is_str(line.err.message, "unknown option '--projct'", "and named");
    is_str(line.err.hint, "did you mean --project? see --help", "with the nearest");
    is_i64(parse(&line, false, "--proj x"), JB_E_USAGE, "a beginning is not guessed at");
    is_str(line.err.hint, "did you mean --project? see --help", "but suggested");
    is_i64(parse(&line, false, "--zzzzzz"), JB_E_USAGE, "one that is far from all");
    is_str(line.err.hint, "see --help", "suggests none");
    is_i64(parse(&line, false, "-z"), JB_E_USAGE, "an unknown letter");
    is_i64(parse(&line, false, "--project"), JB_E_USAGE, "a value that is missing");
    is_str(line.err.message, "option '--project' needs a value: NAME", "is asked for");
    is_i64(parse(&line, false, "--quiet=yes"), JB_E_USAGE, "a flag takes no value");
    is_i64(parse(&line, false, "--project a --project b"), JB_E_USAGE, "once is once");
    ok(parse(&line, false, "-q -q") == JB_OK, "a flag twice is harmless");
}

static void numbers(void)
{
    struct line line;
    int64_t value = -7;

    ok(parse(&line, false, "--rate 0.25") == JB_OK &&
           jb_args_decimal(&line.args, "rate", 3, 0, 10000, 1, &value, &line.err) == JB_OK,
       "a decimal");
    is_i64(value, 250, "with three places");
    ok(parse(&line, false, "") == JB_OK &&
           jb_args_decimal(&line.args, "rate", 3, 0, 10000, 99, &value, NULL) == JB_OK,
       "one that is not given");
    is_i64(value, 99, "is the other value");
    ok(parse(&line, false, "--rate 11") == JB_OK, "one out of bounds");
    is_i64(jb_args_decimal(&line.args, "rate", 3, 0, 10000, 1, &value, &line.err), JB_E_USAGE,
           "is wrong use");
    is_str(line.err.hint, "give a number between 0 and 10", "with the bounds");
    ok(parse(&line, false, "--rate x") == JB_OK &&
           jb_args_decimal(&line.args, "rate", 3, 0, 10000, 1, &value, NULL) == JB_E_USAGE,
       "no number at all is wrong use");
    is_i64(value, 99, "and the output is left alone");
}

static void times(void)
{
    static const struct {
        const char *text;
        int64_t ns;
    } durations[] = {
        {"--rate 90", 90 * JB_NS_PER_S},      {"--rate 1.5s", 1500 * JB_NS_PER_MS},
        {"--rate 250ms", 250 * JB_NS_PER_MS}, {"--rate 5min", 300 * JB_NS_PER_S},
        {"--rate 2h", 2 * JB_NS_PER_HOUR},    {"--rate 7d", 168 * JB_NS_PER_HOUR},
        {"--rate 2w", 336 * JB_NS_PER_HOUR},
    };
    static const char *const wrong[] = {"--rate 5m",  "--rate s",    "--rate 0s",
                                        "--rate -1s", "--rate 1e3s", "--rate 9999999999999d"};
    const int64_t now_us = INT64_C(1767225600000000); /* 2026-01-01T00:00:00Z */
    struct line line;
    int64_t value;

    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        value = 0;
        ok(parse(&line, false, durations[i].text) == JB_OK &&
               jb_args_duration(&line.args, "rate", 1, &value, &line.err) == JB_OK &&
               value == durations[i].ns,
           "duration '%s'", durations[i].text);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ok(parse(&line, false, wrong[i]) == JB_OK &&
               jb_args_duration(&line.args, "rate", 1, &value, &line.err) == JB_E_USAGE,
           "no duration '%s'", wrong[i]);
    ok(parse(&line, false, "--rate 2025-12-31") == JB_OK &&
           jb_args_moment(&line.args, "rate", now_us, &value, NULL) == JB_OK,
       "a day");
    is_i64(value, now_us - 24 * JB_US_PER_HOUR, "begins at midnight UTC");
    ok(parse(&line, false, "--rate 2025-12-31T23:00:00Z") == JB_OK &&
           jb_args_moment(&line.args, "rate", now_us, &value, NULL) == JB_OK,
       "a moment");
    is_i64(value, now_us - JB_US_PER_HOUR, "is that moment");
    ok(parse(&line, false, "--rate 2h") == JB_OK &&
           jb_args_moment(&line.args, "rate", now_us, &value, NULL) == JB_OK,
       "how long ago");
    is_i64(value, now_us - 2 * JB_US_PER_HOUR, "counts back from now");
    ok(parse(&line, false, "--rate yesterday") == JB_OK &&
           jb_args_moment(&line.args, "rate", now_us, &value, NULL) == JB_E_USAGE,
       "anything else is wrong use");
}

int main(void)
{
    forms();
    errors();
    numbers();
    times();
    return done_testing();
}
