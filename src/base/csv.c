/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks of bytes into records of fields, one byte at a time through six states. It must never hand out half a record
 * or a field whose quotes do not close: R-CSV-01 (what is taken), R-CSV-02 (what is refused), R-CSV-03 (limits).
 */
#include "base/csv.h"

#include <string.h>

enum state {
    AT_FIELD,    /* before a field's first byte */
    IN_FIELD,    /* in one without quotes */
    IN_QUOTES,   /* in one with quotes */
    AFTER_QUOTE, /* behind a quote in it: the end, or the first of two */
    AFTER_CR,    /* a line feed must follow */
    FAILED,
};

struct jb_csv {
    struct jb_csv_rules rules;
    const uint8_t *at, *end; /* of the chunk */
    bool is_last;
    enum state state;
    size_t n_bom; /* bytes of the byte order mark seen so far; all of them once it is over */
    int64_t line, column; /* of the next byte */
    size_t len;           /* of `text` in use */
    size_t n_fields;
    char *text;
    size_t text_size;
    struct jb_csv_field *
        fields; /* text is set when the record is whole; until then `starts` says where it will be */
    size_t *starts;
};

#define TEXT_SIZE_FIRST 4096
#define BOM_BYTES       3

jb_rc jb_csv_new(const struct jb_csv_rules *rules, struct jb_csv **ret, struct jb_error *err)
{
    struct jb_csv *const csv = calloc(1, sizeof *csv);
    if (csv) {
        csv->rules = *rules;
        csv->line = csv->column = 1;
        csv->fields = calloc(rules->fields_max, sizeof *csv->fields);
        csv->starts = calloc(rules->fields_max, sizeof *csv->starts);
    }
    if (!csv || !csv->fields || !csv->starts) {
        jb_csv_free(csv);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read CSV");
    }
    *ret = csv;
    return JB_OK;
}

void jb_csv_free(struct jb_csv *csv)
{
    if (!csv)
        return;
    free(csv->text);
    free(csv->fields);
    free(csv->starts);
    free(csv);
}

void jb_csv_feed(struct jb_csv *csv, const void *bytes, size_t len, bool is_last)
{
    static const uint8_t none[1] = {0};

    csv->at = len > 0 ? bytes : none;
    csv->end = csv->at + len;
    csv->is_last = is_last;
}

/* --- one record ------------------------------------------------------------------------------------------------- */

/* One byte of the record; NULL, or what is wrong. */
static const char *append(struct jb_csv *csv, char c)
{
    if (csv->len == csv->text_size) {
        const size_t size = csv->text_size == 0 ? TEXT_SIZE_FIRST : 2 * csv->text_size;
        char *const text = realloc(csv->text, size);
        if (!text)
            return "no memory for the record";
        csv->text = text;
        csv->text_size = size;
    }
    csv->text[csv->len++] = c;
    return NULL;
}

static const char *add_byte(struct jb_csv *csv, char c)
{
    /* Each field is followed by a NUL, which does not count. */
    if (csv->len - (csv->n_fields - 1) >= csv->rules.record_bytes_max)
        return "the record is longer than is read here";
    return append(csv, c);
}

static const char *begin_field(struct jb_csv *csv)
{
    if (csv->n_fields == csv->rules.fields_max)
        return "the record has more fields than are read here";
    csv->fields[csv->n_fields] =
        (struct jb_csv_field){.line = csv->line, .column = csv->column, .is_quoted = false};
    csv->starts[csv->n_fields++] = csv->len;
    return NULL;
}

static const char *end_field(struct jb_csv *csv)
{
    csv->fields[csv->n_fields - 1].len = csv->len - csv->starts[csv->n_fields - 1];
    csv->state = AT_FIELD;
    return append(csv, '\0');
}

/* A line with nothing in it is no record. */
static bool is_blank(const struct jb_csv *csv)
{
    return csv->n_fields == 1 && csv->fields[0].len == 0 && !csv->fields[0].is_quoted;
}

/* One byte that belongs to no quoted text; *ret_is_end after the end of a record. NULL, or what is wrong. */
static const char *take_plain(struct jb_csv *csv, char c, bool *ret_is_end)
{
    const char *wrong = NULL;

    if (csv->state == AFTER_CR && c != '\n')
        return "a carriage return without a line feed";
    if (csv->state == AT_FIELD) {
        wrong = begin_field(csv);
        if (wrong)
            return wrong;
        if (c == '"' && csv->rules.has_quotes) {
            csv->fields[csv->n_fields - 1].is_quoted = true;
            csv->state = IN_QUOTES;
            return NULL;
        }
    }
    if (c == csv->rules.delimiter)
        return end_field(csv);
    if (c == '\n') {
        *ret_is_end = true;
        return end_field(csv);
    }
    if (c == '\r') {
        csv->state = AFTER_CR;
        return NULL;
    }
    if (csv->state == AFTER_QUOTE)
        return "text after the closing quote of a field";
    if (c == '"' && csv->rules.has_quotes)
        return "a quote within a field that does not begin with one";
    csv->state = IN_FIELD;
    return add_byte(csv, c);
}

