/* SPDX-License-Identifier: Apache-2.0 */
/* Case files: whatever is taken is written, reads back, and is written the same again (R-CASE-01, R-CASE-02). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_free_auto) struct jb_case *again = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf first = JB_BUF(1024 * 1024);
    JB_AUTO(jb_buf_release) struct jb_buf second = JB_BUF(1024 * 1024);
    struct jb_error err = {0};

    if (jb_case_parse("input", bytes, len, &one, &err) < 0) {
        if (!err.message[0])
            abort();
        return 0;
    }
    if (jb_case_write(one, &first, &err) < 0)
        abort();
    if (jb_case_parse("written", first.bytes, first.len, &again, &err) < 0)
        abort();
    if (jb_case_write(again, &second, &err) < 0 || first.len != second.len ||
        memcmp(first.bytes, second.bytes, first.len) != 0)
        abort();
    return 0;
}
