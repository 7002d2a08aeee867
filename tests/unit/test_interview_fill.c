/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-32: an answer is checked at once; what is refused changes nothing, and says why in the language asked in. */
#include "../tap.h"

#include <stdlib.h>

#include "case/interview.h"

static struct jb_case *one;
static struct jb_choices choices;
static struct jb_error err;
static char remark[256];

static jb_rc fill(const char *key, const char *text, enum jb_language language)
{
    err = (struct jb_error){0};
    return jb_interview_fill(jb_ask_find(key), text, language, one, &choices, remark, sizeof remark,
                             &err);
}

static void refused(const char *key, const char *text, const char *english, const char *dutch)
{
    static struct jb_case before;

    before = *one;
    ok(fill(key, text, JB_ENGLISH) == JB_E_INPUT && strstr(err.message, english),
       "%s: '%s' is refused", key, text);
    diag("%s; %s", err.message, err.hint);
    ok(fill(key, text, JB_DUTCH) == JB_E_INPUT && strstr(err.message, dutch), "%s in Dutch", text);
    diag("%s; %s", err.message, err.hint);
    ok(memcmp(&before, one, sizeof before) == 0, "and nothing changes");
}

static void test_figures(void)
{
    ok(fill("work.pue", "1.1..1.3", JB_ENGLISH) == JB_OK && one->work.pue_milli.low == 1100 &&
           one->work.pue_milli.high == 1300 && one->has_work,
       "a range of PUE");
    refused("work.pue", "0.9", "too small", "te klein");
    refused("work.pue", "1,58", "comma", "punt");
    refused("work.duration", "12", "unit", "eenheid");
    refused("work.duration", "ongeveer 12 uur", "how far off", "ernaast");
    refused("work.duration", "minstens 12 uur", "no high end", "bovengrens");
    refused("work.duration", "5..2 h", "runs backwards", "kleiner dan het eerste");
    refused("work.threads", "1.5", "fraction", "heel getal");
    refused("work.year", "21", "year", "jaartal");
    refused("work.sensors_now", "perhaps", "neither", "geen ja of nee");
    ok(fill("work.pue", "vertrouwelijk", JB_DUTCH) == JB_OK &&
           one->work.pue_milli.known == JB_KNOWN_WITHHELD,
       "a PUE may be withheld");
    ok(fill("work.pue", "", JB_ENGLISH) == JB_OK && one->work.pue_milli.known == JB_KNOWN_UNKNOWN &&
           !one->has_work,
       "and taken away, and with it the work");
    ok(fill("work.sensors_now", "ja", JB_DUTCH) == JB_OK && one->work.has_sensors_now, "yes");
    ok(fill("work.sensors_now", "nee", JB_DUTCH) == JB_OK && !one->work.has_sensors_now, "no");
}

static void test_repeats(void)
{
    ok(fill("work.repeats", "6-7 architectures, 5 tot 6 configuraties", JB_DUTCH) == JB_OK &&
           one->work.n_repeats == 2 && strcmp(one->work.repeats[0].name, "architectures") == 0 &&
           one->work.repeats[0].n_milli.high == 7000 &&
           strcmp(one->work.repeats[1].name, "configuraties") == 0 &&
           one->work.repeats[1].n_milli.low == 5000,
       "two multipliers");
    ok(fill("work.repeats", "40", JB_ENGLISH) == JB_OK && one->work.n_repeats == 1 &&
           strcmp(one->work.repeats[0].name, "trainings") == 0 &&
           one->work.repeats[0].n_milli.best == 40000,
       "a number alone is that of trainings, and takes their place");
    ok(fill("work.repeats", "onbekend", JB_DUTCH) == JB_OK && one->work.n_repeats == 1 &&
           one->work.repeats[0].n_milli.known == JB_KNOWN_UNKNOWN,
       "how many it were may be unknown");
    refused("work.repeats", "6-7 a, many b", "not a number", "getal");
    refused("work.repeats", "1 a, 2 b, 3 c, 4 d, 5 e", "more than 4", "begrijp");
}

static void test_names(void)
{
    ok(fill("work.accelerator", "rtx 2080", JB_ENGLISH) == JB_OK && choices.n == 0 && remark[0] &&
           strcmp(one->work.accelerator.text, "rtx 2080") == 0,
       "a name is kept as written, and what was understood is said: %s", remark);
    ok(fill("work.accelerator", "V100", JB_ENGLISH) == JB_OK && choices.n > 1 && choices.may_stay,
       "several variants are asked back");
    refused("work.accelerator", "K81", "not known", "catalogus");
    bool has_k80 = false;
    for (size_t i = 0; i < choices.n; i++)
        has_k80 = has_k80 || strcmp(choices.names[i], "NVIDIA Tesla K80") == 0;
    ok(has_k80 && !choices.may_stay, "the nearest are offered");
    ok(fill("work.accelerator", "withheld", JB_ENGLISH) == JB_OK &&
           one->work.accelerator.known == JB_KNOWN_WITHHELD && !one->work.accelerator.text[0],
       "a name may be withheld");
    refused("work.instance", "p3.2xlarg", "not known", "catalogus");
    is_str(choices.names[0], "aws/p3.2xlarge", "the nearest type");
    refused("work.processor", "abacus", "not known", "catalogus");
    ok(fill("work.place", "azure/westeurope", JB_ENGLISH) == JB_OK &&
           strcmp(one->work.place.text, "NL") == 0 && strstr(remark, "westeurope"),
       "a region becomes the zone of its grid: %s", remark);
    ok(fill("work.place", "netherlands", JB_ENGLISH) == JB_OK, "a country by its name");
    refused("work.place", "Nowhereland", "no carbon intensity", "catalogus");
}

static void test_words(void)
{
    ok(fill("case", "road-1", JB_ENGLISH) == JB_OK && strcmp(one->id, "road-1") == 0, "a name");
    refused("case", "road 1", "cannot be the name", "geen naam");
    refused("case", "", "cannot be the name", "geen naam");
    ok(fill("title", "", JB_ENGLISH) == JB_OK && strcmp(one->title, "road-1") == 0,
       "a case without a title is called by its name");
    refused("project.question", "\033[A", "control characters", "stuurtekens");
    refused("project.question", "\xff", "UTF-8", "UTF-8");
    ok(fill("project.question", "één weg", JB_DUTCH) == JB_OK &&
           strcmp(one->answers[JB_CASE_QUESTION].text, "één weg") == 0,
       "letters with marks are kept");
    ok(fill("project.question", "", JB_DUTCH) == JB_OK && !one->answers[JB_CASE_QUESTION].is_told,
       "an answer is taken away: never answered, which is not unknown");
}

int main(void)
{
    one = calloc(1, sizeof *one);
    if (!one)
        return 1;
    test_figures();
    test_repeats();
    test_names();
    test_words();
    jb_case_free(one);
    return done_testing();
}
