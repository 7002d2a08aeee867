/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, random bytes and their text forms, through libsodium; nothing of our own. */
#ifndef JB_BASE_HASH_H
#define JB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define JB_HASH_BYTES 32
#define JB_SALT_BYTES 16
#define JB_UUID_TEXT  37 /* with the NUL */

struct jb_hash {
    uint8_t bytes[JB_HASH_BYTES];
};

struct jb_hash_part {
    const void *bytes;
    size_t len;
};

/* SHA-256 over the concatenation of the parts. */
struct jb_hash jb_hash_parts(const struct jb_hash_part *parts, size_t n_parts);

/* The same of what comes piece by piece and is too long to be held: begin, add, end. Its bytes are libsodium's. */
struct jb_hasher {
    _Alignas(8) uint8_t state[104];
};
void jb_hasher_begin(struct jb_hasher *hasher);
void jb_hasher_add(struct jb_hasher *hasher, const void *bytes, size_t len);
struct jb_hash jb_hasher_end(struct jb_hasher *hasher);

/* Lower-case hex with NUL; size >= 2 * len + 1. */
const char *jb_hex(const void *bytes, size_t len, char *buf, size_t size);
/* JB_E_INPUT unless `text` is exactly 2 * len hex digits. */
JB_MUST_USE jb_rc jb_unhex(const char *text, void *ret_bytes, size_t len);

/* From the kernel's generator. */
void jb_random(void *bytes, size_t len);

/* A version 7 UUID (time-ordered by utc_us), so that run ids sort by their start. */
void jb_uuid7(int64_t utc_us, char ret_text[JB_UUID_TEXT]);

/* SipHash-2-4 with the seed as its key: finds torn frames of the spool; no security claim. */
uint64_t jb_checksum(uint64_t seed, const void *bytes, size_t len);

#endif
