/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A selection of the book to a certificate. The entry and its proof are made and checked between begin and commit: what would
 * not verify is not entered. Must never enter anything of what it refuses. R-CERT-02, R-CERT-06, R-CERT-11.
 */
#include "pipeline/certify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"
#include "certificate/issue.h"
#include "certificate/verify.h"
#include "journal/merkle.h"
#include "pipeline/against.h"
#include "pipeline/inventory.h"
#include "sign/note.h"

#define ORIGIN_HEX 16
#define NOTE_MAX   4096

/* All that is made on the way; large, so not on the stack. */
struct desk {
    const struct jb_certify_order *order;
    struct jb_certificate *certificate, *earlier;
    struct jb_ledger_opened *opened;
    struct jb_inventory inventory;
    struct jb_against against;
    struct jb_policy policy;
    struct jb_certificate_facts facts;
    bool is_withheld[JB_CERTIFICATE_FIELDS], is_met;
    struct jb_dsse envelope;
    struct jb_buf note, subject, payload;
};

static void desk_free(struct desk *desk)
{
    jb_certificate_free(desk->certificate);
    jb_certificate_free(desk->earlier);
    jb_ledger_opened_free(desk->opened);
    jb_inventory_release(&desk->inventory);
    jb_against_release(&desk->against);
    desk->envelope.payload = NULL; /* it is payload's */
    jb_buf_release(&desk->note);
    jb_buf_release(&desk->subject);
    jb_buf_release(&desk->payload);
    free(desk);
}
JB_AUTO_POINTER(struct desk, desk_free)

/* KEYNAME/HEX: the key's name, and the beginning of the first leaf, which no other book has. */
static jb_rc make_origin(struct jb_ledger *ledger, const char *key_name, char *ret, size_t size,
                         struct jb_error *err)
{
    char hex[2 * JB_HASH_BYTES + 1];
    struct jb_hash first;
    const jb_rc rc = jb_ledger_leaf_at(ledger, 0, &first, err);

    if (rc < 0)
        return rc;
    (void)snprintf(ret, size, "%s/%.*s", key_name, ORIGIN_HEX,
                   jb_hex(first.bytes, JB_HASH_BYTES, hex, sizeof hex));
    return JB_OK;
}

static jb_rc make_checkpoint(struct jb_ledger *ledger, int64_t size,
                             const struct jb_secret_key *key, struct jb_checkpoint *ret,
                             struct jb_buf *out, struct jb_error *err)
{
    struct jb_buf text = JB_BUF(NOTE_MAX);
    struct jb_checkpoint checkpoint = {.size = size};
    jb_rc rc =
        make_origin(ledger, key->public.name, checkpoint.origin, sizeof checkpoint.origin, err);

    if (rc == JB_OK)
        rc = jb_ledger_root_at(ledger, size, &checkpoint.root, err);
    if (rc == JB_OK) {
        jb_checkpoint_text(&checkpoint, &text);
        rc = text.failed < 0 ? jb_fail(err, text.failed, NULL, "no memory for a checkpoint")
                             : jb_note_sign(jb_buf_text(&text), text.len, key, out, err);
    }
    jb_buf_release(&text);
    if (rc == JB_OK)
        *ret = checkpoint;
    return rc;
}

/* --- what is told ------------------------------------------------------------------------------------------------ */

/* R-CERT-11: machine time that papers tell of the same project and period. Of a model alone nobody tells it. */
static jb_rc hold_against(struct jb_ledger *ledger, struct desk *desk, struct jb_error *err)
{
    const struct jb_inventory_scope *const scope = &desk->inventory.scope;
    struct jb_certificate_against *const ret = &desk->facts.against;
    jb_rc rc =
        jb_against_make_time(ledger, scope->since_utc_us, scope->until_utc_us, &desk->against, err);

    if (rc < 0 || scope->model[0] || scope->model_version[0] || scope->run_id[0] || scope->group[0])
        return rc;
    struct jb_against_row sum = {.n_reconciled = 0};
    for (size_t i = 0; i < desk->against.n_rows && scope->project[0]; i++) {
        const struct jb_against_row *const row = &desk->against.rows[i];
        if (strcmp(row->project, scope->project) != 0)
            continue;
        if (jb_add_i64(sum.logged.machine_ns, row->logged.machine_ns, &sum.logged.machine_ns) < 0 ||
            jb_add_i64(sum.told.machine_ns, row->told.machine_ns, &sum.told.machine_ns) < 0)
            return jb_fail(err, JB_E_RANGE, NULL, "the machine time of '%s' does not fit 64 bits",
                           scope->project);
        sum.logged.n_runs += row->logged.n_runs;
        sum.told.n_runs += row->told.n_runs;
        sum.n_reconciled += row->n_reconciled;
    }
    if (!scope->project[0])
        sum = desk->against.all;
    ret->coverage_ppm = jb_against_coverage_ppm(&sum);
    ret->is_told = ret->coverage_ppm >= 0;
    ret->logged_ns = sum.logged.machine_ns;
    ret->told_ns = sum.told.machine_ns;
    ret->n_logged = sum.logged.n_runs;
    ret->n_told = sum.told.n_runs;
    ret->n_reconciled = sum.n_reconciled;
    return JB_OK;
}

