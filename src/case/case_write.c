/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case to YAML that reads back as the same case (R-CASE-02). Must never write what was not told: a question never
 * answered and a field never given are left out. Texts stand in single quotes, so that none is taken for a word.
 */
#include <string.h>

#include "base/num.h"
#include "case/case.h"
#include "case/work_fields.h"

#define KWH_UJ INT64_C(3600000000000)

static void add_quoted(struct jb_buf *out, const char *text)
{
    jb_buf_add_text(out, "'");
    for (const char *at = text; *at; at++)
        jb_buf_add(out, *at == '\'' ? "''" : at, *at == '\'' ? 2 : 1);
    jb_buf_add_text(out, "'");
}

static void add_key(struct jb_buf *out, const char *indent, const char *key, const char *text)
{
    jb_buf_addf(out, "%s%s: ", indent, key);
    add_quoted(out, text);
    jb_buf_add_text(out, "\n");
}

static void add_if_told(struct jb_buf *out, const char *indent, const char *key, const char *text)
{
    if (text[0])
        add_key(out, indent, key, text);
}

static void add_answer(struct jb_buf *out, const char *key, const struct jb_case_answer *answer)
{
    const char *const word = answer->known == JB_KNOWN_WITHHELD ? "withheld" : "unknown";

    jb_buf_addf(out, "  %s: ", key);
    switch (answer->known) {
    case JB_KNOWN_VALUE: add_quoted(out, answer->text); break;
    case JB_KNOWN_RANGE:
        jb_buf_add_text(out, "{low: ");
        add_quoted(out, answer->low);
        jb_buf_add_text(out, ", high: ");
        add_quoted(out, answer->high);
        jb_buf_add_text(out, "}");
        break;
    case JB_KNOWN_UNKNOWN:
    case JB_KNOWN_WITHHELD:
        if (!answer->text[0]) {
            jb_buf_add_text(out, word);
            break;
        }
        jb_buf_addf(out, "{%s: ", word);
        add_quoted(out, answer->text);
        jb_buf_add_text(out, "}");
        break;
    }
    jb_buf_add_text(out, "\n");
}

static void add_section(struct jb_buf *out, const struct jb_case *one, const char *section)
{
    bool is_begun = false;

    for (size_t i = 0; i < JB_CASE_QUESTIONS; i++) {
        if (!one->answers[i].is_told || strcmp(jb_case_questions[i].section, section) != 0)
            continue;
        if (!is_begun)
            jb_buf_addf(out, "\n%s:\n", section);
        is_begun = true;
        add_answer(out, jb_case_questions[i].key, &one->answers[i]);
    }
}

/* --- work ------------------------------------------------------------------------------------------------------ */

static void add_repeats(struct jb_buf *out, const struct jb_work *work)
{
    char text[JB_QUANTITY_TEXT];

    jb_buf_add_text(out, "{");
    for (size_t i = 0; i < work->n_repeats; i++) {
        jb_buf_add_text(out, i ? ", " : "");
        add_quoted(out, work->repeats[i].name);
        jb_buf_addf(
            out, ": %s",
            jb_quantity_format(&work->repeats[i].n_milli, &jb_form_count_milli, text, sizeof text));
    }
    jb_buf_add_text(out, "}");
}

/* Every field that is told; with `base`, those that are told differently there. */
static size_t add_work(struct jb_buf *out, const char *indent, const struct jb_work *work,
                       const struct jb_work *base)
{
    char text[512], other[512];
    size_t n = 0;

    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++) {
        (void)jb_work_field_text(field, work, text, sizeof text);
        other[0] = '\0';
        if (base)
            (void)jb_work_field_text(field, base, other, sizeof other);
        if (strcmp(text, other) == 0)
            continue;
        n++;
        jb_buf_addf(out, "%s%s: ", indent, field->key);
        const struct jb_answer *const answer =
            (const struct jb_answer *)(const void *)((const char *)work + field->offset);
        if (strcmp(field->key, "repeats") == 0)
            add_repeats(out, work);
        else if (field->take == jb_take_answer && answer->known == JB_KNOWN_VALUE)
            add_quoted(out, text);
        else if (text[0])
            jb_buf_add_text(out, text);
        else /* told in the case, unknown in the reading */
            jb_buf_add_text(out, field->take == jb_yaml_take_flag ? "no" : "unknown");
        jb_buf_add_text(out, "\n");
    }
    return n;
}

