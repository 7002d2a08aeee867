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
#include "base/cursor.h"
#include "base/num.h"
#include "journal/entry.h"
#include "journal/merkle.h"

#define HEAD         "joulebook log 1\n"
#define HEAD_LEN     (sizeof HEAD - 1)
#define VALUE_MAX    4096 /* of what tells of a key */
#define OPENINGS_MAX 16
#define PIECE        65536

void jb_tlog_seen_free(struct jb_tlog_seen *seen)
{
    if (!seen)
        return;
    free(seen->leaves);
    free(seen);
}

void jb_tlog_put_head(struct jb_buf *out)
{
    jb_buf_add_text(out, HEAD);
}

bool jb_tlog_is_opened(const char *kind)
{
    return strcmp(kind, JB_TLOG_KIND_KEY) == 0 || strcmp(kind, JB_TLOG_KIND_REVOKED) == 0;
}

void jb_tlog_put_entry(struct jb_buf *out, const void *bytes, size_t len,
                       const struct jb_tlog_opening *openings, size_t n_openings)
{
    jb_buf_add_u16(out, (uint16_t)len);
    jb_buf_add(out, bytes, len);
    jb_buf_add_u8(out, (uint8_t)n_openings);
    for (size_t i = 0; i < n_openings; i++) {
        jb_buf_add_u8(out, openings[i].salt ? 1 : 0);
        if (!openings[i].salt)
            continue;
        jb_buf_add(out, openings[i].salt, JB_SALT_BYTES);
        jb_buf_add_u16(out, (uint16_t)openings[i].len);
        jb_buf_add(out, openings[i].value, openings[i].len);
    }
}

/* Bytes read ahead. */
struct intake {
    jb_tlog_read_fn read;
    void *arg;
    struct jb_error *err;
    jb_rc rc;
    size_t at, len;
    uint8_t bytes[PIECE];
};

/* All of `n` bytes; false at the end (rc then tells whether it was one) or where reading failed. */
static bool take(struct intake *intake, void *ret, size_t n)
{
    uint8_t *to = ret;

    while (n > 0) {
        if (intake->at == intake->len) {
            intake->at = 0;
            intake->len = 0;
            intake->rc = intake->read(intake->arg, intake->bytes, sizeof intake->bytes,
                                      &intake->len, intake->err);
            if (intake->rc < 0 || intake->len == 0)
                return false;
        }
        const size_t part = n < intake->len - intake->at ? n : intake->len - intake->at;
        memcpy(to, intake->bytes + intake->at, part);
        intake->at += part;
        to += part;
        n -= part;
    }
    return true;
}

static bool take_u16(struct intake *intake, size_t *ret)
{
    uint8_t bytes[2];

    if (!take(intake, bytes, sizeof bytes))
        return false;
    *ret = (size_t)bytes[0] | (size_t)bytes[1] << 8;
    return true;
}

/* One entry; large, so not on the stack. */
struct entry {
    uint8_t bytes[JB_ENTRY_BYTES_MAX];
    size_t len;
    struct jb_entry_head head;
    bool has[OPENINGS_MAX];
    char values[OPENINGS_MAX][VALUE_MAX + 1];
};

static bool take_openings(struct intake *intake, struct entry *entry, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t is_open = 0;
        uint8_t salt[JB_SALT_BYTES];
        size_t len = 0;
        entry->has[i] = false;
        if (!take(intake, &is_open, 1) || is_open > 1)
            return false;
        if (!is_open)
            continue;
        if (!take(intake, salt, sizeof salt) || !take_u16(intake, &len) || len > VALUE_MAX ||
            !take(intake, entry->values[i], len))
            return false;
        entry->values[i][len] = '\0';
        const struct jb_hash made =
            jb_entry_commit(salt, entry->head.fields[i].name, entry->values[i], len);
        if (!jb_hash_equal(&made, &entry->head.fields[i].hash))
            return false;
        entry->has[i] = true;
    }
    return true;
}

/* False: it does not follow the format. */
static bool take_entry(struct intake *intake, struct entry *entry, size_t len, struct jb_error *err)
{
    uint8_t n_openings = 0;

    if (len > sizeof entry->bytes || !take(intake, entry->bytes, len) ||
        jb_entry_decode(entry->bytes, len, &entry->head, err) < 0 || !take(intake, &n_openings, 1))
        return false;
    entry->len = len;
    const bool is_opened = jb_tlog_is_opened(entry->head.kind);
    if (n_openings != (is_opened ? entry->head.n_fields : 0) || n_openings > OPENINGS_MAX)
        return false;
    return take_openings(intake, entry, n_openings);
}

