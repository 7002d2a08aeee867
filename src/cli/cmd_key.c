/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook key new | show | list | rotate | revoke | passphrase`: the key that certificates are signed with. Never prints a secret,
 * never writes over a key. R-KEY-01 to R-KEY-07.
 */
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/key_enter.h"
#include "cli/signing_key.h"
#include "report/table.h"

static const struct jb_option options[] = {
    {0, "passphrase", NULL, "new, rotate: put the new key under a passphrase, asked for twice",
     false},
    {0, "new-passphrase-file", "FILE", "rotate, passphrase: the new one, instead of asking", false},
    {0, "none", NULL, "passphrase: take it away", false},
    {0, "name", "NAME", "rotate: another name for the new key", false},
    {0, "reason", "TEXT", "revoke: why; verifiers are told", false},
    {0, "since", "MOMENT", "revoke: from when it is not to be trusted (else from now)", false},
    {'o', "out", "FILE", "list: write the list that `verify --key` takes", false},
    {0, NULL, NULL, NULL, false},
};

/* Kept between the reading of a key and the writing of another. */
struct passphrase {
    const char *file;
    bool was_asked;
    char text[JB_PASSPHRASE_MAX];
};

static jb_rc ask(void *arg, const char *prompt, char *ret, size_t size, struct jb_error *err)
{
    struct passphrase *const passphrase = arg;
    const jb_rc rc = jb_passphrase_get(passphrase->file, prompt, false, ret, size, err);

    if (rc < 0)
        return rc;
    passphrase->was_asked = true;
    (void)snprintf(passphrase->text, sizeof passphrase->text, "%s", ret);
    return JB_OK;
}

static jb_rc ask_new(const char *file, struct passphrase *passphrase, struct jb_error *err)
{
    const jb_rc rc = jb_passphrase_get(file, "new passphrase: ", true, passphrase->text,
                                       sizeof passphrase->text, err);

    passphrase->was_asked = rc == JB_OK;
    return rc;
}

static jb_rc path_of(const struct jb_cli *cli, char *ret, size_t size, struct jb_error *err)
{
    return jb_key_path(jb_args_text(&cli->args, "key"), ret, size, err);
}

static jb_rc dump(struct jb_cli *cli, json_t *value, struct jb_error *err)
{
    JB_AUTO(jb_free_auto)
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    json_decref(value);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the key");
    jb_buf_addf(&cli->out, "%s\n", text);
    return JB_OK;
}

static jb_rc tell(struct jb_cli *cli, const char *path, const struct jb_public_key *key,
                  bool has_passphrase, struct jb_error *err)
{
    char vkey[JB_VKEY_TEXT];
    char fingerprint[JB_FINGERPRINT];

    jb_vkey(key, vkey, sizeof vkey);
    jb_fingerprint(key, fingerprint, sizeof fingerprint);
    if (jb_args_has(&cli->args, "json"))
        return dump(cli,
                    json_pack("{s:s,s:s,s:s,s:s,s:b}", "name", key->name, "public_key", vkey,
                              "fingerprint", fingerprint, "file", path, "has_passphrase",
                              has_passphrase ? 1 : 0),
                    err);
    jb_buf_addf(&cli->out, "public key   %s\nfingerprint  %s\nfile         %s\npassphrase   %s\n",
                vkey, fingerprint, path, has_passphrase ? "yes" : "no");
    return JB_OK;
}

static jb_rc run_new(struct jb_cli *cli, struct jb_error *err)
{
    const char *const file = jb_args_text(&cli->args, "passphrase-file");
    struct passphrase passphrase = {.file = file};
    char path[JB_KEY_PATH];
    struct jb_secret_key key = {0};

    jb_rc rc = path_of(cli, path, sizeof path, err);
    if (rc == JB_OK && access(path, F_OK) == 0)
        rc = jb_fail(err, JB_E_CONFLICT, "`joulebook key rotate` puts a new one in its place",
                     "'%s' is there already", path);
    if (rc == JB_OK)
        rc = jb_key_new(cli->args.words[1], &key, err);
    if (rc == JB_OK && (file || jb_args_has(&cli->args, "passphrase")))
        rc = ask_new(file, &passphrase, err);
    if (rc == JB_OK && !jb_args_has(&cli->args, "key")) {
        /* The two folders of the usual place; that one of them cannot be made is told when the file is. */
        for (char *at = path; (at = strstr(at + 1, "/")) != NULL;) {
            *at = '\0';
            (void)mkdir(path, 0700);
            *at = '/';
        }
    }
    if (rc == JB_OK)
        rc = jb_key_file_write(path, &key, passphrase.was_asked ? passphrase.text : NULL, err);
    if (rc == JB_OK)
        rc = tell(cli, path, &key.public, passphrase.was_asked, err);
    jb_secret_key_wipe(&key);
    sodium_memzero(&passphrase, sizeof passphrase);
    return rc;
}

static jb_rc run_show(struct jb_cli *cli, struct jb_error *err)
{
    char path[JB_KEY_PATH];
    struct jb_public_key key;
    bool has_passphrase;

    jb_rc rc = path_of(cli, path, sizeof path, err);
    if (rc == JB_OK)
        rc = jb_key_file_public(path, &key, &has_passphrase, err);
    return rc == JB_OK ? tell(cli, path, &key, has_passphrase, err) : rc;
}

/* The keys of the book, if there is one, and the own one, if there is one. */
static jb_rc gather(struct jb_cli *cli, struct jb_ledger *ledger, struct jb_book_keys *ret,
                    struct jb_error *err)
{
    char path[JB_KEY_PATH];
    struct jb_public_key key;
    bool has_passphrase;

    *ret = (struct jb_book_keys){.n = 0};
    jb_rc rc = ledger ? jb_key_of_book(ledger, ret, err) : JB_OK;
    if (rc == JB_OK)
        rc = path_of(cli, path, sizeof path, err);
    if (rc == JB_OK)
        rc = jb_key_file_public(path, &key, &has_passphrase, err);
    if (rc == JB_E_NOT_FOUND)
        return JB_OK;
    for (size_t i = 0; rc == JB_OK && i < ret->n; i++)
        if (memcmp(ret->keys[i].key.bytes, key.bytes, sizeof key.bytes) == 0)
            return JB_OK;
    if (rc == JB_OK && ret->n < JB_KEY_LIST_MAX)
        ret->keys[ret->n++] = (struct jb_listed_key){.key = key};
    return rc;
}

static jb_rc list_json(struct jb_cli *cli, const struct jb_book_keys *keys, struct jb_error *err)
{
    json_t *const rows = json_array();
    char vkey[JB_VKEY_TEXT];
    char fingerprint[JB_FINGERPRINT];
    char from[32];
    char revoked[32];

    for (size_t i = 0; i < keys->n; i++) {
        const struct jb_listed_key *const one = &keys->keys[i];
        const bool is_revoked = one->revoked_utc_us != 0;
        jb_format_utc(one->valid_from_utc_us, true, from, sizeof from);
        jb_format_utc(one->revoked_utc_us, true, revoked, sizeof revoked);
        json_t *const row =
            json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:s?}", "name", one->key.name, "public_key",
                      jb_vkey(&one->key, vkey, sizeof vkey), "fingerprint",
                      jb_fingerprint(&one->key, fingerprint, sizeof fingerprint), "valid_from_utc",
                      one->valid_from_utc_us != 0 ? from : NULL, "revoked_utc",
                      is_revoked ? revoked : NULL, "reason", is_revoked ? one->reason : NULL);
        if (json_array_append_new(rows, row) < 0) {
            json_decref(rows);
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the keys");
        }
    }
    return dump(cli, rows, err);
}

static void list_text(struct jb_cli *cli, const struct jb_book_keys *keys)
{
    static const char *const titles[] = {"key", "name", "from", "revoked", "reason"};
    struct jb_table table;
    char utc[32];

    jb_table_begin(&table, "lllll", titles);
    for (size_t i = 0; i < keys->n; i++) {
        const struct jb_listed_key *const one = &keys->keys[i];
        jb_table_addf(&table, "%08x", (unsigned)jb_key_id(&one->key));
        jb_table_add(&table, one->key.name);
        jb_table_add(&table, one->valid_from_utc_us != 0
                                 ? jb_format_utc(one->valid_from_utc_us, false, utc, sizeof utc)
                                 : "");
        jb_table_add(&table, one->revoked_utc_us != 0
                                 ? jb_format_utc(one->revoked_utc_us, false, utc, sizeof utc)
                                 : "");
        jb_table_add(&table, one->reason);
    }
    jb_table_end(&table, 0, &cli->style, &cli->out);
    if (keys->n_unproved > 0)
        jb_buf_addf(&cli->out,
                    "%zu entries about keys are left out: a signature in them does not hold\n",
                    keys->n_unproved);
}

static jb_rc run_list(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_book_keys *keys = malloc(sizeof *keys);
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF((size_t)1 << 20);
    const char *const out = jb_args_text(&cli->args, "out");

    if (!keys)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the keys");
    jb_rc rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    /* Without a book there may be a key all the same; one that was named must be there. */
    if (rc == JB_E_NOT_FOUND && !jb_args_has(&cli->args, "book"))
        rc = JB_OK;
    if (rc == JB_OK)
        rc = gather(cli, ledger, keys, err);
    if (rc == JB_OK && keys->n == 0)
        rc = jb_fail(err, JB_E_NOT_FOUND, "joulebook key new NAME makes one",
                     "there is no key, neither in a file nor in the book");
    if (rc < 0)
        return rc;
    if (out) {
        jb_key_list_text(keys->keys, keys->n, &text);
        rc = text.failed ? jb_fail(err, text.failed, NULL, "no memory for the keys")
                         : jb_cli_write_file(out, text.bytes, text.len, err);
        if (rc < 0)
            return rc;
    }
    if (jb_args_has(&cli->args, "json"))
        return list_json(cli, keys, err);
    list_text(cli, keys);
    return JB_OK;
}

/* The new key is in its file before the book knows of it, and takes its place when the book does. */
static jb_rc replace(struct jb_cli *cli, const char *path, const struct jb_secret_key *old,
                     const struct jb_secret_key *fresh, const char *passphrase,
                     struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    char next[JB_KEY_PATH + 8];
    char kept[JB_KEY_PATH + 16];

    (void)snprintf(next, sizeof next, "%s.next", path);
    (void)snprintf(kept, sizeof kept, "%s.%08x", path, (unsigned)jb_key_id(&old->public));
    if (access(next, F_OK) == 0)
        return jb_fail(err, JB_E_CONFLICT,
                       "if `key list` knows its key, move it over the old one, else delete it",
                       "'%s' is left of a rotation that was broken off", next);
    if (access(kept, F_OK) == 0)
        return jb_fail(err, JB_E_CONFLICT, "move it away", "'%s' is there already", kept);
    jb_rc rc = jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err);
    if (rc == JB_OK)
        rc = jb_key_file_write(next, fresh, passphrase, err);
    if (rc < 0)
        return rc;
    rc = jb_key_enter_rotation(ledger, old, fresh, jb_utc_us(cli->clock), err);
    if (rc < 0) {
        (void)unlink(next);
        return rc;
    }
    if (link(path, kept) < 0 || rename(next, path) < 0)
        return jb_fail_errno(err, errno, "the book has the new key: move it there by hand",
                             "cannot put '%s' in the place of '%s'", next, path);
    rc = tell(cli, path, &fresh->public, passphrase != NULL, err);
    if (!jb_args_has(&cli->args, "json"))
        jb_buf_addf(&cli->out,
                    "the replaced key is kept in '%s': delete it when nothing needs it\n", kept);
    return rc;
}

static jb_rc run_rotate(struct jb_cli *cli, struct jb_error *err)
{
    const char *const name = jb_args_text(&cli->args, "name");
    const char *const new_file = jb_args_text(&cli->args, "new-passphrase-file");
    struct passphrase passphrase = {.file = jb_args_text(&cli->args, "passphrase-file")};
    struct jb_secret_key old = {0};
    struct jb_secret_key fresh = {0};
    char path[JB_KEY_PATH];

    jb_rc rc = path_of(cli, path, sizeof path, err);
    if (rc == JB_OK)
        rc = jb_key_file_read(path, ask, &passphrase, &old, err);
    if (rc == JB_OK)
        rc = jb_key_new(name ? name : old.public.name, &fresh, err);
    if (rc == JB_OK && (new_file || jb_args_has(&cli->args, "passphrase")))
        rc = ask_new(new_file, &passphrase, err);
    if (rc == JB_OK)
        rc = replace(cli, path, &old, &fresh, passphrase.was_asked ? passphrase.text : NULL, err);
    jb_secret_key_wipe(&old);
    jb_secret_key_wipe(&fresh);
    sodium_memzero(&passphrase, sizeof passphrase);
    return rc;
}

/* A key by its vkey, or, of those that are known, by its id or its name. */
static jb_rc choose(const struct jb_book_keys *keys, const char *text, struct jb_listed_key *ret,
                    struct jb_error *err)
{
    const struct jb_listed_key *found = NULL;
    struct jb_public_key key;
    const bool is_vkey = jb_vkey_parse(text, &key, NULL) == JB_OK;
    size_t n = 0;

    for (size_t i = 0; i < keys->n; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%08x", (unsigned)jb_key_id(&keys->keys[i].key));
        if (is_vkey ? jb_public_key_equal(&keys->keys[i].key, &key)
                    : strcmp(text, id) == 0 || strcmp(text, keys->keys[i].key.name) == 0) {
            found = &keys->keys[i];
            n++;
        }
    }
    if (n > 1)
        return jb_fail(err, JB_E_INPUT, "name it by the eight digits that `key list` shows",
                       "%zu keys have the name '%s'", n, text);
    if (!found && !is_vkey)
        return jb_fail(err, JB_E_NOT_FOUND, "give the whole text of the key, NAME+HASH+KEY",
                       "no key '%s' is known here", text);
    *ret = found ? *found : (struct jb_listed_key){.key = key};
    return JB_OK;
}

static jb_rc run_revoke(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_book_keys *keys = malloc(sizeof *keys);
    const char *const reason = jb_args_text(&cli->args, "reason");
    const int64_t now = jb_utc_us(cli->clock);
    struct jb_listed_key key;
    int64_t since = 0;
    char utc[32];

    if (!keys)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the keys");
    if (!reason || !reason[0] || strlen(reason) >= sizeof key.reason || !jb_clean_is(reason))
        return jb_fail(err, JB_E_USAGE, "for example --reason 'laptop lost on 3 May'",
                       "a reason of 1 to 127 bytes is missing");
    jb_rc rc = jb_args_moment(&cli->args, "since", now, &since, err);
    if (rc == JB_OK && since > now)
        rc = jb_fail(err, JB_E_USAGE, NULL, "'--since' lies in the future");
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err);
    if (rc == JB_OK)
        rc = gather(cli, ledger, keys, err);
    if (rc == JB_OK)
        rc = choose(keys, cli->args.words[1], &key, err);
    if (rc < 0)
        return rc;
    since = since != 0 ? since : now;
    jb_format_utc(key.revoked_utc_us, false, utc, sizeof utc);
    if (key.revoked_utc_us != 0 && key.revoked_utc_us <= since)
        return jb_fail(err, JB_E_CONFLICT, "an earlier moment can be given with --since",
                       "the key %08x is revoked since %s", (unsigned)jb_key_id(&key.key), utc);
    rc = jb_key_enter_revocation(ledger, &key.key, since, reason, err);
    if (rc < 0)
        return rc;
    jb_format_utc(since, true, utc, sizeof utc);
    if (jb_args_has(&cli->args, "json"))
        return dump(
            cli,
            json_pack("{s:s,s:s,s:s}", "name", key.key.name, "revoked_utc", utc, "reason", reason),
            err);
    jb_buf_addf(&cli->out,
                "the key %08x of '%s' is revoked since %s\nhand out the list again: joulebook key "
                "list -o FILE\n",
                (unsigned)jb_key_id(&key.key), key.key.name, utc);
    return JB_OK;
}

static jb_rc run_passphrase(struct jb_cli *cli, struct jb_error *err)
{
    const bool is_none = jb_args_has(&cli->args, "none");
    struct passphrase old = {.file = jb_args_text(&cli->args, "passphrase-file")};
    struct passphrase fresh = {.file = NULL};
    struct jb_secret_key key = {0};
    char path[JB_KEY_PATH];

    jb_rc rc = path_of(cli, path, sizeof path, err);
    if (rc == JB_OK)
        rc = jb_key_file_read(path, ask, &old, &key, err);
    if (rc == JB_OK && !is_none)
        rc = ask_new(jb_args_text(&cli->args, "new-passphrase-file"), &fresh, err);
    if (rc == JB_OK)
        rc = jb_key_file_replace(path, &key, is_none ? NULL : fresh.text, err);
    if (rc == JB_OK)
        rc = tell(cli, path, &key.public, !is_none, err);
    jb_secret_key_wipe(&key);
    sodium_memzero(&old, sizeof old);
    sodium_memzero(&fresh, sizeof fresh);
    return rc;
}

static const struct {
    const char *name;
    size_t n_words; /* with itself */
    jb_command_fn run;
} words[] = {
    {"list", 1, run_list},     {"new", 2, run_new},       {"passphrase", 1, run_passphrase},
    {"revoke", 2, run_revoke}, {"rotate", 1, run_rotate}, {"show", 1, run_show},
};

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    const char *const word = cli->args.words[0];

    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++) {
        if (strcmp(words[i].name, word) != 0)
            continue;
        if (cli->args.n_words < words[i].n_words)
            return jb_fail(err, JB_E_USAGE, NULL, "'key %s' needs a %s", word,
                           words[i].run == run_new ? "name" : "key");
        if (cli->args.n_words > words[i].n_words)
            return jb_fail(err, JB_E_USAGE, NULL, "unexpected argument '%s'",
                           cli->args.words[words[i].n_words]);
        return words[i].run(cli, err);
    }
    return jb_fail(err, JB_E_USAGE, "words are list, new, passphrase, revoke, rotate and show",
                   "there is no 'key %s'", word);
}

const struct jb_command jb_cmd_key = {
    .name = "key",
    .summary = "the key that certificates are signed with",
    .usage = "new NAME | show | list | rotate | revoke KEY | passphrase [--key FILE]",
    .about = "new: an Ed25519 key in a file that only you can read. show: its public half, to be "
             "handed out. "
             "list: every\n"
             "key the book tells of; with -o the list that `joulebook verify --key` takes. rotate: "
             "a new "
             "key in its place,\n"
             "entered in the book and signed by both. revoke: enters that a key is not to be "
             "trusted any "
             "more, and why.\n"
             "passphrase: sets, changes or takes it away. NAME is best a name you own: "
             "example.com/energy.",
    .examples = "  joulebook key new example.com/energy --passphrase\n"
                "  joulebook key show\n"
                "  joulebook key list -o example.com.keys     # to be handed to verifiers\n"
                "  joulebook key rotate\n"
                "  joulebook key revoke 1a2b3c4d --reason 'laptop lost' --since 2026-11-20\n",
    .options = options,
    .more_options = jb_signing_options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
