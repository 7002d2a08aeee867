/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the book to a log that others can check (certificate/tlog.h). Must never open what does not tell of a key. R-CERT-09. */
#include "pipeline/certify_log.h"

#include "certificate/tlog.h"

#define PIECE ((size_t)64 * 1024)

static void put(const struct jb_ledger_opened *opened, struct jb_buf *out)
{
    struct jb_tlog_opening openings[JB_ENTRY_STORED_MAX];
    const size_t n = jb_tlog_is_opened(opened->head.kind) ? opened->head.n_fields : 0;

    for (size_t i = 0; i < n; i++)
        openings[i] = (struct jb_tlog_opening){
            .salt = opened->openings[i].value ? opened->openings[i].salt : NULL,
            .value = opened->openings[i].value,
            .len = opened->openings[i].len,
        };
    jb_tlog_put_entry(out, opened->bytes, opened->n_bytes, openings, n);
}

jb_rc jb_certify_log(struct jb_ledger *ledger, jb_certify_write_fn write, void *arg,
                     int64_t *ret_size, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(16 * PIECE);
    struct jb_hash root;
    int64_t size = 0;
    jb_rc rc = jb_ledger_root(ledger, &size, &root, err);

    jb_tlog_put_head(&out);
    for (int64_t i = 0; rc == JB_OK && i < size; i++) {
        JB_AUTO(jb_ledger_opened_free_auto) struct jb_ledger_opened *opened = NULL;
        rc = jb_ledger_entry_opened(ledger, i, &opened, err);
        if (rc < 0)
            break;
        put(opened, &out);
        if (out.failed < 0)
            rc = jb_fail(err, out.failed, NULL, "no memory for the log");
        else if (out.len >= PIECE)
            rc = write(arg, out.bytes, out.len, err);
        if (rc == JB_OK && out.len >= PIECE)
            jb_buf_clear(&out);
    }
    if (rc == JB_OK && out.len > 0)
        rc = write(arg, out.bytes, out.len, err);
    if (rc == JB_OK)
        *ret_size = size;
    return rc;
}
