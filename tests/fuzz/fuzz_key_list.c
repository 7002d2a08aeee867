/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a list of public keys: refused, or read again from what is written of it. R-KEY-05. */
#include <stdlib.h>
#include <string.h>

#include "sign/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_listed_key *keys = NULL;
    struct jb_listed_key *again = NULL;
    size_t n = 0;
    size_t n_again = 0;
    struct jb_error err = {0};

    if (jb_key_list_parse((const char *)data, size, &keys, &n, &err) < 0) {
        if (err.message[0] == '\0' || keys)
            abort();
        return 0;
    }
    struct jb_buf out = JB_BUF(4 * size + 4096);
    jb_key_list_text(keys, n, &out);
    if (jb_key_list_parse(jb_buf_text(&out), out.len, &again, &n_again, &err) < 0 || n != n_again ||
        memcmp(keys, again, n * sizeof *keys) != 0)
        abort();
    jb_buf_release(&out);
    free(keys);
    free(again);
    return 0;
}
