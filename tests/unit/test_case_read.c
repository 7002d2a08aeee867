/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-01 and -03: four answers kept apart, nothing mended, errors that say where. */
#include "../tap.h"

#include "case/case.h"

static struct jb_error why;

static struct jb_case *take(const char *text)
{
    struct jb_case *one = NULL;

    why = (struct jb_error){0};
    return jb_case_parse("f.yaml", text, strlen(text), &one, &why) == JB_OK ? one : NULL;
}

#define HEAD "case: a-1\ntitle: some case\n"

static void test_answers(void)
{
    JB_AUTO(jb_case_free_auto)
    struct jb_case *one = take(HEAD "project:\n"
                                    "  question: what now\n"
                                    "  wishes: unknown\n"
                                    "  conflicts: 'unknown'\n"
                                    "  stakeholders: [one, two]\n"
                                    "model:\n"
                                    "  architecture: withheld\n"
                                    "  start: {withheld: of the usual kind}\n"
                                    "  training_time: {low: 5 weeks, high: 10 weeks}\n"
                                    "provider:\n"
                                    "  hardware: {unknown: can be asked}\n");

    if (!ok(one != NULL, "a case is read") || !one) {
        diag("%s", why.message);
        return;
    }
    const struct jb_case_answer *const a = one->answers;
    ok(a[JB_CASE_QUESTION].known == JB_KNOWN_VALUE, "a text is a value");
    is_str(a[JB_CASE_QUESTION].text, "what now", "and kept");
    ok(a[JB_CASE_WISHES].is_told && a[JB_CASE_WISHES].known == JB_KNOWN_UNKNOWN,
       "unknown is told to be unknown");
    ok(a[JB_CASE_CONFLICTS].known == JB_KNOWN_VALUE, "in quotes it is a word");
    is_str(a[JB_CASE_STAKEHOLDERS].text, "one; two", "a list is joined");
    ok(a[JB_CASE_ARCHITECTURE].known == JB_KNOWN_WITHHELD && !a[JB_CASE_ARCHITECTURE].text[0],
       "withheld is known, and nothing more");
    ok(a[JB_CASE_START].known == JB_KNOWN_WITHHELD, "withheld with a remark is withheld");
    is_str(a[JB_CASE_START].text, "of the usual kind", "and keeps the remark");
    ok(a[JB_CASE_TRAINING_TIME].known == JB_KNOWN_RANGE, "low and high are a range");
    is_str(a[JB_CASE_TRAINING_TIME].high, "10 weeks", "with its end");
    ok(a[JB_CASE_HARDWARE].known == JB_KNOWN_UNKNOWN, "unknown with a remark is unknown");
    ok(!a[JB_CASE_PROBLEM].is_told, "a question that was not answered is not told");
    ok(!one->has_work, "work that is not there is not told");
}

static void test_readings(void)
{
    JB_AUTO(jb_case_free_auto)
    struct jb_case *one =
        take(HEAD "readings:\n"
                  "- {name: r, why: so, work: {accelerators: 1, repeats: {all: 40}}}\n"
                  "work: {accelerator: Tesla K80, accelerators: 0.5, repeats: {a: 6-7, b: 5-6}}\n");

    if (!ok(one != NULL, "a reading is read before the work it stands on") || !one) {
        diag("%s", why.message);
        return;
    }
    is_str(one->readings[0].work.accelerator.text, "Tesla K80", "what it does not change stays");
    is_i64(one->readings[0].work.n_accelerators_milli.best, 1000, "what it changes is changed");
    is_i64(one->work.n_accelerators_milli.best, 500, "and not in the case");
    is_i64((int64_t)one->readings[0].work.n_repeats, 1, "its repeats take the place of all");
}

static void test_observations(void)
{
    JB_AUTO(jb_case_free_auto)
    struct jb_case *one = take(HEAD "observations:\n"
                                    "- {restriction: hardware, times: 3}\n"
                                    "- {code: the input changes, interviewee: developer}\n"
                                    "- {restriction: conflicts, perspective: provider}\n");

    if (!ok(one != NULL, "observations are read") || !one) {
        diag("%s", why.message);
        return;
    }
    is_i64(one->observations[0].times, 3, "with their number");
    ok(one->observations[1].restriction == JB_RESTRICTION_UPDATING,
       "a code of the code book tells its restriction");
    is_i64(one->observations[1].times, 1, "once where it is not told");
    ok(one->observations[2].perspective == JB_PERSPECTIVE_PROVIDER, "and whose view it is");
}

static void refused(const char *text, const char *where, const char *in_hint, const char *name)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = take(text);

    ok(!one && strncmp(why.message, where, strlen(where)) == 0 && strstr(why.hint, in_hint) != NULL,
       "%s", name);
    if (one || strncmp(why.message, where, strlen(where)) != 0 || !strstr(why.hint, in_hint))
        diag("'%s' (%s)", why.message, why.hint);
}

int main(void)
{
    test_answers();
    test_readings();
    test_observations();
    refused("", "f.yaml", "case: NAME", "an empty file is refused");
    refused("title: b\n", "f.yaml:1:1: 'case' is missing", "", "a case without a name");
    refused("case: a b\ntitle: b\n", "f.yaml:1:7: ", "letters", "a name with a blank");
    refused(HEAD "model:\n  architekture: x\n", "f.yaml:4:3: ", "'architecture'",
            "a key that is not one, with the nearest");
    refused(HEAD "model:\n  start: {low: 1}\n", "f.yaml:4:11: ", "{low:", "half a range");
    refused(HEAD "model:\n  start: {unknown: a, withheld: b}\n", "f.yaml:4:11: ", "withheld",
            "an answer that is two");
    refused(HEAD "model:\n  start: ''\n", "f.yaml:4:10: ", "unknown", "an answer that is none");
    refused(HEAD "work: {duration: 5}\n", "f.yaml:3:18: ", "12 h", "a time without unit");
    refused(HEAD "observations:\n- {restriction: hardwear}\n", "f.yaml:4:17: ", "'hardware'",
            "a restriction that is none, with the nearest");
    refused(HEAD "observations:\n- {code: something else}\n", "f.yaml:4:10: ", "restriction: KEY",
            "a code that is not in the code book");
    refused(HEAD "observations:\n- {code: government looks at measures of efficiency}\n",
            "f.yaml:4:10: ", "restriction: KEY", "a code of two restrictions");
    refused(HEAD "observations:\n- {restriction: hardware, times: 0}\n", "f.yaml:4:34: ", "1 to",
            "an observation that was never made");
    refused(HEAD "documented: {low: 1 kWh, source: x}\n", "f.yaml:3:13: ", "high",
            "a published result that is half one");
    refused(HEAD "documented: {low: 2 kWh, high: 1 kWh, formula: '4.8', source: x}\n",
            "f.yaml:3:13: ", "", "a band upside down");
    refused(HEAD "documented: {not_computable: a, reading: r, source: x}\n",
            "f.yaml:3:42: ", "readings", "a reading that is not there");
    refused(HEAD "readings:\n- {name: r, why: w, work: {}}\n- {name: r, why: w, work: {}}\n",
            "f.yaml:5:3: ", "name of its own", "two readings of one name");
    refused(HEAD "case: b\n", "f.yaml:3:1: ", "", "a key twice");
    return done_testing();
}
