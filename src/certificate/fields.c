/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fields of a certificate say, checked: every one known, in its order and its form, columns of one length, nothing
 * withheld that must be open, totals as the runs give them. Must never take a total on trust where its runs are open.
 * R-CERT-04, R-CERT-05, R-CERT-06.
 */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "certificate/certificate_int.h"

#define UTC_TEXT 20 /* "2026-11-23T06:41:56Z" */

/* What a column's lines are held against. */
struct frame {
    const char *from, *to; /* of the period */
    int64_t n_runs;
};

static bool is_utc(const char *text, size_t len)
{
    int64_t utc_us = 0;

    return len == UTC_TEXT && text[10] == 'T' && jb_parse_utc(text, len, &utc_us) == JB_OK;
}

static bool is_line_right(const struct certificate__row *row, const struct frame *frame,
                          const char *line, size_t len)
{
    int64_t numbers[4];
    bool is_known;

    switch (row->form) {
    case CERTIFICATE_WORDS: return certificate__word(row->words, line, len) >= 0;
    case CERTIFICATE_MOMENTS:
        return is_utc(line, len) && memcmp(line, frame->from, UTC_TEXT) >= 0 &&
               memcmp(line, frame->to, UTC_TEXT) <= 0;
    case CERTIFICATE_COUNTS: return certificate__take_numbers(line, len, numbers, 1);
    case CERTIFICATE_FOURS: return certificate__take_numbers(line, len, numbers, 4);
    case CERTIFICATE_FIGURES: return certificate__take_figure(line, len, &is_known, numbers);
    default: return true;
    }
}

static jb_rc check_column(const struct jb_certificate_field *field,
                          const struct certificate__row *row, const struct frame *frame,
                          struct jb_error *err)
{
    struct jb_certificate_lines lines = {field->value, field->value + field->len};
    const char *line = NULL;
    size_t len = 0;
    int64_t n = 0;

    while (jb_certificate_next_line(&lines, &line, &len)) {
        n++;
        if (!is_line_right(row, frame, line, len))
            return jb_fail(err, JB_E_INPUT, NULL, "line %" PRId64 " of '%s' is not as it must be",
                           n, field->name);
    }
    if (n != frame->n_runs)
        return jb_fail(err, JB_E_INPUT, NULL, "'%s' has %" PRId64 " lines, of %" PRId64 " runs",
                       field->name, n, frame->n_runs);
    return JB_OK;
}

static jb_rc check_value(const struct jb_certificate_field *field,
                         const struct certificate__row *row, const struct frame *frame,
                         struct jb_error *err)
{
    const bool has_lines = row->form == CERTIFICATE_LINES || row->form >= CERTIFICATE_COLUMN;

    if (field->len == 0)
        return jb_fail(err, JB_E_INPUT, NULL, "'%s' is empty", field->name);
    if (has_lines != (field->value[field->len - 1] == '\n') ||
        (!has_lines && memchr(field->value, '\n', field->len)))
        return jb_fail(err, JB_E_INPUT, NULL, "'%s' does not end as it must", field->name);
    if (row->form == CERTIFICATE_UTC && !is_utc(field->value, field->len))
        return jb_fail(err, JB_E_INPUT, NULL, "'%s' is no moment", field->name);
    if (row->form == CERTIFICATE_TEXT && row->words &&
        certificate__word(row->words, field->value, field->len) < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "'%s' is none of the words it may be", field->name);
    return row->form >= CERTIFICATE_COLUMN ? check_column(field, row, frame, err) : JB_OK;
}

/* Names in their order, none twice, and the rest that the table says. */
static jb_rc check_order(const struct jb_certificate *certificate, struct jb_error *err)
{
    const struct certificate__row *row = NULL;
    int before = -1;

    for (size_t i = 0; i < certificate->n_fields; i++) {
        const struct jb_certificate_field *const field = &certificate->fields[i];
        const int place = certificate__place(field->name, &row);
        if (place < 0)
            return jb_fail(err, JB_E_INPUT, NULL, "'%s' is no field of a certificate", field->name);
        if (place <= before)
            return jb_fail(err, JB_E_INPUT, NULL, "'%s' stands in the wrong place or twice",
                           field->name);
        if (!field->value && (row->flags & CERTIFICATE_OPEN))
            return jb_fail(err, JB_E_INPUT, NULL, "'%s' is withheld, which it may not be",
                           field->name);
        before = place;
    }
    for (row = certificate__rows; row->name; row++)
        if ((row->flags & CERTIFICATE_NEEDED) && !jb_certificate_field(certificate, row->name))
            return jb_fail(err, JB_E_INPUT, NULL, "the certificate has no field '%s'", row->name);
    return JB_OK;
}

