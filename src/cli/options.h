/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line against a table of options: `--name value`, `--name=value`, `-n value`, `-nvalue`, flags, `--` ends
 * them. Long names are written out whole; the error for an unknown one suggests the nearest.
 */
#ifndef JB_CLI_OPTIONS_H
#define JB_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct jb_option {
    char letter;       /* 0: none */
    const char *name;  /* without the dashes; NULL ends the table */
    const char *value; /* "PATH", as --help shows it; NULL: a flag */
    const char *help;
    bool may_repeat; /* else the second one is an error */
};

#define JB_ARGS_OPTIONS_MAX 128
#define JB_ARGS_TABLES_MAX  6

/* A parsed command line. Texts are those of argv; nothing is owned. */
struct jb_args {
    const struct jb_option *tables[JB_ARGS_TABLES_MAX];
    size_t n_tables;
    size_t n_given;
    struct {
        const struct jb_option *option;
        const char *value; /* NULL for a flag */
    } given[JB_ARGS_OPTIONS_MAX];
    size_t n_words;
    char **words; /* what is no option, in order, before `--`; moved together in argv */
    size_t n_rest;
    char **
        rest; /* after `--` (with first_word_ends: from the first word on); ends with argv's NULL */
    bool has_rest; /* there was a `--`, or a first word that ended the options */
};

/*
 * Parses argv[0..argc) (no program name), which it reorders. The tables and argv must outlive *ret.
 * With `first_word_ends`, everything from the first word that is no option goes to rest. JB_E_USAGE names the option.
 */
JB_MUST_USE jb_rc jb_args_parse(const struct jb_option *const *tables, size_t n_tables,
                                bool first_word_ends, int argc, char **argv, struct jb_args *ret,
                                struct jb_error *err);

bool jb_args_has(const struct jb_args *args, const char *name);
/* The value of the last one given; NULL if it was not. */
const char *jb_args_text(const struct jb_args *args, const char *name);
/* The i-th value of an option that may repeat; NULL past the last. */
const char *jb_args_nth(const struct jb_args *args, const char *name, size_t i);

/* A number with `scale` decimals kept ("0.25", scale 3: 250), between the bounds; `otherwise` if it is not given.
 * JB_E_USAGE names option and text. */
JB_MUST_USE jb_rc jb_args_decimal(const struct jb_args *args, const char *name, unsigned scale,
                                  int64_t min, int64_t max, int64_t otherwise, int64_t *ret,
                                  struct jb_error *err);
/* A duration in ns: "90", "90s", "250ms", "5min", "2h". */
JB_MUST_USE jb_rc jb_args_duration(const struct jb_args *args, const char *name,
                                   int64_t otherwise_ns, int64_t *ret_ns, struct jb_error *err);
/* A moment: "2026-11-23", "2026-11-23T06:41:56Z" or "7d", "12h", "30min" before now. 0 if it is not given. */
JB_MUST_USE jb_rc jb_args_moment(const struct jb_args *args, const char *name, int64_t now_utc_us,
                                 int64_t *ret_utc_us, struct jb_error *err);

#endif
