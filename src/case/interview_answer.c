/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody writes to a question, as words: a value, a range, unknown, withheld, in English or Dutch (R-CASE-31). Must never
 * take a figure for another: Dutch words become English ones, everything else is left to model/quantity_text.h. Pure.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "base/compiler.h"
#include "case/interview.h"

/* --- answers of words ------------------------------------------------------------------------------------------ */

static const struct {
    const char *word;
    enum jb_known known;
} words[] = {
    {"unknown", JB_KNOWN_UNKNOWN},        {"not known", JB_KNOWN_UNKNOWN},
    {"don't know", JB_KNOWN_UNKNOWN},     {"onbekend", JB_KNOWN_UNKNOWN},
    {"niet bekend", JB_KNOWN_UNKNOWN},    {"weet ik niet", JB_KNOWN_UNKNOWN},
    {"withheld", JB_KNOWN_WITHHELD},      {"confidential", JB_KNOWN_WITHHELD},
    {"vertrouwelijk", JB_KNOWN_WITHHELD},
};

/* True where the text is one of the words, alone or with ": what was said about it". */
static bool take_word(const char *text, enum jb_known *ret_known, const char **ret_rest)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++) {
        const size_t n = strlen(words[i].word);
        if (strncasecmp(text, words[i].word, n) != 0)
            continue;
        const char *rest = text + n + strspn(text + n, " ");
        if (*rest && *rest != ':')
            continue;
        rest += *rest == ':';
        *ret_rest = rest + strspn(rest, " ");
        *ret_known = words[i].known;
        return true;
    }
    return false;
}

/* Where a range is divided: its left end, and how long the mark is; NULL: no range. */
static const char *divided(const char *text, bool is_figure, size_t *ret_len)
{
    static const char *const marks[] = {"..", " to ", " tot ", " t/m "};

    for (size_t i = 0; i < (is_figure ? JB_ARRAY_LEN(marks) : 1); i++) {
        const char *const at = strstr(text, marks[i]);
        const size_t len = strlen(marks[i]);
        /* Three points are no range, and a range has figures at both ends. */
        if (!at || at == text || at[len] == '.' || strpbrk(text, "0123456789") != text ||
            strcspn(at + len, "0123456789") != strspn(at + len, " "))
            continue;
        *ret_len = len;
        return at;
    }
    return NULL;
}

static void copy_end(const char *from, size_t n, char *buf, size_t size)
{
    while (n > 0 && from[n - 1] == ' ')
        n--;
    (void)snprintf(buf, size, "%.*s", (int)n, from);
}

/* R-KNOWN-04: a unit after the last number is that of both. */
static bool take_range(const char *text, bool is_figure, struct jb_case_answer *answer)
{
    size_t len = 0;
    const char *const at = divided(text, is_figure, &len);

    if (!at)
        return false;
    const char *const high = at + len + strspn(at + len, " ");
    const size_t n_low = (size_t)(at - text), n_number = strspn(text, "0123456789., ");
    const char *const unit = high + strspn(high, "0123456789.,");
    const size_t n_unit = n_number >= n_low ? strlen(unit) : 0;
    if (n_low + n_unit >= sizeof answer->low || strlen(high) >= sizeof answer->high)
        return false;
    copy_end(text, n_low, answer->low, sizeof answer->low);
    const size_t n = strlen(answer->low);
    (void)snprintf(answer->low + n, sizeof answer->low - n, "%.*s", (int)n_unit, unit);
    (void)snprintf(answer->high, sizeof answer->high, "%s", high);
    answer->known = JB_KNOWN_RANGE;
    return true;
}

/* What stands in quotes is the text itself, whatever it says. */
static bool is_quoted(const char *text, size_t n)
{
    return n >= 2 && (*text == '\'' || *text == '"') && text[n - 1] == *text &&
           memchr(text + 1, *text, n - 2) == NULL;
}

jb_rc jb_interview_words(const char *text, bool is_figure, struct jb_case_answer *ret,
                         struct jb_error *err)
{
    struct jb_case_answer answer = {.known = JB_KNOWN_VALUE, .is_told = true};
    size_t n = strlen(text);
    const char *rest = text;
    const bool is_itself = is_quoted(text, n);

    if (is_itself) { /* a file keeps no blanks at the end of a text */
        rest += 1 + strspn(text + 1, " ");
        n = (size_t)(text + n - 1 - rest);
        while (n > 0 && rest[n - 1] == ' ')
            n--;
    }
    if (n == 0)
        return jb_fail(err, JB_E_INPUT, NULL, "nothing is written");
    if (n >= sizeof answer.text)
        return jb_fail(err, JB_E_INPUT, "shorten it", "the answer is longer than %zu bytes",
                       sizeof answer.text - 1);
    if (is_itself)
        (void)snprintf(answer.text, sizeof answer.text, "%.*s", (int)n, rest);
    else if (take_word(text, &answer.known, &rest) || !take_range(text, is_figure, &answer))
        (void)snprintf(answer.text, sizeof answer.text, "%s", rest);
    *ret = answer;
    return JB_OK;
}

/* --- figures --------------------------------------------------------------------------------------------------- */

/* Longer ones first where one begins with another. */
static const struct {
    const char *dutch, *english;
} figures[] = {
    {"ten hoogste", "<="},
    {"hoogstens", "<="},
    {"maximaal", "<="},
    {"minder dan", "<"},
    {"ten minste", "at least"},
    {"tenminste", "at least"},
    {"minstens", "at least"},
    {"minimaal", "at least"},
    {"meer dan", "more than"},
    {"ongeveer", "about"},
    {"zo'n", "about"},
    {"een halve", "half"},
    {"een half", "half"},
    {"halve", "half"},
    {"niet bekend", "unknown"},
    {"weet ik niet", "unknown"},
    {"don't know", "unknown"},
    {"onbekend", "unknown"},
    {"vertrouwelijk", "withheld"},
    {"procent", "%"},
    {"uren", "h"},
    {"uur", "h"},
    {"dagen", "d"},
    {"dag", "d"},
    {"weken", "weeks"},
    {"minuten", "min"},
    {"minuut", "min"},
    {"seconden", "s"},
    {"seconde", "s"},
    {"tot", ".."},
    {"t/m", ".."},
};

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

const char *jb_interview_figure(const char *text, char *buf, size_t size)
{
    size_t at = 0;

    for (const char *from = text; *from && at + 1 < size;) {
        size_t i = JB_ARRAY_LEN(figures);
        if (from == text || !is_letter(from[-1]))
            for (i = 0; i < JB_ARRAY_LEN(figures); i++) {
                const size_t n = strlen(figures[i].dutch);
                if (strncasecmp(from, figures[i].dutch, n) == 0 && !jb_clean_is_alnum(from[n]))
                    break;
            }
        if (i == JB_ARRAY_LEN(figures)) {
            buf[at++] = *from++;
            continue;
        }
        /* "tot 6000 uur" is a bound, "360 tot 672 uur" a range. */
        const bool is_bound = from == text && strcmp(figures[i].english, "..") == 0;
        const int n = snprintf(buf + at, size - at, "%s", is_bound ? "<=" : figures[i].english);
        at = n < 0 || (size_t)n >= size - at ? size - 1 : at + (size_t)n;
        from += strlen(figures[i].dutch);
    }
    buf[at] = '\0';
    return buf;
}
