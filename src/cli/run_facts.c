/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user states about a run: options, variables and the file of facts to struct jb_run, checked. Must never
 * accept what would only turn out wrong when the account is made.
 */
#include "cli/run_facts.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/apart.h"
#include "base/clean.h"
#include "base/num.h"
#include "carbon/carbon.h"
#include "catalogue/catalogue.h"
#include "cli/config.h"
#include "model/compute.h"

/* One value that was given, and how to speak of it. */
struct given {
    const char *value;
    jb_rc refusal; /* the code if it cannot be */
    bool is_file;  /* it stands in the file */
    char where[JB_CONFIG_PATH + 64];
};

struct fact;
typedef jb_rc (*take_fn)(const struct fact *fact, const struct given *given, struct jb_run *run,
                         struct jb_error *err);

/* Row i belongs to jb_run_fact_options[i]. */
struct fact {
    take_fn take;
    size_t offset; /* within struct jb_run */
    size_t size;   /* of a text */
    unsigned scale;
    int64_t max;
    int64_t min;
};

const struct jb_option jb_run_fact_options[] = {
    {0, "project", "NAME", "the project the run belongs to", false},
    {0, "model", "NAME", "the model that is trained or used", false},
    {0, "model-version", "TEXT", "its version", false},
    {0, "architecture", "NAME", "its architecture, for example resnet50", false},
    {0, "application", "NAME", "what it is for, for example image classification", false},
    {0, "configuration", "TEXT", "how it is trained: parameters in your own words", false},
    {0, "stage", "WORD", "explore, search, train, tune, retrain, evaluate, infer, test, failed ...",
     false},
    {0, "tag", "NAME=VALUE", "anything else to find the run by", true},
    {0, "group", "NAME", "the training that several runs on several nodes belong to", false},
    {0, "rank", "N", "which of the group this one is", false},
    {0, "place", "PLACE", "where the electricity comes from: a code or name such as NL, US-CA",
     false},
    {0, "hourly", "FILE", "carbon intensities by the hour: utc_hour_start,gco2e_per_kwh", false},
    {0, "market", "G_PER_KWH", "carbon intensity of the contract, g CO2e per kWh", false},
    {0, "pue", "RATIO", "power usage effectiveness of the data centre, such as 1.2", false},
    {0, "tariff", "PER_KWH", "price of one kWh", false},
    {0, "currency", "CODE", "currency of the tariff, such as EUR", false},
    {0, "examples", "N", "training examples of one epoch: energy is told for each of them", false},
    {0, "epochs", "N", "epochs the training will do; where it marks them, the whole is predicted",
     false},
    {0, "tokens", "N", "tokens that the training sees, all epochs together", false},
    {0, "parameters", "N", "parameters of the model", false},
    {0, "flop", "N", "operations of the whole training, such as 3.14e23", false},
    {0, "factor", "N", "training over forward: 3, or 4 where activations are computed again",
     false},
    {0, "plan", "ID", "the plan it carries out, as `joulebook plan --enter` named it", false},
    {0, NULL, NULL, NULL, false},
};

static jb_rc refuse(const struct given *given, const char *hint, struct jb_error *err)
{
    return jb_fail(err, given->refusal, hint, "%s cannot be '%.80s'", given->where, given->value);
}

/* --- one function per kind of value ------------------------------------------------------------------------------- */

static jb_rc take_text(const struct fact *fact, const struct given *given, struct jb_run *run,
                       struct jb_error *err)
{
    char hint[64];

    if (!given->value[0])
        return jb_fail(err, given->refusal, "leave it out where there is nothing to say",
                       "%s has no value", given->where);
    if (!jb_clean_is(given->value))
        return jb_fail(err, given->refusal, "write it in UTF-8 without control characters",
                       "%s is not plain text", given->where);
    if (strlen(given->value) >= fact->size) {
        (void)snprintf(hint, sizeof hint, "at most %zu bytes", fact->size - 1);
        return refuse(given, hint, err);
    }
    (void)snprintf((char *)run + fact->offset, fact->size, "%s", given->value);
    return JB_OK;
}

