/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a book of hf-card. R-BOOKS-70. */
#include "fuzz/book_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    book_file("hf-card", data, size);
    return 0;
}
