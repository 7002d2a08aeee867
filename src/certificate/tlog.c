/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log's bytes to its leaves and its keys. Must never keep an entry, nor believe an opening that does not fit its commitment, nor
 * a revocation by anything but the words of the log's own entries. R-CERT-09, R-CERT-10.
 */
#include "certificate/tlog.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"
#include "journal/journal_log.h"
#include "journal/merkle.h"

#define PIECE 65536

void jb_tlog_seen_free(struct jb_tlog_seen *seen)
{
    if (!seen)
        return;
    free(seen->leaves);
    free(seen);
}

/* Into buf[size]; NULL where it is erased, not there, or too long to say anything of a key. */
static const char *value_of(const struct jb_journal_log_entry *entry, const char *name, char *buf,
                            size_t size)
{
    for (size_t i = 0; i < entry->head->n_fields; i++) {
        const struct jb_journal_log_opening *const opening = &entry->openings[i];
        if (!opening->value || strcmp(entry->head->fields[i].name, name) != 0)
            continue;
        if (opening->len >= size)
            return NULL;
        memcpy(buf, opening->value, opening->len);
        buf[opening->len] = '\0';
        return buf;
    }
    return NULL;
}

const struct jb_tlog_key *jb_tlog_find_key(const struct jb_tlog_seen *seen,
                                           const struct jb_public_key *key)
{
    for (size_t i = 0; i < seen->n_keys; i++)
        if (memcmp(seen->keys[i].key.key.bytes, key->bytes, sizeof key->bytes) == 0)
            return &seen->keys[i];
    return NULL;
}

static bool parse_moment(const char *text, int64_t *ret)
{
    return jb_parse_utc(text, strlen(text), ret) == JB_OK;
}

/* What an entry says of a key. */
struct said {
    char public_key[JB_VKEY_TEXT], replaces[JB_VKEY_TEXT], valid_from[40], revoked[40], reason[128];
    char signature[4096];
};

static void hear(const struct jb_journal_log_entry *entry, struct said *ret)
{
    const struct {
        const char *name;
        char *to;
        size_t size;
    } fields[] = {
        {"public_key", ret->public_key, sizeof ret->public_key},
        {"replaces", ret->replaces, sizeof ret->replaces},
        {"valid_from_utc", ret->valid_from, sizeof ret->valid_from},
        {"revoked_utc", ret->revoked, sizeof ret->revoked},
        {"reason", ret->reason, sizeof ret->reason},
        {"signature", ret->signature, sizeof ret->signature},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(fields); i++)
        if (!value_of(entry, fields[i].name, fields[i].to, fields[i].size))
            fields[i].to[0] = '\0';
}

static struct jb_tlog_key *key_of(struct jb_tlog_seen *seen, const struct jb_public_key *key,
                                  struct jb_error *err)
{
    for (size_t i = 0; i < seen->n_keys; i++)
        if (memcmp(seen->keys[i].key.key.bytes, key->bytes, sizeof key->bytes) == 0)
            return &seen->keys[i];
    if (seen->n_keys == JB_TLOG_KEYS_MAX) {
        (void)jb_fail(err, JB_E_RANGE, NULL, "the log tells of more than %d keys",
                      JB_TLOG_KEYS_MAX);
        return NULL;
    }
    seen->keys[seen->n_keys] = (struct jb_tlog_key){.key = {.key = *key}, .revoked_index = -1};
    return &seen->keys[seen->n_keys++];
}

/* A rotation that both keys signed, else nothing; the earliest revocation. */
static jb_rc see_key(struct jb_tlog_seen *seen, const struct jb_journal_log_entry *entry,
                     struct jb_error *err)
{
    struct jb_public_key key;
    struct said said;
    int64_t since = 0;
    const bool is_revocation = strcmp(entry->head->kind, JB_TLOG_KIND_REVOKED) == 0;

    hear(entry, &said);
    if (said.public_key[0] == '\0' || jb_vkey_parse(said.public_key, &key, err) < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "entry %" PRId64 " of the log names no key",
                       entry->index);
    if (!is_revocation &&
        !jb_key_rotation_holds(said.public_key, said.valid_from, said.replaces, said.signature))
        return JB_OK; /* anybody's word */
    struct jb_tlog_key *const known = key_of(seen, &key, err);
    if (!known)
        return JB_E_RANGE;
    if (!is_revocation) {
        if (!parse_moment(said.valid_from, &known->key.valid_from_utc_us))
            known->key.valid_from_utc_us = entry->head->utc_us;
        return JB_OK;
    }
    if (!parse_moment(said.revoked, &since))
        since = entry->head->utc_us;
    if (known->revoked_index < 0)
        known->revoked_index = entry->index;
    else if (since >= known->key.revoked_utc_us)
        return JB_OK; /* that a key was lost is often found out later: the earliest moment counts */
    known->key.revoked_utc_us = since;
    (void)snprintf(known->key.reason, sizeof known->key.reason, "%s", said.reason);
    return JB_OK;
}

static jb_rc see(void *arg, const struct jb_journal_log_entry *entry, struct jb_error *err)
{
    struct jb_tlog_seen *const seen = arg;

    if (seen->size == seen->capacity) {
        const int64_t more = seen->capacity > 0 ? 2 * seen->capacity : 1024;
        struct jb_hash *const leaves =
            more > JB_TLOG_ENTRIES_MAX
                ? NULL
                : realloc(seen->leaves, (size_t)more * sizeof seen->leaves[0]);
        if (!leaves)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a log of %" PRId64 " entries",
                           more);
        seen->leaves = leaves;
        seen->capacity = more;
    }
    seen->leaves[seen->size++] = entry->leaf;
    seen->n_opened += strcmp(entry->head->kind, "run-opened") == 0;
    return entry->openings ? see_key(seen, entry, err) : JB_OK;
}

jb_rc jb_tlog_read(jb_tlog_read_fn read, void *arg, struct jb_tlog_seen **ret_seen,
                   struct jb_error *err)
{
    JB_AUTO(jb_tlog_seen_free_auto) struct jb_tlog_seen *seen = calloc(1, sizeof *seen);
    JB_AUTO(jb_free_auto) uint8_t *piece = malloc(PIECE);
    JB_AUTO(jb_journal_log_free_auto) struct jb_journal_log *log = NULL;
    size_t len = 1;

    if (!seen || !piece)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a log");
    jb_rc rc = jb_journal_log_new(see, seen, &log, err);
    while (rc == JB_OK && len > 0) {
        len = 0;
        rc = read(arg, piece, PIECE, &len, err);
        if (rc == JB_OK && len > 0)
            rc = jb_journal_log_feed(log, piece, len, err);
    }
    if (rc == JB_OK)
        rc = jb_journal_log_end(log, err);
    if (rc < 0)
        return rc;
    *ret_seen = seen;
    seen = NULL;
    return JB_OK;
}

bool jb_tlog_root(const struct jb_tlog_seen *seen, int64_t size, struct jb_hash *ret_root)
{
    struct jb_merkle tree = {.size = 0};

    if (size < 0 || size > seen->size)
        return false;
    for (int64_t i = 0; i < size; i++)
        jb_merkle_append(&tree, &seen->leaves[i]);
    *ret_root = jb_merkle_root(&tree);
    return true;
}
