/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a disclosure: refused with its line, or a grouping and a rounding that can be. R-STATEMENT-07, -08. */
#include <stdlib.h>
#include <string.h>

#include "statement/disclosure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_disclosure disclosure;
    struct jb_error err = {.code = JB_OK};
    const jb_rc rc = jb_disclosure_parse("fuzz", data, size, &disclosure, &err);

    if (rc == JB_OK) {
        if (disclosure.round_uj < 1 || (disclosure.by[0] && !jb_disclosure_is_by(disclosure.by)))
            abort();
    } else if (err.message[0] == '\0' ||
               (rc == JB_E_INPUT && strncmp(err.message, "fuzz:", 5) != 0)) {
        abort();
    }
    return 0;
}
