/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about a run before it starts: what the user states (options, then $JOULEBOOK_<NAME>, then the file of
 * joulebook-config(5); the first that has it wins) and what the process itself can tell (docs/method/privacy.md).
 */
#ifndef JB_CLI_RUN_FACTS_H
#define JB_CLI_RUN_FACTS_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "model/run.h"

/* The options that state facts; ends with a row without a name. */
extern const struct jb_option jb_run_fact_options[];

/*
 * Fills the members of *run that these options stand for, -1 or "" where nothing is stated; the other members stay.
 * Everything is checked at once, so that a mistake is refused before hours of training: JB_E_USAGE for an option,
 * JB_E_INPUT for a variable or the file, with where it stands and what may stand there. The place is turned into its
 * zone, the file of hourly intensities is read and its full path kept. Untouched on failure.
 */
JB_MUST_USE jb_rc jb_run_facts_from_options(const struct jb_cli *cli, struct jb_run *run,
                                            struct jb_error *err);

/*
 * One fact, as an amendment states it by the option's name ("pue", "place"): checked as the option's value is, and turned
 * into the text that the book keeps ("1200", "NL"). Untouched on failure. The option must be one.
 */
bool jb_run_fact_is(const char *option);
JB_MUST_USE jb_rc jb_run_fact_check(const char *option, const char *value, char *ret_value,
                                    size_t size, struct jb_error *err);

/*
 * Fills command, directory, git_commit, user, environment and parent_id, and group and rank where *run has none yet,
 * of the command `argv` (NULL at its end) that this process is about to start; with argv NULL, of the process run->pid
 * as /proc shows it. What cannot be found stays "". Starts no process and asks no name service; `clock` bounds the
 * search for the git repository.
 */
void jb_run_facts_find(struct jb_run *run, char *const *argv, const struct jb_clock *clock);

#endif
