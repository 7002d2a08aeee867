/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and Ed25519 keys to vkeys and back, bytes to signatures (libsodium's). Never takes a second spelling of a key, never
 * lets a name through that a line, a list or a string of JSON would have to escape. R-SIGN-02, R-SIGN-03.
 */
#include "sign/key.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/clean.h"
#include "base/hash.h"

#define ALGORITHM_ED25519 0x01
#define ENCODED_BYTES     (1 + JB_PUBLIC_BYTES)
#define ENCODED_CHARS     44
#define ID_CHARS          8

_Static_assert(JB_PUBLIC_BYTES == crypto_sign_ed25519_PUBLICKEYBYTES &&
                   JB_SECRET_BYTES == crypto_sign_ed25519_SECRETKEYBYTES &&
                   JB_SIGNATURE_SIZE == crypto_sign_ed25519_BYTES &&
                   crypto_sign_ed25519_SEEDBYTES == 32,
               "the sizes are libsodium's");
_Static_assert(JB_VKEY_TEXT >= JB_KEY_NAME + ID_CHARS + ENCODED_CHARS + 2, "a vkey fits");

void jb_secret_key_wipe(struct jb_secret_key *key)
{
    sodium_memzero(key, sizeof *key);
}

/* What Unicode calls White_Space beyond ASCII and C1, which jb_clean_character refuses already. */
static bool is_space(const char *at, size_t n)
{
    static const char spaces[][4] = {"\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                     "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        if (strlen(spaces[i]) == n && memcmp(at, spaces[i], n) == 0)
            return true;
    return n == 3 && memcmp(at, "\xe2\x80", 2) == 0 && (uint8_t)at[2] >= 0x80 &&
           (uint8_t)at[2] <= 0x8a; /* U+2000 to U+200A */
}

bool jb_key_name_is(const char *text, size_t len)
{
    if (len == 0 || len >= JB_KEY_NAME)
        return false;
    for (size_t at = 0; at < len;) {
        const size_t n = jb_clean_character(text + at, len - at);
        if (n == 0 || memchr(" +\"\\", text[at], 4) || is_space(text + at, n))
            return false;
        at += n;
    }
    return true;
}

jb_rc jb_key_of_seed(const char *name, const uint8_t seed[32], struct jb_secret_key *ret,
                     struct jb_error *err)
{
    const size_t len = strlen(name);

    if (!jb_key_name_is(name, len)) {
        char shown[JB_KEY_NAME];
        jb_clean_copy(name, shown, sizeof shown);
        return jb_fail(err, JB_E_INPUT,
                       "at most 127 bytes, without blanks, '+', quotes and backslashes, "
                       "such as example.com/energy",
                       "'%s' cannot be the name of a key", shown);
    }
    *ret = (struct jb_secret_key){0};
    memcpy(ret->public.name, name, len);
    (void)crypto_sign_ed25519_seed_keypair(ret->public.bytes, ret->bytes, seed);
    return JB_OK;
}

jb_rc jb_key_new(const char *name, struct jb_secret_key *ret, struct jb_error *err)
{
    uint8_t seed[32];

    jb_random(seed, sizeof seed);
    const jb_rc rc = jb_key_of_seed(name, seed, ret, err);
    sodium_memzero(seed, sizeof seed);
    return rc;
}

uint32_t jb_key_id(const struct jb_public_key *key)
{
    static const uint8_t between[] = {'\n', ALGORITHM_ED25519};
    const struct jb_hash_part parts[] = {{.bytes = key->name, .len = strlen(key->name)},
                                         {.bytes = between, .len = sizeof between},
                                         {.bytes = key->bytes, .len = sizeof key->bytes}};
    const struct jb_hash hash = jb_hash_parts(parts, 3);

    return (uint32_t)hash.bytes[0] << 24 | (uint32_t)hash.bytes[1] << 16 |
           (uint32_t)hash.bytes[2] << 8 | hash.bytes[3];
}

const char *jb_vkey(const struct jb_public_key *key, char *buf, size_t size)
{
    uint8_t encoded[ENCODED_BYTES] = {ALGORITHM_ED25519};
    char text[ENCODED_CHARS + 1];

    memcpy(encoded + 1, key->bytes, sizeof key->bytes);
    (void)sodium_bin2base64(text, sizeof text, encoded, sizeof encoded,
                            sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(buf, size, "%s+%08x+%s", key->name, (unsigned)jb_key_id(key), text);
    return buf;
}

jb_rc jb_vkey_parse(const char *text, struct jb_public_key *ret, struct jb_error *err)
{
    const char *const plus = strchr(text, '+');
    const size_t name_len = plus ? (size_t)(plus - text) : 0;
    struct jb_public_key key = {0};
    uint8_t encoded[ENCODED_BYTES];
    char id[ID_CHARS + 1];
    size_t n;

    if (!plus || !jb_key_name_is(text, name_len) ||
        strlen(plus) != 1 + ID_CHARS + 1 + ENCODED_CHARS || plus[1 + ID_CHARS] != '+' ||
        jb_base64_decode(plus + 2 + ID_CHARS, ENCODED_CHARS, encoded, sizeof encoded, &n) != 0 ||
        n != sizeof encoded || encoded[0] != ALGORITHM_ED25519)
        return jb_fail(err, JB_E_INPUT,
                       "a key looks like example.com/energy+1a2b3c4d+AX.., as joulebook key show "
                       "writes it",
                       "this is not the text of an Ed25519 key");
    memcpy(key.name, text, name_len);
    memcpy(key.bytes, encoded + 1, sizeof key.bytes);
    (void)snprintf(id, sizeof id, "%08x", (unsigned)jb_key_id(&key));
    if (memcmp(id, plus + 1, ID_CHARS) != 0)
        return jb_fail(err, JB_E_INPUT, "a character was lost or changed: copy it again",
                       "the key of '%s' does not fit the hash in its text", key.name);
    *ret = key;
    return JB_OK;
}

const char *jb_fingerprint(const struct jb_public_key *key, char *buf, size_t size)
{
    const struct jb_hash_part part = {.bytes = key->bytes, .len = sizeof key->bytes};
    const struct jb_hash hash = jb_hash_parts(&part, 1);

    return jb_hex(hash.bytes, sizeof hash.bytes, buf, size);
}

bool jb_public_key_equal(const struct jb_public_key *a, const struct jb_public_key *b)
{
    return strcmp(a->name, b->name) == 0 && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void jb_sign(const struct jb_secret_key *key, const void *bytes, size_t len,
             uint8_t ret_signature[JB_SIGNATURE_SIZE])
{
    (void)crypto_sign_ed25519_detached(ret_signature, NULL, bytes, len, key->bytes);
}

bool jb_signature_holds(const struct jb_public_key *key, const void *bytes, size_t len,
                        const uint8_t signature[JB_SIGNATURE_SIZE])
{
    return crypto_sign_ed25519_verify_detached(signature, bytes, len, key->bytes) == 0;
}
