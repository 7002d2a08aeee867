/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a log of csv-power. R-IMPORT-05. */
#include "fuzz/import_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    import_lines(&jb_import_csv_power, data, size);
    return 0;
}
