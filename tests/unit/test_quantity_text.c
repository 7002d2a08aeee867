/* SPDX-License-Identifier: Apache-2.0 */
/* What people write for a figure is taken as they mean it, or refused with what to write instead. R-KNOWN-01 to -05. */
#include "model/quantity_text.h"
#include "tap.h"

#define H   INT64_C(3600000000000)
#define DAY (24 * H)

static const struct {
    const char *text;
    const struct jb_quantity_form *form;
    struct jb_quantity want;
} taken[] = {
    {"12 h", &jb_form_duration_ns, {JB_KNOWN_VALUE, false, 12 * H, 12 * H, 12 * H}},
    {"6000h", &jb_form_duration_ns, {JB_KNOWN_VALUE, false, 6000 * H, 6000 * H, 6000 * H}},
    {"2.5 Days", &jb_form_duration_ns, {JB_KNOWN_VALUE, false, 60 * H, 60 * H, 60 * H}},
    {" 90 min ", &jb_form_duration_ns, {JB_KNOWN_VALUE, false, 3 * H / 2, 3 * H / 2, 3 * H / 2}},
    {"1 h", &jb_form_duration_ns, {JB_KNOWN_VALUE, false, H, H, H}},
    {"0.25 s", &jb_form_duration_ns, {JB_KNOWN_VALUE, false, 250000000, 250000000, 250000000}},
    {"360..672 h", &jb_form_duration_ns, {JB_KNOWN_RANGE, false, 360 * H, 516 * H, 672 * H}},
    {"360h .. 672h", &jb_form_duration_ns, {JB_KNOWN_RANGE, false, 360 * H, 516 * H, 672 * H}},
    {"12..14..16 h", &jb_form_duration_ns, {JB_KNOWN_RANGE, true, 12 * H, 14 * H, 16 * H}},
    {"5-10 weeks", &jb_form_duration_ns, {JB_KNOWN_RANGE, false, 35 * DAY, 1260 * H, 70 * DAY}},
    {"30 min to 2 h", &jb_form_duration_ns, {JB_KNOWN_RANGE, false, H / 2, 5 * H / 4, 2 * H}},
    {"1\xe2\x80\x93"
     "3 d",
     &jb_form_duration_ns,
     {JB_KNOWN_RANGE, false, DAY, 2 * DAY, 3 * DAY}},
    {"<= 6000 h", &jb_form_duration_ns, {JB_KNOWN_RANGE, true, 1000000, 6000 * H, 6000 * H}},
    {"at most 2 h", &jb_form_duration_ns, {JB_KNOWN_RANGE, true, 1000000, 2 * H, 2 * H}},
    {"4..4 h", &jb_form_duration_ns, {JB_KNOWN_VALUE, false, 4 * H, 4 * H, 4 * H}},
    {"unknown", &jb_form_duration_ns, {JB_KNOWN_UNKNOWN, false, 0, 0, 0}},
    {"Confidential", &jb_form_power_mw, {JB_KNOWN_WITHHELD, false, 0, 0, 0}},
    {"withheld", &jb_form_count_milli, {JB_KNOWN_WITHHELD, false, 0, 0, 0}},
    {"250 W", &jb_form_power_mw, {JB_KNOWN_VALUE, false, 250000, 250000, 250000}},
    {"1.2-1.5 kW", &jb_form_power_mw, {JB_KNOWN_RANGE, false, 1200000, 1350000, 1500000}},
    {"5 mW", &jb_form_power_mw, {JB_KNOWN_VALUE, false, 5, 5, 5}},
    {"5 MW",
     &jb_form_power_mw,
     {JB_KNOWN_VALUE, false, INT64_C(5000000000), INT64_C(5000000000), INT64_C(5000000000)}},
    {"64 GB", &jb_form_memory_mib, {JB_KNOWN_VALUE, false, 65536, 65536, 65536}},
    {"512 mib", &jb_form_memory_mib, {JB_KNOWN_VALUE, false, 512, 512, 512}},
    {"1 TiB", &jb_form_memory_mib, {JB_KNOWN_VALUE, false, 1048576, 1048576, 1048576}},
    {"2", &jb_form_count_milli, {JB_KNOWN_VALUE, false, 2000, 2000, 2000}},
    {"0.5", &jb_form_count_milli, {JB_KNOWN_VALUE, false, 500, 500, 500}},
    {"1/2", &jb_form_count_milli, {JB_KNOWN_VALUE, false, 500, 500, 500}},
    {"half", &jb_form_count_milli, {JB_KNOWN_VALUE, false, 500, 500, 500}},
    {"half..1", &jb_form_count_milli, {JB_KNOWN_RANGE, false, 500, 750, 1000}},
    {"6-7", &jb_form_count_milli, {JB_KNOWN_RANGE, false, 6000, 6500, 7000}},
    {"0", &jb_form_count_milli, {JB_KNOWN_VALUE, false, 0, 0, 0}},
    {"under 100", &jb_form_count_milli, {JB_KNOWN_RANGE, true, 0, 100000, 100000}},
    {"16", &jb_form_whole, {JB_KNOWN_VALUE, false, 16, 16, 16}},
    {"50 %", &jb_form_share_ppm, {JB_KNOWN_VALUE, false, 500000, 500000, 500000}},
    {"50%-60%", &jb_form_share_ppm, {JB_KNOWN_RANGE, false, 500000, 550000, 600000}},
    {"0.5", &jb_form_share_ppm, {JB_KNOWN_VALUE, false, 500000, 500000, 500000}},
    {"1.58", &jb_form_pue_milli, {JB_KNOWN_VALUE, false, 1580, 1580, 1580}},
    {"up to 1.2", &jb_form_pue_milli, {JB_KNOWN_RANGE, true, 1000, 1200, 1200}},
};

