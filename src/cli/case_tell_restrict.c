/* SPDX-License-Identifier: Apache-2.0 */
/* Restrictions that a case shows, with evidence, cost and directions (R-CASE-11 to -14). */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/case_tell.h"
#include "report/table.h"

static const char *letters(const struct jb_restriction *restriction, char buf[8])
{
    size_t n = 0;

    for (int c = 0; c < JB_CATEGORIES; c++)
        if (restriction->directions[c]) {
            if (n > 0)
                buf[n++] = ',';
            buf[n++] = jb_category_letter((enum jb_category)c);
        }
    buf[n] = '\0';
    return buf;
}

static const char *cost_words(const struct jb_found *found, char *buf, size_t size)
{
    char width[32], saved[32];

    switch (found->cost) {
    case JB_COST_NONE: return "";
    case JB_COST_NOT_QUANTIFIABLE: return "not quantifiable";
    case JB_COST_ACCOUNT:
        (void)snprintf(buf, size, "the whole account: needed is %s", found->of);
        return buf;
    case JB_COST_BAND:
        (void)snprintf(buf, size, "%s of a band of %s, if one knew %s",
                       jb_case_kwh(found->saved_uj, saved, sizeof saved),
                       jb_case_kwh(found->width_uj, width, sizeof width), found->of);
        return buf;
    }
    return "";
}

static const char *cost_name(enum jb_cost cost)
{
    static const char *const names[] = {"none", "not quantifiable", "band", "account"};

    return names[cost];
}

static json_t *found_json(const struct jb_found *found)
{
    const struct jb_restriction *const restriction = found->restriction;
    json_t *const evidence = json_array(), *const directions = json_object();
    char buf[8];

    for (size_t i = 0; i < found->n_evidence; i++)
        (void)json_array_append_new(evidence, json_string(found->evidence[i]));
    for (int c = 0; c < JB_CATEGORIES; c++)
        if (restriction->directions[c])
            (void)json_object_set_new(directions, jb_category_name((enum jb_category)c),
                                      json_string(restriction->directions[c]));
    json_t *const value =
        json_pack("{s:s, s:s, s:s, s:b, s:b, s:I, s:o, s:s, s:o, s:s?}", "key", restriction->key,
                  "title", restriction->title, "categories", letters(restriction, buf), "applies",
                  (int)(found->n_evidence > 0), "is_observed", (int)found->is_observed,
                  "n_observed", (json_int_t)found->n_observed, "evidence", evidence, "cost",
                  cost_name(found->cost), "directions", directions, "remark", restriction->remark);
    if (value && found->cost == JB_COST_BAND) {
        (void)json_object_set_new(value, "band_uj", json_integer(found->width_uj));
        (void)json_object_set_new(value, "saved_uj", json_integer(found->saved_uj));
    }
    if (value && found->of[0])
        (void)json_object_set_new(value, "input", json_string(found->of));
    return value;
}

static jb_rc tell_json(const struct jb_case *one, const struct jb_found *found, bool is_first,
                       bool is_last, struct jb_buf *out, struct jb_error *err)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < JB_RESTRICTIONS; i++)
        (void)json_array_append_new(list, found_json(&found[i]));
    jb_buf_add_text(out, is_first ? "[" : ",");
    const jb_rc rc = jb_case_dump(
        json_pack("{s:s, s:s, s:o}", "case", one->id, "title", one->title, "restrictions", list),
        out, err);
    if (is_last)
        jb_buf_add_text(out, "]\n");
    return rc;
}

static void tell_csv(const struct jb_case *one, const struct jb_found *found, bool is_first,
                     struct jb_buf *out)
{
    char buf[8];

