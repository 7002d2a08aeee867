/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the counts of a run, a line of the spool or JSON of the book: what is taken comes back the same, and no band is
 * the wrong way round. */
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "pipeline/cycles_record.h"
#include "pipeline/marks_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct jb_cycles *cycles, const struct jb_cycles *again)
{
    struct jb_figure cpi;

    for (int i = 0; i < JB_CYCLES_EVENTS; i++) {
        const struct jb_cycles_count *const a = &cycles->counts[i], *const b = &again->counts[i];
        if (a->is_known != b->is_known || a->best != b->best || a->raw != b->raw ||
            (a->is_known && !(0 <= a->low && a->low <= a->best && a->best <= a->high)))
            abort();
    }
    jb_cycles_cpi(cycles, &cpi);
    if (cpi.is_known && !(cpi.low <= cpi.best && cpi.best <= cpi.high))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = malloc(size + 1);
    struct jb_cycles cycles, again;
    char line[JB_MARK_TEXT];
    char *json = NULL;

    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (jb_cycles_from_line(text, &cycles, NULL) == JB_OK) {
        if (jb_cycles_to_line(&cycles, line, sizeof line, NULL) < 0 ||
            jb_cycles_from_line(line, &again, NULL) < 0)
            abort();
        check(&cycles, &again);
    }
    if (jb_cycles_from_json(text, &cycles, NULL) == JB_OK) {
        if (jb_cycles_to_json(&cycles, &json, NULL) < 0 ||
            jb_cycles_from_json(json, &again, NULL) < 0)
            abort();
        check(&cycles, &again);
    }
    free(json);
    free(text);
    return 0;
}
