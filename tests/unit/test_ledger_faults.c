/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to books: flipped bytes, killed writers, two at once, full disks, read-only places (R-BOOK-10, -12).
 * Nothing that was committed is lost, nothing damaged is taken for whole, and nothing crashes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "book.h"

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 20];
    FILE *const in = fopen(from, "rbe");
    FILE *const out = fopen(to, "wbe");
    const size_t len = in ? fread(bytes, 1, sizeof bytes, in) : 0;

    if (!in || !out || len == sizeof bytes || fwrite(bytes, 1, len, out) != len)
        bail_out("cannot copy %s", from);
    (void)fclose(in);
    (void)fclose(out);
}

/* A generator of our own, so that a failure comes again. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Whether nothing, an honest refusal, or a finding came of it; false where damage gave other figures silently. */
static bool is_honest(const char *path, const struct jb_hash *root, char *ret_what, size_t size)
{
    struct jb_error err = {0};
    struct jb_ledger *ledger = NULL;
    struct jb_balance balance;
    jb_rc rc = jb_ledger_open(path, JB_LEDGER_READ, &jb_clock_system, &ledger, &err);

    ret_what[0] = '\0';
    if (rc == JB_OK)
        rc = jb_ledger_balance(ledger, &balance, &err);
    jb_ledger_close(ledger);
    if (rc == JB_E_DAMAGED || rc == JB_E_NEWER)
        return err.message[0] != '\0';
    if (rc < 0) {
        (void)snprintf(ret_what, size, "%s: %s", jb_rc_name(rc), err.message);
        return false;
    }
    (void)snprintf(ret_what, size, "balanced with another root");
    if (balance.is_balanced)
        return memcmp(&balance.root, root, sizeof *root) == 0;
    for (size_t i = 0; i < balance.n_checks; i++) {
        if (balance.checks[i].n_failed > 0)
            return balance.checks[i].first_failure[0] != '\0';
    }
    return false;
}

static void test_flipped_bytes(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_hash root;
    char whole[1024];
    char broken[1024];
    char what[512];
    int64_t size;
    struct stat st;
    uint32_t state = 20261123;
    int n_honest = 0;

    book_fill(ledger);
    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    (void)snprintf(whole, sizeof whole, "%s/whole.db", folder.path);
    (void)snprintf(broken, sizeof broken, "%s/broken.db", folder.path);
    book_must(jb_ledger_backup(ledger, whole, &err), &err, "backup");
    jb_ledger_close(ledger);
    if (stat(whole, &st) < 0)
        bail_out("no copy");
    for (int i = 0; i < 300; i++) {
        const off_t at = (off_t)(next_random(&state) % (uint32_t)st.st_size);
        const uint8_t mask = (uint8_t)(1u << (next_random(&state) % 8));
        char log[1100];
        uint8_t byte;
        copy_file(whole, broken);
        (void)snprintf(log, sizeof log, "%s-wal", broken);
        (void)unlink(log);
        const int fd = open(broken, O_RDWR | O_CLOEXEC);
        if (fd < 0 || pread(fd, &byte, 1, at) != 1)
            bail_out("cannot read %s", broken);
        byte ^= mask;
        if (pwrite(fd, &byte, 1, at) != 1 || close(fd) < 0)
            bail_out("cannot write %s", broken);
        const bool honest = is_honest(broken, &root, what, sizeof what);
        if (!honest)
            diag("bit %02x at %ld: %s", (unsigned)mask, (long)at, what);
        n_honest += honest;
    }
    is_i64(n_honest, 300,
           "300 flipped bits: each is found, refused or in a place that nothing uses");
    book_remove_folder(&folder);
}

