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

    if (modelled_uj > 0)
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
        jb_account_note(account,
                        "%" PRId64
                        " reads of '%s' on %s failed; a counter loses time resolution by that, no "
                        "energy",
                        line->n_failed, line->channel, line->host);
    if (line->discrepancy_uj != 0)
        jb_account_note(account,
                        "'%s' on %s reads %s %s than its parts together: the difference is in the "
                        "account discrepancy",
                        line->channel, line->host,
                        jb_format_energy(line->discrepancy_uj < 0 ? -line->discrepancy_uj
                                                                  : line->discrepancy_uj,
                                         best, sizeof best),
                        line->discrepancy_uj < 0 ? "less" : "more");
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

/* What follows the driver's name: the same domain has it through every kernel path, "rapl/package-0". */
static const char *domain_of(const char *channel)
{
    const char *const slash = strchr(channel, '/');

    return slash ? slash + 1 : channel;
}

/* R-ACCOUNT-08: the posted row that sees what a duplicate sees: same domain name, else the only one of its scope. */
static const struct jb_account_row *twin_of(const struct jb_account_builder *builder,
                                            const struct jb_account_row *row)
{
    const struct jb_account_row *only = NULL;
    size_t n = 0;

    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const other = &builder->rows[i];
        if (other->is_unposted || other->line.role != JB_ROLE_POST ||
            other->line.scope != row->line.scope || strcmp(other->line.host, row->line.host) != 0)
            continue;
        if (strcmp(domain_of(other->line.channel), domain_of(row->line.channel)) == 0)
            return other;
        only = other;
        n++;
    }
    return n == 1 ? only : NULL;
}

/* Half-width in which two readings of the same energy have to agree. */
static int64_t tolerance(const struct jb_figure *a, const struct jb_figure *b)
{
    const int64_t of_a =
        a->high - a->best > a->best - a->low ? a->high - a->best : a->best - a->low;
    const int64_t of_b =
        b->high - b->best > b->best - b->low ? b->high - b->best : b->best - b->low;

    return jb_hypot_i64(of_a, of_b);
}

static void note_duplicate(const struct jb_account_builder *builder,
                           const struct jb_account_row *row, struct jb_account *account)
{
    const struct jb_account_row *const twin = twin_of(builder, row);
    struct jb_figure a;
    struct jb_figure b;
    char text_a[32];
    char text_b[32];

    if (!twin || jb_account_figure(builder, JB_AMOUNT_TOTAL, row, &a, NULL) < 0 ||
        jb_account_figure(builder, JB_AMOUNT_TOTAL, twin, &b, NULL) < 0)
        return;
    const int64_t apart_uj = a.best > b.best ? a.best - b.best : b.best - a.best;
    if (apart_uj > tolerance(&a, &b))
        jb_account_note(
            account,
            "two meters of the same part disagree beyond their bands: '%s' read %s, '%s', which is "
            "posted, %s",
            row->line.channel, jb_format_energy(a.best, text_a, sizeof text_a), twin->line.channel,
            jb_format_energy(b.best, text_b, sizeof text_b));
}

/* psys and the like overlap the cover and should hold at least its packages: less is worth a word. */
static void note_check(const struct jb_account_builder *builder, const struct jb_account_row *row,
                       struct jb_account *account)
{
    struct jb_figure check;
    struct jb_figure sum = {0};
    char text_a[32];
    char text_b[32];

    if (row->line.scope != JB_SCOPE_PSYS ||
        jb_account_figure(builder, JB_AMOUNT_TOTAL, row, &check, NULL) < 0)
        return;
    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const other = &builder->rows[i];
        struct jb_figure one;
        if (other->is_unposted || other->line.role != JB_ROLE_POST ||
            other->line.scope != JB_SCOPE_PACKAGE || other->line.origin == JB_ORIGIN_MODELLED ||
            strcmp(other->line.host, row->line.host) != 0 ||
            jb_account_figure(builder, JB_AMOUNT_TOTAL, other, &one, NULL) < 0)
            continue;
        sum.low = jb_add_sat_i64(sum.low, one.low);
        sum.best = jb_add_sat_i64(sum.best, one.best);
        sum.high = jb_add_sat_i64(sum.high, one.high);
    }
    if (sum.best > check.best && sum.best - check.best > tolerance(&check, &sum))
        jb_account_note(account,
                        "'%s' read %s, less than the packages inside it, %s: one of them is wrong",
                        row->line.channel, jb_format_energy(check.best, text_a, sizeof text_a),
                        jb_format_energy(sum.best, text_b, sizeof text_b));
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
        } else if (row->line.role == JB_ROLE_DUPLICATE)
            note_duplicate(builder, row, account);
        else if (row->line.role == JB_ROLE_CHECK)
            note_check(builder, row, account);
    }
}
