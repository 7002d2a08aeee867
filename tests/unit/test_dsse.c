/* SPDX-License-Identifier: Apache-2.0 */
/* The PAE of DSSE's protocol.md, and envelopes with anything changed. R-SIGN-04, R-SIGN-05. */
#include "sign/dsse.h"

#include "base/base64.h"
#include "tap.h"

static struct jb_secret_key key_of(const char *name, uint8_t first)
{
    const uint8_t seed[32] = {first};
    struct jb_secret_key key;

    if (jb_key_of_seed(name, seed, &key, NULL) != JB_OK)
        bail_out("no key");
    return key;
}

static struct jb_dsse envelope_of(const char *type, const char *payload)
{
    struct jb_dsse envelope = {.payload = strdup(payload), .payload_len = strlen(payload)};

    (void)snprintf(envelope.payload_type, sizeof envelope.payload_type, "%s", type);
    return envelope;
}

static void published(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(1000);

    jb_dsse_pae("http://example.com/HelloWorld", "hello world", 11, &out);
    is_str(jb_buf_text(&out), "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
           "the PAE of protocol.md");
    jb_buf_clear(&out);
    jb_dsse_pae("", "", 0, &out);
    is_str(jb_buf_text(&out), "DSSEv1 0  0 ", "and of nothing");
}

/* The line is put together here by hand, but for the signature, which is Ed25519 over the PAE. */
static void one_line(void)
{
    const struct jb_secret_key key = key_of("a.example", 1);
    JB_AUTO(jb_dsse_release)
    struct jb_dsse envelope = envelope_of("http://example.com/HelloWorld", "hello world");
    JB_AUTO(jb_dsse_release) struct jb_dsse back = {0};
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(1000);
    JB_AUTO(jb_buf_release) struct jb_buf want = JB_BUF(1000);
    static const char pae[] = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    uint8_t signature[JB_SIGNATURE_SIZE];
    char vkey[JB_VKEY_TEXT];

    jb_sign(&key, pae, strlen(pae), signature);
    jb_buf_addf(
        &want,
        "{\"payload\":\"aGVsbG8gd29ybGQ=\",\"payloadType\":\"http://example.com/HelloWorld\","
        "\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"",
        jb_vkey(&key.public, vkey, sizeof vkey));
    jb_base64_add(&want, signature, sizeof signature);
    jb_buf_add_text(&want, "\"}]}\n");
    ok(jb_dsse_sign(&envelope, &key, NULL) == JB_OK &&
           jb_dsse_encode(&envelope, &out, NULL) == JB_OK,
       "an envelope is signed and written");
    is_str(jb_buf_text(&out), jb_buf_text(&want), "as one line");
    is_i64(jb_dsse_decode(out.bytes, out.len, &back, NULL), JB_OK, "it is read");
    ok(back.payload_len == 11 && strcmp(back.payload, "hello world") == 0 &&
           back.n_signatures == 1 && jb_public_key_equal(&back.signatures[0].key, &key.public),
       "to what it says and who signed");
    is_str(back.payload_type, "http://example.com/HelloWorld", "and its type");
}

/* Three signers; the issuer's name is the last of the alphabet, and stands first all the same. */
static void three(struct jb_buf *out)
{
    static const char *const names[] = {"z.example", "c.example", "a.example"};
    JB_AUTO(jb_dsse_release)
    struct jb_dsse envelope = envelope_of(JB_DSSE_PAYLOAD_TYPE, "{\"a\":1}");

    for (size_t i = 0; i < 3; i++) {
        const struct jb_secret_key key = key_of(names[i], (uint8_t)(i + 1));
        if (jb_dsse_sign(&envelope, &key, NULL) != JB_OK)
            bail_out("not signed");
    }
    if (jb_dsse_encode(&envelope, out, NULL) != JB_OK)
        bail_out("not written");
}

static bool is_taken(const char *bytes, size_t len)
{
    JB_AUTO(jb_dsse_release) struct jb_dsse envelope = {0};
    struct jb_error err = {0};

    return jb_dsse_decode(bytes, len, &envelope, &err) == JB_OK;
}