static void add_readings(struct jb_buf *out, const struct jb_case *one)
{
    if (one->n_readings > 0)
        jb_buf_add_text(out, "\nreadings:\n");
    for (size_t i = 0; i < one->n_readings; i++) {
        const struct jb_case_reading *const reading = &one->readings[i];
        add_key(out, "  - ", "name", reading->name);
        add_key(out, "    ", "why", reading->why);
        jb_buf_add_text(out, "    work:");
        const size_t at = out->len;
        jb_buf_add_text(out, "\n");
        if (add_work(out, "      ", &reading->work, &one->work) == 0 && out->failed == JB_OK) {
            out->len = at;
            jb_buf_add_text(out, " {}\n");
        }
    }
}

/* --- the rest -------------------------------------------------------------------------------------------------- */

static void add_energy(struct jb_buf *out, const char *key, int64_t energy_uj)
{
    char number[32];

    /* 1 uJ is 1 / 3.6e12 kWh: fourteen decimals find it again. */
    const int64_t fraction =
        jb_muldiv_sat_i64(energy_uj % KWH_UJ, INT64_C(100000000000000), KWH_UJ, JB_ROUND_NEAREST);
    (void)jb_format_decimal(fraction, 14, number, sizeof number);
    jb_buf_addf(out, "  %s: %lld%s kWh\n", key, (long long)(energy_uj / KWH_UJ),
                strchr(number, '.') ? strchr(number, '.') : "");
}

static void add_documented(struct jb_buf *out, const struct jb_case_documented *told)
{
    if (!told->is_told)
        return;
    jb_buf_add_text(out, "\ndocumented:\n");
    add_if_told(out, "  ", "reading", told->reading);
    add_if_told(out, "  ", "formula", told->formula);
    if (told->is_computable) {
        add_energy(out, "low", told->low_uj);
        add_energy(out, "high", told->high_uj);
    }
    add_if_told(out, "  ", "not_computable", told->why_not);
    add_if_told(out, "  ", "printed", told->printed);
    add_if_told(out, "  ", "source", told->source);
}

static void add_observations(struct jb_buf *out, const struct jb_case *one)
{
    if (one->n_observations > 0)
        jb_buf_add_text(out, "\nobservations:\n");
    for (size_t i = 0; i < one->n_observations; i++) {
        const struct jb_observation *const seen = &one->observations[i];
        jb_buf_addf(out, "  - restriction: %s\n", jb_restrictions[seen->restriction].key);
        add_if_told(out, "    ", "code", seen->code);
        add_if_told(out, "    ", "interviewee", seen->interviewee);
        if (seen->perspective != JB_PERSPECTIVE_CASE)
            jb_buf_addf(out, "    perspective: %s\n", jb_perspective_name(seen->perspective));
        if (seen->times != 1)
            jb_buf_addf(out, "    times: %lld\n", (long long)seen->times);
    }
}

jb_rc jb_case_write(const struct jb_case *one, struct jb_buf *out, struct jb_error *err)
{
    add_key(out, "", "case", one->id);
    add_key(out, "", "title", one->title);
    add_section(out, one, "project");
    add_section(out, one, "model");
    add_section(out, one, "provider");
    if (one->has_work) {
        jb_buf_add_text(out, "\nwork:");
        const size_t at = out->len;
        jb_buf_add_text(out, "\n");
        if (add_work(out, "  ", &one->work, NULL) == 0 && out->failed == JB_OK) {
            out->len = at;
            jb_buf_add_text(out, " {}\n");
        }
    }
    add_readings(out, one);
    add_documented(out, &one->documented);
    if (one->n_doubts > 0)
        jb_buf_add_text(out, "\ndoubts:\n");
    for (size_t i = 0; i < one->n_doubts; i++) {
        jb_buf_add_text(out, "  - ");
        add_quoted(out, one->doubts[i]);
        jb_buf_add_text(out, "\n");
    }
    add_observations(out, one);
    return out->failed < 0 ? jb_fail(err, out->failed, NULL, "the case is too long to write")
                           : JB_OK;
}
