/* SPDX-License-Identifier: Apache-2.0 */
/* R-BOOK-16: the log of docs/format/log.md, byte for byte (its test vector was made in Python), whole and in pieces, and spoiled. */
#include "tap.h"

#include "base/compiler.h"
#include "journal/journal_log.h"

/* docs/format/log.md, "Test vector". */
static const char vector[] = "6a6f756c65626f6f6b2e6c6f672f312032206c61622f30303131323233333434"
                             "3535363637370a63004a42454e01004022644159440600046e6f746503722d31"
                             "020474657874b63520a9cfc5c14443ac6d7cb7443c6311d2d122f490a1b131ef"
                             "448bc0ab5691056c696e65731ba84c712b166f4ab7b0885159fb6a91e42397bb"
                             "a41fda99f0d411dfe82c54fa60004a42454e01004022644159440600036b6579"
                             "0002046e616d65a9245abb0e7cb667962b64f4dcaab722ba691004a0fa4a7af6"
                             "5ab87b21de110306726561736f6e538646571f8f881bd118af03ef5bfa00256f"
                             "860f19f43e4f09b1521edf7be5bd03000000202122232425262728292a2b2c2d"
                             "2e2f6c6162ffffffff";
enum {
    N_BYTES = (sizeof vector - 1) / 2,
    N_HEADER = 39,
    N_FIRST = 2 + 99,
    AT_SECOND = N_HEADER + N_FIRST,
};
static uint8_t bytes[N_BYTES];

struct seen {
    int n;
    char kinds[2][24];
    char roots[2][65];
    bool is_closed, is_opened, is_erased;
    int fail_at;
};

static jb_rc see(void *arg, const struct jb_journal_log_entry *entry, struct jb_error *err)
{
    struct seen *const seen = arg;
    const struct jb_hash root = jb_merkle_root(entry->tree);

    if (seen->n == seen->fail_at)
        return jb_fail(err, JB_E_CONFLICT, NULL, "enough");
    if (seen->n < 2 && entry->index == seen->n && entry->tree->size == seen->n + 1) {
        (void)snprintf(seen->kinds[seen->n], 24, "%s", entry->head->kind);
        (void)jb_hex(root.bytes, JB_HASH_BYTES, seen->roots[seen->n], 65);
    }
    if (seen->n == 0)
        seen->is_closed = !entry->openings;
    if (seen->n == 1 && entry->openings && entry->head->n_fields == 2) {
        const struct jb_journal_log_opening *const openings = entry->openings;
        seen->is_opened = openings[0].value && openings[0].len == 3 &&
                          memcmp(openings[0].value, "lab", 3) == 0 && openings[0].salt[15] == 0x2f;
        seen->is_erased = !openings[1].value;
    }
    seen->n++;
    return JB_OK;
}

/* In pieces of `piece` bytes. */
static jb_rc read_log(const void *from, size_t len, size_t piece, struct seen *seen,
                      struct jb_error *err)
{
    JB_AUTO(jb_journal_log_free_auto) struct jb_journal_log *log = NULL;
    const char *at = from;
    jb_rc rc = jb_journal_log_new(see, seen, &log, err);

    while (rc == JB_OK && len > 0) {
        const size_t n = len < piece ? len : piece;
        rc = jb_journal_log_feed(log, at, n, err);
        at += n;
        len -= n;
    }
    return rc == JB_OK ? jb_journal_log_end(log, err) : rc;
}

static void test_vector(void)
{
    static const size_t pieces[] = {1, 2, 3, 7, 40, 140, 141, N_BYTES};
    struct jb_error err = {0};
    int n_same = 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(pieces); i++) {
        struct seen seen = {.fail_at = -1};
        n_same += read_log(bytes, N_BYTES, pieces[i], &seen, &err) == JB_OK && seen.n == 2 &&
                  strcmp(seen.kinds[0], "note") == 0 && strcmp(seen.kinds[1], "key") == 0 &&
                  strcmp(seen.roots[0], "d7ef8a470805b6d26f156c281b7cf209"
                                        "7a152345d81eba13ef2056f6f06fd3f4") == 0 &&
                  strcmp(seen.roots[1], "9f0c0744260ec4e53a8ef4e91d56bbef"
                                        "d33a92913bcc14966dd7eb6f24b81738") == 0 &&
                  seen.is_closed && seen.is_opened && seen.is_erased;
    }
    is_i64(n_same, (int64_t)JB_ARRAY_LEN(pieces),
           "the format's log is read, in pieces of any length: kinds, roots, the key's openings");
    struct seen seen = {.fail_at = 1};
    is_i64(read_log(bytes, N_BYTES, N_BYTES, &seen, &err), JB_E_CONFLICT,
           "whoever reads it can stop");
    is_i64(seen.n, 1, "and gets no more");
}