    if (is_first)
        jb_buf_add_text(out, "case,restriction,categories,applies,n_observed,cost,band_uj,"
                             "saved_uj,evidence\r\n");
    for (size_t i = 0; i < JB_RESTRICTIONS; i++) {
        const struct jb_found *const row = &found[i];
        char evidence[JB_EVIDENCE_MAX * 200] = "";
        size_t len = 0;
        for (size_t k = 0; k < row->n_evidence && len < sizeof evidence; k++)
            len += (size_t)snprintf(evidence + len, sizeof evidence - len, "%s%s", k ? "; " : "",
                                    row->evidence[k]);
        jb_buf_addf(out, "%s,%s,", one->id, row->restriction->key);
        jb_buf_add_csv(out, letters(row->restriction, buf));
        jb_buf_addf(out, ",%s,%lld,%s,", row->n_evidence > 0 ? "yes" : "no",
                    (long long)row->n_observed, cost_name(row->cost));
        if (row->cost == JB_COST_BAND)
            jb_buf_addf(out, "%lld,%lld,", (long long)row->width_uj, (long long)row->saved_uj);
        else
            jb_buf_add_text(out, ",,");
        jb_buf_add_csv(out, evidence);
        jb_buf_add_text(out, "\r\n");
    }
}

static void tell_found(const struct jb_found *found, const struct jb_style *style,
                       struct jb_buf *out)
{
    const struct jb_restriction *const restriction = found->restriction;
    char line[512], buf[8], cost[384];

    (void)snprintf(line, sizeof line, "%s (%s): %s", restriction->title, letters(restriction, buf),
                   restriction->means);
    jb_text_wrap(line, "", "  ", style, out);
    for (size_t i = 0; i < found->n_evidence; i++)
        jb_text_wrap(found->evidence[i], i == 0 ? "  evidence: " : "            ", "            ",
                     style, out);
    jb_text_wrap(cost_words(found, cost, sizeof cost), "  costs:    ", "            ", style, out);
    for (int c = 0; c < JB_CATEGORIES; c++)
        if (restriction->directions[c]) {
            (void)snprintf(line, sizeof line, "%s (%s)", restriction->directions[c],
                           jb_category_name((enum jb_category)c));
            jb_text_wrap(line, "  towards:  ", "            ", style, out);
        }
    if (restriction->remark)
        jb_text_wrap(restriction->remark, "  remark:   ", "            ", style, out);
    jb_buf_add_text(out, "\n");
}

static void tell_text(const struct jb_case *one, const struct jb_found *found,
                      const struct jb_style *style, struct jb_buf *out)
{
    size_t n = 0;
    const char *before = "";

    for (size_t i = 0; i < JB_RESTRICTIONS; i++)
        n += found[i].n_evidence > 0;
    jb_buf_addf(out, "%s: %zu of %d restrictions show\n\n", one->id, n, JB_RESTRICTIONS);
    for (size_t i = 0; i < JB_RESTRICTIONS; i++)
        if (found[i].n_evidence > 0)
            tell_found(&found[i], style, out);
    if (n == JB_RESTRICTIONS)
        return;
    jb_buf_add_text(out, "nothing in this case shows: ");
    for (size_t i = 0; i < JB_RESTRICTIONS; i++)
        if (found[i].n_evidence == 0) {
            jb_buf_addf(out, "%s%s", before, found[i].restriction->key);
            before = ", ";
        }
    jb_buf_add_text(out, "\n");
}

jb_rc jb_case_tell_restrictions(const struct jb_case *one,
                                const struct jb_found found[JB_RESTRICTIONS], enum jb_format format,
                                const struct jb_style *style, bool is_first, bool is_last,
                                struct jb_buf *out, struct jb_error *err)
{
    switch (format) {
    case JB_FORMAT_JSON: return tell_json(one, found, is_first, is_last, out, err);
    case JB_FORMAT_CSV: tell_csv(one, found, is_first, out); return JB_OK;
    case JB_FORMAT_TEXT:
        if (!is_first)
            jb_buf_add_text(out, "\n");
        tell_text(one, found, style, out);
        return JB_OK;
    }
    return JB_E_INTERNAL;
}
