/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line to the text that is kept of it: secrets become `***`, the rest is quoted for a shell. Rules
 * R-PRIVACY-03 to R-PRIVACY-07. Must never look anything up, and rather takes too much away than too little: but
 * checksums, small numbers and names of columns and special tokens stay.
 */
#include "cli/redact.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/clean.h"

#define HIDDEN   "***"
#define TEXT_MAX 4096
#define LOOK_MAX \
    512 /* bytes of a possible secret that are looked at before deciding; all of it is taken */

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

/* --- letters ---------------------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || is_lower(c);
}

static bool is_name(char c)
{
    return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_quote(char c)
{
    return c == '\'' || c == '"' || c == '`';
}

static char lower(char c)
{
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t n_end = strlen(end);

    return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

/* --- R-PRIVACY-03: names whose value is a secret ---------------------------------------------------------------- */

enum level {
    PLAIN,
    WEAK,   /* token, key, auth, pass: small numbers and yes or no stay */
    STRONG, /* password, secret ...: nothing stays */
    LOGIN,  /* the word after `login`, if it is long and made by a machine */
    BEARER,
};

#define WORD_MAX  32
#define WORDS_MAX 8

struct words {
    char word[WORDS_MAX][WORD_MAX];
    size_t n;
};

/* "--hf-apiToken" to hf, api, token. */
static void split_name(const char *name, size_t len, struct words *ret)
{
    size_t used = 0;
    char before = '-';

    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < len; i++) {
        const bool is_apart = !is_alnum(name[i]) || (is_upper(name[i]) && is_lower(before));
        if (is_apart && used > 0 && ret->n + 1 < WORDS_MAX) {
            ret->n++;
            used = 0;
        }
        before = name[i];
        if (!is_alnum(name[i]))
            continue;
        /* Of a longer word its end counts. */
        if (used + 1 >= WORD_MAX)
            memmove(ret->word[ret->n], ret->word[ret->n] + 1, --used);
        ret->word[ret->n][used++] = lower(name[i]);
        ret->word[ret->n][used] = '\0';
    }
    if (used > 0)
        ret->n++;
}

static enum level level_of_word(const struct words *words, size_t i)
{
    static const char *const strong[] = {"authorization", "bearer", "cookie",
                                         "cookies",       "jwt",    "otp"};
    static const char *const strong_within[] = {"secret",   "passwd", "password",  "passphrase",
                                                "passcode", "pwd",    "credential"};
    static const char *const strong_at_end[] = {"sig", "signature"};
    /* Before "token": of a vocabulary; before "key": of a table. */
    static const char *const of_vocabulary[] = {"pad",   "bos", "eos",   "unk", "mask", "cls",
                                                "sep",   "max", "min",   "num", "new",  "special",
                                                "image", "per", "start", "end"};
    static const char *const of_table[] = {"sort", "img",     "image",   "caption", "label",
                                           "text", "primary", "foreign", "public",  "group",
                                           "join", "index",   "metric",  "column",  "partition"};
    const char *const word = words->word[i];
    const char *const before = i > 0 ? words->word[i - 1] : "";

    if (is_one_of(word, strong, JB_ARRAY_LEN(strong)) ||
        (i + 1 == words->n && is_one_of(word, strong_at_end, JB_ARRAY_LEN(strong_at_end))))
        return STRONG;
    for (size_t k = 0; k < JB_ARRAY_LEN(strong_within); k++)
        if (strstr(word, strong_within[k]))
            return STRONG;
    if (ends_with(word, "token") || ends_with(word, "tokens"))
        return is_one_of(before, of_vocabulary, JB_ARRAY_LEN(of_vocabulary)) ? PLAIN : WEAK;
    if (ends_with(word, "key") || ends_with(word, "keys"))
        return is_one_of(before, of_table, JB_ARRAY_LEN(of_table)) ? PLAIN : WEAK;
    return ends_with(word, "auth") || strcmp(word, "pass") == 0 ? WEAK : PLAIN;
}

static enum level level_of_name(const char *name, size_t len)
{
    /* `--token-file PATH` tells where the secret is, not what it is. */
    static const char *const of_place[] = {"file", "path", "dir", "folder", "env"};
    struct words words;
    enum level level = PLAIN;

    if (len == 5 && strncasecmp(name, "login", 5) == 0)
        return LOGIN;
    if (len == 6 && strncasecmp(name, "bearer", 6) == 0)
        return BEARER;
    split_name(name, len, &words);
    if (words.n > 1 && is_one_of(words.word[words.n - 1], of_place, JB_ARRAY_LEN(of_place)))
        return PLAIN;
    for (size_t i = 0; i < words.n; i++) {
        const enum level of_word = level_of_word(&words, i);
        if (of_word > level)
            level = of_word;
    }
    return level;
}

