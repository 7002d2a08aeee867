/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interview: lines of standard input to case/interview.h, what it says back to standard error, the case to its file, the
 * account in brief to standard output. Must never lose what was answered: an end or a signal leaves it in FILE.part
 * (R-CASE-33). Prompts and colours on a terminal only.
 */
#include "cli/case_new.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clean.h"
#include "case/case_account.h"
#include "case/interview.h"
#include "cli/case_tell.h"
#include "cli/redact.h"

#define PATH_MAX_BYTES 4000
#define CASE_MAX_BYTES ((size_t)1024 * 1024)

/* Lines of a descriptor, each at most JB_INTERVIEW_LINE; what is longer comes as a line of that length. */
struct lines {
    int signals; /* a signalfd */
    bool is_end, is_long;
    size_t len, number;
    char bytes[JB_INTERVIEW_LINE];
};

struct desk {
    struct jb_cli *cli;
    enum jb_language language;
    bool is_terminal, has_file, is_stopped;
    struct jb_style style; /* of standard error */
    char path[PATH_MAX_BYTES], part[PATH_MAX_BYTES + 8];
    struct jb_case *one;
    struct jb_interview *interview;
    struct lines lines;
};

static void release(struct desk *desk)
{
    jb_interview_free(desk->interview);
    jb_case_free(desk->one);
}

/* Of two literals, so that the compiler can check them as formats. */
#define SAY(desk, english, dutch) ((desk)->language == JB_DUTCH ? (dutch) : (english))

/* What is said cannot fail the interview: whoever closed standard error does not want to hear it. */
static void tell(const struct jb_buf *text)
{
    bool is_quiet = false;

    if (text->len > 0)
        (void)!jb_cli_write(STDERR_FILENO, "standard error", text->bytes, text->len, &is_quiet,
                            NULL);
}

JB_PRINTF(1, 2)
static void tellf(const char *format, ...)
{
    char line[PATH_MAX_BYTES + 512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(sizeof line);
    jb_buf_add_text(&text, line);
    tell(&text);
}

/* --- lines ----------------------------------------------------------------------------------------------------- */

enum came { CAME_LINE, CAME_END, CAME_SIGNAL, CAME_NOTHING };

/* One byte to the line; CAME_LINE at its end. */
static enum came add_byte(struct lines *lines, char byte)
{
    if (byte == '\n')
        return CAME_LINE;
    if (lines->len == sizeof lines->bytes) {
        lines->is_long = true;
        return CAME_NOTHING;
    }
    lines->bytes[lines->len++] = byte;
    return CAME_NOTHING;
}

/* A byte at a time: what follows a line belongs to whoever reads after us, and nobody types faster. */
static enum came next_line(struct lines *lines)
{
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = lines->signals, .events = POLLIN}};
    enum came came = CAME_NOTHING;

    lines->len = 0;
    lines->is_long = false;
    while (came == CAME_NOTHING) {
        char byte;
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return CAME_END;
        if (fds[1].revents)
            return CAME_SIGNAL;
        if (!fds[0].revents)
            continue;
        const ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0 && lines->len == 0)
            return CAME_END;
        came = n <= 0 ? CAME_LINE : add_byte(lines, byte);
    }
    lines->number++;
    if (lines->is_long) /* blanks at its beginning must not make it short */
        memset(lines->bytes, '.', sizeof lines->bytes);
    return CAME_LINE;
}

/* --- files ----------------------------------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static jb_rc set_path(struct desk *desk, const char *path, const char *suffix, struct jb_error *err)
{
    const int n = snprintf(desk->path, sizeof desk->path, "%s%s", path, suffix);

    if (n < 0 || (size_t)n >= sizeof desk->path)
        return jb_fail(err, JB_E_RANGE, NULL, "the path '%.100s...' is too long", path);
    (void)snprintf(desk->part, sizeof desk->part, "%s.part", desk->path);
    return JB_OK;
}

/* Told before the first question and not after the last one. */
static jb_rc check_path(const struct desk *desk, struct jb_error *err)
{
    char folder[PATH_MAX_BYTES];
    const char *const slash = strrchr(desk->path, '/');

    if (jb_case_shipped_text(desk->path))
        return jb_fail(err, JB_E_CONFLICT, "give a file such as my-case.yaml",
                       "'%s' is the name of a shipped case", desk->path);
    if (is_there(desk->path) && !jb_args_has(&desk->cli->args, "replace"))
        return jb_fail(err, JB_E_CONFLICT, "give another name, or --replace to write over it",
                       "'%s' is there already", desk->path);
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - desk->path + 1) : 1,
                   slash ? desk->path : ".");
    if (access(folder, W_OK) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot write into '%s'", folder);
    return JB_OK;
}