static const struct {
    const char *text;
    const struct jb_quantity_form *form;
    const char *message, *hint;
} refused[] = {
    {"12", &jb_form_duration_ns, "'12' is not a time: it has no unit", "write '12 h'"},
    {"12 hrz", &jb_form_duration_ns, "'12 hrz' is not a time: 'hrz' is not understood",
     "write '12 h'"},
    {"2 months", &jb_form_duration_ns, "'2 months' is not a time: 'months' is not understood",
     "5-10 weeks"},
    {"~12 h", &jb_form_duration_ns, "'~12 h' is not a time: how far off may it be?",
     "as a range: LOW..HIGH"},
    {"ca. 12 h", &jb_form_duration_ns, "'ca. 12 h' is not a time: how far off may it be?",
     "as a range"},
    {">= 12 h", &jb_form_duration_ns, "'>= 12 h' is not a time: it has no high end",
     "a high end as well"},
    {"672..360 h", &jb_form_duration_ns, "'672..360 h' is not a time: it runs backwards",
     "the low end first"},
    {"12..17..16 h", &jb_form_duration_ns, "'12..17..16 h' is not a time: the best lies outside",
     "low..best..high"},
    {"12 h..13", &jb_form_duration_ns, "'12 h..13' is not a time: the last number has no unit",
     "write"},
    {"12..", &jb_form_duration_ns, "'12..' is not a time: a number is missing at its end", "write"},
    {"1,5 h", &jb_form_duration_ns, "'1,5 h' is not a time: a comma could be either",
     "a decimal point"},
    {"0 h", &jb_form_duration_ns, "'0 h' is not a time: it is too small", "write"},
    {"99999999999999999999 h", &jb_form_duration_ns,
     "'99999999999999999999 h' is not a time: it is too large", "write"},
    {"9999999999 h", &jb_form_duration_ns, "'9999999999 h' is not a time: it is too large",
     "write"},
    {"-5 h", &jb_form_duration_ns, "'-5 h' is not a time: a number is expected at '-5 h'", "write"},
    {"", &jb_form_duration_ns, "'' is not a time: nothing is written", "'unknown' or 'withheld'"},
    {"1..2..3..4 h", &jb_form_duration_ns,
     "'1..2..3..4 h' is not a time: '..4 h' is not understood", "write"},
    {"<= 1..2 h", &jb_form_duration_ns, "'<= 1..2 h' is not a time: it is a bound and a range",
     "the bound or the range"},
    {"a\nb", &jb_form_duration_ns,
     "'...' is not a time: control characters or bytes that are not UTF-8", "write"},
    {"1.h", &jb_form_duration_ns, "'1.h' is not a time: a digit is missing after the point",
     "write"},
    {"250", &jb_form_power_mw, "'250' is not a power: it has no unit", "'250 W'"},
    {"250 KW", &jb_form_power_mw, "'250 KW' is not a power: 'KW' is not understood", "kW"},
    {"1/0", &jb_form_count_milli, "'1/0' is not a number: the fraction is none", "'1/2'"},
    {"2 boards", &jb_form_count_milli, "'2 boards' is not a number: 'boards' is not understood",
     "write '2'"},
    {"1.5", &jb_form_whole, "'1.5' is not a whole number: it has a fraction", "'16'"},
    {"50", &jb_form_share_ppm, "'50' is not a share: it is too large", "'50 %'"},
    {"101 %", &jb_form_share_ppm, "'101 %' is not a share: it is too large", "not above 100 %"},
    {"0.9", &jb_form_pue_milli, "'0.9' is not a PUE: it is too small", "not below 1"},
};

