/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graphs walked and added up (R-COUNT-02 to -09): multiply-adds and parameters of small models derived by hand in the
 * comments. Models are made byte by byte (tests/onnx_make.h).
 */
#include "count/count_int.h"
#include "count/walk_int.h"
#include "onnx_make.h"
#include "tap.h"

static struct jb_error err;
static struct jb_count_order order;

/* Counts m and releases it; the count is empty where that fails. */
static jb_rc count(struct om *m, struct jb_count *ret)
{
    *ret = (struct jb_count){0};
    err = (struct jb_error){0};
    const jb_rc rc = jb_count_bytes(om_model(m), "model.onnx", &order, ret, &err);
    om_release(m);
    return rc;
}

static void counted(struct om *m, struct jb_count *ret)
{
    if (count(m, ret))
        diag("%s", err.message);
}

static void bind(const char *name, int64_t value)
{
    struct jb_count_binding *const binding = &order.bindings[order.n_bindings++];
    (void)snprintf(binding->name, sizeof binding->name, "%s", name);
    binding->value = value;
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
    for (size_t i = 0; i < count->n_notes; i++)
        diag("note: %s", count->notes[i]);
    return false;
}

static const struct jb_count_missed *missed(const struct jb_count *count, const char *name)
{
    for (size_t i = 0; i < count->n_missed; i++) {
        if (strcmp(count->missed[i].name, name) == 0)
            return &count->missed[i];
    }
    return NULL;
}

/* 784 -> 128 -> 10: Gemm with biases. */
static void make_mlp(struct om *m, const char *input)
{
    om_begin(m);
    om_input(m, "x", OM_FLOAT, input);
    om_weight(m, "w1", OM_FLOAT, "128,784");
    om_weight(m, "b1", OM_FLOAT, "128");
    om_weight(m, "w2", OM_FLOAT, "10,128");
    om_weight(m, "b2", OM_FLOAT, "10");
    om_node(m, "Gemm", "x,w1,b1", "h");
    om_node_name(m, "fc1");
    om_attr_int(m, "transB", 1);
    om_node(m, "Gemm", "h,w2,b2", "y");
    om_attr_int(m, "transB", 1);
    om_output(m, "y", OM_FLOAT, NULL);
}

static void test_mlp(void)
{
    struct om m;
    struct jb_count c;

    make_mlp(&m, "32,784");
    counted(&m, &c);
    /* 32 x (784 x 128 + 128 x 10) = 32 x 101,632; two operations each, and a bias per output: 32 x 138. */
    reads(&c, c.macs, "3252224", "an MLP's multiply-adds");
    reads(&c, c.flops, "6508864", "and operations: 2 x 3,252,224 + 32 x 138");
    is_i64(c.n_parameters, 784 * 128 + 128 + 128 * 10 + 10, "101,770 parameters");
    is_i64(c.n_trainable, 101770, "all of them trained");
    is_i64(c.parameter_bytes, 4 * 101770, "of four bytes");
    is_i64(c.n_buffers, 0, "nothing else is stored");
    is_i64(c.n_tied, 0, "nothing is tied");
    is_i64(c.n_embedding, 0, "nor looked up");
    is_i64(c.n_active, 101770, "and a token meets all");
    reads(&c, c.examples, "32", "32 examples");
    reads(&c, c.tokens, "?", "of no tokens");
    /* x, w1, b1, h; h, w2, b2, y: (25,088 + 100,352 + 128 + 4,096 + 4,096 + 1,280 + 10 + 320) x 4 */
    reads(&c, c.bytes, "541480", "bytes in and out of each node once");
    is_i64(c.n_nodes, 2, "two nodes");
    is_i64((int64_t)c.n_by_op, 1, "of one operator");
    is_i64((int64_t)c.n_by_layer, 2, "two layers");
    is_i64((int64_t)c.n_missed, 0, "nothing is missing");
    is_i64((int64_t)c.n_notes, 0, "nothing is worth a note");
    is_i64((int64_t)c.n_open, 0, "no size is open");
    if (c.n_by_layer == 2 && c.n_by_op == 1 && c.n_by_type == 1) {
        is_str(c.by_layer[0].name, "fc1", "a layer is called as its node");
        is_str(c.by_layer[1].name, "Gemm_1", "or by its operator and place");
        is_i64(c.by_layer[1].n_parameters, 1290, "and has its own parameters");
        reads(&c, c.by_layer[1].macs, "40960", "and multiply-adds");
        is_i64(c.by_op[0].n, 2, "both are one row by operator");
        is_i64(c.by_op[0].n_parameters, 101770, "with all parameters");
        is_str(c.by_type[0].name, "float32", "multiplied in one type");
        is_i64(c.by_type[0].n_parameters, 101770, "and stored in it");
    } else {
        ok(false, "rows are as many as expected");
    }
    is_i64((int64_t)strlen(c.digest), 64, "the model has a digest");
    jb_count_release(&c);
}

