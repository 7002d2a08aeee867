/* SPDX-License-Identifier: Apache-2.0 */
/* The graphics boards that the kernel's DRM drivers have, by PCI address, with their place among their maker's own. */
#ifndef JB_SENSOR_DRM_BOARD_H
#define JB_SENSOR_DRM_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/os.h"
#include "model/channel.h"

#define DRM_BOARDS_MAX 64
#define DRM_VENDOR_AMD 0x1002

struct drm_board {
    char pci[16];  /* "0000:65:00.0" */
    char card[16]; /* "card1" */
    uint16_t vendor, device;
    char uuid[24]; /* "GPU-1f5c5b5d0a9c3e21", as ROCm names it; "" where the board has none */
    int32_t place; /* among the vendor's boards, by PCI address, from 1 */
};

/* "0000:65:00.0", lower case, as the kernel writes it. */
bool drm__is_pci(const char *text);

/* Sorted by vendor and address; the number found, 0 without the class. R-SENSOR-71. */
size_t drm__boards(const struct jb_os *os, struct drm_board boards[DRM_BOARDS_MAX]);

/* The board at that address; false if no DRM driver has it. */
bool drm__find(const struct jb_os *os, const char *pci, struct drm_board *ret);

/* Fills pci, uuid and board of a channel whose meter sits on `place`; leaves them empty where that is no PCI board. */
void drm__put_board(const struct jb_os *os, const char *place, struct jb_channel *channel);

#endif