static void any_change(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(10000);
    JB_AUTO(jb_dsse_release) struct jb_dsse back = {0};
    size_t n_taken = 0;

    three(&out);
    is_i64(jb_dsse_decode(out.bytes, out.len, &back, NULL), JB_OK, "three signatures are read");
    ok(strcmp(back.signatures[0].key.name, "z.example") == 0 &&
           strcmp(back.signatures[1].key.name, "a.example") == 0 &&
           strcmp(back.signatures[2].key.name, "c.example") == 0,
       "the issuer's first, the others in their order");
    JB_AUTO(jb_buf_release) struct jb_buf again = JB_BUF(10000);
    ok(jb_dsse_encode(&back, &again, NULL) == JB_OK && again.len == out.len &&
           memcmp(again.bytes, out.bytes, out.len) == 0,
       "and written again to the same bytes");

    for (size_t at = 0; at < out.len; at++) {
        const char was = out.bytes[at];
        for (unsigned c = 0; c < 256; c++) {
            out.bytes[at] = (char)c;
            n_taken += (char)c != was && is_taken(out.bytes, out.len);
        }
        out.bytes[at] = was;
    }
    is_i64((int64_t)n_taken, 0, "with any byte changed it is refused");
    for (size_t len = 0; len < out.len; len++)
        n_taken += is_taken(out.bytes, len);
    is_i64((int64_t)n_taken, 0, "cut anywhere it is refused");
    char longer[2000];
    for (size_t at = 0; at <= out.len; at++)
        for (size_t i = 0; i < 7; i++) {
            memcpy(longer, out.bytes, at);
            longer[at] = " \n\t,\"A\\"[i];
            memcpy(longer + at + 1, out.bytes + at, out.len - at);
            n_taken += is_taken(longer, out.len + 1);
        }
    is_i64((int64_t)n_taken, 0, "with a byte more it is refused");
    for (size_t at = 0; at < out.len; at++) {
        memcpy(longer, out.bytes, at);
        memcpy(longer + at, out.bytes + at + 1, out.len - at - 1);
        n_taken += is_taken(longer, out.len - 1);
    }
    is_i64((int64_t)n_taken, 0, "with a byte less it is refused");
}

/* Encodes an envelope as it stands, which jb_dsse_sign would not have made. */
static jb_rc rc_of(struct jb_dsse *envelope)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(10000);
    JB_AUTO(jb_dsse_release) struct jb_dsse back = {0};
    struct jb_error err;

    if (jb_dsse_encode(envelope, &out, NULL) != JB_OK)
        bail_out("not written");
    return jb_dsse_decode(out.bytes, out.len, &back, &err);
}

static void order(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(10000);
    JB_AUTO(jb_dsse_release) struct jb_dsse one = {0};

    three(&out);
    if (jb_dsse_decode(out.bytes, out.len, &one, NULL) != JB_OK)
        bail_out("not read");
    const struct jb_dsse_signature issuer = one.signatures[0];
    const struct jb_dsse_signature a = one.signatures[1];
    const struct jb_dsse_signature c = one.signatures[2];
    one.signatures[1] = c;
    one.signatures[2] = a;
    is_i64(rc_of(&one), JB_E_INPUT, "signatures in another order are refused");
    one.signatures[1] = a;
    is_i64(rc_of(&one), JB_E_INPUT, "one that stands twice, too");
    one.signatures[2] = c;
    is_i64(rc_of(&one), JB_OK, "as they were they are taken");
    one.signatures[1].key = issuer.key;
    one.signatures[1] = issuer;
    memcpy(one.signatures[1].key.name, "b.example", 9);
    is_i64(rc_of(&one), JB_E_INPUT, "one key under two names is refused");
    one.signatures[1] = a;
    one.signatures[2].bytes[5] ^= 1;
    is_i64(rc_of(&one), JB_E_DAMAGED, "a counter-signature that does not hold refuses all");
    one.signatures[2] = c;
    one.payload[1] = 'x';
    is_i64(rc_of(&one), JB_E_DAMAGED, "and so does another payload");
}

static void signing(void)
{
    const struct jb_secret_key key = key_of("a.example", 1);
    const struct jb_secret_key renamed = key_of("b.example", 1);
    JB_AUTO(jb_dsse_release) struct jb_dsse envelope = envelope_of("t", "");
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(10000);
    struct jb_error err;

    is_i64(jb_dsse_encode(&envelope, &out, &err), JB_E_INTERNAL,
           "an envelope without a signature is not written");
    is_i64(jb_dsse_sign(&envelope, &key, &err), JB_OK, "an empty payload is signed");
    is_i64(jb_dsse_sign(&envelope, &key, &err), JB_E_CONFLICT, "but not twice by one key");
    is_i64(jb_dsse_sign(&envelope, &renamed, &err), JB_E_CONFLICT, "nor by it under another name");
    is_i64(rc_of(&envelope), JB_OK, "and is read");
    for (uint8_t i = 2; i <= JB_DSSE_SIGNATURES_MAX; i++) {
        const struct jb_secret_key more = key_of("m.example", i);
        if (jb_dsse_sign(&envelope, &more, &err) != JB_OK)
            bail_out("not signed");
    }
    is_i64(rc_of(&envelope), JB_OK, "16 signatures of one name and many keys are read");
    const struct jb_secret_key last = key_of("n.example", 100);
    is_i64(jb_dsse_sign(&envelope, &last, &err), JB_E_RANGE, "a seventeenth is refused");
    memcpy(envelope.payload_type, "a\"b", 4);
    is_i64(jb_dsse_encode(&envelope, &out, &err), JB_E_INTERNAL,
           "a type that JSON would have to escape is not written");
}

int main(void)
{
    published();
    one_line();
    any_change();
    order();
    signing();
    return done_testing();
}
