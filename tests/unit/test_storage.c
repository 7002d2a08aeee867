/* SPDX-License-Identifier: Apache-2.0 */
/* R-BOOK-11: a book is not kept where a write-ahead log cannot be shared; the filesystem's type is faked. */
#include "book.h"

#include "ledger/ledger_int.h"

static int on_nfs(const char *folder, uint64_t *ret_f_type)
{
    (void)folder;
    *ret_f_type = 0x6969;
    return 0;
}

static void test_types(void)
{
    uint64_t f_type = 0;

    is_str(storage__shared_name(0x6969), "NFS", "NFS is known");
    is_str(storage__shared_name(0x0bd00bd0), "Lustre", "Lustre is known");
    is_str(storage__shared_name(UINT64_C(0xffffffffff534d42)), "CIFS",
           "also where the kernel extends the sign");
    is_str(storage__shared_name(0xef53), NULL, "ext4 is local");
    is_str(storage__shared_name(0x01021994), NULL, "tmpfs is local");
    is_str(storage__shared_name(0x794c7630), NULL, "overlayfs is local");
    is_str(storage__shared_name(0x65735546), NULL, "FUSE is not refused unseen");
    ok(storage__type("/", &f_type) == 0 && f_type != 0, "the root's type is asked of the kernel");
    is_i64(storage__type("/no/such/folder", &f_type), -2, "a folder that is not there is told");
}

static void test_book_on_nfs(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = NULL;
    struct jb_error err = {0};
    struct jb_balance balance;
    char copy[1024];

    is_i64(ledger__open(folder.book, JB_LEDGER_CREATE, &jb_clock_system, on_nfs, &ledger, &err),
           JB_E_UNAVAILABLE, "no book is made on NFS");
    ok(access(folder.book, F_OK) != 0, "not even an empty one");
    ok(strstr(err.message, "NFS") && strstr(err.hint, "merge"),
       "the reason is named, and the way around it");
    ledger = book_open(folder.book, JB_LEDGER_CREATE);
    book_fill(ledger);
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder.path);
    book_must(jb_ledger_backup(ledger, copy, &err), &err, "backup");
    jb_ledger_close(ledger);
    is_i64(ledger__open(folder.book, JB_LEDGER_WRITE, &jb_clock_system, on_nfs, &ledger, &err),
           JB_E_UNAVAILABLE, "none is written there");
    is_i64(ledger__open(folder.book, JB_LEDGER_READ, &jb_clock_system, on_nfs, &ledger, &err),
           JB_E_UNAVAILABLE, "none with a log is read there");
    is_i64(ledger__open(copy, JB_LEDGER_READ, &jb_clock_system, on_nfs, &ledger, &err), JB_OK,
           "a copy without a log is read there, to be merged");
    ok(jb_ledger_balance(ledger, &balance, &err) == JB_OK && balance.is_balanced, "and balances");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

int main(void)
{
    test_types();
    test_book_on_nfs();
    return done_testing();
}
