/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a book of boamps. R-BOOKS-40. */
#include "fuzz/book_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    book_file("boamps", data, size);
    return 0;
}
