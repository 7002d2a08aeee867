/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rebuilt runs to runs of the book's reconstructed layer: checked, completed, named, posted, accounted. What is wrong with
 * one is said before anything of it is entered. R-REBUILT-01, -05, -06.
 */
#include "pipeline/reconstruct.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/clean.h"
#include "base/num.h"
#include "import/import.h"
#include "pipeline/account_of_run.h"
#include "pipeline/reconstruct_int.h"

#define PUE_ONE_MILLI INT64_C(1000)
#define SHORTEST_US   1 /* an interval has time (R-BOOK-02) */
#define NO_TIMES_NOTE \
    "no time is known: the run stands at the moment of its paper, or of its entering"
#define YEAR_NOTE "no time is known but the year: the run stands at its beginning"

jb_rc jb_reconstruct_new(struct jb_ledger *ledger, const struct jb_clock *clock, const char *file,
                         const char *command, struct jb_reconstruct **ret, struct jb_error *err)
{
    JB_AUTO(jb_reconstruct_free_auto)
    struct jb_reconstruct *reconstruct = calloc(1, sizeof *reconstruct);
    struct jb_hash root;
    jb_rc rc;

    if (!reconstruct)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to reconstruct runs");
    reconstruct->ledger = ledger;
    reconstruct->clock = clock;
    reconstruct->layer = JB_LAYER_RECONSTRUCTED;
    jb_clean_copy(file ? file : "", reconstruct->file, sizeof reconstruct->file);
    jb_clean_copy(command ? command : "", reconstruct->command, sizeof reconstruct->command);
    rc = reconstruct__read_papers(reconstruct, err);
    if (rc == JB_OK)
        rc = jb_ledger_root(ledger, &reconstruct->first_seq, &root, err);
    if (rc < 0)
        return rc;
    *ret = reconstruct;
    reconstruct = NULL;
    return JB_OK;
}

void jb_reconstruct_free(struct jb_reconstruct *reconstruct)
{
    if (!reconstruct)
        return;
    free(reconstruct->papers.slots);
    free(reconstruct->links.list);
    free(reconstruct->measured.list);
    free(reconstruct->digests);
    free(reconstruct);
}

/* --- checking ---------------------------------------------------------------------------------------------------- */

static jb_rc check_line(const struct jb_rebuilt *rebuilt, size_t i, struct jb_error *err)
{
    const struct jb_rebuilt_line *const line = &rebuilt->lines[i];
    const struct jb_figure *const energy = &line->energy_uj;

    if (!line->channel[0] || !jb_clean_is(line->channel))
        return jb_fail(err, JB_E_INPUT, NULL, "line %zu of the run has no name that can be entered",
                       i + 1);
    for (size_t k = 0; k < i; k++)
        if (strcmp(rebuilt->lines[k].channel, line->channel) == 0)
            return jb_fail(err, JB_E_INPUT, NULL, "two lines of the run are called '%s'",
                           line->channel);
    if (line->origin != JB_ORIGIN_MODELLED && line->origin != JB_ORIGIN_RATED &&
        line->origin != JB_ORIGIN_BILLED && line->origin != JB_ORIGIN_STATED)
        return jb_fail(err, JB_E_INPUT, NULL, "'%s' cannot be %s: no meter of ours read it",
                       line->channel, jb_origin_name(line->origin));
    if (!energy->is_known || energy->low < 0 || energy->low > energy->best ||
        energy->best > energy->high || line->device_ns < 0)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "'%s' has no energy with a low, best and high in this order", line->channel);
    return JB_OK;
}

/* Sums must fit as the account makes them. */
static jb_rc check_sum(const struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    int64_t best_uj = 0;
    int64_t high_uj = 0;

    for (size_t i = 0; i < rebuilt->n_lines; i++)
        if (jb_add_i64(best_uj, rebuilt->lines[i].energy_uj.best, &best_uj) < 0 ||
            jb_add_i64(high_uj, rebuilt->lines[i].energy_uj.high, &high_uj) < 0)
            return jb_fail(err, JB_E_RANGE, "split it into several runs",
                           "the run has more energy than 64 bits of microjoule hold: 2.56 GWh");
    return JB_OK;
}

