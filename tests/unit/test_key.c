/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of RFC 8032, section 7.1, and the vkey of golang.org/x/mod/sumdb/note. R-SIGN-02, R-SIGN-03. */
#include "sign/key.h"

#include "base/hash.h"
#include "tap.h"

static void rfc8032(void)
{
    static const struct {
        const char *seed;
        const char *public;
        const char *message;
        const char *signature;
    } vectors[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "cf9b46b"
         "d25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0f11d8c"
         "387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "84dc659"
         "4a7c15e9716ed28dc027beceea1ec40a"},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct jb_secret_key key;
        uint8_t seed[32];
        uint8_t message[2];
        uint8_t signature[JB_SIGNATURE_SIZE];
        char text[2 * JB_SIGNATURE_SIZE + 1];
        const size_t len = strlen(vectors[i].message) / 2;
        if (jb_unhex(vectors[i].seed, seed, 32) || jb_unhex(vectors[i].message, message, len) ||
            jb_key_of_seed("test", seed, &key, NULL))
            bail_out("a vector is not hex");
        is_str(jb_hex(key.public.bytes, 32, text, sizeof text), vectors[i].public,
               "RFC 8032 test %zu: the public key", i + 1);
        jb_sign(&key, message, len, signature);
        is_str(jb_hex(signature, sizeof signature, text, sizeof text), vectors[i].signature,
               "and the signature");
        ok(jb_signature_holds(&key.public, message, len, signature), "which holds");
        bool is_refused = true;
        for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
            signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
            is_refused = is_refused && !jb_signature_holds(&key.public, message, len, signature);
            signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        ok(is_refused, "and with any bit changed does not");
        ok(!jb_signature_holds(&key.public, "another", 7, signature), "nor over other bytes");
        jb_secret_key_wipe(&key);
        static const struct jb_secret_key nothing;
        ok(memcmp(&key, &nothing, sizeof key) == 0, "nothing of the key is left once it is wiped");
    }
}

/* S + L in the place of S: another spelling of the same signature, which RFC 8032 refuses (section 5.1.7). */
static void malleable(void)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    static const uint8_t seed[32] = {7};
    struct jb_secret_key key;
    uint8_t signature[JB_SIGNATURE_SIZE];
    unsigned carry = 0;

    if (jb_key_of_seed("test", seed, &key, NULL) != JB_OK)
        bail_out("no key");
    jb_sign(&key, "x", 1, signature);
    for (size_t i = 0; i < 32; i++) {
        carry += signature[32 + i] + (unsigned)order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    ok(!jb_signature_holds(&key.public, "x", 1, signature),
       "a second spelling of a signature is refused");

    /* A public key of small order would hold for any message. */
    struct jb_public_key weak = {.name = "weak", .bytes = {1}};
    uint8_t zero[JB_SIGNATURE_SIZE] = {1};
    ok(!jb_signature_holds(&weak, "x", 1, zero), "a key for which anything holds is none");
}

static void vkeys(void)
{
    static const char peter[] =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    struct jb_public_key key;
    struct jb_public_key other;
    char text[JB_VKEY_TEXT];
    char changed[sizeof peter + 1];

    is_i64(jb_vkey_parse(peter, &key, NULL), JB_OK, "the vkey of Go's documentation is read");
    is_str(key.name, "PeterNeumann", "its name");
    is_i64(jb_key_id(&key), 0xc74f20a3, "its id");
    is_str(jb_vkey(&key, text, sizeof text), peter, "it is written again to the same text");
    ok(jb_public_key_equal(&key, &key), "a key is itself");
    size_t n_taken = 0;
    for (size_t at = 0; at < sizeof peter - 1; at++)
        for (int c = 1; c < 256; c++) {
            memcpy(changed, peter, sizeof peter);
            changed[at] = (char)c;
            if (changed[at] != peter[at] && jb_vkey_parse(changed, &other, NULL) != JB_E_INPUT)
                n_taken++;
        }
    is_i64((int64_t)n_taken, 0, "with any byte changed it is refused");
    for (size_t len = 0; len < sizeof peter - 1; len++) {
        memcpy(changed, peter, len);
        changed[len] = '\0';
        n_taken += jb_vkey_parse(changed, &other, NULL) == JB_OK;
    }
    (void)snprintf(changed, sizeof changed, "%s\n", peter);
    n_taken += jb_vkey_parse(changed, &other, NULL) == JB_OK;
    (void)snprintf(changed, sizeof changed, "%s ", peter);
    n_taken += jb_vkey_parse(changed, &other, NULL) == JB_OK;
    is_i64((int64_t)n_taken, 0, "cut or made longer, too");
    is_i64(jb_vkey_parse("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                         &other, NULL),
           JB_E_INPUT, "upper-case hex is another spelling");
    other = key;
    other.bytes[31] ^= 1;
    ok(!jb_public_key_equal(&key, &other), "another key is another");
    other = key;
    other.name[0] = 'p';
    ok(!jb_public_key_equal(&key, &other), "another name, too");
}

static void names(void)
{
    static const char *const bad[] = {
        "",       "a b",       "a+b",       "a\nb",         "a\tb",         "a\"b",         "a\\b",
        "a\177b", "a\xc2\x85", "a\xc2\xa0", "\xe2\x80\x82", "\xe2\x80\xa8", "\xe3\x80\x80", "\xff",
        "\xc3",
    };
    static const char *const good[] = {"a", "example.com/energy", "K\303\274che", "\xe2\x80\x94",
                                       "a'b"};
    struct jb_secret_key key;
    struct jb_error err = {0};
    char name[JB_KEY_NAME + 1];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_i64(jb_key_new(bad[i], &key, &err), JB_E_INPUT, "refused as a name, number %zu", i);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        is_i64(jb_key_new(good[i], &key, NULL), JB_OK, "a name: '%s'", good[i]);
    memset(name, 'n', sizeof name);
    name[JB_KEY_NAME] = '\0';
    is_i64(jb_key_new(name, &key, &err), JB_E_INPUT, "128 bytes are too long for a name");
    name[JB_KEY_NAME - 1] = '\0';
    is_i64(jb_key_new(name, &key, NULL), JB_OK, "127 are not");
    char vkey[JB_VKEY_TEXT];
    struct jb_public_key back;
    is_i64(jb_vkey_parse(jb_vkey(&key.public, vkey, sizeof vkey), &back, NULL), JB_OK,
           "and its vkey has room");

    struct jb_secret_key second;
    if (jb_key_new("n", &key, NULL) || jb_key_new("n", &second, NULL))
        bail_out("no key");
    ok(memcmp(key.public.bytes, second.public.bytes, 32) != 0, "two new keys differ");
    char fingerprint[JB_FINGERPRINT];
    static const struct jb_public_key zero = {.name = "zero"};
    /* sha256 of 32 zero bytes, as sha256sum has it */
    is_str(jb_fingerprint(&zero, fingerprint, sizeof fingerprint),
           "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925",
           "the fingerprint is SHA-256 of the key");
}

int main(void)
{
    rfc8032();
    malleable();
    vkeys();
    names();
    return done_testing();
}
