/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings by the comments of onnx.proto; floating-point bits by IEEE 754 and, of bfloat16, its upper half. */
#include "base/compiler.h"
#include "count/onnx_int.h"
#include "onnx_make.h"
#include "tap.h"

static struct jb_error err;
static struct jb_arena *arena;

/* Releases `message` only with the test: the tensor borrows it. */
static jb_rc read_tensor(const struct jb_buf *message, struct jb_onnx_tensor *tensor)
{
    err = (struct jb_error){0};
    return jb_onnx_read_tensor(
        (struct jb_span){.at = (const uint8_t *)jb_buf_text(message), .len = message->len}, arena,
        tensor, &err);
}

static void sizes(void)
{
    static const struct {
        const char *dims;
        int64_t type;
        jb_rc rc;
        int64_t n_elements, n_bytes;
    } cases[] = {
        {"64,3,7,7", OM_FLOAT, JB_OK, 9408, 37632},
        {"", OM_DOUBLE, JB_OK, 1, 8},
        {"5", OM_INT4, JB_OK, 5, 3},
        {"3,0,9", OM_FLOAT, JB_OK, 0, 0},
        {"7", OM_STRING, JB_OK, 7, 0},
        {"7", 99, JB_OK, 7, 0},
        {"9223372036854775807", OM_INT8, JB_OK, INT64_MAX, INT64_MAX},
        {"4294967296,4294967296,0", OM_FLOAT, JB_OK, 0, 0},
        {"4294967296,2147483648", OM_INT8, JB_E_INPUT, 0, 0},
        {"9223372036854775807", OM_FLOAT, JB_E_INPUT, 0, 0},
        {"3,-1", OM_FLOAT, JB_E_INPUT, 0, 0},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        JB_AUTO(jb_buf_release) struct jb_buf message = JB_BUF(OM__MAX);
        struct jb_onnx_tensor tensor = {0};
        om_tensor(&message, "w", cases[i].type, cases[i].dims);
        is_i64(read_tensor(&message, &tensor), cases[i].rc, "[%s] of type %d", cases[i].dims,
               (int)cases[i].type);
        if (cases[i].rc == JB_OK)
            ok(tensor.n_elements == cases[i].n_elements && tensor.n_bytes == cases[i].n_bytes &&
                   tensor.type == cases[i].type && jb_span_is(tensor.name, "w"),
               "has its elements and bytes");
    }

    JB_AUTO(jb_buf_release) struct jb_buf packed = JB_BUF(OM__MAX);
    struct jb_onnx_tensor tensor = {0};
    om_bytes_field(&packed, 1, "\x40\x80\x01", 3);
    om_int_field(&packed, 1, 2);
    ok(read_tensor(&packed, &tensor) == JB_OK && tensor.n_dims == 3 && tensor.dims[0] == 64 &&
           tensor.dims[1] == 128 && tensor.dims[2] == 2,
       "sizes are read packed and one by one");
    for (int i = 0; i < 62; i++)
        om_int_field(&packed, 1, 1);
    is_i64(read_tensor(&packed, &tensor), JB_E_RANGE, "65 of them are refused");
    JB_AUTO(jb_buf_release) struct jb_buf broken = JB_BUF(OM__MAX);
    om_bytes_field(&broken, 1, "\x40\x80", 2);
    is_i64(read_tensor(&broken, &tensor), JB_E_INPUT, "and packed bytes that are no numbers");
    is_str(err.message, "field 'tensor.dims' at byte 0 cannot be read", "are named");
}

static void types(void)
{
    is_str(jb_onnx_type_name(JB_ONNX_FLOAT), "float32", "a type's name");
    is_str(jb_onnx_type_name(JB_ONNX_INT2), "int2", "the last one's");
    ok(!jb_onnx_type_name(0) && !jb_onnx_type_name(-1) && !jb_onnx_type_name(27) &&
           !jb_onnx_type_name(INT64_MAX),
       "what is no type has no name");
    ok(jb_onnx_type_bits(JB_ONNX_INT4) == 4 && jb_onnx_type_bits(JB_ONNX_COMPLEX128) == 128 &&
           jb_onnx_type_bits(JB_ONNX_STRING) == 0 && jb_onnx_type_bits(99) == 0,
       "bits, where they are known");
    for (int64_t type = 1; type < JB_ONNX_TYPES; type++)
        ok(jb_onnx_type_name(type) != NULL, "type %d has a name", (int)type);
}