/* The earlier certificate, and that this book still begins as it was then. */
static jb_rc take_earlier(struct jb_ledger *ledger, struct desk *desk, struct jb_error *err)
{
    struct jb_hash root;
    int64_t size = 0;

    if (!desk->order->previous)
        return JB_OK;
    jb_rc rc = jb_certificate_decode(desk->order->previous, desk->order->previous_len,
                                     &desk->earlier, err);
    if (rc == JB_OK)
        rc = jb_ledger_root(ledger, &size, &root, err);
    if (rc == JB_OK && desk->earlier->tree.size <= size)
        rc = jb_ledger_root_at(ledger, desk->earlier->tree.size, &root, err);
    if (rc < 0)
        return rc;
    if (desk->earlier->tree.size > size || !jb_hash_equal(&root, &desk->earlier->tree.root))
        return jb_fail(err, JB_E_CONFLICT, "it is of another book, or this one was rewritten",
                       "the book does not begin with the %" PRId64
                       " entries of the earlier certificate",
                       desk->earlier->tree.size);
    desk->facts.has_previous = true;
    desk->facts.previous = desk->earlier->tree;
    return JB_OK;
}

static jb_rc fill(struct jb_ledger *ledger, struct desk *desk, struct jb_error *err)
{
    const struct jb_certify_order *const order = desk->order;
    char id[JB_UUID_TEXT];
    char vkey[JB_VKEY_TEXT];
    jb_rc rc = jb_inventory_make(ledger, &order->scope, &desk->inventory, err);

    if (rc == JB_OK && desk->inventory.n_runs == 0)
        rc = jb_fail(err, JB_E_NOT_FOUND, "`joulebook runs` lists them",
                     "no run of the selection has ended");
    if (rc == JB_OK)
        rc = hold_against(ledger, desk, err);
    if (rc == JB_OK && order->policy)
        rc = jb_policy_parse(order->policy_name, order->policy, order->policy_len, &desk->policy,
                             err);
    if (rc == JB_OK)
        rc = take_earlier(ledger, desk, err);
    if (rc < 0)
        return rc;
    jb_uuid7(order->now_utc_us, id);
    desk->facts.id = id;
    desk->facts.issuer = jb_vkey(&order->key->public, vkey, sizeof vkey);
    desk->facts.software = order->software;
    desk->facts.inventory = &desk->inventory;
    desk->facts.files = order->files;
    desk->facts.n_files = order->n_files;
    desk->facts.policy = order->policy ? &desk->policy : NULL;
    desk->facts.withheld = order->withheld;
    rc =
        jb_certificate_fill(&desk->facts, desk->certificate, desk->is_withheld, &desk->is_met, err);
    if (rc == JB_OK && order->policy && desk->policy.issue_only_if_met && !desk->is_met)
        rc = jb_fail(err, JB_E_CONFLICT, "nothing was entered", "the policy '%s' is not met:\n%s",
                     order->policy_name, jb_certificate_text(desk->certificate, "policy"));
    return rc;
}

/* --- entered and proved ------------------------------------------------------------------------------------------ */

static jb_rc append(struct jb_ledger *ledger, const struct jb_certificate *certificate,
                    int64_t *ret_seq, struct jb_error *err)
{
    struct jb_field fields[JB_CERTIFICATE_FIELDS];
    struct jb_entry entry = {.kind = JB_CERTIFICATE_KIND,
                             .layer = JB_LAYER_MEASURED,
                             .n_fields = certificate->n_fields,
                             .fields = fields};

    for (size_t i = 0; i < certificate->n_fields; i++)
        fields[i] = (struct jb_field){certificate->fields[i].name, certificate->fields[i].value};
    return jb_ledger_append(ledger, &entry, ret_seq, err);
}

