/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-02: a case that is written reads back as the same case. */
#include "../tap.h"

#include "case/case.h"

static void round_trip(const char *name, const char *text)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_free_auto) struct jb_case *again = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(1024 * 1024);
    struct jb_error err = {0};

    if (!ok(jb_case_parse(name, text, strlen(text), &one, &err) == JB_OK &&
                jb_case_write(one, &buf, &err) == JB_OK &&
                jb_case_parse("written", buf.bytes, buf.len, &again, &err) == JB_OK,
            "%s is written and read again", name)) {
        diag("%s\n%s", err.message, jb_buf_text(&buf));
        return;
    }
    bool same = strcmp(one->id, again->id) == 0 && strcmp(one->title, again->title) == 0;
    for (size_t i = 0; i < JB_CASE_QUESTIONS; i++) {
        const struct jb_case_answer *const a = &one->answers[i], *const b = &again->answers[i];
        same = same && a->known == b->known && a->is_told == b->is_told &&
               strcmp(a->text, b->text) == 0 && strcmp(a->low, b->low) == 0 &&
               strcmp(a->high, b->high) == 0;
    }
    ok(same, "%s: every answer is the same", name);
    same = one->has_work == again->has_work && one->n_readings == again->n_readings &&
           one->work.duration_ns.low == again->work.duration_ns.low &&
           one->work.duration_ns.high == again->work.duration_ns.high &&
           one->work.pue_milli.best == again->work.pue_milli.best &&
           one->work.year == again->work.year && one->work.n_repeats == again->work.n_repeats;
    for (size_t i = 0; i < one->n_readings && same; i++)
        same =
            strcmp(one->readings[i].name, again->readings[i].name) == 0 &&
            strcmp(one->readings[i].why, again->readings[i].why) == 0 &&
            one->readings[i].work.accelerator.known == again->readings[i].work.accelerator.known &&
            strcmp(one->readings[i].work.accelerator.text,
                   again->readings[i].work.accelerator.text) == 0 &&
            one->readings[i].work.n_accelerators_milli.best ==
                again->readings[i].work.n_accelerators_milli.best &&
            one->readings[i].work.n_repeats == again->readings[i].work.n_repeats &&
            one->readings[i].work.duration_ns.high == again->readings[i].work.duration_ns.high;
    ok(same, "%s: work and readings are the same", name);
    ok(one->documented.low_uj == again->documented.low_uj &&
           one->documented.high_uj == again->documented.high_uj &&
           strcmp(one->documented.why_not, again->documented.why_not) == 0,
       "%s: what was published is the same to the microjoule", name);
    same = one->n_doubts == again->n_doubts && one->n_observations == again->n_observations;
    for (size_t i = 0; i < one->n_doubts && same; i++)
        same = strcmp(one->doubts[i], again->doubts[i]) == 0;
    for (size_t i = 0; i < one->n_observations && same; i++)
        same = one->observations[i].restriction == again->observations[i].restriction &&
               one->observations[i].times == again->observations[i].times &&
               one->observations[i].perspective == again->observations[i].perspective &&
               strcmp(one->observations[i].code, again->observations[i].code) == 0 &&
               strcmp(one->observations[i].interviewee, again->observations[i].interviewee) == 0;
    ok(same, "%s: doubts and observations are the same", name);
}

static void test_nothing_added(void)
{
    static const char text[] = "case: a\ntitle: b\n";
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);

    ok(jb_case_parse("f", text, strlen(text), &one, NULL) == JB_OK &&
           jb_case_write(one, &buf, NULL) == JB_OK,
       "a case of which nothing is told is written");
    is_str(jb_buf_text(&buf), "case: 'a'\ntitle: 'b'\n", "and nothing is added");
}

int main(void)
{
    const char *name;

    for (size_t i = 0; (name = jb_case_shipped_name(i)); i++)
        round_trip(name, jb_case_shipped_text(name));
    round_trip("a case of odd texts",
               "case: x\ntitle: \"it's a 'title': # and {more}\"\n"
               "project: {question: 'unknown', problem: withheld, wishes: {unknown: \"- [x]\"}, "
               "sector: 'no', conflicts: {low: 'a: b', high: \"c'd\"}}\n"
               "work: {accelerator: 'unknown', processor: withheld, accelerators: 1/2, "
               "duration: 12..14..16 h, repeats: {'a: b': 6-7, c: unknown}, pue: withheld, year: "
               "2021, sensors_now: yes, accelerator_use: 12.5 %, memory: 61 GiB}\n"
               "readings:\n- {name: 'r: 1', why: w, work: {accelerator: unknown, repeats: {}, "
               "sensors_now: no}}\n- {name: s, why: nothing, work: {}}\n"
               "documented: {low: 0.123456789 kWh, high: 2.000000000001 kWh, formula: '4.4', "
               "source: s}\n"
               "observations:\n- {restriction: conflicts, code: \"it's\", perspective: provider, "
               "interviewee: 'a: b', times: 12}\n");
    test_nothing_added();
    return done_testing();
}
