/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coded observations to cross-tables. Every row and total is computed from the single counts and from the categories;
 * nothing is taken from print but the cells it is compared with (R-CASE-20, R-CASE-21).
 */
#include "case/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "case/case_int.h"

enum { PEOPLE_MAX = 32 };

/* Whoever was asked: a case as a whole, or one expert. */
struct person {
    char name[64];
    enum jb_perspective perspective;
    int64_t counts[JB_RESTRICTIONS];
};

struct people {
    size_t n;
    bool is_full;
    struct person list[PEOPLE_MAX];
};

/* Which observations a table counts, and how. */
enum kind {
    KIND_CATEGORIES, /* restrictions by category */
    KIND_BINARY,     /* and by case or perspective: was it seen at all */
    KIND_COUNTS,     /* by case or expert: how often */
    KIND_CODES,      /* codes by restriction */
};
struct table {
    const char *id, *title;
    enum kind kind;
    size_t first, end; /* restrictions [first, end) */
    bool is_of_experts, is_by_perspective, has_policy, is_code_of_cases;
    const char *note;
};

static const struct table tables[] = {
    {"6.1", "restrictions found in cases, by category", KIND_CATEGORIES, 0, JB_RESTRICTIONS_CASES,
     false, false, false, false, NULL},
    {"6.2", "restrictions by case: seen or not", KIND_BINARY, 0, JB_RESTRICTIONS_CASES, false,
     false, false, false, NULL},
    {"6.5", "restrictions found in cases, by category, as the chapter's conclusion lists them",
     KIND_CATEGORIES, 0, JB_RESTRICTIONS_CASES, false, false, false, false,
     "a list in print, not a table"},
    {"7.2", "restrictions found in cases, by who of the experts confirmed them", KIND_BINARY, 0,
     JB_RESTRICTIONS_CASES, true, true, false, false, NULL},
    {"7.3", "restrictions that experts added, by perspective", KIND_BINARY, JB_RESTRICTIONS_CASES,
     JB_RESTRICTIONS, true, true, true, false, NULL},
    {"9.2", "restrictions found in cases, by category, as concluded", KIND_CATEGORIES, 0,
     JB_RESTRICTIONS_CASES, false, false, false, false,
     "chapter 9 says that experts confirmed all of these but 'updating'; by tables 7.2 and D.2 one "
     "expert confirmed that one too"},
    {"9.3", "restrictions that experts added, by category", KIND_CATEGORIES, JB_RESTRICTIONS_CASES,
     JB_RESTRICTIONS, false, false, true, false, NULL},
    {"C.1", "restrictions found in cases, and the codes behind each", KIND_CODES, 0,
     JB_RESTRICTIONS_CASES, false, false, false, true,
     "section C.1 speaks of 37 codes; its table lists 36"},
    {"C.2", "codes of the cases by restriction", KIND_CODES, 0, JB_RESTRICTIONS_CASES, false, false,
     false, true, "the code book in words: `joulebook case tables C.2 --csv`"},
    {"C.3", "all codes by restriction", KIND_CODES, 0, JB_RESTRICTIONS, true, false, false, false,
     "one code stands under two restrictions; the code book in words: `joulebook case tables C.3 "
     "--csv`"},
    {"D.1", "how often each case shows each restriction", KIND_COUNTS, 0, JB_RESTRICTIONS_CASES,
     false, false, false, false, NULL},
    {"D.2", "how often each expert spoke of each restriction", KIND_COUNTS, 0, JB_RESTRICTIONS,
     true, false, false, false,
     "ten printed row totals and the grand total leave the two providers out; the column totals "
     "have them"},
};

static const struct table *find_table(const char *id)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(tables); i++)
        if (strcmp(tables[i].id, id) == 0)
            return &tables[i];
    return NULL;
}

const char *jb_cross_id(size_t i)
{
    return i < JB_ARRAY_LEN(tables) ? tables[i].id : NULL;
}

const char *jb_cross_title(const char *id)
{
    const struct table *const table = find_table(id);

    return table ? table->title : NULL;
}

/* --- the code book --------------------------------------------------------------------------------------------- */

struct code_walk {
    jb_code_fn each;
    void *context;
};

