/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names whose value is a secret, and secrets that are known by their form (R-PRIVACY-03, R-PRIVACY-04). Must never look
 * anything up; in doubt it is a secret, but checksums, small numbers and names of columns and special tokens are none.
 */
#include "cli/secret.h"

#include <string.h>
#include <strings.h>

#include "base/clean.h"

/* Bytes of a possible secret that are looked at before deciding; all of it is taken. */
#define LOOK_MAX 512

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
        const bool is_apart =
            !jb_clean_is_alnum(name[i]) || (is_upper(name[i]) && is_lower(before));
        if (is_apart && used > 0 && ret->n + 1 < WORDS_MAX) {
            ret->n++;
            used = 0;
        }
        before = name[i];
        if (!jb_clean_is_alnum(name[i]))
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

static enum jb_secret_level level_of_word(const struct words *words, size_t i)
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
        return JB_SECRET_STRONG;
    for (size_t k = 0; k < JB_ARRAY_LEN(strong_within); k++)
        if (strstr(word, strong_within[k]))
            return JB_SECRET_STRONG;
    if (ends_with(word, "token") || ends_with(word, "tokens"))
        return is_one_of(before, of_vocabulary, JB_ARRAY_LEN(of_vocabulary)) ? JB_SECRET_NONE
                                                                             : JB_SECRET_WEAK;
    if (ends_with(word, "key") || ends_with(word, "keys"))
        return is_one_of(before, of_table, JB_ARRAY_LEN(of_table)) ? JB_SECRET_NONE
                                                                   : JB_SECRET_WEAK;
    return ends_with(word, "auth") || strcmp(word, "pass") == 0 ? JB_SECRET_WEAK : JB_SECRET_NONE;
}

enum jb_secret_level jb_secret_level_of(const char *name, size_t len)
{
    /* `--token-file PATH` tells where the secret is, not what it is. */
    static const char *const of_place[] = {"file", "path", "dir", "folder", "env"};
    struct words words;
    enum jb_secret_level level = JB_SECRET_NONE;

    if (len == 5 && strncasecmp(name, "login", 5) == 0)
        return JB_SECRET_LOGIN;
    if (len == 6 && strncasecmp(name, "bearer", 6) == 0)
        return JB_SECRET_BEARER;
    split_name(name, len, &words);
    if (words.n > 1 && is_one_of(words.word[words.n - 1], of_place, JB_ARRAY_LEN(of_place)))
        return JB_SECRET_NONE;
    for (size_t i = 0; i < words.n; i++) {
        const enum jb_secret_level of_word = level_of_word(&words, i);
        if (of_word > level)
            level = of_word;
    }
    return level;
}

/* Whether a value of this length under a name of this level must not be seen. */
bool jb_secret_is_value(const char *value, size_t len, enum jb_secret_level level)
{
    static const char *const harmless[] = {"true", "false", "none", "null", "yes", "no", "auto"};
    size_t n_digits = 0;
    size_t n_number = 0;
    size_t n_word = 0;

    for (size_t i = 0; i < len; i++) {
        n_digits += is_digit(value[i]) ? 1 : 0;
        n_number += is_digit(value[i]) || (value[i] != '\0' && strchr(".eE+-", value[i])) ? 1 : 0;
        n_word += jb_clean_is_alnum(value[i]) || value[i] == '_' || value[i] == '-' ? 1 : 0;
    }
    if (level == JB_SECRET_LOGIN)
        return len >= 20 && n_word == len && n_digits > 0;
    if (level == JB_SECRET_BEARER)
        return len >= 8;
    if (level == JB_SECRET_WEAK && len <= 6 && n_digits > 0 && n_number == len)
        return false;
    for (size_t i = 0; level == JB_SECRET_WEAK && i < JB_ARRAY_LEN(harmless); i++)
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
    return jb_clean_is_alnum(c) || (letters >= WORD && c == '_') || (letters >= DASH && c == '-') ||
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
        n = jb_clean_is_alnum(text[i]) ? n + 1 : 0;
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
size_t jb_secret_known(const char *text, size_t len)
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
