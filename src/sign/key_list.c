/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys and what is known of them to the lines of a list and back (docs/format/key.md). Never takes a line that it does not
 * understand whole, nor a key twice: a key revoked on one line must not be good on another. R-KEY-05.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "sign/key_file.h"
#include "sign/note.h"

#define LINE_MAX_BYTES 512

void jb_key_list_text(const struct jb_listed_key *keys, size_t n, struct jb_buf *out)
{
    char vkey[JB_VKEY_TEXT];
    char utc[32];

    for (size_t i = 0; i < n; i++) {
        jb_buf_add_text(out, jb_vkey(&keys[i].key, vkey, sizeof vkey));
        if (keys[i].valid_from_utc_us != 0)
            jb_buf_addf(out, " from=%s",
                        jb_format_utc(keys[i].valid_from_utc_us, true, utc, sizeof utc));
        if (keys[i].revoked_utc_us != 0)
            jb_buf_addf(out, " revoked=%s reason=%s",
                        jb_format_utc(keys[i].revoked_utc_us, true, utc, sizeof utc),
                        keys[i].reason);
        jb_buf_add_u8(out, '\n');
    }
}

void jb_key_rotation_text(const char *fresh, const char *utc, const char *old, struct jb_buf *out)
{
    jb_buf_addf(out, "joulebook.key/1\npublic %s\nfrom %s\nreplaces %s\n", fresh, utc, old);
}

bool jb_key_rotation_holds(const char *fresh, const char *utc, const char *old,
                           const char *signature)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(4096);
    struct jb_public_key fresh_key;
    struct jb_public_key old_key;
    struct jb_note note;

    jb_key_rotation_text(fresh, utc, old, &text);
    return text.failed == JB_OK && jb_vkey_parse(fresh, &fresh_key, NULL) == JB_OK &&
           jb_vkey_parse(old, &old_key, NULL) == JB_OK &&
           jb_note_parse(signature, strlen(signature), &note, NULL) == JB_OK &&
           note.len == text.len && memcmp(note.text, text.bytes, text.len) == 0 &&
           jb_note_is_signed_by(&note, &old_key) && jb_note_is_signed_by(&note, &fresh_key);
}

/* Cuts the next word off; NULL at the end. */
static char *next_word(char **at)
{
    char *const word = *at;

    if (!word || *word == '\0')
        return NULL;
    char *const blank = strchr(word, ' ');
    if (blank)
        *blank = '\0';
    *at = blank ? blank + 1 : NULL;
    return word;
}

/* After NAME: a moment other than 0. */
static bool take_utc(const char *word, const char *name, int64_t *ret)
{
    const size_t len = strlen(name);

    return strncmp(word, name, len) == 0 &&
           jb_parse_utc(word + len, strlen(word + len), ret) == JB_OK && *ret != 0;
}

/* NULL, or what is wrong with the line, which is cut into pieces. */
static const char *take_line(char *line, struct jb_listed_key *ret)
{
    struct jb_listed_key key = {0};
    char *at = line;
    const char *word = next_word(&at);

    if (!jb_clean_is(line) || jb_vkey_parse(word ? word : "", &key.key, NULL) != JB_OK)
        return "it does not begin with the text of an Ed25519 key";
    word = next_word(&at);
    if (word && take_utc(word, "from=", &key.valid_from_utc_us))
        word = next_word(&at);
    if (word && take_utc(word, "revoked=", &key.revoked_utc_us)) {
        const size_t len = at ? strlen(at) : 0;
        if (len <= 7 || strncmp(at, "reason=", 7) != 0 || len - 7 >= sizeof key.reason ||
            !jb_clean_is(at))
            return "after revoked= comes reason= and at most 127 bytes";
        memcpy(key.reason, at + 7, len - 7);
        at = NULL;
        word = NULL;
    }
    if (word || at)
        return "after the key come from=UTC and revoked=UTC reason=TEXT, and nothing else";
    *ret = key;
    return NULL;
}

static bool is_listed(const struct jb_listed_key *keys, size_t n, const struct jb_listed_key *key)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(keys[i].key.bytes, key->key.bytes, sizeof key->key.bytes) == 0)
            return true;
    return false;
}

static jb_rc refuse(struct jb_error *err, size_t number, const char *why)
{
    return jb_fail(err, JB_E_INPUT, "joulebook key list -o FILE writes such a list",
                   "line %zu of the list of keys is refused: %s", number, why);
}

jb_rc jb_key_list_parse(const char *text, size_t len, struct jb_listed_key **ret_keys,
                        size_t *ret_n, struct jb_error *err)
{
    struct jb_listed_key *const keys = calloc(JB_KEY_LIST_MAX, sizeof *keys);
    size_t n = 0;
    size_t number = 0;
    const char *why = NULL;

    if (!keys)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left for a list of keys");
    for (size_t at = 0; at < len && !why;) {
        const char *const end = memchr(text + at, '\n', len - at);
        const size_t line_len = end ? (size_t)(end - (text + at)) : len - at;
        char line[LINE_MAX_BYTES] = "";
        struct jb_listed_key key;
        number++;
        if (line_len >= sizeof line || memchr(text + at, '\0', line_len)) {
            why = "it is too long, or no text";
        } else if (line_len > 0 && text[at] != '#') {
            memcpy(line, text + at, line_len);
            why = take_line(line, &key);
            if (!why && is_listed(keys, n, &key))
                why = "this key stands on a line above";
            else if (!why && n == JB_KEY_LIST_MAX)
                why = "there are more than 1,024 keys";
            else if (!why)
                keys[n++] = key;
        }
        at += line_len + 1;
    }
    if (why || n == 0) {
        free(keys);
        return why ? refuse(err, number, why)
                   : jb_fail(err, JB_E_INPUT, "joulebook key list -o FILE writes one",
                             "there is no key in the list");
    }
    *ret_keys = keys;
    *ret_n = n;
    return JB_OK;
}
