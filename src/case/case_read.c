/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case's YAML into struct jb_case. Must never mend or fill in what the file tells: each answer stays a value, a range,
 * unknown or withheld as it was written (R-CASE-01). What is wrong is told with file, line and column.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/apart.h"
#include "base/clean.h"
#include "base/num.h"
#include "case/case.h"
#include "case/case_int.h"
#include "case/work_fields.h"

static const char answer_expected[] = "a text, a list of texts, unknown, withheld, {unknown: what "
                                      "was said}, {withheld: what was said} or "
                                      "{low: a text, high: a text}";

/* A text of one line; lines of a block are joined by blanks. */
static jb_rc take_line(const struct jb_yaml *yaml, const struct jb_yaml_node *value, char *buf,
                       size_t size, struct jb_error *err)
{
    if (value->kind != JB_YAML_SCALAR)
        return jb_yaml_fail(yaml, value, err, "write one text, in quotes if it holds ': ' or '#'",
                            "a text is expected here");
    size_t len = strlen(value->text);
    while (len > 0 && (value->text[len - 1] == '\n' || value->text[len - 1] == ' '))
        len--;
    if (len >= size)
        return jb_yaml_fail(yaml, value, err, "shorten it", "the text is longer than %zu bytes",
                            size - 1);
    for (size_t i = 0; i < len; i++)
        buf[i] = value->text[i] == '\n' ? ' ' : value->text[i];
    buf[len] = '\0';
    if (!jb_clean_is(buf))
        return jb_yaml_fail(yaml, value, err, NULL, "the text holds a control character");
    return JB_OK;
}

static jb_rc take_needed_line(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                              const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    char *const buf = (char *)target + field->offset;
    char hint[320];
    const jb_rc rc = take_line(yaml, value, buf, field->size, err);

    if (rc < 0 || buf[0])
        return rc;
    (void)snprintf(hint, sizeof hint, "it takes %s", field->expected);
    return jb_yaml_fail(yaml, value, err, hint, "'%s' is empty", field->key);
}

/* --- answers --------------------------------------------------------------------------------------------------- */

static jb_rc take_list(const struct jb_yaml *yaml, const struct jb_yaml_node *value,
                       struct jb_case_answer *answer, struct jb_error *err)
{
    size_t len = 0;

    for (size_t i = 0; i < value->n; i++) {
        char one[JB_CASE_TEXT];
        const jb_rc rc = take_line(yaml, value->items[i], one, sizeof one, err);
        if (rc < 0)
            return rc;
        const int n =
            snprintf(answer->text + len, sizeof answer->text - len, "%s%s", i ? "; " : "", one);
        if (n < 0 || (size_t)n >= sizeof answer->text - len)
            return jb_yaml_fail(yaml, value, err, "shorten it", "the list is longer than %d bytes",
                                JB_CASE_TEXT - 1);
        len += (size_t)n;
    }
    answer->known = JB_KNOWN_VALUE;
    return JB_OK;
}

static jb_rc take_mapping(const struct jb_yaml *yaml, const struct jb_yaml_node *value,
                          struct jb_case_answer *answer, struct jb_error *err)
{
    const struct jb_yaml_node *const low = jb_yaml_get(value, "low");
    const struct jb_yaml_node *const high = jb_yaml_get(value, "high");
    const struct jb_yaml_node *const unknown = jb_yaml_get(value, "unknown");
    const struct jb_yaml_node *const withheld = jb_yaml_get(value, "withheld");

    if (value->n == 2 && low && high) {
        answer->known = JB_KNOWN_RANGE;
        const jb_rc rc = take_line(yaml, low, answer->low, sizeof answer->low, err);
        return rc < 0 ? rc : take_line(yaml, high, answer->high, sizeof answer->high, err);
    }
    if (value->n == 1 && (unknown || withheld)) {
        answer->known = unknown ? JB_KNOWN_UNKNOWN : JB_KNOWN_WITHHELD;
        return take_line(yaml, unknown ? unknown : withheld, answer->text, sizeof answer->text,
                         err);
    }
    char hint[320];
    (void)snprintf(hint, sizeof hint, "it takes %s", answer_expected);
    return jb_yaml_fail(yaml, value->n > 0 ? value->keys[0] : value, err, hint,
                        "an answer is not written like this");
}

