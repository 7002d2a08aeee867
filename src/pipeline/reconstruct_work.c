/* SPDX-License-Identifier: Apache-2.0 */
/* A run of which only the work is known: estimate/ gives its lines, its method, and what they stand on. R-REBUILT-06. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "estimate/estimate.h"
#include "pipeline/reconstruct_int.h"

/* Channels are unique within a run: "estimate/gpu", then "estimate/gpu 2". */
static void name_channel(const struct jb_rebuilt *rebuilt, size_t at, struct jb_rebuilt_line *line)
{
    size_t n_alike = 0;

    for (size_t i = 0; i < at; i++)
        n_alike += rebuilt->lines[i].device == line->device;
    (void)snprintf(line->channel, sizeof line->channel, "estimate/%s",
                   jb_device_name(line->device));
    if (n_alike > 0)
        (void)snprintf(line->channel, sizeof line->channel, "estimate/%s %zu",
                       jb_device_name(line->device), n_alike + 1);
}

static bool is_device_of_time(enum jb_device device, const struct jb_estimate *estimate)
{
    bool has_gpu = false;

    for (size_t i = 0; i < estimate->n_parts; i++)
        has_gpu = has_gpu || estimate->parts[i].device == JB_DEVICE_GPU;
    return has_gpu ? device == JB_DEVICE_GPU : device == JB_DEVICE_CPU || device == JB_DEVICE_NODE;
}

/* The time of boards (else processors) stands at the first line of them: it must not be counted twice. */
static void take_parts(const struct jb_estimate *estimate, struct jb_rebuilt *rebuilt)
{
    bool has_time = false;

    for (size_t i = 0; i < estimate->n_parts; i++) {
        const struct jb_estimate_part *const part = &estimate->parts[i];
        struct jb_rebuilt_line *const line = &rebuilt->lines[i];

        *line = (struct jb_rebuilt_line){
            .scope = part->scope,
            .device = part->device,
            .origin = part->origin,
            .energy_uj = part->energy_uj,
        };
        memcpy(line->correlation, part->correlation, sizeof line->correlation);
        memcpy(line->basis, part->basis, sizeof line->basis);
        name_channel(rebuilt, i, line);
        if (!has_time && is_device_of_time(part->device, estimate) &&
            estimate->device_ns.is_known) {
            line->device_ns = estimate->device_ns.best;
            has_time = true;
        }
    }
    rebuilt->n_lines = estimate->n_parts;
}

/* The paper's own come first; what has no place is the estimate's. */
static void take_notes(const struct jb_estimate *estimate, struct jb_rebuilt *rebuilt)
{
    for (size_t i = 0; i < estimate->n_notes && rebuilt->n_notes < JB_REBUILT_NOTES_MAX; i++)
        memcpy(rebuilt->notes[rebuilt->n_notes++], estimate->notes[i], sizeof rebuilt->notes[0]);
    for (size_t i = 0; i < estimate->n_factors && rebuilt->n_factors < JB_ESTIMATE_FACTORS_MAX; i++)
        rebuilt->factors[rebuilt->n_factors++] = estimate->factors[i];
}

/* An account has one PUE: of a range its best, so that the facility is in its energy and carbon as it was in the estimate. */
static void take_pue(struct jb_rebuilt *rebuilt)
{
    const struct jb_quantity *const pue = &rebuilt->work.pue_milli;
    char text[3][32];

    if (rebuilt->run.pue_milli > 0 ||
        (pue->known != JB_KNOWN_VALUE && pue->known != JB_KNOWN_RANGE))
        return;
    rebuilt->run.pue_milli = pue->best;
    if (pue->known == JB_KNOWN_RANGE && rebuilt->n_notes < JB_REBUILT_NOTES_MAX)
        (void)snprintf(
            rebuilt->notes[rebuilt->n_notes++], JB_NOTE,
            "the PUE is %s to %s: %s is taken, and the facility's band does not hold the rest",
            jb_format_decimal(pue->low, 3, text[0], sizeof text[0]),
            jb_format_decimal(pue->high, 3, text[1], sizeof text[1]),
            jb_format_decimal(pue->best, 3, text[2], sizeof text[2]));
}

jb_rc reconstruct__estimate(struct jb_rebuilt *rebuilt, struct jb_figure *ret_whole_uj,
                            struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_estimate *own = NULL;
    const struct jb_estimate *estimate = rebuilt->estimate;
    jb_rc rc;

    if (!estimate) {
        own = calloc(1, sizeof *own);
        if (!own)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for an estimate");
        rc = jb_estimate_make(&rebuilt->work, own, err);
        if (rc < 0)
            return rc;
        estimate = own;
    }
    if (!estimate->is_computable)
        return jb_fail(err, JB_E_NOT_FOUND, NULL, "%s", estimate->why_not);
    take_parts(estimate, rebuilt);
    take_notes(estimate, rebuilt);
    *ret_whole_uj = estimate->energy_uj;
    rebuilt->method = estimate->method;
    rebuilt->is_pue_included = false;
    take_pue(rebuilt);
    if (!rebuilt->run.place[0] && rebuilt->work.place.known == JB_KNOWN_VALUE &&
        strlen(rebuilt->work.place.text) < sizeof rebuilt->run.place)
        (void)snprintf(rebuilt->run.place, sizeof rebuilt->run.place, "%s",
                       rebuilt->work.place.text);
    return JB_OK;
}
