/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line to the text that is kept of it: secrets become `***`, the rest is quoted for a shell. Rules
 * R-PRIVACY-05 to R-PRIVACY-07; what a secret is says cli/secret.c. Must never show a part of one.
 */
#include "cli/redact.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "cli/secret.h"

#define HIDDEN   "***"
#define TEXT_MAX 4096

struct out {
    char *bytes;
    size_t size, len;
    bool is_cut;
};

static void put(struct out *out, const char *bytes, size_t len)
{
    if (out->is_cut || len >= out->size - out->len) {
        out->is_cut = true;
        return;
    }
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
    out->bytes[out->len] = '\0';
}

static void put_text(struct out *out, const char *text)
{
    put(out, text, strlen(text));
}

static bool is_name(char c)
{
    return jb_clean_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_quote(char c)
{
    return c == '\'' || c == '"' || c == '`';
}

static bool begins(const char *text, size_t len, const char *with)
{
    const size_t n = strlen(with);

    return len >= n && memcmp(text, with, n) == 0;
}

/* --- walking through a word ------------------------------------------------------------------------------------- */

static bool is_option(const char *text, size_t len)
{
    return (len >= 3 && text[0] == '-' && text[1] == '-' && jb_clean_is_alnum(text[2])) ||
           (len == 2 && text[0] == '-' && !strchr("0123456789", text[1]));
}

/* Where the value that begins at `at` ends: a blank, a quote, escaped or not, or what ends a word in a shell or URL. */
static size_t end_of_value(const char *text, size_t len, size_t at)
{
    while (at < len && !is_blank(text[at]) && !is_quote(text[at]) &&
           !(text[at] == '\\' && at + 1 < len && is_quote(text[at + 1])) && text[at] != '&' &&
           text[at] != ';' && text[at] != '|')
        at++;
    return at;
}

/* The same between quotes; if the one that opened was escaped, the one that closes is. */
static size_t end_of_quoted(const char *text, size_t len, size_t from, char quote, bool is_escaped)
{
    for (size_t at = from; at < len; at++) {
        const bool has_slash = at > from && text[at - 1] == '\\';
        if (text[at] == quote && has_slash == is_escaped)
            return is_escaped ? at - 1 : at;
    }
    return len;
}

static size_t skip_blanks(const char *text, size_t len, size_t at)
{
    while (at < len && is_blank(text[at]))
        at++;
    return at;
}

/* Between a name that ends at `at` and its value: `=`, `: `, `": "`. Where the value begins, 0 if none does. */
static size_t skip_equals(const char *text, size_t len, size_t at)
{
    const size_t name_end = at;

    at += at < len && text[at] == '\\' ? 1 : 0;
    at += at < len && is_quote(text[at]) ? 1 : 0;
    at = skip_blanks(text, len, at);
    if (at >= len || (text[at] != '=' && text[at] != ':') || begins(text + at, len - at, "://"))
        return 0;
    /* A shell's `TOKEN= command` has an empty value. */
    const bool may_be_apart = text[at] == ':' || at > name_end;
    at += begins(text + at, len - at, ":=") || begins(text + at, len - at, "==") ? 2 : 1;
    return may_be_apart ? skip_blanks(text, len, at) : at;
}

/* `Bearer X` in a header: the scheme may be seen. */
static size_t skip_scheme(const char *text, size_t len, size_t at)
{
    static const char *const schemes[] = {"bearer ", "basic ", "token ", "digest ", "apikey "};

    for (size_t i = 0; i < JB_ARRAY_LEN(schemes); i++)
        if (len - at > strlen(schemes[i]) &&
            strncasecmp(text + at, schemes[i], strlen(schemes[i])) == 0)
            return skip_blanks(text, len, at + strlen(schemes[i]));
    return at;
}

/*
 * A name at `at` and the value that follows it. Bytes taken and put out, 0: nothing to hide here. A name that ends
 * the word leaves its level in *pending for the next word.
 */
static size_t take_named(const char *text, size_t len, size_t at, enum jb_secret_level *pending,
                         struct out *out)
{
    size_t end = at;

    while (end < len && is_name(text[end]))
        end++;
    const enum jb_secret_level level = jb_secret_level_of(text + at, end - at);
    const bool is_dashed = text[at] == '-' && end - at >= 3;
    const bool may_be_apart = is_dashed || level == JB_SECRET_LOGIN || level == JB_SECRET_BEARER;
    size_t value =
        level == JB_SECRET_NONE || level == JB_SECRET_LOGIN ? 0 : skip_equals(text, len, end);

    if (level == JB_SECRET_NONE)
        return 0;
    const bool is_assigned = value > 0;
    if (!is_assigned) {
        if (!may_be_apart)
            return 0;
        value = skip_blanks(text, len, end);
        if (value == len) {
            *pending = level;
            return 0;
        }
        if (value == end || is_option(text + value, end_of_value(text, len, value) - value))
            return 0;
    }
    /* `--token=X` and `TOKEN=X` as a word of their own: the shell has taken its quotes away, X is all that follows. */
    size_t stop = len;
    if (!is_assigned || at > 0 || text[end] != '=') {
        value = skip_scheme(text, len, value);
        const bool is_escaped = value + 1 < len && text[value] == '\\';
        if (is_quote(text[value + (is_escaped ? 1 : 0)])) {
            const char quote = text[value + (is_escaped ? 1 : 0)];
            value = skip_scheme(text, len, value + (is_escaped ? 2 : 1));
            stop = end_of_quoted(text, len, value, quote, is_escaped);
        } else {
            stop = end_of_value(text, len, value);
        }
    }
    if (!jb_secret_is_value(text + value, stop - value, level))
        return 0;
    put(out, text + at, value - at);
    put_text(out, HIDDEN);
    return stop - at;
}

/* R-PRIVACY-05: `://user:password@` and `://token@`. Bytes taken and put out. */
static size_t take_url(const char *text, size_t len, size_t at, struct out *out)
{
    const size_t from = at + 3;
    size_t last_at = 0;
    size_t colon = 0;

    if (!begins(text + at, len - at, "://"))
        return 0;
    for (size_t i = from; i < len && !is_blank(text[i]) && !is_quote(text[i]) &&
                          !(text[i] == '/' || text[i] == '?' || text[i] == '#');
         i++) {
        if (text[i] == '@')
            last_at = i;
        else if (text[i] == ':' && colon == 0)
            colon = i;
    }
    if (last_at == 0)
        return 0;
    const bool has_password = colon > 0 && colon < last_at;
    const size_t user_end = has_password ? colon : last_at;
    const bool hides_user =
        user_end - from >= 20 || jb_secret_known(text + from, user_end - from) > 0;
    if (!has_password && !hides_user)
        return 0;
    put_text(out, "://");
    if (hides_user)
        put_text(out, HIDDEN);
    else
        put(out, text + from, user_end - from);
    if (has_password)
        put_text(out, ":" HIDDEN);
    return last_at - at;
}

/* One word of a command line, or one value. */
static void redact_word(const char *text, enum jb_secret_level *pending, struct out *out)
{
    const size_t len = strlen(text);
    const enum jb_secret_level level = *pending;

    *pending = level == JB_SECRET_LOGIN && is_option(text, len) ? JB_SECRET_LOGIN : JB_SECRET_NONE;
    if (level != JB_SECRET_NONE && !is_option(text, len) && jb_secret_is_value(text, len, level)) {
        put_text(out, HIDDEN);
        return;
    }
    for (size_t at = 0; at < len && !out->is_cut;) {
        const char before = at > 0 ? text[at - 1] : ' ';
        size_t n = jb_clean_is_alnum(before) ? 0 : jb_secret_known(text + at, len - at);
        if (n > 0) {
            put_text(out, HIDDEN);
            at += n;
            continue;
        }
        n = take_url(text, len, at, out);
        if (n == 0 && is_name(text[at]) && !is_name(before))
            n = take_named(text, len, at, pending, out);
        if (n == 0) {
            put(out, text + at, 1);
            n = 1;
        }
        at += n;
    }
}

/* --- quoting ---------------------------------------------------------------------------------------------------- */

/* Cuts at a whole character so that "..." fits; false once cut. */
static bool put_whole(struct out *out, const char *bytes, size_t len)
{
    if (!out->is_cut && len + 3 >= out->size - out->len) {
        memcpy(out->bytes + out->len, "...", 4);
        out->len += 3;
        out->is_cut = true;
    }
    if (out->is_cut)
        return false;
    put(out, bytes, len);
    return true;
}

static bool is_safe(const char *word)
{
    for (const char *c = word; *c; c++) {
        if (strncmp(c, HIDDEN, strlen(HIDDEN)) == 0)
            c += strlen(HIDDEN) - 1;
        else if (!jb_clean_is_alnum(*c) && !strchr("_@%+=:,./-", *c) && (unsigned char)*c < 0x80)
            return false;
    }
    return word[0] != '\0';
}

/* $'...': control characters and what is not UTF-8 as a shell reads them back. */
static void quote_bytes(const char *word, struct out *out)
{
    const size_t len = strlen(word);
    bool goes_on = put_whole(out, "$'", 2);

    for (size_t at = 0; goes_on && at < len;) {
        const size_t n = jb_clean_character(word + at, len - at);
        char escaped[8];
        if (n > 0 && word[at] != '\'' && word[at] != '\\') {
            goes_on = put_whole(out, word + at, n);
        } else {
            const int n_escaped =
                word[at] == '\n'   ? snprintf(escaped, sizeof escaped, "\\n")
                : word[at] == '\t' ? snprintf(escaped, sizeof escaped, "\\t")
                : n > 0            ? snprintf(escaped, sizeof escaped, "\\%c", word[at])
                        : snprintf(escaped, sizeof escaped, "\\x%02x", (unsigned char)word[at]);
            goes_on = put_whole(out, escaped, (size_t)n_escaped);
        }
        at += n > 0 ? n : 1;
    }
    if (goes_on)
        (void)put_whole(out, "'", 1);
}

static void quote(const char *word, struct out *out)
{
    const size_t len = strlen(word);
    const bool is_bare = is_safe(word);

    if (!jb_clean_is(word)) {
        quote_bytes(word, out);
        return;
    }
    bool goes_on = is_bare || put_whole(out, "'", 1);
    for (size_t at = 0; goes_on && at < len;) {
        const size_t n = jb_clean_character(word + at, len - at);
        goes_on = word[at] == '\'' ? put_whole(out, "'\\''", 4) : put_whole(out, word + at, n);
        at += n;
    }
    if (goes_on && !is_bare)
        (void)put_whole(out, "'", 1);
}

void jb_redact_command(char *const *argv, char *buf, size_t size)
{
    char word[TEXT_MAX];
    struct out out = {.bytes = buf, .size = size};
    enum jb_secret_level pending = JB_SECRET_NONE;

    buf[0] = '\0';
    for (size_t i = 0; argv[i] && !out.is_cut; i++) {
        struct out one = {.bytes = word, .size = sizeof word};
        word[0] = '\0';
        redact_word(argv[i], &pending, &one);
        if (i > 0 && !put_whole(&out, " ", 1))
            break;
        quote(word, &out);
        /* A word that did not fit by itself: nothing may look as if it followed it directly. */
        if (one.is_cut && !out.is_cut)
            (void)put_whole(&out, "...", size);
    }
}

void jb_redact_value(const char *value, char *buf, size_t size)
{
    char word[TEXT_MAX];
    struct out out = {.bytes = word, .size = sizeof word};
    enum jb_secret_level pending = JB_SECRET_NONE;

    word[0] = '\0';
    redact_word(value, &pending, &out);
    jb_clean_copy(word, buf, size);
}