static const char *const stages[] = {
    "explore", "search",    "train",    "tune",     "fine-tune", "finetune", "pretrain",
    "retrain", "evaluate",  "validate", "infer",    "test",      "failed",   "final",
    "prepare", "benchmark", "distill",  "quantize", "deploy",
};

/* Two letters that stand side by side are exchanged, or one is added, left out or changed. */
static bool is_slip(const char *word, const char *meant)
{
    const size_t apart = jb_words_apart(word, meant);
    size_t i = 0;

    if (strlen(meant) < 5)
        return false; /* "best" is not a slip for "test" */
    if (apart != 2 || strlen(word) != strlen(meant))
        return apart == 1;
    while (word[i] == meant[i])
        i++;
    return word[i] == meant[i + 1] && word[i + 1] == meant[i];
}

static jb_rc take_stage(const struct fact *fact, const struct given *given, struct jb_run *run,
                        struct jb_error *err)
{
    const char *const word = given->value;
    const size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz-");
    char hint[128];

    if (len == 0 || word[len] != '\0' || len >= fact->size)
        return refuse(given,
                      "one word of small letters: explore, search, train, tune, retrain, evaluate, "
                      "infer, test, failed",
                      err);
    for (size_t i = 0; i < JB_ARRAY_LEN(stages); i++)
        if (strcmp(word, stages[i]) == 0)
            return take_text(fact, given, run, err);
    for (size_t i = 0; i < JB_ARRAY_LEN(stages); i++)
        if (is_slip(word, stages[i])) {
            (void)snprintf(hint, sizeof hint, "did you mean '%s'?", stages[i]);
            return refuse(given, hint, err);
        }
    return take_text(fact, given, run, err);
}

static jb_rc take_rank(const struct fact *fact, const struct given *given, struct jb_run *run,
                       struct jb_error *err)
{
    const size_t len = strspn(given->value, "0123456789");

    if (len == 0 || given->value[len] != '\0')
        return refuse(given, "give a number such as 0", err);
    return take_text(fact, given, run, err);
}