static void add_entry(struct jb_buf *message, const char *key, const char *value)
{
    struct jb_buf entry = JB_BUF(OM__MAX);

    om_text_field(&entry, 1, key);
    om_text_field(&entry, 2, value);
    om_message_field(message, 13, &entry);
}

static jb_rc external(const char *location, const char *offset, const char *length,
                      struct jb_onnx_tensor *tensor)
{
    static struct jb_buf kept;

    jb_buf_release(&kept);
    kept = JB_BUF(OM__MAX);
    om_tensor(&kept, "w", OM_FLOAT, "10");
    if (location)
        add_entry(&kept, "location", location);
    if (offset)
        add_entry(&kept, "offset", offset);
    if (length)
        add_entry(&kept, "length", length);
    add_entry(&kept, "checksum", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    om_int_field(&kept, 14, 1);
    const jb_rc rc = read_tensor(&kept, tensor);
    if (!location)
        jb_buf_release(&kept);
    return rc;
}

static void elsewhere(void)
{
    static const char *const outside[] = {
        "/etc/passwd", "../w.bin", "a/../../w.bin", "a/..", "..", "", NULL};
    static const char *const inside[] = {"w.bin", "sub/w.bin", "..w", "w..", "a/...b", "./w.bin"};
    struct jb_onnx_tensor tensor = {0};

    ok(external("weights.bin", "4096", "40", &tensor) == JB_OK && tensor.is_external &&
           jb_span_is(tensor.location, "weights.bin") && tensor.external_offset == 4096 &&
           tensor.external_length == 40 && tensor.n_bytes == 40,
       "a weight in another file");
    ok(external("weights.bin", NULL, NULL, &tensor) == JB_OK && tensor.external_offset == -1 &&
           tensor.external_length == -1,
       "without offset and length");
    for (size_t i = 0; i < JB_ARRAY_LEN(inside); i++)
        is_i64(external(inside[i], NULL, NULL, &tensor), JB_OK, "'%s' is within", inside[i]);
    is_i64(external("w", "-1", NULL, &tensor), JB_E_INPUT, "a negative offset is refused");
    is_i64(external("w", NULL, "4x", &tensor), JB_E_INPUT, "and a length that is no number");
    is_i64(external("w", "9223372036854775808", NULL, &tensor), JB_E_INPUT, "and one of 2^63");
    for (size_t i = 0; i < JB_ARRAY_LEN(outside); i++)
        is_i64(external(outside[i], NULL, NULL, &tensor), JB_E_INPUT, "'%s' is not",
               outside[i] ? outside[i] : "(none)");
    ok(strstr(err.message, "tensor.external_data") != NULL, "and the field is named");
}

static void sparse(void)
{
    struct jb_buf values = JB_BUF(OM__MAX);
    struct jb_buf message = JB_BUF(OM__MAX);
    struct jb_onnx_graph graph = {0};
    int64_t ints[8];
    size_t n = 0;
    struct om m;

    om_begin(&m);
    om_tensor(&values, "s", OM_FLOAT, "5");
    om_message_field(&message, 1, &values);
    om_int_field(&message, 3, 100);
    om_int_field(&message, 3, 20);
    om_message_field(&m.body, 15, &message);
    is_i64(jb_onnx_read_graph(om_graph(&m), arena, &graph, NULL), JB_OK, "a sparse weight");
    const struct jb_onnx_tensor *const tensor = graph.initializers;
    ok(graph.n_initializers == 1 && tensor->is_sparse && tensor->n_elements == 2000 &&
           tensor->n_stored == 5 && tensor->n_dims == 2 && jb_span_is(tensor->name, "s") &&
           tensor->type == OM_FLOAT && tensor->n_bytes == 8000,
       "has the sizes of the whole and the number that is stored");
    ok(!jb_onnx_tensor_ints(tensor, ints, 8, &n), "and no values that are known one by one");
    om_release(&m);

    om_begin(&m);
    values = JB_BUF(OM__MAX);
    message = JB_BUF(OM__MAX);
    om_tensor(&values, "s", OM_FLOAT, "5");
    om_message_field(&message, 1, &values);
    om_int_field(&message, 3, 4);
    om_message_field(&m.body, 15, &message);
    is_i64(jb_onnx_read_graph(om_graph(&m), arena, &graph, NULL), JB_E_INPUT,
           "five values in four places are refused");
    om_release(&m);
}

/* --- values ----------------------------------------------------------------------------------------------------- */

static bool raw_are(int64_t type, const char *dims, const char *bytes, size_t len,
                    const int64_t *want, size_t n_want)
{
    JB_AUTO(jb_buf_release) struct jb_buf message = JB_BUF(OM__MAX);
    struct jb_onnx_tensor tensor = {0};
    int64_t ints[8] = {77, 77, 77, 77, 77, 77, 77, 77};
    size_t n = 0;

    om_tensor(&message, "t", type, dims);
    om_bytes_field(&message, 9, bytes, len);
    return read_tensor(&message, &tensor) == JB_OK && tensor.raw.len == len &&
           jb_onnx_tensor_ints(&tensor, ints, 8, &n) && n == n_want &&
           memcmp(ints, want, n * sizeof *ints) == 0 && (n == 8 || ints[n] == 77);
}
#define WANT(...) \
    (const int64_t[]){__VA_ARGS__}, sizeof(const int64_t[]){__VA_ARGS__} / sizeof(int64_t)

static void raw_values(void)
{
    ok(raw_are(OM_INT64, "2", "\1\0\0\0\0\0\0\0\377\377\377\377\377\377\377\377", 16, WANT(1, -1)),
       "int64");
    ok(raw_are(OM_INT32, "2", "\0\1\0\0\376\377\377\377", 8, WANT(256, -2)), "int32");
    ok(raw_are(OM_UINT8, "3", "\0\177\377", 3, WANT(0, 127, 255)), "uint8");
    ok(raw_are(OM_INT8, "2", "\177\377", 2, WANT(127, -1)), "int8");
    ok(raw_are(OM_BOOL, "2", "\0\1", 2, WANT(0, 1)), "bool");
    ok(raw_are(OM_INT4, "3", "\x2f\xf8", 2, WANT(-1, 2, -8)), "int4: the lower half first");
    ok(raw_are(26, "5", "\xe4\x01", 2, WANT(0, 1, -2, -1, 1)), "int2: the lowest bits first");
    ok(raw_are(OM_INT64, "", "\5\0\0\0\0\0\0\0", 8, WANT(5)), "a scalar");
    ok(raw_are(OM_FLOAT, "3", "\0\0\200\77\0\0\240\300\0\0\0\0", 12, WANT(1, -5, 0)),
       "float32 that are whole: 1, -5, 0");
    ok(!raw_are(OM_FLOAT, "1", "\0\0\300\77", 4, WANT(1)), "1.5 is not whole");
    ok(!raw_are(OM_FLOAT, "1", "\0\0\200\177", 4, WANT(0)), "nor is infinity");
    ok(!raw_are(OM_FLOAT, "1", "\0\0\0\77", 4, WANT(0)), "nor is a half");
    ok(!raw_are(OM_FLOAT, "1", "\1\0\0\0", 4, WANT(0)), "nor the smallest number there is");
    ok(raw_are(OM_FLOAT, "1", "\0\0\0\200", 4, WANT(0)), "-0 is 0");
    ok(raw_are(OM_FLOAT, "1", "\0\0\200\136", 4, WANT(INT64_C(1) << 62)), "2^62 is an integer");
    ok(!raw_are(OM_FLOAT, "1", "\0\0\0\137", 4, WANT(INT64_MAX)), "and 2^63 none of ours");
    ok(raw_are(OM_DOUBLE, "1", "\0\0\0\0\0\0\24\300", 8, WANT(-5)), "float64: -5");
    ok(raw_are(OM_FLOAT16, "2", "\0\74\0\105", 4, WANT(1, 5)), "float16: 1 and 5");
    ok(raw_are(OM_BFLOAT16, "2", "\200\77\240\100", 4, WANT(1, 5)), "bfloat16: 1 and 5");
    ok(!raw_are(13, "1", "\377\377\377\377\377\377\377\377", 8, WANT(-1)),
       "an unsigned number above 2^63 - 1 is none");
    ok(!raw_are(OM_INT64, "2", "\1\0\0\0\0\0\0\0\2\0\0", 11, WANT(1, 2)), "bytes that are missing");
    ok(!raw_are(OM_INT64, "9", "\1\0\0\0\0\0\0\0", 8, WANT(1)), "more than there is room for");
    ok(!raw_are(OM_STRING, "1", "a", 1, WANT(0)), "texts have no integers");
}

static bool field_are(int64_t type, const char *dims, unsigned field, struct jb_buf *fields,
                      const int64_t *want, size_t n_want)
{
    JB_AUTO(jb_buf_release) struct jb_buf message = JB_BUF(OM__MAX);
    struct jb_onnx_tensor tensor = {0};
    int64_t ints[8] = {0};
    size_t n = 0;

    om_tensor(&message, "t", type, dims);
    if (field == 0)
        jb_buf_add(&message, fields->bytes, fields->len);
    else
        om_bytes_field(&message, field, fields->bytes, fields->len);
    jb_buf_release(fields);
    *fields = JB_BUF(OM__MAX);
    return read_tensor(&message, &tensor) == JB_OK && jb_onnx_tensor_ints(&tensor, ints, 8, &n) &&
           n == n_want && memcmp(ints, want, n * sizeof *ints) == 0;
}

static void field_values(void)
{
    struct jb_buf fields = JB_BUF(OM__MAX);

    jb_buf_add_uvarint(&fields, 3);
    jb_buf_add_uvarint(&fields, UINT64_MAX);
    ok(field_are(OM_INT64, "2", 7, &fields, WANT(3, -1)), "int64_data, packed");
    om_int_field(&fields, 7, 3);
    om_int_field(&fields, 7, -1);
    ok(field_are(OM_INT64, "2", 0, &fields, WANT(3, -1)), "and one by one");
    jb_buf_add_uvarint(&fields, 3);
    ok(!field_are(OM_INT64, "2", 7, &fields, WANT(3, 0)), "one that is missing is not zero");
    jb_buf_add_uvarint(&fields, 3);
    ok(!field_are(OM_INT64, "1", 5, &fields, WANT(3)), "and another type's field is not read");
    jb_buf_add_uvarint(&fields, 200);
    ok(field_are(OM_UINT8, "1", 5, &fields, WANT(200)), "int32_data of uint8");
    jb_buf_add_uvarint(&fields, (uint64_t)-7);
    ok(field_are(OM_INT8, "1", 5, &fields, WANT(-7)), "of int8");
    jb_buf_add_uvarint(&fields, 0x4500);
    ok(field_are(OM_FLOAT16, "1", 5, &fields, WANT(5)), "of float16: its bits");
    jb_buf_add_uvarint(&fields, 0x2f);
    jb_buf_add_uvarint(&fields, 0xf8);
    ok(field_are(OM_INT4, "3", 5, &fields, WANT(-1, 2, -8)), "of int4: two in each");
    jb_buf_add_uvarint(&fields, 9);
    ok(field_are(13, "1", 11, &fields, WANT(9)), "uint64_data");
    jb_buf_add_u32(&fields, 0x40a00000);
    ok(field_are(OM_FLOAT, "1", 4, &fields, WANT(5)), "float_data");
    jb_buf_add_u64(&fields, UINT64_C(0x4014000000000000));
    ok(field_are(OM_DOUBLE, "1", 10, &fields, WANT(5)), "double_data");
    om_text_field(&fields, 12, "nothing");
    ok(field_are(OM_INT64, "0", 0, &fields, (const int64_t[]){0}, 0), "an empty tensor has none");
    jb_buf_release(&fields);
}

int main(void)
{
    if (jb_arena_new((size_t)64 << 20, &arena, NULL) < 0)
        bail_out("no memory");
    sizes();
    types();
    elsewhere();
    sparse();
    raw_values();
    field_values();
    jb_arena_free(arena);
    return done_testing();
}
