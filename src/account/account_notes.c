/* SPDX-License-Identifier: Apache-2.0 */
/* What an account's reader has to know about its sums (R-ACCOUNT-07, -08): doubts in words, each once. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "account/account_int.h"
#include "model/share.h"

void jb_account_note(struct jb_account *account, const char *format, ...)
{
    char text[JB_NOTE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (size_t i = 0; i < account->n_notes; i++)
        if (strcmp(account->notes[i], text) == 0)
            return;
    if (account->n_notes < JB_ACCOUNT_NOTES_MAX)
        memcpy(account->notes[account->n_notes++], text, sizeof text);
}

/* part of whole in tenths of a per cent, nearest. */
static int64_t per_mille(int64_t part, int64_t whole)
{
    return whole > 0 ? jb_muldiv_sat_i64(part, 1000, whole, JB_ROUND_NEAREST) : 0;
}

static void note_origins(struct jb_account *account)
{
    const int64_t modelled_uj = account->origin_uj[JB_ORIGIN_MODELLED];
    const int64_t rated_uj = account->origin_uj[JB_ORIGIN_RATED];
    char percent[32];

    if (account->run.layer == JB_LAYER_RECONSTRUCTED)
        jb_account_note(
            account,
            "the run is reconstructed%s%s: nothing of it was measured while it ran, and "
            "it is in no sum with what was",
            account->run.source[0] ? ", source " : "", account->run.source);
    if (account->run.layer == JB_LAYER_PREDICTED)
        jb_account_note(account, "the run is a plan, from before the training: nothing of it was "
                                 "measured, and it is in no sum with what was");
    if (modelled_uj > 0 && account->run.layer != JB_LAYER_MEASURED)
        jb_account_note(account, "%s %% of the energy is modelled from what is known of the work",
                        jb_format_decimal(per_mille(modelled_uj, account->energy_uj.best), 1,
                                          percent, sizeof percent));
    else if (modelled_uj > 0)
        jb_account_note(account,
                        "%s %% of the energy is modelled, not measured: no meter covers that part",
                        jb_format_decimal(per_mille(modelled_uj, account->energy_uj.best), 1,
                                          percent, sizeof percent));
    if (rated_uj > 0)
        jb_account_note(account, "%s %% of the energy is rated power times time",
                        jb_format_decimal(per_mille(rated_uj, account->energy_uj.best), 1, percent,
                                          sizeof percent));
    if (!account->energy_uj.is_known && account->run.status != JB_RUN_OPEN)
        jb_account_note(
            account,
            "no energy is known: nothing could be measured or modelled; see `joulebook meters`");
}

/* How well the processor of a modelled channel was recognised, which its correlation key says (pipeline/probe.c). */
static void note_processor(const struct jb_account_line *line, struct jb_account *account)
{
    if (strcmp(line->correlation, "catalogue/cpu-unknown") == 0)
        jb_account_note(
            account,
            "the processor of %s is not recognised: its power is a band over all plausible ones",
            line->host);
    else if (strcmp(line->correlation, "catalogue/cpu-family") == 0)
        jb_account_note(
            account,
            "of the processor of %s only the family is known: its power is a band over the family",
            line->host);
}

static void note_run(const struct jb_run *run, struct jb_account *account)
{
    if (run->status == JB_RUN_OPEN)
        jb_account_note(account, "the run has not ended: this is what has been posted so far");
    if (run->status == JB_RUN_INTERRUPTED)
        jb_account_note(
            account,
            "the recorder ended before the run did: this is what was seen up to its last window");
    if (run->n_missed > 0)
        jb_account_note(account,
                        "%" PRId64 " of %" PRId64
                        " sampling deadlines were missed: time resolution, no energy, is lost",
                        run->n_missed, jb_add_sat_i64(run->n_ticks, run->n_missed));
    if (run->n_left > 0)
        jb_account_note(account,
                        "%" PRId64 " processes of the run were still alive when its command ended; "
                        "what they used afterwards is not in here",
                        run->n_left);
}

static void note_observation(const struct jb_account_row *row, struct jb_account *account)
{
    const struct jb_account_line *const line = &row->line;
    char duration[32];
    char best[32];
    char high[32];

    if (line->n_gaps > 0 || line->gap_high_uj > 0)
        jb_account_note(account,
                        "'%s' on %s went unseen for %s (%s): that may hold up to %s, most likely "
                        "%s, which is in no "
                        "figure but the upper end of the band",
                        line->channel, line->host,
                        jb_format_duration(line->coverage.unobserved_ns, duration, sizeof duration),
                        line->gaps[0] ? line->gaps : "no reason known",
                        jb_format_energy(line->gap_high_uj, high, sizeof high),
                        jb_format_energy(line->gap_best_uj, best, sizeof best));
    if (line->n_failed > 0)
        jb_account_note(account, "%" PRId64 " read%s of '%s' on %s failed; %s", line->n_failed,
                        line->n_failed == 1 ? "" : "s", line->channel, line->host,
                        line->origin == JB_ORIGIN_GAUGE
                            ? "what it drew meanwhile is interpolated between its neighbours, or "
                              "unobserved"
                            : "a counter loses time resolution by that, no energy");
    if (line->discrepancy_uj != 0)
        jb_account_note(
            account,
            "'%s' on %s reads %s %s than its parts together: the difference is in the "
            "account discrepancy%s%s",
            line->channel, line->host,
            jb_format_energy(line->discrepancy_uj < 0 ? -line->discrepancy_uj
                                                      : line->discrepancy_uj,
                             best, sizeof best),
            line->discrepancy_uj < 0 ? "less" : "more",
            line->coverage.unobserved_ns > 0 ? "; it was itself unseen for " : "",
            line->coverage.unobserved_ns > 0
                ? jb_format_duration(line->coverage.unobserved_ns, duration, sizeof duration)
                : "");
}

/* R-SETTLE-08: what a part drew while nobody saw it, its parent saw. */
static void note_platform(const struct jb_account_builder *builder,
                          const struct jb_account_row *row, struct jb_account *account)
{
    const struct jb_account_row *const whole = jb_account_row_of(builder, row, row->parent);

    if (whole && !whole->is_unposted && whole->line.role == JB_ROLE_PARENT &&
        row->line.n_gaps > 0 && row->line.coverage.unobserved_ns > 0)
        jb_account_note(account,
                        "what '%s' on %s drew unseen stands in the platform of '%s', if that was "
                        "read",
                        row->line.channel, row->line.host, whole->line.channel);
}

static void note_idle(const struct jb_account_builder *builder, struct jb_account *account)
{
    char names[160] = "";
    size_t n = 0;

    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const row = &builder->rows[i];
        if (row->line.role != JB_ROLE_POST || row->is_unposted || !row->is_idle_estimated)
            continue;
        const size_t used = strlen(names);
        if (strlen(row->line.channel) + used + 3 < sizeof names)
            (void)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
                           row->line.channel);
        n++;
    }
    if (n > 0)
        jb_account_note(
            account,
            "idle power is unknown (%s): it is estimated from idle time, and the band covers "
            "both extremes; give --quiet 10s to measure it before the run",
            names);
}

void jb_account_doubts(const struct jb_account_builder *builder, struct jb_account *account)
{
    note_run(&builder->run, account);
    note_origins(account);
    note_idle(builder, account);
    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const row = &builder->rows[i];
        if (!row->is_unposted) {
            note_processor(&row->line, account);
            note_observation(row, account);
            note_platform(builder, row, account);
        }
    }
    jb_account_compare(builder, account);
}
