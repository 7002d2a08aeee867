/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a selection to the fields of a certificate, and which of them are withheld. R-CERT-04 to R-CERT-07, R-CERT-11. */
#ifndef JB_CERTIFICATE_ISSUE_H
#define JB_CERTIFICATE_ISSUE_H

#include "certificate/certificate.h"
#include "certificate/policy.h"
#include "model/inventory.h"

struct jb_certificate_file {
    const char *name;
    struct jb_hash digest;
};

/* Machine time that papers tell, and how much of it was logged. */
struct jb_certificate_against {
    bool is_told;
    int64_t logged_ns, told_ns, coverage_ppm, n_logged, n_told, n_reconciled;
};

struct jb_certificate_facts {
    const char *id, *issuer, *software; /* issuer: a vkey */
    const struct jb_inventory *inventory;
    const struct jb_certificate_file *files;
    size_t n_files;
    struct jb_certificate_against against;
    const struct jb_policy *policy; /* NULL: none */
    bool has_previous;
    struct jb_certificate_tree previous;
    const char *const *withheld; /* names, NULL at their end; NULL: none */
};

/*
 * Fills the fields, all with their values, in their order. ret_withheld[i] says that field i is to be closed. JB_E_INPUT for a field
 * that cannot be withheld or is not there, and for a withheld text that stands in an open field. *ret_is_met: every condition.
 */
JB_MUST_USE jb_rc jb_certificate_fill(const struct jb_certificate_facts *facts,
                                      struct jb_certificate *ret,
                                      bool ret_withheld[JB_CERTIFICATE_FIELDS], bool *ret_is_met,
                                      struct jb_error *err);
/* The statement's subject into `out`; certificate->subject then points to it. */
JB_MUST_USE jb_rc jb_certificate_set_subject(struct jb_certificate *certificate, struct jb_buf *out,
                                             struct jb_error *err);

#endif
