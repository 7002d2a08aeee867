/* SPDX-License-Identifier: Apache-2.0 */
/* A libamd_smi of a release that lacks calls: it can be loaded, and must then be left alone. */
#include <stdint.h>

__attribute__((visibility("default"))) int amdsmi_init(uint64_t flags);

int amdsmi_init(uint64_t flags)
{
    (void)flags;
    return 0;
}