static jb_rc check_lines(const struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    if (rebuilt->n_lines == 0 || rebuilt->n_lines > JB_REBUILT_LINES_MAX ||
        rebuilt->n_notes > JB_REBUILT_NOTES_MAX || rebuilt->n_factors > JB_ESTIMATE_FACTORS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "the run tells of no energy, or of too many parts");
    for (size_t i = 0; i < rebuilt->n_lines && rc == JB_OK; i++)
        rc = check_line(rebuilt, i, err);
    return rc == JB_OK ? check_sum(rebuilt, err) : rc;
}

/* --- completing -------------------------------------------------------------------------------------------------- */

#define TEXT(member)                                                          \
    {                                                                         \
        offsetof(struct jb_run, member), sizeof(((struct jb_run *)0)->member) \
    }

/* Texts of strangers: what may not be stored becomes '?'. */
static void clean_run(struct jb_run *run)
{
    static const struct {
        size_t offset, size;
    } texts[] = {
        TEXT(group),       TEXT(rank),          TEXT(parent_id),     TEXT(host),
        TEXT(project),     TEXT(model),         TEXT(model_version), TEXT(architecture),
        TEXT(application), TEXT(configuration), TEXT(stage),         TEXT(directory),
        TEXT(git_commit),  TEXT(user),          TEXT(environment),   TEXT(place),
        TEXT(hourly_file), TEXT(currency),
    };
    char copy[sizeof run->environment];

    for (size_t i = 0; i < JB_ARRAY_LEN(texts); i++) {
        char *const at = (char *)run + texts[i].offset;
        at[texts[i].size - 1] = '\0';
        jb_clean_copy(at, copy, texts[i].size);
        memcpy(at, copy, strlen(copy) + 1);
    }
    if (run->n_tags > JB_TAGS_MAX)
        run->n_tags = JB_TAGS_MAX;
    for (size_t i = 0; i < run->n_tags; i++) {
        jb_clean_copy(run->tags[i], copy, sizeof run->tags[i]);
        memcpy(run->tags[i], copy, strlen(copy) + 1);
    }
}

/* What nobody filled in must not become a tariff of nothing, or a PUE of nothing. */
static void set_absent(struct jb_run *run)
{
    if (run->pue_milli <= 0)
        run->pue_milli = -1;
    if (!run->currency[0])
        run->tariff_micro_per_kwh = -1;
}

/* Of a run without times: the grid of its account is that of its year. */
static bool knows_year(const struct jb_rebuilt *rebuilt)
{
    return rebuilt->has_no_times && rebuilt->has_work && rebuilt->work.year > 1970 &&
           rebuilt->work.year < 2200;
}

static int64_t begin_of_year(int64_t year)
{
    char text[48];
    int64_t utc_us = 0;

    (void)snprintf(text, sizeof text, "%04lld-01-01T00:00:00Z", (long long)year);
    return jb_parse_utc(text, strlen(text), &utc_us) == JB_OK ? utc_us : 0;
}

/* R-REBUILT-05: monotonic time is that of imports; without any time it begins at 0, so that it is the same each time. */
static jb_rc set_times(const struct jb_clock *clock, struct jb_rebuilt *rebuilt,
                       struct jb_error *err)
{
    struct jb_run *const run = &rebuilt->run;
    int64_t lasted_us = run->end_utc_us - run->start_utc_us;
    int64_t lasted_ns;

