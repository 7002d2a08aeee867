/* SPDX-License-Identifier: Apache-2.0 */
/* subject/proc_text on what kernels write, and on what they do not. */
#include "subject/proc_text.h"
#include "tap.h"

static jb_rc parse(const char *text, struct jb_proc_stat *stat)
{
    return jb_proc_stat_parse(text, strlen(text), stat);
}

static void test_stat(void)
{
    struct jb_proc_stat stat = {.pid = -7};
    /*       1  2   3 4 5 6 7 8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 */
    const char plain[] = "42 (sh) S 7 42 42 0 -1 4194304 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 "
                         "55 18446744073709551615 1\n";

    ok(parse(plain, &stat) == JB_OK, "a stat is read");
    is_i64(stat.pid, 42, "the pid");
    is_i64(stat.state, 'S', "the state");
    is_i64(stat.parent_pid, 7, "the parent");
    is_i64(stat.own_ticks, 120, "its own time is user and system time");
    is_i64(stat.waited_ticks, 3400, "its children's apart");
    is_i64(stat.start_ticks, 777, "the start");
    is_i64(stat.resident_pages, 55, "the resident pages");

    ok(parse("42 (a) b) S 9 (c) R 7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 55 1\n",
             &stat) == JB_OK &&
           stat.state == 'R' && stat.parent_pid == 7,
       "a name with brackets and blanks that looks like a stat does not deceive");
    ok(parse("42 (a\nb) R 7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 55 1\n",
             &stat) == JB_OK,
       "nor one with a newline");
    ok(parse("42 () R 7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 55", &stat) == JB_OK,
       "nor an empty one; the last field may end the text");

    stat.pid = -7;
    static const char *const refused[] = {
        "",
        "42",
        "42 (sh",
        "(sh) S 7",
        " (sh) S 7",
        "42 (sh) S 7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000",
        "x (sh) S 7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 55 1",
        "0 (sh) S 7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 55 1",
        "42 (sh) SS 7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 55 1",
        "42 (sh) S -7 42 42 0 -1 0 1 2 3 4 100 20 3000 400 20 0 1 0 777 1000 55 1",
        "42 (sh) S 7 42 42 0 -1 0 1 2 3 4 -100 20 3000 400 20 0 1 0 777 1000 55 1",
        "42 (sh) S 7 42 42 0 -1 0 1 2 3 4 1e2 20 3000 400 20 0 1 0 777 1000 55 1",
        ")(",
        "42 )sh( S 7",
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(refused); i++)
        ok(parse(refused[i], &stat) < 0 && stat.pid == -7, "refused, nothing filled in: %zu", i);
    is_i64(parse("42 (sh) S 7 42 42 0 -1 0 1 2 3 4 9223372036854775807 20 3000 400 20 0 1 0 777 "
                 "1000 55 1",
                 &stat),
           JB_E_RANGE, "two times that do not add up in 64 bits are out of range");
    is_i64(parse("3000000000 (sh) S 7 42 42 0 -1 0 1 2 3 4 1 20 3000 400 20 0 1 0 777 1000 55 1",
                 &stat),
           JB_E_RANGE, "so is a pid that is none");
}

static void test_value(void)
{
    static const char text[] = "Tgid:\t42\nNameless\nTgidX:\t1\nEmpty:\nLast: \t a b \t";
    const char *value = NULL;
    size_t len = 99;

    ok(jb_proc_value(text, strlen(text), "Tgid", &value, &len) == JB_OK && len == 2 &&
           memcmp(value, "42", 2) == 0,
       "a value is found without its blanks");
    ok(jb_proc_value(text, strlen(text), "Last", &value, &len) == JB_OK && len == 3 &&
           memcmp(value, "a b", 3) == 0,
       "also in the last line, unfinished");
    ok(jb_proc_value(text, strlen(text), "Empty", &value, &len) == JB_OK && len == 0,
       "an empty value is one");
    len = 99;
    ok(jb_proc_value(text, strlen(text), "Tgi", &value, &len) == JB_E_NOT_FOUND && len == 99,
       "half a key is no key");
    ok(jb_proc_value(text, strlen(text), "Nameless", &value, &len) == JB_E_NOT_FOUND,
       "a line without a colon has no value");
    ok(jb_proc_value("", 0, "Tgid", &value, &len) == JB_E_NOT_FOUND, "an empty text has none");
}

static void add(void *arg, int64_t first, int64_t last)
{
    *(int64_t *)arg += last - first + 1;
}

static void test_list(void)
{
    static const struct {
        const char *text;
        int64_t n;
    } lists[] = {{"0", 1}, {"0-3", 4}, {"0-3,8", 5}, {"1,3,5-5", 3}, {"", 0}};
    static const char *const refused[] = {",",   "0,",   ",0", "0-",  "-3",
                                          "3-1", "0--1", "a",  "0 1", "0-99999999999"};

    for (size_t i = 0; i < JB_ARRAY_LEN(lists); i++) {
        int64_t n = 0;
        ok(jb_cpu_list_parse(lists[i].text, strlen(lists[i].text), add, &n) == JB_OK &&
               n == lists[i].n,
           "'%s' is %d CPUs", lists[i].text, (int)lists[i].n);
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(refused); i++) {
        int64_t n = 0;
        ok(jb_cpu_list_parse(refused[i], strlen(refused[i]), add, &n) == JB_E_INPUT,
           "'%s' is no list", refused[i]);
    }
}

int main(void)
{
    test_stat();
    test_value();
    test_list();
    return done_testing();
}
