/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign files to lines and values, at their edges. R-BOOKS-02, R-BOOKS-03. */
#include "import/book_int.h"
#include "import_book.h"

static struct book_folder folder;
static size_t n_lines, last_len;

static jb_rc count(void *arg, const char *line, size_t len, struct jb_error *err)
{
    (void)arg;
    (void)line;
    (void)err;
    n_lines++;
    last_len = len;
    return JB_OK;
}

static jb_rc lines_of(const char *bytes, size_t len)
{
    static char path[768];
    struct jb_error err = {0};
    struct book book = {.path = path};
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/lines", folder.path);
    file = fopen(path, "we");
    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        bail_out("cannot write lines");
    n_lines = 0;
    return book__lines(&book, count, NULL, &err);
}

static void test_lines(void)
{
    const size_t size = BOOK__LINE_MAX + 2;
    char *const longest = malloc(size);

    if (!longest)
        bail_out("no memory");
    ok(lines_of("a\r\nbc\n\nd", 8) == JB_OK && n_lines == 4 && last_len == 1, "four lines");
    ok(lines_of("\xEF\xBB\xBFxy\n", 6) == JB_OK && n_lines == 1 && last_len == 2,
       "a byte order mark is no part of the first");
    ok(lines_of("", 0) == JB_OK && n_lines == 0, "none");
    memset(longest, 'x', size);
    longest[BOOK__LINE_MAX - 1] = '\n';
    ok(lines_of(longest, BOOK__LINE_MAX) == JB_OK && n_lines == 1, "as long as may be");
    longest[BOOK__LINE_MAX - 1] = 'x';
    is_i64(lines_of(longest, size), JB_E_INPUT, "too long a line is refused");
    free(longest);
}

static void test_values(void)
{
    static const char *const absent[] = {"", "None", "nan", "NaN", "NULL", "Unknown", "n/a"};
    int64_t uj = 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(absent); i++)
        ok(book__is_absent(absent[i], strlen(absent[i])), "'%s' is absent", absent[i]);
    ok(!book__is_absent("0", 1) && !book__is_absent("nano", 4), "0 is a value (R-BOOKS-02)");
    ok(book__kwh("1", 1, &uj) == JB_OK && uj == KWH_UJ, "a kWh");
    ok(book__kwh("0.0000000000003", 15, &uj) == JB_OK && uj == 1, "a microjoule");
    ok(book__kwh("1234567.0000000000003", 21, &uj) == JB_OK && uj == 1234567 * KWH_UJ,
       "above 922 MWh to 3.6 uJ");
    ok(book__kwh("5e-06", 5, &uj) == JB_OK && uj == 18000000, "as Python writes small ones");
    ok(book__kwh("-1", 2, &uj) < 0 && book__kwh("inf", 3, &uj) < 0 && book__kwh("1e9", 3, &uj) < 0,
       "negative, endless and vast ones are none");
}

static void test_times(void)
{
    struct jb_import_asked asked = {.utc_offset_s = INT64_MIN};
    struct book book = {.path = "x", .asked = &asked};
    int64_t us = 0;

    ok(book__time(&book, "2024-05-10T11:00:00Z", 20, &us) == JB_OK && !book.is_local_time &&
           us == INT64_C(1715338800) * SECOND,
       "with a zone");
    ok(book__time(&book, "2024-05-10T11:00:00", 19, &us) == JB_OK && book.is_local_time,
       "without one");
    asked.utc_offset_s = -7200;
    ok(book__time(&book, "2024-05-10T11:00:00", 19, &us) == JB_OK &&
           us == INT64_C(1715346000) * SECOND,
       "two hours west of UTC are two hours later there (R-BOOKS-03)");
    ok(book__time(&book, "1970-01-01T00:00:00Z", 20, &us) == JB_E_RANGE, "1970 is a clock not set");
}

int main(void)
{
    folder = book_new_folder();
    test_lines();
    test_values();
    test_times();
    book_remove_folder(&folder);
    return done_testing();
}