    if (rebuilt->has_no_times) {
        if (knows_year(rebuilt))
            run->start_utc_us = begin_of_year(rebuilt->work.year);
        else if (run->start_utc_us <= 0)
            run->start_utc_us = jb_utc_us(clock);
        if (lasted_us <= 0 || run->end_utc_us <= 0)
            lasted_us = rebuilt->work.duration_ns.best / JB_NS_PER_US;
    } else if (run->start_utc_us == 0 || run->end_utc_us < run->start_utc_us) {
        return jb_fail(err, JB_E_INPUT, NULL, "the run has no begin, or ends before it");
    }
    if (lasted_us < SHORTEST_US)
        lasted_us = SHORTEST_US;
    if (jb_add_i64(run->start_utc_us, lasted_us, &run->end_utc_us) < 0 ||
        jb_mul_i64(run->start_utc_us, JB_NS_PER_US, &run->start_mono_ns) < 0 ||
        jb_sub_i64(run->start_mono_ns, JB_IMPORT_EPOCH_UTC_NS, &run->start_mono_ns) < 0 ||
        jb_mul_i64(lasted_us, JB_NS_PER_US, &lasted_ns) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the times of the run are not of this age");
    if (rebuilt->has_no_times)
        run->start_mono_ns = 0;
    if (jb_add_i64(run->start_mono_ns, lasted_ns, &run->end_mono_ns) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the times of the run are not of this age");
    return JB_OK;
}

/*
 * R-REBUILT-05: a boot of its own for each run, of what the run tells and of which version of its paper; of two that tell
 * the same, the second has another. In two books it is the same, so that merging them finds it twice (R-BOOK-07).
 */
static jb_rc set_boot(struct jb_reconstruct *reconstruct, const struct jb_hash *digest,
                      struct jb_run *run, struct jb_error *err)
{
    char version[64];
    char hex[33];
    size_t n_alike = 0;
    jb_rc rc = reconstruct__grow(&reconstruct->digests, &reconstruct->digests_size,
                                 reconstruct->n_runs, sizeof reconstruct->digests[0], err);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < reconstruct->n_runs; i++)
        n_alike += memcmp(&reconstruct->digests[i], digest, sizeof *digest) == 0;
    reconstruct->digests[reconstruct->n_runs++] = *digest;
    (void)snprintf(version, sizeof version, "%" PRId64 " %zu", reconstruct->version, n_alike);
    const struct jb_hash_part parts[] = {
        {reconstruct->paper.bytes, sizeof reconstruct->paper.bytes},
        {digest->bytes, sizeof digest->bytes},
        {version, strlen(version)},
    };
    struct jb_hash boot = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    boot.bytes[6] = (uint8_t)((boot.bytes[6] & 0x0f) | 0x80);
    boot.bytes[8] = (uint8_t)((boot.bytes[8] & 0x3f) | 0x80);
    (void)jb_hex(boot.bytes, 16, hex, sizeof hex);
    (void)snprintf(run->boot_id, sizeof run->boot_id, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
                   hex + 12, hex + 16, hex + 20);
    return JB_OK;
}

/* One more note; the last place goes to whoever comes last. */
static void add_note(struct jb_rebuilt *rebuilt, const char *note)
{
    const size_t at =
        rebuilt->n_notes < JB_REBUILT_NOTES_MAX ? rebuilt->n_notes++ : JB_REBUILT_NOTES_MAX - 1;

    (void)snprintf(rebuilt->notes[at], sizeof rebuilt->notes[at], "%s", note);
}

static void note_carbon(struct jb_rebuilt *rebuilt)
{
    const struct jb_figure *const told = &rebuilt->told_gco2e_ug;
    char best[32];
    char low[32];
    char high[32];
    char note[JB_NOTE];

    if (!told->is_known)
        return;
    if (told->low == told->high)
        (void)snprintf(note, sizeof note,
                       "the source itself tells %s CO2e; it is in no figure here",
                       jb_format_co2e(told->best, best, sizeof best));
    else
        (void)snprintf(note, sizeof note,
                       "the source itself tells %s CO2e (%s .. %s); it is in no figure here",
                       jb_format_co2e(told->best, best, sizeof best),
                       jb_format_co2e(told->low, low, sizeof low),
                       jb_format_co2e(told->high, high, sizeof high));
    add_note(rebuilt, note);
}

/* R-REBUILT-04 */
static jb_rc take_out_pue(struct jb_rebuilt *rebuilt, int64_t *ret_facility_uj,
                          struct jb_error *err)
{
    const int64_t pue_milli = rebuilt->run.pue_milli;
    char pue[32];
    char note[JB_NOTE];
    int64_t sum_uj = 0;

