/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate to the in-toto statement that its envelope carries, and back. The scan reads the form and nothing else: whether
 * it is true is decode.c's to say. Keys stand in sorted order, as docs/format/certificate.md shows them. R-CERT-01.
 */
#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "certificate/certificate_int.h"
#include "certificate/json_int.h"

#define KEY_TYPE           "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"checkpoint\":"
#define KEY_ENTRY          ",\"entry\":{\"bytes\":"
#define KEY_INDEX          ",\"index\":"
#define KEY_FIELDS         "},\"fields\":["
#define KEY_INCLUSION      "],\"inclusion\":"
#define KEY_PREVIOUS       ",\"previous\":{\"consistency\":"
#define KEY_PREVIOUS_ROOT  ",\"root\":"
#define KEY_PREVIOUS_SIZE  ",\"size\":"
#define KEY_SCHEMA         ",\"schema\":\"" JB_CERTIFICATE_SCHEMA "\"}"
#define KEY_PREDICATE_TYPE ",\"predicateType\":\"" JB_CERTIFICATE_PREDICATE "\",\"subject\":"

static void put_field(struct jb_buf *out, const struct jb_certificate_field *field)
{
    char hex[2 * JB_HASH_BYTES + 1];

    jb_buf_addf(out, "{\"name\":\"%s\",", field->name); /* a word of the table: nothing to escape */
    if (!field->value) {
        jb_buf_addf(out, "\"withheld\":\"%s\"}",
                    jb_hex(field->commitment.bytes, JB_HASH_BYTES, hex, sizeof hex));
        return;
    }
    jb_buf_addf(out,
                "\"salt\":\"%s\",\"value\":", jb_hex(field->salt, JB_SALT_BYTES, hex, sizeof hex));
    certificate__put_string(out, field->value, field->len);
    jb_buf_add_u8(out, '}');
}

jb_rc jb_certificate_payload(const struct jb_certificate *certificate, struct jb_buf *out,
                             struct jb_error *err)
{
    jb_buf_add_text(out, KEY_TYPE);
    certificate__put_string(out, certificate->checkpoint, certificate->checkpoint_len);
    jb_buf_add_text(out, KEY_ENTRY "\"");
    jb_base64_add(out, certificate->entry, certificate->entry_len);
    jb_buf_addf(out, "\"" KEY_INDEX "%" PRId64 KEY_FIELDS, certificate->index);
    for (size_t i = 0; i < certificate->n_fields; i++) {
        if (i > 0)
            jb_buf_add_u8(out, ',');
        put_field(out, &certificate->fields[i]);
    }
    jb_buf_add_text(out, KEY_INCLUSION);
    certificate__put_proof(out, &certificate->inclusion);
    if (certificate->has_previous) {
        jb_buf_add_text(out, KEY_PREVIOUS);
        certificate__put_proof(out, &certificate->consistency);
        jb_buf_add_text(out, KEY_PREVIOUS_ROOT);
        certificate__put_hash64(out, &certificate->previous.root);
        jb_buf_addf(out, KEY_PREVIOUS_SIZE "%" PRId64 "}", certificate->previous.size);
    }
    jb_buf_add_text(out, KEY_SCHEMA KEY_PREDICATE_TYPE);
    jb_buf_add(out, certificate->subject, certificate->subject_len);
    jb_buf_add_u8(out, '}');
    if (out->failed < 0)
        return jb_fail(err, out->failed, "narrow the period or the project",
                       "the certificate is too large");
    return JB_OK;
}

static void take_field(struct certificate__scan *scan, struct jb_certificate_field *field)
{
    size_t len = 0;

    memset(field, 0, sizeof *field);
    certificate__expect(scan, "{\"name\":");
    const char *const name = certificate__take_string(scan, &len);
    if (len == 0 || len >= sizeof field->name || strlen(name) != len) {
        scan->has_failed = true;
        return;
    }
    memcpy(field->name, name, len + 1);
    if (certificate__skip(scan, ",\"withheld\":")) {
        certificate__take_hex(scan, field->commitment.bytes, JB_HASH_BYTES);
    } else {
        certificate__expect(scan, ",\"salt\":");
        certificate__take_hex(scan, field->salt, JB_SALT_BYTES);
        certificate__expect(scan, ",\"value\":");
        field->value = certificate__take_string(scan, &field->len);
    }
    certificate__expect(scan, "}");
}

static void take_entry(struct certificate__scan *scan, struct jb_certificate *ret)
{
    size_t len = 0;
    const char *const text = certificate__take_string(scan, &len);

    ret->entry = scan->room;
    if (scan->has_failed ||
        jb_base64_decode(text, len, scan->room, JB_ENTRY_BYTES_MAX, &ret->entry_len) < 0)
        scan->has_failed = true;
    else
        scan->room += ret->entry_len;
}

/* Up to the brace that ends the statement; compared whole with what it must be. */
static void take_subject(struct certificate__scan *scan, struct jb_certificate *ret)
{
    if (scan->has_failed || scan->at == scan->end || scan->end[-1] != '}') {
        scan->has_failed = true;
        return;
    }
    ret->subject_len = (size_t)(scan->end - 1 - scan->at);
    ret->subject = scan->room;
    memcpy(scan->room, scan->at, ret->subject_len);
    scan->room[ret->subject_len] = '\0';
}

bool certificate__scan_payload(const char *payload, size_t len, char *room,
                               struct jb_certificate *ret)
{
    struct certificate__scan scan = {.at = payload, .end = payload + len, .room = room};

    certificate__expect(&scan, KEY_TYPE);
    ret->checkpoint = certificate__take_string(&scan, &ret->checkpoint_len);
    certificate__expect(&scan, KEY_ENTRY);
    if (scan.has_failed)
        return false;
    take_entry(&scan, ret);
    certificate__expect(&scan, KEY_INDEX);
    ret->index = certificate__take_count(&scan);
    certificate__expect(&scan, KEY_FIELDS);
    do {
        if (ret->n_fields == JB_CERTIFICATE_FIELDS)
            return false;
        take_field(&scan, &ret->fields[ret->n_fields++]);
    } while (certificate__skip(&scan, ","));
    certificate__expect(&scan, KEY_INCLUSION);
    certificate__take_proof(&scan, &ret->inclusion);
    ret->has_previous = certificate__skip(&scan, KEY_PREVIOUS);
    if (ret->has_previous) {
        certificate__take_proof(&scan, &ret->consistency);
        certificate__expect(&scan, KEY_PREVIOUS_ROOT);
        certificate__take_hash64(&scan, &ret->previous.root);
        certificate__expect(&scan, KEY_PREVIOUS_SIZE);
        ret->previous.size = certificate__take_count(&scan);
        certificate__expect(&scan, "}");
    }
    certificate__expect(&scan, KEY_SCHEMA KEY_PREDICATE_TYPE);
    take_subject(&scan, ret);
    return !scan.has_failed;
}
