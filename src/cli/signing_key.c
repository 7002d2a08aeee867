/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line and the terminal to the user's secret key. Must never echo a passphrase, take one from an argument or a variable,
 * leave the terminal without echo, or leave a copy behind. R-KEY-03, R-KEY-04.
 */
#include "cli/signing_key.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

const struct jb_option jb_signing_options[] = {
    {0, "key", "FILE", "the secret key (else joulebook/signing.key of your configuration)", false},
    {0, "passphrase-file", "FILE", "its passphrase is the first line of FILE; else it is asked for",
     false},
    {0, NULL, NULL, NULL, false},
};

jb_rc jb_key_path(const char *option, char *ret_path, size_t size, struct jb_error *err)
{
    const char *const config = getenv("XDG_CONFIG_HOME");
    const char *const home = getenv("HOME");
    int n;

    if (option)
        n = snprintf(ret_path, size, "%s", option);
    else if (config && config[0] == '/')
        n = snprintf(ret_path, size, "%s/joulebook/signing.key", config);
    else if (home && home[0] == '/')
        n = snprintf(ret_path, size, "%s/.config/joulebook/signing.key", home);
    else
        return jb_fail(err, JB_E_UNAVAILABLE, "name it with --key FILE",
                       "there is no home folder to look for the key in");
    if (n <= 0 || (size_t)n >= size)
        return jb_fail(err, JB_E_USAGE, NULL, "the path of the key is empty or too long");
    return JB_OK;
}

static void close_auto(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* Up to the first line feed, which is cut off, or the end. */
static jb_rc read_line(int fd, const char *from, char *ret, size_t size, struct jb_error *err)
{
    size_t len = 0;
    ssize_t n = 1;

    while (len < size && n != 0) {
        n = read(fd, ret + len, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read a passphrase from %s", from);
        if (n == 0 || ret[len] == '\n')
            break;
        len++;
    }
    if (len == 0 || len == size || memchr(ret, '\0', len))
        return jb_fail(err, JB_E_INPUT, NULL, "%s gives no passphrase of 1 to %zu bytes", from,
                       size - 1);
    ret[len] = '\0';
    return JB_OK;
}

static jb_rc from_file(const char *path, char *ret, size_t size, struct jb_error *err)
{
    JB_AUTO(close_auto) const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char from[300];
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s'", path);
    if (S_ISREG(st.st_mode) && (st.st_uid != geteuid() || (st.st_mode & 077) != 0))
        return jb_fail(err, JB_E_PERMISSION, "chmod 600 it",
                       "the passphrase in '%s' is not this user's alone", path);
    (void)snprintf(from, sizeof from, "'%.250s'", path);
    return read_line(fd, from, ret, size, err);
}

/* False: a signal came first. It stays pending, and does its work once it is let through. */
static bool wait_line(int terminal, const sigset_t *signals)
{
    JB_AUTO(close_auto) const int caught = signalfd(-1, signals, SFD_CLOEXEC);
    struct pollfd fds[] = {{.fd = terminal, .events = POLLIN}, {.fd = caught, .events = POLLIN}};
    int n;

    do
        n = poll(fds, 2, -1);
    while (n < 0 && errno == EINTR);
    return n > 0 && fds[1].revents == 0;
}

static jb_rc from_terminal(int terminal, const char *prompt, char *ret, size_t size,
                           struct jb_error *err)
{
    static const int stopping[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP};
    struct termios before;
    sigset_t signals;
    sigset_t mask;

    if (tcgetattr(terminal, &before) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot ask on the terminal");
    (void)sigemptyset(&signals);
    for (size_t i = 0; i < JB_ARRAY_LEN(stopping); i++)
        (void)sigaddset(&signals, stopping[i]);
    (void)sigprocmask(SIG_BLOCK, &signals, &mask);
    struct termios silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    jb_rc rc = JB_E_UNAVAILABLE;
    if (tcsetattr(terminal, TCSAFLUSH, &silent) < 0)
        rc = jb_fail_errno(err, errno, NULL, "cannot silence the terminal");
    else if (write(terminal, prompt, strlen(prompt)) < 0)
        rc = jb_fail_errno(err, errno, NULL, "cannot ask on the terminal");
    else if (!wait_line(terminal, &signals))
        rc = jb_fail(err, JB_E_UNAVAILABLE, NULL, "the question for the passphrase was broken off");
    else
        rc = read_line(terminal, "the terminal", ret, size, err);
    (void)tcsetattr(terminal, TCSAFLUSH, &before);
    const ssize_t n = write(terminal, "\n", 1);
    (void)n;
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    return rc;
}

jb_rc jb_passphrase_get(const char *file, const char *prompt, bool is_new, char *ret, size_t size,
                        struct jb_error *err)
{
    char again[JB_PASSPHRASE_MAX];

    if (file)
        return from_file(file, ret, size, err);
    JB_AUTO(close_auto) const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0)
        return jb_fail(err, JB_E_UNAVAILABLE, "give it by --passphrase-file FILE",
                       "there is no terminal to ask for a passphrase on");
    jb_rc rc = from_terminal(terminal, prompt, ret, size, err);
    if (rc == JB_OK && is_new)
        rc = from_terminal(terminal, "once more: ", again, sizeof again, err);
    if (rc == JB_OK && is_new && strcmp(ret, again) != 0)
        rc = jb_fail(err, JB_E_INPUT, NULL, "the two passphrases differ");
    sodium_memzero(again, sizeof again);
    return rc;
}

static jb_rc ask(void *arg, const char *prompt, char *ret, size_t size, struct jb_error *err)
{
    const struct jb_args *const args = arg;

    return jb_passphrase_get(jb_args_text(args, "passphrase-file"), prompt, false, ret, size, err);
}

jb_rc jb_signing_key_read(const struct jb_args *args, struct jb_secret_key *ret,
                          struct jb_error *err)
{
    char path[JB_KEY_PATH];
    struct jb_args copy = *args; /* the callback's argument is not const */
    const jb_rc rc = jb_key_path(jb_args_text(args, "key"), path, sizeof path, err);

    return rc == JB_OK ? jb_key_file_read(path, ask, &copy, ret, err) : rc;
}