    *ret_facility_uj = -1;
    if (!rebuilt->is_pue_included)
        return JB_OK;
    if (pue_milli < PUE_ONE_MILLI)
        return jb_fail(err, JB_E_INPUT, "give it with --pue",
                       "the energy holds a PUE, and which is not told, or below 1");
    for (size_t i = 0; i < rebuilt->n_lines; i++) {
        struct jb_figure *const energy = &rebuilt->lines[i].energy_uj;
        int64_t facility_uj = 0;
        if (reconstruct__take_out_pue(energy, pue_milli, energy, &facility_uj) < 0 ||
            jb_add_i64(sum_uj, facility_uj, &sum_uj) < 0)
            return jb_fail(err, JB_E_RANGE, NULL, "the PUE of the run does not fit its energy");
    }
    (void)snprintf(note, sizeof note,
                   "PUE %s was in the energy that was told; it is taken out and stands apart",
                   jb_format_decimal(pue_milli, 3, pue, sizeof pue));
    add_note(rebuilt, note);
    *ret_facility_uj = sum_uj;
    return JB_OK;
}

static int64_t next_id_us(struct jb_reconstruct *reconstruct)
{
    const int64_t now_us = jb_utc_us(reconstruct->clock);

    reconstruct->last_id_us =
        now_us > reconstruct->last_id_us ? now_us : reconstruct->last_id_us + 1;
    return reconstruct->last_id_us;
}

static void set_facts(struct jb_reconstruct *reconstruct, struct jb_rebuilt *rebuilt)
{
    struct jb_run *const run = &rebuilt->run;

    clean_run(run);
    set_absent(run);
    jb_uuid7(next_id_us(reconstruct), run->id);
    /* R-AGAINST-04: one machine, unless the paper knows better, or knows of none. */
    if (run->machine_ns == 0 && !rebuilt->is_machine_time_unknown && !rebuilt->has_no_times &&
        run->end_utc_us > run->start_utc_us)
        run->machine_ns = jb_muldiv_sat_i64(run->end_utc_us - run->start_utc_us, JB_NS_PER_US, 1,
                                            JB_ROUND_NEAREST);
    if (!run->host[0])
        (void)snprintf(run->host, sizeof run->host, "%s", reconstruct->source);
    (void)snprintf(run->source, sizeof run->source, "%s", reconstruct->source);
    (void)snprintf(run->paper, sizeof run->paper, "%s", reconstruct->paper_text);
    (void)snprintf(run->method, sizeof run->method, "%s", jb_method_name(rebuilt->method));
    (void)snprintf(run->command, sizeof run->command, "%s", reconstruct->command);
    run->layer = reconstruct->layer;
    run->status = JB_RUN_OPEN;
    run->same_as[0] = '\0';
    run->pid = run->period_ns = run->n_ticks = run->n_missed = run->n_left = 0;
}

/* --- entering ---------------------------------------------------------------------------------------------------- */

static jb_rc close_run(struct jb_ledger *ledger, struct jb_run *run, struct jb_reconstructed *ret,
                       struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc;

    run->status = JB_RUN_DONE;
    rc = jb_pipeline_account_with(ledger, run, &account, err);
    if (rc == JB_OK)
        rc = jb_account_to_json(&account, &json, err);
    if (rc == JB_OK)
        rc = jb_ledger_close_run(ledger, run, json, NULL, 0, err);
    if (rc < 0)
        return rc;
    ret->energy_uj = account.energy_uj;
    ret->facility_uj = account.facility_uj;
    (void)snprintf(ret->run_id, sizeof ret->run_id, "%s", run->id);
    return JB_OK;
}

static jb_rc enter(struct jb_reconstruct *reconstruct, struct jb_rebuilt *rebuilt,
                   const struct reconstruct__whole *whole, struct jb_reconstructed *ret,
                   struct jb_error *err)
{
    struct jb_ledger *const ledger = reconstruct->ledger;
    char note[JB_NOTE];
    jb_rc rc = JB_OK;