/* Salts and canonical bytes, as the book has them. */
static void take_openings(struct desk *desk)
{
    struct jb_certificate *const certificate = desk->certificate;
    const struct jb_ledger_opened *const opened = desk->opened;

    certificate->entry = opened->bytes;
    certificate->entry_len = opened->n_bytes;
    certificate->index = opened->index;
    for (size_t i = 0; i < certificate->n_fields; i++) {
        struct jb_certificate_field *const field = &certificate->fields[i];
        field->commitment = opened->head.fields[i].hash;
        if (desk->is_withheld[i])
            field->value = NULL;
        else
            memcpy(field->salt, opened->openings[i].salt, sizeof field->salt);
    }
}

static jb_rc prove(struct jb_ledger *ledger, struct desk *desk, struct jb_error *err)
{
    struct jb_certificate *const certificate = desk->certificate;
    struct jb_checkpoint checkpoint;
    const int64_t size = certificate->index + 1;
    jb_rc rc = make_checkpoint(ledger, size, desk->order->key, &checkpoint, &desk->note, err);

    if (rc == JB_OK)
        rc = jb_ledger_inclusion(ledger, certificate->index, size, &certificate->inclusion, err);
    if (rc < 0)
        return rc;
    certificate->checkpoint = desk->note.bytes;
    certificate->checkpoint_len = desk->note.len;
    memcpy(certificate->origin, checkpoint.origin, sizeof certificate->origin);
    certificate->tree.size = size;
    certificate->tree.root = checkpoint.root;
    certificate->has_previous = desk->facts.has_previous;
    if (certificate->has_previous) {
        certificate->previous = desk->facts.previous;
        rc = jb_ledger_consistency(ledger, certificate->previous.size, size,
                                   &certificate->consistency, err);
    }
    return rc == JB_OK ? jb_certificate_set_subject(certificate, &desk->subject, err) : rc;
}

/* The envelope; whoever gets it could decode it. */
static jb_rc wrap(struct desk *desk, struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(jb_certificate_free_auto) struct jb_certificate *back = NULL;
    const size_t start = out->len;
    jb_rc rc = jb_certificate_payload(desk->certificate, &desk->payload, err);

    if (rc < 0)
        return rc;
    (void)snprintf(desk->envelope.payload_type, sizeof desk->envelope.payload_type, "%s",
                   JB_DSSE_PAYLOAD_TYPE);
    desk->envelope.payload = desk->payload.bytes;
    desk->envelope.payload_len = desk->payload.len;
    rc = jb_dsse_sign(&desk->envelope, desk->order->key, err);
    if (rc == JB_OK)
        rc = jb_dsse_encode(&desk->envelope, out, err);
    if (rc == JB_OK)
        rc = jb_certificate_decode(out->bytes + start, out->len - start, &back, err);
    return rc;
}

static jb_rc enter(struct jb_ledger *ledger, struct desk *desk, struct jb_buf *out,
                   struct jb_error *err)
{
    int64_t seq = 0;
    jb_rc rc = append(ledger, desk->certificate, &seq, err);

    if (rc == JB_OK)
        rc = jb_ledger_entry_opened(ledger, seq - 1, &desk->opened, err);
    if (rc < 0)
        return rc;
    take_openings(desk);
    rc = prove(ledger, desk, err);
    return rc == JB_OK ? wrap(desk, out, err) : rc;
}

jb_rc jb_certify(struct jb_ledger *ledger, const struct jb_certify_order *order, struct jb_buf *out,
                 struct jb_certified *ret, struct jb_error *err)
{
    JB_AUTO(desk_free_auto) struct desk *desk = calloc(1, sizeof *desk);
    jb_rc rc = JB_OK;

    if (!desk)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a certificate");
    desk->order = order;
    desk->certificate = jb_certificate_new();
    desk->note = JB_BUF(NOTE_MAX);
    desk->subject = JB_BUF((size_t)JB_FIELD_VALUE_MAX * 2);
    desk->payload = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    if (!desk->certificate)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a certificate");
    rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = fill(ledger, desk, err);
    if (rc == JB_OK)
        rc = enter(ledger, desk, out, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    else
        jb_ledger_rollback(ledger);
    if (rc < 0)
        return rc;
    ret->index = desk->certificate->index;
    ret->has_policy = order->policy != NULL;
    ret->is_policy_met = desk->is_met;
    return JB_OK;
}

/* --- what else an issuer hands out ------------------------------------------------------------------------------- */

jb_rc jb_certify_checkpoint(struct jb_ledger *ledger, int64_t size, const struct jb_secret_key *key,
                            struct jb_buf *out, struct jb_error *err)
{
    struct jb_checkpoint checkpoint;
    struct jb_hash root;
    jb_rc rc = size > 0 ? JB_OK : jb_ledger_root(ledger, &size, &root, err);

