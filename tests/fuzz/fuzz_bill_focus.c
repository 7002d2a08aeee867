/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a bill of FOCUS. R-BILL-01 to R-BILL-04. */
#include "fuzz/bill_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bill_bytes("focus", data, size);
    return 0;
}
