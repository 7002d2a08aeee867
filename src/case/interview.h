/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The questionnaire as a conversation: a line that somebody wrote to a field of the case, in English or Dutch. Must never fill an
 * answer in or take one that it does not understand: it says why and asks again (R-CASE-30 to -34, docs/method/case.md).
 * Reads and prints nothing itself.
 */
#ifndef JB_CASE_INTERVIEW_H
#define JB_CASE_INTERVIEW_H

#include "case/case.h"

enum jb_language {
    JB_ENGLISH,
    JB_DUTCH,
    JB_LANGUAGES,
};
/* -1: neither "en" nor "nl", in any case, with or without a country and an encoding ("nl_BE.UTF-8"). */
int jb_language_from_name(const char *name);

/* --- what is asked --------------------------------------------------------------------------------------------- */

#define JB_ASK_NEEDS_MAX 3
/* A row fills one field of the case: "case", "title", "SECTION.KEY" of jb_case_questions, "work.KEY" of jb_work_fields. */
struct jb_ask {
    const char *key;
    const char *text[JB_LANGUAGES]; /* NULL: that of jb_case_questions */
    const char *why[JB_LANGUAGES];  /* why it is asked and what the answer is used for */
    const char *example[JB_LANGUAGES];
    const char *needs[JB_ASK_NEEDS_MAX]; /* asked only where one of these rows has an answer */
    const char *from; /* the row whose answer is offered here, where it would do; NULL */
    bool is_figure;   /* answers of words: "5 to 10 weeks" is a range */
};
extern const struct jb_ask jb_asks[]; /* ends with the key NULL */

const struct jb_ask *jb_ask_find(const char *key); /* NULL: no such row */
const char *jb_ask_text(const struct jb_ask *ask, enum jb_language language);
/* -1: the row is none of the questionnaire's own. */
int jb_ask_question(const struct jb_ask *ask);
/* True where the case has an answer; of the work, "unknown" is none (R-KNOWN-01). */
bool jb_ask_is_told(const struct jb_ask *ask, const struct jb_case *one);

/* --- one answer ------------------------------------------------------------------------------------------------ */

/*
 * R-CASE-31: words to an answer: "unknown: ask them", "vertrouwelijk", "360..672 h", or the text itself; in quotes it is always
 * the text itself. JB_E_INPUT where it does not fit.
 */
JB_MUST_USE jb_rc jb_interview_words(const char *text, bool is_figure, struct jb_case_answer *ret,
                                     struct jb_error *err);
/* A figure as a Dutch speaker writes it ("hoogstens 6 weken"), as model/quantity_text.h reads it; returns buf. What is English
 * already stays as it is. */
const char *jb_interview_figure(const char *text, char *buf, size_t size);

#define JB_CHOICES_MAX 12
/* Names that somebody may have meant. */
struct jb_choices {
    size_t n;
    bool may_stay; /* what was written stands for all of them, and may be kept */
    char names[JB_CHOICES_MAX][JB_ANSWER];
};

/*
 * One answer into its field; "" takes the field's answer away. JB_E_INPUT: `message` and `hint` say why not in `language`,
 * `choices` what may have been meant, the case is as it was. JB_OK with choices: taken, and several variants are meant.
 * `ret_remark` (size bytes): what was understood where that is not what was written; "" else.
 */
JB_MUST_USE jb_rc jb_interview_fill(const struct jb_ask *ask, const char *text,
                                    enum jb_language language, struct jb_case *one,
                                    struct jb_choices *ret_choices, char *ret_remark, size_t size,
                                    struct jb_error *err);

/* --- the conversation ------------------------------------------------------------------------------------------ */

#define JB_INTERVIEW_LINE 2048 /* no line is longer */

struct jb_interview;

/* `one` is filled and must outlive it. `is_resumed`: goes on after the last answer that the case has (R-CASE-33). */
JB_MUST_USE jb_rc jb_interview_new(struct jb_case *one, enum jb_language language, bool is_resumed,
                                   struct jb_interview **ret, struct jb_error *err);
void jb_interview_free(struct jb_interview *interview);
JB_AUTO_POINTER(struct jb_interview, jb_interview_free)

/* The question now; NULL at the end. */
const struct jb_ask *jb_interview_at(const struct jb_interview *interview);
/* What an interview begins with: how to answer. */
void jb_interview_greet(const struct jb_interview *interview, struct jb_buf *out);
/* The question with its number, its section where that begins, and what Enter would take; ends in "> ". */
void jb_interview_ask(struct jb_interview *interview, bool is_colour, struct jb_buf *out);

enum jb_heard {
    JB_HEARD_TAKEN, /* the next question is due, or it is done */
    JB_HEARD_AGAIN, /* not understood: `reply` says why */
    JB_HEARD_HELP,  /* `reply` is the help */
    JB_HEARD_BACK,  /* the question before is due */
};
/* One line without its end. `reply` gets lines to show, maybe none. */
enum jb_heard jb_interview_hear(struct jb_interview *interview, const char *line, size_t len,
                                struct jb_buf *reply);

#endif