static const char *take(struct jb_csv *csv, char c, bool *ret_is_end)
{
    if (c == '\0')
        return "a NUL byte: this is no text in UTF-8";
    if (csv->state == IN_QUOTES) {
        if (c != '"')
            return add_byte(csv, c);
        csv->state = AFTER_QUOTE;
        return NULL;
    }
    if (csv->state == AFTER_QUOTE && c == '"') {
        csv->state = IN_QUOTES;
        return add_byte(csv, c);
    }
    return take_plain(csv, c, ret_is_end);
}

static const char bom[BOM_BYTES] = {'\xef', '\xbb', '\xbf'};

static jb_rc fail_at(struct jb_csv *csv, const char *path, int64_t line, int64_t column,
                     const char *wrong, struct jb_error *err)
{
    csv->state = FAILED;
    return jb_fail(err, JB_E_INPUT, "see RFC 4180: fields with a quote or a line end are quoted",
                   "%s:%lld:%lld: %s", path, (long long)line, (long long)column, wrong);
}

/* The end of the file ends a record that has begun. */
static const char *take_end(struct jb_csv *csv, bool *ret_is_end)
{
    if (csv->state == IN_QUOTES)
        return "the quote that begins here is never closed";
    if (csv->state == AT_FIELD && csv->n_fields == 0)
        return NULL;
    const char *const wrong = csv->state == AT_FIELD ? begin_field(csv) : NULL;
    *ret_is_end = true;
    return wrong ? wrong : end_field(csv);
}

static const char *step(struct jb_csv *csv, bool *ret_is_end)
{
    const char c = (char)*csv->at++;
    const char *wrong = NULL;

    if (csv->n_bom < BOM_BYTES) {
        if (c == bom[csv->n_bom]) {
            csv->n_bom++;
            return NULL;
        }
        /* Another character that begins like the mark. */
        for (size_t i = 0; i < csv->n_bom && !wrong; i++)
            wrong = take(csv, bom[i], ret_is_end);
        csv->column += (int64_t)csv->n_bom;
        csv->n_bom = BOM_BYTES;
    }
    if (!wrong)
        wrong = take(csv, c, ret_is_end);
    if (wrong)
        return wrong;
    csv->column++;
    if (c == '\n') {
        csv->line++;
        csv->column = 1;
    }
    return NULL;
}

jb_rc jb_csv_next(struct jb_csv *csv, const char *path, enum jb_csv_got *ret_got,
                  const struct jb_csv_field **ret_fields, size_t *ret_n_fields,
                  struct jb_error *err)
{
    bool is_end = false;
    const char *wrong = csv->state == FAILED ? "not read beyond an earlier mistake" : NULL;

    /* A record handed out last time is over. */
    if (csv->state == AT_FIELD && csv->n_fields > 0 && csv->fields[0].text) {
        csv->fields[0].text = NULL;
        csv->n_fields = csv->len = 0;
    }
    while (!wrong && !is_end && csv->at < csv->end) {
        wrong = step(csv, &is_end);
        if (!wrong && is_end && is_blank(csv)) {
            is_end = false;
            csv->n_fields = csv->len = 0;
        }
    }
    if (!wrong && !is_end && csv->is_last) {
        wrong = take_end(csv, &is_end);
        if (wrong && csv->state == IN_QUOTES)
            return fail_at(csv, path, csv->fields[csv->n_fields - 1].line,
                           csv->fields[csv->n_fields - 1].column, wrong, err);
        if (is_end && is_blank(csv)) {
            is_end = false;
            csv->n_fields = csv->len = 0;
        }
    }
    if (wrong)
        return fail_at(csv, path, csv->line, csv->column, wrong, err);
    if (!is_end) {
        *ret_got = csv->is_last ? JB_CSV_END : JB_CSV_MORE;
        return JB_OK;
    }
    for (size_t i = 0; i < csv->n_fields; i++)
        csv->fields[i].text = csv->text + csv->starts[i];
    *ret_fields = csv->fields;
    *ret_n_fields = csv->n_fields;
    *ret_got = JB_CSV_RECORD;
    return JB_OK;
}
