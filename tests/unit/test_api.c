/* SPDX-License-Identifier: Apache-2.0 */
/* The public functions of libjoulebook, used as a program outside would: by its header alone. */
#include <joulebook/joulebook.h>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remove_tree.h"
#include "tap.h"

/* As tests/unit/make_book.c names them. */
#define RUN(n) "019b7700-000" n "-7000-8000-00000000000" n

struct seen {
    int n;
    char first[40];
    char project[32];
    int stop_after;
};

static jb_rc see(void *arg, const struct jb_run_view *run, struct jb_error *err)
{
    (void)err;
    struct seen *seen = arg;
    if (seen->n++ == 0) {
        (void)snprintf(seen->first, sizeof seen->first, "%s", run->id);
        (void)snprintf(seen->project, sizeof seen->project, "%s", run->project);
    }
    return run->size < sizeof *run || seen->n == seen->stop_after ? JB_E_AGAIN : JB_OK;
}

static void test_mark(const char *folder)
{
    struct jb_error err = {0};
    char path[128], line[256] = "";
    unsetenv("JOULEBOOK_MARKS");
    ok(jb_mark("epoch 1", &err) == JB_E_UNAVAILABLE && err.hint[0], "a mark outside a run says so");
    ok(jb_mark("epoch 1", NULL) == JB_E_UNAVAILABLE, "and needs nobody to listen");
    (void)snprintf(path, sizeof path, "%s/marks", folder);
    FILE *file = fopen(path, "we");
    if (!file)
        bail_out("no file of marks");
    setenv("JOULEBOOK_MARKS", path, 1);
    ok(jb_mark("epoch 1 accuracy=0.5", &err) == JB_OK, "a mark inside a run is written");
    ok(jb_mark("two\nlines", &err) == JB_E_USAGE, "a mark is one line");
    (void)fclose(file);
    file = fopen(path, "re");
    if (!file || !fgets(line, sizeof line, file))
        bail_out("no mark");
    ok(line[0] == '@' && strstr(line, " epoch 1 accuracy=0.5\n"), "with the time before it");
    ok(!fgets(line, sizeof line, file), "and nothing else");
    (void)fclose(file);
    unlink(path);
    ok(jb_mark("epoch 2", &err) == JB_E_NOT_FOUND, "a run that is over takes no marks");
}

static void test_book(const char *folder)
{
    struct jb_error err = {0};
    char path[128], maker[512];
    struct jb_book *book = NULL;
    const char *build = getenv("JB_BUILD");
    (void)snprintf(path, sizeof path, "%s/book.db", folder);
    ok(jb_book_open(path, JB_BOOK_READ, &book, &err) == JB_E_NOT_FOUND && !book && err.hint[0],
       "a book that is not there is not made by reading");
    (void)snprintf(maker, sizeof maker, "%s/tests/unit/make_book", build ? build : "build/release");
    char *const argv[] = {maker, path, NULL};
    pid_t pid;
    int status = -1;
    if (posix_spawn(&pid, maker, NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0) {
        skip("no make_book beside this test");
        return;
    }
    ok(jb_book_open(path, JB_BOOK_WRITE, &book, &err) == JB_OK, "a book is opened");
    struct seen seen = {0};
    ok(jb_book_each_run(book, NULL, 0, see, &seen, &err) == JB_OK && seen.n == 3,
       "all runs are seen");
    is_str(seen.first, RUN("3"), "the newest first");
    seen = (struct seen){0};
    ok(jb_book_each_run(book, "nlp", 0, see, &seen, &err) == JB_OK && seen.n == 1,
       "or those of a project");
    is_str(seen.project, "nlp", "with what is known of them");
    seen = (struct seen){.stop_after = 2};
    ok(jb_book_each_run(book, NULL, 0, see, &seen, &err) == JB_E_AGAIN && seen.n == 2,
       "whoever has seen enough stops");
    char *json = NULL;
    ok(jb_book_account(book, RUN("1"), &json, &err) == JB_OK &&
           strstr(json, "\"project\":\"vision\""),
       "an account comes as JSON, with the facts of its run");
    jb_free(json);
    json = NULL;
    ok(jb_book_account(book, "ffffffff", &json, &err) == JB_E_NOT_FOUND && !json,
       "of a run that is not there, none");
    char *root = NULL;
    ok(jb_book_balance(book, &root, &err) == JB_OK && root && strlen(root) == 64,
       "the book balances, and has a root");
    jb_free(root);
    struct jb_recovery recovery = {.size = sizeof recovery};
    ok(jb_book_recover(book, &recovery, &err) == JB_OK && recovery.n_closed == 0 &&
           !recovery.is_recording,
       "there is nothing to recover");
    recovery.size = 0;
    ok(jb_book_recover(book, &recovery, &err) == JB_E_USAGE,
       "a struct without its size is refused");
    jb_book_close(book);
    jb_book_close(NULL);
}

int main(void)
{
    char folder[64] = "/tmp/jb-test-api-XXXXXX";
    if (!mkdtemp(folder))
        bail_out("no temporary folder");
    ok(jb_version()[0] && strlen(jb_edition()) > 10, "version and edition are told");
    is_str(jb_rc_name(JB_E_INPUT), "JB_E_INPUT", "codes have names");
    test_mark(folder);
    test_book(folder);
    remove_tree(folder);
    return done_testing();
}
