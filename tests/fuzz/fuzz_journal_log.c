/* SPDX-License-Identifier: Apache-2.0 */
/* A log of strangers: read at once or byte by byte it is taken or refused alike, and what is taken is written again to the same. */
#include <stdlib.h>
#include <string.h>

#include "journal/journal_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int claim)
{
    if (!claim)
        abort();
}

struct again {
    struct jb_buf out;
};

static jb_rc write_again(void *arg, const struct jb_journal_log_entry *entry, struct jb_error *err)
{
    struct again *const again = arg;
    struct jb_buf bytes = JB_BUF(JB_ENTRY_BYTES_MAX);

    must(entry->tree->size == entry->index + 1);
    must(jb_entry_encode(entry->head, &bytes, err) == JB_OK);
    must(jb_journal_log_put_entry(bytes.bytes, bytes.len, entry->head, entry->openings, &again->out,
                                  err) == JB_OK);
    jb_buf_release(&bytes);
    return JB_OK;
}

static jb_rc read_log(const uint8_t *data, size_t size, size_t piece, struct again *again)
{
    struct jb_journal_log *log = NULL;
    struct jb_buf entries = again->out;

    must(jb_journal_log_new(write_again, again, &log, NULL) == JB_OK);
    jb_rc rc = JB_OK;
    for (size_t at = 0; at < size && rc == JB_OK; at += piece)
        rc = jb_journal_log_feed(log, data + at, size - at < piece ? size - at : piece, NULL);
    if (rc == JB_OK)
        rc = jb_journal_log_end(log, NULL);
    if (rc == JB_OK) {
        entries = again->out;
        again->out = JB_BUF(entries.max);
        must(jb_journal_log_put_header(jb_journal_log_size(log), jb_journal_log_origin(log),
                                       &again->out, NULL) == JB_OK);
        if (entries.len > 0)
            jb_buf_add(&again->out, entries.bytes, entries.len);
        jb_buf_release(&entries);
    }
    jb_journal_log_free(log);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct again whole = {JB_BUF((size_t)64 * 1024 * 1024)};
    struct again bytewise = {JB_BUF((size_t)64 * 1024 * 1024)};
    const jb_rc rc = read_log(data, size, size > 0 ? size : 1, &whole);

    must(read_log(data, size, 1, &bytewise) == rc);
    if (rc == JB_OK) {
        must(whole.out.len == size && memcmp(whole.out.bytes, data, size) == 0);
        must(bytewise.out.len == size && memcmp(bytewise.out.bytes, data, size) == 0);
    }
    jb_buf_release(&whole.out);
    jb_buf_release(&bytewise.out);
    return 0;
}
