/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-31: four kinds of answer in two languages; Dutch figures are those of model/quantity_text.h. */
#include "../tap.h"

#include "case/interview.h"
#include "model/quantity_text.h"

static void words_are(const char *text, bool is_figure, const char *expected)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(4096);
    struct jb_case_answer answer;

    if (!ok(jb_interview_words(text, is_figure, &answer, NULL) == JB_OK, "'%s' is an answer", text))
        return;
    jb_buf_addf(&out, "%s|", jb_known_name(answer.known));
    jb_case_answer_words(&answer, &out);
    is_str(jb_buf_text(&out), expected, "'%s' is understood", text);
}

static void time_is(const char *text, int64_t low_h, int64_t high_h)
{
    char figure[256];
    struct jb_quantity quantity = {.known = JB_KNOWN_UNKNOWN};
    const int64_t hour = INT64_C(3600000000000);
    const jb_rc rc = jb_quantity_parse(jb_interview_figure(text, figure, sizeof figure),
                                       &jb_form_duration_ns, &quantity, NULL);

    ok(rc == JB_OK && quantity.low / hour == low_h && quantity.high / hour == high_h,
       "'%s' is %lld to %lld hours", text, (long long)low_h, (long long)high_h);
}

static void figure_is(const char *text, const char *expected)
{
    char figure[64];

    is_str(jb_interview_figure(text, figure, sizeof figure), expected, "'%s'", text);
}

int main(void)
{
    char text[600];
    struct jb_case_answer answer;

    words_are("Mask R-CNN", false, "value|Mask R-CNN");
    words_are("unknown", false, "unknown|unknown");
    words_are("Onbekend: navragen", false, "unknown|unknown: navragen");
    words_are("weet ik niet", false, "unknown|unknown");
    words_are("confidential", false, "withheld|known, withheld");
    words_are("vertrouwelijk: een transformer", false, "withheld|known, withheld: een transformer");
    words_are("'unknown'", false, "value|unknown");
    words_are("\"vertrouwelijk\"", false, "value|vertrouwelijk");
    words_are("' unknown '", false, "value|unknown");
    words_are("unknown soldiers", false, "value|unknown soldiers");
    words_are("'a' and 'b'", false, "value|'a' and 'b'");
    words_are("5 to 10 weeks", true, "range|5 weeks to 10 weeks");
    words_are("5 tot 10 weken", true, "range|5 weken to 10 weken");
    words_are("360..672 h", true, "range|360 h to 672 h");
    words_are("12 hours to 2 days", true, "range|12 hours to 2 days");
    words_are("10 to 20 people asked", false, "value|10 to 20 people asked");
    words_are("from 5 to 10", true, "value|from 5 to 10");
    words_are("5 to be sure", true, "value|5 to be sure");
    words_are("1...", true, "value|1...");
    ok(jb_interview_words("", false, &answer, NULL) == JB_E_INPUT, "nothing is no answer");
    ok(jb_interview_words("'  '", false, &answer, NULL) == JB_E_INPUT, "nor are blanks in quotes");
    ok(jb_interview_words("''", false, &answer, NULL) == JB_E_INPUT, "nor is nothing in quotes");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ok(jb_interview_words(text, false, &answer, NULL) == JB_E_INPUT, "what is too long is refused");
    text[511] = '\0';
    ok(jb_interview_words(text, false, &answer, NULL) == JB_OK && strlen(answer.text) == 511,
       "and what fits is kept whole");

    time_is("12 uur", 12, 12);
    time_is("12uur", 12, 12);
    time_is("2 tot 5 dagen", 48, 120);
    time_is("360..672 uren", 360, 672);
    time_is("hoogstens 6 weken", 0, 1008);
    time_is("tot 6000 uur", 0, 6000);
    time_is("5-10 weeks", 840, 1680);
    time_is("90 minuten", 1, 1);
    figure_is("onbekend", "unknown");
    figure_is("Vertrouwelijk", "withheld");
    figure_is("50 procent", "50 %");
    figure_is("een halve", "half");
    figure_is("uurloon", "uurloon");
    figure_is("totaal", "totaal");
    return done_testing();
}