/* "x/My case.yaml" to "My-case". */
static void id_of_path(const char *path, char *id, size_t size)
{
    const char *const slash = strrchr(path, '/');
    const char *const name = slash ? slash + 1 : path;
    const char *const dot = strrchr(name, '.');
    size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);

    n = n < size ? n : size - 1;
    for (size_t i = 0; i < n; i++)
        id[i] = jb_clean_is_alnum(name[i]) || name[i] == '_' ? name[i] : '-';
    id[n] = '\0';
}

static jb_rc open_case(struct desk *desk, bool *ret_is_resumed, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    *ret_is_resumed = false;
    if (desk->has_file) {
        rc = set_path(desk, desk->cli->args.words[1], "", err);
        if (rc == JB_OK)
            rc = check_path(desk, err);
    }
    if (rc == JB_OK && desk->has_file && is_there(desk->part)) {
        *ret_is_resumed = true;
        return jb_case_read(desk->part, &desk->one, err);
    }
    if (rc < 0)
        return rc;
    desk->one = calloc(1, sizeof *desk->one);
    if (!desk->one)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the case");
    if (desk->has_file)
        id_of_path(desk->path, desk->one->id, sizeof desk->one->id);
    return JB_OK;
}

/* Without FILE the case's name gives it; a name that is taken is asked for again. */
static void name_file(struct desk *desk)
{
    struct jb_error why = {.code = JB_OK};

    if (set_path(desk, desk->one->id, ".yaml", &why) == JB_OK && check_path(desk, &why) == JB_OK &&
        !is_there(desk->part))
        return;
    JB_AUTO(jb_buf_release) struct jb_buf reply = JB_BUF(65536);
    if (why.message[0])
        tellf("  %s\n", desk->language == JB_DUTCH && why.code == JB_E_CONFLICT
                            ? "dat bestand is er al; kies een andere naam, of begin met --replace"
                            : why.message);
    else
        tellf(SAY(desk, "  '%s' has answers already: `joulebook case new %s` goes on with them\n",
                  "  in '%s' staan al antwoorden: `joulebook case new %s` gaat daarmee verder\n"),
              desk->part, desk->path);
    (void)jb_interview_hear(desk->interview, "<", 1, &reply);
    desk->one->id[0] = desk->path[0] = '\0';
}

/* --- the conversation ------------------------------------------------------------------------------------------ */

/* R-CASE-34: what looks like a password or a key is not kept, and not shown again. */
static bool is_secret(const char *line, size_t len)
{
    char text[JB_INTERVIEW_LINE + 1], kept[4096];

    memcpy(text, line, len);
    text[len] = '\0';
    jb_redact_value(text, kept, sizeof kept);
    return strstr(kept, "***") && !strstr(text, "***");
}

static void hear(struct desk *desk)
{
    struct lines *const lines = &desk->lines;
    const struct jb_ask *const ask = jb_interview_at(desk->interview);
    JB_AUTO(jb_buf_release) struct jb_buf reply = JB_BUF(65536);
    enum jb_heard heard = JB_HEARD_AGAIN;

    if (is_secret(lines->bytes, lines->len))
        jb_buf_addf(&reply, "  %s\n",
                    SAY(desk, "that looks like a password or a key; it was not kept",
                        "dat lijkt op een wachtwoord of een sleutel; het is niet bewaard"));
    else
        heard = jb_interview_hear(desk->interview, lines->bytes, lines->len, &reply);
    if (heard == JB_HEARD_AGAIN && !desk->is_terminal)
        tellf(SAY(desk, "line %zu, %s:\n", "regel %zu, %s:\n"), lines->number, ask->key);
    tell(&reply);
    if (heard == JB_HEARD_TAKEN && !desk->has_file && strcmp(ask->key, "case") == 0)
        name_file(desk);
}

static void converse(struct desk *desk)
{
    while (jb_interview_at(desk->interview)) {
        JB_AUTO(jb_buf_release) struct jb_buf prompt = JB_BUF(65536);
        if (desk->is_terminal) {
            jb_interview_ask(desk->interview, desk->style.is_colour, &prompt);
            tell(&prompt);
        }
        if (next_line(&desk->lines) != CAME_LINE) {
            desk->is_stopped = true;
            tellf("%s", desk->is_terminal ? "\n" : "");
            return;
        }
        hear(desk);
    }
}

