/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-30, R-CASE-33: the conversation: forth and back, choices, what Enter takes, going on where it stopped. */
#include "../tap.h"

#include <stdlib.h>

#include "case/interview.h"

static struct jb_case *one;
static struct jb_interview *interview;
static struct jb_buf reply;

static void begin(bool is_resumed)
{
    jb_interview_free(interview);
    interview = NULL;
    if (!is_resumed)
        memset(one, 0, sizeof *one);
    if (jb_interview_new(one, JB_ENGLISH, is_resumed, &interview, NULL) < 0)
        exit(1);
}

static enum jb_heard hear(const char *line)
{
    jb_buf_clear(&reply);
    return jb_interview_hear(interview, line, strlen(line), &reply);
}

static const char *at(void)
{
    const struct jb_ask *const ask = jb_interview_at(interview);

    return ask ? ask->key : "end";
}

static void to(const char *key)
{
    while (jb_interview_at(interview) && strcmp(at(), key) != 0)
        if (hear(strcmp(at(), "case") == 0 ? "x" : "") == JB_HEARD_AGAIN)
            return;
}

static const char *asked(void)
{
    jb_buf_clear(&reply);
    jb_interview_ask(interview, false, &reply);
    return jb_buf_text(&reply);
}

static void test_forth_and_back(void)
{
    begin(false);
    is_str(at(), "case", "the name is asked first");
    ok(hear("<") == JB_HEARD_HELP, "there is nothing before it");
    ok(hear("") == JB_HEARD_AGAIN, "a name is needed");
    ok(hear(".") == JB_HEARD_AGAIN, "also to end");
    ok(hear("x") == JB_HEARD_TAKEN && strcmp(at(), "title") == 0, "the title is next");
    ok(strstr(asked(), "Enter takes 'x'"), "which may be the name");
    ok(hear("") == JB_HEARD_TAKEN && strcmp(one->title, "x") == 0, "by Enter");
    ok(hear("  how\tgood  \r") == JB_HEARD_TAKEN &&
           strcmp(one->answers[JB_CASE_QUESTION].text, "how good") == 0,
       "blanks around an answer are no part of it");
    ok(hear("?") == JB_HEARD_HELP && strstr(jb_buf_text(&reply), "why:") &&
           strcmp(at(), "project.problem") == 0,
       "help, and the same question");
    ok(hear("<") == JB_HEARD_BACK && strstr(asked(), "Enter keeps 'how good'"), "back");
    ok(hear("") == JB_HEARD_TAKEN && one->answers[JB_CASE_QUESTION].is_told, "Enter keeps it");
    ok(hear("<") == JB_HEARD_BACK && hear("-") == JB_HEARD_TAKEN &&
           !one->answers[JB_CASE_QUESTION].is_told,
       "- takes it away");
    ok(hear("") == JB_HEARD_TAKEN && !one->answers[JB_CASE_PROBLEM].is_told,
       "Enter answers nothing");
    ok(hear("a\\0b") == JB_HEARD_TAKEN, "a backslash is a letter");
    ok(jb_interview_hear(interview, "a\0b", 3, &reply) == JB_HEARD_AGAIN, "a NUL is none");
    ok(hear(".") == JB_HEARD_TAKEN && !jb_interview_at(interview), "a point ends it");
    ok(hear("more") == JB_HEARD_TAKEN && !jb_interview_at(interview), "and then nothing is taken");
}

static void test_needs(void)
{
    begin(false);
    to("work.instance");
    (void)hear("");
    is_str(at(), "work.accelerator", "nothing rented: it is not asked how many");
    ok(hear("RTX 2080") == JB_HEARD_TAKEN && strcmp(at(), "work.accelerators") == 0,
       "of a board it is asked how many");
    ok(hear("2") == JB_HEARD_TAKEN && one->work.n_accelerators_milli.best == 2000, "two");
    (void)hear("<");
    (void)hear("<");
    ok(hear("-") == JB_HEARD_TAKEN && strcmp(at(), "work.processor") == 0 &&
           one->work.n_accelerators_milli.known == JB_KNOWN_UNKNOWN,
       "without the board there are not two of it");
}

static void test_choices(void)
{
    char first[JB_ANSWER];

    begin(false);
    to("work.accelerator");
    ok(hear("K81") == JB_HEARD_AGAIN && strstr(jb_buf_text(&reply), "  NVIDIA Tesla K80\n"),
       "a name that is none gets the nearest by number");
    ok(hear("") == JB_HEARD_TAKEN && one->work.accelerator.known == JB_KNOWN_UNKNOWN,
       "Enter takes none of them");
    (void)hear("<");
    (void)hear("K81");
    const char *const line = strstr(jb_buf_text(&reply), "  NVIDIA Tesla K80\n");
    const char number[2] = {line ? line[-1] : '?', '\0'};
    ok(hear(number) == JB_HEARD_TAKEN &&
           strcmp(one->work.accelerator.text, "NVIDIA Tesla K80") == 0,
       "a number takes one");
    (void)hear("<");
    ok(hear("V100") == JB_HEARD_HELP && strcmp(at(), "work.accelerator") == 0, "variants");
    ok(sscanf(strstr(jb_buf_text(&reply), "1  ") ? strstr(jb_buf_text(&reply), "1  ") : "",
              "1  %127[^\n]", first) == 1,
       "by number");
    ok(hear("1") == JB_HEARD_TAKEN && strcmp(one->work.accelerator.text, first) == 0, "one: %s",
       first);
    (void)hear("<");
    (void)hear("V100");
    ok(hear("") == JB_HEARD_TAKEN && strcmp(one->work.accelerator.text, "V100") == 0,
       "or all of them, as it was written");
}

static void test_offers(void)
{
    begin(false);
    to("provider.pue");
    (void)hear("1.2");
    (void)hear("Netherlands");
    (void)hear("RTX 2080");
    to("work.accelerator");
    ok(strstr(asked(), "Enter takes 'RTX 2080'"), "what was said of the hardware is offered");
    ok(hear("") == JB_HEARD_TAKEN && strcmp(one->work.accelerator.text, "RTX 2080") == 0, "taken");
    to("work.pue");
    ok(hear("-") == JB_HEARD_TAKEN && one->work.pue_milli.known == JB_KNOWN_UNKNOWN, "or not");
    begin(false);
    to("provider.hardware");
    (void)hear("some machine under a desk");
    to("work.accelerator");
    ok(!strstr(asked(), "Enter"), "what is no name is not offered");
}

static void test_resumed(void)
{
    begin(false);
    to("project.wishes");
    (void)hear("unknown");
    begin(true);
    is_str(at(), "project.conflicts", "it goes on after the last answer");
    to("end");
    ok(!jb_interview_at(interview), "to the end");
}

int main(void)
{
    one = calloc(1, sizeof *one);
    reply = JB_BUF(65536);
    if (!one)
        return 1;
    test_forth_and_back();
    test_needs();
    test_choices();
    test_offers();
    test_resumed();
    jb_interview_free(interview);
    jb_buf_release(&reply);
    jb_case_free(one);
    return done_testing();
}