static jb_rc take_answer(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                         const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_case_answer *const answer =
        (struct jb_case_answer *)(void *)((char *)target + field->offset);
    jb_rc rc;

    answer->is_told = true;
    if (value->kind == JB_YAML_MAP)
        return take_mapping(yaml, value, answer, err);
    if (value->kind == JB_YAML_LIST && value->n > 0)
        return take_list(yaml, value, answer, err);
    if (value->kind == JB_YAML_SCALAR && !value->is_quoted && strcmp(value->text, "unknown") == 0)
        return JB_OK;
    answer->known = JB_KNOWN_WITHHELD;
    if (value->kind == JB_YAML_SCALAR && !value->is_quoted && strcmp(value->text, "withheld") == 0)
        return JB_OK;
    answer->known = JB_KNOWN_VALUE;
    rc = value->kind == JB_YAML_SCALAR
             ? take_line(yaml, value, answer->text, sizeof answer->text, err)
             : JB_OK;
    if (rc < 0 || answer->text[0])
        return rc;
    char hint[320];
    (void)snprintf(hint, sizeof hint, "it takes %s", answer_expected);
    return jb_yaml_fail(yaml, value, err, hint, "'%s' is empty", field->key);
}

/* One section of the questionnaire: its keys are those of jb_case_questions. */
static jb_rc take_section(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                          const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_yaml_field fields[JB_CASE_QUESTIONS + 1];
    size_t n = 0;

    for (size_t i = 0; i < JB_CASE_QUESTIONS; i++)
        if (strcmp(jb_case_questions[i].section, field->key) == 0)
            fields[n++] = (struct jb_yaml_field){
                .key = jb_case_questions[i].key,
                .take = take_answer,
                .offset = offsetof(struct jb_case, answers) + i * sizeof(struct jb_case_answer),
                .size = sizeof(struct jb_case_answer),
                .expected = answer_expected,
            };
    fields[n] = (struct jb_yaml_field){.key = NULL};
    return jb_yaml_take(yaml, value, fields, target, err);
}

/* --- work and readings ----------------------------------------------------------------------------------------- */

static jb_rc take_work(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                       const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_case *const one = target;

    (void)field;
    one->has_work = true;
    return jb_yaml_take(yaml, value, jb_work_fields, &one->work, err);
}

static jb_rc take_reading_work(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                               const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_case_reading *const reading = target;

    (void)field;
    /* What it multiplies the time by takes the place of the case's own, all together. */
    if (value->kind == JB_YAML_MAP && jb_yaml_get(value, "repeats"))
        reading->work.n_repeats = 0;
    return jb_yaml_take(yaml, value, jb_work_fields, &reading->work, err);
}

static const struct jb_yaml_field reading_fields[] = {
    {"name", take_needed_line, offsetof(struct jb_case_reading, name),
     sizeof(((struct jb_case_reading *)0)->name), "a short name", true, NULL},
    {"why", take_needed_line, offsetof(struct jb_case_reading, why), JB_CASE_TEXT,
     "why the case may be read so", true, NULL},
    {"work", take_reading_work, 0, 0, "what it changes of the work", true, NULL},
    {.key = NULL},
};

static jb_rc take_readings(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                           const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_case *const one = target;

    if (value->kind != JB_YAML_LIST)
        return jb_yaml_fail(yaml, value, err, "write '- name: ...' for each", "'%s' is a list",
                            field->key);
    if (value->n > JB_CASE_READINGS_MAX)
        return jb_yaml_fail(yaml, value, err, NULL, "more than %d readings", JB_CASE_READINGS_MAX);
    for (size_t i = 0; i < value->n; i++) {
        struct jb_case_reading *const reading = &one->readings[i];
        reading->work = one->work;
        const jb_rc rc = jb_yaml_take(yaml, value->items[i], reading_fields, reading, err);
        if (rc < 0)
            return rc;
        for (size_t k = 0; k < i; k++)
            if (strcmp(one->readings[k].name, reading->name) == 0)
                return jb_yaml_fail(yaml, value->items[i], err, "give each a name of its own",
                                    "there are two readings '%s'", reading->name);
    }
    one->n_readings = value->n;
    return JB_OK;
}

