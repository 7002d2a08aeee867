/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a book tells of: only what the replaced key signed, and the earliest end. R-KEY-06, R-KEY-07. */
#include "cli/key_enter.h"

#include "base/clock.h"
#include "book.h"
#include "sign/note.h"

#define NOW   INT64_C(1795416116000000) /* 2026-11-23T06:41:56Z */
#define UTC   "2026-11-23T06:41:56.000000Z"
#define KEYID "joulebook.key/1\n"

static struct jb_secret_key key_of(const char *name, uint8_t first)
{
    const uint8_t seed[32] = {first};
    struct jb_secret_key key;

    if (jb_key_of_seed(name, seed, &key, NULL) != JB_OK)
        bail_out("no key");
    return key;
}

static struct jb_book_keys keys;

static void read_keys(struct jb_ledger *ledger)
{
    struct jb_error err = {0};

    book_must(jb_key_of_book(ledger, &keys, &err), &err, "keys");
}

static void rotation(struct jb_ledger *ledger)
{
    const struct jb_secret_key old = key_of("a.example", 1);
    const struct jb_secret_key fresh = key_of("b.example", 2);
    struct jb_error err = {0};

    read_keys(ledger);
    is_i64((int64_t)keys.n, 0, "an empty book tells of no key");
    is_i64(jb_key_enter_rotation(ledger, &old, &fresh, NOW, &err), JB_OK, "a rotation is entered");
    read_keys(ledger);
    ok(keys.n == 2 && keys.n_unproved == 0 && jb_public_key_equal(&keys.keys[0].key, &old.public) &&
           jb_public_key_equal(&keys.keys[1].key, &fresh.public),
       "both keys are told");
    ok(keys.keys[0].revoked_utc_us == NOW && keys.keys[1].valid_from_utc_us == NOW &&
           keys.keys[0].valid_from_utc_us == 0 && keys.keys[1].revoked_utc_us == 0,
       "one ends where the other begins");
}

/* The entry as docs/format/key.md has it, signed by whom we like. */
static void enter(struct jb_ledger *ledger, const struct jb_secret_key *fresh, const char *replaces,
                  const char *from, const struct jb_secret_key *first,
                  const struct jb_secret_key *second)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(4096);
    JB_AUTO(jb_buf_release) struct jb_buf note = JB_BUF(4096);
    char vkey[JB_VKEY_TEXT];
    struct jb_error err = {0};

    jb_vkey(&fresh->public, vkey, sizeof vkey);
    jb_buf_addf(&text, KEYID "public %s\nfrom " UTC "\nreplaces %s\n", vkey, replaces);
    book_must(jb_note_sign(text.bytes, text.len, first, &note, &err), &err, "sign");
    if (second)
        jb_note_sign_line(text.bytes, text.len, second, &note);
    const struct jb_field fields[] = {{"name", fresh->public.name},
                                      {"public_key", vkey},
                                      {"valid_from_utc", from},
                                      {"replaces", replaces},
                                      {"signature", jb_buf_text(&note)}};
    const struct jb_entry entry = {.kind = "key", .fields = fields, .n_fields = 5};
    book_begin(ledger);
    book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
    book_commit(ledger);
}

static void forged(struct jb_ledger *ledger)
{
    const struct jb_secret_key old = key_of("b.example", 2);
    const struct jb_secret_key thief = key_of("b.example", 9);
    const struct jb_secret_key other = key_of("c.example", 3);
    char replaces[JB_VKEY_TEXT];

    jb_vkey(&old.public, replaces, sizeof replaces);
    enter(ledger, &thief, replaces, UTC, &thief, NULL);
    enter(ledger, &thief, replaces, UTC, &thief, &other);
    enter(ledger, &thief, replaces, UTC, &old, NULL);
    enter(ledger, &other, replaces, "2026-11-23T06:41:57.000000Z", &old, &other);
    read_keys(ledger);
    ok(keys.n == 2 && keys.n_unproved == 4,
       "what the replaced key, the new key or the time did not sign is left out, and counted");
    enter(ledger, &other, replaces, UTC, &old, &other);
    read_keys(ledger);
    ok(keys.n == 3 && jb_public_key_equal(&keys.keys[2].key, &other.public),
       "the same with both signatures is told");
}

static void revocation(struct jb_ledger *ledger)
{
    const struct jb_secret_key key = key_of("c.example", 3);
    const struct jb_secret_key unknown = key_of("d.example", 4);
    struct jb_error err = {0};

    book_must(jb_key_enter_revocation(ledger, &key.public, NOW + 5, "lost", &err), &err, "revoke");
    book_must(jb_key_enter_revocation(ledger, &key.public, NOW + 3, "earlier", &err), &err,
              "revoke");
    book_must(jb_key_enter_revocation(ledger, &key.public, NOW + 9, "later", &err), &err, "revoke");
    book_must(jb_key_enter_revocation(ledger, &unknown.public, NOW, "never used", &err), &err,
              "revoke");
    read_keys(ledger);
    is_i64(keys.keys[2].revoked_utc_us, NOW + 3, "the earliest end counts");
    is_str(keys.keys[2].reason, "earlier", "with its reason");
    ok(keys.n == 4 && keys.keys[3].revoked_utc_us == NOW, "a key that only ends is told as well");

    /* What is written of them is a list that is read. */
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(10000);
    struct jb_listed_key *listed = NULL;
    size_t n = 0;
    jb_key_list_text(keys.keys, keys.n, &text);
    is_i64(jb_key_list_parse(jb_buf_text(&text), text.len, &listed, &n, &err), JB_OK,
           "all of it is a list of keys");
    ok(n == 4 && memcmp(listed, keys.keys, n * sizeof *listed) == 0, "that says the same");
    free(listed);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    rotation(ledger);
    forged(ledger);
    revocation(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
