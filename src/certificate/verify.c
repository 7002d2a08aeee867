/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that agrees with itself, held against what the verifier has. Each thing given ends in a finding: it holds, or it
 * is refused with its reason; each thing not given is said to be open. Pure. R-CERT-08 to R-CERT-10, R-CERT-12.
 */
#include "certificate/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"
#include "certificate/certificate_int.h"
#include "certificate/tlog.h"
#include "journal/merkle.h"

struct check {
    struct jb_certificate *certificate;
    const struct jb_trust *trust;
    struct jb_findings *findings;
};

const char *jb_finding_kind_name(enum jb_finding_kind kind)
{
    static const char *const names[] = {"holds", "says", "open", "refused"};

    return names[kind];
}

void jb_finding_add(struct jb_findings *findings, enum jb_finding_kind kind, const char *format,
                    ...)
{
    va_list args;

    findings->is_refused = findings->is_refused || kind == JB_FINDING_REFUSED;
    if (findings->n == JB_FINDINGS_MAX)
        return;
    struct jb_finding *const finding = &findings->list[findings->n++];
    finding->kind = kind;
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof finding->text, format, args);
    va_end(args);
}
#define HOLDS(...)  jb_finding_add(check->findings, JB_FINDING_HOLDS, __VA_ARGS__)
#define SAYS(...)   jb_finding_add(check->findings, JB_FINDING_SAYS, __VA_ARGS__)
#define OPEN(...)   jb_finding_add(check->findings, JB_FINDING_OPEN, __VA_ARGS__)
#define REFUSE(...) jb_finding_add(check->findings, JB_FINDING_REFUSED, __VA_ARGS__)

/* --- keys (R-CERT-10) ------------------------------------------------------------------------------------------- */

/* Several lists may name a key: whichever says worse of it counts. False: none has it by this name. */
static bool find_key(const struct jb_trust *trust, const struct jb_public_key *key,
                     struct jb_listed_key *ret)
{
    bool is_found = false;

    *ret = (struct jb_listed_key){.key = *key};
    for (size_t i = 0; i < trust->n_keys; i++) {
        const struct jb_listed_key *const one = &trust->keys[i];
        if (memcmp(one->key.bytes, key->bytes, sizeof key->bytes) != 0)
            continue;
        is_found = is_found || jb_public_key_equal(&one->key, key);
        if (one->valid_from_utc_us > ret->valid_from_utc_us)
            ret->valid_from_utc_us = one->valid_from_utc_us;
        if (one->revoked_utc_us == 0 ||
            (ret->revoked_utc_us != 0 && ret->revoked_utc_us <= one->revoked_utc_us))
            continue;
        ret->revoked_utc_us = one->revoked_utc_us;
        memcpy(ret->reason, one->reason, sizeof ret->reason);
    }
    return is_found;
}

/* The name by which the lists have the key where it is another one; else NULL. */
static const char *other_name(const struct jb_trust *trust, const struct jb_public_key *key)
{
    for (size_t i = 0; i < trust->n_keys; i++)
        if (memcmp(trust->keys[i].key.bytes, key->bytes, sizeof key->bytes) == 0 &&
            strcmp(trust->keys[i].key.name, key->name) != 0)
            return trust->keys[i].key.name;
    return NULL;
}

/* What is known of the issuer's key, by a list or by the log. False: it may not have signed then. */
static bool check_times(const struct check *check, const char *who, const char *where,
                        const struct jb_listed_key *known, bool is_before)
{
    const int64_t issued = check->certificate->issued_utc_us;
    char at[32];

    if (known->valid_from_utc_us > issued) {
        REFUSE("the key of %s is valid from %s only, %s says: after the issue", who,
               jb_format_utc(known->valid_from_utc_us, false, at, sizeof at), where);
        return false;
    }
    if (known->revoked_utc_us == 0)
        return true;
    jb_format_utc(known->revoked_utc_us, false, at, sizeof at);
    if (known->revoked_utc_us <= issued) {
        REFUSE("the key of %s was revoked at %s, %s says: %s", who, at, where,
               known->reason[0] ? known->reason : "no reason told");
        return false;
    }
    if (is_before)
        HOLDS("the key of %s was revoked at %s, after the entry of this certificate was in the log",
              who, at);
    else
        SAYS("issued before its key was revoked (%s): the issuer's word alone, unless a log shows "
             "it",
             at);
    return true;
}

