/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a GGUF, made by hand byte by byte: tensors, facts, and what is refused. R-COUNT-21. */
#include "base/buf.h"
#include "count/tensors_int.h"

#include "tap.h"

static struct jb_arena *arena;

static void text(struct jb_buf *buf, const char *value)
{
    jb_buf_add_u64(buf, strlen(value));
    jb_buf_add_text(buf, value);
}

static void pair_u32(struct jb_buf *buf, const char *key, uint32_t value)
{
    text(buf, key);
    jb_buf_add_u32(buf, 4);
    jb_buf_add_u32(buf, value);
}

static void tensor(struct jb_buf *buf, const char *name, uint64_t in, uint64_t out, uint32_t type,
                   uint64_t offset)
{
    text(buf, name);
    jb_buf_add_u32(buf, out ? 2 : 1);
    jb_buf_add_u64(buf, in);
    if (out)
        jb_buf_add_u64(buf, out);
    jb_buf_add_u32(buf, type);
    jb_buf_add_u64(buf, offset);
}

static void head(struct jb_buf *buf, uint32_t version, uint64_t n_tensors, uint64_t n_pairs)
{
    jb_buf_add_text(buf, "GGUF");
    jb_buf_add_u32(buf, version);
    jb_buf_add_u64(buf, n_tensors);
    jb_buf_add_u64(buf, n_pairs);
}

/* Keys before the name they begin with, a vocabulary, windows by layer, a nested list. */
static void model(struct jb_buf *buf)
{
    head(buf, 3, 3, 8);
    pair_u32(buf, "llama.block_count", 2);
    text(buf, "general.architecture");
    jb_buf_add_u32(buf, 8);
    text(buf, "llama");
    pair_u32(buf, "llama.attention.head_count", 4);
    pair_u32(buf, "llama.attention.sliding_window", 512);
    text(buf, "tokenizer.ggml.tokens");
    jb_buf_add_u32(buf, 9);
    jb_buf_add_u32(buf, 8);
    jb_buf_add_u64(buf, 2);
    text(buf, "<s>");
    text(buf, "</s>");
    text(buf, "llama.attention.sliding_window_pattern");
    jb_buf_add_u32(buf, 9);
    jb_buf_add_u32(buf, 7);
    jb_buf_add_u64(buf, 2);
    jb_buf_add_u8(buf, 1);
    jb_buf_add_u8(buf, 0);
    text(buf, "llama.feed_forward_length");
    jb_buf_add_u32(buf, 9);
    jb_buf_add_u32(buf, 4);
    jb_buf_add_u64(buf, 2);
    jb_buf_add_u32(buf, 7);
    jb_buf_add_u32(buf, 9);
    pair_u32(buf, "other.expert_count", 9);
    tensor(buf, "token_embd.weight", 256, 3, 12,
           0); /* q4_k: 3 blocks of 144 bytes, 448 with padding */
    tensor(buf, "output_norm.weight", 256, 0, 0, 448);
    tensor(buf, "blk.0.attn_q.weight", 64, 2, 4242, 1472); /* nobody knows this one */
    while (buf->len % 32)
        jb_buf_add_u8(buf, 0);
    for (int i = 0; i < 1472 + 32; i++)
        jb_buf_add_u8(buf, 0);
}

static jb_rc read_buf(const struct jb_buf *buf, size_t len, struct jb_tensors *ret,
                      struct jb_model_facts *facts, struct jb_error *err)
{
    size_t n = 0;

    *err = (struct jb_error){0};
    *ret = (struct jb_tensors){.arena = arena};
    return jb_gguf_read((struct jb_span){(const uint8_t *)buf->bytes, len}, ret, facts, &n, err);
}

static void test_read(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(1 << 20);
    struct jb_tensors tensors;
    struct jb_model_facts facts;
    struct jb_error err;

    model(&buf);
    is_i64(read_buf(&buf, buf.len, &tensors, &facts, &err), JB_OK, "a GGUF is read");
    is_i64((int64_t)tensors.n, 3, "with its tensors");
    is_str(facts.architecture, "llama", "and its architecture");
    is_i64(facts.n_layers, 2, "a key that stands before the architecture counts");
    is_i64(facts.n_heads, 4, "heads");
    is_i64(facts.n_experts, -1, "another architecture's key does not");
    ok(facts.window == 512 && facts.has_window_layers && facts.is_window_layer[0] &&
           !facts.is_window_layer[1],
       "windows by layer");
    ok(tensors.items[0].dims[0] == 3 && tensors.items[0].dims[1] == 256,
       "sizes are turned round: rows first");
    is_i64(tensors.items[0].n_bytes, 3 * 144, "bytes of blocks");
    is_i64(tensors.items[0].n_elements, 768, "elements of numbers");
    ok(tensors.items[2].n_bytes == -1 && strcmp(tensors.items[2].type->name, "type 4242") == 0 &&
           tensors.items[2].n_elements == 128,
       "a type nobody knows has elements and no bytes");
    int n_read = 0;
    for (size_t len = 0; len < buf.len - 1504 + 1472; len++)
        n_read += read_buf(&buf, len, &tensors, &facts, &err) != JB_E_INPUT;
    is_i64(n_read, 0, "cut anywhere before its last known bytes it is refused");
}

static void refused(struct jb_buf *buf, const char *why, const char *what)
{
    struct jb_tensors tensors;
    struct jb_model_facts facts;
    struct jb_error err;

    ok(read_buf(buf, buf->len, &tensors, &facts, &err) == JB_E_INPUT && strstr(err.message, why),
       "%s is refused", what);
    jb_buf_clear(buf);
}

static void test_refused(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(1 << 20);

    head(&buf, 1, 0, 0);
    refused(&buf, "version 1", "version 1");
    head(&buf, 0x03000000, 0, 0);
    refused(&buf, "big-endian", "a big-endian file");
    head(&buf, 4, 0, 0);
    refused(&buf, "version 4", "a version to come");
    head(&buf, 3, UINT64_MAX, 0);
    refused(&buf, "damaged", "more tensors than bytes");
    head(&buf, 3, 0, 1);
    text(&buf, "a");
    jb_buf_add_u32(&buf, 9);
    jb_buf_add_u32(&buf, 4);
    jb_buf_add_u64(&buf, UINT64_MAX / 2);
    refused(&buf, "damaged", "a list longer than the file");
    head(&buf, 3, 0, 1);
    text(&buf, "a");
    for (int i = 0; i < 9; i++) {
        jb_buf_add_u32(&buf, 9);
        if (i > 0)
            jb_buf_add_u64(&buf, 1);
    }
    refused(&buf, "damaged", "lists within lists without end");
    head(&buf, 3, 1, 0);
    tensor(&buf, "a", 31, 2, 2, 0);
    refused(&buf, "does not fit its type", "a row that is no whole number of blocks");
    head(&buf, 3, 1, 0);
    tensor(&buf, "a", 32, 2, 0, 8);
    refused(&buf, "offset", "an offset that is not aligned");
    head(&buf, 3, 1, 0);
    tensor(&buf, "a", 32, 2, 0, 1 << 20);
    refused(&buf, "cut short", "a tensor behind the end");
}

int main(void)
{
    struct jb_error err;

    if (jb_arena_new(1 << 26, &arena, &err) < 0)
        bail_out("no memory");
    test_read();
    test_refused();
    jb_arena_free(arena);
    return done_testing();
}
