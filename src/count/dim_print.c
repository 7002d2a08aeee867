/* SPDX-License-Identifier: Apache-2.0 */
/* A size as people read it: "768*batch*seq + 12*batch*seq^2 - 1". Each name in it is printable. R-COUNT-03. */
#include <inttypes.h>

#include "count/dim_int.h"

static void print_mono(const struct jb_dims *dims, const struct jb_mono *mono, struct jb_buf *out)
{
    for (uint32_t i = 0; i < mono->n; i++) {
        jb_buf_addf(out, "%s%s", i > 0 ? "*" : "", dims->symbols[mono->factors[i].symbol]->text);
        if (mono->factors[i].power > 1)
            jb_buf_addf(out, "^%" PRIu32, mono->factors[i].power);
    }
}

void jb_dim_print(const struct jb_dims *dims, struct jb_dim dim, struct jb_buf *out)
{
    if (dim.kind == JB_DIM_UNKNOWN)
        jb_buf_add_text(out, "?");
    if (dim.kind == JB_DIM_NUMBER)
        jb_buf_addf(out, "%" PRId64, dim.n);
    for (uint32_t i = 0; dim.kind == JB_DIM_POLY && i < dim.poly->n; i++) {
        const struct jb_term *const term = &dim.poly->terms[i];
        const bool is_minus = term->coefficient < 0;
        const uint64_t size = is_minus ? -(uint64_t)term->coefficient : (uint64_t)term->coefficient;
        if (i > 0)
            jb_buf_add_text(out, is_minus ? " - " : " + ");
        else if (is_minus)
            jb_buf_add_text(out, "-");
        if (size != 1 || term->mono->n == 0)
            jb_buf_addf(out, "%" PRIu64 "%s", size, term->mono->n > 0 ? "*" : "");
        print_mono(dims, term->mono, out);
    }
}
