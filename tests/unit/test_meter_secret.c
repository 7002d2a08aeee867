/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials: what a file may hold, and who may be able to read it (R-SENSOR-81). */
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/meter_secret.h"

static jb_rc parse(const char *text, struct meter_secret *ret)
{
    return meter_secret__parse(text, strlen(text), ret);
}

static void forms(void)
{
    struct meter_secret secret;

    is_i64(parse("# of the BMC\n\nreader:pass:word with blanks\n", &secret), JB_OK,
           "a name and a password");
    ok(secret.kind == METER_SECRET_PASSWORD, "are a password");
    is_str(secret.user, "reader", "the name ends at the first colon");
    is_str(secret.secret, "pass:word with blanks", "the password is the rest of the line");
    is_i64(parse("token abc.def\r\n", &secret), JB_OK, "a token, with the line end of Windows");
    ok(secret.kind == METER_SECRET_TOKEN, "is a token");
    is_str(secret.secret, "abc.def", "without it");
    is_i64(parse("community s3cret", &secret), JB_OK, "a community");
    is_str(secret.secret, "s3cret", "is read");
    is_i64(parse("user ann\nauth SHA-256 longer phrase\npriv AES another phrase\n", &secret), JB_OK,
           "a user of SNMP v3");
    ok(secret.kind == METER_SECRET_SNMP_USER && strcmp(secret.user, "ann") == 0 &&
           strcmp(secret.auth_name, "SHA-256") == 0 && strcmp(secret.auth, "longer phrase") == 0 &&
           strcmp(secret.priv_name, "AES") == 0 && strcmp(secret.priv, "another phrase") == 0,
       "with both phrases");
    is_i64(parse("user:password", &secret), JB_OK, "'user' before a colon is only a name");
    ok(secret.kind == METER_SECRET_PASSWORD, "of a password");
}

static void refused(void)
{
    static const char *const texts[] = {
        "",
        "# nothing\n",
        "password-alone\n",
        ":no-name\n",
        "no-password:\n",
        "a:b\nc:d\n",
        "token\n",
        "token a\ncommunity b\n",
        "auth SHA-256 longer phrase\n",
        "user ann\npriv AES another phrase\n",
        "user ann\nauth SHA-256 short\n",
        "a:b\nauth SHA-256 longer phrase\n",
        "a:b\x01\n",
    };
    struct meter_secret secret;
    struct meter_secret zero;
    char text[1024];

    memset(&zero, 0, sizeof zero);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        is_i64(parse(texts[i], &secret), JB_E_INPUT, "refused: form %zu", i);
        ok(memcmp(&secret, &zero, sizeof zero) == 0, "and nothing of it is kept");
    }
    (void)snprintf(text, sizeof text, "a:%0600d", 0);
    is_i64(parse(text, &secret), JB_E_INPUT, "a password that does not fit is not cut");
}

static void files(void)
{
    char path[] = "/tmp/joulebook-secret-XXXXXX";
    struct meter_secret secret;
    struct jb_error err = {0};
    struct stat st;
    const int fd = mkstemp(path);

    if (fd < 0 || write(fd, "ann:topsecret\n", 14) != 14 || fchmod(fd, 0644) != 0)
        bail_out("no temporary file");
    is_i64(meter_secret__read(path, &secret, &err), JB_E_PERMISSION,
           "a file that others can read is refused");
    char step[128];
    (void)snprintf(step, sizeof step, "chmod 600 %s", path);
    is_str(err.hint, step, "with the exact step");
    ok(strstr(err.message, "0644") && !strstr(err.message, "topsecret"),
       "the message says the mode and no secret");
    ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0644, "the mode is left as it was");
    ok(fchmod(fd, 0620) == 0 && meter_secret__read(path, &secret, &err) == JB_E_PERMISSION,
       "nor one that a group can write");
    ok(fchmod(fd, 0600) == 0 && meter_secret__read(path, &secret, &err) == JB_OK,
       "one of the owner alone is read");
    is_str(secret.secret, "topsecret", "as it stands");
    meter_secret__wipe(&secret);
    ok(secret.secret[0] == '\0' && secret.user[0] == '\0', "and wiped");
    if (geteuid() == 0) {
        ok(chown(path, 65534, (gid_t)-1) == 0 &&
               meter_secret__read(path, &secret, &err) == JB_E_PERMISSION,
           "one that belongs to somebody else is refused, to root as well");
    }
    is_i64(ftruncate(fd, 0), 0, "emptied");
    ok(chown(path, geteuid(), (gid_t)-1) == 0 &&
           meter_secret__read(path, &secret, &err) == JB_E_INPUT,
       "an empty one holds none");
    (void)close(fd);
    (void)unlink(path);
    is_i64(meter_secret__read(path, &secret, &err), JB_E_NOT_FOUND, "one that is not there");
    is_i64(mkfifo(path, 0600), 0, "a FIFO");
    is_i64(meter_secret__read(path, &secret, &err), JB_E_INPUT,
           "is no file, and nobody waits for it");
    (void)unlink(path);
    is_i64(meter_secret__read("/tmp", &secret, &err), JB_E_INPUT, "nor is a folder");
    is_i64(meter_secret__read("", &secret, &err), JB_OK, "none named");
    ok(secret.kind == METER_SECRET_NONE, "is none");
}

int main(void)
{
    forms();
    refused();
    files();
    return done_testing();
}
