/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If, Loop, Scan and sequences (R-COUNT-09): bodies count as often as they run. Figures are derived by hand in the
 * comments.
 */
#include "count/count_int.h"
#include "onnx_make.h"
#include "tap.h"

static struct jb_error err;
static const struct jb_count_order order;

static void counted(struct om *m, struct jb_count *ret)
{
    *ret = (struct jb_count){0};
    if (jb_count_bytes(om_model(m), "model.onnx", &order, ret, &err))
        diag("%s", err.message);
    om_release(m);
}

static void reads(const struct jb_count *count, struct jb_dim dim, const char *want,
                  const char *what)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(1 << 16);
    if (count->dims)
        jb_dim_print(count->dims, dim, &text);
    is_str(jb_buf_text(&text), want, "%s", what);
}

static bool has_note(const struct jb_count *count, const char *part)
{
    for (size_t i = 0; i < count->n_notes; i++) {
        if (strstr(count->notes[i], part))
            return true;
    }
    return false;
}

/* x [4,8] times a weight [8,n], which lies outside the branch. */
static void branch(struct om *m, const char *weight)
{
    char inputs[16];
    (void)snprintf(inputs, sizeof inputs, "x,%s", weight);
    om_begin(m);
    om_node(m, "MatMul", inputs, "r");
    om_output(m, "r", OM_FLOAT, NULL);
}

static void make_if(struct om *m, const char *then_weight, const char *else_weight)
{
    struct om b;
    om_begin(m);
    om_input(m, "x", OM_FLOAT, "4,8");
    om_input(m, "flag", OM_BOOL, "");
    om_weight(m, "w5", OM_FLOAT, "8,5");
    om_weight(m, "w6", OM_FLOAT, "8,6");
    om_weight(m, "v", OM_FLOAT, "6,1");
    om_node(m, "If", "flag", "y");
    om_node_name(m, "which");
    branch(&b, then_weight);
    om_attr_graph(m, "then_branch", &b);
    branch(&b, else_weight);
    om_attr_graph(m, "else_branch", &b);
}

static void test_if(void)
{
    struct om m;
    struct jb_count c;

    make_if(&m, "w5", "w6");
    om_node(&m, "MatMul", "y,v", "z");
    counted(&m, &c);
    /* else: 4 x 8 x 6 = 192, then the branch's size goes on: 4 x 6 x 1 = 24 */
    reads(&c, c.macs, "216", "the branch with more multiply-adds counts");
    ok(has_note(&c, "branch with more multiply-adds counts: 'which'"), "and a note says so");
    is_i64(c.n_parameters, 40 + 48 + 6, "the weights of both are the model's");
    is_i64(c.n_nodes, 3, "If, one branch, and what follows");
    jb_count_release(&c);
    make_if(&m, "w6", "w5");
    counted(&m, &c);
    reads(&c, c.macs, "192", "whichever branch it is");
    if (c.n_by_layer > 0)
        is_str(c.by_layer[0].name, "which/MatMul_0", "its layers are called by the If");
    jb_count_release(&c);
}

/* Loop over h [2,8]: h = h x w, w [8,8]; y of 64 multiply-adds a row. */
static void make_loop(struct om *m, const char *step, const char *inputs)
{
    struct om b;
    om_begin(m);
    om_input(m, "x", OM_FLOAT, "2,8");
    om_input(m, "n", OM_INT64, "");
    om_ints(m, "five", "", "5");
    om_weight(m, "w", OM_FLOAT, "8,8");
    om_node(m, "Loop", inputs, "h,all");
    om_node_name(m, "again");
    om_begin(&b);
    om_input(&b, "i", OM_INT64, "");
    om_input(&b, "go", OM_BOOL, "");
    om_input(&b, "h0", OM_FLOAT, NULL);
    om_node(&b, step, "h0,w", "h1");
    if (strcmp(step, "Concat") == 0)
        om_attr_int(&b, "axis", 0);
    om_node(&b, "Identity", "go", "go1");
    om_node(&b, "Identity", "h1", "kept");
    om_output(&b, "go1", OM_BOOL, NULL);
    om_output(&b, "h1", OM_FLOAT, NULL);
    om_output(&b, "kept", OM_FLOAT, NULL);
    om_attr_graph(m, "body", &b);
    om_node(m, "MatMul", "all,w", "y");
}

static void test_loop(void)
{
    struct om m;
    struct jb_count c;

    make_loop(&m, "MatMul", "five,,x");
    counted(&m, &c);
    /* 5 x 2 x 64, and what was kept is [5,2,8]: 5 x 2 x 64 more */
    reads(&c, c.macs, "1280", "a body counts as often as it runs");
    is_i64(c.n_parameters, 64, "its weights once");
    ok(!has_note(&c, "stop early"), "a loop without a condition does not stop early");
    jb_count_release(&c);

    make_loop(&m, "MatMul", "n,,x");
    counted(&m, &c);
    reads(&c, c.macs, "256*again.trips", "a number of runs that is not known is a symbol");
    ok(c.n_open == 1 && strcmp(jb_dims_open_at(c.dims, 0), "again.trips") == 0,
       "which can be bound");
    ok(has_note(&c, "how often a loop runs"), "with a note");
    jb_count_release(&c);

    make_loop(&m, "Concat", "five,,x");
    counted(&m, &c);
    /* [2,8] grows by 8 rows each run: no number is true of all runs. y: 5 x (rows + 8) x 64 */
    ok(has_note(&c, "changes from one run"), "a size that grows is told");
    ok(c.n_open == 1 && strcmp(jb_dims_open_at(c.dims, 0), "again.size0.0") == 0,
       "and stands as a symbol");
    reads(&c, c.macs, "320*again.size0.0 + 2560", "with which counting goes on");
    jb_count_release(&c);
}

