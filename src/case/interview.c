/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interview as a machine that gets lines: which question is due, what a line means there, what is said back (R-CASE-30 to
 * -34). Must never lose an answer that was taken but by a later answer to the same question.
 */
#include "case/interview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "case/work_fields.h"

struct jb_interview {
    struct jb_case *one;
    enum jb_language language;
    size_t at, n; /* of jb_asks; at == n: done */
    size_t shown; /* the row whose section was named last, + 1; 0: none yet */
    struct jb_choices choices;
    char meant[JB_INTERVIEW_LINE]; /* what the choices are for, kept where it may stay */
};

enum say {
    SAY_GREETING,
    SAY_WHY,
    SAY_EXAMPLE,
    SAY_ANSWERS,
    SAY_ENTER_KEEPS,
    SAY_ENTER_TAKES,
    SAY_FIRST,
    SAY_CHOOSE,
    SAY_CHOOSE_OR_STAY,
    SAY_LINE_LONG,
};
static const char *const says[][JB_LANGUAGES] = {
    [SAY_GREETING] =
        {"Answer in a line: a value, a range (5-10 weeks, 1.1..1.3), unknown, or confidential.\n"
         "Enter leaves a question unanswered, ? explains it, < goes back, . ends the questions,\n"
         "Ctrl-D stops and keeps what was answered.\n",
         "Antwoord in één regel: een waarde, een bereik (5 tot 10 weken, 1.1..1.3), onbekend of\n"
         "vertrouwelijk. Enter slaat een vraag over, ? geeft uitleg, < gaat terug, . sluit de\n"
         "vragen af, Ctrl-D stopt en bewaart wat er beantwoord is.\n"},
    [SAY_WHY] = {"why", "waarom"},
    [SAY_EXAMPLE] = {"for example", "bijvoorbeeld"},
    [SAY_ANSWERS] = {"or unknown, or confidential; both may be explained: 'unknown: ask them'",
                     "of onbekend, of vertrouwelijk; met uitleg mag ook: 'onbekend: navragen'"},
    [SAY_ENTER_KEEPS] = {"Enter keeps '%s', - takes it away", "Enter houdt '%s', - haalt het weg"},
    [SAY_ENTER_TAKES] = {"Enter takes '%s', - leaves it unanswered",
                         "Enter neemt '%s' over, - slaat de vraag over"},
    [SAY_FIRST] = {"this is the first question", "dit is de eerste vraag"},
    [SAY_CHOOSE] = {"which one is meant? Its number, or write it otherwise",
                    "welke is bedoeld? Het nummer, of schrijf het anders"},
    [SAY_CHOOSE_OR_STAY] = {"which one is it? Its number, or Enter where that is not known",
                            "welke is het? Het nummer, of Enter als dat niet bekend is"},
    [SAY_LINE_LONG] = {"the line is too long", "de regel is te lang"},
};

static const struct {
    const char *section, *title[JB_LANGUAGES];
} sections[] = {
    {"project.", {"The project", "Het project"}},
    {"model.", {"The model", "Het model"}},
    {"provider.", {"What the provider makes known", "Wat de aanbieder laat weten"}},
    {"work.", {"Figures for the account", "Cijfers voor de rekening"}},
};

static const char *say(const struct jb_interview *interview, enum say what)
{
    return says[what][interview->language];
}

/* --- where it stands ------------------------------------------------------------------------------------------- */

static bool is_due(const struct jb_interview *interview, size_t row)
{
    const struct jb_ask *const ask = &jb_asks[row];

    if (!ask->needs[0])
        return true;
    for (size_t i = 0; i < JB_ASK_NEEDS_MAX && ask->needs[i]; i++)
        if (jb_ask_is_told(jb_ask_find(ask->needs[i]), interview->one))
            return true;
    return false;
}

static void go_on(struct jb_interview *interview)
{
    while (interview->at < interview->n && !is_due(interview, interview->at))
        interview->at++;
}

jb_rc jb_interview_new(struct jb_case *one, enum jb_language language, bool is_resumed,
                       struct jb_interview **ret, struct jb_error *err)
{
    struct jb_interview *const interview = calloc(1, sizeof *interview);

    if (!interview)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the interview");
    interview->one = one;
    interview->language = language;
    for (; jb_asks[interview->n].key; interview->n++)
        if (is_resumed && jb_ask_is_told(&jb_asks[interview->n], one))
            interview->at = interview->n + 1;
    go_on(interview);
    *ret = interview;
    return JB_OK;
}

void jb_interview_free(struct jb_interview *interview)
{
    free(interview);
}

const struct jb_ask *jb_interview_at(const struct jb_interview *interview)
{
    return interview->at < interview->n ? &jb_asks[interview->at] : NULL;
}

/* --- what Enter takes ------------------------------------------------------------------------------------------ */

