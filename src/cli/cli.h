/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is and what it gets. A command writes what it has to say into cli->out and returns; main.c alone
 * prints, once, and turns the result into the exit code. To add a command: cmd_<name>.c with one `jb_cmd_<name>`,
 * one line in commands.h, one in the table of main.c, one man page.
 */
#ifndef JB_CLI_CLI_H
#define JB_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/options.h"
#include "ledger/ledger.h"
#include "report/report.h"

/* Exit codes of every command but `run`, which passes its command's own through (docs/man/joulebook.1). */
enum jb_exit {
    JB_EXIT_DONE = 0,
    JB_EXIT_USAGE = 2,
    JB_EXIT_INPUT = 3,
    JB_EXIT_DAMAGED = 4,
    JB_EXIT_UNAVAILABLE = 5,
};

/* The exit code that stands for `rc`. */
int jb_cli_exit_code(jb_rc rc);

enum jb_command_flag {
    JB_COMMAND_BOOK = 1,            /* takes --book */
    JB_COMMAND_JSON = 2,            /* takes --json */
    JB_COMMAND_FIRST_WORD_ENDS = 4, /* options end at the first word that is none, as with env(1) */
    JB_COMMAND_DIRECT = 8,  /* writes to stdout by itself, or leaves it to another program */
    JB_COMMAND_METERS = 16, /* takes --meters */
    JB_COMMAND_MEASURES =
        32, /* a mistake in the site's own rows must not stop it: they are left out */
    JB_COMMAND_PURE =
        64, /* reads what it is given and nothing else, not even the site's own rows */
};

struct jb_command;
struct jb_meters;

struct jb_cli {
    const struct jb_command *command;
    struct jb_args args;
    /* For stdout; printed also where exit_code is not 0, but not where the command failed. */
    struct jb_buf out;
    struct jb_style style; /* of stdout */
    const struct jb_clock *clock;
    /* The executable carries a capability: files and libraries chosen by the user are not loaded. */
    bool is_privileged;
    int exit_code; /* where the command succeeded; 0 unless it sets another */
};

typedef jb_rc (*jb_command_fn)(struct jb_cli *cli, struct jb_error *err);

struct jb_command {
    const char *name;
    const char *summary;  /* one line of `joulebook help` */
    const char *usage;    /* after the name: "RUN [--format FORMAT]" */
    const char *about;    /* a paragraph or two of --help */
    const char *examples; /* lines of --help, each a command line with a comment */
    /* End with a row without a name; the common ones come by flags. The second is shared with others, or NULL. */
    const struct jb_option *options;
    const struct jb_option *more_options;
    void (*more_help)(
        struct jb_buf *out); /* lines of --help after the options, from tables; NULL */
    unsigned flags;          /* enum jb_command_flag */
    /* Positional arguments; SIZE_MAX: any number. */
    size_t words_min, words_max;
    int fail_code; /* exit code of its own failures; 0: by jb_cli_exit_code */
    jb_command_fn run;
};

/* Every command, in the order of `joulebook help`; NULL at the end. */
extern const struct jb_command *const jb_commands[];

/* NULL if there is none of this name. */
const struct jb_command *jb_command_find(const char *name);
/* "; did you mean 'show'?" of the nearest command, or "": returns buf. */
const char *jb_command_nearest(const char *name, char *buf, size_t size);

/* --help of one command, and `joulebook help`. */
void jb_help_command(const struct jb_command *command, struct jb_buf *out);
void jb_help_all(struct jb_buf *out);

/* The folder that --sensors-root names, NULL without the option; refused unless it is there. */
JB_MUST_USE jb_rc jb_cli_sensors_root(const struct jb_cli *cli, const char **ret_root,
                                      struct jb_error *err);

/* The file of meters that the command goes by (cli/meters_file.h), NULL where there is none; the caller's to free. */
JB_MUST_USE jb_rc jb_cli_meters(const struct jb_cli *cli, struct jb_meters **ret,
                                struct jb_error *err);

/* The site's own rows of the catalogue (docs/format/catalogue.md), before any of it is used: from $JOULEBOOK_CATALOGUE, which must
 * then be there, else $XDG_CONFIG_HOME/joulebook/catalogue, else ~/.config/joulebook/catalogue. */
JB_MUST_USE jb_rc jb_cli_read_site(const struct jb_cli *cli, struct jb_error *err);

/* The book: --book, else $JOULEBOOK_BOOK, else $XDG_DATA_HOME/joulebook/book.db, else ~/.local/share/joulebook/book.db;
 * the last two only on local storage, else jb_cli_local_book.
 * JB_E_UNAVAILABLE where none of them is there, JB_E_RANGE where the path does not fit. */
JB_MUST_USE jb_rc jb_cli_book_path(const char *option, char *ret_path, size_t size,
                                   struct jb_error *err);
/* The book of this node and user on local disk, "/var/tmp/joulebook-UID/book.db": where a home folder lies on a network
 * filesystem. JB_E_PERMISSION if that folder is there and not this user's alone. */
JB_MUST_USE jb_rc jb_cli_local_book(char *ret_path, size_t size, struct jb_error *err);
/* Opens the book of the command line. */
JB_MUST_USE jb_rc jb_cli_open_book(struct jb_cli *cli, enum jb_ledger_mode mode,
                                   struct jb_ledger **ret_ledger, struct jb_error *err);

/* The format of --json or --csv, of --format where the command has it; text otherwise. */
JB_MUST_USE jb_rc jb_cli_format(const struct jb_cli *cli, enum jb_format *ret_format,
                                struct jb_error *err);

/* Colour and width of a stream: colour on a terminal only, and not with NO_COLOR or TERM=dumb. */
struct jb_style jb_cli_style(int fd);

/* Writes all of it. JB_E_IO with the reason; EPIPE sets *ret_is_quiet: whoever read has gone, and needs no message. */
JB_MUST_USE jb_rc jb_cli_write(int fd, const char *what, const char *bytes, size_t len,
                               bool *ret_is_quiet, struct jb_error *err);
/* The same into a new file or over an old one, by a temporary file beside it and rename: whole or not at all. */
JB_MUST_USE jb_rc jb_cli_write_file(const char *path, const char *bytes, size_t len,
                                    struct jb_error *err);
/* Whether that could begin, told before something is done that cannot be taken back. */
JB_MUST_USE jb_rc jb_cli_check_writable(const char *path, struct jb_error *err);

#endif
