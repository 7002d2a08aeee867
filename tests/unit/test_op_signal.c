/* SPDX-License-Identifier: Apache-2.0 */
/* op_signal.c: transforms by 5 n ceil(log2 n), windows and filters per value. R-COUNT-10. */
#include "op_rig.h"

static void transforms(void)
{
    struct op_rig r;

    /* 2 transforms of 16: 5 x 16 x 4 each */
    rig_begin(&r, "", "DFT", 17);
    rig_in(&r, OM_FLOAT, "2,16,1");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "2,16,2", "DFT along the second axis by itself, until 19");
    is_str(rig_flops(&r), "640", "DFT: 5 n log2 n");
    is_str(rig_macs(&r), "elementwise", "DFT: no dense work");
    rig_end(&r);

    rig_begin(&r, "", "DFT", 20);
    rig_in(&r, OM_FLOAT, "n,10,1");
    om_attr_int(&r.node, "onesided", 1);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "n,6,2", "DFT, one side: 10 / 2 + 1");
    is_str(rig_flops(&r), "200*n", "DFT: 10 values are 4 levels");
    rig_end(&r);

    rig_begin(&r, "", "DFT", 20);
    rig_in(&r, OM_FLOAT, "5,6,7,2");
    rig_in_ints(&r, "8");
    rig_in_ints(&r, "0");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "8,6,7,2", "DFT along an axis that an input tells, to a given length");
    is_str(rig_flops(&r), "5040", "DFT: 42 transforms of 8");
    rig_end(&r);

    rig_begin(&r, "", "DFT", 20);
    rig_in(&r, OM_FLOAT, "2,len,1");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "DFT of an open length: not counted");
    is_str(rig_shape(&r, 0), "2,len,2", "its shape is known all the same");
    rig_end(&r);

    /* (128 - 16) / 8 + 1 = 15 frames, 16 values: window 16, transform 320 */
    rig_begin(&r, "", "STFT", 17);
    rig_in(&r, OM_FLOAT, "3,128,1");
    rig_in_ints(&r, "8");
    rig_in(&r, OM_FLOAT, "16");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "3,15,9,2", "STFT: frames and one side");
    is_str(rig_flops(&r), "15120", "STFT: 45 frames of 336");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "Rfft", 1);
    rig_in(&r, OM_FLOAT, "3,8");
    om_attr_int(&r.node, "signal_ndim", 1);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "3,5,2", "Rfft: half a spectrum");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "Irfft", 1);
    rig_in(&r, OM_FLOAT, "3,5,2");
    om_attr_int(&r.node, "signal_ndim", 1);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "3,8", "Irfft: and back");
    is_str(rig_flops(&r), "360", "Irfft: 3 transforms of 8");
    rig_end(&r);
}

static void windows(void)
{
    static const struct {
        const char *name, *flops;
    } rows[] = {{"HannWindow", "50"}, {"HammingWindow", "50"}, {"BlackmanWindow", "90"}};
    struct op_rig r;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rig_begin(&r, "", rows[i].name, 17);
        rig_in_ints(&r, "10");
        rig_run(&r, 1);
        is_str(rig_shape(&r, 0), "10", "%s: as long as it is told", rows[i].name);
        is_str(rig_flops(&r), rows[i].flops, "%s: operations", rows[i].name);
        rig_end(&r);
    }
    rig_begin(&r, "", "HannWindow", 17);
    rig_in(&r, OM_INT64, "");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "a window of unknown length: not counted");
    rig_end(&r);

    rig_begin(&r, "", "MelWeightMatrix", 17);
    rig_in_ints(&r, "8");
    rig_in_ints(&r, "16");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "9,8", "MelWeightMatrix: 16 / 2 + 1 rows");
    is_str(rig_flops(&r), "144", "MelWeightMatrix: two operations each");
    rig_end(&r);
}

int main(void)
{
    transforms();
    windows();
    return done_testing();
}
