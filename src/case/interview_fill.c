/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One answer into the field that its row is for, checked at once: figures by their reader, names by the catalogue (R-CASE-32). Must
 * never leave a field half changed, nor keep a name that the account would then stumble over.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "case/interview.h"
#include "case/work_fields.h"
#include "catalogue/catalogue.h"

/* What one answer is checked with. */
struct fill {
    const struct jb_ask *ask;
    enum jb_language language;
    struct jb_choices *choices;
    char *remark;
    size_t n_remark;
    struct jb_error *err;
};

/* What to write instead, in both languages; NULL: the example of the row. */
struct instead {
    const char *words[JB_LANGUAGES];
};
static const struct instead example = {{NULL, NULL}};
static const struct instead shorter = {{"shorten it", "maak het korter"}};

JB_PRINTF(3, 4)
static jb_rc refuse(const struct fill *fill, const struct instead *instead, const char *format, ...)
{
    static const struct instead usual = {
        {"write such as %s, or unknown, or confidential",
         "schrijf bijvoorbeeld %s; of onbekend, of vertrouwelijk"}};
    char why[256];
    JB_AUTO(jb_buf_release) struct jb_buf hint = JB_BUF(1024);
    const char *const words = instead->words[fill->language];
    const char *const at = strstr(usual.words[fill->language], "%s");
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    if (words) {
        jb_buf_add_text(&hint, words);
    } else {
        jb_buf_add(&hint, usual.words[fill->language], (size_t)(at - usual.words[fill->language]));
        jb_buf_addf(&hint, "%s%s", fill->ask->example[fill->language], at + 2);
    }
    return jb_fail(fill->err, JB_E_INPUT, jb_buf_text(&hint), "%s", why);
}

static void remark(const struct fill *fill, const char *english, const char *dutch, const char *a,
                   const char *b)
{
    (void)snprintf(fill->remark, fill->n_remark, "%s %s%s%s",
                   fill->language == JB_DUTCH ? dutch : english, a, b[0] ? " " : "", b);
}

/* Of words that are none or too many. */
static jb_rc refuse_length(const struct fill *fill, const struct jb_error *why)
{
    return refuse(fill, &shorter, "%s",
                  fill->language == JB_DUTCH ? "het antwoord is leeg of te lang" : why->message);
}

/* --- figures --------------------------------------------------------------------------------------------------- */

/* Why a figure was not understood, in Dutch, by what quantity_text.c says of it after the text itself. */
static const char *dutch_reason(const char *english)
{
    static const struct {
        const char *within, *dutch;
    } reasons[] = {
        {"how far off", "hoe ver kan dat ernaast zitten? Schrijf LAAG..HOOG"},
        {"no high end", "er ontbreekt een bovengrens; schrijf LAAG..HOOG"},
        {"a comma", "schrijf een punt voor de decimalen, en niets tussen de duizendtallen"},
        {"a number", "hier hoort een getal"},
        {"too large", "dat is te groot"},
        {"too small", "dat is te klein"},
        {"no unit", "er ontbreekt een eenheid"},
        {"runs backwards", "het tweede getal is kleiner dan het eerste"},
        {"has a fraction", "hier hoort een heel getal"},
        {"a year", "dat is geen jaartal"},
    };
    const char *const after = strstr(english, "' is not ");

    for (size_t i = 0; after && i < JB_ARRAY_LEN(reasons); i++)
        if (strstr(after, reasons[i].within))
            return reasons[i].dutch;
    return "dat begrijp ik niet";
}

