/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret key to a file that its owner alone can read, and back. Never leaves a secret in memory that it used, never takes a file
 * that somebody else could have read or put there, never writes over one unless asked to replace it. R-KEY-01 to R-KEY-04.
 */
#include "sign/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

#define HEADER     "joulebook.signing-key/1"
#define SEED_BYTES 32
/* What the box holds: the seed and SHA-256 of the vkey, so that a name changed beside it is seen. */
#define PLAIN_BYTES (SEED_BYTES + JB_HASH_BYTES)
#define BOX_BYTES   (PLAIN_BYTES + crypto_secretbox_MACBYTES)
#define PATH_SIZE   4096

struct box {
    uint8_t salt[crypto_pwhash_argon2id_SALTBYTES];
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    uint8_t bytes[BOX_BYTES];
};

static void plain_of(const struct jb_secret_key *key, uint8_t ret[PLAIN_BYTES])
{
    char vkey[JB_VKEY_TEXT];
    const struct jb_hash_part part = {.bytes = jb_vkey(&key->public, vkey, sizeof vkey),
                                      .len = strlen(vkey)};
    const struct jb_hash hash = jb_hash_parts(&part, 1);

    memcpy(ret, key->bytes, SEED_BYTES); /* libsodium's secret key begins with the seed */
    memcpy(ret + SEED_BYTES, hash.bytes, sizeof hash.bytes);
}

static jb_rc box_key(const char *passphrase, const uint8_t *salt, uint8_t *ret,
                     struct jb_error *err)
{
    if (crypto_pwhash_argon2id(ret, crypto_secretbox_KEYBYTES, passphrase, strlen(passphrase), salt,
                               crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
                               crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return jb_fail(err, JB_E_NOMEM, "the passphrase takes 256 MiB for a moment",
                       "no memory left to work out the key of the passphrase");
    return JB_OK;
}

/* The whole file into ret[JB_KEY_FILE_MAX]. */
static jb_rc text_of(const struct jb_secret_key *key, const char *passphrase, char *ret,
                     struct jb_error *err)
{
    uint8_t plain[PLAIN_BYTES];
    uint8_t secret[crypto_secretbox_KEYBYTES];
    char vkey[JB_VKEY_TEXT];
    char hex[2 * BOX_BYTES + 1];
    char salt[2 * crypto_pwhash_argon2id_SALTBYTES + 1];
    char nonce[2 * crypto_secretbox_NONCEBYTES + 1];
    jb_rc rc = JB_OK;

    plain_of(key, plain);
    jb_vkey(&key->public, vkey, sizeof vkey);
    if (!passphrase) {
        (void)snprintf(ret, JB_KEY_FILE_MAX, HEADER "\npublic %s\nsecret %s\n", vkey,
                       jb_hex(plain, SEED_BYTES, hex, sizeof hex));
    } else {
        struct box box;
        jb_random(box.salt, sizeof box.salt);
        jb_random(box.nonce, sizeof box.nonce);
        rc = box_key(passphrase, box.salt, secret, err);
        if (rc == JB_OK) {
            (void)crypto_secretbox_easy(box.bytes, plain, sizeof plain, box.nonce, secret);
            (void)snprintf(ret, JB_KEY_FILE_MAX,
                           HEADER "\npublic %s\nargon2id-moderate %s\nsecretbox %s %s\n", vkey,
                           jb_hex(box.salt, sizeof box.salt, salt, sizeof salt),
                           jb_hex(box.nonce, sizeof box.nonce, nonce, sizeof nonce),
                           jb_hex(box.bytes, sizeof box.bytes, hex, sizeof hex));
        }
    }
    sodium_memzero(plain, sizeof plain);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(hex, sizeof hex);
    return rc;
}

/* After `*at`: WORD, a blank, and a text up to `end`, cut off there. NULL if that is not what stands there. */
static char *take(char **at, const char *word, char end)
{
    const size_t len = strlen(word);
    char *const text = *at + len;

    if (strncmp(*at, word, len) != 0)
        return NULL;
    char *const stop = strchr(text, end);
    if (!stop)
        return NULL;
    *stop = '\0';
    *at = stop + 1;
    return text;
}

/* One spelling: jb_unhex takes capitals, we write none. */
static bool take_hex(const char *text, void *ret, size_t len)
{
    return text && strpbrk(text, "ABCDEF") == NULL && jb_unhex(text, ret, len) == JB_OK;
}

static jb_rc open_box(const struct box *box, jb_passphrase_fn ask, void *arg, uint8_t *ret_plain,
                      struct jb_error *err)
{
    char passphrase[JB_PASSPHRASE_MAX];
    uint8_t secret[crypto_secretbox_KEYBYTES];

    if (!ask)
        return jb_fail(err, JB_E_UNAVAILABLE, "give it in a file that only you can read",
                       "the key is under a passphrase, and there is nobody to ask for it");
    jb_rc rc = ask(arg, "passphrase of the key: ", passphrase, sizeof passphrase, err);
    if (rc == JB_OK)
        rc = box_key(passphrase, box->salt, secret, err);
    if (rc == JB_OK &&
        crypto_secretbox_open_easy(ret_plain, box->bytes, BOX_BYTES, box->nonce, secret) != 0)
        rc = jb_fail(err, JB_E_PERMISSION, "mind capitals and the layout of the keyboard",
                     "the passphrase does not open the key");
    sodium_memzero(passphrase, sizeof passphrase);
    sodium_memzero(secret, sizeof secret);
    return rc;
}

/* `text` is cut into pieces. The box is filled if there is one; else the seed. */
static bool scan(char *text, struct jb_public_key *ret_public, uint8_t *ret_seed,
                 struct box *ret_box, bool *ret_is_boxed)
{
    char *at = text;

    if (!take(&at, HEADER, '\n') || at != text + strlen(HEADER) + 1)
        return false;
    const char *const vkey = take(&at, "public ", '\n');
    if (!vkey || jb_vkey_parse(vkey, ret_public, NULL) != JB_OK)
        return false;
    const char *const secret = take(&at, "secret ", '\n');
    *ret_is_boxed = !secret;
    if (secret)
        return take_hex(secret, ret_seed, SEED_BYTES) && *at == '\0';
    return take_hex(take(&at, "argon2id-moderate ", '\n'), ret_box->salt, sizeof ret_box->salt) &&
           take_hex(take(&at, "secretbox ", ' '), ret_box->nonce, sizeof ret_box->nonce) &&
           take_hex(take(&at, "", '\n'), ret_box->bytes, sizeof ret_box->bytes) && *at == '\0';
}

static bool scan_bytes(const char *bytes, size_t len, struct jb_public_key *ret_public,
                       uint8_t *ret_seed, struct box *ret_box, bool *ret_is_boxed)
{
    char text[JB_KEY_FILE_MAX] = "";

    if (len < sizeof text && !memchr(bytes, '\0', len))
        memcpy(text, bytes, len);
    const bool is_one = scan(text, ret_public, ret_seed, ret_box, ret_is_boxed);
    sodium_memzero(text, sizeof text);
    return is_one;
}

static const char hint_backup[] = "it was changed or cut: take it from a backup";

static jb_rc no_key(struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, hint_backup, "this is not a signing key of joulebook");
}

jb_rc jb_key_file_parse(const char *bytes, size_t len, jb_passphrase_fn ask, void *arg,
                        struct jb_secret_key *ret, struct jb_error *err)
{
    struct jb_public_key public;
    struct jb_secret_key key = {0};
    uint8_t plain[PLAIN_BYTES];
    uint8_t again[PLAIN_BYTES];
    struct box box;
    bool is_boxed = false;

