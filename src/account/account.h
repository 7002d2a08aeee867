/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run's postings and facts to its account: sums by channel, bands, facility, carbon, cost, epochs, notes. Pure
 * function of what it is given; rules R-ACCOUNT-01..., R-BAND-01..., R-PUE-01..., R-CARBON-01....
 */
#ifndef JB_ACCOUNT_ACCOUNT_H
#define JB_ACCOUNT_ACCOUNT_H

#include <stddef.h>

#include "base/error.h"
#include "model/account.h"
#include "model/entry.h"
#include "model/run.h"

struct jb_account_builder;

JB_MUST_USE jb_rc jb_account_builder_new(const struct jb_run *run,
                                         struct jb_account_builder **ret_builder,
                                         struct jb_error *err);
void jb_account_builder_free(struct jb_account_builder *builder);
JB_AUTO_POINTER(struct jb_account_builder, jb_account_builder_free)

/* Each posted interval in which the run has a line, as jb_ledger_each_interval gives them (any order). */
JB_MUST_USE jb_rc jb_account_add_interval(struct jb_account_builder *builder,
                                          const struct jb_interval *interval,
                                          const struct jb_line *lines, size_t n_lines,
                                          struct jb_error *err);

/* A channel that was watched but not posted (detail, check, duplicate): its total over the run, for comparison. */
JB_MUST_USE jb_rc jb_account_add_unposted(struct jb_account_builder *builder,
                                          const struct jb_interval *interval, struct jb_error *err);

/* A mark, in order of time. Energies are cumulative since the run's start at the mark; the half-width is what
 * interpolation leaves open of the run's. Successive "epoch" marks make the account's epochs. */
struct jb_account_mark {
    char text[256]; /* as written: "epoch 3 accuracy=0.91" */
    int64_t mono_ns, utc_us;
    int64_t run_uj, total_uj, half_width_uj;
};
JB_MUST_USE jb_rc jb_account_add_mark(struct jb_account_builder *builder,
                                      const struct jb_account_mark *mark, struct jb_error *err);

/* Where the marks are those of one run among several that the account is of: the end of that run and its energies then,
 * at which its last phase ends. Without it that is the end of the account. The text is not looked at. */
void jb_account_marks_end(struct jb_account_builder *builder, const struct jb_account_mark *end);

JB_MUST_USE jb_rc jb_account_add_note(struct jb_account_builder *builder, const char *note,
                                      struct jb_error *err);

/* A factor that the run's energy stands on already, as the paper or the estimate of a reconstructed run tells. */
JB_MUST_USE jb_rc jb_account_add_factor(struct jb_account_builder *builder,
                                        const struct jb_factor *factor, struct jb_error *err);

/* R-REBUILT-06: half-widths of a run's energy as a whole, where its lines share doubts that their keys do not tell. Several
 * add up linearly. */
void jb_account_told_band(struct jb_account_builder *builder, int64_t below_uj, int64_t above_uj);

/* R-REBUILT-04: what the facility took besides, told with the PUE that was taken out; holds as long as that is the run's. */
void jb_account_told_facility(struct jb_account_builder *builder, int64_t pue_milli,
                              int64_t energy_uj);

/* R-CYCLES-01: what the processors counted of the run, and what a cycle takes on its machine (is_known false: nobody knows). Of runs
 * inside of this one the counts are in it, and the energy is not: no energy by cycles then. */
void jb_account_told_cycles(struct jb_account_builder *builder, const struct jb_cycles *counts,
                            const struct jb_epc *epc, bool has_inner_runs);

/*
 * The account. Looks up place, PUE default and market factor in carbon/ and catalogue/. An unknown place gives a
 * range over the world and a note, never a guess. *ret_account is released by jb_account_release.
 */
JB_MUST_USE jb_rc jb_account_finish(struct jb_account_builder *builder,
                                    struct jb_account *ret_account, struct jb_error *err);

/*
 * Canonical JSON (sorted keys, integers only, schema in docs/format/account.md); *ret_json is the caller's to free.
 * For the book: of the run only its id, its times and what the account stands on, so that a text that is erased from the
 * book later does not live on in its accounts.
 */
JB_MUST_USE jb_rc jb_account_to_json(const struct jb_account *account, char **ret_json,
                                     struct jb_error *err);
/* For reports: with every fact of account->run. */
JB_MUST_USE jb_rc jb_account_to_json_with_run(const struct jb_account *account, char **ret_json,
                                              struct jb_error *err);
/* The member "work" of both alone; `work` must be known. */
JB_MUST_USE jb_rc jb_account_work_to_json(const struct jb_account_work *work, char **ret_json,
                                          struct jb_error *err);
/* Takes both. */
JB_MUST_USE jb_rc jb_account_from_json(const char *json, struct jb_account *ret_account,
                                       struct jb_error *err);

/* Counts as JSON object text, and back: as an entry "cycles" has them, and the account below "counts". */
JB_MUST_USE jb_rc jb_cycles_to_json(const struct jb_cycles *cycles, char **ret_json,
                                    struct jb_error *err);
JB_MUST_USE jb_rc jb_cycles_from_json(const char *json, struct jb_cycles *ret_cycles,
                                      struct jb_error *err);

/* A plan as JSON object text, as an entry "plan" has it, and back (docs/format/account.md). */
JB_MUST_USE jb_rc jb_planned_to_json(const struct jb_planned *planned, char **ret_json,
                                     struct jb_error *err);
JB_MUST_USE jb_rc jb_planned_from_json(const char *json, struct jb_planned *ret_planned,
                                       struct jb_error *err);

/* R-PLAN-33: fills account->planned.rows from its plan and the account; of a plan's own account only what was planned. Pure. */
void jb_account_beside_plan(struct jb_account *account);

/* A run with its allow-listed facts as JSON object text, and back (also used by the spool). */
JB_MUST_USE jb_rc jb_run_to_json(const struct jb_run *run, char **ret_json, struct jb_error *err);
JB_MUST_USE jb_rc jb_run_from_json(const char *json, struct jb_run *ret_run, struct jb_error *err);

#endif
