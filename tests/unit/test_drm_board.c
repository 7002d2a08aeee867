/* SPDX-License-Identifier: Apache-2.0 */
/* Boards by PCI address, and the places of their maker's own order (R-SENSOR-71). */
#include "sensor_rig.h"

#include "sensor/drm_board.h"

static void addresses(void)
{
    ok(drm__is_pci("0000:65:00.0") && drm__is_pci("10000:e1:00.7"), "PCI addresses");
    ok(!drm__is_pci("0000:65:00.8") && !drm__is_pci("0000:65:00") && !drm__is_pci("amdgpu_xcp_1") &&
           !drm__is_pci("0000:65:00.0/x") && !drm__is_pci("") && !drm__is_pci("1-0040") &&
           !drm__is_pci("0000:6G:00.0"),
       "what is none");
}

static void places(void)
{
    struct rig rig;
    struct drm_board boards[DRM_BOARDS_MAX];
    struct drm_board board;
    struct jb_channel channel = {0};

    rig_set_up(&rig, "mi300x");
    const size_t n = drm__boards(&rig.os, boards);
    is_i64((int64_t)n, 3, "three PCI devices with graphics: a partition of a board is none");
    ok(drm__find(&rig.os, "0000:05:00.0", &board) && board.place == 1 && board.vendor == 0x1002 &&
           board.device == 0x74a1,
       "AMD's first, by address");
    is_str(board.card, "card1", "the name of its folder");
    is_str(board.uuid, "GPU-8c3e21d40a9f7b16", "the name that ROCm gives it");
    ok(drm__find(&rig.os, "0000:25:00.0", &board) && board.place == 2,
       "the second, whatever the number of its card");
    is_str(board.uuid, "", "a board that was never given a name has none");
    ok(drm__find(&rig.os, "0000:61:00.0", &board) && board.place == 1,
       "another maker's boards are counted apart");
    ok(!drm__find(&rig.os, "0000:99:00.0", &board), "an address without a board");
    drm__put_board(&rig.os, "0000:25:00.0", &channel);
    ok(channel.board == 2 && strcmp(channel.pci, "0000:25:00.0") == 0, "put into a channel");
    channel = (struct jb_channel){0};
    drm__put_board(&rig.os, "1-0040", &channel);
    ok(channel.board == 0 && channel.pci[0] == '\0', "a meter on an I2C bus is on no board");
    rig_tear_down(&rig);

    rig_set_up(&rig, "flex-i915");
    ok(drm__find(&rig.os, "0000:00:02.0", &board) && board.place == 1, "graphics in the processor");
    ok(drm__find(&rig.os, "0000:4d:00.0", &board) && board.place == 2, "come first in the order");
    rig_put(&rig, "/sys/class/drm/card2/device/vendor", "0x80867\n");
    ok(!drm__find(&rig.os, "0000:b4:00.0", &board), "an id that is none");
    rig_tear_down(&rig);

    rig_set_up(&rig, "empty-vm");
    is_i64((int64_t)drm__boards(&rig.os, boards), 0, "a machine without graphics");
    rig_tear_down(&rig);
}

int main(void)
{
    addresses();
    places();
    return done_testing();
}