static size_t name_of_tag(const char *tag)
{
    return strspn(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");
}

static jb_rc take_tag(const struct fact *fact, const struct given *given, struct jb_run *run,
                      struct jb_error *err)
{
    const char *const tag = given->value;
    const size_t len = name_of_tag(tag);

    if (len == 0 || tag[len] != '=' || tag[len + 1] == '\0')
        return refuse(given, "write it as name=value, for example seed=3", err);
    for (size_t i = 0; i < run->n_tags; i++)
        if (name_of_tag(run->tags[i]) == len && memcmp(run->tags[i], tag, len) == 0)
            return jb_fail(err, given->refusal, "give each name one value",
                           "%s: tag '%.*s' is given twice", given->where, (int)len, tag);
    if (run->n_tags == JB_TAGS_MAX)
        return jb_fail(err, given->refusal, NULL, "more than %d tags", JB_TAGS_MAX);
    struct fact one = *fact;
    one.offset = offsetof(struct jb_run, tags) + run->n_tags * sizeof run->tags[0];
    const jb_rc rc = take_text(&one, given, run, err);
    if (rc == JB_OK)
        run->n_tags++;
    return rc;
}

static jb_rc take_place(const struct fact *fact, const struct given *given, struct jb_run *run,
                        struct jb_error *err)
{
    struct jb_grid_intensity grid;
    struct jb_error why = {0};

    if (!given->value[0])
        return take_text(fact, given, run, err);
    if (jb_catalogue_find_grid(given->value, 0, NULL, &grid, &why) < 0)
        return jb_fail(err, given->refusal, why.hint[0] ? why.hint : NULL, "%s: %s", given->where,
                       why.message);
    (void)snprintf(run->place, sizeof run->place, "%s", grid.zone);
    return JB_OK;
}

static jb_rc take_hourly(const struct fact *fact, const struct given *given, struct jb_run *run,
                         struct jb_error *err)
{
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = NULL;
    const char *const home = getenv("HOME");
    const char *from = given->value;
    char path[PATH_MAX];
    struct jb_error why = {0};
    int n = 0;

    /* A shell writes out ~ on a command line; in a file nobody does. */
    if (strncmp(from, "~/", 2) == 0 && home)
        n = snprintf(path, sizeof path, "%s%s", home, from + 1);
    else if (given->is_file && from[0] != '/')
        return refuse(given, "write the full path", err);
    else
        n = snprintf(path, sizeof path, "%s", from);
    if (n < 0 || (size_t)n >= sizeof path)
        return refuse(given, "use a shorter path", err);
    JB_AUTO(jb_free_auto) char *full = realpath(path, NULL);
    if (!full)
        return jb_fail_errno(err, errno, "give a CSV file of hourly intensities", "%s: '%.120s'",
                             given->where, path);
    if (jb_hourly_read(full, &hourly, &why) < 0)
        return jb_fail(err, given->refusal, why.hint[0] ? why.hint : NULL, "%s: %s", given->where,
                       why.message);
    struct given absolute = *given;
    absolute.value = full;
    return take_text(fact, &absolute, run, err);
}

static jb_rc take_number(const struct fact *fact, const struct given *given, struct jb_run *run,
                         struct jb_error *err)
{
    char low[32];
    char high[32];
    char hint[128];
    int64_t value;

    if (jb_parse_decimal(given->value, strlen(given->value), fact->scale, &value) < 0 ||
        value < fact->min || value > fact->max) {
        (void)snprintf(hint, sizeof hint, "give a number between %s and %s",
                       jb_format_decimal(fact->min, fact->scale, low, sizeof low),
                       jb_format_decimal(fact->max, fact->scale, high, sizeof high));
        return refuse(given, hint, err);
    }
    memcpy((char *)run + fact->offset, &value, sizeof value);
    return JB_OK;
}

static jb_rc take_currency(const struct fact *fact, const struct given *given, struct jb_run *run,
                           struct jb_error *err)
{
    char code[4] = "";

    for (size_t i = 0; i < 3; i++) {
        const char c = given->value[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) || (i == 2 && given->value[3]))
            return refuse(given, "give the three letters of its code, such as EUR", err);
        code[i] = c >= 'a' ? (char)(c - 'a' + 'A') : c;
    }
    struct given upper = *given;
    upper.value = code;
    return take_text(fact, &upper, run, err);
}

/* R-WORK-10: whole, of any size up to 1e30, written as digits or as 3.14e23. */
static jb_rc take_flop(const struct fact *fact, const struct given *given, struct jb_run *run,
                       struct jb_error *err)
{
    char digits[48];
    jb_i128 flop;

    if (jb_parse_i128(given->value, strlen(given->value), &flop) < 0 || flop == 0)
        return refuse(given, "give a whole number of operations such as 3.14e23, at most 1e30",
                      err);
    struct given written = *given;
    written.value = jb_format_i128(flop, digits, sizeof digits);
    return take_text(fact, &written, run, err);
}

/* A count within 64 bits; "1.2e6" is one too. */
static jb_rc take_count(const struct fact *fact, const struct given *given, struct jb_run *run,
                        struct jb_error *err)
{
    jb_i128 count;

    if (jb_parse_i128(given->value, strlen(given->value), &count) < 0 || count < fact->min ||
        count > fact->max)
        return refuse(given, "give a whole number such as 50000 or 1.2e6", err);
    const int64_t value = (int64_t)count;
    memcpy((char *)run + fact->offset, &value, sizeof value);
    return JB_OK;
}

/* The form alone; which run it is the book tells. */
static jb_rc take_plan(const struct fact *fact, const struct given *given, struct jb_run *run,
                       struct jb_error *err)
{
    const size_t len = strlen(given->value);

