/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a certificate in their order, with what each holds and whether it may be withheld. The table is the format
 * (docs/format/certificate.md); a name that is not in it is no field of a certificate. R-CERT-04, R-CERT-06.
 */
#include <string.h>

#include "base/compiler.h"
#include "certificate/certificate_int.h"

#define PLACES_PER_ROW 64

const char *const certificate__layers[] = {"measured", "reconstructed", "predicted", NULL};
const char *const certificate__parts[] = {"development", "search",     "failed",
                                          "training",    "retraining", "evaluation",
                                          "inference",   "untold",     NULL};
static const char *const statuses[] = {"done", "interrupted", NULL};
static const char *const methods[] = {"A", "B", "C-1", "C-2", NULL};
static const char *const totals[] = {"computed", "asserted", NULL};

const char *const certificate__totals[] = {
    "runs",          "duration_ns", "energy_uj", "facility_uj", "location_ugco2e",
    "market_ugco2e", "coverage_ns", NULL};

#define NEEDED CERTIFICATE_NEEDED
#define OPEN   CERTIFICATE_OPEN

const struct certificate__row certificate__rows[] = {
    {"id", CERTIFICATE_TEXT, NEEDED | OPEN, NULL},
    {"issuer", CERTIFICATE_TEXT, NEEDED | OPEN, NULL},
    {"software", CERTIFICATE_TEXT, NEEDED, NULL},
    {"project", CERTIFICATE_TEXT, 0, NULL},
    {"model", CERTIFICATE_TEXT, 0, NULL},
    {"model_version", CERTIFICATE_TEXT, 0, NULL},
    {"from_utc", CERTIFICATE_UTC, NEEDED | OPEN, NULL},
    {"to_utc", CERTIFICATE_UTC, NEEDED | OPEN, NULL},
    {"subjects", CERTIFICATE_LINES, 0, NULL},
    {"run.id", CERTIFICATE_COLUMN, NEEDED, NULL},
    {"run.start_utc", CERTIFICATE_MOMENTS, NEEDED, NULL},
    {"run.project", CERTIFICATE_COLUMN, 0, NULL},
    {"run.stage", CERTIFICATE_COLUMN, 0, NULL},
    {"run.part", CERTIFICATE_WORDS, NEEDED, certificate__parts},
    {"run.layer", CERTIFICATE_WORDS, NEEDED, certificate__layers},
    {"run.status", CERTIFICATE_WORDS, NEEDED, statuses},
    {"run.method", CERTIFICATE_WORDS, NEEDED, methods},
    {"run.model", CERTIFICATE_COLUMN, 0, NULL},
    {"run.model_version", CERTIFICATE_COLUMN, 0, NULL},
    {"run.configuration", CERTIFICATE_COLUMN, 0, NULL},
    {"run.host", CERTIFICATE_COLUMN, 0, NULL},
    {"run.hardware", CERTIFICATE_COLUMN, 0, NULL},
    {"run.duration_ns", CERTIFICATE_COUNTS, NEEDED, NULL},
    {"run.energy_uj", CERTIFICATE_FIGURES, NEEDED, NULL},
    {"run.facility_uj", CERTIFICATE_FIGURES, 0, NULL},
    {"run.location_ugco2e", CERTIFICATE_FIGURES, 0, NULL},
    {"run.market_ugco2e", CERTIFICATE_FIGURES, 0, NULL},
    {"run.coverage_ns", CERTIFICATE_FOURS, 0, NULL},
    {"run.entry", CERTIFICATE_COUNTS, NEEDED, NULL},
    {"n_runs", CERTIFICATE_TEXT, NEEDED | OPEN, NULL},
    {CERTIFICATE_TOTALS, CERTIFICATE_TOTAL, OPEN, NULL},
    {"totals", CERTIFICATE_TEXT, NEEDED | OPEN, totals},
    {"parts", CERTIFICATE_LINES, NEEDED, NULL},
    {"left_out", CERTIFICATE_TEXT, NEEDED | OPEN, NULL},
    {"against", CERTIFICATE_TEXT, 0, NULL},
    {"methods", CERTIFICATE_LINES, NEEDED, NULL},
    {"factors", CERTIFICATE_LINES, 0, NULL},
    {"policy", CERTIFICATE_LINES, OPEN, NULL},
    {"previous", CERTIFICATE_TEXT, OPEN, NULL},
    {"limits", CERTIFICATE_TEXT, NEEDED | OPEN, NULL},
    {NULL, CERTIFICATE_TEXT, 0, NULL},
};

/* Energy comes back from carbon by a factor, a moment from an id that holds it, time from that of the meters. */
const struct certificate__derived certificate__derived[] = {
    {"run.stage", "run.part"},
    {"run.stage", "parts"},
    {"run.part", "parts"},
    {"run.layer", "parts"},
    {"run.duration_ns", "parts"},
    {"run.energy_uj", "parts"},
    {"run.method", "methods"},
    {"run.start_utc", "run.id"},
    {"run.duration_ns", "run.coverage_ns"},
    {"run.energy_uj", "run.facility_uj"},
    {"run.energy_uj", "run.location_ugco2e"},
    {"run.energy_uj", "run.market_ugco2e"},
    {"run.facility_uj", "run.location_ugco2e"},
    {"run.facility_uj", "run.market_ugco2e"},
    {NULL, NULL},
};

int certificate__word(const char *const *words, const char *text, size_t len)
{
    for (int i = 0; words[i]; i++)
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
            return i;
    return -1;
}

/* "measured.energy_uj" */
static int place_of_total(const char *rest)
{
    const char *const dot = strchr(rest, '.');

    if (!dot)
        return -1;
    const int layer = certificate__word(certificate__layers, rest, (size_t)(dot - rest));
    const int total = certificate__word(certificate__totals, dot + 1, strlen(dot + 1));
    return layer < 0 || total < 0 ? -1 : layer * CERTIFICATE_N_TOTALS + total;
}

int certificate__place(const char *name, const struct certificate__row **ret_row)
{
    for (int i = 0; certificate__rows[i].name; i++) {
        const struct certificate__row *const row = &certificate__rows[i];
        const bool is_total = row->form == CERTIFICATE_TOTAL;
        const int within = !is_total ? 0
                           : strncmp(name, row->name, strlen(row->name)) != 0
                               ? -1
                               : place_of_total(name + strlen(row->name));
        if (within < 0 || (!is_total && strcmp(name, row->name) != 0))
            continue;
        *ret_row = row;
        return i * PLACES_PER_ROW + within;
    }
    return -1;
}
