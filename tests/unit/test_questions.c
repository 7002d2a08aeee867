/* SPDX-License-Identifier: Apache-2.0 */
/* Every question has a place in the file and words in both languages. */
#include "../tap.h"

#include "case/case.h"

int main(void)
{
    bool is_whole = true, is_once = true;
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);

    for (size_t i = 0; i < JB_CASE_QUESTIONS; i++) {
        const struct jb_case_question *const q = &jb_case_questions[i];
        is_whole = is_whole && q->section && q->key && q->title && q->english && q->dutch;
        for (size_t k = 0; k < i && is_whole; k++)
            is_once = is_once && (strcmp(q->section, jb_case_questions[k].section) != 0 ||
                                  strcmp(q->key, jb_case_questions[k].key) != 0);
    }
    ok(is_whole, "every question is whole");
    ok(is_once, "no two share a key");
    const struct jb_case_answer answers[] = {
        {.known = JB_KNOWN_UNKNOWN},
        {.known = JB_KNOWN_UNKNOWN, .is_told = true, .text = "ask"},
        {.known = JB_KNOWN_WITHHELD, .is_told = true},
        {.known = JB_KNOWN_RANGE, .is_told = true, .low = "5", .high = "6"},
        {.known = JB_KNOWN_VALUE, .is_told = true, .text = "seven"},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(answers); i++) {
        jb_case_answer_words(&answers[i], &buf);
        jb_buf_add_text(&buf, "|");
    }
    is_str(jb_buf_text(&buf), "not answered|unknown: ask|known, withheld|5 to 6|seven|",
           "five answers are five different words");
    return done_testing();
}