static void test_symbols(void)
{
    struct om m;
    struct jb_count c;

    make_mlp(&m, "batch,784");
    counted(&m, &c);
    reads(&c, c.macs, "101632*batch", "an open batch stays in the count");
    reads(&c, c.examples, "batch", "and is the examples");
    is_i64((int64_t)c.n_open, 1, "it is open");
    jb_count_release(&c);

    bind("batch", 32);
    make_mlp(&m, "batch,784");
    counted(&m, &c);
    reads(&c, c.macs, "3252224", "bound, it is a number");
    is_i64((int64_t)c.n_open, 0, "and open no more");
    jb_count_release(&c);
    make_mlp(&m, "N,784");
    is_i64(count(&m, &c), JB_E_INPUT, "a name that is not there is refused");
    ok(strstr(err.message, "'batch'") && strstr(err.hint, "N"), "with the one that is");
    order = (struct jb_count_order){0};

    make_mlp(&m, "?,784");
    counted(&m, &c);
    reads(&c, c.macs, "101632*x.0", "a size without a name is called by its input");
    jb_count_release(&c);
    make_mlp(&m, "0,784");
    counted(&m, &c);
    reads(&c, c.macs, "101632*x.0", "and a size of 0 is taken for an open one");
    ok(has_note(&c, "size of 0"), "with a note");
    jb_count_release(&c);
}

/* Examples and tokens of a model of two inputs. */
static void passes(int64_t type, const char *first, int64_t other_type, const char *second,
                   const char *examples, const char *tokens)
{
    struct om m;
    struct jb_count c;

    om_begin(&m);
    om_input(&m, "a", type, first);
    om_input(&m, "b", other_type, second);
    om_node(&m, "Shape", "a", "c");
    om_node(&m, "Shape", "b", "d");
    counted(&m, &c);
    reads(&c, c.examples, examples, "examples of inputs that may share a first size");
    reads(&c, c.tokens, tokens, "and their tokens");
    jb_count_release(&c);
}

static void test_examples(void)
{
    passes(OM_INT64, "B,S", OM_INT64, "B,S", "B", "B*S");
    passes(OM_INT64, "B,S", OM_INT64, "1,S", "B", "B*S");     /* positions, for all examples */
    passes(OM_INT64, "1,S", OM_INT64, "B,S", "B", "S*B");     /* whichever comes first */
    passes(OM_INT64, "B,S", OM_FLOAT, "1,1,S,S", "B", "B*S"); /* a mask for all */
    passes(OM_INT64, "1,S", OM_INT64, "1,S", "1", "S");
    passes(OM_INT64, "2,S", OM_INT64, "3,S", "?", "?");
    /* An image and a table beside it: 1 is said of an image, 196 is no batch. */
    passes(OM_FLOAT, "1,3,224,224", OM_FLOAT, "196,768", "?", "?");
}