static void code_row(void *context, char *const *fields, size_t n)
{
    const struct code_walk *const walk = context;
    struct jb_code code = {0};
    const int restriction = n == 3 ? jb_restriction_from_key(fields[0]) : -1;

    if (restriction < 0)
        return;
    code.restriction = (enum jb_restriction_id)restriction;
    code.is_in_cases = strcmp(fields[1], "1") == 0;
    (void)snprintf(code.text, sizeof code.text, "%s", fields[2]);
    walk->each(walk->context, &code);
}

void jb_case_codes(jb_code_fn each, void *context)
{
    struct code_walk walk = {each, context};

    jb_case__rows("codes.csv", 3, code_row, &walk);
}

struct code_search {
    const char *text;
    size_t n;
    enum jb_restriction_id restriction;
};

static void search_code(void *context, const struct jb_code *code)
{
    struct code_search *const search = context;

    if (strcmp(code->text, search->text) != 0)
        return;
    search->n++;
    search->restriction = code->restriction;
}

bool jb_case__restriction_of_code(const char *code, enum jb_restriction_id *ret)
{
    struct code_search search = {.text = code};

    jb_case_codes(search_code, &search);
    if (search.n != 1)
        return false;
    *ret = search.restriction;
    return true;
}

/* --- who said what --------------------------------------------------------------------------------------------- */

static struct person *person_of(struct people *people, const char *name,
                                enum jb_perspective perspective)
{
    for (size_t i = 0; i < people->n; i++)
        if (strcmp(people->list[i].name, name) == 0 && people->list[i].perspective == perspective)
            return &people->list[i];
    if (people->n == PEOPLE_MAX) {
        people->is_full = true;
        return NULL;
    }
    struct person *const person = &people->list[people->n++];
    *person = (struct person){.perspective = perspective};
    (void)snprintf(person->name, sizeof person->name, "%s", name);
    return person;
}

static void expert_row(void *context, char *const *fields, size_t n)
{
    const int perspective = n == 4 ? jb_perspective_from_name(fields[1]) : -1;
    const int restriction = n == 4 ? jb_restriction_from_key(fields[2]) : -1;
    int64_t times;

    if (perspective < 0 || restriction < 0 ||
        jb_parse_i64(fields[3], strlen(fields[3]), false, &times) < 0)
        return;
    struct person *const person = person_of(context, fields[0], (enum jb_perspective)perspective);
    if (person)
        person->counts[restriction] += times;
}

/* A case's own people are one column; each expert is one. */
static void count_case(const struct jb_case *one, const char *name, bool is_of_experts,
                       struct people *people)
{
    if (!is_of_experts)
        (void)person_of(people, name, JB_PERSPECTIVE_CASE);
    for (size_t i = 0; i < one->n_observations; i++) {
        const struct jb_observation *const seen = &one->observations[i];
        if ((seen->perspective != JB_PERSPECTIVE_CASE) != is_of_experts)
            continue;
        const char *const who = !is_of_experts         ? name
                                : seen->interviewee[0] ? seen->interviewee
                                                       : one->id;
        struct person *const person = person_of(people, who, seen->perspective);
        if (person)
            person->counts[seen->restriction] =
                jb_add_sat_i64(person->counts[seen->restriction], seen->times);
    }
}

static jb_rc gather_shipped(bool is_of_experts, struct people *people, struct jb_error *err)
{
    const char *name;

    if (is_of_experts) {
        jb_case__rows("experts.csv", 4, expert_row, people);
        return JB_OK;
    }
    for (size_t i = 0; (name = jb_case_shipped_name(i)); i++) {
        JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
        char column[16];
        const jb_rc rc = jb_case_open(name, &one, err);
        if (rc < 0)
            return rc;
        (void)snprintf(column, sizeof column, "case %zu", i + 1);
        count_case(one, column, false, people);
    }
    return JB_OK;
}

/* --- rows, columns, totals ------------------------------------------------------------------------------------- */

static size_t add_column(struct jb_cross *cross, const char *name)
{
    (void)snprintf(cross->columns[cross->n_columns], sizeof cross->columns[0], "%s", name);
    return cross->n_columns++;
}

static struct jb_cross_row *add_row(struct jb_cross *cross, const char *key, const char *title)
{
    struct jb_cross_row *const row = &cross->rows[cross->n_rows++];

    *row = (struct jb_cross_row){0};
    (void)snprintf(row->key, sizeof row->key, "%s", key);
    (void)snprintf(row->title, sizeof row->title, "%s", title);
    return row;
}