static void check_issuer_key(const struct check *check)
{
    const struct jb_public_key *const issuer = &check->certificate->signers[0];
    const struct jb_tlog_key *const logged =
        check->trust->log ? jb_tlog_find_key(check->trust->log, issuer) : NULL;
    const bool is_before = logged && logged->revoked_index > check->certificate->index;

    if (!check->trust->has_keys) {
        OPEN("who '%s' is: no --key was given", issuer->name);
    } else {
        struct jb_listed_key listed;
        if (!find_key(check->trust, issuer, &listed))
            REFUSE("'%s' signed it with a key that is not in the list", issuer->name);
        else if (check_times(check, issuer->name, "the list", &listed, is_before))
            HOLDS("the issuer's key is in the list");
    }
    if (!logged || !check_times(check, issuer->name, "the log", &logged->key, is_before))
        return;
    if (logged->revoked_index >= 0 && !is_before)
        REFUSE("entry %" PRId64 " of the log revoked the key of %s before this one, %" PRId64
               ", was entered: its time of issue is not true",
               logged->revoked_index, issuer->name, check->certificate->index);
}

static void check_countersigners(const struct check *check)
{
    for (size_t i = 1; i < check->certificate->n_signers; i++) {
        const struct jb_public_key *const key = &check->certificate->signers[i];
        char fingerprint[JB_FINGERPRINT];
        jb_fingerprint(key, fingerprint, sizeof fingerprint);
        struct jb_listed_key listed;
        const char *const other = other_name(check->trust, key);
        char at[32];
        /* A signature does not cover its keyid: whoever hands the file on can write another name beside it. */
        if (other)
            REFUSE("the countersigner '%s' is '%s' in the list: the name was changed", key->name,
                   other);
        else if (!find_key(check->trust, key, &listed))
            SAYS("countersigned by fingerprint %s, which the file names '%s': %s", fingerprint,
                 key->name, check->trust->has_keys ? "not in the list" : "no --key was given");
        else if (listed.revoked_utc_us > 0)
            SAYS("countersigned by '%s', whose key is revoked (%s); when it signed is not known",
                 key->name, jb_format_utc(listed.revoked_utc_us, false, at, sizeof at));
        else
            HOLDS("countersigned by '%s', whose key is in the list", key->name);
    }
}

/* --- trees (R-CERT-09) ------------------------------------------------------------------------------------------ */

/* Logs of one book share the end of their origin: the first entry's hash. */
static bool is_same_log(const char *a, const char *b)
{
    const char *const a_end = strrchr(a, '/');
    const char *const b_end = strrchr(b, '/');

    return a_end && b_end && strcmp(a_end, b_end) == 0;
}

static bool log_has(const struct jb_tlog_seen *log, int64_t size, const struct jb_hash *root)
{
    struct jb_hash made;

    return log && jb_tlog_root(log, size, &made) && jb_hash_equal(&made, root);
}

/* Both trees are beginnings of the log that was given. */
static bool is_joined_by_log(const struct check *check, const struct jb_certificate_tree *other)
{
    const struct jb_certificate_tree *const tree = &check->certificate->tree;

    return log_has(check->trust->log, tree->size, &tree->root) &&
           log_has(check->trust->log, other->size, &other->root);
}

/* By the proof inside of the certificate, which was checked when it was decoded. */
static bool is_joined_inside(const struct check *check, const struct jb_certificate_tree *other)
{
    const struct jb_certificate *const certificate = check->certificate;

    return certificate->has_previous && certificate->previous.size == other->size &&
           jb_hash_equal(&certificate->previous.root, &other->root);
}

static bool is_signed_by_known(const struct check *check, const struct jb_note *note)
{
    if (jb_note_is_signed_by(note, &check->certificate->signers[0]))
        return true;
    for (size_t i = 0; i < check->trust->n_keys; i++)
        if (jb_note_is_signed_by(note, &check->trust->keys[i].key))
            return true;
    return false;
}