/* --- documented result ----------------------------------------------------------------------------------------- */

static jb_rc take_energy(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                         const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    static const struct jb_unit units[] = {
        {"Wh", 3600000000}, {"kWh", 3600000000000}, {"MWh", 3600000000000000}};
    int64_t *const ret_uj = (int64_t *)(void *)((char *)target + field->offset);

    if (value->kind == JB_YAML_SCALAR &&
        jb_parse_quantity(value->text, units, JB_ARRAY_LEN(units), ret_uj) == JB_OK)
        return JB_OK;
    return jb_yaml_fail(yaml, value, err, "it takes an energy, such as 121.5 kWh",
                        "'%s' is no energy", field->key);
}

#define DOCUMENTED(member) \
    offsetof(struct jb_case_documented, member), sizeof(((struct jb_case_documented *)0)->member)
static const struct jb_yaml_field documented_fields[] = {
    {"low", take_energy, DOCUMENTED(low_uj), "an energy", false, NULL},
    {"high", take_energy, DOCUMENTED(high_uj), "an energy", false, NULL},
    {"formula", take_needed_line, DOCUMENTED(formula), "4.4 or 4.8", false, NULL},
    {"reading", take_needed_line, DOCUMENTED(reading), "the name of a reading", false, NULL},
    {"not_computable", take_needed_line, DOCUMENTED(why_not), "why not", false, NULL},
    {"printed", take_needed_line, DOCUMENTED(printed), "the figure as printed", false, NULL},
    {"source", take_needed_line, DOCUMENTED(source), "where it is printed", true, NULL},
    {.key = NULL},
};

static jb_rc take_documented(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                             const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_case_documented *const told = &((struct jb_case *)target)->documented;
    const jb_rc rc = jb_yaml_take(yaml, value, documented_fields, told, err);

    (void)field;
    if (rc < 0)
        return rc;
    told->is_told = true;
    told->is_computable = !told->why_not[0];
    const bool has_band = jb_yaml_get(value, "low") && jb_yaml_get(value, "high");
    if (told->is_computable != has_band || told->is_computable != (told->formula[0] != '\0'))
        return jb_yaml_fail(yaml, value, err,
                            "give low, high and formula, or not_computable and none of these",
                            "the documented result is neither an energy nor none");
    if (told->low_uj > told->high_uj)
        return jb_yaml_fail(yaml, value, err, NULL, "'low' is above 'high'");
    return JB_OK;
}

/* --- doubts and observations ----------------------------------------------------------------------------------- */

static jb_rc take_doubts(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                         const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_case *const one = target;

    if (value->kind != JB_YAML_LIST || value->n > JB_CASE_DOUBTS_MAX)
        return jb_yaml_fail(yaml, value, err, NULL, "'%s' is a list of at most %d texts",
                            field->key, JB_CASE_DOUBTS_MAX);
    for (size_t i = 0; i < value->n; i++) {
        const jb_rc rc = take_line(yaml, value->items[i], one->doubts[i], JB_CASE_TEXT, err);
        if (rc < 0)
            return rc;
        if (!one->doubts[i][0])
            return jb_yaml_fail(yaml, value->items[i], err, NULL, "a doubt is empty");
    }
    one->n_doubts = value->n;
    return JB_OK;
}

/* The word nearest to what was written, as a hint. */
static jb_rc no_such(const struct jb_yaml *yaml, const struct jb_yaml_node *value, const char *what,
                     const char *(*word_at)(size_t), struct jb_error *err)
{
    const char *const text = value->kind == JB_YAML_SCALAR ? value->text : "";
    const char *nearest = NULL, *word;
    size_t least = SIZE_MAX;
    char hint[256];

    for (size_t i = 0; (word = word_at(i)); i++) {
        const size_t apart = jb_words_apart(text, word);
        if (apart < least) {
            least = apart;
            nearest = word;
        }
    }
    (void)snprintf(hint, sizeof hint, "did you mean '%s'?", nearest ? nearest : "");
    return jb_yaml_fail(yaml, value, err, hint, "there is no %s '%.80s'", what, text);
}

