/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a safetensors file: what is read, and what is refused with its reason. R-COUNT-20. */
#include "base/buf.h"
#include "count/tensors_int.h"

#include "tap.h"

static struct jb_arena *arena;

/* A header of this text in a file whose weights have n_bytes. */
static jb_rc read_text(const char *json, uint64_t n_bytes, struct jb_tensors *ret,
                       struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(1 << 20);
    size_t n_header = 0;

    jb_buf_add_u64(&buf, strlen(json));
    jb_buf_add_text(&buf, json);
    *err = (struct jb_error){0};
    *ret = (struct jb_tensors){.arena = arena};
    return jb_safetensors_read((struct jb_span){(const uint8_t *)buf.bytes, buf.len},
                               buf.len + n_bytes, ret, &n_header, err);
}

static void refused(const char *json, uint64_t n_bytes, const char *why, const char *what)
{
    struct jb_tensors tensors;
    struct jb_error err;

    ok(read_text(json, n_bytes, &tensors, &err) == JB_E_INPUT && strstr(err.message, why),
       "%s is refused", what);
}

static void test_read(void)
{
    struct jb_tensors tensors;
    struct jb_error err;

    is_i64(read_text("{\"__metadata__\":{\"format\":\"pt}\\\"\"},"
                     "\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
                     "\"a\\u0062\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]},"
                     "\"s\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[32,34]},"
                     "\"q\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[34,36]},"
                     "\"e\":{\"dtype\":\"F64\",\"shape\":[0,7],\"data_offsets\":[36,36]}}   ",
                     36, &tensors, &err),
           JB_OK, "a header is read, in any order, padded with blanks");
    is_i64((int64_t)tensors.n, 5, "five tensors, and the free text is none");
    if (jb_tensors_sort(&tensors, &err) < 0)
        bail_out("%s", err.message);
    const struct jb_tensor *const b = jb_tensors_find(&tensors, "b");
    ok(b && b->n_dims == 2 && b->dims[0] == 2 && b->dims[1] == 3 && b->n_elements == 6 &&
           b->n_bytes == 24,
       "shape and bytes are those told");
    ok(jb_tensors_find(&tensors, "ab") != NULL, "a name's escapes are resolved");
    const struct jb_tensor *const q = jb_tensors_find(&tensors, "q");
    is_i64(q ? q->n_bytes : 0, 2, "three numbers of four bits lie in two bytes");
    ok(!jb_tensors_find(&tensors, "c"), "what is not there is not found");
    is_i64(read_text("{}", 0, &tensors, &err), JB_OK, "a file of no tensors is one");
}

static void test_refused(void)
{
#define ENTRY(name, at) "\"" name "\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":" at "}"
    struct jb_tensors tensors;
    struct jb_error err;

    refused("{" ENTRY("a", "[0,4]") "}", 3, "cut short", "a file that ends early");
    refused("{" ENTRY("a", "[0,4]") "}", 5, "no tensor", "a file with bytes of nobody");
    refused("{" ENTRY("a", "[0,4]") "," ENTRY("b", "[5,9]") "}", 9, "hole", "a hole");
    refused("{" ENTRY("a", "[0,4]") "," ENTRY("b", "[3,7]") "}", 7, "share", "an overlap");
    refused("{" ENTRY("a", "[0,5]") "}", 5, "agree", "a length that is not the shape's");
    refused("{" ENTRY("a", "[4,0]") "}", 4, "offsets", "an end before the beginning");
    refused("{" ENTRY("a", "[0,-4]") "}", 4, "offsets", "an offset below 0");
    refused("{" ENTRY("a", "[0,4]") "]", 4, "does not end", "a list that does not end");
    refused("{" ENTRY("a", "[0,4]") "} x", 4, "behind", "bytes behind the list");
    refused(" {}", 0, "begins", "a header that begins with a blank");
    refused("{\"a\":{\"dtype\":\"X9\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "type",
            "a type nobody knows");
    refused("{\"a\":{\"dtype\":\"I8\",\"shape\":[-4],\"data_offsets\":[0,4]}}", 4, "shape",
            "a size below 0");
    refused("{\"a\":{\"dtype\":\"I8\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,4]}}",
            4, "64 bits", "a shape beyond 64 bits");
    refused("{\"a\":{\"dtype\":\"I8\",\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4,
            "no JSON", "a member that is there twice");
    if (read_text("{" ENTRY("a", "[0,4]") "," ENTRY("a", "[4,8]") "}", 8, &tensors, &err) < 0)
        bail_out("%s", err.message);
    ok(jb_tensors_sort(&tensors, &err) == JB_E_INPUT && strstr(err.message, "'a' is there twice"),
       "a name that is there twice is refused");
}

static void test_length(void)
{
    const uint8_t large[8] = {1, 0xe1, 0xf5, 5}, cut[12] = {9, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    struct jb_tensors tensors = {.arena = arena};
    struct jb_error err;
    size_t n;

    ok(jb_safetensors_read((struct jb_span){large, 8}, 1U << 31, &tensors, &n, &err) ==
               JB_E_INPUT &&
           strstr(err.message, "100000001"),
       "a header of more than 100,000,000 bytes is refused");
    ok(jb_safetensors_read((struct jb_span){cut, 12}, 12, &tensors, &n, &err) == JB_E_INPUT &&
           strstr(err.message, "within its header"),
       "a file that ends in its header is refused");
    ok(jb_safetensors_read((struct jb_span){cut, 7}, 7, &tensors, &n, &err) == JB_E_INPUT,
       "and one without a length");
}

int main(void)
{
    struct jb_error err;

    if (jb_arena_new(1 << 24, &arena, &err) < 0)
        bail_out("no memory");
    test_read();
    test_refused();
    test_length();
    jb_arena_free(arena);
    return done_testing();
}
