/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a ceiling given at birth. Once an append fails, it stays failed: check once, at the end. */
#ifndef JB_BASE_BUF_H
#define JB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct jb_buf {
    char *bytes; /* NUL-terminated once anything was appended; NULL before */
    size_t len;
    size_t capacity;
    size_t max;   /* appending beyond it fails */
    jb_rc failed; /* JB_OK, JB_E_NOMEM or JB_E_RANGE (over the ceiling) */
};

#define JB_BUF(max_bytes) ((struct jb_buf){.max = (max_bytes)})

void jb_buf_release(struct jb_buf *buf);
void jb_buf_clear(struct jb_buf *buf); /* empty, reusable, capacity kept, failure forgotten */

void jb_buf_add(struct jb_buf *buf, const void *bytes, size_t len);
void jb_buf_add_text(struct jb_buf *buf, const char *text);
void jb_buf_addf(struct jb_buf *buf, const char *format, ...) JB_PRINTF(2, 3);
void jb_buf_add_u8(struct jb_buf *buf, uint8_t value);
void jb_buf_add_u16(struct jb_buf *buf, uint16_t value); /* little-endian, as all of these */
void jb_buf_add_u32(struct jb_buf *buf, uint32_t value);
void jb_buf_add_u64(struct jb_buf *buf, uint64_t value);
void jb_buf_add_uvarint(struct jb_buf *buf, uint64_t value); /* LEB128 */
void jb_buf_add_svarint(struct jb_buf *buf, int64_t value);  /* zigzag, then LEB128 */

/* A field of a CSV line (RFC 4180), quoted where needed; no separator. Text that a spreadsheet would run as a formula
 * gets a leading apostrophe. */
void jb_buf_add_csv(struct jb_buf *buf, const char *text);

/* The text so far, "" if nothing was appended; borrowed. */
const char *jb_buf_text(const struct jb_buf *buf);

#endif