static const struct {
    const char *text;
    const struct jb_quantity_form *form;
    const char *want;
} shown[] = {
    {"12h", &jb_form_duration_ns, "12 h"},
    {"5-10 weeks", &jb_form_duration_ns, "840..1680 h"},
    {"12..14..16 hours", &jb_form_duration_ns, "12..14..16 h"},
    {"90 s", &jb_form_duration_ns, "1.5 min"},
    {"20 s", &jb_form_duration_ns, "20 s"},
    {"at most 6000 h", &jb_form_duration_ns, "<= 6000 h"},
    {"1.2 kW", &jb_form_power_mw, "1200 W"},
    {"64 GB", &jb_form_memory_mib, "64 GiB"},
    {"half", &jb_form_count_milli, "0.5"},
    {"0.58", &jb_form_share_ppm, "58 %"},
    {"confidential", &jb_form_share_ppm, "withheld"},
    {"not known", &jb_form_share_ppm, "unknown"},
};

static void test_taken(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(taken); i++) {
        struct jb_quantity got = {0};
        struct jb_error err = {0};
        ok(jb_quantity_parse(taken[i].text, taken[i].form, &got, &err) == JB_OK, "'%s' is taken %s",
           taken[i].text, err.message);
        const struct jb_quantity *const want = &taken[i].want;
        ok(got.known == want->known && got.is_best_told == want->is_best_told &&
               got.low == want->low && got.best == want->best && got.high == want->high,
           "as it is meant: %s %" PRId64 " %" PRId64 " %" PRId64, jb_known_name(got.known), got.low,
           got.best, got.high);
    }
}

static void test_refused(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(refused); i++) {
        struct jb_quantity got = {.low = 7};
        struct jb_error err = {0};
        is_i64(jb_quantity_parse(refused[i].text, refused[i].form, &got, &err), JB_E_INPUT,
               "'%s' is refused", refused[i].text);
        is_str(err.message, refused[i].message, "because");
        ok(strstr(err.hint, refused[i].hint), "with what to write: %s", err.hint);
        is_i64(got.low, 7, "and nothing is given back");
    }
}

static void test_shown(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(shown); i++) {
        struct jb_quantity got = {0};
        char text[JB_QUANTITY_TEXT];
        if (jb_quantity_parse(shown[i].text, shown[i].form, &got, NULL) < 0)
            bail_out("'%s'", shown[i].text);
        is_str(jb_quantity_format(&got, shown[i].form, text, sizeof text), shown[i].want,
               "'%s' is shown", shown[i].text);
    }
}

static void test_answers(void)
{
    struct jb_answer answer;
    struct jb_error err = {0};
    char longest[JB_ANSWER + 1];

    ok(jb_answer_parse(" RTX 2080", false, &answer, &err) == JB_OK, "a name");
    ok(answer.known == JB_KNOWN_VALUE, "is a value");
    is_str(answer.text, "RTX 2080", "as it stands");
    ok(jb_answer_parse("Unknown", false, &answer, &err) == JB_OK &&
           answer.known == JB_KNOWN_UNKNOWN && !answer.text[0],
       "unknown is none");
    ok(jb_answer_parse("confidential", false, &answer, &err) == JB_OK &&
           answer.known == JB_KNOWN_WITHHELD,
       "withheld is none");
    ok(jb_answer_parse("unknown", true, &answer, &err) == JB_OK && answer.known == JB_KNOWN_VALUE &&
           strcmp(answer.text, "unknown") == 0,
       "in quotes it is a name");
    ok(jb_answer_parse("Unknown Corp X1", false, &answer, &err) == JB_OK &&
           answer.known == JB_KNOWN_VALUE,
       "a name may begin with the word");
    is_i64(jb_answer_parse(" ", false, &answer, &err), JB_E_INPUT, "an empty name is refused");
    is_i64(jb_answer_parse("a\tb", false, &answer, &err), JB_E_INPUT, "so is a control character");
    memset(longest, 'x', JB_ANSWER);
    longest[JB_ANSWER] = '\0';
    is_i64(jb_answer_parse(longest, false, &answer, &err), JB_E_INPUT, "and one too long");
    longest[JB_ANSWER - 1] = '\0';
    ok(jb_answer_parse(longest, false, &answer, &err) == JB_OK, "the longest is taken");
}

int main(void)
{
    test_taken();
    test_refused();
    test_shown();
    test_answers();
    return done_testing();
}
