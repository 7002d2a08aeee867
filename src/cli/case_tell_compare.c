/* SPDX-License-Identifier: Apache-2.0 */
/* Table 5.1 across cases: what each answered, side by side, and what account came of it. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/case_tell.h"
#include "report/report_estimate.h"
#include "report/table.h"

/* The rows of table 5.1, in its order. */
static const enum jb_case_question_id rows[] = {
    JB_CASE_PURPOSE,      JB_CASE_INPUT,        JB_CASE_ARCHITECTURE_REASON,
    JB_CASE_ARCHITECTURE, JB_CASE_APPLICATIONS, JB_CASE_TRAINING_TIME,
    JB_CASE_PROVIDER,     JB_CASE_HARDWARE,     JB_CASE_LOCATION,
    JB_CASE_ENERGY,
};

static const char *state_word(const struct jb_case_answer *answer)
{
    if (!answer->is_told)
        return "not answered";
    switch (answer->known) {
    case JB_KNOWN_VALUE: return "value";
    case JB_KNOWN_RANGE: return "range";
    case JB_KNOWN_WITHHELD: return "withheld";
    case JB_KNOWN_UNKNOWN: break;
    }
    return "unknown";
}

static void words_of(const struct jb_case *one, enum jb_case_question_id id, struct jb_buf *buf)
{
    jb_buf_clear(buf);
    jb_case_answer_words(&one->answers[id], buf);
}

static void account_words(const struct jb_case_account *account, struct jb_buf *buf)
{
    const struct jb_estimate *const estimate = &account->told[0].estimate;
    char best[32], low[32], high[32];

    jb_buf_clear(buf);
    if (!estimate->is_computable)
        jb_buf_addf(buf, "not computable: %s", estimate->why_not);
    else
        jb_buf_addf(buf, "%s (%s to %s), the machine alone",
                    jb_format_kwh_rounded(estimate->energy_uj.best, best, sizeof best),
                    jb_format_kwh_rounded(estimate->energy_uj.low, low, sizeof low),
                    jb_format_kwh_rounded(estimate->energy_uj.high, high, sizeof high));
}

static void compare_text(const struct jb_case *const *cases,
                         const struct jb_case_account *const *accounts, size_t n,
                         const struct jb_style *style, struct jb_buf *buf, struct jb_buf *out)
{
    for (size_t r = 0; r <= JB_ARRAY_LEN(rows); r++) {
        const bool is_account = r == JB_ARRAY_LEN(rows);
        jb_buf_addf(out, "%s%s\n", r ? "\n" : "",
                    is_account ? "account" : jb_case_questions[rows[r]].title);
        for (size_t i = 0; i < n; i++) {
            char first[96];
            (void)snprintf(first, sizeof first, "  %s: ", cases[i]->id);
            if (is_account)
                account_words(accounts[i], buf);
            else
                words_of(cases[i], rows[r], buf);
            jb_text_wrap(jb_buf_text(buf), first, "    ", style, out);
        }
    }
}

static void compare_csv(const struct jb_case *const *cases,
                        const struct jb_case_account *const *accounts, size_t n, struct jb_buf *buf,
                        struct jb_buf *out)
{
    jb_buf_add_text(out, "question");
    for (size_t i = 0; i < n; i++)
        jb_buf_addf(out, ",%s", cases[i]->id);
    jb_buf_add_text(out, "\r\n");
    for (size_t r = 0; r <= JB_ARRAY_LEN(rows); r++) {
        const bool is_account = r == JB_ARRAY_LEN(rows);
        jb_buf_add_csv(out, is_account ? "account" : jb_case_questions[rows[r]].title);
        for (size_t i = 0; i < n; i++) {
            if (is_account)
                account_words(accounts[i], buf);
            else
                words_of(cases[i], rows[r], buf);
            jb_buf_add_text(out, ",");
            jb_buf_add_csv(out, jb_buf_text(buf));
        }
        jb_buf_add_text(out, "\r\n");
    }
}

static json_t *answers_json(const struct jb_case *one, struct jb_buf *buf)
{
    json_t *const answers = json_object();

    for (size_t r = 0; r < JB_ARRAY_LEN(rows); r++) {
        const struct jb_case_answer *const answer = &one->answers[rows[r]];
        words_of(one, rows[r], buf);
        (void)json_object_set_new(
            answers, jb_case_questions[rows[r]].key,
            json_pack("{s:s, s:s}", "known", state_word(answer), "words", jb_buf_text(buf)));
    }
    return answers;
}

static jb_rc compare_json(const struct jb_case *const *cases,
                          const struct jb_case_account *const *accounts, size_t n,
                          struct jb_buf *buf, struct jb_buf *out, struct jb_error *err)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < n; i++) {
        const struct jb_estimate *const estimate = &accounts[i]->told[0].estimate;
        json_t *const energy =
            estimate->is_computable
                ? json_pack("{s:I, s:I, s:I}", "low", (json_int_t)estimate->energy_uj.low, "best",
                            (json_int_t)estimate->energy_uj.best, "high",
                            (json_int_t)estimate->energy_uj.high)
                : json_null();
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:o}", "case", cases[i]->id, "title", cases[i]->title,
                            "answers", answers_json(cases[i], buf), "energy_uj", energy));
    }
    return jb_case_dump(list, out, err);
}

jb_rc jb_case_tell_comparison(const struct jb_case *const *cases,
                              const struct jb_case_account *const *accounts, size_t n,
                              enum jb_format format, const struct jb_style *style,
                              struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);

    switch (format) {
    case JB_FORMAT_JSON: return compare_json(cases, accounts, n, &buf, out, err);
    case JB_FORMAT_CSV: compare_csv(cases, accounts, n, &buf, out); return JB_OK;
    case JB_FORMAT_TEXT: compare_text(cases, accounts, n, style, &buf, out); return JB_OK;
    }
    return JB_E_INTERNAL;
}

jb_rc jb_case_tell_list(const struct jb_case *const *cases, size_t n, struct jb_buf *out,
                        struct jb_error *err)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s}", "case", cases[i]->id, "title", cases[i]->title));
    return jb_case_dump(list, out, err);
}