    if (rc == JB_OK && size == 0)
        rc = jb_fail(err, JB_E_NOT_FOUND, "`joulebook run` enters a run", "the book is empty");
    return rc == JB_OK ? make_checkpoint(ledger, size, key, &checkpoint, out, err) : rc;
}

jb_rc jb_certify_proof(struct jb_ledger *ledger, const char *run_id,
                       const struct jb_secret_key *key, struct jb_buf *out, struct jb_error *err)
{
    struct jb_buf note = JB_BUF(NOTE_MAX);
    struct jb_tlog_proof proof = {.extra = NULL};
    struct jb_merkle_proof inclusion = {.n = 0};
    JB_AUTO(jb_ledger_opened_free_auto) struct jb_ledger_opened *opened = NULL;
    struct jb_checkpoint checkpoint;
    struct jb_hash hash;
    int64_t size = 0;
    int64_t seq = 0;
    jb_rc rc = jb_ledger_account_entry(ledger, run_id, &seq, &hash, err);

    if (rc == JB_OK)
        rc = jb_ledger_root(ledger, &size, &hash, err);
    if (rc == JB_OK)
        rc = make_checkpoint(ledger, size, key, &checkpoint, &note, err);
    if (rc == JB_OK)
        rc = jb_ledger_inclusion(ledger, seq - 1, size, &inclusion, err);
    if (rc == JB_OK)
        rc = jb_ledger_entry_opened(ledger, seq - 1, &opened, err);
    if (rc == JB_OK && !(proof.extra = malloc(opened->n_bytes)))
        rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory for a proof");
    if (rc == JB_OK) {
        memcpy(proof.extra, opened->bytes, opened->n_bytes);
        proof.extra_len = opened->n_bytes;
        proof.index = seq - 1;
        proof.n_hashes = inclusion.n;
        memcpy(proof.hashes, inclusion.hashes, inclusion.n * sizeof inclusion.hashes[0]);
        proof.checkpoint = note.bytes;
        proof.checkpoint_len = note.len;
        jb_tlog_proof_text(&proof, out);
        if (out->failed < 0)
            rc = jb_fail(err, out->failed, NULL, "no memory for a proof");
    }
    jb_tlog_proof_release(&proof);
    jb_buf_release(&note);
    return rc;
}

static jb_rc open_field(const struct jb_ledger_opened *opened, const char *name, struct jb_buf *out,
                        struct jb_error *err)
{
    for (size_t i = 0; i < opened->head.n_fields; i++) {
        struct jb_opening opening = {.leaf = opened->leaf};
        if (strcmp(opened->head.fields[i].name, name) != 0)
            continue;
        if (!opened->openings[i].value)
            return jb_fail(err, JB_E_NOT_FOUND, NULL, "'%s' was erased in the book", name);
        memcpy(opening.name, opened->head.fields[i].name, sizeof opening.name);
        memcpy(opening.salt, opened->openings[i].salt, sizeof opening.salt);
        opening.len = opened->openings[i].len;
        opening.value = opened->openings[i].value;
        return jb_opening_encode(&opening, out, err);
    }
    return jb_fail(err, JB_E_NOT_FOUND, "`joulebook verify --json` lists them",
                   "the certificate has no field '%s'", name);
}

jb_rc jb_certify_open(struct jb_ledger *ledger, const char *certificate, size_t len,
                      const char *field, struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(jb_certificate_free_auto) struct jb_certificate *decoded = NULL;
    JB_AUTO(jb_ledger_opened_free_auto) struct jb_ledger_opened *opened = NULL;
    struct jb_hash leaf;
    struct jb_hash here;
    jb_rc rc = jb_certificate_decode(certificate, len, &decoded, err);

    if (rc < 0)
        return rc;
    leaf = jb_merkle_leaf(decoded->entry, decoded->entry_len);
    if (jb_ledger_leaf_at(ledger, decoded->index, &here, err) < 0 || !jb_hash_equal(&leaf, &here))
        return jb_fail(err, JB_E_NOT_FOUND, "give the book it was made of with --book",
                       "the certificate is not of this book");
    rc = jb_ledger_entry_opened(ledger, decoded->index, &opened, err);
    return rc == JB_OK ? open_field(opened, field, out, err) : rc;
}
