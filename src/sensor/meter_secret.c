/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credentials file to a name and password, a token or an SNMP user. Must never change a file's mode, put a word of the
 * file into a message, or leave a copy behind. Rule R-SENSOR-81.
 */
#include "sensor/meter_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"

struct word {
    const char *at;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(struct word *line)
{
    while (line->len > 0 && is_blank(line->at[0])) {
        line->at++;
        line->len--;
    }
    while (line->len > 0 && (is_blank(line->at[line->len - 1]) || line->at[line->len - 1] == '\r'))
        line->len--;
}

/* Cuts the first word off *rest. */
static struct word take_word(struct word *rest)
{
    struct word word = {rest->at, 0};

    while (word.len < rest->len && !is_blank(word.at[word.len]))
        word.len++;
    rest->at += word.len;
    rest->len -= word.len;
    trim(rest);
    return word;
}

static bool is_word(const struct word *word, const char *text)
{
    return word->len == strlen(text) && memcmp(word->at, text, word->len) == 0;
}

/* Once only, not empty, whole, and nothing that would end a header or a text early. */
static bool put(char *to, size_t size, const struct word *from)
{
    if (to[0] != '\0' || from->len == 0 || from->len >= size)
        return false;
    for (size_t i = 0; i < from->len; i++)
        if ((unsigned char)from->at[i] < ' ' || from->at[i] == 0x7f)
            return false;
    memcpy(to, from->at, from->len);
    to[from->len] = '\0';
    return true;
}

static bool take_password(const struct word *line, struct meter_secret *ret)
{
    const char *const colon = memchr(line->at, ':', line->len);

    if (!colon || ret->kind != METER_SECRET_NONE)
        return false;
    const struct word user = {line->at, (size_t)(colon - line->at)};
    const struct word password = {colon + 1, line->len - user.len - 1};
    ret->kind = METER_SECRET_PASSWORD;
    return put(ret->user, sizeof ret->user, &user) &&
           put(ret->secret, sizeof ret->secret, &password);
}

static bool take_one(const struct word *rest, enum meter_secret_kind kind, struct meter_secret *ret)
{
    if (ret->kind != METER_SECRET_NONE)
        return false;
    ret->kind = kind;
    return kind == METER_SECRET_SNMP_USER ? put(ret->user, sizeof ret->user, rest)
                                          : put(ret->secret, sizeof ret->secret, rest);
}

/* A pass phrase of SNMP v3 has eight characters at least (RFC 3414, 11.2). */
static bool take_phrase(struct word rest, char *name, size_t name_size, char *phrase,
                        size_t phrase_size)
{
    const struct word algorithm = take_word(&rest);

    return put(name, name_size, &algorithm) && rest.len >= 8 && put(phrase, phrase_size, &rest);
}

static bool take_line(struct word line, struct meter_secret *ret)
{
    struct word rest = line;
    const struct word key = take_word(&rest);

    if (rest.len == 0 || memchr(key.at, ':', key.len))
        return take_password(&line, ret);
    if (is_word(&key, "token"))
        return take_one(&rest, METER_SECRET_TOKEN, ret);
    if (is_word(&key, "community"))
        return take_one(&rest, METER_SECRET_COMMUNITY, ret);
    if (is_word(&key, "user"))
        return take_one(&rest, METER_SECRET_SNMP_USER, ret);
    if (is_word(&key, "auth"))
        return take_phrase(rest, ret->auth_name, sizeof ret->auth_name, ret->auth,
                           sizeof ret->auth);
    if (is_word(&key, "priv"))
        return take_phrase(rest, ret->priv_name, sizeof ret->priv_name, ret->priv,
                           sizeof ret->priv);
    return take_password(&line, ret);
}

/* Phrases belong to an SNMP user, and what is encrypted is authenticated (RFC 3414, 1.4.3). */
static bool is_whole(const struct meter_secret *secret)
{
    if (secret->kind == METER_SECRET_NONE)
        return false;
    if (secret->kind != METER_SECRET_SNMP_USER)
        return secret->auth_name[0] == '\0' && secret->priv_name[0] == '\0';
    return secret->priv_name[0] == '\0' || secret->auth_name[0] != '\0';
}

jb_rc meter_secret__parse(const char *text, size_t len, struct meter_secret *ret)
{
    bool is_good = true;

    memset(ret, 0, sizeof *ret);
    for (size_t at = 0; at < len && is_good;) {
        const char *const end = memchr(text + at, '\n', len - at);
        const size_t line_len = end ? (size_t)(end - (text + at)) : len - at;
        struct word line = {text + at, line_len};
        at += line_len + 1;
        trim(&line);
        if (line.len > 0 && line.at[0] != '#')
            is_good = take_line(line, ret);
    }
    if (is_good && is_whole(ret))
        return JB_OK;
    meter_secret__wipe(ret);
    return JB_E_INPUT;
}

static jb_rc check_owner(const char *path, const struct stat *st, struct jb_error *err)
{
    char hint[sizeof err->hint];

    if (!S_ISREG(st->st_mode))
        return jb_fail(err, JB_E_INPUT, "name an ordinary file",
                       "credentials file '%.200s' is no file", path);
    if (st->st_uid != geteuid()) {
        (void)snprintf(hint, sizeof hint,
                       "make it a file of your own: install -m 600 %.200s NEW-FILE", path);
        return jb_fail(err, JB_E_PERMISSION, hint,
                       "credentials file '%.200s' belongs to somebody else", path);
    }
    if ((st->st_mode & 077) != 0) {
        (void)snprintf(hint, sizeof hint, "chmod 600 %.200s", path);
        return jb_fail(err, JB_E_PERMISSION, hint,
                       "credentials file '%.200s' can be read by others (mode %04o)", path,
                       (unsigned)(st->st_mode & 07777));
    }
    return JB_OK;
}

static ssize_t read_all(int fd, char *buf, size_t size)
{
    size_t len = 0;

    while (len < size) {
        const ssize_t n = read(fd, buf + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static jb_rc read_open(int fd, const char *path, struct meter_secret *ret, struct jb_error *err)
{
    char text[METER_SECRET_FILE_MAX + 1];
    struct stat st;

    if (fstat(fd, &st) != 0)
        return jb_fail_errno(err, errno, NULL, "cannot look at credentials file '%.200s'", path);
    jb_rc rc = check_owner(path, &st, err);
    if (rc < 0)
        return rc;
    const ssize_t len = read_all(fd, text, sizeof text);
    if (len < 0)
        rc = jb_fail_errno(err, (int)-len, NULL, "cannot read credentials file '%.200s'", path);
    else if ((size_t)len == sizeof text || meter_secret__parse(text, (size_t)len, ret) < 0)
        rc = jb_fail(err, JB_E_INPUT,
                     "write NAME:PASSWORD, 'token TEXT', 'community TEXT', or for SNMP v3 'user "
                     "NAME', 'auth SHA-256 PHRASE' and 'priv AES PHRASE' on lines of their own",
                     "credentials file '%.200s' holds none that we know", path);
    explicit_bzero(text, sizeof text);
    return rc;
}

jb_rc meter_secret__read(const char *path, struct meter_secret *ret, struct jb_error *err)
{
    memset(ret, 0, sizeof *ret);
    if (path[0] == '\0')
        return JB_OK;
    /* Without O_NONBLOCK a FIFO would keep us for ever. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return jb_fail_errno(err, errno, "check the path; the file is yours alone: chmod 600",
                             "cannot open credentials file '%.200s'", path);
    const jb_rc rc = read_open(fd, path, ret, err);
    (void)close(fd);
    return rc;
}

void meter_secret__wipe(struct meter_secret *secret)
{
    explicit_bzero(secret, sizeof *secret);
}
