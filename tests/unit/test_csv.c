/* SPDX-License-Identifier: Apache-2.0 */
/* Records come out as RFC 4180 says, however the bytes are cut into chunks. R-CSV-01, R-CSV-02, R-CSV-03. */
#include "base/csv.h"

#include "base/buf.h"
#include "tap.h"

static const struct jb_csv_rules usual = {
    .delimiter = ',', .has_quotes = true, .fields_max = 4, .record_bytes_max = 6000};

/* All records as "[a|b][c]" with quoted fields in ''; the error's message where it failed. */
static void read_all(const struct jb_csv_rules *rules, const char *bytes, size_t len, size_t chunk,
                     struct jb_buf *ret)
{
    JB_AUTO(jb_csv_free_auto) struct jb_csv *csv = NULL;
    struct jb_error err = {0};
    size_t at = 0;

    if (jb_csv_new(rules, &csv, NULL) < 0)
        return;
    for (;;) {
        enum jb_csv_got got = JB_CSV_END;
        const struct jb_csv_field *fields = NULL;
        size_t n = 0;
        if (jb_csv_next(csv, "f", &got, &fields, &n, &err) < 0) {
            jb_buf_addf(ret, "! %s", err.message);
            return;
        }
        if (got == JB_CSV_END)
            return;
        if (got == JB_CSV_MORE) {
            const size_t more = len - at < chunk ? len - at : chunk;
            jb_csv_feed(csv, bytes + at, more, at + more == len);
            at += more;
            continue;
        }
        for (size_t i = 0; i < n; i++)
            jb_buf_addf(ret, fields[i].is_quoted ? "%s'%s'" : "%s%s", i == 0 ? "[" : "|",
                        fields[i].len == strlen(fields[i].text) ? fields[i].text : "LENGTH");
        jb_buf_add_text(ret, "]");
    }
}

static void reads(const struct jb_csv_rules *rules, const char *bytes, const char *want,
                  const char *promise)
{
    bool is_same = true;
    for (size_t chunk = 1; chunk <= strlen(bytes) + 1; chunk++) {
        JB_AUTO(jb_buf_release) struct jb_buf got = JB_BUF(100000);
        read_all(rules, bytes, strlen(bytes), chunk, &got);
        if (strcmp(jb_buf_text(&got), want) != 0) {
            diag("in chunks of %zu: %s", chunk, jb_buf_text(&got));
            is_same = false;
            break;
        }
    }
    ok(is_same, "%s, in chunks of any size", promise);
}

static void taken(void)
{
    reads(&usual, "a,b\nc,d\n", "[a|b][c|d]", "two records of two fields");
    reads(&usual, "a,b\r\nc,d", "[a|b][c|d]", "CRLF, and no end of line at the end");
    reads(&usual, "a,b\r\nc,d\r", "[a|b][c|d]", "a file that was cut between CR and LF");
    reads(&usual,
          "\xef\xbb\xbf"
          "a,b\n",
          "[a|b]", "the byte order mark is no text");
    reads(&usual, "\xef\xbc\xa1,b\n", "[\xef\xbc\xa1|b]", "a character that begins like the mark");
    reads(&usual, ",\n,,\n", "[|][||]", "fields with nothing in them");
    reads(&usual, "a,\n", "[a|]", "a delimiter at the end has an empty field behind it");
    reads(&usual, "a,", "[a|]", "also at the end of the file");
    reads(&usual, "\n\r\n\na\n\n", "[a]", "blank lines are no records");
    reads(&usual, "\n\n", "", "not even one of them");
    reads(&usual, "", "", "an empty file has no record");
    reads(&usual, "\"\"\n", "['']", "a quoted nothing is a text");
    reads(&usual, "\"a,b\",\"c\r\nd\",\"e\"\"f\",\"\"\"\"\n", "['a,b'|'c\r\nd'|'e\"f'|'\"']",
          "delimiter, line end and quotes in quotes");
    reads(&(struct jb_csv_rules){'|', false, 4, 100}, "5\"|\"a|b\n", "[5\"|\"a|b]",
          "without quotes a quote is a byte like any other, and any delimiter will do");
    reads(&usual, "1,2,3,4\n", "[1|2|3|4]", "as many fields as allowed");
    reads(&(struct jb_csv_rules){',', true, 4, 6}, "ab,cd,ef\n", "[ab|cd|ef]",
          "as many bytes as allowed");
}

static void refused(void)
{
    reads(&usual, "a,b\nc,x\"y\n",
          "[a|b]! f:2:4: a quote within a field that does not begin with one",
          "a quote in the middle");
    reads(&usual, "\"a\"b\n", "! f:1:4: text after the closing quote of a field",
          "text behind a quoted field");
    reads(&usual, "a\nb,\"c\nd\n", "[a]! f:2:3: the quote that begins here is never closed",
          "an open quote is told where it begins");
    reads(&usual, "a\rb\n", "! f:1:3: a carriage return without a line feed", "a lone CR");
    reads(&usual, "\"x\ny\",\"z\"z\n", "! f:2:7: text after the closing quote of a field",
          "a line end in quotes counts as a line");
    reads(&usual, "1,2,3,4,5\n", "! f:1:9: the record has more fields than are read here",
          "a field too many");
    reads(&(struct jb_csv_rules){',', true, 4, 6}, "ab,cd,efg\n",
          "! f:1:9: the record is longer than is read here", "a byte too many");

    JB_AUTO(jb_buf_release) struct jb_buf got = JB_BUF(1000);
    read_all(&usual, "a\0b\n", 4, 4, &got);
    is_str(jb_buf_text(&got), "! f:1:2: a NUL byte: this is no text in UTF-8", "a NUL is refused");
}

static void afterwards(void)
{
    JB_AUTO(jb_csv_free_auto) struct jb_csv *csv = NULL;
    enum jb_csv_got got = JB_CSV_RECORD;
    const struct jb_csv_field *fields = NULL;
    size_t n = 0;

    if (!ok(jb_csv_new(&usual, &csv, NULL) == JB_OK, "a reader is made"))
        return;
    jb_csv_feed(csv, "a,\"b\"\n\n", 7, true);
    ok(jb_csv_next(csv, "f", &got, &fields, &n, NULL) == JB_OK && got == JB_CSV_RECORD && n == 2 &&
           fields[1].line == 1 && fields[1].column == 3 && fields[1].len == 1,
       "a field knows where it begins");
    for (int i = 0; i < 3; i++)
        ok(jb_csv_next(csv, "f", &got, &fields, &n, NULL) == JB_OK && got == JB_CSV_END,
           "the end stays the end");

    jb_csv_free(csv);
    csv = NULL;
    if (!ok(jb_csv_new(&usual, &csv, NULL) == JB_OK, "another is made"))
        return;
    jb_csv_feed(csv, "a\"\nb\n", 5, true);
    ok(jb_csv_next(csv, "f", &got, &fields, &n, NULL) == JB_E_INPUT &&
           jb_csv_next(csv, "f", &got, &fields, &n, NULL) == JB_E_INPUT,
       "after a mistake nothing more is read");
}

static void long_record(void)
{
    static char bytes[5001];
    memset(bytes, 'x', sizeof bytes);
    bytes[5000] = '\n';
    bytes[2500] = ',';
    JB_AUTO(jb_buf_release) struct jb_buf got = JB_BUF(10000);
    read_all(&usual, bytes, sizeof bytes, 4096, &got);
    is_i64((int64_t)got.len, 5002, "a record longer than the first buffer comes whole");
    jb_csv_free(NULL);
}

int main(void)
{
    taken();
    refused();
    afterwards();
    long_record();
    return done_testing();
}
