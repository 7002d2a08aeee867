/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats. */
#include <string.h>

#include "export/export_int.h"

const struct jb_export_format *const jb_export_formats[] = {
    &export__hf_card, &export__codecarbon, &export__boamps,  &export__spdx3, &export__cyclonedx,
    &export__sci,     &export__focus,      &export__eu_form, NULL,
};

const struct jb_export_format *jb_export_find(const char *name)
{
    for (size_t i = 0; jb_export_formats[i]; i++)
        if (strcmp(jb_export_formats[i]->name, name) == 0)
            return jb_export_formats[i];
    return NULL;
}
