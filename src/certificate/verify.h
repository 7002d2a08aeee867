/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate against what a verifier is given besides: keys, a checkpoint, an earlier certificate, a log, openings, files of the
 * model. Pure: bytes in, findings out; no book, no network, no configuration. R-CERT-08 to R-CERT-10, R-CERT-12.
 */
#ifndef JB_CERTIFICATE_VERIFY_H
#define JB_CERTIFICATE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certificate/certificate.h"
#include "sign/key_file.h"

enum jb_finding_kind {
    JB_FINDING_HOLDS,   /* was checked, and is so */
    JB_FINDING_SAYS,    /* the certificate says so; nothing here could check it */
    JB_FINDING_OPEN,    /* was not checked: what is needed was not given */
    JB_FINDING_REFUSED, /* was checked, and is not so */
};
#define JB_FINDINGS_MAX \
    128 /* more than there are: openings, files, conditions, signers, and what is told once */
struct jb_findings {
    bool is_refused;
    size_t n;
    struct jb_finding {
        enum jb_finding_kind kind;
        char text[400];
    } list[JB_FINDINGS_MAX];
};
void jb_finding_add(struct jb_findings *findings, enum jb_finding_kind kind, const char *format,
                    ...) JB_PRINTF(3, 4);
const char *jb_finding_kind_name(enum jb_finding_kind kind); /* "holds" ... "refused" */

/* A file of the model, by its digest. */
struct jb_trust_file {
    const char *name;
    struct jb_hash digest;
};
/* A field opened to the verifier. docs/format/certificate.md. */
struct jb_opening {
    struct jb_hash leaf; /* of the entry */
    char name[JB_FIELD_NAME];
    uint8_t salt[JB_SALT_BYTES];
    const char *value; /* in `texts` */
    size_t len;
    char *texts;
};
void jb_opening_release(struct jb_opening *opening);
JB_MUST_USE jb_rc jb_opening_decode(const char *bytes, size_t len, struct jb_opening *ret,
                                    struct jb_error *err);
JB_MUST_USE jb_rc jb_opening_encode(const struct jb_opening *opening, struct jb_buf *out,
                                    struct jb_error *err);

/* A log as it was read (certificate/tlog.h): its roots at the sizes asked for, and its keys. */
struct jb_tlog_seen;

/* What the verifier has; NULL and 0: not given. */
struct jb_trust {
    const struct jb_listed_key *keys;
    size_t n_keys;
    bool has_keys;          /* an empty list trusts nobody */
    const char *checkpoint; /* a signed note */
    size_t checkpoint_len;
    const struct jb_certificate *previous;
    const struct jb_tlog_seen *log;
    const struct jb_opening *openings;
    size_t n_openings;
    const struct jb_trust_file *files;
    size_t n_files;
};

/* Everything that was found, the refusals with their reasons. Openings that fit are put into the certificate. */
void jb_certificate_verify(struct jb_certificate *certificate, const struct jb_trust *trust,
                           struct jb_findings *ret);

#endif