/* PyTorch writes a zero bias as long as the weight's Shape says, in the weight's type: the weight serves the Conv alone. */
static void test_asked(void)
{
    struct om m;
    struct jb_count c;

    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "N,3,8,8");
    om_weight(&m, "w", OM_FLOAT, "4,3,3,3");
    om_weight(&m, "z", OM_FLOAT, "4");
    om_node(&m, "Shape", "w", "sizes");
    om_node(&m, "Size", "w", "size");
    om_node(&m, "CastLike", "z,w", "bias");
    om_node(&m, "Conv", "x,w,bias", "y");
    om_output(&m, "y", OM_FLOAT, NULL);
    counted(&m, &c);
    is_i64(c.n_parameters, 4 * 27 + 4, "a weight asked for its type and sizes is a weight");
    is_i64(c.n_tied, 0, "but not tied by that");
    is_i64((int64_t)c.n_by_layer, 1, "and its layer is");
    if (c.n_by_layer == 1) {
        is_str(c.by_layer[0].detail, "Conv", "the one that computes with it");
        is_i64(c.by_layer[0].n_parameters, 112, "with all of it");
    }
    jb_count_release(&c);
}

/* PyTorch puts the gates of an LSTM in the order of ONNX by three slices of each weight. */
static void test_parts(void)
{
    for (int is_shared = 0; is_shared < 2; is_shared++) {
        struct om m;
        struct jb_count c;

        om_begin(&m);
        om_input(&m, "x", OM_FLOAT, "N,8");
        om_weight(&m, "w", OM_FLOAT, "8,6");
        om_ints(&m, "zero", "1", "0");
        om_ints(&m, "three", "1", "3");
        om_ints(&m, "six", "1", "6");
        om_ints(&m, "axis", "1", "1");
        om_node(&m, "Slice", "w,zero,three,axis", "a");
        om_node(&m, "Slice", "w,three,six,axis", "b");
        om_node(&m, "Concat", "b,a", "ba");
        om_attr_int(&m, "axis", 1);
        om_node(&m, "MatMul", is_shared ? "x,w" : "x,ba", "y");
        om_output(&m, "y", OM_FLOAT, NULL);
        counted(&m, &c);
        is_i64(c.n_parameters, 48, "a weight in parts counts once");
        is_i64(c.n_tied, is_shared ? 48 : 0, "and is tied by what uses it beside its parts alone");
        reads(&c, c.macs, "48*N", "its multiply-adds are of all parts");
        jb_count_release(&c);
    }
}

static void test_missed(void)
{
    struct om m;
    struct jb_count c;

    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "2,3");
    om_weight(&m, "w", OM_FLOAT, "3,4");
    om_weight(&m, "unused", OM_FLOAT, "5,5");
    om_node(&m, "Frobnicate", "x", "h");
    om_node_domain(&m, "com.example");
    om_node(&m, "MatMul", "h,w", "y");
    om_node(&m, "MatMul", "nowhere,w", "z");
    om_output(&m, "y", OM_FLOAT, NULL);
    counted(&m, &c);
    const struct jb_count_missed *const unknown = missed(&c, "com.example.Frobnicate");
    ok(unknown && unknown->n == 1 && unknown->is_compute, "an unknown operator is listed");
    const struct jb_count_missed *const open = missed(&c, "MatMul");
    ok(open && open->n == 2 && open->is_compute, "and so is what it leaves without sizes");
    reads(&c, c.macs, "0", "none of them is in the sum");
    is_i64(c.n_tied, 12, "a weight used twice is tied");
    is_i64(c.n_parameters, 12, "and counted once");
    is_i64(c.n_buffers, 25, "what nobody uses is no parameter");
    ok(has_note(&c, "no node uses: 1, with 25 elements"), "and noted");
    ok(has_note(&c, "'nowhere'"), "as is a value that nothing makes");
    jb_count_release(&c);

    /* What the file declares stands where nothing can be computed. */
    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "2,3");
    om_weight(&m, "w", OM_FLOAT, "3,4");
    om_node(&m, "Frobnicate", "x", "h");
    om_node(&m, "MatMul", "h,w", "y");
    om_value(&m, "h", OM_FLOAT, "7,3");
    om_output(&m, "y", OM_FLOAT, "8,4");
    counted(&m, &c);
    reads(&c, c.macs, "84", "7 x 3 x 4 by what is declared");
    ok(has_note(&c, "declared with other sizes"), "a contradiction is noted");
    jb_count_release(&c);
}

