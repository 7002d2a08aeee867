/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of /proc about processes: see proc_text.h. It never reads past `len` and never fills in what is missing. */
#include "subject/proc_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/num.h"

/* Fields of proc_pid_stat(5), counted from 1. */
enum {
    FIELD_STATE = 3,
    FIELD_PARENT = 4,
    FIELD_UTIME = 14,
    FIELD_STIME = 15,
    FIELD_CUTIME = 16,
    FIELD_CSTIME = 17,
    FIELD_START = 22,
    FIELD_RSS = 24,
};

/* Cuts the next blank-separated word off the front; false at the end of the text. */
static bool next_word(const char **at, const char *end, const char **ret_word, size_t *ret_len)
{
    const char *from = *at;

    while (from < end && (*from == ' ' || *from == '\n'))
        from++;
    const char *to = from;
    while (to < end && *to != ' ' && *to != '\n')
        to++;
    *at = to;
    *ret_word = from;
    *ret_len = (size_t)(to - from);
    return to > from;
}

static jb_rc parse_in(const char *word, size_t len, int64_t low, int64_t high, int64_t *ret)
{
    int64_t value;
    const jb_rc rc = jb_parse_i64(word, len, false, &value);

    if (rc < 0)
        return rc;
    if (value < low || value > high)
        return JB_E_RANGE;
    *ret = value;
    return JB_OK;
}

/* One field after the name. Ticks are kept below 2^62, so that the sum of two fits. */
static jb_rc take_field(unsigned field, const char *word, size_t len, struct jb_proc_stat *stat)
{
    int64_t value = 0;
    jb_rc rc = JB_OK;

    switch (field) {
    case FIELD_STATE:
        if (len != 1)
            return JB_E_INPUT;
        stat->state = word[0];
        break;
    case FIELD_PARENT:
        rc = parse_in(word, len, 0, INT32_MAX, &value);
        stat->parent_pid = (int32_t)value;
        break;
    case FIELD_UTIME:
    case FIELD_STIME:
        rc = parse_in(word, len, 0, INT64_MAX / 2, &value);
        stat->own_ticks += value;
        break;
    case FIELD_CUTIME:
    case FIELD_CSTIME:
        rc = parse_in(word, len, 0, INT64_MAX / 2, &value);
        stat->waited_ticks += value;
        break;
    case FIELD_START:
        rc = parse_in(word, len, 0, INT64_MAX, &value);
        stat->start_ticks = value;
        break;
    case FIELD_RSS:
        rc = parse_in(word, len, 0, INT64_MAX, &value);
        stat->resident_pages = value;
        break;
    default: break;
    }
    return rc;
}

jb_rc jb_proc_stat_parse(const char *text, size_t len, struct jb_proc_stat *ret_stat)
{
    struct jb_proc_stat stat = {.pid = 0};
    const char *const end = text + len;
    const char *const open = len > 0 ? memchr(text, '(', len) : NULL;
    const char *const close = len > 0 ? memrchr(text, ')', len) : NULL;
    const char *word;
    size_t word_len;
    int64_t pid;

    if (!open || !close || close < open || open == text || open[-1] != ' ')
        return JB_E_INPUT;
    const jb_rc pid_rc = parse_in(text, (size_t)(open - text) - 1, 1, INT32_MAX, &pid);
    if (pid_rc < 0)
        return pid_rc;
    stat.pid = (int32_t)pid;

    const char *at = close + 1;
    for (unsigned field = FIELD_STATE; field <= FIELD_RSS; field++) {
        if (!next_word(&at, end, &word, &word_len))
            return JB_E_INPUT;
        const jb_rc rc = take_field(field, word, word_len, &stat);
        if (rc < 0)
            return rc;
    }
    *ret_stat = stat;
    return JB_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

jb_rc jb_proc_value(const char *text, size_t len, const char *key, const char **ret_value,
                    size_t *ret_len)
{
    const size_t key_len = strlen(key);

    for (size_t from = 0; from < len;) {
        const char *const line = text + from;
        const char *const newline = memchr(line, '\n', len - from);
        const size_t line_len = newline ? (size_t)(newline - line) : len - from;

        from += line_len + 1;
        if (line_len <= key_len || line[key_len] != ':' || memcmp(line, key, key_len) != 0)
            continue;
        const char *value = line + key_len + 1;
        size_t value_len = line_len - key_len - 1;
        while (value_len > 0 && is_blank(value[0])) {
            value++;
            value_len--;
        }
        while (value_len > 0 && is_blank(value[value_len - 1]))
            value_len--;
        *ret_value = value;
        *ret_len = value_len;
        return JB_OK;
    }
    return JB_E_NOT_FOUND;
}

jb_rc jb_cpu_list_parse(const char *text, size_t len, jb_cpu_range_fn fn, void *arg)
{
    for (size_t from = 0; from < len;) {
        const char *const range = text + from;
        const char *const comma = memchr(range, ',', len - from);
        const size_t range_len = comma ? (size_t)(comma - range) : len - from;
        const char *const dash = range_len > 0 ? memchr(range, '-', range_len) : NULL;
        const size_t first_len = dash ? (size_t)(dash - range) : range_len;
        int64_t first;
        int64_t last;

        if (parse_in(range, first_len, 0, INT32_MAX, &first) < 0)
            return JB_E_INPUT;
        last = first;
        if (dash && parse_in(dash + 1, range_len - first_len - 1, first, INT32_MAX, &last) < 0)
            return JB_E_INPUT;
        fn(arg, first, last);
        from += range_len + 1;
        if (comma && from >= len)
            return JB_E_INPUT; /* a comma promises another range */
    }
    return JB_OK;
}