static jb_rc differs(const struct jb_certificate_field *field, const struct jb_buf *made,
                     struct jb_error *err)
{
    if (made->failed < 0)
        return jb_fail(err, made->failed, NULL, "no memory for the totals");
    if (field->len == made->len && memcmp(field->value, jb_buf_text(made), made->len) == 0)
        return JB_OK;
    return jb_fail(err, JB_E_INPUT, "whoever signed it signed totals that its own runs do not have",
                   "'%s' says '%.60s', its runs make '%.60s'", field->name, field->value,
                   jb_buf_text(made));
}

/* One total of one layer. Present exactly where a run of the layer has it. */
static jb_rc check_total(const struct jb_certificate *certificate,
                         const struct certificate__sums *sums, int layer, int total,
                         bool *is_computed, struct jb_error *err)
{
    struct jb_buf made = JB_BUF(256);
    char name[JB_FIELD_NAME];
    char column[JB_FIELD_NAME];

    (void)snprintf(name, sizeof name, CERTIFICATE_TOTALS "%s.%s", certificate__layers[layer],
                   certificate__totals[total]);
    (void)snprintf(column, sizeof column, "run.%s", certificate__totals[total]);
    const struct jb_certificate_field *const field = jb_certificate_field(certificate, name);
    const bool has_column = total == CERTIFICATE_RUNS || jb_certificate_field(certificate, column);
    if (sums->layer ? (field != NULL) != (has_column && sums->layers[layer].n_runs > 0)
                    : field && !has_column)
        return jb_fail(err, JB_E_INPUT, NULL, "the certificate %s '%s', unlike its runs",
                       field ? "has" : "lacks", name);
    if (!field)
        return JB_OK;
    if (!sums->layer || (total != CERTIFICATE_RUNS && !sums->columns[total])) {
        *is_computed = false;
        return JB_OK;
    }
    certificate__total_text(&sums->layers[layer], total, &made);
    const jb_rc rc = differs(field, &made, err);
    jb_buf_release(&made);
    return rc;
}

static jb_rc check_parts(const struct jb_certificate *certificate,
                         const struct certificate__sums *sums, struct jb_error *err)
{
    const struct jb_certificate_field *const parts = jb_certificate_field(certificate, "parts");
    struct jb_buf made = JB_BUF(8192);

    if (!parts || !parts->value || !sums->layer || !sums->part ||
        !sums->columns[CERTIFICATE_DURATION] || !sums->columns[CERTIFICATE_ENERGY])
        return JB_OK;
    certificate__parts_text(sums, &made);
    const jb_rc rc = differs(parts, &made, err);
    jb_buf_release(&made);
    return rc;
}

jb_rc certificate__check_totals(struct jb_certificate *certificate, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct certificate__sums *sums = malloc(sizeof *sums);

    if (!sums)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the totals");
    bool is_computed = true;
    jb_rc rc = certificate__sum(certificate, sums, err);
    for (int layer = 0; layer < CERTIFICATE_N_LAYERS; layer++)
        for (int total = 0; rc == JB_OK && total < CERTIFICATE_N_TOTALS; total++)
            rc = check_total(certificate, sums, layer, total, &is_computed, err);
    if (rc == JB_OK)
        rc = check_parts(certificate, sums, err);
    if (rc == JB_OK)
        certificate->is_computed = is_computed;
    return rc;
}

/* What an asserted total, or a count, must at least look like. */
static bool is_total(const struct jb_certificate_field *field)
{
    const char *const name = strrchr(field->name, '.') + 1;
    const int total = certificate__word(certificate__totals, name, strlen(name));
    int64_t numbers[4] = {0, 0, 0, 0};

    if (total <= CERTIFICATE_DURATION)
        return certificate__take_numbers(field->value, field->len, numbers, 1);
    if (total < CERTIFICATE_COVERAGE && strcmp(field->value, "unknown") == 0)
        return true;
    return certificate__take_numbers(field->value, field->len, numbers, 4) &&
           (total == CERTIFICATE_COVERAGE ||
            (numbers[0] <= numbers[1] && numbers[1] <= numbers[2] && numbers[3] > 0));
}

static jb_rc take_frame(const struct jb_certificate *certificate, struct frame *ret,
                        struct jb_error *err)
{
    const struct jb_certificate_field *const n_runs = jb_certificate_field(certificate, "n_runs");

    if (!certificate__take_numbers(n_runs->value, n_runs->len, &ret->n_runs, 1) ||
        ret->n_runs < 1 || ret->n_runs > JB_CERTIFICATE_RUNS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "'n_runs' is not a number of runs");
    ret->from = jb_certificate_text(certificate, "from_utc");
    ret->to = jb_certificate_text(certificate, "to_utc");
    if (strcmp(ret->from, ret->to) > 0)
        return jb_fail(err, JB_E_INPUT, NULL, "'from_utc' is later than 'to_utc'");
    return JB_OK;
}