static void test_digest(void)
{
    struct om m;
    struct jb_count one, other, third;

    make_mlp(&m, "32,784");
    counted(&m, &one);
    make_mlp(&m, "32,784");
    om_node(&m, "Relu", "y", "z");
    counted(&m, &other);
    make_mlp(&m, "32,784");
    counted(&m, &third);
    ok(strcmp(one.digest, other.digest) != 0, "a node more is another model");
    is_str(third.digest, one.digest, "the same graph is the same");
    jb_count_release(&one);
    jb_count_release(&other);
    jb_count_release(&third);
}

/* --- functions --------------------------------------------------------------------------------------------------- */

/* my.Linear(x, w) = MatMul(x, w); called with depth levels of my.L1 = my.L0 twice ... */
static void test_functions(void)
{
    struct om m, f;
    struct jb_count c;

    om_begin(&m);
    om_opset(&m, "", 17);
    om_opset(&m, "my", 1);
    om_input(&m, "x", OM_FLOAT, "batch,8");
    om_weight(&m, "w", OM_FLOAT, "8,8");
    om_node(&m, "Linear", "x,w", "h");
    om_node_name(&m, "first");
    om_node_domain(&m, "my");
    om_node(&m, "Linear", "h,w", "y");
    om_node_domain(&m, "my");
    om_begin_function(&f);
    om_opset(&f, "", 17);
    om_node(&f, "MatMul", "a,b", "c");
    om_node(&f, "MatMul", "c,b", "d");
    om_function(&m, "my", "Linear", "a,b", "d", "", &f);
    om_output(&m, "y", OM_FLOAT, NULL);
    counted(&m, &c);
    reads(&c, c.macs, "256*batch", "a function is walked where it is called: 4 x 64 a row");
    is_i64(c.n_nodes, 4, "its nodes are the graph's");
    is_i64(c.n_parameters, 64, "its arguments are the caller's weights");
    if (c.n_by_layer == 4) {
        is_str(c.by_layer[0].name, "first/MatMul_0", "layers are called by the call and the node");
        is_str(c.by_layer[3].name, "Linear_1/MatMul_1", "or by their places");
    } else {
        ok(false, "four layers");
    }
    jb_count_release(&c);

    /* transB of the caller, or of the function's default: none is false. */
    om_begin(&m);
    om_opset(&m, "", 17);
    om_opset(&m, "my", 1);
    om_input(&m, "x", OM_FLOAT, "2,8");
    om_weight(&m, "w", OM_FLOAT, "5,8");
    om_node(&m, "Fc", "x,w", "y");
    om_node_domain(&m, "my");
    om_attr_int(&m, "turned", 1);
    om_begin_function(&f);
    om_opset(&f, "", 17);
    om_node(&f, "Gemm", "a,b", "c");
    om_attr_ref(&f, "transB", 2, "turned");
    om_function(&m, "my", "Fc", "a,b", "c", "turned", &f);
    counted(&m, &c);
    reads(&c, c.macs, "80", "an attribute is the caller's: 2 x 8 x 5");
    jb_count_release(&c);

    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "2,8");
    om_node(&m, "Self", "x", "y");
    om_node_domain(&m, "my");
    om_begin_function(&f);
    om_node(&f, "Self", "a", "b");
    om_node_domain(&f, "my");
    om_function(&m, "my", "Self", "a", "b", "", &f);
    is_i64(count(&m, &c), JB_E_INPUT, "a function that calls itself is refused");
    ok(strstr(err.message, "'Self' calls itself") != NULL, "by name");
}

