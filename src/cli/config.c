/* SPDX-License-Identifier: Apache-2.0 */
/* The user's file of facts to rows. Must never mend what it reads: a doubtful line stops it with its number. */
#include "cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/apart.h"
#include "base/clean.h"

static bool is_blank(char c)
{
    return c == ' ';
}

static char *trim(char *text)
{
    size_t len;

    while (is_blank(*text))
        text++;
    len = strlen(text);
    while (len > 0 && is_blank(text[len - 1]))
        text[--len] = '\0';
    return text;
}

static void cut_remark(char *line)
{
    for (char *c = line; *c; c++)
        if (*c == '#' && (c == line || is_blank(c[-1]))) {
            *c = '\0';
            return;
        }
}

static const struct jb_option *find(const struct jb_option *names, const char *name)
{
    for (; names->name; names++)
        if (strcmp(names->name, name) == 0)
            return names;
    return NULL;
}

static jb_rc unknown(const char *path, size_t line, const char *name, const struct jb_option *names,
                     struct jb_error *err)
{
    const struct jb_option *nearest = NULL;
    size_t least = SIZE_MAX;
    char hint[128] = "see joulebook-config(5) for the names it may hold";

    for (const struct jb_option *o = names; o->name; o++) {
        const size_t apart = jb_words_apart(name, o->name);
        if (apart < least) {
            least = apart;
            nearest = o;
        }
    }
    if (nearest && least <= 1 + strlen(name) / 3)
        (void)snprintf(hint, sizeof hint, "did you mean '%s'? see joulebook-config(5)",
                       nearest->name);
    return jb_fail(err, JB_E_INPUT, hint, "%s:%zu: there is no setting '%.60s'", path, line, name);
}

static jb_rc take_line(struct jb_config *config, const struct jb_option *names, char *text,
                       size_t line, struct jb_error *err)
{
    const char *const path = config->path;

    cut_remark(text);
    text = trim(text);
    if (!text[0])
        return JB_OK;
    char *const equals = strchr(text, '=');
    if (!equals || equals == text)
        return jb_fail(err, JB_E_INPUT, "write name = value, for example place = NL",
                       "%s:%zu: not a setting: '%.60s'", path, line, text);
    *equals = '\0';
    const char *const name = trim(text);
    const char *const value = trim(equals + 1);
    const struct jb_option *const option = find(names, name);
    if (!option)
        return unknown(path, line, name, names, err);
    if (!value[0])
        return jb_fail(err, JB_E_INPUT, "give it a value or take the line out",
                       "%s:%zu: setting '%s' has no value", path, line, name);
    for (size_t i = 0; i < config->n_rows && !option->may_repeat; i++)
        if (config->rows[i].option == option)
            return jb_fail(err, JB_E_INPUT, "keep one of the two lines",
                           "%s:%zu: setting '%s' stands in line %zu already", path, line, name,
                           config->rows[i].line);
    if (config->n_rows == JB_CONFIG_ROWS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "%s:%zu: more than %d settings", path, line,
                       JB_CONFIG_ROWS_MAX);
    config->rows[config->n_rows].option = option;
    config->rows[config->n_rows].value = value;
    config->rows[config->n_rows].line = line;
    config->n_rows++;
    return JB_OK;
}

/* Takes the line's tabs for blanks and the '\r' of its end away; the other control characters may not be there. */
static bool is_plain(char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] == '\t')
            line[i] = ' ';
    if (len > 0 && line[len - 1] == '\r')
        line[len - 1] = '\0';
    return jb_clean_is(line);
}

static jb_rc take_lines(struct jb_config *config, const struct jb_option *names, size_t len,
                        struct jb_error *err)
{
    char *at = config->text;
    size_t left = len;

    for (size_t line = 1; left > 0; line++) {
        char *const newline = memchr(at, '\n', left);
        const size_t with_newline = newline ? (size_t)(newline - at) + 1 : left;
        const size_t n = newline ? with_newline - 1 : left;
        at[n] = '\0';
        if (memchr(at, '\0', n) || !is_plain(at, n))
            return jb_fail(err, JB_E_INPUT, "write it in UTF-8 without control characters",
                           "%s:%zu: not plain text", config->path, line);
        const jb_rc rc = take_line(config, names, at, line, err);
        if (rc < 0)
            return rc;
        at += with_newline;
        left -= with_newline;
    }
    return JB_OK;
}

jb_rc jb_config_parse(const char *path, const char *bytes, size_t len,
                      const struct jb_option *names, struct jb_config *ret, struct jb_error *err)
{
    JB_AUTO(jb_config_release) struct jb_config config = {.n_rows = 0};

    if (len > JB_CONFIG_BYTES_MAX)
        return jb_fail(err, JB_E_INPUT, "it needs a few lines", "'%s' is larger than %zu bytes",
                       path, JB_CONFIG_BYTES_MAX);
    if (snprintf(config.path, sizeof config.path, "%s", path) >= (int)sizeof config.path)
        return jb_fail(err, JB_E_RANGE, NULL, "the path '%.60s...' is too long", path);
    config.text = malloc(len + 1);
    if (!config.text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    memcpy(config.text, bytes, len);
    config.text[len] = '\0';
    const jb_rc rc = take_lines(&config, names, len, err);
    if (rc < 0)
        return rc;
    *ret = config;
    config.text = NULL;
    return JB_OK;
}

void jb_config_release(struct jb_config *config)
{
    free(config->text);
    config->text = NULL;
    config->n_rows = 0;
}

/* False: there is no home folder to look in. */
static bool path_of(char *path, size_t size)
{
    const char *const config = getenv("XDG_CONFIG_HOME");
    const char *const home = getenv("HOME");
    int n = 0;

    /* The XDG specification: a relative folder is to be ignored. */
    if (config && config[0] == '/')
        n = snprintf(path, size, "%s/joulebook/config", config);
    else if (home && home[0] == '/')
        n = snprintf(path, size, "%s/.config/joulebook/config", home);
    return n > 0 && (size_t)n < size;
}

static void close_auto(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

jb_rc jb_config_read(bool is_privileged, const struct jb_option *names, struct jb_config *ret,
                     struct jb_error *err)
{
    static const char hint[] = "mend it or take it away";
    char path[JB_CONFIG_PATH];
    struct stat st;

    if (!path_of(path, sizeof path)) {
        *ret = (struct jb_config){.n_rows = 0};
        return JB_OK;
    }
    JB_AUTO(close_auto)
    const int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (is_privileged ? O_NOFOLLOW : 0));
    /* A file that this user may not read holds nothing for him; a training is not stopped for it, but he is told. */
    if (fd < 0 && errno == EACCES)
        (void)fprintf(stderr, "joulebook: cannot read '%s': going on without it\n", path);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) {
        *ret = (struct jb_config){.n_rows = 0};
        return JB_OK;
    }
    if (fd < 0 || fstat(fd, &st) < 0)
        return jb_fail_errno(err, errno, hint, "cannot read '%s'", path);
    if (!S_ISREG(st.st_mode))
        return jb_fail(err, JB_E_INPUT, hint, "'%s' is not a regular file", path);
    JB_AUTO(jb_free_auto) char *bytes = malloc(JB_CONFIG_BYTES_MAX + 1);
    if (!bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    size_t len = 0;
    while (len <= JB_CONFIG_BYTES_MAX) {
        const ssize_t n = read(fd, bytes + len, JB_CONFIG_BYTES_MAX + 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jb_fail_errno(err, errno, hint, "cannot read '%s'", path);
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return jb_config_parse(path, bytes, len, names, ret, err);
}
