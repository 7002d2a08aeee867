/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of FIPS 180-4 (NIST examples), RFC 3720 B.4 (CRC-32C) and RFC 9562 (UUID). */
#include "base/hash.h"
#include "tap.h"

static void is_sha256(const void *bytes, size_t len, const char *want, const char *promise)
{
    const struct jb_hash_part part = {.bytes = bytes, .len = len};
    const struct jb_hash hash = jb_hash_parts(&part, 1);
    char text[2 * JB_HASH_BYTES + 1];

    is_str(jb_hex(hash.bytes, sizeof hash.bytes, text, sizeof text), want, "%s", promise);
}

static void sha256(void)
{
    static char million[1000000];
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const struct jb_hash_part pieces[] = {{"a", 1}, {NULL, 0}, {"", 0}, {"bc", 2}};
    struct jb_hash hash = jb_hash_parts(pieces, 4);
    char text[2 * JB_HASH_BYTES + 1];

    memset(million, 'a', sizeof million);
    is_sha256("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
              "SHA-256 of nothing");
    is_sha256("abc", 3, abc, "SHA-256 of abc");
    is_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
              "SHA-256 of two blocks");
    is_sha256(million, sizeof million,
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
              "SHA-256 of a million a");
    is_str(jb_hex(hash.bytes, sizeof hash.bytes, text, sizeof text), abc,
           "the parts are hashed as one text");
    struct jb_hasher hasher;
    jb_hasher_begin(&hasher);
    jb_hasher_add(&hasher, "ab", 2);
    jb_hasher_add(&hasher, NULL, 0);
    jb_hasher_add(&hasher, "c", 1);
    hash = jb_hasher_end(&hasher);
    is_str(jb_hex(hash.bytes, sizeof hash.bytes, text, sizeof text), abc,
           "and so is what comes piece by piece");
    hash = jb_hash_parts(NULL, 0);
    is_str(jb_hex(hash.bytes, 4, text, sizeof text), "e3b0c442", "no parts are nothing");
}

static void hex(void)
{
    uint8_t bytes[4] = {1, 2, 3, 4};
    char text[9];

    is_str(jb_hex("\x00\xa5\xff", 3, text, sizeof text), "00a5ff",
           "hex is lower case with leading zeros");
    is_str(jb_hex("\x00\xa5\xff", 3, text, 5), "00a5", "hex never passes its field");
    is_i64(jb_unhex("00A5fF10", bytes, 4), JB_OK, "hex of either case is read");
    ok(memcmp(bytes, "\x00\xa5\xff\x10", 4) == 0, "to the bytes it stands for");
    is_i64(jb_unhex("00a5ff1", bytes, 4), JB_E_INPUT, "a digit too few is refused");
    is_i64(jb_unhex("00a5ff100", bytes, 4), JB_E_INPUT, "a digit too many is refused");
    is_i64(jb_unhex("11a5fg10", bytes, 4), JB_E_INPUT, "a letter that is no digit is refused");
    is_i64(jb_unhex("", bytes, 4), JB_E_INPUT, "no text is refused");
    ok(memcmp(bytes, "\x00\xa5\xff\x10", 4) == 0, "what is refused writes nothing");
    is_i64(jb_unhex("", bytes, 0), JB_OK, "no text stands for no bytes");
}

/* The first vectors of the SipHash reference have the key 00 01 .. 0f; ours has its upper half zero, so the values were
 * worked out with another implementation of SipHash-2-4. */
static void checksum(void)
{
    uint8_t block[15];

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (uint8_t)i;
    is_i64((int64_t)jb_checksum(UINT64_C(0x0706050403020100), block, sizeof block),
           (int64_t)UINT64_C(0xde25ac9eff95f4ec), "SipHash-2-4 of 0 to 14");
    is_i64((int64_t)jb_checksum(0, "", 0), (int64_t)UINT64_C(0x1e924b9d737700d7), "and of nothing");
    ok(jb_checksum(1, "", 0) != jb_checksum(0, "", 0), "another seed, another sum");
    bool differs = true;
    for (size_t bit = 0; bit < 8 * sizeof block; bit++) {
        uint64_t before = jb_checksum(0, block, sizeof block);
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        differs = differs && jb_checksum(0, block, sizeof block) != before;
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ok(differs, "any bit changed changes it");
}

static void random_bytes(void)
{
    uint8_t a[JB_SALT_BYTES + 1] = {0};
    uint8_t b[JB_SALT_BYTES] = {0};

    a[JB_SALT_BYTES] = 0x5a;
    jb_random(a, JB_SALT_BYTES);
    jb_random(b, sizeof b);
    ok(memcmp(a, b, sizeof b) != 0, "two salts differ");
    is_i64(a[JB_SALT_BYTES], 0x5a, "no byte behind the salt is touched");
}

static void uuids(void)
{
    char at[JB_UUID_TEXT];
    char next[JB_UUID_TEXT];
    bool ordered = true;
    bool shaped = true;
    /* The example of RFC 9562, A.6: 2022-02-22 19:22:22 UTC is 0x017f22e279b0 ms. */
    const int64_t example_us = INT64_C(1645557742000000);

    jb_uuid7(example_us, at);
    ok(strncmp(at, "017f22e2-79b0-7", 15) == 0,
       "the time and the version stand where RFC 9562 puts them");
    is_i64((int64_t)strlen(at), 36, "a UUID is 36 characters");
    for (int64_t i = 1; i <= 5000; i++) {
        jb_uuid7(example_us + i, next);
        ordered = ordered && strcmp(at, next) < 0;
        shaped = shaped && next[8] == '-' && next[13] == '-' && next[14] == '7' &&
                 next[18] == '-' && strchr("89ab", next[19]) && next[23] == '-' &&
                 strspn(next, "0123456789abcdef-") == 36;
        memcpy(at, next, sizeof at);
    }
    ok(ordered, "ids of successive microseconds sort by time");
    ok(shaped, "each has version and variant in their place");
    jb_uuid7(example_us, at);
    jb_uuid7(example_us, next);
    ok(strcmp(at, next) != 0, "two ids of the same microsecond differ");
    jb_uuid7(-1, at);
    ok(strncmp(at, "00000000-0000-7000-", 19) == 0,
       "a time before 1970 is the earliest id, not the latest");
    jb_uuid7(INT64_MAX, at);
    ok(strncmp(at, "ffffffff-ffff-7", 15) == 0,
       "a time past the field is the latest id, not a wrapped one");
}

int main(void)
{
    sha256();
    hex();
    checksum();
    random_bytes();
    uuids();
    return done_testing();
}
