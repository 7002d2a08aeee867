/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign bytes as a chunk of a series: read within bounds, times that never fall, values in range; and what was read
 * can be written and read again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "sample/series.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_series_point points[JB_SERIES_CHUNK_SAMPLES];
    struct jb_series_writer *writer = NULL;
    struct jb_buf out = JB_BUF(4096);
    enum jb_series_kind kind;
    size_t n;
    size_t used;

    if (jb_series_read(data, size, &kind, points, &n, &used, NULL) < 0)
        return 0;
    check(n >= 1 && n <= JB_SERIES_CHUNK_SAMPLES && used <= size);
    if (jb_series_writer_new(kind, &writer) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        check(points[i].value >= 0 && (i == 0 || points[i].mono_ns >= points[i - 1].mono_ns));
        if (jb_series_write(writer, points[i].mono_ns, points[i].value, &out) < 0)
            break;
    }
    check(jb_series_writer_cut(writer, &out) == JB_OK);
    check(out.len <= (size_t)2 * JB_SERIES_CHUNK_SAMPLES);
    if (out.len > 0)
        check(jb_series_read(out.bytes, out.len, &kind, points, &n, &used, NULL) == JB_OK &&
              used == out.len);
    jb_series_writer_free(writer);
    jb_buf_release(&out);
    return 0;
}
