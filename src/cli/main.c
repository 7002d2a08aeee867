/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: finds the command, has it do its work, prints what it said, and gives the exit code. The only
 * place that prints an error. Must not do anything a command did not ask for: no file, no thread, no signal handler.
 */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/apart.h"
#include "base/clean.h"
#include "cli/cli.h"
#include "cli/commands.h"

/* More than any report has; a runaway one is stopped here. */
#define OUT_MAX_BYTES ((size_t)1024 * 1024 * 1024)

const struct jb_command *const jb_commands[] = {
    &jb_cmd_run,       &jb_cmd_meters,  &jb_cmd_top,       &jb_cmd_mark,
    &jb_cmd_runs,      &jb_cmd_show,    &jb_cmd_report,    &jb_cmd_balance,
    &jb_cmd_amend,     &jb_cmd_void,    &jb_cmd_import,    &jb_cmd_merge,
    &jb_cmd_recover,   &jb_cmd_backup,  &jb_cmd_calibrate, &jb_cmd_estimate,
    &jb_cmd_count,     &jb_cmd_plan,    &jb_cmd_rate,      &jb_cmd_statement,
    &jb_cmd_key,       &jb_cmd_certify, &jb_cmd_verify,    &jb_cmd_case,
    &jb_cmd_catalogue, &jb_cmd_version, &jb_cmd_help,      NULL,
};

static const struct jb_option options_always[] = {
    {'h', "help", NULL, "show what the command does, its options and examples", false},
    {0, NULL, NULL, NULL, false},
};
static const struct jb_option options_book[] = {
    {0, "book", "PATH", "the book (else $JOULEBOOK_BOOK, else your own in ~/.local/share)", false},
    {0, NULL, NULL, NULL, false},
};
static const struct jb_option options_meters[] = {
    {0, "meters", "FILE", "your own meters and overrides (else ~/.config/joulebook/meters.yaml)",
     false},
    {0, NULL, NULL, NULL, false},
};
static const struct jb_option options_json[] = {
    {0, "json", NULL, "print JSON", false},
    {0, NULL, NULL, NULL, false},
};

const struct jb_command *jb_command_find(const char *name)
{
    for (size_t i = 0; jb_commands[i]; i++)
        if (strcmp(jb_commands[i]->name, name) == 0)
            return jb_commands[i];
    return NULL;
}

const char *jb_command_nearest(const char *name, char *buf, size_t size)
{
    const struct jb_command *nearest = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; jb_commands[i]; i++) {
        const size_t apart = jb_words_apart(name, jb_commands[i]->name);
        if (apart < least) {
            least = apart;
            nearest = jb_commands[i];
        }
    }
    if (nearest && least <= 1 + strlen(name) / 3)
        (void)snprintf(buf, size, "did you mean '%s'? see `joulebook help`", nearest->name);
    else
        (void)snprintf(buf, size, "see `joulebook help`");
    return buf;
}

static size_t tables_of(const struct jb_command *command,
                        const struct jb_option *ret_tables[JB_ARGS_TABLES_MAX])
{
    size_t n = 0;

    ret_tables[n++] = command->options;
    if (command->more_options)
        ret_tables[n++] = command->more_options;
    if (command->flags & JB_COMMAND_BOOK)
        ret_tables[n++] = options_book;
    if (command->flags & JB_COMMAND_METERS)
        ret_tables[n++] = options_meters;
    if (command->flags & JB_COMMAND_JSON)
        ret_tables[n++] = options_json;
    ret_tables[n++] = options_always;
    return n;
}

static void help_option(const struct jb_option *option, struct jb_buf *out)
{
    char left[64];
    char letter[4] = "";

    if (option->letter)
        (void)snprintf(letter, sizeof letter, "-%c,", option->letter);
    (void)snprintf(left, sizeof left, "%3s --%s%s%s", letter, option->name,
                   option->value ? " " : "", option->value ? option->value : "");
    if (strlen(left) > 26)
        jb_buf_addf(out, "  %s\n  %26s  %s\n", left, "", option->help);
    else
        jb_buf_addf(out, "  %-26s  %s\n", left, option->help);
}

void jb_help_command(const struct jb_command *command, struct jb_buf *out)
{
    const struct jb_option *tables[JB_ARGS_TABLES_MAX];
    const size_t n_tables = tables_of(command, tables);

    jb_buf_addf(out, "usage: joulebook %s%s%s\n\n%s\n\noptions:\n", command->name,
                command->usage[0] ? " " : "", command->usage, command->about);
    for (size_t t = 0; t < n_tables; t++)
        for (const struct jb_option *o = tables[t]; o && o->name; o++)
            help_option(o, out);
    if (command->more_help)
        command->more_help(out);
    jb_buf_addf(out, "\nexamples:\n%s", command->examples);
}

void jb_help_all(struct jb_buf *out)
{
    jb_buf_add_text(
        out,
        "usage: joulebook COMMAND [OPTION...]\n\n"
        "The account book for the energy of deep learning: put `joulebook run --` before a "
        "training\n"
        "command and read what it drew, how sure that is, and what it stands on.\n\ncommands:\n");
    for (size_t i = 0; jb_commands[i]; i++)
        jb_buf_addf(out, "  %-10s %s\n", jb_commands[i]->name, jb_commands[i]->summary);
    jb_buf_add_text(out, "\n`joulebook COMMAND --help` tells more of each and gives examples.\n");
}

