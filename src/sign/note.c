/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts to C2SP signed notes and back. Never says that a text is true: only jb_note_is_signed_by does, for one key. Stricter than the
 * specification in two things: no control characters beyond ASCII either, and no two signatures under one name and id. R-SIGN-06.
 */
#include "sign/note.h"

#include <string.h>

#include "base/base64.h"
#include "base/clean.h"

#define NOTE_MAX      ((size_t)1 << 20)
#define SIGNATURE_MAX 8192 /* bytes; the post-quantum ones have nearly 5,000 */
#define ID_BYTES      4
#define DASH          "\xe2\x80\x94 " /* U+2014 and a blank */
#define DASH_LEN      (sizeof DASH - 1)

static jb_rc not_a_note(struct jb_error *err, const char *why)
{
    return jb_fail(err, JB_E_INPUT, "ask for it again: it was changed or cut on its way",
                   "this is not a signed note: %s", why);
}

static bool is_text(const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        const size_t n = bytes[at] == '\n' ? 1 : jb_clean_character(bytes + at, len - at);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

/* One line without its line feed. */
static bool take_line(const char *line, size_t len, struct jb_note_signature *ret)
{
    uint8_t bytes[SIGNATURE_MAX];
    struct jb_note_signature signature = {0};
    size_t n;

    if (len <= DASH_LEN || memcmp(line, DASH, DASH_LEN) != 0)
        return false;
    line += DASH_LEN;
    len -= DASH_LEN;
    const char *const blank = memchr(line, ' ', len);
    const size_t name_len = blank ? (size_t)(blank - line) : 0;
    if (!jb_key_name_is(line, name_len) ||
        jb_base64_decode(blank + 1, len - name_len - 1, bytes, sizeof bytes, &n) != JB_OK ||
        n <= ID_BYTES)
        return false;
    memcpy(signature.name, line, name_len);
    signature.key_id =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    signature.is_known = n == ID_BYTES + JB_SIGNATURE_SIZE;
    if (signature.is_known)
        memcpy(signature.signature, bytes + ID_BYTES, JB_SIGNATURE_SIZE);
    *ret = signature;
    return true;
}

static const struct jb_note_signature *find(const struct jb_note *note, const char *name,
                                            uint32_t key_id)
{
    for (size_t i = 0; i < note->n_signatures; i++)
        if (note->signatures[i].key_id == key_id && strcmp(note->signatures[i].name, name) == 0)
            return &note->signatures[i];
    return NULL;
}

jb_rc jb_note_parse(const char *bytes, size_t len, struct jb_note *ret, struct jb_error *err)
{
    struct jb_note note = {.text = bytes};
    size_t at = len;

    if (len > NOTE_MAX)
        return not_a_note(err, "it has more than 1 MiB");
    if (len == 0 || bytes[len - 1] != '\n' || !is_text(bytes, len))
        return not_a_note(err, "it has no last line, or bytes that are not text");
    /* The last blank line parts the text from the signatures. */
    while (at >= 2 && !(bytes[at - 1] == '\n' && bytes[at - 2] == '\n'))
        at--;
    if (at < 3 || at == len)
        return not_a_note(err, "there is no text, no blank line or no signature");
    note.len = at - 1;

    while (at < len) {
        const char *const end = memchr(bytes + at, '\n', len - at);
        const size_t line_len = (size_t)(end - (bytes + at));
        struct jb_note_signature signature;
        if (note.n_signatures == JB_NOTE_SIGNATURES_MAX)
            return not_a_note(err, "it has more than 16 signatures");
        if (!take_line(bytes + at, line_len, &signature))
            return not_a_note(err, "a line after the blank one is not a signature");
        if (find(&note, signature.name, signature.key_id))
            return not_a_note(err, "a key signed it twice");
        note.signatures[note.n_signatures++] = signature;
        at += line_len + 1;
    }
    *ret = note;
    return JB_OK;
}

bool jb_note_is_signed_by(const struct jb_note *note, const struct jb_public_key *key)
{
    const struct jb_note_signature *const signature = find(note, key->name, jb_key_id(key));

    return signature && signature->is_known &&
           jb_signature_holds(key, note->text, note->len, signature->signature);
}

void jb_note_sign_line(const char *text, size_t len, const struct jb_secret_key *key,
                       struct jb_buf *out)
{
    const uint32_t id = jb_key_id(&key->public);
    uint8_t bytes[ID_BYTES + JB_SIGNATURE_SIZE] = {(uint8_t)(id >> 24), (uint8_t)(id >> 16),
                                                   (uint8_t)(id >> 8), (uint8_t)id};

    jb_sign(key, text, len, bytes + ID_BYTES);
    jb_buf_addf(out, DASH "%s ", key->public.name);
    jb_base64_add(out, bytes, sizeof bytes);
    jb_buf_add_u8(out, '\n');
}

jb_rc jb_note_sign(const char *text, size_t len, const struct jb_secret_key *key,
                   struct jb_buf *out, struct jb_error *err)
{
    if (len < 2 || text[len - 1] != '\n' || !is_text(text, len))
        return jb_fail(err, JB_E_INPUT, NULL, "a note is text that ends in a line feed");
    jb_buf_add(out, text, len);
    jb_buf_add_u8(out, '\n');
    jb_note_sign_line(text, len, key, out);
    if (out->failed)
        return jb_fail(err, out->failed, NULL, "no room for a signed note");
    return JB_OK;
}
