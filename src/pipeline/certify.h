/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A selection of the book to a certificate: an entry `certified`, and the file that opens it. Everything that could refuse is
 * looked at before anything is entered. R-CERT-02, R-CERT-11; docs/method/certificate.md.
 */
#ifndef JB_PIPELINE_CERTIFY_H
#define JB_PIPELINE_CERTIFY_H

#include "base/buf.h"
#include "base/error.h"
#include "certificate/issue.h"
#include "ledger/ledger.h"
#include "model/inventory.h"
#include "sign/key.h"

struct jb_certify_order {
    struct jb_inventory_scope scope;
    const struct jb_secret_key *key;
    const char *software; /* "joulebook 0.1.0" */
    int64_t now_utc_us;
    const struct jb_certificate_file *files; /* of the model: the subject */
    size_t n_files;
    const char *policy_name, *policy; /* its file and text; NULL: none */
    size_t policy_len;
    const char *const *withheld; /* names of fields, NULL at their end; NULL: none */
    const char *previous;        /* bytes of an earlier certificate; NULL: none */
    size_t previous_len;
};

/* What was made, for whoever tells it. */
struct jb_certified {
    int64_t index; /* of the entry */
    bool has_policy, is_policy_met;
};

/* Enters and appends the certificate's bytes to `out`. The ledger is open for writing; begins and commits by itself. */
JB_MUST_USE jb_rc jb_certify(struct jb_ledger *ledger, const struct jb_certify_order *order,
                             struct jb_buf *out, struct jb_certified *ret, struct jb_error *err);

/* The signed note over the book's tree of `size` entries; 0: as it is now. */
JB_MUST_USE jb_rc jb_certify_checkpoint(struct jb_ledger *ledger, int64_t size,
                                        const struct jb_secret_key *key, struct jb_buf *out,
                                        struct jb_error *err);
/* A c2sp tlog-proof of the entry that a run's account was last entered with; its bytes are the extra data. */
JB_MUST_USE jb_rc jb_certify_proof(struct jb_ledger *ledger, const char *run_id,
                                   const struct jb_secret_key *key, struct jb_buf *out,
                                   struct jb_error *err);
/* The opening of a withheld field of a certificate of this book. */
JB_MUST_USE jb_rc jb_certify_open(struct jb_ledger *ledger, const char *certificate, size_t len,
                                  const char *field, struct jb_buf *out, struct jb_error *err);

#endif
