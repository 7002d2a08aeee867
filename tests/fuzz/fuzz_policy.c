/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a policy file: taken, or refused with file and line. R-CERT-07. */
#include <stdlib.h>

#include "certificate/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_policy policy;
    struct jb_error err = {0};

    if (jb_policy_parse("fuzz", data, size, &policy, &err) < 0 && err.message[0] == '\0')
        abort();
    return 0;
}