static void check_checkpoint(const struct check *check)
{
    const struct jb_certificate_tree *const tree = &check->certificate->tree;
    struct jb_checkpoint checkpoint;
    struct jb_error err = {0};
    struct jb_note note;

    if (!check->trust->checkpoint) {
        OPEN("whether the log has gone on: no --checkpoint was given");
        return;
    }
    if (jb_note_parse(check->trust->checkpoint, check->trust->checkpoint_len, &note, &err) < 0 ||
        jb_checkpoint_parse(note.text, note.len, &checkpoint, &err) < 0) {
        REFUSE("the checkpoint given: %s", err.message);
        return;
    }
    const struct jb_certificate_tree other = {checkpoint.size, checkpoint.root};
    if (!is_signed_by_known(check, &note))
        REFUSE("the checkpoint given is signed neither by the issuer nor by a key of the list");
    else if (!is_same_log(checkpoint.origin, check->certificate->origin))
        REFUSE("the checkpoint given is of another log, '%s'", checkpoint.origin);
    else if (other.size == tree->size && !jb_hash_equal(&other.root, &tree->root))
        REFUSE("the checkpoint given has another root for the same %" PRId64
               " entries: two logs under one name",
               tree->size);
    else if (other.size == tree->size)
        HOLDS("the certificate's tree is that of the checkpoint");
    else if (is_joined_by_log(check, &other) || is_joined_inside(check, &other))
        HOLDS("the certificate's tree of %" PRId64 " entries and the checkpoint's of %" PRId64
              " are of one log",
              tree->size, other.size);
    else
        REFUSE("the certificate's tree of %" PRId64 " entries is %s than the checkpoint's of "
               "%" PRId64 ", and nothing shows that they are of one log",
               tree->size, other.size > tree->size ? "older" : "newer", other.size);
}

static void check_previous(const struct check *check)
{
    const struct jb_certificate *const earlier = check->trust->previous;
    const struct jb_certificate_tree *const tree = &check->certificate->tree;

    if (!earlier) {
        if (check->certificate->has_previous)
            HOLDS("the book was not rewritten since its first %" PRId64 " entries (root as told)",
                  check->certificate->previous.size);
        return;
    }
    if (!is_same_log(earlier->origin, check->certificate->origin))
        REFUSE("the earlier certificate is of another log, '%s'", earlier->origin);
    else if (earlier->tree.size > tree->size)
        REFUSE("the earlier certificate has the later tree, of %" PRId64 " entries",
               earlier->tree.size);
    else if ((earlier->tree.size == tree->size &&
              jb_hash_equal(&earlier->tree.root, &tree->root)) ||
             is_joined_inside(check, &earlier->tree) || is_joined_by_log(check, &earlier->tree))
        HOLDS("nothing was rewritten since the earlier certificate");
    else if (check->certificate->has_previous &&
             check->certificate->previous.size == earlier->tree.size)
        REFUSE("the book was rewritten: its first %" PRId64
               " entries are not those of the earlier certificate",
               earlier->tree.size);
    else
        REFUSE("nothing shows that this tree begins with the earlier certificate's");
}

static void check_log(const struct check *check)
{
    const struct jb_certificate *const certificate = check->certificate;
    const struct jb_tlog_seen *const log = check->trust->log;
    const struct jb_hash leaf = jb_merkle_leaf(certificate->entry, certificate->entry_len);
    const char *const hex = strrchr(certificate->origin, '/');
    char first[2 * JB_HASH_BYTES + 1] = "";

    if (!log)
        return;
    if (log->size > 0)
        jb_hex(log->leaves[0].bytes, JB_HASH_BYTES, first, sizeof first);
    if (!hex || strlen(hex) != 17 || strncmp(hex + 1, first, 16) != 0)
        REFUSE("the log given is another one: it does not begin as '%s'", certificate->origin);
    else if (!log_has(log, certificate->tree.size, &certificate->tree.root))
        REFUSE("the log given does not have the certificate's tree of %" PRId64 " entries",
               certificate->tree.size);
    else if (!jb_hash_equal(&log->leaves[certificate->index], &leaf))
        REFUSE("entry %" PRId64 " of the log is not this certificate", certificate->index);
    else
        HOLDS("the log of %" PRId64 " entries, %" PRId64 " of them runs opened, has the tree and "
              "the entry",
              log->size, log->n_opened);
}

/* --- openings and files (R-CERT-12) ------------------------------------------------------------------------------ */

static void check_opening(const struct check *check, const struct jb_opening *opening)
{
    struct jb_certificate *const certificate = check->certificate;
    const struct jb_hash leaf = jb_merkle_leaf(certificate->entry, certificate->entry_len);
    struct jb_error err = {0};

    if (!jb_hash_equal(&leaf, &opening->leaf)) {
        REFUSE("the opening of '%s' is of another certificate", opening->name);
        return;
    }
    for (size_t i = 0; i < certificate->n_fields; i++) {
        struct jb_certificate_field *const field = &certificate->fields[i];
        if (strcmp(field->name, opening->name) != 0)
            continue;
        const bool was_open = field->value != NULL;
        const struct jb_hash made =
            jb_entry_commit(opening->salt, opening->name, opening->value, opening->len);
        if (!jb_hash_equal(&made, &field->commitment)) {
            REFUSE("the opening of '%s' does not fit what the certificate commits to",
                   opening->name);
            return;
        }
        field->value = opening->value;
        field->len = opening->len;
        memcpy(field->salt, opening->salt, sizeof field->salt);
        if (certificate__check_opened(certificate, field, &err) < 0)
            REFUSE("'%s', opened: %s", opening->name, err.message);
        else
            HOLDS(was_open ? "'%s' was open already, and is the same"
                           : "'%s' was withheld, and is opened",
                  opening->name);
        return;
    }
    REFUSE("the certificate has no field '%s' to open", opening->name);
}