    jb_rc rc = scan_bytes(bytes, len, &public, plain, &box, &is_boxed) ? JB_OK : no_key(err);
    if (rc == JB_OK && is_boxed)
        rc = open_box(&box, ask, arg, plain, err);
    if (rc == JB_OK)
        rc = jb_key_of_seed(public.name, plain, &key, err);
    if (rc == JB_OK) {
        plain_of(&key, again);
        if (!jb_public_key_equal(&public, &key.public) ||
            (is_boxed && sodium_memcmp(plain, again, sizeof plain) != 0))
            rc = jb_fail(err, JB_E_INPUT, hint_backup,
                         "the secret key and the public key in the file are not of one pair");
        else
            *ret = key;
    }
    jb_secret_key_wipe(&key);
    sodium_memzero(plain, sizeof plain);
    sodium_memzero(again, sizeof again);
    return rc;
}

/* R-KEY-02: nobody but this user can have read or written the open file. */
static jb_rc check_open(int fd, const char *path, struct jb_error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return jb_fail_errno(err, errno, NULL, "cannot look at '%s'", path);
    if (!S_ISREG(st.st_mode))
        return jb_fail(err, JB_E_PERMISSION, NULL, "'%s' is not a regular file", path);
    if (st.st_uid != geteuid())
        return jb_fail(err, JB_E_PERMISSION, "sign as the user whose key it is",
                       "'%s' belongs to somebody else", path);
    if ((st.st_mode & 077) != 0)
        return jb_fail(err, JB_E_PERMISSION,
                       "others may have read it: if they may not have, chmod 600; else make a new "
                       "key and revoke this one",
                       "others may read or write '%s'", path);
    return JB_OK;
}

/* The bytes into ret[JB_KEY_FILE_MAX]. */
static jb_rc read_bytes(const char *path, char *ret, size_t *ret_len, struct jb_error *err)
{
    size_t len = 0;
    ssize_t n = 0;
    /* Without O_NONBLOCK a pipe put there would make us wait for ever. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 && errno == ELOOP)
        return jb_fail(err, JB_E_PERMISSION, "name the file itself", "'%s' is a symbolic link",
                       path);
    if (fd < 0)
        return jb_fail_errno(err, errno,
                             errno == ENOENT ? "joulebook key new NAME makes one" : NULL,
                             "cannot open the key '%s'", path);
    jb_rc rc = check_open(fd, path, err);
    while (rc == JB_OK && len < JB_KEY_FILE_MAX) {
        n = read(fd, ret + len, JB_KEY_FILE_MAX - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    if (rc == JB_OK && n < 0)
        rc = jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
    (void)close(fd);
    *ret_len = len;
    return rc;
}

jb_rc jb_key_file_read(const char *path, jb_passphrase_fn ask, void *arg, struct jb_secret_key *ret,
                       struct jb_error *err)
{
    char bytes[JB_KEY_FILE_MAX];
    size_t len = 0;
    jb_rc rc = read_bytes(path, bytes, &len, err);

    if (rc == JB_OK)
        rc = jb_key_file_parse(bytes, len, ask, arg, ret, err);
    sodium_memzero(bytes, sizeof bytes);
    return rc;
}

jb_rc jb_key_file_public(const char *path, struct jb_public_key *ret, bool *ret_has_passphrase,
                         struct jb_error *err)
{
    char bytes[JB_KEY_FILE_MAX];
    uint8_t seed[SEED_BYTES];
    struct jb_public_key key;
    struct box box;
    bool is_boxed = false;
    size_t len = 0;
    jb_rc rc = read_bytes(path, bytes, &len, err);

    if (rc == JB_OK && !scan_bytes(bytes, len, &key, seed, &box, &is_boxed))
        rc = no_key(err);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(seed, sizeof seed);
    if (rc == JB_OK) {
        *ret = key;
        *ret_has_passphrase = is_boxed;
    }
    return rc;
}

static int write_whole(int fd, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* So that the name is there after a crash, too. */
static int sync_folder(const char *path)
{
    char folder[PATH_SIZE];
    const char *const slash = strrchr(path, '/');
    const size_t len = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);

    if (len >= sizeof folder)
        return -1;
    memcpy(folder, len > 0 ? path : ".", len > 0 ? len : 1);
    folder[len > 0 ? len : 1] = '\0';
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    const int result = fsync(fd);
    (void)close(fd);
    return result;
}

/* The text into a new file beside `path`, whose name is given back. 0, or -1 with errno and no file left. */
static int write_beside(const char *path, const char *text, char *ret_path, size_t size)
{
    uint8_t random[8];
    char hex[2 * sizeof random + 1];

    jb_random(random, sizeof random);
    const int len =
        snprintf(ret_path, size, "%s.%s", path, jb_hex(random, sizeof random, hex, sizeof hex));
    if (len < 0 || (size_t)len >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int fd = open(ret_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    /* The mode again, whatever an umask or a default ACL of the folder made of it. */
    int result = fchmod(fd, 0600);
    if (result == 0)
        result = write_whole(fd, text, strlen(text));
    if (result == 0)
        result = fsync(fd);
    const int reason = errno;
    if (close(fd) != 0 || result != 0) {
        (void)unlink(ret_path);
        errno = result != 0 ? reason : errno;
        return -1;
    }
    return 0;
}

static jb_rc put(const char *path, bool may_replace, const struct jb_secret_key *key,
                 const char *passphrase, struct jb_error *err)
{
    char text[JB_KEY_FILE_MAX];
    char beside[PATH_SIZE];

    if (passphrase && (passphrase[0] == '\0' || strlen(passphrase) >= JB_PASSPHRASE_MAX))
        return jb_fail(err, JB_E_INPUT, NULL, "a passphrase has 1 to %d bytes",
                       JB_PASSPHRASE_MAX - 1);
    jb_rc rc = text_of(key, passphrase, text, err);
    if (rc != JB_OK)
        return rc;
    int result = write_beside(path, text, beside, sizeof beside);
    sodium_memzero(text, sizeof text);
    if (result != 0)
        return jb_fail_errno(err, errno, NULL, "cannot write the key beside '%s'", path);

    /* link() never writes over a file, on any filesystem; rename() always does. */
    result = may_replace ? rename(beside, path) : link(beside, path);
    const int reason = errno;
    if (result != 0 || !may_replace)
        (void)unlink(beside);
    if (result != 0 && reason == EEXIST)
        return jb_fail(err, JB_E_CONFLICT,
                       "a key is never written over: move it away, or name another file",
                       "'%s' is there already", path);
    if (result != 0)
        return jb_fail_errno(err, reason, NULL, "cannot write the key '%s'", path);
    if (sync_folder(path) != 0)
        return jb_fail_errno(err, errno, NULL, "cannot make the key '%s' last", path);
    return JB_OK;
}

jb_rc jb_key_file_write(const char *path, const struct jb_secret_key *key, const char *passphrase,
                        struct jb_error *err)
{
    return put(path, false, key, passphrase, err);
}

jb_rc jb_key_file_replace(const char *path, const struct jb_secret_key *key, const char *passphrase,
                          struct jb_error *err)
{
    return put(path, true, key, passphrase, err);
}
