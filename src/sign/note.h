/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C2SP signed-note, tlog-checkpoint and tlog-proof: texts that are signed line by line and read by people. Parsing takes bytes
 * of strangers and is strict: one text has one form.
 */
#ifndef JB_SIGN_NOTE_H
#define JB_SIGN_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "sign/key.h"

#define JB_NOTE_SIGNATURES_MAX 16

struct jb_note_signature {
    char name[JB_KEY_NAME];
    uint32_t key_id;
    uint8_t signature[JB_SIGNATURE_SIZE];
    bool is_known; /* as long as those of Ed25519 are; others are left alone */
};
struct jb_note {
    const char *text; /* borrowed from what was parsed; ends in a line feed */
    size_t len;
    size_t n_signatures;
    struct jb_note_signature signatures[JB_NOTE_SIGNATURES_MAX];
};
JB_MUST_USE jb_rc jb_note_parse(const char *bytes, size_t len, struct jb_note *ret,
                                struct jb_error *err);
/* True if the note carries a signature of this key (by name and id) and it holds. */
bool jb_note_is_signed_by(const struct jb_note *note, const struct jb_public_key *key);
/* Appends text, a blank line and the signature lines. */
JB_MUST_USE jb_rc jb_note_sign(const char *text, size_t len, const struct jb_secret_key *key,
                               struct jb_buf *out, struct jb_error *err);
/* The line of one more signature, to stand below those of a note over the same text. */
void jb_note_sign_line(const char *text, size_t len, const struct jb_secret_key *key,
                       struct jb_buf *out);

#define JB_ORIGIN_TEXT 192
struct jb_checkpoint {
    char origin[JB_ORIGIN_TEXT];
    int64_t size;
    struct jb_hash root;
};
/* The note's text of a checkpoint, without extension lines, and back (extension lines are refused in our own). */
void jb_checkpoint_text(const struct jb_checkpoint *checkpoint, struct jb_buf *out);
JB_MUST_USE jb_rc jb_checkpoint_parse(const char *text, size_t len, struct jb_checkpoint *ret,
                                      struct jb_error *err);

/* c2sp.org/tlog-proof@v1: header, optional extra, index, hashes, blank line, checkpoint (a whole signed note). */
struct jb_tlog_proof {
    char *extra; /* base64-decoded, owned; NULL none */
    size_t extra_len;
    int64_t index;
    size_t n_hashes;
    struct jb_hash hashes[64];
    const char *checkpoint; /* borrowed from what was parsed */
    size_t checkpoint_len;
};
void jb_tlog_proof_release(struct jb_tlog_proof *proof);
JB_MUST_USE jb_rc jb_tlog_proof_parse(const char *bytes, size_t len, struct jb_tlog_proof *ret,
                                      struct jb_error *err);
void jb_tlog_proof_text(const struct jb_tlog_proof *proof, struct jb_buf *out);

#endif
