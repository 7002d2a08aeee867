/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a statement: refused with a reason, or written again the same and in order. R-STATEMENT-09, -10. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "statement/beside.h"
#include "statement/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_statement *const statement = calloc(1, sizeof *statement);
    struct jb_statement_beside beside = {.n_rows = 0};
    struct jb_error err = {.code = JB_OK};
    struct jb_buf again = JB_BUF(JB_STATEMENT_BYTES_MAX);

    if (!statement)
        return 0;
    if (jb_statement_decode((const char *)data, size, statement, &err) < 0) {
        must(err.message[0] != '\0');
        free(statement);
        return 0;
    }
    must(jb_statement_encode(statement, &again, &err) == JB_OK);
    must(again.len == size && memcmp(again.bytes, data, size) == 0);
    must(jb_statement_check(statement, &err) == JB_OK);
    must(jb_statement_compare(statement, statement, &beside, &err) == JB_OK);
    must(beside.n_unmatched == 0 && beside.total.difference_uj == 0);
    jb_statement_beside_release(&beside);
    jb_buf_release(&again);
    jb_statement_release(statement);
    free(statement);
    return 0;
}
