/* SPDX-License-Identifier: Apache-2.0 */
/* R-BOOK-09: series come back as they were entered, and their digest stands in the journal. */
#include "book.h"

struct seen {
    int n;
    size_t len;
    bool is_right;
};

static jb_rc see(void *arg, const char *name, const void *bytes, size_t len, struct jb_error *err)
{
    struct seen *seen = arg;
    const uint8_t *at = bytes;

    (void)err;
    seen->n++;
    seen->len += len;
    seen->is_right = strcmp(name, "machine/cpu") == 0 &&
                     (len == 0 || (at[0] == 0 && at[len - 1] == (uint8_t)(len - 1)));
    return JB_OK;
}

static jb_rc see_entry(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    char *digest = arg;

    (void)seq;
    (void)err;
    for (size_t i = 0; i < entry->n_fields; i++) {
        if (strcmp(entry->fields[i].name, "sha256") == 0)
            (void)snprintf(digest, 65, "%s", entry->fields[i].value);
    }
    return JB_OK;
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct seen seen = {.n = 0};
    char digest[65] = "";
    static uint8_t bytes[100000];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    is_i64(jb_ledger_add_series(ledger, RUN_A, "machine/cpu", bytes, 4, &err), JB_E_USAGE,
           "a series is entered in a transaction");
    book_begin(ledger);
    is_i64(jb_ledger_add_series(ledger, RUN_A, "machine/cpu", bytes, sizeof bytes, &err), JB_OK,
           "a large chunk is entered");
    is_i64(jb_ledger_add_series(ledger, RUN_A, "machine/cpu", NULL, 0, &err), JB_OK,
           "an empty one too");
    book_commit(ledger);
    book_must(jb_ledger_each_series(ledger, RUN_A, see, &seen, &err), &err, "each series");
    ok(seen.n == 2 && seen.len == sizeof bytes && seen.is_right, "both come back, byte for byte");
    book_must(jb_ledger_each_series(ledger, RUN_B, see, &seen, &err), &err, "each series");
    is_i64(seen.n, 2, "another run has none");
    book_must(jb_ledger_each_entry(ledger, "series", RUN_A, see_entry, digest, &err), &err,
              "each entry");
    is_str(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
           "the digest of nothing is that of SHA-256");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
