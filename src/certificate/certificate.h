/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate: one entry `certified` of a book, its fields opened or withheld, with the proof that it stands in the tree of a
 * signed checkpoint, in a DSSE envelope over an in-toto statement. docs/format/certificate.md has it byte for byte,
 * docs/method/certificate.md the rules R-CERT-01 ... Decoding takes bytes of strangers and is pure: no book, no network, no
 * configuration. What decodes is encoded again to the same bytes.
 */
#ifndef JB_CERTIFICATE_CERTIFICATE_H
#define JB_CERTIFICATE_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "journal/entry.h"
#include "journal/merkle_proof.h"
#include "sign/dsse.h"
#include "sign/key.h"
#include "sign/note.h"

#define JB_CERTIFICATE_KIND      "certified" /* of the entry */
#define JB_CERTIFICATE_SCHEMA    "joulebook.certificate/1"
#define JB_CERTIFICATE_PREDICATE "https://joulebook.org/energy-record/v1"
#define JB_CERTIFICATE_RUNS_MAX  20000
#define JB_CERTIFICATE_BYTES_MAX ((size_t)48 * 1024 * 1024)
#define JB_CERTIFICATE_FIELDS    64 /* more than a certificate has */

/* What a signature cannot prove, word for word on every certificate of this schema (R-CERT-03). */
extern const char JB_CERTIFICATE_LIMITS[];

struct jb_certificate_field {
    char name[JB_FIELD_NAME];
    const char
        *value; /* NULL: withheld; else clean UTF-8 whose only control character is the line feed */
    size_t len;
    uint8_t salt[JB_SALT_BYTES]; /* all zero where it is withheld */
    struct jb_hash commitment;
};

/* A tree of a log, as signed or as named. */
struct jb_certificate_tree {
    int64_t size;
    struct jb_hash root;
};

struct jb_certificate {
    /* The entry. */
    const char *entry; /* its canonical bytes */
    size_t entry_len;
    int64_t index; /* of its leaf in the tree, from 0 */
    int64_t issued_utc_us;
    size_t n_fields;
    struct jb_certificate_field fields[JB_CERTIFICATE_FIELDS];
    /* Where it stands. */
    const char *checkpoint; /* signed note, whole */
    size_t checkpoint_len;
    char origin[JB_ORIGIN_TEXT];
    struct jb_certificate_tree tree;
    struct jb_merkle_proof inclusion;
    /* The earlier tree that it continues (--since). */
    bool has_previous;
    struct jb_certificate_tree previous;
    struct jb_merkle_proof consistency;
    /* What it is about: the statement's "subject", canonical JSON. */
    const char *subject;
    size_t subject_len;
    /* Who signed the envelope: the issuer first. */
    size_t n_signers;
    struct jb_public_key signers[JB_DSSE_SIGNATURES_MAX];
    /* R-CERT-05: totals were computed again from the columns of runs; false: parts are withheld, totals are asserted. */
    bool is_computed;
    int64_t n_runs;
    char *texts; /* memory of what is pointed to above; NULL where it was not decoded */
};
/* Large: on the heap. NULL where there is no memory. */
struct jb_certificate *jb_certificate_new(void);
void jb_certificate_free(struct jb_certificate *certificate);
JB_AUTO_POINTER(struct jb_certificate, jb_certificate_free)

/* NULL if there is no field of this name. */
const struct jb_certificate_field *jb_certificate_field(const struct jb_certificate *certificate,
                                                        const char *name);
/* Its value; NULL where there is none or it is withheld. */
const char *jb_certificate_text(const struct jb_certificate *certificate, const char *name);

/* Walks a value line by line; each line of a column is one run, in the same order. */
struct jb_certificate_lines {
    const char *at, *end;
};
struct jb_certificate_lines jb_certificate_lines(const struct jb_certificate *certificate,
                                                 const char *name);
/* False after the last one. The line has no line feed and is not NUL-terminated. */
bool jb_certificate_next_line(struct jb_certificate_lines *lines, const char **ret_line,
                              size_t *ret_len);

/* One condition of the policy, as judged at issue (R-CERT-07). */
struct jb_certificate_condition {
    char condition[40], required[120], found[160];
    bool is_met;
};
#define JB_CERTIFICATE_CONDITIONS_MAX 16
/* Those of the field "policy"; 0 where there is none. JB_E_INPUT unless it is written as the format says. */
JB_MUST_USE jb_rc jb_certificate_conditions(
    const char *text, size_t len,
    struct jb_certificate_condition ret_conditions[JB_CERTIFICATE_CONDITIONS_MAX], size_t *ret_n,
    struct jb_error *err);

/* The payload, from the fields, the entry, the place in the tree and the subject. */
JB_MUST_USE jb_rc jb_certificate_payload(const struct jb_certificate *certificate,
                                         struct jb_buf *out, struct jb_error *err);

/*
 * An envelope's bytes to a certificate that is consistent with itself (R-CERT-01 to -05): one byte-canonical form, every signature
 * holds, fields fit their commitments, the entry stands in the tree that the issuer signed, totals fit the runs. JB_E_INPUT
 * or JB_E_DAMAGED with the reason. Says nothing of who the signers are.
 */
JB_MUST_USE jb_rc jb_certificate_decode(const char *bytes, size_t len,
                                        struct jb_certificate **ret_certificate,
                                        struct jb_error *err);

#endif