static void set(struct jb_cross_row *row, size_t column, int64_t value)
{
    row->has[column] = true;
    row->cells[column] = value;
}

static void add_restrictions(const struct table *table, struct jb_cross *cross)
{
    for (size_t r = table->first; r < table->end; r++)
        (void)add_row(cross, jb_restrictions[r].key, jb_restrictions[r].title);
}

static bool is_of(size_t restriction, enum jb_category category)
{
    return jb_restrictions[restriction].directions[category] != NULL;
}

static void add_categories(const struct table *table, struct jb_cross *cross)
{
    for (int c = 0; c < JB_CATEGORIES; c++) {
        const char name[2] = {jb_category_letter((enum jb_category)c), '\0'};
        if (c == JB_CATEGORY_P && !table->has_policy)
            continue;
        const size_t column = add_column(cross, name);
        for (size_t r = table->first; r < table->end; r++)
            set(&cross->rows[r - table->first], column, is_of(r, (enum jb_category)c));
    }
}

/* The same people counted together, for tables by perspective. */
static void merge_perspectives(struct people *people)
{
    struct people merged = {0};

    for (int p = 1; p < JB_PERSPECTIVES; p++)
        (void)person_of(&merged, jb_perspective_name((enum jb_perspective)p),
                        (enum jb_perspective)p);
    for (size_t i = 0; i < people->n; i++) {
        const struct person *const from = &people->list[i];
        struct person *const to =
            person_of(&merged, jb_perspective_name(from->perspective), from->perspective);
        for (size_t r = 0; to && r < JB_RESTRICTIONS; r++)
            to->counts[r] = jb_add_sat_i64(to->counts[r], from->counts[r]);
    }
    *people = merged;
}

static void add_people(const struct table *table, const struct people *people,
                       struct jb_cross *cross)
{
    for (size_t i = 0; i < people->n; i++) {
        const struct person *const person = &people->list[i];
        const size_t column = add_column(cross, person->name);
        for (size_t r = table->first; r < table->end; r++)
            set(&cross->rows[r - table->first], column,
                table->kind == KIND_COUNTS ? person->counts[r] : person->counts[r] > 0);
    }
}

static void add_row_totals(const struct table *table, struct jb_cross *cross)
{
    const size_t n = cross->n_columns;
    const size_t total = add_column(cross, "total");

    for (size_t i = 0; i < table->end - table->first; i++) {
        int64_t sum = 0;
        for (size_t c = 0; c < n; c++)
            sum = jb_add_sat_i64(sum, cross->rows[i].cells[c]);
        set(&cross->rows[i], total, sum);
    }
}

static void add_column_totals(const struct table *table, struct jb_cross *cross)
{
    struct jb_cross_row *const row = add_row(cross, "total", "total");

    for (size_t c = 0; c < cross->n_columns; c++) {
        int64_t sum = 0;
        for (size_t i = 0; i < table->end - table->first; i++)
            sum = jb_add_sat_i64(sum, cross->rows[i].cells[c]);
        set(row, c, sum);
    }
}

/* Of each column after the categories: how many of the restrictions seen are organisational, social, technical. */
static void add_category_totals(const struct table *table, size_t n_categories,
                                struct jb_cross *cross)
{
    for (int category = 0; category <= JB_CATEGORY_T; category++) {
        const char key[2] = {jb_category_letter((enum jb_category)category), '\0'};
        struct jb_cross_row *const row =
            add_row(cross, key, jb_category_name((enum jb_category)category));
        for (size_t c = n_categories; c < cross->n_columns; c++) {
            int64_t sum = 0;
            for (size_t r = table->first; r < table->end; r++)
                sum += is_of(r, (enum jb_category)category) ? cross->rows[r - table->first].cells[c]
                                                            : 0;
            set(row, c, sum);
        }
    }
}

struct code_count {
    const struct table *table;
    struct jb_cross *cross;
};

static void count_code(void *context, const struct jb_code *code)
{
    const struct code_count *const count = context;
    const size_t r = (size_t)code->restriction;

    if (r >= count->table->first && r < count->table->end &&
        (code->is_in_cases || !count->table->is_code_of_cases))
        count->cross->rows[r - count->table->first].cells[0]++;
}

