/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a book of impact-tracker. R-BOOKS-50. */
#include "fuzz/book_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    book_file("impact-tracker", data, size);
    return 0;
}
