/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a book of strangers can hold: canonical bytes, the text of lines, the text of an interval. What is taken is
 * written again to the same bytes, since one value has one form.
 */
#include <stdlib.h>
#include <string.h>

#include "journal/entry.h"
#include "ledger/facts_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int claim)
{
    if (!claim)
        abort();
}

static void try_bytes(const uint8_t *data, size_t size)
{
    static struct jb_entry_head head;
    struct jb_buf again = JB_BUF(JB_ENTRY_BYTES_MAX);

    if (jb_entry_decode(data, size, &head, NULL) == JB_OK) {
        must(jb_entry_encode(&head, &again, NULL) == JB_OK);
        must(again.len == size && memcmp(again.bytes, data, size) == 0);
    }
    jb_buf_release(&again);
}

static void try_lines(const char *text, size_t size)
{
    static struct jb_line lines[JB_ENTRY_LINES_MAX];
    struct jb_buf again = JB_BUF(1024 * 1024);
    size_t n_lines = 0;

    if (jb_entry_lines_from_text(text, size, lines, &n_lines, NULL) == JB_OK) {
        must(jb_entry_lines_to_text(lines, n_lines, &again, NULL) == JB_OK);
        must(again.len == size && (size == 0 || memcmp(again.bytes, text, size) == 0));
    }
    jb_buf_release(&again);
}

static void try_interval(const char *text, size_t size)
{
    struct jb_interval interval;
    struct jb_buf meter = JB_BUF(65536);
    struct jb_buf reading = JB_BUF(65536);

    memset(&interval, 0, sizeof interval);
    if (facts__to_interval(text, size, &interval, NULL) == JB_OK &&
        facts__from_interval(&interval, &meter, &reading, NULL) == JB_OK) {
        struct jb_interval back;
        memset(&back, 0, sizeof back);
        must(facts__to_interval(meter.bytes, meter.len, &back, NULL) == JB_OK);
        must(facts__to_interval(reading.bytes, reading.len, &back, NULL) == JB_OK);
        must(back.energy_uj == interval.energy_uj && strcmp(back.channel, interval.channel) == 0);
    }
    jb_buf_release(&meter);
    jb_buf_release(&reading);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_bytes(data, size);
    try_lines((const char *)data, size);
    try_interval((const char *)data, size);
    return 0;
}
