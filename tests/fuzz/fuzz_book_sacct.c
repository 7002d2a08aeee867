/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a book of sacct. R-BOOKS-20. */
#include "fuzz/book_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    book_file("sacct", data, size);
    return 0;
}