static jb_rc refuse_figure(const struct fill *fill, const char *text, const struct jb_error *why)
{
    if (fill->language == JB_DUTCH)
        return refuse(fill, &example, "'%.80s': %s", text, dutch_reason(why->message));
    return refuse(fill, &(struct instead){{why->hint, NULL}}, "%s", why->message);
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static void add_choice(struct jb_choices *choices, const char *name, size_t n)
{
    if (choices->n < JB_CHOICES_MAX && n > 0 && n < sizeof choices->names[0])
        (void)snprintf(choices->names[choices->n++], sizeof choices->names[0], "%.*s", (int)n,
                       name);
}

/* The names that a hint of the catalogue has in quotes: "did you mean 'A', 'B' or 'C'?" */
static void choices_of_hint(const char *hint, struct jb_choices *choices)
{
    if (strncmp(hint, "did you mean ", 13) != 0)
        return;
    for (const char *at = strchr(hint, '\''); at; at = strchr(at, '\'')) {
        const size_t n = strcspn(++at, "'");
        add_choice(choices, at, n);
        at += n + (at[n] == '\'');
    }
}

static jb_rc refuse_name(const struct fill *fill, const char *text, const struct jb_error *why)
{
    choices_of_hint(why->hint, fill->choices);
    if (fill->language == JB_DUTCH)
        return refuse(fill, &example, "'%.80s' staat niet in de catalogus, of is niet eenduidig",
                      text);
    return refuse(fill, &(struct instead){{why->hint, NULL}}, "%s", why->message);
}

static jb_rc check_accelerator(const struct fill *fill, struct jb_answer *answer)
{
    struct jb_accelerator found;
    struct jb_error why = {.code = JB_OK};

    if (jb_catalogue_find_accelerator(answer->text, &found, &why) < 0)
        return refuse_name(fill, answer->text, &why);
    if (found.match == JB_MATCH_EXACT) {
        if (strcmp(found.name, answer->text) != 0)
            remark(fill, "understood as", "begrepen als", found.name, "");
        return JB_OK;
    }
    fill->choices->may_stay = true;
    for (size_t i = 0; i < found.candidates.n; i++)
        add_choice(fill->choices, found.candidates.names[i], strlen(found.candidates.names[i]));
    return JB_OK;
}

static jb_rc check_instance(const struct fill *fill, struct jb_answer *answer)
{
    struct jb_instance found;
    struct jb_error why = {.code = JB_OK};
    char name[JB_ANSWER], board[JB_CATALOGUE_NAME + 2] = "";

    if (jb_catalogue_find_instance(NULL, answer->text, &found, &why) < 0)
        return refuse_name(fill, answer->text, &why);
    (void)snprintf(name, sizeof name, "%s/%s", found.provider, found.type);
    if (found.accelerator[0])
        (void)snprintf(board, sizeof board, "(%s)", found.accelerator);
    if (strcmp(name, answer->text) != 0 || board[0])
        remark(fill, "understood as", "begrepen als", name, board);
    return JB_OK;
}

static jb_rc check_processor(const struct fill *fill, struct jb_answer *answer)
{
    struct jb_cpu_power found;
    struct jb_error why = {.code = JB_OK};
    const jb_rc rc = jb_catalogue_find_cpu(answer->text, 0, &found, &why);

    if (rc < 0)
        return refuse_name(fill, answer->text, &why);
    if (found.match == JB_CPU_UNKNOWN) {
        (void)jb_fail(&why, JB_E_INPUT, "`joulebook catalogue cpus NAME` shows the names known",
                      "the processor '%.80s' is not known", answer->text);
        return refuse_name(fill, answer->text, &why);
    }
    if (strcmp(found.name, answer->text) != 0)
        remark(fill, "understood as", "begrepen als", found.name, "");
    return JB_OK;
}

/* A region of a cloud becomes the zone of its grid, which is what the account of a case goes by. */
static jb_rc check_place(const struct fill *fill, struct jb_answer *answer)
{
    struct jb_grid_intensity grid;
    struct jb_region region;
    struct jb_error why = {.code = JB_OK}, why_region = {.code = JB_OK};
    char name[JB_ANSWER];

    if (jb_catalogue_find_grid(answer->text, 0, NULL, &grid, &why) == JB_OK) {
        if (strcasecmp(grid.zone, answer->text) != 0)
            remark(fill, "understood as", "begrepen als", grid.zone, grid.name);
        return JB_OK;
    }
    if (jb_catalogue_find_region(NULL, answer->text, 0, &region, &why_region) == JB_OK &&
        region.zone[0]) {
        (void)snprintf(name, sizeof name, "(%s/%s)", region.provider, region.region);
        (void)snprintf(answer->text, sizeof answer->text, "%s", region.zone);
        remark(fill, "understood as", "begrepen als", region.zone, name);
        return JB_OK;
    }
    const bool is_region = strncmp(why_region.hint, "did you mean ", 13) == 0 ||
                           strncmp(why_region.hint, "give the provider", 17) == 0;
    return refuse_name(fill, answer->text, is_region ? &why_region : &why);
}

static const struct {
    const char *key;
    jb_rc (*check)(const struct fill *fill, struct jb_answer *answer);
} checks[] = {
    {"accelerator", check_accelerator},
    {"instance", check_instance},
    {"processor", check_processor},
    {"place", check_place},
};

static jb_rc fill_name(const struct fill *fill, const struct jb_yaml_field *field, const char *text,
                       struct jb_work *work)
{
    struct jb_answer *const answer = (void *)((char *)work + field->offset);
    struct jb_case_answer told;
    struct jb_error why = {.code = JB_OK};

    if (jb_interview_words(text, false, &told, &why) < 0)
        return refuse_length(fill, &why);
    *answer = (struct jb_answer){.known = told.known};
    if (told.known == JB_KNOWN_UNKNOWN || told.known == JB_KNOWN_WITHHELD)
        return JB_OK;
    /* No name is a range, whatever is in it. */
    const char *const name = told.known == JB_KNOWN_VALUE ? told.text : text;
    if (jb_answer_parse(name, true, answer, &why) < 0)
        return refuse_length(fill, &why);
    for (size_t i = 0; i < JB_ARRAY_LEN(checks); i++)
        if (strcmp(checks[i].key, field->key) == 0)
            return checks[i].check(fill, answer);
    return JB_OK;
}

/* --- the rest of the work -------------------------------------------------------------------------------------- */

/* "6-7 architectures", "architectures=6-7", "40": the name last or first, "trainings" where there is none. */
static jb_rc fill_repeat(const struct fill *fill, const struct jb_yaml_field *field,
                         const char *text, size_t n, struct jb_work *work)
{
    char one[192], figure[192], pair[256];
    struct jb_error why = {.code = JB_OK};

    while (n > 0 && text[n - 1] == ' ')
        n--;
    if (n >= sizeof one / 2)
        return refuse(
            fill, &shorter,
            fill->language == JB_DUTCH ? "'%.40s...' is te lang" : "'%.40s...' is too long", text);
    (void)snprintf(one, sizeof one, "%.*s", (int)n, text);
    const size_t n_name = strcspn(one, "=<>");
    if (one[n_name] == '=') { /* "<= 3" is a bound */
        (void)snprintf(pair, sizeof pair, "%.*s=%s", (int)n_name, one,
                       jb_interview_figure(one + n_name + 1, figure, sizeof figure));
    } else {
        char *const name = strrchr(one, ' ');
        const bool has_name = name && !strpbrk(name, "0123456789");
        if (has_name)
            *name = '\0';
        (void)snprintf(pair, sizeof pair, "%s=%s",
                       has_name                     ? name + 1
                       : fill->language == JB_DUTCH ? "trainingen"
                                                    : "trainings",
                       jb_interview_figure(one, figure, sizeof figure));
    }
    return jb_work_field_set(field, pair, false, work, &why) < 0 ? refuse_figure(fill, text, &why)
                                                                 : JB_OK;
}

static jb_rc fill_repeats(const struct fill *fill, const struct jb_yaml_field *field,
                          const char *text, struct jb_work *work)
{
    enum jb_known known = JB_KNOWN_VALUE;
    struct jb_case_answer told;

    work->n_repeats = 0;
    memset(work->repeats, 0, sizeof work->repeats);
    if (jb_interview_words(text, false, &told, NULL) == JB_OK)
        known = told.known;
    if (known == JB_KNOWN_UNKNOWN || known == JB_KNOWN_WITHHELD)
        return fill_repeat(fill, field, jb_known_name(known), strlen(jb_known_name(known)), work);
    for (const char *at = text; *at;) {
        const size_t n = strcspn(at, ",");
        const jb_rc rc = fill_repeat(fill, field, at, n, work);
        if (rc < 0)
            return rc;
        at += n + (at[n] == ',');
        at += strspn(at, " ");
    }
    return JB_OK;
}

static jb_rc fill_flag(const struct fill *fill, const struct jb_yaml_field *field, const char *text,
                       struct jb_work *work)
{
    static const struct {
        const char *word, *english;
    } answers[] = {{"yes", "yes"},     {"y", "yes"},           {"ja", "yes"},
                   {"j", "yes"},       {"no", "no"},           {"n", "no"},
                   {"nee", "no"},      {"unknown", "no"},      {"onbekend", "no"},
                   {"withheld", "no"}, {"confidential", "no"}, {"vertrouwelijk", "no"}};

    for (size_t i = 0; i < JB_ARRAY_LEN(answers); i++)
        if (strcasecmp(text, answers[i].word) == 0)
            return jb_work_field_set(field, answers[i].english, false, work, fill->err);
    return refuse(fill, &(struct instead){{"write yes or no", "schrijf ja of nee"}},
                  fill->language == JB_DUTCH ? "'%.40s' is geen ja of nee"
                                             : "'%.40s' is neither yes nor no",
                  text);
}

/* A year is known or not; there is no place in the file for one that is withheld. */
static jb_rc fill_figure(const struct fill *fill, const struct jb_yaml_field *field,
                         const char *text, struct jb_work *work)
{
    char figure[JB_INTERVIEW_LINE];
    struct jb_error why = {.code = JB_OK};
    const bool is_year = strcmp(field->key, "year") == 0;

    (void)jb_interview_figure(text, figure, sizeof figure);
    if (is_year && (strcasecmp(figure, "withheld") == 0 || strcasecmp(figure, "confidential") == 0))
        (void)snprintf(figure, sizeof figure, "unknown");
    return jb_work_field_set(field, figure, false, work, &why) < 0 ? refuse_figure(fill, text, &why)
                                                                   : JB_OK;
}

static bool is_work_told(const struct jb_case *one)
{
    for (const struct jb_ask *ask = jb_asks; ask->key; ask++)
        if (strncmp(ask->key, "work.", 5) == 0 && jb_ask_is_told(ask, one))
            return true;
    return false;
}

static jb_rc fill_work(const struct fill *fill, const char *text, struct jb_case *one)
{
    const struct jb_yaml_field *const field = jb_work_field_find(strchr(fill->ask->key, '.') + 1);
    struct jb_work work = one->work;
    jb_rc rc = JB_OK;

    if (!field)
        return jb_fail(fill->err, JB_E_NOT_FOUND, NULL, "there is no field '%s'", fill->ask->key);
    if (strcmp(field->key, "repeats") == 0)
        rc = fill_repeats(fill, field, text, &work);
    else if (!text[0])
        memset((char *)&work + field->offset, 0, field->size ? field->size : sizeof(bool));
    else if (field->take == jb_take_answer)
        rc = fill_name(fill, field, text, &work);
    else if (field->take == jb_yaml_take_flag)
        rc = fill_flag(fill, field, text, &work);
    else
        rc = fill_figure(fill, field, text, &work);
    if (rc < 0)
        return rc;
    one->work = work;
    one->has_work = is_work_told(one);
    return JB_OK;
}

/* --- case and title -------------------------------------------------------------------------------------------- */

static jb_rc fill_id(const struct fill *fill, const char *text, struct jb_case *one)
{
    static const struct instead name = {
        {"take letters, digits, '-' and '_', such as 'asphalt-damage'",
         "neem letters, cijfers, '-' en '_', bijvoorbeeld 'asfaltschade'"}};
    bool is_name = text[0] != '\0' && strlen(text) < sizeof one->id;

    for (const char *at = text; *at; at++)
        is_name = is_name && (jb_clean_is_alnum(*at) || *at == '-' || *at == '_');
    if (!is_name)
        return refuse(fill, &name,
                      fill->language == JB_DUTCH ? "'%.80s' kan geen naam zijn"
                                                 : "'%.80s' cannot be the name",
                      text);
    (void)snprintf(one->id, sizeof one->id, "%s", text);
    return JB_OK;
}

static jb_rc fill_title(const struct fill *fill, const char *text, struct jb_case *one)
{
    if (strlen(text) >= sizeof one->title)
        return refuse(fill, &shorter,
                      fill->language == JB_DUTCH ? "'%.40s...' is langer dan %zu bytes"
                                                 : "'%.40s...' is longer than %zu bytes",
                      text, sizeof one->title - 1);
    /* A case needs a title; its name is one. */
    (void)snprintf(one->title, sizeof one->title, "%s", text[0] ? text : one->id);
    return JB_OK;
}

static jb_rc fill_answer(const struct fill *fill, int question, const char *text,
                         struct jb_case *one)
{
    struct jb_error why = {.code = JB_OK};

    if (!text[0]) {
        one->answers[question] = (struct jb_case_answer){.is_told = false};
        return JB_OK;
    }
    if (jb_interview_words(text, fill->ask->is_figure, &one->answers[question], &why) == JB_OK)
        return JB_OK;
    return refuse_length(fill, &why);
}

jb_rc jb_interview_fill(const struct jb_ask *ask, const char *text, enum jb_language language,
                        struct jb_case *one, struct jb_choices *ret_choices, char *ret_remark,
                        size_t size, struct jb_error *err)
{
    const struct fill fill = {.ask = ask,
                              .language = language,
                              .choices = ret_choices,
                              .remark = ret_remark,
                              .n_remark = size,
                              .err = err};
    static const struct instead keys = {
        {"write it in UTF-8, without arrow and function keys",
         "schrijf het in UTF-8, zonder pijltjes- of functietoetsen"}};
    const int question = jb_ask_question(ask);

    ret_choices->n = 0;
    ret_choices->may_stay = false;
    ret_remark[0] = '\0';
    if (!jb_clean_is(text))
        return refuse(&fill, &keys,
                      language == JB_DUTCH
                          ? "er staan stuurtekens in, of het is geen UTF-8"
                          : "it holds control characters, or bytes that are not UTF-8");
    if (question >= 0)
        return fill_answer(&fill, question, text, one);
    if (strcmp(ask->key, "case") == 0)
        return fill_id(&fill, text, one);
    if (strcmp(ask->key, "title") == 0)
        return fill_title(&fill, text, one);
    return fill_work(&fill, text, one);
}
