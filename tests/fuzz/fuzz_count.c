/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a model: counted or refused with a word. What a count says holds together: rows sum to the whole, texts are
 * printable, nothing is negative that counts things. R-COUNT-05, R-COUNT-08.
 */
#include "base/clean.h"
#include "count/count_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_rows(const struct jb_count_row *rows, size_t n, struct jb_dims *dims,
                       struct jb_dim macs, bool is_whole)
{
    struct jb_dim sum = jb_dim_number(0);
    for (size_t i = 0; i < n; i++) {
        must(rows[i].name && jb_clean_is(rows[i].name) && rows[i].detail &&
             jb_clean_is(rows[i].detail));
        must(rows[i].n_parameters >= 0 && rows[i].n >= 0);
        sum = jb_dim_add(dims, sum, rows[i].macs);
    }
    if (is_whole && sum.kind != JB_DIM_UNKNOWN && macs.kind != JB_DIM_UNKNOWN)
        must(jb_dim_equal(sum, macs));
}

static void check(const struct jb_count *count)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(1 << 20);
    const bool is_walked = count->format == JB_COUNT_ONNX;

    check_rows(count->by_op, count->n_by_op, count->dims, count->macs, is_walked);
    check_rows(count->by_layer, count->n_by_layer, count->dims, count->macs, is_walked);
    check_rows(count->by_type, count->n_by_type, count->dims, count->macs, is_walked);
    for (size_t i = 0; i < count->n_missed; i++)
        must(jb_clean_is(count->missed[i].name) && jb_clean_is(count->missed[i].why) &&
             count->missed[i].n > 0);
    for (size_t i = 0; i < count->n_notes; i++)
        must(jb_clean_is(count->notes[i]));
    for (size_t i = 0; i < count->n_open; i++)
        must(jb_clean_is(jb_dims_open_at(count->dims, i)));
    must(count->n_parameters >= 0 && count->n_trainable <= count->n_parameters &&
         count->n_embedding <= count->n_parameters && count->n_tied <= count->n_parameters &&
         count->n_buffers >= 0);
    jb_dim_print(count->dims, count->macs, &text);
    jb_dim_print(count->dims, count->flops, &text);
    jb_dim_print(count->dims, count->bytes, &text);
    must(text.failed || jb_clean_is(jb_buf_text(&text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct jb_count_order order = {.path = "model"};
    struct jb_error err = {0};
    struct jb_count count;
    const jb_rc rc =
        jb_count_bytes((struct jb_span){.at = data, .len = size}, "model", &order, &count, &err);

    if (rc) {
        must((rc == JB_E_INPUT || rc == JB_E_RANGE || rc == JB_E_NOT_FOUND) &&
             err.message[0] != '\0');
        return 0;
    }
    check(&count);
    jb_count_release(&count);
    return 0;
}
