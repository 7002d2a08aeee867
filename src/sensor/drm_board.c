/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /sys/class/drm to boards: which PCI devices carry graphics, and the place of each among its maker's, by which a run's
 * environment may name it (ROCR_VISIBLE_DEVICES=1). Reads names and two ids, and wakes nothing. Rule R-SENSOR-71.
 */
#include "sensor/drm_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "sensor/sensor_int.h"

#define CLASS_FOLDER "/sys/class/drm"

static bool is_hex(const char *text, size_t len)
{
    return strspn(text, "0123456789abcdef") >= len;
}

bool drm__is_pci(const char *text)
{
    const size_t domain = strspn(text, "0123456789abcdef");
    const char *const at = text + domain;

    return (domain == 4 || domain == 5) && strlen(at) == 8 && at[0] == ':' && is_hex(at + 1, 2) &&
           at[3] == ':' && is_hex(at + 4, 2) && at[6] == '.' && at[7] >= '0' && at[7] <= '7';
}

/* "card12", not "card0-DP-1" (a connector) nor "renderD128". */
static bool is_card(const char *name)
{
    return strncmp(name, "card", 4) == 0 && name[4] != '\0' &&
           strspn(name + 4, "0123456789") == strlen(name + 4);
}

/* "0x1002". */
static bool read_id(const struct jb_os *os, const char *folder, const char *name, uint16_t *ret)
{
    char text[SENSOR_NAME_MAX];
    uint32_t id = 0;

    if (sensor__text(os, folder, name, text, sizeof text) != 6 || strncmp(text, "0x", 2) != 0 ||
        !is_hex(text + 2, 4))
        return false;
    for (const char *at = text + 2; *at != '\0'; at++)
        id = id * 16 + (uint32_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    *ret = (uint16_t)id;
    return true;
}

/* R-SENSOR-71: 16 hexadecimal digits; all nought where the board was never given any. */
static void read_unique_id(const struct jb_os *os, const char *folder, struct drm_board *board)
{
    char text[SENSOR_NAME_MAX];

    if (board->vendor != DRM_VENDOR_AMD ||
        sensor__text(os, folder, "unique_id", text, sizeof text) != 16 || !is_hex(text, 16) ||
        strspn(text, "0") == 16)
        return;
    (void)snprintf(board->uuid, sizeof board->uuid, "GPU-%s", text);
}

static bool read_board(const struct jb_os *os, const char *card, struct drm_board *ret)
{
    char device[SENSOR_PATH_MAX];
    char real[SENSOR_PATH_MAX];

    *ret = (struct drm_board){0};
    (void)snprintf(device, sizeof device, CLASS_FOLDER "/%.40s/device", card);
    if (os->real_path(os->context, device, real, sizeof real) <= 0)
        return false;
    const char *const place = strrchr(real, '/');
    /* A partition of a board (amdgpu_xcp_1) sits on no PCI device of its own. */
    if (!place || !drm__is_pci(place + 1))
        return false;
    (void)snprintf(ret->pci, sizeof ret->pci, "%s", place + 1);
    (void)snprintf(ret->card, sizeof ret->card, "%s", card);
    if (!read_id(os, device, "vendor", &ret->vendor) ||
        !read_id(os, device, "device", &ret->device))
        return false;
    read_unique_id(os, device, ret);
    return true;
}

static int compare_boards(const void *a, const void *b)
{
    const struct drm_board *const one = a;
    const struct drm_board *const two = b;

    if (one->vendor != two->vendor)
        return one->vendor < two->vendor ? -1 : 1;
    if (strlen(one->pci) != strlen(two->pci))
        return strlen(one->pci) < strlen(two->pci) ? -1 : 1;
    return strcmp(one->pci, two->pci);
}

size_t drm__boards(const struct jb_os *os, struct drm_board boards[DRM_BOARDS_MAX])
{
    JB_AUTO(sensor__names_release) struct sensor_names names = {0};
    size_t n = 0;

    if (sensor__list(os, CLASS_FOLDER, &names) < 0)
        return 0;
    for (size_t i = 0; i < names.n && n < DRM_BOARDS_MAX; i++)
        if (is_card(names.items[i]) && read_board(os, names.items[i], &boards[n]))
            n++;
    if (n > 1)
        qsort(boards, n, sizeof boards[0], compare_boards);
    for (size_t i = 0; i < n; i++)
        boards[i].place =
            i > 0 && boards[i].vendor == boards[i - 1].vendor ? boards[i - 1].place + 1 : 1;
    return n;
}

bool drm__find(const struct jb_os *os, const char *pci, struct drm_board *ret)
{
    struct drm_board boards[DRM_BOARDS_MAX];
    const size_t n = drm__is_pci(pci) ? drm__boards(os, boards) : 0;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(boards[i].pci, pci) != 0)
            continue;
        *ret = boards[i];
        return true;
    }
    return false;
}

void drm__put_board(const struct jb_os *os, const char *place, struct jb_channel *channel)
{
    struct drm_board board;

    if (!drm__is_pci(place))
        return;
    (void)snprintf(channel->pci, sizeof channel->pci, "%s", place);
    if (!drm__find(os, place, &board))
        return;
    channel->board = board.place;
    (void)snprintf(channel->uuid, sizeof channel->uuid, "%s", board.uuid);
}
