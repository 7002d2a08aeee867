/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A count as JSON (docs/format/count.md): sizes are a number, or a formula where they are open, or neither where they are not
 * known; numbers of operations beyond 64 bits are digits in a text.
 */
#include "base/clean.h"
#include "cli/count_tell.h"

static json_t *text_of(const char *text)
{
    char clean[1024];

    jb_clean_copy(text ? text : "", clean, sizeof clean);
    return json_string(clean);
}

static json_t *known(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_t *dim_of(const struct jb_count *count, struct jb_dim dim)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF((size_t)1 << 20);

    if (dim.kind == JB_DIM_NUMBER)
        return json_pack("{s:I, s:n}", "value", (json_int_t)dim.n, "formula");
    if (dim.kind == JB_DIM_UNKNOWN)
        return json_pack("{s:n, s:n}", "value", "formula");
    jb_dim_print(count->dims, dim, &buf);
    return json_pack("{s:n, s:s}", "value", "formula", jb_buf_text(&buf));
}

static json_t *rows(const struct jb_count *count, const struct jb_count_row *row, size_t n)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < n; i++, row++)
        (void)json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:I}", "name", text_of(row->name), "detail",
                      text_of(row->detail), "n", (json_int_t)row->n, "macs",
                      dim_of(count, row->macs), "flops", dim_of(count, row->flops), "moved_bytes",
                      dim_of(count, row->bytes), "n_parameters", (json_int_t)row->n_parameters));
    return list;
}

static json_t *missed(const struct jb_count *count)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < count->n_missed; i++)
        (void)json_array_append_new(
            list, json_pack("{s:o, s:o, s:I, s:b}", "name", text_of(count->missed[i].name), "why",
                            text_of(count->missed[i].why), "n", (json_int_t)count->missed[i].n,
                            "is_compute", (int)count->missed[i].is_compute));
    return list;
}

static json_t *notes(const struct jb_count *count)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < count->n_notes; i++)
        (void)json_array_append_new(list, text_of(count->notes[i]));
    return list;
}

static json_t *open_sizes(const struct jb_count *count)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < count->n_open; i++)
        (void)json_array_append_new(list, text_of(jb_dims_open_at(count->dims, i)));
    return list;
}

static json_t *flop_of(bool is_known, jb_i128 flop)
{
    char digits[64];

    return is_known ? json_string(jb_format_i128(flop, digits, sizeof digits)) : json_null();
}

static json_t *training_of(const struct jb_count_told *told)
{
    const struct jb_training *const t = told->training;

    if (!t->has_work && !t->has_device_time)
        return json_null();
    const bool has_work = t->has_work, has_device = t->has_device_time;
    json_t *const object = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "counted_flop",
        flop_of(has_work, t->training_flop), "forward_flop", flop_of(has_work, t->forward_flop),
        "factor_milli", known(has_work ? t->factor_milli : -1), "pfs_days_milli",
        known(has_work ? jb_flop_to_millipfsd(t->training_flop) : -1), "check_6nd_flop",
        flop_of(t->has_check, t->check_flop), "check_6nd_over_counted_milli",
        known(t->has_check ? t->check_milli : -1), "device_time_flop",
        flop_of(has_device, t->device_flop), "device_time_over_counted_milli",
        known(t->device_milli));
    if (!object)
        return NULL;
    (void)json_object_set_new(object, "device_time_pfs_days_milli",
                              known(has_device ? jb_flop_to_millipfsd(t->device_flop) : -1));
    (void)json_object_set_new(object, "n_frozen_layers", known(t->n_frozen_layers));
    (void)json_object_set_new(object, "n_adapter_parameters", known(t->n_adapter));
    (void)json_object_set_new(object, "is_adapter_left_out", json_boolean(t->is_adapter_left_out));
    (void)json_object_set_new(object, "n_parameters_6nd",
                              known(t->has_check ? t->n_check_parameters : -1));
    (void)json_object_set_new(object, "accelerator",
                              has_device ? text_of(told->accelerator) : json_null());
    (void)json_object_set_new(object, "peak_gflops",
                              has_device ? known(told->order->peak_gflops) : json_null());
    (void)json_object_set_new(object, "peak_basis",
                              has_device ? text_of(told->peak_basis) : json_null());
    return object;
}

json_t *jb_count_tell_json(const struct jb_count_told *told)
{
    const struct jb_count *const c = told->count;
    json_t *const object = json_pack(
        "{s:o, s:s, s:o, s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "file", text_of(told->path),
        "format", jb_count_format_name(c->format), "producer", text_of(c->producer), "digest",
        c->digest, "formula", text_of(c->formula), "has_operations", (int)c->has_operations, "macs",
        dim_of(c, c->macs), "flops", dim_of(c, c->flops), "moved_bytes", dim_of(c, c->bytes),
        "examples", dim_of(c, c->examples), "tokens", dim_of(c, c->tokens));

    if (!object)
        return NULL;
    const struct {
        const char *name;
        json_t *value;
    } members[] = {
        {"ir_version", c->format == JB_COUNT_ONNX ? json_integer(c->ir_version) : json_null()},
        {"opset", c->format == JB_COUNT_ONNX ? json_integer(c->opset) : json_null()},
        {"n_nodes", c->format == JB_COUNT_ONNX ? json_integer(c->n_nodes) : json_null()},
        {"n_parameters", known(c->n_parameters)},
        {"n_trainable", known(c->n_trainable)},
        {"n_embedding", known(c->n_embedding)},
        {"n_tied", known(c->n_tied)},
        {"n_active", known(c->n_active)},
        {"n_buffers", known(c->n_buffers)},
        {"parameter_bytes", known(c->parameter_bytes)},
        {"by_op", rows(c, c->by_op, c->n_by_op)},
        {"by_layer", rows(c, c->by_layer, c->n_by_layer)},
        {"by_type", rows(c, c->by_type, c->n_by_type)},
        {"missed", missed(c)},
        {"notes", notes(c)},
        {"open", open_sizes(c)},
        {"training", training_of(told)},
    };
    bool is_whole = true;
    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++)
        is_whole = json_object_set_new(object, members[i].name, members[i].value) == 0 && is_whole;
    if (is_whole)
        return object;
    json_decref(object);
    return NULL;
}
