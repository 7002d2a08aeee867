/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a rebuilt run to postings, one told interval each, and what the account needs besides to records. What a paper
 * tells is posted to the microjoule; nothing here is measured or estimated. R-REBUILT-01, -04, -05.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "import/import.h"
#include "pipeline/reconstruct_int.h"
#include "pipeline/run_records.h"

#define PUE_ONE_MILLI INT64_C(1000)
/* An account spreads an interval over the hours it lies in, so many at most (JB_SPLIT_MAX), the first and last cut. */
#define PIECE_US (INT64_C(4000) * JB_US_PER_HOUR)

jb_rc reconstruct__take_out_pue(const struct jb_figure *told, int64_t pue_milli,
                                struct jb_figure *ret_it, int64_t *ret_facility_uj)
{
    struct jb_figure it = *told;

    if (jb_muldiv_i64(told->low, PUE_ONE_MILLI, pue_milli, JB_ROUND_FLOOR, &it.low) < 0 ||
        jb_muldiv_i64(told->best, PUE_ONE_MILLI, pue_milli, JB_ROUND_NEAREST, &it.best) < 0 ||
        jb_muldiv_i64(told->high, PUE_ONE_MILLI, pue_milli, JB_ROUND_CEIL, &it.high) < 0)
        return JB_E_RANGE;
    *ret_facility_uj = told->best - it.best;
    *ret_it = it; /* may be where `told` is */
    return JB_OK;
}

static void copy_text(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from);
}

/* What is the same in all pieces of a line. */
static void begin_interval(const struct jb_rebuilt *rebuilt, const struct jb_rebuilt_line *line,
                           struct jb_interval *ret)
{
    *ret = (struct jb_interval){
        .scope = line->scope,
        .device = line->device,
        .semantics = JB_SEMANTICS_TOLD,
        .origin = line->origin,
        .role = JB_ROLE_POST,
        .unit_num = 1,
        .unit_den = 1,
    };
    copy_text(ret->host, sizeof ret->host, rebuilt->run.host);
    copy_text(ret->boot_id, sizeof ret->boot_id, rebuilt->run.boot_id);
    copy_text(ret->channel, sizeof ret->channel, line->channel);
    copy_text(ret->correlation, sizeof ret->correlation, line->correlation);
}

static jb_rc post_piece(struct jb_ledger *ledger, const char *run_id,
                        const struct jb_interval *interval, struct jb_error *err)
{
    struct jb_line lines[2] = {{.amount_uj = -interval->energy_uj}};
    const char *const contra = interval->origin == JB_ORIGIN_RATED
                                   ? jb_origin_name(JB_ORIGIN_MODELLED)
                                   : jb_origin_name(interval->origin);

    (void)snprintf(lines[0].account, sizeof lines[0].account, "%s:%s/%s", contra, interval->host,
                   interval->channel);
    lines[1] = (struct jb_line){
        .amount_uj = interval->energy_uj,
        .has_share = true,
        .low_uj = interval->energy_uj,
        .high_uj = interval->energy_uj,
        .reserved_uj = interval->energy_uj,
        .all_uj = interval->energy_uj,
    };
    (void)snprintf(lines[1].account, sizeof lines[1].account, "run:%s", run_id);
    return jb_ledger_post_interval(ledger, interval, lines, JB_ARRAY_LEN(lines), NULL, err);
}

/* What of a line falls to each piece, by time; each list sums to what the line has. */
struct pieces {
    size_t n;
    int64_t weights_us[JB_SPLIT_MAX];
    int64_t best_uj[JB_SPLIT_MAX], below_uj[JB_SPLIT_MAX], above_uj[JB_SPLIT_MAX];
    int64_t device_ns[JB_SPLIT_MAX];
};

static jb_rc cut(const struct jb_rebuilt *rebuilt, const struct jb_rebuilt_line *line,
                 struct pieces *pieces, struct jb_error *err)
{
    const struct jb_figure *const energy = &line->energy_uj;
    int64_t left_us = rebuilt->run.end_utc_us - rebuilt->run.start_utc_us;

    pieces->n = 0;
    while (left_us > 0 && pieces->n < JB_SPLIT_MAX) {
        const int64_t piece_us = left_us < PIECE_US ? left_us : PIECE_US;
        pieces->weights_us[pieces->n++] = piece_us;
        left_us -= piece_us;
    }
    if (left_us > 0 ||
        jb_split_i64(energy->best, pieces->weights_us, pieces->n, pieces->best_uj) < 0 ||
        jb_split_i64(energy->best - energy->low, pieces->weights_us, pieces->n, pieces->below_uj) <
            0 ||
        jb_split_i64(energy->high - energy->best, pieces->weights_us, pieces->n, pieces->above_uj) <
            0 ||
        jb_split_i64(line->device_ns, pieces->weights_us, pieces->n, pieces->device_ns) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "'%s' lasts too long to be entered", line->channel);
    return JB_OK;
}

/* Raw and count are the microjoules told so far, so that pieces of a line join. */
static jb_rc post_line(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                       const struct jb_rebuilt_line *line, struct pieces *pieces,
                       struct jb_error *err)
{
    struct jb_interval interval;
    int64_t at_us = 0;
    jb_rc rc = cut(rebuilt, line, pieces, err);