    if (len < 4 || len >= fact->size || strspn(given->value, "0123456789abcdef-") != len)
        return refuse(given, "give the id that `joulebook plan --enter` told, or its beginning",
                      err);
    return take_text(fact, given, run, err);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

#define MEMBER(member) offsetof(struct jb_run, member), sizeof((struct jb_run *)0)->member
/* Prices and factors beyond these are a mistake in the unit. */
#define TARIFF_MAX_MICRO INT64_C(1000000000000)
#define PUE_MAX_MILLI    5000
#define COUNT_MAX        INT64_C(1000000000000000000)
#define EPOCHS_MAX       INT64_C(1000000000000000)

/* clang-format off */
static const struct fact facts[] = {
    {take_text, MEMBER(project), 0, 0, 0},
    {take_text, MEMBER(model), 0, 0, 0},
    {take_text, MEMBER(model_version), 0, 0, 0},
    {take_text, MEMBER(architecture), 0, 0, 0},
    {take_text, MEMBER(application), 0, 0, 0},
    {take_text, MEMBER(configuration), 0, 0, 0},
    {take_stage, MEMBER(stage), 0, 0, 0},
    {take_tag, MEMBER(tags[0]), 0, 0, 0},
    {take_text, MEMBER(group), 0, 0, 0},
    {take_rank, MEMBER(rank), 0, 0, 0},
    {take_place, MEMBER(place), 0, 0, 0},
    {take_hourly, MEMBER(hourly_file), 0, 0, 0},
    {take_number, MEMBER(market_mgco2e_per_kwh), 3, JB_HOURLY_MG_MAX, 0},
    {take_number, MEMBER(pue_milli), 3, PUE_MAX_MILLI, 1000},
    {take_number, MEMBER(tariff_micro_per_kwh), 6, TARIFF_MAX_MICRO, 0},
    {take_currency, MEMBER(currency), 0, 0, 0},
    {take_count, MEMBER(n_examples), 0, COUNT_MAX, 1},
    {take_count, MEMBER(n_epochs), 0, EPOCHS_MAX, 1},
    {take_count, MEMBER(n_tokens), 0, COUNT_MAX, 1},
    {take_count, MEMBER(n_parameters), 0, COUNT_MAX, 1},
    {take_flop, MEMBER(training_flop), 0, 0, 0},
    {take_number, MEMBER(factor_milli), 3, 10000, 1000},
    {take_plan, MEMBER(plan), 0, 0, 0},
};
/* clang-format on */
_Static_assert(JB_ARRAY_LEN(facts) + 1 == sizeof jb_run_fact_options / sizeof(struct jb_option),
               "one fact for each option");

/* "model-version" to "JOULEBOOK_MODEL_VERSION". */
static const char *variable_of(const char *option, char *buf, size_t size)
{
    (void)snprintf(buf, size, "JOULEBOOK_%s", option);
    for (char *c = buf; *c; c++)
        if (*c == '-')
            *c = '_';
        else if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return buf;
}

static bool is_number(const struct fact *fact)
{
    return fact->take == take_number || fact->take == take_count;
}

/* A tag of a lower source is silent where a higher one has given the name. */
static bool is_outranked(const struct jb_run *run, size_t n_tags_above, const char *tag)
{
    const size_t len = name_of_tag(tag);

    for (size_t i = 0; i < n_tags_above; i++)
        if (name_of_tag(run->tags[i]) == len && memcmp(run->tags[i], tag, len) == 0)
            return true;
    return false;
}

static jb_rc take_from_file(const struct fact *fact, const struct jb_option *option,
                            const struct jb_config *config, struct jb_run *run,
                            struct jb_error *err)
{
    const size_t n_tags_above = run->n_tags;

