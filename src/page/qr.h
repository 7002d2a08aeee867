/* SPDX-License-Identifier: Apache-2.0 */
/* A text as a QR code (ISO/IEC 18004), by libqrencode where it is installed. R-PAGE-14: docs/method/pages.md. */
#ifndef JB_PAGE_QR_H
#define JB_PAGE_QR_H

#include <stdbool.h>

#include "page/picture.h"

/* ASCII, for readers guess at anything else. `side_px` wide with its margin of four modules, error correction M; black on white in any theme. JB_E_UNAVAILABLE where the
 * library is missing, JB_E_PERMISSION where the program carries a capability. */
JB_MUST_USE jb_rc jb_qr_draw(const char *text, const char *title, const char *description,
                             int side_px, bool is_privileged, struct jb_picture *ret,
                             struct jb_error *err);

#endif
