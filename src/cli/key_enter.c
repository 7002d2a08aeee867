/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotation and revocation to entries of the book, and those to a list of keys. Never lists a key that took another's place without
 * that one's signature; a revocation needs none, since a lost key cannot give it. R-KEY-06, R-KEY-07.
 */
#include "cli/key_enter.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "sign/note.h"

static const char *value_of(const struct jb_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, name) == 0 && entry->fields[i].value)
            return entry->fields[i].value;
    return "";
}

static struct jb_listed_key *find(struct jb_book_keys *keys, const struct jb_public_key *key)
{
    for (size_t i = 0; i < keys->n; i++)
        if (memcmp(keys->keys[i].key.bytes, key->bytes, sizeof key->bytes) == 0)
            return &keys->keys[i];
    if (keys->n == JB_KEY_LIST_MAX)
        return NULL;
    struct jb_listed_key *const one = &keys->keys[keys->n++];
    *one = (struct jb_listed_key){.key = *key};
    return one;
}

static bool moment(const struct jb_entry *entry, const char *name, int64_t *ret)
{
    const char *const text = value_of(entry, name);

    return jb_parse_utc(text, strlen(text), ret) == JB_OK;
}

static jb_rc on_key(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct jb_book_keys *const keys = arg;
    const char *const public_key = value_of(entry, "public_key");
    const char *const replaces = value_of(entry, "replaces");
    struct jb_public_key fresh;
    struct jb_public_key old;
    int64_t from = 0;

    (void)seq;
    (void)err;
    const bool is_proved = jb_key_rotation_holds(public_key, value_of(entry, "valid_from_utc"),
                                                 replaces, value_of(entry, "signature")) &&
                           jb_vkey_parse(public_key, &fresh, NULL) == JB_OK &&
                           jb_vkey_parse(replaces, &old, NULL) == JB_OK &&
                           moment(entry, "valid_from_utc", &from);
    struct jb_listed_key *const replaced = is_proved ? find(keys, &old) : NULL;
    struct jb_listed_key *const one = replaced ? find(keys, &fresh) : NULL;
    if (one && one->valid_from_utc_us == 0)
        one->valid_from_utc_us = from;
    else if (!one)
        keys->n_unproved++;
    return JB_OK;
}

static jb_rc on_revoked(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct jb_book_keys *const keys = arg;
    const char *const reason = value_of(entry, "reason");
    struct jb_public_key key;
    struct jb_listed_key *one = NULL;
    int64_t since;

    (void)seq;
    (void)err;
    if (jb_vkey_parse(value_of(entry, "public_key"), &key, NULL) == JB_OK)
        one = find(keys, &key);
    if (!one) {
        keys->n_unproved++;
        return JB_OK;
    }
    if (!moment(entry, "revoked_utc", &since))
        since = entry->utc_us;
    /* The earliest one counts: that a key was lost is often found out later. */
    if (one->revoked_utc_us == 0 || since < one->revoked_utc_us) {
        one->revoked_utc_us = since;
        (void)snprintf(one->reason, sizeof one->reason, "%s", reason[0] ? reason : "not told");
    }
    return JB_OK;
}

jb_rc jb_key_of_book(struct jb_ledger *ledger, struct jb_book_keys *ret, struct jb_error *err)
{
    *ret = (struct jb_book_keys){.n = 0};
    const jb_rc rc = jb_ledger_each_entry(ledger, "key", NULL, on_key, ret, err);

    return rc == JB_OK ? jb_ledger_each_entry(ledger, "key-revoked", NULL, on_revoked, ret, err)
                       : rc;
}

static jb_rc append(struct jb_ledger *ledger, const char *kind, const struct jb_field *fields,
                    size_t n_fields, struct jb_error *err)
{
    struct jb_entry entry = {.layer = JB_LAYER_MEASURED, .fields = fields, .n_fields = n_fields};

    (void)snprintf(entry.kind, sizeof entry.kind, "%s", kind);
    return jb_ledger_append(ledger, &entry, NULL, err);
}

static jb_rc append_revocation(struct jb_ledger *ledger, const struct jb_public_key *key,
                               int64_t since_utc_us, const char *reason, struct jb_error *err)
{
    char vkey[JB_VKEY_TEXT];
    char utc[32];
    const struct jb_field fields[] = {
        {"public_key", jb_vkey(key, vkey, sizeof vkey)},
        {"revoked_utc", jb_format_utc(since_utc_us, true, utc, sizeof utc)},
        {"reason", reason},
    };

    return append(ledger, "key-revoked", fields, JB_ARRAY_LEN(fields), err);
}

static jb_rc append_rotation(struct jb_ledger *ledger, const struct jb_secret_key *old,
                             const struct jb_secret_key *fresh, int64_t now_utc_us,
                             struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(4096);
    JB_AUTO(jb_buf_release) struct jb_buf note = JB_BUF(8192);
    char vkey[JB_VKEY_TEXT];
    char replaced[JB_VKEY_TEXT];
    char reason[JB_KEY_NAME];
    char utc[32];

    jb_vkey(&fresh->public, vkey, sizeof vkey);
    jb_vkey(&old->public, replaced, sizeof replaced);
    jb_format_utc(now_utc_us, true, utc, sizeof utc);
    jb_key_rotation_text(vkey, utc, replaced, &text);
    jb_rc rc = jb_note_sign(text.bytes, text.len, old, &note, err);
    if (rc < 0)
        return rc;
    jb_note_sign_line(text.bytes, text.len, fresh, &note);
    const struct jb_field fields[] = {
        {"name", fresh->public.name},      {"public_key", vkey},
        {"valid_from_utc", utc},           {"replaces", replaced},
        {"signature", jb_buf_text(&note)},
    };
    rc = append(ledger, "key", fields, JB_ARRAY_LEN(fields), err);
    if (rc < 0)
        return rc;
    (void)snprintf(reason, sizeof reason, "replaced by the key %08x",
                   (unsigned)jb_key_id(&fresh->public));
    return append_revocation(ledger, &old->public, now_utc_us, reason, err);
}

jb_rc jb_key_enter_rotation(struct jb_ledger *ledger, const struct jb_secret_key *old,
                            const struct jb_secret_key *fresh, int64_t now_utc_us,
                            struct jb_error *err)
{
    jb_rc rc = jb_ledger_begin(ledger, err);

    if (rc < 0)
        return rc;
    rc = append_rotation(ledger, old, fresh, now_utc_us, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0)
        jb_ledger_rollback(ledger);
    return rc;
}

jb_rc jb_key_enter_revocation(struct jb_ledger *ledger, const struct jb_public_key *key,
                              int64_t since_utc_us, const char *reason, struct jb_error *err)
{
    jb_rc rc = jb_ledger_begin(ledger, err);

    if (rc < 0)
        return rc;
    rc = append_revocation(ledger, key, since_utc_us, reason, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0)
        jb_ledger_rollback(ledger);
    return rc;
}
