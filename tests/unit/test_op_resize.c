/* SPDX-License-Identifier: Apache-2.0 */
/* Images, grids: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Resize", 13, "f:1,3,h,w||r=1,1,2,2", "mode:t=nearest", "1:1,3,2*h,2*w", "", NULL},
    {"Resize", 13, "f:1,1,4,4||i=1,1,2,2", "mode:t=linear", "1:1,1,8,8", "448", NULL},
    {"Resize", 13, "f:1,1,4,4||r=1,1,0.6,0.6", "mode:t=cubic", "1:1,1,2,2", "124", NULL},
    {"Resize", 13, "f:1,1,4,4|||i=1,1,3,7", "", "1:1,1,3,7", "", NULL},
    {"Resize", 10, "f:1,1,4,4|r=1,1,2,0.5", "mode:t=linear", "1:1,1,8,2", "112", NULL},
    {"Resize", 18, "f:1,1,4,6|||i=8,6", "axes:l=2,3;keep_aspect_ratio_policy:t=not_larger",
     "1:1,1,4,6", "", NULL},
    {"Resize", 18, "f:1,1,4,6|||i=8,6", "axes:l=2,3;keep_aspect_ratio_policy:t=not_smaller",
     "1:1,1,8,12", "", NULL},
    {"Resize", 18, "f:1,1,4,4||r=0.5,0.5", "axes:l=2,3;mode:t=linear;antialias:i=1", "1:1,1,2,2",
     "-", NULL},
    {"Resize", 13, "f:1,1,4,4||f:4", "", "1:N.0,N.1,N.2,N.3", "", NULL},
    {"Resize", 18, "f:1,1,4,9000000000000000000|||i=9000000000000000000,4",
     "axes:l=2,3;keep_aspect_ratio_policy:t=not_smaller", "1:1,1,?,?", "", NULL},
    {"Upsample", 9, "f:1,1,4,4|r=1,1,2,3", "", "1:1,1,8,12", "", NULL},
    {"Upsample", 7, "f:1,1,4,4", "scales:r=1,1,2,3", "1:1,1,8,12", "", NULL},
    {"Upsample", 1, "f:1,1,4,4", "height_scale:f=2;width_scale:f=1.5", "1:1,1,8,6", "", NULL},
    {"DepthToSpace", 13, "f:1,8,2,n", "blocksize:i=2", "1:1,2,4,2*n", "", NULL},
    {"SpaceToDepth", 13, "f:1,2,4,6", "blocksize:i=2", "1:1,8,2,3", "", NULL},
    {"AffineGrid", 20, "f:2,2,3|i=2,3,5,6", "", "1:2,5,6,2", "480", NULL},
    {"AffineGrid", 20, "f:2,3,4|i=2,3,4,5,6", "", "1:2,4,5,6,3", "4320", NULL},
    {"com.microsoft:CropAndResize", 1, "f:1,3,9,9|f:2,4|l:2|i=4,5", "", "1:2,3,4,5", "840", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
