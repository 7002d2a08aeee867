/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 keys with a name, as C2SP signed-note has them: the text of a public key ("vkey") is NAME+HASH+KEY, HASH the first four
 * bytes of SHA-256(NAME 0x0a 0x01 PUBLIC) in hex, KEY base64 of 0x01 and the 32 bytes. Signing is libsodium's.
 */
#ifndef JB_SIGN_KEY_H
#define JB_SIGN_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define JB_KEY_NAME       128 /* with the NUL; jb_key_name_is says what it may be */
#define JB_VKEY_TEXT      192 /* with the NUL */
#define JB_PUBLIC_BYTES   32
#define JB_SECRET_BYTES   64
#define JB_SIGNATURE_SIZE 64
#define JB_FINGERPRINT    65 /* SHA-256 of the public key in hex, with the NUL */

struct jb_public_key {
    char name[JB_KEY_NAME];
    uint8_t bytes[JB_PUBLIC_BYTES];
};

/* Valid UTF-8 without Unicode spaces and '+' (C2SP), control characters, and '"' and '\\', so that a string of JSON holds a
 * vkey as it is. */
bool jb_key_name_is(const char *text, size_t len);

/* Holds a secret: release it by jb_secret_key_wipe. */
struct jb_secret_key {
    struct jb_public_key public;
    uint8_t bytes[JB_SECRET_BYTES];
};
void jb_secret_key_wipe(struct jb_secret_key *key);

JB_MUST_USE jb_rc jb_key_new(const char *name, struct jb_secret_key *ret, struct jb_error *err);
/* Of a 32-byte seed: for test vectors. */
JB_MUST_USE jb_rc jb_key_of_seed(const char *name, const uint8_t seed[32],
                                 struct jb_secret_key *ret, struct jb_error *err);

/* The vkey, and back; JB_E_INPUT unless `text` is exactly what jb_vkey writes. */
const char *jb_vkey(const struct jb_public_key *key, char *buf, size_t size);
JB_MUST_USE jb_rc jb_vkey_parse(const char *text, struct jb_public_key *ret, struct jb_error *err);
/* The four bytes of the hash above, the first one highest. */
uint32_t jb_key_id(const struct jb_public_key *key);
const char *jb_fingerprint(const struct jb_public_key *key, char *buf, size_t size);
bool jb_public_key_equal(const struct jb_public_key *a,
                         const struct jb_public_key *b); /* name too */

void jb_sign(const struct jb_secret_key *key, const void *bytes, size_t len,
             uint8_t ret_signature[JB_SIGNATURE_SIZE]);
bool jb_signature_holds(const struct jb_public_key *key, const void *bytes, size_t len,
                        const uint8_t signature[JB_SIGNATURE_SIZE]);

#endif