jb_rc certificate__check_opened(struct jb_certificate *certificate,
                                const struct jb_certificate_field *field, struct jb_error *err)
{
    const struct certificate__row *row = NULL;
    struct frame frame = {0};
    jb_rc rc = take_frame(certificate, &frame, err);

    if (rc == JB_OK && certificate__place(field->name, &row) >= 0)
        rc = check_value(field, row, &frame, err);
    return rc == JB_OK ? certificate__check_totals(certificate, err) : rc;
}

static jb_rc check_rest(const struct jb_certificate *certificate, struct jb_error *err)
{
    const struct jb_certificate_field *const left_out =
        jb_certificate_field(certificate, "left_out");
    int64_t numbers[3];

    if (strcmp(jb_certificate_text(certificate, "limits"), JB_CERTIFICATE_LIMITS) != 0)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "'limits' does not say what every certificate must say");
    if (!certificate__take_numbers(left_out->value, left_out->len, numbers, 3))
        return jb_fail(err, JB_E_INPUT, NULL, "'left_out' is not three numbers");
    for (size_t i = 0; i < certificate->n_fields; i++) {
        const struct jb_certificate_field *const field = &certificate->fields[i];
        if (strncmp(field->name, CERTIFICATE_TOTALS, strlen(CERTIFICATE_TOTALS)) == 0 &&
            !is_total(field))
            return jb_fail(err, JB_E_INPUT, NULL, "'%s' is not a total", field->name);
    }
    return JB_OK;
}

/* R-CERT-06: what is derived from a withheld column is withheld too, or nothing could be held against it. */
static jb_rc check_derived(const struct jb_certificate *certificate, struct jb_error *err)
{
    for (const struct certificate__derived *one = certificate__derived; one->from; one++) {
        const struct jb_certificate_field *const from =
            jb_certificate_field(certificate, one->from);
        if (from && !from->value && jb_certificate_text(certificate, one->derived))
            return jb_fail(err, JB_E_INPUT, NULL, "'%s' is open, and '%s' beneath it withheld",
                           one->derived, one->from);
    }
    return JB_OK;
}

/* R-CERT-05: runs of all layers are all runs, also where the layers are withheld; methods are those of the runs. */
static jb_rc check_counts(const struct jb_certificate *certificate, int64_t n_runs,
                          struct jb_error *err)
{
    const struct jb_certificate_field *const methods = jb_certificate_field(certificate, "methods");
    struct jb_buf made = JB_BUF(1024);
    int64_t n = 0;
    jb_rc rc = JB_OK;

    for (int layer = 0; layer < CERTIFICATE_N_LAYERS; layer++) {
        char name[JB_FIELD_NAME];
        int64_t of_layer = 0;
        (void)snprintf(name, sizeof name, CERTIFICATE_TOTALS "%s.runs", certificate__layers[layer]);
        const struct jb_certificate_field *const field = jb_certificate_field(certificate, name);
        if (field && certificate__take_numbers(field->value, field->len, &of_layer, 1))
            n = jb_add_sat_i64(n, of_layer);
    }
    if (n != n_runs)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "the layers have %" PRId64 " runs, the certificate %" PRId64, n, n_runs);
    if (methods->value && jb_certificate_text(certificate, "run.method")) {
        certificate__methods_text(jb_certificate_lines(certificate, "run.method"), &made);
        rc = differs(methods, &made, err);
    }
    jb_buf_release(&made);
    return rc;
}

jb_rc certificate__check_fields(struct jb_certificate *certificate, struct jb_error *err)
{
    struct frame frame = {0};
    jb_rc rc = check_order(certificate, err);

    if (rc == JB_OK)
        rc = take_frame(certificate, &frame, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < certificate->n_fields && rc == JB_OK; i++) {
        const struct certificate__row *row = NULL;
        if (certificate->fields[i].value &&
            certificate__place(certificate->fields[i].name, &row) >= 0)
            rc = check_value(&certificate->fields[i], row, &frame, err);
    }
    if (rc == JB_OK)
        rc = check_rest(certificate, err);
    if (rc == JB_OK)
        rc = certificate__check_totals(certificate, err);
    if (rc == JB_OK)
        rc = check_derived(certificate, err);
    if (rc == JB_OK)
        rc = check_counts(certificate, frame.n_runs, err);
    if (rc == JB_OK)
        rc = certificate__check_policy(certificate, err);
    if (rc < 0)
        return rc;
    if ((strcmp(jb_certificate_text(certificate, "totals"), "computed") == 0) !=
        certificate->is_computed)
        return jb_fail(err, JB_E_INPUT, NULL, "the totals are marked '%s', but their parts are %s",
                       jb_certificate_text(certificate, "totals"),
                       certificate->is_computed ? "all open" : "withheld");
    certificate->n_runs = frame.n_runs;
    return JB_OK;
}
