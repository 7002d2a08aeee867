/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-30: every row of the interview fills one field of the case, and every field of the questionnaire is asked. */
#include "../tap.h"

#include <stdlib.h>

#include "case/interview.h"
#include "case/work_fields.h"

/* What each row of the work is answered with here; others take any text. */
static const struct {
    const char *key, *answer;
} samples[] = {
    {"work.duration", "12 h"},
    {"work.held", "yes"},
    {"work.repeats", "6-7 architectures, configurations=5"},
    {"work.instance", "aws/p3.2xlarge"},
    {"work.instances", "2"},
    {"work.instance_power", "350 W"},
    {"work.accelerator", "GeForce RTX 2080"},
    {"work.accelerators", "1/2"},
    {"work.accelerator_power", "180 W"},
    {"work.accelerator_use", "80 %"},
    {"work.processor", "Xeon Gold 6248"},
    {"work.processors", "2"},
    {"work.threads", "8"},
    {"work.processor_use", "50 %"},
    {"work.memory", "64 GB"},
    {"work.node_overhead", "60 W"},
    {"work.idle", "20 %"},
    {"work.pue", "1.58"},
    {"work.place", "NL"},
    {"work.year", "2021"},
    {"work.sensors_now", "yes"},
};

static const char *sample_of(const char *key)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(samples); i++)
        if (strcmp(samples[i].key, key) == 0)
            return samples[i].answer;
    return "words";
}

/* How many fields differ, and which the last one is: 0 and 1 are name and title. */
static size_t changed(const struct jb_case *a, const struct jb_case *b, size_t *ret_last)
{
    size_t n = 0, at = 2;

    if (strcmp(a->id, b->id) != 0)
        n++, *ret_last = 0;
    if (strcmp(a->title, b->title) != 0)
        n++, *ret_last = 1;
    for (size_t i = 0; i < JB_CASE_QUESTIONS; i++, at++)
        if (memcmp(&a->answers[i], &b->answers[i], sizeof a->answers[i]) != 0)
            n++, *ret_last = at;
    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++, at++) {
        char was[512], is[512];
        if (strcmp(jb_work_field_text(field, &a->work, was, sizeof was),
                   jb_work_field_text(field, &b->work, is, sizeof is)) != 0)
            n++, *ret_last = at;
    }
    return n;
}

static void test_one_each(void)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *empty = calloc(1, sizeof *empty);
    JB_AUTO(jb_case_free_auto) struct jb_case *one = calloc(1, sizeof *one);
    bool is_filled[128] = {false};
    size_t n_fields = 2 + JB_CASE_QUESTIONS;

    if (!empty || !one)
        return;
    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++)
        n_fields++;
    for (const struct jb_ask *ask = jb_asks; ask->key; ask++) {
        struct jb_choices choices;
        struct jb_error err = {0};
        char remark[256];
        size_t field = 127;
        memset(one, 0, sizeof *one);
        const jb_rc rc = jb_interview_fill(ask, sample_of(ask->key), JB_ENGLISH, one, &choices,
                                           remark, sizeof remark, &err);
        ok(rc == JB_OK && changed(empty, one, &field) == 1 && !is_filled[field],
           "%s fills one field, which no other row fills", ask->key);
        if (rc < 0)
            diag("%s", err.message);
        is_filled[field] = true;
        ok(jb_ask_is_told(ask, one) && !jb_ask_is_told(ask, empty), "%s is told then", ask->key);
    }
    size_t n = 0;
    for (size_t i = 0; i < n_fields; i++)
        n += is_filled[i];
    is_i64((int64_t)n, (int64_t)n_fields, "every field of the case is asked for");
}

static void test_words(void)
{
    bool is_whole = true, is_known = true;

    for (const struct jb_ask *ask = jb_asks; ask->key; ask++) {
        for (int l = 0; l < JB_LANGUAGES; l++)
            is_whole =
                is_whole && jb_ask_text(ask, (enum jb_language)l) && ask->why[l] && ask->example[l];
        is_whole = is_whole && strcmp(ask->why[JB_ENGLISH], ask->why[JB_DUTCH]) != 0 &&
                   strcmp(jb_ask_text(ask, JB_ENGLISH), jb_ask_text(ask, JB_DUTCH)) != 0;
        for (size_t i = 0; i < JB_ASK_NEEDS_MAX && ask->needs[i]; i++)
            is_known = is_known && jb_ask_find(ask->needs[i]);
        is_known = is_known && (!ask->from || jb_ask_question(jb_ask_find(ask->from)) >= 0);
    }
    ok(is_whole, "every row has question, reason and example in both languages");
    ok(is_known, "rows point at rows that are there");
    ok(!jb_ask_find("work.nothing"), "and not every key is a row");
}

int main(void)
{
    test_one_each();
    test_words();
    is_i64(jb_language_from_name("nl_BE.UTF-8"), JB_DUTCH, "a Belgian reads Dutch");
    is_i64(jb_language_from_name("EN"), JB_ENGLISH, "case does not matter");
    is_i64(jb_language_from_name("nlx"), -1, "a longer word is another language");
    is_i64(jb_language_from_name("C"), -1, "C is none");
    is_i64(jb_language_from_name(""), -1, "nor is nothing");
    return done_testing();
}