/* Reading x twice, 20 z between: 10 + 10 numbers in, 22 x 10 out, of four bytes. */
static void test_read_once(void)
{
    struct om m;
    struct jb_count c;
    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "10");
    om_input(&m, "z", OM_FLOAT, "10");
    om_node(&m, "Concat", "x,z,z,z,z,z,z,z,z,z,z,z,z,z,z,z,z,z,z,z,z,x", "y");
    om_attr_int(&m, "axis", 0);
    om_node(&m, "Relu", "x", "w");
    om_output(&m, "y", OM_FLOAT, NULL);
    counted(&m, &c);
    reads(&c, c.bytes, "1040", "an input is read once by a node, however far apart it is named");
    jb_count_release(&c);
}

/* What is looked up for a node costs as much as there is to pass over: 1,000 nodes and 40,000 operator sets. */
static void test_lookups(void)
{
    struct om m;
    struct jb_count c;
    char name[16];
    om_begin(&m);
    for (int i = 0; i < 40000; i++) {
        (void)snprintf(name, sizeof name, "d%d", i);
        om_opset(&m, name, 1);
    }
    om_opset(&m, "", 17);
    om_input(&m, "x", OM_FLOAT, "10");
    for (int i = 0; i < 1000; i++)
        om_node(&m, "Relu", "x", "y");
    is_i64(count(&m, &c), JB_E_RANGE, "thousands of operator sets are no model");
    jb_count_release(&c);
}

/* Names that differ in their last characters alone lie apart in a table: 200 in 65,536 places meet less than once. */
static void test_spread(void)
{
    uint64_t places[200];
    int n_met = 0;
    for (int i = 0; i < 200; i++) {
        const uint8_t name[7] = {'a', 'b', 'c', 'd', 'e', 'f', (uint8_t)(32 + i)};
        const struct jb_span span = {.at = name, .len = sizeof name};
        places[i] = jb_walk__hash(1, span) & 65535;
        for (int k = 0; k < i; k++)
            n_met += places[k] == places[i];
    }
    ok(n_met < 10, "of 200 names of one beginning %d pairs share a place", n_met);
}

static void test_hostile(void)
{
    struct om m, f;
    struct jb_count c;
    char name[8], inner[8];

    /* 40 functions, each calling the one before twice: 2^40 nodes. */
    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "2,8");
    om_node(&m, "F40", "x", "y");
    om_node_domain(&m, "my");
    for (int i = 0; i <= 40; i++) {
        (void)snprintf(name, sizeof name, "F%d", i);
        (void)snprintf(inner, sizeof inner, "F%d", i - 1);
        om_begin_function(&f);
        if (i == 0) {
            om_node(&f, "Frobnicate", "a", "c");
        } else {
            om_node(&f, inner, "a", "b");
            om_node_domain(&f, "my");
            om_node(&f, inner, "b", "c");
            om_node_domain(&f, "my");
        }
        om_function(&m, "my", name, "a", "c", "", &f);
    }
    is_i64(count(&m, &c), JB_E_RANGE, "functions that double at each of 40 steps are refused");

    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "2,8");
    om_node(&m, "F70", "x", "y");
    om_node_domain(&m, "my");
    for (int i = 0; i <= 70; i++) {
        (void)snprintf(name, sizeof name, "F%d", i);
        (void)snprintf(inner, sizeof inner, "F%d", i - 1);
        om_begin_function(&f);
        om_node(&f, i == 0 ? "Frobnicate" : inner, "a", "c");
        om_node_domain(&f, "my");
        om_function(&m, "my", name, "a", "c", "", &f);
    }
    is_i64(count(&m, &c), JB_E_RANGE, "and so are functions 70 deep");
    ok(strstr(err.message, "64 graphs deep") != NULL, "which the message says");
}

int main(void)
{
    test_mlp();
    test_symbols();
    test_examples();
    test_asked();
    test_parts();
    test_missed();
    test_digest();
    test_functions();
    test_read_once();
    test_lookups();
    test_spread();
    test_hostile();
    return done_testing();
}
