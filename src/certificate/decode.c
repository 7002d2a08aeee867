/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An envelope's bytes to a certificate that agrees with itself. From the outside inwards: form, signatures, the entry and its
 * commitments, the tree that the issuer signed, then what the fields say. Pure; must never say who a signer is.
 * R-CERT-01, R-CERT-02.
 */
#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "certificate/certificate_int.h"
#include "certificate/json_int.h"
#include "journal/merkle.h"

/* R-CERT-02: bytes of the entry hold a commitment to each field, in the same order. */
static jb_rc check_entry(struct jb_certificate *certificate, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_entry_head *head = malloc(sizeof *head);

    if (!head)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the entry");
    const jb_rc rc = jb_entry_decode(certificate->entry, certificate->entry_len, head, err);
    if (rc < 0)
        return rc;
    if (strcmp(head->kind, JB_CERTIFICATE_KIND) != 0 || head->run_id[0] != '\0' ||
        head->layer != JB_LAYER_MEASURED)
        return jb_fail(err, JB_E_INPUT, NULL, "the entry is '%s', not '" JB_CERTIFICATE_KIND "'",
                       head->kind);
    if (head->n_fields != certificate->n_fields)
        return jb_fail(err, JB_E_INPUT, NULL, "the entry has %zu fields, the certificate shows %zu",
                       head->n_fields, certificate->n_fields);
    for (size_t i = 0; i < head->n_fields; i++) {
        struct jb_certificate_field *const field = &certificate->fields[i];
        if (field->value)
            field->commitment = jb_entry_commit(field->salt, field->name, field->value, field->len);
        if (strcmp(field->name, head->fields[i].name) != 0 ||
            !jb_hash_equal(&field->commitment, &head->fields[i].hash))
            return jb_fail(err, JB_E_DAMAGED, NULL,
                           "the field '%s' is not the one that the entry commits to", field->name);
    }
    certificate->issued_utc_us = head->utc_us;
    return JB_OK;
}

static jb_rc check_issuer(const struct jb_certificate *certificate, struct jb_error *err)
{
    const char *const issuer = jb_certificate_text(certificate, "issuer");
    char vkey[JB_VKEY_TEXT];

    if (!issuer || strcmp(issuer, jb_vkey(&certificate->signers[0], vkey, sizeof vkey)) != 0)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "the first signature is of '%s', the issuer is another", vkey);
    return JB_OK;
}

/* The tree, by the note that the issuer signed. */
static jb_rc check_checkpoint(struct jb_certificate *certificate, struct jb_error *err)
{
    struct jb_note note;
    struct jb_checkpoint checkpoint;
    jb_rc rc = jb_note_parse(certificate->checkpoint, certificate->checkpoint_len, &note, err);

    if (rc == JB_OK)
        rc = jb_checkpoint_parse(note.text, note.len, &checkpoint, err);
    if (rc < 0)
        return rc;
    if (!jb_note_is_signed_by(&note, &certificate->signers[0]))
        return jb_fail(err, JB_E_DAMAGED, NULL, "the checkpoint is not signed by the issuer");
    memcpy(certificate->origin, checkpoint.origin, sizeof certificate->origin);
    certificate->tree.size = checkpoint.size;
    certificate->tree.root = checkpoint.root;
    return JB_OK;
}

static jb_rc check_proofs(const struct jb_certificate *certificate, struct jb_error *err)
{
    const struct jb_hash leaf = jb_merkle_leaf(certificate->entry, certificate->entry_len);
    const struct jb_certificate_tree *const tree = &certificate->tree;
    const struct jb_certificate_tree *const previous = &certificate->previous;
    const char *const told = jb_certificate_text(certificate, "previous");
    char root[2 * JB_HASH_BYTES + 1];
    char made[128];

    if (!jb_merkle_check_inclusion(certificate->index, tree->size, &leaf, &certificate->inclusion,
                                   &tree->root))
        return jb_fail(err, JB_E_DAMAGED, NULL,
                       "the proof does not lead from the entry to the root of the tree");
    if (!certificate->has_previous && !told)
        return JB_OK;
    (void)snprintf(made, sizeof made, "%" PRId64 " %s", previous->size,
                   jb_hex(previous->root.bytes, JB_HASH_BYTES, root, sizeof root));
    if (!certificate->has_previous || !told || strcmp(told, made) != 0)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "the earlier tree is not the one that the entry names");
    if (!jb_merkle_check_consistency(previous->size, tree->size, &previous->root, &tree->root,
                                     &certificate->consistency))
        return jb_fail(err, JB_E_DAMAGED, NULL,
                       "the tree does not begin with the earlier tree of %" PRId64
                       " entries: the book was rewritten",
                       previous->size);
    return JB_OK;
}

#define SHA256_TEXT 64

