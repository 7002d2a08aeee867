/* SPDX-License-Identifier: Apache-2.0 */
/* R-IMPORT-07: what imported logs leave open, in words that stand in the account of their run. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/import_run.h"
#include "pipeline/run_records.h"

/* An account holds 256; what the account itself says needs room beside these. */
#define NOTES_MAX 160

struct notes {
    size_t n, n_left_out;
    char texts[NOTES_MAX + 1][JB_NOTE];
};

static void add(struct notes *notes, const char *format, ...) JB_PRINTF(2, 3);
static void add(struct notes *notes, const char *format, ...)
{
    va_list args;

    if (notes->n == NOTES_MAX) {
        notes->n_left_out++;
        return;
    }
    va_start(args, format);
    (void)vsnprintf(notes->texts[notes->n++], JB_NOTE, format, args);
    va_end(args);
}

/* Seconds to the millisecond, as logs have them. */
static const char *seconds(int64_t ns, char *buf, size_t size)
{
    return jb_format_decimal(jb_muldiv_sat_i64(ns, 1, 1000000, JB_ROUND_NEAREST), 3, buf, size);
}

static const char *joules(int64_t uj, char *buf, size_t size)
{
    return jb_format_decimal(jb_muldiv_sat_i64(uj, 1, 1000, JB_ROUND_NEAREST), 3, buf, size);
}

static void note_origin(struct notes *notes, const struct jb_import_order *order,
                        const struct jb_import_node *nodes, size_t n_nodes)
{
    size_t n_used = 0;
    const struct jb_import_survey *survey = NULL;

    for (size_t i = 0; i < n_nodes; i++) {
        if (!nodes[i].is_used)
            continue;
        survey = survey ? survey : &nodes[i].survey;
        n_used++;
    }
    add(notes,
        "imported from %zu %s log%s: read by a meter while it ran, and recorded by others; all "
        "that "
        "is known is what the file%s say%s",
        n_used, order->format->name, n_used == 1 ? "" : "s", n_used == 1 ? "" : "s",
        n_used == 1 ? "s" : "");
    if (order->accuracy_ppm < 0)
        add(notes, "how accurate these readings are is not known: 5 %% is assumed, which MLPerf's "
                   "rules ask of a meter; --accuracy states it");
    if (survey && survey->unit.semantics == JB_SEMANTICS_GAUGE_SINCE)
        add(notes, "each reading is the power of the time since the one before it");
    else if (survey && survey->unit.semantics == JB_SEMANTICS_GAUGE)
        add(notes, "between two readings the power is their mean");
}

static void note_gaps(struct notes *notes, const struct jb_import_node *node)
{
    char limit[32];
    char longest[32];
    char time[32];
    char energy[32];

    if (node->n_gaps == 0 && node->coverage.interpolated_ns == 0)
        return;
    if (node->n_gaps == 0) {
        add(notes, "%s: %s s and %s J of the energy are interpolated over failed readings",
            node->label, seconds(node->coverage.interpolated_ns, time, sizeof time),
            joules(node->interpolated_uj, energy, sizeof energy));
        return;
    }
    (void)seconds(node->survey.gap_ns, limit, sizeof limit);
    (void)seconds(node->longest_gap_ns, longest, sizeof longest);
    if (node->survey.unit.semantics == JB_SEMANTICS_COUNTER)
        add(notes,
            "%s: %" PRId64
            " gap%s of more than %s s between readings, the longest of %s s: a counter "
            "loses time resolution by that, no energy",
            node->label, node->n_gaps, node->n_gaps == 1 ? "" : "s", limit, longest);
    else
        add(notes,
            "%s: %" PRId64
            " gap%s of more than %s s between readings, the longest of %s s: %s s and "
            "%s J of the energy are interpolated, not observed",
            node->label, node->n_gaps, node->n_gaps == 1 ? "" : "s", limit, longest,
            seconds(node->coverage.interpolated_ns, time, sizeof time),
            joules(node->interpolated_uj, energy, sizeof energy));
}

static void note_order(struct notes *notes, const struct jb_import_node *node)
{
    char back[32];

    if (node->survey.n_back > 0)
        add(notes, "%s: %" PRId64 " reading%s back in time, by up to %s s, and %s left out",
            node->label, node->survey.n_back, node->survey.n_back == 1 ? " steps" : "s step",
            seconds(node->survey.back_ns, back, sizeof back),
            node->survey.n_back == 1 ? "is" : "are");
    if (node->survey.n_same > 0)
        add(notes, "%s: %" PRId64 " reading%s the time of the one before and %s left out",
            node->label, node->survey.n_same, node->survey.n_same == 1 ? " has" : "s have",
            node->survey.n_same == 1 ? "is" : "are");
}

