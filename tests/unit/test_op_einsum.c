/* SPDX-License-Identifier: Apache-2.0 */
/* op_einsum.c: equations over indices; products are those of the index sizes. R-COUNT-10. */
#include "op_rig.h"

struct row {
    const char *what, *equation;
    const char *in[4];
    const char *shape, *macs, *flops;
};

static const struct row rows[] = {
    {"a product of matrices: 2 x 3 x 4", "ij,jk->ik", {"2,3", "3,4"}, "2,4", "24", "0"},
    {"scores of attention",
     "bhid,bhjd->bhij",
     {"b,12,s,64", "b,12,s,64"},
     "b,12,s,s",
     "768*b*s^2",
     "0"},
    {"values of attention",
     "bhij,bhjd->bhid",
     {"2,12,5,7", "2,12,7,64"},
     "2,12,5,64",
     "53760",
     "0"},
    {"blanks do not matter", "i j , j k -> i k", {"2,3", "3,4"}, "2,4", "24", "0"},
    {"capital letters are other indices", "iJ,Jk->ik", {"2,3", "3,4"}, "2,4", "24", "0"},
    {"without an output: letters that stand once, in order",
     "kj,ji",
     {"2,3", "3,4"},
     "4,2",
     "24",
     "0"},
    {"an ellipsis is a batch", "...ij,...jk->...ik", {"7,5,2,3", "7,5,3,4"}, "7,5,2,4", "840", "0"},
    {"an ellipsis broadcasts", "...ij,...jk->...ik", {"7,1,2,3", "5,3,4"}, "7,5,2,4", "840", "0"},
    {"an ellipsis in front of the implied output",
     "...ij,jk",
     {"7,2,3", "3,4"},
     "7,2,4",
     "168",
     "0"},
    {"an ellipsis that is summed", "...i,i->i", {"7,3", "3"}, "3", "21", "0"},
    {"an inner product", "i,i->", {"5", "5"}, "", "5", "0"},
    {"an outer product adds nothing: elementwise",
     "i,j->ij",
     {"3", "4"},
     "3,4",
     "elementwise",
     "12"},
    {"product element by element", "ij,ij->ij", {"3,4", "3,4"}, "3,4", "elementwise", "12"},
    {"a transposition is no work", "ij->ji", {"3,4"}, "4,3", "none", "?"},
    {"a diagonal is no work", "ii->i", {"3,3"}, "3", "none", "?"},
    {"a sum adds each element once", "ij->i", {"3,4"}, "3", "elementwise", "12"},
    {"a trace adds its diagonal", "ii->", {"3,3"}, "", "elementwise", "3"},
    {"a diagonal in a product: 3 x 4", "ii,ij->j", {"3,3", "3,4"}, "4", "12", "0"},
    /* (ij,jk): 2 x 3 x 4 = 24, then (ik,kl): 2 x 4 x 5 = 40 */
    {"three from the left, pair by pair", "ij,jk,kl->il", {"2,3", "3,4", "4,5"}, "2,5", "64", "0"},
    /* i and j meet: 6 products, summed by the third: 2 x 3 x 4 */
    {"a first step that sums nothing", "i,j,ijk->k", {"2", "3", "2,3,4"}, "4", "24", "6"},
    {"an index of one operand that is summed", "ij,k->k", {"2,3", "4"}, "4", "24", "0"},
    {"one gives way to a size", "ij,ij->j", {"1,3", "2,3"}, "3", "6", "0"},
};

static const struct row wrong[] = {
    {"more letters than sizes", "ijk->i", {"2,3"}, NULL, NULL, NULL},
    {"fewer letters than sizes", "i->i", {"2,3"}, NULL, NULL, NULL},
    {"more terms than inputs", "ij,jk->ik", {"2,3"}, NULL, NULL, NULL},
    {"fewer terms than inputs", "ij->i", {"2,3", "3,4"}, NULL, NULL, NULL},
    {"an output that no input has", "ij->k", {"2,3"}, NULL, NULL, NULL},
    {"an output twice", "ij->ii", {"2,3"}, NULL, NULL, NULL},
    {"a digit", "i1->i", {"2,3"}, NULL, NULL, NULL},
    {"two dots", "..i->i", {"2,3"}, NULL, NULL, NULL},
    {"no equation", "", {"2,3"}, NULL, NULL, NULL},
};

static void call(struct op_rig *r, const struct row *row)
{
    rig_begin(r, "", "Einsum", 12);
    for (size_t i = 0; row->in[i]; i++)
        rig_in(r, OM_FLOAT, row->in[i]);
    om_attr_text(&r->node, "equation", row->equation);
    rig_run(r, 1);
}

int main(void)
{
    struct op_rig r;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        call(&r, &rows[i]);
        is_str(rig_shape(&r, 0), rows[i].shape, "%s: shape", rows[i].what);
        is_str(rig_macs(&r), rows[i].macs, "%s: work", rows[i].what);
        is_str(rig_flops(&r), rows[i].flops, "%s: elementwise", rows[i].what);
        rig_end(&r);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        call(&r, &wrong[i]);
        is_str(rig_macs(&r), "not counted", "%s: not counted", wrong[i].what);
        rig_end(&r);
    }
    return done_testing();
}