    for (size_t i = 0; i < config->n_rows; i++) {
        struct given given = {
            .value = config->rows[i].value, .refusal = JB_E_INPUT, .is_file = true};
        if (config->rows[i].option != option)
            continue;
        (void)snprintf(given.where, sizeof given.where, "%s:%zu: '%s'", config->path,
                       config->rows[i].line, option->name);
        if (fact->take == take_rank || fact->offset == offsetof(struct jb_run, group))
            return jb_fail(err, JB_E_INPUT,
                           "give it to the run that it is of, by option or variable",
                           "%s cannot hold for every run", given.where);
        if (fact->take == take_tag && is_outranked(run, n_tags_above, given.value))
            continue;
        const jb_rc rc = fact->take(fact, &given, run, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* One fact, from the first source that has it; tags from all of them. */
static jb_rc take_fact(const struct fact *fact, const struct jb_option *option,
                       const struct jb_args *args, const struct jb_config *config,
                       struct jb_run *run, struct jb_error *err)
{
    struct given given = {.refusal = JB_E_USAGE};
    char name[64];

    (void)snprintf(given.where, sizeof given.where, "option '--%s'", option->name);
    for (size_t i = 0; (given.value = jb_args_nth(args, option->name, i)) != NULL; i++) {
        const jb_rc rc = fact->take(fact, &given, run, err);
        if (rc < 0 || !option->may_repeat)
            return rc;
    }
    given.value = getenv(variable_of(option->name, name, sizeof name));
    if (given.value && given.value[0]) {
        given.refusal = JB_E_INPUT;
        (void)snprintf(given.where, sizeof given.where, "variable %s", name);
        if (fact->take != take_tag || !is_outranked(run, run->n_tags, given.value)) {
            const jb_rc rc = fact->take(fact, &given, run, err);
            if (rc < 0)
                return rc;
        }
        if (!option->may_repeat)
            return JB_OK;
    }
    return take_from_file(fact, option, config, run, err);
}

jb_rc jb_run_facts_from_options(const struct jb_cli *cli, struct jb_run *run, struct jb_error *err)
{
    JB_AUTO(jb_config_release) struct jb_config config = {.n_rows = 0};
    struct jb_run filled = *run;
    jb_rc rc = jb_config_read(cli->is_privileged, jb_run_fact_options, &config, err);

    filled.n_tags = 0;
    memset(filled.tags, 0, sizeof filled.tags);
    for (size_t i = 0; rc == JB_OK && i < JB_ARRAY_LEN(facts); i++) {
        const int64_t none =
            facts[i].offset == offsetof(struct jb_run, factor_milli) || facts[i].take == take_count
                ? 0
                : -1;
        char *const member = (char *)&filled + facts[i].offset;
        if (is_number(&facts[i]))
            memcpy(member, &none, sizeof none);
        else
            member[0] = '\0';
        rc = take_fact(&facts[i], &jb_run_fact_options[i], &cli->args, &config, &filled, err);
    }
    if (rc < 0)
        return rc;
    *run = filled;
    return JB_OK;
}

/* JB_ARRAY_LEN(facts) where there is none. */
static size_t find_fact(const char *option)
{
    size_t i = 0;

    while (i < JB_ARRAY_LEN(facts) && strcmp(jb_run_fact_options[i].name, option) != 0)
        i++;
    return i;
}

bool jb_run_fact_is(const char *option)
{
    return find_fact(option) < JB_ARRAY_LEN(facts);
}

jb_rc jb_run_fact_check(const char *option, const char *value, char *ret_value, size_t size,
                        struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = calloc(1, sizeof *run);
    struct given given = {.value = value, .refusal = JB_E_INPUT};
    const size_t i = find_fact(option);
    int n;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    if (i == JB_ARRAY_LEN(facts))
        return jb_fail(err, JB_E_INTERNAL, NULL, "no option '--%s' states a fact", option);
    (void)snprintf(given.where, sizeof given.where, "'%s'", option);
    const jb_rc rc = facts[i].take(&facts[i], &given, run, err);
    if (rc < 0)
        return rc;
    const char *const member = (const char *)run + facts[i].offset;
    if (is_number(&facts[i])) {
        int64_t number;
        memcpy(&number, member, sizeof number);
        n = snprintf(ret_value, size, "%" PRId64, number);
    } else {
        n = snprintf(ret_value, size, "%s", member);
    }
    return n >= 0 && (size_t)n < size ? JB_OK
                                      : jb_fail(err, JB_E_RANGE, NULL, "'%s' is too long", option);
}