/* Whether a value of this length under a name of this level must not be seen. */
static bool is_hidden(const char *value, size_t len, enum level level)
{
    static const char *const harmless[] = {"true", "false", "none", "null", "yes", "no", "auto"};
    size_t n_digits = 0;
    size_t n_number = 0;
    size_t n_word = 0;

    for (size_t i = 0; i < len; i++) {
        n_digits += is_digit(value[i]) ? 1 : 0;
        n_number += is_digit(value[i]) || (value[i] != '\0' && strchr(".eE+-", value[i])) ? 1 : 0;
        n_word += is_alnum(value[i]) || value[i] == '_' || value[i] == '-' ? 1 : 0;
    }
    if (level == LOGIN)
        return len >= 20 && n_word == len && n_digits > 0;
    if (level == BEARER)
        return len >= 8;
    if (level == WEAK && len <= 6 && n_digits > 0 && n_number == len)
        return false;
    for (size_t i = 0; level == WEAK && i < JB_ARRAY_LEN(harmless); i++)
        if (strlen(harmless[i]) == len && strncasecmp(value, harmless[i], len) == 0)
            return false;
    return len > 0;
}

/* --- R-PRIVACY-04: secrets known by their form ------------------------------------------------------------------ */

enum letters {
    ALNUM,
    WORD,  /* and '_' */
    DASH,  /* and '_', '-' */
    POINT, /* and '_', '-', '.' */
    UPPER, /* capital letters and digits */
};

static bool is_in(char c, enum letters letters)
{
    if (letters == UPPER)
        return is_upper(c) || is_digit(c);
    return is_alnum(c) || (letters >= WORD && c == '_') || (letters >= DASH && c == '-') ||
           (letters == POINT && c == '.');
}

static size_t span(const char *text, size_t len, enum letters letters)
{
    size_t n = 0;

    while (n < len && is_in(text[n], letters))
        n++;
    return n;
}

static const struct {
    const char *begin;
    enum letters letters;
    size_t least; /* letters after it */
} forms[] = {
    {"hf_", ALNUM, 16},      {"api_org_", ALNUM, 16}, {"github_pat_", WORD, 16},
    {"ghp_", ALNUM, 16},     {"gho_", ALNUM, 16},     {"ghu_", ALNUM, 16},
    {"ghs_", ALNUM, 16},     {"ghr_", ALNUM, 16},     {"glpat-", POINT, 16},
    {"gldt-", POINT, 16},    {"glrt-", POINT, 16},    {"glcbt-", POINT, 16},
    {"glptt-", POINT, 16},   {"glsoat-", POINT, 16},  {"AKIA", UPPER, 16},
    {"ASIA", UPPER, 16},     {"AIza", DASH, 30},      {"ya29.", DASH, 16},
    {"xoxa-", DASH, 10},     {"xoxb-", DASH, 10},     {"xoxe-", DASH, 10},
    {"xoxe.", POINT, 16},    {"xoxp-", DASH, 10},     {"xoxr-", DASH, 10},
    {"xoxs-", DASH, 10},     {"xapp-", DASH, 16},     {"sk_live_", ALNUM, 16},
    {"sk_test_", ALNUM, 16}, {"rk_live_", ALNUM, 16}, {"rk_test_", ALNUM, 16},
    {"npm_", ALNUM, 30},     {"pypi-", DASH, 60},     {"dckr_pat_", DASH, 16},
    {"dop_v1_", ALNUM, 32},  {"SG.", POINT, 40},      {"r8_", ALNUM, 30},
    {"gsk_", ALNUM, 30},     {"nvapi-", DASH, 30},    {"hvs.", DASH, 20},
    {"lsv2_", WORD, 30},     {"pcsk_", WORD, 30},     {"xai-", ALNUM, 30},
    {"pplx-", ALNUM, 30},    {"wandb_v1_", WORD, 30}, {"AGE-SECRET-KEY-1", UPPER, 30},
};

static bool begins(const char *text, size_t len, const char *with)
{
    const size_t n = strlen(with);

    return len >= n && memcmp(text, with, n) == 0;
}

/* "sk-" begins also names of scikit-learn experiments: a stretch of 12 letters and digits, not all of them letters. */
static bool is_sk(const char *text, size_t len)
{
    size_t n = 0;
    bool has_digit = false;

    for (size_t i = 3; i < len && i < LOOK_MAX && is_in(text[i], DASH); i++) {
        n = is_alnum(text[i]) ? n + 1 : 0;
        has_digit = n > 0 && (is_digit(text[i]) || (has_digit && n > 1));
        if (n >= 12 && has_digit)
            return true;
    }
    return false;
}

