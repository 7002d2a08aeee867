/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DSSE 1.0.2 envelopes in one canonical form: one line of JSON with sorted keys, no blanks, padded base64 with no stray bits, ended
 * by a line feed. `keyid` of a signature is the signer's vkey (sign/key.h), so that the file says by whom it claims to be signed;
 * the first signature is the issuer's, the others stand in the order of their keyids, each once. What decodes is encoded
 * again to the same bytes.
 */
#ifndef JB_SIGN_DSSE_H
#define JB_SIGN_DSSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "sign/key.h"

#define JB_DSSE_SIGNATURES_MAX 16
#define JB_DSSE_PAYLOAD_TYPE   "application/vnd.in-toto+json"

struct jb_dsse {
    char payload_type[128];
    char *payload; /* decoded, NUL-terminated besides; owned */
    size_t payload_len;
    size_t n_signatures;
    struct jb_dsse_signature {
        struct jb_public_key key;
        uint8_t bytes[JB_SIGNATURE_SIZE];
    } signatures[JB_DSSE_SIGNATURES_MAX];
};
void jb_dsse_release(struct jb_dsse *envelope);

/* "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body */
void jb_dsse_pae(const char *type, const void *body, size_t len, struct jb_buf *out);
/* Adds a signature in its place; the first one is the issuer's. JB_E_CONFLICT if the key has signed already. */
JB_MUST_USE jb_rc jb_dsse_sign(struct jb_dsse *envelope, const struct jb_secret_key *key,
                               struct jb_error *err);
JB_MUST_USE jb_rc jb_dsse_encode(const struct jb_dsse *envelope, struct jb_buf *out,
                                 struct jb_error *err);
/* JB_E_INPUT unless the bytes are exactly what jb_dsse_encode writes; JB_E_DAMAGED if a signature does not hold: whoever
 * gets an envelope has every signature of it checked against the key that it names. */
JB_MUST_USE jb_rc jb_dsse_decode(const char *bytes, size_t len, struct jb_dsse *ret,
                                 struct jb_error *err);

#endif
