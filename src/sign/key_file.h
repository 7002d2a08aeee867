/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret key in a file that only its owner can read (0600, made so; another owner or a mode that lets others in is
 * refused, never loosened or mended silently), plain or under a passphrase (argon2id and secretbox of libsodium); and
 * lists of public keys with what is known of them, as a verifier is given them. docs/format/key.md.
 */
#ifndef JB_SIGN_KEY_FILE_H
#define JB_SIGN_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "sign/key.h"

#define JB_KEY_FILE_MAX   1024 /* with a NUL */
#define JB_PASSPHRASE_MAX 1024 /* with the NUL */
#define JB_KEY_LIST_MAX   1024

/* Asks for a passphrase; NULL where there is nobody to ask. Writes a NUL-terminated text of at most `size`. */
typedef jb_rc (*jb_passphrase_fn)(void *arg, const char *prompt, char *ret, size_t size,
                                  struct jb_error *err);

/* JB_E_CONFLICT if the file is there. `passphrase` NULL: plain. Whole or not at all. */
JB_MUST_USE jb_rc jb_key_file_write(const char *path, const struct jb_secret_key *key,
                                    const char *passphrase, struct jb_error *err);
/* The same in the place of a file that is there. */
JB_MUST_USE jb_rc jb_key_file_replace(const char *path, const struct jb_secret_key *key,
                                      const char *passphrase, struct jb_error *err);
/* JB_E_PERMISSION: not this user's alone, or another passphrase. JB_E_NOT_FOUND. JB_E_INPUT: no key file. */
JB_MUST_USE jb_rc jb_key_file_read(const char *path, jb_passphrase_fn ask, void *arg,
                                   struct jb_secret_key *ret, struct jb_error *err);

/* Its public key, for which no passphrase is needed. */
JB_MUST_USE jb_rc jb_key_file_public(const char *path, struct jb_public_key *ret,
                                     bool *ret_has_passphrase, struct jb_error *err);
/* What the file holds, without looking at who can read it. */
JB_MUST_USE jb_rc jb_key_file_parse(const char *bytes, size_t len, jb_passphrase_fn ask, void *arg,
                                    struct jb_secret_key *ret, struct jb_error *err);

/* One line of a list of public keys: a vkey, and if it is no longer to be trusted since when and why. */
struct jb_listed_key {
    struct jb_public_key key;
    int64_t valid_from_utc_us; /* 0 not told */
    int64_t revoked_utc_us;    /* 0: it is not */
    char reason[128];
};
/* A list (docs/format/key.md), or a single vkey on a line. JB_E_INPUT names the line. *ret_keys is the caller's to free. */
JB_MUST_USE jb_rc jb_key_list_parse(const char *text, size_t len, struct jb_listed_key **ret_keys,
                                    size_t *ret_n, struct jb_error *err);

/* What both keys sign when one takes the other's place (docs/format/key.md), and whether a note has it from both. */
void jb_key_rotation_text(const char *fresh, const char *utc, const char *old, struct jb_buf *out);
bool jb_key_rotation_holds(const char *fresh, const char *utc, const char *old,
                           const char *signature);

/* The lines of a list; a revoked key must have a reason. */
void jb_key_list_text(const struct jb_listed_key *keys, size_t n, struct jb_buf *out);

#endif