/* Three parts of base64url with points between, of which the first begins a JSON object. */
static size_t jwt(const char *text, size_t len)
{
    const size_t head = span(text, len, DASH);

    if (head < 11 || head >= len || text[head] != '.')
        return 0;
    return span(text + head + 1, len - head - 1, DASH) >= 8 ? span(text, len, POINT) : 0;
}

/* A long stretch that is no hexadecimal number and changes between the kinds of letters as only chance does. */
static size_t by_chance(const char *text, size_t len)
{
    const size_t n = span(text, len, ALNUM);
    const size_t n_looked = n < LOOK_MAX ? n : LOOK_MAX;
    size_t n_kind[3] = {0};
    size_t n_changes = 0;
    int before = -1;

    for (size_t i = 0; i < n_looked; i++) {
        const int kind = is_digit(text[i]) ? 0 : is_upper(text[i]) ? 1 : 2;
        n_kind[kind]++;
        n_changes += before >= 0 && kind != before ? 1 : 0;
        before = kind;
    }
    if (n < 32 || n_kind[0] < 3 || n_kind[1] < 3 || n_kind[2] < 3)
        return 0;
    return n_changes * 100 >= n_looked * 45 ? n : 0;
}

/* Bytes of the secret that begins here; 0: none does. */
static size_t known(const char *text, size_t len)
{
    static const char pem[] = "-----BEGIN ";

    if (begins(text, len, pem)) {
        const size_t n = len < 80 ? len : 80;
        return memmem(text, n, "PRIVATE KEY", 11) ? len : 0;
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(forms); i++) {
        const size_t n = strlen(forms[i].begin);
        if (!begins(text, len, forms[i].begin))
            continue;
        const size_t rest = span(text + n, len - n, forms[i].letters);
        if (rest >= forms[i].least)
            return n + rest;
    }
    if (begins(text, len, "sk-") && is_sk(text, len))
        return span(text, len, DASH);
    if (begins(text, len, "eyJ") && jwt(text, len) > 0)
        return jwt(text, len);
    return by_chance(text, len);
}

/* --- walking through a word ------------------------------------------------------------------------------------- */

static bool is_option(const char *text, size_t len)
{
    return (len >= 3 && text[0] == '-' && text[1] == '-' && is_alnum(text[2])) ||
           (len == 2 && text[0] == '-' && !is_digit(text[1]));
}

/* Where the value that begins at `at` ends. */
static size_t end_of_value(const char *text, size_t len, size_t at)
{
    while (at < len && !is_blank(text[at]) && !is_quote(text[at]) && text[at] != '\\' &&
           text[at] != '&' && text[at] != ';' && text[at] != '|')
        at++;
    return at;
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
static size_t take_named(const char *text, size_t len, size_t at, enum level *pending,
                         struct out *out)
{
    size_t end = at;

    while (end < len && is_name(text[end]))
        end++;
    const enum level level = level_of_name(text + at, end - at);
    const bool is_dashed = text[at] == '-' && end - at >= 3;
    const bool may_be_apart = is_dashed || level == LOGIN || level == BEARER;
    size_t value = level == PLAIN || level == LOGIN ? 0 : skip_equals(text, len, end);

    if (level == PLAIN)
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
        char quote = '\0';
        value = skip_scheme(text, len, value);
        value += value < len && text[value] == '\\' ? 1 : 0;
        if (value < len && is_quote(text[value]))
            quote = text[value++];
        value = skip_scheme(text, len, value);
        const char *const closed = quote ? memchr(text + value, quote, len - value) : NULL;
        stop = closed ? (size_t)(closed - text) : quote ? len : end_of_value(text, len, value);
    }
    if (!is_hidden(text + value, stop - value, level))
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
    const bool hides_user = user_end - from >= 20 || known(text + from, user_end - from) > 0;
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
static void redact_word(const char *text, enum level *pending, struct out *out)
{
    const size_t len = strlen(text);
    const enum level level = *pending;

    *pending = level == LOGIN && is_option(text, len) ? LOGIN : PLAIN;
    if (level != PLAIN && !is_option(text, len) && is_hidden(text, len, level)) {
        put_text(out, HIDDEN);
        return;
    }
    for (size_t at = 0; at < len && !out->is_cut;) {
        const char before = at > 0 ? text[at - 1] : ' ';
        size_t n = is_alnum(before) ? 0 : known(text + at, len - at);
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
        else if (!is_alnum(*c) && !strchr("_@%+=:,./-", *c) && (unsigned char)*c < 0x80)
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
    enum level pending = PLAIN;

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
    enum level pending = PLAIN;

    word[0] = '\0';
    redact_word(value, &pending, &out);
    jb_clean_copy(word, buf, size);
}
