/* SPDX-License-Identifier: Apache-2.0 */
/* R-PROM-10: what an imported history leaves open, in words that stand in the account of its run. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/history_int.h"
#include "pipeline/run_records.h"

#define NOTES_MAX 120

struct notes {
    size_t n;
    char texts[NOTES_MAX][JB_NOTE];
};

static void add(struct notes *notes, const char *format, ...) JB_PRINTF(2, 3);
static void add(struct notes *notes, const char *format, ...)
{
    va_list args;

    if (notes->n == NOTES_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(notes->texts[notes->n++], JB_NOTE, format, args);
    va_end(args);
}

static void note_times(struct notes *notes, const struct jb_prometheus_set *set)
{
    if (set->is_grid)
        add(notes,
            "the times are steps of query_range, and not those of the samples: a server repeats a "
            "value for up to 5 minutes, so a power that is the same again is told as "
            "interpolated, and edges are known to a step");
    else
        add(notes, "the samples have the times at which they were scraped");
}

static void note_series(struct notes *notes, const struct jb_prometheus_set *set)
{
    if (set->n_unknown > 0)
        add(notes, "%zu series are not in here, of which no preset says what they contain: '%s'%s",
            set->n_unknown, set->unknown, set->n_unknown > 1 ? " and others" : "");
    if (set->n_modelled > 0)
        add(notes, "%zu series of a model are not in here: no meter read them", set->n_modelled);
    if (set->n_short > 0)
        add(notes, "%zu meters without two readings are not in here: '%s'%s", set->n_short,
            set->short_id, set->n_short > 1 ? " and others" : "");
}

static void note_channel(struct notes *notes, const struct jb_history_channel *told)
{
    const struct jb_channel *const channel = &told->channel;
    char energy[32];

    if (told->n_resets > 0)
        add(notes,
            "%s: the counter went back %" PRId64 " time%s, a restart or a wrap that the exporter "
            "hides: from the sample before to the one after nothing is posted",
            channel->id, told->n_resets, told->n_resets == 1 ? "" : "s");
    if (channel->role == JB_ROLE_DUPLICATE || channel->role == JB_ROLE_CHECK)
        add(notes, "%s: %s, compared and not added: %s", channel->id,
            jb_format_energy(told->energy_uj, energy, sizeof energy),
            channel->role == JB_ROLE_DUPLICATE ? "the same meter by another exporter"
                                               : "what it contains is read otherwise, or not sure");
}

jb_rc history__enter_notes(struct jb_ledger *ledger, const struct jb_history_order *order,
                           const char *run_id, const struct jb_history_result *result,
                           struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct notes *notes = calloc(1, sizeof *notes);
    JB_AUTO(jb_free_auto) char *json = NULL;
    const char *texts[NOTES_MAX];
    struct jb_field field = {.name = "notes"};
    struct jb_entry entry = {.layer = JB_LAYER_MEASURED, .n_fields = 1, .fields = &field};
    jb_rc rc;

    if (!notes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for notes");
    add(notes,
        "imported from the history of a Prometheus server: read by meters while it ran, and "
        "recorded by others; every meter is the run's wholly, since the history does not "
        "say who else was on node '%s'",
        result->host);
    if (order->accuracy_ppm < 0)
        add(notes, "how accurate these readings are no series says: that of such meters is "
                   "assumed; --accuracy states it");
    note_times(notes, &result->set);
    note_series(notes, &result->set);
    for (size_t i = 0; i < result->set.n_channels; i++)
        note_channel(notes, &result->channels[i]);
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
