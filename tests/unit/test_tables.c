/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-20 and -21: totals by hand from the thesis, and every place where print differs. */
#include "../tap.h"

#include "case/tables.h"

static struct jb_cross cross;

static int64_t cell(const char *row, const char *column)
{
    for (size_t i = 0; i < cross.n_rows; i++)
        for (size_t c = 0; c < cross.n_columns; c++)
            if (strcmp(cross.rows[i].key, row) == 0 && strcmp(cross.columns[c], column) == 0)
                return cross.rows[i].has[c] ? cross.rows[i].cells[c] : -1;
    return -2;
}

static void make(const char *id)
{
    struct jb_error err = {0};

    ok(jb_cross_make(id, NULL, 0, &cross, &err) == JB_OK, "table %s is made", id);
    if (err.message[0])
        diag("%s", err.message);
}

static void differs(const char *row, const char *column, int64_t printed, int64_t computed)
{
    bool is_there = false;

    for (size_t i = 0; i < cross.n_differences; i++)
        is_there = is_there || (strcmp(cross.differences[i].row, row) == 0 &&
                                strcmp(cross.differences[i].column, column) == 0 &&
                                cross.differences[i].printed == printed &&
                                cross.differences[i].computed == computed);
    ok(is_there, "%s, %s, %s: %lld is printed and %lld right", cross.id, row, column,
       (long long)printed, (long long)computed);
}

static void test_as_printed(void)
{
    /* As many cells as print has: none is left uncompared. */
    static const struct {
        const char *id;
        int64_t n_cells;
    } same[] = {{"6.1", 30}, {"6.2", 82}, {"7.3", 49}, {"9.2", 30}, {"9.3", 28}, {"D.1", 50}};

    for (size_t i = 0; i < JB_ARRAY_LEN(same); i++) {
        make(same[i].id);
        is_i64((int64_t)cross.n_printed, same[i].n_cells, "every printed cell is compared");
        is_i64((int64_t)cross.n_differences, 0, "and is the same");
    }
}

static void test_experts(void)
{
    /* Rows of print, with the two providers added by hand. */
    static const struct {
        const char *row;
        int64_t printed, right;
    } rows[] = {{"complexity", 4, 7},     {"conflicts", 2, 9},  {"innovation", 4, 7},
                {"provider_tools", 0, 6}, {"incentive", 6, 7},  {"knowledge", 3, 4},
                {"awareness", 9, 12},     {"evaluation", 1, 3}, {"provider_information", 0, 4},
                {"hardware", 9, 11},      {"total", 66, 98}};

    make("D.2");
    is_i64((int64_t)cross.n_printed, 112, "every cell of D.2 is compared");
    is_i64((int64_t)cross.n_differences, JB_ARRAY_LEN(rows), "eleven differ");
    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++)
        differs(rows[i].row, "total", rows[i].printed, rows[i].right);
    is_i64(cell("total", "expert 3"), 22, "a column's total is as printed");
}

static void test_others(void)
{
    make("7.2");
    is_i64((int64_t)cross.n_differences, 1, "one cell of 7.2 differs");
    differs("S", "provider", 7, 6);
    make("6.5");
    is_i64((int64_t)cross.n_differences, 2, "two of 6.5");
    differs("training_time", "O", 0, 1);
    differs("training_time", "S", 1, 0);
    make("C.1");
    differs("total", "codes", 37, 36);
    make("C.3");
    is_i64(cell("science_tools", "codes"), 12, "codes of C.3 are counted by restriction");
    is_i64(cell("total", "codes"), 105, "all of them");
    make("6.2");
    is_i64(cell("O", "case 1"), 4, "case 1 shows four organisational ones");
    is_i64(cell("total", "case 2"), 9, "case 2 all nine");
    make("D.1");
    is_i64(cell("total", "total"), 105, "105 codings in the cases");
}

static void test_own(void)
{
    static const char text[] =
        "case: mine\ntitle: b\nobservations:\n- {restriction: hardware, times: 3}\n"
        "- {restriction: hardware}\n- {restriction: updating, perspective: provider}\n";
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    struct jb_error err = {0};

    ok(jb_case_parse("f", text, strlen(text), &one, NULL) == JB_OK, "a case of one's own");
    const struct jb_case *const cases[] = {one};
    ok(jb_cross_make("D.1", cases, 1, &cross, &err) == JB_OK, "has a table");
    is_i64(cell("hardware", "mine"), 4, "with its sums");
    is_i64(cell("updating", "mine"), 0, "of its own people alone");
    is_i64((int64_t)cross.n_printed, 0, "which no print is held against");
    ok(jb_cross_make("7.2", cases, 1, &cross, &err) == JB_OK, "and one by perspective");
    is_i64(cell("updating", "provider"), 1, "with what the provider said");
    is_i64(cell("hardware", "provider"), 0, "and not what the case did");
    ok(jb_cross_make("D.3", NULL, 0, &cross, &err) == JB_E_INPUT,
       "a table that is none is refused");
    one->n_observations = 2;
    ok(jb_cross_make("D.2", cases, 1, &cross, &err) == JB_E_NOT_FOUND,
       "a table of experts without experts is none");
}

int main(void)
{
    test_as_printed();
    test_experts();
    test_others();
    test_own();
    return done_testing();
}
