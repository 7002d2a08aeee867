/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a bill of Azure cost details. R-BILL-01 to R-BILL-04. */
#include "fuzz/bill_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bill_bytes("azure", data, size);
    return 0;
}