static const char *restriction_at(size_t i)
{
    return i < JB_RESTRICTIONS ? jb_restrictions[i].key : NULL;
}

static const char *perspective_at(size_t i)
{
    return i < JB_PERSPECTIVES ? jb_perspective_name((enum jb_perspective)i) : NULL;
}

static jb_rc take_restriction(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                              const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    const int id = value->kind == JB_YAML_SCALAR ? jb_restriction_from_key(value->text) : -1;

    (void)field;
    if (id < 0)
        return no_such(yaml, value, "restriction", restriction_at, err);
    ((struct jb_observation *)target)->restriction = (enum jb_restriction_id)id;
    return JB_OK;
}

static jb_rc take_perspective(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                              const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    const int id = value->kind == JB_YAML_SCALAR ? jb_perspective_from_name(value->text) : -1;

    (void)field;
    if (id < 0)
        return no_such(yaml, value, "perspective", perspective_at, err);
    ((struct jb_observation *)target)->perspective = (enum jb_perspective)id;
    return JB_OK;
}

static jb_rc take_times(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                        const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    int64_t *const ret = &((struct jb_observation *)target)->times;

    if (value->kind == JB_YAML_SCALAR &&
        jb_parse_i64(value->text, strlen(value->text), false, ret) == JB_OK && *ret > 0 &&
        *ret <= 1000000)
        return JB_OK;
    return jb_yaml_fail(yaml, value, err, "it takes a whole number from 1 to 1000000",
                        "'%s' is how often it was seen", field->key);
}

#define OBSERVATION(member) \
    offsetof(struct jb_observation, member), sizeof(((struct jb_observation *)0)->member)
static const struct jb_yaml_field observation_fields[] = {
    {"restriction", take_restriction, 0, 0, "a restriction's key", false, NULL},
    {"code", take_needed_line, OBSERVATION(code), "what was coded", false, NULL},
    {"interviewee", take_needed_line, OBSERVATION(interviewee), "a role", false, NULL},
    {"perspective", take_perspective, 0, 0, "case, governmental, scientific or provider", false,
     NULL},
    {"times", take_times, 0, 0, "how often, 1 where it is not told", false, NULL},
    {.key = NULL},
};

static jb_rc take_observation(const struct jb_yaml *yaml, const struct jb_yaml_node *value,
                              struct jb_observation *observation, struct jb_error *err)
{
    observation->times = 1;
    const jb_rc rc = jb_yaml_take(yaml, value, observation_fields, observation, err);

    if (rc < 0 || jb_yaml_get(value, "restriction"))
        return rc;
    /* R-CASE-03: a code of the code book tells its restriction; any other must name it. */
    const struct jb_yaml_node *const code = jb_yaml_get(value, "code");
    if (!code)
        return jb_yaml_fail(yaml, value, err, "add 'restriction: KEY'",
                            "an observation without code and restriction");
    if (jb_case__restriction_of_code(observation->code, &observation->restriction))
        return JB_OK;
    return jb_yaml_fail(yaml, code, err,
                        "add 'restriction: KEY'; `joulebook case tables C.3` has the code book",
                        "the code '%.60s' belongs to no one restriction", observation->code);
}

static jb_rc take_observations(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                               const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_case *const one = target;

    if (value->kind != JB_YAML_LIST || value->n > JB_CASE_OBSERVATIONS_MAX)
        return jb_yaml_fail(yaml, value, err, "write '- restriction: KEY' for each",
                            "'%s' is a list of at most %d", field->key, JB_CASE_OBSERVATIONS_MAX);
    for (size_t i = 0; i < value->n; i++) {
        const jb_rc rc = take_observation(yaml, value->items[i], &one->observations[i], err);
        if (rc < 0)
            return rc;
    }
    one->n_observations = value->n;
    return JB_OK;
}

/* --- the file -------------------------------------------------------------------------------------------------- */