/* --- afterwards ------------------------------------------------------------------------------------------------ */

/* The case to `path`; where that cannot be, to standard output, so that it is not lost. */
static jb_rc keep(struct desk *desk, const char *path, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(CASE_MAX_BYTES);
    struct jb_error why = {.code = JB_OK};

    if (!desk->one->title[0])
        memcpy(desk->one->title, desk->one->id, sizeof desk->one->id);
    jb_rc rc = jb_case_write(desk->one, &text, err);
    if (rc < 0)
        return rc;
    rc = jb_cli_write_file(path, text.bytes, text.len, &why);
    if (rc == JB_OK)
        return JB_OK;
    bool is_quiet = false;
    (void)!jb_cli_write(STDOUT_FILENO, "standard output", text.bytes, text.len, &is_quiet, NULL);
    return jb_fail(err, rc, "the answers are on standard output, as YAML", "%s", why.message);
}

static bool is_anything_told(const struct jb_case *one)
{
    for (const struct jb_ask *ask = jb_asks; ask->key; ask++)
        if (strchr(ask->key, '.') && jb_ask_is_told(ask, one))
            return true;
    return false;
}

static jb_rc stop(struct desk *desk, struct jb_error *err)
{
    desk->cli->exit_code = JB_EXIT_INPUT;
    if (!desk->path[0] || !is_anything_told(desk->one)) {
        tellf("%s\n", SAY(desk, "nothing was answered, nothing is kept",
                          "er is niets beantwoord en niets bewaard"));
        return JB_OK;
    }
    const jb_rc rc = keep(desk, desk->part, err);
    if (rc == JB_OK)
        tellf(SAY(desk,
                  "what was answered is in '%s'; `joulebook case new %s` goes on from there\n",
                  "de antwoorden tot nu toe staan in '%s'; `joulebook case new %s` gaat daar "
                  "verder\n"),
              desk->part, desk->path);
    return rc;
}

static void tell_step(const struct desk *desk, const struct jb_estimate *estimate,
                      struct jb_buf *out)
{
    for (size_t i = 0; i < estimate->n_doubts; i++)
        if (estimate->doubts[i].step[0]) {
            jb_buf_addf(out, "%s %s: %s\n",
                        SAY(desk, "would narrow it most:", "het meest te winnen (in het Engels):"),
                        estimate->doubts[i].name, estimate->doubts[i].step);
            return;
        }
}

/* R-CASE-34: the account in brief. A case that cannot be computed is a case all the same. */
static void tell_account(const struct desk *desk, struct jb_buf *out)
{
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *account = NULL;
    struct jb_error why = {.code = JB_OK};
    char low[32], best[32], high[32];

    if (jb_case_account_make(desk->one, &account, &why) < 0) {
        jb_buf_addf(out, "%s %s\n", SAY(desk, "no account:", "geen rekening (in het Engels):"),
                    why.message);
        return;
    }
    const struct jb_estimate *const estimate = &account->told[0].estimate;
    if (!estimate->is_computable) {
        jb_buf_addf(out, "%s %s\n",
                    SAY(desk, "not computable:", "niet te berekenen (in het Engels):"),
                    estimate->why_not);
    } else {
        const struct jb_figure *const energy = &estimate->energy_uj;
        jb_buf_addf(out,
                    SAY(desk, "energy of the machines: %s (%s to %s, 90 %%)\n",
                        "energie van de machines: %s (%s tot %s, 90 %%)\n"),
                    jb_case_kwh(energy->best, best, sizeof best),
                    jb_case_kwh(energy->low, low, sizeof low),
                    jb_case_kwh(energy->high, high, sizeof high));
        if (estimate->facility_uj.is_known)
            jb_buf_addf(
                out,
                SAY(desk, "and by the PUE: %s (%s to %s)\n", "en door de PUE: %s (%s tot %s)\n"),
                jb_case_kwh(estimate->facility_uj.best, best, sizeof best),
                jb_case_kwh(estimate->facility_uj.low, low, sizeof low),
                jb_case_kwh(estimate->facility_uj.high, high, sizeof high));
    }
    tell_step(desk, estimate, out);
}

