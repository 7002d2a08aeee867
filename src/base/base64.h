/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of RFC 4648, section 4: padded, one form for one value. For what is public: decoding does not hide how long it took. */
#ifndef JB_BASE_BASE64_H
#define JB_BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

void jb_base64_add(struct jb_buf *out, const void *bytes, size_t len);
/* Into ret_bytes[max] (what stands there after a failure means nothing); JB_E_INPUT for anything but what jb_base64_add
 * writes, JB_E_RANGE if there is no room. */
JB_MUST_USE jb_rc jb_base64_decode(const char *text, size_t len, void *ret_bytes, size_t max,
                                   size_t *ret_len);

#endif
