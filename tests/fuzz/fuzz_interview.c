/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as answers: whatever is taken is a case that is written and reads back (R-CASE-32). The first byte chooses the
 * language and where it begins. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "case/interview.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(const struct jb_case *one)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *again = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(1024 * 1024);
    struct jb_error err = {0};

    if (!one->id[0] || !one->title[0])
        return;
    if (jb_case_write(one, &text, &err) < 0 ||
        jb_case_parse("written", text.bytes, text.len, &again, &err) < 0)
        abort();
    if (memcmp(one->answers, again->answers, sizeof one->answers) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = calloc(1, sizeof *one);
    JB_AUTO(jb_interview_free_auto) struct jb_interview *interview = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf reply = JB_BUF(1024 * 1024);
    const char *at = (const char *)bytes + 1;
    size_t left = len > 0 ? len - 1 : 0;

    if (!one || len == 0)
        return 0;
    if (bytes[0] & 2) { /* begin with the figures */
        memcpy(one->id, "x", 2);
        memcpy(one->title, "x", 2);
        one->answers[JB_CASE_ENERGY] = (struct jb_case_answer){.is_told = true};
    }
    if (jb_interview_new(one, bytes[0] & 1 ? JB_DUTCH : JB_ENGLISH, bytes[0] & 2, &interview,
                         NULL) < 0)
        return 0;
    for (size_t i = 0; i < 400 && left > 0 && jb_interview_at(interview); i++) {
        const char *const end = memchr(at, '\n', left);
        const size_t n = end ? (size_t)(end - at) : left;
        jb_buf_clear(&reply);
        jb_interview_ask(interview, bytes[0] & 4, &reply);
        (void)jb_interview_hear(interview, at, n, &reply);
        if (reply.failed < 0)
            abort();
        at += n + (end ? 1 : 0);
        left -= n + (end ? 1 : 0);
    }
    check(one);
    return 0;
}
