/* SPDX-License-Identifier: Apache-2.0 */
/* op_recurrent.c: steps x batch x directions x gates x (input + hidden) x hidden, by hand. R-COUNT-10. */
#include "op_rig.h"

struct row {
    const char *what, *domain, *name, *direction;
    int64_t layout;
    const char *x, *w, *r, *y, *y_h, *macs;
};

static const struct row rows[] = {
    /* 10 x 3 x 1 x 4 x (5 + 7) x 7 */
    {"LSTM", "", "LSTM", NULL, 0, "10,3,5", "1,28,5", "1,28,7", "10,1,3,7", "1,3,7", "10080"},
    {"LSTM in both directions", "", "LSTM", "bidirectional", 0, "10,3,5", "2,28,5", "2,28,7",
     "10,2,3,7", "2,3,7", "20160"},
    {"LSTM backwards is one direction", "", "LSTM", "reverse", 0, "10,3,5", "1,28,5", "1,28,7",
     "10,1,3,7", "1,3,7", "10080"},
    {"LSTM, batch first", "", "LSTM", NULL, 1, "3,10,5", "1,28,5", "1,28,7", "3,10,1,7", "3,1,7",
     "10080"},
    /* 3 gates: 10 x 3 x 3 x 12 x 7 */
    {"GRU", "", "GRU", NULL, 0, "10,3,5", "1,21,5", "1,21,7", "10,1,3,7", "1,3,7", "7560"},
    /* 10 x 3 x 12 x 7 */
    {"RNN", "", "RNN", NULL, 0, "10,3,5", "1,7,5", "1,7,7", "10,1,3,7", "1,3,7", "2520"},
    {"LSTM of 650 over open sizes: 4 x 1300 x 650", "", "LSTM", NULL, 0, "seq,batch,650",
     "1,2600,650", "1,2600,650", "seq,1,batch,650", "1,batch,650", "3380000*seq*batch"},
    {"quantised: weights stand the other way", "com.microsoft", "DynamicQuantizeLSTM", NULL, 0,
     "10,3,5", "1,5,28", "1,7,28", "10,1,3,7", "1,3,7", "10080"},
};

/* One hidden unit, one step of the LSTM below: 3 sigmoids of 4 operations, 2 tanh, cell of 4. */
static void beside(void)
{
    struct op_rig r;
    const int with = 1;

    for (int has_all = 0; has_all <= with; has_all++) {
        rig_begin(&r, "", "LSTM", 14);
        rig_in(&r, OM_FLOAT, "1,1,5");
        rig_in(&r, OM_FLOAT, "1,4,5");
        rig_in(&r, OM_FLOAT, "1,4,1");
        rig_in(&r, OM_FLOAT, has_all ? "1,8" : NULL);
        rig_in(&r, OM_INT32, NULL);
        rig_in(&r, OM_FLOAT, NULL);
        rig_in(&r, OM_FLOAT, NULL);
        rig_in(&r, OM_FLOAT, has_all ? "1,3" : NULL);
        rig_run(&r, 3);
        const int64_t activations = 3 * 4 + 2;
        ok(jb_dim_is(r.call.work.flops, activations + 4 + (has_all ? 8 + 6 : 0)),
           has_all ? "two biases of each gate are 8 sums, peepholes 3 products and 3 sums"
                   : "without bias: activations and the cell");
        is_str(rig_shape(&r, 2), "1,1,1", "the state of the cell is a third output");
        rig_end(&r);
    }
}

int main(void)
{
    struct op_rig r;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rig_begin(&r, rows[i].domain, rows[i].name, 14);
        rig_in(&r, OM_FLOAT, rows[i].x);
        rig_in(&r, OM_FLOAT, rows[i].w);
        rig_in(&r, OM_FLOAT, rows[i].r);
        om_attr_int(&r.node, "hidden_size", 7);
        om_attr_int(&r.node, "layout", rows[i].layout);
        if (rows[i].direction)
            om_attr_text(&r.node, "direction", rows[i].direction);
        rig_run(&r, 2);
        is_str(rig_shape(&r, 0), rows[i].y, "%s: all states", rows[i].what);
        is_str(rig_shape(&r, 1), rows[i].y_h, "%s: the last state", rows[i].what);
        is_str(rig_macs(&r), rows[i].macs, "%s: multiply-adds", rows[i].what);
        rig_end(&r);
    }
    beside();

    rig_begin(&r, "", "GRU", 14);
    rig_in(&r, OM_FLOAT, "10,3,5");
    rig_in(&r, OM_FLOAT, "*");
    rig_in(&r, OM_FLOAT, "*");
    om_attr_int(&r.node, "hidden_size", 7);
    rig_run(&r, 2);
    is_str(rig_macs(&r), "7560", "weights of unknown sizes: the attribute tells the hidden size");
    rig_end(&r);

    rig_begin(&r, "", "GRU", 14);
    rig_in(&r, OM_FLOAT, "10,3,5");
    rig_in(&r, OM_FLOAT, "*");
    rig_in(&r, OM_FLOAT, "*");
    rig_run(&r, 2);
    is_str(rig_macs(&r), "not counted", "without any hidden size: not counted");
    rig_end(&r);
    return done_testing();
}
