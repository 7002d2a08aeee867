/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a certificate, an opening, or a payload that its issuer signed: refused with a reason, or the same bytes when it is
 * written again (R-CERT-01). The first byte chooses; no fuzzer signs, so payloads are signed here.
 */
#include <stdlib.h>
#include <string.h>

#include "certificate/certificate.h"
#include "certificate/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const char *bytes, size_t len)
{
    struct jb_certificate *certificate = NULL;
    struct jb_error err = {0};

    if (jb_certificate_decode(bytes, len, &certificate, &err) < 0) {
        if (err.message[0] == '\0')
            abort();
        return;
    }
    struct jb_trust trust = {.previous = certificate};
    struct jb_findings *const findings = malloc(sizeof *findings);
    struct jb_buf payload = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_dsse envelope = {.payload = NULL};
    if (findings)
        jb_certificate_verify(certificate, &trust, findings);
    if (jb_dsse_decode(bytes, len, &envelope, &err) < 0 ||
        jb_certificate_payload(certificate, &payload, &err) < 0 ||
        payload.len != envelope.payload_len ||
        memcmp(payload.bytes, envelope.payload, payload.len) != 0)
        abort();
    jb_dsse_release(&envelope);
    jb_buf_release(&payload);
    free(findings);
    jb_certificate_free(certificate);
}

static void sign_and_look(const char *payload, size_t len)
{
    struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_dsse envelope = {.payload_len = len};
    const uint8_t seed[32] = {7};
    struct jb_secret_key key;
    struct jb_error err = {0};

    envelope.payload = malloc(len + 1);
    if (!envelope.payload || jb_key_of_seed("test.example/log", seed, &key, &err) < 0)
        abort();
    memcpy(envelope.payload, payload, len);
    envelope.payload[len] = '\0';
    memcpy(envelope.payload_type, JB_DSSE_PAYLOAD_TYPE, sizeof JB_DSSE_PAYLOAD_TYPE);
    if (jb_dsse_sign(&envelope, &key, &err) == JB_OK &&
        jb_dsse_encode(&envelope, &out, &err) == JB_OK)
        look(out.bytes, out.len);
    jb_dsse_release(&envelope);
    jb_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const text = (const char *)data + 1;
    struct jb_opening opening;
    struct jb_error err = {0};

    if (size == 0)
        return 0;
    if (data[0] == 'p') {
        sign_and_look(text, size - 1);
    } else if (data[0] == 'o') {
        struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
        if (jb_opening_decode(text, size - 1, &opening, &err) == JB_OK) {
            if (jb_opening_encode(&opening, &out, &err) < 0 || out.len != size - 1 ||
                memcmp(out.bytes, text, out.len) != 0)
                abort();
            jb_opening_release(&opening);
        }
        jb_buf_release(&out);
    } else {
        look((const char *)data, size);
    }
    return 0;
}