/* Enters notes one by one, each in a transaction of its own, until stopped or done. Only async-signal-safe exits. */
static void write_notes(const char *path, const char *who, int n)
{
    struct jb_error err = {0};
    struct jb_ledger *ledger = NULL;
    const struct jb_field field = {"who", who};
    const struct jb_entry entry = {.kind = "note", .n_fields = 1, .fields = &field};

    if (jb_ledger_open(path, JB_LEDGER_WRITE, &jb_clock_system, &ledger, &err) < 0)
        _Exit(1);
    for (int i = 0; i < n; i++) {
        if (jb_ledger_begin(ledger, &err) < 0 || jb_ledger_append(ledger, &entry, NULL, &err) < 0 ||
            jb_ledger_commit(ledger, &err) < 0)
            _Exit(2);
    }
    jb_ledger_close(ledger);
    _Exit(0);
}

static struct jb_balance balance_of(const char *path)
{
    struct jb_error err = {0};
    struct jb_balance balance;
    struct jb_ledger *ledger = book_open(path, JB_LEDGER_WRITE);

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_checks; i++) {
        if (balance.checks[i].n_failed > 0)
            diag("%s: %s", balance.checks[i].rule, balance.checks[i].first_failure);
    }
    jb_ledger_close(ledger);
    return balance;
}

static void test_two_writers(void)
{
    const struct book_folder folder = book_new_folder();
    pid_t pids[2];
    int n_done = 0;

    jb_ledger_close(book_open(folder.book, JB_LEDGER_CREATE));
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            write_notes(folder.book, i == 0 ? "first" : "second", 200);
    }
    for (int i = 0; i < 2; i++) {
        int status = -1;
        n_done += waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status) &&
                  WEXITSTATUS(status) == 0;
    }
    is_i64(n_done, 2, "two programs write one book at once, and neither fails");
    const struct jb_balance balance = balance_of(folder.book);
    is_i64(balance.n_entries, 400, "all that both entered is there");
    ok(balance.is_balanced, "and gives the right tree");
    book_remove_folder(&folder);
}

/* Each makes the book if it is not there yet. */
static void test_two_makers(void)
{
    const struct book_folder folder = book_new_folder();
    int n_done = 0;
    pid_t pids[4];

    for (int i = 0; i < 4; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct jb_ledger *ledger = NULL;
            if (jb_ledger_open(folder.book, JB_LEDGER_CREATE, &jb_clock_system, &ledger, NULL) < 0)
                _Exit(3);
            jb_ledger_close(ledger);
            write_notes(folder.book, "maker", 5);
        }
    }
    for (int i = 0; i < 4; i++) {
        int status = -1;
        n_done += waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status) &&
                  WEXITSTATUS(status) == 0;
    }
    is_i64(n_done, 4, "four programs make one book at once, and none fails");
    is_i64(balance_of(folder.book).n_entries, 20, "all of them enter in the same one");
    book_remove_folder(&folder);
}

static int64_t size_of(const char *path)
{
    struct jb_error err = {0};
    struct jb_ledger *ledger = book_open(path, JB_LEDGER_READ);
    struct jb_hash root;
    int64_t size = 0;

    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    jb_ledger_close(ledger);
    return size;
}

static void test_killed_writers(void)
{
    const struct book_folder folder = book_new_folder();
    uint32_t state = 4711;
    int n_sound = 0;
    int64_t last_size = 0;
    bool never_shrank = true;

    jb_ledger_close(book_open(folder.book, JB_LEDGER_CREATE));
    for (int i = 0; i < 50; i++) {
        const struct timespec pause = {.tv_nsec = (long)(next_random(&state) % 12000) * 1000};
        int status;
        const pid_t pid = fork();
        if (pid == 0)
            write_notes(folder.book, "killed", 1000000);
        (void)nanosleep(&pause, NULL);
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, &status, 0);
        const int64_t size = size_of(folder.book);
        never_shrank = never_shrank && size >= last_size;
        last_size = size;
        n_sound += balance_of(folder.book).is_balanced;
    }
    is_i64(n_sound, 50, "after 50 kills at random moments the book opens and balances");
    ok(never_shrank && last_size > 0, "and has lost nothing that was there (%lld entries)",
       (long long)last_size);
    book_remove_folder(&folder);
}