static void check_file(const struct check *check, const struct jb_trust_file *file)
{
    struct jb_certificate_lines lines = jb_certificate_lines(check->certificate, "subjects");
    char hex[2 * JB_HASH_BYTES + 1];
    const char *line = NULL;
    size_t len = 0;

    jb_hex(file->digest.bytes, JB_HASH_BYTES, hex, sizeof hex);
    if (!jb_certificate_field(check->certificate, "subjects")) {
        REFUSE("'%s' cannot be checked: the certificate names no files", file->name);
        return;
    }
    if (!lines.at) {
        REFUSE("'%s' cannot be checked: the files are withheld", file->name);
        return;
    }
    while (jb_certificate_next_line(&lines, &line, &len))
        if (len > 64 && memcmp(line, hex, 64) == 0) {
            HOLDS("'%s' is a file that the certificate is about", file->name);
            return;
        }
    REFUSE("'%s' is no file that the certificate is about: its digest is not in it", file->name);
}

/* --- what it says ------------------------------------------------------------------------------------------------ */

static void say_policy(const struct check *check)
{
    struct jb_certificate_condition conditions[JB_CERTIFICATE_CONDITIONS_MAX];
    const struct jb_certificate_field *const policy =
        jb_certificate_field(check->certificate, "policy");
    struct jb_error err = {0};
    size_t n_met = 0;
    size_t n = 0;

    if (!policy || jb_certificate_conditions(policy->value, policy->len, conditions, &n, &err) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        n_met += conditions[i].is_met;
        if (!conditions[i].is_met)
            SAYS("not met: %s, required %s, found %s", conditions[i].condition,
                 conditions[i].required, conditions[i].found);
    }
    SAYS("meets %zu of %zu conditions of its policy", n_met, n);
}

static void say_itself(const struct check *check)
{
    const struct jb_certificate *const certificate = check->certificate;
    char fingerprint[JB_FINGERPRINT];
    char at[32];
    size_t n_withheld = 0;

    for (size_t i = 0; i < certificate->n_fields; i++)
        n_withheld += !certificate->fields[i].value;
    HOLDS("it agrees with itself: %zu fields, %zu of them withheld, in entry %" PRId64
          " of a log of %" PRId64,
          certificate->n_fields, n_withheld, certificate->index, certificate->tree.size);
    HOLDS("signed by '%s', fingerprint %s", certificate->signers[0].name,
          jb_fingerprint(&certificate->signers[0], fingerprint, sizeof fingerprint));
    SAYS("issued %s, by its issuer's clock",
         jb_format_utc(certificate->issued_utc_us, false, at, sizeof at));
}

static void say_totals(const struct check *check)
{
    const struct jb_certificate *const certificate = check->certificate;
    int64_t left_out[3] = {0, 0, 0};
    const struct jb_certificate_field *const field = jb_certificate_field(certificate, "left_out");

    if (certificate->is_computed)
        HOLDS("computed: the totals are the sums of its %" PRId64 " runs", certificate->n_runs);
    else
        SAYS("asserted: totals over %" PRId64 " runs of which parts are withheld",
             certificate->n_runs);
    if (certificate__take_numbers(field->value, field->len, left_out, 3) &&
        (left_out[0] > 0 || left_out[1] > 0 || left_out[2] > 0))
        SAYS("left out: %" PRId64 " open, %" PRId64 " void, %" PRId64 " reconciled with another",
             left_out[0], left_out[1], left_out[2]);
}

void jb_certificate_verify(struct jb_certificate *certificate, const struct jb_trust *trust,
                           struct jb_findings *ret)
{
    const struct check itself = {certificate, trust, ret};
    const struct check *const check = &itself;

    ret->n = 0;
    ret->is_refused = false;
    say_itself(check);
    for (size_t i = 0; i < trust->n_openings; i++)
        check_opening(check, &trust->openings[i]);
    say_totals(check);
    say_policy(check);
    check_countersigners(check);
    check_issuer_key(check);
    check_checkpoint(check);
    check_previous(check);
    check_log(check);
    for (size_t i = 0; i < trust->n_files; i++)
        check_file(check, &trust->files[i]);
}
