/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Envelopes to their one line of JSON and back. Read by a scan of the one form there is, never by a general reader of JSON: each part
 * has one spelling, so what is taken would be written again byte for byte. Never gives back an envelope of which a
 * signature does not hold, nor one that a key signed twice. R-SIGN-04, R-SIGN-05.
 */
#include "sign/dsse.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cursor.h"

#define ENVELOPE_MAX    ((size_t)256 << 20)
#define SIGNATURE_CHARS 88

void jb_dsse_release(struct jb_dsse *envelope)
{
    free(envelope->payload);
    *envelope = (struct jb_dsse){0};
}

void jb_dsse_pae(const char *type, const void *body, size_t len, struct jb_buf *out)
{
    jb_buf_addf(out, "DSSEv1 %zu %s %zu ", strlen(type), type, len);
    jb_buf_add(out, body, len);
}

static jb_rc no_room(struct jb_error *err)
{
    return jb_fail(err, JB_E_NOMEM, NULL, "no memory left for the envelope");
}

/* Printable ASCII that a string of JSON holds as it is. */
static bool is_type(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
            return false;
    return len > 0;
}

jb_rc jb_dsse_sign(struct jb_dsse *envelope, const struct jb_secret_key *key, struct jb_error *err)
{
    const size_t n = envelope->n_signatures;
    char vkey[JB_VKEY_TEXT];
    char other[JB_VKEY_TEXT];
    size_t at = n > 0 ? 1 : 0;

    if (n == JB_DSSE_SIGNATURES_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "the envelope has %d signatures, the most it can",
                       JB_DSSE_SIGNATURES_MAX);
    for (size_t i = 0; i < n; i++)
        if (memcmp(envelope->signatures[i].key.bytes, key->public.bytes, JB_PUBLIC_BYTES) == 0)
            return jb_fail(err, JB_E_CONFLICT, "a second party signs with a key of its own",
                           "the key '%s' has signed this already", key->public.name);
    jb_vkey(&key->public, vkey, sizeof vkey);
    while (at < n && strcmp(jb_vkey(&envelope->signatures[at].key, other, sizeof other), vkey) < 0)
        at++;

    JB_AUTO(jb_buf_release) struct jb_buf pae = JB_BUF(ENVELOPE_MAX);
    jb_dsse_pae(envelope->payload_type, envelope->payload, envelope->payload_len, &pae);
    if (pae.failed)
        return no_room(err);
    for (size_t i = n; i > at; i--)
        envelope->signatures[i] = envelope->signatures[i - 1];
    envelope->signatures[at].key = key->public;
    jb_sign(key, pae.bytes, pae.len, envelope->signatures[at].bytes);
    envelope->n_signatures = n + 1;
    return JB_OK;
}

jb_rc jb_dsse_encode(const struct jb_dsse *envelope, struct jb_buf *out, struct jb_error *err)
{
    char vkey[JB_VKEY_TEXT];

    if (!is_type(envelope->payload_type, strlen(envelope->payload_type)) ||
        envelope->n_signatures == 0)
        return jb_fail(err, JB_E_INTERNAL, NULL, "an envelope needs a type and a signature");
    jb_buf_add_text(out, "{\"payload\":\"");
    jb_base64_add(out, envelope->payload, envelope->payload_len);
    jb_buf_addf(out, "\",\"payloadType\":\"%s\",\"signatures\":[", envelope->payload_type);
    for (size_t i = 0; i < envelope->n_signatures; i++) {
        jb_buf_addf(out, "%s{\"keyid\":\"%s\",\"sig\":\"", i > 0 ? "," : "",
                    jb_vkey(&envelope->signatures[i].key, vkey, sizeof vkey));
        jb_base64_add(out, envelope->signatures[i].bytes, JB_SIGNATURE_SIZE);
        jb_buf_add_text(out, "\"}");
    }
    jb_buf_add_text(out, "]}\n");
    return out->failed ? no_room(err) : JB_OK;
}

/* The text must come next. */
static void expect(struct jb_cursor *cursor, const char *text)
{
    const size_t len = strlen(text);
    const uint8_t *const bytes = jb_cursor_bytes(cursor, len);

    if (bytes && memcmp(bytes, text, len) != 0)
        cursor->failed = true;
}

/* What stands before the next quotation mark, which is taken as well. */
static const char *quoted(struct jb_cursor *cursor, size_t *ret_len)
{
    const uint8_t *const end = cursor->failed ? NULL : memchr(cursor->at, '"', cursor->left);

    *ret_len = 0;
    if (!end) {
        cursor->failed = true;
        return NULL;
    }
    *ret_len = (size_t)(end - cursor->at);
    const char *const text = (const char *)jb_cursor_bytes(cursor, *ret_len);
    (void)jb_cursor_u8(cursor);
    return text;
}