static void test_file_limit(void)
{
    const struct book_folder folder = book_new_folder();
    int status = -1;

    jb_ledger_close(book_open(folder.book, JB_LEDGER_CREATE));
    const pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit limit = {400000, 400000};
        struct jb_error err = {0};
        struct jb_ledger *ledger = NULL;
        static char value[20000];
        const struct jb_field field = {"text", value};
        const struct jb_entry entry = {.kind = "note", .n_fields = 1, .fields = &field};
        jb_rc rc = JB_OK;
        int n = 0;
        memset(value, 'x', sizeof value - 1);
        (void)signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) < 0 ||
            jb_ledger_open(folder.book, JB_LEDGER_WRITE, &jb_clock_system, &ledger, &err) < 0)
            _Exit(1);
        for (; n < 200 && rc == JB_OK; n++) {
            rc = jb_ledger_begin(ledger, &err);
            for (int i = 0; i < 8 && rc == JB_OK; i++)
                rc = jb_ledger_append(ledger, &entry, NULL, &err);
            if (rc == JB_OK)
                rc = jb_ledger_commit(ledger, &err);
            else
                jb_ledger_rollback(ledger);
        }
        _Exit(rc == JB_E_FULL && n > 1 && err.hint[0] ? 0 : 2);
    }
    (void)waitpid(pid, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
       "a file that cannot grow is told as no space left, with a hint");
    const struct jb_balance balance = balance_of(folder.book);
    ok(balance.is_balanced && balance.n_entries > 0 && balance.n_entries % 8 == 0,
       "what was committed before is there, whole transactions only");
    book_remove_folder(&folder);
}

/* Runs `test` in a mount namespace of its own, with a small tmpfs on the folder; exit code 0 is success. */
static void in_small_disk(const struct book_folder *folder, int (*test)(const struct book_folder *),
                          const char *name)
{
    int status = -1;
    const pid_t pid = fork();

    if (pid == 0) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("tmpfs", folder->path, "tmpfs", 0, "size=600k") < 0)
            _Exit(77);
        _Exit(test(folder));
    }
    (void)waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        skip("%s: no right to mount here", name);
        return;
    }
    if (!ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", name))
        diag("exit status %x", (unsigned)status);
}

static int fill_disk(const struct book_folder *folder)
{
    struct jb_error err = {0};
    struct jb_ledger *ledger = NULL;
    static char value[10000];
    const struct jb_field field = {"text", value};
    const struct jb_entry entry = {.kind = "note", .n_fields = 1, .fields = &field};
    struct jb_balance balance;
    int64_t n = 0;
    jb_rc rc = JB_OK;
    char ballast[1024];

    memset(value, 'x', sizeof value - 1);
    (void)snprintf(ballast, sizeof ballast, "%s/ballast", folder->path);
    const int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, value, sizeof value) < 0 || close(fd) < 0)
        return 1;
    if (jb_ledger_open(folder->book, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err) < 0)
        return 2;
    while (rc == JB_OK && n < 1000) {
        rc = jb_ledger_begin(ledger, &err);
        if (rc == JB_OK)
            rc = jb_ledger_append(ledger, &entry, NULL, &err);
        if (rc == JB_OK)
            rc = jb_ledger_commit(ledger, &err);
        n += rc == JB_OK;
    }
    jb_ledger_close(ledger);
    if (rc != JB_E_FULL || n == 0)
        return 3;
    if (unlink(ballast) < 0)
        return 4;
    ledger = book_open(folder->book, JB_LEDGER_READ);
    if (jb_ledger_balance(ledger, &balance, &err) < 0 || !balance.is_balanced ||
        balance.n_entries != n)
        return 5;
    jb_ledger_close(ledger);
    return 0;
}