static void test_header(void)
{
    JB_AUTO(jb_journal_log_free_auto) struct jb_journal_log *log = NULL;
    static const char *const wrong[] = {
        "joulebook.log/2 0 a\n",
        "joulebook.log/1 00 a\n",
        "joulebook.log/1 -1 a\n",
        "joulebook.log/1 -0 a\n",
        "joulebook.log/1 0 \n",
        "joulebook.log/1 0\n",
        "joulebook.log/1  0 a\n",
        "joulebook.log/1 0 a b\n",
        "joulebook.log/1 0 a\r\n",
        "joulebook.log/1 x a\n",
        "joulebook.log/1 9223372036854775808 a\n",
        "\n",
        "",
        "joulebook.log/1 0 a",
        "joulebook.log/1 \n",
    };
    struct seen seen = {.fail_at = -1};
    struct jb_error err = {0};
    char text[512];

    if (jb_journal_log_new(see, &seen, &log, &err) < 0)
        bail_out("no reader");
    ok(jb_journal_log_size(log) == -1 && jb_journal_log_origin(log)[0] == '\0',
       "before its first line a log has no size and no origin");
    is_i64(jb_journal_log_feed(log, bytes, N_HEADER, &err), JB_OK, "its first line is enough");
    is_i64(jb_journal_log_size(log), 2, "to know its size");
    is_str(jb_journal_log_origin(log), "lab/0011223344556677", "and its origin");
    is_i64(read_log("joulebook.log/1 0 a\n", 20, 20, &seen, &err), JB_OK, "an empty log is one");
    for (size_t i = 0; i < JB_ARRAY_LEN(wrong); i++)
        is_i64(read_log(wrong[i], strlen(wrong[i]), 100, &seen, &err), JB_E_INPUT,
               "no log begins with line %zu of the wrong ones", i);
    (void)snprintf(text, sizeof text, "joulebook.log/1 0 %0191d\n", 0);
    is_i64(read_log(text, strlen(text), 600, &seen, &err), JB_OK, "an origin of 191 bytes is one");
    (void)snprintf(text, sizeof text, "joulebook.log/1 0 %0192d\n", 0);
    is_i64(read_log(text, strlen(text), 600, &seen, &err), JB_E_INPUT, "of 192 none");
    (void)snprintf(text, sizeof text, "joulebook.log/1 0 %0400d", 0);
    is_i64(read_log(text, strlen(text), 1, &seen, &err), JB_E_INPUT,
           "a first line without an end is not read for ever");
}

/* A log that ends early, goes on, or has any one bit changed is refused, or gives another root. */
static void test_spoiled(void)
{
    uint8_t changed[N_BYTES + 1];
    struct jb_error err = {0};
    int n_cut = 0, n_changed = 0;

    for (size_t len = 0; len < N_BYTES; len++) {
        struct seen seen = {.fail_at = -1};
        n_cut += read_log(bytes, len, 50, &seen, &err) == JB_E_INPUT;
    }
    is_i64(n_cut, N_BYTES, "a log that was cut off anywhere is refused");
    memcpy(changed, bytes, N_BYTES);
    changed[N_BYTES] = 'x';
    struct seen beyond = {.fail_at = -1};
    is_i64(read_log(changed, N_BYTES + 1, 50, &beyond, &err), JB_E_INPUT,
           "one that goes on is refused");
    for (size_t i = N_HEADER; i < (size_t)N_BYTES; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct seen seen = {.fail_at = -1};
            changed[i] ^= (uint8_t)(1U << bit);
            n_changed += read_log(changed, N_BYTES, 50, &seen, &err) == JB_E_INPUT ||
                         strncmp(seen.roots[1], "9f0c0744260ec4e5", 16) != 0;
            changed[i] = bytes[i];
        }
    }
    is_i64(n_changed, (N_BYTES - N_HEADER) * 8,
           "one with any bit changed is refused, or has another root");
}

static struct jb_entry_head head_at(size_t at, size_t len)
{
    struct jb_entry_head head;

    if (jb_entry_decode(bytes + at, len, &head, NULL) < 0)
        bail_out("the vector is wrong");
    return head;
}

static void test_writing(void)
{
    static char long_value[JB_JOURNAL_LOG_VALUE_MAX + 1];
    const struct jb_entry_head note = head_at(N_HEADER + 2, N_FIRST - 2);
    const struct jb_entry_head key = head_at(AT_SECOND + 2, 96);
    struct jb_journal_log_opening openings[2] = {{.value = "lab", .len = 3}, {.value = NULL}};
    struct jb_buf out = JB_BUF(65536);
    struct jb_error err = {0};

    for (uint8_t i = 0; i < JB_SALT_BYTES; i++)
        openings[0].salt[i] = (uint8_t)(0x20 + i);
    ok(jb_journal_log_put_header(2, "lab/0011223344556677", &out, &err) == JB_OK &&
           jb_journal_log_put_entry(bytes + N_HEADER + 2, N_FIRST - 2, &note, NULL, &out, &err) ==
               JB_OK &&
           jb_journal_log_put_entry(bytes + AT_SECOND + 2, 96, &key, openings, &out, &err) ==
               JB_OK &&
           out.len == N_BYTES && memcmp(out.bytes, bytes, N_BYTES) == 0,
       "what is written is the format's log, byte for byte");
    is_i64(jb_journal_log_put_header(2, "two words", &out, &err), JB_E_INPUT,
           "no origin has a blank");
    is_i64(jb_journal_log_put_header(2, "", &out, &err), JB_E_INPUT, "or is empty");
    is_i64(jb_journal_log_put_header(2, "a\n", &out, &err), JB_E_INPUT, "or ends the line");
    openings[0].value = long_value;
    openings[0].len = sizeof long_value;
    is_i64(jb_journal_log_put_entry(bytes + AT_SECOND + 2, 96, &key, openings, &out, &err),
           JB_E_RANGE, "a value that a reader would refuse is not written");
    jb_buf_release(&out);
}

static void test_kinds(void)
{
    ok(jb_journal_log_opens("key") && jb_journal_log_opens("key-revoked"),
       "entries about keys are opened");
    ok(!jb_journal_log_opens("keys") && !jb_journal_log_opens("certified") &&
           !jb_journal_log_opens("run-opened") && !jb_journal_log_opens(""),
       "and no others");
}

int main(void)
{
    if (jb_unhex(vector, bytes, N_BYTES) < 0)
        bail_out("the vector is no hex");
    test_vector();
    test_header();
    test_spoiled();
    test_writing();
    test_kinds();
    return done_testing();
}