/* The answer that the row has, to show; "" where it has none. */
static void told_text(const struct jb_ask *ask, const struct jb_case *one, char *buf, size_t size)
{
    const int question = jb_ask_question(ask);
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(4096);

    buf[0] = '\0';
    if (!jb_ask_is_told(ask, one))
        return;
    if (question >= 0) {
        jb_case_answer_words(&one->answers[question], &text);
        (void)snprintf(buf, size, "%s", jb_buf_text(&text));
    } else if (strncmp(ask->key, "work.", 5) != 0) {
        (void)snprintf(buf, size, "%s", strcmp(ask->key, "case") == 0 ? one->id : one->title);
    } else {
        (void)jb_work_field_text(jb_work_field_find(strchr(ask->key, '.') + 1), &one->work, buf,
                                 size);
    }
}

/* The value of another row, where it is a good answer here without a second thought. */
static bool offered(const struct jb_interview *interview, const struct jb_ask *ask, char *buf,
                    size_t size)
{
    const struct jb_ask *const from = ask->from ? jb_ask_find(ask->from) : NULL;
    const int question = from ? jb_ask_question(from) : -1;
    char remark[256];

    if (jb_ask_is_told(ask, interview->one))
        return false;
    if (strcmp(ask->key, "title") == 0) {
        (void)snprintf(buf, size, "%s", interview->one->id);
        return buf[0] != '\0';
    }
    if (question < 0)
        return false;
    const struct jb_case_answer *const answer = &interview->one->answers[question];
    if (!answer->is_told || answer->known == JB_KNOWN_UNKNOWN || answer->known == JB_KNOWN_WITHHELD)
        return false;
    if (answer->known == JB_KNOWN_VALUE)
        (void)snprintf(buf, size, "%s", answer->text);
    else
        (void)snprintf(buf, size, "%s..%s", answer->low, answer->high);
    JB_AUTO(jb_free_auto) struct jb_case *trial = malloc(sizeof *trial);
    JB_AUTO(jb_free_auto) struct jb_choices *choices = calloc(1, sizeof *choices);
    if (!trial || !choices)
        return false;
    *trial = *interview->one;
    return jb_interview_fill(ask, buf, interview->language, trial, choices, remark, sizeof remark,
                             NULL) == JB_OK &&
           choices->n == 0 && jb_ask_is_told(ask, trial);
}

/* --- what is said ---------------------------------------------------------------------------------------------- */

void jb_interview_greet(const struct jb_interview *interview, struct jb_buf *out)
{
    jb_buf_add_text(out, say(interview, SAY_GREETING));
}

static const char *section_of(const struct jb_interview *interview, size_t row)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(sections); i++)
        if (strncmp(jb_asks[row].key, sections[i].section, strlen(sections[i].section)) == 0)
            return sections[i].title[interview->language];
    return NULL;
}

/* `format` of the table of words: one "%s". */
static void add_offer(const char *format, const char *text, struct jb_buf *out)
{
    const char *const at = strstr(format, "%s");

    jb_buf_add_text(out, "  (");
    jb_buf_add(out, format, (size_t)(at - format));
    jb_buf_add_text(out, text);
    jb_buf_addf(out, "%s)\n", at + 2);
}

void jb_interview_ask(struct jb_interview *interview, bool is_colour, struct jb_buf *out)
{
    const struct jb_ask *const ask = jb_interview_at(interview);
    char text[JB_INTERVIEW_LINE];

    if (!ask)
        return;
    const char *const section = section_of(interview, interview->at);
    if (section &&
        (interview->shown == 0 || section != section_of(interview, interview->shown - 1)))
        jb_buf_addf(out, "\n%s%s%s\n", is_colour ? "\033[1;36m" : "", section,
                    is_colour ? "\033[0m" : "");
    interview->shown = interview->at + 1;
    if (interview->choices.n == 0) {
        jb_buf_addf(out, "%s%zu/%zu%s %s\n", is_colour ? "\033[2m" : "", interview->at + 1,
                    interview->n, is_colour ? "\033[0m" : "",
                    jb_ask_text(ask, interview->language));
        told_text(ask, interview->one, text, sizeof text);
        if (text[0])
            add_offer(say(interview, SAY_ENTER_KEEPS), text, out);
        else if (offered(interview, ask, text, sizeof text))
            add_offer(say(interview, SAY_ENTER_TAKES), text, out);
    }
    jb_buf_add_text(out, "> ");
}

static void help(const struct jb_interview *interview, const struct jb_ask *ask,
                 struct jb_buf *reply)
{
    jb_buf_addf(reply, "  %s: %s\n  %s: %s\n  %s\n", say(interview, SAY_WHY),
                ask->why[interview->language], say(interview, SAY_EXAMPLE),
                ask->example[interview->language], say(interview, SAY_ANSWERS));
}

static void list_choices(const struct jb_interview *interview, struct jb_buf *reply)
{
    const struct jb_choices *const choices = &interview->choices;

    if (choices->n == 0)
        return;
    for (size_t i = 0; i < choices->n; i++)
        jb_buf_addf(reply, "  %zu  %s\n", i + 1, choices->names[i]);
    jb_buf_addf(reply, "  %s\n",
                say(interview, choices->may_stay ? SAY_CHOOSE_OR_STAY : SAY_CHOOSE));
}

