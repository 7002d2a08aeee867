/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first row of a bill to where its columns are, by the names in the format's table; which of them make rows alike, and
 * which one the user's rule takes. R-BILL-01, R-BILL-08.
 */
#include <string.h>

#include "base/clean.h"
#include "import/bill_int.h"

struct heading {
    const char *at;
    size_t len;
};

struct headings {
    struct heading *one;
    size_t n;
};

/* The names of the first row; quotes around them are taken off. */
static jb_rc split(const char *row, size_t len, struct headings *ret, struct jb_error *err)
{
    bool is_inside = false;
    size_t begin = 0;

    ret->n = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && row[i] == '"')
            is_inside = !is_inside;
        if (i < len && (is_inside || row[i] != ','))
            continue;
        if (ret->n == BILL_COLUMNS_MAX)
            return jb_fail(err, JB_E_INPUT, "is it a bill?", "line 1: more than %d columns",
                           BILL_COLUMNS_MAX);
        struct heading one = {row + begin, i - begin};
        if (one.len >= 2 && one.at[0] == '"' && one.at[one.len - 1] == '"') {
            one.at++;
            one.len -= 2;
        }
        ret->one[ret->n++] = one;
        begin = i + 1;
    }
    return JB_OK;
}

static int column_of(const struct headings *headings, const char *names)
{
    const char *name;
    size_t n;

    while (jb_bill__next(&names, &name, &n))
        for (size_t i = 0; i < headings->n; i++)
            if (jb_bill__same(headings->one[i].at, headings->one[i].len, name, n))
                return (int)i;
    return -1;
}

/* A column of the tag alone: "resourceTags/user:project". */
static int tag_column(const struct headings *headings, const char *prefixes, const char *tag)
{
    const char *prefix;
    size_t n;

    while (jb_bill__next(&prefixes, &prefix, &n))
        for (size_t i = 0; i < headings->n; i++) {
            const struct heading *const one = &headings->one[i];
            if (one->len > n && jb_bill__same(one->at, n, prefix, n) &&
                jb_bill__same(one->at + n, one->len - n, tag, strlen(tag)))
                return (int)i;
        }
    return -1;
}

static void name_column(struct bill_layout *layout, enum jb_bill_column column,
                        const struct headings *headings)
{
    char raw[64];
    const int at = layout->at[column];

    if (at < 0)
        return;
    const struct heading *const one = &headings->one[at];
    const size_t n = one->len < sizeof raw - 1 ? one->len : sizeof raw - 1;
    memcpy(raw, one->at, n);
    raw[n] = '\0';
    jb_clean_copy(raw, layout->name[column], sizeof layout->name[column]);
}

static jb_rc missing(const struct jb_bill_format *format, const char *names, const char *hint,
                     struct jb_error *err)
{
    const char *name;
    size_t n;

    if (!jb_bill__next(&names, &name, &n))
        n = 0;
    return jb_fail(err, JB_E_INPUT, hint, "line 1: no column '%.*s', which a bill of %s has",
                   (int)n, n ? name : "", format->info.name);
}

static jb_rc find_run(const struct jb_bill_format *format, const struct jb_bill_rule *rule,
                      const struct headings *headings, struct bill_layout *layout,
                      struct jb_error *err)
{
    const char *const by[] = {
        [JB_BILL_BY_ACCOUNT] = format->by_account,
        [JB_BILL_BY_TAG] = format->tags,
        [JB_BILL_BY_RESOURCE] = format->by_resource,
        [JB_BILL_BY_SERVICE] = format->by_service,
    };

    if (rule->by == JB_BILL_BY_TAG)
        layout->at[BILL_RUN] = tag_column(headings, format->tag_columns, rule->name);
    if (layout->at[BILL_RUN] >= 0)
        return JB_OK;
    layout->is_run_json = rule->by == JB_BILL_BY_TAG;
    layout->at[BILL_RUN] = column_of(headings, by[rule->by]);
    return layout->at[BILL_RUN] >= 0
               ? JB_OK
               : missing(format, by[rule->by], "make runs of something that the bill has", err);
}

static void add_column(struct bill_spans *spans, int column)
{
    struct bill_span *const one = spans->one;
    size_t at = 0;

    if (column < 0)
        return;
    while (at < spans->n && one[at].last + 1 < column)
        at++;
    if (at == spans->n || one[at].first > column + 1) {
        memmove(&one[at + 1], &one[at], (spans->n - at) * sizeof one[0]);
        one[at] = (struct bill_span){column, column};
        spans->n++;
        return;
    }
    if (one[at].first > column)
        one[at].first = column;
    if (one[at].last < column)
        one[at].last = column;
    if (at + 1 < spans->n && one[at + 1].first == one[at].last + 1) {
        one[at].last = one[at + 1].last;
        spans->n--;
        memmove(&one[at + 1], &one[at + 2], (spans->n - at - 1) * sizeof one[0]);
    }
}

static bool says_where(int column)
{
    return column == BILL_ACCOUNT || column == BILL_PROVIDER || column == BILL_PERIOD_START ||
           column == BILL_PERIOD_END || column == BILL_CURRENCY || column == BILL_REGION;
}

static jb_rc find_columns(const struct jb_bill_format *format, const struct jb_bill_rule *rule,
                          const struct headings *headings, struct bill_layout *layout,
                          struct jb_error *err)
{
    for (size_t i = 0; i < BILL_N_COLUMNS; i++)
        layout->at[i] = -1;
    layout->n_columns = headings->n;
    for (size_t i = 0; i < format->n_columns; i++) {
        const struct bill_column_names *const names = &format->columns[i];
        layout->at[names->column] = column_of(headings, names->names);
        if (names->is_needed && layout->at[names->column] < 0)
            return missing(format, names->names,
                           "the first row has the names of the columns; is it another format?",
                           err);
        name_column(layout, names->column, headings);
    }
    const jb_rc rc = find_run(format, rule, headings, layout, err);
    if (rc < 0)
        return rc;
    for (int i = 0; i < BILL_RUN; i++)
        if (says_where(i))
            add_column(&layout->where, layout->at[i]);
        else
            add_column(&layout->what, layout->at[i]);
    /* Without a billing period the month of the row stands for it. */
    if (layout->at[BILL_PERIOD_START] < 0)
        add_column(&layout->where, layout->at[BILL_TIME_START]);
    return JB_OK;
}

jb_rc jb_bill__layout(const struct jb_bill_format *format, const struct jb_bill_rule *rule,
                      const char *row, size_t len, struct bill_layout *ret, struct jb_error *err)
{
    struct headings headings = {calloc(BILL_COLUMNS_MAX, sizeof *headings.one), 0};
    struct bill_layout layout = {0};

    if (!headings.one)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the columns of a bill");
    jb_rc rc = split(row, len, &headings, err);
    if (rc == JB_OK)
        rc = find_columns(format, rule, &headings, &layout, err);
    free(headings.one);
    if (rc == JB_OK)
        *ret = layout;
    return rc;
}
