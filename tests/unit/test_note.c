/* SPDX-License-Identifier: Apache-2.0 */
/* The note and key of golang.org/x/mod/sumdb/note, and what is no note. R-SIGN-06. */
#include "sign/note.h"

#include "base/base64.h"
#include "tap.h"

#define TEXT                                                     \
    "If you think cryptography is the answer to your problem,\n" \
    "then you don't know what your problem is.\n"
#define DASH "\xe2\x80\x94 "
#define PETER_LINE                                                                             \
    DASH "PeterNeumann "                                                                       \
         "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6R" \
         "yyBwJnAM=\n"
#define NOTE TEXT "\n" PETER_LINE
/* A signature of 72 bytes, as the cosignatures of witnesses are: 96 zero bits and more, in base64. */
#define LONG_LINE                                                                             \
    DASH "witness.example "                                                                   \
         "AAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
         "AAAAAAAAAAAAAAAAAA\n"

static struct jb_secret_key peter(void)
{
    uint8_t encoded[33];
    struct jb_secret_key key;
    size_t n;

    /* PRIVATE+KEY+PeterNeumann+c74f20a3+..: 0x01 and the seed */
    if (jb_base64_decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", 44, encoded, 33, &n) !=
            0 ||
        jb_key_of_seed("PeterNeumann", encoded + 1, &key, NULL) != 0)
        bail_out("no key");
    return key;
}

static bool holds(const char *bytes, size_t len, const struct jb_public_key *key)
{
    struct jb_note note;

    return jb_note_parse(bytes, len, &note, NULL) == JB_OK && jb_note_is_signed_by(&note, key);
}

static void published(void)
{
    const struct jb_secret_key key = peter();
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(1000);
    char bytes[sizeof NOTE];
    struct jb_note note;

    is_i64(jb_note_sign(TEXT, strlen(TEXT), &key, &out, NULL), JB_OK, "the text is signed");
    is_str(jb_buf_text(&out), NOTE, "to the note of Go's documentation");
    is_i64(jb_note_parse(NOTE, strlen(NOTE), &note, NULL), JB_OK, "which is read");
    ok(note.len == strlen(TEXT) && note.n_signatures == 1, "its text and its one signature");
    ok(jb_note_is_signed_by(&note, &key.public), "which holds");

    size_t n_taken = 0;
    for (size_t at = 0; at < strlen(NOTE); at++)
        for (unsigned c = 0; c < 256; c++) {
            memcpy(bytes, NOTE, sizeof NOTE);
            bytes[at] = (char)c;
            n_taken += bytes[at] != NOTE[at] && holds(bytes, strlen(NOTE), &key.public);
        }
    is_i64((int64_t)n_taken, 0, "with any byte changed the note is not signed");
    for (size_t len = 0; len < strlen(NOTE); len++)
        n_taken += holds(NOTE, len, &key.public);
    n_taken += holds(NOTE "\n", strlen(NOTE) + 1, &key.public);
    n_taken += holds(NOTE PETER_LINE, strlen(NOTE PETER_LINE), &key.public);
    is_i64((int64_t)n_taken, 0, "nor cut, made longer or signed twice by one key");

    struct jb_public_key other = key.public;
    other.bytes[0] ^= 1;
    ok(!jb_note_is_signed_by(&note, &other), "another key did not sign it");
    other = key.public;
    other.name[0] = 'p';
    ok(!jb_note_is_signed_by(&note, &other), "nor another name");
}

static void more_signatures(void)
{
    static const char both[] = NOTE LONG_LINE;
    const struct jb_secret_key key = peter();
    struct jb_secret_key second;
    struct jb_note note;

    is_i64(jb_note_parse(both, strlen(both), &note, NULL), JB_OK,
           "a signature of another kind is left alone");
    ok(note.n_signatures == 2 && note.signatures[0].is_known && !note.signatures[1].is_known,
       "and told apart");
    ok(jb_note_is_signed_by(&note, &key.public), "the known one holds beside it");

    if (jb_key_new("second.example", &second, NULL) != JB_OK)
        bail_out("no key");
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(100000);
    jb_buf_add_text(&out, NOTE);
    jb_note_sign_line(TEXT, strlen(TEXT), &second, &out);
    ok(holds(out.bytes, out.len, &key.public) && holds(out.bytes, out.len, &second.public),
       "a second signature stands beside the first");
    for (size_t i = 2; i < JB_NOTE_SIGNATURES_MAX; i++) {
        if (jb_key_new("more.example", &second, NULL) != JB_OK)
            bail_out("no key");
        jb_note_sign_line(TEXT, strlen(TEXT), &second, &out);
    }
    ok(holds(out.bytes, out.len, &second.public), "16 signatures are read, as C2SP asks for");
    jb_note_sign_line(TEXT, strlen(TEXT), &second, &out);
    ok(!holds(out.bytes, out.len, &second.public), "a seventeenth is refused");
}

/* The last blank line parts the text from the signatures. */
static void blank_lines(void)
{
    static const char text[] = "a\n\n" DASH "x y\n\nb\n\n";
    const struct jb_secret_key key = peter();
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(1000);
    struct jb_note note;

    if (jb_note_sign(text, strlen(text), &key, &out, NULL) != JB_OK ||
        jb_note_parse(out.bytes, out.len, &note, NULL) != JB_OK)
        bail_out("not signed");
    is_i64((int64_t)note.len, (int64_t)strlen(text), "a text may hold blank lines");
    ok(jb_note_is_signed_by(&note, &key.public), "and all of it is signed");
}

static void refused(void)
{
    static const char *const notes[] = {
        "",
        "\n",
        "\n\n" PETER_LINE,
        "\n" PETER_LINE,
        PETER_LINE,
        TEXT,
        TEXT "\n",
        TEXT PETER_LINE,
        TEXT "\n" DASH "PeterNeumann\n",
        TEXT "\n" DASH "PeterNeumann \n",
        TEXT "\n" DASH " x08g\n",
        TEXT "\n" DASH "PeterNeumann x08go+==\n",
        TEXT "\n" DASH "PeterNeumann AAAAAA==\n", /* an id and no signature */
        TEXT "\n" DASH "Peter+Neumann AAAAAAA=\n",
        TEXT "\n-- PeterNeumann AAAAAAA=\n",
        TEXT "\n" DASH "PeterNeumann AAAAAAA= \n",
        "a\tb\n\n" PETER_LINE,
        "a\r\n\n" PETER_LINE,
        "\xff\n\n" PETER_LINE,
        "\xc2\x9b\n\n" PETER_LINE,
    };
    const struct jb_secret_key key = peter();
    struct jb_note note;
    struct jb_error err;

    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        is_i64(jb_note_parse(notes[i], strlen(notes[i]), &note, &err), JB_E_INPUT,
               "this is no note, number %zu", i);
    is_i64(jb_note_parse("a\0\n\n" PETER_LINE, 4 + strlen(PETER_LINE), &note, &err), JB_E_INPUT,
           "nor one with a NUL");
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(1000);
    ok(jb_note_sign("", 0, &key, &out, &err) == JB_E_INPUT &&
           jb_note_sign("a", 1, &key, &out, &err) == JB_E_INPUT &&
           jb_note_sign("a\t\n", 3, &key, &out, &err) == JB_E_INPUT && out.len == 0,
       "what is no text of a note is not signed");
    JB_AUTO(jb_buf_release) struct jb_buf small = JB_BUF(20);
    is_i64(jb_note_sign("a\n", 2, &key, &small, &err), JB_E_RANGE, "no room is told");
}

int main(void)
{
    published();
    more_signatures();
    blank_lines();
    refused();
    return done_testing();
}