/* "HEX  NAME" of each file. */
static jb_rc put_files(struct jb_certificate_lines lines, struct jb_buf *out, struct jb_error *err)
{
    const char *line = NULL;
    size_t len = 0;

    for (bool is_first = true; jb_certificate_next_line(&lines, &line, &len); is_first = false) {
        uint8_t digest[JB_HASH_BYTES];
        char hex[SHA256_TEXT + 1];
        if (len > SHA256_TEXT)
            memcpy(hex, line, SHA256_TEXT);
        hex[SHA256_TEXT] = '\0';
        if (len < SHA256_TEXT + 3 || memcmp(line + SHA256_TEXT, "  ", 2) != 0 ||
            jb_unhex(hex, digest, sizeof digest) < 0)
            return jb_fail(err, JB_E_INPUT, NULL, "'subjects' is no list of digests and names");
        jb_buf_addf(out, "%s{\"digest\":{\"sha256\":\"%s\"},\"name\":", is_first ? "[" : ",", hex);
        certificate__put_string(out, line + SHA256_TEXT + 2, len - SHA256_TEXT - 2);
        jb_buf_add_u8(out, '}');
    }
    jb_buf_add_u8(out, ']');
    return JB_OK;
}

jb_rc certificate__subject(const struct jb_certificate *certificate, struct jb_buf *out,
                           struct jb_error *err)
{
    const struct jb_certificate_lines files = jb_certificate_lines(certificate, "subjects");
    char root[2 * JB_HASH_BYTES + 1];

    if (files.at)
        return put_files(files, out, err);
    jb_buf_addf(out, "[{\"digest\":{\"sha256\":\"%s\"},\"name\":",
                jb_hex(certificate->tree.root.bytes, JB_HASH_BYTES, root, sizeof root));
    certificate__put_string(out, certificate->origin, strlen(certificate->origin));
    jb_buf_add_text(out, "}]");
    return JB_OK;
}

static jb_rc check_subject(const struct jb_certificate *certificate, struct jb_error *err)
{
    struct jb_buf made = JB_BUF((size_t)JB_FIELD_VALUE_MAX * 2);
    jb_rc rc = certificate__subject(certificate, &made, err);

    if (rc == JB_OK && made.failed < 0)
        rc = jb_fail(err, made.failed, NULL, "no memory for the subject");
    if (rc == JB_OK && (made.len != certificate->subject_len ||
                        memcmp(made.bytes, certificate->subject, made.len) != 0))
        rc = jb_fail(err, JB_E_INPUT, NULL,
                     "the statement's subject is not what the certificate is about");
    jb_buf_release(&made);
    return rc;
}

static jb_rc decode_payload(const struct jb_dsse *envelope, struct jb_certificate *certificate,
                            struct jb_error *err)
{
    if (strcmp(envelope->payload_type, JB_DSSE_PAYLOAD_TYPE) != 0)
        return jb_fail(err, JB_E_INPUT, NULL, "the envelope holds '%s', no certificate",
                       envelope->payload_type);
    certificate->texts = malloc(CERTIFICATE_ROOM(envelope->payload_len));
    if (!certificate->texts)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the certificate");
    if (!certificate__scan_payload(envelope->payload, envelope->payload_len, certificate->texts,
                                   certificate))
        return jb_fail(err, JB_E_INPUT, NULL,
                       "the statement is not in the one form that a certificate has");
    certificate->n_signers = envelope->n_signatures;
    for (size_t i = 0; i < envelope->n_signatures; i++)
        certificate->signers[i] = envelope->signatures[i].key;
    jb_rc rc = check_entry(certificate, err);
    if (rc == JB_OK)
        rc = check_issuer(certificate, err);
    if (rc == JB_OK)
        rc = check_checkpoint(certificate, err);
    if (rc == JB_OK)
        rc = check_proofs(certificate, err);
    if (rc == JB_OK)
        rc = check_subject(certificate, err);
    return rc == JB_OK ? certificate__check_fields(certificate, err) : rc;
}

jb_rc jb_certificate_decode(const char *bytes, size_t len, struct jb_certificate **ret_certificate,
                            struct jb_error *err)
{
    JB_AUTO(jb_certificate_free_auto) struct jb_certificate *certificate = NULL;
    struct jb_dsse envelope = {.payload = NULL};

    if (len > JB_CERTIFICATE_BYTES_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "%zu bytes are more than a certificate has", len);
    jb_rc rc = jb_dsse_decode(bytes, len, &envelope, err);
    if (rc < 0)
        return rc;
    certificate = jb_certificate_new();
    rc = certificate ? decode_payload(&envelope, certificate, err)
                     : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a certificate");
    jb_dsse_release(&envelope);
    if (rc < 0)
        return rc;
    *ret_certificate = certificate;
    certificate = NULL;
    return JB_OK;
}
