/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: who may read them, what they hold, what is refused. R-KEY-01 to R-KEY-04. */
#include "sign/key_file.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "tap.h"

/* RFC 8032, section 7.1, test 2; the vkey's hash is printf 'example.com/two\n\x01...' | sha256sum. */
#define SEED   "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
#define PUBLIC "public example.com/two+9f5c94f1+AT1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM\n"
#define HEADER "joulebook.signing-key/1\n"
#define PLAIN  HEADER PUBLIC "secret " SEED "\n"

static char folder[256];

static const char *path_of(const char *name)
{
    static char path[400];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *const file = fopen(path, "w");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) != 0)
        bail_out("cannot write %s", path);
}

static void get(const char *path, char *ret, size_t size)
{
    FILE *const file = fopen(path, "r");
    const size_t n = file ? fread(ret, 1, size - 1, file) : 0;

    if (!file || fclose(file) != 0)
        bail_out("cannot read %s", path);
    ret[n] = '\0';
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static int n_asked;

static jb_rc answer(void *arg, const char *prompt, char *ret, size_t size, struct jb_error *err)
{
    (void)prompt;
    (void)err;
    n_asked++;
    (void)snprintf(ret, size, "%s", (const char *)arg);
    return JB_OK;
}

static struct jb_secret_key two(void)
{
    struct jb_secret_key key;
    uint8_t seed[32];

    if (jb_unhex(SEED, seed, 32) || jb_key_of_seed("example.com/two", seed, &key, NULL))
        bail_out("no key");
    return key;
}

static void plain(void)
{
    const struct jb_secret_key key = two();
    struct jb_secret_key back;
    char text[JB_KEY_FILE_MAX];
    char again[JB_KEY_FILE_MAX];
    struct jb_error err = {0};

    (void)umask(0);
    is_i64(jb_key_file_write(path_of("plain"), &key, NULL, &err), JB_OK, "a key is written");
    is_i64(mode_of(path_of("plain")), 0600, "for its owner alone, whatever the umask");
    get(path_of("plain"), text, sizeof text);
    is_str(text, PLAIN, "as docs/format/key.md has it");
    is_i64(jb_key_file_read(path_of("plain"), NULL, NULL, &back, &err), JB_OK, "it is read");
    ok(memcmp(&back, &key, sizeof key) == 0, "to the same key");

    struct jb_secret_key other;
    if (jb_key_new("other", &other, NULL) != JB_OK)
        bail_out("no key");
    is_i64(jb_key_file_write(path_of("plain"), &other, NULL, &err), JB_E_CONFLICT,
           "a key is not written over");
    get(path_of("plain"), again, sizeof again);
    is_str(again, text, "and stays as it was");
    (void)umask(0777);
    is_i64(jb_key_file_replace(path_of("plain"), &other, NULL, &err), JB_OK, "it can be replaced");
    (void)umask(022);
    is_i64(mode_of(path_of("plain")), 0600, "again for its owner alone");
    ok(jb_key_file_read(path_of("plain"), NULL, NULL, &back, &err) == JB_OK &&
           jb_public_key_equal(&back.public, &other.public),
       "by the other key");
    is_i64(jb_key_file_write(path_of("none/plain"), &key, NULL, &err), JB_E_NOT_FOUND,
           "a folder that is not there is told");
}

static void refused_by_mode(void)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666};
    struct jb_secret_key key;
    struct jb_error err = {0};

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        put(path_of("open"), PLAIN, modes[i]);
        is_i64(jb_key_file_read(path_of("open"), NULL, NULL, &key, &err), JB_E_PERMISSION,
               "a file of mode %04o is refused", (unsigned)modes[i]);
        is_i64(mode_of(path_of("open")), modes[i], "and not mended");
    }
    put(path_of("open"), PLAIN, 0400);
    is_i64(jb_key_file_read(path_of("open"), NULL, NULL, &key, &err), JB_OK, "0400 will do");
    if (geteuid() != 0)
        skip("only root can give a file away");
    else if (chown(path_of("open"), 65534, 65534) != 0)
        bail_out("cannot give a file away");
    else
        is_i64(jb_key_file_read(path_of("open"), NULL, NULL, &key, &err), JB_E_PERMISSION,
               "somebody else's file is refused, even to root");
    (void)unlink(path_of("open"));

    char target[400];
    put(path_of("target"), PLAIN, 0600);
    (void)snprintf(target, sizeof target, "%s", path_of("target"));
    if (symlink(target, path_of("link")) != 0 || mkfifo(path_of("pipe"), 0600) != 0)
        bail_out("cannot make a link and a pipe");
    is_i64(jb_key_file_read(path_of("link"), NULL, NULL, &key, &err), JB_E_PERMISSION,
           "a symbolic link is refused");
    is_i64(jb_key_file_write(path_of("link"), &key, NULL, &err), JB_E_CONFLICT,
           "and nothing is written through one");
    is_i64(jb_key_file_read(path_of("pipe"), NULL, NULL, &key, &err), JB_E_PERMISSION,
           "a pipe is refused, and not waited for");
    is_i64(jb_key_file_read(folder, NULL, NULL, &key, &err), JB_E_PERMISSION, "and a folder");
    is_i64(jb_key_file_read(path_of("none"), NULL, NULL, &key, &err), JB_E_NOT_FOUND,
           "a file that is not there is told");
}