static int no_room_for_a_book(const struct book_folder *folder)
{
    struct jb_error err = {0};
    struct jb_ledger *ledger = NULL;
    char ballast[1024];
    static char bytes[1024];

    (void)snprintf(ballast, sizeof ballast, "%s/ballast", folder->path);
    const int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        continue;
    if (jb_ledger_open(folder->book, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err) !=
        JB_E_FULL)
        return 1;
    if (access(folder->book, F_OK) == 0)
        return 2; /* half a book */
    if (close(fd) < 0 || unlink(ballast) < 0)
        return 3;
    if (jb_ledger_open(folder->book, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err) < 0)
        return 4;
    jb_ledger_close(ledger);
    return 0;
}

static int read_only_place(const struct book_folder *folder)
{
    struct jb_error err = {0};
    struct jb_ledger *ledger = book_open(folder->book, JB_LEDGER_CREATE);
    struct jb_balance balance;
    char other[1024];
    char copy[1024];

    book_fill(ledger);
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder->path);
    if (jb_ledger_backup(ledger, copy, &err) < 0)
        return 1;
    jb_ledger_close(ledger);
    if (mount(NULL, folder->path, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
        return 2;
    if (jb_ledger_open(folder->book, JB_LEDGER_WRITE, &jb_clock_system, &ledger, &err) !=
            JB_E_READONLY ||
        !err.hint[0])
        return 3;
    (void)snprintf(other, sizeof other, "%s/other.db", folder->path);
    if (jb_ledger_open(other, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err) != JB_E_READONLY)
        return 4;
    if (jb_ledger_open(copy, JB_LEDGER_READ, &jb_clock_system, &ledger, &err) < 0)
        return 5;
    if (jb_ledger_balance(ledger, &balance, &err) < 0 || !balance.is_balanced ||
        balance.n_entries != 5)
        return 6;
    jb_ledger_close(ledger);
    /* With its log beside it. */
    if (jb_ledger_open(folder->book, JB_LEDGER_READ, &jb_clock_system, &ledger, &err) < 0) {
        diag("%s", err.message);
        return 7;
    }
    if (jb_ledger_balance(ledger, &balance, &err) < 0 || !balance.is_balanced ||
        balance.n_entries != 5)
        return 8;
    jb_ledger_close(ledger);
    return 0;
}

static void test_places(void)
{
    const struct book_folder folder = book_new_folder();

    in_small_disk(&folder, fill_disk, "a full disk is told, and what was committed is there");
    in_small_disk(&folder, no_room_for_a_book,
                  "no half book is left where there is no room for one");
    in_small_disk(&folder, read_only_place,
                  "a book in a read-only place is read, and refused to be written");
    book_remove_folder(&folder);
}

static void test_no_permission(void)
{
    const struct book_folder folder = book_new_folder();
    int status = -1;
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/locked", folder.path);
    const pid_t pid = fork();
    if (pid == 0) {
        struct jb_error err = {0};
        struct jb_ledger *ledger = NULL;
        if (geteuid() == 0 &&
            (chmod(folder.path, 0755) < 0 || setgid(65534) < 0 || setuid(65534) < 0))
            _Exit(77);
        if (geteuid() != 65534 && mkdir(path, 0500) < 0)
            _Exit(77);
        (void)snprintf(path, sizeof path, "%s/book.db", geteuid() == 65534 ? folder.path : path);
        _Exit(jb_ledger_open(path, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err) ==
                          JB_E_PERMISSION &&
                      err.hint[0]
                  ? 0
                  : 1);
    }
    (void)waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip("no other user to be here");
    else
        ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "a folder of another user is told as that");
    book_remove_folder(&folder);
}

int main(void)
{
    test_flipped_bytes();
    test_two_writers();
    test_two_makers();
    test_killed_writers();
    test_file_limit();
    test_places();
    test_no_permission();
    return done_testing();
}
