/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of a model (R-COUNT-14): the description is written out by hand, and its SHA-256 came from Python's hashlib. */
#include "count/count_int.h"
#include "onnx_make.h"
#include "tap.h"

struct what {
    const char *weight, *node, *open;
    int64_t attribute;
};

/* y = x w, x [batch, 300], w [300, 4], an attribute "a" */
static const char *digest_of(struct what what, char *digest, size_t size)
{
    struct jb_count_order order = {0};
    struct jb_count count = {0};
    struct jb_error err;
    struct om m;

    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, what.open);
    om_weight(&m, "w", OM_FLOAT, what.weight);
    om_node(&m, "MatMul", "x,w", "y");
    if (what.node)
        om_node_name(&m, what.node);
    om_attr_int(&m, "a", what.attribute);
    om_output(&m, "y", OM_FLOAT, NULL);
    if (jb_count_bytes(om_model(&m), "m.onnx", &order, &count, &err) < 0)
        diag("%s", err.message);
    (void)snprintf(digest, size, "%s", count.digest);
    jb_count_release(&count);
    om_release(&m);
    return digest;
}

int main(void)
{
    const struct what what = {"300,4", NULL, "batch,300", 2};
    char one[65], other[65];
    struct what next = what;

    /*
     * "joulebook onnx 1" 00 | 1 set: 00 "", 11 | 1 input: 01 "x", 01 float, 02 sizes, ff..ff01 (-1, open) 05 "batch",
     * ac02 (300) 00 | 1 output: 01 "y", 01, ff..ff01 (-1, no sizes) | 1 weight: 01 "w", 01, 02, ac02, 04, ff..ff01 (not
     * sparse) | 1 node: 00, 06 "MatMul", 00, 02: 01 "x" 01 "w", 01: 01 "y", 01: 08 and the attribute's bytes | 00 functions
     */
    is_str(digest_of(what, one, sizeof one),
           "b52c7e015ea78adc7e2291dcb034c7fe45250836d50e7b58262146e151d3897a",
           "the description is what the method says");
    next.node = "named";
    is_str(digest_of(next, other, sizeof other), one, "names of nodes are not in it");
    next = (struct what){"300,5", NULL, "batch,300", 2};
    ok(strcmp(digest_of(next, other, sizeof other), one) != 0, "sizes of weights are");
    next = (struct what){"300,4", NULL, "n,300", 2};
    ok(strcmp(digest_of(next, other, sizeof other), one) != 0, "names of open sizes are");
    next = (struct what){"300,4", NULL, "batch,300", 3};
    ok(strcmp(digest_of(next, other, sizeof other), one) != 0, "attributes are");
    return done_testing();
}
