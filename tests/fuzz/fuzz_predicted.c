/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a prediction's line in the spool or its JSON in the book: what is taken comes back the same. */
#include <stdlib.h>
#include <string.h>

#include "pipeline/marks_file.h"
#include "pipeline/predicted.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = malloc(size + 1);
    struct jb_predicted predicted, again;
    char line[JB_MARK_TEXT];
    char *json = NULL;

    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (jb_predicted_from_line(text, &predicted, NULL) == JB_OK &&
        jb_predicted_to_line(&predicted, line, sizeof line, NULL) == JB_OK &&
        (jb_predicted_from_line(line, &again, NULL) < 0 ||
         again.energy_uj.best != predicted.energy_uj.best || again.work != predicted.work))
        abort();
    if (jb_predicted_from_json(text, &predicted, NULL) == JB_OK &&
        jb_predicted_to_json(&predicted, &json, NULL) == JB_OK &&
        (jb_predicted_from_json(json, &again, NULL) < 0 ||
         again.energy_uj.best != predicted.energy_uj.best || again.utc_us != predicted.utc_us))
        abort();
    free(json);
    free(text);
    return 0;
}