    /* A plan is no work that was done. */
    if (reconstruct->layer == JB_LAYER_RECONSTRUCTED)
        rc = reconstruct__match(reconstruct, &rebuilt->run, ret->same_as, err);
    if (rc == JB_OK && ret->same_as[0]) {
        (void)snprintf(note, sizeof note,
                       "it may be the same work as the measured run %s: `joulebook amend %s "
                       "--same-as %s` takes this one out of the sums",
                       ret->same_as, rebuilt->run.id, ret->same_as);
        add_note(rebuilt, note);
    }
    if (rc == JB_OK)
        rc = jb_ledger_open_run(ledger, &rebuilt->run, err);
    if (rc == JB_OK)
        rc = reconstruct__post(ledger, rebuilt, err);
    if (rc == JB_OK)
        rc = reconstruct__enter_records(ledger, rebuilt, whole, err);
    if (rc == JB_OK)
        rc = close_run(ledger, &rebuilt->run, ret, err);
    return rc == JB_OK ? reconstruct__remember_run(reconstruct, rebuilt->run.id, err) : rc;
}

/* Everything that can be wrong is found before anything is entered. */
static jb_rc complete(struct jb_reconstruct *reconstruct, struct jb_rebuilt *rebuilt,
                      struct reconstruct__whole *ret_whole, struct jb_error *err)
{
    struct jb_hash digest;
    jb_rc rc = jb_rebuilt_digest(rebuilt, &digest, err);

    if (rc == JB_OK && rebuilt->has_work && rebuilt->n_lines == 0)
        rc = reconstruct__estimate(rebuilt, &ret_whole->energy_uj, err);
    if (rc == JB_OK)
        rc = check_lines(rebuilt, err);
    if (rc < 0)
        return rc;
    set_facts(reconstruct, rebuilt);
    rc = set_times(reconstruct->clock, rebuilt, err);
    if (rc == JB_OK)
        rc = take_out_pue(rebuilt, &ret_whole->facility_uj, err);
    if (rc < 0)
        return rc;
    note_carbon(rebuilt);
    if (rebuilt->has_no_times && reconstruct->layer == JB_LAYER_RECONSTRUCTED)
        add_note(rebuilt, knows_year(rebuilt) ? YEAR_NOTE : NO_TIMES_NOTE);
    return set_boot(reconstruct, &digest, &rebuilt->run, err);
}

/* The run that stands in the book for the one given: runs of a paper come in one order. */
static jb_rc tell_known(struct jb_reconstruct *reconstruct, struct jb_reconstructed *ret,
                        struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    jb_rc rc = reconstruct__nth_run(reconstruct, reconstruct->n_runs, ret->run_id, err);

    if (rc < 0)
        return rc;
    reconstruct->n_runs++;
    if (!ret->run_id[0])
        return jb_fail(err, JB_E_NOT_FOUND, NULL, "the book has fewer runs of this paper");
    rc = jb_pipeline_account_entered(reconstruct->ledger, ret->run_id, &account, err);
    if (rc < 0)
        return rc;
    ret->energy_uj = account.energy_uj;
    ret->facility_uj = account.facility_uj;
    (void)snprintf(ret->same_as, sizeof ret->same_as, "%s", account.run.same_as);
    return JB_OK;
}

jb_rc jb_reconstruct_enter(struct jb_reconstruct *reconstruct, const struct jb_rebuilt *rebuilt,
                           struct jb_reconstructed *ret, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_rebuilt *own = NULL;
    struct jb_reconstructed told = {
        .state = reconstruct->state,
        .is_told_twice = reconstruct->is_told_twice,
    };
    struct reconstruct__whole whole = {.facility_uj = -1};
    jb_rc rc;

    if (!reconstruct->is_begun)
        return jb_fail(err, JB_E_USAGE, NULL, "a run is entered of no paper");
    if (reconstruct->state == JB_PAPER_SAME) {
        rc = tell_known(reconstruct, &told, err);
    } else {
        own = malloc(sizeof *own);
        if (!own)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
        *own = *rebuilt;
        rc = complete(reconstruct, own, &whole, err);
        if (rc == JB_OK)
            rc = enter(reconstruct, own, &whole, &told, err);
    }
    if (rc == JB_OK)
        *ret = told;
    return rc;
}
