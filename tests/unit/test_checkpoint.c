/* SPDX-License-Identifier: Apache-2.0 */
/* The example of c2sp.org/tlog-checkpoint, and what is no checkpoint. R-SIGN-07. */
#include "sign/note.h"
#include "tap.h"

#define ORIGIN "example.com/behind-the-sofa\n"
#define SIZE   "20852163\n"
#define ROOT   "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static void published(void)
{
    static const char note_text[] =
        ORIGIN SIZE ROOT "\n\xe2\x80\x94 example.com/behind-the-sofa "
                         "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
                         "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    struct jb_note note;
    struct jb_checkpoint checkpoint;
    char hex[65];
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(1000);

    is_i64(jb_note_parse(note_text, strlen(note_text), &note, NULL), JB_OK,
           "the example is a note");
    is_i64(note.signatures[0].key_id, 0x033de0ae, "its signature's id"); /* Az3grg== */
    is_i64(jb_checkpoint_parse(note.text, note.len, &checkpoint, NULL), JB_OK, "of a checkpoint");
    is_str(checkpoint.origin, "example.com/behind-the-sofa", "origin");
    is_i64(checkpoint.size, 20852163, "size");
    is_str(jb_hex(checkpoint.root.bytes, 32, hex, sizeof hex),
           "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62", "root");
    jb_checkpoint_text(&checkpoint, &out);
    is_str(jb_buf_text(&out), ORIGIN SIZE ROOT, "it is written again to the same text");
}

static void refused(void)
{
    static const char *const texts[] = {
        "",
        ORIGIN,
        ORIGIN SIZE,
        "\n" SIZE ROOT,
        ORIGIN "\n" ROOT,
        ORIGIN "020852163\n" ROOT,
        ORIGIN "-1\n" ROOT,
        ORIGIN "-0\n" ROOT,
        ORIGIN "+1\n" ROOT,
        ORIGIN "1 \n" ROOT,
        ORIGIN "0x1\n" ROOT,
        ORIGIN "00\n" ROOT,
        ORIGIN "9223372036854775808\n" ROOT,
        ORIGIN SIZE "\n",
        ORIGIN SIZE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
        ORIGIN SIZE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
        ORIGIN SIZE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        ORIGIN SIZE ROOT "\n",
        ORIGIN SIZE ROOT "extension\n",
        "a\tb\n" SIZE ROOT,
    };
    struct jb_checkpoint checkpoint;
    struct jb_error err;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        is_i64(jb_checkpoint_parse(texts[i], strlen(texts[i]), &checkpoint, &err), JB_E_INPUT,
               "this is no checkpoint, number %zu", i);
    is_i64(jb_checkpoint_parse(ORIGIN "0\n" ROOT, strlen(ORIGIN "0\n" ROOT), &checkpoint, &err),
           JB_OK, "an empty tree has size 0");
    is_i64(jb_checkpoint_parse(ORIGIN "9223372036854775807\n" ROOT,
                               strlen(ORIGIN "9223372036854775807\n" ROOT), &checkpoint, &err),
           JB_OK, "the largest size is read");
    char text[JB_ORIGIN_TEXT + 100];
    memset(text, 'o', sizeof text);
    (void)snprintf(text + JB_ORIGIN_TEXT, 100, "\n" SIZE ROOT);
    is_i64(jb_checkpoint_parse(text, strlen(text), &checkpoint, &err), JB_E_INPUT,
           "an origin of 192 bytes is too long");
    is_i64(jb_checkpoint_parse(text + 1, strlen(text) - 1, &checkpoint, &err), JB_OK,
           "one of 191 is not");
    is_i64((int64_t)strlen(checkpoint.origin), JB_ORIGIN_TEXT - 1, "and is kept whole");
}

int main(void)
{
    published();
    refused();
    return done_testing();
}
