/* SPDX-License-Identifier: Apache-2.0 */
/* The form of c2sp.org/tlog-proof@v1, with the hashes of its example. R-SIGN-08. */
#include "sign/note.h"
#include "tap.h"

#define HEADER "c2sp.org/tlog-proof@v1\n"
#define INDEX  "index 73894\n"
#define HASHES                                       \
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n" \
    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
#define CHECKPOINT \
    "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\nsignatures\n"

static jb_rc parse(const char *text, size_t len, struct jb_tlog_proof *ret)
{
    struct jb_error err;

    return jb_tlog_proof_parse(text, len, ret, &err);
}

static void taken(void)
{
    static const char whole[] = HEADER "extra aGVsbG8=\n" INDEX HASHES "\n" CHECKPOINT;
    static const char short_one[] = HEADER "index 0\n\n" CHECKPOINT;
    JB_AUTO(jb_tlog_proof_release) struct jb_tlog_proof proof = {0};
    JB_AUTO(jb_tlog_proof_release) struct jb_tlog_proof single = {0};
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(10000);

    is_i64(parse(whole, strlen(whole), &proof), JB_OK, "a proof is read");
    ok(proof.extra_len == 5 && strcmp(proof.extra, "hello") == 0, "its extra");
    is_i64(proof.index, 73894, "its index");
    ok(proof.n_hashes == 2 && proof.hashes[0].bytes[0] == 0x81 && proof.hashes[1].bytes[0] == 0x07,
       "its hashes, from the leaf upwards");
    ok(proof.checkpoint_len == strlen(CHECKPOINT) &&
           memcmp(proof.checkpoint, CHECKPOINT, proof.checkpoint_len) == 0,
       "its checkpoint as it stands");
    jb_tlog_proof_text(&proof, &out);
    is_str(jb_buf_text(&out), whole, "it is written again to the same text");
    is_i64(parse(short_one, strlen(short_one), &single), JB_OK, "a tree of one leaf has no hashes");
    ok(single.n_hashes == 0 && !single.extra && single.index == 0, "and extra may be left out");

    /* What is taken with a byte changed would be written with that byte changed: nothing is read in two ways. */
    char bytes[sizeof whole];
    bool is_same = true;
    for (size_t at = 0; at < strlen(whole); at++)
        for (unsigned c = 0; c < 256; c++) {
            JB_AUTO(jb_tlog_proof_release) struct jb_tlog_proof other = {0};
            memcpy(bytes, whole, sizeof whole);
            bytes[at] = (char)c;
            if (parse(bytes, strlen(whole), &other) != JB_OK)
                continue;
            jb_buf_clear(&out);
            jb_tlog_proof_text(&other, &out);
            is_same = is_same && out.len == strlen(whole) && memcmp(out.bytes, bytes, out.len) == 0;
        }
    ok(is_same, "each byte of it is refused or kept");
}

static void refused(void)
{
    static const char *const texts[] = {
        "",
        HEADER,
        "c2sp.org/tlog-proof@v2\n" INDEX "\n" CHECKPOINT,
        HEADER INDEX HASHES,
        HEADER INDEX HASHES "\n",
        HEADER HASHES "\n" CHECKPOINT,
        HEADER INDEX INDEX "\n" CHECKPOINT,
        HEADER INDEX "extra aGVsbG8=\n\n" CHECKPOINT,
        HEADER "extra \n" INDEX "\n" CHECKPOINT,
        HEADER "extra aGVsbG8\n" INDEX "\n" CHECKPOINT,
        HEADER "extra aGVsbG8=\nextra aGVsbG8=\n" INDEX "\n" CHECKPOINT,
        HEADER "index 073894\n\n" CHECKPOINT,
        HEADER "index -1\n\n" CHECKPOINT,
        HEADER "index \n\n" CHECKPOINT,
        HEADER "index 9223372036854775808\n\n" CHECKPOINT,
        HEADER INDEX "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlR=\n\n" CHECKPOINT,
        HEADER INDEX "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPg==\n\n" CHECKPOINT,
        HEADER INDEX "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ= \n\n" CHECKPOINT,
        "\n" HEADER INDEX "\n" CHECKPOINT,
    };
    struct jb_tlog_proof proof = {0};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        is_i64(parse(texts[i], strlen(texts[i]), &proof), JB_E_INPUT,
               "this is no proof, number %zu", i);
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(100000);
    jb_buf_add_text(&text, HEADER INDEX);
    for (int i = 0; i < 64; i++)
        jb_buf_add_text(&text, "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n");
    const size_t len = text.len;
    jb_buf_add_text(&text, "\nx\n");
    is_i64(parse(text.bytes, text.len, &proof), JB_OK, "64 hashes are read");
    text.len = len;
    jb_buf_add_text(&text, "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n\nx\n");
    is_i64(parse(text.bytes, text.len, &proof), JB_E_INPUT, "65 are refused");
}

int main(void)
{
    taken();
    refused();
    return done_testing();
}