/* --- against print --------------------------------------------------------------------------------------------- */

static void compare_row(void *context, char *const *fields, size_t n)
{
    struct jb_cross *const cross = context;
    int64_t printed;

    if (n != 4 || strcmp(fields[0], cross->id) != 0 ||
        jb_parse_i64(fields[3], strlen(fields[3]), false, &printed) < 0)
        return;
    for (size_t i = 0; i < cross->n_rows; i++)
        for (size_t c = 0; c < cross->n_columns; c++) {
            const struct jb_cross_row *const row = &cross->rows[i];
            if (!row->has[c] || strcmp(row->key, fields[1]) != 0 ||
                strcmp(cross->columns[c], fields[2]) != 0)
                continue;
            cross->n_printed++;
            if (printed == row->cells[c])
                continue;
            if (cross->n_differences < JB_CROSS_DIFFERENCES_MAX) {
                struct jb_cross_difference *const one = &cross->differences[cross->n_differences];
                (void)snprintf(one->row, sizeof one->row, "%s", row->key);
                (void)snprintf(one->column, sizeof one->column, "%s", cross->columns[c]);
                one->printed = printed;
                one->computed = row->cells[c];
            }
            cross->n_differences++;
        }
}

/* --- a table --------------------------------------------------------------------------------------------------- */

static jb_rc gather(const struct table *table, const struct jb_case *const *cases, size_t n_cases,
                    struct people *people, struct jb_error *err)
{
    if (!cases) {
        const jb_rc rc = gather_shipped(table->is_of_experts, people, err);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; cases && i < n_cases; i++)
        count_case(cases[i], cases[i]->id, table->is_of_experts, people);
    if (people->n == 0)
        return jb_fail(err, JB_E_NOT_FOUND,
                       "tables of experts need observations with 'perspective'",
                       "no observation of these cases belongs to table %s", table->id);
    if (table->is_by_perspective)
        merge_perspectives(people);
    /* Four categories and a total stand beside them. */
    if (people->is_full || people->n > JB_CROSS_COLUMNS_MAX - JB_CATEGORIES - 1)
        return jb_fail(err, JB_E_RANGE, "give fewer cases", "table %s holds %d columns at most",
                       table->id, JB_CROSS_COLUMNS_MAX - JB_CATEGORIES - 1);
    return JB_OK;
}

static jb_rc fill(const struct table *table, const struct jb_case *const *cases, size_t n_cases,
                  struct jb_cross *cross, struct jb_error *err)
{
    struct people people = {0};
    size_t n_categories;

    add_restrictions(table, cross);
    if (table->kind == KIND_CODES) {
        struct code_count count = {table, cross};
        const size_t column = add_column(cross, "codes");
        for (size_t i = 0; i < cross->n_rows; i++)
            set(&cross->rows[i], column, 0);
        jb_case_codes(count_code, &count);
        add_column_totals(table, cross);
        return JB_OK;
    }
    if (table->kind != KIND_COUNTS)
        add_categories(table, cross);
    n_categories = cross->n_columns;
    if (table->kind != KIND_CATEGORIES) {
        const jb_rc rc = gather(table, cases, n_cases, &people, err);
        if (rc < 0)
            return rc;
        add_people(table, &people, cross);
    }
    if (table->kind == KIND_COUNTS)
        add_row_totals(table, cross);
    add_column_totals(table, cross);
    if (table->kind == KIND_BINARY && !table->has_policy)
        add_category_totals(table, n_categories, cross);
    return JB_OK;
}

jb_rc jb_cross_make(const char *id, const struct jb_case *const *cases, size_t n_cases,
                    struct jb_cross *ret, struct jb_error *err)
{
    const struct table *const table = find_table(id);

    if (!table)
        return jb_fail(err, JB_E_INPUT, "`joulebook case tables` lists them",
                       "there is no table '%s'", id);
    JB_AUTO(jb_free_auto) struct jb_cross *cross = calloc(1, sizeof *cross);
    if (!cross)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the table");
    cross->id = table->id;
    cross->title = table->title;
    const jb_rc rc = fill(table, cases, n_cases, cross, err);
    if (rc < 0)
        return rc;
    if (!cases) {
        cross->note = table->note;
        jb_case__rows("printed.csv", 4, compare_row, cross);
    }
    *ret = *cross;
    return JB_OK;
}
