/* SPDX-License-Identifier: Apache-2.0 */
/* op_window.c: positions of windows, over numbers one by one against sliding the window, and over open sizes. R-COUNT-10. */
#include "count/op_dense_int.h"
#include "op_rig.h"

/* Slides the window from -begin and counts until its last value is behind the padding. */
static int64_t slide(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t begin,
                     int64_t end, bool is_ceil)
{
    const int64_t edge = in + end - 1;
    int64_t n = 0, at = -begin, last = at + dilation * (kernel - 1);

    for (; last <= edge; n++) {
        at += stride;
        last += stride;
    }
    /* Rounding up takes one more where values are left over, unless it would begin in the padding behind. */
    const bool is_left_over = last - stride < edge;
    return n + (is_ceil && is_left_over && at < in ? 1 : 0);
}

static void against_sliding(struct jb_dims *dims)
{
    int64_t n_wrong = 0, n = 0;

    for (int64_t in = 5; in <= 12; in++) {
        for (int64_t kernel = 1; kernel <= 3; kernel++) {
            for (int64_t stride = 1; stride <= 4; stride++) {
                for (int64_t dilation = 1; dilation <= 2; dilation++) {
                    for (int64_t pad = 0; pad <= kernel / 2; pad++) {
                        for (int is_ceil = 0; is_ceil < 2; is_ceil++) {
                            struct op_window w = {.n = 1, .is_ceil = is_ceil != 0};
                            w.kernel[0] = jb_dim_number(kernel);
                            w.stride[0] = stride;
                            w.dilation[0] = dilation;
                            dense__window_set_pads(&w, (int64_t[]){pad, pad});
                            const struct jb_dim got =
                                dense__window_out(dims, &w, 0, jb_dim_number(in));
                            n++;
                            n_wrong += !jb_dim_is(
                                got, slide(in, kernel, stride, dilation, pad, pad, is_ceil != 0));
                        }
                    }
                }
            }
        }
    }
    is_i64(n_wrong, 0, "%d windows have as many positions as sliding them finds", (int)n);
}

int main(void)
{
    struct op_rig r;

    rig_begin(&r, "", "Conv", 11);
    against_sliding(r.dims);
    rig_end(&r);

    rig_begin(&r, "", "Conv", 11);
    rig_in(&r, OM_FLOAT, "1,1,2*h");
    rig_in(&r, OM_FLOAT, "1,1,3");
    om_attr_ints(&r.node, "strides", "2");
    om_attr_ints(&r.node, "pads", "1,1");
    rig_run(&r, 1);
    ok(r.out[0].is_ranked && r.out[0].dims[2].kind == JB_DIM_POLY,
       "a stride over an open size stays open: a floor by its name");
    ok(r.call.work.kind == JB_WORK_DENSE && r.call.work.macs.kind == JB_DIM_POLY,
       "and the work with it");
    rig_end(&r);
    return done_testing();
}