static void refused_by_content(void)
{
    static const char whole[] = PLAIN;
    char bytes[JB_KEY_FILE_MAX];
    struct jb_secret_key key;
    struct jb_error err = {0};
    size_t n_taken = 0;

    is_i64(jb_key_file_parse(whole, strlen(whole), NULL, NULL, &key, &err), JB_OK,
           "a file as docs/format/key.md has it is read");
    uint8_t signature[JB_SIGNATURE_SIZE];
    char hex[2 * JB_SIGNATURE_SIZE + 1];
    jb_sign(&key, "\x72", 1, signature);
    is_str(
        jb_hex(signature, sizeof signature, hex, sizeof hex),
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
        "f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        "to the key of RFC 8032, test 2");
    for (size_t at = 0; at < strlen(whole); at++)
        for (unsigned c = 0; c < 256; c++) {
            memcpy(bytes, whole, sizeof whole);
            bytes[at] = (char)c;
            n_taken += bytes[at] != whole[at] &&
                       jb_key_file_parse(bytes, strlen(whole), NULL, NULL, &key, &err) == JB_OK;
        }
    for (size_t len = 0; len < strlen(whole); len++)
        n_taken += jb_key_file_parse(whole, len, NULL, NULL, &key, &err) == JB_OK;
    (void)snprintf(bytes, sizeof bytes, "%s\n", whole);
    n_taken += jb_key_file_parse(bytes, strlen(bytes), NULL, NULL, &key, &err) == JB_OK;
    is_i64((int64_t)n_taken, 0, "with any byte changed, cut or longer it is refused");
    memset(bytes, 'a', sizeof bytes);
    is_i64(jb_key_file_parse(bytes, sizeof bytes, NULL, NULL, &key, &err), JB_E_INPUT,
           "and so is a long file");
    ok(!strstr(err.message, SEED) && !strstr(err.hint, SEED), "no message shows a secret");
}

static void passphrase(void)
{
    const struct jb_secret_key key = two();
    struct jb_secret_key back;
    char text[JB_KEY_FILE_MAX];
    char right[] = "correct horse";
    char wrong[] = "correct horsf";
    struct jb_error err = {0};

    is_i64(jb_key_file_write(path_of("boxed"), &key, right, &err), JB_OK,
           "a key is written under a passphrase");
    get(path_of("boxed"), text, sizeof text);
    ok(!strstr(text, SEED) && !strstr(text, right), "neither secret nor passphrase stand in it");
    ok(strncmp(text, HEADER PUBLIC "argon2id-moderate ", strlen(HEADER PUBLIC) + 18) == 0,
       "the public key does");
    n_asked = 0;
    is_i64(jb_key_file_read(path_of("boxed"), answer, right, &back, &err), JB_OK,
           "the passphrase opens it");
    is_i64(n_asked, 1, "and is asked for once");
    ok(memcmp(&back, &key, sizeof key) == 0, "to the same key");
    struct jb_public_key public;
    bool has_passphrase = false;
    ok(jb_key_file_public(path_of("boxed"), &public, &has_passphrase, &err) == JB_OK &&
           has_passphrase && jb_public_key_equal(&public, &key.public),
       "its public key is told without");
    ok(jb_key_file_public(path_of("target"), &public, &has_passphrase, &err) == JB_OK &&
           !has_passphrase && jb_public_key_equal(&public, &key.public),
       "and that of a plain file, which says that it is plain");
    is_i64(jb_key_file_public(path_of("link"), &public, &has_passphrase, &err), JB_E_PERMISSION,
           "a symbolic link is refused there, too");
    is_i64(jb_key_file_read(path_of("boxed"), answer, wrong, &back, &err), JB_E_PERMISSION,
           "another does not");
    is_i64(jb_key_file_read(path_of("boxed"), NULL, NULL, &back, &err), JB_E_UNAVAILABLE,
           "and with nobody to ask it stays closed");
    /* The name beside the box is bound to it: a good vkey of the same key under another name. */
    struct jb_public_key renamed = key.public;
    char vkey[JB_VKEY_TEXT];
    char forged[JB_KEY_FILE_MAX];
    renamed.name[0] = 'E';
    (void)snprintf(forged, sizeof forged, HEADER "public %s\n%s",
                   jb_vkey(&renamed, vkey, sizeof vkey), text + strlen(HEADER PUBLIC));
    is_i64(jb_key_file_parse(forged, strlen(forged), answer, right, &back, &err), JB_E_INPUT,
           "under another name the key is refused");
    /* Whatever is changed in the form is refused before anybody is asked. */
    n_asked = 0;
    size_t n_taken = 0;
    for (size_t at = 0; at < strlen(HEADER PUBLIC) + 18; at++) {
        (void)snprintf(forged, sizeof forged, "%s", text);
        forged[at] ^= 1;
        n_taken += jb_key_file_parse(forged, strlen(forged), answer, right, &back, &err) == JB_OK;
    }
    ok(n_taken == 0 && n_asked == 0,
       "a changed head is refused before the passphrase is asked for");
    (void)snprintf(forged, sizeof forged, "%s", text);
    char *const last = forged + strlen(forged) - 2;
    *last = *last == '0' ? '1' : '0';
    is_i64(jb_key_file_parse(forged, strlen(forged), answer, right, &back, &err), JB_E_PERMISSION,
           "a changed box does not open");
    is_i64(jb_key_file_write(path_of("empty"), &key, "", &err), JB_E_INPUT,
           "an empty passphrase is refused");
    ok(access(path_of("empty"), F_OK) != 0, "and no file is made");
}

int main(void)
{
    (void)snprintf(folder, sizeof folder, "%s/keys.XXXXXX",
                   getenv("JB_TMP") ? getenv("JB_TMP") : "/tmp");
    if (!mkdtemp(folder))
        bail_out("no folder");
    plain();
    refused_by_mode();
    refused_by_content();
    passphrase();
    DIR *const entries = opendir(folder);
    size_t n = 0;
    while (entries && readdir(entries))
        n++;
    (void)closedir(entries);
    is_i64((int64_t)n, 2 + 5, "no file is left beside plain, target, link, pipe and boxed");
    return done_testing();
}