/* An Elman cell over x [seq,2,8]: s = x_t w + s u. */
static void test_scan(void)
{
    struct om m, b;
    struct jb_count c;

    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "seq,2,8");
    om_input(&m, "s", OM_FLOAT, "2,3");
    om_weight(&m, "w", OM_FLOAT, "8,3");
    om_weight(&m, "u", OM_FLOAT, "3,3");
    om_node(&m, "Scan", "s,x", "last,all");
    om_attr_int(&m, "num_scan_inputs", 1);
    om_begin(&b);
    om_input(&b, "s0", OM_FLOAT, NULL);
    om_input(&b, "xt", OM_FLOAT, NULL);
    om_node(&b, "MatMul", "xt,w", "a");
    om_node(&b, "MatMul", "s0,u", "b");
    om_node(&b, "Add", "a,b", "s1");
    om_node(&b, "Identity", "s1", "o");
    om_output(&b, "s1", OM_FLOAT, NULL);
    om_output(&b, "o", OM_FLOAT, NULL);
    om_attr_graph(&m, "body", &b);
    om_node(&m, "MatMul", "all,u", "y");
    counted(&m, &c);
    /* a step: 2 x 8 x 3 + 2 x 3 x 3 = 66; what was kept, [seq,2,3], by u: 18 a step more */
    reads(&c, c.macs, "84*seq", "a Scan runs as often as its input is long");
    is_i64((int64_t)c.n_missed, 0, "and all of it is counted");
    jb_count_release(&c);
}

static void test_sequences(void)
{
    struct om m, b;
    struct jb_count c;

    /* Three tensors [2,8] stacked to [3,2,8], and joined to [6,8]. */
    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "2,8");
    om_weight(&m, "w", OM_FLOAT, "8,8");
    om_node(&m, "SequenceConstruct", "x,x", "two");
    om_node(&m, "SequenceInsert", "two,x", "three");
    om_node(&m, "ConcatFromSequence", "three", "stack");
    om_attr_int(&m, "axis", 0);
    om_attr_int(&m, "new_axis", 1);
    om_node(&m, "MatMul", "stack,w", "y");
    om_node(&m, "ConcatFromSequence", "three", "joined");
    om_attr_int(&m, "axis", 0);
    om_node(&m, "MatMul", "joined,w", "z");
    counted(&m, &c);
    reads(&c, c.macs, "768", "stacked 3 x 2 x 64, joined 6 x 64");
    jb_count_release(&c);

    /* [6,8] in parts of two rows: a body for each of three. */
    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "6,8");
    om_ints(&m, "two", "", "2");
    om_weight(&m, "w", OM_FLOAT, "8,8");
    om_node(&m, "SplitToSequence", "x,two", "parts");
    om_node(&m, "SequenceMap", "parts", "mapped");
    om_begin(&b);
    om_input(&b, "p", OM_FLOAT, NULL);
    om_node(&b, "MatMul", "p,w", "q");
    om_output(&b, "q", OM_FLOAT, NULL);
    om_attr_graph(&m, "body", &b);
    om_ints(&m, "zero", "", "0");
    om_node(&m, "SequenceAt", "mapped,zero", "first");
    om_node(&m, "MatMul", "first,w", "y");
    counted(&m, &c);
    reads(&c, c.macs, "512", "3 x 2 x 64 in the body, 2 x 64 after it");
    jb_count_release(&c);
}

/* Ifs within Ifs. */
static void test_hostile(void)
{
    struct om m, inner, outer;
    struct jb_count c = {0};

    om_begin(&inner);
    om_node(&inner, "Identity", "x", "r");
    om_output(&inner, "r", OM_FLOAT, NULL);
    for (int i = 0; i < 70; i++) {
        om_begin(&outer);
        om_node(&outer, "If", "flag", "r");
        om_attr_graph(&outer, "then_branch", &inner);
        om_begin(&inner);
        om_node(&inner, "Identity", "x", "r");
        om_output(&inner, "r", OM_FLOAT, NULL);
        om_attr_graph(&outer, "else_branch", &inner);
        om_output(&outer, "r", OM_FLOAT, NULL);
        inner = outer;
    }
    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "2,8");
    om_input(&m, "flag", OM_BOOL, "");
    om_node(&m, "If", "flag", "r");
    om_attr_graph(&m, "then_branch", &inner);
    om_begin(&inner);
    om_node(&inner, "Identity", "x", "r");
    om_attr_graph(&m, "else_branch", &inner);
    is_i64(jb_count_bytes(om_model(&m), "m", &order, &c, &err), JB_E_RANGE,
           "graphs 70 deep are refused");
    om_release(&m);
    jb_count_release(&c);

    om_begin(&m);
    om_input(&m, "flag", OM_BOOL, "");
    om_node(&m, "If", "flag", "r");
    is_i64(jb_count_bytes(om_model(&m), "m", &order, &c, &err), JB_E_INPUT,
           "an If without branches is refused");
    om_release(&m);
}

int main(void)
{
    test_if();
    test_loop();
    test_scan();
    test_sequences();
    test_hostile();
    return done_testing();
}