static jb_rc finish(struct desk *desk, struct jb_error *err)
{
    struct jb_buf *const out = &desk->cli->out;
    jb_rc rc = check_path(desk, err); /* somebody may have written it meanwhile */

    if (rc < 0) {
        struct jb_error why = {.code = JB_OK};
        if (keep(desk, desk->part, &why) == JB_OK)
            tellf(SAY(desk, "the answers are in '%s'\n", "de antwoorden staan in '%s'\n"),
                  desk->part);
        return rc;
    }
    rc = keep(desk, desk->path, err);
    if (rc < 0)
        return rc;
    if (unlink(desk->part) < 0 && errno != ENOENT)
        return jb_fail_errno(err, errno, "remove it by hand", "cannot remove '%s'", desk->part);
    jb_buf_addf(out, "%s '%s'\n", SAY(desk, "written to", "geschreven naar"), desk->path);
    tell_account(desk, out);
    jb_buf_addf(out, "%s `joulebook case account %s`, `joulebook case restrictions %s`\n",
                SAY(desk, "go on with", "verder met"), desk->path, desk->path);
    return JB_OK;
}

/* --- the command ----------------------------------------------------------------------------------------------- */

static jb_rc choose_language(const struct jb_cli *cli, enum jb_language *ret, struct jb_error *err)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *const option = jb_args_text(&cli->args, "language");
    int language = option ? jb_language_from_name(option) : -1;

    if (option && language < 0)
        return jb_fail(err, JB_E_USAGE, "en is English, nl is Dutch",
                       "option '--language': '%s' is neither en nor nl", option);
    for (size_t i = 0; i < JB_ARRAY_LEN(variables) && !option; i++) {
        const char *const value = getenv(variables[i]);
        if (!value || !value[0])
            continue;
        language = jb_language_from_name(value);
        break;
    }
    *ret = language < 0 ? JB_ENGLISH : (enum jb_language)language;
    return JB_OK;
}

/* Signals that end a program come as a line would, so that the answers can be kept first. */
static jb_rc listen(struct desk *desk, sigset_t *ret_mask, struct jb_error *err)
{
    sigset_t taken;

    (void)sigemptyset(&taken);
    (void)sigaddset(&taken, SIGINT);
    (void)sigaddset(&taken, SIGTERM);
    (void)sigaddset(&taken, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &taken, ret_mask) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot block signals");
    desk->lines.signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    if (desk->lines.signals >= 0)
        return JB_OK;
    const int reason = errno;
    (void)sigprocmask(SIG_SETMASK, ret_mask, NULL);
    return jb_fail_errno(err, reason, NULL, "cannot open a signalfd");
}

static jb_rc interview(struct desk *desk, struct jb_error *err)
{
    bool is_resumed;
    sigset_t mask;
    jb_rc rc = open_case(desk, &is_resumed, err);

    if (rc == JB_OK)
        rc = jb_interview_new(desk->one, desk->language, is_resumed, &desk->interview, err);
    if (rc == JB_OK)
        rc = listen(desk, &mask, err);
    if (rc < 0)
        return rc;
    if (is_resumed)
        tellf(
            SAY(desk, "going on with the answers in '%s'\n", "verder met de antwoorden in '%s'\n"),
            desk->part);
    if (desk->is_terminal) {
        JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);
        jb_interview_greet(desk->interview, &text);
        tell(&text);
    }
    converse(desk);
    rc = desk->is_stopped ? stop(desk, err) : finish(desk, err);
    (void)close(desk->lines.signals);
    /* The signal was answered: it does not end the program before it has said so. */
    struct timespec none = {0};
    sigset_t taken;
    (void)sigemptyset(&taken);
    (void)sigaddset(&taken, SIGINT);
    (void)sigaddset(&taken, SIGTERM);
    (void)sigaddset(&taken, SIGHUP);
    while (sigtimedwait(&taken, NULL, &none) > 0)
        ;
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    return rc;
}

jb_rc jb_case_new(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct desk *desk = calloc(1, sizeof *desk);

    if (!desk)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the interview");
    if (format != JB_FORMAT_TEXT)
        return jb_fail(err, JB_E_USAGE, "`joulebook case account FILE --json` tells its account",
                       "a new case is written as YAML");
    desk->cli = cli;
    desk->has_file = cli->args.n_words > 1;
    desk->is_terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    desk->style = jb_cli_style(STDERR_FILENO);
    jb_rc rc = choose_language(cli, &desk->language, err);
    if (rc == JB_OK)
        rc = interview(desk, err);
    release(desk);
    return rc;
}
