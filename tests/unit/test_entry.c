/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical bytes against the vector of docs/format/entry.md, made by another program from the text of that page. */
#include "tap.h"

#include "journal/entry.h"
#include "journal/merkle.h"

static const char vector_bytes[] =
    "4a42454e01004022644159440600046e6f746503722d31020474657874b63520a9cfc5c14443ac6d7cb7443c6311d2"
    "d122f490a1b131ef448b"
    "c0ab5691056c696e65731ba84c712b166f4ab7b0885159fb6a91e42397bba41fda99f0d411dfe82c54fa";
static const char vector_leaf[] =
    "d7ef8a470805b6d26f156c281b7cf2097a152345d81eba13ef2056f6f06fd3f4";
static const char vector_lines[] =
    "-1500 meter:node-1/rapl/package-0\n900 800 1000 1100 1500 run:r-1\n600 idle:node-1\n";

static void make_vector(struct jb_entry_head *head)
{
    static const char text[] = "gr\xc3\xb6\xc3\x9f"
                               "er";
    uint8_t salts[2][JB_SALT_BYTES];

    for (uint8_t i = 0; i < 16; i++) {
        salts[0][i] = i;
        salts[1][i] = (uint8_t)(16 + i);
    }
    *head = (struct jb_entry_head){.kind = "note",
                                   .layer = JB_LAYER_MEASURED,
                                   .utc_us = INT64_C(1764000000123456),
                                   .run_id = "r-1",
                                   .n_fields = 2};
    memcpy(head->fields[0].name, "text", 5);
    memcpy(head->fields[1].name, "lines", 6);
    head->fields[0].hash = jb_entry_commit(salts[0], "text", text, strlen(text));
    head->fields[1].hash = jb_entry_commit(salts[1], "lines", vector_lines, strlen(vector_lines));
}

static void test_vector(void)
{
    struct jb_buf bytes = JB_BUF(JB_ENTRY_BYTES_MAX);
    struct jb_entry_head head;
    struct jb_entry_head back;
    struct jb_error err = {0};
    char hex[sizeof vector_bytes];
    char leaf_hex[65];

    make_vector(&head);
    is_i64(jb_entry_encode(&head, &bytes, &err), JB_OK, "the vector is encoded");
    is_i64((int64_t)bytes.len * 2, (int64_t)strlen(vector_bytes), "with the length of the format");
    is_str(jb_hex(bytes.bytes, bytes.len, hex, sizeof hex), vector_bytes,
           "its bytes are those of docs/format/entry.md");
    const struct jb_hash leaf = jb_merkle_leaf(bytes.bytes, bytes.len);
    is_str(jb_hex(leaf.bytes, 32, leaf_hex, sizeof leaf_hex), vector_leaf, "so is its leaf");
    is_i64(jb_entry_decode(bytes.bytes, bytes.len, &back, &err), JB_OK, "and they are decoded");
    ok(strcmp(back.kind, "note") == 0 && back.utc_us == head.utc_us &&
           strcmp(back.run_id, "r-1") == 0 && back.n_fields == 2 &&
           strcmp(back.fields[1].name, "lines") == 0 &&
           jb_hash_equal(&back.fields[1].hash, &head.fields[1].hash),
       "to what was encoded");
    jb_buf_release(&bytes);
}

