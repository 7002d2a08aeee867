/* SPDX-License-Identifier: Apache-2.0 */
/* Files to lines: ends of lines, bounds, what is no file; errors name file and line. R-IMPORT-02, R-IMPORT-08. */
#include "import_log.h"

struct seen {
    int n;
    struct jb_import_event last;
};

static jb_rc see(void *arg, const struct jb_import_parser *parser,
                 const struct jb_import_event *event, struct jb_error *err)
{
    struct seen *const seen = arg;

    (void)parser;
    (void)err;
    seen->n++;
    seen->last = *event;
    return JB_OK;
}

static jb_rc read_log(const struct log_path *path, struct seen *seen, struct jb_hash *hash,
                      struct jb_error *err)
{
    *seen = (struct seen){0};
    return jb_import_read(&jb_import_csv_power, path->text, NULL, see, seen, hash, err);
}

static void test_table(void)
{
    ok(jb_import_format_find("mlperf-power") == &jb_import_mlperf_power, "a format by its name");
    ok(!jb_import_format_find("mlperf"), "by the whole of it");
    for (size_t i = 0; jb_import_formats[i]; i++)
        ok(jb_import_formats[i]->take_line && jb_import_formats[i]->summary,
           "%s: every member is there", jb_import_formats[i]->name);
}

static void test_lines(const struct book_folder *folder)
{
    static const char text[] = "\xEF\xBB\xBFunix_s,watts\r\n\r\n1715338800,5\n1715338801,7";
    const struct jb_hash_part part = {text, sizeof text - 1};
    const struct jb_hash want = jb_hash_parts(&part, 1);
    struct log_path path = log_text(folder, "a.csv", text);
    struct jb_error err = {0};
    struct jb_hash hash;
    struct seen seen;

    is_i64(read_log(&path, &seen, &hash, &err), JB_OK,
           "a mark, carriage returns and a last line without its end are read");
    ok(seen.n == 2 && seen.last.raw == 7000000, "every reading");
    ok(memcmp(hash.bytes, want.bytes, sizeof hash.bytes) == 0, "and the digest of the bytes");

    path = log_text(folder, "empty.csv", "");
    is_i64(read_log(&path, &seen, &hash, &err), JB_OK, "an empty file is read");
    is_i64(seen.n, 0, "and says nothing");
}

static void test_refused(const struct book_folder *folder)
{
    static char text[200000];
    struct log_path path;
    struct jb_error err = {0};
    struct jb_hash hash;
    struct seen seen;

    memset(text, '#', sizeof text);
    memcpy(text, "unix_s,watts\n", 13);
    path = log_write(folder, "long.csv", text, sizeof text);
    is_i64(read_log(&path, &seen, &hash, &err), JB_E_INPUT, "a line without an end is refused");
    ok(strstr(err.message, "long.csv' line 2: longer than 4096 bytes"), "at its line: %s",
       err.message);
    text[13 + JB_IMPORT_LINE_MAX] = '\n';
    path = log_write(folder, "long.csv", text, 13 + JB_IMPORT_LINE_MAX + 1);
    is_i64(read_log(&path, &seen, &hash, &err), JB_OK, "4096 bytes are a line");

    path = log_text(folder, "early.csv", "unix_s,watts\n1262303999,1\n");
    is_i64(read_log(&path, &seen, &hash, &err), JB_E_INPUT, "a time before 2010 (R-IMPORT-02)");
    ok(strstr(err.message, "line 2: its time is not between 2010 and 2046"), "%s", err.message);
    path = log_text(folder, "edge.csv", "unix_s,watts\n1262304000,1\n");
    is_i64(read_log(&path, &seen, &hash, &err), JB_OK, "2010 begins in time");
    path = log_text(folder, "ms.csv", "unix_s,watts\n1715338800000,1\n");
    is_i64(read_log(&path, &seen, &hash, &err), JB_E_INPUT, "milliseconds taken for seconds");

    path = log_text(folder, "none.csv", "");
    (void)unlink(path.text);
    is_i64(read_log(&path, &seen, &hash, &err), JB_E_NOT_FOUND, "a file that is not there");
    if (mkfifo(path.text, 0600) < 0)
        bail_out("cannot make a FIFO");
    is_i64(read_log(&path, &seen, &hash, &err), JB_E_INPUT, "a FIFO is not waited for");
}

static void count_bytes(void *arg, int64_t n_bytes)
{
    *(int64_t *)arg += n_bytes;
}

static void test_progress(const struct book_folder *folder)
{
    static char text[3 << 20];
    int64_t n_bytes = 0;
    const struct jb_import_progress progress = {count_bytes, &n_bytes};
    struct log_path path;
    struct jb_hash hash;
    struct seen seen = {0};

    memset(text, '\n', sizeof text);
    path = log_write(folder, "big.csv", text, sizeof text);
    is_i64(jb_import_read(&jb_import_csv_power, path.text, &progress, see, &seen, &hash, NULL),
           JB_OK, "three mebibytes of nothing");
    ok(n_bytes >= (2 << 20) && n_bytes <= (int64_t)sizeof text, "are told as they are read");
}

int main(void)
{
    const struct book_folder folder = book_new_folder();

    test_table();
    test_lines(&folder);
    test_refused(&folder);
    test_progress(&folder);
    book_remove_folder(&folder);
    return done_testing();
}
