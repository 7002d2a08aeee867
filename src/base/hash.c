/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and random bytes by libsodium, and their text forms. The checksum for torn frames is ours, because
 * libsodium has none; it protects against accidents only.
 */
#include "base/hash.h"

#include <sodium.h>
#include <string.h>

_Static_assert(JB_HASH_BYTES == crypto_hash_sha256_BYTES, "struct jb_hash holds one SHA-256");

struct jb_hash jb_hash_parts(const struct jb_hash_part *parts, size_t n_parts)
{
    crypto_hash_sha256_state state;
    struct jb_hash hash;

    /* These calls need no sodium_init() and always return 0. */
    (void)crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < n_parts; i++) {
        if (parts[i].len > 0)
            (void)crypto_hash_sha256_update(&state, parts[i].bytes, parts[i].len);
    }
    (void)crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

_Static_assert(sizeof(struct jb_hasher) == sizeof(crypto_hash_sha256_state) &&
                   _Alignof(struct jb_hasher) >= _Alignof(crypto_hash_sha256_state),
               "struct jb_hasher holds libsodium's state");

void jb_hasher_begin(struct jb_hasher *hasher)
{
    (void)crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)hasher);
}

void jb_hasher_add(struct jb_hasher *hasher, const void *bytes, size_t len)
{
    if (len > 0)
        (void)crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)hasher, bytes, len);
}

struct jb_hash jb_hasher_end(struct jb_hasher *hasher)
{
    struct jb_hash hash;

    (void)crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)hasher, hash.bytes);
    return hash;
}

static const char hex_digits[] = "0123456789abcdef";

const char *jb_hex(const void *bytes, size_t len, char *buf, size_t size)
{
    const uint8_t *at = bytes;
    size_t n = 0;

    if (size == 0)
        return "";
    for (size_t i = 0; i < len && n + 2 < size; i++) {
        buf[n++] = hex_digits[at[i] >> 4];
        buf[n++] = hex_digits[at[i] & 0x0f];
    }
    buf[n] = '\0';
    return buf;
}

/* -1 where it is not a hex digit. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

jb_rc jb_unhex(const char *text, void *ret_bytes, size_t len)
{
    uint8_t *bytes = ret_bytes;

    /* Looked at as a whole first: the output is written only if all of it will be. */
    if (len > SIZE_MAX / 2 - 1)
        return JB_E_INPUT;
    for (size_t i = 0; i < 2 * len; i++) {
        if (hex_value(text[i]) < 0)
            return JB_E_INPUT; /* stops at an early NUL, too */
    }
    if (text[2 * len] != '\0')
        return JB_E_INPUT;
    for (size_t i = 0; i < len; i++)
        bytes[i] =
            (uint8_t)((unsigned)hex_value(text[2 * i]) << 4 | (unsigned)hex_value(text[2 * i + 1]));
    return JB_OK;
}

void jb_random(void *bytes, size_t len)
{
    /* What init adds is thread safety of the first use; the generator opens itself even if it fails. */
    const int ready = sodium_init();

    (void)ready;
    randombytes_buf(bytes, len);
}

/* RFC 9562, section 5.7, with the time below a millisecond in rand_a (section 6.2, method 3). */
void jb_uuid7(int64_t utc_us, char ret_text[JB_UUID_TEXT])
{
    const uint64_t ms_max = (UINT64_C(1) << 48) - 1;
    const uint64_t us = utc_us > 0 ? (uint64_t)utc_us : 0;
    const uint64_t ms = us / 1000 < ms_max ? us / 1000 : ms_max;
    const uint64_t fraction = (us % 1000) * 4096 / 1000;
    uint8_t id[16];
    size_t n = 0;

    jb_random(id, sizeof id);
    for (unsigned i = 0; i < 6; i++)
        id[i] = (uint8_t)(ms >> (40 - 8 * i));
    id[6] = (uint8_t)(0x70 | fraction >> 8);
    id[7] = (uint8_t)fraction;
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));

    for (size_t i = 0; i < sizeof id; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret_text[n++] = '-';
        ret_text[n++] = hex_digits[id[i] >> 4];
        ret_text[n++] = hex_digits[id[i] & 0x0f];
    }
    ret_text[n] = '\0';
}

uint64_t jb_checksum(uint64_t seed, const void *bytes, size_t len)
{
    /* Any fixed key: what is guarded against is a torn write, not a forger. */
    uint8_t key[crypto_shorthash_KEYBYTES] = {0};
    uint8_t sum[crypto_shorthash_BYTES];
    uint64_t value = 0;

    for (size_t i = 0; i < sizeof seed; i++)
        key[i] = (uint8_t)(seed >> (8 * i));
    (void)crypto_shorthash(sum, bytes, len, key);
    for (size_t i = 0; i < sizeof sum; i++)
        value |= (uint64_t)sum[i] << (8 * i);
    return value;
}