static bool is_stop_missing(const struct jb_import_node *node)
{
    return node->is_used && node->survey.has_start && node->survey.has_stop &&
           node->survey.stop_ns == node->survey.start_ns;
}

static void note_missing_stops(struct notes *notes, const struct jb_import_node *nodes,
                               size_t n_nodes)
{
    size_t n = 0;

    for (size_t i = 0; i < n_nodes; i++)
        n += is_stop_missing(&nodes[i]);
    if (n > 0)
        add(notes,
            "the stop stamp equals the start stamp in %zu log%s, so it is missing there: the last "
            "reading is taken for the end",
            n, n == 1 ? "" : "s");
}

/* Stamps that contradict the readings do not cut them: all of the file counts. */
static void note_stamps(struct notes *notes, const struct jb_import_node *node)
{
    const struct jb_import_survey *const survey = &node->survey;
    char time[32];

    if (survey->has_start && survey->start_ns > survey->first_ns)
        add(notes, "%s: the start stamp is %s s after the first reading: all readings are counted",
            node->label, seconds(survey->start_ns - survey->first_ns, time, sizeof time));
    if (survey->has_start && !survey->has_stop)
        add(notes, "%s: there is no stop stamp: the last reading is taken for the end",
            node->label);
    else if (is_stop_missing(node))
        return;
    else if (survey->has_stop && survey->stop_ns < survey->last_ns)
        add(notes, "%s: the stop stamp is %s s before the last reading: all readings are counted",
            node->label, seconds(survey->last_ns - survey->stop_ns, time, sizeof time));
}

static void note_node(struct notes *notes, const struct jb_import_node *nodes, size_t i)
{
    const struct jb_import_node *const node = &nodes[i];
    char time[32];

    if (!node->is_used && node->survey.n_other > 0)
        add(notes,
            "%s has no power reading and is not in here: %" PRId64 " record%s of '%s', which is no "
            "reading of a meter",
            node->label, node->survey.n_other, node->survey.n_other == 1 ? "" : "s",
            node->survey.other_key[0] ? node->survey.other_key : "something else");
    else if (!node->is_used)
        add(notes, "%s has no two readings and is not in here", node->label);
    if (!node->is_used)
        return;
    if (node->same_as > 0)
        add(notes,
            "the logs of %s and %s are the same bytes: one may be a copy of the other, and no "
            "meter "
            "of its own; both are counted, as given",
            nodes[node->same_as - 1].label, node->label);
    if (node->overlap_ns > 0)
        add(notes,
            "%s: %s s of this log are in run %s too, which has a log of the same name: if it is "
            "the "
            "same node, the same joules are in both",
            node->label, seconds(node->overlap_ns, time, sizeof time), node->overlap_run);
    note_gaps(notes, node);
    note_order(notes, node);
    note_stamps(notes, node);
}

jb_rc jb_import_enter_notes(struct jb_ledger *ledger, const struct jb_import_order *order,
                            const char *run_id, const struct jb_import_node *nodes, size_t n_nodes,
                            struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct notes *notes = calloc(1, sizeof *notes);
    JB_AUTO(jb_free_auto) char *json = NULL;
    const char *texts[NOTES_MAX + 1];
    struct jb_field field = {.name = "notes"};
    struct jb_entry entry = {.layer = JB_LAYER_MEASURED, .n_fields = 1, .fields = &field};
    jb_rc rc;

    if (!notes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for notes");
    note_origin(notes, order, nodes, n_nodes);
    note_missing_stops(notes, nodes, n_nodes);
    for (size_t i = 0; i < n_nodes; i++)
        note_node(notes, nodes, i);
    if (notes->n_left_out > 0)
        (void)snprintf(notes->texts[notes->n++], JB_NOTE,
                       "%zu notes more are left out: import fewer logs at once to see them",
                       notes->n_left_out);
    for (size_t i = 0; i < notes->n; i++)
        texts[i] = notes->texts[i];
    rc = jb_records_notes_to_json(texts, notes->n, &json, err);
    if (rc < 0)
        return rc;
    field.value = json;
    (void)snprintf(entry.kind, sizeof entry.kind, "%s", JB_RECORDS_KIND_NOTES);
    (void)snprintf(entry.run_id, sizeof entry.run_id, "%s", run_id);
    return jb_ledger_append(ledger, &entry, NULL, err);
}