    begin_interval(rebuilt, line, &interval);
    for (size_t i = 0; i < pieces->n && rc == JB_OK; i++) {
        interval.utc_start_us = rebuilt->run.start_utc_us + at_us;
        interval.mono_start_ns = rebuilt->run.start_mono_ns + at_us * JB_NS_PER_US;
        at_us += pieces->weights_us[i];
        interval.utc_end_us = rebuilt->run.start_utc_us + at_us;
        interval.mono_end_ns = rebuilt->run.start_mono_ns + at_us * JB_NS_PER_US;
        interval.count_start = interval.raw_start = interval.count_end;
        interval.count_end = interval.raw_end = interval.count_start + (uint64_t)pieces->best_uj[i];
        interval.energy_uj = pieces->best_uj[i];
        interval.low_uj = pieces->best_uj[i] - pieces->below_uj[i];
        interval.high_uj = pieces->best_uj[i] + pieces->above_uj[i];
        interval.unobserved_ns = pieces->weights_us[i] * JB_NS_PER_US;
        interval.capacity_ns = pieces->device_ns[i];
        rc = post_piece(ledger, rebuilt->run.id, &interval, err);
    }
    return rc;
}

jb_rc reconstruct__post(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                        struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct pieces *pieces = malloc(sizeof *pieces);
    jb_rc rc = pieces ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");

    for (size_t i = 0; i < rebuilt->n_lines && rc == JB_OK; i++)
        rc = post_line(ledger, rebuilt, &rebuilt->lines[i], pieces, err);
    return rc;
}

/* --- records ----------------------------------------------------------------------------------------------------- */

static jb_rc enter_record(struct jb_ledger *ledger, const struct jb_run *run, const char *kind,
                          const struct jb_field *fields, size_t n_fields, struct jb_error *err)
{
    struct jb_entry entry = {.layer = run->layer, .n_fields = n_fields, .fields = fields};

    (void)snprintf(entry.kind, sizeof entry.kind, "%s", kind);
    (void)snprintf(entry.run_id, sizeof entry.run_id, "%s", run->id);
    return jb_ledger_append(ledger, &entry, NULL, err);
}

static jb_rc enter_notes(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                         struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    const char *notes[JB_REBUILT_NOTES_MAX];
    jb_rc rc;

    if (rebuilt->n_notes == 0)
        return JB_OK;
    for (size_t i = 0; i < rebuilt->n_notes; i++)
        notes[i] = rebuilt->notes[i];
    rc = jb_records_notes_to_json(notes, rebuilt->n_notes, &json, err);
    if (rc < 0)
        return rc;
    const struct jb_field field = {"notes", json};
    return enter_record(ledger, &rebuilt->run, JB_RECORDS_KIND_NOTES, &field, 1, err);
}

static jb_rc enter_factors(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                           struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc;

    if (rebuilt->n_factors == 0)
        return JB_OK;
    rc = jb_records_factors_to_json(rebuilt->factors, rebuilt->n_factors, &json, err);
    if (rc < 0)
        return rc;
    const struct jb_field field = {"factors", json};
    return enter_record(ledger, &rebuilt->run, JB_RECORDS_KIND_FACTORS, &field, 1, err);
}

/* What a line was worked out of stands in the notes: the account's lines have no room for it. */
static jb_rc enter_basis(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                         struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    char texts[JB_REBUILT_LINES_MAX][JB_NOTE];
    const char *notes[JB_REBUILT_LINES_MAX];
    size_t n = 0;
    jb_rc rc;

    for (size_t i = 0; i < rebuilt->n_lines; i++) {
        const struct jb_rebuilt_line *const line = &rebuilt->lines[i];
        if (!line->basis[0])
            continue;
        (void)snprintf(texts[n], sizeof texts[n], "%s: %s", line->channel, line->basis);
        notes[n] = texts[n];
        n++;
    }
    if (n == 0)
        return JB_OK;
    rc = jb_records_notes_to_json(notes, n, &json, err);
    if (rc < 0)
        return rc;
    const struct jb_field field = {"notes", json};
    return enter_record(ledger, &rebuilt->run, JB_RECORDS_KIND_NOTES, &field, 1, err);
}

static jb_rc enter_facility(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                            int64_t facility_uj, struct jb_error *err)
{
    char pue[24];
    char energy[24];
    const struct jb_field fields[] = {{"energy_uj", energy}, {"pue_milli", pue}};

    if (facility_uj < 0)
        return JB_OK;
    (void)snprintf(pue, sizeof pue, "%" PRId64, rebuilt->run.pue_milli);
    (void)snprintf(energy, sizeof energy, "%" PRId64, facility_uj);
    return enter_record(ledger, &rebuilt->run, JB_RECORDS_KIND_FACILITY, fields,
                        JB_ARRAY_LEN(fields), err);
}

/* R-REBUILT-06: parts of an estimate share doubts, such as how long it took, so their own bands do not make the whole's. */
static jb_rc enter_band(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                        const struct jb_figure *energy, struct jb_error *err)
{
    char below[24];
    char above[24];
    const struct jb_field fields[] = {{"above_uj", above}, {"below_uj", below}};

    if (!energy->is_known)
        return JB_OK;
    (void)snprintf(below, sizeof below, "%" PRId64, energy->best - energy->low);
    (void)snprintf(above, sizeof above, "%" PRId64, energy->high - energy->best);
    return enter_record(ledger, &rebuilt->run, JB_RECORDS_KIND_BAND, fields, JB_ARRAY_LEN(fields),
                        err);
}

jb_rc reconstruct__enter_records(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                                 const struct reconstruct__whole *whole, struct jb_error *err)
{
    jb_rc rc = enter_notes(ledger, rebuilt, err);

    if (rc == JB_OK)
        rc = enter_basis(ledger, rebuilt, err);
    if (rc == JB_OK)
        rc = enter_factors(ledger, rebuilt, err);
    if (rc == JB_OK)
        rc = enter_band(ledger, rebuilt, &whole->energy_uj, err);
    return rc == JB_OK ? enter_facility(ledger, rebuilt, whole->facility_uj, err) : rc;
}