static void take_signature(struct jb_cursor *cursor, struct jb_dsse_signature *ret)
{
    char vkey[JB_VKEY_TEXT] = "";
    size_t len;
    size_t n;

    expect(cursor, "{\"keyid\":\"");
    const char *text = quoted(cursor, &len);
    if (text && len < sizeof vkey && !memchr(text, '\0', len))
        memcpy(vkey, text, len);
    expect(cursor, ",\"sig\":\"");
    text = quoted(cursor, &len);
    expect(cursor, "}");
    if (cursor->failed || jb_vkey_parse(vkey, &ret->key, NULL) != JB_OK || len != SIGNATURE_CHARS ||
        jb_base64_decode(text, len, ret->bytes, sizeof ret->bytes, &n) != JB_OK ||
        n != sizeof ret->bytes)
        cursor->failed = true;
}

/* The signatures after the first are in order, and no key signed twice, be it under two names. */
static bool is_in_order(const struct jb_dsse *envelope)
{
    char a[JB_VKEY_TEXT];
    char b[JB_VKEY_TEXT];

    for (size_t i = 1; i < envelope->n_signatures; i++) {
        const struct jb_public_key *const key = &envelope->signatures[i].key;
        for (size_t k = 0; k < i; k++)
            if (memcmp(envelope->signatures[k].key.bytes, key->bytes, JB_PUBLIC_BYTES) == 0)
                return false;
        if (i > 1 && strcmp(jb_vkey(&envelope->signatures[i - 1].key, a, sizeof a),
                            jb_vkey(key, b, sizeof b)) >= 0)
            return false;
    }
    return true;
}

/* All but the payload, whose base64 is pointed to. */
static bool scan(const char *bytes, size_t len, struct jb_dsse *envelope, const char **ret_payload,
                 size_t *ret_len)
{
    struct jb_cursor cursor = jb_cursor_over(bytes, len);
    size_t type_len;

    expect(&cursor, "{\"payload\":\"");
    *ret_payload = quoted(&cursor, ret_len);
    expect(&cursor, ",\"payloadType\":\"");
    const char *const type = quoted(&cursor, &type_len);
    if (type && type_len < sizeof envelope->payload_type && is_type(type, type_len))
        memcpy(envelope->payload_type, type, type_len);
    else
        cursor.failed = true;
    expect(&cursor, ",\"signatures\":[");
    do {
        if (envelope->n_signatures == JB_DSSE_SIGNATURES_MAX)
            cursor.failed = true;
        else
            take_signature(&cursor, &envelope->signatures[envelope->n_signatures++]);
    } while (jb_cursor_u8(&cursor) == ',');
    if (!cursor.failed && cursor.at[-1] != ']')
        cursor.failed = true;
    expect(&cursor, "}\n");
    return !cursor.failed && cursor.left == 0 && is_in_order(envelope);
}

jb_rc jb_dsse_decode(const char *bytes, size_t len, struct jb_dsse *ret, struct jb_error *err)
{
    struct jb_dsse envelope = {0};
    const char *text;
    size_t text_len;
    size_t n = 0;

    if (len > ENVELOPE_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "an envelope of more than 256 MiB is not read");
    if (!scan(bytes, len, &envelope, &text, &text_len))
        return jb_fail(err, JB_E_INPUT, "ask for the file again: it was changed or cut on its way",
                       "this is not a DSSE envelope in its canonical form");

    char *const payload = malloc(text_len / 4 * 3 + 1);
    if (!payload)
        return no_room(err);
    if (jb_base64_decode(text, text_len, payload, text_len / 4 * 3, &n) != JB_OK) {
        free(payload);
        return jb_fail(err, JB_E_INPUT, "ask for the file again: it was changed on its way",
                       "the payload of the envelope is not base64");
    }
    payload[n] = '\0';
    envelope.payload = payload;
    envelope.payload_len = n;

    JB_AUTO(jb_buf_release) struct jb_buf pae = JB_BUF(ENVELOPE_MAX);
    jb_dsse_pae(envelope.payload_type, payload, n, &pae);
    jb_rc rc = pae.failed ? no_room(err) : JB_OK;
    for (size_t i = 0; rc == JB_OK && i < envelope.n_signatures; i++) {
        const struct jb_dsse_signature *const signature = &envelope.signatures[i];
        if (!jb_signature_holds(&signature->key, pae.bytes, pae.len, signature->bytes))
            rc = jb_fail(err, JB_E_DAMAGED, "the content or the signature was changed",
                         "the signature of '%s' does not hold", signature->key.name);
    }
    if (rc != JB_OK)
        jb_dsse_release(&envelope);
    else
        *ret = envelope;
    return rc;
}
