/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one canonical form of JSON that a certificate has: known keys in sorted order, no blanks, integers and strings, in strings
 * only \" \\ and \n escaped. Written and scanned literally, so that what scans has no other form (R-CERT-01).
 */
#ifndef JB_CERTIFICATE_JSON_INT_H
#define JB_CERTIFICATE_JSON_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "journal/merkle_proof.h"

void certificate__put_string(struct jb_buf *out, const char *text, size_t len);
void certificate__put_hash64(struct jb_buf *out, const struct jb_hash *hash); /* quoted base64 */
void certificate__put_proof(struct jb_buf *out, const struct jb_merkle_proof *proof);

/* Texts are unescaped into `room`, which has as many bytes as what is scanned; each gets a NUL. */
struct certificate__scan {
    const char *at, *end;
    char *room;
    bool has_failed;
};
/* These do nothing once the scan has failed. */
void certificate__expect(struct certificate__scan *scan, const char *text);
/* True, and past it, if `text` comes next. */
bool certificate__skip(struct certificate__scan *scan, const char *text);
const char *certificate__take_string(struct certificate__scan *scan, size_t *ret_len);
int64_t certificate__take_count(struct certificate__scan *scan); /* 0 .. 2^53 - 1 */
void certificate__take_hash64(struct certificate__scan *scan, struct jb_hash *ret);
void certificate__take_hex(struct certificate__scan *scan, void *ret_bytes, size_t len);
void certificate__take_proof(struct certificate__scan *scan, struct jb_merkle_proof *ret);

#endif