int jb_cli_exit_code(jb_rc rc)
{
    switch (rc) {
    case JB_OK: return JB_EXIT_DONE;
    case JB_E_USAGE: return JB_EXIT_USAGE;
    case JB_E_INPUT:
    case JB_E_RANGE:
    case JB_E_NOT_FOUND:
    case JB_E_CONFLICT: return JB_EXIT_INPUT;
    case JB_E_DAMAGED: return JB_EXIT_DAMAGED;
    default: return JB_EXIT_UNAVAILABLE;
    }
}

/* Names in it may come out of a file or a book: what moves a terminal's cursor stands there as '?'. */
static void print_error(const char *message, const char *hint)
{
    struct jb_error shown;

    jb_clean_copy(message, shown.message, sizeof shown.message);
    jb_clean_copy(hint, shown.hint, sizeof shown.hint);
    (void)fprintf(stderr, "%s\n", shown.message);
    if (shown.hint[0])
        (void)fprintf(stderr, "  hint: %s\n", shown.hint);
}

static int fail(const struct jb_command *command, jb_rc rc, const struct jb_error *err)
{
    const struct jb_style style = jb_cli_style(STDERR_FILENO);
    const char *const bold = style.is_colour ? "\033[1;31m" : "";
    const char *const plain = style.is_colour ? "\033[0m" : "";

    (void)fprintf(stderr, "%sjoulebook%s%s:%s ", bold, command ? " " : "",
                  command ? command->name : "", plain);
    print_error(err->message[0] ? err->message : jb_rc_text(rc), err->hint);
    return command && command->fail_code ? command->fail_code : jb_cli_exit_code(rc);
}

static jb_rc check_words(const struct jb_command *command, const struct jb_args *args,
                         struct jb_error *err)
{
    char hint[JB_ARGS_OPTIONS_MAX * 2];

    (void)snprintf(hint, sizeof hint, "usage: joulebook %s %s", command->name, command->usage);
    if (args->n_words < command->words_min)
        return jb_fail(err, JB_E_USAGE, hint, "an argument is missing");
    if (args->n_words > command->words_max)
        return jb_fail(err, JB_E_USAGE, hint, "unexpected argument '%s'",
                       args->words[command->words_max]);
    return JB_OK;
}

/* R-CAT-31: measuring goes on with our own rows; the edition in the account then tells of no site. */
static jb_rc read_site(const struct jb_cli *cli, struct jb_error *err)
{
    const jb_rc rc = jb_cli_read_site(cli, err);
    if (rc == JB_OK || rc == JB_E_NOMEM || !(cli->command->flags & JB_COMMAND_MEASURES))
        return rc;
    (void)fprintf(stderr, "joulebook %s: your own catalogue is left out: ", cli->command->name);
    print_error(err->message, err->hint);
    *err = (struct jb_error){0};
    return JB_OK;
}

static int run_command(const struct jb_command *command, int argc, char **argv)
{
    const struct jb_option *tables[JB_ARGS_TABLES_MAX];
    const size_t n_tables = tables_of(command, tables);
    struct jb_error err = {0};
    struct jb_cli cli = {
        .command = command,
        .out = JB_BUF(OUT_MAX_BYTES),
        .clock = &jb_clock_system,
        .is_privileged = getauxval(AT_SECURE) != 0,
    };
    bool is_quiet = false;
    jb_rc rc;

    rc = jb_args_parse(tables, n_tables, (command->flags & JB_COMMAND_FIRST_WORD_ENDS) != 0, argc,
                       argv, &cli.args, &err);
    if (rc < 0)
        return fail(command, rc, &err);
    if (!(command->flags & JB_COMMAND_DIRECT))
        cli.style = jb_cli_style(STDOUT_FILENO);
    if (jb_args_has(&cli.args, "help")) {
        jb_help_command(command, &cli.out);
    } else {
        rc = check_words(command, &cli.args, &err);
        if (rc == JB_OK && command != &jb_cmd_help && command != &jb_cmd_version &&
            !(command->flags & JB_COMMAND_PURE))
            rc = read_site(&cli, &err);
        if (rc == JB_OK)
            rc = command->run(&cli, &err);
    }
    if (rc == JB_OK && cli.out.failed < 0)
        rc = jb_fail(&err, cli.out.failed, NULL, "cannot hold the output: %s",
                     jb_rc_text(cli.out.failed));
    if (rc == JB_OK && cli.out.len > 0)
        rc = jb_cli_write(STDOUT_FILENO, "standard output", cli.out.bytes, cli.out.len, &is_quiet,
                          &err);
    jb_buf_release(&cli.out);
    if (rc < 0 && is_quiet)
        return JB_EXIT_UNAVAILABLE;
    return rc < 0 ? fail(command, rc, &err) : cli.exit_code;
}

int main(int argc, char **argv)
{
    struct jb_error err = {0};
    char hint[128];

    if (argc < 2) {
        (void)jb_fail(&err, JB_E_USAGE, "see `joulebook help`", "a command is missing");
        return fail(NULL, JB_E_USAGE, &err);
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = jb_cmd_help.name;
    else if (strcmp(name, "--version") == 0)
        name = jb_cmd_version.name;
    const struct jb_command *const command = jb_command_find(name);
    if (!command) {
        (void)jb_fail(&err, JB_E_USAGE, jb_command_nearest(name, hint, sizeof hint),
                      "there is no command '%s'", name);
        return fail(NULL, JB_E_USAGE, &err);
    }
    return run_command(command, argc - 2, argv + 2);
}
