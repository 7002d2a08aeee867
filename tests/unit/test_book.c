/* SPDX-License-Identifier: Apache-2.0 */
/* The table of books, and how what is no run is counted. R-BOOKS-04. */
#include "import_book.h"

static void test_table(void)
{
    for (size_t i = 0; jb_import_books[i]; i++) {
        const struct jb_import_book *const book = jb_import_books[i];
        const struct jb_import_asked asked = {.utc_offset_s = INT64_MIN};
        ok(book->name && book->summary && book->read, "'%s' is whole", book->name);
        ok(jb_import_book_find(book->name) == book, "and found by its name");
        is_i64(take_path(book->name, "/nonexistent/file", &asked), JB_E_NOT_FOUND,
               "a file that is not there");
        is_i64(take_path(book->name, "/tmp", &asked), JB_E_INPUT, "a folder is no file");
        is_i64(take_path(book->name, "/dev/null", &asked), JB_E_INPUT, "nor is a device");
    }
    ok(!jb_import_book_find("focus") && !jb_import_book_find(""), "others are not found");
}

static void test_leave(void)
{
    static struct jb_import_told told;
    char reason[32];

    jb_import_leave(&told, "a", 7);
    jb_import_leave(&told, "a", 9);
    ok(told.n_left == 1 && told.left[0].n == 2 && told.left[0].first_line == 7,
       "each reason once, with the first line");
    for (int i = 0; i < 100; i++) {
        (void)snprintf(reason, sizeof reason, "reason %d", i);
        jb_import_leave(&told, reason, 100 + i);
    }
    is_i64((int64_t)told.n_left, JB_IMPORT_REASONS_MAX, "the table is full");
    is_str(told.left[JB_IMPORT_REASONS_MAX - 1].reason, "other reasons",
           "its last place is others");
    is_i64(told.left[JB_IMPORT_REASONS_MAX - 1].n, 100 - (JB_IMPORT_REASONS_MAX - 2),
           "which counts all that have none");
    jb_import_leave(&told, "reason 3", 1);
    is_i64(told.left[4].n, 2, "those in the table still count");
}

int main(void)
{
    test_table();
    test_leave();
    return done_testing();
}