static void test_bad_bytes(void)
{
    struct jb_buf bytes = JB_BUF(JB_ENTRY_BYTES_MAX);
    struct jb_entry_head head;
    struct jb_entry_head back;
    int n_refused = 0;

    make_vector(&head);
    if (jb_entry_encode(&head, &bytes, NULL) < 0)
        bail_out("the vector is not encoded");
    for (size_t len = 0; len < bytes.len; len++)
        n_refused += jb_entry_decode(bytes.bytes, len, &back, NULL) == JB_E_DAMAGED;
    is_i64(n_refused, (int64_t)bytes.len, "bytes that end early are refused, wherever they end");
    jb_buf_add_u8(&bytes, 0);
    is_i64(jb_entry_decode(bytes.bytes, bytes.len, &back, NULL), JB_E_DAMAGED,
           "a byte too many is refused");
    bytes.len--;
    bytes.bytes[4] = 2;
    is_i64(jb_entry_decode(bytes.bytes, bytes.len, &back, NULL), JB_E_DAMAGED,
           "an unknown version is refused");
    bytes.bytes[4] = 1;
    bytes.bytes[5] = 3;
    is_i64(jb_entry_decode(bytes.bytes, bytes.len, &back, NULL), JB_E_DAMAGED,
           "an unknown layer is refused");
    bytes.bytes[5] = 0;
    bytes.bytes[15] = ' ';
    is_i64(jb_entry_decode(bytes.bytes, bytes.len, &back, NULL), JB_E_DAMAGED,
           "a kind with a blank is refused");
    jb_buf_release(&bytes);
}

static void test_bad_heads(void)
{
    struct jb_buf bytes = JB_BUF(JB_ENTRY_BYTES_MAX);
    struct jb_entry_head head;

    make_vector(&head);
    head.kind[0] = '\0';
    is_i64(jb_entry_encode(&head, &bytes, NULL), JB_E_INPUT, "an entry without a kind is refused");
    make_vector(&head);
    memset(head.run_id, 'x', sizeof head.run_id);
    is_i64(jb_entry_encode(&head, &bytes, NULL), JB_E_INPUT, "a run id that has no end is refused");
    make_vector(&head);
    head.fields[0].name[0] = '\n';
    is_i64(jb_entry_encode(&head, &bytes, NULL), JB_E_INPUT,
           "a field name with a line feed is refused");
    make_vector(&head);
    head.n_fields = JB_ENTRY_STORED_MAX + 1;
    is_i64(jb_entry_encode(&head, &bytes, NULL), JB_E_INPUT, "too many fields are refused");
    jb_buf_release(&bytes);
}

static void test_lines(void)
{
    struct jb_line lines[JB_ENTRY_LINES_MAX];
    struct jb_buf text = JB_BUF(65536);
    size_t n_lines = 0;

    is_i64(jb_entry_lines_from_text(vector_lines, strlen(vector_lines), lines, &n_lines, NULL),
           JB_OK, "the lines of the vector are read");
    ok(n_lines == 3 && lines[0].amount_uj == -1500 && !lines[0].has_share && lines[1].has_share &&
           lines[1].amount_uj == 900 && lines[1].low_uj == 800 && lines[1].high_uj == 1000 &&
           lines[1].reserved_uj == 1100 && lines[1].all_uj == 1500,
       "number for number");
    is_str(lines[0].account, "meter:node-1/rapl/package-0", "and name for name");
    is_i64(jb_entry_lines_to_text(lines, n_lines, &text, NULL), JB_OK, "they are written");
    is_str(jb_buf_text(&text), vector_lines, "to the same text");
    jb_buf_release(&text);

    static const char *const bad[] = {
        "5 run:x",
        "5  run:x\n",
        "+5 run:x\n",
        "05 run:x\n",
        "-0 run:x\n",
        "run:x\n",
        "5 6 run:x\n",
        "5 run\n",
        "5 :x\n",
        "5 1 2 3 4 5 a:x\n",
        "5 Run:x\n",
        "\n",
        "9223372036854775808 run:x\n",
        "5 run:x\t\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_i64(jb_entry_lines_from_text(bad[i], strlen(bad[i]), lines, &n_lines, NULL),
               JB_E_DAMAGED, "text %zu that no line has is refused", i);
    is_i64(jb_entry_lines_from_text("", 0, lines, &n_lines, NULL), JB_OK, "no text");
    is_i64((int64_t)n_lines, 0, "is no lines");
}

int main(void)
{
    test_vector();
    test_bad_bytes();
    test_bad_heads();
    test_lines();
    return done_testing();
}