/* --- what is heard --------------------------------------------------------------------------------------------- */

/* Rows that only had a meaning with the answer that is gone lose theirs. */
static void drop_dependents(struct jb_interview *interview)
{
    struct jb_choices none;
    char remark[64];

    for (size_t row = 0; row < interview->n; row++)
        if (!is_due(interview, row) && jb_ask_is_told(&jb_asks[row], interview->one))
            (void)!jb_interview_fill(&jb_asks[row], "", interview->language, interview->one, &none,
                                     remark, sizeof remark, NULL);
}

static enum jb_heard take(struct jb_interview *interview, const char *text, struct jb_buf *reply)
{
    const struct jb_ask *const ask = jb_interview_at(interview);
    struct jb_error why = {.code = JB_OK};
    char remark[256];
    const jb_rc rc = jb_interview_fill(ask, text, interview->language, interview->one,
                                       &interview->choices, remark, sizeof remark, &why);

    if (rc < 0) {
        jb_buf_addf(reply, "  %s\n", why.message);
        if (interview->choices.n == 0 && why.hint[0])
            jb_buf_addf(reply, "  %s\n", why.hint);
        list_choices(interview, reply);
        return JB_HEARD_AGAIN;
    }
    if (remark[0])
        jb_buf_addf(reply, "  %s\n", remark);
    if (interview->choices.n > 0) {
        list_choices(interview, reply);
        return JB_HEARD_HELP;
    }
    drop_dependents(interview);
    interview->at++;
    go_on(interview);
    return JB_HEARD_TAKEN;
}

/* A number, Enter, or another answer after names were listed; NULL: Enter, and what was written stays. */
static const char *chosen(struct jb_interview *interview, const char *text, char *buf, size_t size)
{
    int64_t number;

    if (!text[0] && interview->choices.may_stay)
        return NULL;
    if (jb_parse_i64(text, strlen(text), false, &number) == JB_OK && number >= 1 &&
        (size_t)number <= interview->choices.n)
        (void)snprintf(buf, size, "%s", interview->choices.names[number - 1]);
    else
        (void)snprintf(buf, size, "%s", text);
    return buf;
}

static enum jb_heard step_back(struct jb_interview *interview, struct jb_buf *reply)
{
    size_t row = interview->at;

    interview->choices.n = 0;
    while (row > 0 && !is_due(interview, --row))
        ;
    if (row == interview->at) {
        jb_buf_addf(reply, "  %s\n", say(interview, SAY_FIRST));
        return JB_HEARD_HELP;
    }
    interview->at = row;
    return JB_HEARD_BACK;
}

static enum jb_heard move_on(struct jb_interview *interview)
{
    interview->choices.n = 0;
    interview->at++;
    go_on(interview);
    return JB_HEARD_TAKEN;
}

/* Without blanks around it, tabs as blanks. */
static bool trim(const char *line, size_t len, char *text, size_t size)
{
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
        len--;
    while (len > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    if (len >= size)
        return false;
    for (size_t i = 0; i < len; i++) /* a NUL would end the text unseen */
        text[i] = line[i] == '\t' ? ' ' : line[i] == '\0' ? '\x01' : line[i];
    text[len] = '\0';
    return true;
}

/* The case has a name before anything else can end. */
static bool may_end(const struct jb_interview *interview)
{
    return interview->one->id[0] != '\0';
}

enum jb_heard jb_interview_hear(struct jb_interview *interview, const char *line, size_t len,
                                struct jb_buf *reply)
{
    const struct jb_ask *const ask = jb_interview_at(interview);
    char text[JB_INTERVIEW_LINE], other[JB_INTERVIEW_LINE];
    const char *answer;

    if (!ask)
        return JB_HEARD_TAKEN;
    if (!trim(line, len, text, sizeof text)) {
        jb_buf_addf(reply, "  %s\n", say(interview, SAY_LINE_LONG));
        return JB_HEARD_AGAIN;
    }
    if (strcmp(text, "?") == 0) {
        help(interview, ask, reply);
        list_choices(interview, reply);
        return JB_HEARD_HELP;
    }
    if (strcmp(text, "<") == 0)
        return step_back(interview, reply);
    if (strcmp(text, ".") == 0 && may_end(interview)) {
        interview->at = interview->n;
        return JB_HEARD_TAKEN;
    }
    if (interview->choices.n > 0) {
        answer = chosen(interview, text, other, sizeof other);
        if (!answer)
            return move_on(interview);
        return take(interview, strcmp(answer, "-") == 0 ? "" : answer, reply);
    }
    if (!text[0] && jb_ask_is_told(ask, interview->one))
        return move_on(interview);
    if (!text[0] && offered(interview, ask, other, sizeof other))
        return take(interview, other, reply);
    return take(interview, strcmp(text, "-") == 0 ? "" : text, reply);
}