static jb_rc take_id(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                     const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    const jb_rc rc = take_needed_line(yaml, field, value, target, err);

    if (rc < 0)
        return rc;
    for (const char *at = (const char *)target + field->offset; *at; at++)
        if (!jb_clean_is_alnum(*at) && *at != '-' && *at != '_')
            return jb_yaml_fail(yaml, value, err, "take letters, digits, '-' and '_'",
                                "'%s' cannot be '%.60s'", field->key, value->text);
    return JB_OK;
}

/* Readings begin as the work does: it is taken first, wherever it stands. */
static jb_rc take_nothing(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                          const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    (void)yaml;
    (void)field;
    (void)value;
    (void)target;
    (void)err;
    return JB_OK;
}

static const struct jb_yaml_field case_fields[] = {
    {"case", take_id, offsetof(struct jb_case, id), sizeof(((struct jb_case *)0)->id),
     "a name without blanks", true, NULL},
    {"title", take_needed_line, offsetof(struct jb_case, title),
     sizeof(((struct jb_case *)0)->title), "the case in a few words", true, NULL},
    {"project", take_section, 0, 0, "answers about the project", false, NULL},
    {"model", take_section, 0, 0, "answers about the model", false, NULL},
    {"provider", take_section, 0, 0, "what was made known about the machines", false, NULL},
    {"work", take_work, 0, 0, "what is known of the computation", false, NULL},
    {"readings", take_nothing, 0, 0, "the case understood in other ways", false, NULL},
    {"documented", take_documented, 0, 0, "a published result", false, NULL},
    {"doubts", take_doubts, 0, 0, "doubts in words", false, NULL},
    {"observations", take_observations, 0, 0, "coded observations", false, NULL},
    {.key = NULL},
};
static const struct jb_yaml_field readings_field = {
    "readings", take_readings, 0, 0, "the case understood in other ways", false, NULL};

static jb_rc take_case(const struct jb_yaml *yaml, const struct jb_yaml_node *root,
                       struct jb_case *one, struct jb_error *err)
{
    jb_rc rc = jb_yaml_take(yaml, root, case_fields, one, err);

    if (rc < 0)
        return rc;
    const struct jb_yaml_node *const readings = jb_yaml_get(root, "readings");
    if (readings)
        rc = take_readings(yaml, &readings_field, readings, one, err);
    if (rc < 0 || !one->documented.reading[0])
        return rc;
    for (size_t i = 0; i < one->n_readings; i++)
        if (strcmp(one->readings[i].name, one->documented.reading) == 0)
            return JB_OK;
    return jb_yaml_fail(yaml, jb_yaml_get(jb_yaml_get(root, "documented"), "reading"), err,
                        "name one of 'readings'", "there is no reading '%s'",
                        one->documented.reading);
}

static jb_rc case_of_yaml(const struct jb_yaml *yaml, struct jb_case **ret, struct jb_error *err)
{
    const struct jb_yaml_node *const root = jb_yaml_root(yaml);

    if (!root)
        return jb_fail(err, JB_E_INPUT, "begin with 'case: NAME' and 'title: WORDS'",
                       "%s: the file is empty", jb_yaml_name(yaml));
    JB_AUTO(jb_case_free_auto) struct jb_case *one = calloc(1, sizeof *one);
    if (!one)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the case");
    const jb_rc rc = take_case(yaml, root, one, err);
    if (rc < 0)
        return rc;
    *ret = one;
    one = NULL;
    return JB_OK;
}

jb_rc jb_case_parse(const char *name, const void *bytes, size_t len, struct jb_case **ret,
                    struct jb_error *err)
{
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    const jb_rc rc = jb_yaml_parse(name, bytes, len, &yaml, err);

    return rc < 0 ? rc : case_of_yaml(yaml, ret, err);
}

jb_rc jb_case_read(const char *path, struct jb_case **ret, struct jb_error *err)
{
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    const jb_rc rc = jb_yaml_read(path, &yaml, err);

    return rc < 0 ? rc : case_of_yaml(yaml, ret, err);
}

void jb_case_free(struct jb_case *one)
{
    free(one);
}