static const char *value_of(const struct entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->head.n_fields && i < OPENINGS_MAX; i++)
        if (entry->has[i] && strcmp(entry->head.fields[i].name, name) == 0)
            return entry->values[i];
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
    return text && jb_parse_utc(text, strlen(text), ret) == JB_OK;
}

static const char *text_of(const struct entry *entry, const char *name)
{
    const char *const value = value_of(entry, name);

    return value ? value : "";
}

/* What an entry says of a key: a rotation that both keys signed, else nothing; the earliest revocation. */
static jb_rc see_key(struct jb_tlog_seen *seen, const struct entry *entry, struct jb_error *err)
{
    struct jb_public_key key;
    const char *const vkey = value_of(entry, "public_key");
    const bool is_revocation = strcmp(entry->head.kind, JB_TLOG_KIND_REVOKED) == 0;

    if (!vkey || jb_vkey_parse(vkey, &key, err) < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "entry %" PRId64 " of the log names no key",
                       seen->size);
    if (!is_revocation &&
        !jb_key_rotation_holds(vkey, text_of(entry, "valid_from_utc"), text_of(entry, "replaces"),
                               text_of(entry, "signature")))
        return JB_OK; /* anybody's word */
    struct jb_tlog_key *known = NULL;
    for (size_t i = 0; i < seen->n_keys; i++)
        if (memcmp(seen->keys[i].key.key.bytes, key.bytes, sizeof key.bytes) == 0)
            known = &seen->keys[i];
    if (!known) {
        if (seen->n_keys == JB_TLOG_KEYS_MAX)
            return jb_fail(err, JB_E_RANGE, NULL, "the log tells of more than %d keys",
                           JB_TLOG_KEYS_MAX);
        known = &seen->keys[seen->n_keys++];
        *known = (struct jb_tlog_key){.key = {.key = key}, .revoked_index = -1};
    }
    if (!is_revocation) {
        if (!parse_moment(value_of(entry, "valid_from_utc"), &known->key.valid_from_utc_us))
            known->key.valid_from_utc_us = entry->head.utc_us;
        return JB_OK;
    }
    const char *const reason = value_of(entry, "reason");
    int64_t since = 0;
    if (!parse_moment(value_of(entry, "revoked_utc"), &since))
        since = entry->head.utc_us;
    if (known->revoked_index < 0)
        known->revoked_index = seen->size;
    else if (since >= known->key.revoked_utc_us)
        return JB_OK; /* that a key was lost is often found out later: the earliest moment counts */
    known->key.revoked_utc_us = since;
    (void)snprintf(known->key.reason, sizeof known->key.reason, "%s", reason ? reason : "");
    return JB_OK;
}

static jb_rc see(struct jb_tlog_seen *seen, const struct entry *entry, struct jb_error *err)
{
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
    const jb_rc rc = jb_tlog_is_opened(entry->head.kind) ? see_key(seen, entry, err) : JB_OK;
    if (rc < 0)
        return rc;
    seen->leaves[seen->size++] = jb_merkle_leaf(entry->bytes, entry->len);
    seen->n_opened += strcmp(entry->head.kind, "run-opened") == 0;
    return JB_OK;
}

jb_rc jb_tlog_read(jb_tlog_read_fn read, void *arg, struct jb_tlog_seen **ret_seen,
                   struct jb_error *err)
{
    JB_AUTO(jb_tlog_seen_free_auto) struct jb_tlog_seen *seen = calloc(1, sizeof *seen);
    JB_AUTO(jb_free_auto) struct intake *intake = malloc(sizeof *intake);
    JB_AUTO(jb_free_auto) struct entry *entry = malloc(sizeof *entry);
    char head[HEAD_LEN];
    size_t len = 0;

    if (!seen || !intake || !entry)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a log");
    intake->read = read;
    intake->arg = arg;
    intake->err = err;
    intake->rc = JB_OK;
    intake->at = 0;
    intake->len = 0;
    if (!take(intake, head, sizeof head) || memcmp(head, HEAD, sizeof head) != 0)
        return intake->rc < 0 ? intake->rc
                              : jb_fail(err, JB_E_INPUT, "`joulebook certify --log` writes one",
                                        "this is not a log");
    while (take_u16(intake, &len)) {
        if (!take_entry(intake, entry, len, err))
            return intake->rc < 0 ? intake->rc
                                  : jb_fail(err, JB_E_INPUT, "ask for the log again",
                                            "entry %" PRId64 " of the log is damaged", seen->size);
        const jb_rc rc = see(seen, entry, err);
        if (rc < 0)
            return rc;
    }
    if (intake->rc < 0)
        return intake->rc;
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
